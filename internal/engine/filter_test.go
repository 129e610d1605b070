package engine

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMatchWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, value string
		want           bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"?", "", false},
		{"?", "é", true},
		{"web", "web", true},
		{"web", "Web", false},
		{"web", "web-1", false},
		{"web*", "web-1", true},
		{"*-1", "web-1", true},
		{"w*b*1", "web-b-1", true},
		{"w*b*1", "web-b-2", false},
		{"**", "a", true},
		{"a**b", "ab", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`a\?`, "a?", true},
		{`a\?`, "ab", false},
		{`\\`, `\`, true},
		{`\\*`, `\x`, true},
		{`\\\*`, `\*`, true},
		{`a\b`, `a\b`, true},
		{`a\b`, "ab", false},
		{`a\`, `a\`, true},
		{`*\**`, "a*b", true},
		{`*\**`, "ab", false},
	} {
		if got := matchWildcard(c.pattern, c.value); got != c.want {
			t.Errorf("%q against %q: got %t, want %t", c.pattern, c.value, got, c.want)
		}
	}
}

// FuzzMatchWildcard holds the matching against the regular expression a
// pattern stands for.
func FuzzMatchWildcard(f *testing.F) {
	for _, seed := range [][2]string{{"w*b?", "web1"}, {`\*\`, `*\`}, {"**a**", "bab"}, {`\\?`, `\x`}, {"*a*a*a*b", "aaaaaaaa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(value) {
			return
		}
		var b strings.Builder
		b.WriteString(`(?s)\A`)
		for p := []rune(pattern); len(p) > 0; p = p[1:] {
			switch {
			case p[0] == '*':
				b.WriteString(".*")
			case p[0] == '?':
				b.WriteString(".")
			case p[0] == '\\' && len(p) > 1 && strings.ContainsRune(`*?\`, p[1]):
				b.WriteString(regexp.QuoteMeta(string(p[1])))
				p = p[1:]
			default:
				b.WriteString(regexp.QuoteMeta(string(p[0])))
			}
		}
		b.WriteString(`\z`)
		re, err := regexp.Compile(b.String())
		if err != nil {
			return // too long for a regular expression
		}
		if got, want := matchWildcard(pattern, value), re.MatchString(value); got != want {
			t.Errorf("%q against %q: got %t, want %t", pattern, value, got, want)
		}
	})
}
