package core

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

// DataSource is what is particular to a data source. M is its model, a struct
// with tfsdk tags that embeds [Regional].
type DataSource[M any] interface {
	// Name is the type's name without the provider's, such as "subnet".
	Name() string
	// Schema is the data source's schema but for what Regional stands for.
	Schema(context.Context) schema.Schema
	// Parameters tells which attribute a parameter of an EC2 action comes from.
	Parameters() Parameters
	// Read fills the model, or fails when it does not find what it looks for.
	// The transaction is on a world of its own in which the region's default
	// VPC exists, as it does in every region of EC2.
	Read(*engine.ReadTx, *M) error
}

// Regional is what the model of a data source embeds.
type Regional struct {
	Region types.String `tfsdk:"region"`
}

func (r *Regional) regional() *Regional { return r }

// source makes a Terraform data source of a DataSource.
type source[M any] struct {
	DataSource[M]
	*Session
	schema schema.Schema
}

var _ datasource.DataSourceWithConfigure = (*source[struct{}])(nil)

// NewDataSource gives the constructor the framework wants.
func NewDataSource[M any](d DataSource[M]) func() datasource.DataSource {
	return func() datasource.DataSource {
		s := d.Schema(context.Background())
		s.Attributes = maps.Clone(s.Attributes)
		s.Attributes["region"] = schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			MarkdownDescription: "The region to look in. Defaults to the provider's.",
			Validators:          []validator.String{validRegion{}},
		}
		return &source[M]{DataSource: d, schema: s}
	}
}

func (d *source[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.Name()
}

func (d *source[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.schema
}

func (d *source[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	session, ok := req.ProviderData.(*Session)
	if !ok {
		resp.Diagnostics.AddError("The provider is misconfigured", fmt.Sprintf("A data source was configured with %T.", req.ProviderData))
		return
	}
	d.Session = session
}

func (d *source[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	m := new(M)
	resp.Diagnostics.Append(req.Config.Get(ctx, m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	regional := any(m).(interface{ regional() *Regional }).regional()
	region := d.Session.Region
	if given := regional.Region.ValueString(); given != "" {
		region = ec2.Region(given)
	}
	world, err := d.Lab.Fork(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnose(err, nil)...)
		return
	}
	tx := world.Begin().In(region)
	defer tx.Abort()
	tx.DefaultVPC()
	if err := d.DataSource.Read(tx.Reading(), m); err != nil {
		resp.Diagnostics.Append(diagnose(err, d.Parameters())...)
		return
	}
	regional.Region = types.StringValue(string(region))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
