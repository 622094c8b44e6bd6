# SPDX-License-Identifier: GPL-2.0-or-later
"""Many clients that send a byte now and then do not keep a good one waiting.

With WWEP_LONG 5,000 of them, a byte every 200 ms each, and for 99 of 100 good
ones no more than 50 ms longer than without; else 400, and of the good ones the
median is judged: other tests share the machine.
"""

import mmap
import os
import signal
import socket
import statistics
import struct
import time
import traceback

import wwep_test
from test_faults_calls import cpu_s
from wwep_certs import authority
from wwep_client import Plain, Tls, context
from wwep_test import Server, Skip, each, equal, raise_limit, slowness, until

LONG = "WWEP_LONG" in os.environ
SLOW = 5000 if LONG else 400
BYTE_S = 0.2
BOUND_S = 0.05            # of which the good client may wait
SAMPLES = 300 if LONG else 60
wwep_test.FILE_TIMEOUT_S = 600 if LONG else 300
BUSY = 0.1                # of the time without a processor
LINE = b"W0FAC0B1234"


class Crowd:
    """A process of its own, or the good client would wait for it, and not for
    the server. They connect again when they are done; half of them on TLS,
    where they send a hello that they never end."""

    COUNTS = struct.Struct("=qqq")  # bytes sent, replies, wrong ones

    def __init__(self, server, size):
        self.ports = (server.port("plain"), server.port("tls"))
        self.page = mmap.mmap(-1, mmap.PAGESIZE)
        self.sent = self.replies = self.wrong = 0
        self.clients = []
        hello = Tls(self.ports[1], "TLS 1.3")
        self.hello = hello.step()[0]
        hello.close()
        self.size = size

    def counts(self):
        return self.COUNTS.unpack_from(self.page)

    def connect(self, i):
        s = socket.create_connection(("127.0.0.1", self.ports[i % 2]), 30)
        s.setblocking(False)
        return [s, LINE if i % 2 == 0 else self.hello, 0]

    def step(self, i):
        client = self.clients[i]
        s, data, at = client
        try:
            if at == len(data):
                got = s.recv(100)
                self.wrong += got != b"A" + LINE[1:]
                self.replies += 1
                s.close()
                self.clients[i] = self.connect(i)
                return
            self.sent += s.send(data[at:at + 1])
            client[2] += 1
        except BlockingIOError:
            pass
        except OSError:  # its time was over
            s.close()
            self.clients[i] = self.connect(i)

    def run(self):
        for i in range(self.size):
            self.clients.append(self.connect(i))
            for _ in range(i // 2 % len(LINE)):  # or all would be done at once
                self.step(i)
        begun, steps = time.monotonic(), 0
        while True:
            for i in range(self.size):
                self.step(i)
                steps += 1
                ahead = steps * BYTE_S / self.size - (time.monotonic() - begun)
                if ahead > 0.002:
                    time.sleep(ahead)
            self.COUNTS.pack_into(self.page, 0, self.sent, self.replies,
                                  self.wrong)

    def __enter__(self):
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.run()
            except BaseException:  # the parent's tests are not ours to go on
                traceback.print_exc()
            os._exit(1)
        until(lambda: self.counts()[0] > 3 * self.size, "the crowd", 120)
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def waits(server, kind):
    """How long a good client has waited, from connect() to the reply."""
    ctx, found = context("TLS 1.3"), []
    for _ in range(SAMPLES):
        begun = time.monotonic()
        port = server.port(kind)
        with Plain(port) if kind == "plain" else Tls(port, ctx=ctx) as c:
            c.handshake()
            c.send(b"W0FAC051234")
            equal(c.recv_all(), b"A0FAC051234", "reply")
        found.append(time.monotonic() - begun)
        time.sleep(0.01)
    return sorted(found)


def turns(server):
    """Of each thread: (seconds run, seconds it was ready and waited for a
    processor, how often it had one)."""
    folder = f"/proc/{server.process.pid}/task"
    found = {}
    for thread in os.listdir(folder):
        with open(f"{folder}/{thread}/schedstat", encoding="ascii") as f:
            run, waited, count = (int(n) for n in f.read().split())
        found[thread] = run / 1e9, waited / 1e9, count
    return found


def shown(times):
    return (f"median {1000 * statistics.median(times):.1f}, 99 % "
            f"{1000 * times[int(len(times) * 0.99)]:.1f}, at most "
            f"{1000 * times[-1]:.1f} ms")


def serve():
    return Server({"name": "plain"},
                  {"name": "tls", "tls": authority().server()},
                  limits={"handshakes": SLOW},
                  timeouts={"idle_s": 60, "handshake_s": 60,
                            "message_ms": 5000 * slowness()})


@each("plain", "tls")
def test_slow_clients(kind):
    """Compared with the same crowd at another server: what the crowd itself
    takes of the machine is not the server's fault."""
    raise_limit(2 * SLOW + 1000)
    with serve() as server:
        with serve() as other, Crowd(other, SLOW):
            before = waits(server, kind)
        with Crowd(server, SLOW) as crowd:
            spent, first = cpu_s(server), turns(server)
            sent, begun = crowd.counts()[0], time.monotonic()
            during = waits(server, kind)
            seconds = time.monotonic() - begun
            spent, last = cpu_s(server) - spent, turns(server)
            rate = (crowd.counts()[0] - sent) / seconds
            open_now = server.sockets()
            equal(crowd.counts()[2], 0, "wrong replies")
        print(f"# {kind}: {SLOW} at another server: {shown(before)}")
        print(f"# {kind}: {SLOW} here, {rate:.0f} bytes a second, "
              f"{100 * spent / seconds:.0f} % of a processor: {shown(during)}")
        assert open_now > SLOW * 0.8, f"{open_now} sockets: no crowd"
        assert rate > 0.5 * SLOW / BYTE_S / slowness(), "they were too slow"
        bound = BOUND_S * slowness()
        assert statistics.median(during) < bound + statistics.median(before), \
            shown(during)
        run, waited, count = max(tuple(
            b - a for a, b in zip(first[t], last[t])) for t in last)
        print(f"# a turn of a worker: {1000 * run / count:.3f} ms; it waited "
              f"{100 * waited / seconds:.0f} % of the time for a processor")
        # Whoever comes waits for the end of a turn, so a turn is short.
        assert run / count < 0.005 * slowness(), f"{run} s in {count} turns"
        assert spent / seconds < 0.8 * slowness(), f"{spent} s of {seconds}"
        at = int(SAMPLES * 0.99)
        if LONG and during[at] >= bound + before[at]:
            if waited > BUSY * seconds:
                raise Skip("others keep this machine busy: the worst was "
                           + shown(during))
            raise AssertionError(shown(during))


if __name__ == "__main__":
    wwep_test.main()
