# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions: where they resume, and, above all, where they must not.

Three listeners of one process, with the same certificate; wolfSSL's cache of
session IDs is one for the whole process.
"""

import os
import ssl

import wwep_test
from wwep_certs import authority
from wwep_client import Tls, connect, context
from wwep_test import Server, each, equal, run, scratch_dir, slowness, tool

# By a ticket or by the session's ID: the course's boards use the ID.
KINDS = (("TLS 1.3 ticket", "TLS 1.3", 0),
         ("TLS 1.2 ticket", "TLS 1.2", 0),
         ("TLS 1.2 ID", "TLS 1.2", ssl.OP_NO_TICKET))
MUTUAL = ("optional", "required")


def serve(workers=2):
    ca = {"client_ca": authority().root}
    return Server(
        {"name": "none", "tls": authority().server()},
        {"name": "optional", "tls": authority().server(
            client_auth="optional", **ca)},
        {"name": "required", "tls": authority().server(
            client_auth="required", **ca)},
        workers=workers, timeouts={"message_ms": 250 * slowness()})


def client_context(kind, cert=None):
    _, version, options = kind
    ctx = context(version, cert=cert)
    ctx.options |= options
    return ctx


def ask(server, name, ctx, session=None, request=b"W0FAC0B1234"):
    """One exchange; returns the reply, whether the session was an old one,
    and the session to go on with."""
    with Tls(server.port(name), ctx=ctx, session=session).handshake() as c:
        c.send(request)
        reply = c.recv_all()
        return reply, c.ssl.session_reused, c.ssl.session


@each(*KINDS)
def test_sessions_resume_on_whichever_worker(kind):
    with serve() as server:
        ctx = client_context(kind)
        _, reused, session = ask(server, "none", ctx)
        equal(reused, False, "the first")
        # Often enough for both workers to have their turn.
        for i in range(30):
            reply, reused, new = ask(server, "none", ctx, session)
            equal((reply, reused), (b"A0FAC0B1234", True), f"number {i}")
            session = new or session
        wwep_test.until(lambda: len(server.messages()) == 31, "31 messages")
        equal([m["resumed"] for m in server.messages()],
              [False] + 30 * [True], "in the message log")


@each(*KINDS)
def test_one_session_again_and_again(kind):
    """The same one, not its successor: as a board that keeps the first."""
    with serve() as server:
        ctx = client_context(kind)
        _, _, session = ask(server, "none", ctx)
        equal([ask(server, "none", ctx, session)[1] for _ in range(10)],
              10 * [True], "resumed")


@each(("TLS 1.3", "-tls1_3"), ("TLS 1.2 ticket", "-tls1_2"),
      ("TLS 1.2 ID", "-tls1_2", "-no_ticket"))
def test_openssl(case):
    with serve() as server:
        saved = os.path.join(scratch_dir(), "session.pem")
        base = [tool("openssl"), "s_client", "-quiet", "-CAfile",
                authority().root, "-verify_return_error", "-connect",
                f"127.0.0.1:{server.port('none')}", *case[1:]]
        done = run(base + ["-sess_out", saved], b"W0FAC0B1234")
        equal(done.stdout, b"A0FAC0B1234", "reply")
        for _ in range(6):
            done = run(base + ["-sess_in", saved], b"R0FAC0B")
            equal(done.stdout, b"A0FAC0B1234", "reply")
        wwep_test.until(lambda: len(server.messages()) == 7, "7 messages")
        equal([m["resumed"] for m in server.messages()], [False] + 6 * [True],
              "resumed")


@each(*[(f"{k[0]}, to {m}", k, m) for k in KINDS for m in MUTUAL])
def test_no_session_crosses_to_a_mutual_listener(case):
    """Neither resumes it, nor lets it in without a certificate."""
    _, kind, mutual = case
    with serve() as server:
        ctx = client_context(kind)
        # More than one: the cache has rows, and a hit must not be luck.
        for _ in range(5):
            _, _, session = ask(server, "none", ctx)
            assert session is not None, "no session to cross with"
            equal(ask(server, "none", ctx, session)[1], True,
                  "the session is good where it was made")
            try:
                with Tls(server.port(mutual), ctx=ctx,
                         session=session).handshake() as c:
                    equal(c.ssl.session_reused, False, "resumed")
                    c.send(b"R0FAC0B")
                    reply = c.recv_all()
            except (ssl.SSLError, ConnectionError, AssertionError) as e:
                if mutual == "optional" or "resumed" in str(e):
                    raise
                reply = None
            equal(reply, b"A0FAC0B1234" if mutual == "optional" else None,
                  "reply")
        equal([m for m in server.messages()
               if m["resumed"] and m["listener"] == mutual], [], "resumed")


@each(*[(f"{k[0]} to {m}, by openssl", k, m) for k in KINDS for m in MUTUAL])
def test_no_session_crosses(case):
    _, kind, mutual = case
    with serve() as server:
        saved = os.path.join(scratch_dir(), "session.pem")
        base = [tool("openssl"), "s_client", "-quiet",
                "-tls1_3" if kind[1] == "TLS 1.3" else "-tls1_2"]
        if kind[2]:
            base.append("-no_ticket")
        done = run(base + ["-sess_out", saved, "-connect",
                           f"127.0.0.1:{server.port('none')}"], b"W0FAC0B1234")
        equal(done.stdout, b"A0FAC0B1234", "reply")
        done = run(base + ["-sess_in", saved, "-connect",
                           f"127.0.0.1:{server.port(mutual)}"], b"R0FAC0B")
        if mutual == "required":
            equal(done.stdout, b"", "reply without a certificate")
            server.wait_log("warning: required: .*sent no certificate")
        else:
            equal(done.stdout, b"A0FAC0B1234", "reply")
            equal(server.wait_message(listener=mutual)["resumed"], False,
                  "resumed")


@each(*[(f"{k[0]}, {m}", k, m) for k in KINDS for m in MUTUAL])
def test_a_mutual_listener_resumes_nothing(case):
    """With a good certificate, and back where it came from."""
    _, kind, mutual = case
    with serve() as server:
        ctx = client_context(kind, authority().client("board"))
        session = None
        for _ in range(5):
            reply, reused, new = ask(server, mutual, ctx, session)
            equal((reply, reused), (b"A0FAC0B1234", False), "reply, resumed")
            session = new or session
        wwep_test.until(lambda: len(server.messages()) == 5, "5 messages")
        equal({(m["resumed"], m["identity"]) for m in server.messages()},
              {(False, "board")}, "resumed and identity")


@each(*KINDS)
def test_back_from_a_mutual_listener(kind):
    """What was made with a certificate brings no identity elsewhere."""
    with serve() as server:
        ctx = client_context(kind, authority().client("board"))
        _, _, session = ask(server, "required", ctx)
        reply, reused, _ = ask(server, "none", ctx, session)
        equal((reply, reused), (b"A0FAC0B1234", False), "reply, resumed")
        equal(server.wait_message(listener="none")["identity"], None,
              "identity")


@each(*KINDS)
def test_a_session_of_another_server(kind):
    """After a restart there is a full handshake, and no failure. (A client
    that can TLS 1.2 alone may fail once: it has to drop its session.)"""
    saved = os.path.join(scratch_dir(), "session.pem")
    base = [tool("openssl"), "s_client", "-quiet",
            *(["-no_ticket"] if kind[2] else []),
            *(["-tls1_2"] if kind[1] == "TLS 1.2" else [])]

    def ask_by_openssl(server, *options):
        return run(base + [*options, "-connect",
                           f"127.0.0.1:{server.port('none')}"],
                   b"W0FAC0B1234")

    with serve() as first:
        equal(ask_by_openssl(first, "-sess_out", saved).stdout,
              b"A0FAC0B1234", "reply")
    with serve() as second:
        done = ask_by_openssl(second, "-sess_in", saved)
        if done.stdout == b"" and kind[0] == "TLS 1.2 ticket":
            done = ask_by_openssl(second)
        equal(done.stdout, b"A0FAC0B1234", f"reply; {done.stderr!r}")
        equal(second.wait_message(listener="none")["resumed"], False,
              "resumed")
        with connect(second.port("none"), kind[1]) as c:
            c.send(b"R0FAC0B")
            equal(c.recv_all(), b"A0FAC0B1234", "another client")


@each(*[(f"{k[0]}, from {m}", k, m) for k in KINDS
        for m in ("none", "optional", "required", "stranger")])
def test_no_way_into_another_listener(case):
    """Whatever the session's listener has asked for: the next one asks anew,
    and takes no name from it."""
    _, kind, source = case
    ca = authority()
    if not os.path.exists(ca.path("stranger.crt")):
        ca.issue("stranger", "/CN=Stranger", ca=True)
    ours, theirs = ca.client("board"), ca.client("guest", issuer="stranger")
    listeners = [{"name": "none", "tls": ca.server()}]
    for name, mode, root in (("optional", "optional", ca.root),
                             ("required", "required", ca.root),
                             ("stranger", "required",
                              ca.path("stranger.crt"))):
        listeners.append({"name": name, "tls": ca.server(
            client_auth=mode, client_ca=root)})

    def ask_by_openssl(server, name, cert, *options):
        cert = [] if cert is None else ["-cert", cert[0], "-key", cert[1]]
        return run([tool("openssl"), "s_client", "-quiet",
                    "-tls1_3" if kind[1] == "TLS 1.3" else "-tls1_2",
                    *(["-no_ticket"] if kind[2] else []), *cert, *options,
                    "-connect", f"127.0.0.1:{server.port(name)}"],
                   b"W0FAC0B1234").stdout

    with Server(*listeners,
                timeouts={"message_ms": 250 * slowness()}) as server:
        saved = os.path.join(scratch_dir(), "session.pem")
        own = {"none": None, "stranger": theirs}.get(source, ours)
        equal(ask_by_openssl(server, source, own, "-sess_out", saved),
              b"A0FAC0B1234", "the first")
        session = ("-sess_in", saved) if os.path.exists(saved) else ()
        for target in ("optional", "required", "stranger"):
            for cert in {None, ours, theirs}:
                may = {"optional": (None, ours), "required": (ours,),
                       "stranger": (theirs,)}[target]
                equal(ask_by_openssl(server, target, cert, *session),
                      b"A0FAC0B1234" if cert in may else b"",
                      f"to {target}, with {cert}")
        wwep_test.until(lambda: len(server.messages()) == 5, "5 messages")
        later = server.messages()[1:]
        equal([m["resumed"] for m in later], 4 * [False], "resumed")
        equal(sorted((m["listener"], m["identity"] or "") for m in later),
              [("optional", ""), ("optional", "board"), ("required", "board"),
               ("stranger", "guest")], "who they were")


if __name__ == "__main__":
    wwep_test.main()
