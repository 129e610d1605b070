package cli

import (
	"context"

	"github.com/vpclab/terraform-provider-vpclab/internal/lab"
)

// labFlags say which lab a command is about, as the provider's arguments of the same
// names do.
type labFlags struct {
	Lab   string `help:"The name of the lab. Default: default." placeholder:"NAME" env:"VPCLAB_LAB"`
	Store string `help:"Where labs are: a folder, or a file that ends in .db. Default: the folder .vpclab here." placeholder:"PATH" env:"VPCLAB_STORE"`
}

// open opens the lab. Nothing is written: a lab that does not exist is empty.
func (f labFlags) open(ctx context.Context) (*lab.Lab, error) {
	return lab.Open(ctx, lab.Options{Name: f.Lab, Store: f.Store})
}
