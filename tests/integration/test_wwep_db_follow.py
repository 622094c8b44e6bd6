# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-db messages --follow, and where what wwep-db prints goes to."""

import atexit
import signal
import subprocess
import threading
import time

import wwep_test
from wwep_control import controlled
from wwep_db import WWEP_DB, filled
from wwep_store import ask
from wwep_test import each, equal, slowness, until


class Follower:
    def __init__(self, server, *args):
        self.process = subprocess.Popen(
            [WWEP_DB, "-c", server.config_path, "messages", "--follow", *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        atexit.register(self.process.kill)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.decode()))

    def requests(self):
        return [line.split()[5] for _, line in self.lines]

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        self.thread.join()
        code = self.process.wait()
        err = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        equal((code, err), (0, ""), "the end")


def test_follow_beside_a_class():
    """40 boards, 25 exchanges each: all are shown, in order, soon."""
    with controlled() as server:
        follower = Follower(server)
        until(lambda: server.sql("SELECT 1") == ["1"], "the shell")
        time.sleep(0.5 * slowness())  # it shows what comes from now on, too
        stop = [0.0]

        def board(number):
            for i in range(25):
                request = b"W%04X05%04X" % (number, i)
                equal(ask(server.port(), request), b"A" + request[1:], "write")
                time.sleep(0.02)
            stop[0] = time.monotonic()
        boards = [threading.Thread(target=board, args=(n,)) for n in range(40)]
        for b in boards:
            b.start()
        for b in boards:
            b.join()
        until(lambda: len(follower.lines) >= 1000, "all rows", 30)
        late = follower.lines[-1][0] - stop[0]
        follower.end()
        want = server.sql("SELECT request FROM messages ORDER BY id")
        equal(follower.requests(), want, "the rows")
        equal(len(want), 1000, "rows")
        assert late < 2 * slowness(), f"the last row came {late} s late"
        print(f"# 1000 rows, the last one {late:.2f} s behind its exchange")


def test_follow_begins_with_the_last_ones():
    with filled() as server:
        for i in range(20):
            ask(server.port(), b"W0001%02X0000" % i)
        until(lambda: server.sql("SELECT count(*) FROM messages") == ["25"],
              "rows")
        last = Follower(server, "--device", "0001")
        every = Follower(server, "--since", "1h", "--only-failed")
        until(lambda: len(last.lines) == 10, "ten")
        until(lambda: len(every.lines) == 2, "two")
        ask(server.port(), b"R000100")
        ask(server.port(), b"R0001FF")
        until(lambda: len(last.lines) == 12, "and two more")
        until(lambda: len(every.lines) == 3, "and one more")
        equal(last.requests(), ["W0001%02X0000" % i for i in range(10, 20)] +
              ["R000100", "R0001FF"], "rows")
        last.end()
        every.end(signal.SIGTERM)


def test_follow_when_servers_come_and_go():
    with filled() as server:
        server.stop()
        follower = Follower(server)
        until(lambda: len(follower.lines) == 5, "what there is")
        for i in range(3):
            server.again()
            ask(server.port(), b"W0002%02X0000" % i)
            until(lambda: len(follower.lines) == 6 + i, "a row", 15)
            if i == 1:
                server.die()
            else:
                server.stop()
        follower.end()
        equal(follower.requests()[5:], ["W0002%02X0000" % i for i in range(3)],
              "rows")
        server.again()


@each(["messages", "--follow"], ["export", "--json"])
def test_a_pipe_that_is_closed(args):
    """As `| head -n 1` does."""
    with filled() as server:
        process = subprocess.Popen(
            [WWEP_DB, "-c", server.config_path, *args], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        equal(process.wait(10 * slowness()), 0, "exit code")
        equal(process.stderr.read(), b"", "standard error")
        process.stderr.close()


def test_output_that_can_not_be_written():
    with filled() as server, open("/dev/full", "wb") as full:
        done = subprocess.run([WWEP_DB, "-c", server.config_path, "registers"],
                              stdout=full, stderr=subprocess.PIPE)
        equal(done.returncode, 5, done.stderr)
        assert b"standard output can not be written" in done.stderr, done


def test_a_slow_reader_holds_nothing_up():
    """A pager that stands still: the log is tidied all the same."""
    with controlled() as server:
        server.stop()
        server.sql("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 20000) INSERT INTO messages (time, "
                   "connection, listener, resumed, address, port, request, "
                   "reply, us) SELECT strftime('%s') * 1000000, i, 'plain', 0, "
                   "'127.0.0.1', 1, 'R0FAC0B', 'X', i FROM n")
        server.again()
        ask(server.port(), b"W0FAC0B1234")
        process = subprocess.Popen(
            [WWEP_DB, "-c", server.config_path, "export", "--json"],
            stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(0.5 * slowness())  # its pipe is full
        got = server.sql("PRAGMA wal_checkpoint(TRUNCATE)")
        equal(got, ["0|0|0"], "nobody reads in the log")
        process.stdout.read()
        equal(process.wait(), 0, "exit code")
        process.stdout.close()


if __name__ == "__main__":
    wwep_test.main()
