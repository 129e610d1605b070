package cli

import (
	"strings"
	"unicode/utf8"
)

// table lays text out in columns, each as wide as its widest line.
type table struct {
	rows []row
}

type row struct {
	cells []string
	title bool // one cell, which may be wider than its column
}

// add adds a row. A cell may have several lines; one without text shows as "-".
func (t *table) add(cells ...string) { t.rows = append(t.rows, row{cells: cells}) }

// addTitle adds a line of text for the rows that follow it.
func (t *table) addTitle(text string) { t.rows = append(t.rows, row{[]string{text}, true}) }

// write writes the table with every line indented by two spaces, and without spaces at
// the ends of lines.
func (t *table) write(out *strings.Builder) {
	const indent, gap = "  ", "  "
	widths := t.widths()
	for _, r := range t.rows {
		height := 1
		for _, cell := range r.cells {
			height = max(height, strings.Count(cell, "\n")+1)
		}
		for y := range height {
			var line strings.Builder
			for column, cell := range r.cells {
				text := ""
				if lines := strings.Split(cell, "\n"); y < len(lines) {
					text = lines[y]
				}
				if cell == "" && y == 0 {
					text = "-"
				}
				line.WriteString(text + strings.Repeat(" ", max(0, widths[column]-utf8.RuneCountInString(text))) + gap)
			}
			out.WriteString(indent + strings.TrimRight(line.String(), " ") + "\n")
		}
	}
}

func (t *table) widths() []int {
	var widths []int
	for _, r := range t.rows {
		for column, cell := range r.cells {
			if column == len(widths) {
				widths = append(widths, 0)
			}
			if r.title {
				continue
			}
			for line := range strings.SplitSeq(cell, "\n") {
				widths[column] = max(widths[column], utf8.RuneCountInString(line))
			}
		}
	}
	return widths
}
