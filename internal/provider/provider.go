// Package provider is Terraform's view of the simulated cloud: the provider,
// its resources and its data sources. What they have in common is in package
// core; a file here holds what is particular to one of them.
package provider

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/refinement"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

// Address is where Terraform looks for the provider.
const Address = "registry.terraform.io/vpclab/vpclab"

// patience is how long an apply waits for what the same run may be about to
// take away. Terraform does the two at once, so seconds are plenty.
const patience = 15 * time.Second

type vpclabProvider struct {
	version string

	mu   sync.Mutex
	open map[place]*opened // each lab once, however often a process is configured
}

// place says which lab it is.
type place struct{ store, name string }

type opened struct {
	lab       *lab.Lab
	rehearsal *rehearsal.Rehearsal
}

var _ provider.Provider = (*vpclabProvider)(nil)

// New makes the provider. version is that of the build, for `terraform
// version`.
func New(version string) provider.Provider { return &vpclabProvider{version: version} }

// Server makes the provider's protocol server, in which plans see through ids
// that do not exist yet.
func Server(version string) tfprotov6.ProviderServer {
	p := &vpclabProvider{version: version}
	return refinement.Wrap(providerserver.NewProtocol6(p)(), p)
}

// Provisional reports whether an id was made up for a plan.
func (p *vpclabProvider) Provisional(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, here := range p.open {
		if here.rehearsal.Provisional(id) {
			return true
		}
	}
	return false
}

type providerModel struct {
	Region      types.String `tfsdk:"region"`
	Lab         types.String `tfsdk:"lab"`
	Store       types.String `tfsdk:"store"`
	DefaultTags types.List   `tfsdk:"default_tags"`
}

type defaultTagsModel struct {
	Tags types.Map `tfsdk:"tags"`
}

func (p *vpclabProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vpclab"
	resp.Version = p.version
}

func (p *vpclabProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A VPC simulated on your own machine. Network interfaces, instances, security groups and subnets " +
			"behave as EC2's do, without an account, and the plan refuses what EC2 would refuse at apply.",
		Attributes: map[string]schema.Attribute{
			"region": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The region to work in. Any well-formed name will do, whether AWS has the region or not. " +
					"Defaults to the environment variables `VPCLAB_REGION`, `AWS_REGION`, `AWS_DEFAULT_REGION`, then `us-east-1`.",
			},
			"lab": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The name of the lab, a simulated account. Labs know nothing of each other. " +
					"Defaults to the environment variable `VPCLAB_LAB`, then `default`.",
			},
			"store": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Where labs last: a folder, with a file for each lab, or the path of one file that ends in `.db`. " +
					"Defaults to the environment variable `VPCLAB_STORE`, then the folder `.vpclab` of the working directory.",
			},
		},
		Blocks: map[string]schema.Block{
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags for every resource that can have tags; at most one block.",
				Validators:          []validator.List{atMostOne},
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"tags": schema.MapAttribute{
							ElementType:         types.StringType,
							Optional:            true,
							MarkdownDescription: "The tags.",
						},
					},
				},
			},
		},
	}
}

func (p *vpclabProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	for name, v := range map[string]attr.Value{"region": m.Region, "lab": m.Lab, "store": m.Store} {
		if v.IsUnknown() {
			resp.Diagnostics.AddAttributeError(path.Root(name), "The provider's configuration must be known at plan",
				fmt.Sprintf("%s comes from a resource that has not been created yet, so there is no telling which lab to plan against.\n"+
					"Use a literal or a variable.", name))
		}
	}
	var defaultTags []defaultTagsModel
	resp.Diagnostics.Append(m.DefaultTags.ElementsAs(ctx, &defaultTags, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	region, err := ec2.ParseRegion(firstOf(m.Region.ValueString(), os.Getenv("VPCLAB_REGION"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1"))
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("region"), "This is not the name of a region", err.Error()+".")
		return
	}
	here, err := p.openLab(ctx, place{
		store: firstOf(m.Store.ValueString(), os.Getenv("VPCLAB_STORE")),
		name:  firstOf(m.Lab.ValueString(), os.Getenv("VPCLAB_LAB")),
	})
	if err != nil {
		resp.Diagnostics.AddError("The lab cannot be opened", err.Error())
		return
	}
	// Terraform configures the provider where a walk begins.
	here.rehearsal.Begin()
	session := &core.Session{Lab: here.lab, Rehearsal: here.rehearsal, Region: region, Patience: patience}
	for _, d := range defaultTags {
		session.SetDefaultTags(d.Tags)
	}
	resp.ResourceData = session
	resp.DataSourceData = session
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func (p *vpclabProvider) openLab(ctx context.Context, at place) (*opened, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if here, ok := p.open[at]; ok {
		return here, nil
	}
	l, err := lab.Open(ctx, lab.Options{Store: at.store, Name: at.name, Env: environment})
	if err != nil {
		return nil, err
	}
	here := &opened{lab: l, rehearsal: rehearsal.New(l)}
	if p.open == nil {
		p.open = map[place]*opened{}
	}
	p.open[at] = here
	return here, nil
}

// environment is that of a world which Terraform manages.
func environment(account string) engine.Env {
	env := engine.SystemEnv(account)
	env.ManagedBy = "terraform"
	return env
}

// Resources are all resources of the provider.
func (p *vpclabProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		core.NewResource(vpc{}),
		core.NewResource(subnet{}),
		core.NewResource(securityGroup{}),
		core.NewResource(networkInterface{}),
		core.NewResource(networkInterfaceAttachment{}),
		core.NewResource(instance{}),
	}
}

// DataSources are all data sources of the provider.
func (p *vpclabProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		core.NewDataSource(availabilityZonesDataSource{}),
		core.NewDataSource(vpcDataSource{}),
		core.NewDataSource(subnetDataSource{}),
		core.NewDataSource(securityGroupDataSource{}),
		core.NewDataSource(networkInterfaceDataSource{}),
		core.NewDataSource(networkInterfacesDataSource{}),
		core.NewDataSource(instanceDataSource{}),
	}
}
