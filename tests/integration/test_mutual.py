# SPDX-License-Identifier: GPL-2.0-or-later
"""Client certificates: who gets in, under which name, and who does not."""

import base64
import re
import ssl

import wwep_test
from wwep_certs import FUTURE, PAST, authority
from wwep_client import connect, context, knock
from wwep_test import Server, each, equal, read_file, slowness, write_file

VERSIONS = ("TLS 1.2", "TLS 1.3")


def serve(mode, **tls):
    return Server({"name": mode, "tls": authority().server(
        client_auth=mode, **{"client_ca": authority().root, **tls})},
        timeouts={"message_ms": 250 * slowness()})


def get_in(server, version, cert=None, identity=None):
    name = next(iter(server.ports))
    with connect(server.port(name), version, cert=cert) as c:
        c.send(b"W0FAC0B1234")
        equal(c.recv_all(), b"A0FAC0B1234", "reply")
        port = c.sock.getsockname()[1]
    equal(server.wait_message(port=port)["identity"], identity, "identity")


def stay_out(server, version, cert, reason):
    """No reply, no message, and a line with the peer and the reason."""
    name = next(iter(server.ports))
    before = len(server.messages())
    got, address = knock(server.port(name), version, cert=cert)
    equal(got, b"", "reply")
    server.wait_log(rf"warning: {name}: {re.escape(address)}: {reason}")
    equal(len(server.messages()), before, "messages")


def bad_client(kind):
    """(certificate and key, what the log says)"""
    ca = authority()
    if kind == "none":
        return None, "the peer sent no certificate"
    if kind == "another CA's":
        if not wwep_test.read_file(ca.path("other.crt")):
            ca.issue("other", "/CN=Other Root", ca=True)
        return (ca.client("stranger", issuer="other"),
                "the peer's certificate is from an unknown CA")
    if kind == "another CA of the same name":
        if not wwep_test.read_file(ca.path("imitation.crt")):
            ca.issue("imitation", "/CN=Test Root", ca=True)
        return (ca.client("forged", "/CN=board", issuer="imitation"),
                "the peer's certificate is ")
    if kind == "expired":
        return (ca.client("expired", dates=PAST),
                "the peer's certificate has expired")
    if kind == "not yet valid":
        return (ca.client("early", dates=FUTURE),
                "the peer's certificate is not valid yet")
    if kind == "self-signed":
        return (ca.client("selfmade", issuer=None),
                "the peer's certificate is from an unknown CA")
    assert kind == "without its intermediate"
    return (ca.client("orphan", issuer="inter"),
            "the peer's certificate is from an unknown CA")


BAD = ("another CA's", "another CA of the same name", "expired",
       "not yet valid", "self-signed", "without its intermediate")


@each(*VERSIONS)
def test_required_lets_the_right_one_in(version):
    with serve("required") as server:
        get_in(server, version, authority().client("board 0FAC"), "board 0FAC")
        get_in(server, version, authority().client("board rsa", key="rsa"),
               "board rsa")
        get_in(server, version, authority().client(
            "board far", issuer="inter", above=["inter"]), "board far")


@each(*[(f"{kind}, {v}", kind, v) for kind in ("none", *BAD)
        for v in VERSIONS])
def test_required_keeps_out(case):
    _, kind, version = case
    cert, reason = bad_client(kind)
    with serve("required") as server:
        stay_out(server, version, cert, reason)
        get_in(server, version, authority().client("board"), "board")


@each(*VERSIONS)
def test_optional_lets_in(version):
    with serve("optional") as server:
        get_in(server, version)
        get_in(server, version, authority().client("board"), "board")
        get_in(server, version)


@each(*[(f"{kind}, {v}", kind, v) for kind in BAD for v in VERSIONS])
def test_optional_keeps_out(case):
    _, kind, version = case
    cert, reason = bad_client(kind)
    with serve("optional") as server:
        stay_out(server, version, cert, reason)


@each(*VERSIONS)
def test_none_does_not_look(version):
    with Server({"name": "none", "tls": authority().server()}) as server:
        get_in(server, version, bad_client("expired")[0], None)


@each(*VERSIONS)
def test_an_intermediate_may_be_the_client_ca(version):
    with serve("required", client_ca=authority().chain(
            "inter", "root")) as server:
        get_in(server, version, authority().client("near", issuer="inter"),
               "near")


@each(*VERSIONS)
def test_a_certificate_with_another_ones_key(version):
    """Python refuses to load such a pair, openssl's s_client as well: the
    name on a certificate is public, its key is not."""
    good, _ = authority().client("board")
    _, other_key = authority().client("stranger2")
    try:
        context(version, cert=(good, other_key))
    except ssl.SSLError:
        return
    raise AssertionError("a key that does not match was taken")


# --- names ------------------------------------------------------------------

def patched(name, placeholder, evil):
    """A certificate whose subject is not what any tool would write: the name
    is changed in the DER to be signed, and signed again by the root."""
    ca = authority()
    pem, key = ca.client(name, "/CN=" + placeholder)
    equal(len(placeholder), len(evil), "lengths")
    body = re.search(rb"-----BEGIN CERTIFICATE-----(.*?)-----END",
                     read_file(pem), re.S)[1]
    der = base64.b64decode(body)
    assert der.count(placeholder.encode()) == 1, "the name, once"
    der = der.replace(placeholder.encode(), evil)
    # Certificate ::= SEQUENCE {tbs SEQUENCE, algorithm, BIT STRING}
    head = 4
    assert der[:2] == b"\x30\x82" and der[4:6] == b"\x30\x82", "long forms"
    tbs = der[head:head + 4 + int.from_bytes(der[6:8], "big")]
    rest = der[head + len(tbs):]
    algorithm = rest[:2 + rest[1]]
    signed = wwep_test.run([ca.openssl, "dgst", "-sha256", "-sign",
                            ca.path("root.key")], tbs).stdout
    bits = b"\x03" + bytes([len(signed) + 1]) + b"\0" + signed
    inner = tbs + algorithm + bits
    der = b"\x30\x82" + len(inner).to_bytes(2, "big") + inner
    text = base64.encodebytes(der)
    return write_file(ca.path(name + ".pem"),
                      b"-----BEGIN CERTIFICATE-----\n" + text
                      + b"-----END CERTIFICATE-----\n"), key


EVIL = (("a line end", "board_0FAC", b"board\n0FAC"),
        ("an ESC", "board_ESC", b"board\x1b[2J"),
        ("a NUL", "teacher_evil", b"teacher\0evil"),
        ("a NUL at the end", "teacher__", b"teacher\0\0"),
        ("a DEL", "board_del1", b"board\x7fdel1"))


@each(*[(f"{e[0]}, {v}", i, v) for i, e in enumerate(EVIL) for v in VERSIONS])
def test_a_name_that_can_not_be_shown(case):
    _, index, version = case
    label, placeholder, evil = EVIL[index]
    cert = patched(f"evil{index}{version[-1]}", placeholder, evil)
    with serve("required") as server:
        stay_out(server, version, cert,
                 "the peer's certificate (has an unusable name|is not sound)")
        log = read_file(server.log_path)
        for byte in (b"\x1b", b"\0", b"\x7f", b"\n0FAC"):
            assert byte not in log, f"{label}: {byte!r} in the log"


@each(*VERSIONS)
def test_a_name_beyond_ascii(version):
    """Somebody's name: let in, and escaped where it is shown."""
    cert = patched(f"umlaut{version[-1]}", "board_high", b"J\xc3\xbcrgen B.")
    with serve("required") as server:
        get_in(server, version, cert, r"J\xC3\xBCrgen B.")


@each(*VERSIONS)
def test_a_name_that_is_too_long(version):
    """64 is X.520's limit, which openssl keeps; the SAN has none."""
    with serve("required") as server:
        name = "n" * 64
        get_in(server, version, authority().client("longest", "/CN=" + name),
               name)
        long = authority().client("longer", "/", san="URI:urn:wwep:"
                                  + 300 * "n")
        stay_out(server, version, long,
                 "the peer's certificate has an unusable name")


@each(*VERSIONS)
def test_a_name_that_looks_like_ours(version):
    """Printable, and so let in; but it forges no line and no field."""
    with serve("required") as server:
        name = 'a "quoted" \\\\ name, x'
        get_in(server, version, authority().client("odd", "/CN=" + name),
               'a "quoted" \\x5C name, x')


@each(*VERSIONS)
def test_the_name_from_the_san(version):
    ca = authority()
    with serve("required") as server:
        get_in(server, version, ca.client(
            "uri", "/", san="URI:urn:wwep:device:0FAC"),
            "urn:wwep:device:0FAC")
        get_in(server, version, ca.client("dns", "/",
                                          san="DNS:board.example"),
               "board.example")
        get_in(server, version, ca.client(
            "both", "/CN=board", san="URI:urn:wwep:device:0FAC"), "board")
        get_in(server, version, ca.client(
            "several", "/", san="URI:urn:wwep:device:0FAC,DNS:b.example"),
            "urn:wwep:device:0FAC")
        # Trusted, and nameless: in, without a name.
        get_in(server, version, ca.client("nameless", "/"), None)


if __name__ == "__main__":
    wwep_test.main()
