package refinement

import "encoding/binary"

// A token is one element of a msgpack document. So is the header of an array or a
// map: what it holds follows it in the document.
type token int

const (
	tokenOther   token = iota
	tokenString        // a string, a map's key or an attribute's name
	tokenRefined       // the refinements of an unknown value
)

// refinedExtension is the msgpack extension type of unknown values with
// refinements. See cty's docs/refinements.md.
const refinedExtension = 0x0c

// scan yields the strings and refinements of a msgpack document in order, until
// yield returns false or the document is damaged.
func scan(b []byte, yield func(kind token, payload []byte) bool) {
	for len(b) > 0 {
		code := b[0]
		b = b[1:]
		var (
			kind token
			skip int // bytes that belong to the token
			size int // bytes that hold the number of those bytes
			ext  bool
		)
		switch {
		case code <= 0x9f, code == 0xc0, code == 0xc2, code == 0xc3, code >= 0xe0:
			// a small number, the header of a small map or array, nil, false, true
		case code <= 0xbf: // a small string
			kind, skip = tokenString, int(code&0x1f)
		case code >= 0xc4 && code <= 0xc6: // bytes, which decoders take for a string
			kind, size = tokenString, 1<<(code-0xc4)
		case code >= 0xc7 && code <= 0xc9: // extension
			ext, size = true, 1<<(code-0xc7)
		case code == 0xca: // 32 bit floating point
			skip = 4
		case code == 0xcb: // 64 bit floating point
			skip = 8
		case code >= 0xcc && code <= 0xcf: // unsigned
			skip = 1 << (code - 0xcc)
		case code >= 0xd0 && code <= 0xd3: // signed
			skip = 1 << (code - 0xd0)
		case code >= 0xd4 && code <= 0xd8: // extension of a fixed size
			ext, skip = true, 1<<(code-0xd4)
		case code >= 0xd9 && code <= 0xdb: // string
			kind, size = tokenString, 1<<(code-0xd9)
		case code == 0xdc, code == 0xde: // the header of an array or map
			skip = 2
		case code == 0xdd, code == 0xdf: // the header of a big array or map
			skip = 4
		default: // 0xc1 is not in use
			return
		}
		if size > 0 {
			if len(b) < size {
				return
			}
			var length [8]byte
			copy(length[8-size:], b)
			n := binary.BigEndian.Uint64(length[:])
			b = b[size:]
			if n > uint64(len(b)) {
				return
			}
			skip = int(n)
		}
		if ext {
			if len(b) == 0 {
				return
			}
			// As in cty, one byte or none is an unknown value without refinements.
			if b[0] == refinedExtension && skip > 1 {
				kind = tokenRefined
			}
			b = b[1:]
		}
		if len(b) < skip {
			return
		}
		if kind != tokenOther && !yield(kind, b[:skip]) {
			return
		}
		b = b[skip:]
	}
}

// refinedPrefix returns the known prefix that is among the refinements of an
// unknown string, or "". The only other string that may be in a value's refinements
// is a number, as the bound of a number.
func refinedPrefix(refinements []byte) (prefix string) {
	scan(refinements, func(kind token, payload []byte) bool {
		if kind == tokenString {
			prefix = string(payload)
		}
		return prefix == ""
	})
	return prefix
}
