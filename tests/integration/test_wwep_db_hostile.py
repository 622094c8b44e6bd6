# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-db and the control socket, and those who mean no good: requests that a
spreadsheet would compute, copies that are made to do harm, names that drive a
terminal."""

import csv
import io
import os
import shutil
import sqlite3
import stat

import wwep_test
from wwep_control import Peer, controlled, order, path_of
from wwep_db import WWEP_DB, complains, db, filled, lines
from wwep_store import ask, registers_of
from wwep_test import each, equal, read_file, run, tool, until

# Names of one, and what else a terminal obeys.
ESCAPES = b"\x1b[31m\x9b2J\xc2\x9b3J\x7f\r\n"


def tame(text):
    """No byte that a terminal obeys, but for the ends of lines."""
    data = text if isinstance(text, bytes) else text.encode()
    for byte in (b"\x1b", b"\x7f", b"\r", b"\x9b"):
        assert byte not in data, data
    return data


# --- what people ask for ----------------------------------------------------

@each((["--address", "localhost"], "localhost is no address: write the number"),
      (["--address", "*"], "* is no address"),
      (["--address", ""], " is no address"),
      (["--address", "1" * 100], " is no address"),
      (["--since", "1m", "--until", "1h"], "--since is not before --until"),
      (["--since", "2026-01-31", "--until", "2026-01-31"],
       "--since is not before --until"),
      (["--since", "999999999d"], "999999999d is no time"),
      (["-xV"], "-x is no option"))
def test_what_can_not_be_meant(case):
    args, words = case
    complains("messages", *args, code=2, words=words)


def test_a_device_that_is_named_twice():
    complains("registers", "0FAC", "--device", "0FAD", code=2,
              words="registers 0FAC: --device names one, too")


def test_addresses_as_people_write_them():
    with filled() as server:
        for address in ("127.0.0.1", "::ffff:127.0.0.1", "::FFFF:7F00:1"):
            equal(len(lines("messages", "--address", address, server=server)),
                  5, address)
        for address in ("fe80::1%nowhere0", "::1"):
            equal(lines("messages", "--address", address, server=server), [],
                  address)


def test_by_another_name():
    """By a link the log beside the database is found, too."""
    with filled() as server:
        links = [os.path.join(server.dir, "link.db"),
                 os.path.join(os.path.dirname(server.dir), "far.db")]
        os.symlink("wwep.db", links[0])
        os.symlink(links[0], links[1])
        ask(server.port(), b"W0FAC0B0007")
        for link in links:
            equal(lines("registers", "0FAC", "--db", link)[0].split()[:3],
                  ["0FAC", "0B", "0007"], link)
        done = run(["sh", "-c", '"$0" registers 0FAC --db /dev/stdin <"$1"',
                    WWEP_DB, server.database()])
        assert b" 0007 " in done.stdout, done


def test_a_database_that_is_a_link():
    server = controlled(start=False)
    os.symlink("real.db", server.database())
    with server:
        server.start()
        ask(server.port(), b"W0FAC0B0007")
        equal(lines("registers", server=server)[0].split()[2], "0007",
              "the value")
        size = order(server, "stats")["store"]["log_bytes"]
        assert size > 0, size


# --- what goes out ----------------------------------------------------------

def test_no_formula_for_a_spreadsheet():
    sent = [b"=1+1\n", b"+1\n", b"-1\n", b"@SUM(1)\n", b'=1,"a"\n', b"'=1\n"]
    with controlled() as server:
        for request in sent:
            ask(server.port(), request)
        until(lambda: server.sql("SELECT count(*) FROM messages") ==
              [str(len(sent))], "rows")
        text = db("export", "--csv", server=server)[0]
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        at = rows[0].index("request")
        equal([row[at] for row in rows[1:]],
              ["'=1+1\\x0A", "'+1\\x0A", "'-1\\x0A", "'@SUM(1)\\x0A",
               "'=1,\"a\"\\x0A", "'=1\\x0A"], "cells")
        for row in rows[1:]:
            for cell in row:
                assert cell[:1] not in tuple("=+-@\t\r"), row


def test_names_that_drive_a_terminal():
    with filled() as server:
        name = os.path.join(os.fsencode(server.dir), b"copy" + ESCAPES)
        copy = order(server, "reset")["copy"]
        shutil.copyfile(os.fsencode(copy), name)
        # It is no UTF-8, and can not be asked for.
        out, err = db("restore", name, code=2, server=server)
        assert "the path is no UTF-8" in err, err
        tame(err)
        os.rename(name, name := name.replace(b"\x9b2J", b""))
        out, err = db("restore", name, server=server)
        tame(out + err)
        assert out.startswith("2 registers restored from "), out
        equal(out.count("\n"), 2, out)
        until(lambda: b" registers restored from " in
              read_file(server.stderr_path), "a line")
        tame(read_file(server.stderr_path))
        # The same, by hand; and one that is not there.
        for path in (name, name + b"no"):
            text = '{"command": "restore", "path": "%s"}\n' % "".join(
                f"\\u{ord(c):04x}" for c in name.decode())
            done = run([tool("nc"), "-N", "-U", path_of(server)],
                       text.encode())
            tame(done.stdout)
            equal(done.stdout.count(b"\n"), 1, done.stdout)
        server.stop()
        out, err = db("restore", name, server=server)
        tame(out + err)
        server.again()


def test_a_reply_names_whole_paths():
    """Whoever asks is in another folder than the server."""
    server = controlled(start=False)
    run(["mkdir", server.dir + "/sub"])
    with server:
        server.config_path = "../wwepd.yaml"
        server.start(cwd=server.dir + "/sub")
        ask(server.port(), b"W0FAC051111")
        path = order(server, "stats")["store"]["path"]
        assert os.path.isabs(path) and os.path.samefile(
            path, server.database()), path
        copy = order(server, "reset")["copy"]
        assert os.path.isabs(copy), copy
        equal(registers_of(server, copy), {(0x0FAC, 5): 0x1111}, "the copy")


# --- what comes in ----------------------------------------------------------

ENDLESS = """
DROP VIEW registers_text; DROP TABLE registers;
CREATE VIEW registers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT
i + 1 FROM n) SELECT i AS key, 1 AS value, 0 AS time, 'x' AS who FROM n
WHERE i < 0;
"""


def test_a_copy_that_never_ends():
    """The server would read it for ever, and nobody could write."""
    with filled() as server:
        copy = order(server, "reset", device="0000")["copy"]
        with sqlite3.connect(copy) as c:
            c.executescript(ENDLESS)
        c.close()
        words = "its tables are not as wwepd makes them: name a copy that " \
            "nobody has changed"
        complains("restore", copy, code=1, words=words, server=server)
        equal(ask(server.port(), b"W0FAC0C0001"), b"A0FAC0C0001", "a write")
        complains("registers", "--db", copy, code=3, words=words)
        server.stop()
        complains("restore", copy, code=3, words=words, server=server)


def test_a_copy_of_another_class():
    with filled() as server, controlled() as other:
        ask(other.port(), b"W000001ABCD")
        copy = order(other, "reset")["copy"]
        out, _ = db("restore", copy, server=server)
        assert out.startswith("1 registers restored from "), out
        equal(registers_of(server), {(0, 1): 0xABCD}, "registers")
        equal(server.sql("SELECT count(*) FROM messages"), ["5"], "history")


def test_a_copy_is_for_whom_the_database_is_for():
    """The server may have been given a database of mode 600."""
    for mode in (0o600, 0o660, 0o644):
        with filled() as server:
            server.stop()
            os.chmod(server.database(), mode)
            server.again()
            copy = order(server, "reset")["copy"]
            equal(oct(stat.S_IMODE(os.stat(copy).st_mode)), oct(mode), copy)


def test_too_many_is_told():
    """Also where the server has closed before the order is sent."""
    with controlled() as server:
        peers = [Peer(server) for _ in range(16)]
        for peer in peers:
            equal(peer.order("stats")["ok"], True, "stats")
        for _ in range(20):
            complains("reset", "--yes", code=1, words="too many are connected "
                      "to the control socket: try again later", server=server)
        for peer in peers:
            peer.close()


def test_a_socket_that_would_be_the_database():
    server = controlled(start=False, control="wwep.db")
    done = run([wwep_test.WWEPD, "-c", server.config_path])
    equal(done.returncode, 78, done.stderr)
    assert b"control is a file of the database" in done.stderr, done.stderr
    equal(os.path.exists(server.database()), False, "a database")


if __name__ == "__main__":
    wwep_test.main()
