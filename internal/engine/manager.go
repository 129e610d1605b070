package engine

import "github.com/vpclab/terraform-provider-vpclab/internal/ec2"

// Manager says who will take an object away: "terraform", or "" when nobody is
// known to. What the launch of an instance made is managed with the instance,
// an attachment with the interface or the instance it ties together.
func (tx *ReadTx) Manager(ref ec2.Ref) string {
	if ref.Kind == ec2.KindAttachment {
		n, a, ok := tx.attachedOrOusted(ref.ID)
		if !ok {
			return ""
		}
		if n.ManagedBy != "" {
			return n.ManagedBy
		}
		return tx.Manager(ec2.Ref{Kind: ec2.KindInstance, ID: a.InstanceID})
	}
	object, ok := lookup[ec2.Object](tx, ref.Kind, ref.ID)
	if !ok {
		return ""
	}
	return object.Head().ManagedBy
}
