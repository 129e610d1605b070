// Command terraform-provider-vpclab is a Terraform provider that carries its own
// cloud, a simulated VPC. Terraform starts it and talks to it; a person who starts it
// gets a command line that shows what the simulated cloud holds.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/vpclab/terraform-provider-vpclab/internal/cli"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider"
)

func main() {
	build := currentBuild()
	// A debugger runs the provider with -debug and without Terraform; Terraform then
	// finds it by the variable that it prints.
	debug := len(os.Args) == 2 && slices.Contains([]string{"-debug", "--debug"}, os.Args[1])
	if debug || os.Getenv("TF_PLUGIN_MAGIC_COOKIE") != "" {
		if err := serve(build.Version, debug); err != nil {
			fmt.Fprintln(os.Stderr, "terraform-provider-vpclab:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := cli.Run(ctx, os.Args[1:], build, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// serve is the provider until Terraform ends it. An interrupt is Terraform's to
// handle: it finishes what it has begun and ends its providers then.
func serve(version string, debug bool) error {
	var options []tf6server.ServeOpt
	if debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	return tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return provider.Server(version) }, options...)
}
