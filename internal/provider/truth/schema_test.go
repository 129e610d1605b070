package truth

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// block is a schema as far as planning goes.
type block struct {
	typ        cty.Type
	attributes map[string]attribute
	blocks     map[string]nested
}

type attribute struct {
	typ                cty.Type
	optional, computed bool
}

type nested struct {
	block
	mode tfprotov6.SchemaNestedBlockNestingMode
}

func newBlock(s *tfprotov6.SchemaBlock) block {
	b := block{typ: ctyType(s.ValueType()), attributes: map[string]attribute{}, blocks: map[string]nested{}}
	for _, a := range s.Attributes {
		b.attributes[a.Name] = attribute{ctyType(a.ValueType()), a.Optional, a.Computed}
	}
	for _, n := range s.BlockTypes {
		b.blocks[n.TypeName] = nested{newBlock(n.Block), n.Nesting}
	}
	return b
}

// ctyType translates between the two libraries, which both speak JSON about
// types.
func ctyType(typ tftypes.Type) (out cty.Type) {
	document, err := json.Marshal(typ)
	if err == nil {
		err = json.Unmarshal(document, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

func encode(v cty.Value, typ cty.Type) *tfprotov6.DynamicValue {
	document, err := msgpack.Marshal(v, typ)
	if err != nil {
		panic(err)
	}
	return &tfprotov6.DynamicValue{MsgPack: document}
}

func decode(v *tfprotov6.DynamicValue, typ cty.Type) (cty.Value, error) {
	if v == nil {
		return cty.NullVal(typ), nil
	}
	return msgpack.Unmarshal(v.MsgPack, typ)
}
