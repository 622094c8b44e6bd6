# SPDX-License-Identifier: GPL-2.0-or-later
"""The clients that a class has: nc, openssl, gnutls-cli, Python."""

import re
import socket
import ssl
import struct
import subprocess
import time

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, context, exchange
from wwep_test import Server, Skip, each, equal, run, slowness, tool

VERSIONS = {"TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}
GNUTLS = {"TLS 1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2",
          "TLS 1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3"}


def serve(key="ec", **listener):
    return Server({"name": "plain"},
                  {"name": "secure",
                   "tls": authority().server("server-" + key, key),
                   **listener},
                  timeouts={"message_ms": 250 * slowness()})


def s_client(server, *options, data=b"R0FAC0B", quiet=True, timeout=30):
    argv = [tool("openssl"), "s_client", "-connect",
            f"127.0.0.1:{server.port('secure')}", "-CAfile", authority().root,
            "-verify_return_error", "-verify_hostname", "localhost",
            "-servername", "localhost", *options]
    return run(argv + (["-quiet"] if quiet else []), data, timeout)


@each("W0FAC0B1234", "W0FAC0B1234\n", "W0FAC0B1234\r\n")
def test_nc(request):
    # Not every nc is one that ends when the server closes; ours shall.
    with serve() as server:
        done = run([tool("nc"), "127.0.0.1", str(server.port("plain"))],
                   request.encode())
        equal(done.stdout, b"A0FAC0B1234", "reply")
        equal(done.returncode, 0, "exit code")


def test_nc_and_the_end_of_its_input():
    nc = tool("nc")
    if b"-N" not in run([nc, "-h"]).stderr:
        raise Skip("this nc has no -N")
    with serve() as server:
        argv = [nc, "-N", "127.0.0.1", str(server.port("plain"))]
        equal(run(argv, b"W0FAC0B1234").stdout, b"A0FAC0B1234", "reply")
        equal(run(argv, b"W01234").stdout, b"X", "short")
        equal(run(argv, b"").stdout, b"", "nothing")


@each(*VERSIONS)
def test_openssl(version):
    with serve() as server:
        for request in (b"W0FAC0BCAFE", b"R0FAC0B\n", b"R0FAC0B"):
            done = s_client(server, VERSIONS[version], data=request)
            equal(done.stdout, b"A0FAC0BCAFE", f"reply; {done.stderr!r}")
            equal(done.returncode, 0, "exit code")
        equal(server.wait_message(request="R0FAC0B")["tls"], version, "tls")


@each(*VERSIONS)
def test_openssl_trusts_nobody_without_our_root(version):
    with serve() as server:
        other = authority().issue("nobody", "/CN=Nobody", ca=True)
        done = s_client(server, VERSIONS[version], "-CAfile", other)
        equal(done.stdout, b"", "reply")
        assert done.returncode != 0, "it trusts us"
        server.wait_log(r"warning: secure: 127\.0\.0\.1:\d+: the peer does not "
                        r"trust our certificate \(alert unknown_ca\): load ")


def test_openssl_checks_the_name():
    with serve() as server:
        done = s_client(server, "-verify_hostname", "elsewhere.example")
        equal(done.stdout, b"", "reply")
        for name in ("127.0.0.1", "::1"):
            done = run([tool("openssl"), "s_client", "-quiet", "-CAfile",
                        authority().root, "-verify_return_error", "-verify_ip",
                        name, "-connect",
                        f"127.0.0.1:{server.port('secure')}"], b"W0FAC0B0001")
            equal(done.stdout, b"A0FAC0B0001", f"as {name}: {done.stderr!r}")


@each(*VERSIONS)
def test_openssl_without_quiet_and_a_line_with_R(version):
    """s_client eats it; the log says so in these words."""
    with serve() as server:
        argv = [tool("openssl"), "s_client", VERSIONS[version], "-connect",
                f"127.0.0.1:{server.port('secure')}"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as p:
            try:
                p.stdin.write(b"R0FAC0B\n")
                p.stdin.flush()
                time.sleep(1)  # the line is a command only if it stands alone
                p.stdin.close()
                p.stdout.read()
                p.wait(20)
            finally:
                p.kill()
        line = server.wait_log(r"^.* secure: 127\.0\.0\.1:\d+: .*-quiet.*$")[0]
        assert "begins with R" in line, line
        if version == "TLS 1.2":
            assert "renegotiation" in line, line
        else:
            assert "sent no request" in line, line
        equal(server.messages(), [], "messages")


@each(*GNUTLS)
def test_gnutls(version):
    with serve() as server:
        argv = [tool("gnutls-cli"), "--x509cafile", authority().root,
                "--priority", GNUTLS[version], "--logfile", "/dev/null",
                "-p", str(server.port("secure")), "localhost"]
        with subprocess.Popen(argv, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as p:
            try:
                p.stdin.write(b"W0FAC0B5678\n")
                p.stdin.flush()
                out = p.stdout.read()
                p.wait(20)
            finally:
                p.kill()
        assert b"A0FAC0B5678" in out, out
        equal(server.wait_message(request="W0FAC0B5678")["tls"], version,
              "tls")


@each(*VERSIONS)
def test_python_ssl(version):
    """As a program does it: wrap_socket, sendall, recv, unwrap."""
    with serve() as server:
        c = context(version, ca=authority().root)
        with socket.create_connection(
                ("127.0.0.1", server.port("secure")), 20) as sock, \
                c.wrap_socket(sock, server_hostname="localhost") as s:
            s.sendall(b"W0FAC0B1234")
            equal(s.recv(100), b"A0FAC0B1234", "reply")
            equal(s.recv(100), b"", "end")
            equal(s.version(), version.replace(" ", "v"), "version")
        message = server.wait_message(request="W0FAC0B1234")
        equal(message["tls"], version, "tls")
        assert "AES128-GCM" in message["cipher"].replace("_", ""). \
            replace("AES-128", "AES128"), message["cipher"]


@each(*VERSIONS)
def test_the_chain_sent_is_all_but_the_root(version):
    with serve() as server:
        done = s_client(server, VERSIONS[version], "-showcerts", data=b"",
                        quiet=False)
        out = done.stdout.decode()
        # "Certificate chain" with "s:" a certificate; openssl prints the
        # leaf once more as "Server certificate" without its PEM.
        equal(re.findall(r"^ *\d+ s:CN ?= ?(.*)$", out, re.M),
              ["server-ec", "Test Intermediate"], "subjects")
        equal(out.count("BEGIN CERTIFICATE"), 2, "certificates")


def test_no_hello_retry_request():
    """openssl's client as it is by default: one flight each way."""
    with serve() as server:
        done = s_client(server, "-msg", data=b"Q\n", quiet=False)
        hellos = re.findall(r"^<<< .*ServerHello", done.stdout.decode(), re.M)
        equal(len(hellos), 1, f"ServerHellos in {done.stdout!r}")
        sent = re.findall(r"^>>> .*ClientHello", done.stdout.decode(), re.M)
        equal(len(sent), 1, "ClientHellos")
        assert b"TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256" in done.stdout or \
            b"TLSv1.3" in done.stdout, done.stdout


@each(*[(f"{v} {n}", v, n) for v in VERSIONS for n in (512, 1024, 2048, 4096)])
def test_max_fragment_length(case):
    _, version, size = case
    with serve() as server:
        done = s_client(server, VERSIONS[version], "-maxfraglen", str(size),
                        data=b"W0FAC0B1234")
        equal(done.stdout, b"A0FAC0B1234", f"reply; {done.stderr!r}")


@each(("ec", "ECDHE-ECDSA-AES128-GCM-SHA256"),
      ("rsa", "ECDHE-RSA-AES128-GCM-SHA256"))
def test_a_board_of_the_course(case):
    """TLS 1.2, one suite, P-256, and a fragment of 4 KiB."""
    key, cipher = case
    with serve(key) as server:
        done = s_client(server, "-tls1_2", "-cipher", cipher, "-curves",
                        "P-256", "-maxfraglen", "4096", data=b"W0FAC050001")
        equal(done.stdout, b"A0FAC050001", f"reply; {done.stderr!r}")
        message = server.wait_message(request="W0FAC050001")
        assert "AES" in message["cipher"] and "128" in message["cipher"]


@each(*VERSIONS)
def test_an_rsa_certificate(version):
    with serve("rsa") as server:
        done = s_client(server, VERSIONS[version], data=b"W0FAC0B1234")
        equal(done.stdout, b"A0FAC0B1234", f"reply; {done.stderr!r}")
        server.wait_log("server-rsa.*RSA-2048")


@each("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305")
def test_another_cipher(cipher):
    with serve() as server:
        equal(exchange(server.port("secure"), "TLS 1.2", b"W0FAC0B1234",
                       ciphers=cipher), b"A0FAC0B1234", "reply")


@each("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256",
      "ECDHE-RSA-AES128-GCM-SHA256")
def test_no_suite_in_common(cipher):
    """CBC, SHA-1, or RSA where there is no RSA certificate."""
    with serve() as server:
        done = s_client(server, "-tls1_2", "-cipher", cipher)
        equal(done.stdout, b"", "reply")
        server.wait_log(r"warning: secure: 127\.0\.0\.1:\d+: no cipher suite "
                        "in common")


@each("0301", "0302")
def test_an_old_version_is_refused(version):
    """TLS 1.0 and 1.1: today's openssl needs persuasion to offer them, so
    this ClientHello is made by hand."""
    suites = bytes.fromhex("c009c013c00ac014002f0035")
    extensions = bytes.fromhex("000a00040002" "0017" "000b00020100")
    body = (bytes.fromhex(version) + bytes(32) + b"\0"
            + struct.pack(">H", len(suites)) + suites + b"\1\0"
            + struct.pack(">H", len(extensions)) + extensions)
    hello = b"\1" + struct.pack(">I", len(body))[1:] + body
    record = b"\x16\x03\x01" + struct.pack(">H", len(hello)) + hello
    with serve() as server:
        with Plain(server.port("secure")) as c:
            c.send_raw(record)
            answer = c.recv_all()
            # An alert, fatal, protocol_version (70).
            equal(answer[:1], b"\x15", f"record type of {answer!r}")
            equal(answer[-2:], b"\x02\x46", "alert")
        server.wait_log(r"warning: secure: 127\.0\.0\.1:\d+: no TLS version in "
                        "common")


def test_openssl_with_tls_1_1_is_refused():
    with serve() as server:
        done = s_client(server, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        equal(done.stdout, b"", "reply")
        server.wait_log(r"warning: secure: 127\.0\.0\.1:\d+: no TLS version in "
                        "common")


def test_min_version_1_3():
    tls = authority().server("server-ec", min_version="1.3")
    with Server({"name": "secure", "tls": tls}) as server:
        equal(exchange(server.port("secure"), "TLS 1.3", b"W0FAC0B1234"),
              b"A0FAC0B1234", "1.3")
        try:
            exchange(server.port("secure"), "TLS 1.2", b"R0FAC0B")
            raise AssertionError("TLS 1.2 got in")
        except ssl.SSLError:
            pass
        server.wait_log("secure: .*no TLS version in common")


@each("W0FAC0B1234", "R0FAC0B")
def test_plain_wwep_to_the_tls_port(request):
    with serve() as server:
        with Plain(server.port("secure")) as c:
            c.send(request.encode())
            try:
                c.recv_all()
            except ConnectionResetError:
                pass
            address = re.escape(c.address())
        server.wait_log(rf"warning: secure: {address}: the peer speaks plain "
                        r"WWEP to the TLS port: use the plain port")
        equal(server.messages(), [], "messages")


def test_something_else_to_the_tls_port():
    with serve() as server:
        with Plain(server.port("secure")) as c:
            c.send(b"GET / HTTP/1.1\r\n\r\n")
            c.recv_all()
            address = re.escape(c.address())
        server.wait_log(rf"warning: secure: {address}: the peer speaks no TLS")


def test_tls_to_the_plain_port():
    with serve() as server:
        done = run([tool("openssl"), "s_client", "-quiet", "-connect",
                    f"127.0.0.1:{server.port('plain')}"], b"R0FAC0B")
        assert done.returncode != 0, "openssl thinks that it went well"
        server.wait_log(r"warning: plain: 127\.0\.0\.1:\d+: .*speaks TLS to "
                        "the plain port: use the TLS port")


if __name__ == "__main__":
    wwep_test.main()
