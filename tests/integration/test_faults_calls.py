# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of the system that fail: at the start, and while clients are served.

At the start there is a line that says why, and an exit code, or it serves all
the same. While it serves, a client may go without a reply, but never
gets a wrong one; the next one gets its own; and nothing is left of it all.
"""

import json
import os
import resource
import socket
import time

import wwep_test
from test_faults_memory import (EXCHANGES, REPLY, Start, attempt, listeners,
                                same, server, settled)
from wwep_certs import authority
from wwep_client import Plain
from wwep_fault import Faults
from wwep_test import Server, each, equal

LONG = "WWEP_LONG" in os.environ
SPANS = ((1, 1), (2, 2), (3, 3), (4, 4), (1, 4)) if LONG else ((1, 1), (1, 4))
wwep_test.FILE_TIMEOUT_S = 1800 if LONG else 300

# What the manual pages say that may come, of calls that the start makes. Not
# here: that epoll refuses a file (ENOMEM, ENOSPC), which libuv answers by
# abort().
AT_THE_START = (
    ("open", "EMFILE"), ("open", "EACCES"), ("open", "ENOENT"),
    ("fstat", "EIO"), ("lseek", "EIO"), ("socket", "EMFILE"),
    ("socket", "ENOBUFS"), ("socket", "EAFNOSUPPORT"), ("bind", "EACCES"),
    ("bind", "EADDRINUSE"), ("listen", "EADDRINUSE"), ("setsockopt", "ENOMEM"),
    ("getsockname", "ENOBUFS"), ("epoll_create1", "EMFILE"),
    ("epoll_create1", "ENOMEM"), ("eventfd", "ENFILE"),
    ("fcntl", "EIO"), ("ioctl", "EBADF"),
    ("mmap", "ENOMEM"), ("pthread_create", "EAGAIN"),
    ("fdatasync", "EIO"), ("pread64", "EIO"), ("pwrite64", "ENOSPC"),
    ("close", "EIO"))

# While it serves: (call, error, of which files, may a client go without). What
# passes by itself must not cost a client its reply.
WHILE_SERVING = (
    ("accept4", "ECONNABORTED", "any", False),
    ("accept4", "EINTR", "any", False),
    ("accept4", "EAGAIN", "any", False),
    ("accept4", "EPROTO", "any", False),
    ("accept4", "EMFILE", "any", False),
    ("accept4", "ENFILE", "any", False),
    ("accept4", "ENOBUFS", "any", False),
    ("accept4", "ENOMEM", "any", False),
    ("accept4", "EPERM", "any", False),
    ("read", "EINTR", "socket", False),
    ("read", "EAGAIN", "socket", False),
    ("read", "ECONNRESET", "socket", True),
    ("read", "ETIMEDOUT", "socket", True),
    ("read", "ENOBUFS", "socket", True),
    ("write", "EINTR", "socket", False),
    ("write", "EAGAIN", "socket", False),
    ("write", "EPIPE", "socket", True),
    ("write", "ECONNRESET", "socket", True),
    ("write", "ENOBUFS", "socket", True),
    ("write", "ENOMEM", "socket", True),
    ("write", "ENOSPC", "regular", False),   # the message log
    ("write", "EINTR", "regular", False),
    ("write", "EIO", "regular", False),
    ("ioctl", "EBADF", "any", True),
    ("recv", "ENOMEM", "any", False),
    ("shutdown", "ENOTCONN", "any", True),
    ("epoll_wait", "EINTR", "any", False),
    ("close", "EINTR", "any", False),
    ("close", "EIO", "any", False),
    ("open", "EMFILE", "any", True),         # TLS reads /dev/urandom
    ("lseek", "EIO", "any", False),
    ("ftruncate", "EIO", "any", False),
    ("fsync", "EIO", "any", True),           # a commit that fails is an X
    ("fdatasync", "EIO", "any", True),
    ("pwrite64", "ENOSPC", "any", True),
    ("pwrite64", "EIO", "any", True))


@each(*[(f"{c} {e}", c, e) for c, e in AT_THE_START])
def test_at_the_start(case):
    label, call, error = case
    faults = Faults()
    with server(faults) as first:
        config = first.config_path
    faults.watch(call)
    start = Start(faults, config)
    start.judge("without a fault")
    total, wrong = faults.count(call), []
    assert total > 0, "no such call"
    tries = range(1, total + 1) if LONG else \
        sorted({1, 2, (total + 1) // 2, total} & set(range(1, total + 1)))
    for n in tries:
        for last in (n, None):
            faults.arm(call, error, first=n, last=last)
            try:
                Start(faults, config).judge(
                    f"{label}, call {n} of {total}, "
                    + ("alone" if last else "and all that follow"))
            except AssertionError as e:
                wrong.append(e)
    print(f"# {total} calls, {len(tries)} tried")
    assert not wrong, f"{len(wrong)} are wrong, the first: {wrong[0]}"


def test_few_files():
    """Real ones: with any limit it says what is wrong, or serves."""
    wrong, served = [], []
    with Server(*listeners(), store={"path": "registers.db",
                                     "durability": "commit"}) as first:
        config = first.config_path
    for files in range(4, 130, 1 if LONG else 3):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        start = Start(None, config, limit)
        try:
            start.judge(f"{files} files")
        except AssertionError as e:
            wrong.append(e)
        if start.ready:
            served.append(files)
    print(f"# serves with {served[0]} files")
    assert not wrong, f"{len(wrong)} are wrong, the first: {wrong[0]}"
    equal(served, [n for n in served if n >= served[0]], "once, then always")


@each(*[(f"{c} {e}, {k}", c, e, k, lost)
        for c, e, k, lost in WHILE_SERVING])
def test_while_serving(case):
    label, call, error, kind, lost = case
    faults = Faults()
    with server(faults, workers=1) as s:
        for what, name, transport in EXCHANGES[::1 if LONG else 3]:
            options = {"cert": authority().client("board")} \
                if name == "mutual" else {}
            for _ in range(2):
                equal(attempt(s, name, transport, **options), REPLY, "warm")
            live, files = settled(faults.live), s.sockets()
            for first, last in SPANS:
                faults.arm(call, error, first, last, kind)
                got = attempt(s, name, transport, **options)
                settled(lambda: faults.count(call), 0.2)
                fired = faults.disarm(call)
                where = f"{label}, {what}, calls {first} to {last}"
                assert s.process.poll() is None, f"{where}: wwepd ended by " \
                    f"{s.process.returncode}\n{s.log()}"
                allowed = (REPLY, b"X", b"") if lost and fired else (REPLY,)
                assert got in allowed, f"{where}: {got!r}"
                equal(attempt(s, name, transport, **options), REPLY,
                      f"after {where}")
                same(faults.live, live, f"blocks after {where}")
                same(s.sockets, files, f"sockets after {where}")


# --- spinning ---------------------------------------------------------------

def cpu_s(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@each("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")
def test_no_files_is_neither_deaf_nor_busy(error):
    """Nobody can be accepted for a while, on the ports and on the control
    socket: the processor rests, and who has waited is served."""
    faults = Faults()
    with server(faults) as s:
        equal(attempt(s, "plain", "plain"), REPLY, "before")
        control = control_path(s)
        faults.arm("accept4", error)
        waiting = [Plain(s.port("plain")) for _ in range(3)]
        asker = socket.socket(socket.AF_UNIX)
        asker.connect(control)
        asker.settimeout(20)
        for c in waiting:
            c.send(b"W0FAC0B1234")
        before, calls = cpu_s(s), faults.count("accept4")
        time.sleep(1)
        spent = cpu_s(s) - before
        tried = faults.count("accept4") - calls
        assert 1 <= tried < 100, f"{tried} tries in a second"
        assert spent < 0.5, f"{spent} s of the processor in a second"
        faults.disarm("accept4")
        for c in waiting:
            equal(c.recv_all(), REPLY, "who has waited")
            c.close()
        asker.sendall(b'{"command":"stats"}\n')
        assert asker.recv(65536), "the control socket"
        asker.close()
        s.wait_log("error: plain: can not accept clients: ")


def control_path(s):
    with open(s.config_path, encoding="ascii") as f:
        return json.load(f)["control"]


if __name__ == "__main__":
    wwep_test.main()
