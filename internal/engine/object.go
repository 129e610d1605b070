package engine

import "github.com/vpclab/terraform-provider-vpclab/internal/ec2"

// Object finds an object of any kind. An attachment is none: it is part of its
// interface, see [ReadTx.Attached].
func (tx *ReadTx) Object(ref ec2.Ref) (ec2.Object, bool) {
	return lookup[ec2.Object](tx, ref.Kind, ref.ID)
}
