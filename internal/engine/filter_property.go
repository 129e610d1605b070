package engine

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// The filters of each Describe action, by the names in the EC2 API Reference
// with the older spellings EC2 still takes.

var zoneProperties = properties[ec2.Zone]{
	"group-name":       one(ZoneGroupName),
	"message":          never[ec2.Zone],
	"opt-in-status":    always[ec2.Zone]("opt-in-not-required"),
	"parent-zone-id":   never[ec2.Zone],
	"parent-zone-name": never[ec2.Zone],
	"region-name":      one(func(z ec2.Zone) string { return string(z.Region) }),
	"state":            always[ec2.Zone]("available"),
	"zone-id":          one(func(z ec2.Zone) string { return z.ID }),
	"zone-name":        one(func(z ec2.Zone) string { return z.Name }),
	"zone-type":        always[ec2.Zone]("availability-zone"),
}

var vpcProperties = properties[*ec2.VPC]{
	"cidr":                              vpcCIDR,
	"cidr-block":                        vpcCIDR,
	"cidr-block-association.cidr-block": vpcCIDR,
	"cidr-block-association.state":      always[*ec2.VPC]("associated"),
	"dhcp-options-id":                   one(func(v *ec2.VPC) string { return v.DHCPOptionsID }),
	"ipv6-cidr-block-association.association-id":  never[*ec2.VPC],
	"ipv6-cidr-block-association.ipv6-cidr-block": never[*ec2.VPC],
	"ipv6-cidr-block-association.state":           never[*ec2.VPC],
	"is-default":                                  vpcIsDefault,
	"isDefault":                                   vpcIsDefault,
	"owner-id":                                    ownerID[*ec2.VPC],
	"state":                                       always[*ec2.VPC]("available"),
	"vpc-id":                                      objectID[*ec2.VPC],
}

var (
	vpcCIDR      = one(func(v *ec2.VPC) string { return v.CIDRBlock.String() })
	vpcIsDefault = one(func(v *ec2.VPC) string { return strconv.FormatBool(v.IsDefault) })
)

var subnetProperties = properties[*ec2.Subnet]{
	"availability-zone":    subnetZone,
	"availabilityZone":     subnetZone,
	"availability-zone-id": subnetZoneID,
	"availabilityZoneId":   subnetZoneID,
	"available-ip-address-count": func(tx *ReadTx, s *ec2.Subnet) []string {
		return []string{strconv.Itoa(tx.AvailableIPAddressCount(s.ID))}
	},
	"cidr":                    subnetCIDR,
	"cidr-block":              subnetCIDR,
	"cidrBlock":               subnetCIDR,
	"default-for-az":          subnetIsDefault,
	"defaultForAz":            subnetIsDefault,
	"ipv6-native":             always[*ec2.Subnet]("false"),
	"map-public-ip-on-launch": one(func(s *ec2.Subnet) string { return strconv.FormatBool(s.MapPublicIPOnLaunch) }),
	"outpost-arn":             never[*ec2.Subnet],
	"owner-id":                ownerID[*ec2.Subnet],
	"state":                   always[*ec2.Subnet]("available"),
	"subnet-arn":              one((*ec2.Subnet).ARN),
	"subnet-id":               objectID[*ec2.Subnet],
	"vpc-id":                  one(func(s *ec2.Subnet) string { return s.VPCID }),
}

var (
	subnetZone      = one(func(s *ec2.Subnet) string { return s.AvailabilityZone })
	subnetZoneID    = one(func(s *ec2.Subnet) string { return s.AvailabilityZoneID })
	subnetCIDR      = one(func(s *ec2.Subnet) string { return s.CIDRBlock.String() })
	subnetIsDefault = one(func(s *ec2.Subnet) string { return strconv.FormatBool(s.DefaultForAZ) })
)

var groupProperties = withRuleProperties(properties[*ec2.SecurityGroup]{
	"description": one(func(g *ec2.SecurityGroup) string { return g.Description }),
	"group-id":    objectID[*ec2.SecurityGroup],
	"group-name":  one(func(g *ec2.SecurityGroup) string { return g.Name }),
	"owner-id":    ownerID[*ec2.SecurityGroup],
	"vpc-id":      one(func(g *ec2.SecurityGroup) string { return g.VPCID }),
})

// withRuleProperties adds the filters on the rules of a group, for ingress
// under ip-permission and for egress under egress.ip-permission. A group has
// the values of all its rules.
func withRuleProperties(known properties[*ec2.SecurityGroup]) properties[*ec2.SecurityGroup] {
	port := func(r *ec2.SecurityGroupRule, n int) string {
		if r.IPProtocol == ec2.ProtocolAll {
			return "" // all protocols have no ports
		}
		return strconv.Itoa(n)
	}
	ofRule := map[string]func(*ReadTx, *ec2.SecurityGroupRule) string{
		"cidr":           func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return prefixText(r.CIDRIPv4) },
		"from-port":      func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return port(r, r.FromPort) },
		"group-id":       func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return r.ReferencedGroupID },
		"group-name":     func(tx *ReadTx, r *ec2.SecurityGroupRule) string { return tx.groupName(r.ReferencedGroupID) },
		"ipv6-cidr":      func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return prefixText(r.CIDRIPv6) },
		"prefix-list-id": func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return r.PrefixListID },
		"protocol":       func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return r.IPProtocol },
		"to-port":        func(_ *ReadTx, r *ec2.SecurityGroupRule) string { return port(r, r.ToPort) },
		"user-id": func(_ *ReadTx, r *ec2.SecurityGroupRule) string {
			if r.ReferencedGroupID == "" {
				return ""
			}
			return r.OwnerID
		},
	}
	for name, value := range ofRule {
		for prefix, egress := range map[string]bool{"ip-permission.": false, "egress.ip-permission.": true} {
			known[prefix+name] = func(tx *ReadTx, g *ec2.SecurityGroup) []string {
				var values []string
				for _, r := range tx.SecurityGroupRules(g.ID, egress) {
					values = append(values, some(value(tx, r))...)
				}
				return values
			}
		}
	}
	return known
}

var interfaceProperties = properties[*ec2.NetworkInterface]{
	"addresses.association.owner-id":  never[*ec2.NetworkInterface],
	"addresses.association.public-ip": never[*ec2.NetworkInterface],
	"addresses.primary":               interfaceRanks,
	"addresses.private-ip-address":    interfaceAddresses,
	"association.allocation-id":       never[*ec2.NetworkInterface],
	"association.association-id":      never[*ec2.NetworkInterface],
	"association.ip-owner-id":         never[*ec2.NetworkInterface],
	"association.public-dns-name":     never[*ec2.NetworkInterface],
	"association.public-ip":           never[*ec2.NetworkInterface],
	"attachment.attach-time":          attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string { return timestamp(a.AttachTime) }),
	"attachment.attachment-id":        attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string { return a.ID }),
	"attachment.delete-on-termination": attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string {
		return strconv.FormatBool(a.DeleteOnTermination)
	}),
	"attachment.device-index":       attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string { return strconv.Itoa(a.DeviceIndex) }),
	"attachment.instance-id":        attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string { return a.InstanceID }),
	"attachment.instance-owner-id":  attached(func(n *ec2.NetworkInterface, _ *ec2.Attachment) string { return n.OwnerID }),
	"attachment.network-card-index": attached(func(_ *ec2.NetworkInterface, a *ec2.Attachment) string { return strconv.Itoa(a.NetworkCardIndex) }),
	"attachment.status": func(_ *ReadTx, n *ec2.NetworkInterface) []string {
		if n.Attachment == nil {
			return []string{"detached"}
		}
		return []string{"attached"}
	},
	"availability-zone": one(func(n *ec2.NetworkInterface) string { return n.AvailabilityZone }),
	"availability-zone-id": one(func(n *ec2.NetworkInterface) string {
		zone, err := n.Region.Zone(n.AvailabilityZone)
		if err != nil {
			return ""
		}
		return zone.ID
	}),
	"description": one(func(n *ec2.NetworkInterface) string { return n.Description }),
	"group-id":    func(_ *ReadTx, n *ec2.NetworkInterface) []string { return n.Groups },
	"group-name": func(tx *ReadTx, n *ec2.NetworkInterface) []string {
		var names []string
		for _, id := range n.Groups {
			names = append(names, some(tx.groupName(id))...)
		}
		return names
	},
	"interface-type":              one(func(n *ec2.NetworkInterface) string { return n.InterfaceType }),
	"ipv6-addresses.ipv6-address": never[*ec2.NetworkInterface],
	"mac-address":                 one(func(n *ec2.NetworkInterface) string { return n.MACAddress }),
	"network-interface-id":        objectID[*ec2.NetworkInterface],
	"owner-id":                    ownerID[*ec2.NetworkInterface],
	"private-dns-name":            interfaceDNSName,
	"private-ip-address":          interfaceAddresses,
	"requester-id":                never[*ec2.NetworkInterface],
	"requester-managed":           always[*ec2.NetworkInterface]("false"),
	"source-dest-check":           one(func(n *ec2.NetworkInterface) string { return strconv.FormatBool(n.SourceDestCheck) }),
	"status":                      one((*ec2.NetworkInterface).Status),
	"subnet-id":                   one(func(n *ec2.NetworkInterface) string { return n.SubnetID }),
	"vpc-id":                      one(func(n *ec2.NetworkInterface) string { return n.VPCID }),
}

func interfaceAddresses(_ *ReadTx, n *ec2.NetworkInterface) []string {
	values := make([]string, len(n.PrivateIPAddresses))
	for i, a := range n.PrivateIPAddresses {
		values[i] = a.String()
	}
	return values
}

// interfaceRanks are "true" for the primary address and "false" for secondary
// ones.
func interfaceRanks(_ *ReadTx, n *ec2.NetworkInterface) []string {
	if len(n.PrivateIPAddresses) > 1 {
		return []string{"true", "false"}
	}
	return []string{"true"}
}

// interfaceDNSName is the name the interface has where the VPC's DNS hostnames
// are on.
func interfaceDNSName(tx *ReadTx, n *ec2.NetworkInterface) []string {
	if vpc, ok := tx.VPC(n.VPCID); !ok || !vpc.EnableDNSHostnames {
		return nil
	}
	return []string{ec2.PrivateDNSName(n.Region, n.PrivateIP())}
}

func attached(value func(*ec2.NetworkInterface, *ec2.Attachment) string) func(*ReadTx, *ec2.NetworkInterface) []string {
	return func(_ *ReadTx, n *ec2.NetworkInterface) []string {
		if n.Attachment == nil {
			return nil
		}
		return []string{value(n, n.Attachment)}
	}
}

var instanceProperties = withInterfaceProperties(properties[*ec2.Instance]{
	"architecture": one(func(i *ec2.Instance) string {
		t, err := ec2.LookupInstanceType(i.InstanceType)
		if err != nil {
			return ""
		}
		return t.Architecture()
	}),
	"availability-zone":    one(func(i *ec2.Instance) string { return i.AvailabilityZone }),
	"dns-name":             never[*ec2.Instance],
	"group-id":             instanceGroups("group-id"),
	"group-name":           instanceGroups("group-name"),
	"hypervisor":           always[*ec2.Instance]("xen"), // EC2 says so of Nitro too
	"image-id":             one(func(i *ec2.Instance) string { return i.ImageID }),
	"instance-id":          objectID[*ec2.Instance],
	"instance-lifecycle":   never[*ec2.Instance],
	"instance-state-code":  one(func(i *ec2.Instance) string { return strconv.Itoa(stateCodes[i.State]) }),
	"instance-state-name":  one(func(i *ec2.Instance) string { return string(i.State) }),
	"instance-type":        one(func(i *ec2.Instance) string { return i.InstanceType }),
	"instance.group-id":    instanceGroups("group-id"),
	"instance.group-name":  instanceGroups("group-name"),
	"ip-address":           never[*ec2.Instance],
	"key-name":             one(func(i *ec2.Instance) string { return i.KeyName }),
	"launch-index":         always[*ec2.Instance]("0"),
	"launch-time":          one(func(i *ec2.Instance) string { return timestamp(i.LaunchTime) }),
	"monitoring-state":     always[*ec2.Instance]("disabled"),
	"owner-id":             ownerID[*ec2.Instance],
	"placement-group-name": never[*ec2.Instance],
	"platform":             never[*ec2.Instance],
	"private-dns-name":     ofPrimary(func(n *ec2.NetworkInterface) string { return ec2.PrivateDNSName(n.Region, n.PrivateIP()) }),
	"private-ip-address":   ofPrimary(func(n *ec2.NetworkInterface) string { return n.PrivateIP().String() }),
	"root-device-type":     always[*ec2.Instance]("ebs"),
	"source-dest-check":    ofPrimary(func(n *ec2.NetworkInterface) string { return strconv.FormatBool(n.SourceDestCheck) }),
	"subnet-id":            standing(func(i *ec2.Instance) string { return i.SubnetID }),
	"tenancy":              one(func(i *ec2.Instance) string { return i.Tenancy }),
	"virtualization-type":  always[*ec2.Instance]("hvm"),
	"vpc-id":               standing(func(i *ec2.Instance) string { return i.VPCID }),
})

// stateCodes are EC2's numbers for the states (EC2 API Reference,
// InstanceState).
var stateCodes = map[ec2.InstanceState]int{ec2.InstanceRunning: 16, ec2.InstanceTerminated: 48, ec2.InstanceStopped: 80}

// withInterfaceProperties adds the filters on the interfaces of an instance,
// under network-interface. An instance has the values of all of them.
func withInterfaceProperties(known properties[*ec2.Instance]) properties[*ec2.Instance] {
	for name, values := range interfaceProperties {
		known["network-interface."+name] = func(tx *ReadTx, i *ec2.Instance) []string {
			var all []string
			for n := range tx.InterfacesOf(i.ID) {
				all = append(all, values(tx, n)...)
			}
			return all
		}
	}
	return known
}

// instanceGroups are the security groups of the primary interface, which are
// those of the instance.
func instanceGroups(property string) func(*ReadTx, *ec2.Instance) []string {
	return func(tx *ReadTx, i *ec2.Instance) []string {
		n, ok := tx.PrimaryInterface(i.ID)
		if !ok {
			return nil
		}
		return interfaceProperties[property](tx, n)
	}
}

func ofPrimary(value func(*ec2.NetworkInterface) string) func(*ReadTx, *ec2.Instance) []string {
	return func(tx *ReadTx, i *ec2.Instance) []string {
		n, ok := tx.PrimaryInterface(i.ID)
		if !ok {
			return nil
		}
		return some(value(n))
	}
}

// standing makes a property that a terminated instance no longer has.
func standing(value func(*ec2.Instance) string) func(*ReadTx, *ec2.Instance) []string {
	return func(_ *ReadTx, i *ec2.Instance) []string {
		if i.State == ec2.InstanceTerminated {
			return nil
		}
		return some(value(i))
	}
}

func objectID[T ec2.Object](_ *ReadTx, object T) []string { return []string{object.Head().ID} }

func ownerID[T ec2.Object](_ *ReadTx, object T) []string { return []string{object.Head().OwnerID} }

func (tx *ReadTx) groupName(id string) string {
	if g, ok := tx.SecurityGroup(id); ok {
		return g.Name
	}
	return ""
}

func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}

// timestamp writes a time as EC2 does.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
