# SPDX-License-Identifier: GPL-2.0-or-later
"""Revoked certificates, revocation lists, and what ends while wwepd runs.

As a class has it: the root alone is the client_ca, clients send their
certificate and the intermediate, and crl.pem has a list of each of the two.
The clients are openssl's.
"""

import datetime
import os
import re
import socket
import time

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import fresh_address
from wwep_crl import LONG_S, board, crl, good_lists, lists
from wwep_test import (WWEPD, Server, each, equal, read_file, run,
                       scratch_dir, slowness, write_file)

VERSIONS = ("TLS 1.2", "TLS 1.3")
REVOKED = ("the peer's certificate is revoked (code -361): make a new one, "
           "with a new key (it is that of /CN=")
ENDED = "the certificate revocation list has ended"
SHORT_S = (4, 16, 64)  # as long as a slow machine needs


# --- what there is ----------------------------------------------------------

def without_intermediate(name):
    ca = authority()
    return (write_file(ca.path(name + ".alone.pem"),
                       read_file(ca.path(name + ".crt"))),
            ca.path(name + ".key"))


def listener(path, mode="required", name="mutual", **tls):
    keys = {"client_auth": mode, "client_ca": authority().root, **tls}
    if path is not None:
        keys["crl"] = path
    return {"name": name, "tls": authority().server(**keys)}


def serve(*listeners):
    return Server(*listeners, timeouts={"message_ms": 250 * slowness()})


# --- clients ----------------------------------------------------------------

def ask(server, version, client, options=(), name="mutual"):
    """(reply, the number of the alert that came instead or None)"""
    cert = [] if client is None else ["-cert", client[0], "-cert_chain",
                                      client[0], "-key", client[1]]
    done = run([authority().openssl, "s_client", "-quiet",
                "-verify_return_error", "-CAfile", authority().root,
                "-tls1_2" if version == "TLS 1.2" else "-tls1_3", *cert,
                *options, "-bind", f"{fresh_address()}:0", "-connect",
                f"127.0.0.1:{server.port(name)}"],
               b"W0FAC0B1234")
    alert = re.search(rb"SSL alert number (\d+)", done.stderr)
    return done.stdout, int(alert[1]) if alert else None


def get_in(server, version, client, **options):
    equal(ask(server, version, client, **options), (b"A0FAC0B1234", None),
          f"reply and alert over {version}")


def stay_out(server, version, client, reason, alerts=None, **options):
    before = len(re.findall(re.escape(reason), server.log()))
    reply, alert = ask(server, version, client, **options)
    equal(reply, b"", "reply")
    if alerts is not None:
        assert alert in alerts, f"alert {alert}, and not of {alerts}"
    wwep_test.until(
        lambda: len(re.findall(re.escape(reason), server.log())) > before,
        f"another {reason!r} in the log")


def revoked_alerts():
    """certificate_revoked is 44. wolfSSL has it where it was built with all
    of its OpenSSL names, as the packaged library is, and bad_certificate
    else."""
    done = run(["ldd", WWEPD])
    return (44,) if b"libwolfssl.so" in done.stdout else (42, 44)


def session_file():
    return os.path.join(scratch_dir(), "session.pem")


def resuming(path):
    """The options to go on with a session, if the server gave one."""
    return ("-sess_in", path) if os.path.exists(path) else ()


# --- revoked ----------------------------------------------------------------

def test_a_certificate_is_revoked():
    root, inter = good_lists()
    client, other = board(), board("other")
    saved = {v: session_file() for v in VERSIONS}
    with serve(listener(lists(root, inter))) as server:
        for version in VERSIONS:
            get_in(server, version, client,
                   options=("-sess_out", saved[version]))
            get_in(server, version, without_intermediate("board"))
    with serve(listener(lists(root, crl("inter", "board")))) as server:
        for version in VERSIONS:
            for cert in (client, without_intermediate("board")):
                stay_out(server, version, cert, REVOKED + "board)",
                         revoked_alerts())
            # Not by a session of before, either.
            stay_out(server, version, client, REVOKED + "board)",
                     revoked_alerts(), options=resuming(saved[version]))
            get_in(server, version, other)
        equal({m["identity"] for m in server.messages()}, {"other"},
              "identities")


def test_an_intermediate_is_revoked():
    root = crl("root", "inter")
    for path in (lists(root, crl("inter")), lists(root)):
        with serve(listener(path)) as server:
            server.wait_log("warning: mutual: /CN=Test Intermediate in .* is "
                            "revoked by the list of /CN=Test Root")
            for version in VERSIONS:
                stay_out(server, version, board(),
                         REVOKED + "Test Intermediate)", revoked_alerts())
                stay_out(server, version, without_intermediate("board"),
                         "the peer's certificate is from an unknown CA")
                get_in(server, version, authority().client("direct"))


def test_revoked_by_the_root():
    authority().client("direct")
    with serve(listener(lists(crl("root", "direct"), crl("inter")))) as server:
        for version in VERSIONS:
            stay_out(server, version, authority().client("direct"),
                     REVOKED + "direct)", revoked_alerts())
            get_in(server, version, board())


def test_optional_does_not_take_a_revoked_one():
    board()
    path = lists(crl("root"), crl("inter", "board"))
    with serve(listener(path, "optional")) as server:
        for version in VERSIONS:
            stay_out(server, version, board(), REVOKED)
            get_in(server, version, None)


def test_each_listener_has_its_own_lists():
    root, inter = good_lists()
    board()
    with serve(listener(lists(root, crl("inter", "board")), name="strict"),
               listener(lists(root, inter), name="old"),
               listener(None, name="without")) as server:
        for version in VERSIONS:
            for name in ("old", "without"):
                get_in(server, version, board(), name=name)
            stay_out(server, version, board(), "strict: ", name="strict")


def test_a_ca_without_a_list():
    """Its client is refused, and nothing is fetched from where its
    certificate says that the list is: the packaged library would."""
    ca = authority()
    ca.issue("inter2", "/CN=Second Intermediate", "root", ca=True)
    with socket.socket() as web:
        web.bind(("127.0.0.1", 0))
        web.listen()
        web.settimeout(0.2)
        url = f"http://127.0.0.1:{web.getsockname()[1]}/crl"
        client = ca.client("unlisted", issuer="inter2", above=["inter2"],
                           san=f"DNS:x\ncrlDistributionPoints = URI:{url}")
        with serve(listener(lists(*good_lists()))) as server:
            for version in VERSIONS:
                stay_out(server, version, client,
                         "there is no revocation list of the CA that made "
                         "the peer's certificate (code -362): add that CA to "
                         "client_ca, and its list to crl (that CA is "
                         "/CN=Second Intermediate)")
                get_in(server, version, board())
        try:
            web.accept()
        except TimeoutError:
            return
    raise AssertionError("the list was fetched")


# --- what ends meanwhile ----------------------------------------------------

def wait_until(moment):
    time.sleep(max(0, moment - time.time()) + 1.1)


def short_lived(issuer, seconds):
    """A listener, called as the authority whose list ends so soon."""
    return listener(lists(*(crl(name, seconds=seconds if name == issuer
                                else LONG_S) for name in ("root", "inter"))),
                    "optional", issuer)


def test_a_list_ends():
    """Whoever comes after is refused: who sends its intermediate and who does
    not, who was in before and has a session. Without a certificate nobody is
    asked."""
    names = {"root": "Test Root", "inter": "Test Intermediate"}
    cases = [(name, version, client, session_file()) for name in names
             for version in VERSIONS
             for client in (board("late"), without_intermediate("late"))]
    for seconds in SHORT_S:
        ends = time.time() + seconds
        server = serve(*(short_lived(name, seconds) for name in names))
        try:
            for name, version, client, saved in cases:
                get_in(server, version, client, name=name,
                       options=("-sess_out", saved))
        except AssertionError:
            server.kill()
            if time.time() < ends:
                raise
            continue
        break
    with server:
        wait_until(ends)
        for name, version, client, saved in cases:
            for options in ((), resuming(saved)):
                stay_out(server, version, client, ENDED, name=name,
                         options=options)
        for name, subject in names.items():
            server.wait_log(f"warning: {name}: .*" + re.escape(ENDED)
                            + ".*: make a fresh one with wwep-certs crl, and "
                            rf"reload wwepd \(that of /CN={subject} ended "
                            "on 20")
            get_in(server, "TLS 1.3", None, name=name)
        wwep_test.until(lambda: len(server.messages()) == len(cases) + 2,
                        "a message for each that was let in")


def test_a_certificate_ends():
    """With and without lists; and a session does not outlive it."""
    ca = authority()
    path = lists(*good_lists())
    saved = {(v, n): session_file() for v in VERSIONS
             for n in ("lists", "none")}
    for seconds in SHORT_S:
        ends = time.time() + seconds
        date = datetime.datetime.fromtimestamp(ends, datetime.timezone.utc)
        name = f"brief{seconds}"
        client = ca.client(name, issuer="inter", above=["inter"], dates=(
            "20200101000000Z", date.strftime("%Y%m%d%H%M%SZ")))
        server = serve(listener(path, name="lists"),
                       listener(None, name="none"))
        try:
            for version, where in saved:
                get_in(server, version, client, name=where, options=(
                    "-sess_out", saved[version, where]))
        except AssertionError:
            server.kill()
            if time.time() < ends:
                raise
            continue
        break
    with server:
        wait_until(ends)
        for version, where in saved:
            for options in ((), resuming(saved[version, where])):
                stay_out(server, version, client,
                         "the peer's certificate has expired", (45,),
                         name=where, options=options)


# --- the look at what ends --------------------------------------------------

def looked(server_tls, *options):
    """What the log says of the ends, and wwepd's configuration."""
    server = Server(server_tls, start=False)
    for argv in ([WWEPD, "-t", "-c", server.config_path],):
        done = run(argv)
        equal(done.returncode, 0, done.stderr)
    checked = done.stderr.decode()
    server.start()
    server.stop()
    found = re.findall(r"(warning|error): (\S+): (listeners\S+: .* on 20.*)",
                       server.log())
    assert [f[1] for f in found] == len(found) * [server.config_path]
    for level, _, line in found:
        assert f"{level}: {server.config_path}: {line}" in checked, checked
    return [(level, line) for level, _, line in found]


def test_what_ends_soon_is_warned_of():
    ca = authority()
    soon = datetime.datetime.now(datetime.timezone.utc) \
        + datetime.timedelta(days=9, hours=1)
    dates = ("20200101000000Z", soon.strftime("%Y%m%d%H%M%SZ"))
    day = soon.strftime("%Y-%m-%d")
    ca.server("brief")
    ca.issue("brief", "/CN=brief", "inter", dates=dates)
    ca.chain("brief", "inter")
    path = lists(crl("root", seconds=9 * 86400 + 3600), crl("inter"))
    tls = {"name": "mutual", "tls": ca.server(
        "brief", client_auth="required", client_ca=ca.root, crl=path)}
    equal(looked(tls), [
        ("warning", 'listeners[mutual].tls.certificate: "/CN=brief" ends on '
         f"{day}, in 9 days: from then on clients refuse it: make a new one, "
         "and reload wwepd"),
        ("warning", 'listeners[mutual].tls.crl: the list of "/CN=Test Root" '
         f"ends on {day}, in 9 days: from then on its clients are refused: "
         "make a fresh one with wwep-certs crl, and reload wwepd"),
    ], "lines")


def test_what_has_ended_is_an_error():
    ca = authority()
    ca.server("past")
    ca.issue("past", "/CN=past", "inter", dates=PAST)
    ca.chain("past", "inter")
    found = looked({"tls": ca.server("past")})
    equal([level for level, _ in found], ["error"], found)
    assert re.match(r'listeners\[l0\].tls.certificate: "/CN=past" ended on '
                    r"2021-01-01, \d+ days ago: clients refuse it: make a "
                    "new one, and reload wwepd", found[0][1]), found


def test_nothing_ends_soon():
    equal(looked(listener(lists(*good_lists()))), [], "lines")


def test_what_two_listeners_share_is_told_once():
    root, inter = crl("root", seconds=86400 * 3), crl("inter")
    path = lists(root, inter)
    with serve(listener(path, name="one"),
               listener(path, name="two")) as server:
        equal(re.findall(r"listeners\[(\w+)\].tls.crl: ", server.log()),
              ["one"], "told")


# --- bad lists --------------------------------------------------------------

def bad_lists():
    """(label, the file's content or None, words)"""
    ca = authority()
    root, inter = good_lists()
    ca.issue("forger", "/CN=Test Root", ca=True)
    ca.issue("stranger", "/CN=Stranger", ca=True)
    return (
        ("no file", None, "does not exist: make it (wwep-certs crl)"),
        ("no list", read_file(ca.root), "has no revocation list in PEM"),
        ("empty", b"", "has no revocation list in PEM"),
        ("a damaged one", root + inter[:200] + b"\n", "list 2 in it is "
         "damaged: make a fresh one (wwep-certs crl)"),
        ("a forged one", crl("forger") + inter,
         "list 1 is not signed by the /CN=Test Root that is in client_ca"),
        ("an old one", root + crl("inter", dates=PAST), "list 2 (/CN=Test "
         "Intermediate) ended on 2021-01-01 at 00:00:00 UTC: make a fresh"),
        ("an early one", root + crl("inter", dates=(
            "20980101000000Z", "20990101000000Z")),
         "list 2 (/CN=Test Intermediate) begins on 2098-01-01"),
        ("none of the root", inter, "has no list of /CN=Test Root (in client"),
        ("none of the intermediate", root,
         "has no list of /CN=Test Intermediate (in certificate)"),
        ("a stranger's", root + inter + crl("stranger"), "list 3 is of "
         "/CN=Stranger, which is neither in client_ca nor in certificate: "
         "add its certificate to client_ca"),
    )


def test_bad_lists():
    for label, content, words in bad_lists():
        path = os.path.join(scratch_dir(), "crl.pem")
        if content is not None:
            write_file(path, content)
        server = Server(listener(path), start=False)
        for options in ([], ["-t"]):
            done = run([WWEPD, *options, "-c", server.config_path])
            err = done.stderr.decode()
            equal(done.returncode, 78, f"{label}: {err}")
            want = f"{server.config_path}: listeners[mutual].tls.crl: {path}"
            assert want in err and words in err, f"{label}: {err}"


def test_lists_without_client_auth():
    server = Server(listener(lists(*good_lists()), "none"), start=False)
    done = run([WWEPD, "-t", "-c", server.config_path])
    equal(done.returncode, 78, done.stderr)
    assert b"listeners[mutual].tls.crl is there, but client_auth is none" in \
        done.stderr, done.stderr


if __name__ == "__main__":
    wwep_test.main()
