package engine

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hashicorp/go-memdb"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Names of the indexes. A table carries the name of its kind of object.
const (
	byID         = "id"
	byRegion     = "region"
	byVPC        = "vpc"
	bySubnet     = "subnet"
	byName       = "name"       // of a security group: VPC, name
	byGroup      = "group"      // what belongs to, or is guarded by, a security group
	byReference  = "reference"  // rules by the security group they refer to
	bySpec       = "spec"       // rules by group and what they allow
	byAddress    = "address"    // interfaces by subnet and private address
	byMAC        = "mac"        // interfaces by MAC address
	byInstance   = "instance"   // interfaces by the instance they are attached to
	byAttachment = "attachment" // interfaces by the id of their attachment
	byDevice     = "device"     // interfaces by instance, network card, device index
	byEnd        = "end"        // instances by when they were terminated

	// tableFreeRange is derived from subnets and interfaces, and not part of
	// what lasts.
	tableFreeRange = "free-range"

	// tableOusted holds what a rehearsal has passed over, and is not part of
	// what lasts either.
	tableOusted = "ousted-attachment"

	// tableChosen holds the addresses that a rehearsal has chosen, and is not
	// part of what lasts.
	tableChosen = "chosen-address"

	// tableSpent holds the ids of objects that are gone. The journal has them
	// as tombstones.
	tableSpent = "spent-id"
)

// kinds lists what a world holds so that each kind comes after those its
// objects refer to.
var kinds = []ec2.Kind{
	ec2.KindRegion,
	ec2.KindVPC,
	ec2.KindSubnet,
	ec2.KindSecurityGroup,
	ec2.KindSecurityGroupRule,
	ec2.KindInstance,
	ec2.KindNetworkInterface,
}

// lasts tells the tables of objects from those that are derived.
var lasts = func() map[string]bool {
	tables := map[string]bool{}
	for _, kind := range kinds {
		tables[string(kind)] = true
	}
	return tables
}()

func newSchema() *memdb.DBSchema {
	schema := &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		tableFreeRange: {
			Name:    tableFreeRange,
			Indexes: map[string]*memdb.IndexSchema{byID: {Name: byID, Unique: true, Indexer: freeRangeIndexer{}}},
		},
		tableChosen: {
			Name:    tableChosen,
			Indexes: map[string]*memdb.IndexSchema{byID: {Name: byID, Unique: true, Indexer: stringIndexer[chosenAddress]{}}},
		},
		tableSpent: {
			Name:    tableSpent,
			Indexes: map[string]*memdb.IndexSchema{byID: {Name: byID, Unique: true, Indexer: stringIndexer[spentID]{}}},
		},
		tableOusted: {
			Name: tableOusted,
			Indexes: map[string]*memdb.IndexSchema{
				byID:       {Name: byID, Unique: true, Indexer: oustedIndexer{func(a *ec2.Attachment) string { return a.ID }}},
				byInstance: {Name: byInstance, Indexer: oustedIndexer{func(a *ec2.Attachment) string { return a.InstanceID }}},
			},
		},
	}}
	table := func(kind ec2.Kind, indexes ...*memdb.IndexSchema) {
		t := &memdb.TableSchema{Name: string(kind), Indexes: map[string]*memdb.IndexSchema{
			byID:     {Name: byID, Unique: true, Indexer: idIndexer{}},
			byRegion: index(byRegion, func(o ec2.Object) []string { return []string{string(o.Head().Region)} }),
		}}
		for _, ix := range indexes {
			t.Indexes[ix.Name] = ix
		}
		schema.Tables[t.Name] = t
	}

	table(ec2.KindRegion)
	table(ec2.KindVPC)
	table(ec2.KindSubnet,
		index(byVPC, func(s *ec2.Subnet) []string { return []string{s.VPCID} }))
	table(ec2.KindSecurityGroup,
		index(byVPC, func(g *ec2.SecurityGroup) []string { return []string{g.VPCID} }),
		index(byName, func(g *ec2.SecurityGroup) []string { return []string{key(g.VPCID, g.Name)} }))
	table(ec2.KindSecurityGroupRule,
		index(byGroup, func(r *ec2.SecurityGroupRule) []string { return []string{r.GroupID} }),
		index(bySpec, func(r *ec2.SecurityGroupRule) []string { return []string{ruleKey(r.GroupID, r.IsEgress, r.RuleSpec)} }),
		index(byReference, func(r *ec2.SecurityGroupRule) []string {
			if r.ReferencedGroupID == "" {
				return nil
			}
			return []string{r.ReferencedGroupID}
		}))
	table(ec2.KindInstance,
		index(byEnd, func(i *ec2.Instance) []string {
			if i.State != ec2.InstanceTerminated {
				return nil
			}
			return []string{i.TerminationTime.UTC().Format(sortableTime)}
		}))
	table(ec2.KindNetworkInterface,
		index(byVPC, func(n *ec2.NetworkInterface) []string { return []string{n.VPCID} }),
		index(bySubnet, func(n *ec2.NetworkInterface) []string { return []string{n.SubnetID} }),
		index(byGroup, func(n *ec2.NetworkInterface) []string { return n.Groups }),
		index(byMAC, func(n *ec2.NetworkInterface) []string { return []string{n.MACAddress} }),
		index(byAddress, func(n *ec2.NetworkInterface) []string {
			keys := make([]string, len(n.PrivateIPAddresses))
			for i, a := range n.PrivateIPAddresses {
				keys[i] = addressKey(n.SubnetID, a)
			}
			return keys
		}),
		index(byInstance, attachmentKey(func(a *ec2.Attachment) string { return a.InstanceID })),
		index(byAttachment, attachmentKey(func(a *ec2.Attachment) string { return a.ID })),
		index(byDevice, attachmentKey(func(a *ec2.Attachment) string {
			return deviceKey(a.InstanceID, a.NetworkCardIndex, a.DeviceIndex)
		})))
	return schema
}

// sortableTime writes times of the same zone so that they sort as strings.
const sortableTime = "2006-01-02T15:04:05.000000000"

// key joins the parts of a composite key. No part but the last contains a
// slash: ids, numbers and addresses never do.
func key(parts ...string) string { return strings.Join(parts, "/") }

func addressKey(subnetID string, a netip.Addr) string { return key(subnetID, a.String()) }

func deviceKey(instanceID string, card, device int) string {
	return key(instanceID, strconv.Itoa(card), strconv.Itoa(device))
}

func cardKey(instanceID string, card int) string { return key(instanceID, strconv.Itoa(card)) }

func cidrKey(s *ec2.Subnet) string { return key(s.VPCID, s.CIDRBlock.String()) }

func ruleSlotsKey(groupID string, egress bool, family string) string {
	return key(groupID, direction(egress), family)
}

func ruleKey(groupID string, egress bool, spec ec2.RuleSpec) string {
	return key(groupID, direction(egress), spec.IPProtocol, strconv.Itoa(spec.FromPort), strconv.Itoa(spec.ToPort), ruleSource(spec))
}

func attachmentKey(key func(*ec2.Attachment) string) func(*ec2.NetworkInterface) []string {
	return func(n *ec2.NetworkInterface) []string {
		if n.Attachment == nil {
			return nil
		}
		return []string{key(n.Attachment)}
	}
}

// index is an index that several objects may share a key of. Even claims that
// only one object can hold are indexed so: a rehearsal lets two objects hold
// one claim until it knows that the first of them lets go.
func index[T ec2.Object](name string, keys func(T) []string) *memdb.IndexSchema {
	return &memdb.IndexSchema{Name: name, AllowMissing: true, Indexer: keyIndexer[T]{keys}}
}

// keyIndexer indexes objects by strings computed from them.
type keyIndexer[T ec2.Object] struct{ keys func(T) []string }

func (x keyIndexer[T]) FromObject(raw any) (bool, [][]byte, error) {
	object, ok := raw.(T)
	if !ok {
		return false, nil, fmt.Errorf("unexpected %T in the table", raw)
	}
	keys := x.keys(object)
	values := make([][]byte, len(keys))
	for i, k := range keys {
		values[i] = terminated(k)
	}
	return len(values) > 0, values, nil
}

func (keyIndexer[T]) FromArgs(args ...any) ([]byte, error) { return fromString(args) }

// stringIndexer indexes rows that are nothing but their key.
type stringIndexer[T ~string] struct{}

func (stringIndexer[T]) FromObject(raw any) (bool, []byte, error) {
	return true, terminated(string(raw.(T))), nil
}

func (stringIndexer[T]) FromArgs(args ...any) ([]byte, error) { return fromString(args) }

type idIndexer struct{}

func (idIndexer) FromObject(raw any) (bool, []byte, error) {
	object, ok := raw.(ec2.Object)
	if !ok {
		return false, nil, fmt.Errorf("unexpected %T in the table", raw)
	}
	return true, terminated(object.Ref().ID), nil
}

func (idIndexer) FromArgs(args ...any) ([]byte, error) { return fromString(args) }

func fromString(args []any) ([]byte, error) {
	if len(args) == 1 {
		if s, ok := args[0].(string); ok {
			return terminated(s), nil
		}
	}
	return nil, fmt.Errorf("an index takes one string, got %v", args)
}

// terminated ends a key so that no key is the prefix of another.
func terminated(s string) []byte { return append([]byte(s), 0) }
