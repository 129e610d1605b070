package provider

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// rule makes a validator of a rule of package ec2, so that a rule is written
// once.
type rule struct {
	summary string
	check   func(string) error
}

var _ validator.String = rule{}

var (
	validIPv4CIDR = rule{"This is not an IPv4 CIDR block", func(s string) error {
		_, err := ec2.ParseIPv4CIDR(s)
		return err
	}}
	validVPCCIDR      = rule{"A VPC cannot have this CIDR block", sized(ec2.CheckVPCCIDR)}
	validSubnetCIDR   = rule{"A subnet cannot have this CIDR block", sized(ec2.CheckSubnetSize)}
	validIPv4Address  = rule{"This is not an IPv4 address", checkIPv4Address}
	validInstanceType = rule{"There is no such instance type", func(s string) error {
		_, err := ec2.LookupInstanceType(s)
		return err
	}}
	notEmptyString        = rule{"An empty string names nothing", checkNotEmpty}
	validUserData         = rule{"The user data is too long", checkUserData}
	validBase64           = rule{"This is not base64", checkBase64}
	validUserDataBase64   = rule{"The user data is too long", checkUserDataBase64}
	validGroupName        = rule{"The security group cannot have this name", ec2.CheckGroupName}
	validGroupNamePrefix  = rule{"The security group cannot have a name with this prefix", checkNamePrefix}
	validGroupDescription = rule{"The security group cannot have this description", ec2.CheckGroupDescription}
)

// objectAsOptions reads an object of a configuration, in which anything may be
// unknown.
var objectAsOptions = basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true, UnhandledUnknownAsEmpty: true}

var atMostOne = listvalidator.SizeAtMost(1)

// notEmpty refuses a set without elements, which is not the same as a set that is
// not given.
type notEmpty struct{ summary, detail string }

var _ validator.Set = notEmpty{}

var (
	anAddress      = notEmpty{"An interface has at least one private address", "Name one, or leave the argument out to have one chosen."}
	aSecurityGroup = notEmpty{"A network interface needs a security group", "Name one, or leave the argument out for the VPC's default group."}
)

func (v notEmpty) Description(context.Context) string { return v.summary }

func (v notEmpty) MarkdownDescription(context.Context) string { return v.summary }

func (v notEmpty) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if reported, ok := v.check(req.ConfigValue, req.Path).(core.Reported); ok {
		resp.Diagnostics.Append(reported.Diagnostic)
	}
}

// check is for a set that was not known at validation.
func (v notEmpty) check(s types.Set, at path.Path) error {
	if !given(s) || len(s.Elements()) > 0 {
		return nil
	}
	return core.Reported{Diagnostic: diag.NewAttributeErrorDiagnostic(at, v.summary, v.detail)}
}

// sized judges the size of what parses; what does not is the business of
// validIPv4CIDR.
func sized(check func(netip.Prefix) error) func(string) error {
	return func(s string) error {
		p, err := ec2.ParseIPv4CIDR(s)
		if err != nil {
			return nil
		}
		return check(p)
	}
}

func (r rule) Description(context.Context) string { return r.summary }

func (r rule) MarkdownDescription(context.Context) string { return r.summary }

func (r rule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, r.summary, err.Error()+".")
	}
}

func checkIPv4Address(s string) error {
	if a, err := netip.ParseAddr(s); err != nil || !a.Is4() {
		return fmt.Errorf("%q is not an IPv4 address such as 10.0.1.50", s)
	}
	return nil
}

func checkUserData(s string) error {
	const most = 16 << 10 // Amazon EC2 User Guide, "Run commands when you launch an EC2 instance"
	if len(s) > most {
		return fmt.Errorf("it has %d bytes; EC2 takes %d at most", len(s), most)
	}
	return nil
}

func checkUserDataBase64(s string) error {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil // for validBase64 to say
	}
	return checkUserData(string(data))
}

func checkBase64(s string) error {
	if _, err := base64.StdEncoding.DecodeString(s); err != nil {
		return fmt.Errorf("%w; Terraform's function base64encode makes it of text", err)
	}
	return nil
}

func checkNotEmpty(s string) error {
	if s == "" {
		return errors.New("leave the argument out, or set it to null, to have the default")
	}
	return nil
}
