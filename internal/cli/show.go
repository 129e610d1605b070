package cli

import (
	"context"
	"encoding/json"
	"io"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
)

type showCommand struct {
	labFlags
	Region string `help:"Only what is in this region." placeholder:"NAME"`
	All    bool   `help:"Terminated instances too."`
	JSON   bool   `name:"json" help:"As JSON, with the field names of EC2's Describe actions."`
}

// Validate judges what was typed.
func (c *showCommand) Validate() error {
	if c.Region == "" {
		return nil
	}
	_, err := ec2.ParseRegion(c.Region)
	return err
}

// Run prints the lab. One that does not exist yet is an empty one.
func (c *showCommand) Run(ctx context.Context, out io.Writer) error {
	l, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer l.Close() // nothing was written
	wanted := selection{region: ec2.Region(c.Region), terminated: c.All}
	var found inventory
	err = l.View(ctx, func(tx *engine.ReadTx) error {
		found = takeInventory(tx, wanted)
		return nil
	})
	if err != nil {
		return err
	}
	found.Location = l.Location()
	if !c.JSON {
		return report(out, found, wanted)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(found)
}
