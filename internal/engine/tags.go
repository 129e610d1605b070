package engine

import (
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// SetTags gives an object exactly these tags; it is CreateTags and DeleteTags
// in one. Errors: InvalidParameterValue, InvalidID for an object that does not
// exist or cannot be tagged.
func (tx *Tx) SetTags(ref ec2.Ref, tags ec2.Tags) error {
	const action = "CreateTags"
	object, _ := tx.Object(ref)
	taggable, ok := object.(ec2.Taggable)
	if !ok {
		return &ec2.Error{
			Action: action, Code: "InvalidID", Parameter: "ResourceId",
			Message: fmt.Sprintf("The ID '%s' is not valid", ref.ID),
			Summary: fmt.Sprintf("There is no %s %s that could have tags", ref.Kind, ref.ID),
			Detail:  "It may have been deleted, or belong to another lab or region.",
			Remedy:  "Check the id, the provider's lab and its region.",
		}
	}
	if object.Head().Tags.Equal(tags) {
		return nil
	}
	if err := checkTags(action, tags); err != nil {
		return err
	}
	tx.put(taggable.WithTags(ownTags(tags)))
	tx.did(action, ref.ID)
	return nil
}

// ownTags copies tags for an object to keep; none are nil.
func ownTags(tags ec2.Tags) ec2.Tags {
	if len(tags) == 0 {
		return nil
	}
	return tags.Clone()
}

func checkTags(action string, tags ec2.Tags) error {
	if err := ec2.CheckTags(tags); err != nil {
		return invalid(action, "Tag", "These tags cannot be", err)
	}
	return nil
}
