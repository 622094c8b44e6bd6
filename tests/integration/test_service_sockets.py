# SPDX-License-Identifier: GPL-2.0-or-later
"""Sockets that a service manager starts wwepd with."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls
from wwep_reload import reload, reload_refused
from wwep_service import Manager, ask, launch, prepare
from wwep_test import (WWEPD, Server, each, equal, free_port, slowness, tool,
                       until)

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
            error = reload_refused(server, lambda c: c["listeners"].pop(0))
            assert ("no listener is for the socket "
                    f"127.0.0.1:{port_of(s)}") in error, error
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
                    def change(config, i=i):
                        config["timeouts"]["idle_s"] = 50 + i
                        if key == "address":
                            config["listeners"][0].update(
                                address=("*", "127.0.0.1")[i],
                                port=port_of(s))
                    done = reload(server, change)
                    assert re.search(rf"idle_s: \d+ -> {50 + i}", done), done
                    time.sleep(0.3)
                    c.send(b"R0FAC0B\n")
                    equal(c.recv_exactly(12), b"A0FAC0B1234\n", "after")
            with Plain(port_of(s)) as c:
                c.send(b"R0FAC0B\n")
                equal(c.recv_exactly(12), b"A0FAC0B1234\n", "a new one")
            equal(copies(server, s), 3, "copies")


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
