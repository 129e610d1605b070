package engine

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Filter picks objects by one of their properties, as in the Describe actions:
// an object passes when one of its values of the property matches one of
// Values. Values are case-sensitive; "*" stands for any characters, "?" for
// one, and a backslash before either, or before another backslash, for the
// character itself.
type Filter struct {
	Name   string // such as "subnet-id" or "tag:Name"
	Values []string
}

// The names of the filters every kind of tagged object has.
const (
	filterTagKey    = "tag-key"
	filterTagPrefix = "tag:" // followed by a key, in the case it was written in
)

// properties are the filter names of one kind, each with the values an object
// has of it: none where the property does not apply to the object.
type properties[T any] map[string]func(*ReadTx, T) []string

// pins are the filter names that an index of the kind's table answers.
type pins map[string]string

// one makes the property of a single value. An empty one is none.
func one[T any](value func(T) string) func(*ReadTx, T) []string {
	return func(_ *ReadTx, object T) []string { return some(value(object)) }
}

// always makes a property that is the same for all objects.
func always[T any](value string) func(*ReadTx, T) []string {
	return func(*ReadTx, T) []string { return some(value) }
}

// never makes a property that EC2 knows and nothing here has.
func never[T any](*ReadTx, T) []string { return nil }

func some(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// describe gives the objects of the transaction's region that pass all filters,
// sorted by id.
func describe[T ec2.Object](tx *ReadTx, action string, kind ec2.Kind, known properties[T], indexed pins, filters []Filter) ([]T, error) {
	tests, err := compile(action, known, filters)
	if err != nil {
		return nil, err
	}
	var found []T
	for object := range candidates[T](tx, kind, indexed, filters) {
		if object.Head().Region == tx.region && passes(tx, object, tests) {
			found = append(found, object)
		}
	}
	slices.SortFunc(found, func(a, b T) int { return cmp.Compare(a.Head().ID, b.Head().ID) })
	return slices.CompactFunc(found, func(a, b T) bool { return a.Head().ID == b.Head().ID }), nil
}

// candidates narrows the objects down by the first filter that an index can
// answer, and may yield an object more than once.
func candidates[T ec2.Object](tx *ReadTx, kind ec2.Kind, indexed pins, filters []Filter) iter.Seq[T] {
	for _, f := range filters {
		index, ok := indexed[f.Name]
		if !ok || slices.ContainsFunc(f.Values, func(v string) bool { return strings.ContainsAny(v, `*?\`) }) {
			continue
		}
		return func(yield func(T) bool) {
			for _, value := range f.Values {
				for object := range all[T](tx, kind, index, value) {
					if !yield(object) {
						return
					}
				}
			}
		}
	}
	return all[T](tx, kind, byRegion, string(tx.region))
}

// test is one filter, ready to be held against objects.
type test[T any] struct {
	values   func(*ReadTx, T) []string
	patterns []string
}

func passes[T any](tx *ReadTx, object T, tests []test[T]) bool {
	for _, t := range tests {
		matches := func(value string) bool {
			return slices.ContainsFunc(t.patterns, func(pattern string) bool { return matchWildcard(pattern, value) })
		}
		if !slices.ContainsFunc(t.values(tx, object), matches) {
			return false
		}
	}
	return true
}

func compile[T any](action string, known properties[T], filters []Filter) ([]test[T], error) {
	tests := make([]test[T], 0, len(filters))
	for _, f := range filters {
		values, ok := known[f.Name]
		if !ok {
			values, ok = tagProperty[T](f.Name)
		}
		if !ok {
			return nil, invalidFilter(action, f.Name, known)
		}
		if len(f.Values) == 0 {
			return nil, &ec2.Error{
				Action: action, Code: "InvalidParameterValue", Parameter: "Filter",
				Message: fmt.Sprintf("The filter '%s' has no values", f.Name),
				Summary: fmt.Sprintf("The filter %q has no values", f.Name),
				Detail:  "A filter picks the objects that have one of its values, so that none could pass.",
				Remedy:  `Give it a value, or "*" for any.`,
			}
		}
		tests = append(tests, test[T]{values, f.Values})
	}
	return tests, nil
}

// tagProperty gives the tag filters, which all kinds of objects share.
func tagProperty[T any](name string) (func(*ReadTx, T) []string, bool) {
	var zero T
	if _, taggable := any(zero).(ec2.Object); !taggable {
		return nil, false
	}
	tags := func(object T) ec2.Tags { return any(object).(ec2.Object).Head().Tags }
	if name == filterTagKey {
		return func(_ *ReadTx, object T) []string { return slices.Collect(maps.Keys(tags(object))) }, true
	}
	tagKey, ok := strings.CutPrefix(name, filterTagPrefix)
	if !ok || tagKey == "" {
		return nil, false
	}
	return func(_ *ReadTx, object T) []string {
		if value, ok := tags(object)[tagKey]; ok {
			return []string{value}
		}
		return nil
	}, true
}

// invalidFilter refuses a filter EC2 does not know, and gives the names spelled
// most like it.
func invalidFilter[T any](action, name string, known properties[T]) *ec2.Error {
	names := slices.Collect(maps.Keys(known))
	if _, taggable := tagProperty[T](filterTagKey); taggable {
		names = append(names, filterTagKey, filterTagPrefix+"KEY")
	}
	const most = 3
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(unlikeness(name, a), unlikeness(name, b)), cmp.Compare(a, b))
	})
	near := make([]string, 0, most)
	for _, n := range names[:min(most, len(names))] {
		near = append(near, fmt.Sprintf("%q", n))
	}
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "Filter",
		Message: fmt.Sprintf("The filter '%s' is invalid", name),
		Summary: fmt.Sprintf("%s has no filter %q", action, name),
		Detail:  fmt.Sprintf("The names most like it are %s.", listed(near)),
		Remedy:  "Filter names are those of the EC2 API, with hyphens and in lower case.",
	}
}

// unlikeness is how far two names are apart: the letters to insert, leave out
// or exchange, and less where one contains the other.
func unlikeness(a, b string) int {
	fold := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }
	a, b = fold(a), fold(b)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	distance := row[len(b)]
	if a != "" && (strings.Contains(a, b) || strings.Contains(b, a)) {
		distance /= 3
	}
	return distance
}

// matchWildcard reports whether a filter value matches, see [Filter]. A
// backslash before any other character stands for itself.
func matchWildcard(pattern, value string) bool {
	p, v := []rune(pattern), []rune(value)
	i, j := 0, 0           // where pattern and value are compared
	star, resume := -1, -1 // the last * and where in value it ends so far
	for j < len(v) {
		if i < len(p) && p[i] == '*' {
			star, resume = i, j
			i++
			continue
		}
		if width := matchRune(p[i:], v[j]); width > 0 {
			i, j = i+width, j+1
			continue
		}
		if star < 0 {
			return false
		}
		resume++
		i, j = star+1, resume
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// matchRune holds one character against the head of a pattern, and gives the
// length of the part of the pattern it matches: 0 for none.
func matchRune(p []rune, r rune) int {
	switch {
	case len(p) == 0:
		return 0
	case p[0] == '?':
		return 1
	case p[0] == '\\' && len(p) > 1 && strings.ContainsRune(`*?\`, p[1]):
		if p[1] == r {
			return 2
		}
		return 0
	case p[0] == r:
		return 1
	default:
		return 0
	}
}
