# SPDX-License-Identifier: GPL-2.0-or-later
"""The layer between a server and its disk (disk_layer.c), and what a power cut
leaves of what it has seen."""

import os
import struct

import wwep_test
from wwep_test import BUILD, Skip

LAYER = os.path.join(BUILD, "tests", "integration", "disk_layer.so")
RECORD = struct.Struct("<cxxxIQQ")
SECTOR = 512


def under(folder, **layer):
    """A preexec for a server whose files in the folder are behind the layer;
    full, bad, trace: paths."""
    if not os.path.exists(LAYER):
        raise Skip("disk_layer.so is not built")
    if wwep_test.slowness() > 3:
        raise Skip("the sanitizer of threads has a layer of its own there")

    def preexec():
        os.environ["LD_PRELOAD"] = LAYER
        os.environ["ASAN_OPTIONS"] = ":".join(filter(None, (
            os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
        os.environ["WWEP_DISK_FOLDER"] = folder
        for name, path in layer.items():
            os.environ["WWEP_DISK_" + name.upper()] = path
    return preexec


def read_trace(path):
    """[(what, path, offset, bytes)]; what a kill has cut short is left out."""
    with open(path, "rb") as f:
        data = f.read()
    at, records = 0, []
    while at + RECORD.size <= len(data):
        what, path_len, offset, length = RECORD.unpack_from(data, at)
        at += RECORD.size
        if at + path_len + length > len(data):
            break
        records.append((what.decode(), data[at:at + path_len].decode(), offset,
                        data[at + path_len:at + path_len + length]))
        at += path_len + length
    return records


class Disk:
    """Files as they grow by the trace."""

    def __init__(self, files):
        self.files = {path: bytearray(data) for path, data in files.items()}

    def write(self, path, offset, data):
        content = self.files.setdefault(path, bytearray())
        if len(content) < offset:
            content.extend(bytes(offset - len(content)))
        content[offset:offset + len(data)] = data

    def apply(self, record):
        what, path, offset, data = record
        if what == "W":
            self.write(path, offset, data)
        elif what == "T":
            content = self.files.setdefault(path, bytearray())
            if len(content) > offset:
                del content[offset:]
            else:
                content.extend(bytes(offset - len(content)))
        elif what == "U":
            self.files.pop(path, None)
        elif what == "R" and path in self.files:
            self.files[data.decode()] = self.files.pop(path)


def after_a_cut(files, records, random):
    """What may be there: of each file all up to its last sync, and of what
    came later a random part, by sectors. files: what there was before."""
    last_sync = {}
    for i, (what, path, _, _) in enumerate(records):
        if what == "S":
            last_sync[path] = i
    disk = Disk(files)
    share = random.choice((0.0, 0.3, 0.7, 1.0))
    for i, record in enumerate(records):
        what, path, offset, data = record
        if path.endswith("-shm"):
            continue
        if i <= last_sync.get(path, -1) or what in "UR":
            disk.apply(record)
        elif what == "W":
            for at in range(0, len(data), SECTOR):
                if random.random() < share:
                    disk.write(path, offset + at, data[at:at + SECTOR])
        elif random.random() < share:
            disk.apply(record)
    return {path: bytes(data) for path, data in disk.files.items()}
