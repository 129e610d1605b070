package engine

import (
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/ec2"
)

// set assigns what a parameter gives, if it gives anything.
func set[T any](to *T, parameter *T) {
	if parameter != nil {
		*to = *parameter
	}
}

// invalid refuses a parameter's value for a reason that a rule of package ec2
// gives.
func invalid(action, parameter, summary string, reason error) *ec2.Error {
	return &ec2.Error{
		Action: action, Code: "InvalidParameterValue", Parameter: parameter,
		Message: fmt.Sprintf("Invalid value for parameter %s: %v", parameter, reason),
		Summary: summary,
		Detail:  stop(sentence(reason.Error())),
	}
}
