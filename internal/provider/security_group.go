package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type securityGroup struct{}

var (
	_ core.Resource[securityGroupModel] = securityGroup{}
	_ core.Holder[securityGroupModel]   = securityGroup{}
	_ core.Placer                       = securityGroup{}
)

func (securityGroup) Name() string { return "security_group" }

func (securityGroup) Schema(ctx context.Context) schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A security group. The rule that lets all traffic out, which EC2 gives to a new group, is taken away: " +
			"unlike a group made in the AWS console, one without `egress` lets nothing out.",
		Version: 1,
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The security group's ARN.",
			},
			"description": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("Managed by Terraform"),
				MarkdownDescription: "A description, of at most 255 characters. Defaults to `Managed by Terraform`.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validGroupDescription},
			},
			"egress": schema.SetAttribute{
				ElementType:         inlineRuleType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The rules for traffic that leaves." + aboutRules,
				PlanModifiers:       []planmodifier.Set{sameRules},
				Validators:          []validator.Set{validInlineRules},
			},
			"ingress": schema.SetAttribute{
				ElementType:         inlineRuleType,
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The rules for traffic that comes in." + aboutRules,
				PlanModifiers:       []planmodifier.Set{sameRules},
				Validators:          []validator.Set{validInlineRules},
			},
			"name": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The name, which no other group of the VPC has. By default one is made up.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validGroupName, stringvalidator.ConflictsWith(path.MatchRoot("name_prefix"))},
			},
			"name_prefix": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "What a name that is made up begins with, instead of `name`. Defaults to `terraform-`.",
				PlanModifiers:       []planmodifier.String{core.ForceNew},
				Validators:          []validator.String{validGroupNamePrefix},
			},
			"owner_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The id of the lab's account.",
				PlanModifiers:       []planmodifier.String{core.Settled},
			},
			"revoke_rules_on_delete": schema.BoolAttribute{
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the group revokes its rules first, and those of other groups that refer to it. Defaults to `false`.",
			},
			"vpc_id": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "The id of the VPC. Defaults to the default VPC.",
				PlanModifiers:       []planmodifier.String{core.ForceNew, core.Settled},
				Validators:          []validator.String{notEmptyString},
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": core.TimeoutsBlock(ctx, timeouts.Opts{Create: true, Delete: true}),
		},
	}
}

type securityGroupModel struct {
	core.Base
	core.Tagged
	core.Timed
	ARN                 types.String `tfsdk:"arn"`
	Description         types.String `tfsdk:"description"`
	Egress              types.Set    `tfsdk:"egress"`  // of inlineRuleModel
	Ingress             types.Set    `tfsdk:"ingress"` // of inlineRuleModel
	Name                types.String `tfsdk:"name"`
	NamePrefix          types.String `tfsdk:"name_prefix"`
	OwnerID             types.String `tfsdk:"owner_id"`
	RevokeRulesOnDelete types.Bool   `tfsdk:"revoke_rules_on_delete"`
	VPCID               types.String `tfsdk:"vpc_id"`
}

func (securityGroup) Parameters() core.Parameters {
	parameters := core.Parameters{
		"GroupName":        path.Root("name"),
		"GroupDescription": path.Root("description"),
		"VpcId":            path.Root("vpc_id"),
		"Tag":              path.Root("tags"),
	}
	for _, parameter := range []string{"IpPermissions", "IpProtocol", "FromPort", "Description", "ReferencedGroupId"} {
		parameters["AuthorizeSecurityGroupIngress."+parameter] = path.Root("ingress")
		parameters["AuthorizeSecurityGroupEgress."+parameter] = path.Root("egress")
	}
	return parameters
}

func (securityGroup) Placing() []string { return []string{"name", "vpc_id", "ingress", "egress"} }

func (securityGroup) Object(m *securityGroupModel) ec2.Ref {
	return ec2.Ref{Kind: ec2.KindSecurityGroup, ID: m.ID.ValueString()}
}

// Holds: the rules too.
func (securityGroup) Holds(tx *engine.ReadTx, m *securityGroupModel) []ec2.Ref {
	var refs []ec2.Ref
	for _, egress := range []bool{false, true} {
		for _, r := range tx.SecurityGroupRules(m.ID.ValueString(), egress) {
			refs = append(refs, r.Ref())
		}
	}
	return refs
}

func (securityGroup) Create(tx *engine.Tx, m *securityGroupModel) error {
	name := m.Name.ValueString()
	if name == "" {
		name = madeUpName(tx, m.NamePrefix.ValueString())
	}
	g, err := tx.CreateSecurityGroup(engine.CreateSecurityGroupInput{
		GroupName:   name,
		Description: m.Description.ValueString(),
		VPCID:       m.VPCID.ValueString(),
		Tags:        m.AllTags(),
	})
	if err != nil {
		return err
	}
	m.ID = types.StringValue(g.ID)
	if err := revokeAll(tx, g.ID, true); err != nil {
		return err
	}
	return setInlineRules(tx, m)
}

// setInlineRules gives the group the rules of the configuration, where it has
// any to say.
func setInlineRules(tx *engine.Tx, m *securityGroupModel) error {
	id := m.ID.ValueString()
	if given(m.Ingress) {
		if err := syncRules(tx, id, false, inlineRules(m.Ingress, id)); err != nil {
			return err
		}
	}
	if !given(m.Egress) {
		return nil
	}
	return syncRules(tx, id, true, inlineRules(m.Egress, id))
}

func (securityGroup) Read(tx *engine.ReadTx, m *securityGroupModel) error {
	g, ok := tx.SecurityGroup(m.ID.ValueString())
	if !ok {
		return core.ErrGone
	}
	m.ARN = types.StringValue(g.ARN())
	m.Description = types.StringValue(g.Description)
	m.Egress = readInlineRules(m.Egress, tx.SecurityGroupRules(g.ID, true), g.ID)
	m.Ingress = readInlineRules(m.Ingress, tx.SecurityGroupRules(g.ID, false), g.ID)
	m.Name = types.StringValue(g.Name)
	m.NamePrefix = types.StringValue(namePrefix(g.Name))
	m.OwnerID = types.StringValue(g.OwnerID)
	m.RevokeRulesOnDelete = types.BoolValue(m.RevokeRulesOnDelete.ValueBool())
	m.VPCID = types.StringValue(g.VPCID)
	return nil
}

func (securityGroup) Update(tx *engine.Tx, _, m *securityGroupModel) error {
	return setInlineRules(tx, m)
}

func (securityGroup) Delete(tx *engine.Tx, m *securityGroupModel) error {
	id := m.ID.ValueString()
	if m.RevokeRulesOnDelete.ValueBool() {
		for _, r := range tx.RulesReferring(id) {
			if err := tx.RevokeSecurityGroup(r.GroupID, r.IsEgress, []ec2.RuleSpec{r.RuleSpec}); err != nil {
				return err
			}
		}
	}
	return tx.DeleteSecurityGroup(id)
}
