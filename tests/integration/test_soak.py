# SPDX-License-Identifier: GPL-2.0-or-later
"""A class for a long time: good and bad clients, and a reload now and then. No
reply is wrong, memory stays as it is, no file stays open.

With WWEP_LONG half an hour, at 200 exchanges a second; else twenty seconds, in
which memory has to settle, too. WWEP_SOAK_S says another time.
"""

import os
import random
import signal
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls, context
from wwep_test import Server, equal, slowness, until

LONG = "WWEP_LONG" in os.environ
DURATION_S = int(os.environ.get("WWEP_SOAK_S") or (1800 if LONG else 20))
SETTLED = 1 / 6           # of the time: five minutes of thirty
RELOAD_S = max(2, DURATION_S / 30)
RATE = 200 / slowness()   # a second
THREADS = 4
GROWTH = 0.01             # the bound, where there is time for it
WARM_LINES = 1500
# The database's cache has 4 MiB, and is full after a few minutes.
WARM_BYTES = 6 << 20 if DURATION_S >= 300 else 0
WARM_SESSIONS = 200
SLACK_KIB = 256           # a page here and there
wwep_test.FILE_TIMEOUT_S = DURATION_S + 240


class Soak:
    def __init__(self, server):
        self.server = server
        self.mutual = authority().client("board")
        self.stranger = authority().client("stranger", issuer=None)
        self.contexts = {v: context(v) for v in ("TLS 1.2", "TLS 1.3")}
        self.ours = {v: context(v, cert=self.mutual)
                     for v in ("TLS 1.2", "TLS 1.3")}
        self.wrong = []
        self.done = {}
        self.lock = threading.Lock()
        self.ends = time.monotonic() + DURATION_S

    # --- clients ---

    def good(self, rnd, device, kind):
        """Writes to a device of this thread's, and reads it."""
        value = rnd.randrange(65536)
        for request, reply in ((b"W%04X05%04X" % (device, value),) * 2,
                               (b"R%04X05" % device,
                                b"W%04X05%04X" % (device, value))):
            with self.client(rnd, kind) as c:
                c.handshake()
                c.send(request)
                got = c.recv_all()
            if got != b"A" + reply[1:]:
                self.wrong.append(f"{kind}: {request!r}: {got!r}")
        return 2

    def client(self, rnd, kind):
        if kind == "plain":
            return Plain(self.server.port("plain"))
        version = rnd.choice(("TLS 1.2", "TLS 1.3"))
        own = self.ours if kind == "mutual" else self.contexts
        return Tls(self.server.port(kind), ctx=own[version])

    def bad(self, rnd):
        """Whatever they do, they get an X or nothing."""
        what = rnd.choice((self.malformed, self.cut, self.reset, self.noise,
                           self.uninvited, self.plain_on_tls))
        got = b""
        try:
            got = what(rnd)
        except (OSError, AssertionError):
            pass
        if got not in (b"", b"X") and not got.startswith((b"\x15", b"\x16")):
            self.wrong.append(f"{what.__name__}: {got!r}")
        return 1

    def malformed(self, rnd):
        with self.client(rnd, rnd.choice(("plain", "tls"))) as c:
            c.handshake()
            c.send(rnd.choice((b"Q", b"W0FAG", b"R0FAC0B\n\n", b"W" * 40,
                               b"WFFFF0", b"\0\0\0\0")))
            c.end()
            return c.recv_all()

    def cut(self, rnd):
        with self.client(rnd, "tls") as c:
            c.send_raw(c.step()[0][:rnd.randrange(1, 200)])
        return b""

    def reset(self, rnd):
        c = self.client(rnd, "plain")
        c.send(b"WFFFF0000")
        c.reset()
        return b""

    def noise(self, rnd):
        with Plain(self.server.port("tls")) as c:
            c.send(b"\x16\3\1\0\x40" + rnd.randbytes(64))
            c.end()
            return c.recv_all()

    def uninvited(self, rnd):
        with Tls(self.server.port("mutual"), rnd.choice(
                ("TLS 1.2", "TLS 1.3")), cert=self.stranger) as c:
            c.handshake()
            c.send(b"WFFFF000001")
            return c.recv_all()

    def plain_on_tls(self, rnd):
        with Plain(self.server.port("tls")) as c:
            c.send(b"WFFFF000001")
            return c.recv_all()

    # --- all of it ---

    def thread(self, number):
        rnd = random.Random(number)
        count, begun = 0, time.monotonic()
        while time.monotonic() < self.ends and len(self.wrong) < 10:
            late = time.monotonic() - begun - count * THREADS / RATE
            if late < 0:
                time.sleep(-late)
            elif late > 1:       # a slow machine does what it can
                begun += late
            try:
                if rnd.random() < 0.2:
                    count += self.bad(rnd)
                else:
                    count += self.good(rnd, 256 * (number + 1)
                                       + rnd.randrange(16),
                                       rnd.choice(("plain", "tls", "mutual")))
            except (OSError, AssertionError) as e:
                self.wrong.append(f"a good client: {e!r}")
            with self.lock:
                self.done[number] = count

    def watch(self):
        """Reloads; returns memory, from when it should have settled on."""
        begun, reloaded, memory, reloads = time.monotonic(), 0, [], 0
        threads = [threading.Thread(target=self.thread, args=(n,), daemon=True)
                   for n in range(THREADS)]
        for t in threads:
            t.start()
        while time.monotonic() < self.ends and len(self.wrong) < 10:
            time.sleep(min(1, DURATION_S / 100))
            spent = time.monotonic() - begun
            equal(self.server.process.poll(), None, "wwepd has ended")
            if spent > DURATION_S * SETTLED:
                memory.append(self.server.memory_kib())
            if spent - reloaded > RELOAD_S:
                reloaded = spent
                reloads += 1
                self.server.signal(signal.SIGHUP)
        for t in threads:
            t.join(60)
        print(f"# {sum(self.done.values())} exchanges in {DURATION_S} s, "
              f"{reloads} reloads; memory {memory[0]} to {memory[-1]} KiB, "
              f"at most {max(memory)}")
        return memory


def warm_up(server):
    """Fills what has a bound and is filled from the start on: the message
    log's rings, the database's cache, TLS's sessions."""
    lines = b"W0100050001\n" + WARM_LINES * b"R010005\n"
    database = os.path.join(server.dir, "registers.db")
    count = 0
    while count < 16 or os.path.getsize(database) < WARM_BYTES:
        count += 1  # each worker has several
        with Plain(server.port("warm"), timeout=60) as c:
            c.send(lines)
            c.end()
            equal(len(c.recv_all()), 12 * (WARM_LINES + 1), "replies")
        time.sleep(0.02)  # none shall be missing in the history
    ctx = context("TLS 1.2")
    print(f"# warm: {server.memory_kib()} KiB")
    for i in range(WARM_SESSIONS):
        with Tls(server.port("tls"), ctx=ctx).handshake() as c:
            c.send(b"W010005%04X" % i)
            equal(c.recv_all(), b"A010005%04X" % i, "reply")


def files(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_a_class_for_a_long_time():
    ca = authority()
    with Server({"name": "plain"}, {"name": "warm", "keep_open": True},
                {"name": "tls", "tls": ca.server()},
                {"name": "mutual", "tls": ca.server(
                    client_auth="required", client_ca=ca.root)},
                store={"path": "registers.db", "durability": "commit"},
                timeouts={"idle_s": 5, "handshake_s": 5,
                          "message_ms": 250 * slowness()}) as server:
        soak = Soak(server)
        warm_up(server)
        for _ in range(3):  # what is opened once
            for kind in ("plain", "tls", "mutual"):
                soak.good(random.Random(0), 1, kind)
        opened, sockets = files(server), server.sockets()
        memory = soak.watch()
        equal(soak.wrong[:10], [], f"{len(soak.wrong)} replies are wrong")
        until(lambda: server.sockets() <= sockets, "its sockets closed", 20)
        until(lambda: files(server) <= opened, "its files closed", 20)
        third = len(memory) // 3
        before = sum(memory[:third]) / third
        after = sum(memory[-third:]) / third
        if slowness() == 1:
            assert after <= before * (1 + GROWTH) + SLACK_KIB, \
                f"memory grew from {before:.0f} to {after:.0f} KiB"
        assert sum(soak.done.values()) > DURATION_S * RATE / 20, \
            "too little was done for this to say anything"


if __name__ == "__main__":
    wwep_test.main()
