package truth

import (
	"testing"

	"pgregory.net/rapid"
)

// TestStories plays successions of configurations that the property is unlikely
// to come upon, in several orders.
func TestStories(t *testing.T) {
	base := configuration{
		vpcs:    []vpc{{name: "main", cidr: "10.0.0.0/16"}},
		subnets: []subnet{{"net", "main", "10.0.1.0/24", zones[0]}},
	}
	pair := base
	pair.instances = []instance{
		{name: "one", typ: "t3.small", ami: images[0], subnet: "net"},
		{name: "two", typ: "t3.small", ami: images[0], subnet: "net"},
	}
	with := func(c configuration, list ...networkInterface) configuration {
		c.interfaces = list
		return c
	}
	eni := func(name string, ips ...string) networkInterface {
		return networkInterface{name: name, subnet: "net", ips: ips, count: -1}
	}
	at := func(n networkInterface, instance string, index int) networkInterface {
		n.inline = []inline{{instance, index}}
		return n
	}
	typed := func(c configuration, typ string) configuration {
		c = c.clone()
		c.instances[0].typ = typ
		return c
	}
	secondary := func(c configuration, one, two []string) configuration {
		c = c.clone()
		c.instances[0].secondary, c.instances[1].secondary = one, two
		return c
	}
	const a, b, x, y = "10.0.1.200", "10.0.1.201", "10.0.1.210", "10.0.1.211"
	attached := with(pair, eni("x"))
	attached.attachments = []attachment{{"link", "x", "one", 1}}
	for name, steps := range map[string][]configuration{
		"two interfaces swap secondary addresses": {with(base, eni("x", a, x), eni("y", b, y)), with(base, eni("x", a, y), eni("y", b, x))},
		"two instances swap secondary addresses":  {secondary(pair, []string{x}, []string{y}), secondary(pair, []string{y}, []string{x})},
		"an interface and an instance swap": {
			secondary(with(pair, eni("x", a, x)), []string{y}, nil), secondary(with(pair, eni("x", a, y)), []string{x}, nil),
		},
		"swap of places and addresses": {
			with(pair, at(eni("x", a, x), "one", 1), at(eni("y", b, y), "two", 1)), with(pair, at(eni("x", a, y), "two", 1), at(eni("y", b, x), "one", 1)),
		},
		"an attachment said inline":           {attached, with(pair, at(eni("x"), "one", 1))},
		"an inline attachment said otherwise": {with(pair, at(eni("x"), "one", 1)), attached},
		"a smaller type, and an index it has": {with(pair, at(eni("x"), "one", 2)), with(typed(pair, "t3.micro"), at(eni("x"), "one", 1))},
		"a smaller type, and fewer addresses": {with(pair, at(eni("x", a, x, y), "one", 1)), with(typed(pair, "t3.micro"), at(eni("x", a, x), "one", 1))},
		"an address for an instance to which its holder is attached": {
			with(base, eni("x", a, x)),
			func() configuration {
				c := with(base, at(eni("x", a), "one", 1))
				c.instances = []instance{{name: "one", typ: "t3.small", ami: images[0], subnet: "net", ip: x}}
				return c
			}(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			count := statistics{Edits: map[string]int{}}
			folder := t.TempDir()
			rapid.Check(t, func(rt *rapid.T) {
				s := newScene(rt, folder, &count)
				for _, c := range steps {
					s.author.c = c.clone()
					s.run(nil)
				}
				s.author.c = configuration{}
				s.run(nil)
				s.checkEmpty()
			})
		})
	}
}
