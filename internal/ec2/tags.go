package ec2

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// What EC2 takes of tags; lengths are in characters.
const (
	maxTags           = 50
	maxTagKeyLength   = 128
	maxTagValueLength = 256
)

// Tags are the labels of a resource.
type Tags map[string]string

// Name is the value of the tag that the console shows as the resource's name.
func (t Tags) Name() string { return t["Name"] }

// Clone copies the tags so that the copy may be changed. Nil stays nil.
func (t Tags) Clone() Tags { return maps.Clone(t) }

// Equal holds no tags and nil for the same.
func (t Tags) Equal(other Tags) bool { return maps.Equal(t, other) }

// CheckTags judges the tags a person gives to a resource: at most 50, keys of 1
// to 128 characters, values of up to 256, and no key that begins with "aws:",
// in whatever case, which are AWS's own.
func CheckTags(t Tags) error {
	if len(t) > maxTags {
		return fmt.Errorf("a resource has at most %d tags; these are %d", maxTags, len(t))
	}
	for _, key := range slices.Sorted(maps.Keys(t)) {
		switch keyLength, valueLength := utf8.RuneCountInString(key), utf8.RuneCountInString(t[key]); {
		case key == "":
			return errors.New("a tag's key has to have at least one character")
		case keyLength > maxTagKeyLength:
			return fmt.Errorf("a tag's key has at most %d characters; %q has %d", maxTagKeyLength, key, keyLength)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return fmt.Errorf(`the tag key %q is reserved: AWS keeps those that begin with "aws:" for itself`, key)
		case valueLength > maxTagValueLength:
			return fmt.Errorf("a tag's value has at most %d characters; that of %q has %d", maxTagValueLength, key, valueLength)
		}
	}
	return nil
}
