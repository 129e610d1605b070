package core

import (
	"context"
	"fmt"
	"strings"
	"time"

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
}

// Lab is the world that lasts.
type Lab interface {
	rehearsal.Lab
	View(context.Context, func(*engine.ReadTx) error) error
	Update(context.Context, func(*engine.Tx) error) error
	Watch(context.Context) <-chan int64
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
