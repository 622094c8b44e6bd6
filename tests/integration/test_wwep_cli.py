# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep write and wwep read: words, options, exit codes, settings, JSON."""

import json
import os
import re
import socket
import subprocess

import wwep_test
from wwep_desk import (WWEP, Peer, answer, environment, hang, speak_wwep,
                       wwep)
from wwep_test import Server, each, equal, scratch_dir, write_file

MAC = "02:00:00:00:0F:AC"  # device 00BD


def serve(**listener):
    return Server({"name": "plain", **listener})


def host(server, name="plain"):
    return f"127.0.0.1:{server.port(name)}"


# --- exchanges --------------------------------------------------------------

def test_write_and_read():
    with serve() as server:
        wwep("-H", host(server), "write", "0FAC", "05", "0001").want(
            0, "0001\n", "^$")
        wwep("-H", host(server), "read", "0FAC", "05").want(0, "0001\n", "^$")
        server.wait_message(request="W0FAC050001", reply="A0FAC050001")
        server.wait_message(request="R0FAC05", reply="A0FAC050001")


@each("0FAC", "0fac", "0x0fac", "0X0FAC")
def test_devices(word):
    with serve() as server:
        wwep("-H", host(server), "write", word, "0x0b", "0xCAFE").want(
            0, "CAFE\n")
        server.wait_message(request="W0FAC0BCAFE")


@each(MAC, "mac:" + MAC, "mac:" + MAC.lower(), MAC.replace(":", "-"),
      MAC.replace(":", ""))
def test_device_of_a_mac_address(word):
    with serve() as server:
        wwep("-H", host(server), "write", word, "05", "0001").want(0)
        server.wait_message(request="W00BD050001")


@each(("0FA", "05", "0001", "0FA is no device: write four hex digits, 00FA"),
      ("FACE0", "05", "0001", "FACE0 is no device: write four hex digits "),
      ("0FAG", "05", "0001", "0FAG is no device"),
      ("", "05", "0001", '"" is no device'),
      ("mac:02:00:00:00:00", "05", "0001", "is no MAC address: write six"),
      ("02:00:00:00-00:01", "05", "0001", "is no device"),
      ("0FAC", "5", "0001", "5 is no register: write two hex digits, 05"),
      ("0FAC", "005", "0001", "005 is no register"),
      ("0FAC", "0x", "0001", "0x is no register"),
      ("0FAC", "05", "1", "1 is no value: write four hex digits, 0001"),
      ("0FAC", "05", "00010", "00010 is no value"),
      ("0FAC", "05", "on", "on is no value"))
def test_words_that_are_wrong(case):
    done = wwep("write", *case[:3]).want(2, "")
    assert done.err.startswith("wwep: " + case[3]) or case[3] in done.err, \
        done.err


def test_refused():
    with serve() as server:
        wwep("-H", host(server), "read", "0FAC", "0B").want(
            1, "", "^wwep: the server refused the request: X: most likely "
            "nobody has written register 0B of device 0FAC yet\n$")
    with serve(explain_errors=True) as server:
        wwep("-H", host(server), "read", "0FAC", "0B").want(
            1, "", "the request: X, not found: nobody has written register 0B "
            "of device 0FAC yet")


@each(False, True)
def test_read_of_all(keep_open):
    with serve(keep_open=keep_open) as server:
        wwep("-H", host(server), "read", "0FAC").want(
            0, "", "0 of 256 registers of device 0FAC have been written")
        for reg, value in (("00", "BEEF"), ("7F", "0000"), ("FF", "FFFF")):
            wwep("-H", host(server), "write", "0FAC", reg, value).want(0)
        wwep("-H", host(server), "read", "0FAC").want(
            0, "00 BEEF\n7F 0000\nFF FFFF\n",
            "3 of 256 registers of device 0FAC have been written")
        server.wait_message(request="R0FACFF", reply="A0FACFFFFFF")
        connections = len({m["conn"] for m in server.messages()
                           if m["reply"] != "X" and m["request"][0] == "R"})
        if keep_open:
            equal(connections, 1, "connections")
        else:
            equal(connections, 3, "connections")


def test_read_of_all_of_a_server_that_leaves_the_line_end():
    """Closing with it unread is a reset, which may overtake the reply."""
    with Peer(speak_wwep, backlog=64) as peer:
        done = wwep("-H", peer.host, "read", "0FAC").want(0)
        equal(done.out, "".join(f"{i:02X} 0001\n" for i in range(256)), "")


def test_read_of_all_that_ends_early():
    def serve_three(sock):
        peer.seen.append(1)
        if len(peer.seen) < 4:
            speak_wwep(sock)
    with Peer(serve_three) as peer:
        done = wwep("-H", peer.host, "read", "0FAC").want(
            3, err="hung up without a reply|cut the connection")
        assert re.search(r"\d of 256 registers of device 0FAC were read",
                         done.err), done.err


def test_read_of_all_as_json():
    with serve() as server:
        wwep("-H", host(server), "write", "0FAC", "7F", "BEEF").want(0)
        done = wwep("-H", host(server), "--json", "read", "0FAC").want(0)
        got = json.loads(done.out)
        equal((got["result"], got["device"], got["registers"], got["written"]),
              ("accepted", "0FAC", {"7F": "BEEF"}, 1), "JSON")


# --- no exchange ------------------------------------------------------------

def test_nobody_listens():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))  # ours, and deaf
        port = s.getsockname()[1]
        wwep("-H", f"127.0.0.1:{port}", "read", "0FAC", "05").want(
            3, "", f"^wwep: nobody listens at 127.0.0.1 port {port}: start "
            "wwepd there, or give the server with -H\n$")
        wwep("-H", f"localhost:{port}", "read", "0FAC", "05").want(
            3, "", rf"nobody listens at localhost \(.*127\.0\.0\.1\) port "
            f"{port}: ")


def test_no_such_name():
    wwep("-H", "x" * 64 + ".invalid", "read", "0FAC", "05").want(
        3, "", "has no address: look for a slip in it, or give the server's ")


def test_no_reply_in_time():
    with Peer(hang) as peer:
        wwep("-H", peer.host, "--timeout", "0.3", "read", "0FAC", "05").want(
            5, "", r"took the request, and did not answer within 0\.3 s: see ")
        wwep("-H", peer.host, "--timeout", "0.3", "--tls", "read", "0FAC",
             "05").want(5, "", r"did not finish the TLS handshake within 0\.3 "
                        "s: see whether that is the TLS port")


def test_no_connection_in_time():
    """A queue that is full lets nobody in, and refuses nobody."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(0)
        crowd = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(s.getsockname())
            crowd.append(one)
        wwep("-H", "127.0.0.1:%d" % s.getsockname()[1], "--timeout", "0.5",
             "read", "0FAC", "05").want(5, "", "no answer from 127.0.0.1 port ")
        for one in crowd:
            one.close()


@each((b"", "hung up without a reply: see whether that is a TLS port"),
      (b"A0FAC06", "no reply to this request: \"A0FAC06\""),
      (b"A0FAC06FFFF", "no reply to this request: \"A0FAC06FFFF\""),
      (b"a0fac05ffff", "no reply to this request: \"a0fac05ffff\""),
      (b"HTTP/1.1 400 Bad Request\r\n\r\n", "see whether that is a WWEP "),
      (b"\x1b[2J\x1b]0;x\x07", r"\"\\x1B\[2J\\x1B\]0;x\\x07\""),
      (b"\x15\x03\x03\x00\x02\x02\x28", "answers in TLS: add --tls, or give "))
def test_no_wwep_server(case):
    with Peer(answer(case[0])) as peer:
        wwep("-H", peer.host, "read", "0FAC", "05").want(3, "", case[1])


def test_a_reset():
    def serve_reset(sock):
        sock.recv(64)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        b"\x01\x00\x00\x00\x00\x00\x00\x00")
    with Peer(serve_reset) as peer:
        wwep("-H", peer.host, "read", "0FAC", "05").want(
            3, "", "cut the connection before its reply: ")


def test_the_reason_can_not_drive_the_terminal():
    with Peer(answer(b"X \x1b[31mred\n")) as peer:
        done = wwep("-v", "-H", peer.host, "read", "0FAC", "05")
        assert done.code in (1, 3), done.code
        assert "\x1b" not in done.out + done.err, done.err


def test_output_that_can_not_be_written():
    with serve() as server, open("/dev/full", "wb") as full:
        done = subprocess.run(
            [WWEP, "-H", host(server), "write", "0FAC", "05", "0001"],
            stdout=full, stderr=subprocess.PIPE, env=environment())
        equal(done.returncode, 6, "exit code")
        assert b"standard output can not be written" in done.stderr


@each("--plain", "--json")
def test_output_that_is_closed(option):
    with serve() as server:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", WWEP, "-H", host(server),
             option, "write", "0FAC", "05", "0001"],
            stderr=subprocess.PIPE, env=environment())
        equal(done.returncode, 6, "exit code")
        assert b"standard output can not be written" in done.stderr


# --- options ----------------------------------------------------------------

def test_help_and_version():
    for words in (["-h"], ["--help"], ["help"], ["write", "-h"]):
        done = wwep(*words).want(0)
        for verb in ("write DEV REG VALUE", "read DEV", "board", "check",
                     "demo"):
            assert verb in done.out, done.out
        assert max(map(len, done.out.splitlines())) <= 80, "too wide"
    assert wwep("-V").want(0).out.startswith("wwep "), "version"


@each(([], "say what to do: write, read, board, check, bench or demo"),
      (["raed"], "there is no verb raed: did you mean read?"),
      (["frobnicate"], "there is no verb frobnicate: wwep -h lists"),
      (["write", "0FAC"], "write wants a device, a register and a value"),
      (["read"], "read wants a device"),
      (["read", "0FAC", "05", "06"], "read wants a device"),
      (["--tmieout", "5", "read"], "no option --tmieout: did you mean "
       "--timeout?"),
      (["read", "--tmieout", "5", "0FAC"], "did you mean --timeout?"),
      (["read", "0FAC", "--time", "5"], "no option --time: did you mean"),
      (["-x", "read", "0FAC"], "there is no option -x: wwep -h lists them"),
      (["check", "--dev", "9A3C"], "check has no option --dev: "),
      (["check", "localhost:1", "--tap", "--device=9A3C", "--devic=9A3D"],
       "check has no option --devic=9A3D: "),
      (["check", "--ye"], "check has no option --ye: "),
      (["check", "--tap=1"], "check has no option --tap=1: "),
      (["check", "--device"], "--device wants a device behind it"),
      (["board", "--ma", MAC], "no option --ma of board: "),
      (["board", "--port-p=5"], "no option --port-p=5 of board: "),
      (["board", "--mac"], "--mac wants a value behind it"),
      (["--tls=yes", "read", "0FAC"], "--tls takes no value"),
      (["read", "0FAC", "--ca"], "--ca wants a value behind it"),
      (["read", "0FAC", "-H"], "-H wants a value behind it"),
      (["--timeout", "0", "read", "0FAC"], "--timeout: 0 seconds are out of"),
      (["--timeout", "601", "read", "0FAC"], "out of range: write 0.001 to"),
      (["--timeout", "nan", "read", "0FAC"], "nan is no number of seconds"),
      (["--timeout", "5s", "read", "0FAC"], "5s is no number of seconds"),
      (["--tls-version", "1.1", "read", "0FAC"], "1.1 is no version of TLS"),
      (["-H", "", "read", "0FAC"], '--host: "" is no host'),
      (["-H", "a b", "read", "0FAC"], '"a b" is no host'),
      (["-H", "http://a/", "read", "0FAC"], "is no host"),
      (["-H", "a:0", "read", "0FAC"], '"0" is no port: write 1 to 65535'),
      (["-H", "a:65536", "read", "0FAC"], '"65536" is no port'),
      (["-H", "a:", "read", "0FAC"], '"" is no port'),
      (["-H", "[::1", "read", "0FAC"], "has a bracket too few"),
      (["-H", "[::1]x", "read", "0FAC"], "has a bracket too few"),
      (["--ca", "/nowhere/ca.pem", "read", "0FAC"],
       "/nowhere/ca.pem: No such file or directory: give a file that"),
      (["--ca", "/dev/null", "read", "0FAC"], "the file is empty"),
      (["--ca", "/", "read", "0FAC"], "Is a directory"),
      (["--cert", "/dev/null", "read", "0FAC"], "go together: give --key"),
      (["--key", "/dev/null", "read", "0FAC"], "go together: give --cert"))
def test_wrong_use(case):
    words, text = case
    done = wwep(*words).want(2, "")
    assert text in done.err, done.err
    equal(len(done.err.splitlines()), 1, done.err)


def test_options_before_and_behind_the_verb():
    with serve() as server:
        for words in (["-H", host(server), "write", "0FAC", "05", "0001"],
                      ["write", "0FAC", "05", "0001", "-H", host(server)],
                      ["write", "-H" + host(server), "0FAC", "05", "0001"],
                      ["write", "0FAC", "--host=" + host(server), "--", "05",
                       "0001"]):
            wwep(*words).want(0, "0001\n")


def test_ipv6():
    with Server({"name": "six", "address": "::1"}) as server:
        wwep("-H", f"[::1]:{server.port('six')}", "write", "0FAC", "05",
             "0001").want(0, "0001\n")


# --- the environment and the file -------------------------------------------

def test_the_environment():
    with serve() as server:
        env = environment(WWEP_HOST=host(server))
        wwep("write", "0FAC", "05", "0001", env=env).want(0)
        env["WWEP_TIMEOUT"] = "soon"
        wwep("read", "0FAC", "05", env=env).want(
            2, "", "^wwep: WWEP_TIMEOUT in the environment: soon is no number ")
        env["WWEP_TIMEOUT"] = ""
        wwep("read", "0FAC", "05", env=env).want(0)


def test_the_file():
    with serve() as server:
        text = (f"# the class\n\nhost={host(server)}  # here\r\n"
                "  timeout = 5\n")
        env = environment(text)
        wwep("write", "0FAC", "05", "0001", env=env).want(0)
        folder = scratch_dir("xdg")
        os.mkdir(os.path.join(folder, "wwep"))
        write_file(os.path.join(folder, "wwep", "config"), text)
        wwep("read", "0FAC", "05",
             env=environment(XDG_CONFIG_HOME=folder)).want(0)


def test_which_wins():
    with serve() as server:
        config = "host = 127.0.0.1:1\n"
        env = environment(config, WWEP_HOST=host(server))
        wwep("write", "0FAC", "05", "0001", env=env).want(0)
        env = environment(config, WWEP_HOST="127.0.0.1:2")
        wwep("-H", host(server), "read", "0FAC", "05", env=env).want(0)
        # What is wrong is told, even if it would not count.
        env = environment("timeout = never\n")
        wwep("--timeout", "5", "-H", host(server), "read", "0FAC", "05",
             env=env).want(2)


@each(("hots = a\n", "config:1: hots: there is no such key: did you mean "
       "host?"),
      ("\nfrobnicate = a\n", "config:2: frobnicate: there is no such key: "
       "wwep"),
      ("host localhost\n", 'config:1: write "key = value"'),
      ("timeout = x\n", "config:1: timeout: x is no number"),
      ("tls = maybe\n", "config:1: tls: maybe is neither yes nor no"),
      ("host =\n", 'config:1: host: "" is no host'),
      ("ca =\n", "config:1: ca: is empty: leave it out"),
      ("insecure = yes\n", "config:1: insecure: there is no such key"),
      ("host = a\0b\n", "config:1: "),
      ("#" * 5000 + "\n", "config:1: the line is too long"))
def test_a_wrong_file(case):
    done = wwep("read", "0FAC", "05", env=environment(case[0])).want(2, "")
    assert case[1] in done.err, done.err


def test_help_in_spite_of_a_wrong_file():
    wwep("-h", env=environment("nonsense\n")).want(0)


# --- JSON -------------------------------------------------------------------

def test_json():
    with serve() as server:
        done = wwep("--json", "-H", host(server), "write", "0FAC", "05",
                    "0001").want(0)
        equal(done.out.count("\n"), 1, "lines")
        got = json.loads(done.out)
        equal((got["result"], got["exit"], got["value"], got["reason"],
               got["error"], got["fault"], got["security"]),
              ("accepted", 0, "0001", None, None, None, {"tls": False}), "")
        equal(got["request"], {"command": "write", "device": "0FAC",
                               "register": "05", "value": "0001"}, "request")
        equal(got["server"], {"host": "127.0.0.1", "address": "127.0.0.1",
                              "port": server.port("plain")}, "server")
        equal(sorted(got["times"]),
              ["connect_ms", "handshake_ms", "name_ms", "reply_ms",
               "total_ms"], "times")


def test_json_of_what_fails():
    with serve(explain_errors=True) as server:
        got = json.loads(wwep("--json", "-H", host(server), "read", "0FAC",
                              "05").want(1).out)
        equal((got["result"], got["value"], got["reason"]),
              ("refused", None, "not found"), "X")
    with Peer(hang) as peer:
        got = json.loads(wwep("--json", "--timeout", "0.2", "-H", peer.host,
                              "read", "0FAC", "05").want(5).out)
        equal(got["result"], "timeout", "result")
    got = json.loads(wwep("--json", "-H", os.fsdecode(b"\xff" * 64),
                          "read", "0FAC", "05").want(3).out)
    equal(got["result"], "name", "result")
    assert got["error"]["text"] and got["error"]["advice"], got


# --- the story --------------------------------------------------------------

def test_the_story_in_the_clear():
    with serve() as server:
        done = wwep("-v", "-H", f"localhost:{server.port('plain')}", "write",
                    "0FAC", "05", "0001").want(0, "0001\n")
        for line in ("Name: who is localhost?", "the address is 127.0.0.1",
                     "TCP: connected", "Request: W0FAC050001",
                     "Reply:   A0FAC050001", "TCP: closed",
                     "An eavesdropper on the way has seen:",
                     '"W0FAC050001"', '"A0FAC050001"', "word for word"):
            assert line in done.err, (line, done.err)
        assert max(map(len, done.err.splitlines())) <= 80, "too wide"


def test_the_manual_page_is_whole():
    """Each option of -h has its place in it."""
    page = os.path.join(wwep_test.SRC, "man", "wwep.1.scd")
    with open(page, encoding="utf-8") as f:
        text = f.read()
    for word in wwep("-h").out.replace(",", " ").split():
        if word.startswith("--"):
            assert word in text, word


if __name__ == "__main__":
    wwep_test.main()
