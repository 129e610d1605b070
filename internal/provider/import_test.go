package provider_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// TestImportRefused: ids that name nothing, or something else.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	config := lab.config(mainVPC)
	steps := []resource.TestStep{{Config: config}}
	for _, c := range []struct{ id, says string }{
		{"vpc-0123456789abcdef0", "Cannot import non-existent remote object"},
		{"main", `"main" is not the id of a VPC`},
		{"subnet-0123456789abcdef0", `"subnet-0123456789abcdef0" is the id of a subnet; the id of a VPC is needed`},
		{"@us-west-3", `"@us-west-3" has no id before the @; write ID or ID@REGION`},
		{"vpc-0123456789abcdef0@west", `"west" is not a region`},
		{"vpc-0123456789abcdef0@eu-west-1", "Cannot import non-existent remote object"},
	} {
		steps = append(steps, resource.TestStep{
			Config: config, ResourceName: "vpclab_vpc.main", ImportState: true, ImportStateId: c.id, ExpectError: wrapped(c.says),
		})
	}
	lab.run(steps...)
}

// TestImportOfWhatWasMadeByHand: objects that somebody made without Terraform
// are taken over as they are, and are Terraform's from then on.
func TestImportOfWhatWasMadeByHand(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	ids := map[string]string{}
	lab.change(func(tx *engine.Tx) error {
		v, err := tx.CreateVPC(engine.CreateVPCInput{CIDRBlock: netip.MustParsePrefix("10.0.0.0/16"), Tags: map[string]string{"Name": "main"}})
		if err != nil {
			return err
		}
		ids["vpc.main"] = v.ID
		s, err := tx.CreateSubnet(engine.CreateSubnetInput{VPCID: v.ID, CIDRBlock: netip.MustParsePrefix("10.0.1.0/24")})
		if err != nil {
			return err
		}
		ids["subnet.a"] = s.ID
		g, err := tx.CreateSecurityGroup(engine.CreateSecurityGroupInput{GroupName: "web", Description: "by hand", VPCID: v.ID})
		if err != nil {
			return err
		}
		ids["security_group.web"] = g.ID
		for _, name := range []string{"one", "two"} {
			i, err := tx.RunInstances(engine.RunInstancesInput{
				ImageID: "ami-0123456789abcdef0", InstanceType: "t3.small", SubnetID: s.ID, Tags: map[string]string{"Name": name},
			})
			if err != nil {
				return err
			}
			ids["instance."+name] = i.ID
			n, err := tx.CreateNetworkInterface(engine.CreateNetworkInterfaceInput{SubnetID: s.ID, Groups: []string{g.ID}, Tags: map[string]string{"Name": name}})
			if err != nil {
				return err
			}
			ids["network_interface."+name] = n.ID
			a, err := tx.AttachNetworkInterface(engine.AttachNetworkInterfaceInput{NetworkInterfaceID: n.ID, InstanceID: i.ID, DeviceIndex: 1})
			if err != nil {
				return err
			}
			ids["network_interface_attachment."+name] = a.ID
		}
		return nil
	})()
	imports := ""
	for address, id := range ids {
		imports += fmt.Sprintf("import {\n  to = vpclab_%s\n  id = %q\n}\n", address, id)
	}
	base := mainVPC + `
resource "vpclab_subnet" "a" {
  vpc_id     = vpclab_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "vpclab_security_group" "web" {
  name        = "web"
  description = "by hand"
  vpc_id      = vpclab_vpc.main.id
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}
` + instanceIn("one", "a") + instanceIn("two", "a")
	const grouped = "security_groups = [vpclab_security_group.web.id]"
	interfaces := interfaceIn("one", "a", grouped) + interfaceIn("two", "a", grouped)
	lab.run(
		resource.TestStep{
			Config:           lab.config(base + interfaces + attach("one", "one", "one", "1") + attach("two", "two", "two", "1") + imports),
			ConfigPlanChecks: planned(actions{}),
		},
		resource.TestStep{
			Config: lab.config(base + interfaces + attach("one", "one", "two", "2") + attach("two", "two", "two", "1")),
			ConfigPlanChecks: planned(actions{
				"vpclab_network_interface_attachment.one": "replace for device_index, instance_id",
			}),
		},
		resource.TestStep{
			Config: lab.config(base + interfaces),
			ConfigPlanChecks: planned(actions{
				"vpclab_network_interface_attachment.one": "delete",
				"vpclab_network_interface_attachment.two": "delete",
			}),
		},
	)
}
