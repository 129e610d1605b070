package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestLookupInstanceType(t *testing.T) {
	cards := func(interfaces ...int) []ec2.NetworkCard {
		var cs []ec2.NetworkCard
		for _, n := range interfaces {
			cs = append(cs, ec2.NetworkCard{MaximumNetworkInterfaces: n})
		}
		return cs
	}
	for _, want := range []ec2.InstanceType{
		{Name: "t3.micro", MaximumNetworkInterfaces: 2, IPv4AddressesPerInterface: 2, NetworkCards: cards(2), Hypervisor: "nitro"},
		{Name: "t2.micro", MaximumNetworkInterfaces: 2, IPv4AddressesPerInterface: 2, NetworkCards: cards(2), Hypervisor: "xen"},
		{Name: "t3.small", MaximumNetworkInterfaces: 3, IPv4AddressesPerInterface: 4, NetworkCards: cards(3), Hypervisor: "nitro"},
		{Name: "t3a.small", MaximumNetworkInterfaces: 2, IPv4AddressesPerInterface: 4, NetworkCards: cards(2), Hypervisor: "nitro"},
		{Name: "m5.large", MaximumNetworkInterfaces: 3, IPv4AddressesPerInterface: 10, NetworkCards: cards(3), Hypervisor: "nitro"},
		{Name: "c5.metal", MaximumNetworkInterfaces: 15, IPv4AddressesPerInterface: 50, NetworkCards: cards(15), BareMetal: true},
		{Name: "p4d.24xlarge", MaximumNetworkInterfaces: 60, IPv4AddressesPerInterface: 50, NetworkCards: cards(15, 15, 15, 15), Hypervisor: "nitro"},
		{Name: "c6in.32xlarge", MaximumNetworkInterfaces: 16, IPv4AddressesPerInterface: 50, NetworkCards: cards(8, 8), Hypervisor: "nitro"},
	} {
		t.Run(want.Name, func(t *testing.T) {
			got, err := ec2.LookupInstanceType(want.Name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLookupInstanceTypeUnknown(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"t3.mirco", `"t3.mirco" is not an instance type; did you mean "t3.micro"?`},
		{"T3.Micro", `"T3.Micro" is not an instance type; did you mean "t3.micro"?`},
		{"t3micro", `"t3micro" is not an instance type; did you mean "t3.micro"?`},
		{"t5.micro", `"t5.micro" is not an instance type; did you mean "t1.micro", "t2.micro" or "t3.micro"?`},
		{"t3.enormous", `"t3.enormous" is not an instance type; there is t3.nano, t3.micro, t3.small, t3.medium, t3.large, t3.xlarge and t3.2xlarge`},
		{"t3", `"t3" is not an instance type; there is t3.nano, t3.micro, t3.small, t3.medium, t3.large, t3.xlarge and t3.2xlarge`},
		{"small", `"small" is not an instance type; one is a family and a size, such as "t3.micro"`},
		{"", `"" is not an instance type; one is a family and a size, such as "t3.micro"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ec2.LookupInstanceType(tt.name)
			if diff := cmp.Diff(tt.want, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInstanceTypes(t *testing.T) {
	var names []string
	for it := range ec2.InstanceTypes() {
		names = append(names, it.Name)
		if found, err := ec2.LookupInstanceType(it.Name); err != nil || !cmp.Equal(found, it) {
			t.Errorf("LookupInstanceType(%q) = %v, %v", it.Name, found, err)
		}
		var onCards int
		for _, card := range it.NetworkCards {
			onCards += card.MaximumNetworkInterfaces
		}
		if onCards != it.MaximumNetworkInterfaces || onCards == 0 || it.IPv4AddressesPerInterface == 0 {
			t.Errorf("%+v does not add up", it)
		}
		if (it.Hypervisor == "") != it.BareMetal {
			t.Errorf("%s: hypervisor %q, bare metal %v", it.Name, it.Hypervisor, it.BareMetal)
		}
	}
	if !slices.IsSorted(names) {
		t.Error("the types are not sorted")
	}
	if len(names) < 1000 {
		t.Errorf("%d types only", len(names))
	}
}

func TestArchitecture(t *testing.T) {
	for architecture, families := range map[string]string{
		"arm64": "a1 t4g m6g m6gd c6gn m7g c7gd r8g c8gb x2gd x8g im4gn is4gen i4g i8ge g5g hpc7g m9g",
		"x86_64": "t1 t2 t3 t3a m5 m5zn c6in m7i m7i-flex g4dn g5 g6 g6e g7e gr6 gr6f p5en p6-b200 hpc7a hpc6id inf2 trn2 " +
			"u-12tb1 u7in-16tb bmn-sf1 i7ie z1d",
		"x86_64_mac": "mac1",
		"arm64_mac":  "mac2 mac2-m2pro mac-m4 mac-m3ultra",
	} {
		for family := range strings.FieldsSeq(families) {
			it := ec2.InstanceType{Name: family + ".large"}
			if got := it.Architecture(); got != architecture {
				t.Errorf("%s: got %s, want %s", family, got, architecture)
			}
		}
	}
}

func FuzzLookupInstanceType(f *testing.F) {
	for _, s := range []string{"t3.micro", "t3", "T3.MICRO", "t3.micor", "", ".", "m5.large "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		it, err := ec2.LookupInstanceType(s)
		switch {
		case err == nil && it.Name != s:
			t.Errorf("LookupInstanceType(%q) found %q", s, it.Name)
		case err != nil && it.Name != "":
			t.Errorf("LookupInstanceType(%q) = %q and %v", s, it.Name, err)
		}
	})
}

// What a person waits for when a type is misspelled: a comparison with every
// type there is.
func BenchmarkLookupInstanceTypeUnknown(b *testing.B) {
	for b.Loop() {
		if _, err := ec2.LookupInstanceType("t3.mirco"); err == nil {
			b.Fatal("found")
		}
	}
}
