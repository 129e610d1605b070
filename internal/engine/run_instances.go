package engine

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// RunInstancesInput are the parameters of RunInstances, for one instance.
type RunInstancesInput struct {
	ImageID      string
	InstanceType string // m1.small when empty, as EC2 has it

	// Where the instance goes when it is not given interfaces. Without a
	// subnet it is the default subnet of the zone, or of the region's first.
	SubnetID                    string
	AvailabilityZone            string
	PrivateIPAddress            netip.Addr
	SecondaryPrivateIPAddresses []netip.Addr
	SecurityGroupIDs            []string
	SecurityGroups              []string // names, in the default VPC

	// NetworkInterfaces are existing interfaces to launch with, device index
	// 0 among them. They exclude the parameters above but the zone.
	NetworkInterfaces []LaunchInterface

	KeyName               string
	Tenancy               string
	UserData              string // base64
	DisableAPITermination bool
	DisableAPIStop        bool
	Tags                  ec2.Tags
}

// LaunchInterface is an existing network interface an instance is launched
// with.
type LaunchInterface struct {
	NetworkInterfaceID  string
	DeviceIndex         int
	NetworkCardIndex    int
	DeleteOnTermination bool // EC2 rejects true
}

// RunInstances launches one instance, with a primary network interface made
// for it and deleted with it, or with interfaces it is given and that outlive
// it. Errors: those of CreateNetworkInterface and AttachNetworkInterface in
// their RunInstances wording, InvalidParameterValue for an instance type or a
// zone that does not fit, InvalidAMIID.Malformed.
func (tx *Tx) RunInstances(in RunInstancesInput) (*ec2.Instance, error) {
	const action = "RunInstances"
	in.InstanceType = cmp.Or(in.InstanceType, "m1.small")
	limits, err := ec2.LookupInstanceType(in.InstanceType)
	if err != nil {
		return nil, invalidInstanceType(action, in.InstanceType, err)
	}
	if err := ec2.CheckID(ec2.PrefixImage, in.ImageID); err != nil {
		return nil, &ec2.Error{
			Action: action, Code: "InvalidAMIID.Malformed", Parameter: "ImageId",
			Message: fmt.Sprintf("Invalid id: %q (expecting \"ami-...\")", in.ImageID),
			Summary: "This is not the id of an image",
			Detail:  stop(sentence(err.Error())),
			Remedy:  "Any well-formed id will do here: ami-0123456789abcdef0, for example.",
		}
	}
	if err := checkTags(action, in.Tags); err != nil {
		return nil, err
	}
	if err := tx.checkLaunchZone(action, in.AvailabilityZone); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "default", "dedicated", "host"}, in.Tenancy) {
		return nil, invalidTenancy(action, "Tenancy", in.Tenancy, "default, dedicated or host")
	}
	instance := &ec2.Instance{
		Header:                tx.header(ec2.PrefixInstance, in.Tags),
		ImageID:               in.ImageID,
		InstanceType:          in.InstanceType,
		State:                 ec2.InstanceRunning,
		LaunchTime:            tx.Now(),
		KeyName:               in.KeyName,
		UserData:              in.UserData,
		DisableAPITermination: in.DisableAPITermination,
		DisableAPIStop:        in.DisableAPIStop,
	}
	launch := tx.launchNew
	if len(in.NetworkInterfaces) > 0 {
		launch = tx.launchWith
	}
	if err := launch(action, instance, in, limits); err != nil {
		return nil, err
	}
	tx.put(instance)
	tx.did(action, instance.ID)
	return instance, nil
}

func (tx *Tx) checkLaunchZone(action, zone string) error {
	if zone == "" {
		return nil
	}
	if _, err := tx.region.Zone(zone); err != nil {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterValue", Parameter: "AvailabilityZone",
			Message: fmt.Sprintf("Invalid availability zone: [%s]", zone),
			Summary: fmt.Sprintf("The region %s has no Availability Zone %s", tx.region, zone),
			Detail:  stop(sentence(err.Error())),
			Remedy:  "Choose one of them, or another region for the provider.",
		}
	}
	return nil
}

func invalidTenancy(action, parameter, tenancy, known string) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: parameter,
		Message: fmt.Sprintf("Value (%s) for parameter %s is invalid.", tenancy, strings.ToLower(parameter[:1])+parameter[1:]),
		Summary: fmt.Sprintf("There is no tenancy %q", tenancy),
		Detail:  "There is " + known + ".",
		Remedy:  "Leave it out for default.",
	}
}

// place puts an instance where its primary interface is.
func (tx *Tx) place(action string, instance *ec2.Instance, primary *ec2.NetworkInterface, in RunInstancesInput) error {
	instance.VPCID = primary.VPCID
	instance.SubnetID = primary.SubnetID
	instance.AvailabilityZone = primary.AvailabilityZone
	instance.Tenancy = in.Tenancy
	if vpc, ok := tx.VPC(primary.VPCID); ok && instance.Tenancy == "" {
		instance.Tenancy = vpc.InstanceTenancy
	}
	if in.AvailabilityZone == "" || in.AvailabilityZone == primary.AvailabilityZone {
		return nil
	}
	subnet := "subnet " + primary.SubnetID
	if s, ok := tx.Subnet(primary.SubnetID); ok {
		subnet = tx.nameSubnet(s)
	}
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "AvailabilityZone",
		Message: fmt.Sprintf("Value (%s) for parameter availabilityZone is invalid. Subnet '%s' is in the availability zone %s",
			in.AvailabilityZone, primary.SubnetID, primary.AvailabilityZone),
		Summary: "The instance and its subnet are in different Availability Zones",
		Detail:  fmt.Sprintf("The instance is to be in %s; the %s is in %s.", in.AvailabilityZone, subnet, primary.AvailabilityZone),
		Remedy:  "Leave availability_zone out, or use a subnet of that zone.",
	}
}

// launchNew makes the primary interface of a new instance.
func (tx *Tx) launchNew(action string, instance *ec2.Instance, in RunInstancesInput, _ ec2.InstanceType) error {
	if in.SubnetID == "" {
		subnet, err := tx.defaultSubnet(action, in.AvailabilityZone)
		if err != nil {
			return err
		}
		in.SubnetID = subnet.ID
	}
	subnet, err := tx.subnet(action, in.SubnetID)
	if err != nil {
		return err
	}
	groups := in.SecurityGroupIDs
	if vpc, ok := tx.VPC(subnet.VPCID); ok && !vpc.IsDefault && len(in.SecurityGroups) > 0 {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterCombination", Parameter: "SecurityGroups",
			Message: "The parameter groupName cannot be used with the parameter subnet",
			Summary: "Security groups go by name in the default VPC only",
			Detail:  fmt.Sprintf("The instance is to be in the %s.", tx.nameVPC(vpc)),
			Remedy:  "Use vpc_security_group_ids, with ids.",
		}
	}
	for _, name := range in.SecurityGroups {
		group, ok := tx.first(ec2.KindSecurityGroup, byName, key(subnet.VPCID, name))
		if !ok {
			return &ec2.Error{
				Action: action, Code: "InvalidGroup.NotFound", Parameter: "SecurityGroups",
				Message: fmt.Sprintf("The security group '%s' does not exist in VPC '%s'", name, subnet.VPCID),
				Summary: fmt.Sprintf("The VPC has no security group named %q", name),
				Detail:  fmt.Sprintf("The instance is to be in the %s, which has no group of that name.", tx.nameVPCByID(subnet.VPCID)),
				Remedy:  "security_groups takes names; use vpc_security_group_ids for ids.",
			}
		}
		groups = append(slices.Clone(groups), group.Ref().ID)
	}
	create := CreateNetworkInterfaceInput{SubnetID: in.SubnetID, Groups: groups}
	if in.PrivateIPAddress.IsValid() {
		create.PrivateIPAddresses = []netip.Addr{in.PrivateIPAddress}
	}
	primary, err := tx.newInterface(action, create, in.SecondaryPrivateIPAddresses)
	if err != nil {
		return err
	}
	primary.LaunchedWith = instance.ID
	if err := tx.checkAddressCount(action, "SecondaryPrivateIpAddresses", primary, instance); err != nil {
		return err
	}
	if err := tx.place(action, instance, primary, in); err != nil {
		return err
	}
	tx.attach(primary, instance.ID, 0, 0, true)
	return nil
}

// launchWith attaches the interfaces an instance is launched with, after it has
// judged all of them.
func (tx *Tx) launchWith(action string, instance *ec2.Instance, in RunInstancesInput, limits ec2.InstanceType) error {
	if in.SubnetID != "" || in.PrivateIPAddress.IsValid() || len(in.SecondaryPrivateIPAddresses)+len(in.SecurityGroupIDs)+len(in.SecurityGroups) > 0 {
		return &ec2.Error{
			Action: action, Code: "InvalidParameterCombination", Parameter: "NetworkInterfaces",
			Message: "Network interfaces and an instance-level subnet ID, security groups or private IP address may not be specified on the same request",
			Summary: "An instance that brings its interfaces along takes subnet, groups and addresses from them",
			Detail:  "Both network interfaces and a subnet, security groups or private addresses are given.",
			Remedy:  "Set those on the network interface.",
		}
	}
	var primary *ec2.NetworkInterface
	interfaces := make([]*ec2.NetworkInterface, len(in.NetworkInterfaces))
	for i, spec := range in.NetworkInterfaces {
		n, err := tx.networkInterface(action, spec.NetworkInterfaceID)
		if err != nil {
			return err
		}
		if spec.DeleteOnTermination {
			return &ec2.Error{
				Action: action, Code: "InvalidParameterCombination", Parameter: "DeleteOnTermination",
				Message: "A network interface may not specify a network interface ID and delete on termination as true",
				Summary: "An existing network interface outlives the instance",
				Detail:  fmt.Sprintf("delete_on_termination is true for the %s, which exists already.", tx.nameInterface(n)),
				Remedy:  "Leave delete_on_termination out.",
			}
		}
		for j, before := range in.NetworkInterfaces[:i] {
			if before.NetworkInterfaceID == spec.NetworkInterfaceID {
				return &ec2.Error{
					Action: action, Code: "InvalidParameterValue", Parameter: "NetworkInterfaceId",
					Message: fmt.Sprintf("Network interface ID '%s' may not be specified on multiple interfaces.", n.ID),
					Summary: "The same network interface is given to the instance twice",
					Detail:  fmt.Sprintf("It is the %s, at device indexes %d and %d.", tx.nameInterface(n), before.DeviceIndex, spec.DeviceIndex),
					Remedy:  "Give it one device index.",
				}
			}
			if before.DeviceIndex == spec.DeviceIndex && before.NetworkCardIndex == spec.NetworkCardIndex {
				return &ec2.Error{
					Action: action, Code: "InvalidParameterValue", Parameter: "DeviceIndex",
					Message: "Each network interface requires a unique device index.",
					Summary: fmt.Sprintf("Two interfaces of the instance have device index %d", spec.DeviceIndex),
					Detail:  fmt.Sprintf("They are the %s and the %s.", tx.nameInterface(interfaces[j]), tx.nameInterface(n)),
					Remedy:  "Give each a device index of its own.",
				}
			}
		}
		if err := tx.checkAvailable(action, "NetworkInterfaceId", n); err != nil {
			return err
		}
		if spec.DeviceIndex == 0 && spec.NetworkCardIndex == 0 {
			primary = n
		}
		interfaces[i] = n
	}
	if primary == nil {
		return &ec2.Error{
			Action: action, Code: "UnsupportedOperation", Parameter: "DeviceIndex",
			Message: "When specifying network interfaces, you must include a device at index 0.",
			Summary: "The instance has no primary network interface",
			Detail:  "None of the interfaces it is given has device index 0.",
			Remedy:  "Give one of them device index 0.",
		}
	}
	if err := tx.place(action, instance, primary, in); err != nil {
		return err
	}
	onCard := map[int]int{}
	for i, spec := range in.NetworkInterfaces {
		n := interfaces[i]
		if n.AvailabilityZone != primary.AvailabilityZone {
			return &ec2.Error{
				Action: action, Code: "InvalidParameterCombination", Parameter: "NetworkInterfaceId",
				Message: "You may not attach a network interface to an instance if they are not in the same availability zone",
				Summary: "The instance's interfaces are in different Availability Zones",
				Detail: fmt.Sprintf("The %s lives in %s; the primary %s in %s.",
					tx.nameInterface(n), n.AvailabilityZone, tx.nameInterface(primary), primary.AvailabilityZone),
				Remedy: "Bring interfaces of one zone along.",
			}
		}
		if err := tx.checkDeviceIndex(action, instance, limits, spec.NetworkCardIndex, spec.DeviceIndex); err != nil {
			return err
		}
		if err := tx.checkAddressCount(action, "NetworkInterfaceId", n, instance); err != nil {
			return err
		}
		onCard[spec.NetworkCardIndex]++
	}
	if err := tx.checkAttachmentCount(action, "NetworkInterfaces", instance, limits, onCard); err != nil {
		return err
	}
	for i, spec := range in.NetworkInterfaces {
		tx.attach(interfaces[i], instance.ID, spec.NetworkCardIndex, spec.DeviceIndex, false)
	}
	return nil
}

func invalidInstanceType(action, name string, reason error) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: "InstanceType",
		Message: fmt.Sprintf("Invalid value '%s' for InstanceType.", name),
		Summary: "There is no such instance type",
		Detail:  stop(sentence(reason.Error())),
	}
}
