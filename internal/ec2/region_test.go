package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

func TestParseRegion(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  string
	}{
		{"us-east-1", ""},
		{"us-west-3", ""},
		{"us-gov-west-1", ""},
		{"eusc-de-east-1", ""},
		{"mars-north-12", ""},
		{"us-east-1a", `"us-east-1a" is an Availability Zone; its region is "us-east-1"`},
		{"US-East-1", `"US-East-1" is not a region; did you mean "us-east-1"?`},
		{" us-east-1", `" us-east-1" is not a region; did you mean "us-east-1"?`},
		{"virginia", `"virginia" is not a region, such as "us-east-1"`},
		{"us-east", `"us-east" is not a region, such as "us-east-1"`},
		{"us-1", `"us-1" is not a region, such as "us-east-1"`},
		{"us-east-123", `"us-east-123" is not a region, such as "us-east-1"`},
		{"", `"" is not a region, such as "us-east-1"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ec2.ParseRegion(tt.name)
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if err == nil && string(got) != tt.name {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestParseZoneName(t *testing.T) {
	for _, tt := range []struct {
		name string
		want ec2.Region
		err  string
	}{
		{name: "us-east-1a", want: "us-east-1"},
		{name: "us-gov-east-1c", want: "us-gov-east-1"},
		{name: "us-west-3z", want: "us-west-3"},
		{name: "us-east-1", err: `"us-east-1" is a region; an Availability Zone has a letter after it, such as "us-east-1a"`},
		{name: "us-west-2-lax-1a", err: `"us-west-2-lax-1a" is not an Availability Zone, such as "us-east-1a"; Local Zones and Wavelength Zones are not simulated`},
		{name: "us-east-1-wl1-bos-wlz-1", err: `"us-east-1-wl1-bos-wlz-1" is not an Availability Zone, such as "us-east-1a"; Local Zones and Wavelength Zones are not simulated`},
		{name: "a", err: `"a" is not an Availability Zone, such as "us-east-1a"`},
		{name: "us-east-1A", err: `"us-east-1A" is not an Availability Zone, such as "us-east-1a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ec2.ParseZoneName(tt.name)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(tt.err, message(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZones(t *testing.T) {
	for _, tt := range []struct {
		region ec2.Region
		want   string // name=id
	}{
		{"us-east-1", "us-east-1a=use1-az1 us-east-1b=use1-az2 us-east-1c=use1-az3 us-east-1d=use1-az4 us-east-1e=use1-az5 us-east-1f=use1-az6"},
		{"us-west-1", "us-west-1a=usw1-az1 us-west-1c=usw1-az3"},
		{"us-west-2", "us-west-2a=usw2-az1 us-west-2b=usw2-az2 us-west-2c=usw2-az3 us-west-2d=usw2-az4"},
		{"ca-central-1", "ca-central-1a=cac1-az1 ca-central-1b=cac1-az2 ca-central-1d=cac1-az4"},
		{"ap-northeast-1", "ap-northeast-1a=apne1-az1 ap-northeast-1c=apne1-az3 ap-northeast-1d=apne1-az4"},
		{"ap-southeast-7", "ap-southeast-7a=apse7-az1 ap-southeast-7b=apse7-az2 ap-southeast-7c=apse7-az3"},
		{"cn-northwest-1", "cn-northwest-1a=cnnw1-az1 cn-northwest-1b=cnnw1-az2 cn-northwest-1c=cnnw1-az3"},
		{"us-gov-west-1", "us-gov-west-1a=usgw1-az1 us-gov-west-1b=usgw1-az2 us-gov-west-1c=usgw1-az3"},
		{"us-gov-east-1", "us-gov-east-1a=usge1-az1 us-gov-east-1b=usge1-az2 us-gov-east-1c=usge1-az3"},
		{"us-west-3", "us-west-3a=usw3-az1 us-west-3b=usw3-az2 us-west-3c=usw3-az3"},
	} {
		t.Run(string(tt.region), func(t *testing.T) {
			var got []string
			for _, z := range tt.region.Zones() {
				got = append(got, z.Name+"="+z.ID)
			}
			if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
				t.Errorf("zones (-want +got):\n%s", diff)
			}
		})
	}
}

func TestZone(t *testing.T) {
	const east = ec2.Region("us-east-2")
	want := ec2.Zone{Name: "us-east-2b", ID: "use2-az2", Region: east}
	for _, find := range []func() (ec2.Zone, error){
		func() (ec2.Zone, error) { return east.Zone("us-east-2b") },
		func() (ec2.Zone, error) { return east.ZoneByID("use2-az2") },
	} {
		got, err := find()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("zone (-want +got):\n%s", diff)
		}
	}

	for _, tt := range []struct{ name, want string }{
		{"us-east-2d", `us-east-2 has no zone "us-east-2d"; its zones are us-east-2a, us-east-2b and us-east-2c`},
		{"us-east-1a", `"us-east-1a" is a zone of us-east-1, not of us-east-2, whose zones are us-east-2a, us-east-2b and us-east-2c`},
		{"b", `"b" is not an Availability Zone, such as "us-east-1a"; the zones of us-east-2 are us-east-2a, us-east-2b and us-east-2c`},
	} {
		_, err := east.Zone(tt.name)
		if diff := cmp.Diff(tt.want, message(err)); diff != "" {
			t.Errorf("zone %q: error (-want +got):\n%s", tt.name, diff)
		}
	}
	_, err := east.ZoneByID("use2-az9")
	if diff := cmp.Diff(`us-east-2 has no zone with the id "use2-az9"; the ids of its zones are use2-az1, use2-az2 and use2-az3`, message(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

func TestRegions(t *testing.T) {
	regions := ec2.Regions()
	if !slices.IsSorted(regions) {
		t.Errorf("not sorted: %v", regions)
	}
	ids := map[string]string{}
	for _, r := range regions {
		if !r.Known() || r.Description() == "" {
			t.Errorf("%s is not known", r)
		}
		if parsed, err := ec2.ParseRegion(string(r)); err != nil || parsed != r {
			t.Errorf("ParseRegion(%q) = %q, %v", r, parsed, err)
		}
		if n := len(r.Zones()); n < 2 {
			t.Errorf("%s has %d zones", r, n)
		}
		for _, z := range r.Zones() {
			if other, ok := ids[z.ID]; ok {
				t.Errorf("%s and %s have the id %s", z.Name, other, z.ID)
			}
			ids[z.ID] = z.Name
			if of, err := ec2.ParseZoneName(z.Name); err != nil || of != r {
				t.Errorf("ParseZoneName(%q) = %q, %v; want %q", z.Name, of, err, r)
			}
		}
	}
	if made := ec2.Region("us-west-3"); made.Known() || made.Description() != "" {
		t.Errorf("%s is known, as %q", made, made.Description())
	}
}

func FuzzParseRegion(f *testing.F) {
	for _, s := range []string{"us-east-1", "us-gov-west-1", "us-west-3", "us-east-1a", "US-EAST-1", "us-east-1\n", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ec2.ParseRegion(s)
		if err != nil {
			return
		}
		if string(r) != s {
			t.Errorf("ParseRegion(%q) = %q", s, r)
		}
		for _, z := range r.Zones() {
			if of, err := ec2.ParseZoneName(z.Name); err != nil || of != r {
				t.Errorf("zone %s of %s is said to be of %q (%v)", z.Name, r, of, err)
			}
			if found, err := r.Zone(z.Name); err != nil || found != z {
				t.Errorf("%s.Zone(%q) = %v, %v", r, z.Name, found, err)
			}
		}
	})
}

func FuzzParseZoneName(f *testing.F) {
	for _, s := range []string{"us-east-1a", "us-east-1", "us-west-2-lax-1a", "a", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ec2.ParseZoneName(s)
		if err != nil {
			return
		}
		if _, err := ec2.ParseRegion(string(r)); err != nil {
			t.Errorf("zone %q: %v", s, err)
		}
		if letter, ok := strings.CutPrefix(s, string(r)); !ok || len(letter) != 1 {
			t.Errorf("zone %q is said to be of %s", s, r)
		}
	})
}
