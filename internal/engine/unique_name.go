package engine

import (
	"encoding/hex"
	"fmt"
	"io"
)

// UniqueSuffixLength is the length of what UniqueName adds.
const UniqueSuffixLength = 26

// UniqueName makes a name of a prefix as Terraform does: 18 digits of time, 8
// hexadecimal digits to tell apart what was made at the same time.
func (tx *Tx) UniqueName(prefix string) string {
	var b [4]byte
	if _, err := io.ReadFull(tx.env.Random, b[:]); err != nil {
		panic(fmt.Sprintf("engine: no randomness for a name: %v", err))
	}
	now := tx.env.Now().UTC()
	return fmt.Sprintf("%s%s%04d%s", prefix, now.Format("20060102150405"), now.Nanosecond()/100_000, hex.EncodeToString(b[:]))
}
