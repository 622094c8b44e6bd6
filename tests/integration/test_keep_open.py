# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep(7), KEEP-OPEN: a request is a line."""

import socket
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import TRANSPORTS, connect, exchange
from wwep_test import Server, each, equal, slowness

LINES = 1000


def serve(transport, timeouts=None, **listener):
    if transport != "plain":
        listener["tls"] = authority().server()
    return Server({"keep_open": True, **listener},
                  timeouts={"message_ms": 250 * slowness(), "idle_s": 5,
                            **(timeouts or {})})


@each(*TRANSPORTS)
def test_lines_one_after_the_other(transport):
    with serve(transport) as server, connect(server.port(), transport) as c:
        for line, reply in ((b"W0FAC0B1234\n", b"A0FAC0B1234\n"),
                            (b"R0FAC0B\n", b"A0FAC0B1234\n"),
                            (b"r0FAC0B\n", b"X\n"),
                            (b"w\n", b"X\n"),
                            (b"R0FAC0B\r\n", b"A0FAC0B1234\n"),
                            (b"W0FAC0Bbeef\r\n", b"A0FAC0BBEEF\n"),
                            (b"\n", b"X\n"),
                            (b"\r\n", b"X\n"),
                            (b"R0FAC0C\n", b"X\n"),
                            (b"W0FAC0B12345\n", b"X\n"),
                            (b"W0FAC0B123456\n", b"X\n"),
                            (b"R0FAC0B1234\n", b"X\n"),
                            (b"R0FAC0B\r\r\n", b"X\n"),
                            (b"R0FAC0B\n", b"A0FAC0BBEEF\n")):
            c.send(line)
            equal(c.recv_exactly(len(reply)), reply, repr(line))
        c.end()
        equal(c.recv_all(), b"", "after our end")
        wwep_test.until(lambda: len(server.messages()) == 14, "14 messages")
        equal(len({m["conn"] for m in server.messages()}), 1, "connections")


@each(*TRANSPORTS)
def test_lines_in_pieces(transport):
    with serve(transport) as server, connect(server.port(), transport) as c:
        for byte in b"W0FAC0B0042\r\nR0FAC0B\n":
            c.send(bytes([byte]))
            time.sleep(0.005)
        equal(c.recv_exactly(24), b"A0FAC0B0042\n" * 2, "replies")


@each(*TRANSPORTS)
def test_a_thousand_lines_in_one_go(transport):
    requests = b"".join(b"W%04X01%04X\nR%04X01\n" % (i, i ^ 0x5A5A, i)
                        for i in range(LINES // 2))
    replies = b"".join(2 * (b"A%04X01%04X\n" % (i, i ^ 0x5A5A))
                       for i in range(LINES // 2))
    with serve(transport) as server, connect(server.port(), transport) as c:
        sender = threading.Thread(target=c.send, args=(requests,))
        if transport == "plain":  # a TLS object is not for two threads
            sender.start()
        else:
            c.send(requests)
        equal(c.recv_exactly(len(replies)), replies, "replies, in order")
        if transport == "plain":
            sender.join()
        wwep_test.until(lambda: len(server.messages()) == LINES,
                        f"{LINES} lines in the message log")


@each(*TRANSPORTS)
def test_the_reason_of_a_line(transport):
    with serve(transport, explain_errors=True) as server, \
            connect(server.port(), transport) as c:
        c.send(b"Q\nW0FAG\nW0FA\nR0FAC0B\nW0FAC0B12345\n\n")
        want = (b"X illegal command (Q)\nX illegal character (G)\n"
                b"X illegal message length (4)\nX not found\n"
                b"X illegal message length (13)\n"  # its LF had arrived, too
                b"X illegal command (\\x0A)\n")
        equal(c.recv_exactly(len(want)), want, "reasons")


@each(*TRANSPORTS)
def test_more_than_13_bytes_without_an_LF(transport):
    with serve(transport) as server:
        for junk in (b"W0FAC0B1234567", b"W0FAC0B123456789", 70000 * b"W"):
            equal(exchange(server.port(), transport, b"W0FAC0C0001\n" + junk),
                  b"A0FAC0C0001\nX", f"{junk[:20]!r}...")
        # An LF behind the 13th byte is in time: that line alone is refused.
        with connect(server.port(), transport) as c:
            c.send(b"W0FAC0B123456\nR0FAC0C\n")
            equal(c.recv_exactly(14), b"X\nA0FAC0C0001\n", "14 bytes")


@each(*TRANSPORTS)
def test_a_course_board(transport):
    """No LF: served at message_ms, without an LF, and closed."""
    with serve(transport) as server:
        equal(exchange(server.port(), transport, b"W0FAC050001"),
              b"A0FAC050001", "write")
        equal(exchange(server.port(), transport, b"R0FAC05"),
              b"A0FAC050001", "read")
        equal(exchange(server.port(), transport, b"R0FAC05\r"),
              b"A0FAC050001", "half a CRLF")
        equal(exchange(server.port(), transport, b"R0FAC06"), b"X", "unset")
        equal(exchange(server.port(), transport, b"W01234"), b"X", "short")
        equal(exchange(server.port(), transport, b"R0FAC05\nR0FAC05"),
              b"A0FAC050001\nA0FAC050001", "a line, and one without LF")


@each(*TRANSPORTS)
def test_the_end_of_the_client(transport):
    """Bytes without an LF are judged at once when no more can come."""
    with serve(transport, {"message_ms": 20000}) as server:
        for request, reply in ((b"W0FAC050007", b"A0FAC050007"),
                               (b"R0FAC05\n", b"A0FAC050007\n"),
                               (b"R0FAC05\nR0FAC0", b"A0FAC050007\nX"),
                               (b"", b"")):
            equal(exchange(server.port(), transport, request, end=True),
                  reply, f"{request!r} and the end")


@each(*TRANSPORTS)
def test_idle(transport):
    """A line moves the end of the idle time; silence brings it."""
    with serve(transport, {"idle_s": 1}) as server, \
            connect(server.port(), transport) as c:
        begun = time.monotonic()
        for _ in range(4):
            time.sleep(0.4)
            c.send(b"W0FAC050001\n")
            equal(c.recv_exactly(12), b"A0FAC050001\n", "reply")
        last = time.monotonic()
        equal(c.recv_all(), b"", "end")
        spent = time.monotonic() - last
        assert 0.8 < spent < 10, f"closed after {spent} s"
        assert last - begun > 1.2, "it lived for longer than idle_s"


@each("plain", "TLS 1.3")
def test_a_client_that_never_reads(transport):
    """Pipelines megabytes: the server stops reading, and cuts it at idle_s;
    neither memory nor the other clients pay for it."""
    with serve(transport, {"idle_s": 2}) as server:
        equal(exchange(server.port(), transport, b"W0FAC050001\n", end=True),
              b"A0FAC050001\n", "reply")
        before = server.memory_kib()
        c = connect(server.port(), transport)
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.sock.settimeout(0.2)
        sent, begun, peak = 0, time.monotonic(), before
        while time.monotonic() - begun < 30 * slowness():
            try:
                c.send(1000 * b"R0FAC05\n" if sent < 64 << 20 else b"\n")
                sent += 8000
                if sent >= 64 << 20:
                    time.sleep(0.05)
            except TimeoutError:
                # A part has gone. (A TLS record is a broken one then.)
                equal(exchange(server.port(), transport, b"R0FAC05\n",
                               end=True), b"A0FAC050001\n", "another client")
            except (BrokenPipeError, ConnectionResetError):
                break
            peak = max(peak, server.memory_kib())
        else:
            raise AssertionError(f"not cut after {sent} bytes")
        c.close()
        grown = peak - before
        # Sanitizers keep what has been freed for a while.
        limit = 8192 if slowness() == 1 else 128 << 10
        assert grown < limit, f"grown by {grown} KiB"


if __name__ == "__main__":
    wwep_test.main()
