package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// narrator writes the story. Colour, where there is any, repeats what the text says.
type narrator struct {
	out    io.Writer
	colour bool
	number int // of the chapter
}

const (
	bold  = "1"
	red   = "31"
	green = "32"
	dim   = "2"
)

// colourful reports whether a file is a terminal whose user wants colour
// (https://no-color.org).
func colourful(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 &&
		os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && runtime.GOOS != "windows"
}

func (n *narrator) style(code, text string) string {
	if !n.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// chapter begins a new part of the story.
func (n *narrator) chapter(title string) {
	n.number++
	fmt.Fprintf(n.out, "\n%s\n\n", n.style(bold, fmt.Sprintf("%d. %s", n.number, title)))
}

// say writes prose, which comes wrapped.
func (n *narrator) say(text string) {
	fmt.Fprintf(n.out, "%s\n\n", strings.TrimSpace(text))
}

// command shows what somebody would type.
func (n *narrator) command(line string) {
	fmt.Fprintln(n.out, "  "+n.style(bold, "$ "+line))
}

// quote shows what a program has answered.
func (n *narrator) quote(text string) {
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		switch {
		case line == "":
			fmt.Fprintln(n.out)
		case strings.HasPrefix(line, "Error: "):
			fmt.Fprintln(n.out, "  "+n.style(red, line))
		default:
			fmt.Fprintln(n.out, "  "+line)
		}
	}
	fmt.Fprintln(n.out)
}

// file shows what a file says.
func (n *narrator) file(name, text string) {
	fmt.Fprintln(n.out, "  "+n.style(dim, "in "+name+":"))
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		fmt.Fprintln(n.out, strings.TrimRight("  "+line, " "))
	}
	fmt.Fprintln(n.out)
}

// checked says that something was found to be true.
func (n *narrator) checked(fact string) {
	fmt.Fprintf(n.out, "  %s\n\n", n.style(green, "Checked: "+fact))
}
