package core

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// Parameters maps parameters of EC2 actions, written "Action.Parameter", to the
// attributes they come from. "Parameter" alone stands for it in any action.
type Parameters map[string]path.Path

func (p Parameters) find(action, parameter string) (path.Path, bool) {
	if at, ok := p[action+"."+parameter]; ok {
		return at, true
	}
	at, ok := p[parameter]
	return at, ok
}

// diagnose translates an error into diagnostics: what cannot be; the facts and
// what to do instead; and the EC2 error it stands for. Nil gives none.
func (r *managed[M]) diagnose(err error) diag.Diagnostics { return diagnose(err, r.Parameters()) }

func diagnose(err error, parameters Parameters) diag.Diagnostics {
	var diags diag.Diagnostics
	if err == nil {
		return diags
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			diags.Append(diagnose(err, parameters)...)
		}
		return diags
	}
	if reported, ok := errors.AsType[Reported](err); ok {
		diags.Append(reported.Diagnostic)
		return diags
	}
	refusal, ok := errors.AsType[*ec2.Error](err)
	if !ok {
		diags.AddError("The lab cannot be used", err.Error())
		return diags
	}
	detail := fmt.Sprintf("EC2: %s", refusal.Error())
	if explained := refusal.Explain(); explained != "" {
		detail = explained + "\n\n" + detail
	}
	if at, ok := parameters.find(refusal.Action, refusal.Parameter); ok {
		diags.AddAttributeError(at, refusal.Summary, detail)
	} else {
		diags.AddError(refusal.Summary, detail)
	}
	return diags
}

// Reported is an error that is a diagnostic already, of what is not EC2's to
// refuse.
type Reported struct{ diag.Diagnostic }

// Error gives the diagnostic in one line.
func (r Reported) Error() string { return r.Summary() + ": " + r.Detail() }

// ErrGone is what Read returns for an object that does not exist any more.
var ErrGone = errors.New("the object does not exist any more")

func isNotFound(err error) bool {
	if errors.Is(err, ErrGone) {
		return true
	}
	refusal, ok := errors.AsType[*ec2.Error](err)
	return ok && refusal.NotFound()
}
