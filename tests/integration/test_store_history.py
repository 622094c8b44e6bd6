# SPDX-License-Identifier: GPL-2.0-or-later
"""The history never holds anybody up, and never fills the disk."""

import os
import re
import socket
import sqlite3
import threading
import time

import wwep_test
from wwep_client import TRANSPORTS
from wwep_certs import authority
from wwep_client import connect
from wwep_store import ask, serve
from wwep_test import each, equal, slowness, until

MIB = 1 << 20


class Flood(threading.Thread):
    """Refused lines as fast as they go."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.stopping = False
        self.lines = 0

    def run(self):
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            while not self.stopping:
                s.sendall(b"Q\n" * 2000)
                got = 0
                while got < 4000:
                    got += len(s.recv(65536))
                self.lines += 2000


def size(server):
    total = 0
    for suffix in ("", "-wal"):
        try:
            total += os.path.getsize(server.database() + suffix)
        except FileNotFoundError:
            pass
    return total


def flooded(**store):
    return serve({}, {"name": "lines", "keep_open": True}, workers=1, messages={"format": "none"},
                 store={"history_max_mb": 16, **store})


def number(server, sql):
    return int(server.sql(sql)[0] or 0)


@each("commit", "async")
def test_a_flood(durability):
    """The file stays within its bound, the oldest go, and writes do not
    wait."""
    with flooded(durability=durability) as server:
        floods = [Flood(server.port("lines")) for _ in range(2)]
        ask(server.port(), b"W0FAC0B1234")
        for f in floods:
            f.start()
        largest, slowest, writes = 0, 0.0, 0
        deadline = time.monotonic() + 60 * slowness()
        while number(server, "SELECT min(id) FROM messages") < 30000:
            assert time.monotonic() < deadline, "nothing has gone yet"
            begun = time.monotonic()
            equal(ask(server.port(), b"W0FAC0C%04X" % writes),
                  b"A0FAC0C%04X" % writes, "write")
            slowest = max(slowest, time.monotonic() - begun)
            writes += 1
            largest = max(largest, size(server))
        for f in floods:
            f.stopping = True
        for f in floods:
            f.join()
        assert largest <= 16 * MIB, f"{largest} bytes"
        assert largest > 10 * MIB, f"{largest} bytes: it could keep more"
        assert slowest < 2 * slowness(), f"a write took {slowest} s"
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")
        server.stop()
        equal(server.sql("PRAGMA integrity_check"), ["ok"], "the database")
        assert size(server) <= 16 * MIB
        lines = sum(f.lines for f in floods)
        kept = number(server, "SELECT max(id) FROM messages")
        lost = re.search(r"missing in the history, in all: (\d+)",
                         server.log())
        lost = int(lost[1]) if lost else 0
        # The read and the writes are exchanges, too.
        equal(kept + lost, lines + writes + 2, "kept and counted")
    print(f"# {lines} lines, {lost} not kept, {largest / MIB:.1f} MiB, "
          f"slowest write {slowest * 1000:.0f} ms")


def fill(server, rows, seconds_old):
    """Rows of this age, as if they had been there."""
    server.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        f"WHERE i < {rows}) INSERT INTO messages (time, connection, listener, "
        "resumed, address, port, request, reply, us) SELECT (strftime('%s') - "
        f"{seconds_old}) * 1000000 + i, i, 'plain', 0, '127.0.0.1', 1, "
        "'R0FAC0B', 'X', 1 FROM n")


def test_what_is_too_old_goes():
    with serve(store={"history_days": 7}) as server:
        ask(server.port(), b"W0FAC0B1234")
        server.stop()
        server.sql("DELETE FROM messages")
        fill(server, 5000, 7 * 86400 + 60)
        fill(server, 3, 7 * 86400 - 3600)
        server.again()
        until(lambda: number(server, "SELECT count(*) FROM messages WHERE "
                             "listener = 'plain'") == 3,
              "the oldest have gone", 30)
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")


def test_a_file_that_is_too_large_shrinks():
    with serve(store={"history_max_mb": 16}) as server:
        for i in range(100):
            ask(server.port(), b"W%04X0B1234" % i)
        server.stop()
        fill(server, 400000, 60)
        before = size(server)
        assert before > 20 * MIB, f"{before} bytes"
        server.again()
        until(lambda: size(server) <= 16 * MIB, f"from {before} bytes", 60)
        assert number(server, "SELECT count(*) FROM messages") > 50000, \
            "it has dropped more than it had to"
        equal(ask(server.port(), b"R00630B"), b"A00630B1234", "read")
        server.stop()
        equal(server.sql("PRAGMA integrity_check"), ["ok"], "the database")


def test_a_full_queue():
    """What finds it full is counted, and told."""
    with flooded() as server:
        ask(server.port(), b"W0FAC0B1234")
        other = sqlite3.connect(server.database(), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        flood = Flood(server.port("lines"))
        flood.start()
        until(lambda: flood.lines > 30000, "a flood", 30 * slowness())
        other.close()
        server.wait_log(r"warning: store: exchanges missing in the history so "
                        r"far: \d+")
        flood.stopping = True
        flood.join()


def test_a_reader_that_stays():
    """The log can not be tidied while somebody reads: the history stops
    before it fills the disk; writes go on."""
    with flooded() as server:
        ask(server.port(), b"W0FAC0B1234")
        reader = sqlite3.connect(server.database(), isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM registers").fetchall()
        flood = Flood(server.port("lines"))
        flood.start()
        server.wait_log("warning: store: exchanges missing in the history so "
                        "far: .*: somebody has been reading", 60)
        largest = size(server)
        for i in range(20):
            equal(ask(server.port(), b"W0FAC0C%04X" % i),
                  b"A0FAC0C%04X" % i, "write")
            time.sleep(0.05)
            largest = max(largest, size(server))
        assert largest <= 17 * MIB, f"{largest} bytes"
        reader.close()
        before = number(server, "SELECT max(id) FROM messages")
        until(lambda: number(server, "SELECT max(id) FROM messages") >
              before + 1000, "the history goes on", 30 * slowness())
        until(lambda: size(server) <= 16 * MIB, "within the bound again",
              30 * slowness())
        flood.stopping = True
        flood.join()


@each(*TRANSPORTS)
def test_what_is_kept_of_an_exchange(transport):
    """What the log of messages has, too."""
    tls = {} if transport == "plain" else \
        {"tls": authority().server(client_auth="optional",
                                    client_ca=authority().root)}
    with serve({"name": "here", **tls}) as server:
        options = {} if transport == "plain" else \
            {"cert": authority().client("board")}
        with connect(server.port("here"), transport, **options) as c:
            c.send(b"W0FAC0B1234")
            equal(c.recv_all(), b"A0FAC0B1234", "reply")
        m = server.wait_message(request="W0FAC0B1234")
        until(lambda: server.sql("SELECT id FROM messages"), "a row")
        row = server.sql("SELECT time, listener, ifnull(tls, '-'), "
                         "ifnull(cipher, '-'), resumed, address, port, "
                         "ifnull(identity, '-'), us FROM messages_text")
        equal(row, ["|".join(str("-" if m[k] is None else int(m[k])
                                 if k == "resumed" else m[k])
                             for k in ("time", "listener", "tls", "cipher",
                                       "resumed", "address", "port",
                                       "identity", "us"))], "the row")
        equal(server.sql("SELECT who FROM registers"),
              [m["identity"] or "127.0.0.1"], "who")


if __name__ == "__main__":
    wwep_test.main()
