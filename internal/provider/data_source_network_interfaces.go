package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

type networkInterfacesDataSource struct{}

var _ core.DataSource[networkInterfacesDataSourceModel] = networkInterfacesDataSource{}

func (networkInterfacesDataSource) Name() string { return "network_interfaces" }

func (networkInterfacesDataSource) Schema(ctx context.Context) schema.Schema {
	return searchSchema(ctx, "The ids of all network interfaces that match; none is an answer too.", map[string]schema.Attribute{
		"id":   shownString("The name of the region."),
		"ids":  shownStringList("The ids, sorted."),
		"tags": tagsArgument("Tags the network interfaces have."),
	})
}

type networkInterfacesDataSourceModel struct {
	searching
	ID   types.String `tfsdk:"id"`
	IDs  types.List   `tfsdk:"ids"`
	Tags types.Map    `tfsdk:"tags"`
}

func (networkInterfacesDataSource) Parameters() core.Parameters { return searchParameters }

func (networkInterfacesDataSource) Read(tx *engine.ReadTx, m *networkInterfacesDataSourceModel) error {
	interfaces, err := tx.DescribeNetworkInterfaces(filtersOf(slices.Concat(
		byTags("tags", m.Tags),
		m.byFilters(),
	))...)
	if err != nil {
		return err
	}
	ids := make([]string, len(interfaces))
	for i, n := range interfaces {
		ids[i] = n.ID
	}
	m.ID = types.StringValue(string(tx.Region()))
	m.IDs = core.StringList(ids)
	return nil
}
