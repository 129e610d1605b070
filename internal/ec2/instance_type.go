package ec2

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// InstanceType is what an instance's size means for its network.
type InstanceType struct {
	Name string
	// MaximumNetworkInterfaces counts the interfaces over all network cards,
	// the primary one included.
	MaximumNetworkInterfaces int
	// IPv4AddressesPerInterface includes the primary address.
	IPv4AddressesPerInterface int
	// NetworkCards has one card for most types. Its index is EC2's network
	// card index. The slice is shared: read it only.
	NetworkCards []NetworkCard
	// Hypervisor is "nitro", "xen" or, on bare metal, empty.
	Hypervisor string
	BareMetal  bool
}

// NetworkCard is one of the cards that carry an instance's interfaces.
type NetworkCard struct {
	MaximumNetworkInterfaces int
}

// instanceTypesJSON holds public facts of DescribeInstanceTypes, one type a
// line: name: [interfaces of the first card, IPv4 addresses per interface,
// [interfaces of each card], hypervisor, bare metal].
//
//go:embed instance_types.json
var instanceTypesJSON []byte

type instanceTypeTable struct {
	sorted []InstanceType
	byName map[string]int // index in sorted
}

var instanceTypes = sync.OnceValue(func() instanceTypeTable {
	t, err := parseInstanceTypes(instanceTypesJSON)
	if err != nil {
		panic("ec2: " + err.Error())
	}
	return t
})

func parseInstanceTypes(data []byte) (instanceTypeTable, error) {
	var rows map[string]instanceTypeRow
	if err := json.Unmarshal(data, &rows); err != nil {
		return instanceTypeTable{}, fmt.Errorf("instance types: %w", err)
	}
	t := instanceTypeTable{
		sorted: make([]InstanceType, 0, len(rows)),
		byName: make(map[string]int, len(rows)),
	}
	for name, row := range rows {
		it := InstanceType(row)
		it.Name = name
		t.sorted = append(t.sorted, it)
	}
	slices.SortFunc(t.sorted, func(a, b InstanceType) int { return cmp.Compare(a.Name, b.Name) })
	for i, it := range t.sorted {
		t.byName[it.Name] = i
	}
	return t, nil
}

type instanceTypeRow InstanceType

func (r *instanceTypeRow) UnmarshalJSON(data []byte) error {
	var first int
	var cards []int
	row := []any{&first, &r.IPv4AddressesPerInterface, &cards, &r.Hypervisor, &r.BareMetal}
	want := len(row)
	if err := json.Unmarshal(data, &row); err != nil {
		return err
	}
	if len(row) != want || len(cards) == 0 || cards[0] != first {
		return fmt.Errorf("%s is not a row of the table", data)
	}
	for _, n := range cards {
		r.NetworkCards = append(r.NetworkCards, NetworkCard{MaximumNetworkInterfaces: n})
		r.MaximumNetworkInterfaces += n
	}
	if r.BareMetal {
		r.Hypervisor = ""
	}
	return nil
}

// InstanceTypes yields every known type, sorted by name.
func InstanceTypes() iter.Seq[InstanceType] { return slices.Values(instanceTypes().sorted) }

// LookupInstanceType returns the type of that name. The error suggests the
// types that are spelled most like it, or else lists those of its family.
func LookupInstanceType(name string) (InstanceType, error) {
	t := instanceTypes()
	if i, ok := t.byName[name]; ok {
		return t.sorted[i], nil
	}
	if near := t.nearest(name); len(near) > 0 {
		return InstanceType{}, fmt.Errorf("%q is not an instance type; did you mean %s?", name, joinWords(near, "or"))
	}
	family, _, _ := strings.Cut(name, ".")
	if sizes := t.family(family); len(sizes) > 0 {
		return InstanceType{}, fmt.Errorf("%q is not an instance type; there is %s", name, joinWords(sizes, "and"))
	}
	return InstanceType{}, fmt.Errorf(`%q is not an instance type; one is a family and a size, such as "t3.micro"`, name)
}

// nearest returns up to three quoted names, all equally close to the one given
// and at most two typing errors away.
func (t instanceTypeTable) nearest(name string) []string {
	const atMost, maxErrors = 3, 2
	if len(name) > 64 {
		return nil
	}
	name = strings.ToLower(strings.TrimSpace(name))
	best := maxErrors
	var near []string
	for _, it := range t.sorted {
		d := typingErrors(name, it.Name)
		switch {
		case d > best:
			continue
		case d < best:
			best, near = d, nil
		}
		if len(near) < atMost {
			near = append(near, strconv.Quote(it.Name))
		}
	}
	return near
}

// family returns the names of a family's types, smallest first.
func (t instanceTypeTable) family(family string) []string {
	var names []string
	for _, it := range t.sorted {
		if it.Family() == family {
			names = append(names, it.Name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(sizeRank(a), sizeRank(b)) })
	return names
}

// sizeRank orders the sizes of a family: nano to large, xlarge and its
// multiples, bare metal last.
func sizeRank(name string) int {
	_, size, _ := strings.Cut(name, ".")
	if i := slices.Index([]string{"nano", "micro", "small", "medium", "large", "xlarge"}, size); i >= 0 {
		return i
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge")); err == nil {
		return 10 + n
	}
	return 1000
}

// typingErrors counts the letters inserted, left out, mistaken or swapped with
// their neighbour between two names.
func typingErrors(a, b string) int {
	var before []int // the row two above
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}

// Family is the part of the name before the dot, such as "m7g".
func (t InstanceType) Family() string {
	family, _, _ := strings.Cut(t.Name, ".")
	return family
}

// Architecture is EC2's name of the processor's architecture: "x86_64",
// "arm64", "x86_64_mac" or "arm64_mac". It follows from the family's name, where
// a g after the generation stands for AWS Graviton. The types of before 2012
// that also run i386 are given as x86_64.
func (t InstanceType) Architecture() string {
	family, _, _ := strings.Cut(t.Family(), "-")
	series := strings.TrimRight(family, "abcdefghijklmnopqrstuvwxyz")
	options := strings.TrimPrefix(family, series)
	switch {
	case family == "mac1":
		return "x86_64_mac"
	case strings.HasPrefix(family, "mac"):
		return "arm64_mac"
	case family == "a1", series != "" && strings.Contains(options, "g"):
		return "arm64"
	}
	return "x86_64"
}
