package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type securityGroupDataSource struct{}

var _ core.DataSource[securityGroupDataSourceModel] = securityGroupDataSource{}

func (securityGroupDataSource) Name() string { return "security_group" }

func (securityGroupDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "One security group. Exactly one has to match the arguments.", map[string]schema.Attribute{
		"arn":         shownString("The security group's ARN."),
		"description": shownString("The description."),
		"id":          argument("The security group's id.", validID("a security group", ec2.PrefixSecurityGroup)),
		"name":        argument("The name. It is unique in a VPC only: each VPC has a group named `default`."),
		"tags":        tagsArgument("Tags the security group has. Shows all its tags."),
		"vpc_id":      argument("The id of the VPC.", validID("a VPC", ec2.PrefixVPC)),
	})
}

type securityGroupDataSourceModel struct {
	searching
	ARN         types.String `tfsdk:"arn"`
	Description types.String `tfsdk:"description"`
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Tags        types.Map    `tfsdk:"tags"`
	VPCID       types.String `tfsdk:"vpc_id"`
}

func (securityGroupDataSource) Parameters() core.Parameters { return searchParameters }

var securityGroupLookup = lookup[*ec2.SecurityGroup]{
	noun:     "security group",
	awsNoun:  "EC2 Security Group",
	describe: (*engine.ReadTx).DescribeSecurityGroups,
	facts: func(g *ec2.SecurityGroup) []string {
		return []string{g.Name, g.VPCID}
	},
}

func (securityGroupDataSource) Read(tx *engine.ReadTx, m *securityGroupDataSourceModel) error {
	g, err := securityGroupLookup.one(tx, slices.Concat(
		by("id", "group-id", m.ID),
		by("name", "group-name", m.Name),
		by("vpc_id", "vpc-id", m.VPCID),
		byTags("tags", m.Tags),
		m.byFilters(),
	))
	if err != nil {
		return err
	}
	m.ARN = types.StringValue(g.ARN())
	m.Description = types.StringValue(g.Description)
	m.ID = types.StringValue(g.ID)
	m.Name = types.StringValue(g.Name)
	m.Tags = shownTags(g)
	m.VPCID = types.StringValue(g.VPCID)
	return nil
}
