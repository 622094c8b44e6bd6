# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS in some seconds: what must hold with the packaged wolfSSL, too."""

import ssl

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import Tls, connect, context, exchange
from wwep_test import Server, each, equal, slowness

VERSIONS = ("TLS 1.2", "TLS 1.3")
VECTORS = ((b"W0FAC0B1234", b"A0FAC0B1234"), (b"R0FAC0B", b"A0FAC0B1234"),
           (b"R0BAC0B", b"X"), (b"W01234", b"X"),
           (b"W0fac0cabcd", b"A0FAC0CABCD"),
           (b"R0FAC0C\r\n", b"A0FAC0CABCD"), (b"R0FAC0B\n\n", b"X"),
           (b"W0FAG0B1234", b"X"), (b"Q", b"X"))


def serve():
    ca = {"client_ca": authority().root}
    return Server(
        {"name": "plain"},
        {"name": "none", "tls": authority().server()},
        {"name": "optional", "tls": authority().server(
            client_auth="optional", **ca)},
        {"name": "required", "tls": authority().server(
            client_auth="required", **ca)},
        {"name": "rsa", "tls": authority().server("server-rsa", "rsa")},
        timeouts={"message_ms": 250 * slowness()})


def kept_out(server, version, cert, reason, session=None, ctx=None):
    try:
        with Tls(server.port("required"), ctx=ctx or context(
                version, cert=cert), session=session).handshake() as c:
            c.send(b"R0FAC0B")
            got = c.recv_all()
    except (ssl.SSLError, ConnectionError, AssertionError):
        got = b""
    equal(got, b"", "reply")
    server.wait_log("warning: required: .*" + reason)


def test_plain():
    with serve() as server:
        equal(exchange(server.port("plain"), "plain", b"W0FAC0B1234"),
              b"A0FAC0B1234", "reply")


@each(*VERSIONS)
def test_vectors(version):
    with serve() as server:
        for request, reply in VECTORS:
            equal(exchange(server.port("none"), version, request,
                           ca=authority().root), reply, repr(request))
        with connect(server.port("none"), version) as c:
            for byte in b"R0FAC0B":
                c.send(bytes([byte]))
            equal(c.recv_all(), b"A0FAC0B1234", "byte by byte")


@each(*VERSIONS)
def test_an_rsa_certificate(version):
    with serve() as server:
        equal(exchange(server.port("rsa"), version, b"W0FAC0B1234",
                       ca=authority().root), b"A0FAC0B1234", "reply")


def test_the_cipher_of_the_boards():
    with serve() as server:
        for name, cipher in (("none", "ECDHE-ECDSA-AES128-GCM-SHA256"),
                             ("rsa", "ECDHE-RSA-AES128-GCM-SHA256")):
            equal(exchange(server.port(name), "TLS 1.2", b"W0FAC0B1234",
                           ciphers=cipher), b"A0FAC0B1234", cipher)


@each(*VERSIONS)
def test_required(version):
    ca = authority()
    if not wwep_test.read_file(ca.path("other.crt")):
        ca.issue("other", "/CN=Other Root", ca=True)
    with serve() as server:
        equal(exchange(server.port("required"), version, b"W0FAC0B1234",
                       cert=ca.client("board")), b"A0FAC0B1234", "reply")
        equal(server.wait_message(listener="required")["identity"], "board",
              "identity")
        kept_out(server, version, None, "sent no certificate")
        kept_out(server, version, ca.client("stranger", issuer="other"),
                 "from an unknown CA")
        kept_out(server, version, ca.client("expired", dates=PAST),
                 "has expired")


@each(*VERSIONS)
def test_optional(version):
    with serve() as server:
        for cert, identity in ((None, None),
                               (authority().client("board"), "board")):
            equal(exchange(server.port("optional"), version, b"W0FAC0B1234",
                           cert=cert), b"A0FAC0B1234", "reply")
            server.wait_message(listener="optional", identity=identity)


@each(("TLS 1.3", "TLS 1.3", 0), ("TLS 1.2 ticket", "TLS 1.2", 0),
      ("TLS 1.2 ID", "TLS 1.2", ssl.OP_NO_TICKET))
def test_resumption(case):
    """Where no certificate is asked for; and it opens no other door."""
    _, version, options = case
    with serve() as server:
        ctx = context(version)
        ctx.options |= options
        session = None
        for i in range(6):
            with Tls(server.port("none"), ctx=ctx,
                     session=session).handshake() as c:
                c.send(b"W0FAC0B1234")
                equal(c.recv_all(), b"A0FAC0B1234", "reply")
                equal(c.ssl.session_reused, i > 0, "resumed")
                session = c.ssl.session
        kept_out(server, version, None, "sent no certificate", session, ctx)
        with Tls(server.port("optional"), ctx=ctx,
                 session=session).handshake() as c:
            equal(c.ssl.session_reused, False, "resumed on another listener")


def test_tls_1_1_is_refused():
    ctx = context()
    ctx.set_ciphers("DEFAULT@SECLEVEL=0")
    ctx.minimum_version = ssl.TLSVersion.TLSv1
    ctx.maximum_version = ssl.TLSVersion.TLSv1_1
    with serve() as server:
        try:
            with Tls(server.port("none"), ctx=ctx).handshake():
                raise AssertionError("it got in")
        except (ssl.SSLError, ConnectionError):
            pass
        server.wait_log("warning: none: .*no TLS version in common")


if __name__ == "__main__":
    wwep_test.main()
