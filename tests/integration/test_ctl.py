# SPDX-License-Identifier: GPL-2.0-or-later
"""wwepd ctl, and what a reload tells who ordered it by the control socket."""

import json
import os
import re
import socket
import threading

import wwep_test
from wwep_client import Plain, exchange
from wwep_control import Peer, controlled, order, path_of
from wwep_reload import edit
from wwep_test import (WWEPD, each, equal, free_port, run, scratch_dir, until,
                       write_file)


def ctl(server, *words, code=0, by="-c"):
    where = {"-c": ["-c", server.config_path],
             "--control": ["--control", path_of(server)]}[by]
    done = run([WWEPD, "ctl", *where, *words])
    equal(done.returncode, code, f"exit code; {done.stderr!r}")
    return done.stdout.decode() if code == 0 else done.stderr.decode()


@each("-c", "--control")
def test_stats(by):
    with controlled() as server:
        for _ in range(3):
            exchange(server.port(), "plain", b"W0FAC0B1234")
        exchange(server.port(), "plain", b"R0FAC99")
        got = dict(re.split(" +", line, maxsplit=1) for line in
                   ctl(server, "stats", by=by).splitlines())
        equal((got["exchanges.plain"], got["connections.accepted"],
               got["exchanges.reasons.not_found"],
               got["pid"], got["store.failing"], got["store.last_error"]),
              ("4", "4", "1", str(server.process.pid), "no", "-"), str(got))


def test_json():
    with controlled() as server:
        got = json.loads(ctl(server, "--json", "stats"))
        equal((got["ok"], got["command"]), (True, "stats"), "stats")
        got = json.loads(ctl(server, "reload", "--json"))
        equal(got, {"ok": True, "command": "reload", "changed": [],
                    "restart": []}, "reload")


def test_reload():
    with controlled() as server:
        equal(ctl(server, "reload"), "reloaded: nothing has changed\n", "none")
        edit(server, lambda c: (c["timeouts"].update(idle_s=33),
                                c.update(workers=7)))
        equal(ctl(server, "reload"), "reloaded\ntimeouts.idle_s: 60 -> 33\n"
              "waits for a restart: workers: 2 -> 7\n", "changes")
        server.wait_log(r"info: reload, by process \d+: reading")
        server.wait_log(r"info: reloaded in \d+ ms: timeouts.idle_s: 60 -> 33")


def test_an_error():
    """As the log has it; by the socket, as the configuration is broken."""
    with controlled() as server:
        write_file(server.config_path, "listeners: [{name: a}]\n")
        got = ctl(server, "reload", code=1, by="--control")
        assert re.match(rf"wwepd ctl: {server.config_path}:1:\d+: .*port",
                        got), got
        server.wait_log("error: reload: nothing has been changed: "
                        f"{re.escape(server.config_path)}:1:")
        got = ctl(server, "reload", code=78)
        assert re.match("wwepd ctl: the server has not been asked, as its "
                        "control socket is not known: "
                        rf"{server.config_path}:1:\d+: .*port.* "
                        r"\(or name the socket by --control\)$", got), got
        equal(server.log().count("reload, by"), 1, "asked")
        equal(order(server, "stats")["ok"], True, "it goes on")


def test_many_changes():
    """The reply has them all, the log what goes on a line."""
    with controlled() as server:
        def change(config):
            for i in range(40):
                config["listeners"].append(
                    {"name": f"a-listener-with-a-long-name-{i}",
                     "address": "127.0.0.1", "port": 0})
        edit(server, change)
        got = order(server, "reload")
        equal(len(got["changed"]), 40, str(got))
        match = server.wait_log(r"reloaded in \d+ ms: (.*); and (\d+) more$")
        equal(match[1].count("; ") + 1 + int(match[2]), 40, match[0])


def test_orders_during_a_reload():
    """Each is told of a reload that began after it."""
    with controlled() as server:
        equal(order(server, "stats")["ok"], True, "stats")
        peers = [Peer(server) for _ in range(8)]
        for i, peer in enumerate(peers):
            edit(server, lambda c: c["timeouts"].update(idle_s=20 + i))
            peer.send(b'{"command":"reload"}\n{"command":"stats"}\n')
        told = []
        for peer in peers:
            got = peer.reply()
            equal((got["ok"], got["command"]), (True, "reload"), str(got))
            told += got["changed"]
            equal(peer.reply()["command"], "stats", "what came behind it")
            peer.close()
        assert told[-1].endswith("-> 27"), told


def test_who_goes_away():
    with controlled() as server:
        sockets = server.sockets()
        for _ in range(10):
            peer = Peer(server)
            peer.send(b'{"command":"reload"}\n')
            peer.close()
        until(lambda: server.sockets() == sockets, "all are closed")
        equal(order(server, "reload")["ok"], True, "reload")


def test_the_end_while_somebody_waits():
    for i in range(5):
        with controlled() as server:
            peer = Peer(server)
            edit(server, lambda c: c["listeners"].append(
                {"name": "x", "address": "127.0.0.1", "port": 0}))
            peer.send(b'{"command":"reload"}\n')
            wwep_test.time.sleep(0.002 * i)
            server.signal()
            server.wait()
            got = peer.reply()
            assert got is None or got["ok"] or \
                "wwepd is ending" in got["error"], got
            peer.close()


def test_an_order_while_the_server_drains():
    """Who waits for a reload that will never be is told so, at once."""
    with controlled() as server, Peer(server) as early:
        equal(early.order("stats")["ok"], True, "stats")
        with Plain(server.port()) as client:
            client.send(b"W0FAC0B")
            until(lambda: early.order("stats")["bytes"]["in"] == 7, "half")
            server.signal()
            server.wait_log("info: SIGTERM: finishing what is under way")
            got = ctl(server, "reload", code=1)
            equal(got, "wwepd ctl: wwepd is ending: the one that starts next "
                  "reads its configuration\n", "reply")
            equal(early.order("reload")["ok"], False, "reload")
            equal(early.order("reload")["ok"], False, "one more")
            equal(early.order("stats")["ok"], True, "stats")
            server.wait_log("info: reload, by process .*: not done, as wwepd "
                            "is ending")
            client.send(b"1234")
            equal(client.recv_all(), b"A0FAC0B1234", "the exchange")
        server.wait()


def test_help_has_all():
    """Each option is in it, and in wwepd's own."""
    for option in ("-h", "--help"):
        done = run([WWEPD, "ctl", option])
        equal((done.returncode, done.stderr), (0, b""), option)
        for word in (b"stats", b"reload", b"-c FILE", b"--control SOCKET",
                     b"--json", b"--help"):
            assert word in done.stdout, done.stdout
    usage = run([WWEPD, "-h"]).stdout
    assert b"ctl [-c FILE | --control SOCKET] [--json]" in usage, usage


# --- nobody is there --------------------------------------------------------

def test_no_server():
    path = os.path.join(scratch_dir(), "control")
    done = run([WWEPD, "ctl", "--control", path, "stats"])
    equal((done.returncode, done.stderr.decode()),
          (1, f"wwepd ctl: {path}: no server has this socket: start wwepd, or "
           "name another by --control SOCKET\n"), "nobody")


def test_a_configuration_without_a_socket():
    path = write_file(os.path.join(scratch_dir(), "c.yaml"),
                      f"listeners: [{{name: a, port: {free_port()}}}]\n")
    done = run([WWEPD, "ctl", "-c", path, "stats"])
    equal((done.returncode, done.stderr.decode()),
          (78, f"wwepd ctl: {path}: it has no control: add it, and restart "
           "wwepd, or name the socket by --control\n"), "none")


@each(b"", b"hello\n", b"{}\n", b'{"ok":false}\n', b"[1]\n")
def test_a_server_of_another_kind(reply):
    path = os.path.join(scratch_dir(), "control")
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)
        s.listen()

        def serve():
            c, _ = s.accept()
            c.recv(100)
            c.sendall(reply)
            c.close()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        done = run([WWEPD, "ctl", "--control", path, "reload"])
        thread.join()
    equal((done.returncode, done.stdout, done.stderr.decode()),
          (1, b"", f"wwepd ctl: {path}: no reply has come: see the server's "
           "log\n"), "reply")


@each([], ["stats", "reload"], ["--nonsense"], ["relod"], ["x" * 9])
def test_usage(words):
    done = run([WWEPD, "ctl", *words])
    equal(done.returncode, 2, "exit code")
    if words == ["relod"]:
        equal(done.stderr, b"wwepd ctl: there is no order relod: did you mean "
              b"reload?\n", "words")
    if words == ["--nonsense"]:
        assert done.stderr.startswith(b"wwepd ctl: "), done.stderr


def test_help():
    done = run([WWEPD, "ctl", "-h"])
    equal(done.returncode, 0, "exit code")
    assert done.stdout.startswith(b"usage: wwepd ctl "), done.stdout


if __name__ == "__main__":
    wwep_test.main()
