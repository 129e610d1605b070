package ec2_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestCheckGroupName(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"web", ""},
		{"Web servers (blue) #2", ""},
		{"._-:/()#,@[]+=&;{}!$*", ""},
		{"default-web", ""},
		{"Default", ""},
		{"web-sg-1", ""},
		{strings.Repeat("n", 255), ""},
		{strings.Repeat("n", 256), "the name of a security group has at most 255 characters; this one has 256"},
		{"", "the name of a security group has to have at least one character"},
		{"sg-web", `the name of a security group cannot begin with "sg-", as its id does: "sg-web"`},
		{"default", `the name "default" belongs to the security group that every VPC has from the start`},
		{"web<1>", `the name of a security group cannot have '<' (character 4 of "web<1>"); it may have a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*`},
	} {
		if diff := cmp.Diff(tt.want, message(ec2.CheckGroupName(tt.name))); diff != "" {
			t.Errorf("CheckGroupName(%q): error (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestCheckGroupDescription(t *testing.T) {
	for _, tt := range []struct{ description, want string }{
		{"Managed by Terraform", ""},
		{"default", ""},
		{"sg-web", ""},
		{"", "the description of a security group has to have at least one character"},
		{"Allow TLS inbound & \"all\" outbound", `the description of a security group cannot have '"' (character 21 of "Allow TLS inbound & \"all\" outbound"); it may have a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*`},
	} {
		if diff := cmp.Diff(tt.want, message(ec2.CheckGroupDescription(tt.description))); diff != "" {
			t.Errorf("CheckGroupDescription(%q): error (-want +got):\n%s", tt.description, diff)
		}
	}
}

func TestCheckRuleDescription(t *testing.T) {
	for _, tt := range []struct{ description, want string }{
		{"", ""},
		{"SSH from the office", ""},
		{strings.Repeat("é", 256), "the description of a rule has at most 255 characters; this one has 256"},
		{"für den Büro-Zugang", `the description of a rule cannot have 'ü' (character 2 of "für den Büro-Zugang"); it may have a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*`},
		{"the café\n", `the description of a rule cannot have 'é' (character 8 of "the café\n"); it may have a-z, A-Z, 0-9, spaces and ._-:/()#,@[]+=&;{}!$*`},
	} {
		if diff := cmp.Diff(tt.want, message(ec2.CheckRuleDescription(tt.description))); diff != "" {
			t.Errorf("CheckRuleDescription(%q): error (-want +got):\n%s", tt.description, diff)
		}
	}
}
