# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep bench on servers that are slow, say what is wrong, or are not there."""

import re
import time

import wwep_test
from wwep_bench import VERSIONS, bench, errors_of, load, serve
from wwep_certs import authority
from wwep_desk import Peer, hang
from wwep_test import Server, each, equal, free_port

class Registers:
    """A server in Python; `spoil` may change a reply, or keep it (None)."""

    def __init__(self, spoil=lambda number, request, reply: reply):
        self.spoil = spoil
        self.held = {}
        self.number = 0

    def __call__(self, sock):
        request = sock.recv(1)
        want = 11 if request == b"W" else 7
        while request and len(request) < want:
            request += sock.recv(want - len(request))
        if not request:
            return
        name = request[1:7]
        if request[:1] == b"W":
            self.held[name] = request[7:]
        reply = b"A" + name + self.held[name] if name in self.held else b"X"
        self.number += 1
        reply = self.spoil(self.number, request, reply)
        if reply is None:
            hang(sock)
        else:
            sock.sendall(reply)


def test_a_stall_is_felt_by_all_who_wait():
    """A server that stands still for a second makes fifty wait that should
    have come meanwhile, though there is but one connection."""
    def stall(number, _, reply):
        if number == 10:
            time.sleep(1)
        return reply
    with Peer(Registers(stall)) as peer:
        found, _ = bench(peer.host, "--rate", 50, "-n", 100)
        assert found["latency_us"]["max"] > 950e3, found
        assert found["latency_us"]["p90"] > 500e3, found
        assert found["late"] >= 30, found
    with Peer(Registers(stall)) as peer:  # as fast as it goes: one alone
        found, _ = bench(peer.host, "-n", 100)
        assert found["latency_us"]["max"] > 950e3, found
        assert found["latency_us"]["p90"] < 500e3, found


# --- what goes wrong --------------------------------------------------------

def test_good_server_in_python():
    """So that it is the faults that are found below."""
    with Peer(Registers()) as peer:
        found, _ = bench(peer.host, "-c", 4, "-n", 200)
        equal(errors_of(found), {}, "errors")


def nth(change, n=20):
    return lambda number, request, reply: (change(request, reply)
                                           if number >= n else reply)


def other_value(request, reply):
    return reply[:7] + (b"1234" if reply[7:] != b"1234" else b"4321")


def read_wrong(request, reply):
    found = request[:1] == b"R" and reply != b"X"
    return other_value(request, reply) if found else reply


# The kind, what makes it, how many exchanges, the exit code, the words.
FAULTS = (
    ("wrong", nth(read_wrong, 300), 600, 3,
     r"register \w\w of device \w{4} held (\w{4}|nothing), and the server says "
     r"(1234|4321): the server has lost a write"),
    ("refused", nth(lambda request, reply: b"X not allowed"), 40, 1,
     "the server refused the request: X, not allowed"),
    ("reply", nth(lambda request, reply: b"A0000" + request[5:7] + b"0000"), 40,
     3,
     'is no reply to this request: "A0000'),
    ("reply", nth(lambda request, reply: b"HTTP/1.1 400 Bad Request\r\n"), 40,
     3,
     'is no reply to this request: "H'),
    ("reply", nth(lambda request, reply: b"A" + request[1:7] + b"00000"), 40, 3,
     "is no reply to this request"),
    ("lost", nth(lambda request, reply: b""), 40, 3, "hung up without a reply"),
    ("timeout", nth(lambda request, reply: None, 36), 40, 5,
     r"took the request, and did not answer within 0\.3 s"))


@each(*FAULTS)
def test_fault_is_found(fault):
    kind, spoil, count, code, words = fault
    with Peer(Registers(spoil)) as peer:
        found, done = bench(peer.host, "-n", count, "--timeout",
                            "0.3" if kind == "timeout" else 10, code=code,
                            err=words)
        equal(set(errors_of(found)), {kind}, "errors")
        assert re.search(words, found["first_error"]), found
        equal(found["exchanges"] + found["errors"][kind], count, "all")
        equal(len(done.errors()), 1, done.err)


def test_a_lost_write_is_found():
    """The server acknowledges a write, and forgets it."""
    registers = Registers()

    def forget(number, request, reply):
        if number == 150:
            registers.held.clear()
        return reply
    registers.spoil = forget
    with Peer(registers) as peer:
        found, _ = bench(peer.host, "-n", 400, code=1, err="refused")
        assert found["errors"]["refused"] > 0, found


@each("together", "apart")
def test_kept_open_by_another(way):
    """The LF of a reply may come in a piece of its own."""
    def serve_lines(sock):
        held = {}
        with sock.makefile("rb") as lines:
            for line in lines:
                name, value = line[1:7], line[7:11]
                if line[:1] == b"W":
                    held[name] = value
                reply = b"A" + name + held[name] if name in held else b"X"
                if way == "apart":
                    sock.sendall(reply)
                    time.sleep(0.002)
                    reply = b""
                sock.sendall(reply + b"\n")
    with Peer(serve_lines) as peer:
        found, _ = bench(peer.host, "-n", 100, "--keep-open")
        equal(found["connect_us"]["count"], 1, "connections")


def test_a_server_that_speaks_unasked():
    def serve(sock):
        for number in range(200):
            line = sock.recv(64)
            if not line:
                return
            sock.sendall((b"A" + line[1:11] if line[:1] == b"W" else b"X")
                         + b"\n")
            if number == 50:
                time.sleep(0.2)
                sock.sendall(b"A0000000000\n")
    with Peer(serve) as peer:
        found, _ = bench(peer.host, "-n", 100, "--keep-open", "--writes", 100,
                         "--rate", 500, code=3, err="is no reply to this")
        assert found["errors"]["reply"] >= 1, found


def test_a_server_that_does_not_close():
    def stay(sock):
        Registers()(sock)
        hang(sock)
    with Peer(stay) as peer:
        bench(peer.host, "-n", 2, "--writes", 100, "--timeout", "0.3", code=5,
              err="answered, and not closed within the time")


def test_nobody_there():
    found, done = bench(f"127.0.0.1:{free_port()}", "-c", 4, "-d", 20, code=3,
                        err="nobody listens at 127.0.0.1 port")
    equal(errors_of(found), {"connect": 4}, "it gives up")
    equal(found["exchanges"], 0, "exchanges")


def test_wrong_transport():
    with serve() as server:
        bench(f"localhost:{server.port('plain')}", "--ca", authority().root,
              "-d", 20, code=4, err="speaks no TLS")
        bench(f"localhost:{server.port('secure')}", "-d", 20, code=3,
              err="see whether that is a TLS port")


@each(*VERSIONS)
def test_server_is_verified(version):
    other = authority().issue("nobody", "/CN=Nobody", ca=True)
    with serve() as server:
        host = f"localhost:{server.port('secure')}"
        for words, said in ((("--ca", other), "comes from no authority"),
                            (("--ca", authority().root, "--name", "a.example"),
                             "is for somebody else, not for a.example")):
            found, _ = bench(host, "--tls-version", version, *words, "-c", 2,
                             "-d", 20, code=4, err=said)
            equal(errors_of(found), {"tls": 2}, "errors")
        equal(server.messages(), [], "no request was sent")


@each(*VERSIONS)
def test_client_certificate(version):
    cert, key = authority().client("board", "/CN=board")
    with Server({"name": "secure", "tls": {
            **authority().server(), "client_auth": "required",
            "client_ca": authority().root}}) as server:
        own = ("--cert", cert, "--key", key)
        found = load(server, "secure", "--tls-version", version, *own, "-c", 2,
                     "-n", 20)
        equal(found["full"], 20, "handshakes")
        bench(f"localhost:{server.port('secure')}", "--tls-version", version,
              "--ca", authority().root, "-d", 20, code=4, err="certificate")


if __name__ == "__main__":
    wwep_test.main()
