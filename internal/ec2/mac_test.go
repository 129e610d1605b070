package ec2_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestMACAddress(t *testing.T) {
	seen := map[string]string{}
	for i := range 200 {
		id := ec2.DeriveID(ec2.PrefixNetworkInterface, fmt.Sprint(i))
		for attempt := range 3 {
			mac := ec2.MACAddress(id, attempt)
			if parsed, err := ec2.ParseMAC(mac); err != nil || parsed != mac {
				t.Fatalf("ParseMAC(%q) = %q, %v", mac, parsed, err)
			}
			// The low bits of the first octet: 1 for locally administered, 0
			// for unicast.
			if !strings.ContainsRune("26ae", rune(mac[1])) {
				t.Errorf("%s is not a locally administered unicast address", mac)
			}
			if other, ok := seen[mac]; ok {
				t.Errorf("%s: attempt %d of %s and %s", mac, attempt, id, other)
			}
			seen[mac] = id
		}
	}
	// A plan may say it and an apply repeat it: the derivation may not change.
	if got, want := ec2.MACAddress("eni-0123456789abcdef0", 0), "ce:f0:6b:0b:34:b4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseMAC(t *testing.T) {
	for _, tt := range []struct{ mac, want, err string }{
		{mac: "0a:7f:c8:43:55:ea", want: "0a:7f:c8:43:55:ea"},
		{mac: "0A-7F-C8-43-55-EA", want: "0a:7f:c8:43:55:ea"},
		{mac: "0a7f.c843.55ea", want: "0a:7f:c8:43:55:ea"},
		{mac: "0a:7f:c8:43:55", err: `"0a:7f:c8:43:55" is not a MAC address, such as "0a:7f:c8:43:55:ea"`},
		{mac: "02:00:5e:10:00:00:00:01", err: `"02:00:5e:10:00:00:00:01" is not a MAC address, such as "0a:7f:c8:43:55:ea"`},
		{mac: "", err: `"" is not a MAC address, such as "0a:7f:c8:43:55:ea"`},
	} {
		got, err := ec2.ParseMAC(tt.mac)
		if got != tt.want {
			t.Errorf("ParseMAC(%q) = %q, want %q", tt.mac, got, tt.want)
		}
		if diff := cmp.Diff(tt.err, message(err)); diff != "" {
			t.Errorf("ParseMAC(%q): error (-want +got):\n%s", tt.mac, diff)
		}
	}
}

func FuzzParseMAC(f *testing.F) {
	for _, s := range []string{"0a:7f:c8:43:55:ea", "0A-7F-C8-43-55-EA", "0a7f.c843.55ea", "02:00:5e:10:00:00:00:01", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		mac, err := ec2.ParseMAC(s)
		if err != nil {
			return
		}
		if again, err := ec2.ParseMAC(mac); err != nil || again != mac {
			t.Errorf("ParseMAC(%q) = %q, which parses as %q, %v", s, mac, again, err)
		}
		if len(mac) != len("00:00:00:00:00:00") || mac != strings.ToLower(mac) {
			t.Errorf("ParseMAC(%q) = %q", s, mac)
		}
	})
}
