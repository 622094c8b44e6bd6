# SPDX-License-Identifier: GPL-2.0-or-later
"""A verdict for every failed attempt: who, how far, whose fault, what to do.
By real peers; what comes again and again is counted."""

import json
import re
import time

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import Plain, Tls, connect, fresh_address
from wwep_control import controlled, order
from wwep_test import Server, each, equal, main, printable, run, tool

VERSIONS = ("TLS 1.2", "TLS 1.3")
CLIENT = r"127\.0\.0\.1:\d+"


def serve(mode="none", **keys):
    ca = authority()
    clients = {} if mode == "none" else {"client_auth": mode,
                                         "client_ca": ca.root}
    return Server({"name": "plain"}, {"name": "secure",
                                      "tls": ca.server(**clients)}, **keys)


def verdict(server, pattern, level="warning"):
    """Waits for the line, and shows it."""
    line = server.wait_log(rf"^\S+ {level}: {pattern}")
    text = line.string[line.start():].splitlines()[0]
    print("# " + printable(text[len("2026-01-31T10:00:00.000Z "):]))
    return text


def s_client(server, *options, data=b"W0FAC0B1234"):
    return run([tool("openssl"), "s_client", "-quiet", *options, "-connect",
                f"localhost:{server.port('secure')}"], data)


# --- TLS --------------------------------------------------------------------

def test_openssl_without_our_root():
    with serve() as server:
        other = authority().issue("nobody", "/CN=Nobody", ca=True)
        s_client(server, "-4", "-verify_return_error", "-CAfile", other)
        verdict(server, rf"secure: {CLIENT}: the peer does not trust our "
                r"certificate \(alert unknown_ca\): load .*ca\.pem.* \(in the "
                "handshake\)$")


def test_gnutls_without_our_root():
    with serve() as server:
        run([tool("gnutls-cli"), "-p", str(server.port("secure")),
             "127.0.0.1"], b"W0FAC0B1234")
        verdict(server, rf"secure: {CLIENT}: the peer .*: .*")


def test_curl_without_our_root():
    with serve() as server:
        run([tool("curl"), "-s", f"https://127.0.0.1:{server.port('secure')}/"])
        verdict(server, rf"secure: {CLIENT}: the peer does not trust our "
                r"certificate \(alert unknown_ca\)")


def test_curl_that_trusts_anybody():
    """It gets through the handshake: so what it says is HTTP."""
    with serve() as server:
        run([tool("curl"), "-sk",
             f"https://127.0.0.1:{server.port('secure')}/"])
        verdict(server, rf"secure: {CLIENT}: the peer speaks HTTP to the TLS "
                "port: use a client for WWEP")


def test_curl_on_the_plain_port():
    with serve() as server:
        run([tool("curl"), "-s", f"http://127.0.0.1:{server.port('plain')}/"])
        verdict(server, rf"plain: {CLIENT}: the peer speaks HTTP to the plain "
                "port: use a client for WWEP")


def test_http_on_the_tls_port():
    with serve() as server:
        run([tool("curl"), "-s", f"http://127.0.0.1:{server.port('secure')}/"])
        verdict(server, rf"secure: {CLIENT}: the peer speaks no TLS: connect "
                r"with TLS, or use the plain port \(it speaks HTTP\)")


@each("plain", "secure")
def test_ssh(name):
    with serve() as server:
        run([tool("ssh"), "-o", "BatchMode=yes", "-o", "ConnectTimeout=5",
             "-p", str(server.port(name)), "127.0.0.1"])
        verdict(server, rf"{name}: {CLIENT}: the peer speaks (SSH to the plain "
                r"port: |no TLS: .*\(it speaks SSH\))")


def test_python_on_the_plain_port_with_tls():
    with serve() as server:
        with Tls(server.port("plain")) as c:
            c.send_raw(c.step()[0])
            equal(c.sock.recv(100), b"X", "reply")
        verdict(server, rf"plain: {CLIENT}: the peer speaks TLS to the plain "
                "port: use the TLS port, or connect without TLS$")


def test_nc_on_the_tls_port():
    with serve() as server:
        run([tool("nc"), "127.0.0.1", str(server.port("secure"))],
            b"W0FAC0B1234")
        verdict(server, rf"secure: {CLIENT}: the peer speaks plain WWEP to the "
                "TLS port: use the plain port, or connect with TLS$")


@each("no bytes", "half a hello")
def test_gone_in_the_handshake(how):
    with serve() as server:
        with Tls(server.port("secure")) as c:
            if how == "half a hello":
                c.send_raw(c.step()[0][:50])
                time.sleep(0.1)
        if how == "no bytes":
            verdict(server, rf"secure: {CLIENT}: connected to the TLS port and "
                    "sent nothing: ", "info")
        else:
            verdict(server, rf"secure: {CLIENT}: the peer hung up during the "
                    "TLS handshake: ")


def test_reset_in_the_handshake():
    with serve() as server:
        c = Tls(server.port("secure"))
        c.send_raw(c.step()[0][:50])
        time.sleep(0.1)
        c.reset()
        verdict(server, rf"secure: {CLIENT}: the peer hung up during the TLS "
                r"handshake: .* \(it reset the connection\)$")


def test_silence():
    with serve(timeouts={"handshake_s": 1, "idle_s": 1}) as server:
        clients = [Plain(server.port(name)) for name in ("plain", "secure")]
        for c in clients:
            equal(c.recv_all(), b"", "reply")
            c.close()
        verdict(server, rf"plain: {CLIENT}: connected and sent no request: ",
                "info")
        verdict(server, rf"secure: {CLIENT}: the TLS handshake took too long: "
                r".* \(the peer sent nothing\)$")


@each(*VERSIONS)
def test_a_client_without_a_certificate(version):
    with serve("required") as server:
        flag = "-tls1_2" if version == "TLS 1.2" else "-tls1_3"
        s_client(server, "-4", flag)
        verdict(server, rf"secure: {CLIENT}: the peer sent no certificate.*: "
                "give it its certificate and private key")


def test_a_client_whose_certificate_has_expired():
    cert, key = authority().client("old", "/CN=old board", dates=PAST)
    with serve("required") as server:
        s_client(server, "-4", "-cert", cert, "-key", key)
        verdict(server, rf"secure: {CLIENT}: the peer's certificate has "
                "expired.*: renew it, or set the clock")


# --- requests ---------------------------------------------------------------

@each((b"W0FAC0B12", "warning", None),
      (b"Hello", "info", r"its request got an X: illegal command \(H\): "
                         r'"Hello" \(5 bytes\) came: a request is W and 10 hex '
                         "digits, or R and 6$"),
      (b"R0FACg", "info", r"its request got an X: illegal character \(g\): "),
      (b"W01234\n", "info", r"its request got an X: illegal message length "
                            r"\(6\): .* without a pause in it$"),
      (b"R0FAC0B", "info", "its request got an X: not found: register 0B of "
                           "device 0FAC has never been written: "))
def test_an_X(case):
    request, level, words = case
    with serve() as server:
        with Plain(server.port("plain")) as c:
            c.send(request)
            if words is None:  # and gone, without waiting
                time.sleep(0.05)
                c.reset()
                words = (r"the peer reset the connection in the middle of its "
                         r'request: "W0FAC0B12" \(9 bytes\) came: ')
            else:
                equal(c.recv_all(), b"X", "reply")
        verdict(server, rf"plain: {CLIENT}: {words}", level)


def test_how_far_it_got_and_who_it_was():
    cert = authority().client("0fac", "/CN=board 0FAC")
    with serve("required") as server:
        with connect(server.port("secure"), "TLS 1.3", cert=cert) as c:
            c.send(b"R0FAC0B")
            equal(c.recv_all(), b"X", "reply")
        verdict(server, rf"secure: {CLIENT}: its request got an X: not found: "
                r".* \(after the TLS 1\.3 handshake, as board 0FAC\)$", "info")


# --- again and again --------------------------------------------------------

def test_the_same_again_is_counted():
    """One line; the rest is a number, told at the latest at the end, whichever
    worker had them. Another address has its own line."""
    server = serve(workers=2)
    with server:
        for _ in range(50):
            with Plain(server.port("secure")) as c:
                c.send(b"W0FAC0B1234")
                equal(c.recv_all(), b"", "reply")
        source = fresh_address()
        with Plain(server.port("secure"), source=source) as c:
            c.send(b"W0FAC0B1234")
            equal(c.recv_all(), b"", "reply")
        server.wait_log(f"secure: {re.escape(source)}:")
    log = server.log()
    equal(len(re.findall(rf"{CLIENT}: the peer speaks plain", log)), 1, log)
    verdict_at_end = re.search(
        r"warning: secure: 127\.0\.0\.1: the peer speaks plain WWEP to the TLS "
        r"port: 49 more times in the last \d+ s$", log, re.M)
    assert verdict_at_end, log
    print("# " + verdict_at_end[0])


def test_who_fails_from_everywhere_can_not_fill_the_disk():
    """More addresses than lines: what has no line is counted."""
    n = 400
    server = serve()
    with server:
        for _ in range(n):
            with Plain(server.port("secure"), source=fresh_address()) as c:
                c.send(b"W")
                equal(c.recv_all(), b"", "reply")
    log = server.log()
    told = len(re.findall(r"speaks plain WWEP", log))
    untold = sum(map(int, re.findall(r"that have no line.*: (\d+)$", log,
                                     re.M)))
    assert told < n, told
    equal(told + untold, n, "attempts in the log")


# --- two that use one device ------------------------------------------------

def write_as(server, source, request=b"W0FAC0B1234", name="plain", **options):
    transport = "plain" if name == "plain" else "TLS 1.3"
    with connect(server.port(name), transport, source=source, **options) as c:
        c.send(request)
        return c.recv_all()


def test_two_addresses_and_one_device():
    with serve() as server:
        a, b = fresh_address(), fresh_address()
        for _ in range(3):
            write_as(server, a)
            write_as(server, b)
        verdict(server, rf"plain: {re.escape(b)}:\d+: device 0FAC is used by "
                rf"two clients: this one, and {re.escape(a)}: give one of them "
                "another device ID")
        write_as(server, a, b"R0FAC0B")  # reading is for all
    equal(server.log().count("used by two clients"), 1, server.log())


def test_what_is_no_sharing():
    """A router with many boards behind; readers; a board that speaks plain and
    TLS."""
    board = authority().client("mine", "/CN=board 0FAC")
    with serve("optional") as server:
        a = fresh_address()
        for i in range(8):
            write_as(server, a, b"W%04X0B1234" % i)
        for i in range(8):
            write_as(server, fresh_address(), b"R%04X0B" % i)
        for _ in range(2):
            write_as(server, a, name="secure", cert=board)
            write_as(server, a)
    assert "used by two clients" not in server.log(), server.log()


def test_two_identities_and_one_device():
    one = authority().client("one", "/CN=one")
    two = authority().client("two", "/CN=two")
    with serve("optional") as server:
        write_as(server, None, name="secure", cert=one)
        write_as(server, None, name="secure", cert=two)
        verdict(server, rf"secure: {CLIENT}: device 0FAC is used by two "
                r"clients: this one, two, and 127\.0\.0\.1, one: ")


# --- in numbers -------------------------------------------------------------

def test_all_of_it_in_numbers():
    ca = authority()
    with controlled({"name": "plain"},
                    {"name": "secure", "tls": ca.server()}) as server:
        for request in (b"W0FAC0B1234", b"R0FAC0B", b"R0FAC0C", b"Q"):
            with Plain(server.port("plain")) as c:
                c.send(request)
                c.recv_all()
        for version in VERSIONS:
            with connect(server.port("secure"), version) as c:
                c.send(b"R0FAC0B")
                c.recv_all()
        with Plain(server.port("secure")) as c:
            c.send(b"GET / HTTP/1.1\r\n\r\n")
            c.recv_all()
        wwep_test.until(lambda: order(server, "stats")["connections"]["open"]
                        == 0, "they are gone")
        got = order(server, "stats")
    print("# " + json.dumps(got))
    equal(got["exchanges"], {
        "plain": 4, "tls": 2, "refused": 2, "reasons": {
            "command": 1, "character": 0, "length": 0, "not_found": 1,
            "not_allowed": 0, "storage": 0}}, "exchanges")
    equal(got["tls"], {"handshaking": 0, "full": {"1.2": 1, "1.3": 1},
                       "resumed": {"1.2": 0, "1.3": 0},
                       "failed": {"not_tls": 1}}, "tls")
    equal(got["connections"]["accepted"], 7, "accepted")
    equal(got["connections"]["turned_away"], 0, "turned away")
    assert got["bytes"]["in"] > 400 and got["bytes"]["out"] > 1000, got
    equal(got["messages"], {"lost": 0}, "messages")
    equal(got["store"]["queue"], 0, "queue")


if __name__ == "__main__":
    main()
