# SPDX-License-Identifier: GPL-2.0-or-later
"""The wall clock jumps, the disk of the logs is full, and too many clients come
at once: the class is served all the same, and what was lost is counted."""

import datetime
import json
import os
import re
import resource
import time

import wwep_test
from test_faults_calls import cpu_s
from test_faults_memory import (EXCHANGES, REPLY, REQUEST, attempt, listeners,
                                server)
from wwep_certs import authority
from wwep_client import Plain, Tls, connect, context
from wwep_fault import Faults
from wwep_test import Server, each, equal, read_file, until

YEAR_S = 365 * 86400
JUMPS = (("a year back", -YEAR_S), ("ten years ahead", 10 * YEAR_S))
FLOOD = 600


# --- the clock --------------------------------------------------------------

def brief_client():
    """One whose certificate is good for half a year, before and after."""
    def date(days):
        then = datetime.datetime.now(datetime.timezone.utc) \
            + datetime.timedelta(days=days)
        return then.strftime("%Y%m%d%H%M%SZ")
    return authority().client("brief", dates=(date(-180), date(180)))


def serve_all(s):
    for what, name, transport in EXCHANGES:
        options = {"cert": authority().client("board")} \
            if name == "mutual" else {}
        equal(attempt(s, name, transport, **options), REPLY, what)


def year_of(text):
    return int(re.match(r"\d{4}", text)[0])


@each(*JUMPS)
def test_the_clock_jumps(case):
    """Certificates are judged by the clock as it is; what runs goes on, for
    time-outs know no wall clock; and the clock may come back."""
    _, seconds = case
    faults = Faults()
    brief = brief_client()
    now = datetime.datetime.now().year
    with server(faults, timeouts={"idle_s": 20, "drain_s": 10}) as s:
        equal(attempt(s, "mutual", "TLS 1.3", cert=brief), REPLY, "before")
        begun = [connect(s.port("plain"), "plain"),
                 connect(s.port("tls"), "TLS 1.3"),
                 connect(s.port("tls"), "TLS 1.2")]
        faults.jump(seconds)
        for c in begun:
            c.send(REQUEST)
            equal(c.recv_all(), REPLY, "begun before the jump")
            c.close()
        serve_all(s)
        for version in ("TLS 1.2", "TLS 1.3"):
            equal(attempt(s, "mutual", version, cert=brief), b"",
                  "out of its time")
        s.wait_log("warning: mutual: .*the peer's certificate "
                   + ("has expired" if seconds > 0 else "is not valid yet"))
        until(lambda: year_of(s.messages()[-1]["time"]) != now,
              "the year in the message log")
        faults.jump(0)
        equal(attempt(s, "mutual", "TLS 1.3", cert=brief), REPLY, "after")
        serve_all(s)
        until(lambda: year_of(s.messages()[-1]["time"]) == now, "back again")
        s.stop()
        years = {year_of(line) for line in s.log().splitlines()}
        assert len(years) == 2 and now in years, f"years in the log: {years}"


@each(*[(f"{j[0]}, {v}", j, v) for j in JUMPS
        for v in ("TLS 1.2", "TLS 1.3")])
def test_sessions_and_the_clock(case):
    """Ten years later no session is good any more; whatever the clock does,
    the reply is."""
    _, (_, seconds), version = case
    faults = Faults()
    with server(faults) as s:
        ctx = context(version)

        def ask(session=None):
            with Tls(s.port("tls"), ctx=ctx, session=session).handshake() as c:
                c.send(REQUEST)
                equal(c.recv_all(), REPLY, "reply")
                return c.ssl.session_reused, c.ssl.session
        _, session = ask()
        equal(ask(session)[0], True, "resumed at once")
        faults.jump(seconds)
        reused, _ = ask(session)
        if seconds > 0:
            equal(reused, False, "resumed ten years later")
        equal(ask(ask()[1])[0], True, "a new one")


@each(*JUMPS)
def test_the_history_and_the_clock(case):
    """Each exchange is in it, with the time that it was."""
    _, seconds = case
    faults = Faults()
    with server(faults) as s:
        path = os.path.join(s.dir, "registers.db")
        for jump in (0, seconds, 0):
            faults.jump(jump)
            equal(attempt(s, "plain", "plain"), REPLY, "reply")
        s.stop()
        db = os.path.join(wwep_test.BUILD, "server", "wwep-db")
        done = wwep_test.run([db, "--db", path, "history", "0FAC", "0B"])
        equal(done.returncode, 0, done.stderr)
        lines = [line for line in done.stdout.decode().splitlines()
                 if "1234" in line]
        equal(len(lines), 3, done.stdout)


# --- the disk of the logs ---------------------------------------------------

def log_of(s):
    s.log_path = os.path.join(s.dir, "wwepd.log")


@each("ENOSPC", "EIO", "EDQUOT")
def test_no_log_can_be_written(error):
    """Clients get their replies; what was lost is counted; and when there is
    room again, lines are whole, and the log says how many it lost."""
    faults = Faults()
    with Server(*listeners(), preexec=faults.preexec, workers=1, start=False,
                log={"target": "wwepd.log"}) as s:
        log_of(s)
        s.start(preexec=faults.preexec, cwd=s.dir)
        faults.arm("write", error, kind="regular")
        for _ in range(20):
            serve_all(s)
        for _ in range(5):  # for the log as well
            attempt(s, "mutual", "TLS 1.3")
        until(lambda: faults.fired("write") > 2, "writes that failed")
        time.sleep(0.1)
        faults.disarm("write")
        serve_all(s)
        s.wait_message(request="W0FAC0B1234")
        attempt(s, "mutual", "TLS 1.3")
        s.wait_log(r"^\((\d+) lines of this log lost\)$")
        s.stop()
        lost = int(re.search(r"message log: lines lost in all: (\d+)",
                             s.log())[1])
        equal(len(s.messages()) + lost, 21 * len(EXCHANGES), "messages")


def test_a_full_disk_takes_half_a_line():
    """By a limit of the files' size, which the kernel keeps to the byte."""
    with Server({"name": "plain"}, workers=1, start=False,
                log={"target": "wwepd.log", "level": "debug"}) as s:
        log_of(s)
        s.start(cwd=s.dir)
        size = os.path.getsize(s.messages_path)
        for i in range(40):
            limit = size + 50 + 37 * i  # in the midst of a line
            resource.prlimit(s.process.pid, resource.RLIMIT_FSIZE,
                             (limit, resource.RLIM_INFINITY))
            equal(attempt(s, "plain", "plain"), REPLY, "reply")
        time.sleep(0.2)
        resource.prlimit(s.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        for _ in range(3):
            equal(attempt(s, "plain", "plain"), REPLY, "reply")
        s.stop()
        for line in read_file(s.messages_path).splitlines():
            json.loads(line)
        assert re.search(r"message log: lines lost in all: \d+", s.log()), \
            s.log()
        assert len(s.messages()) >= 3


# --- too many ---------------------------------------------------------------

def test_a_flood_of_clients():
    """More than there are files: the others are closed at once, the processor
    rests, and when the flood has gone all is as it was."""
    files = 300
    here, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))

    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with Server(*listeners(), preexec=limit,
                timeouts={"idle_s": 60, "handshake_s": 60}) as s:
        before = s.sockets()
        flood = [Plain(s.port(("plain", "tls")[i % 2])) for i in range(FLOOD)]
        late = Plain(s.port("plain"), timeout=5)
        assert gone(late), "one who is too many is left waiting"
        turned = sum(gone(c) for c in flood[-100:])
        equal(turned, 100, "turned away at once")
        spent = cpu_s(s)
        time.sleep(1)
        spent = cpu_s(s) - spent
        assert spent < 0.3, f"{spent} s of the processor in a second"
        equal(s.process.poll(), None, "still there")
        s.wait_log("warning: .*turned away")
        served = sum(ask_open(c) for c in flood[:50:2])
        equal(served, 25, "those who are in are served")
        for c in flood:
            c.close()
        until(lambda: s.sockets() <= before, "all of it closed")
        serve_all(s)
    resource.setrlimit(resource.RLIMIT_NOFILE, (here, hard))


def gone(c):
    try:
        return c.sock.recv(1) == b""
    except ConnectionError:
        return True


def ask_open(c):
    c.send(REQUEST)
    return c.recv_all() == REPLY


if __name__ == "__main__":
    wwep_test.main()
