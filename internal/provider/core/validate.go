package core

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ resource.ResourceWithValidateConfig = (*managed[struct{}])(nil)

// ValidateConfig refuses null among the elements of a list or set, which is no
// value that EC2 could be given.
func (r *managed[M]) ValidateConfig(_ context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	_ = tftypes.Walk(req.Config.Raw, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		steps := at.Steps()
		if len(steps) < 2 || !v.IsNull() {
			return true, nil
		}
		switch steps[len(steps)-1].(type) {
		case tftypes.ElementKeyInt, tftypes.ElementKeyValue:
			if name, ok := steps[0].(tftypes.AttributeName); ok {
				resp.Diagnostics.AddAttributeError(path.Root(string(name)), "An element is null",
					"Every element must have a value. Leave out those that have none, with compact() for example.")
			}
		}
		return true, nil
	})
}
