package sqlite

import "os"

// fill takes room by writing it.
func fill(f *os.File, size int64) error {
	block := make([]byte, 1<<16)
	for left := size; left > 0; left -= int64(len(block)) {
		if _, err := f.Write(block[:min(left, int64(len(block)))]); err != nil {
			return err
		}
	}
	return f.Sync()
}
