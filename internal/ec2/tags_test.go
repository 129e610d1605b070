package ec2_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestCheckTags(t *testing.T) {
	many := func(n int) ec2.Tags {
		tags := ec2.Tags{}
		for i := range n {
			tags[fmt.Sprintf("key%02d", i)] = ""
		}
		return tags
	}
	for _, tt := range []struct {
		name string
		tags ec2.Tags
		want string
	}{
		{"none", nil, ""},
		{"an empty value", ec2.Tags{"Name": ""}, ""},
		{"fifty", many(50), ""},
		{"fifty-one", many(51), "a resource has at most 50 tags; these are 51"},
		{"an empty key", ec2.Tags{"": "x"}, "a tag's key has to have at least one character"},
		{"the longest key", ec2.Tags{strings.Repeat("ü", 128): ""}, ""},
		{"a longer key", ec2.Tags{strings.Repeat("k", 129): ""}, `a tag's key has at most 128 characters; "` + strings.Repeat("k", 129) + `" has 129`},
		{"the longest value", ec2.Tags{"k": strings.Repeat("ü", 256)}, ""},
		{"a longer value", ec2.Tags{"k": strings.Repeat("v", 257)}, `a tag's value has at most 256 characters; that of "k" has 257`},
		{"AWS's own", ec2.Tags{"aws:cloudformation:stack-name": "x"}, `the tag key "aws:cloudformation:stack-name" is reserved: AWS keeps those that begin with "aws:" for itself`},
		{"AWS's own in capitals", ec2.Tags{"AWS:x": ""}, `the tag key "AWS:x" is reserved: AWS keeps those that begin with "aws:" for itself`},
		{"not AWS's own", ec2.Tags{"awsome": "aws:x"}, ""},
		{"two faults, the first key's told", ec2.Tags{"aws:b": "", "aws:a": ""}, `the tag key "aws:a" is reserved: AWS keeps those that begin with "aws:" for itself`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, message(ec2.CheckTags(tt.tags))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTags(t *testing.T) {
	tags := ec2.Tags{"Name": "web", "team": "blue"}
	if got := tags.Name(); got != "web" {
		t.Errorf("the name is %q, want %q", got, "web")
	}
	clone := tags.Clone()
	if !clone.Equal(tags) {
		t.Errorf("the clone differs:\n%s", cmp.Diff(tags, clone))
	}
	clone["Name"] = "db"
	if tags.Name() != "web" || clone.Equal(tags) {
		t.Error("the clone is not a copy")
	}
	var none ec2.Tags
	if none.Name() != "" || none.Clone() != nil || !none.Equal(ec2.Tags{}) {
		t.Error("nil is not the same as no tags")
	}
}
