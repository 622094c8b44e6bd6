# SPDX-License-Identifier: GPL-2.0-or-later
"""No memory: the n-th allocation fails, alone or with all that follow, at the
start and in each kind of exchange.

With WWEP_LONG every n of the start has its turn; else some do.
"""

import os
import re
import signal
import subprocess
import time

import wwep_test
from wwep_certs import authority
from wwep_client import exchange, fresh_address
from wwep_fault import Faults
from wwep_test import (WWEPD, Server, each, equal, read_file, scratch_dir,
                       until)

SAMPLES = 25  # of the start, of each kind
# wolfSSL 5.5.4 forgets the entry of the key share where there is no memory for
# its key (TLSX_KeyShare_Establish): a block for each of the two allocations.
LIBRARY_LEAKS = 2
REQUEST, REPLY = b"W0FAC0B1234", b"A0FAC0B1234"
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\S+Z ", re.M)
LONG = "WWEP_LONG" in os.environ
wwep_test.FILE_TIMEOUT_S = 1800 if LONG else 300
EXCHANGES = (("plain", "plain", "plain"), ("TLS 1.2", "tls", "TLS 1.2"),
             ("TLS 1.3", "tls", "TLS 1.3"),
             ("mutual, TLS 1.2", "mutual", "TLS 1.2"),
             ("mutual, TLS 1.3", "mutual", "TLS 1.3"))


def listeners():
    ca = authority()
    return ({"name": "plain"}, {"name": "tls", "tls": ca.server()},
            {"name": "mutual", "tls": ca.server(
                client_auth="required", client_ca=ca.root)})


def server(faults, **options):
    options = {"store": {"path": "registers.db", "durability": "commit"},
               "control": os.path.join(scratch_dir("control"), "socket"),
               **options}
    return Server(*listeners(), preexec=faults.preexec, **options)


# --- the start --------------------------------------------------------------

class Start:
    """One start, and how it ended."""

    def __init__(self, faults, config, preexec=None):
        self.folder = scratch_dir("start")
        self.err = os.path.join(self.folder, "stderr")
        with open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [WWEPD, "-c", config], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=err, cwd=self.folder,
                env=faults.environment() if faults else None,
                preexec_fn=preexec)
        try:
            until(lambda: self.process.poll() is not None or self.is_ready(),
                  "an end, or that it is ready", 30)
            self.ready = self.is_ready()
            self.allocations = faults.count("alloc") if faults else 0
            if self.ready:
                for call in faults.names if faults else ():
                    faults.disarm(call)
                self.serve()
                self.process.send_signal(signal.SIGTERM)
            self.code = self.process.wait(30)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def serve(self):
        port = re.search(r"plain: listening on .* port (\d+)", self.log())
        if not port:  # memory was short for that line alone
            return
        got = exchange(int(port[1]), "plain", REQUEST)
        if got == b"X":  # the database could not be opened, or written
            assert "X (storage failure)" in self.log(), self.log()
            until(lambda: exchange(int(port[1]), "plain", REQUEST) == REPLY,
                  "it heals")
        else:
            equal(got, REPLY, "reply")

    def log(self):
        return read_file(self.err).decode("utf-8", "backslashreplace")

    def is_ready(self):
        return " info: ready: " in self.log()

    def judge(self, what):
        words = TIME.sub("", self.log())
        if self.ready:
            equal(self.code, 0, f"{what}: exit code of one that served\n"
                  + self.log())
            return
        assert self.code in (1, 78), f"{what}: ended by {self.code}\n" \
            + self.log()
        told = re.findall(r"^(?:wwepd: |error: ).*", words, re.M)
        assert told, f"{what}: no line says why\n" + words


def sample(n):
    """Which of n calls: all, or some, as evenly as that goes."""
    step = 1 if LONG else max(1, n // SAMPLES)
    return range(1, n + 1, step)


@each(("alone", 1), ("with all that follow", None))
def test_memory_at_the_start(case):
    label, span = case
    faults = Faults()
    with server(faults) as first:  # makes the database
        config = first.config_path
    faults.watch("alloc")
    total = Start(faults, config).allocations
    ready, wrong = 0, []
    for n in sample(total):
        faults.arm("alloc", first=n, last=n if span else None)
        start = Start(faults, config)
        try:
            start.judge(f"allocation {n} of {total}, {label}")
        except AssertionError as e:
            wrong.append(e)
        ready += start.ready
    print(f"# {total} allocations, {len(sample(total))} tried, {ready} served "
          "all the same")
    assert not wrong, f"{len(wrong)} are wrong, the first: {wrong[0]}"


# --- exchanges --------------------------------------------------------------

def attempt(server, name, transport, **options):
    """The reply, or what came of it."""
    try:
        return exchange(server.port(name), transport, REQUEST,
                        source=fresh_address(), **options)
    except (OSError, AssertionError):  # of TLS as well
        return b""


def settled(look, timeout=10):
    """What it says when it has been saying so for a while."""
    last, since = look(), time.monotonic()
    end = since + timeout
    while time.monotonic() < end and time.monotonic() - since < 0.06:
        time.sleep(0.01)
        now = look()
        if now != last:
            last, since = now, time.monotonic()
    return last


def same(look, want, what, timeout=10):
    """Comes back to what it was: what is late is not lost."""
    end = time.monotonic() + timeout
    while look() > want:
        if time.monotonic() > end:
            raise AssertionError(f"{what}: {look()}, want {want}")
        time.sleep(0.005)


@each(*[(f"{e[0]}, {mode}", e, mode) for e in EXCHANGES
        for mode in ("alone", "with all that follow")])
def test_memory_in_an_exchange(case):
    label, (_, name, transport), mode = case
    faults = Faults()
    options = {"cert": authority().client("board")} if name == "mutual" else {}
    with server(faults, workers=1) as s:
        for _ in range(3):
            equal(attempt(s, name, transport, **options), REPLY, "warming up")
        live = settled(faults.live)
        files = s.sockets()
        faults.watch("alloc")
        equal(attempt(s, name, transport, **options), REPLY, "counting")
        settled(faults.live)
        total = faults.count("alloc")
        replies = leaks = 0
        for n in range(1, total + 1, 1 if LONG else 3):
            faults.arm("alloc", first=n, last=n if mode == "alone" else None)
            got = attempt(s, name, transport, **options)
            settled(lambda: faults.count("alloc"), 0.2)
            faults.disarm("alloc")
            assert s.process.poll() is None, \
                f"allocation {n} of {total}: wwepd ended by " \
                f"{s.process.returncode}\n{s.log()}"
            assert got in (REPLY, b"X", b""), f"allocation {n}: {got!r}"
            replies += got == REPLY
            equal(attempt(s, name, transport, **options), REPLY,
                  f"after allocation {n}")
            if transport == "TLS 1.3" and leaks < LIBRARY_LEAKS and \
                    settled(faults.live) == live + 1:
                leaks += 1
                live += 1
            same(faults.live, live, f"blocks after allocation {n}")
        same(s.sockets, files, "sockets")
        print(f"# {total} allocations, {replies} replies all the same")


if __name__ == "__main__":
    wwep_test.main()
