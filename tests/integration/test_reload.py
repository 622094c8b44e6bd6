# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGHUP: the configuration, and what it names, is read again, and served by
as a whole or not at all; and nobody notices who is connected."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, connect, exchange
from wwep_control import order
from wwep_reload import (Crowd, Lines, Load, edit, reload, reload_refused,
                         results, serve)
from wwep_test import (WWEPD, Skip, each, equal, free_port, read_file, run,
                       scratch_dir, slowness, until, write_file)

ASK = b"W0FAC0B1234"
ANSWER = b"A0FAC0B1234"


def certificate_of(client):
    return client.ssl.getpeercert(binary_form=True)


def der_of(name):
    return ssl.PEM_cert_to_DER_cert(
        read_file(authority().path(name + ".crt")).decode())


def pair(name):
    """A copy of a server's chain and key, to be replaced."""
    tls = authority().server(name)
    folder = scratch_dir("pair")
    copies = {key: os.path.join(folder, os.path.basename(path))
              for key, path in tls.items()}
    for key, path in tls.items():
        shutil.copy(path, copies[key])
    return copies


def replace(copies, name):
    for key, path in authority().server(name).items():
        shutil.copy(path, copies[key])


def listeners_of(config):
    return {listener["name"]: listener for listener in config["listeners"]}


# --- certificates -----------------------------------------------------------

@each("TLS 1.2", "TLS 1.3")
def test_a_new_certificate(version):
    tls = pair("server")
    with serve({"name": "secure", "tls": tls, "keep_open": True}) as server:
        with connect(server.port("secure"), version) as old:
            equal(certificate_of(old), der_of("server"), "before")
            lines = Lines(old)
            equal(lines.ask(), b"A0FAC071234\n", "before")
            replace(tls, "other")
            got = reload(server)
            equal(got, "listeners[secure].tls.certificate: new content; "
                  "listeners[secure].tls.private_key: new content", "changes")
            with connect(server.port("secure"), version) as new:
                equal(certificate_of(new), der_of("other"), "after")
                equal(Lines(new).ask(), b"A0FAC071234\n", "after")
            for _ in range(3):
                equal(lines.ask(), b"A0FAC071234\n", "the old one goes on")
        equal(reload(server), "nothing has changed", "again")


def test_a_path_of_the_same_content():
    tls = pair("server")
    with serve({"name": "secure", "tls": tls}) as server:
        other = pair("server")
        got = reload(server, lambda c: c["listeners"][0].update(tls=other))
        equal(got, "; ".join(
            f"listeners[secure].tls.{key}: {tls[key]} -> {other[key]}"
            for key in ("certificate", "private_key")), "changes")


def break_key(tls, config):
    write_file(tls["private_key"], "garbage\n")
    return r"listeners\[secure\].tls.private_key: .* has no private key in PEM"


def break_certificate(tls, config):
    write_file(tls["certificate"], os.urandom(900))
    return r"listeners\[secure\].tls.certificate: .* has no certificate in PEM"


def break_pair(tls, config):
    shutil.copy(authority().server("other")["private_key"],
                tls["private_key"])
    return r"listeners\[secure\].tls.private_key: .* does not belong to the"


def cut_certificate(tls, config):
    text = read_file(tls["certificate"])
    write_file(tls["certificate"], text[:200] + text[260:])
    return r"listeners\[secure\].tls.certificate: .* is damaged"


def remove_certificate(tls, config):
    os.unlink(tls["certificate"])
    return r"listeners\[secure\].tls.certificate: .* does not exist"


def break_syntax(tls, config):
    write_file(config, "listeners: [\n")
    return r"wwepd.yaml:\d+:\d+: "


def break_key_of_it(tls, config):
    text = read_file(config).decode()
    write_file(config, text.replace('"workers"', '"workerz"'))
    return r"wwepd.yaml:\d+:\d+: unknown key \"workerz\".*did you mean workers"


def remove_it(tls, config):
    os.unlink(config)
    return "wwepd.yaml: cannot be read: No such file"


def empty_it(tls, config):
    write_file(config, "")
    return "wwepd.yaml:1:1: the file is empty"


@each(*[(f.__name__.replace("_", " "), f) for f in (
    break_key, break_certificate, break_pair, cut_certificate,
    remove_certificate, break_syntax, break_key_of_it, remove_it, empty_it)])
def test_what_is_broken_changes_nothing(case):
    """Neither what is broken, nor what is good beside it."""
    _, damage = case
    tls = pair("server")
    with serve({"name": "plain"}, {"name": "secure", "tls": tls}) as server:
        good = read_file(server.config_path)
        edit(server, lambda c: c["timeouts"].update(idle_s=1))
        words = damage(tls, server.config_path)
        error = reload_refused(server)
        assert re.search(words, error), (words, error)
        with connect(server.port("secure"), "TLS 1.3") as c:
            equal(certificate_of(c), der_of("server"), "the old one")
            time.sleep(1.5)
            c.send(ASK)
            equal(c.recv_all(), ANSWER, "the old idle_s")
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")
        write_file(server.config_path, good)
        replace(tls, "server")
        equal(reload(server), "nothing has changed", "it is good again")


# --- other keys -------------------------------------------------------------

def test_timeouts():
    with serve({"name": "plain"}, {"name": "lines", "keep_open": True}) as \
            server:
        old = Lines(Plain(server.port("lines")))
        equal(old.ask(), b"A0FAC071234\n", "before")
        got = reload(server, lambda c: c["timeouts"].update(
            idle_s=1, message_ms=100))
        equal(got, f"timeouts.message_ms: {2000 * slowness()} -> 100; "
              "timeouts.idle_s: 60 -> 1", "changes")
        with Plain(server.port("plain")) as new:
            begun = time.monotonic()
            equal(new.recv_all(), b"", "the end")
            assert 0.9 < time.monotonic() - begun < 10, "idle_s"
        time.sleep(0.5)
        equal(old.ask(), b"A0FAC071234\n", "the old one keeps its own")


def test_what_needs_a_restart():
    with serve({"name": "plain"}, control="control") as server:
        def change(config):
            config.update(workers=3, store={"path": "x.db"}, control="other",
                          messages={"format": "table",
                                    "target": "messages.json"})
            config["log"] = {"level": "debug"}
        equal(reload(server, change), "log.level: info -> debug", "changes")
        path = server.dir
        words = ("reload: these wait for a restart: workers: 2 -> 3; "
                 "messages.format: json -> table; store.durability: memory -> "
                 f"commit; store.path: none -> {path}/x.db; control: "
                 f"{path}/control -> {path}/other")
        server.wait_log(f" warning: {words}$")
        # It is told until it is done.
        got = order(server, "reload")
        equal((got["ok"], got["changed"], len(got["restart"])), (True, [], 5),
              "the next reload")
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")
        server.wait_message(listener="plain")
        assert not os.path.exists(os.path.join(path, "x.db"))


def test_a_store_that_could_not_be_opened():
    with serve({"name": "plain"}) as server:
        error = reload_refused(server, lambda c: c.update(
            store={"path": "nowhere/x.db"}))
        assert "store.path: " in error, error


def test_without_a_file():
    """There is nothing to read again."""
    if os.path.exists("/etc/wwep/wwepd.yaml"):
        raise Skip("there is an installed configuration")
    script = ("import socket; s = socket.socket(); "
              "s.bind(('127.0.0.1', 27708))")
    if run(["python3", "-c", script]).returncode != 0:
        raise Skip("somebody has port 27708")
    folder = scratch_dir()
    with open(os.path.join(folder, "err"), "wb") as err:
        process = subprocess.Popen([WWEPD], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=err)
    try:
        until(lambda: b" ready: " in read_file(err.name), "it is ready",
              15 * slowness())
        process.send_signal(signal.SIGHUP)
        until(lambda: b"reload: nothing has been changed: wwepd was started "
              b"without a configuration file" in read_file(err.name),
              "the reload's error")
    finally:
        process.terminate()
        equal(process.wait(30), 0, "exit code")


# --- again and again --------------------------------------------------------

def moved(config, i):
    listeners_of(config)["moving"].update(port=0 if i % 2 else free_port())


def reloads():
    return 100 if slowness() == 1 else 40


def test_a_hundred_reloads_under_load():
    """No exchange fails, and no socket is left."""
    tls = pair("server")
    with serve({"name": "plain"}, {"name": "secure", "tls": tls},
               {"name": "moving"}) as server:
        loads = [Load(server.port("plain")),
                 Load(server.port("secure"), "TLS 1.3"),
                 Load(server.port("secure"), "TLS 1.2")]
        sockets = server.sockets()
        with Crowd(*loads) as crowd:
            for i in range(reloads()):
                replace(tls, ("other", "server")[i % 2])
                reload(server, lambda c: moved(c, i))
            crowd.go_on(20)
        print(f"# {crowd.served()} exchanges")
        until(lambda: server.sockets() == sockets, "no socket is left")


def test_memory_of_a_hundred_reloads():
    """Without sessions, as the library's cache of them would fill meanwhile;
    and once the heap has what the load needs."""
    tls = pair("server")
    mutual = {"client_auth": "required", "client_ca": authority().root}
    with serve({"name": "plain"}, {"name": "mutual", "tls": {**tls, **mutual}},
               {"name": "moving"}) as server:
        board = authority().client("board")
        with Crowd(Load(server.port("plain")),
                   Load(server.port("mutual"), "TLS 1.3", board),
                   Load(server.port("mutual"), "TLS 1.2", board)) as crowd:
            for i in range(2 * reloads()):
                replace(tls, ("other", "server")[i % 2])
                reload(server, lambda c: moved(c, i))
                if i == reloads():
                    crowd.go_on(150)
                    before = server.memory_kib()
            crowd.go_on(150)
        after = server.memory_kib()
        print(f"# {crowd.served()} exchanges; {before} -> {after} KiB")
        if slowness() == 1:
            assert after < before + 400, (before, after)


def test_signals_all_at_once():
    """Those that come during a reload are one more, at least."""
    with serve({"name": "plain"}) as server, \
            Crowd(Load(server.port("plain"))):
        for _ in range(50):
            server.signal(signal.SIGHUP)
        edit(server, lambda c: c["timeouts"].update(idle_s=30))
        server.signal(signal.SIGHUP)
        server.wait_log(r"reloaded in \d+ ms: timeouts.idle_s: 60 -> 30")
        for _ in range(20):
            server.signal(signal.SIGHUP)
            server.signal(signal.SIGUSR1)


def test_the_end_during_a_reload():
    tls = pair("server")
    for i in range(15):
        with serve({"name": "plain"}, {"name": "secure", "tls": tls}) as server:
            waiting = [Plain(server.port("plain")) for _ in range(5)]
            replace(tls, ("server", "other")[i % 2])
            edit(server, lambda c: c["listeners"].append(
                {"name": "extra", "address": "127.0.0.1", "port": 0}))
            server.signal(signal.SIGHUP)
            if i % 3:
                time.sleep(0.003 * (i % 3))
            server.signal(signal.SIGTERM)
            for c in waiting:
                with c:
                    c.send(ASK)
                    equal(c.recv_all(), ANSWER, "who was connected")
            server.wait()


if __name__ == "__main__":
    wwep_test.main()
