package refinement

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// BenchmarkPlan compares the plan for a big resource (200 tags, 50 items, 20
// attachments) on the framework's server and on the wrapped one: with nothing to
// translate, and as a new resource with 20 references.
func BenchmarkPlan(b *testing.B) {
	c := newClient(b)
	tags := map[string]cty.Value{}
	for i := range 200 {
		tags[fmt.Sprint("tag", i)] = cty.StringVal("the value of a tag")
	}
	items, attachments := make([]cty.Value, 50), make([]cty.Value, 20)
	for i := range items {
		items[i] = item(cty.StringVal(realR))
	}
	for i := range attachments {
		attachments[i] = attached(prefixed(idA), cty.NullVal(cty.String))
	}
	create := c.object(map[string]cty.Value{
		"name": cty.StringVal("big"), "tags": cty.MapVal(tags), "item": cty.ListVal(items),
		"attachment": cty.SetVal(attachments),
	})
	existing := with(create, map[string]cty.Value{
		"id": cty.StringVal(realR), "arn": cty.StringVal(arnPrefix + realR), "attachment": cty.SetValEmpty(attachments[0].Type()),
	})
	config := with(existing, map[string]cty.Value{"id": cty.NullVal(cty.String), "arn": cty.NullVal(cty.String)})
	unchanged := &tfprotov6.PlanResourceChangeRequest{
		TypeName: typeName, Config: c.encode(config), ProposedNewState: c.encode(existing), PriorState: c.encode(existing),
	}
	for _, request := range []struct {
		name string
		req  *tfprotov6.PlanResourceChangeRequest
	}{{"nothing", unchanged}, {"create", c.create(create)}} {
		for _, server := range []struct {
			name string
			tfprotov6.ProviderServer
		}{{"framework", c.account.unwrapped()}, {"wrapped", c.server}} {
			b.Run(request.name+"/"+server.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					resp, err := server.PlanResourceChange(b.Context(), request.req)
					if err != nil || len(resp.Diagnostics) > 0 {
						b.Fatal(resp, err)
					}
				}
			})
		}
	}
}
