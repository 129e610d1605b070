package core

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/rehearsal"
)

// Session is what a configured provider hands to its resources and data
// sources.
type Session struct {
	Lab         Lab
	Rehearsal   *rehearsal.Rehearsal
	Region      ec2.Region
	DefaultTags ec2.Tags
	// Patience is how long an apply waits for what stands in its way and is
	// managed by Terraform, because this very run may take it away. A timeouts
	// block overrides it.
	Patience time.Duration

	someTagsUnknown bool // of the default tags
}

// Lab is the world that lasts.
type Lab interface {
	rehearsal.Lab
	View(context.Context, func(*engine.ReadTx) error) error
	Update(context.Context, func(*engine.Tx) error) error
	Watch(context.Context) <-chan int64
}

// SetDefaultTags takes over the provider's default tags. Some may come from
// elsewhere and not be known yet.
func (s *Session) SetDefaultTags(tags types.Map) {
	s.DefaultTags, s.someTagsUnknown = TagsOf(tags), !IsFullyKnown(tags)
}

// idPrefixes are those of the ids by which resources are imported.
var idPrefixes = map[ec2.Kind]ec2.IDPrefix{
	ec2.KindVPC:               ec2.PrefixVPC,
	ec2.KindSubnet:            ec2.PrefixSubnet,
	ec2.KindSecurityGroup:     ec2.PrefixSecurityGroup,
	ec2.KindSecurityGroupRule: ec2.PrefixSecurityGroupRule,
	ec2.KindNetworkInterface:  ec2.PrefixNetworkInterface,
	ec2.KindAttachment:        ec2.PrefixAttachment,
	ec2.KindInstance:          ec2.PrefixInstance,
}

// importID takes "id" or "id@region" apart.
func (s *Session) importID(given string) (id string, region ec2.Region, err error) {
	id, in, ok := strings.Cut(given, "@")
	if id == "" {
		return "", "", fmt.Errorf("%q has no id before the @; write ID or ID@REGION", given)
	}
	if !ok {
		return id, s.Region, nil
	}
	region, err = ec2.ParseRegion(in)
	return id, region, err
}
