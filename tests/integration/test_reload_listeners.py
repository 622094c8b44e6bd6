# SPDX-License-Identifier: GPL-2.0-or-later
"""Listeners that come, go and move by a reload, under load."""

import json
import os
import pwd
import signal
import socket
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, connect, exchange
from wwep_reload import (Crowd, Load, edit, reload, reload_refused, results,
                         serve)
from wwep_test import (Skip, each, equal, free_port, read_file, slowness,
                       until)

ASK = b"W0FAC0B1234"
ANSWER = b"A0FAC0B1234"


def test_a_listener_comes_and_goes():
    with serve({"name": "plain"}) as server:
        sockets = server.sockets()
        with Crowd(Load(server.port("plain")), Load(server.port("plain"))) as \
                crowd:
            for i in range(5):
                got = reload(server, lambda c: c["listeners"].append(
                    {"name": "extra", "address": "127.0.0.1", "port": 0,
                     "tls": authority().server()}))
                port = server.port("extra")
                equal(got, f"listeners[extra]: added, 127.0.0.1 port {port}, "
                      "TLS", "changes")
                equal(exchange(port, "TLS 1.3", ASK), ANSWER, "the new one")
                crowd.go_on(5)
                got = reload(server, lambda c: c["listeners"].pop())
                equal(got, "listeners[extra]: removed", "changes")
                until(lambda: is_refused(port), "nobody listens there")
        until(lambda: server.sockets() == sockets, "all are closed")


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return False
    except ConnectionRefusedError:
        return True
    except TimeoutError:
        return False


def test_a_listener_changes_its_port_under_load():
    """Who has connected to the old one is served; the others are refused."""
    port = free_port()
    with serve({"name": "plain", "port": port}, {"name": "other"}) as server:
        with Crowd(*[Load(server.port("other")) for _ in range(2)]):
            for i in range(6):
                old = server.port("plain")
                waiting = [Plain(old) for _ in range(30)]
                new = free_port()
                got = reload(server, lambda c: c["listeners"][0].update(
                    port=new))
                equal(got, f"listeners[plain].port: {old} -> {new}", "changes")
                for c in waiting:
                    with c:
                        c.send(ASK)
                        equal(c.recv_all(), ANSWER, "who was connected")
                equal(exchange(new, "plain", ASK), ANSWER, "the new port")
                until(lambda: is_refused(old), "the old one is closed")


def connect_while(port, seconds):
    """As many as there is time for, without waiting for any."""
    clients, until_s = [], time.monotonic() + seconds
    while time.monotonic() < until_s and len(clients) < 4000:
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", port))
        clients.append(s)
    return clients


def outcome(s):
    """The reply; None: it never got in."""
    with s:
        s.settimeout(0.01)
        try:
            s.getpeername()
        except OSError:
            return None
        s.settimeout(20)
        try:
            s.sendall(ASK)
            return b"".join(iter(lambda: s.recv(100), b""))
        except OSError as e:
            return repr(e)


def test_who_gets_in_while_a_port_closes():
    """The kernel has let him in, so he is served."""
    with serve({"name": "plain"}, {"name": "going"}) as server:
        for i in range(8):
            port = server.port("going")
            edit(server, lambda c: c["listeners"][1].update(port=free_port()))
            threading.Timer(0.02, server.signal, [signal.SIGHUP]).start()
            clients = connect_while(port, 0.25)
            until(lambda: len(results(server)) > i, "the reload's end")
            server.ports["going"] = json.loads(
                read_file(server.config_path))["listeners"][1]["port"]
            got = [outcome(s) for s in clients]
            served = got.count(ANSWER)
            equal(set(got) - {ANSWER, None}, set(), f"{served} were served")
            assert served > 0, "nobody got in"
            print(f"# {served} of {len(clients)} served")


@each("", "TLS 1.3")
def test_a_port_moves_away_under_load(version):
    """Clients connect as fast as they can, all the time: who gets through is
    served, on the old port as on the new one."""
    tls = {"tls": authority().server()} if version else {}
    with serve({"name": "a", **tls}) as server:
        ports = [server.port("a"), free_port(), free_port()]
        crowd = [Load(lambda: server.port("a"), version or "plain")
                 for _ in range(4)]
        for load in crowd:
            load.daemon = True
            load.start()
        until(lambda: all(load.served > 5 for load in crowd), "the load is on",
              30 * slowness())
        for i in range(1, 7):
            reload(server, lambda c: c["listeners"][0].update(
                port=ports[i % 2 + 1]))
            want = [load.served + 5 for load in crowd]
            until(lambda: all(load.served >= n or load.failed
                              for load, n in zip(crowd, want)), "it goes on",
                  30 * slowness())
        for load in crowd:
            load.ending = True
        for load in crowd:
            load.join()
        # Nobody listens at a port that was left: that is no lost exchange.
        lost = [f for load in crowd for f in load.failed
                if b"ConnectionRefused" not in f[1]]
        equal(lost, [], "exchanges that failed")


def test_the_same_port_on_other_addresses():
    port = free_port()
    with serve({"name": "plain", "address": "127.0.0.1", "port": port}) as \
            server, Crowd(Load(port), Load(port)) as crowd:
        for address in ("*", "0.0.0.0", "127.0.0.1", "*", "127.0.0.1"):
            reload(server, lambda c: c["listeners"][0].update(address=address))
            crowd.go_on(3)
            equal(exchange(port, "plain", ASK), ANSWER, address)


def test_a_listener_changes_its_name_and_its_manners():
    with serve({"name": "a", "port": 0}, {"name": "b", "port": free_port()}) \
            as server:
        port = server.port("b")

        def change(config):
            config["listeners"][1].update(name="c", explain_errors=True)
        equal(reload(server, change), f"listeners[b]: removed; listeners[c]: "
              f"added, 127.0.0.1 port {port}, plain", "changes")
        equal(exchange(port, "plain", b"R0FAC0C"), b"X not found", "reply")
        equal(server.wait_message(reason="not found")["listener"], "c", "name")


@each(True, False)
def test_a_port_begins_or_ends_to_speak_tls(begins):
    port = free_port()
    tls = authority().server()
    with serve({"name": "a", "port": port, **({} if begins else
                                              {"tls": tls})}) as server:
        before, after = ("plain", "TLS 1.3") if begins else ("TLS 1.3", "plain")
        for _ in range(3):
            equal(exchange(port, before, ASK), ANSWER, "before")
            with connect(port, before) as old:
                reload(server, lambda c: c["listeners"][0].update(tls=tls)
                       if begins else c["listeners"][0].pop("tls"))
                equal(exchange(port, after, ASK), ANSWER, "after")
                old.send(ASK)
                equal(old.recv_all(), ANSWER, "who was connected")
            reload(server, lambda c: c["listeners"][0].pop("tls")
                   if begins else c["listeners"][0].update(tls=tls))
        # What is unsafe is told each time it becomes so, and what it is now.
        equal(server.log().count("a: not encrypted"), 4 if begins else 3,
              "warnings")
        equal(server.log().count(f"port {port}, TLS"), 3 if begins else 4,
              "listeners told of")
        reload(server, lambda c: c["listeners"][0].update(explain_errors=True))
        equal(server.log().count("a: listening on"), 7, "nothing told again")


def test_a_port_that_is_taken():
    with serve({"name": "plain"}) as server, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        sockets = server.sockets()

        def add(config):
            for i in range(3):
                config["listeners"].append(
                    {"name": f"n{i}", "address": "127.0.0.1", "port": 0})
            config["listeners"].append(
                {"name": "taken", "address": "127.0.0.1", "port": taken})
        error = reload_refused(server, add)
        assert f"listeners[taken].port: port {taken} is in use" in error, error
        equal(server.sockets(), sockets, "what was opened is closed")
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")


def test_a_port_for_root():
    if os.geteuid() != 0:
        raise Skip("it is root who can be somebody else")
    nobody = pwd.getpwnam("nobody")
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start",
              encoding="ascii") as f:
        if int(f.read()) <= 1:
            raise Skip("here everybody may have each port")

    def become():
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    server = serve({"name": "plain"}, start=False)
    os.chmod(wwep_test.scratch, 0o755)
    os.chmod(server.config_path, 0o644)
    for path in (server.dir, server.config_path):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    server.start(preexec=become)
    with server:
        error = reload_refused(server, lambda c: c["listeners"].append(
            {"name": "low", "address": "127.0.0.1", "port": 1}))
        assert "listeners[low].port: port 1 is not for this user" in error, \
            error
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")


if __name__ == "__main__":
    wwep_test.main()
