package engine

import (
	"cmp"
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// The Describe actions give what the transaction's region has and passes all
// filters, sorted by id. Which filters there are stands in the tables of
// properties; an unknown name is InvalidParameterValue. An answer without
// objects is no error.

// DescribeNetworkInterfaces gives network interfaces.
func (tx *ReadTx) DescribeNetworkInterfaces(filters ...Filter) ([]*ec2.NetworkInterface, error) {
	return describe(tx, "DescribeNetworkInterfaces", ec2.KindNetworkInterface, interfaceProperties, pins{
		"network-interface-id":     byID,
		"attachment.attachment-id": byAttachment,
		"attachment.instance-id":   byInstance,
		"subnet-id":                bySubnet,
		"group-id":                 byGroup,
		"mac-address":              byMAC,
		"vpc-id":                   byVPC,
	}, filters)
}

// DescribeInstances gives instances, those terminated less than an hour ago
// included, as in EC2.
func (tx *ReadTx) DescribeInstances(filters ...Filter) ([]*ec2.Instance, error) {
	instances, err := describe(tx, "DescribeInstances", ec2.KindInstance, instanceProperties, pins{"instance-id": byID}, filters)
	return slices.DeleteFunc(instances, tx.forgotten), err
}

// DescribeSubnets gives subnets.
func (tx *ReadTx) DescribeSubnets(filters ...Filter) ([]*ec2.Subnet, error) {
	return describe(tx, "DescribeSubnets", ec2.KindSubnet, subnetProperties, pins{"subnet-id": byID, "vpc-id": byVPC}, filters)
}

// DescribeVPCs gives VPCs. The default VPC is among them once it has been made,
// see [Tx.DefaultVPC].
func (tx *ReadTx) DescribeVPCs(filters ...Filter) ([]*ec2.VPC, error) {
	return describe(tx, "DescribeVpcs", ec2.KindVPC, vpcProperties, pins{"vpc-id": byID}, filters)
}

// DescribeSecurityGroups gives security groups.
func (tx *ReadTx) DescribeSecurityGroups(filters ...Filter) ([]*ec2.SecurityGroup, error) {
	return describe(tx, "DescribeSecurityGroups", ec2.KindSecurityGroup, groupProperties, pins{"group-id": byID, "vpc-id": byVPC}, filters)
}

// DescribeAvailabilityZones gives the zones of the transaction's region, sorted
// by name.
func (tx *ReadTx) DescribeAvailabilityZones(filters ...Filter) ([]ec2.Zone, error) {
	tests, err := compile("DescribeAvailabilityZones", zoneProperties, filters)
	if err != nil {
		return nil, err
	}
	zones := slices.DeleteFunc(tx.region.Zones(), func(z ec2.Zone) bool { return !passes(tx, z, tests) })
	slices.SortFunc(zones, func(a, b ec2.Zone) int { return cmp.Compare(a.Name, b.Name) })
	return zones, nil
}

// ZoneGroupName is the name of the zone group an Availability Zone belongs to,
// such as "us-east-1-zg-1" (EC2 API Reference, AvailabilityZone).
func ZoneGroupName(z ec2.Zone) string { return string(z.Region) + "-zg-1" }
