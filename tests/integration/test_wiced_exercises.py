# SPDX-License-Identifier: GPL-2.0-or-later
"""The course's exercises, as programs of wwep-wiced: against wwepd, wwep,
openssl and each other."""

import os
import re
import shutil
import ssl
import subprocess

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import connect, exchange
from wwep_desk import OpenSSL, wwep
from wwep_test import (Server, each, equal, free_port, scratch_dir, slowness,
                       tool, until)
from wwep_wiced import (DCT, DEVICE, Board, build, course, course_certificate,
                        exercise, program, wiced, write_tree)

ROOTS = os.path.join("resources", "certificates")


def certificate(name):
    return os.path.join(course(), ROOTS, name)


def wwepd(**tls):
    """With the certificate that the clients of chapter 6B trust."""
    course()
    return Server({"name": "plain"}, {"name": "secure", "tls": {
        "certificate": certificate("wwep_cert.pem"),
        "private_key": certificate("wwep_privkey.pem"), **tls}})


def ports(server):
    return f"plain={server.port('plain')},tls={server.port('secure')}"


def client(name, server, *options):
    return Board(program(name), "--port", ports(server), *options)


class Listening(Board):
    """An exercise's server, on free ports."""

    def __init__(self, name, *options, path=None):
        self.plain, self.secure = free_port(), free_port()
        super().__init__(path or program(name), "--port",
                         f"plain={self.plain},tls={self.secure}", *options)

    def ready(self, *words):
        for word in words or ("Listening on",):
            self.wait(word)
        return self


def value(server, register="05", port="plain"):
    """What the server has, by another client."""
    return wwep("read", DEVICE, register, "-H",
                f"127.0.0.1:{server.port(port)}", "--plain").want(0).out


# --- clients, against wwepd -------------------------------------------------

def test_01_client():
    with wwepd() as server, client("06a/01_client", server) as board:
        board.press(b"1")
        board.wait(r"^Sent W00BD050000$")
        server.wait_message(request="W00BD050000")
        board.press(b"1")
        board.wait(r"^\[LED1 on\]$")
        board.wait(r"^Sent W00BD050001$")
        server.wait_message(request="W00BD050001")
        until(lambda: value(server) == "0001\n", "the register")


def test_02_client_response():
    with wwepd() as server, client("06a/02_client_response", server) as board:
        board.press(b"111")
        board.wait(r"^W00BD050000 -> A00BD050000$")
        board.wait(r"^W00BD050001 -> A00BD050001$")
        board.wait(r"(?s)LED1 on.*LED1 off.*-> A00BD050000\n")
        equal(value(server), "0000\n", "the register")


def test_02_client_response_without_a_server():
    with Board(program("06a/02_client_response"), "--port",
               f"plain={free_port()}") as board:
        board.press(b"1")
        board.wait("^No connection: 7014$")


def test_01_secure_client():
    """Trusts the certificate in the DCT; b on the console is a press."""
    with wwepd() as server, client("06b/01_secure_client", server) as board:
        text = wwep_test.read_file(certificate("wwep_cert.pem"))
        board.wait(f"^Certificate of {len(text) + text.count(10)} bytes$")
        board.press(b"1")
        board.wait(r"^W00BD050000 -> A00BD050000$")
        board.press(b"b?")
        board.wait(r"^W00BD050001 -> A00BD050001$")
        board.wait(r"^b: as the button")
        server.wait_message(request="W00BD050001", tls="TLS 1.2")


def test_01_secure_client_with_another_root():
    """Result 4, and the console says why."""
    course()
    with Server({"name": "plain"}, {"name": "secure", "tls":
                                    authority().server()}) as server, \
            client("06b/01_secure_client", server) as board:
        board.press(b"1")
        board.wait("^No connection: 4$")
        board.wait("^wwep-wiced: ")


def test_01_secure_client_without_a_certificate():
    """Connects to anybody, with the warning."""
    folder = os.path.join(scratch_dir(), "01_secure_client")
    shutil.copytree(exercise("06b/01_secure_client"), folder)
    makefile = os.path.join(folder, "01_secure_client.mk")
    text = wwep_test.read_file(makefile).decode()
    write_tree(folder, {"01_secure_client.mk":
                        re.sub("^CERTIFICATE.*\n", "", text, flags=re.M)})
    with wwepd() as server, Board(build(folder), "--port",
                                  ports(server)) as board:
        board.wait("^Certificate of 0 bytes$")
        board.press(b"1")
        board.wait(r"^W00BD050000 -> A00BD050000$")
        assert re.search("^wwep-wiced: .*(not verified|unverified|verifie"
                         "s? nobody|nobody is verified)", board.said(),
                         re.M | re.I), board.said()


def test_a_certificate_that_has_ended():
    """Refused, and taken with --sdk-certificates, which warns."""
    a = authority()
    course()
    course_certificate("ended", PAST, "sha1")
    image = os.path.join(scratch_dir(), "board.dct")
    equal(wwep_test.run([DCT, "-o", image, "--certificate",
                         a.path("ended.crt")]).returncode, 0, "wwep-dct")
    with OpenSSL(a.path("ended.crt"), a.path("ended.key"), "-tls1_2",
                 "-cipher", "DEFAULT:@SECLEVEL=0") as peer:
        options = ("--dct", image, "--port", f"tls={peer.port}")
        with Board(program("06b/01_secure_client"), *options) as board:
            board.press(b"1")
            board.wait("^No connection: 4$")
        with Board(program("06b/01_secure_client"), *options,
                   "--sdk-certificates") as board:
            board.wait("wwep-wiced: warning: --sdk-certificates")
            board.press(b"1")
            board.wait("^W00BD050000 -> no reply: 2$")
            equal(peer.heard(11), b"W00BD050000", "the request")


def test_03_dual_client():
    with wwepd() as server, client("06b/03_dual_client", server) as board:
        board.press(b"1")
        board.wait(r"^TCP: W00BD050000 -> A00BD050000$")
        board.press(b"2")
        board.wait(r"^TLS: W00BD050000 -> A00BD050000$")
        board.press(b"21")
        board.wait(r"^TLS: W00BD050001 -> A00BD050001$")
        board.wait(r"^TCP: W00BD050001 -> A00BD050001$")
        board.wait(r"\[LED1 on\]")
        board.wait(r"\[LED2 on\]")


def test_presses_accumulate():
    """More than can be sent at once, and none is lost."""
    with wwepd() as server, client("06b/03_dual_client", server) as board:
        board.press(b"12" * 10)
        until(lambda: board.said().count("-> A00BD05") == 20, "all are sent",
              30 * slowness())


# --- servers, with wwep -----------------------------------------------------

def write_and_read(server, port, *options, name=None):
    where = ["-H", f"127.0.0.1:{port}", *options]
    wwep("write", "0FAC", "0B", "1234", *where).want(0, "1234\n")
    wwep("read", "0FAC", "0B", *where).want(0, "1234\n")
    wwep("read", "0FAC", "0C", *where).want(1, "", "not found")


def test_03_server():
    with Listening("06a/03_server").ready() as server:
        write_and_read(server, server.plain)
        equal(exchange(server.plain, "plain", b"Q"), b"X illegal command", "Q")
        equal(exchange(server.plain, "plain", b"R0F"), b"X illegal message",
              "too short")


def insecure():
    """The course's certificate has no names, so nobody can check one."""
    return ("--tls", "--insecure", "--tls-version", "1.2")


def test_02_secure_server():
    with Listening("06b/02_secure_server").ready() as server:
        write_and_read(server, server.secure, *insecure())


def test_02_secure_server_with_openssl():
    """Which verifies its certificate."""
    with Listening("06b/02_secure_server").ready() as server:
        wwep("write", "0FAC", "0B", "4321", "-H",
             f"127.0.0.1:{server.secure}", *insecure()).want(0)
        done = subprocess.run(
            [tool("openssl"), "s_client", "-connect",
             f"127.0.0.1:{server.secure}", "-CAfile",
             certificate("wwep_cert.pem"), "-verify_return_error", "-quiet",
             "-tls1_2"], input=b"R0FAC0B", stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=60 * slowness())
        equal(done.stdout, b"A0FAC0B4321", done.stderr.decode())


def test_02_secure_server_and_who_does_not_speak_tls():
    """It goes on."""
    with Listening("06b/02_secure_server").ready() as server:
        for _ in range(3):
            with connect(server.secure) as c:
                c.send(b"W0FAC0B1234")
        write_and_read(server, server.secure, *insecure())


def test_04_dual_server():
    """What is written at one port is read at the other."""
    with Listening("06b/04_dual_server").ready(
            "^TCP: listening", "^TLS: listening") as server:
        write_and_read(server, server.plain)
        wwep("read", "0FAC", "0B", "-H", f"127.0.0.1:{server.secure}",
             *insecure()).want(0, "1234\n")
        wwep("write", "0FAC", "0B", "4321", "-H",
             f"127.0.0.1:{server.secure}", *insecure()).want(0)
        wwep("read", "0FAC", "0B", "-H",
             f"127.0.0.1:{server.plain}").want(0, "4321\n")


def failures(out):
    return re.findall(r"^  FAIL  +(.*)$", out, re.M)


# What a server of one connection at a time, as the course has it, can not do:
# disconnect waits for the peer's end for 3 seconds, and TLS for its handshake.
BY_DESIGN = {"a client that connects and is silent holds up nobody",
             "a client that stops within its request holds up nobody"}


@each("plain", "TLS")
def test_04_dual_server_is_checked(kind):
    with Listening("06b/04_dual_server").ready(
            "^TCP: listening", "^TLS: listening") as server:
        port = server.plain if kind == "plain" else server.secure
        done = wwep("check", f"127.0.0.1:{port}",
                    *(insecure() if kind == "TLS" else ()),
                    timeout=240)
        equal(set(failures(done.out)) - BY_DESIGN, set(), done.out)


# --- each other -------------------------------------------------------------

def test_03_dual_client_with_04_dual_server():
    with Listening("06b/04_dual_server").ready(
            "^TCP: listening", "^TLS: listening") as server, \
            Board(program("06b/03_dual_client"), "--port",
                  f"plain={server.plain},tls={server.secure}") as board:
        board.press(b"1212")
        for kind in ("TCP", "TLS"):
            for state in (0, 1):
                board.wait(f"^{kind}: W00BD05000{state} -> A00BD05000{state}$")


def test_02_client_response_with_03_server():
    with Listening("06a/03_server").ready() as server, \
            Board(program("06a/02_client_response"), "--port",
                  f"plain={server.plain}") as board:
        board.press(b"1")
        board.wait("^W00BD050000 -> A00BD050000$")
        server.wait("W00BD050000 -> A00BD050000$")


def test_01_secure_client_with_02_secure_server():
    with Listening("06b/02_secure_server").ready() as server, \
            Board(program("06b/01_secure_client"), "--port",
                  f"tls={server.secure}") as board:
        board.press(b"11")
        board.wait("^W00BD050001 -> A00BD050001$")


# --- the other ways of the API ----------------------------------------------

def test_packet_client():
    with wwepd() as server, client("more/packet_client", server) as board:
        board.press(b"11")
        board.wait("^W00BD050000 -> A00BD050000$")
        board.wait("^W00BD050001 -> A00BD050001$")


def test_callback_server():
    with Listening("more/callback_server").ready() as server:
        write_and_read(server, server.plain)
        with connect(server.plain):
            pass  # comes, and goes
        write_and_read(server, server.plain)


def test_several_connections():
    with Listening("more/several_connections").ready() as server:
        connections = [connect(server.plain) for _ in range(5)]
        for i, c in enumerate(connections):
            c.send(b"W0FAC%02X0001" % i)
        for i, c in enumerate(connections):
            equal(c.recv_exactly(11), b"A0FAC%02X0001" % i, "reply")
            c.send(b"R0FAC%02X" % i)
            equal(c.recv_exactly(11), b"A0FAC%02X0001" % i, "the same again")
        server.press(b"s")
        server.wait("^5 registers$")
        equal(len(re.findall(r"^connected, 127\.0\.0\.1:\d+$", server.said(),
                             re.M)), 5, server.said())
        for c in connections:
            c.close()
        with connect(server.plain) as c:
            c.send(b"R0FAC00")
            equal(c.recv_exactly(11), b"A0FAC000001", "after them")


def test_three_stores():
    """One certificate, out of each of them, and verified by each."""
    with wwepd() as server, client("more/three_stores", server) as board:
        for number, store in enumerate(("DCT", "resource", "array"), 1):
            board.wait(rf"^{store}: W00BD05000{number} -> A00BD05000{number} "
                       r"\(0\)$")
        board.wait("^That was all$")


def test_three_stores_refuse_another_server():
    course()
    with Server({"name": "plain"}, {"name": "secure", "tls":
                                    authority().server()}) as server, \
            client("more/three_stores", server) as board:
        for store in ("DCT", "resource", "array"):
            board.wait(f"^{store}: no connection: 4$")


def test_mutual():
    """Both show a certificate, and each verifies the other's."""
    with Listening("more/mutual_server").ready() as server, \
            Board(program("more/mutual_client"), "--port",
                  f"tls={server.secure}") as board:
        board.wait("^Identity: 0$")
        board.wait("^Roots: 0$")
        board.press(b"1")
        board.wait("^W00BD050000 -> A00BD050000$")
        # A client without one, and one of another root, are refused.
        wwep("read", DEVICE, "05", "-H", f"127.0.0.1:{server.secure}",
             *insecure()).want(4)
        server.wait("^Refused: 4$")
        a = authority()
        a.issue("stranger", "/CN=stranger")
        wwep("read", DEVICE, "05", "-H", f"127.0.0.1:{server.secure}",
             *insecure(), "--cert", a.path("stranger.crt"), "--key",
             a.path("stranger.key")).want(4)
        until(lambda: server.said().count("Refused: 4") == 2, "both")
        board.press(b"1")
        board.wait("^W00BD050001 -> A00BD050001$")


def test_mutual_client_with_wwepd():
    course()
    a = authority()
    with Server({"name": "plain"}, {"name": "secure", "tls": {
            "certificate": certificate("server_cert.pem"),
            "private_key": certificate("server_privkey.pem"),
            "client_auth": "required", "client_ca": a.root}}) as server, \
            client("more/mutual_client", server) as board:
        board.press(b"1")
        board.wait("^W00BD050000 -> A00BD050000$")


def test_a_program_ends_by_for():
    done = wiced("run", exercise("06a/01_client"), "--for", "0.3")
    equal(done.code, 0, done.err)


if __name__ == "__main__":
    wwep_test.main()
