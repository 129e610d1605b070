package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// place is where a lab is.
type place struct {
	file        string
	inDirectory bool // of labs, which may be made for it
}

// scheme matches what a store begins with if it is no path. One letter would
// be a drive of Windows.
var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+):`)

// resolve finds the place of a lab in a store.
func resolve(store, name string) (place, error) {
	path := store
	if m := scheme.FindStringSubmatch(store); m != nil {
		switch kind := strings.ToLower(m[1]); kind {
		case "sqlite", "file":
			path = strings.TrimPrefix(store[len(m[0]):], "//")
			if path == "" {
				return place{}, fmt.Errorf("store %q: no path follows %q; name a directory or a file", store, m[0])
			}
		case "postgres", "postgresql":
			return place{}, errors.New("store: PostgreSQL stores are not in this version of vpclab yet; name a directory, or a file that ends in .db")
		default:
			// The store itself is left out: a URL may hold a password.
			return place{}, fmt.Errorf(`store: unknown scheme %q; known are "sqlite:", "file:" and "postgres:", and a directory is named without one`, m[0])
		}
	}
	if path == "" {
		path = DefaultStore
	}
	path, err := expandHome(path)
	if err != nil {
		return place{}, err
	}
	switch filepath.Ext(path) {
	case ".db", ".sqlite":
		return place{file: path}, nil
	default:
		return place{file: filepath.Join(path, name+".db"), inDirectory: true}, nil
	}
}

// expandHome does what a shell does with a leading "~/", as no shell sees what
// stands in a configuration.
func expandHome(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("store %q: %w; name the directory in full", path, err)
	}
	return filepath.Join(home, path[1:]), nil
}
