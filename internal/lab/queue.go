package lab

import (
	"context"
	"slices"
	"sync"
)

// queue holds the updates that wait for their turn, and keeps one goroutine
// busy with them as long as there are any.
type queue struct {
	mu      sync.Mutex
	waiting []*update
	serving bool
	abandon context.CancelFunc // ends the wait for the lock, when nobody needs it any more
	closed  bool
	servers sync.WaitGroup
}

// join adds an update and sees to it that serve runs. It reports false after
// close.
func (q *queue) join(u *update, serve func()) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, u)
	if !q.serving {
		q.serving = true
		q.servers.Go(serve)
	}
	return true
}

// leave takes an update out, and reports false if it does not wait any more.
func (q *queue) leave(u *update) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, u)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	if len(q.waiting) == 0 && q.abandon != nil { // nil until the first server is under way
		q.abandon()
	}
	return true
}

// next gives the context under which to wait for the lock, and reports false
// if there is nobody to wait for it; then the one who asked must stop serving.
func (q *queue) next() (context.Context, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.abandon != nil {
		q.abandon()
	}
	ctx, abandon := context.WithCancel(context.Background())
	q.abandon = abandon
	q.serving = len(q.waiting) > 0
	if !q.serving {
		abandon()
	}
	return ctx, q.serving
}

// take gives the update whose turn it is, nil if nobody waits.
func (q *queue) take() *update {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	u := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	return u
}

// takeAll gives all that wait.
func (q *queue) takeAll() []*update {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// close lets nobody join any more and waits until nobody waits.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.servers.Wait()
}
