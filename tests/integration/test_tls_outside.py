# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS as a stranger sees it who looks for holes: by testssl.sh, by sslscan, and
by bytes that no library sends any more.

The whole of testssl.sh takes minutes, and is run with WWEP_LONG.
"""

import json
import os
import re
import struct
import subprocess
import xml.etree.ElementTree

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, exchange
from wwep_test import Server, Skip, each, equal, run, scratch_dir, tool

LONG = "WWEP_LONG" in os.environ
wwep_test.FILE_TIMEOUT_S = 1800 if LONG else 300
KEYS = ("ec", "rsa")
# What is offered: RFC 5289 and 7905, and TLS 1.3's three.
SUITES_1_2 = {"ec": {0xC02B, 0xC02C, 0xCCA9}, "rsa": {0xC02F, 0xC030, 0xCCA8}}
ALERT, HANDSHAKE, HEARTBEAT = 21, 22, 24
REQUEST, REPLY = b"W0FAC0B1234", b"A0FAC0B1234"

# Findings of testssl.sh that are none of the server's: its own openssl, or a
# certificate that is made for a test.
NOT_OURS = re.compile(
    "^(engine_problem|scanTime|old_fart|overall_grade|cert_revocation|OCSP_URL"
    "|cert_crlDistributionPoints|cert_ocspURL|cert_validityPeriod"
    "|cert_extlifeSpan|DNS_CAArecord|certificate_transparency|OCSP_stapling"
    "|cert_trust|cert_chain_of_trust|cert_expirationStatus)")


def serve():
    ca = authority()
    return Server({"name": "ec", "tls": ca.server("ec")},
                  {"name": "rsa", "tls": ca.server("rsa", key="rsa")},
                  workers=1)


def still_serves(server, name="ec"):
    for version in ("TLS 1.2", "TLS 1.3"):
        equal(exchange(server.port(name), version, REQUEST), REPLY, version)


# --- others' tools ----------------------------------------------------------

def findings(port, *options):
    """What testssl.sh finds."""
    path = os.path.join(scratch_dir("testssl"), "found.json")
    done = run([tool("testssl"), "--warnings", "off", "--color", "0",
                "--quiet", "--nodns", "none", "--ip", "127.0.0.1", "--add-ca",
                authority().root, "--jsonfile", path, *options,
                f"localhost:{port}"], timeout=900)
    text = wwep_test.read_file(path).decode()
    try:
        return json.loads(text)
    except ValueError:
        raise AssertionError(f"testssl.sh: {done.returncode}: "
                             f"{done.stdout[-500:]!r}") from None


@each(*KEYS)
def test_testssl(key):
    """None above "low"."""
    options = () if LONG else ("-p", "-s")
    if not LONG and key == "rsa":
        raise Skip("with WWEP_LONG")
    with serve() as server:
        found = findings(server.port(key), *options)
        ids = {f["id"] for f in found}
        wanted = {"SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3"}
        if LONG:
            wanted |= {"heartbleed", "CCS", "ROBOT", "secure_client_renego",
                       "CRIME_TLS", "fallback_SCSV", "LUCKY13", "RC4"}
        assert wanted <= ids, f"it has not looked at {wanted - ids}"
        bad = [f'{f["severity"]}: {f["id"]}: {f["finding"]}' for f in found
               if f["severity"] not in ("OK", "INFO", "LOW", "DEBUG")
               and not NOT_OURS.match(f["id"])]
        low = [f["id"] for f in found if f["severity"] == "LOW"
               and not NOT_OURS.match(f["id"])]
        print(f"# {len(found)} findings, low: {low}")
        equal(bad, [], "findings above low")
        still_serves(server)


@each(*KEYS)
def test_sslscan(key):
    """It offers 344 suites in one hello, which wolfSSL refuses (it takes 150):
    so of TLS 1.2 it sees nothing; its ciphers are for testssl.sh and for
    test_suites(). Nor are its groups to be trusted: it takes a retry that
    names no group for a yes."""
    path = os.path.join(scratch_dir("sslscan"), "found.xml")
    with serve() as server:
        run([tool("sslscan"), "--no-colour", f"--xml={path}",
             f"localhost:{server.port(key)}"], timeout=60)
        found = xml.etree.ElementTree.parse(path).getroot()
        on = {f'{p.get("type")}{p.get("version")}'
              for p in found.iter("protocol") if p.get("enabled") == "1"}
        assert "tls1.3" in on and on <= {"tls1.2", "tls1.3"}, on
        ciphers = {c.get("cipher"): c.get("strength")
                   for c in found.iter("cipher")}
        assert len(ciphers) >= 3, ciphers
        assert set(ciphers.values()) <= {"strong", "acceptable"}, ciphers
        equal([h.get("vulnerable") for h in found.iter("heartbleed")
               if h.get("vulnerable") != "0"], [], "Heartbleed")
        for tag in ("compression", "renegotiation"):
            equal([t.get("supported") for t in found.iter(tag)
                   if t.get("supported") == "1" and t.get("secure") != "1"],
                  [], tag)
        still_serves(server)


# --- by hand ----------------------------------------------------------------

def extension(number, body):
    return struct.pack("!HH", number, len(body)) + body


def listed(*numbers):
    body = b"".join(struct.pack("!H", n) for n in numbers)
    return struct.pack("!H", len(body)) + body


EXTENSIONS = (extension(10, listed(23, 24, 29)) + extension(11, b"\1\0")
              + extension(13, listed(0x0403, 0x0804, 0x0401, 0x0501)))


def hello(suites, version=0x0303, compression=b"\0", extensions=EXTENSIONS):
    """A client's, in a record."""
    body = (struct.pack("!H", version) + os.urandom(32) + b"\0"
            + listed(*suites) + bytes([len(compression)]) + compression)
    if version > 0x0300:
        body += struct.pack("!H", len(extensions)) + extensions
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return record(HANDSHAKE, message, min(version, 0x0301))


def record(kind, body, version=0x0303):
    return struct.pack("!BHH", kind, version, len(body)) + body


class Peer(Plain):
    """Says, and hears, records."""

    def __init__(self, port):
        super().__init__(port, timeout=10)
        self.rest = b""

    def say(self, data):
        self.send(data)
        return self

    def hear(self):
        """The next record, (type, body), or (None, b"") at the end."""
        while len(self.rest) < 5 or \
                len(self.rest) < 5 + int.from_bytes(self.rest[3:5], "big"):
            try:
                part = self.sock.recv(65536)
            except ConnectionError:
                part = b""
            if not part:
                return None, b""
            self.rest += part
        size = 5 + int.from_bytes(self.rest[3:5], "big")
        whole, self.rest = self.rest[:size], self.rest[size:]
        return whole[0], whole[5:]

    def server_hello(self):
        """(suite, compression, random) or the alert's number, or None."""
        kind, body = self.hear()
        if kind == HANDSHAKE and body[0] == 2:
            at = 39 + body[38]
            return (int.from_bytes(body[at:at + 2], "big"), body[at + 2],
                    body[6:38])
        return body[1] if kind == ALERT else None

    def flight(self):
        """Its messages up to ServerHelloDone, in TLS 1.2."""
        messages = b""
        while True:
            kind, body = self.hear()
            equal(kind, HANDSHAKE, "a record")
            messages += body
            at = 0
            while at + 4 <= len(messages):
                if messages[at] == 14:
                    return messages
                at += 4 + int.from_bytes(messages[at + 1:at + 4], "big")


def answer(server, name, data):
    with Peer(server.port(name)) as peer:
        return peer.say(data).server_hello()


@each(*KEYS)
def test_suites(key):
    """All that have a number, in TLS 1.2: NULL, anonymous, export, RC4, 3DES,
    CBC, static RSA and DH, CCM, PSK and the rest are off."""
    wanted = [high << 8 | low for high in (0x00, 0xC0, 0xC1, 0xCC, 0xFE, 0xFF)
              for low in range(256)]
    wanted = [s for s in wanted if s not in (0x00FF, 0x5600)]
    with serve() as server:
        taken = set()
        for at in range(0, len(wanted), 100):
            rest = wanted[at:at + 100]
            while rest:
                got = answer(server, key, hello(rest))
                if not isinstance(got, tuple):
                    break
                taken.add(got[0])
                rest.remove(got[0])
        equal(taken, SUITES_1_2[key], "suites")
        still_serves(server, key)


@each(("SSL 3", 0x0300), ("TLS 1.0", 0x0301), ("TLS 1.1", 0x0302))
def test_old_versions(case):
    _, version = case
    everything = list(range(1, 100)) + list(range(0xC001, 0xC030))
    with serve() as server:
        for name in KEYS:
            got = answer(server, name, hello(everything[-140:], version))
            assert got in (70, 40, None), got
        server.wait_log("no TLS version in common")
        still_serves(server)


def test_ssl_2():
    with serve() as server:
        body = b"\1\0\2" + struct.pack("!HHH", 6, 0, 16) \
            + bytes.fromhex("010080020080") + os.urandom(16)
        equal(answer(server, "ec", struct.pack("!H", 0x8000 | len(body))
                     + body), None, "an answer")
        still_serves(server)


def test_a_downgrade_shows():
    """RFC 8446, 4.1.3: who speaks TLS 1.3 sees that somebody has made it
    TLS 1.2."""
    with serve() as server:
        suite, compression, random = answer(server, "ec", hello([0xC02B]))
        equal((suite, compression, random[24:]), (0xC02B, 0, b"DOWNGRD\1"),
              "the hello")


def test_fallback_scsv():
    """RFC 7507: who has fallen back is told, or at least is not fooled: see
    test_a_downgrade_shows()."""
    with serve() as server:
        got = answer(server, "ec", hello([0xC02B, 0x5600]))
        assert got == 86 or got[2][24:] == b"DOWNGRD\1", got
        print(f"# inappropriate_fallback: {got == 86}")


def test_no_compression():
    with serve() as server:
        equal(answer(server, "ec", hello([0xC02B], compression=b"\1\0"))[1],
              0, "compression")
        got = answer(server, "ec", hello([0xC02B], compression=b"\1"))
        assert not isinstance(got, tuple), "compressed alone was taken"


def test_no_heartbeat():
    with serve() as server, Peer(server.port("ec")) as peer:
        peer.say(hello([0xC02B], extensions=EXTENSIONS
                       + extension(15, b"\1")))
        messages = peer.flight()
        assert extension(15, b"\1") not in messages[:120], "it was offered"
        peer.say(record(HEARTBEAT, b"\1\x40\0"))
        kind, _ = peer.hear()
        assert kind in (ALERT, None), f"record {kind}"
        still_serves(server)


def test_no_change_cipher_before_its_time():
    """CVE-2014-0224."""
    with serve() as server, Peer(server.port("ec")) as peer:
        peer.say(hello([0xC02B])).flight()
        peer.say(record(20, b"\1"))
        peer.say(record(HANDSHAKE, os.urandom(40)))
        kind, body = peer.hear()
        assert kind is None or (kind == ALERT and body[0] == 2), (kind, body)
        equal(peer.hear()[0], None, "the end")
        still_serves(server)


def test_no_renegotiation():
    """openssl's command R asks for one."""
    with serve() as server:
        client = subprocess.Popen(
            [tool("openssl"), "s_client", "-tls1_2", "-CAfile",
             authority().root, "-connect",
             f"localhost:{server.port('ec')}"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            head = b""
            while b"Verify return code" not in head:
                part = client.stdout.readline()
                assert part, head
                head += part
            client.stdin.write(b"R\n")
            client.stdin.flush()
            out = client.communicate(timeout=20)[0]
        finally:
            client.kill()
        assert b"RENEGOTIATING" in out, out
        equal(out.count(b"depth="), 0, "a second handshake")
        assert REPLY not in out
        server.wait_log("warning: ec: .*renegotiat|info: ec: .*s_client")
        still_serves(server)


def test_no_early_data():
    """No ticket permits any."""
    with serve() as server:
        saved = os.path.join(scratch_dir(), "session.pem")
        done = run([tool("openssl"), "s_client", "-quiet", "-tls1_3",
                    "-sess_out", saved, "-connect",
                    f"localhost:{server.port('ec')}"], REQUEST)
        equal(done.stdout, REPLY, "reply")
        shown = run([tool("openssl"), "sess_id", "-noout", "-text", "-in",
                     saved]).stdout.decode()
        equal(re.findall(r"Max Early Data: (\d+)", shown), ["0"], shown)
        early = wwep_test.write_file(saved + ".early", REQUEST)
        done = run([tool("openssl"), "s_client", "-tls1_3", "-sess_in", saved,
                    "-early_data", early, "-connect",
                    f"localhost:{server.port('ec')}"], b"Q\n")
        assert b"Early data was accepted" not in done.stdout, done.stdout


@each("X448", "P-521:X448", "ffdhe2048", "brainpoolP256r1")
def test_groups(groups):
    """Of those that are not ours no handshake comes about."""
    with serve() as server:
        done = run([tool("openssl"), "s_client", "-quiet", "-groups", groups,
                    "-connect", f"localhost:{server.port('ec')}"], REQUEST)
        equal(done.stdout, REPLY if "P-521" in groups else b"", "reply")
        still_serves(server)


if __name__ == "__main__":
    wwep_test.main()
