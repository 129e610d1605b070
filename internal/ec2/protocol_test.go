package ec2_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestNormalizeProtocol(t *testing.T) {
	for _, tt := range []struct{ protocol, want, err string }{
		{protocol: "tcp", want: "tcp"},
		{protocol: "TCP", want: "tcp"},
		{protocol: "6", want: "tcp"},
		{protocol: "17", want: "udp"},
		{protocol: "1", want: "icmp"},
		{protocol: "58", want: "icmpv6"},
		{protocol: "ICMPv6", want: "icmpv6"},
		{protocol: "-1", want: "-1"},
		{protocol: "all", want: "-1"},
		{protocol: "ALL", want: "-1"},
		{protocol: "0", want: "0"},
		{protocol: "50", want: "50"},
		{protocol: "255", want: "255"},
		{protocol: "256", err: `"256" is not a protocol: numbers go from 0 to 255, and "-1" stands for all`},
		{protocol: "-2", err: `"-2" is not a protocol: numbers go from 0 to 255, and "-1" stands for all`},
		{protocol: "ESP", err: `EC2 does not know the protocol "ESP" by name; write its number, "50"`},
		{protocol: "006", err: `"006" is not a protocol; write tcp, udp, icmp, icmpv6, "-1" for all, or a protocol number from 0 to 255`},
		{protocol: "http", err: `"http" is not a protocol; write tcp, udp, icmp, icmpv6, "-1" for all, or a protocol number from 0 to 255`},
		{protocol: "", err: `"" is not a protocol; write tcp, udp, icmp, icmpv6, "-1" for all, or a protocol number from 0 to 255`},
	} {
		t.Run(tt.protocol, func(t *testing.T) {
			got, err := ec2.NormalizeProtocol(tt.protocol)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckPorts(t *testing.T) {
	for _, tt := range []struct {
		protocol string
		from, to int
		want     string
	}{
		{"tcp", 22, 22, ""},
		{"tcp", 0, 65535, ""},
		{"6", 443, 443, ""},
		{"tcp", -1, -1, "tcp ports go from 0 to 65535, not -1 to -1; all ports are 0 to 65535"},
		{"udp", 0, 65536, "udp ports go from 0 to 65535, not 0 to 65536; all ports are 0 to 65535"},
		{"udp", 90, 80, "a port range goes up, and 90 to 80 goes down; did you mean 80 to 90?"},

		{"-1", 0, 0, ""},
		{"all", -1, -1, ""},
		{"-1", 0, 65535, `all protocols have no ports: with protocol "-1" leave out ports 0 to 65535, or name the protocol they belong to`},
		{"-1", 22, 22, `all protocols have no ports: with protocol "-1" leave out ports 22 to 22, or name the protocol they belong to`},
		{"-1", -1, 0, `all protocols have no ports: with protocol "-1" leave out ports -1 to 0, or name the protocol they belong to`},

		{"icmp", -1, -1, ""},
		{"icmp", 8, 0, ""},
		{"icmp", 3, -1, ""},
		{"icmpv6", 255, 255, ""},
		{"icmp", 256, 0, "the icmp type (the from port) is 256; it goes from 0 to 255, and -1 stands for all types"},
		{"icmpv6", 128, -2, "the icmpv6 code (the to port) is -2; it goes from 0 to 255, and -1 stands for all codes"},
		{"icmp", -1, 0, "the icmp code 0 belongs to no type: with all types (from port -1), the code (to port) has to be -1 too"},

		{"50", -1, -1, ""},
		{"50", 0, 0, ""},
		{"50", 9, 8, ""},
		{"50", 0, 70000, "ports go from -1 to 65535, not 0 to 70000; protocol 50 has none, so leave them out"},
		{"esp", 0, 0, `EC2 does not know the protocol "esp" by name; write its number, "50"`},
	} {
		t.Run(fmt.Sprint(tt.protocol, " ", tt.from, " ", tt.to), func(t *testing.T) {
			if diff := cmp.Diff(tt.want, message(ec2.CheckPorts(tt.protocol, tt.from, tt.to))); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzNormalizeProtocol(f *testing.F) {
	for _, s := range []string{"tcp", "ALL", "-1", "58", "+6", "006", "256", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ec2.NormalizeProtocol(s)
		if err != nil {
			return
		}
		if again, err := ec2.NormalizeProtocol(p); err != nil || again != p {
			t.Errorf("NormalizeProtocol(%q) = %q, which becomes %q, %v", s, p, again, err)
		}
	})
}

func FuzzCheckPorts(f *testing.F) {
	f.Add("tcp", 22, 22)
	f.Add("-1", 0, 65535)
	f.Add("icmp", 8, -1)
	f.Fuzz(func(t *testing.T, protocol string, from, to int) {
		if ec2.CheckPorts(protocol, from, to) != nil {
			return
		}
		p, err := ec2.NormalizeProtocol(protocol)
		if err != nil {
			t.Fatal(err)
		}
		if ec2.CheckPorts(p, from, to) != nil {
			t.Errorf("%d to %d are ports of %q, but not of %q", from, to, protocol, p)
		}
		if from < -1 || to < -1 || from > 65535 || to > 65535 {
			t.Errorf("%d to %d are ports of %q", from, to, protocol)
		}
	})
}
