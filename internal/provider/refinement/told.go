package refinement

import "sync"

// told are the provisional ids that Terraform has been told of since the walk
// began.
//
// The id of a new object is first heard of in the plan of the resource that makes
// it, because Terraform plans what refers to it later. That plan promises the id.
// The others must not: when they are planned once more during apply, they have the
// object's final id, which is not the one that the first plan made up; and
// Terraform fails a value that does not have the prefix that was planned.
type told struct {
	mu  sync.Mutex
	ids map[string]bool
}

// forget begins a new walk.
func (t *told) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ids = nil
}

// add adds an id and reports whether it was not there.
func (t *told) add(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ids[id] {
		return false
	}
	if t.ids == nil {
		t.ids = map[string]bool{}
	}
	t.ids[id] = true
	return true
}

// first returns what reports, for one response, whether an id is first heard of
// there.
func (t *told) first() func(id string) bool {
	here := map[string]bool{}
	return func(id string) bool {
		here[id] = here[id] || t.add(id)
		return here[id]
	}
}
