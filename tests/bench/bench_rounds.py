# SPDX-License-Identifier: GPL-2.0-or-later
"""What is measured, round by round.

In a round every server of a contest has its turn, one after the other, each
started anew: what disturbs the machine disturbs all of them. A figure is
compared with the one of the same round, and the median of these ratios is the
result.
"""

import contextlib
import os
import socket
import statistics
import time

WARM_UP = 300  # exchanges that do not count
IDLE_TLS = 2000  # connections whose memory is measured
IDLE_GROWTH = 10000  # connections that must not make others slower
LATENCY_S = 10  # how long 40 boards ask once a second


class Rounds:
    """pairs: how many rounds; scale: how many times the usual exchanges."""

    def __init__(self, servers, load, cores, pairs, scale, tell):
        self.servers = servers
        self.load = load
        self.cores = cores
        self.pairs = pairs
        self.scale = scale
        self.tell = tell

    def _start(self, who, **what):
        """wwepd, the baseline or a proxy, on the server's core."""
        if who == "wwepd":
            return self.servers.wwepd(self.cores.server, **what)
        if who == "baseline":
            return self.servers.baseline(self.cores.server, **what)
        return self.servers.proxy(who, self.cores.server, **what)

    def _exchanges(self, count):
        return max(100, int(count * self.scale))

    def _cost(self, server, count, load=None, **what):
        """Microseconds of the server's CPU an exchange."""
        load = load or self.load
        load.run(server, n=WARM_UP, **what)
        return load.run(server, n=self._exchanges(count), **what)["cpu_us"]

    def _rounds(self, name, turns):
        """turns: {who: a function that returns a figure}."""
        figures = {who: [] for who in turns}
        for number in range(self.pairs):
            for who, turn in turns.items():
                self.tell(f"{name}: {who}, {number + 1} of {self.pairs}")
                figures[who].append(turn())
        return figures

    # --- cost of an exchange ------------------------------------------------

    def plain(self):
        def turn(who):
            with self._start(who) as server:
                return self._cost(server, 20000)
        return self._rounds("plain", {
            who: lambda who=who: turn(who) for who in ("baseline", "wwepd")})

    def tls(self, name, version, whom, resume=False, kind="ec", mutual=False):
        def turn(who):
            what = {"kind": kind, **({"mutual": True} if mutual else {})}
            with self._start(who, **what) as server:
                return self._cost(
                    server, 6000 if resume else 3000, tls=version,
                    resume=resume, mutual=mutual,
                    certificates=self.servers.certificates[kind])
        return self._rounds(name, {
            who: lambda who=who: turn(who) for who in whom})

    def _what(self, tls):
        """An exchange of wwepd's contests with itself."""
        if not tls:
            return {"count": 20000}
        return {"count": 3000, "tls": "1.3",
                "certificates": self.servers.certificates["ec"]}

    def growth(self, tls):
        """wwepd's cost without idle connections, as it is before and after,
        and with them."""
        figures = {"none": [], "idle": []}
        what = self._what(tls)
        for number in range(self.pairs):
            self.tell(f"growth, {'TLS' if tls else 'plain'}, {number + 1} of "
                      f"{self.pairs}")
            with self._start("wwepd", kind="ec") as server:
                before = self._cost(server, **what)
                with self.load.idle(
                        server, IDLE_GROWTH, tls="1.3",
                        certificates=self.servers.certificates["ec"]):
                    figures["idle"].append(self._cost(server, **what))
                server.settle()
                after = self._cost(server, **what)
                figures["none"].append((before + after) / 2)
        return figures

    def workers(self, tls):
        """wwepd's cost with one worker and with two. Each has a core, and on
        the same core a load: so that both are alike where there are but two
        cores."""
        what = self._what(tls)

        def turn(workers):
            cores = self.cores.each[:workers]
            with self.servers.wwepd(set().union(*cores), kind="ec",
                                    workers=workers) as server:
                return self._cost(server, load=self.load.on(*cores), **what)
        name = f"workers, {'TLS' if tls else 'plain'}"
        return self._rounds(name, {"one": lambda: turn(1),
                                   "two": lambda: turn(2)})

    # --- memory -------------------------------------------------------------

    def _memory(self, name, whom, connections):
        """KiB of each of IDLE_TLS connections to the TLS port; they are open
        while connections(server) is."""
        def turn(who):
            with self._start(who, kind="ec") as server:
                # What the first connections need for all.
                self.load.run(server, n=WARM_UP, tls="1.3",
                              certificates=self.servers.certificates["ec"])
                before = server.private_kib()
                with connections(server):
                    return (server.private_kib() - before) / IDLE_TLS
        return self._rounds(name, {
            who: lambda who=who: turn(who) for who in whom})

    def idle_memory(self, whom):
        """Of those whose handshake is done."""
        return self._memory("memory", whom, lambda server: self.load.idle(
            server, IDLE_TLS, tls="1.3",
            certificates=self.servers.certificates["ec"]))

    def silent_memory(self, whom):
        """Of those that have sent no byte."""
        return self._memory("memory before the first byte", whom, silent)

    # --- latency ------------------------------------------------------------

    def latency(self):
        """ms that 99 of 100 plain exchanges take, 40 of them a second."""
        def turn(who):
            with self._start(who) as server:
                said = self.load.run(server, c=40, rate=40, d=LATENCY_S)
                return said["latency_us"]["p99"] / 1000
        return self._rounds("latency", {
            who: lambda who=who: turn(who) for who in ("baseline", "wwepd")})


@contextlib.contextmanager
def silent(server):
    """IDLE_TLS connections to its TLS port that send nothing."""
    before = server.sockets()
    clients = [socket.create_connection(("127.0.0.1", server.ports["tls"]))
               for _ in range(IDLE_TLS)]
    try:
        while server.sockets() < before + IDLE_TLS:
            time.sleep(0.1)
        server.settle()
        yield
    finally:
        for client in clients:
            client.close()


def ratios(figures, of, to):
    """Of each round; to: several, the least of them counts."""
    to = [to] if isinstance(to, str) else to
    return [mine / min(figures[who][i] for who in to)
            for i, mine in enumerate(figures[of])]


def median(values):
    return statistics.median(values)


class Cores:
    """Which cores are whose; it takes two."""

    def __init__(self):
        found = sorted(os.sched_getaffinity(0))
        self.count = len(found)
        self.server = {found[0]}
        self.load = set(found[1:])
        self.each = [{core} for core in found]
