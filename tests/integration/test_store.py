# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written is kept, as the configuration promises; SQLite's own shell
looks after it."""

import hashlib
import os
import random
import re
import signal
import threading
import time

import wwep_test
from wwep_client import Plain
from wwep_store import (LONG, Class, ask, registers_of, serve,
                        wait_until_busy)
from wwep_test import each, equal, read_file, slowness, write_file

DURABLE = ("commit", "async")


# --- kept -------------------------------------------------------------------

@each(("commit", "on the disk before it is acknowledged"),
      ("async", "on the disk within a second"),
      ("memory", "kept in memory, and gone when this ends"))
def test_what_is_promised(case):
    durability, words = case
    with serve(store={"durability": durability}) as server:
        server.wait_log(r"info: ready: .*; what is written is .*" + words)
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.stop()
        equal(os.path.exists(server.database()), durability != "memory",
              "there is a database")
        server.again()
        equal(ask(server.port(), b"R0FAC0B"),
              b"X not found" if durability == "memory" else b"A0FAC0B1234",
              "read after a restart")


@each(*DURABLE)
def test_a_restart(durability):
    with serve(store={"durability": durability}) as server:
        for i in range(50):
            request = b"W%04X%02X%04X" % (i * 1311, i * 5, i)
            equal(ask(server.port(), request), b"A" + request[1:], "write")
        server.stop()
        equal(sorted(name for name in os.listdir(server.dir)
                     if name.startswith("wwep.db")), ["wwep.db"],
              "nothing is left beside the database")
        equal(server.sql("PRAGMA integrity_check"), ["ok"], "the database")
        server.again()
        server.wait_log(r"info: store: .*/wwep.db: 50 registers, read in \d+ "
                        "ms")
        for i in range(50):
            equal(ask(server.port(), b"R%04X%02X" % (i * 1311, i * 5)),
                  b"A%04X%02X%04X" % (i * 1311, i * 5, i), "read")


def test_the_shell_looks_in_while_the_server_runs():
    with serve() as server:
        port = server.port()
        ask(port, b"W0FAC0B1234")
        ask(port, b"W0FAC0BBEEF")
        ask(port, b"WFFFFFF0000")
        equal(server.sql("SELECT device, register, value, who, time LIKE "
                         "strftime('%Y-%m-%d') || 'T__:__:__.______Z' "
                         "FROM registers_text"),
              ["0FAC|0B|BEEF|127.0.0.1|1", "FFFF|FF|0000|127.0.0.1|1"],
              "registers")
        ask(port, b"R0FAC0B\n")
        ask(port, b"R0FAC0C")
        ask(port, b"Q\n")
        wwep_test.until(lambda: len(server.sql("SELECT id FROM messages"))
                        == 6, "six messages")
        equal(server.sql("SELECT connection, listener, tls, cipher, resumed, "
                         "address, port > 0, identity, device, register, "
                         "request, reply, reason, us < 20000000 "
                         "FROM messages_text ORDER BY connection"),
              ["1|l0|||0|127.0.0.1|1||0FAC|0B|W0FAC0B1234|A0FAC0B1234||1",
               "2|l0|||0|127.0.0.1|1||0FAC|0B|W0FAC0BBEEF|A0FAC0BBEEF||1",
               "3|l0|||0|127.0.0.1|1||FFFF|FF|WFFFFFF0000|AFFFFFF0000||1",
               "4|l0|||0|127.0.0.1|1||0FAC|0B|R0FAC0B|A0FAC0BBEEF||1",
               "5|l0|||0|127.0.0.1|1||0FAC|0C|R0FAC0C|X|not found|1",
               "6|l0|||0|127.0.0.1|1||||Q\\x0A|X|illegal command (Q)|1"],
              "messages")
        # In all that both have, the log of messages says the same.
        logged = {m["conn"]: m["time"] for m in server.messages()}
        kept = dict(line.split("|") for line in server.sql(
            "SELECT connection, time FROM messages_text"))
        equal({int(k): v for k, v in kept.items()}, logged, "times")


# --- kill -9 ----------------------------------------------------------------

def test_kill_9_under_load():
    """Every value that was acknowledged is there, or a later one."""
    crowd = Class(32)
    random.seed(os.environ.get("WWEP_SEED", "wwep"))
    kills = 200 if LONG else 10
    with serve(workers=2, messages={"format": "none"}) as server:
        for _ in range(kills):
            crowd.start(server.port())
            wait_until_busy(crowd)
            time.sleep(random.random() * 0.3)
            server.die()
            crowd.join()
            server.again()
            port = server.port()

            def look(device, register):
                reply = ask(port, b"R%04X%02X" % (device, register))
                return int(reply[7:], 16) if reply[:1] == b"A" else None
            crowd.check(look)
        server.stop()
        equal(server.sql("PRAGMA integrity_check"), ["ok"], "the database")
    print(f"# {crowd.acknowledged} acknowledged, {kills} kills")


def test_kill_9_and_async():
    """What is a second old is there."""
    with serve(store={"durability": "async"}) as server:
        for life in range(5):
            for i in range(20):
                ask(server.port(), b"W%04X05%04X" % (i, life * 100 + i))
            time.sleep(1.0 * slowness())
            server.die()
            server.again()
            for i in range(20):
                equal(ask(server.port(), b"R%04X05" % i),
                      b"A%04X05%04X" % (i, life * 100 + i), "read")


def test_sigterm_under_load():
    crowd = Class(16)
    with serve() as server:
        for _ in range(3):
            crowd.start(server.port())
            wait_until_busy(crowd)
            server.stop()
            crowd.join()
            found = registers_of(server)
            crowd.check(lambda d, r: found.get((d, r)))
            server.again()


# --- read after write -------------------------------------------------------

def test_read_after_write():
    """16 clients on different workers: each reads what it has just been told
    is written."""
    rounds = 100000 // 16 if LONG else 100
    wrong = []

    def client(port, number):
        for i in range(rounds):
            value = b"%04X05%04X" % (number, i)
            if ask(port, b"W" + value) != b"A" + value:
                wrong.append(("write", number, i))
            got = ask(port, b"R" + value[:6])
            if got != b"A" + value:
                wrong.append(("read", number, i, got))

    with serve(workers=4, messages={"format": "none"}) as server:
        threads = [threading.Thread(target=client, args=(server.port(), n))
                   for n in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        equal(wrong[:5], [], f"{len(wrong)} of {16 * rounds}")


# --- somebody else has the database -----------------------------------------

def test_a_database_that_is_locked():
    """Writes are refused, reads go on, and writes work again after it."""
    import sqlite3
    with serve() as server:
        port = server.port()
        ask(port, b"W0FAC0B1234")
        other = sqlite3.connect(server.database(), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writer = threading.Thread(target=ask, args=(port, b"W0FAC0C0001"))
        writer.start()
        begun = time.monotonic()
        equal(ask(port, b"R0FAC0B"), b"A0FAC0B1234", "read")
        assert time.monotonic() - begun < 1, "reads wait for it"
        writer.join()
        equal(ask(port, b"W0FAC0B5678"), b"X storage failure", "write")
        equal(ask(port, b"R0FAC0B"), b"A0FAC0B1234", "nothing has changed")
        equal(len(re.findall(" error: store: ", server.log())), 1,
              server.log())
        other.close()
        equal(ask(port, b"W0FAC0B5678"), b"A0FAC0B5678", "write")


def test_a_long_reader():
    """Somebody reads for long: writes go on, and come back in a restart."""
    import sqlite3
    with serve(store={"history_max_mb": 16}) as server:
        ask(server.port(), b"W0FAC0B1234")
        other = sqlite3.connect(server.database(), isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM registers").fetchall()
        for i in range(300):
            equal(ask(server.port(), b"W%04X050001" % i),
                  b"A%04X050001" % i, "write")
        equal(other.execute("SELECT count(*) FROM registers").fetchall(),
              [(1,)], "what the reader sees")
        other.close()
        equal(len(registers_of(server)), 301, "registers")


# --- at start ---------------------------------------------------------------

def test_a_folder():
    server = serve(start=False)
    os.mkdir(server.database())
    server.refuses("wwep.db: Is a directory: name a file in it")


def test_no_folder():
    server = serve(store={"path": "no/such/wwep.db"}, start=False)
    server.refuses("no/such/wwep.db: No such file or directory: make the "
                   "folder first")


def test_two_servers():
    with serve() as server:
        ask(server.port(), b"W0FAC0B1234")
        second = serve(start=False, store={"path": server.database()})
        second.refuses("another wwepd is using it")
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "the first")
        server.die()
        server.again()  # what has been killed holds no lock
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "the first")


def fingerprints(server):
    """{name: hash} of the database and what belongs to it."""
    return {name: hashlib.sha256(
        read_file(os.path.join(server.dir, name))).hexdigest()
        for name in os.listdir(server.dir) if name.startswith("wwep.db")}


def refused_and_untouched(server, *words, arguments=()):
    before = fingerprints(server)
    server.refuses(*words, arguments=arguments)
    equal(fingerprints(server), before, "the files have changed")


def test_a_newer_version():
    with serve() as server:
        ask(server.port(), b"W0FAC0B1234")
        server.stop()
        server.sql("PRAGMA user_version = 99")
        for arguments in ((), ("--start-fresh",)):
            refused_and_untouched(server, "it is of version 99, and this "
                                  "wwepd knows up to 1", arguments=arguments)


def test_the_database_of_another_program():
    server = serve(start=False)
    server.sql("CREATE TABLE registers (a, b)")
    for arguments in ((), ("--start-fresh",)):
        refused_and_untouched(server, "it is the database of another program",
                              arguments=arguments)


DAMAGES = ("a text", "a page of rubbish", "cut short", "half a page")


def damage(path, how):
    size = os.path.getsize(path)
    if how == "a text":
        write_file(path, "This is no database, but a text of some length. "
                   * 100)
    elif how == "a page of rubbish":
        with open(path, "r+b") as f:
            f.seek(0, os.SEEK_END)
            for offset in range(4096, size, 4096):
                f.seek(offset)
                f.write(b"\xa5" * 4096)
    elif how == "cut short":
        os.truncate(path, size // 2 // 4096 * 4096)
    else:
        os.truncate(path, 2000)


@each(*DAMAGES)
def test_a_damaged_database(how):
    with serve() as server:
        crowd = Class(8)
        crowd.start(server.port())
        wait_until_busy(crowd, 500)
        crowd.stop()
        server.stop()
        damage(server.database(), how)
        bad = fingerprints(server)["wwep.db"]
        refused_and_untouched(server, "it is damaged, or no database: put a "
                              "copy of it there, or start wwepd once with "
                              "--start-fresh")
        server.arguments = ["--start-fresh"]
        server.again()
        server.arguments = []
        aside = re.search(r"warning: store: .*/wwep.db: it is damaged, and "
                          r"kept as (.*/wwep.db.corrupt-\d{8}T\d{6}Z); this "
                          "begins with an empty one", server.log())
        assert aside, server.log()
        equal(fingerprints(server)[os.path.basename(aside[1])], bad,
              "the damaged file")
        equal(ask(server.port(), b"R010000"), b"X not found", "read")
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.stop()
        server.again()
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")


def test_start_fresh_keeps_what_is_good():
    with serve() as server:
        ask(server.port(), b"W0FAC0B1234")
        server.stop()
        server.arguments = ["--start-fresh"]
        server.again()
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")


def test_an_empty_file_is_a_new_one():
    server = serve(start=False)
    write_file(server.database(), "")
    server.start()
    with server:
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")


@each(("no folder", "No such file or directory: make the folder first"),
      ("a folder", "Is a directory: name a file in it"),
      ("a text", "it is damaged, or no database"),
      ("another program's", "it is the database of another program"),
      ("good", None), ("empty", None), ("in use", None), ("killed", None))
def test_the_check_looks_at_the_database(case):
    what, words = case
    server = serve(start=False, store={"path": "no/wwep.db"}
                   if what == "no folder" else None)
    if what == "a folder":
        os.mkdir(server.database())
    elif what in ("a text", "empty"):
        write_file(server.database(), "No database. " * 99 * (what[0] == "a"))
    elif what == "another program's":
        server.sql("CREATE TABLE a (b)")
    elif what in ("good", "in use", "killed"):
        server.start()
        ask(server.port(), b"W0FAC0B1234")
        if what == "good":
            server.stop()
        elif what == "killed":
            server.die()

    def files():
        if what == "a folder":
            return os.listdir(server.database())
        return {name: text for name, text in fingerprints(server).items()
                if not name.endswith("-shm")}  # an index of the log
    before = files()
    if words:
        server.refuses(words, arguments=("-t",))
    else:
        done = wwep_test.run([wwep_test.WWEPD, "-t", "-c", server.config_path])
        equal(done.returncode, 0, done.stderr.decode())
    if what != "in use":
        equal(files(), before, "files")
    server.stop()


def test_the_check_touches_nothing():
    server = serve(start=False)
    done = wwep_test.run([wwep_test.WWEPD, "-t", "-c", server.config_path])
    equal(done.returncode, 0, done.stderr.decode())
    assert not os.path.exists(server.database()), "it has made a database"


# --- the end ----------------------------------------------------------------

def test_a_second_signal_keeps_what_is_acknowledged():
    crowd = Class(8)
    with serve() as server:
        crowd.start(server.port())
        wait_until_busy(crowd)
        server.signal()
        server.signal(signal.SIGINT)
        server.wait()
        crowd.join()
        found = registers_of(server)
        crowd.check(lambda d, r: found.get((d, r)))


def test_lines_that_write_and_the_end():
    """SIGTERM while lines that have been sent wait for the disk."""
    with serve({"keep_open": True}) as server:
        c = Plain(server.port())
        c.send(b"".join(b"W0FAC%02X%04X\n" % (i, i) for i in range(200)))
        equal(c.recv_exactly(12), b"A0FAC000000\n", "the first")
        server.signal()
        equal(c.recv_all(), b"".join(b"A0FAC%02X%04X\n" % (i, i)
                                     for i in range(1, 200)), "the others")
        c.close()
        server.wait()


if __name__ == "__main__":
    wwep_test.main()
