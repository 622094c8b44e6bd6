# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reload trusts from then on: no session, and nobody who asks again on
a connection, gets in by what was trusted before."""

import os
import shutil
import ssl

import wwep_test
from wwep_certs import authority
from wwep_client import Tls, connect, context
from wwep_crl import board, crl, good_lists, lists
from wwep_reload import Lines, edit, reload, reload_refused, serve
from wwep_test import each, equal, read_file, run, scratch_dir, write_file

VERSIONS = ("TLS 1.2", "TLS 1.3")
KINDS = (("TLS 1.3 ticket", "TLS 1.3", 0),
         ("TLS 1.2 ticket", "TLS 1.2", 0),
         ("TLS 1.2 ID", "TLS 1.2", ssl.OP_NO_TICKET))
ASK = b"W0FAC0B1234"
ANSWER = b"A0FAC0B1234"


def mutual(**tls):
    return {"name": "mutual", "tls": authority().server(
        **{"client_auth": "required", "client_ca": authority().root, **tls})}


def client_context(kind, cert=None):
    ctx = context(kind[1], cert=cert)
    ctx.options |= kind[2]
    return ctx


def ask(server, name, ctx, session=None):
    """(reply, whether it resumed, the session to go on with)"""
    with Tls(server.port(name), ctx=ctx, session=session).handshake() as c:
        c.send(ASK)
        return c.recv_all(), c.ssl.session_reused, c.ssl.session


def is_let_in(server, version, cert, name="mutual"):
    try:
        with connect(server.port(name), version, cert=cert) as c:
            c.send(ASK)
            equal(c.recv_all(), ANSWER, "reply")
            return True
    except (ssl.SSLError, ConnectionError, AssertionError) as e:
        if "reply" in str(e) and "got b''" not in str(e):
            raise
        return False


def change_tls(name, **tls):
    def change(config):
        for listener in config["listeners"]:
            if listener["name"] == name:
                listener["tls"].update(tls)
    return change


# --- lists and authorities --------------------------------------------------

@each(*VERSIONS)
def test_a_revoked_client(version):
    """By a new content of the same file."""
    path = lists(*good_lists())
    bad, good = board("bad"), board("good")
    with serve({"name": "plain"}, mutual(crl=path)) as server:
        equal(is_let_in(server, version, bad), True, "before")
        write_file(path, crl("root") + crl("inter", "bad"))
        equal(is_let_in(server, version, bad), True, "not yet")
        equal(reload(server), "listeners[mutual].tls.crl: new content",
              "changes")
        equal(is_let_in(server, version, bad), False, "after")
        server.wait_log(r"warning: mutual: .*: the peer's certificate is "
                        r"revoked \(code -361\)")
        equal(is_let_in(server, version, good), True, "another")
        write_file(path, b"".join(good_lists()))
        reload(server)
        equal(is_let_in(server, version, bad), True, "forgiven")


def test_a_list_comes_and_goes():
    bad = board("bad")
    path = lists(crl("root"), crl("inter", "bad"))
    with serve(mutual()) as server:
        for _ in range(2):
            equal(is_let_in(server, "TLS 1.3", bad), True, "without")
            equal(reload(server, change_tls("mutual", crl=path)),
                  f"listeners[mutual].tls.crl: none -> {path}", "changes")
            equal(is_let_in(server, "TLS 1.3", bad), False, "with")
            reload(server, lambda c: c["listeners"][0]["tls"].pop("crl"))


@each("garbage", "ended", "of nobody")
def test_a_list_that_is_none(kind):
    """All stays as it was: also the list."""
    path = lists(crl("root"), crl("inter", "bad"))
    bad, good = board("bad"), board("good")
    with serve(mutual(crl=path)) as server:
        equal(is_let_in(server, "TLS 1.3", bad), False, "before")
        write_file(path, {
            "garbage": b"-----BEGIN X509 CRL-----\nAAAA\n",
            "ended": crl("root") + crl("inter", dates=(
                "20200101000000Z", "20210101000000Z")),
            "of nobody": crl("root")}[kind])
        error = reload_refused(server)
        assert "listeners[mutual].tls.crl: " in error, error
        equal(is_let_in(server, "TLS 1.3", bad), False, "after")
        equal(is_let_in(server, "TLS 1.3", good), True, "a good one")


@each(*VERSIONS)
def test_another_authority(version):
    ca = authority()
    if not os.path.exists(ca.path("second.crt")):
        ca.issue("second", "/CN=Second Root", ca=True)
    ours = ca.client("ours")
    theirs = ca.client("theirs", issuer="second")
    path = write_file(os.path.join(scratch_dir(), "ca.pem"),
                      read_file(ca.root))
    with serve(mutual(client_ca=path)) as server:
        equal((is_let_in(server, version, ours),
               is_let_in(server, version, theirs)), (True, False), "before")
        shutil.copy(ca.path("second.crt"), path)
        equal(reload(server), "listeners[mutual].tls.client_ca: new content",
              "changes")
        equal((is_let_in(server, version, ours),
               is_let_in(server, version, theirs)), (False, True), "after")


# --- sessions ---------------------------------------------------------------

@each(*KINDS)
def test_sessions_last_where_nothing_has_changed(kind):
    with serve({"name": "secure", "tls": authority().server()}) as server:
        ctx = client_context(kind)
        _, _, session = ask(server, "secure", ctx)
        for i in range(3):
            reload(server, lambda c: c["timeouts"].update(idle_s=50 + i))
            got = ask(server, "secure", ctx, session)
            equal(got[:2], (ANSWER, True), "resumed")


@each(*KINDS)
def test_a_session_and_a_new_certificate(kind):
    """It is made again, in a full handshake, and nobody fails."""
    folder = scratch_dir()
    tls = {key: shutil.copy(path, folder)
           for key, path in authority().server().items()}
    with serve({"name": "secure", "tls": tls}) as server:
        ctx = client_context(kind)
        sessions = [ask(server, "secure", ctx)[2] for _ in range(5)]
        for key, path in authority().server("other").items():
            shutil.copy(path, tls[key])
        reload(server)
        for session in sessions:
            reply, reused, _ = ask(server, "secure", ctx, session)
            equal((reply, reused), (ANSWER, False), "an old one")
        # In a while new ones are good again, old ones never.
        equal([ask(server, "secure", ctx, s)[1] for s in sessions],
              5 * [False], "old ones")


def test_new_session_ids_resume_after_a_while():
    folder = scratch_dir()
    kind = KINDS[2]
    tls = {key: shutil.copy(path, folder)
           for key, path in authority().server().items()}
    with serve({"name": "secure", "tls": tls},
               timeouts={"handshake_s": 1}) as server:
        ctx = client_context(kind)
        old = ask(server, "secure", ctx)[2]
        for key, path in authority().server("other").items():
            shutil.copy(path, tls[key])
        reload(server)
        new = []

        def resumes():
            new.append(ask(server, "secure", ctx)[2])
            wwep_test.time.sleep(0.2)
            return ask(server, "secure", ctx, new[-1])[1]
        wwep_test.until(resumes, "a new one resumes", 30)
        for _ in range(20):
            equal(ask(server, "secure", ctx, old)[1], False, "the old one")
            wwep_test.time.sleep(0.1)


@each(*[(f"{k[0]}, {to}", k, to) for k in KINDS
        for to in ("required", "optional")])
def test_a_session_from_before_certificates_were_asked_for(case):
    """pitfall of wolfSSL: the cache of session IDs is the process's."""
    _, kind, to = case
    with serve({"name": "secure", "tls": authority().server()}) as server:
        ctx = client_context(kind)
        sessions = [ask(server, "secure", ctx)[2] for _ in range(5)]
        equal(ask(server, "secure", ctx, sessions[0])[1], True, "before")
        reload(server, change_tls("secure", client_auth=to,
                                  client_ca=authority().root))
        for session in sessions:
            try:
                reply, reused, _ = ask(server, "secure", ctx, session)
            except (ssl.SSLError, ConnectionError, AssertionError):
                reply, reused = b"", False
            equal((reply, reused),
                  (ANSWER if to == "optional" else b"", False),
                  "an old session without a certificate")


@each(*KINDS)
def test_a_revoked_client_and_its_session(kind):
    """By openssl, which keeps what it gets."""
    path = lists(*good_lists())
    bad = board("bad")
    saved = os.path.join(scratch_dir(), "session.pem")
    with serve(mutual(crl=path)) as server:
        base = [authority().openssl, "s_client", "-quiet", "-cert", bad[0],
                "-cert_chain", bad[0], "-key", bad[1],
                "-tls1_3" if kind[1] == "TLS 1.3" else "-tls1_2",
                *(["-no_ticket"] if kind[2] else []),
                "-connect", f"127.0.0.1:{server.port('mutual')}"]
        equal(run(base + ["-sess_out", saved], ASK).stdout, ANSWER, "before")
        write_file(path, crl("root") + crl("inter", "bad"))
        reload(server)
        again = ["-sess_in", saved] if os.path.exists(saved) else []
        for _ in range(3):
            equal(run(base + again, ASK).stdout, b"", "after")


# --- connections ------------------------------------------------------------

@each(*VERSIONS)
def test_a_connection_of_who_is_revoked(version):
    """What it has asked is answered; then it has to come again, and can not.
    One that is plain, or whose listener trusts as before, stays."""
    path = lists(*good_lists())
    bad, good = board("bad"), board("good")
    listener = {**mutual(crl=path), "keep_open": True}
    other = {**mutual(), "name": "other", "keep_open": True}
    with serve({"name": "plain", "keep_open": True}, listener, other) as \
            server:
        stay = [Lines(connect(server.port("plain"))),
                Lines(connect(server.port("other"), version, cert=good))]
        go = [Lines(connect(server.port("mutual"), version, cert=c))
              for c in (bad, good)]
        for lines in stay + go:
            equal(lines.ask(), b"A0FAC071234\n", "before")
        go[0].client.send(b"W0FAC07")
        wwep_test.time.sleep(0.2)
        write_file(path, crl("root") + crl("inter", "bad"))
        reload(server)
        equal(go[0].ask(b"5678"), b"A0FAC075678\n", "what was under way")
        for lines in go:
            equal(lines.ends(), True, "the end")
        for lines in stay:
            equal(lines.ask(), b"A0FAC071234\n", "after")
        equal(is_let_in(server, version, good), True, "it comes again")


KEPT = b"A0FAC071234\n"


@each("plain", *VERSIONS)
def test_a_connection_that_may_not_stay_open_any_more(transport):
    """keep_open: what is under way is answered; then it has to come again, and
    gets one reply. Where it is allowed again, nobody has to go."""
    tls = {} if transport == "plain" else {"tls": authority().server()}
    with serve({"name": "lines", "keep_open": True, **tls},
               {"name": "other", "keep_open": True, **tls}) as server:
        busy, idle, stays = (Lines(connect(server.port(name), transport))
                             for name in ("lines", "lines", "other"))
        for lines in (busy, idle, stays):
            equal(lines.ask(), KEPT, "before")
        reload(server, lambda c: c["timeouts"].update(idle_s=50))
        for lines in (busy, idle, stays):
            equal(lines.ask(), KEPT, "it stays")
        busy.client.send(b"W0FAC07")
        wwep_test.time.sleep(0.2)
        equal(reload(server, lambda c: c["listeners"][0].pop("keep_open")),
              "listeners[lines].keep_open: yes -> no", "changes")
        equal(idle.ends(), True, "the end of who asks nothing")
        equal(busy.ask(b"5678"), b"A0FAC075678\n", "what was under way")
        equal(busy.ends(), True, "the end")
        equal(stays.ask(), KEPT, "the other listener's")
        with connect(server.port("lines"), transport) as c:
            c.send(ASK)
            equal(c.recv_all(), ANSWER, "it comes again")
        waits = connect(server.port("lines"), transport)
        reload(server, lambda c: c["listeners"][0].update(keep_open=True))
        waits.send(ASK)
        equal(waits.recv_all(), ANSWER, "who came for one reply")
        equal(stays.ask(), KEPT, "the other listener's, again")


def test_a_connection_whose_version_is_too_old():
    """min_version: only who speaks the old one has to come again."""
    tls = {"tls": authority().server()}
    with serve({"name": "lines", "keep_open": True, **tls},
               {"name": "other", "keep_open": True, **tls}) as server:
        busy, idle, new, other = (
            Lines(connect(server.port(name), version)) for name, version in (
                ("lines", "TLS 1.2"), ("lines", "TLS 1.2"),
                ("lines", "TLS 1.3"), ("other", "TLS 1.2")))
        for lines in (busy, idle, new, other):
            equal(lines.ask(), KEPT, "before")
        busy.client.send(b"W0FAC07")
        new.client.send(b"W0FAC07")
        wwep_test.time.sleep(0.2)
        equal(reload(server, change_tls("lines", min_version="1.3")),
              "listeners[lines].tls.min_version: 1.2 -> 1.3", "changes")
        equal(idle.ends(), True, "the end of who asks nothing")
        for lines in (busy, new):
            equal(lines.ask(b"5678"), b"A0FAC075678\n", "what was under way")
        equal(busy.ends(), True, "the end")
        for lines in (new, other):
            equal(lines.ask(), KEPT, "it stays")
        equal(is_let_in(server, "TLS 1.2", None, "lines"), False, "the old one")
        reload(server, change_tls("lines", min_version="1.2"))
        for lines in (new, other):
            equal(lines.ask(), KEPT, "allowed again")


def test_a_handshake_of_the_old_version_that_is_under_way():
    """It ends, gets its reply, and no second one."""
    with serve({"name": "lines", "keep_open": True,
                "tls": authority().server()}) as server:
        c = Tls(server.port("lines"), "TLS 1.2")
        c.send_raw(c.step()[0])
        wwep_test.until(lambda: c.sock.recv(1, wwep_test.socket.MSG_PEEK),
                        "the server's first words")
        reload(server, change_tls("lines", min_version="1.3"))
        lines = Lines(c.handshake())
        equal(c.ssl.version(), "TLSv1.2", "version")
        equal(lines.ask(), KEPT, "its reply")
        equal(lines.ends(), True, "the end")


def test_a_connection_of_a_listener_that_goes():
    with serve({"name": "plain"}, {"name": "lines", "keep_open": True}) as \
            server:
        busy = Lines(connect(server.port("lines")))
        idle = Lines(connect(server.port("lines")))
        for lines in (busy, idle):
            equal(lines.ask(), b"A0FAC071234\n", "before")
        busy.client.send(b"W0FAC07")
        wwep_test.time.sleep(0.2)
        reload(server, lambda c: c["listeners"].pop())
        equal(busy.ask(b"5678"), b"A0FAC075678\n", "what was under way")
        equal((busy.ends(), idle.ends()), (True, True), "the end")


if __name__ == "__main__":
    wwep_test.main()
