# SPDX-License-Identifier: GPL-2.0-or-later
"""Limits: over each one a client is accepted and closed at once, a line and a
counter say so, and who is in is served."""

import json
import os
import re
import resource
import socket
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls, connect
from wwep_control import controlled, order
from wwep_test import Skip, each, equal, main, printable


def outside():
    """An address of this machine that is not its loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))  # a UDP socket: nothing is sent
            address = s.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        raise Skip("this machine has no address but its loopback's")
    return address


def serve(**limits):
    return controlled({"name": "plain", "address": "*"},
                      {"name": "secure", "address": "*",
                       "tls": authority().server()},
                      limits=limits, timeouts={"handshake_s": 20,
                                               "idle_s": 30})


def is_in(c):
    """Whether it is not closed; to be asked when that has been decided."""
    c.sock.settimeout(0.3 * wwep_test.slowness())
    try:
        return c.sock.recv(1) != b""
    except ConnectionError:
        return False
    except TimeoutError:
        c.sock.settimeout(20)
        return True


def is_served(c, request=b"W0FAC0B1234"):
    c.send(request)
    return c.recv_all() == b"A0FAC0B1234"


def over(server, key, n):
    """The counters: of this limit, and in all."""
    got = wwep_test.until(
        lambda: (s := order(server, "stats")["connections"])["over"][key] == n
        and s, f"{n} over {key}")
    equal(got["turned_away"], n, "turned away")
    equal(sum(got["over"].values()), n, json.dumps(got))


def line(server, pattern):
    found = server.wait_log(rf"^\S+ warning: {pattern}")
    print("# " + printable(found.string[found.start():].splitlines()[0]))


def test_per_address():
    host = outside()
    with serve(per_address=3) as server:
        port = server.port("plain")
        three = [Plain(port, host=host) for _ in range(3)]
        assert all(map(is_in, three))
        for _ in range(4):
            with Plain(port, host=host) as c:
                assert not is_in(c), "the fourth is in"
        over(server, "per_address", 4)
        line(server, rf"plain: {re.escape(host)}:\d+: turned away: its address "
             "has 3 connections open: .*limits.per_address$")
        with Plain(port) as c:  # another address
            assert is_served(c)
        assert is_served(three[0])
        three[0].close()

        def room():
            with Plain(port, host=host) as c:
                try:
                    return is_served(c, b"R0FAC0B")
                except ConnectionError:
                    return False
        wwep_test.until(room, "there is room again")
        for c in three:
            c.close()
    assert re.search(rf"plain: {re.escape(host)}: turned away: .*: \d+ more "
                     "time", server.log()), server.log()


def test_loopback_is_not_counted():
    with serve(per_address=3, new_per_second=3) as server:
        clients = [Plain(server.port("plain")) for _ in range(50)]
        assert all(map(is_served, clients))
        for c in clients:
            c.close()
        over(server, "per_address", 0)


def test_new_per_second():
    host = outside()
    with serve(new_per_second=5) as server:
        begun = time.monotonic()
        clients = [Plain(server.port("plain"), host=host) for _ in range(30)]
        let_in = sum(map(is_in, clients[:5])) + sum(
            not gone(c) for c in clients[5:])
        spent = time.monotonic() - begun
        assert 5 <= let_in <= 5 + 5 * spent + 1, f"{let_in} in {spent} s"
        over(server, "new_per_second", 30 - let_in)
        line(server, rf"plain: {re.escape(host)}:\d+: turned away: its address "
             "made more than 5 connections a second: .*new_per_second$")
        for c in clients:
            c.close()
        time.sleep(1.1)
        with Plain(server.port("plain"), host=host) as c:
            assert is_served(c), "a second later"


def gone(c):
    c.sock.settimeout(0.01)
    try:
        return c.sock.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


@each("silent", "half a hello")
def test_handshakes(how):
    with serve(handshakes=2) as server:
        port = server.port("secure")
        two = [Tls(port) for _ in range(2)]
        for c in two:
            if how == "half a hello":
                c.send_raw(c.step()[0][:50])
        wwep_test.until(lambda: order(server, "stats")["tls"]["handshaking"]
                        == 2, "both are under way")
        with Plain(port) as c:
            assert not is_in(c), "the third is in"
        over(server, "handshakes", 1)
        line(server, r"secure: 127\.0\.0\.1:\d+: turned away: 2 TLS handshakes "
             "are under way: .*limits.handshakes$")
        with Plain(server.port("plain")) as c:
            assert is_served(c), "plain"
        two[0].close()
        wwep_test.until(lambda: order(server, "stats")["tls"]["handshaking"]
                        == 1, "one has gone")
        for version in ("TLS 1.2", "TLS 1.3"):
            with connect(port, version) as c:
                wwep_test.until(
                    lambda: order(server, "stats")["tls"]["handshaking"] == 1,
                    "it is over, and the client is still there")
                assert is_served(c)
        two[1].close()
        wwep_test.until(lambda: order(server, "stats")["tls"]["handshaking"]
                        == 0, "all have gone")


def test_connections():
    with serve(connections=4) as server:
        four = [Plain(server.port(name)) for name in ("plain", "secure") * 2]
        wwep_test.until(lambda: order(server, "stats")["connections"]["open"]
                        == 4, "four are in")
        for name in ("plain", "secure"):
            with Plain(server.port(name)) as c:
                assert not is_in(c), "the fifth is in"
        over(server, "connections", 2)
        line(server, r"plain: more than 4 connections at once: 1 turned away "
             "so far")
        for c in four:
            c.close()
        wwep_test.until(lambda: order(server, "stats")["connections"]["open"]
                        == 0, "they have gone")
        with Plain(server.port("plain")) as c:
            assert is_served(c)


def test_files_are_fewer():
    """The start says that they limit connections further."""
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    server = controlled({"name": "plain"}, limits={"connections": 5000},
                        start=False)
    server.start(preexec=few_files)
    with server:
        room = int(server.wait_log(r"room for (\d+) connections where "
                                   "limits.connections is 5000")[1])
        assert room < 200, room
        server.wait_log(f"ready: .*at most {room} connections")


def test_the_limit_of_files_is_raised():
    """A soft limit is not the last word."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < 2000:
        raise Skip(f"the hard limit is {hard}")

    def soft():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))

    server = controlled({"name": "plain"}, limits={"connections": 1000},
                        start=False)
    server.start(preexec=soft)
    with server:
        server.wait_log("ready: .*at most 1000 connections")
        with open(os.path.join("/proc", str(server.process.pid), "limits"),
                  encoding="ascii") as f:
            files = re.search(r"Max open files\s+(\S+)", f.read())[1]
        assert files == "unlimited" or int(files) > 1000, files


if __name__ == "__main__":
    main()
