// Package ec2 has the words of EC2: its objects, ids, regions and zones,
// instance types, and the rules that hold for a value on its own. It is what
// the rooms above mean when they speak of a network interface; it knows none of
// them.
package ec2
