# SPDX-License-Identifier: GPL-2.0-or-later
"""Run by a service manager: what it is told, the watchdog, the journal, and
sockets that wwepd is started with."""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls
from wwep_test import (WWEPD, Server, Skip, each, equal, free_port, read_file,
                       scratch_dir, slowness, tool, until, write_file)

# Moves files to where the protocol has them, from 3 on, and becomes wwepd.
LAUNCHER = """
import fcntl, json, os, sys
fds, names, argv = json.loads(sys.argv[1])
high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]
for fd in fds:
    os.close(fd)
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
if fds:
    os.environ["LISTEN_FDS"] = str(len(fds))
    os.environ.setdefault("LISTEN_PID", str(os.getpid()))
if names:
    os.environ["LISTEN_FDNAMES"] = ":".join(names)
os.execv(argv[0], argv)
"""


class Manager:
    """Who starts the service: has a socket to be told by."""

    def __init__(self, abstract=False):
        path = os.path.join(scratch_dir("notify"), "socket")
        self.name = ("@" if abstract else "") + path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(("\0" if abstract else "") + path)
        self.signs = 0  # of life

    def next(self, timeout=30.0):
        """The next message but for signs of life, as a dict."""
        deadline = time.monotonic() + timeout * slowness()
        while True:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            text = self.socket.recv(4096).decode()
            if text != "WATCHDOG=1":
                return dict(line.split("=", 1) for line in text.split("\n"))
            self.signs += 1

    def signs_within(self, seconds):
        """How many signs of life come; what else does is dropped."""
        deadline = time.monotonic() + seconds
        count = 0
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                count += self.socket.recv(4096) == b"WATCHDOG=1"
            except socket.timeout:
                break
        return count


def prepare(*listeners, **keys):
    return Server(*listeners, start=False,
                  timeouts={"idle_s": 60, "message_ms": 1000 * slowness()},
                  **keys)


def launch(server, sockets=(), names=(), manager=None, ready=True, **env):
    """Starts it as a service manager does."""
    if manager is not None:
        env["NOTIFY_SOCKET"] = manager.name
    fds = [s.fileno() for s in sockets]
    argv = [WWEPD, "-c", server.config_path, *server.arguments]
    server.ports = {}
    with open(server.stderr_path, "wb") as err:
        server.process = subprocess.Popen(
            [sys.executable, "-B", "-c", LAUNCHER,
             json.dumps([fds, names, argv])],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
            pass_fds=fds, env={**os.environ, **env})
    Server.running.add(server)
    if ready:
        server.wait_log(r" info: ready: ", 30)
        for name, port in re.findall(
                r" info: (\S+): listening on .* port (\d+), ", server.log()):
            server.ports[name] = int(port)
    return server


def ask(port, request=b"W0FAC0B1234"):
    with Plain(port, timeout=20 * slowness()) as c:
        c.send(request)
        return c.recv_all()


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
        config = json.loads(read_file(server.config_path))
        config["timeouts"]["idle_s"] = 61 if kind == "changed" else 0
        write_file(server.config_path, json.dumps(config))
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
            config = json.loads(read_file(server.config_path))
            config["log"]["target"] = ("stderr", log)[(i + 1) % 2]
            config["timeouts"]["idle_s"] = 30 + i
            write_file(server.config_path, json.dumps(config))
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


# --- sockets that it is started with -----------------------------------------

def listening(address="127.0.0.1"):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family)
    s.bind((address, 0))
    s.listen(1000)
    return s


def port_of(s):
    return s.getsockname()[1]


def copies(server, s):
    """How many files of the server are this socket."""
    inode = f"socket:[{os.fstat(s.fileno()).st_ino}]"
    folder = f"/proc/{server.process.pid}/fd"
    return sum(os.readlink(os.path.join(folder, fd)) == inode
               for fd in os.listdir(folder))


def test_by_address_by_name_and_by_itself():
    with listening() as plain, listening("0.0.0.0") as secure:
        server = prepare(
            {"name": "plain", "port": port_of(plain)},
            {"name": "secure", "tls": authority().server()},
            {"name": "own"}, workers=3)
        launch(server, [plain, secure], ["wwepd.socket", "secure"])
        with server:
            equal(server.port("plain"), port_of(plain))
            equal(server.port("secure"), port_of(secure))
            equal(ask(port_of(plain)), b"A0FAC0B1234")
            equal(ask(server.port("own"), b"R0FAC0B"), b"A0FAC0B1234")
            with Tls(port_of(secure)) as c:
                c.handshake()
                c.send(b"R0FAC0B")
                equal(c.recv_all(), b"A0FAC0B1234")
            # One a worker, and the one that it came by.
            equal([copies(server, s) for s in (plain, secure)], [4, 4])


def test_every_address():
    with listening("0.0.0.0") as s:
        server = prepare({"name": "plain", "address": "*", "port": port_of(s)})
        with launch(server, [s]):
            equal(ask(port_of(s)), b"A0FAC0B1234")
            server.wait_log("info: plain: on the socket that this was started")


def test_who_comes_between_two_servers_waits():
    """The manager keeps the socket, so nothing that one server has done to it
    may be in the way of the next."""
    with listening() as s:
        server = prepare({"port": port_of(s)})
        with launch(server, [s]):
            equal(ask(port_of(s)), b"A0FAC0B1234")
        with Plain(port_of(s), timeout=60) as c:
            c.send(b"W0FAC0B5678")
            with launch(server, [s]):
                equal(c.recv_all(), b"A0FAC0B5678")


def test_restarts_under_load():
    """Nobody is refused, and whoever has asked gets an answer."""
    done = threading.Event()
    wrong = []
    served = [0] * 8

    def client(i):
        while not done.is_set():
            try:
                got = ask(port, b"W%04X0B1234" % i)
                served[i] += got == b"A%04X0B1234" % i
                if got != b"A%04X0B1234" % i:
                    wrong.append(got)
            except OSError as e:
                wrong.append(e)

    with listening() as s:
        port = port_of(s)
        server = prepare({"port": port}, workers=3)
        launch(server, [s])
        clients = [threading.Thread(target=client, args=(i,))
                   for i in range(len(served))]
        for c in clients:
            c.start()
        try:
            for _ in range(5):
                before = sum(served)
                until(lambda b=before: sum(served) > b + 100, "the load is on",
                      30 * slowness())
                server.signal()
                server.wait()
                launch(server, [s])
        finally:
            done.set()
            for c in clients:
                c.join()
        server.stop()
        equal(wrong, [], "not served")


@each(("nobody's", ["odd"], "no listener is for the socket 127.0.0.1:PORT "
       "(odd) that this was started with"),
      ("two for one", ["l0", "l0"], "listeners[l0]: this was started with two "
       "sockets for it"))
def test_what_does_not_fit(case):
    _, names, words = case
    sockets = [listening() for _ in names]
    server = prepare({"name": "l0", "address": "127.0.0.2"})
    launch(server, sockets, names, ready=False)
    server.wait(code=78)
    words = words.replace("PORT", str(port_of(sockets[-1])))
    assert words in server.log(), server.log()
    for s in sockets:
        s.close()


def test_reload_keeps_the_listener_of_a_socket():
    """Without it nobody would accept who connects there."""
    with listening() as s:
        server = prepare({"name": "l0", "port": port_of(s)}, {"name": "own"})
        with launch(server, [s]):
            config = json.loads(read_file(server.config_path))
            del config["listeners"][0]
            write_file(server.config_path, json.dumps(config))
            server.signal(signal.SIGHUP)
            server.wait_log("reload: nothing has been changed: .*: no listener is "
                            rf"for the socket 127\.0\.0\.1:{port_of(s)}")
            equal(ask(port_of(s)), b"A0FAC0B1234")


@each("port", "address")
def test_reload_of_a_socket_by_its_name(key):
    """It is that listener's whatever its port and address say, as at the
    start: who is connected stays."""
    with listening() as s:
        server = prepare({"name": "l0", "keep_open": True,
                          "port": free_port()})
        with launch(server, [s], ["l0"]):
            with Plain(port_of(s)) as c:
                c.send(b"W0FAC0B1234\n")
                equal(c.recv_exactly(12), b"A0FAC0B1234\n", "before")
                for i in range(2):
                    config = json.loads(read_file(server.config_path))
                    config["timeouts"]["idle_s"] = 50 + i
                    if key == "address":
                        config["listeners"][0].update(
                            address=("*", "127.0.0.1")[i], port=port_of(s))
                    write_file(server.config_path, json.dumps(config))
                    server.signal(signal.SIGHUP)
                    server.wait_log(rf"reloaded in .*idle_s: \d+ -> {50 + i}")
                    time.sleep(0.3)
                    c.send(b"R0FAC0B\n")
                    equal(c.recv_exactly(12), b"A0FAC0B1234\n", "after")
            with Plain(port_of(s)) as c:
                c.send(b"R0FAC0B\n")
                equal(c.recv_exactly(12), b"A0FAC0B1234\n", "a new one")
            equal(copies(server, s), 3, "copies")


def test_what_is_told_after_a_reload():
    """How many workers there are, and how long the end may take now."""
    manager = Manager()
    with launch(prepare({}), manager=manager) as server:
        manager.next()
        config = json.loads(read_file(server.config_path))
        config["workers"] = 7
        config["timeouts"]["drain_s"] = 100
        write_file(server.config_path, json.dumps(config))
        server.signal(signal.SIGHUP)
        equal(manager.next()["RELOADING"], "1")
        equal(manager.next(), {"READY": "1", "STATUS":
                               "serving: 1 listener, 2 workers"})
        server.signal()
        equal(manager.next()["EXTEND_TIMEOUT_USEC"], "110000000")
        server.wait()


def test_no_socket_that_listens():
    with socket.socket() as s:
        server = prepare({})
        launch(server, [s], ready=False)
        server.wait(code=78)
        assert "is no TCP socket that listens" in server.log(), server.log()


def test_sockets_that_are_for_another():
    with listening() as s:
        with launch(prepare({}), [s], ["l0"], LISTEN_PID="1") as server:
            assert server.port() != port_of(s)
            equal(ask(server.port()), b"A0FAC0B1234")


def test_systemd_socket_activate():
    """systemd's own launcher: it starts the server with its first client."""
    launcher = tool("systemd-socket-activate")
    port = free_port()
    server = prepare({"name": "plain", "port": port})
    manager = Manager()
    with open(server.stderr_path, "wb") as err:
        server.process = subprocess.Popen(
            [launcher, f"--listen=127.0.0.1:{port}", "--fdname=wwepd.socket",
             f"--setenv=NOTIFY_SOCKET={manager.name}", WWEPD, "-c",
             server.config_path], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=err)
    Server.running.add(server)
    with server:
        server.wait_log("Listening on ")
        equal(ask(port), b"A0FAC0B1234")
        equal(manager.next()["READY"], "1")
        server.wait_log("info: plain: on the socket that this was started with")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    wwep_test.main()
