package ec2_test

import (
	"bytes"
	"crypto/rand"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// message is the text of an error, or "" if there is none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestParseID(t *testing.T) {
	for _, tt := range []struct {
		id   string
		want ec2.IDPrefix
		err  string
	}{
		{id: "eni-0123456789abcdef0", want: ec2.PrefixNetworkInterface},
		{id: "eni-attach-0123456789abcdef0", want: ec2.PrefixAttachment},
		{id: "i-0a1b2c3d", want: ec2.PrefixInstance},
		{id: "vpc-cidr-assoc-0123456789abcdef0", want: ec2.PrefixVPCCIDRAssociation},
		{id: "pl-63a5400a", want: ec2.PrefixManagedPrefixList},
		{id: "", err: `"" is not a resource id: one has a prefix and a hyphen, such as "vpc-0123456789abcdef0"`},
		{id: "web", err: `"web" is not a resource id: one has a prefix and a hyphen, such as "vpc-0123456789abcdef0"`},
		{id: "vm-0123456789abcdef0", err: `"vm-0123456789abcdef0" is not a resource id: there is no resource whose ids begin with "vm-"`},
		{id: "-0123456789abcdef0", err: `"-0123456789abcdef0" is not a resource id: there is no resource whose ids begin with "-"`},
		{id: "i-0123456789ABCDEF0", err: `"i-0123456789ABCDEF0" is not a resource id: "i-" has to be followed by 17 (or, in old ids, 8) digits 0-9 and a-f, such as "i-0123456789abcdef0"`},
		{id: "sg-0123456789abcdef", err: `"sg-0123456789abcdef" is not a resource id: "sg-" has to be followed by 17 (or, in old ids, 8) digits 0-9 and a-f, such as "sg-0123456789abcdef0"`},
		{id: "sg-", err: `"sg-" is not a resource id: "sg-" has to be followed by 17 (or, in old ids, 8) digits 0-9 and a-f, such as "sg-0123456789abcdef0"`},
	} {
		t.Run(tt.id, func(t *testing.T) {
			got, err := ec2.ParseID(tt.id)
			if got != tt.want {
				t.Errorf("ParseID(%q) = %q, want %q", tt.id, got, tt.want)
			}
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckID(t *testing.T) {
	for _, tt := range []struct {
		name   string
		prefix ec2.IDPrefix
		id     string
		want   string
	}{
		{"the right kind", ec2.PrefixSubnet, "subnet-0123456789abcdef0", ""},
		{"an old one", ec2.PrefixSubnet, "subnet-01234567", ""},
		{"another kind", ec2.PrefixNetworkInterface, "sg-0123456789abcdef0",
			`"sg-0123456789abcdef0" is the id of a security group; the id of a network interface is needed, such as "eni-0123456789abcdef0"`},
		{"a longer prefix", ec2.PrefixNetworkInterface, "eni-attach-0123456789abcdef0",
			`"eni-attach-0123456789abcdef0" is the id of a network interface attachment; the id of a network interface is needed, such as "eni-0123456789abcdef0"`},
		{"a name", ec2.PrefixInstance, "web", `"web" is not the id of an instance, such as "i-0123456789abcdef0"`},
		{"a bad number", ec2.PrefixInstance, "i-web",
			`"i-web" is not a resource id: "i-" has to be followed by 17 (or, in old ids, 8) digits 0-9 and a-f, such as "i-0123456789abcdef0"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, message(ec2.CheckID(tt.prefix, tt.id))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewID(t *testing.T) {
	random := bytes.NewReader([]byte{0x0a, 0x1b, 0x2c, 0x3d, 0x4e, 0x5f, 0x60, 0x71})
	if got, want := ec2.NewID(ec2.PrefixNetworkInterface, random), "eni-00a1b2c3d4e5f6071"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, prefix := range []ec2.IDPrefix{ec2.PrefixAttachment, ec2.PrefixInstance, ec2.PrefixLaunchTemplate} {
		id := ec2.NewID(prefix, rand.Reader)
		if err := ec2.CheckID(prefix, id); err != nil {
			t.Errorf("a new id is none: %v", err)
		}
	}
}

func TestNewIDWithoutRandomness(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	ec2.NewID(ec2.PrefixVPC, bytes.NewReader([]byte{1, 2, 3}))
}

func TestDeriveID(t *testing.T) {
	const vpc = ec2.PrefixVPC
	id := ec2.DeriveID(vpc, "default", "us-east-1")
	if err := ec2.CheckID(vpc, id); err != nil {
		t.Error(err)
	}
	// Labs that exist hold this id: the derivation may not change.
	if want := "vpc-0468e5a2e43e82634"; id != want {
		t.Errorf("got %s, want %s", id, want)
	}
	for _, other := range []string{
		ec2.DeriveID(vpc, "default", "us-east-2"),
		ec2.DeriveID(vpc, "defaultus-east-1"),
		ec2.DeriveID(vpc, "defaul", "tus-east-1"),
		ec2.DeriveID(vpc, "default", "us-east-1", ""),
	} {
		if other == id {
			t.Errorf("different seeds give the same id, %s", id)
		}
	}
	if got, want := ec2.DeriveID(ec2.PrefixSubnet, "default", "us-east-1")[len("subnet-"):], id[len("vpc-"):]; got == want {
		t.Errorf("different prefixes give the same digits, %s", got)
	}
}

func TestAccountID(t *testing.T) {
	seen := map[string]string{}
	for _, lab := range []string{"", "default", "lesson-1", "lesson-2", "Lesson-1"} {
		id := ec2.AccountID(lab)
		if !regexp.MustCompile(`^[1-9][0-9]{11}$`).MatchString(id) {
			t.Errorf("lab %q: %q is not an account id", lab, id)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("labs %q and %q have the account id %s", lab, other, id)
		}
		seen[id] = lab
	}
	// Labs that exist have this account: the derivation may not change.
	if got, want := ec2.AccountID("default"), "908558601016"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"eni-0123456789abcdef0", "eni-attach-01234567", "i-web", "-", "", "sg-0123456g"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		prefix, err := ec2.ParseID(s)
		if err != nil {
			return
		}
		if err := ec2.CheckID(prefix, s); err != nil {
			t.Errorf("ParseID(%q) = %q, but %v", s, prefix, err)
		}
		if n := len(s) - len(prefix) - 1; n != 8 && n != 17 {
			t.Errorf("%q has %d digits", s, n)
		}
	})
}
