package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// farAway are the file systems whose memory several machines, or machine and host, may share badly or not at all; the
// numbers are those of statfs(2). FUSE is among them because sshfs and the shares of virtual machines come that way.
func farAway(magic int64) bool {
	switch uint32(magic) {
	case 0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x564c, // NFS, SMB, CIFS, SMB2, NCP
		0x5346414f, 0x6b414653, 0x73757245, 0x00c36400, 0x0bd00bd0, // AFS twice, Coda, Ceph, Lustre
		0x01161970, 0x7461636f, 0x47504653, 0x19830326, 0x6e736673, // GFS2, OCFS2, GPFS, BeeGFS, a clustered store
		0x01021997, 0x786f4256, 0x65735546, 0x62656570: // 9P, VirtualBox, FUSE, configuration
		return true
	}
	return false
}

func networked(dir string) (bool, error) {
	var at syscall.Statfs_t
	if err := syscall.Statfs(dir, &at); err != nil {
		return false, err
	}
	return farAway(int64(at.Type)), nil
}

// room is how many bytes we may still write there.
func room(dir string) (int64, error) {
	var at syscall.Statfs_t
	if err := syscall.Statfs(dir, &at); err != nil {
		return 0, err
	}
	return int64(at.Bavail) * int64(at.Bsize), nil
}

// reserve takes the blocks without writing them, where the file system can.
func reserve(f *os.File, size int64) error {
	err := syscall.Fallocate(int(f.Fd()), 0, 0, size)
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		return fill(f, size)
	}
	return err
}
