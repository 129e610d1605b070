package ec2

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxTextLength is the most characters the names and descriptions of security
// groups and of their rules may have.
const maxTextLength = 255

// punctuation is what such texts may contain besides letters and digits of
// ASCII, in a VPC.
const punctuation = "._-:/()#,@[]+=&;{}!$* "

// CheckGroupName judges the name of a security group: 1 to 255 characters of
// those EC2 takes, other than "default" and than what looks like a group's id.
func CheckGroupName(s string) error {
	switch {
	case s == "":
		return errors.New("the name of a security group has to have at least one character")
	case strings.HasPrefix(s, "sg-"):
		return fmt.Errorf(`the name of a security group cannot begin with "sg-", as its id does: %q`, s)
	case s == "default":
		return errors.New(`the name "default" belongs to the security group that every VPC has from the start`)
	}
	return checkText("the name of a security group", s)
}

// CheckGroupDescription judges the description of a security group: 1 to 255
// characters of those EC2 takes.
func CheckGroupDescription(s string) error {
	if s == "" {
		return errors.New("the description of a security group has to have at least one character")
	}
	return checkText("the description of a security group", s)
}

// CheckRuleDescription judges the description of a security group rule: up to
// 255 characters of those EC2 takes.
func CheckRuleDescription(s string) error {
	return checkText("the description of a rule", s)
}

func checkText(what, s string) error {
	if n := utf8.RuneCountInString(s); n > maxTextLength {
		return fmt.Errorf("%s has at most %d characters; this one has %d", what, maxTextLength, n)
	}
	for i, r := range s {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune(punctuation, r) {
			continue
		}
		return fmt.Errorf("%s cannot have %q (character %d of %q); it may have a-z, A-Z, 0-9, spaces and %s",
			what, r, utf8.RuneCountInString(s[:i])+1, s, strings.TrimSpace(punctuation))
	}
	return nil
}
