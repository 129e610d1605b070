package refinement

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

type promisedKey struct{}

// Promised returns the ids that the plan which is being applied has promised: the
// whole-id prefixes of the planned state's unknown strings. What the apply creates
// must have them. They are ordered as Terraform sends them (attributes and blocks
// by name, lists by index), each one once. Outside an ApplyResourceChange of a
// wrapped server, and where nothing was promised, there are none.
func Promised(ctx context.Context) []string {
	ids, _ := ctx.Value(promisedKey{}).([]string)
	return slices.Clone(ids)
}

// withPromised needs no type: where an unknown value is does not matter. What
// cannot be read is left to the framework, which will say so.
func withPromised(ctx context.Context, planned *tfprotov6.DynamicValue) context.Context {
	if planned == nil || planned.JSON != nil { // JSON has no unknown values
		return ctx
	}
	var ids []string
	scan(planned.MsgPack, func(kind token, payload []byte) bool {
		if kind != tokenRefined {
			return true
		}
		prefix := refinedPrefix(payload)
		if _, err := ec2.ParseID(prefix); err == nil && !slices.Contains(ids, prefix) {
			ids = append(ids, prefix)
		}
		return true
	})
	if ids == nil {
		return ctx
	}
	return context.WithValue(ctx, promisedKey{}, ids)
}
