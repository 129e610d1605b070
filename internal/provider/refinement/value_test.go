package refinement

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"
)

// Ids that the property tests' plan has made up.
var madeUp = idSet{idA: true, idB: true, "vpc-0cccccccccccccccc": true}

type idSet map[string]bool

func (s idSet) Provisional(id string) bool { return s[id] }

var texts = append(slices.Sorted(maps.Keys(madeUp)),
	arnPrefix+idA, "10.0.0.0/16", realR, arnPrefix+realR, "", "x", idA+"x", "/", strings.Repeat("long ", 60), "ü\u0308",
)

// drawType draws a type. Terraform has no dynamic types within collections.
func drawType(t *rapid.T, depth int, open bool) cty.Type {
	kinds := []string{"string", "string", "number", "bool"}
	if open {
		kinds = append(kinds, "dynamic")
	}
	if depth > 0 {
		kinds = append(kinds, "list", "set", "map", "object", "tuple")
	}
	switch kind := rapid.SampledFrom(kinds).Draw(t, "kind"); kind {
	case "number":
		return cty.Number
	case "bool":
		return cty.Bool
	case "dynamic":
		return cty.DynamicPseudoType
	case "list":
		return cty.List(drawType(t, depth-1, false))
	case "set":
		return cty.Set(drawType(t, depth-1, false))
	case "map":
		return cty.Map(drawType(t, depth-1, false))
	case "object":
		attributes := map[string]cty.Type{}
		for i := range rapid.IntRange(0, 3).Draw(t, "attributes") {
			attributes[fmt.Sprint("a", i)] = drawType(t, depth-1, open)
		}
		return cty.Object(attributes)
	case "tuple":
		var elements []cty.Type
		for range rapid.IntRange(1, 3).Draw(t, "elements") {
			elements = append(elements, drawType(t, depth-1, open))
		}
		return cty.Tuple(elements)
	}
	return cty.String
}

// drawValue draws a value, of which nothing is unknown with a provisional prefix.
func drawValue(t *rapid.T, typ cty.Type, keys []string) cty.Value {
	switch rapid.IntRange(0, 9).Draw(t, "state") {
	case 0:
		return cty.NullVal(typ)
	case 1:
		return cty.UnknownVal(typ)
	case 2:
		if typ == cty.String {
			return prefixed(rapid.SampledFrom([]string{realR, idA[:8], idA + "x", "arn:"}).Draw(t, "prefix"))
		}
		if typ == cty.Number {
			return cty.UnknownVal(typ).Refine().NumberRangeLowerBound(cty.MustParseNumberVal("0.1"), true).NewValue()
		}
		if typ.IsCollectionType() {
			return cty.UnknownVal(typ).Refine().NotNull().CollectionLengthLowerBound(2).NewValue()
		}
	}
	elements := func(typ cty.Type) (values []cty.Value) {
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			values = append(values, drawValue(t, typ, keys))
		}
		return values
	}
	switch {
	case typ == cty.DynamicPseudoType:
		return drawValue(t, drawType(t, 2, false), keys)
	case typ == cty.String:
		return cty.StringVal(rapid.SampledFrom(texts).Draw(t, "text"))
	case typ == cty.Bool:
		return cty.BoolVal(rapid.Bool().Draw(t, "bool"))
	case typ == cty.Number:
		return cty.MustParseNumberVal(rapid.SampledFrom([]string{"0", "-1", "40", "200", "-200", "70000", "1.5", "0.1", "1e40", "4294967296"}).Draw(t, "number"))
	case typ.IsListType():
		if values := elements(typ.ElementType()); len(values) > 0 {
			return cty.ListVal(values)
		}
		return cty.ListValEmpty(typ.ElementType())
	case typ.IsSetType():
		if values := elements(typ.ElementType()); len(values) > 0 {
			return cty.SetVal(values)
		}
		return cty.SetValEmpty(typ.ElementType())
	case typ.IsMapType():
		values := map[string]cty.Value{}
		for range rapid.IntRange(0, 4).Draw(t, "length") {
			values[rapid.SampledFrom(keys).Draw(t, "key")] = drawValue(t, typ.ElementType(), keys)
		}
		if len(values) == 0 {
			return cty.MapValEmpty(typ.ElementType())
		}
		return cty.MapVal(values)
	case typ.IsTupleType():
		var values []cty.Value
		for _, typ := range typ.TupleElementTypes() {
			values = append(values, drawValue(t, typ, keys))
		}
		return cty.TupleVal(values)
	default:
		values := map[string]cty.Value{}
		types := typ.AttributeTypes()
		for _, name := range slices.Sorted(maps.Keys(types)) {
			values[name] = drawValue(t, types[name], keys)
		}
		return cty.ObjectVal(values)
	}
}

func always(is bool) func(string) bool { return func(string) bool { return is } }

// draw draws a type and a document.
func draw(t *rapid.T, keys []string) (func() (cty.Type, error), *tfprotov6.DynamicValue, cty.Value) {
	typ := cty.Tuple([]cty.Type{drawType(t, 3, true), drawType(t, 2, true), cty.Set(drawType(t, 2, false))})
	v := drawValue(t, typ, keys)
	value, err := encode(v, typ)
	if err != nil {
		t.Fatal(err)
	}
	if v, err = decode(value, typ); err != nil {
		t.Fatal(err)
	}
	return func() (cty.Type, error) { return typ, nil }, value, v
}

// What is promised to Terraform comes back the same.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ, value, v := draw(t, []string{"a", "b", realR})
		concealed, err := conceal(value, typ, madeUp, always(true), nil)
		if err != nil {
			t.Fatal(err)
		}
		back, err := reveal(concealed, typ, madeUp, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		ty, _ := typ()
		got, err := decode(back, ty)
		if err != nil {
			t.Fatal(err)
		}
		if !got.RawEquals(v) {
			t.Errorf("got %#v\nwant %#v\nover %#v", got, v, concealed)
		}
	})
}

// Whatever the provider plans, nothing made up reaches Terraform but in the prefix
// of what is promised; where nothing is to be concealed nothing changes.
func TestConceal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ, value, v := draw(t, append([]string{"a", "b", idA, arnPrefix + idB}, texts...))
		promises := rapid.Bool().Draw(t, "promises")
		concealed, err := conceal(value, typ, madeUp, always(promises), nil)
		if err != nil {
			t.Fatal(err)
		}
		ty, _ := typ()
		after, err := decode(concealed, ty)
		if err != nil {
			t.Fatal(err)
		}
		mentions, known, prefixes := mentioned(v), mentioned(after), 0
		_ = cty.Walk(after, func(_ cty.Path, v cty.Value) (bool, error) {
			if _, _, ok := minted(madeUp, v); ok {
				prefixes++
			}
			return true, nil
		})
		switch {
		case known > 0:
			t.Errorf("%#v is known", after)
		case prefixes > 0 && !promises:
			t.Errorf("%#v is promised", after)
		case (concealed == value) != (mentions == 0):
			t.Errorf("%#v became %#v", v, after)
		}
		if _, err := concealed.Unmarshal(frameworkType(ty)); err != nil {
			t.Errorf("the framework cannot read %#v: %v", after, err)
		}
	})
}

// mentioned counts the known provisional strings and keys.
func mentioned(v cty.Value) (count int) {
	_ = cty.Walk(v, func(path cty.Path, v cty.Value) (bool, error) {
		if len(path) > 0 {
			if step, ok := path[len(path)-1].(cty.IndexStep); ok && step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() && !step.Key.RawEquals(v) {
				if _, ok := provisional(madeUp, step.Key.AsString()); ok {
					count++
				}
			}
		}
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			if _, ok := provisional(madeUp, v.AsString()); ok {
				count++
			}
		}
		return true, nil
	})
	return count
}

func frameworkType(typ cty.Type) tftypes.Type {
	switch {
	case typ == cty.String:
		return tftypes.String
	case typ == cty.Number:
		return tftypes.Number
	case typ == cty.Bool:
		return tftypes.Bool
	case typ.IsListType():
		return tftypes.List{ElementType: frameworkType(typ.ElementType())}
	case typ.IsSetType():
		return tftypes.Set{ElementType: frameworkType(typ.ElementType())}
	case typ.IsMapType():
		return tftypes.Map{ElementType: frameworkType(typ.ElementType())}
	case typ.IsTupleType():
		var elements []tftypes.Type
		for _, typ := range typ.TupleElementTypes() {
			elements = append(elements, frameworkType(typ))
		}
		return tftypes.Tuple{ElementTypes: elements}
	case typ.IsObjectType():
		attributes := map[string]tftypes.Type{}
		for name, typ := range typ.AttributeTypes() {
			attributes[name] = frameworkType(typ)
		}
		return tftypes.Object{AttributeTypes: attributes}
	}
	return tftypes.DynamicPseudoType
}

// An object that has an id for the name of an attribute has a dynamic type.
func TestConcealAttributeName(t *testing.T) {
	typ := func() (cty.Type, error) { return cty.Object(map[string]cty.Type{"x": cty.DynamicPseudoType}), nil }
	value, err := encode(cty.ObjectVal(map[string]cty.Value{
		"x": cty.ObjectVal(map[string]cty.Value{"y": cty.ObjectVal(map[string]cty.Value{idA: cty.True}), "z": cty.StringVal(idA)}),
	}), cty.Object(map[string]cty.Type{"x": cty.DynamicPseudoType}))
	if err != nil {
		t.Fatal(err)
	}
	concealed, err := conceal(value, typ, madeUp, always(true), nil)
	if err != nil {
		t.Fatal(err)
	}
	ty, _ := typ()
	got, err := decode(concealed, ty)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "concealed", got, cty.ObjectVal(map[string]cty.Value{
		"x": cty.ObjectVal(map[string]cty.Value{"y": cty.DynamicVal, "z": prefixed(idA)}),
	}))
}

func TestDecodePanic(t *testing.T) {
	dynamic := func(v cty.Value) []byte {
		value, err := encode(v, cty.DynamicPseudoType)
		if err != nil {
			t.Fatal(err)
		}
		return value.MsgPack
	}
	list := slices.Concat([]byte{0x92}, dynamic(cty.StringVal(idA)), dynamic(cty.True))
	if v, err := decode(&tfprotov6.DynamicValue{MsgPack: list}, cty.List(cty.DynamicPseudoType)); err == nil {
		t.Errorf("a list of a string and a bool is %#v", v)
	}
}

// All that msgpack has for long and for many.
func TestScanWide(t *testing.T) {
	var values []cty.Value
	var strs, prefixes []string
	for _, length := range []int{0, 1, 31, 32, 255, 256, 65535, 65536} {
		s := strings.Repeat("x", length)
		values, strs = append(values, cty.StringVal(s)), append(strs, s)
	}
	for _, number := range []string{"1", "-1", "0.5", "-128", "219", "56283", "3688618971", "-9253", "-606348325", "-2604246222170760229"} {
		values = append(values, cty.MustParseNumberVal(number))
	}
	values = append(values, cty.NumberFloatVal(math.Float64frombits(0x3fdbdbdbdbdbdbdb)))
	for _, length := range []int{0, 1, 15, 16, 65535, 65536} {
		list, entries, names := []cty.Value{}, map[string]cty.Value{}, []string{}
		for i := range length {
			name := fmt.Sprintf("%05x", i)
			list, entries[name], names = append(list, cty.False), cty.NullVal(cty.Bool), append(names, name)
		}
		values, strs = append(values, cty.TupleVal(list), cty.ObjectVal(entries)), append(strs, names...)
	}
	for _, length := range []int{1, 11, 26, 27, 200, 256} { // with the rest of the refinements, in 5 to 263 bytes
		s := strings.Repeat("x", length)
		values, prefixes = append(values, prefixed(s)), append(prefixes, s)
	}
	values, prefixes = append(values, unknown, unpromised, prefixed(idB)), append(prefixes, "", idB)
	values, strs = append(values, cty.StringVal(idA)), append(strs, idA)
	v := cty.TupleVal(values)
	value, err := encode(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	scan(value.MsgPack, func(kind token, payload []byte) bool {
		expected, got := &strs, string(payload)
		if kind == tokenRefined {
			expected, got = &prefixes, refinedPrefix(payload)
		}
		if len(*expected) == 0 || got != (*expected)[0] {
			t.Errorf("got %.20q of %d bytes, want the first of %.20q", got, len(got), *expected)
			return false
		}
		*expected = (*expected)[1:]
		return true
	})
	if len(strs)+len(prefixes) > 0 {
		t.Errorf("%d strings and %d prefixes are not found", len(strs), len(prefixes))
	}
}

// Reading never fails on a document, and finds in it what is there.
func FuzzScan(f *testing.F) {
	f.Add([]byte{0xc7, 3, 12, 0x81, 1, 0xc2})
	f.Add([]byte{0x92, 0xd9, 2, 'a', 'b', 0xde, 0, 1, 0xa1, 'x', 0xcb, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0xdb, 0xff, 0xff, 0xff, 0xff, 0})
	f.Add(refinedBytes(idA))
	f.Fuzz(func(t *testing.T, document []byte) {
		total := 0
		scan(document, func(kind token, payload []byte) bool {
			total += len(payload)
			if kind == tokenRefined {
				refinedPrefix(payload)
			}
			return true
		})
		if total > len(document) {
			t.Errorf("%d bytes in a document of %d", total, len(document))
		}
	})
}
