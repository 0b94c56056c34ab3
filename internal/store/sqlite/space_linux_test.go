package sqlite_test

import (
	"testing"

	"waypost/internal/store/sqlite"
)

func TestNetworkFileSystemsAreKnown(t *testing.T) {
	for name, magic := range map[string]int64{"NFS": 0x6969, "CIFS": 0xff534d42, "SMB2": 0xfe534d42, "9P": 0x01021997, "FUSE": 0x65735546, "Ceph": 0xc36400} {
		if !sqlite.FarAway(magic) || !sqlite.FarAway(int64(int32(magic))) {
			t.Errorf("%s is not known", name)
		}
	}
	for name, magic := range map[string]int64{"ext4": 0xef53, "XFS": 0x58465342, "Btrfs": 0x9123683e, "tmpfs": 0x01021994, "ZFS": 0x2fc12fc1, "overlay": 0x794c7630} {
		if sqlite.FarAway(magic) {
			t.Errorf("%s is refused", name)
		}
	}
}
