# SPDX-License-Identifier: GPL-2.0-or-later
"""Orders to the running server, and the socket that they come by."""

import os
import re
import signal
import stat
import subprocess
import threading
import time

import wwep_test
from wwep_client import Plain
from wwep_control import Peer, controlled, order, path_of, value
from wwep_store import Class, ask, registers_of, serve, wait_until_busy
from wwep_test import Skip, each, equal, run, slowness, until, write_file

DURABILITIES = ("commit", "async", "memory")


# --- the socket -------------------------------------------------------------

def test_the_socket_comes_and_goes():
    with controlled() as server:
        server.wait_log("info: control: listening at " + path_of(server))
        mode = os.lstat(path_of(server)).st_mode
        assert stat.S_ISSOCK(mode), oct(mode)
        equal(stat.S_IMODE(mode), 0o600, "mode")
        equal(order(server, "stats")["ok"], True, "stats")
        server.stop()
        assert not os.path.lexists(path_of(server)), "it is still there"
        server.again()
        equal(order(server, "stats")["ok"], True, "stats")


def test_without_the_key_there_is_none():
    with serve() as server:
        assert "control" not in os.listdir(server.dir)
        assert "control:" not in server.log()


def test_what_a_killed_server_has_left():
    with controlled() as server:
        for _ in range(3):
            server.die()
            assert os.path.lexists(path_of(server))
            server.again()
            equal(order(server, "stats")["ok"], True, "stats")


def refuses(server, *words, arguments=()):
    """It does not start, and says all of this in one line."""
    done = run([wwep_test.WWEPD, "-c", server.config_path, *arguments])
    text = done.stderr.decode()
    equal(done.returncode, 78, text)
    lines = [line for line in text.splitlines() if " error: " in line]
    equal(len(lines), 1, text)
    for word in (f"{server.config_path}: control: {path_of(server)}: ", *words):
        assert word in lines[0], f"no {word!r} in {lines[0]!r}"
    assert not wwep_test.SANITIZER.search(text), text


def test_what_another_server_has():
    with controlled() as server:
        other = controlled(start=False, control=path_of(server))
        other.dir = server.dir
        refuses(other, "another wwepd has it: stop that one, or name another "
                "path")
        equal(order(server, "stats")["ok"], True, "stats")


def test_two_that_start_at_once():
    """On what a third has left: one of them has it."""
    for _ in range(5):
        first = controlled()
        first.die()
        others = [controlled(start=False, control=path_of(first))
                  for _ in range(2)]
        for other in others:
            with open(other.stderr_path, "ab") as err:
                other.process = subprocess.Popen(
                    [wwep_test.WWEPD, "-c", other.config_path],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=err)
            wwep_test.Server.running.add(other)
        until(lambda: sum(o.process.poll() == 78 for o in others) == 1,
              "one gives up", 30 * slowness())
        winner = [o for o in others if o.process.poll() is None][0]
        winner.wait_log("info: control: listening")
        equal(order(first, "stats")["pid"], winner.process.pid, "who")
        winner.stop()
        for other in others:
            other.kill()


def test_a_file_in_its_place():
    server = controlled(start=False)
    write_file(path_of(server), "mine")
    refuses(server, "something is there, and no socket: name another path, or "
            "remove it if nobody needs it")
    refuses(server, "something is there, and no socket", arguments=("-t",))
    equal(wwep_test.read_file(path_of(server)), b"mine", "the file")


def test_no_folder():
    server = controlled(start=False, control="no/control")
    server_path = os.path.join(server.dir, "no", "control")
    for arguments in ((), ("-t",)):
        done = run([wwep_test.WWEPD, "-c", server.config_path, *arguments])
        equal(done.returncode, 78, done.stderr)
        assert f"control: {server_path}: No such file or directory: make " \
            "its folder first" in done.stderr.decode(), done.stderr


def test_a_path_that_is_too_long():
    server = controlled(start=False, control="/" + "a" * 200)
    for arguments in ((), ("-t",)):
        done = run([wwep_test.WWEPD, "-c", server.config_path, *arguments])
        equal(done.returncode, 78, done.stderr)
        assert re.search(r"yaml:\d+:\d+: control is a path of 201 bytes, .*: a "
                         "socket has room for 107: write a shorter one",
                         done.stderr.decode()), done.stderr


# --- orders -----------------------------------------------------------------

def test_stats():
    with controlled({"explain_errors": True}, {"keep_open": True}) as server:
        ask(server.port(), b"W0FAC0B1234")
        ask(server.port(), b"R0FAC0C")
        ask(server.port(), b"Q\n")
        with Plain(server.port("l1")) as c:
            c.send(b"R0FAC0B\n")
            equal(c.recv_exactly(12), b"A0FAC0B1234\n", "reply")
            found = until(lambda: [s for s in [order(server, "stats")] if
                                   s["history"]["written"] == 4],
                          "the history")[0]
            equal(found["ok"], True, "ok")
            equal([found["connections"][k] for k in ("open", "accepted",
                                                     "turned_away")],
                  [1, 4, 0], "connections")
            equal([found["exchanges"][k] for k in ("plain", "tls", "refused")],
                  [4, 0, 2], "exchanges")
            equal(found["pid"], server.process.pid, "pid")
            assert 0 <= found["uptime_s"] < 100, found
            store = found["store"]
            equal([store[k] for k in ("durability", "path", "writes",
                                      "failing", "last_error",
                                      "last_error_time")],
                  ["commit", server.database(), 1, False, None, None], "store")
            assert 1 <= store["batches"] <= 5, found
            equal(store["file_bytes"], os.path.getsize(server.database()),
                  "bytes")
            equal(found["history"]["dropped"], 0, "dropped")


def test_stats_of_a_memory():
    with controlled(store={"durability": "memory"}) as server:
        ask(server.port(), b"W0FAC0B1234")
        found = order(server, "stats")
        equal(found["store"]["durability"], "memory", "durability")
        equal(found["store"]["path"], None, "path")
        equal(found["exchanges"]["plain"], 1, "exchanges")


def test_stats_tell_what_fails():
    with controlled() as server:
        holder = subprocess.Popen(
            ["/usr/bin/env", "python3", "-c",
             "import sqlite3, sys\n"
             f"c = sqlite3.connect({server.database()!r}, "
             "isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\n"
             "print(flush=True)\nsys.stdin.read()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        equal(ask(server.port(), b"W0FAC0B1234"), b"X storage failure", "write")
        found = order(server, "stats")["store"]
        equal(found["failing"], True, "failing")
        assert "another program has it locked" in found["last_error"], found
        assert re.fullmatch(r"20\d\d-.*T.*\.\d{6}Z",
                            found["last_error_time"]), found
        holder.communicate()


@each(*DURABILITIES)
def test_reset(durability):
    with controlled(store={"durability": durability}) as server:
        for key in (b"000000", b"0FAC00", b"0FACFF", b"FFFFFF"):
            equal(ask(server.port(), b"W" + key + b"1234")[:1], b"A", "write")
        if durability == "async":
            time.sleep(1.0)
        got = order(server, "reset", device="0FAC")
        equal((got["ok"], got["command"]), (True, "reset"), str(got))
        equal([value(server, k) for k in (b"000000", b"0FAC00", b"0FACFF",
                                          b"FFFFFF")],
              ["1234", None, None, "1234"], "after one device")
        got = order(server, "reset")
        equal(got["ok"], True, str(got))
        equal(value(server, b"FFFFFF"), None, "after all")
        ask(server.port(), b"W0FAC05BEEF")
        if durability == "memory":
            equal(got["copy"], None, "a copy")
            return
        equal(got["registers"], 2, "registers")
        equal(registers_of(server, got["copy"]),
              {(0, 0): 0x1234, (0xFFFF, 0xFF): 0x1234}, "the copy")
        equal(os.path.dirname(got["copy"]), server.dir, "beside it")
        server.stop()
        server.again()
        equal([value(server, k) for k in (b"000000", b"0FAC05")],
              [None, "BEEF"], "after a restart")
        assert int(server.sql("SELECT count(*) FROM messages")[0]) > 5


@each(*DURABILITIES)
def test_restore(durability):
    with controlled(store={"durability": durability}) as server:
        kept = os.path.join(server.dir, "kept.db")
        with serve() as other:
            ask(other.port(), b"W0FAC051111")
            ask(other.port(), b"W0FAC062222")
            other.sql(f".backup {kept}")
        ask(server.port(), b"W0FAC059999")
        ask(server.port(), b"W000000AAAA")
        got = order(server, "restore", path=kept)
        equal((got["ok"], got["registers"]), (True, 2), str(got))
        equal([value(server, k) for k in (b"0FAC05", b"0FAC06", b"000000")],
              ["1111", "2222", None], "restored")
        server.wait_log("info: store: .*: 2 registers restored from " + kept)
        if durability == "memory":
            return
        back = order(server, "restore", path=got["copy"])
        equal(back["ok"], True, str(back))
        if durability == "commit":
            equal([value(server, k) for k in (b"0FAC05", b"0FAC06",
                                              b"000000")],
                  ["9999", None, "AAAA"], "and back")
        server.die()
        server.again()
        if durability == "commit":
            equal(value(server, b"000000"), "AAAA", "after a kill")


@each(("none", "No such file or directory: name a database that is there"),
      ("a text", "it is damaged, or no database: name a good copy"),
      ("another program's", "it is the database of another program"),
      ("itself", "that is the database itself: name a copy of it"))
def test_no_copy(case):
    what, words = case
    with controlled() as server:
        ask(server.port(), b"W0FAC051111")
        copy = os.path.join(server.dir, "copy.db")
        if what == "a text":
            write_file(copy, "A text of some length is no database. " * 9)
        elif what == "another program's":
            server.sql("CREATE TABLE registers (a)", copy)
        elif what == "itself":
            copy = server.database()
        got = order(server, "restore", path=copy)
        equal(got["ok"], False, str(got))
        assert got["error"].startswith(f"{copy}: ") and words in got["error"], \
            got
        equal(ask(server.port(), b"W0FAC062222")[:1], b"A", "write")
        equal(value(server, b"0FAC05"), "1111", "read")
        server.wait_log("error: control: nothing has been changed: " + copy)


def test_a_reset_beside_writers():
    """Whatever is acknowledged is before it or after it."""
    crowd = Class(16)
    with controlled(workers=2) as server:
        crowd.start(server.port())
        wait_until_busy(crowd)
        ask(server.port(), b"W0000001234")
        for _ in range(5):
            got = order(server, "reset", device="0000")
            equal(got["ok"], True, str(got))
            equal(value(server, b"000000"), None, "reset")
            ask(server.port(), b"W0000001234")
        crowd.stop()
        found = registers_of(server)
        crowd.check(lambda d, r: found.get((d, r)))
        crowd.start(server.port())
        wait_until_busy(crowd)
        equal(order(server, "reset")["ok"], True, "all")
        wait_until_busy(crowd, 300)
        crowd.stop()
        found = registers_of(server)
        for (device, register), number in found.items():
            equal(value(server, b"%04X%02X" % (device, register)),
                  "%04X" % number, "slot and row")
        for w in crowd.writers:
            last = max(w.journal.values())
            equal(found.get((w.device, last % w.REGISTERS)), last & 0xFFFF,
                  "the last write")


def test_reload():
    """More of it is in test_ctl.py."""
    with controlled() as server:
        equal(order(server, "reload"),
              {"ok": True, "command": "reload", "changed": [], "restart": []},
              "reload")


# --- the end ----------------------------------------------------------------

@each("SIGTERM", "twice")
def test_the_end_with_clients(how):
    with controlled() as server:
        peers = [Peer(server) for _ in range(3)]
        peers[0].send(b'{"comm')
        peers[1].order("stats")
        server.signal()
        if how == "twice":
            server.signal(signal.SIGINT)
        server.wait()
        for peer in peers:
            equal(peer.line(), None, "the end")
            peer.close()
        assert not os.path.lexists(path_of(server)), "it is still there"


def test_the_end_with_a_reset_under_way():
    """It is done, or it is not, and who asked for it is told."""
    with controlled() as server:
        ask(server.port(), b"W0FAC0B1234")
        server.stop()
        server.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 300000) INSERT INTO messages (time, "
                   "connection, listener, resumed, address, port, request, "
                   "reply, us) SELECT strftime('%s') * 1000000 + i, i, "
                   "'plain', 0, '127.0.0.1', 1, 'R0FAC0B', 'X', 1 FROM n")
        server.again()
        told = []

        def wait_for_it():
            told.append(order(server, "reset"))
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        server.wait_log("info: control: reset, by process")
        got = order(server, "reset")
        assert got["ok"] or "another reset or restore is under way" in \
            got["error"], got
        server.stop()
        thread.join()
        rows = server.sql("SELECT count(*) FROM registers")
        parts = [n for n in os.listdir(server.dir) if n.endswith(".part")]
        equal(parts, [], "half a copy")
        if told[0] is not None and told[0]["ok"]:
            equal(rows, ["0"], "rows")
        else:
            equal(rows, ["1"], "rows")
            assert "the server is ending" in told[0]["error"], told


def test_somebody_else_can_not_connect():
    if os.geteuid() != 0:
        raise Skip("needs root, to be somebody else")
    with controlled() as server:
        os.chmod(server.dir, 0o755)
        os.chmod(wwep_test.scratch, 0o755)
        code = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\n"
                f"s.connect({path_of(server)!r})\n"
                "s.sendall(b'{\"command\":\"reset\"}\\n')\n"
                "sys.exit(len(s.recv(100)) > 0)")

        def try_it():
            return run(["/usr/bin/python3", "-c", code], user=65534,
                       group=65534, cwd="/")
        done = try_it()
        assert b"PermissionError" in done.stderr, done.stderr
        os.chmod(path_of(server), 0o666) # as if somebody had opened it
        done = try_it()
        assert done.returncode == 0 or b"reset by peer" in done.stderr.lower() \
            or b"BrokenPipe" in done.stderr, done
        assert "control: reset" not in server.log(), server.log()


if __name__ == "__main__":
    wwep_test.main()
