# SPDX-License-Identifier: GPL-2.0-or-later
"""Client certificates that are for something else, or hang on a chain that must
not hold: signed by our CA, and refused all the same."""

import re

import wwep_test
from wwep_certs import authority
from wwep_client import connect, fresh_address, knock
from wwep_test import Server, each, equal, slowness

VERSIONS = ("TLS 1.2", "TLS 1.3")
REQUEST, REPLY = b"W0FAC0B1234", b"A0FAC0B1234"
LINKS = 12  # of a chain; wolfSSL takes nine


def with_extension(name, *extensions, **options):
    """A client's, with these extensions instead of its own."""
    return authority().client(
        name, san="DNS:x\n" + "\n".join(extensions), **options)


def authority_with(name, issuer, *extensions):
    """A CA with them."""
    authority().issue(name, f"/CN={name}", issuer, ca=True,
                      san="DNS:x\n" + "\n".join(extensions))


def long_chain():
    ca, above = authority(), []
    for i in range(LINKS):
        ca.issue(f"link{i}", f"/CN=Link {i}", above[0] if above else "root",
                 ca=True)
        above.insert(0, f"link{i}")
    return ca.client("far", issuer=above[0], above=above)


def beyond_path_length():
    authority_with("short", "root",
                   "basicConstraints = critical, CA:TRUE, pathlen:0")
    authority_with("below", "short")
    return authority().client("deep", issuer="below", above=["below", "short"])


def by_a_leaf():
    """A client lets in others."""
    authority().client("pupil")
    return authority().client("friend", issuer="pupil", above=["pupil"])


def by_a_ca_that_may_not_sign():
    authority_with("mute", "root", "keyUsage = critical, cRLSign")
    return authority().client("muted", issuer="mute", above=["mute"])


def with_our_ca_name():
    return authority().client("sham", "/CN=Test Root", issuer=None)


def with_our_ca_name_as_a_ca():
    """Self-signed, and it says that it may sign."""
    authority().issue("shamca", "/CN=Test Root", ca=True)
    return authority().chain("shamca"), authority().path("shamca.key")


def with_our_ca_behind_it():
    """Its own signature, and our root sent along."""
    return authority().client("sham2", "/CN=board", issuer=None,
                              above=["root"])


BAD = (
    ("key usage: to encipher", lambda: with_extension(
        "encipher", "keyUsage = critical, keyEncipherment")),
    ("key usage: to sign certificates", lambda: with_extension(
        "certsign", "keyUsage = critical, keyCertSign, cRLSign")),
    ("for servers alone", lambda: with_extension(
        "foreserver", "extendedKeyUsage = serverAuth")),
    ("for mail alone", lambda: with_extension(
        "formail", "extendedKeyUsage = critical, emailProtection")),
    ("too long a chain", long_chain),
    ("beyond its CA's path length", beyond_path_length),
    ("signed by another client", by_a_leaf),
    ("signed by a CA that may not", by_a_ca_that_may_not_sign),
    ("self-signed, with our CA's name", with_our_ca_name),
    ("a CA with our CA's name", with_our_ca_name_as_a_ca),
    ("self-signed, and our CA behind it", with_our_ca_behind_it))


def serve(mode):
    return Server({"name": mode, "tls": authority().server(
        client_auth=mode, client_ca=authority().root)},
        timeouts={"message_ms": 250 * slowness()})


def stay_out(server, mode, version, cert):
    before = len(server.messages())
    got, address = knock(server.port(mode), version, cert=cert,
                         source=fresh_address())
    equal(got, b"", f"reply, {mode}, {version}")
    said = server.wait_log(
        rf"warning: {mode}: {re.escape(address)}: (.*)")[1]
    equal(len(server.messages()), before, "messages")
    return said


@each(*BAD)
def test_is_refused(case):
    label, make = case
    cert = make()
    said = set()
    for mode in ("required", "optional"):
        with serve(mode) as server:
            for version in VERSIONS:
                said.add(stay_out(server, mode, version, cert))
            with connect(server.port(mode), "TLS 1.3",
                         cert=authority().client("board")) as c:
                c.send(REQUEST)
                equal(c.recv_all(), REPLY, "one of ours")
    print(f"# {label}: " + wwep_test.printable("; ".join(sorted(said))))


@each(("any use", "extendedKeyUsage = anyExtendedKeyUsage"),
      ("several", "extendedKeyUsage = emailProtection, clientAuth"),
      ("to sign and to agree",
       "keyUsage = critical, digitalSignature, keyAgreement"))
def test_is_let_in(case):
    label, extension = case
    cert = with_extension("good " + label.replace(" ", ""), extension)
    with serve("required") as server:
        for version in VERSIONS:
            with connect(server.port("required"), version, cert=cert) as c:
                c.send(REQUEST)
                equal(c.recv_all(), REPLY, version)


if __name__ == "__main__":
    wwep_test.main()
