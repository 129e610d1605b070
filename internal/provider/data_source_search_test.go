package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
)

// servers is what the data sources below look at, on top of network.
var servers = instanceIn("web", "a", `private_ip = "10.0.1.10"`, `user_data = "hello"`) +
	instanceIn("db", "b") +
	interfaceIn("vip", "a", `private_ips = ["10.0.1.50", "10.0.1.51"]`, `description = "moves"`) +
	interfaceIn("spare", "b") +
	attach("vip", "vip", "web", "1")

// data is a data source that is read when all resources have been made.
func data(kind, name string, arguments ...string) string {
	return fmt.Sprintf("data \"vpclab_%s\" %q {\n  %s\n}\n", kind, name, strings.Join(arguments, "\n  "))
}

func filter(name string, values ...string) string {
	return fmt.Sprintf("filter {\n    name   = %q\n    values = [\"%s\"]\n  }", name, strings.Join(values, `", "`))
}

const afterServers = `depends_on = [
    vpclab_instance.web, vpclab_instance.db, vpclab_network_interface.spare, vpclab_network_interface_attachment.vip,
  ]`

// same checks that attributes of two objects are equal, written
// "address attribute".
func same(a, b string) resource.TestCheckFunc {
	first, second := strings.Fields(a), strings.Fields(b)
	return resource.TestCheckResourceAttrPair(first[0], first[1], second[0], second[1])
}

// shows checks attributes of one object.
func shows(address string, attributes map[string]string) resource.TestCheckFunc {
	var checks []resource.TestCheckFunc
	for name, value := range attributes {
		checks = append(checks, resource.TestCheckResourceAttr(address, name, value))
	}
	return resource.ComposeAggregateTestCheckFunc(checks...)
}

// testReads applies a configuration in a lab of its own and checks what its
// data sources show.
func testReads(t *testing.T, configuration string, checks ...resource.TestCheckFunc) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config: newLab(t).config(configuration),
			Check:  resource.ComposeAggregateTestCheckFunc(checks...),
		}},
	})
}

// says matches a diagnostic that has all these words, in this order.
func says(words ...string) *regexp.Regexp {
	patterns := make([]string, len(words))
	for i, w := range words {
		patterns[i] = wrapped(w).String()
	}
	return regexp.MustCompile("(?s)" + strings.Join(patterns, ".*"))
}

func TestDataSourceRefusals(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	base := network + servers
	steps := []resource.TestStep{{Config: lab.config(base)}}
	for _, c := range []struct {
		data string
		want *regexp.Regexp
	}{
		{
			data("subnet", "x", `id = "subnet-0123456789abcdef0"`),
			says("No subnet matches", "with data.vpclab_subnet.x", `id = "subnet-0123456789abcdef0"`,
				"us-west-3 has no subnet with", `- id = "subnet-0123456789abcdef0", which no subnet has`,
				"Check the values", "hashicorp/aws: no matching EC2 Subnet found"),
		},
		{
			data("subnet", "x", "vpc_id = vpclab_vpc.main.id", `tags = { Name = "web" }`),
			says("No subnet matches", `tags = { Name = "web" }`, `- vpc_id = "vpc-`, "which 2 subnets have", `- tags["Name"] = "web", which no subnet has`),
		},
		{
			data("subnet", "x", "vpc_id = vpclab_vpc.main.id", `availability_zone = "us-west-3c"`),
			says("No subnet matches", "which 2 subnets have", `availability_zone = "us-west-3c", which 1 subnet has`),
		},
		{
			data("instance", "x", `instance_tags = { Name = "w?" }`),
			says("No instance matches", `tags["Name"] = "w?"`, "no matching EC2 Instance found"),
		},
		{
			data("vpc", "x", filter("tag:Name", "main", "other")),
			says("More than one VPC matches", "One VPC is looked for, and 2 in us-west-3 match:",
				"- vpc-", "(10.", "Add an argument or a filter",
				"hashicorp/aws: multiple EC2 VPCs matched; use additional constraints to reduce matches to a single EC2 VPC"),
		},
		{
			data("network_interface", "x", filter("vpc-id", "*"), filter("status", "in-use")),
			says("More than one network interface matches", `"vip" (10.0.1.50, subnet-`, "in-use)", "multiple EC2 Network Interfaces matched"),
		},
		{
			data("security_group", "x", `name = "default"`),
			says("More than one security group matches", "(default, vpc-", "multiple EC2 Security Groups matched"),
		},
		{
			data("subnet", "x", filter("vpc_id", "vpc-0123456789abcdef0")),
			says(`DescribeSubnets has no filter "vpc_id"`, `"vpc-id"`, "EC2: DescribeSubnets, InvalidParameterValue: The filter 'vpc_id' is invalid"),
		},
		{
			data("network_interfaces", "x", filter("instance-id", "*")),
			says(`DescribeNetworkInterfaces has no filter "instance-id"`, `"attachment.instance-id"`),
		},
		{
			data("availability_zones", "x", filter("tag:Name", "a")),
			says(`DescribeAvailabilityZones has no filter "tag:Name"`),
		},
		{
			data("subnet", "x", `id = "vpc-0123456789abcdef0"`),
			says("This is not the id of a subnet", `"vpc-0123456789abcdef0" is the id of a VPC; the id of a subnet is needed`),
		},
		{
			data("instance", "x", `instance_id = "web"`),
			says("This is not the id of an instance", `"web" is not the id of an instance`),
		},
	} {
		steps = append(steps, resource.TestStep{Config: lab.config(base + c.data), PlanOnly: true, ExpectError: c.want})
	}
	steps = append(steps, steps[0]) // the last one is what is destroyed
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: protoV6ProviderFactories, Steps: steps})
}

// TestDataSourceNamesAtMostTen: a crowd of matches is cut short.
func TestDataSourceNamesAtMostTen(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	base := network + `
resource "vpclab_network_interface" "crowd" {
  count     = 12
  subnet_id = vpclab_subnet.a.id
}
`
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			{Config: lab.config(base)},
			{
				Config:      lab.config(base + data("network_interface", "x")),
				PlanOnly:    true,
				ExpectError: says("and 12 in us-west-3 match:", "- and 2 more"),
			},
			{Config: lab.config(base)}, // the last one is what is destroyed
		},
	})
}

// TestDataSourceOfAnotherRegion: a region's objects are found there only.
func TestDataSourceOfAnotherRegion(t *testing.T) {
	testReads(t, `
resource "vpclab_vpc" "far" {
  region     = "eu-west-1"
  cidr_block = "10.9.0.0/16"
}
`+data("vpc", "far", `region = "eu-west-1"`, "cidr_block = vpclab_vpc.far.cidr_block", "depends_on = [vpclab_vpc.far]")+
		data("vpc", "default", `region = "eu-west-1"`, "default = true")+
		data("vpc", "near", "depends_on = [vpclab_vpc.far]"),
		same("data.vpclab_vpc.far id", "vpclab_vpc.far id"),
		shows("data.vpclab_vpc.default", map[string]string{"region": "eu-west-1", "cidr_block": "172.31.0.0/16"}),
		shows("data.vpclab_vpc.near", map[string]string{"region": "us-west-3", "default": "true"}),
	)
}

// TestDataSourceSchemas: the schemas are sound, and say what everything is.
func TestDataSourceSchemas(t *testing.T) {
	t.Parallel()
	for _, constructor := range provider.New("test").DataSources(t.Context()) {
		var metadata datasource.MetadataResponse
		var resp datasource.SchemaResponse
		constructor().Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "vpclab"}, &metadata)
		constructor().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		t.Run(metadata.TypeName, func(t *testing.T) {
			if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
				t.Error(diags)
			}
			if resp.Schema.MarkdownDescription == "" {
				t.Error("the data source has no description")
			}
			described(t, resp.Schema.Attributes)
			if filter, ok := resp.Schema.Blocks["filter"].(schema.SetNestedBlock); ok {
				described(t, filter.NestedObject.Attributes)
			}
		})
	}
}

func described(t *testing.T, attributes map[string]schema.Attribute) {
	for name, a := range attributes {
		if a.GetMarkdownDescription() == "" {
			t.Errorf("%s has no description", name)
		}
	}
}
