package cli

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// longestName is the longest Name tag that stands for an instance's id where its
// interfaces are listed.
const longestName = 16

// report writes an inventory for people, VPC by VPC.
func report(out io.Writer, found inventory, wanted selection) error {
	var b strings.Builder
	vpcs := found.perVPC()
	if len(vpcs) == 0 {
		b.WriteString(found.nothing(wanted))
	} else {
		fmt.Fprintf(&b, "Lab %s, account %s\n", found.Location, found.AccountID)
	}
	for _, v := range vpcs {
		v.write(&b)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// nothing says why there is nothing to show.
func (v inventory) nothing(wanted selection) string {
	if _, err := os.Stat(v.Location); os.IsNotExist(err) {
		return fmt.Sprintf("There is no lab %s yet: terraform apply makes it.\n", v.Location)
	}
	said := fmt.Sprintf("Lab %s is empty", v.Location)
	if wanted.region != "" {
		said = fmt.Sprintf("Lab %s has nothing in %s", v.Location, wanted.region)
	}
	if v.hidden > 0 {
		said += fmt.Sprintf(", but for %s (see --all)", counted(v.hidden, "terminated instance"))
	}
	return said + ".\n"
}

// contents are what a VPC holds.
type contents struct {
	title      string
	subnets    []subnet
	instances  []instance
	interfaces []networkInterface
}

// perVPC sorts an inventory by VPC. Instances that have outlived their VPC, as
// terminated ones do, come under a VPC that is gone.
func (v inventory) perVPC() []*contents {
	var list []*contents
	byID := map[string]*contents{}
	for _, vpc := range v.VPCs {
		kind := "VPC"
		if vpc.IsDefault {
			kind = "Default VPC"
		}
		c := &contents{title: fmt.Sprintf("%s, %s in %s", named(kind, vpc.VPCID, vpc.Tags), vpc.CIDRBlock, vpc.Region)}
		byID[vpc.VPCID] = c
		list = append(list, c)
	}
	of := func(id string, region ec2.Region) *contents {
		c, ok := byID[id]
		if !ok {
			c = &contents{title: fmt.Sprintf("VPC %s in %s, deleted", id, region)}
			byID[id] = c
			list = append(list, c)
		}
		return c
	}
	for _, s := range v.Subnets {
		c := of(s.VPCID, s.Region)
		c.subnets = append(c.subnets, s)
	}
	for _, i := range v.Instances {
		c := of(i.VPCID, i.Region)
		c.instances = append(c.instances, i)
	}
	for _, n := range v.NetworkInterfaces {
		c := of(n.VPCID, n.Region)
		c.interfaces = append(c.interfaces, n)
	}
	return list
}

func (c *contents) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n%s, %s, %s\n", c.title,
		counted(len(c.interfaces), "network interface"), counted(len(c.instances), "instance"), counted(len(c.subnets), "subnet"))
	c.writeInterfaces(b)
	c.writeInstances(b)
	c.writeSubnets(b)
}

// writeInterfaces lists the interfaces by address, and so subnet by subnet.
func (c *contents) writeInterfaces(b *strings.Builder) {
	if len(c.interfaces) == 0 {
		return
	}
	b.WriteString("\n")
	nicknames := c.nicknames()
	var t table
	t.add("NETWORK INTERFACE", "NAME", "STATUS", "PRIVATE IP", "MAC", "ATTACHED TO", "GROUPS")
	in := ""
	for _, n := range c.interfaces {
		if n.SubnetID != in {
			in = n.SubnetID
			t.addTitle("in " + c.subnetTitle(n))
		}
		var addresses, groups []string
		for _, a := range n.PrivateIPAddresses {
			addresses = append(addresses, a.PrivateIPAddress.String())
		}
		for _, g := range n.Groups {
			groups = append(groups, g.GroupName)
		}
		t.add(n.NetworkInterfaceID, n.Tags.name(), n.Status, strings.Join(addresses, "\n"), n.MACAddress,
			n.Attachment.describe(nicknames), strings.Join(groups, "\n"))
	}
	t.write(b)
}

// subnetTitle names the subnet and the zone of an interface.
func (c *contents) subnetTitle(n networkInterface) string {
	var t tags
	for _, s := range c.subnets {
		if s.SubnetID == n.SubnetID {
			t = s.Tags
		}
	}
	return named("subnet", n.SubnetID, t) + ", " + n.AvailabilityZone
}

// nicknames gives, by id, the names of the instances that one can tell apart by name.
func (c *contents) nicknames() map[string]string {
	bearers := map[string]int{}
	for _, i := range c.instances {
		bearers[i.Tags.name()]++
	}
	nicknames := map[string]string{}
	for _, i := range c.instances {
		if name := i.Tags.name(); name != "" && len(name) <= longestName && bearers[name] == 1 {
			nicknames[i.InstanceID] = name
		}
	}
	return nicknames
}

// describe says where an interface is: the instance by name, or by id where it has no
// name of its own, and the device index.
func (a *attachment) describe(nicknames map[string]string) string {
	if a == nil {
		return ""
	}
	index := "index " + strconv.Itoa(a.DeviceIndex)
	if a.NetworkCardIndex > 0 {
		index += " of card " + strconv.Itoa(a.NetworkCardIndex)
	}
	if name, ok := nicknames[a.InstanceID]; ok {
		return name + ", " + index
	}
	return a.InstanceID + "\n" + index
}

func (c *contents) writeInstances(b *strings.Builder) {
	if len(c.instances) == 0 {
		return
	}
	b.WriteString("\n")
	var t table
	t.add("INSTANCE", "NAME", "STATE", "TYPE", "ZONE", "PRIVATE IP")
	for _, i := range c.instances {
		t.add(i.InstanceID, i.Tags.name(), string(i.State), i.InstanceType, i.AvailabilityZone, i.PrivateIPAddress)
	}
	t.write(b)
}

func (c *contents) writeSubnets(b *strings.Builder) {
	if len(c.subnets) == 0 {
		return
	}
	b.WriteString("\n")
	var t table
	t.add("SUBNET", "NAME", "CIDR", "ZONE", "FREE ADDRESSES")
	for _, s := range c.subnets {
		t.add(s.SubnetID, s.Tags.name(), s.CIDRBlock.String(), s.AvailabilityZone, strconv.Itoa(s.AvailableIPAddressCount))
	}
	t.write(b)
}

// named gives "kind name (id)", or "kind id" for what has no name.
func named(kind, id string, t tags) string {
	if name := t.name(); name != "" {
		return fmt.Sprintf("%s %s (%s)", kind, name, id)
	}
	return kind + " " + id
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
