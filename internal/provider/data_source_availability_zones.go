package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type availabilityZonesDataSource struct{}

var _ core.DataSource[availabilityZonesDataSourceModel] = availabilityZonesDataSource{}

func (availabilityZonesDataSource) Name() string { return "availability_zones" }

func (availabilityZonesDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "The Availability Zones of a region, sorted by name.", map[string]schema.Attribute{
		"all_availability_zones": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to include zones that have not been opted in to. A lab has no such zones.",
		},
		"exclude_names": schema.SetAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Names of zones to leave out.",
		},
		"exclude_zone_ids": schema.SetAttribute{
			ElementType:         types.StringType,
			Optional:            true,
			MarkdownDescription: "Ids of zones to leave out.",
		},
		"group_names": shownStringSet("The names of the zone groups."),
		"id":          shownString("The name of the region."),
		"names":       shownStringList("The names of the zones, such as `us-east-1a`."),
		"state": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Looks for zones in this state. In a lab all are `available`.",
			Validators:          []validator.String{stringvalidator.OneOf("available", "information", "impaired", "unavailable", "constrained")},
		},
		"zone_ids": shownStringList("The ids of the zones, such as `use1-az1`, in the order of `names`."),
	})
}

type availabilityZonesDataSourceModel struct {
	searching
	AllAvailabilityZones types.Bool   `tfsdk:"all_availability_zones"`
	ExcludeNames         types.Set    `tfsdk:"exclude_names"`
	ExcludeZoneIDs       types.Set    `tfsdk:"exclude_zone_ids"`
	GroupNames           types.Set    `tfsdk:"group_names"`
	ID                   types.String `tfsdk:"id"`
	Names                types.List   `tfsdk:"names"`
	State                types.String `tfsdk:"state"`
	ZoneIDs              types.List   `tfsdk:"zone_ids"`
}

func (availabilityZonesDataSource) Parameters() core.Parameters { return searchParameters }

func (availabilityZonesDataSource) Read(tx *engine.ReadTx, m *availabilityZonesDataSourceModel) error {
	zones, err := tx.DescribeAvailabilityZones(filtersOf(slices.Concat(
		by("state", "state", m.State),
		m.byFilters(),
	))...)
	if err != nil {
		return err
	}
	var names, ids, groups []string
	for _, z := range zones {
		if slices.Contains(core.Strings(m.ExcludeNames), z.Name) || slices.Contains(core.Strings(m.ExcludeZoneIDs), z.ID) {
			continue
		}
		names = append(names, z.Name)
		ids = append(ids, z.ID)
		groups = append(groups, engine.ZoneGroupName(z))
	}
	m.GroupNames = core.StringSet(slices.Compact(core.Sorted(groups)))
	m.ID = types.StringValue(string(tx.Region()))
	m.Names = core.StringList(names)
	m.ZoneIDs = core.StringList(ids)
	return nil
}
