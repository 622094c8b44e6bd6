# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-vectors.tsv, whole and in pieces, on every transport."""

import concurrent.futures
import os
import re
import socket
import time

import wwep_test
from wwep_certs import authority
from wwep_client import TRANSPORTS, Tls, connect, exchange
from wwep_test import SRC, Server, each, equal, slowness

WELL_FORMED = re.compile(rb"(W[0-9A-Fa-f]{10}|R[0-9A-Fa-f]{6})(\r?\n|\r)?")

# What explain_errors says; "" for what is well-formed.
REASONS = [
    (b"Q0FAC0B", False, b"X illegal command (Q)"),
    (b"r0FAC0B", False, b"X illegal command (r)"),
    (b"A0FAC0B1234", False, b"X illegal command (A)"),
    (b"GET / HTTP/1.1\r\n\r\n", False, b"X illegal command (G)"),
    (b"\n", False, b"X illegal command (\\x0A)"),
    (b"\r\n", False, b"X illegal command (\\x0D)"),
    (b"\x00", False, b"X illegal command (\\x00)"),
    (b"\xff", False, b"X illegal command (\\xFF)"),
    (b"\x7f", False, b"X illegal command (\\x7F)"),
    (b" ", False, b"X illegal command ( )"),
    (b"W0FAG0B1234", False, b"X illegal character (G)"),
    (b"W0FAg", False, b"X illegal character (g)"),
    (b"W0FAC 0B123", False, b"X illegal character ( )"),
    (b"W+FAC0B1234", False, b"X illegal character (+)"),
    (b"W0x0F0B1234", False, b"X illegal character (x)"),
    (b"W0FAC\x00B1234", False, b"X illegal character (\\x00)"),
    (b"W0FAC\xff01234", False, b"X illegal character (\\xFF)"),
    (b"R\x1b[2J", False, b"X illegal character (\\x1B)"),
    (b"RR", False, b"X illegal character (R)"),
    (b"W01234", False, b"X illegal message length (6)"),
    (b"W01234", True, b"X illegal message length (6)"),
    (b"W", False, b"X illegal message length (1)"),
    (b"R0FAC0", True, b"X illegal message length (6)"),
    (b"W0FAC0B123", True, b"X illegal message length (10)"),
    (b"W0FA\n", False, b"X illegal message length (4)"),
    (b"W0FAC\r\n", False, b"X illegal message length (5)"),
    (b"R\n", False, b"X illegal message length (1)"),
    (b"W0FAC0B12345", False, b"X illegal message length (12)"),
    (b"R0FAC0B1234", False, b"X illegal message length (11)"),
    (b"R0FAC0B\n\n", False, b"X illegal message length (9)"),
    (b"R0FAC0B\r\n\n", False, b"X illegal message length (10)"),
    (b"R0FAC0B\n\r", False, b"X illegal message length (9)"),
    (b"R0FAC0B\r\r", False, b"X illegal message length (9)"),
    (b"R0FAC0B ", False, b"X illegal message length (8)"),
    (b"R0FAC0B\x00", False, b"X illegal message length (8)"),
    (b"R0BAC0B", False, b"X not found"),
    (b"R0BAC0B\r\n", False, b"X not found"),
    (b"W0FAC0B1234", False, b"A0FAC0B1234"),
    (b"", True, b""),
]


class Vector:
    def __init__(self, line):
        self.name, request, reply = line.split("\t")[:3]
        self.end = request.endswith("<FIN>")
        self.segments = [self._bytes(s) for s in
                         request.removesuffix("<FIN>").split("|")]
        self.request = b"".join(self.segments)
        self.reply = b"" if reply == "<CLOSE>" else self._bytes(reply)
        self.well_formed = (not self.end and
                            WELL_FORMED.fullmatch(self.request) is not None)

    @staticmethod
    def _bytes(text):
        return re.sub(r"\\(n|r|x..)", lambda m: {"n": "\n", "r": "\r"}.get(
            m[1]) or chr(int(m[1][1:], 16)), text).encode("latin-1")


def vectors():
    path = os.path.join(SRC, "tests", "wwep-vectors.tsv")
    with open(path, encoding="utf-8") as f:
        found = [Vector(line.rstrip("\n")) for line in f
                 if line.strip() and not line.startswith("#")]
    assert len(found) >= 35, f"only {len(found)} cases in {path}"
    return found


def serve(transport, **listener):
    if transport != "plain":
        listener["tls"] = authority().server()
    return Server(listener, timeouts={"message_ms": 250 * slowness()})


@each(*TRANSPORTS)
def test_every_vector_in_order(transport):
    with serve(transport) as server:
        for v in vectors():
            equal(exchange(server.port(), transport, *v.segments, end=v.end),
                  v.reply, v.name)
        # An exchange without a byte is none.
        seen = [v for v in vectors() if v.request]
        wwep_test.until(lambda: len(server.messages()) == len(seen),
                        f"{len(seen)} lines in the message log")
        for v, m in zip(seen, server.messages()):
            equal(m["reply"].encode(), v.reply, f"{v.name} in the log")


def pieces(request, cut):
    """In two behind byte `cut`, or, 0, byte by byte."""
    if cut > 0:
        return request[:cut], request[cut:]
    return [request[i:i + 1] for i in range(len(request))]


def run_in_pieces(transport, cut):
    with serve(transport) as server:
        for v in vectors():
            if not v.well_formed:
                continue
            equal(exchange(server.port(), transport,
                           *pieces(v.request, cut), gap=0.005),
                  v.reply, f"{v.name} cut at {cut}")


@each(*TRANSPORTS)
def test_the_well_formed_ones_cut_at_every_place(transport):
    longest = max(len(v.request) for v in vectors() if v.well_formed)
    authority().server()  # before the threads all want it
    # Each its own server: what a register holds depends on the order.
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(run_in_pieces, transport, cut)
                     for cut in range(longest)]:
            done.result()


@each(*TRANSPORTS)
def test_reasons(transport):
    with serve(transport, explain_errors=True) as server:
        for request, end, reply in REASONS:
            equal(exchange(server.port(), transport, request, end=end),
                  reply, f"{request!r}{' and the end' if end else ''}")


@each(*TRANSPORTS)
def test_no_reason_goes_out_unless_asked_for(transport):
    with serve(transport) as server:
        for request, end, reply in REASONS:
            equal(exchange(server.port(), transport, request, end=end),
                  reply[:1] if reply[:1] == b"X" else reply, f"{request!r}")
        # The message log has it all the same.
        wanted = [reply[2:].decode() or None if reply[:1] == b"X" else None
                  for request, _, reply in REASONS if request]
        wwep_test.until(lambda: len(server.messages()) == len(wanted),
                        "all lines in the message log")
        equal([m["reason"] for m in server.messages()], wanted, "reasons")


@each(*TRANSPORTS)
def test_the_short_message_gets_its_X_in_time(transport):
    listener = {"tls": authority().server()} if transport != "plain" else {}
    with Server(listener) as server:  # message_ms is as it is by default
        for _ in range(5):  # others use this machine, too
            with connect(server.port(), transport) as c:
                begun = time.monotonic()
                c.send(b"W01234")
                equal(c.recv(1), b"X", "reply")
                spent = time.monotonic() - begun
            assert spent > 0.24, f"after {spent} s: it did not wait"
            if spent < 0.5:
                return
        raise AssertionError(f"X after {spent} s; clients give up at 0.5")


@each(*TRANSPORTS)
def test_what_is_wrong_is_refused_at_once(transport):
    """Rules 1, 2 and 4: no time is waited for what can not become right."""
    listener = {"tls": authority().server()} if transport != "plain" else {}
    with Server(listener, timeouts={"message_ms": 30000,
                                    "idle_s": 60}) as server:
        for request, end in ((b"Q", False), (b"W0FAG", False),
                             (b"W0FA\n", False), (b"W01234", True)):
            equal(exchange(server.port(), transport, request, end=end), b"X",
                  f"{request!r}")


@each("TLS 1.2", "TLS 1.3")
def test_requests_and_records(version):
    """A record is not a message: requests may be cut across records, and all
    that has come is read before a request is judged."""
    with serve(version, explain_errors=True) as server:
        def reply(*segments):
            """Each segment is made of some records."""
            with connect(server.port(), version) as c:
                for i, records in enumerate(segments):
                    if i > 0:
                        time.sleep(0.02)
                    c.send_raw(b"".join(c.seal(r) for r in records))
                return c.recv_all()

        byte_by_byte = pieces(b"W0FAC0BBEEF", 0)
        equal(reply(byte_by_byte), b"A0FAC0BBEEF", "11 records at once")
        equal(reply(byte_by_byte[:5], byte_by_byte[5:]), b"A0FAC0BBEEF",
              "11 records in two segments")
        equal(reply((b"R0FAC0B", b"\r", b"\n")), b"A0FAC0BBEEF", "CRLF")
        equal(reply((b"R0FAC0B", b"\n", b"\n")),
              b"X illegal message length (9)", "too long by a record")
        equal(reply((b"W0FAC0B000", b"0", b"5")),
              b"X illegal message length (12)", "too long by a record")
        equal(reply((b"R0FAC0B",)), b"A0FAC0BBEEF", "and nothing written")
        equal(reply((b"W0FAC0B1234" + 3000 * b"5",)),
              b"X illegal message length (3011)", "much too long")


@each("TLS 1.2", "TLS 1.3")
def test_a_record_cut_at_every_place(version):
    with serve(version) as server:
        for place in range(1, 5 + 11 + 1 + 16):  # TLS 1.2's is longer
            with connect(server.port(), version) as c:
                record = c.seal(b"W0FAC0B0001")
                c.send_raw(record[:place])
                time.sleep(0.002)
                c.send_raw(record[place:])
                equal(c.recv_all(), b"A0FAC0B0001", f"cut at {place}")


@each("TLS 1.2", "TLS 1.3")
def test_request_and_finished_in_one_segment(version):
    """The bytes behind the handshake's last must not stay in a queue."""
    with serve(version) as server:
        for end in (False, True):
            c = connect_without_finished(server.port(), version)
            with c:
                finished, _ = c.step()
                rest = c.seal(b"W0FAC0B4321") if version == "TLS 1.3" else b""
                if version == "TLS 1.3" and end:
                    rest += c.close_notify()
                c.send_raw(finished + rest)
                if version == "TLS 1.2":
                    # The client waits for the server's Finished: the request
                    # and the good-bye are what can ride together.
                    c.handshake()
                    c.send_raw(c.seal(b"W0FAC0B4321")
                               + (c.close_notify() if end else b""))
                equal(c.recv_all(), b"A0FAC0B4321", f"end {end}")


def connect_without_finished(port, version):
    c = Tls(port, version)
    data, _ = c.step()
    c.send_raw(data)
    # The server's flight, whole: the next step() ends the handshake.
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        c.incoming.write(c.sock.recv(65536))
        c.sock.settimeout(0.2)
        try:
            while True:
                c.incoming.write(c.sock.recv(65536))
        except TimeoutError:
            break
    c.sock.settimeout(20)
    return c


@each(*TRANSPORTS)
def test_bare_fin_still_gets_a_reply(transport):
    """A client may end its TCP side without a close_notify."""
    with serve(transport) as server:
        with connect(server.port(), transport) as c:
            c.send_raw(c.seal(b"W0FAC0B0007"))
            c.sock.shutdown(socket.SHUT_WR)
            equal(c.recv_all(), b"A0FAC0B0007", "whole request")
        with connect(server.port(), transport) as c:
            c.send_raw(c.seal(b"W0FAC0B00"))
            c.sock.shutdown(socket.SHUT_WR)
            equal(c.recv_all(), b"X", "half a request")


@each(*TRANSPORTS)
def test_late_bytes_do_not_destroy_the_reply(transport):
    """More than a request: the server reads on before it closes."""
    with serve(transport) as server:
        for _ in range(20):
            equal(exchange(server.port(), transport,
                           b"W0FAC0B1234" + 3000 * b"Z", 3000 * b"Z",
                           gap=0.001), b"X", "reply")


if __name__ == "__main__":
    wwep_test.main()
