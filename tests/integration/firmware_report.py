# SPDX-License-Identifier: GPL-2.0-or-later
"""make firmware-report: what the board's images take, and what a handshake
costs. Prints client_fw/SIZES.md; with --write, writes it.

Instructions are counted by QEMU: with -icount shift=0 one takes a nanosecond
of the board's time, and the board knows for how many of those it was awake.
"""

import os
import re
import sys

import wwep_test
from wwep_firmware import Board, Wire, against, authority, image
from wwep_test import SRC, Server, run, tool, write_file

PROFILES = ("small", "fast", "compat")
HEAD = """\
# What a board's image takes

Of `client_fw/boards/mps2_an385`, a Cortex-M3 in QEMU, with {compiler}. Made by
`make firmware-report`; a test fails when flash or RAM grows by more than 3 %.

"""
MAIN = ("profile", "flash", "ram", "heap_peak", "stack_peak",
        "instructions_full", "instructions_resumed")
MORE = ("profile", "chain of two", "with our certificate", "in the clear",
        "bytes out, full", "bytes in, full", "bytes out, resumed",
        "bytes in, resumed", "variables", "stack, as linked",
        "heap, as linked")
WORDS = """
- **flash**: all that is loaded, with DNS, DHCP, mutual authentication, and a
  root, an intermediate and a P-256 certificate and key of the board's own. The
  page of a DCT (8192 bytes) is beside it.
- **ram**: all of it, as linked: variables, stack and heap. QEMU has more, the
  image does not.
- **heap_peak**: up to where the heap was ever used, holes and all, and
  **stack_peak**, the deepest that the stack ever was: the most of the runs of
  these tables.
- **instructions_full**, **instructions_resumed**: of a whole exchange over TLS
  1.3, from the button to the reply and the good-bye: connection, reading of
  certificates, handshake, request. The server is a wwepd, with a P-256
  certificate that the root has signed itself; without the time asleep.

The same, as far as it differs, and bytes on the wire, in TCP's content:

"""


class Counter:
    """TCP's content in frames, out and in."""

    def __init__(self):
        self.bytes = [0, 0]

    def __call__(self, frame, out):
        if frame.protocol == 6:
            total = int.from_bytes(frame.ip[2:4], "big")
            header = frame.payload[12] >> 4 << 2
            self.bytes[0 if out else 1] += total - 20 - header
        return [frame.data]

    def take(self):
        taken, self.bytes = self.bytes, [0, 0]
        return taken


def instructions(exchange):
    assert exchange["reply"].startswith("A"), exchange
    return int(exchange["busy"]) * 1000


def runs(profile):
    """(what, exchanges of button 1, figures, bytes of each) against servers
    of three kinds; the first has a plain exchange before them."""
    a = authority()
    elf = image(profile, True)
    kinds = (("single", a.single()), ("chain", a.server()),
             ("own", a.server(client_auth="required", client_ca=a.root)))
    for what, tls in kinds:
        count = Counter()
        with Server({"name": "plain"}, {"name": "secure", "tls": tls}) as s, \
                Wire(count) as wire:
            options = against(s, "--count", *wire.options)
            with Board(elf, *options) as b:
                plain = b.press(0)
                count.take()
                pressed, sent = [], []
                for _ in range(3):
                    pressed.append(b.press(1))
                    b.figures()  # by then, the good-bye has gone
                    sent.append(count.take())
                yield what, plain, pressed, b.figures(), sent
                b.quit()


def budget(profile):
    makefile = wwep_test.read_file(os.path.join(
        SRC, "client_fw/boards/mps2_an385/firmware.mk")).decode()
    return int(re.search(rf"\(PROFILE\),{profile}\)\nFLASH := \d+\n"
                         r"RAM := (\d+)\n", makefile)[1])


def measure(profile):
    """The two rows."""
    found = {what: rest for what, *rest in runs(profile)}
    figures = [rest[2] for rest in found.values()]
    plain, single, first, sent = found["single"]
    main = (profile, first["flash"], budget(profile),
            max(f["extent"] for f in figures),
            max(f["stack"] for f in figures), instructions(single[0]),
            instructions(single[1]))
    more = (profile, instructions(found["chain"][1][0]),
            instructions(found["own"][1][0]), instructions(plain),
            *sent[0], *sent[1], first["fixed"], first["stack_len"],
            first["heap_len"])
    return main, more


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main():
    compiler = run([tool("arm-none-eabi-gcc"), "--version"]).stdout.decode()
    version = re.search(r"\d+\.\d+\.\d+", compiler)[0]
    rows = [measure(profile) for profile in PROFILES]
    more = list(zip(MORE, *[row[1] for row in rows]))
    text = HEAD.format(compiler=f"GCC {version}") \
        + table(MAIN, [row[0] for row in rows]) + WORDS \
        + table(more[0], more[1:])
    print(text, end="")
    if "--write" in sys.argv[1:]:
        write_file(os.path.join(SRC, "client_fw", "SIZES.md"), text, 0o644)


if __name__ == "__main__":
    main()
