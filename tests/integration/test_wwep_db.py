# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-db, beside a running server and without one; SQLite's own shell looks
at the same file."""

import csv
import io
import json
import os
import pty
import re
import select
import sqlite3
import time

import wwep_test
from wwep_control import controlled, path_of
from wwep_db import TIME, WWEP_DB, complains, db, filled, lines
from wwep_store import ask, registers_of, serve
from wwep_test import (Skip, each, equal, read_file, run, scratch_dir,
                       slowness, write_file)


# --- the command line -------------------------------------------------------

def test_help_and_version():
    for option in ("-h", "--help"):
        out, err = db(option)
        equal(err, "", "standard error")
        for word in ("usage: wwep-db", "registers", "messages", "history",
                     "export", "reset", "restore", "--db FILE", "--control"):
            assert word in out, out
    assert re.fullmatch(r"wwep-db \d\S* \(SQLite [\d.]+\)\n", db("-V")[0])


@each(([], "say what to do: registers, messages,"),
      (["regsters"], "there is no verb regsters: did you mean registers?"),
      (["drop"], "there is no verb drop: wwep-db -h lists"),
      (["--bad", "registers"], "--bad is no option"),
      (["-x", "registers"], "-x is no option"),
      (["registers", "--db"], "--db wants a value behind it"),
      (["registers", "FAC"], "FAC is no device: write four hex digits"),
      (["registers", "0FAC", "05"], "registers wants a device, or nothing"),
      (["registers", "--follow"], "registers has no option --follow"),
      (["messages", "0FAC"], "0FAC: no word is expected behind messages"),
      (["messages", "--device", "x\x1b[2J"], "x\\x1B[2J is no device"),
      (["messages", "--since", "noon"], "noon is no time: write a date"),
      (["messages", "--until", "2026-02-30"], "2026-02-30 is no time"),
      (["messages", "--follow", "--until", "1d"], "--follow has no end"),
      (["messages", "--csv"], "messages has no option --csv"),
      (["history", "0FAC"], "history wants a device and a register"),
      (["history", "0FAC", "5"], "5 is no register: write two hex digits"),
      (["export"], "export wants --csv or --json"),
      (["export", "--csv", "--json"], "export wants --csv or --json"),
      (["export", "--csv", "all"], "all can not be exported"),
      (["export", "--csv", "registers", "--since", "1d"],
       "export of registers has no option --since"),
      (["reset", "all"], "all: no word is expected behind reset"),
      (["reset", "--json"], "reset has no option --json"),
      (["restore"], "restore wants a copy of the database"),
      (["-c", "/nowhere.yaml", "registers"], "/nowhere.yaml: cannot be read"))
def test_wrong_use(case):
    args, words = case
    complains(*args, code=2, words=words)


# --- looking ----------------------------------------------------------------

@each("running", "stopped", "killed", "a copy")
def test_registers(state):
    with filled() as server:
        args = {"server": server}
        if state == "stopped":
            server.stop()
        elif state == "killed":
            server.die()
        elif state == "a copy":
            server.sql(".backup " + os.path.join(server.dir, "copy.db"))
            args = {}
        more = ("--db", os.path.join(server.dir, "copy.db")) \
            if state == "a copy" else ()
        before = sorted(os.listdir(server.dir))
        got = lines("registers", *more, **args)
        assert re.fullmatch(rf"0FAC   0B       BEEF   {TIME}  127\.0\.0\.1",
                            got[0]), got
        assert re.fullmatch(rf"FFFF   FF       0000   {TIME}  127\.0\.0\.1",
                            got[1]), got
        equal(len(got), 2, "rows")
        equal(lines("registers", "0fac", *more, **args), got[:1], "a device")
        equal(lines("registers", "0000", *more, **args), [], "nothing")
        equal(sorted(os.listdir(server.dir)), before, "files")
        if state in ("stopped", "killed"):
            server.again()
            equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0BBEEF", "read")


def test_messages():
    with filled() as server:
        got = lines("messages", server=server)
        requests = [line.split()[5] for line in got]
        equal(requests, ["W0FAC0B1234", "W0FAC0BBEEF", "WFFFFFF0000",
                         "R0FAC0C", "Q\\x0A"], "requests")
        assert re.fullmatch(rf"{TIME}  127\.0\.0\.1 +\d+  plain +- +"
                            r"R0FAC0C +X +\d+  not found", got[3]), got
        times = [line.split()[0] for line in got]
        equal(times, server.sql("SELECT time FROM messages_text"), "times")

        def requests_of(*args):
            return [line.split()[5] for line in
                    lines("messages", *args, server=server)]
        equal(requests_of("--device", "0FAC"), requests[:2] + requests[3:4],
              "a device")
        equal(requests_of("--only-failed"), requests[3:], "failed")
        equal(requests_of("--only-failed", "--device", "0FAC"), requests[3:4],
              "both")
        equal(requests_of("--address", "127.0.0.1"), requests, "the address")
        equal(requests_of("--address", "127.0.0.2"), [], "another address")
        equal(requests_of("--since", times[2]), requests[2:], "since")
        equal(requests_of("--until", times[2]), requests[:2], "until")
        equal(requests_of("--since", times[1], "--until", times[3]),
              requests[1:3], "between")
        equal(requests_of("--since", "10m"), requests, "ten minutes")
        equal(requests_of("--until", "1h"), [], "before")
        equal(requests_of("--since", "2000-01-01"), requests, "a date")


def test_history():
    with filled() as server:
        got = lines("history", "0FAC", "0B", server=server)
        equal([line.split()[1:] for line in got],
              [["1234", "127.0.0.1", "-"], ["BEEF", "127.0.0.1", "-"]],
              "writes")
        equal(lines("history", "0FAC", "0C", server=server), [], "none")


def test_many_rows():
    """More than one piece of each."""
    with controlled() as server:
        server.stop()
        server.sql("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 9999) INSERT INTO messages (time, "
                   "connection, listener, resumed, address, port, request, "
                   "reply, us) SELECT i, i, 'plain', 0, '127.0.0.1', 1, "
                   "'R0FAC0B', 'X', i FROM n")
        server.sql("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 9999) INSERT INTO registers SELECT i * "
                   "1677, i, 0, 'a' FROM n")
        got = lines("registers", server=server)
        equal(len(got), 10000, "registers")
        equal(got[9999].split()[:3], [f"{9999 * 1677 // 256:04X}",
                                      f"{9999 * 1677 % 256:02X}", "270F"],
              "the last one")
        rows = [json.loads(x) for x in
                lines("export", "--json", server=server)]
        equal([r["us"] for r in rows], list(range(10000)), "messages")


# --- for programs -----------------------------------------------------------

def test_export():
    with filled() as server:
        columns = ["id", "time", "connection", "listener", "tls", "cipher",
                   "resumed", "address", "port", "identity", "device",
                   "register", "request", "reply", "reason", "us"]
        text = db("export", "--csv", server=server)[0]
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        equal(rows[0], columns, "names")
        want = [line.split("|") for line in server.sql(
            "SELECT * FROM messages_text")]
        equal(rows[1:], want, "as SQLite has it")
        assert all(line.endswith("\r\n") for line in
                   text.splitlines(keepends=True)), "line ends"
        objects = [json.loads(line) for line in
                   lines("export", "--json", "messages", server=server)]
        equal([list(o) for o in objects], [columns] * 5, "keys")
        equal([["" if v is None else str(int(v) if isinstance(v, bool) else v)
                for v in o.values()] for o in objects], want, "values")
        text = db("export", "registers", "--csv", server=server)[0]
        equal([row[:3] for row in csv.reader(io.StringIO(text))],
              [["device", "register", "value"], ["0FAC", "0B", "BEEF"],
               ["FFFF", "FF", "0000"]], "registers")
        equal([json.loads(line)["value"] for line in
               lines("export", "--json", "registers", "--device", "FFFF",
                     server=server)], ["0000"], "registers as JSON")
        equal(len(lines("export", "--json", "--only-failed", server=server)),
              2, "failed")


NASTY = 'a,"b"\r\nc\x1b[2J\x7f\u009b\u00fc'


def nasty():
    """A database that somebody else has written to."""
    server = filled()
    server.stop()
    with sqlite3.connect(server.database()) as c:
        c.execute("UPDATE messages SET identity = ? WHERE id = 1", (NASTY,))
        c.execute("UPDATE registers SET who = ? WHERE value = 0", (NASTY,))
        c.execute("UPDATE messages SET identity = CAST(x'ff41' AS TEXT) "
                  "WHERE id = 2")
    c.close()
    return server


def test_what_drives_terminals():
    server = nasty()
    done = run([WWEP_DB, "-c", server.config_path, "export", "--csv"])
    rows = list(csv.reader(io.StringIO(done.stdout.decode(errors="replace"),
                                       newline=""), strict=True))
    equal(rows[1][9], NASTY, "CSV that goes to a file")
    equal(len(rows), 6, "rows")
    for args in (["messages"], ["registers"], ["export", "--json"],
                 ["export", "--json", "registers"]):
        done = run([WWEP_DB, "-c", server.config_path, *args])
        for byte in (b"\x1b", b"\x7f", b"\xc2\x9b", b"\r"):
            assert byte not in done.stdout, (args, done.stdout)
    got = [json.loads(line) for line in lines("export", "--json",
                                              server=server)]
    equal(got[1]["identity"], "\\xFFA", "what is no UTF-8")
    shown = on_terminal(server, "export", "--csv")[0]
    assert b"\x1b" not in shown and b"\x7f" not in shown, shown


# --- on a terminal ----------------------------------------------------------

def on_terminal(server, *args, answer=None):
    """(what is shown, exit code)"""
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(WWEP_DB, [WWEP_DB, "-c", server.config_path, *args])
    shown = b""
    deadline = time.monotonic() + 30 * slowness()
    while time.monotonic() < deadline:
        ready, _, _ = select.select([fd], [], [], 0.1)
        try:
            part = os.read(fd, 65536) if ready else None
        except OSError:
            break
        if part == b"":
            break
        shown += part or b""
        if answer is not None and b"Type yes to do it: " in shown:
            os.write(fd, answer)
            answer = None
    os.close(fd)
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_names_of_columns_on_a_terminal():
    with filled() as server:
        for args, word in ((["registers"], b"device register value"),
                           (["messages"], b"address"),
                           (["history", "0FAC", "0B"], b"value")):
            shown, code = on_terminal(server, *args)
            equal(code, 0, shown)
            assert word in shown.splitlines()[0], shown


@each((b"yes\n", 0), (b"YES\n", 0), (b"y\n", 1), (b"\n", 1), (b"\x04", 1))
def test_reset_asks(case):
    answer, code = case
    with filled() as server:
        shown, got = on_terminal(server, "reset", "--device", "0FAC",
                                 answer=answer)
        equal(got, code, shown)
        assert b"Reset device 0FAC in " in shown, shown
        equal(len(registers_of(server)), 2 - (code == 0), "registers")
        assert (b"nothing has been changed" in shown) == (code == 1), shown


# --- changing ---------------------------------------------------------------

def copy_in(out):
    found = re.search(r"^what there was before is in (.*)$", out, re.M)
    assert found, out
    return found[1]


@each("running", "stopped", "killed")
def test_reset_and_restore(state):
    with filled() as server:
        if state == "stopped":
            server.stop()
        elif state == "killed":
            server.die()
        complains("reset", code=2, words="nobody is there to be asked: say "
                  "--yes", server=server)
        out, err = db("reset", "--yes", "--device", "0fac", server=server)
        equal(err, "", "standard error")
        assert out.startswith("device 0FAC reset\n"), out
        copy = copy_in(out)
        equal(registers_of(server), {(0xFFFF, 0xFF): 0}, "registers")
        equal(registers_of(server, copy),
              {(0x0FAC, 0x0B): 0xBEEF, (0xFFFF, 0xFF): 0}, "the copy")
        out, _ = db("reset", "--yes", server=server)
        assert out.startswith("every device reset\n"), out
        equal(registers_of(server), {}, "registers")
        out, _ = db("restore", os.path.relpath(copy), server=server)
        assert out.startswith(f"2 registers restored from {copy}\n"), out
        equal(registers_of(server, copy_in(out)), {}, "the second copy")
        if state == "running":
            equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0BBEEF", "read")
        else:
            equal(sorted(n for n in os.listdir(server.dir)
                         if n.endswith(("-wal", "-shm", ".part"))), [],
                  "left behind")
            server.again()
            equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0BBEEF", "read")
        equal(registers_of(server),
              {(0x0FAC, 0x0B): 0xBEEF, (0xFFFF, 0xFF): 0}, "registers")


def test_reset_of_a_memory():
    with controlled(store={"durability": "memory"}) as server:
        ask(server.port(), b"W0FAC0B1234")
        equal(lines("reset", "--yes", server=server), ["every device reset"],
              "no copy")
        equal(ask(server.port(), b"R0FAC0B"), b"X not found", "read")
        complains("registers", code=2, words="store keeps nothing (memory)",
                  server=server)
        server.stop()
        complains("reset", "--yes", code=4, words="no server listens there",
                  server=server)


def test_a_server_without_a_control_socket():
    with serve() as server:
        ask(server.port(), b"W0FAC0B1234")
        complains("reset", "--yes", code=3, words="a wwepd is using it: name "
                  "its control socket by --control SOCKET, or stop it",
                  server=server)
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")


def test_the_options_that_name_things():
    with filled() as server:
        equal(len(lines("registers", "--db", server.database())), 2, "--db")
        out, _ = db("reset", "--yes", "--control", path_of(server))
        copy_in(out)
        equal(registers_of(server), {}, "registers")
        complains("reset", "--yes", "--db", server.database(), code=3,
                  words="a wwepd is using it: name its control socket")
        complains("reset", "--yes", "--control", server.dir + "/none", code=4,
                  words="no server listens there: start wwepd, or name a "
                  "database by --db FILE")


def test_what_the_server_refuses():
    with filled() as server:
        text = write_file(os.path.join(server.dir, "text"), "No database. " * 9)
        complains("restore", text, code=1, words=f"{text}: it is damaged, or "
                  "no database: name a good copy", server=server)
        complains("restore", server.database(), code=1, words="that is the "
                  "database itself", server=server)
        complains("restore", "/nowhere/a.db", code=2, words="/nowhere/a.db: No "
                  "such file or directory", server=server)
        equal(len(registers_of(server)), 2, "registers")


# --- what can not be used ---------------------------------------------------

def database(what):
    path = os.path.join(scratch_dir(), "wwep.db")
    if what == "a text":
        write_file(path, "This is no database, but a text. " * 99)
    elif what == "empty":
        write_file(path, b"")
    elif what == "a folder":
        os.mkdir(path)
    elif what == "another program's":
        run(["/usr/bin/env", "sqlite3", path, "CREATE TABLE a (b)"])
    elif what == "newer":
        with serve() as server:
            server.stop()
            server.sql("PRAGMA user_version = 7")
            path = server.database()
    return path


@each(("none", "No such file or directory: name a database that is there"),
      ("a text", "it is damaged, or no database: name a good copy"),
      ("empty", "it is empty: start wwepd with it first"),
      ("a folder", "Is a directory: name another file"),
      ("another program's", "it is the database of another program"),
      ("newer", "it is of version 7, and this program knows up to 1"))
def test_no_database(case):
    what, words = case
    path = database(what)
    before = read_file(path) if os.path.isfile(path) else None
    for args in (["registers"], ["messages"], ["messages", "--follow"],
                 ["reset", "--yes"]):
        complains(*args, "--db", path, code=3, words=f"{path}: {words}")
    equal(read_file(path) if os.path.isfile(path) else None, before,
          "the file")


def test_no_permission():
    if os.geteuid() != 0:
        raise Skip("needs root, to be somebody else")
    with filled() as server:
        for folder in (server.dir, wwep_test.scratch):
            os.chmod(folder, 0o755)
        os.chmod(server.database(), 0o600)
        os.chmod(server.config_path, 0o644)
        if run(["/usr/bin/test", "-x", WWEP_DB], user=65534).returncode != 0:
            raise Skip("nobody may not see the build")
        other = {"user": 65534, "group": 65534, "cwd": "/"}
        complains("registers", code=3, words="Permission denied: let this "
                  "user read it", server=server, **other)
        complains("reset", "--yes", code=4, words="Permission denied: be root, "
                  "or the server's user", server=server, **other)
        # Who may read the files may look, and leaves nothing behind.
        for name in os.listdir(server.dir):
            if name.startswith("wwep.db"):
                os.chmod(os.path.join(server.dir, name), 0o644)
        before = sorted(os.listdir(server.dir))
        equal(len(lines("registers", server=server, **other)), 2, "rows")
        equal(sorted(os.listdir(server.dir)), before, "files")


if __name__ == "__main__":
    wwep_test.main()
