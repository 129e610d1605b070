package refinement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

const arnPrefix = "arn:aws:ec2:us-east-1:123456789012:network-interface/"

// An account is the world of the test provider: the ids that plans have made up,
// and what they saw of each other's.
type account struct {
	// stable has each plan for an interface make up the same id, as does hashing
	// what is known of it.
	stable bool

	mu       sync.Mutex
	next     int
	made     map[string]bool   // the provisional ids
	planned  map[string]string // the id made up last, by the name of the interface
	real     map[string]string // the id of what exists, by name
	sights   []sight
	surprise []string // what an apply should not have met
}

// A sight is what the plan for one interface saw of the others.
type sight struct {
	name    string
	refs    []string          // every known string in the configuration but the name
	planned map[string]string // as the account's, then
}

func newAccount() *account {
	return &account{made: map[string]bool{}, planned: map[string]string{}, real: map[string]string{}}
}

func (a *account) Provisional(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.made[id]
}

// mint makes up the id of the nth object of a kind that belongs to an interface.
func (a *account) mint(prefix ec2.IDPrefix, name string, n int) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next++
	id := fmt.Sprintf("%s-0%016x", prefix, a.next)
	if a.stable {
		id = ec2.DeriveID(prefix, name, fmt.Sprint(n))
	}
	a.made[id] = true
	return id
}

func (a *account) serve() tfprotov6.ProviderServer { return Wrap(a.unwrapped(), a) }

func (a *account) unwrapped() tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(&testProvider{account: a})()
}

type testProvider struct{ account *account }

func (p *testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "test"
}

func (p *testProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (p *testProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p *testProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *testProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &testInterface{account: p.account} }}
}

// A testInterface has an attribute or block of each kind that can refer to others.
type testInterface struct{ account *account }

type testModel struct {
	ID         types.String  `tfsdk:"id"`
	ARN        types.String  `tfsdk:"arn"`
	Name       types.String  `tfsdk:"name"`
	Ref        types.String  `tfsdk:"ref"`
	Refs       types.Set     `tfsdk:"refs"`
	Tags       types.Map     `tfsdk:"tags"`
	Objects    types.Set     `tfsdk:"objects"`
	Anything   types.Dynamic `tfsdk:"anything"`
	Routes     types.Map     `tfsdk:"routes"`
	Item       types.List    `tfsdk:"item"`
	Attachment []attachment  `tfsdk:"attachment"`
}

type attachment struct {
	Ref types.String `tfsdk:"ref"`
	ID  types.String `tfsdk:"attachment_id"`
}

var objectType = types.ObjectType{AttrTypes: map[string]attr.Type{"ref": types.StringType, "index": types.Int64Type}}

func (r *testInterface) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "test_interface"
}

func (r *testInterface) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":       schema.StringAttribute{Computed: true, PlanModifiers: keep},
			"arn":      schema.StringAttribute{Computed: true, PlanModifiers: keep},
			"name":     schema.StringAttribute{Required: true},
			"ref":      schema.StringAttribute{Optional: true},
			"refs":     schema.SetAttribute{Optional: true, ElementType: types.StringType},
			"tags":     schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"objects":  schema.SetAttribute{Optional: true, ElementType: objectType},
			"anything": schema.DynamicAttribute{Optional: true},
			"routes":   schema.MapAttribute{Computed: true, ElementType: types.StringType},
		},
		Blocks: map[string]schema.Block{
			"item": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"ref": schema.StringAttribute{Optional: true},
			}}},
			"attachment": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"ref":           schema.StringAttribute{Optional: true},
				"attachment_id": schema.StringAttribute{Computed: true},
			}}},
		},
	}
}

func (r *testInterface) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"id": identityschema.StringAttribute{RequiredForImport: true},
	}}
}

// ModifyPlan makes up ids for what is to be created, and writes down what it sees.
func (r *testInterface) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		return
	}
	var m testModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	name := m.Name.ValueString()
	if m.ID.IsUnknown() {
		m.ID = types.StringValue(r.account.mint(ec2.PrefixNetworkInterface, name, 0))
		m.ARN = types.StringValue(arnPrefix + m.ID.ValueString())
		r.account.mu.Lock()
		r.account.planned[name] = m.ID.ValueString()
		r.account.mu.Unlock()
		m.Routes = types.MapNull(types.StringType)
		if name == "with routes" {
			m.Routes = types.MapValueMust(types.StringType, map[string]attr.Value{m.ID.ValueString(): types.StringValue("local")})
		}
	}
	for i := range m.Attachment {
		if at := &m.Attachment[i]; at.ID.IsUnknown() {
			at.ID = types.StringValue(r.account.mint(ec2.PrefixAttachment, name, i))
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &m)...)
	if resp.Identity != nil && req.State.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), m.ID)...)
	}

	r.account.mu.Lock()
	defer r.account.mu.Unlock()
	r.account.sights = append(r.account.sights, sight{name, stringsIn(m), maps.Clone(r.account.planned)})
}

// stringsIn are the known strings that the configuration may have.
func stringsIn(m testModel) (found []string) {
	var visit func(attr.Value)
	visit = func(v attr.Value) {
		switch v := v.(type) {
		case types.String:
			if s := v.ValueString(); s != "" {
				found = append(found, s)
			}
		case types.Set:
			for _, e := range v.Elements() {
				visit(e)
			}
		case types.List:
			for _, e := range v.Elements() {
				visit(e)
			}
		case types.Tuple:
			for _, e := range v.Elements() {
				visit(e)
			}
		case types.Map:
			for _, e := range v.Elements() {
				visit(e)
			}
		case types.Object:
			for _, e := range v.Attributes() {
				visit(e)
			}
		case types.Dynamic:
			visit(v.UnderlyingValue())
		}
	}
	for _, v := range []attr.Value{m.Ref, m.Refs, m.Tags, m.Objects, m.Anything, m.Item} {
		visit(v)
	}
	for _, at := range m.Attachment {
		visit(at.Ref)
	}
	slices.Sort(found)
	return found
}

// Create makes the interface and its attachments with the promised ids.
func (r *testInterface) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m testModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	promised := Promised(ctx)
	m.ID = types.StringValue(r.take(&promised, ec2.PrefixNetworkInterface))
	m.ARN = types.StringValue(arnPrefix + m.ID.ValueString())
	if m.Routes.IsUnknown() {
		m.Routes = types.MapValueMust(types.StringType, map[string]attr.Value{m.ID.ValueString(): types.StringValue("local")})
	}
	for i := range m.Attachment {
		m.Attachment[i].ID = types.StringValue(r.take(&promised, ec2.PrefixAttachment))
	}
	r.account.mu.Lock()
	defer r.account.mu.Unlock()
	r.account.real[m.Name.ValueString()] = m.ID.ValueString()
	for _, s := range stringsIn(m) {
		id := s[strings.LastIndexByte(s, '/')+1:]
		if _, err := ec2.ParseID(id); err == nil && !slices.Contains(slices.Collect(maps.Values(r.account.real)), id) {
			r.account.surprise = append(r.account.surprise, fmt.Sprintf("%s refers to %s, which does not exist", m.Name.ValueString(), s))
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	if resp.Identity != nil {
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), m.ID)...)
	}
}

// take takes the first promised id of a kind, which is thereby real.
func (r *testInterface) take(promised *[]string, prefix ec2.IDPrefix) string {
	r.account.mu.Lock()
	defer r.account.mu.Unlock()
	i := slices.IndexFunc(*promised, func(id string) bool { p, _ := ec2.ParseID(id); return p == prefix })
	if i < 0 {
		r.account.surprise = append(r.account.surprise, fmt.Sprintf("nothing is promised of the kind %s: %q", prefix, *promised))
		return string(prefix) + "-0ffffffffffffffff"
	}
	id := (*promised)[i]
	*promised = slices.Delete(*promised, i, i+1)
	delete(r.account.made, id)
	return id
}

func (r *testInterface) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	if resp.Identity != nil {
		var id types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
	}
}

func (r *testInterface) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m testModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	promised := Promised(ctx)
	for i := range m.Attachment {
		if m.Attachment[i].ID.IsUnknown() {
			m.Attachment[i].ID = types.StringValue(r.take(&promised, ec2.PrefixAttachment))
		}
	}
	if m.Routes.IsUnknown() {
		m.Routes = types.MapNull(types.StringType)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (r *testInterface) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
