// Command docgen prints the provider's schemas in the form of "terraform
// providers schema -json", without a Terraform: it asks the provider's server.
// "make docs" has tfplugindocs write the reference pages from it.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
)

func main() {
	ctx := context.Background()
	schema, err := describe(ctx, provider.Server("docs"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(document(schema)); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}
