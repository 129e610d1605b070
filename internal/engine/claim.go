package engine

import (
	"slices"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Holds reports whether an object still holds a claim in this world. It answers
// for every holder that a refusal of this package names, and false for one that
// is gone or belongs to another region.
//
// An attachment that a transaction overlooked when it attached its interface
// elsewhere holds on until it is detached or its instance terminated. An
// attachment holds [ec2.ClaimPerENI] while its interface has more addresses than
// the instance's type allows, which takes overlooking to begin with.
func (tx *ReadTx) Holds(h ec2.Holder) bool {
	switch h.Kind {
	case ec2.KindNetworkInterface:
		n, ok := tx.NetworkInterface(h.ID)
		return ok && interfaceHolds(n, h.Claim)
	case ec2.KindAttachment:
		return tx.attachmentHolds(h)
	case ec2.KindInstance:
		return tx.instanceHolds(h)
	case ec2.KindSubnet:
		s, ok := tx.Subnet(h.ID)
		return ok && (h.Claim.Kind == ec2.ClaimCIDR && cidrKey(s) == h.Claim.Key ||
			h.Claim.Kind == ec2.ClaimDependency && s.VPCID == h.Claim.Key)
	case ec2.KindSecurityGroup:
		g, ok := tx.SecurityGroup(h.ID)
		return ok && (h.Claim.Kind == ec2.ClaimGroupName && key(g.VPCID, g.Name) == h.Claim.Key ||
			h.Claim.Kind == ec2.ClaimDependency && g.VPCID == h.Claim.Key)
	case ec2.KindSecurityGroupRule:
		r, ok := lookup[*ec2.SecurityGroupRule](tx, ec2.KindSecurityGroupRule, h.ID)
		return ok && ruleHolds(r, h.Claim)
	default:
		return false
	}
}

func interfaceHolds(n *ec2.NetworkInterface, claim ec2.Claim) bool {
	switch claim.Kind {
	case ec2.ClaimAddress, ec2.ClaimCapacity:
		for _, a := range n.PrivateIPAddresses {
			if addressKey(n.SubnetID, a) == claim.Key {
				return true
			}
		}
		return false
	case ec2.ClaimDependency:
		return n.SubnetID == claim.Key || slices.Contains(n.Groups, claim.Key)
	default:
		return false
	}
}

func (tx *ReadTx) attachmentHolds(h ec2.Holder) bool {
	n, a, ok := tx.attachedOrOusted(h.ID)
	if !ok {
		return false
	}
	switch h.Claim.Kind {
	case ec2.ClaimInterface:
		return n.ID == h.Claim.Key
	case ec2.ClaimDevice:
		return deviceKey(a.InstanceID, a.NetworkCardIndex, a.DeviceIndex) == h.Claim.Key
	case ec2.ClaimSlots:
		return a.InstanceID == h.Claim.Key || cardKey(a.InstanceID, a.NetworkCardIndex) == h.Claim.Key
	case ec2.ClaimPerENI:
		return n.ID == h.Claim.Key && tx.tooManyAddresses(n, a.InstanceID)
	default:
		return false
	}
}

// instanceHolds reports whether an instance keeps its primary interface.
func (tx *ReadTx) instanceHolds(h ec2.Holder) bool {
	instance, ok := tx.Instance(h.ID)
	if !ok || instance.State == ec2.InstanceTerminated {
		return false
	}
	if h.Claim.Kind == ec2.ClaimPerENI {
		n, ok := tx.NetworkInterface(h.Claim.Key)
		return ok && n.Attachment != nil && n.Attachment.InstanceID == h.ID && tx.tooManyAddresses(n, h.ID)
	}
	if h.Claim.Kind != ec2.ClaimInterface {
		return false
	}
	if n, ok := tx.NetworkInterface(h.Claim.Key); ok && n.Attachment != nil &&
		n.Attachment.InstanceID == h.ID && n.Attachment.Primary() {
		return true
	}
	for o := range tx.oustedFrom(h.ID) {
		if o.networkInterface.ID == h.Claim.Key && o.networkInterface.Attachment.Primary() {
			return true
		}
	}
	return false
}

func ruleHolds(r *ec2.SecurityGroupRule, claim ec2.Claim) bool {
	switch claim.Kind {
	case ec2.ClaimRule:
		return ruleKey(r.GroupID, r.IsEgress, r.RuleSpec) == claim.Key
	case ec2.ClaimRuleSlots:
		for _, family := range families(r.RuleSpec) {
			if ruleSlotsKey(r.GroupID, r.IsEgress, family) == claim.Key {
				return true
			}
		}
		return false
	case ec2.ClaimDependency:
		return r.ReferencedGroupID == claim.Key && r.GroupID != claim.Key
	default:
		return false
	}
}

// tooManyAddresses reports whether an interface has more addresses than the type
// of an instance allows.
func (tx *ReadTx) tooManyAddresses(n *ec2.NetworkInterface, instanceID string) bool {
	instance, ok := tx.Instance(instanceID)
	if !ok {
		return false
	}
	limits, err := ec2.LookupInstanceType(instance.InstanceType)
	return err == nil && len(n.PrivateIPAddresses) > limits.IPv4AddressesPerInterface
}
