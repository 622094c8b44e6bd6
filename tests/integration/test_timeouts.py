# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients that are slow, silent, deaf or gone: they end within their time,
and nobody else notices.

All of them come at once, to one server, while well-behaved clients go on.
The cases are then told one by one.
"""

import concurrent.futures
import functools
import re
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import (TRANSPORTS, Plain, Tls, connect, exchange,
                         fresh_address)
from wwep_records import Forger
from wwep_test import Server, each, equal, slowness

MESSAGE_S = 0.5 * slowness()
HANDSHAKE_S = 2 * slowness()
IDLE_S = 4 * slowness()
LATE_S = 8 * slowness()  # what a loaded machine may add
RESETS = 10


class Clock:
    """How long something took, from now on."""

    def __init__(self):
        self.begun = time.monotonic()

    def check(self, want, what="ended"):
        spent = time.monotonic() - self.begun
        assert want * 0.9 - 0.1 < spent < want + LATE_S, \
            f"{what} after {spent:.2f} s, not {want}"


def port_of(server, transport):
    return server.port("plain" if transport == "plain" else "secure")


def rest(c):
    """What comes until the end; how it ends does not matter."""
    try:
        return c.recv_all()
    except (ConnectionError, AssertionError):
        return b""


def trickle(c, pieces, gap):
    """Sends the pieces, one a gap, until the server has had enough; returns
    what came back."""
    c.sock.settimeout(gap)
    for piece in pieces:
        try:
            c.send_raw(piece)
            got = c.sock.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
        if not got:
            return b""
        plain = c.open(got)
        if plain:
            return plain
    raise AssertionError("it was never ended")


# --- the clients: f(server, transport) --------------------------------------

def byte_a_second(server, transport):
    with connect(port_of(server, transport), transport) as c:
        clock = Clock()
        c.send(b"W")
        c.sock.settimeout(MESSAGE_S * 2 + LATE_S)
        equal(c.recv(1), b"X", "reply")
        clock.check(MESSAGE_S)


def just_fast_enough(server, transport):
    """A byte moves the timer: a whole request may take as long as it likes."""
    with connect(port_of(server, transport), transport) as c:
        for byte in b"W000B0B1234":
            c.send(bytes([byte]))
            time.sleep(MESSAGE_S * 0.3)
        equal(c.recv_all(), b"A000B0B1234", "reply")


def silent(server, transport):
    clock = Clock()
    with Plain(port_of(server, transport), source=fresh_address()) as c:
        c.sock.settimeout(IDLE_S + LATE_S)
        equal(c.recv_all(), b"", "bytes")
        clock.check(IDLE_S if transport == "plain" else HANDSHAKE_S)
        address = re.escape(c.address())
    if transport != "plain":
        server.wait_log(rf"warning: secure: {address}: the TLS handshake took "
                        "too long")


def silent_after_the_handshake(server, transport):
    clock = Clock()
    with connect(port_of(server, transport), transport,
                 source=fresh_address()) as c:
        c.sock.settimeout(IDLE_S + LATE_S)
        equal(c.recv_all(), b"", "bytes")  # with a close_notify
        clock.check(IDLE_S)
        address = re.escape(c.address())
    server.wait_log(rf"secure: {address}: made a TLS connection and sent no "
                    "request")


def half_a_handshake(server, transport):
    clock = Clock()
    with Tls(port_of(server, transport), transport,
             source=fresh_address()) as c:
        c.send_raw(c.step()[0])
        while data := c.sock.recv(65536):
            assert data
        clock.check(HANDSHAKE_S)
        address = re.escape(c.address())
    server.wait_log(rf"warning: secure: {address}: the TLS handshake took "
                    "too long")


def trickled_hello(server, transport):
    clock = Clock()
    with Tls(port_of(server, transport), transport,
             source=fresh_address()) as c:
        hello = c.step()[0]
        c.open = lambda data: b""  # an alert may come
        trickle(c, [hello[i:i + 1] for i in range(len(hello))],
                HANDSHAKE_S / 10)
        clock.check(HANDSHAKE_S)


def trickled_record(server, transport):
    """A part of a record is not a byte: idle_s runs from accept on."""
    clock = Clock()
    with connect(port_of(server, transport), transport) as c:
        record = c.seal(b"W000B0B1234")
        equal(trickle(c, [record[i:i + 1] for i in range(len(record))],
                      IDLE_S / 10), b"", "reply")
        clock.check(IDLE_S)


def trickled_rest(server, transport):
    """Neither does it move message_ms."""
    with connect(port_of(server, transport), transport) as c:
        c.send(b"W000B")
        clock = Clock()
        record = c.seal(b"0B1234")
        equal(trickle(c, [record[i:i + 1] for i in range(len(record))],
                      MESSAGE_S / 3), b"X", "reply")
        clock.check(MESSAGE_S)


def empty_records(server, transport):
    clock = Clock()
    with Forger(port_of(server, transport), transport) as f:
        equal(trickle(f.client, (f.seal(b"", padding=i % 3)
                                 for i in range(1000)), IDLE_S / 10), b"",
              "reply")
        clock.check(IDLE_S)


def empty_records_in_a_request(server, transport):
    with Forger(port_of(server, transport), transport) as f:
        f.client.send_raw(f.seal(b"W000B"))
        clock = Clock()
        equal(trickle(f.client, (f.seal(b"") for _ in range(1000)),
                      MESSAGE_S / 4), b"X", "reply")
        clock.check(MESSAGE_S)


def empty_records_around_a_request(server, transport):
    """They are harmless."""
    with Forger(port_of(server, transport), transport) as f:
        f.client.send_raw(b"".join(map(f.seal, (
            b"", b"W00", b"", b"0B0B", b"1234", b"", b""))))
        equal(f.client.recv_all(), b"A000B0B1234", "reply")


def key_updates(server, transport):
    clock = Clock()
    with Forger(port_of(server, transport), transport) as f:
        equal(trickle(f.client, (f.key_update() for _ in range(1000)),
                      IDLE_S / 10), b"", "reply")
        clock.check(IDLE_S)


def key_updates_in_a_request(server, transport):
    with Forger(port_of(server, transport), transport) as f:
        f.client.send_raw(f.seal(b"W000B") + f.key_update())
        clock = Clock()
        equal(trickle(f.client, (f.key_update() for _ in range(1000)),
                      MESSAGE_S / 4), b"X", "reply")
        clock.check(MESSAGE_S)


def key_updates_around_a_request(server, transport):
    with Forger(port_of(server, transport), transport) as f:
        f.client.send_raw(f.key_update() + f.seal(b"W000B") + f.key_update()
                          + f.seal(b"0B1234") + f.key_update())
        equal(f.client.recv_all(), b"A000B0B1234", "reply")


def deaf(server, transport):
    """Asks, and reads nothing. (Its socket must go: see the last case.)"""
    c = connect(port_of(server, transport), transport)
    c.send(b"W000B0B1234")
    time.sleep(IDLE_S)
    c.close()


def endless(server, transport):
    """Is refused, and goes on sending: for a second or so it may."""
    with connect(port_of(server, transport), transport) as c:
        clock = Clock()
        junk = c.seal(b"Q" + 999 * b"Z")
        try:
            while time.monotonic() - clock.begun < 60 * slowness():
                c.send_raw(junk)
                time.sleep(0.02)
        except (ConnectionError, TimeoutError):
            clock.check(1)
            return
        raise AssertionError("it was never cut")


def resets(server, transport):
    port = port_of(server, transport)
    for _ in range(RESETS):
        Plain(port).reset()
        if transport != "plain":
            c = Tls(port, transport)
            hello = c.step()[0]
            c.send_raw(hello[:50])
            c.reset()
            c = Tls(port, transport)
            c.send_raw(hello)
            c.reset()
        connect(port, transport).reset()
        for request in (b"W", b"W000B0B123", b"W000B0B1234", b"Q",
                        b"W000B0B12345"):
            c = connect(port, transport)
            c.send(request)
            c.reset()
            c = connect(port, transport)
            c.send(request)
            time.sleep(0.002)
            c.reset()


TLS = TRANSPORTS[1:]
CLIENTS = [(f"{f.__name__.replace('_', ' ')}, {t}", f, t)
           for f, transports in (
               (byte_a_second, TRANSPORTS), (just_fast_enough, TRANSPORTS),
               (silent, ("plain", "TLS 1.3")),
               (silent_after_the_handshake, TLS), (half_a_handshake, TLS),
               (trickled_hello, TLS), (trickled_record, TLS),
               (trickled_rest, TLS), (empty_records, TLS),
               (empty_records_in_a_request, TLS),
               (empty_records_around_a_request, TLS),
               (key_updates, ("TLS 1.3",)),
               (key_updates_in_a_request, ("TLS 1.3",)),
               (key_updates_around_a_request, ("TLS 1.3",)),
               (deaf, TRANSPORTS), (endless, TRANSPORTS),
               (resets, TRANSPORTS))
           for t in transports]


# --- all at once ------------------------------------------------------------

def well_behaved(server, transport, stop):
    """Exchanges until told to stop; returns how many, and the slowest."""
    count, slowest = 0, 0.0
    while not stop.is_set():
        begun = time.monotonic()
        equal(exchange(port_of(server, transport), transport,
                       b"W0FAC0B%04X" % (count & 0xFFFF)),
              b"A0FAC0B%04X" % (count & 0xFFFF), "a well-behaved client")
        slowest = max(slowest, time.monotonic() - begun)
        count += 1
        time.sleep(0.02)
    return count, slowest


@functools.lru_cache(maxsize=None)
def outcomes():
    """{name: future}, all done."""
    done = {}
    stop = threading.Event()
    with Server({"name": "plain"},
                {"name": "secure", "tls": authority().server()},
                timeouts={"message_ms": int(MESSAGE_S * 1000),
                          "idle_s": IDLE_S, "handshake_s": HANDSHAKE_S},
                messages={"format": "none"}) as server, \
            concurrent.futures.ThreadPoolExecutor(len(CLIENTS) + 8) as pool:
        before = server.sockets()
        good = {t: pool.submit(well_behaved, server, t, stop)
                for t in TRANSPORTS}
        for name, function, transport in CLIENTS:
            done[name] = pool.submit(function, server, transport)
        concurrent.futures.wait(done.values())
        stop.set()
        concurrent.futures.wait(good.values())
        for transport, future in good.items():
            done["well behaved " + transport] = future

        def all_gone():
            # libuv opens a spare file for each of the two workers' loops
            # with its first client.
            wwep_test.until(lambda: server.sockets() <= before + 2,
                            "only the sockets of the beginning are left", 20)
        done["gone"] = pool.submit(all_gone)
        concurrent.futures.wait([done["gone"]])
        done["log"] = server.log()
    return done


@each(*[name for name, _, _ in CLIENTS])
def test_client(name):
    outcomes()[name].result()


@each(*TRANSPORTS)
def test_the_rest_is_unaffected(transport):
    count, slowest = outcomes()["well behaved " + transport].result()
    assert count > 20, f"only {count} exchanges"
    assert slowest < 2 * slowness(), f"the slowest took {slowest} s"


def test_no_socket_is_left():
    outcomes()["gone"].result()


def test_no_error_in_the_log():
    """A client that resets is none of our business."""
    for line in outcomes()["log"].splitlines():
        assert " error: " not in line, line


if __name__ == "__main__":
    wwep_test.main()
