# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose device it is: what a client may read and write, and what it may not.
"""

import re

from wwep_certs import authority
from wwep_client import connect, fresh_address
from wwep_test import Server, each, equal, main

VERSIONS = ("TLS 1.2", "TLS 1.3")
OURS = "URI:urn:wwep:device:0FAC"
THEIRS = "URI:urn:wwep:device:0FAD"


def board(name, san):
    return authority().client(name, f"/CN={name}", san=san)


def listener(name="secure", **keys):
    return {"name": name, **keys, "tls": authority().server(
        client_auth="required", client_ca=authority().root)}


def ask(server, cert, request, version="TLS 1.3", name="secure"):
    """The reply, and what the message log has of it."""
    with connect(server.port(name), version, cert=cert,
                 source=fresh_address()) as c:
        c.send(request)
        reply = c.recv_all()
        port = c.sock.getsockname()[1]
    return reply, server.wait_message(port=port)


def granted(server, cert, request, version="TLS 1.3", name="secure"):
    reply, message = ask(server, cert, request, version, name)
    equal(reply[:1], b"A", f"reply to {request}")
    equal(message["reason"], None, "reason")


def refused(server, cert, request, version="TLS 1.3", name="secure",
            why=""):
    reply, message = ask(server, cert, request, version, name)
    equal(reply, b"X", f"reply to {request}")
    equal(message["reason"], "not allowed", "reason")
    server.wait_log(rf"warning: {name}: {re.escape(message['address'])}:"
                    rf"{message['port']}: {why}")


@each(*VERSIONS)
def test_a_device_of_its_own(version):
    server = Server(listener(write="own-device", read="own-device"))
    ours, theirs = board("ours", OURS), board("theirs", THEIRS)
    with server:
        granted(server, ours, b"W0FAC0B1234", version)
        granted(server, ours, b"R0FAC0B", version)
        granted(server, theirs, b"W0FAD0B4321", version)
        why = "theirs may not {} device 0FAC: its certificate is for device " \
              "0FAD: use that ID, or the certificate of 0FAC"
        refused(server, theirs, b"W0FAC0BDEAD", version,
                why=why.format("write"))
        refused(server, theirs, b"R0FAC0B", version, why=why.format("read"))
        # Whether it has been written is not told either.
        refused(server, theirs, b"R0FAC0C", version, why=why.format("read"))
        reply, _ = ask(server, ours, b"R0FAC0B", version)
        equal(reply, b"A0FAC0B1234", "what is there")
        # What is not well-formed is that first.
        _, message = ask(server, theirs, b"W0FAC0BX234", version)
        equal(message["reason"], "illegal character (X)", "reason")


def test_others_may_read():
    server = Server(listener(write="own-device"))
    with server:
        granted(server, board("ours", OURS), b"W0FAC0B1234")
        granted(server, board("theirs", THEIRS), b"R0FAC0B")
        refused(server, board("theirs", THEIRS), b"W0FAC0B1235")


@each("none", "several", "no ID", "another name")
def test_a_certificate_for_no_device(kind):
    san = {"none": None, "several": OURS + "," + THEIRS,
           "no ID": "URI:urn:wwep:device:0fac",
           "another name": "DNS:urn:wwep:device:0FAC"}[kind]
    cert = board(kind.replace(" ", "-"), san)
    why = {"several": "names several devices", "no ID": "names several"}.get(
        kind, "is for no device: make it one by \"wwep-certs client 0FAC\"")
    with Server(listener(write="own-device", read="own-device")) as server:
        refused(server, cert, b"W0FAC0B1234",
                why=f"{kind.replace(' ', '-')} may not write device 0FAC: its "
                    f"certificate {why}")
        refused(server, cert, b"RFFFF0B")
        refused(server, cert, b"R00000B")


def test_no_writes():
    server = Server({"name": "open"}, {"name": "shut", "write": "no",
                                       "explain_errors": True})
    with server:
        with connect(server.port("open")) as c:
            c.send(b"W0FAC0B1234")
            equal(c.recv_all(), b"A0FAC0B1234", "reply")
        with connect(server.port("shut")) as c:
            c.send(b"W0FAC0BDEAD")
            equal(c.recv_all(), b"X not allowed", "reply")
        with connect(server.port("shut")) as c:
            c.send(b"R0FAC0B")
            equal(c.recv_all(), b"A0FAC0B1234", "reply")
        server.wait_log(r"warning: shut: [\d.]+:\d+: the client may not "
                        r"write device 0FAC: this listener takes no writes")


def test_warn_lets_through_and_says_so():
    server = Server(listener(write="own-device", authorize="warn"))
    with server:
        granted(server, board("theirs", THEIRS), b"W0FAC0B1234")
        server.wait_log(r"theirs may not write device 0FAC: .*"
                        r"\(authorize is warn: it was done\)$")
        server.wait_log("warning: secure: authorize is warn: what a client "
                        "may not do is told here, and done all the same")


def test_a_line_of_many():
    """A connection that stays open is looked at with each request."""
    server = Server(listener(write="own-device", keep_open=True))
    with server, connect(server.port("secure"), "TLS 1.3",
                         cert=board("ours", OURS)) as c:
        c.send(b"W0FAC0B1234\nW0FAD0B1234\nW0FAC0B1235\n")
        equal(c.recv_exactly(26), b"A0FAC0B1234\nX\nA0FAC0B1235\n", "replies")


def warnings_of(strict, others, does, from_whom):
    """Those of the start, and all of its log."""
    with Server(strict, *others) as server:
        server.wait_log("info: ready")
        log = server.log()
    return re.findall(rf"warning: (\w+): here anybody can {does} any device, "
                      rf"also {from_whom} those that secure keeps for their "
                      r"own boards: set listeners\[(\w+)\]\.(.*), or remove "
                      "the listener", log), log


@each("plain", "another TLS", "optional", "one that warns",
      "enforced nowhere", "alone", "no writes")
def test_start(kind):
    """The start says where the rule is of no use."""
    strict = listener(write="own-device")
    others = {"plain": [{"name": "plain"}],
              "another TLS": [listener("lax")],
              "optional": [{"name": "lax", "tls": authority().server(
                  client_auth="optional", client_ca=authority().root)}],
              "one that warns": [listener("lax", write="own-device",
                                          authorize="warn")],
              "enforced nowhere": [],
              "alone": [],
              "no writes": [{"name": "plain", "write": "no"}]}[kind]
    if kind == "enforced nowhere":
        strict["authorize"] = "warn"
    warned, log = warnings_of(strict, others, "write to", "to")
    wanted = {"plain": ("plain", "write to no"),
              "optional": ("lax", "write to no"),
              "another TLS": ("lax", "write to no or own-device"),
              "one that warns": ("lax", "authorize to enforce")}.get(kind)
    equal(warned, [(wanted[0], *wanted)] if wanted else [], "warnings")
    if kind == "no writes":
        equal("anybody can write" in log, False, "word of writers")


@each("plain", "another TLS", "one that warns", "enforced nowhere", "alone")
def test_start_of_readers(kind):
    """The same of who may read."""
    strict = listener(read="own-device")
    others = {"plain": [{"name": "plain", "write": "no"}],
              "another TLS": [listener("lax", write="own-device")],
              "one that warns": [listener("lax", read="own-device",
                                          authorize="warn")]}.get(kind, [])
    if kind == "enforced nowhere":
        strict["authorize"] = "warn"
    warned, _ = warnings_of(strict, others, "read from", "from")
    wanted = {"plain": ("plain", "read to own-device, with tls.client_auth: "
                                 "required"),
              "another TLS": ("lax", "read to own-device"),
              "one that warns": ("lax", "authorize to enforce")}.get(kind)
    equal(warned, [(wanted[0], *wanted)] if wanted else [], "warnings")


if __name__ == "__main__":
    main()
