//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockExcludes says that [lock] keeps other processes out.
const lockExcludes = true

// lock takes an exclusive lock on the file at path, which it creates if need be, and
// returns what releases it. The system releases it too when the process ends, however it
// ends. While another process holds the lock, waiting is called with the time waited so
// far: at once, then every [progressEvery].
func lock(ctx context.Context, path string, waiting func(time.Duration)) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	began, next := time.Now(), time.Duration(0)
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		if waited := time.Since(began); waited >= next {
			waiting(waited)
			next += progressEvery
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-poll.C:
		}
	}
}
