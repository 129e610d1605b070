package engine

import (
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Change is what a transaction did to one object. Before is nil for an object
// that is new, After for one that is gone.
type Change struct {
	Ref           ec2.Ref
	Before, After ec2.Object
}

// Event tells what happened in one transaction, for people.
type Event struct {
	Time    time.Time `json:"time"`
	Actor   string    `json:"actor,omitempty"` // Env.ManagedBy, or empty for a person
	Actions []Action  `json:"actions"`
}

// Action is one EC2 API action of an event, with the ids it was about.
type Action struct {
	Name string   `json:"name"`
	IDs  []string `json:"ids,omitempty"`
}

// Decode is the inverse of [Encode]. It fails for a document that is not one of
// that kind, and judges no further: [World.Check] does.
func Decode(kind ec2.Kind, document []byte) (ec2.Object, error) {
	object := blank(kind)
	if object == nil {
		return nil, fmt.Errorf("unknown kind of object %q", kind)
	}
	if err := json.Unmarshal(document, object); err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	if object.Head().ID == "" {
		return nil, fmt.Errorf("%s: the document has no id", kind)
	}
	if n, ok := object.(*ec2.NetworkInterface); ok && len(n.PrivateIPAddresses) == 0 {
		return nil, fmt.Errorf("%s %s: the document has no private address", kind, n.ID)
	}
	return object, nil
}

// Encode gives the JSON document in which an object lasts.
func Encode(object ec2.Object) ([]byte, error) { return json.Marshal(object) }

func blank(kind ec2.Kind) ec2.Object {
	switch kind {
	case ec2.KindRegion:
		return new(ec2.RegionRecord)
	case ec2.KindVPC:
		return new(ec2.VPC)
	case ec2.KindSubnet:
		return new(ec2.Subnet)
	case ec2.KindSecurityGroup:
		return new(ec2.SecurityGroup)
	case ec2.KindSecurityGroupRule:
		return new(ec2.SecurityGroupRule)
	case ec2.KindInstance:
		return new(ec2.Instance)
	case ec2.KindNetworkInterface:
		return new(ec2.NetworkInterface)
	default:
		return nil
	}
}

// changes turns memdb's list into ours, leaving out what is derived.
func changes(list memdb.Changes) []Change {
	var out []Change
	for _, c := range list {
		if !lasts[c.Table] {
			continue
		}
		var change Change
		if c.Before != nil {
			change.Before = c.Before.(ec2.Object)
			change.Ref = change.Before.Ref()
		}
		if c.After != nil {
			change.After = c.After.(ec2.Object)
			change.Ref = change.After.Ref()
		}
		out = append(out, change)
	}
	return out
}

// Objects are all objects of the world, kind by kind, in the order of their
// ids.
func (tx *ReadTx) Objects() iter.Seq[ec2.Object] {
	return func(yield func(ec2.Object) bool) {
		for _, kind := range kinds {
			for o := range all[ec2.Object](tx, kind, byID) {
				if !yield(o) {
					return
				}
			}
		}
	}
}
