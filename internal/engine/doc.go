// Package engine is the simulated cloud: a [World] of VPCs, subnets, security
// groups, network interfaces and instances in memory, and EC2's operations as
// functions on one transaction over it. It knows neither files nor Terraform;
// package lab makes a world last, package rehearsal plays plans on a fork.
//
// Operations carry the name of their EC2 API action, take an input struct with
// that action's parameter names, and fail with [*ec2.Error], whose code is
// EC2's. An operation that fails has changed nothing, but that it may have made
// the default VPC; a transaction that is not committed leaves nothing behind.
package engine
