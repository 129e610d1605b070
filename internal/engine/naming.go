package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// The functions below name objects in messages by what the reader wrote: the
// Name tag, an address, a CIDR block, a zone. An id is given where it is real.

// named puts together a kind, a Name tag and facts: `instance "web" (i-0123,
// us-west-3a)`, or `instance i-0123 (us-west-3a)` without the tag.
func (tx *ReadTx) named(kind string, h ec2.Header, facts ...string) string {
	var b strings.Builder
	b.WriteString(kind)
	if name := h.Tags.Name(); name != "" {
		fmt.Fprintf(&b, " %q", name)
	}
	if !tx.provisional(h.ID) {
		facts = append([]string{h.ID}, facts...)
	}
	facts = slices.DeleteFunc(facts, func(f string) bool { return f == "" })
	if h.Tags.Name() == "" && len(facts) > 0 { // then the first fact is its name
		b.WriteString(" " + facts[0])
		facts = facts[1:]
	}
	if len(facts) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(facts, ", "))
	}
	return b.String()
}

func (tx *ReadTx) provisional(id string) bool {
	return tx.env.Provisional != nil && tx.env.Provisional(id)
}

func (tx *ReadTx) nameVPC(v *ec2.VPC) string {
	return tx.named("VPC", v.Header, v.CIDRBlock.String())
}

func (tx *ReadTx) nameVPCByID(id string) string {
	if v, ok := lookup[*ec2.VPC](tx, ec2.KindVPC, id); ok {
		return tx.nameVPC(v)
	}
	return "VPC " + id
}

func (tx *ReadTx) nameSubnet(s *ec2.Subnet) string {
	return tx.named("subnet", s.Header, s.CIDRBlock.String(), s.AvailabilityZone)
}

func (tx *ReadTx) nameGroup(g *ec2.SecurityGroup) string {
	h := g.Header
	if h.Tags.Name() == "" {
		h.Tags = ec2.Tags{"Name": g.Name}
	}
	return tx.named("security group", h)
}

func (tx *ReadTx) nameInterface(n *ec2.NetworkInterface) string {
	name := tx.nameInterfaceAlone(n)
	if i, ok := lookup[*ec2.Instance](tx, ec2.KindInstance, n.LaunchedWith); ok {
		name += ", the primary one of " + tx.named("instance", ec2.Header{ID: i.ID, Tags: i.Tags})
	}
	return name
}

func (tx *ReadTx) nameInterfaceAlone(n *ec2.NetworkInterface) string {
	where := ""
	if s, ok := lookup[*ec2.Subnet](tx, ec2.KindSubnet, n.SubnetID); ok {
		where = fmt.Sprintf("%s in subnet %s", n.PrivateIP(), s.CIDRBlock)
	}
	return tx.named("network interface", n.Header, where)
}

func (tx *ReadTx) nameInstance(i *ec2.Instance) string {
	where := i.AvailabilityZone
	if s, ok := lookup[*ec2.Subnet](tx, ec2.KindSubnet, i.SubnetID); ok {
		where = fmt.Sprintf("subnet %s in %s", s.CIDRBlock, i.AvailabilityZone)
	}
	return tx.named("instance", i.Header, where)
}

func (tx *ReadTx) nameInstanceByID(id string) string {
	if i, ok := lookup[*ec2.Instance](tx, ec2.KindInstance, id); ok {
		return tx.nameInstance(i)
	}
	return "instance " + id
}

// heldByInterface makes a network interface the holder of a claim.
func (tx *ReadTx) heldByInterface(n *ec2.NetworkInterface, claim ec2.ClaimKind, key string) ec2.Holder {
	return ec2.Holder{Ref: n.Ref(), Claim: ec2.Claim{Kind: claim, Key: key}, Name: tx.nameInterface(n)}
}

// heldByAttachment makes the attachment of a network interface the holder of a
// claim.
func (tx *ReadTx) heldByAttachment(n *ec2.NetworkInterface, claim ec2.ClaimKind, key string) ec2.Holder {
	return ec2.Holder{
		Ref:   ec2.Ref{Kind: ec2.KindAttachment, ID: n.Attachment.ID},
		Claim: ec2.Claim{Kind: claim, Key: key},
		Name:  tx.nameInterface(n),
	}
}

// heldByRule makes a security group rule the holder of a claim.
func (tx *ReadTx) heldByRule(r *ec2.SecurityGroupRule, claim ec2.ClaimKind, key string) ec2.Holder {
	of := "security group " + r.GroupID
	if g, ok := tx.SecurityGroup(r.GroupID); ok {
		of = tx.nameGroup(g)
	}
	name := fmt.Sprintf("%s rule %s of the %s", direction(r.IsEgress), ruleInWords(r.RuleSpec), of)
	return ec2.Holder{Ref: r.Ref(), Claim: ec2.Claim{Kind: claim, Key: key}, Name: name}
}

// sentence begins a text with a capital letter.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// stop ends a text with a full stop, unless it is a question.
func stop(s string) string {
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// listed joins names as a sentence does: "a, b and c".
func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func holderNames(holders []ec2.Holder) string {
	names := make([]string, len(holders))
	for i, h := range holders {
		names[i] = "the " + h.Name
	}
	return listed(names)
}
