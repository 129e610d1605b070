package truth

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
)

// What Terraform does to values around a plan, for schemas of the kind that the
// provider has: nested attributes there are none of, and blocks are not
// computed.

// proposedNew is the configuration with what it leaves to the provider taken
// from the prior state; null where there is none.
func (b block) proposedNew(prior, config cty.Value) cty.Value {
	values := map[string]cty.Value{}
	for name, a := range b.attributes {
		v := config.GetAttr(name)
		if v.IsNull() && a.computed && !prior.IsNull() {
			v = prior.GetAttr(name)
		}
		values[name] = v
	}
	for name, n := range b.blocks {
		before := cty.NullVal(b.typ.AttributeType(name))
		if !prior.IsNull() {
			before = prior.GetAttr(name)
		}
		values[name] = n.proposedNew(before, config.GetAttr(name))
	}
	return cty.ObjectVal(values)
}

func (n nested) proposedNew(prior, config cty.Value) cty.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	if n.mode == tfprotov6.SchemaNestedBlockNestingModeSingle {
		return n.block.proposedNew(prior, config)
	}
	var before, after []cty.Value
	if !prior.IsNull() {
		before = prior.AsValueSlice()
	}
	for i, element := range config.AsValueSlice() {
		match := cty.NullVal(n.typ)
		switch n.mode {
		case tfprotov6.SchemaNestedBlockNestingModeList:
			if i < len(before) {
				match = before[i]
			}
		default:
			for j, candidate := range before {
				if n.describes(element, candidate) {
					match = candidate
					before = append(before[:j:j], before[j+1:]...)
					break
				}
			}
		}
		after = append(after, n.block.proposedNew(match, element))
	}
	return collection(config.Type(), after)
}

// describes reports whether a block in a configuration may be the one of a
// state: all it says is so.
func (n nested) describes(config, prior cty.Value) bool {
	for name, a := range n.attributes {
		if c := config.GetAttr(name); !(c.IsNull() && a.computed) && !c.RawEquals(prior.GetAttr(name)) {
			return false
		}
	}
	return true
}

func collection(typ cty.Type, elements []cty.Value) cty.Value {
	switch {
	case typ.IsSetType() && len(elements) == 0:
		return cty.SetValEmpty(typ.ElementType())
	case typ.IsSetType():
		return cty.SetVal(elements)
	case len(elements) == 0:
		return cty.ListValEmpty(typ.ElementType())
	}
	return cty.ListVal(elements)
}

// checkPlan finds what a planned state may not say, given the configuration:
// other than configured, or a value for what the provider does not compute.
func (b block) checkPlan(at string, prior, config, planned cty.Value) (faults []string) {
	if config.IsNull() != planned.IsNull() {
		return []string{fmt.Sprintf("%s: planned %#v where the configuration says %#v", at, planned, config)}
	}
	if config.IsNull() {
		return nil
	}
	was := func(name string) cty.Value {
		if prior.IsNull() {
			return cty.NullVal(b.typ.AttributeType(name))
		}
		return prior.GetAttr(name)
	}
	for name, a := range b.attributes {
		before, wanted, will := unrefined(was(name)), unrefined(config.GetAttr(name)), unrefined(planned.GetAttr(name))
		switch {
		case will.RawEquals(wanted), will.RawEquals(before) && !before.IsNull() && !wanted.IsNull():
		case a.computed && (!a.optional || wanted.IsNull()):
		default:
			faults = append(faults, fmt.Sprintf("%s.%s: planned %#v where the configuration says %#v and the state %#v", at, name, will, wanted, before))
		}
	}
	for name, n := range b.blocks {
		faults = append(faults, n.checkPlan(at+"."+name, was(name), config.GetAttr(name), planned.GetAttr(name))...)
	}
	return faults
}

func (n nested) checkPlan(at string, prior, config, planned cty.Value) (faults []string) {
	switch {
	case n.mode == tfprotov6.SchemaNestedBlockNestingModeSingle:
		return n.block.checkPlan(at, prior, config, planned)
	case planned.IsNull() || !planned.IsKnown():
		return []string{fmt.Sprintf("%s: planned %#v", at, planned)}
	case n.mode == tfprotov6.SchemaNestedBlockNestingModeSet:
		return nil // elements cannot be matched, and Terraform does not try
	}
	before, wanted, will := []cty.Value(nil), config.AsValueSlice(), planned.AsValueSlice()
	if !prior.IsNull() {
		before = prior.AsValueSlice()
	}
	if len(wanted) != len(will) {
		return []string{fmt.Sprintf("%s: planned %d blocks where the configuration has %d", at, len(will), len(wanted))}
	}
	for i := range wanted {
		was := cty.NullVal(n.typ)
		if i < len(before) {
			was = before[i]
		}
		faults = append(faults, n.block.checkPlan(fmt.Sprintf("%s[%d]", at, i), was, wanted[i], will[i])...)
	}
	return faults
}

// unrefined takes the refinements off the unknown values in a value.
func unrefined(v cty.Value) cty.Value {
	v, _ = cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.UnknownVal(v.Type()), nil
		}
		return v, nil
	})
	return v
}

// checkKept finds what a value says other than was promised: a known value that
// is another, an unknown one that does not keep to its refinements.
func checkKept(at string, promised, actual cty.Value) (faults []string) {
	differ := func() []string { return []string{fmt.Sprintf("%s: promised %#v, is %#v", at, promised, actual)} }
	switch {
	case !promised.IsKnown():
		if ok := promised.Range().Includes(actual); ok.IsKnown() && ok.False() {
			return differ()
		}
		return nil
	case !actual.IsKnown(), promised.IsNull() != actual.IsNull():
		return differ()
	case promised.IsNull():
		return nil
	}
	switch typ := promised.Type(); {
	case typ.IsObjectType():
		for name := range typ.AttributeTypes() {
			faults = append(faults, checkKept(at+"."+name, promised.GetAttr(name), actual.GetAttr(name))...)
		}
		return faults
	case typ.IsMapType():
		was, is := promised.AsValueMap(), actual.AsValueMap()
		if len(was) != len(is) {
			return differ()
		}
		for k := range was {
			if _, ok := is[k]; !ok {
				return differ()
			}
			faults = append(faults, checkKept(at+"."+k, was[k], is[k])...)
		}
		return faults
	case typ.IsListType():
		was, is := promised.AsValueSlice(), actual.AsValueSlice()
		if len(was) != len(is) {
			return differ()
		}
		for i := range was {
			faults = append(faults, checkKept(fmt.Sprintf("%s[%d]", at, i), was[i], is[i])...)
		}
		return faults
	case typ.IsSetType():
		was, is := promised.AsValueSlice(), actual.AsValueSlice()
		if len(is) > len(was) || !correlate(was, is) {
			return differ()
		}
		return nil
	}
	if !promised.RawEquals(actual) {
		return differ()
	}
	return nil
}

// correlate reports whether each promised element of a set may have become one
// of the actual elements, and each of those may have come of one.
func correlate(promised, actual []cty.Value) bool {
	used := make([]bool, len(actual))
	for _, p := range promised {
		found := false
		for i, a := range actual {
			if len(checkKept("", p, a)) == 0 {
				found, used[i] = true, true
			}
		}
		if !found {
			return false
		}
	}
	for _, u := range used {
		if !u {
			return false
		}
	}
	return true
}
