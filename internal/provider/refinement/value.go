package refinement

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

// provisional returns the id in s if a plan made it up. s is the id, or ends in "/"
// and it, as does
// "arn:aws:ec2:us-east-1:123456789012:network-interface/eni-0123456789abcdef0".
func provisional(ids IDs, s string) (id string, ok bool) {
	if ids.Provisional(s) {
		return s, true
	}
	if i := strings.LastIndexByte(s, '/'); i >= 0 && ids.Provisional(s[i+1:]) {
		return s[i+1:], true
	}
	return "", false
}

// minted returns what an unknown string will be, and the id in it, if it is unknown
// only because a plan made it up.
func minted(ids IDs, v cty.Value) (s, id string, ok bool) {
	if v.Type() != cty.String || v.IsKnown() {
		return "", "", false
	}
	s = v.Range().StringPrefix()
	id, ok = provisional(ids, s)
	return s, id, ok
}

// reveal makes known what is unknown but for a provisional prefix, and reports the
// ids to found. It returns value itself, undecoded, where there is nothing of the
// kind.
func reveal(value *tfprotov6.DynamicValue, typ func() (cty.Type, error), ids IDs, found func(id string)) (*tfprotov6.DynamicValue, error) {
	if value == nil || value.JSON != nil { // JSON has no unknown values
		return value, nil
	}
	if !find(value.MsgPack, tokenRefined, func(refinements []byte) bool {
		_, ok := provisional(ids, refinedPrefix(refinements))
		return ok
	}) {
		return value, nil
	}
	t, err := typ()
	if err != nil {
		return nil, err
	}
	v, err := decode(value, t)
	if err != nil {
		return nil, err
	}
	return encode(revealed(v, ids, found), t)
}

func revealed(v cty.Value, ids IDs, found func(id string)) cty.Value {
	v, _ = cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if s, id, ok := minted(ids, v); ok {
			found(id)
			return cty.StringVal(s), nil
		}
		return v, nil
	})
	return v
}

// conceal makes unknown what is provisional, and gives it a prefix if promises
// says so of the id. It gives back to sets the elements that they have in config,
// as Terraform sent it, and that [reveal] made one; a config that is nil has none.
// It returns value itself, undecoded, where nothing is provisional.
func conceal(value *tfprotov6.DynamicValue, typ func() (cty.Type, error), ids IDs, promises func(id string) bool, config *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	if value == nil {
		return value, nil
	}
	if value.JSON == nil && !find(value.MsgPack, tokenString, func(s []byte) bool {
		_, ok := provisional(ids, string(s))
		return ok
	}) {
		return value, nil
	}
	t, err := typ()
	if err != nil {
		return nil, err
	}
	v, err := decode(value, t)
	if err != nil {
		return nil, err
	}
	configured := cty.NullVal(t)
	if config != nil {
		if configured, err = decode(config, t); err != nil {
			return nil, err
		}
	}
	v, err = cty.TransformWithTransformer(v, &concealment{ids, promises, configured})
	if err != nil {
		return nil, err
	}
	return encode(v, t)
}

// A concealment is the transformation of [conceal].
type concealment struct {
	ids      IDs
	promises func(id string) bool
	config   cty.Value
}

// Enter restores the size of sets. There is no path into a set, so that the
// outermost one speaks for those in it.
func (c *concealment) Enter(path cty.Path, v cty.Value) (cty.Value, error) {
	if !v.Type().IsSetType() || v.IsNull() || !v.IsKnown() {
		return v, nil
	}
	configured, err := path.Apply(c.config)
	if err != nil || !configured.Type().Equals(v.Type()) || configured.IsNull() || !configured.IsKnown() {
		return v, nil
	}
	if configured.LengthInt() > v.LengthInt() && revealed(configured, c.ids, func(string) {}).RawEquals(v) {
		return cty.Transform(configured, func(_ cty.Path, v cty.Value) (cty.Value, error) {
			if _, _, ok := minted(c.ids, v); ok {
				return unpromised, nil
			}
			return v, nil
		})
	}
	return v, nil
}

// Exit conceals strings, and what cannot have a provisional string in it: maps
// with such a key, and objects with such an attribute, which there are only where
// a schema leaves the type open.
func (c *concealment) Exit(_ cty.Path, v cty.Value) (cty.Value, error) {
	typ := v.Type()
	switch {
	case typ.IsObjectType():
		for name := range typ.AttributeTypes() {
			if _, ok := provisional(c.ids, name); ok {
				return cty.DynamicVal, nil
			}
		}
	case v.IsNull() || !v.IsKnown():
	case typ.IsMapType():
		for key := range v.AsValueMap() {
			if _, ok := provisional(c.ids, key); ok {
				return cty.UnknownVal(typ).RefineNotNull(), nil
			}
		}
	case typ == cty.String:
		s := v.AsString()
		id, ok := provisional(c.ids, s)
		if ok && c.promises(id) {
			// Not StringPrefix: it leaves out the last character, lest something
			// be combined with that.
			return cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull(s).NewValue(), nil
		} else if ok {
			return unpromised, nil
		}
	}
	return v, nil
}

// unpromised is a string that Terraform will only know when it applies the plan.
var unpromised = cty.UnknownVal(cty.String).RefineNotNull()

// find reports whether one of a document's tokens of a kind is the one. A damaged
// document is searched as far as it can be read: whoever decodes it next says what
// is wrong with it.
func find(document []byte, kind token, is func(payload []byte) bool) (found bool) {
	scan(document, func(k token, payload []byte) bool {
		found = k == kind && is(payload)
		return !found
	})
	return found
}

// decode takes the two encodings in the order in which tfprotov6 does.
func decode(value *tfprotov6.DynamicValue, typ cty.Type) (v cty.Value, err error) {
	defer func() {
		if r := recover(); r != nil { // cty's answer to a list of different types, for example
			err = fmt.Errorf("%v", r)
		}
	}()
	switch {
	case value.JSON != nil:
		return ctyjson.Unmarshal(value.JSON, typ)
	case value.MsgPack != nil:
		return msgpack.Unmarshal(value.MsgPack, typ)
	}
	return cty.NilVal, tfprotov6.ErrUnknownDynamicValueType
}

func encode(v cty.Value, typ cty.Type) (*tfprotov6.DynamicValue, error) {
	document, err := msgpack.Marshal(v, typ)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.DynamicValue{MsgPack: document}, nil
}
