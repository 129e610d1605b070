// Command find-cli prints the path of the Terraform or OpenTofu program that the
// tests and the demo use, and builds OpenTofu where there is none. With -config DIR
// it prints instead the CLI configuration that has both programs take the provider
// from the directory DIR.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/vpclab/terraform-provider-vpclab/internal/terraformcli"
)

func main() {
	config := flag.String("config", "", "print the CLI configuration for the provider in `DIR`, instead of the program's path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *config); err != nil {
		fmt.Fprintln(os.Stderr, "find-cli:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, config string) error {
	if config != "" {
		text, err := terraformcli.ConfigText(config)
		if err == nil {
			fmt.Print(text)
		}
		return err
	}
	cli, err := terraformcli.Find(ctx)
	if err == nil {
		fmt.Println(cli.Path)
	}
	return err
}
