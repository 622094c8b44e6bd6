# SPDX-License-Identifier: GPL-2.0-or-later
"""Run by a service manager: what it is told, the journal, the watchdog."""

import ctypes
import os
import re
import signal
import socket
import time

import wwep_test
from wwep_client import Plain
from wwep_reload import edit
from wwep_service import Manager, ask, launch, prepare
from wwep_test import (Skip, each, equal, read_file, slowness, until,
                       write_file)

# --- what it is told ---------------------------------------------------------

@each("path", "abstract")
def test_ready_and_stopping(kind):
    manager = Manager(kind == "abstract")
    with launch(prepare({}, {}, workers=3), manager=manager) as server:
        equal(manager.next(), {"READY": "1", "STATUS":
                               "serving: 2 listeners, 3 workers"})
        equal(ask(server.port()), b"A0FAC0B1234")
        server.signal()
        told = manager.next()
        equal(told, {"STOPPING": "1", "STATUS": "finishing what is under way",
                     "EXTEND_TIMEOUT_USEC": "13000000"})
        server.wait()
    equal(manager.signs, 0, "nobody has asked for signs of life")


@each("changed", "wrong")
def test_reloading(kind):
    """Between the two a manager waits; also where nothing can be changed."""
    manager = Manager()
    with launch(prepare({}), manager=manager) as server:
        manager.next()
        edit(server, lambda c: c["timeouts"].update(
            idle_s=61 if kind == "changed" else 0))
        before = time.clock_gettime(time.CLOCK_MONOTONIC)
        server.signal(signal.SIGHUP)
        told = manager.next()
        equal(told.pop("RELOADING"), "1", f"told {told}")
        when = int(told["MONOTONIC_USEC"]) / 1e6
        assert before <= when <= time.clock_gettime(time.CLOCK_MONOTONIC), when
        equal(manager.next()["READY"], "1", "then")
        server.wait_log("reloaded in .*idle_s: 60 -> 61" if kind == "changed"
                        else "reload: nothing has been changed: .*idle_s")
        equal(ask(server.port()), b"A0FAC0B1234")


def test_what_is_told_after_a_reload():
    """How many workers there are, and how long the end may take now."""
    manager = Manager()
    with launch(prepare({}), manager=manager) as server:
        manager.next()
        edit(server, lambda c: (c.update(workers=7),
                                c["timeouts"].update(drain_s=100)))
        server.signal(signal.SIGHUP)
        equal(manager.next()["RELOADING"], "1")
        equal(manager.next(), {"READY": "1", "STATUS":
                               "serving: 1 listener, 2 workers"})
        server.signal()
        equal(manager.next()["EXTEND_TIMEOUT_USEC"], "110000000")
        server.wait()


def test_not_ready_before_it_serves():
    """What fails is not ready first."""
    manager = Manager()
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    server = prepare({"port": taken.getsockname()[1]})
    launch(server, manager=manager, ready=False)
    server.wait(code=78)
    manager.socket.setblocking(False)
    try:
        raise AssertionError(f"told {manager.socket.recv(4096)}")
    except BlockingIOError:
        pass


def test_a_manager_that_can_not_be_told():
    with launch(prepare({}), NOTIFY_SOCKET="vsock:2:1") as server:
        server.wait_log("warning: NOTIFY_SOCKET=vsock:2:1: .* is not told how")
        equal(ask(server.port()), b"A0FAC0B1234")


# --- the journal -------------------------------------------------------------

def journal_of(path):
    """As systemd names the file that it gave a service for its lines."""
    st = os.stat(path)
    return f"{st.st_dev}:{st.st_ino}"


@each("the journal", "another file")
def test_lines_have_levels_where(case):
    server = prepare({}, messages={"format": "table", "target": "stdout"})
    write_file(server.stderr_path, "")
    path = server.stderr_path if case == "the journal" else "/dev/null"
    with launch(server, JOURNAL_STREAM=journal_of(path)):
        equal(ask(server.port()), b"A0FAC0B1234")
        server.stop()
    marks = {"info": "<6>", "warning": "<4>"} if case == "the journal" else {}
    found = set()
    for line in server.log().splitlines():
        match = re.match(r"(<\d>)?\d{4}-\S+Z (\w+): ", line)
        assert match, line
        equal(match[1], marks.get(match[2]), line)
        found.add(match[2])
    equal(found, {"info", "warning"})


def test_lines_have_levels_in_the_journal_alone():
    """Each line by where it goes: a reload may move the log away from the
    journal, and back."""
    server = prepare({}, log={"level": "debug"})
    write_file(server.stderr_path, "")
    log = os.path.join(server.dir, "log")
    with launch(server, JOURNAL_STREAM=journal_of(server.stderr_path)):
        for i in range(20):
            def change(c, i=i):
                c["log"]["target"] = ("stderr", log)[(i + 1) % 2]
                c["timeouts"]["idle_s"] = 30 + i
            edit(server, change)
            server.signal(signal.SIGHUP)
            server.log_path = (server.stderr_path, log)[(i + 1) % 2]
            until(lambda: os.path.exists(log), "the log file")
            server.wait_log(rf" reloaded in .*idle_s: \d+ -> {30 + i}")
        server.stop()
    marks = [[re.match(r"(<\d>)?\d{4}-\S+Z \w+: ", line)[1] is not None
              for line in read_file(path).decode().splitlines()]
             for path in (server.stderr_path, log)]
    equal([set(m) for m in marks], [{True}, {False}], "lines with levels")


@each(("a bad value", {"workers": -1}, 78),
      ("a certificate that is not there",
       {"tls": {"certificate": "no.pem", "private_key": "no.key"}}, 78),
      ("the same, and the log is a file",
       {"tls": {"certificate": "no.pem", "private_key": "no.key"},
        "log": {"target": "log"}}, 78))
def test_why_it_does_not_start_is_an_error_of_the_journal(case):
    _, keys, code = case
    tls = {"tls": keys["tls"]} if "tls" in keys else {}
    more = {k: v for k, v in keys.items() if k != "tls"}
    for argument in ([], ["-t"]):
        server = prepare(tls, **more)
        server.arguments = argument
        write_file(server.stderr_path, "")
        launch(server, ready=False,
               JOURNAL_STREAM=journal_of(server.stderr_path))
        server.wait(code=code)
        lines = server.log().splitlines()
        assert lines and lines[-1].startswith("<3>"), lines
        text = read_file(os.path.join(server.dir, "log"))
        assert b"<3>" not in text, text


# --- the watchdog ------------------------------------------------------------

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000


class Hung:
    """A thread that does nothing, as long as this is open."""

    def __init__(self, tid):
        self.tid = tid
        self.trace(PTRACE_SEIZE)
        self.trace(PTRACE_INTERRUPT)
        os.waitpid(tid, WALL)

    def trace(self, what):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long] * 4
        if libc.ptrace(what, self.tid, 0, 0) != 0:
            raise Skip(f"ptrace: {os.strerror(ctypes.get_errno())}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.trace(PTRACE_DETACH)


def threads_in_a_loop(server):
    """The workers' threads: they wait in epoll, and are not the main one."""
    folder = f"/proc/{server.process.pid}/task"
    found = []
    for tid in os.listdir(folder):
        with open(os.path.join(folder, tid, "wchan"), encoding="ascii") as f:
            if re.search("epoll|ep_poll", f.read()):
                found.append(int(tid))
    return sorted(set(found) - {server.process.pid})


def test_watchdog():
    manager = Manager()
    period = 0.4 * slowness()
    with launch(prepare({}, workers=2), manager=manager,
                WATCHDOG_USEC=str(int(period * 1e6))) as server:
        assert manager.signs_within(5 * period) >= 5, "too few signs of life"
        workers = until(lambda: (t := threads_in_a_loop(server)) and
                        len(t) == 2 and t, "two workers wait")
        for tid in workers + [server.process.pid]:
            with Hung(tid):
                # One may be under way.
                assert manager.signs_within(1.5 * period) <= 1, f"{tid} hangs"
                equal(manager.signs_within(3 * period), 0, f"{tid} hangs")
            assert manager.signs_within(5 * period) >= 3, "it goes on"
        equal(server.log().count("does nothing: the watchdog is not told"), 2,
              "lines of workers that hang")
        equal(server.log().count("the workers go on"), 2, "lines of workers")
        equal(ask(server.port()), b"A0FAC0B1234")


def test_watchdog_while_it_ends():
    """A drain is no hang."""
    manager = Manager()
    period = 0.4 * slowness()
    with launch(prepare({}, workers=2), manager=manager,
                WATCHDOG_USEC=str(int(period * 1e6))) as server:
        with Plain(server.port()) as c:
            c.send(b"W0FAC0B")
            server.wait_log("ready")
            time.sleep(0.2)
            server.signal()
            time.sleep(0.2)
            c.send(b"12")
            assert manager.signs_within(0.6) >= 1, "no sign of life"
            c.send(b"34")
            equal(c.recv_all(), b"A0FAC0B1234")
        server.wait()


def test_a_watchdog_that_is_for_another():
    manager = Manager()
    with launch(prepare({}), manager=manager, WATCHDOG_USEC="200000",
                WATCHDOG_PID="1"):
        equal(manager.signs_within(1.0), 0)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    wwep_test.main()
