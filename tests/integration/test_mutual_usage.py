# SPDX-License-Identifier: GPL-2.0-or-later
"""Client certificates that are for something else, or hang on a chain that must
not hold: signed by our CA, and refused all the same."""

import re

import wwep_test
from wwep_certs import FUTURE, PAST, authority
from wwep_client import Tls, connect, fresh_address, knock
from wwep_test import WWEPD, Server, each, equal, slowness

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


def below(ca, **options):
    """Signed by a CA below our root that is made so."""
    authority().issue(ca, f"/CN={ca}", "root", ca=True, **options)
    return authority().client(f"of {ca}", issuer=ca, above=[ca])


def below_two():
    """The one above has expired: that is what is wrong, not the other."""
    ca = authority()
    ca.issue("ended", "/CN=ended", "root", ca=True, dates=PAST)
    ca.issue("lasts", "/CN=lasts", "ended", ca=True)
    return ca.client("belowtwo", issuer="lasts", above=["lasts", "ended"])


def by_another_of_the_name():
    """A class's CA that was made a second time."""
    authority().issue("again", "/CN=Test Root", ca=True)
    return authority().client("ofagain", issuer="again")


def beyond_a_name():
    authority_with("narrow", "root",
                   "nameConstraints = critical, permitted;DNS:class.example")
    return authority().client("elsewhere", issuer="narrow", above=["narrow"],
                              san="DNS:board.example")


NOT_SOUND = "the peer's certificate is not sound"
USAGE = ("the peer's certificate is for another use( .code -38[36].)?: make "
         "one with keyUsage digitalSignature, and extendedKeyUsage clientAuth "
         r"\(a client's\) or serverAuth \(a server's\) ")
TO_SIGN = USAGE + r"\(its key usage is without digitalSignature\)"
FOR_CLIENTS = USAGE + r"\(its extended key usage is without clientAuth\)"
TOO_LONG = (r"the peer's chain has too many certificates \(code -368\): send "
            "its own and those between it and the root, nine in all at most")
PATH_LENGTH = (r"the peer's chain is longer than a CA in it allows \(code "
               r"-238\): have it signed nearer to the root, or make that CA "
               "with a greater pathlen")
NOT_A_CA = ("the peer's chain has a certificate in it that may not sign "
            r"others \(code -188\): make it with basicConstraints CA:TRUE "
            "and keyUsage keyCertSign")
OTHER_CA = (r"the peer's certificate is not signed by the CA that it names "
            r"\(code -(155|188)\): another CA of the same name made it")
UNKNOWN = ("the peer's certificate is from an unknown CA "
           r"\(code -(188|275)\): use ")
ITSELF = UNKNOWN + r".* \(it is signed by itself\)"
ABOVE = r".* \(it is one above its own, that it sent along\)"
EXPIRED = r"the peer's certificate has expired \(code -151\): renew it"
EARLY = r"the peer's certificate is not valid yet \(code -150\): set the"
NAME = (r"a CA of the peer's may not sign that name \(code -198\): use a name "
        "that the CA's nameConstraints allow, or another CA")
CRITICAL = (NOT_SOUND + r" \(code -160\): make a new one \(it has a critical "
            r"extension that is not known here\)")

TOO_LARGE = (r"the peer breaks the rules of TLS \(code -404\): .* \(what it "
             "sends in one message is too large, as are the longest "
             r"certificates\)")

BAD = (
    ("key usage: to encipher", lambda: with_extension(
        "encipher", "keyUsage = critical, keyEncipherment"), TO_SIGN),
    ("key usage: to sign certificates", lambda: with_extension(
        "certsign", "keyUsage = critical, keyCertSign, cRLSign"), TO_SIGN),
    ("for servers alone", lambda: with_extension(
        "foreserver", "extendedKeyUsage = serverAuth"), FOR_CLIENTS),
    ("for mail alone", lambda: with_extension(
        "formail", "extendedKeyUsage = critical, emailProtection"),
     FOR_CLIENTS),
    ("too long a chain", long_chain, TOO_LONG),
    ("beyond its CA's path length", beyond_path_length, PATH_LENGTH),
    ("signed by another client", by_a_leaf, NOT_A_CA),
    ("signed by a CA that may not", by_a_ca_that_may_not_sign, NOT_A_CA),
    ("self-signed", lambda: authority().client("itself", issuer=None), ITSELF),
    ("self-signed, with our CA's name", with_our_ca_name, OTHER_CA),
    ("a CA with our CA's name", with_our_ca_name_as_a_ca,
     f"({OTHER_CA}|{TO_SIGN})"),
    ("signed by a CA with our CA's name", by_another_of_the_name, OTHER_CA),
    ("self-signed, and our CA behind it", with_our_ca_behind_it, ITSELF),
    ("by an intermediate that has expired", lambda: below("late", dates=PAST),
     EXPIRED + ABOVE),
    ("far below one that has expired", below_two, EXPIRED + ABOVE),
    ("by an intermediate of tomorrow", lambda: below("early", dates=FUTURE),
     EARLY + ABOVE),
    ("a name that its CA may not sign", beyond_a_name, NAME),
    ("too large", lambda: with_extension(
        "huge", "1.2.3.4.5 = ASN1:UTF8String:" + 60000 * "x"), TOO_LARGE),
    ("a critical extension", lambda: with_extension(
        "critical", "1.2.3.4.5 = critical, ASN1:NULL"), CRITICAL))


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
    label, make, words = case
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
    for line in said:
        assert re.fullmatch(words + r".* \(in the handshake\)", line), line
    print(f"# {label}: " + wwep_test.printable("; ".join(sorted(said))))


@each(("expired", {"dates": PAST}, EXPIRED),
      ("self-signed", {"issuer": None}, ITSELF))
def test_what_openssl_sends_twice(case):
    """-cert_chain with the file that -cert has: it is the client's own."""
    label, options, words = case
    cert = authority().client("twice " + label, **options)
    with serve("required") as server:
        for version in ("-tls1_2", "-tls1_3"):
            address = fresh_address()
            wwep_test.run(
                [wwep_test.tool("openssl"), "s_client", "-quiet", version,
                 "-bind", address, "-cert", cert[0], "-cert_chain", cert[0],
                 "-key", cert[1], "-connect",
                 f"127.0.0.1:{server.port('required')}"], REQUEST)
            said = server.wait_log(
                rf"warning: required: {re.escape(address)}:\d+: (.*)")[1]
            assert re.match(words, said), said
            assert not re.match(ABOVE, said), said


def test_a_key_that_is_too_large():
    """A client's is refused as such; an authority's before it has clients."""
    ca = authority()
    cert = ca.client("large", key="large")
    with serve("required") as server:
        for version in VERSIONS:
            said = stay_out(server, "required", version, cert)
            assert re.match(r"the peer's certificate is not sound .*\(its key "
                            r"is none that is taken here: .* RSA up to 4096 "
                            r"bits are\)", said), said
    root = ca.path("large root.crt")
    done = wwep_test.run([ca.openssl, "req", "-x509", "-key", cert[1],
                          "-subj", "/CN=Large Root", "-out", root])
    equal(done.returncode, 0, done.stderr)
    server = Server({"tls": ca.server(client_auth="required",
                                      client_ca=root)}, start=False)
    done = wwep_test.run([WWEPD, "-t", "-c", server.config_path])
    equal(done.returncode, 78, done.stderr)
    assert re.search(rb"tls.client_ca: .*: certificate 1 \(/CN=Large Root\) "
                     rb"has a key \(RSA-4352\) that verifies nothing here",
                     done.stderr), done.stderr


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
