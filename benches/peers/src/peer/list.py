"""Lists all subvolumes of a filesystem with python-btrfs and measures itself.

Prints the nanoseconds and the peak of its memory in KiB, then the list, all after the measurement.
"""
import resource
import sys
import time

import btrfs

TREE = btrfs.ctree.ROOT_TREE_OBJECTID
TOP_LEVEL = btrfs.ctree.FS_TREE_OBJECTID


def subvolumes(fs):
    """All subvolumes but the top level: (id, path)."""
    first = btrfs.ctree.Key(btrfs.ctree.FIRST_FREE_OBJECTID, btrfs.ctree.ROOT_BACKREF_KEY, 0)
    last = btrfs.ctree.Key(btrfs.ctree.LAST_FREE_OBJECTID, btrfs.ctree.ROOT_BACKREF_KEY, btrfs.ctree.ULLONG_MAX)
    directories, places = {}, {}
    for header, data in btrfs.ioctl.search_v2(fs.fd, TREE, first, last):
        if header.type != btrfs.ctree.ROOT_BACKREF_KEY:
            continue
        ref = btrfs.ctree.RootRef(header, data)
        parent, directory = header.offset, ref.dirid
        if (parent, directory) not in directories:
            found = btrfs.ioctl.ino_lookup(fs.fd, parent, directory)
            directories[(parent, directory)] = found.name_bytes
        places[header.objectid] = (parent, directories[(parent, directory)] + ref.name)

    def path(subvolume):
        parent, name = places[subvolume]
        return name if parent == TOP_LEVEL else path(parent) + b'/' + name

    return [(subvolume, path(subvolume)) for subvolume in places]


with btrfs.FileSystem(sys.argv[1]) as filesystem:
    begin = time.monotonic_ns()
    found = subvolumes(filesystem)
    took = time.monotonic_ns() - begin
print(took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
for subvolume, path in found:
    print(subvolume, path.decode())
