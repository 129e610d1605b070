package ec2

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Region is the name of an AWS Region, such as "us-east-1". A region AWS does
// not have works like any other, so that a lesson may make one up.
type Region string

// Zone is an Availability Zone of a region.
type Zone struct {
	Name   string // "us-east-1a"
	ID     string // "use1-az1"
	Region Region
}

type regionFacts struct {
	description string
	letters     string // of its Availability Zones
}

// defaultLetters are the zones of a region AWS does not have.
const defaultLetters = "abc"

// knownRegions are the public regions of AWS, AWS China and AWS GovCloud (US),
// from the lists of Regions and Availability Zones in AWS's documentation.
//
// A few regions have zones that only old accounts see. Here every lab sees
// what a new account does: ap-northeast-1 and ca-central-1 have lost a letter,
// and of the zones a, b and c of us-west-1 an account gets two. Which two
// varies; here they are a and c.
var knownRegions = map[Region]regionFacts{
	"af-south-1":     {"Africa (Cape Town)", "abc"},
	"ap-east-1":      {"Asia Pacific (Hong Kong)", "abc"},
	"ap-east-2":      {"Asia Pacific (Taipei)", "abc"},
	"ap-northeast-1": {"Asia Pacific (Tokyo)", "acd"},
	"ap-northeast-2": {"Asia Pacific (Seoul)", "abcd"},
	"ap-northeast-3": {"Asia Pacific (Osaka)", "abc"},
	"ap-south-1":     {"Asia Pacific (Mumbai)", "abc"},
	"ap-south-2":     {"Asia Pacific (Hyderabad)", "abc"},
	"ap-southeast-1": {"Asia Pacific (Singapore)", "abc"},
	"ap-southeast-2": {"Asia Pacific (Sydney)", "abc"},
	"ap-southeast-3": {"Asia Pacific (Jakarta)", "abc"},
	"ap-southeast-4": {"Asia Pacific (Melbourne)", "abc"},
	"ap-southeast-5": {"Asia Pacific (Malaysia)", "abc"},
	"ap-southeast-6": {"Asia Pacific (New Zealand)", "abc"},
	"ap-southeast-7": {"Asia Pacific (Thailand)", "abc"},
	"ca-central-1":   {"Canada (Central)", "abd"},
	"ca-west-1":      {"Canada West (Calgary)", "abc"},
	"cn-north-1":     {"China (Beijing)", "abd"},
	"cn-northwest-1": {"China (Ningxia)", "abc"},
	"eu-central-1":   {"Europe (Frankfurt)", "abc"},
	"eu-central-2":   {"Europe (Zurich)", "abc"},
	"eu-north-1":     {"Europe (Stockholm)", "abc"},
	"eu-south-1":     {"Europe (Milan)", "abc"},
	"eu-south-2":     {"Europe (Spain)", "abc"},
	"eu-west-1":      {"Europe (Ireland)", "abc"},
	"eu-west-2":      {"Europe (London)", "abc"},
	"eu-west-3":      {"Europe (Paris)", "abc"},
	"il-central-1":   {"Israel (Tel Aviv)", "abc"},
	"me-central-1":   {"Middle East (UAE)", "abc"},
	"me-south-1":     {"Middle East (Bahrain)", "abc"},
	"mx-central-1":   {"Mexico (Central)", "abc"},
	"sa-east-1":      {"South America (Sao Paulo)", "abc"},
	"us-east-1":      {"US East (N. Virginia)", "abcdef"},
	"us-east-2":      {"US East (Ohio)", "abc"},
	"us-gov-east-1":  {"AWS GovCloud (US-East)", "abc"},
	"us-gov-west-1":  {"AWS GovCloud (US-West)", "abc"},
	"us-west-1":      {"US West (N. California)", "ac"},
	"us-west-2":      {"US West (Oregon)", "abcd"},
}

const regionPattern = `[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}`

var (
	regionName   = regexp.MustCompile(`^` + regionPattern + `$`)
	zoneName     = regexp.MustCompile(`^(` + regionPattern + `)[a-z]$`)
	edgeZoneName = regexp.MustCompile(`^` + regionPattern + `-[a-z0-9-]+$`) // "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1"
)

// ParseRegion accepts every well-formed name, of a region AWS has or not.
func ParseRegion(s string) (Region, error) {
	if regionName.MatchString(s) {
		return Region(s), nil
	}
	if zone := zoneName.FindStringSubmatch(s); zone != nil {
		return "", fmt.Errorf("%q is an Availability Zone; its region is %q", s, zone[1])
	}
	if lower := strings.ToLower(strings.TrimSpace(s)); lower != s && regionName.MatchString(lower) {
		return "", fmt.Errorf("%q is not a region; did you mean %q?", s, lower)
	}
	return "", fmt.Errorf("%q is not a region, such as %q", s, "us-east-1")
}

// ParseZoneName returns the region a zone's name belongs to. Whether the
// region has that zone is for [Region.Zone] to say.
func ParseZoneName(s string) (Region, error) {
	if zone := zoneName.FindStringSubmatch(s); zone != nil {
		return Region(zone[1]), nil
	}
	switch {
	case regionName.MatchString(s):
		return "", fmt.Errorf("%q is a region; an Availability Zone has a letter after it, such as %q", s, s+"a")
	case edgeZoneName.MatchString(s):
		return "", fmt.Errorf("%q is not an Availability Zone, such as %q; Local Zones and Wavelength Zones are not simulated", s, "us-east-1a")
	}
	return "", fmt.Errorf("%q is not an Availability Zone, such as %q", s, "us-east-1a")
}

// Regions returns the regions AWS has, sorted.
func Regions() []Region { return slices.Sorted(maps.Keys(knownRegions)) }

// Known reports whether AWS has the region.
func (r Region) Known() bool {
	_, ok := knownRegions[r]
	return ok
}

// Description is the name AWS shows to people, such as "US East (N.
// Virginia)". It is empty for a region AWS does not have.
func (r Region) Description() string { return knownRegions[r].description }

// Zones returns the Availability Zones by name. A region AWS does not have has
// three: a, b and c.
//
// The number in a zone's id is its letter's place in the alphabet. That is so
// in most AWS Regions; in the oldest ones it depends on the account, since AWS
// used to shuffle the letters.
func (r Region) Zones() []Zone {
	letters := cmp.Or(knownRegions[r].letters, defaultLetters)
	zones := make([]Zone, 0, len(letters))
	for _, letter := range letters {
		zones = append(zones, Zone{
			Name:   string(r) + string(letter),
			ID:     fmt.Sprintf("%s-az%d", r.abbreviation(), letter-'a'+1),
			Region: r,
		})
	}
	return zones
}

// Zone returns the zone of that name. The error lists the zones there are.
func (r Region) Zone(name string) (Zone, error) {
	zones := r.Zones()
	for _, z := range zones {
		if z.Name == name {
			return z, nil
		}
	}
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = z.Name
	}
	of, err := ParseZoneName(name)
	switch {
	case err != nil:
		return Zone{}, fmt.Errorf("%w; the zones of %s are %s", err, r, joinWords(names, "and"))
	case of != r:
		return Zone{}, fmt.Errorf("%q is a zone of %s, not of %s, whose zones are %s", name, of, r, joinWords(names, "and"))
	}
	return Zone{}, fmt.Errorf("%s has no zone %q; its zones are %s", r, name, joinWords(names, "and"))
}

// ZoneByID returns the zone with an id such as "use1-az1". The error lists
// the ids there are.
func (r Region) ZoneByID(id string) (Zone, error) {
	zones := r.Zones()
	ids := make([]string, len(zones))
	for i, z := range zones {
		if z.ID == id {
			return z, nil
		}
		ids[i] = z.ID
	}
	return Zone{}, fmt.Errorf("%s has no zone with the id %q; the ids of its zones are %s", r, id, joinWords(ids, "and"))
}

// Partition is the part of AWS the region belongs to, as in ARNs: "aws",
// "aws-cn" or "aws-us-gov".
func (r Region) Partition() string {
	switch {
	case strings.HasPrefix(string(r), "cn-"):
		return "aws-cn"
	case strings.HasPrefix(string(r), "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// abbreviation is the region's name in zone ids: "use1" for us-east-1, "apne1"
// for ap-northeast-1, "usgw1" for us-gov-west-1.
func (r Region) abbreviation() string {
	parts := strings.Split(string(r), "-")
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i == 0 || i == len(parts)-1:
			b.WriteString(part)
		case part == "northeast":
			b.WriteString("ne")
		case part == "northwest":
			b.WriteString("nw")
		case part == "southeast":
			b.WriteString("se")
		case part == "southwest":
			b.WriteString("sw")
		case part != "":
			b.WriteByte(part[0])
		}
	}
	return b.String()
}

// joinWords writes a list as prose: "a", "a and b", "a, b and c".
func joinWords(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
