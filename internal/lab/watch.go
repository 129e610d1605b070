package lab

import (
	"context"
	"sync"
	"time"
)

// pollInterval is how often the journal is asked what other processes did,
// while somebody watches.
const pollInterval = 50 * time.Millisecond

// Watch tells that the lab has changed. The channel gives the newest revision
// whenever there is one newer than at the call of Watch, at once if this
// process made it, and after at most a tenth of a second if another did.
// Revisions that nobody fetched give way to newer ones. The channel is closed
// when the context ends or the lab is closed.
//
// Who waits for a condition calls Watch first, then looks, then waits.
func (l *Lab) Watch(ctx context.Context) <-chan int64 {
	w := make(chan int64, 1)
	if !l.watchers.add(w, l.poll) {
		close(w)
		return w
	}
	context.AfterFunc(ctx, func() { l.watchers.remove(w) })
	return w
}

// poll brings in what other processes wrote, until the context ends.
func (l *Lab) poll(ctx context.Context) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// It tells the watchers by itself. A journal that fails now fails
			// again when a watcher looks, and there somebody hears of it.
			_, _ = l.latest(ctx)
		}
	}
}

// watchers are those who are told of new revisions.
type watchers struct {
	mu       sync.Mutex
	channels map[chan int64]struct{}
	stop     context.CancelFunc // ends polling
	pollers  sync.WaitGroup
	closed   bool
}

// add adds a watcher, and has poll run as long as there is one. It reports
// false after close.
func (w *watchers) add(c chan int64, poll func(context.Context)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	if len(w.channels) == 0 {
		w.channels = make(map[chan int64]struct{})
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		w.pollers.Go(func() { poll(ctx) })
	}
	w.channels[c] = struct{}{}
	return true
}

func (w *watchers) remove(c chan int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.channels[c]; !ok {
		return
	}
	delete(w.channels, c)
	close(c)
	if len(w.channels) == 0 {
		w.stop()
	}
}

// tell gives every watcher a revision in the place of one it has not fetched.
func (w *watchers) tell(revision int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.channels {
		select {
		case older := <-c:
			revision = max(revision, older)
		default:
		}
		c <- revision
	}
}

func (w *watchers) close() {
	w.mu.Lock()
	w.closed = true
	for c := range w.channels {
		close(c)
	}
	if len(w.channels) > 0 {
		w.stop()
	}
	w.channels = nil
	w.mu.Unlock()
	w.pollers.Wait()
}
