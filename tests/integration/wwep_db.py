# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of wwep-db, and databases for it to look into."""

import os

import wwep_test
from wwep_control import controlled
from wwep_store import ask
from wwep_test import BUILD, equal, run, until

WWEP_DB = os.path.join(BUILD, "server", "wwep-db")
TIME = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def db(*args, code=0, server=None, **options):
    """(what it prints, what it complains of)"""
    if server is not None:
        args = ("-c", server.config_path, *args)
    done = run([WWEP_DB, *args], **options)
    text = done.stderr.decode()
    assert not wwep_test.SANITIZER.search(text), text
    equal(done.returncode, code, f"exit code of {args}\n{text}")
    return done.stdout.decode(), text


def complains(*args, code, words, **options):
    out, err = db(*args, code=code, **options)
    equal(out, "", "standard output")
    equal(err.count("\n"), 1, err)
    assert err.startswith("wwep-db: ") and words in err, err


def filled(**keys):
    """A server with five exchanges, all of them in its history."""
    server = controlled(**keys)
    for request in (b"W0FAC0B1234", b"W0FAC0BBEEF", b"WFFFFFF0000",
                    b"R0FAC0C", b"Q\n"):
        ask(server.port(), request)
    until(lambda: server.sql("SELECT count(*) FROM messages") == ["5"],
          "five rows")
    return server


def lines(*args, **options):
    return db(*args, **options)[0].splitlines()
