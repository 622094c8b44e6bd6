# SPDX-License-Identifier: GPL-2.0-or-later
"""The database as a file: where it is, its log, and what must not happen to
either."""

import os
import re

from wwep_store import ask, serve
from wwep_test import BUILD, each, equal, main, read_file, run, scratch_dir


def spoil(path, first=1):
    """From that page on."""
    with open(path, "r+b") as f:
        for at in range(first * 4096, os.path.getsize(path), 4096):
            f.seek(at)
            f.write(b"\xa5" * 4096)


def registers_by_tool(path):
    return run([os.path.join(BUILD, "server", "wwep-db"), "--db", path,
                "registers"])


def test_a_refused_one_keeps_its_log():
    """Of a server that was killed: what is acknowledged may be there alone."""
    with serve() as server:
        server.stop()
        server.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                   "FROM n WHERE i < 9999) INSERT INTO registers SELECT i, i, "
                   "0, 'a' FROM n")
        server.again()
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.die()
        wal = server.database() + "-wal"
        log = read_file(wal)
        assert len(log) > 4096, len(log)
        spoil(server.database())
        bad = read_file(server.database())
        for _ in range(2):
            server.refuses("it is damaged, or no database")
            equal(read_file(server.database()), bad, "the damaged file")
            equal(read_file(wal), log, "its log")
        server.arguments = ["--start-fresh"]
        server.again()
        aside = re.search(r"kept as (.*Z);", server.log())[1]
        equal(read_file(aside), bad, "the damaged file")
        equal(read_file(aside + "-wal"), log, "its log")
        equal(ask(server.port(), b"R0FAC0B"), b"X not found", "read")


@each("gone", "emptied")
def test_a_log_whose_file_is(how):
    """SQLite would take the log away, and all that is in it."""
    with serve() as server:
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.die()
        wal = server.database() + "-wal"
        log = read_file(wal)
        file = read_file(server.database())
        if how == "gone":
            os.unlink(server.database())
        else:
            os.truncate(server.database(), 0)
        server.refuses("it is empty or gone, but its log (-wal) is not: put "
                       "the file there that the log belongs to",
                       arguments=("-t",))
        registers_by_tool(server.database())
        equal(read_file(wal), log, "the log")
        for _ in range(2):
            server.refuses("it is empty or gone, but its log (-wal) is not")
            equal(read_file(wal), log, "the log")
        with open(server.database(), "wb") as f:
            f.write(file)
        server.again()
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")
        server.die()
        log = read_file(wal)
        os.truncate(server.database(), 0)
        server.arguments = ["--start-fresh"]
        server.again()
        aside = re.search(r"kept as (.*Z);", server.log())[1]
        equal(read_file(aside + "-wal"), log, "the log")
        equal(ask(server.port(), b"R0FAC0B"), b"X not found", "read")


def test_a_path_by_a_link():
    """The log is beside the file, not beside the link."""
    server = serve(start=False)
    real = os.path.join(server.dir, "real")
    os.mkdir(real)
    os.symlink("real/x.db", server.database())
    server.start()
    with server:
        for path in (server.database(), os.path.join(real, "x.db"),
                     "/" + os.path.join(real, "x.db")):
            equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
            out = registers_by_tool(path)
            assert out.stdout.startswith(b"0FAC   0B       1234"), out
        server.stop()
        spoil(os.path.join(real, "x.db"), first=0)
        server.arguments = ["--start-fresh"]
        server.again()
        names = os.listdir(real)
        assert any(re.fullmatch(r"x\.db\.corrupt-\w+Z", n) for n in names), \
            names
        assert os.path.islink(server.database()), "the link"


@each("CREATE TRIGGER t AFTER INSERT ON registers BEGIN DELETE FROM messages; "
      "END",
      "CREATE UNIQUE INDEX i ON messages (address)",
      "DROP VIEW registers_text; DROP TABLE registers; CREATE VIEW registers "
      "AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT i AS key, 1 AS value, 0 AS time, 'x' AS who FROM n")
def test_tables_that_somebody_has_made(sql):
    """Else writes would be refused one day, or the start would never end."""
    with serve() as server:
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.stop()
        good = read_file(server.database())
        server.sql(sql)
        bad = read_file(server.database())
        for arguments in ((), ("-t",), ("--start-fresh",)):
            server.refuses("its tables are not as wwepd makes them: ",
                           arguments=arguments)
            equal(read_file(server.database()), bad, "the file")
        with open(server.database(), "wb") as f:
            f.write(good)
        server.again()
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")


@each("file:x.db", ":memory:", "file:x.db?mode=memory")
def test_names_that_are_words_for_sqlite(name):
    """All of them are files."""
    server = serve(start=False, store={"path": name})
    server.config_path = os.path.basename(server.config_path)
    server.start(cwd=server.dir)
    with server:
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.die()
        server.again(cwd=server.dir)
        equal(ask(server.port(), b"R0FAC0B"), b"A0FAC0B1234", "read")
        server.stop()
    assert os.path.getsize(os.path.join(server.dir, name)) > 4096, name


def test_a_path_that_is_too_long():
    folder = os.path.join(scratch_dir("long"), "a" * 200, "b" * 240)
    os.makedirs(folder)
    server = serve(start=False, store={"path": folder + "/wwep.db"})
    server.refuses("the path is longer than 450 bytes: name another file")


if __name__ == "__main__":
    main()
