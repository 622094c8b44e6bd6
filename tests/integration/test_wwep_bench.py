# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep bench: a load on wwepd, whose every reply is right; and this side of
it."""

import json
import os
import pty
import re
import resource
import select
import signal
import subprocess

import wwep_test
from wwep_bench import VERSIONS, bench, errors_of, load, serve, where
from wwep_certs import authority
from wwep_desk import WWEP, Done, Peer, environment, wwep
from wwep_test import (Server, Skip, each, equal, read_file, run, slowness,
                       tool, until)

PERCENTILES = ("min", "p50", "p90", "p99", "p999", "max")


def ordered(times):
    values = [times[name] for name in PERCENTILES]
    equal(values, sorted(values), "percentiles")
    assert times["min"] <= times["mean"] <= times["max"], times


# --- wwepd ------------------------------------------------------------------

@each(("plain", 1), ("plain", 32), ("secure", 1), ("secure", 32))
def test_what_is_counted_was_served(case):
    transport, connections = case
    with serve() as server:
        found = load(server, transport, "-c", connections, "-n", 300)
        equal(found["exchanges"], 300, "exchanges")
        messages = until(
            lambda: len(server.messages()) >= 300 and server.messages(),
            "all messages")
        equal(len(messages), 300, "messages")
        equal(sum(m["request"][0] == "W" for m in messages), found["writes"],
              "writes")
        equal(sum(m["reply"] == "X" for m in messages), found["not_found"],
              "X for what nobody has written")
        ordered(found["latency_us"])
        ordered(found["connect_us"])
        equal(found["latency_us"]["count"], 300, "times")
        equal(found["connections"], connections, "connections")
        assert found["latency_us"]["min"] > found["connect_us"]["min"], found
        assert found["client_cpu_us"] > 0, found
        assert abs(found["rate"] * found["seconds"] - 300) < 1, found
        if transport == "plain":
            equal((found["tls"], found["cipher"], found["full"]),
                  (None, None, 0), "TLS")
        else:
            equal((found["full"], found["resumed"]), (300, 0), "handshakes")


@each(*VERSIONS)
def test_resumed_sessions(version):
    """Each slot's first handshake is full; and the server says so, too."""
    with serve() as server:
        found = load(server, "secure", "--tls-version", version, "-c", 4, "-n",
                     100, "--resume")
        equal((found["full"], found["resumed"]), (4, 96), "handshakes")
        equal(found["tls"], "TLS " + version, "version")
        assert "AES_128_GCM" in found["cipher"], found["cipher"]
        ordered(found["handshake_us"])
        equal(found["handshake_us"]["count"], 100, "handshakes that were timed")


def extensions_of(hello):
    """The numbers of a ClientHello's extensions: RFC 5246, 7.4.1.2."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]                                    # session ID
    at += 2 + int.from_bytes(hello[at:at + 2], "big")      # ciphers
    at += 1 + hello[at] + 2                                # compression
    while at < len(hello):
        yield int.from_bytes(hello[at:at + 2], "big")
        at += 4 + int.from_bytes(hello[at + 2:at + 4], "big")


@each("optional", "required")
def test_a_server_that_resumes_nothing(mutual):
    """It is told, as 100 full handshakes are another load than was wanted."""
    ours = authority()
    board = ours.client("bench", "/CN=bench")
    with Server({"tls": ours.server(client_auth=mutual,
                                    client_ca=ours.root)}) as server:
        words = ("--ca", ours.root, "--cert", board[0], "--key", board[1],
                 "-c2", "--resume")
        host = f"localhost:{server.port()}"
        found, _ = bench(host, *words, "-n20",
                         err="warning: --resume: .* client_auth is none$")
        equal((found["full"], found["resumed"]), (20, 0), "handshakes")
        _, done = bench(host, *words, "-n2")
        equal(done.err, "", "nothing to resume yet")


@each(("--resume", True), ("--resume=id", False))
def test_tickets_or_ids(case):
    """What the first ClientHello asks for; and both are resumed."""
    way, tickets = case
    hellos = []
    with Peer(lambda sock: hellos.append(sock.recv(4096))) as peer:
        wwep("bench", "-H", peer.host, "--ca", authority().root,
             "--tls-version", "1.2", "-n", 1, way)
    found = list(extensions_of(hellos[0]))
    equal((10 in found, 35 in found), (True, tickets), "groups, tickets")
    with serve() as server:
        found = load(server, "secure", "--tls-version", "1.2", "-n", 20, way)
        equal((found["full"], found["resumed"]), (1, 19), "handshakes")


@each("plain", "secure")
def test_kept_open(transport):
    with serve(keep_open=True) as server:
        found = load(server, transport, "-c", 4, "-n", 2000, "--keep-open")
        equal(found["exchanges"], 2000, "exchanges")
        equal(found["connect_us"]["count"], 4, "connections")
        equal(found["full"], 4 if transport == "secure" else 0, "handshakes")
        messages = until(
            lambda: len(server.messages()) >= 2000 and server.messages(),
            "all messages")
        equal(len(messages), 2000, "messages")


@each("plain", "secure")
def test_server_that_keeps_nothing_open(transport):
    with serve() as server:
        done = wwep("bench", "-H", *where(server, transport), "-c", 4, "-d",
                    20, "--keep-open")
        done.want(2, err="closes after each exchange: --keep-open wants a "
                         "listener with keep_open: yes")


def test_only_its_own_registers():
    with serve() as server:
        load(server, "plain", "-c", 8, "-n", 400, "--device", "9A3C",
             "--devices", "2", "--writes", "100")
        until(lambda: len(server.messages()) == 400, "400 messages")
        devices = {m["request"][1:5] for m in server.messages()}
        equal(devices, {"9A3C", "9A3D"}, "devices")
        # What is there already is no error, and what is read must stay.
        found = load(server, "plain", "-c", 8, "-n", 400, "--device", "9A3C",
                     "--devices", "2", "--writes", "0")
        equal(found["writes"], 0, "writes")
        until(lambda: len(server.messages()) == 800, "800 messages")
        # A device that is made up is no board's.
        load(server, "plain", "-n", 10)
        until(lambda: len(server.messages()) == 810, "810 messages")
        equal([m for m in server.messages()[800:]
               if int(m["request"][1:5], 16) < 0x600], [], "boards' devices")


def test_durability_is_waited_for():
    with serve(store={"path": "wwep.db"}) as server:
        found = load(server, "plain", "-c", 16, "-n", 400)
        equal(found["exchanges"], 400, "exchanges")


def test_for_a_time():
    with serve() as server:
        found = load(server, "plain", "-c", 2, "-d", "0.5")
        assert 0.5 <= found["seconds"] < 3 * slowness(), found
        assert found["exchanges"] > 20, found


def test_table():
    with serve() as server:
        done = wwep("bench", "-H", f"localhost:{server.port('secure')}", "--ca",
                    authority().root, "-c2", "-n50", "--resume", "--rate=200")
        done.want(0)
        equal(done.err, "", "no progress where there is no terminal")
        for line in (r"exchanges     50 \(\d+ writes, \d+ reads",
                     r"seconds       \d+\.\d\d$",
                     r"rate          \d+ a second$",
                     r"late          \d+ started more than 1 ms behind",
                     r"errors        none$",
                     r"handshakes    2 full, 48 resumed$",
                     r"TLS           TLS 1\.3, TLS_AES_128_GCM_SHA256$",
                     r"own CPU       [\d.]+ us an exchange$",
                     r"microseconds +min +p50 +p90 +p99 +p99\.9 +max$",
                     r"connect( +\d+){6}$", r"handshake( +\d+){6}$",
                     r"exchange( +\d+){6}$"):
            assert re.search("^" + line, done.out, re.M), (line, done.out)
        equal([line for line in done.out.splitlines() if len(line) > 80], [],
              "lines of more than 80 columns")


# --- the rate ---------------------------------------------------------------

def test_rate_is_kept():
    with serve() as server:
        found = load(server, "plain", "-c", 8, "-d", 2, "--rate", 100)
        equal(found["exchanges"], 200, "exchanges")
        assert 1.9 < found["seconds"] < 2 + 2 * slowness(), found
        assert found["late"] is not None, found


# --- idle connections -------------------------------------------------------

@each("plain", "secure")
def test_idle_connections(transport):
    with serve(timeouts={"idle_s": 60}) as server:
        before = server.sockets()
        process = subprocess.Popen(
            [WWEP, "bench", "--json", "-H", *where(server, transport), "-c",
             "2", "-d", "2", "--idle", "100"], stdout=subprocess.PIPE,
            env=environment())
        until(lambda: server.sockets() >= before + 100, "100 connections", 60)
        out, _ = process.communicate(timeout=60 * slowness())
        found = json.loads(out)
        equal((process.returncode, found["idle"]), (0, 100), "idle")
        if transport == "secure":  # those of the idle ones are not counted
            equal(found["full"], found["exchanges"], "handshakes")


def test_idle_connections_that_the_server_closes():
    with serve(timeouts={"idle_s": 1}) as server:
        found, _ = bench(f"localhost:{server.port('plain')}", "-d", 3, "--rate",
                         20, "--idle", 10, code=3, err="its idle_s must be "
                                                       "longer than the load")
        equal(errors_of(found), {"idle": 10}, "errors")
        equal((found["idle"], found["exchanges"]), (0, 60), "the rest goes on")


# --- this side --------------------------------------------------------------

def test_interrupted():
    with serve() as server:
        process = subprocess.Popen(
            [WWEP, "bench", "--json", "-H",
             f"localhost:{server.port('plain')}", "-d", "300"],
            stdout=subprocess.PIPE, env=environment())
        until(lambda: len(server.messages()) > 20, "exchanges", 60)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        found = json.loads(out)
        equal((process.returncode, found["interrupted"]), (0, True), "end")
        assert found["exchanges"] > 20, found


def test_progress_on_a_terminal():
    ours, theirs = pty.openpty()
    with serve() as server:
        process = subprocess.Popen(
            [WWEP, "bench", "-H", f"localhost:{server.port('plain')}", "-d",
             "3"], stdout=subprocess.PIPE, stderr=theirs, env=environment())
        os.close(theirs)
        process.communicate(timeout=60 * slowness())
        said = b""
        while select.select([ours], [], [], 0)[0]:
            try:
                more = os.read(ours, 4096)
            except OSError:  # EIO: it has gone
                break
            if not more:
                break
            said += more
        os.close(ours)
    equal(process.returncode, 0, said)
    lines = re.findall(rb"\d+ s: \d+ exchanges, \d+ a second, 0 errors", said)
    assert len(lines) >= 2, said
    assert said.endswith(b"\r\x1b[K"), said


def test_limit_of_files():
    def narrow():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    done = Done(run([WWEP, "bench", "-H", "127.0.0.1:1", "-c", "40", "--idle",
                     "20"], env=environment(), preexec_fn=narrow))
    done.want(2, err="60 connections want 76 open files, and this process may "
                     "have 64: ask for fewer")


def test_asks_before_it_loads_another_machine():
    done = wwep("bench", "-H", "192.0.2.1", "-d", "1")
    done.want(2, err="192.0.2.1 port 27708 is not this machine: a load keeps "
                     "it busy, .*--yes")


def test_more_connections_than_ports():
    """Each address of the loopback has ports of its own."""
    script = """
ip link set lo up && echo 40000 40100 >/proc/sys/net/ipv4/ip_local_port_range ||
    exit 77
"$1" -c "$2" >/dev/null 2>&1 &
server=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.5
    "$3" read -H 127.0.0.1:17708 0FAC 05 2>&1 | grep -q refused && break
done
"$3" bench --json -H 127.0.0.1:17708 -c 2 -n 50 --idle 300
code=$?
kill $server
wait $server
exit $code
"""
    server = Server({"name": "plain", "port": 17708},
                    timeouts={"idle_s": 60}, start=False)
    tool("ip")
    done = run([tool("unshare"), "-rn", tool("sh"), "-c", script, "sh",
                wwep_test.WWEPD, server.config_path, WWEP], timeout=120,
               env=environment(), cwd=server.dir)
    if done.returncode in (1, 77) and not done.stdout:
        raise Skip("no network namespace can be made here")
    equal(done.returncode, 0, done.stderr)
    found = json.loads(done.stdout)
    equal((found["idle"], found["exchanges"]), (300, 50), "connections")


def test_key_log():
    path = os.path.join(wwep_test.scratch_dir(), "keys")
    with serve() as server:
        bench(f"localhost:{server.port('secure')}", "--ca", authority().root,
              "-n", 5, "--keylog", path, "--tls-version", "1.2",
              err="can decrypt this connection")
    equal(len(re.findall(rb"^CLIENT_RANDOM \w{64} \w{96}$", read_file(path),
                         re.M)), 5, "lines")


@each((("-c", "0"), "-c: 0 is no whole number from 1 to"),
      (("-c", "x"), "-c: x is no whole number"),
      (("-c",), "-c wants a value"),
      (("-n", "1.5"), "-n: 1.5 is no whole number"),
      (("-d", "0"), "-d: 0 is no number from 0.1 to"),
      (("-n", "1", "-d", "1"), "not both"),
      (("--rate", "0"), "--rate: 0 is no number"),
      (("--rate",), "--rate wants a value"),
      (("--writes", "101"), "--writes: 101 is no whole number from 0 to 100"),
      (("--idle", "-1"), "--idle: -1 is no whole number"),
      (("--device", "xyz"), "xyz is no device"),
      (("--devices", "1", "-c", "257"), "each of 257 connections needs one"),
      (("-p", "0"), "-p: 0 is no port"),
      (("--resume",), "--resume: without TLS"),
      (("--resume=ticket", "--tls"), "--resume: ticket is no way to resume"),
      (("--resum", "--tls"), "bench has no option --resum"),
      (("-x",), "bench has no option -x"),
      (("-v",), "-v: bench tells no story"),
      (("localhost",), "bench does not know what to do with localhost"))
def test_wrong_words(case):
    words, said = case
    done = wwep("bench", *words).want(2, "", re.escape(said))
    equal(len(done.errors()), 1, done.err)


def test_port_of_its_own_option():
    with serve() as server:
        found, _ = bench("127.0.0.1", "-p", server.port("plain"), "-n", 5)
        equal(found["exchanges"], 5, "exchanges")


if __name__ == "__main__":
    wwep_test.main()
