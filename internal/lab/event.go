package lab

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/vpclab/terraform-provider-vpclab/internal/engine"
	"github.com/vpclab/terraform-provider-vpclab/internal/lab/journal"
)

// Event tells what one update did.
type Event struct {
	Revision int64 `json:"revision"`
	engine.Event
}

// EventRange chooses events; its zero value chooses all.
type EventRange = journal.EventRange

// Events gives what happened in the lab, oldest first.
func (l *Lab) Events(ctx context.Context, which EventRange) ([]Event, error) {
	documents, err := l.journal.Events(ctx, which)
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(documents))
	for i, d := range documents {
		events[i].Revision = d.Revision
		if err := json.Unmarshal(d.Document, &events[i].Event); err != nil {
			return nil, &journal.Error{
				Location: l.Location(),
				Problem:  fmt.Sprintf("the event of revision %d cannot be understood", d.Revision),
				Remedy:   "the lab itself can be used; put a good copy in its place to have its history back",
				Err:      err,
			}
		}
	}
	return events, nil
}
