# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line, the configuration's errors, and the logs' targets."""

import datetime
import json
import os
import re
import socket
import stat

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import exchange
from wwep_test import (WWEPD, Server, Skip, each, equal, read_file, run,
                       scratch_dir, write_file)

PLAIN = "listeners: [{name: plain, address: 127.0.0.1, port: 0}]\n"


def wwepd(*args, code, **options):
    done = run([WWEPD, *args], **options)
    text = done.stderr.decode()
    equal(done.returncode, code, f"exit code of {args}\n{text}")
    assert not wwep_test.SANITIZER.search(text), text
    return done.stdout.decode(), text


def config_file(text, name="wwepd.yaml", folder=None):
    return write_file(os.path.join(folder or scratch_dir(), name), text)


def secure(tls, listener="secure"):
    """A configuration of one TLS listener."""
    return json.dumps({"listeners": [{"name": listener, "port": 0,
                                      "address": "127.0.0.1", "tls": tls}]})


# --- the command line -------------------------------------------------------

@each("-h", "--help")
def test_help(option):
    out, err = wwepd(option, code=0)
    for word in ("usage: wwepd", "-c FILE", "-t", "--start-fresh", "-V", "-h",
                 "wwepd.yaml"):
        assert word in out, out
    equal(err, "", "standard error")


@each("-V", "--version")
def test_version(option):
    out, err = wwepd(option, code=0)
    assert re.fullmatch(r"wwepd \d+\.\d+\S* \(libuv [\d.]+, wolfSSL "
                        r"[\d.]+, SQLite [\d.]+\)\n", out), out
    equal(err, "", "standard error")


@each("-x", "--versions", "-c")
def test_bad_option(option):
    out, err = wwepd(option, code=2)
    equal(out, "", "standard output")
    assert "usage: wwepd" in err, err


def test_an_argument_too_many():
    out, err = wwepd("-t", "-c", config_file(PLAIN), "more", code=2)
    equal(out, "", "standard output")
    assert "more: no argument is expected" in err, err


def test_no_configuration():
    """The built-in one, said out loud. Its port may be in use here, which
    says as much."""
    _, help_text = wwepd("-h", code=0)[::-1]
    installed = re.search(r"instead of (\S+)", help_text)[1]
    if os.path.exists(installed):
        raise Skip(f"{installed} exists")
    out, err = wwepd("-t", code=0)
    assert re.search(r"warning: no configuration .*the plain port alone", err)
    assert "the configuration is good" in out, out


# --- -t ---------------------------------------------------------------------

def test_check_tells_of_the_certificates():
    ca = authority()
    path = config_file(secure(ca.server(client_auth="required",
                                        client_ca=ca.root)))
    out, err = wwepd("-t", "-c", path, code=0)
    equal(out, f"{path}: the configuration is good\n", "standard output")
    for words in ("/CN=server, for localhost, 127.0.0.1, ::1; P-256, signed "
                  "with ECDSA-SHA256 by /CN=Test Intermediate; valid until "
                  "2099-12-31", "/CN=Test Intermediate", "/CN=Test Root"):
        assert words in err, err
    assert "warning" not in err, err


def test_check_changes_nothing():
    """No port, no file, no line in the log's file."""
    folder = scratch_dir()
    log = write_file(os.path.join(folder, "log"), "as it was\n")
    with socket.socket() as s:  # taken: -t must not care
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        path = config_file(
            f"listeners: [{{name: p, address: 127.0.0.1, port: {port}}}]\n"
            "log: {target: log}\nmessages: {target: messages}\n",
            folder=folder)
        wwepd("-t", "-c", path, code=0)
    equal(sorted(os.listdir(folder)), ["log", "wwepd.yaml"], "files")
    equal(read_file(log), b"as it was\n", "log")


def test_check_of_targets_that_can_not_be():
    """-t opens none of them, so it does not judge them."""
    wwepd("-t", "-c", config_file(PLAIN + "log: {target: no/such/log}\n"),
          code=0)


# --- errors: where, what, and what to do ------------------------------------

BAD = (  # (label, text, line:column, words)
    ("unknown key", PLAIN + "worker: 2\n", "2:1", "did you mean workers?"),
    ("unknown key of a listener",
     "listeners:\n  - name: plain\n    prot: 0\n", "3:5",
     "did you mean port?"),
    ("repeated key", "workers: 1\n" + PLAIN + "workers: 2\n", "3:1",
     "workers is repeated"),
    ("not a number", PLAIN + "workers: many\n", "2:10", "workers"),
    ("too large", "listeners: [{name: p, port: 65536}]\n", "1:29",
     "listeners[p].port"),
    ("negative", "listeners: [{name: p, port: -1}]\n", "1:29",
     "listeners[p].port"),
    ("too small", PLAIN + "timeouts: {message_ms: 0}\n", "2:24",
     "timeouts.message_ms"),
    ("neither yes nor no",
     "listeners: [{name: p, port: 0, keep_open: maybe}]\n", "1:43",
     "listeners[p].keep_open"),
    ("a word that is none of the three", PLAIN + "messages: {format: xml}\n",
     "2:20", "messages.format"),
    ("log level", PLAIN + "log: {level: loud}\n", "2:14", "log.level"),
    ("no listeners", "workers: 1\n", "1:1", "listeners"),
    ("an empty list", "listeners: []\n", "1:12", "listeners has no entry"),
    ("no port", "listeners: [{name: p}]\n", "1:13", "port"),
    ("no private key",
     "listeners:\n  - name: s\n    port: 0\n    tls: {certificate: c.pem}\n",
     "4:10", "private_key"),
    ("client_auth without client_ca",
     "listeners:\n  - name: s\n    port: 0\n    tls:\n"
     "      certificate: c.pem\n      private_key: k.pem\n"
     "      client_auth: required\n", "7:20",
     "listeners[s].tls.client_auth is required, but there is no client_ca"),
    ("min_version", secure({"certificate": "c", "private_key": "k",
                            "min_version": "1.1"}), "1:", "min_version"),
    ("two of one name",
     "listeners: [{name: p, port: 0}, {name: p, port: 0}]\n", "1:40",
     "listeners[p].name"),
    ("two of one port",
     "listeners: [{name: p, port: 7}, {name: q, port: 7}]\n", "1:49",
     "listeners[q].port"),
    ("unclosed", "listeners: [{name: p, port: 0}\n", "1:12",
     "not closed"),
    ("unterminated text", 'listeners: [{name: "p, port: 0}]\n', "", ""),
    ("a tab", "listeners:\n\t- name: p\n", "2:1", ""),
    ("empty", "", "", ""),
    ("a list", "- 1\n", "1:1", "key: value"),
)


@each(*BAD)
def test_bad_configuration(case):
    label, text, where, words = case
    for check in ([], ["-t"]):
        path = config_file(text)
        out, err = wwepd(*check, "-c", path, code=78)
        equal(out, "", "standard output")
        pattern = (re.escape(f"wwepd: {path}:{where}") if where.endswith(":")
                   else rf"wwepd: {re.escape(path)}:{where or '[0-9:]*'}:? ")
        assert re.match(pattern, err), f"{label}: {err!r}"
        assert words in err, err
        equal(err.count("\n"), 1, f"lines of {err!r}")


def test_missing_file():
    path = os.path.join(scratch_dir(), "nothing.yaml")
    _, err = wwepd("-c", path, code=78)
    assert err.startswith(f"wwepd: {path}: ") and "nothing.yaml" in err, err


def test_a_folder_for_a_file():
    path = scratch_dir()
    _, err = wwepd("-c", path, code=78)
    assert err.startswith(f"wwepd: {path}: "), err


def bad_tls(ca, folder):
    """(label, tls:, key, words)"""
    good = ca.server()
    cert, key = good["certificate"], good["private_key"]
    _, other = ca.client("somebody")
    garbage = write_file(os.path.join(folder, "garbage.pem"), "garbage\n")
    der = os.path.join(folder, "cert.der")
    wwep_test.run([ca.openssl, "x509", "-in", cert, "-outform", "DER", "-out",
                   der])
    locked = os.path.join(folder, "locked.key")
    wwep_test.run([ca.openssl, "pkey", "-in", key, "-aes128", "-passout",
                   "pass:x", "-out", locked])
    damaged = write_file(os.path.join(folder, "damaged.pem"),
                         read_file(cert).replace(b"MII", b"MMM", 1))
    wrong_order = write_file(os.path.join(folder, "order.pem"),
                             read_file(ca.path("server.crt"))
                             + read_file(ca.root)
                             + read_file(ca.path("inter.crt")))
    mutual = {"client_auth": "required"}
    return (
        ("no certificate file", {**good, "certificate": "none.pem"},
         "certificate", "none.pem does not exist"),
        ("no key file", {**good, "private_key": "none.key"}, "private_key",
         "none.key does not exist"),
        ("no CA file", {**good, **mutual, "client_ca": "none.pem"},
         "client_ca", "none.pem does not exist"),
        ("a certificate that is none", {**good, "certificate": garbage},
         "certificate", "no certificate in PEM"),
        ("DER", {**good, "certificate": der}, "certificate",
         "openssl x509 -inform DER"),
        ("damaged", {**good, "certificate": damaged}, "certificate",
         "damaged"),
        ("in the wrong order", {**good, "certificate": wrong_order},
         "certificate", "is not the issuer of the one before it"),
        ("a key that is none", {**good, "private_key": garbage},
         "private_key", "no private key in PEM"),
        ("another one's key", {**good, "private_key": other}, "private_key",
         "does not belong to the certificate"),
        ("an encrypted key", {**good, "private_key": locked}, "private_key",
         f"openssl pkey -in {locked} -out FILE"),
        ("a CA that is none", {**good, **mutual, "client_ca": garbage},
         "client_ca", "no certificate in PEM"),
        ("a folder", {**good, "certificate": folder}, "certificate",
         "can not be read"),
    )


@each(*range(12))
def test_bad_certificates_and_keys(index):
    folder = scratch_dir()
    label, tls, key, words = bad_tls(authority(), folder)[index]
    path = config_file(secure(tls), folder=folder)
    for check in ([], ["-t"]):
        _, err = wwepd(*check, "-c", path, code=78)
        assert f"{path}: listeners[secure].tls.{key}: " in err, \
            f"{label}: {err}"
        assert words in err, f"{label}: {err}"


def test_warnings():
    """What is unsafe is served all the same, and warned of."""
    ca = authority()
    ca.issue("selfmade", "/CN=selfmade", digest="sha1")
    ca.chain("selfmade")
    ca.server("old")
    ca.issue("old", "/CN=old", "inter", dates=PAST)
    ca.chain("old", "inter")
    ca.server("soon")
    soon = datetime.datetime.utcnow() + datetime.timedelta(days=5, hours=1)
    ca.issue("soon", "/CN=soon", "inter",
             dates=("20200101000000Z", soon.strftime("%Y%m%d%H%M%SZ")))
    ca.chain("soon", "inter")
    os.chmod(ca.path("soon.key"), 0o644)

    def warnings(name):
        path = config_file(secure({"certificate": ca.path(name + ".pem"),
                                   "private_key": ca.path(name + ".key")}))
        return re.findall("(?:warning|error): (.*)",
                          wwepd("-t", "-c", path, code=0)[1])
    text = "\n".join(warnings("selfmade"))
    assert "signed itself" in text and "SHA-1" in text, text
    text = "\n".join(warnings("old"))
    assert 'listeners[secure].tls.certificate: "/CN=old" ended on 2021-01-01' \
        in text and "make a new one" in text, text
    text = "\n".join(warnings("soon"))
    assert '"/CN=soon" ends on ' in text and ", in 5 days: " in text, text
    assert f"chmod 600 {ca.path('soon.key')}" in text, text


def test_port_in_use():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        path = config_file(f"listeners: [{{name: p, address: 127.0.0.1, "
                           f"port: {port}}}]\n")
        _, err = wwepd("-c", path, code=78)
    assert f"{path}: listeners[p].port: port {port} is in use" in err, err


def test_an_address_that_is_not_ours():
    path = config_file("listeners: [{name: p, address: 203.0.113.7, "
                       "port: 0}]\n")
    _, err = wwepd("-c", path, code=78)
    assert f"{path}: listeners[p].address: " in err and "203.0.113.7" in err, \
        err


@each("log", "messages")
def test_a_target_that_can_not_be_written(key):
    folder = scratch_dir()
    path = config_file(PLAIN + f"{key}: {{target: no/such/file}}\n",
                       folder=folder)
    _, err = wwepd("-c", path, code=78)
    assert f"{path}: {key}.target: {folder}/no/such/file: No such file" \
        in err, err


# --- paths, logs ------------------------------------------------------------

def test_paths_are_relative_to_the_file():
    ca = authority()
    ca.server()
    folder = scratch_dir()
    for name in ("server.pem", "server.key"):
        write_file(os.path.join(folder, name), read_file(ca.path(name)))
    text = json.dumps({
        "listeners": [{"name": "secure", "port": 0, "address": "127.0.0.1",
                       "tls": {"certificate": "server.pem",
                               "private_key": "server.key"}}],
        "log": {"target": "the.log"},
        "messages": {"target": "the.messages", "format": "json"}})
    server = Server(config=text, start=False)
    for name in ("server.pem", "server.key"):
        os.rename(os.path.join(folder, name), os.path.join(server.dir, name))
    server.log_path = os.path.join(server.dir, "the.log")
    server.config_path = "../" + os.path.basename(server.dir) + "/wwepd.yaml"
    server.start(cwd=folder)
    with server:
        equal(exchange(server.port("secure"), "TLS 1.3", b"W0FAC0B1234"),
              b"A0FAC0B1234", "reply")
        wwep_test.until(lambda: read_file(server.dir + "/the.messages"),
                        "a line in the message log")
    equal(os.listdir(folder), [], "files where it was started")
    # Nobody else has to read what a class does.
    for name in ("the.log", "the.messages"):
        mode = os.stat(os.path.join(server.dir, name)).st_mode
        assert not mode & stat.S_IRWXO, f"{name}: {mode:o}"


def test_a_log_is_appended_to():
    for _ in range(2):
        server = Server({"name": "plain"}, start=False,
                        log={"target": "the.log"})
        server.log_path = os.path.join(server.dir, "the.log")
        write_file(server.log_path, "before\n")
        server.start()
        server.stop()
        assert server.log().startswith("before\n"), server.log()
        for line in server.log().splitlines()[1:]:
            assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z "
                            "(info|warning): ", line), line


def test_log_level():
    path = config_file(PLAIN.replace("0}", "0, tls: {certificate: c, "
                                     "private_key: k}}")
                       + "log: {level: error}\n")
    _, err = wwepd("-t", "-c", path, code=78)
    assert " error: " in err and " info: " not in err, err
    for level, shown in (("debug", True), ("info", True)):
        with Server({"name": "plain"}, log={"level": level}) as server:
            equal(" info: " in server.log(), shown, level)


def test_log_level_error_is_quiet():
    ca = authority()
    server = Server({"name": "secure", "port": wwep_test.free_port(),
                     "tls": ca.server()}, start=False,
                    log={"level": "error"})
    port = json.loads(read_file(server.config_path))["listeners"][0]["port"]
    server.wait_log = lambda *_: None  # there is nothing to wait for
    server.start()

    def reply():
        try:
            return exchange(port, "TLS 1.3", b"W0FAC0B1234")
        except OSError:
            return None
    equal(wwep_test.until(reply, "it serves"), b"A0FAC0B1234", "reply")
    server.stop()
    equal(server.log(), "", "the log")


@each("*", "127.0.0.1", "::1", "0.0.0.0", "::")
def test_address(address):
    with Server({"name": "p", "address": address}) as server:
        for host in ("127.0.0.1", "::1"):
            wanted = address == "*" or (":" in address) == (":" in host)
            try:
                with socket.create_connection((host, server.port("p")),
                                              20) as s:
                    s.sendall(b"W0FAC0B1234")
                    equal(s.recv(100), b"A0FAC0B1234", "reply")
                    assert wanted, f"{host} got in"
                    port = s.getsockname()[1]
                equal(server.wait_message(port=port)["address"], host,
                      "address in the message log")
            except ConnectionRefusedError:
                assert not wanted, f"{host} did not get in"


if __name__ == "__main__":
    wwep_test.main()
