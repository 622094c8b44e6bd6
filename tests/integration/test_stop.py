# SPDX-License-Identifier: GPL-2.0-or-later
"""The end: who is connected and has asked gets an answer, and nobody holds
the server up for longer than drain_s."""

import json
import os
import re
import signal
import subprocess
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import TRANSPORTS, Plain, Tls, connect, context, exchange
from wwep_test import (SRC, WWEPD, Server, each, equal, free_port, read_file,
                       run, scratch_dir, slowness, tool, write_file)

SIGNALS = (signal.SIGTERM, signal.SIGINT)
GRACE_S = 0.1  # so long after the signal a new request is served for certain


def serve(stdout=None, **keys):
    timeouts = {"message_ms": 1000 * slowness(), "idle_s": 60,
                "handshake_s": 30, "drain_s": 20, **keys.pop("timeouts", {})}
    return Server({"name": "plain"},
                  {"name": "keep", "keep_open": True},
                  {"name": "secure", "tls": authority().server()},
                  stdout=stdout, timeouts=timeouts, **keys)


def port_of(server, transport):
    return server.port("plain" if transport == "plain" else "secure")


class Client(threading.Thread):
    """Exchanges without end, each on its connection, until nobody lets it
    in; counts who was let in and got nothing."""

    def __init__(self, port, transport, ctx):
        super().__init__()
        self.port, self.transport, self.ctx = port, transport, ctx
        self.served, self.unserved, self.wrong = 0, [], []

    def connect(self):
        if self.transport == "plain":
            return Plain(self.port, timeout=10 * slowness())
        return Tls(self.port, ctx=self.ctx, timeout=10 * slowness())

    def run(self):
        while True:
            try:
                c = self.connect()
            except OSError:
                return  # refused, or nobody answers
            with c:
                self.ask(c)

    def ask(self, c):
        request = b"W%04X05%04X" % (os.getpid() & 0xFFFF,
                                    self.served & 0xFFFF)
        sent = None
        try:
            c.handshake()
            c.send(request)
            sent = time.monotonic()
            got = c.recv_all()
        except (OSError, AssertionError):
            got = b""
        if got == b"A" + request[1:]:
            self.served += 1
        elif got == b"":
            self.unserved.append(sent)
        else:
            self.wrong.append(got)


@each(*[(f"{t}, {s.name}", t, s) for t in TRANSPORTS for s in SIGNALS])
def test_under_load(case):
    _, transport, number = case
    ctx = None if transport == "plain" else context(transport)
    with serve() as server:
        clients = [Client(port_of(server, transport), transport, ctx)
                   for _ in range(8)]
        for c in clients:
            c.start()
        wwep_test.until(lambda: sum(c.served for c in clients) > 200,
                        "the load is on", 30 * slowness())
        begun = time.monotonic()
        server.signal(number)
        server.wait()
        for c in clients:
            c.join()
        equal([w for c in clients for w in c.wrong], [], "wrong replies")
        # A client that this machine kept from sending for longer than the
        # server can know may find it gone; they are few, and late.
        unserved = [t for c in clients for t in c.unserved]
        lost = [t for t in unserved if t and t < begun + GRACE_S * 0.8]
        equal(lost, [], f"asked in time, and got nothing (signal at {begun})")
        assert len(unserved) <= len(clients), f"unserved: {unserved}"
        assert "connections cut" not in server.log(), server.log()


@each(*TRANSPORTS)
def test_who_waits_in_the_backlog_is_served(transport):
    """The server is stopped in its tracks while they come and ask."""
    with serve() as server:
        server.signal(signal.SIGSTOP)
        clients = []
        for i in range(60):
            if transport == "plain":
                c = Plain(server.port("plain"))
                c.send(b"W%04X050001" % i)
            else:
                c = Tls(server.port("secure"), transport)
                c.send_raw(c.step()[0])
            clients.append(c)
        server.signal()
        server.signal(signal.SIGCONT)
        # The handshakes need us, too.
        for i, c in enumerate(clients):
            if transport != "plain":
                finish_handshake(c)
                c.send(b"W%04X050001" % i)
        for i, c in enumerate(clients):
            equal(c.recv_all(), b"A%04X050001" % i, f"client {i}")
            c.close()
        server.wait()


def finish_handshake(c):
    c.incoming.write(c.sock.recv(65536))
    c.handshake()


@each("TLS 1.2", "TLS 1.3")
def test_a_handshake_that_ends_late_gives_time_to_ask(version):
    """A client is not late that asks at once when it can."""
    for _ in range(10):
        with serve() as server:
            c = Tls(server.port("secure"), version)
            flight = c.step()[0]
            server.signal()
            begun = time.monotonic()
            server.wait_log("info: SIGTERM: ")
            time.sleep(max(0, begun + 0.6 * GRACE_S - time.monotonic()))
            c.send_raw(flight)
            finish_handshake(c)
            ready = time.monotonic()
            time.sleep(0.9 * GRACE_S)
            in_time = ready < begun + 0.9 * GRACE_S and \
                time.monotonic() < ready + GRACE_S
            c.send(b"W0FAC0B1234")
            got = c.recv_all()
            c.close()
            server.wait()
        if in_time:
            equal(got, b"A0FAC0B1234", "reply")
            return
    raise wwep_test.Skip("this machine is too slow to be in time")


@each(*TRANSPORTS)
def test_half_a_request_may_be_finished(transport):
    with serve(timeouts={"message_ms": 8000}) as server, \
            connect(port_of(server, transport), transport) as c:
        c.send(b"W0FAC0B")
        time.sleep(0.1)
        server.signal()
        time.sleep(3 * GRACE_S)
        c.send(b"1234")
        equal(c.recv_all(), b"A0FAC0B1234", "reply")
        server.wait()


def test_a_late_client_is_not_let_in():
    with serve(timeouts={"message_ms": 8000}) as server, \
            connect(server.port("plain")) as busy:
        busy.send(b"W0FAC0B")
        time.sleep(0.1)
        server.signal()
        server.wait_log("info: SIGTERM: ")
        time.sleep(5 * GRACE_S * slowness())
        try:
            Plain(server.port("plain"), timeout=5).close()
            raise AssertionError("it was let in")
        except OSError:
            pass
        busy.send(b"1234")
        equal(busy.recv_all(), b"A0FAC0B1234", "who was in")
        server.wait()


def test_idle_clients_do_not_hold_it():
    with serve() as server:
        keep = connect(server.port("keep"))
        keep.send(b"W0FAC0B1234\n")
        equal(keep.recv_exactly(12), b"A0FAC0B1234\n", "reply")
        idle = [keep, connect(server.port("keep")),
                connect(server.port("plain")),
                connect(server.port("secure"), "TLS 1.2"),
                connect(server.port("secure"), "TLS 1.3")]
        begun = time.monotonic()
        server.signal()
        server.wait()
        spent = time.monotonic() - begun
        assert spent < 10, f"{spent} s; drain_s is 20"
        for c in idle:
            equal(c.recv_all(), b"", "bytes at the end")
            c.close()
        assert "connections cut" not in server.log(), server.log()


def test_keep_open_lines_under_way_are_answered():
    with serve() as server, connect(server.port("keep")) as c:
        server.signal(signal.SIGSTOP)
        c.send(100 * b"W0FAC0B1234\n")
        server.signal()
        server.signal(signal.SIGCONT)
        equal(c.recv_all(), 100 * b"A0FAC0B1234\n", "replies")
        server.wait()


@each("plain", "TLS handshake", "keep-open, and does not read")
def test_drain_s_bounds_it(kind):
    with serve(timeouts={"message_ms": 60000, "drain_s": 1}) as server:
        if kind == "plain":
            c = connect(server.port("plain"))
            c.send(b"W")
        elif kind == "TLS handshake":
            c = Tls(server.port("secure"))
            c.send_raw(c.step()[0])
        else:
            c = connect(server.port("keep"))
            c.sock.settimeout(1)
            try:
                for _ in range(2000):
                    c.send(5000 * b"W0FAC0B1234\n")
            except TimeoutError:
                pass
        time.sleep(0.2)
        begun = time.monotonic()
        server.signal()
        server.wait()
        spent = time.monotonic() - begun
        assert 0.9 < spent < 1 + 10, f"{spent} s"
        assert re.search("warning: connections cut before they were done: 1$",
                         server.log(), re.M), server.log()
        c.close()


@each(*[(f"{a.name}, then {b.name}", a, b) for a in SIGNALS for b in SIGNALS])
def test_a_second_signal_ends_it_at_once(case):
    _, first, second = case
    with serve(timeouts={"message_ms": 60000, "drain_s": 60}) as server, \
            connect(server.port("plain")) as c:
        c.send(b"W")
        time.sleep(0.1)
        server.signal(first)
        server.wait_log("finishing what is under way")
        time.sleep(0.2)
        server.signal(second)
        server.wait(20)
        assert "at once" in server.log(), server.log()


# --- who reads our output ---------------------------------------------------

def test_stdout_with_nobody_behind():
    read, write = os.pipe()
    os.close(read)
    try:
        server = serve(stdout=write, messages={"format": "table"})
    finally:
        os.close(write)
    with server:
        for _ in range(20):
            equal(exchange(server.port("plain"), "plain", b"W0FAC0B1234"),
                  b"A0FAC0B1234", "reply")
        server.wait_log("error: message log: .*lines lost.*Broken pipe")


def test_stdout_into_head():
    head = subprocess.Popen([tool("head"), "-n", "1"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
    server = serve(stdout=head.stdin, messages={"format": "table"})
    head.stdin.close()
    with server:
        header = head.stdout.read()
        assert header.split()[:2] == [b"plain", b"secure"], header
        head.wait()
        head.stdout.close()
        for _ in range(50):
            equal(exchange(server.port("plain"), "plain", b"W0FAC0B1234"),
                  b"A0FAC0B1234", "reply")


LOST = r"warning: message log: .*lines.* lost"


def flood(server, lines=2000):
    """Messages until lines are lost, and more; returns how many."""
    rounds, behind = 0, 0
    with connect(server.port("keep")) as c:
        while behind < 2 and rounds < 20:
            rounds += 1
            behind += re.search(LOST, server.log()) is not None
            sender = threading.Thread(target=c.send,
                                      args=(lines * b"W0FAC0B1234\n",))
            sender.start()
            equal(c.recv_exactly(12 * lines), lines * b"A0FAC0B1234\n",
                  "replies")
            sender.join()
    return rounds * lines


def test_stdout_with_a_stopped_reader():
    """A full pipe loses lines, and holds up neither clients nor the end."""
    read, write = os.pipe()
    try:
        server = serve(stdout=write, messages={"format": "json"})
        os.close(write)
        with server:
            flood(server)
            begun = time.monotonic()
            server.stop()
            spent = time.monotonic() - begun
            assert spent < 10, f"{spent} s; drain_s is 20"
            assert re.search("warning: message log: .*lines", server.log()), \
                server.log()
    finally:
        os.close(read)


def test_stdout_with_a_reader_that_goes_on():
    """Every line is either read or counted as lost, and whole."""
    read, write = os.pipe()
    server = serve(stdout=write, messages={"format": "json"})
    os.close(write)
    with os.fdopen(read, "rb") as pipe, server:
        sent = flood(server)
        server.wait_log("warning: message log: .*does not keep up: .*lost")
        got = []
        reader = threading.Thread(target=lambda: got.extend(pipe))
        reader.start()
        server.stop()  # the end of the pipe
        reader.join()
        for line in got:
            assert json.loads(line)["reply"] == "A0FAC0B1234", line
        lost = max(int(n) for n in re.findall(
            r"message log: .*lost.*: (\d+)", server.log()))
        assert 0 < lost <= sent - len(got), \
            f"{sent} exchanges, {len(got)} lines, {lost} lost"


# --- a second server --------------------------------------------------------

@each("*", "127.0.0.1", "0.0.0.0", "::1")
def test_a_second_server_on_the_same_port(address):
    with Server({"name": "first", "address": address,
                 "port": free_port()}) as server:
        path = write_file(os.path.join(scratch_dir(), "second.yaml"),
                          "listeners:\n"
                          "  - name: other\n"
                          f"    address: \"{address}\"\n"
                          "    port: 0\n"
                          "  - name: taken\n"
                          f"    address: \"{address}\"\n"
                          f"    port: {server.port('first')}\n")
        host = "::1" if address == "::1" else "127.0.0.1"
        for i in range(20):
            done = run([WWEPD, "-c", path])
            equal(done.returncode, 78, f"exit code; {done.stderr!r}")
            assert (f"{path}: listeners[taken].port: port "
                    f"{server.port('first')} is in use").encode() \
                in done.stderr, done.stderr
            with Plain(server.port("first"), host) as c:
                c.send(b"W0FAC0B%04X" % i)
                equal(c.recv_all(), b"A0FAC0B%04X" % i, "the first one")


def test_the_port_is_free_again():
    """A server can be started where one has just ended, in spite of the
    connections that it has closed."""
    port = free_port()
    for _ in range(3):
        with Server({"name": "again", "port": port}) as server:
            for _ in range(10):
                equal(exchange(port, "plain", b"W0FAC0B1234"),
                      b"A0FAC0B1234", "reply")
            server.stop()


if __name__ == "__main__":
    wwep_test.main()
