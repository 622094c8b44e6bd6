# SPDX-License-Identifier: GPL-2.0-or-later
"""The layer between a server and its system (fault_layer.c): which of its
calls fail, and what time it is."""

import errno
import mmap
import os
import re
import struct

import wwep_test
from wwep_test import BUILD, Skip, read_file, scratch_dir, write_file

LAYER = os.environ.get("WWEP_FAULT_LAYER") or os.path.join(
    BUILD, "tests", "integration", "fault_layer.so")
HEAD = struct.Struct("=qq48x")    # live, clock_s
SLOT = struct.Struct("=iiqqqq")   # error, kind, first, last, count, fired
END = (1 << 63) - 1
KINDS = {"any": 0, "socket": 1, "regular": 2, "other": 3}


def calls():
    """Their names, as the layer has them."""
    source = read_file(os.path.join(os.path.dirname(__file__),
                                    "fault_layer.c")).decode()
    part = source[source.index("#define CALLS(X)"):source.index("enum call")]
    return re.findall(r"X\((\w+)\)", part)


class Faults:
    """The page that a server and we share."""

    def __init__(self):
        if not os.path.exists(LAYER):
            raise Skip("fault_layer.so is not built")
        if wwep_test.slowness() > 1:
            raise Skip("the sanitizers have a memory of their own")
        self.names = calls()
        self.path = write_file(os.path.join(scratch_dir("faults"), "page"),
                               bytes(mmap.PAGESIZE))
        with open(self.path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), mmap.PAGESIZE)

    def preexec(self):
        os.environ["LD_PRELOAD"] = LAYER
        os.environ["WWEP_FAULT_PAGE"] = self.path

    def environment(self):
        return {**os.environ, "LD_PRELOAD": LAYER,
                "WWEP_FAULT_PAGE": self.path}

    def _at(self, call):
        return HEAD.size + self.names.index(call) * SLOT.size

    def arm(self, call, error="ENOMEM", first=1, last=None, kind="any"):
        """The calls of this name fail from `first` on, up to `last` (None:
        without end), counted from now on."""
        self.disarm(call)
        SLOT.pack_into(self.page, self._at(call), 0, KINDS[kind], first,
                       END if last is None else last, 0, 0)
        struct.pack_into("=i", self.page, self._at(call),
                         getattr(errno, error))

    def disarm(self, call):
        """None fails; returns how many did."""
        struct.pack_into("=i", self.page, self._at(call), 0)
        return self.fired(call)

    def watch(self, call, kind="any"):
        """Counts them alone."""
        SLOT.pack_into(self.page, self._at(call), 0, KINDS[kind], 0, 0, 0, 0)

    def count(self, call):
        return SLOT.unpack_from(self.page, self._at(call))[4]

    def fired(self, call):
        return SLOT.unpack_from(self.page, self._at(call))[5]

    def live(self):
        """Blocks of memory that the server has."""
        return HEAD.unpack_from(self.page)[0]

    def jump(self, seconds):
        """The server's wall clock is that far from ours."""
        struct.pack_into("=q", self.page, 8, seconds)
