# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep over TLS: with all servers that a class may have, and the story of it.
"""

import json
import re
import ssl
import subprocess

import wwep_test
from wwep_certs import SERVER_NAMES, authority
from wwep_desk import (OpenSSL, Peer, environment, speak_wwep, wait_accepting,
                       wwep)
from wwep_test import Server, each, equal, free_port, slowness, tool, until

VERSIONS = ("1.2", "1.3")
CHAINS = [(key, depth) for key in ("ec", "rsa") for depth in (0, 1)]


def chain(key, depth):
    """(chain file, key file) of a server, its root below --ca; depth: of
    intermediates."""
    a = authority()
    name = f"chain-{key}-{depth}"
    above = ["inter"] if depth else []
    return a.client(name, f"/CN={name}", (above or ["root"])[0], above,
                    key=key, san=SERVER_NAMES)


def serve(key="ec", **listener):
    return Server({"name": "secure",
                   "tls": authority().server("server-" + key, key),
                   **listener})


def ask(port, *words, host="localhost"):
    return wwep("-H", f"{host}:{port}", "--ca", authority().root, *words)


# --- servers ----------------------------------------------------------------

@each(*[(f"{key}, {depth} intermediate, TLS {version}", key, depth, version)
        for key, depth in CHAINS for version in VERSIONS])
def test_wwepd(case):
    _, key, depth, version = case
    certificate, private = chain(key, depth)
    with Server({"name": "secure", "tls": {
            "certificate": certificate, "private_key": private}}) as server:
        done = ask(server.port("secure"), "--tls-version", version, "--json",
                   "write", "0FAC", "05", "0001").want(0, err="^$")
        security = json.loads(done.out)["security"]
        equal((security["tls"], security["verified"], security["version"],
               security["resumed"], security["dates_checked"]),
              (True, True, "TLS " + version, False, True), "security")
        ask(server.port("secure"), "--tls-version", version, "read", "0FAC",
            "05").want(0, "0001\n", "^$")


@each(*[(f"{key}, {depth} intermediate, TLS {version}", key, depth, version)
        for key, depth in CHAINS for version in VERSIONS])
def test_openssl(case):
    """s_server shows the request, and sends what it is told to."""
    _, key, depth, version = case
    with OpenSSL(*chain(key, depth)) as server:
        server.say(b"A0FAC050001")
        ask(server.port, "--tls-version", version, "write", "0FAC", "05",
            "0001").want(0, "0001\n", "^$")
        equal(server.heard(11), b"W0FAC050001", "request")


@each(*[(f"{key}, {depth} intermediate, TLS {version}", key, depth, version)
        for key, depth in CHAINS for version in VERSIONS])
def test_gnutls(case):
    """It echoes the request: a good handshake, and no reply of WWEP's."""
    _, key, depth, version = case
    certificate, private = chain(key, depth)
    port = free_port()
    server = subprocess.Popen(
        [tool("gnutls-serv"), "--echo", "--quiet", "--port", str(port),
         "--x509certfile", certificate, "--x509keyfile", private,
         "--disable-client-cert"], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_accepting(port, server)
        # It takes what ends with a line end for a whole message.
        done = ask(port, "--tls-version", version, "-v", "--timeout",
                   str(1.5 * slowness()),
                   "read", "0FAC", "05")
        assert f"version    TLS {version}" in done.err, done.err
        assert "server     verified" in done.err, done.err
        assert done.code in (3, 5), done.err
    finally:
        server.kill()
        server.wait()


@each(*[(f"{key}, {depth} intermediate, TLS {version}", key, depth, version)
        for key, depth in CHAINS for version in VERSIONS])
def test_python(case):
    _, key, depth, version = case
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*chain(key, depth))

    def secure(sock):
        with context.wrap_socket(sock, server_side=True) as s:
            peer.seen.append(speak_wwep(s))
            s.unwrap()
    with Peer(secure) as peer:
        ask(peer.port, "--tls-version", version, "write", "0FAC", "05",
            "BEEF").want(0, "BEEF\n", "^$")
        until(lambda: peer.seen == [b"W0FAC05BEEF"], "the request")


# --- options ----------------------------------------------------------------

def test_what_means_tls():
    with serve() as server:
        port = server.port("secure")
        a = authority()
        h = ["-H", f"localhost:{port}"]
        read = ["write", "0FAC", "05", "0001"]
        wwep(*h, "--ca", a.root, *read).want(0)
        wwep(*h, "--tls", *read).want(0)
        wwep(*h, "--insecure", *read).want(0)
        wwep(*h, "--tls-version", "1.2", *read).want(0)
        wwep(*h, *read, env=environment(WWEP_CA=a.root)).want(0)
        wwep(*h, *read, env=environment(f"ca = {a.root}\n")).want(0)
        wwep(*h, *read, env=environment(WWEP_TLS="yes")).want(0)
        # The higher place decides, and there what is said by name.
        wwep(*h, "--tls", *read, env=environment("tls = no\n")).want(0)
        wwep(*h, "--ca", a.root, *read, env=environment("tls = no\n")).want(0)
        for words, env in (([], environment()),
                           (["--plain", "--ca", a.root], environment()),
                           (["--plain"], environment(f"ca = {a.root}\n")),
                           ([], environment(f"ca = {a.root}\ntls = no\n"))):
            wwep(*h, *words, *read, env=env).want(3)


def test_paths_of_the_file():
    """Relative to its folder, and to the home folder."""
    with serve() as server:
        env = environment("ca = ca.pem\n")
        folder = env["HOME"] + "/.config/wwep/"
        text = wwep_test.read_file(authority().root)
        wwep_test.write_file(folder + "ca.pem", text)
        words = ("-H", f"localhost:{server.port('secure')}", "--json",
                 "write", "0FAC", "05", "0001")
        assert json.loads(wwep(*words, env=env, cwd="/").want(0).out)[
            "security"]["verified"], "relative"
        wwep_test.write_file(folder + "config", "ca = ~/.config/wwep/ca.pem")
        assert json.loads(wwep(*words, env=env, cwd="/").want(0).out)[
            "security"]["verified"], "home"


def test_without_a_ca():
    with serve() as server:
        done = wwep("--tls", "--json", "-H",
                    f"localhost:{server.port('secure')}", "write", "0FAC",
                    "05", "0001").want(0, err="(?i)warning: unverified")
        assert "give the class's root certificate with --ca" in done.err
        security = json.loads(done.out)["security"]
        equal((security["tls"], security["verified"]), (True, False), "")


def test_insecure():
    with serve() as server:
        other = authority().issue("nobody", "/CN=Nobody", ca=True)
        done = wwep("--insecure", "--ca", other, "--json", "-H",
                    f"localhost:{server.port('secure')}", "write", "0FAC",
                    "05", "0001").want(
                        0, err="warning: --insecure: the server's certificate "
                        "is not checked: whoever is on the way can play the ")
        equal(json.loads(done.out)["security"]["verified"], False, "verified")


def test_name():
    with serve() as server:
        port = server.port("secure")
        ask(port, "write", "0FAC", "05", "0001", host="127.0.0.1").want(0)
        ask(port, "--name", "localhost", "read", "0FAC", "05",
            host="127.0.0.1").want(0)
        ask(port, "--name", "other.example", "read", "0FAC", "05").want(
            4, "", "the server's certificate is for .*localhost.*, not for "
            "other.example: connect with a name that it lists")


@each(*VERSIONS)
def test_our_certificate(version):
    a = authority()
    certificate, key = a.client("board", "/CN=board 0FAC")
    with Server({"name": "secure", "tls": a.server(
            client_auth="required", client_ca=a.root)}) as server:
        done = ask(server.port("secure"), "--tls-version", version, "--cert",
                   certificate, "--key", key, "--json", "write", "0FAC", "05",
                   "0001").want(0, err="^$")
        assert json.loads(done.out)["security"]["client_certificate"], done.out
        server.wait_message(identity="board 0FAC")


def test_certificates_and_keys_that_are_none():
    a = authority()
    certificate, key = a.client("board", "/CN=board 0FAC")
    _, other = a.client("other", "/CN=other")
    text = wwep_test.write_file(a.path("text"), "no certificate\n")
    with serve() as server:
        for words, file, what in (
                (["--ca", text], text, "a root certificate of ours can not"),
                (["--cert", certificate, "--key", other], other,
                 "our private key does not belong to our certificate"),
                (["--cert", text, "--key", key], text,
                 "our own certificate can not be used"),
                (["--cert", certificate, "--key", text], text,
                 "our private key can not be used")):
            wwep("-H", f"localhost:{server.port('secure')}", *words, "read",
                 "0FAC", "05").want(2, "", f"wwep: {file}: {what}")


def test_read_of_all_resumes():
    with serve() as server:
        ask(server.port("secure"), "write", "0FAC", "7F", "BEEF").want(0)
        ask(server.port("secure"), "read", "0FAC").want(
            0, "7F BEEF\n", "1 of 256 registers")
        server.wait_message(request="R0FACFF")
        resumed = sum(m["resumed"] for m in server.messages())
        assert resumed > 200, resumed


def test_read_of_all_on_one_connection():
    with serve(keep_open=True) as server:
        ask(server.port("secure"), "write", "0FAC", "7F", "BEEF").want(0)
        ask(server.port("secure"), "read", "0FAC").want(
            0, "7F BEEF\n", "1 of 256 registers")
        server.wait_message(request="R0FACFF")
        equal(len({m["conn"] for m in server.messages()}), 2, "connections")


# --- the story --------------------------------------------------------------

@each(*VERSIONS)
def test_the_story(version):
    with serve() as server:
        done = ask(server.port("secure"), "-v", "--tls-version", version,
                   "write", "0FAC", "05", "0001").want(0, "0001\n")
        for pattern in (r"TLS: we send \d+ bytes: ClientHello",
                        r"TLS: the server sends \d+ bytes: .*ServerHello",
                        r"- authority +CN=Test Intermediate",
                        r"- server +CN=server-ec", r"names +localhost",
                        r"key +EC P-256", r"valid +2020-01-01 to 2099-12-31",
                        r"version +TLS " + re.escape(version),
                        r"encryption +\S+", r"keys from +\w+",
                        r"handshake +full", r"server +verified: ",
                        r"Request: W0FAC050001", r"Reply: +A0FAC050001",
                        r"An eavesdropper on the way has seen:",
                        r"name +localhost, in our ClientHello \(SNI\)",
                        r"sizes +handshake: \d+ bytes out, \d+ in",
                        r"exchange: \d+ bytes out, \d+ in"):
            assert re.search(pattern, done.err), (pattern, done.err)
        view = done.err[done.err.index("An eavesdropper"):]
        equal("CN=server-ec" in view, version == "1.2", "certificates")
        assert "W0FAC" not in view, view
        assert max(map(len, done.err.splitlines())) <= 80, "too wide"


def test_the_story_of_the_unverified():
    with serve() as server:
        done = wwep("--tls", "-v", "-H", f"localhost:{server.port('secure')}",
                    "write", "0FAC", "05", "0001").want(0)
        for text in ("NOT verified (no --ca)",
                     "there is no --ca to check it with",
                     "nobody has checked who answered"):
            assert text in done.err, done.err


if __name__ == "__main__":
    wwep_test.main()
