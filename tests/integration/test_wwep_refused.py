# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep and servers that it must refuse, or that refuse it: each with words of
its own and with exit code 4, and never with the request sent."""

import base64
import json
import re
import subprocess

import wwep_test
from wwep_certs import FUTURE, PAST, SERVER_NAMES, Authority, authority
from wwep_desk import OpenSSL, Peer, answer, relay_until, wait_accepting, wwep
from wwep_test import (Server, Skip, each, equal, free_port, read_file, run,
                       slowness, tool, write_file)

VERSIONS = ("1.2", "1.3")
WRITE = ("write", "0FAC", "05", "0001")


def ask(port, *words, ca=None, host="localhost"):
    return wwep("-H", f"{host}:{port}", "--ca", ca or authority().root, *words,
                *WRITE)


def made(name, issuer="inter", above=("inter",), **options):
    """(chain file, key file) of a server with good names."""
    options = {"san": SERVER_NAMES, **options}
    return authority().client(name, f"/CN={name}", issuer, above, **options)


def refused(port, words, *options, code=4, **more):
    done = ask(port, *options, **more).want(code, "", words)
    equal(len(done.errors()), 1, f"errors: {done.err!r}")
    return done


def der(path):
    text = read_file(path).split(b"-----")[2]
    return bytearray(base64.b64decode(text))


def pem(path, label, data):
    """label is put together here, so that no source has a key's first line."""
    lines = base64.encodebytes(bytes(data)).decode()
    return write_file(path, f"-----BEGIN {label}-----\n{lines}"
                            f"-----END {label}-----\n")


# --- certificates -----------------------------------------------------------

@each(*VERSIONS)
def test_unknown_ca(version):
    with OpenSSL(*made("good")) as server:
        other = authority().issue("nobody", "/CN=Nobody", ca=True)
        refused(server.port, r"comes from no authority in \S+nobody.crt, so "
                "this may not be the server: give the class's root ",
                "--tls-version", version, ca=other)


@each(*VERSIONS)
def test_a_ca_of_the_same_name(version):
    """Test Root of another class: only its key tells."""
    with OpenSSL(*made("good")) as server:
        # How far up the chain the library looks depends on its build.
        refused(server.port, "the signature on the certificate CN=Test Inter"
                "mediate, of the server's chain, is not that of CN=Test Root: "
                "it was forged or damaged, or there are two authorities of "
                "that name: give this class's own root certificate|"
                "certificate CN=good comes from no authority in ",
                "--tls-version", version, ca=Authority().root)


@each(*[(f"{part}, TLS {version}", part, version)
        for part in ("its end", "its name") for version in VERSIONS])
def test_one_flipped_bit(case):
    _, part, version = case
    certificate, key = made("good")
    data = der(authority().path("good.crt"))
    at = len(data) - 1 if part == "its end" else data.rindex(b"localhost") + 1
    data[at] ^= 1
    bad = pem(authority().path("flipped.pem"), "CERTIFICATE", data)
    write_file(bad, read_file(bad) + read_file(authority().path("inter.crt")))
    with OpenSSL(bad, key) as server:
        refused(server.port, "the signature on the server's certificate "
                "CN=good is not that of CN=Test Intermediate: it was forged ",
                "--tls-version", version, host="127.0.0.1")


@each(*VERSIONS)
def test_expired(version):
    with OpenSSL(*made("old", dates=PAST)) as server:
        refused(server.port, "the server's certificate CN=old was good until "
                r"2021-01-01, and today is \d{4}-\d\d-\d\d: renew it on the ",
                "--tls-version", version)


@each(*VERSIONS)
def test_not_yet_valid(version):
    with OpenSSL(*made("new", dates=FUTURE)) as server:
        refused(server.port, "the server's certificate CN=new is not good "
                r"before 2100-01-01, and today is .*: set this machine's ",
                "--tls-version", version)


@each(*VERSIONS)
def test_an_intermediate_that_has_expired(version):
    authority().issue("old-inter", "/CN=Old Intermediate", "root", ca=True,
                      dates=PAST)
    with OpenSSL(*made("below", "old-inter", ("old-inter",))) as server:
        refused(server.port, "CN=Old Intermediate, of the server's chain, was "
                "good until 2021-01-01", "--tls-version", version)


@each(*VERSIONS)
def test_wrong_name(version):
    with OpenSSL(*made("elsewhere", san="DNS:a.example,DNS:b.example")) as \
            server:
        refused(server.port, "the server's certificate is for a.example, "
                "b.example, not for localhost: connect with a name that it ",
                "--tls-version", version)


@each(*VERSIONS)
def test_no_intermediate(version):
    """The server does not send it, so nothing leads to the root."""
    with OpenSSL(*made("bare", above=())) as server:
        refused(server.port, "comes from no authority in .*see that the "
                "server sends its intermediate", "--tls-version", version)


@each(*VERSIONS)
def test_a_server_that_is_no_authority(version):
    """A leaf of this class's signs another."""
    made("leaf-issuer")
    with OpenSSL(*made("leaf-issued", "leaf-issuer",
                       ("leaf-issuer", "inter"))) as server:
        refused(server.port, "", "--tls-version", version)


@each(*[(f"{use}, TLS {version}", use, version) for use, version in (
    ("keyUsage = critical, keyAgreement", "1.3"),  # 1.2: openssl has no suite
    ("extendedKeyUsage = clientAuth", "1.2"),
    ("extendedKeyUsage = clientAuth", "1.3"))])
def test_a_certificate_for_another_use(case):
    _, use, version = case
    with OpenSSL(*made("other " + use[:8].strip(),
                       san=SERVER_NAMES + "\n" + use)) as server:
        refused(server.port, "the peer's certificate is for another use.*: "
                "make one with keyUsage digitalSignature, and "
                r"extendedKeyUsage clientAuth \(a client's\) or serverAuth ",
                "--tls-version", version)


@each(*VERSIONS)
def test_a_longer_chain_than_an_authority_allows(version):
    authority().issue("last", "/CN=Last", "root", ca=True, san="DNS:x\n"
                      "basicConstraints = critical, CA:TRUE, pathlen:0")
    authority().issue("one-more", "/CN=One More", "last", ca=True)
    with OpenSSL(*made("too far", "one-more", ("one-more", "last"))) as server:
        refused(server.port, "the peer's chain is longer than a CA in it "
                "allows.*: have it signed nearer to the root, ",
                "--tls-version", version)


@each(*VERSIONS)
def test_without_the_certificates_key(version):
    """Its own public point with a scalar that is not its own."""
    certificate, key = made("good")
    sec1 = authority().path("good.sec1")
    equal(run([tool("openssl"), "ec", "-in", key, "-out", sec1]).returncode, 0,
          "openssl ec")
    data = der(sec1)
    equal(bytes(data[2:7]), b"\x02\x01\x01\x04\x20", "a P-256 key")
    data[38] ^= 1
    doctored = pem(authority().path("doctored.key"), "EC PRIVATE KEY", data)
    with OpenSSL(certificate, doctored) as server:
        refused(server.port, "the server can not prove that it has the "
                "private key of its certificate: it may be an impostor: see ",
                "--tls-version", version)


# --- versions, roles, no TLS ------------------------------------------------

def test_what_is_older_than_tls_1_2():
    with OpenSSL(*made("good"), "-tls1_1", "-cipher",
                 "ALL:@SECLEVEL=0") as server:
        refused(server.port, "the server speaks neither TLS 1.2 nor TLS 1.3: "
                "let it speak")
        refused(server.port, "the server does not speak TLS 1.2: leave out "
                "--tls-version", "--tls-version", "1.2")


def test_what_is_older_than_tls_1_2_with_gnutls():
    certificate, key = made("good")
    port = free_port()
    server = subprocess.Popen(
        [tool("gnutls-serv"), "--echo", "--quiet", "--port", str(port),
         "--x509certfile", certificate, "--x509keyfile", key, "--priority",
         "NORMAL:-VERS-ALL:+VERS-TLS1.1"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_accepting(port, server)
        refused(port, "the server speaks neither TLS 1.2 nor TLS 1.3|shares "
                "no version or no cipher suite of TLS with us: let it speak")
    finally:
        server.kill()
        server.wait()


@each(("1.2", "-tls1_3"), ("1.3", "-tls1_2"))
def test_the_other_version_alone(case):
    ours, theirs = case
    with OpenSSL(*made("good"), theirs) as server:
        refused(server.port, f"the server does not speak TLS {ours}: leave "
                "out --tls-version", "--tls-version", ours)


@each(*[(f"{who}, TLS {version}", who, version)
        for who in ("wwepd", "openssl") for version in VERSIONS])
def test_a_certificate_that_we_lack(case):
    _, who, version = case
    a = authority()
    words = ("the server demands a certificate of us: give ours with --cert |"
             "it had asked for a certificate of ours: give it with --cert ")
    if who == "openssl":
        with OpenSSL(*made("good"), "-Verify", "1", "-CAfile", a.root) as s:
            refused(s.port, words, "--tls-version", version)
        return
    with Server({"name": "secure", "tls": a.server(
            client_auth="required", client_ca=a.root)}) as server:
        refused(server.port("secure"), words, "--tls-version", version)


@each(*VERSIONS)
def test_a_certificate_of_a_stranger(version):
    a = authority()
    a.issue("stranger-ca", "/CN=Stranger CA", ca=True)
    certificate, key = a.client("stranger", issuer="stranger-ca")
    with Server({"name": "secure", "tls": a.server(
            client_auth="required", client_ca=a.root)}) as server:
        refused(server.port("secure"), r"TLS with .* failed: the peer does not "
                r"trust our certificate \(alert unknown_ca\): ",
                "--tls-version", version, "--cert", certificate, "--key", key)


def test_a_plain_server():
    with Server({"name": "plain"}) as server:
        refused(server.port("plain"), "speaks no TLS: use --plain for a server "
                "in the clear, or give the TLS port with -H")


@each(b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n",
      b"\x00" * 64)
def test_no_tls_at_all(reply):
    with Peer(answer(reply)) as peer:
        refused(peer.port, "speaks no TLS", host="127.0.0.1")


def test_json():
    with OpenSSL(*made("old", dates=PAST)) as server:
        done = ask(server.port, "--json").want(4)
        got = json.loads(done.out)
        equal((got["result"], got["exit"], got["value"]), ("tls", 4, None), "")
        equal(got["fault"]["text"], "the peer's certificate has expired",
              "fault")
        assert "2021-01-01" in got["error"]["text"], got


def test_the_story_says_where_it_broke():
    with OpenSSL(*made("old", dates=PAST)) as server:
        done = ask(server.port, "-v").want(4)
        assert re.search(r"WRONG +the peer's certificate has expired",
                         done.err), done.err
        assert "TLS: failed: " in done.err, done.err
        assert "Request:" not in done.err, done.err
        assert "the request: it was never sent" in done.err, done.err


# --- a server that stops ----------------------------------------------------

def handshake_bytes(port, version):
    """How many bytes the server sends in a whole exchange."""
    relay = relay_until(port, 1 << 30, True)
    with Peer(relay) as peer:
        ask(peer.port, "--tls-version", version).want(0)
    return relay.passed


@each(*[(f"{how}, TLS {version}", how, version)
        for how in ("cut", "silent") for version in VERSIONS])
def test_a_server_that_stops(case):
    """At each of its first bytes, and then at samples of the rest: whatever
    it does, wwep ends in time, with words, and takes nothing for a reply."""
    _, how, version = case
    with Server({"name": "secure", "tls": authority().server()}) as server:
        port = server.port("secure")
        total = handshake_bytes(port, version)
        # The last record of TLS 1.3 is a close_notify, of 24 bytes; of TLS
        # 1.2, 31. The reply is before it.
        end = total - 40
        step = max(1, end // (40 if how == "cut" else 8))
        limits = sorted({0, 1, 4, 5, 6, 9, *range(10, end, step)})
        for limit in limits:
            with Peer(relay_until(port, limit, how == "cut")) as peer:
                timeout = 10 if how == "cut" else 0.3 * slowness()
                done = ask(peer.port, "--tls-version", version, "--timeout",
                           str(timeout))
                where = f"after {limit} of {total} bytes: {done.err!r}"
                equal(done.out, "", where)
                equal(len(done.errors()), 1, where)
                wanted = (3, 4) if how == "cut" else (5,)
                assert done.code in wanted, (done.code, where)
        if limits[-1] < 10:
            raise Skip("there was no handshake")


if __name__ == "__main__":
    wwep_test.main()
