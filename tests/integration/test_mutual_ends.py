# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom a CA has let in, when it has ended: while wwepd runs, and before."""

import datetime
import os
import re
import ssl
import time

import wwep_test
from wwep_certs import PAST, authority
from wwep_client import connect, fresh_address, knock
from wwep_test import (WWEPD, Server, equal, read_file, run, scratch_dir,
                       slowness, write_file)

VERSIONS = ("TLS 1.2", "TLS 1.3")
SHORT_S = (4, 16, 64)  # as long as a slow machine needs
EXPIRED = "the peer's certificate has expired"
UNKNOWN = "the peer's certificate is from an unknown CA"


def dates(seconds):
    """(of a certificate that ends so soon, when that is)"""
    ends = time.time() + seconds
    text = datetime.datetime.fromtimestamp(ends, datetime.timezone.utc)
    return ("20200101000000Z", text.strftime("%Y%m%d%H%M%SZ")), ends


def wait_until(moment):
    time.sleep(max(0, moment - time.time()) + 1.1)


def crl(*names):
    """A list of each authority, which names nobody."""
    ca = authority()
    path = os.path.join(scratch_dir("crl"), "crl.pem")
    config = write_file(path + ".cnf", "[ca]\ndefault_ca = ca\n[ca]\ndatabase ="
                        f" {path}.txt\ndefault_md = sha256\n")
    write_file(path + ".txt", "")
    found = b""
    for name in names:
        done = run([ca.openssl, "ca", "-config", config, "-gencrl", "-crldays",
                    "9", "-cert", ca.path(name + ".crt"), "-keyfile",
                    ca.path(name + ".key")])
        equal(done.returncode, 0, done.stderr)
        found += done.stdout
    return write_file(path, found)


def listener(name, *cas, lists=(), mode="required"):
    ca = authority()
    path = os.path.join(scratch_dir("ca"), "ca.pem")
    write_file(path, b"".join(read_file(ca.path(n + ".crt")) for n in cas))
    keys = {"crl": crl(*lists)} if lists else {}
    return {"name": name, "tls": ca.server(client_auth=mode, client_ca=path,
                                           **keys)}


def serve(*listeners):
    return Server(*listeners, timeouts={"message_ms": 250 * slowness()})


def without_intermediate(name):
    ca = authority()
    return (write_file(ca.path(name + ".alone.pem"),
                       read_file(ca.path(name + ".crt"))),
            ca.path(name + ".key"))


def get_in(server, name, cert):
    for version in VERSIONS:
        with connect(server.port(name), version, cert=cert) as c:
            c.send(b"W0FAC0B1234")
            equal(c.recv_all(), b"A0FAC0B1234", f"{name}, {version}")


def stay_out(server, name, cert, reason):
    for version in VERSIONS:
        got, address = knock(server.port(name), version, cert=cert,
                             source=fresh_address())
        equal(got, b"", f"{name}, {version}")
        server.wait_log(rf"warning: {name}: {re.escape(address)}: {reason}")


def begin(seconds, make):
    """make(dates) gives (server, its good clients by listener); None: this
    machine was too slow for that."""
    period, ends = dates(seconds)
    try:
        server, clients = make(period)
        for name, cert in clients:
            get_in(server, name, cert)
    except (AssertionError, ssl.SSLError, OSError):
        wwep_test.kill_all()
        if time.time() < ends:
            raise
        return None
    return server, ends


def test_an_authority_ends():
    """With and without lists; those of the other one still get in."""
    ca = authority()
    for seconds in SHORT_S:
        short, one = f"short{seconds}", f"one{seconds}"

        def make(period):
            ca.issue(short, f"/CN={short}", ca=True, dates=period)
            client, other = ca.client(one, issuer=short), ca.client("other")
            return serve(
                listener("none", "root", short),
                listener("lists", "root", short,
                         lists=("root", "inter", short)),
                listener("optional", "root", short, mode="optional")), [
                    (name, cert) for name in ("none", "lists", "optional")
                    for cert in (client, other)]
        begun = begin(seconds, make)
        if begun is None:
            continue
        server, ends = begun
        with server:
            wait_until(ends)
            for name in ("none", "lists", "optional"):
                stay_out(server, name, ca.client(one),
                         rf"{EXPIRED}: .* \(its CA /CN={short} did on 20")
                get_in(server, name, ca.client("other"))
        return
    raise AssertionError("too slow")


def test_an_intermediate_ends():
    """It has come once, and the library remembers it."""
    ca = authority()
    for seconds in SHORT_S:
        mid, one = f"mid{seconds}", f"under{seconds}"

        def make(period):
            ca.issue(mid, f"/CN={mid}", "root", ca=True, dates=period)
            return (serve(listener("none", "root")),
                    [("none", ca.client(one, issuer=mid, above=[mid]))])
        begun = begin(seconds, make)
        if begun is None:
            continue
        server, ends = begun
        with server:
            stay_out(server, "none", without_intermediate(one),
                     rf"{UNKNOWN}: .* \(that CA is /CN={mid}\)")
            wait_until(ends)
            stay_out(server, "none", ca.client(one), EXPIRED)
            stay_out(server, "none", without_intermediate(one), UNKNOWN)
        return
    raise AssertionError("too slow")


def test_an_authority_that_has_ended():
    """Also beside a good one: its clients would be refused."""
    ca = authority()
    ca.issue("past", "/CN=Past Root", ca=True, dates=PAST)
    for cas in (("past",), ("root", "past"), ("past", "root")):
        server = Server(listener("l", *cas), start=False)
        for options in ([], ["-t"]):
            done = run([WWEPD, *options, "-c", server.config_path])
            equal(done.returncode, 78, done.stderr)
            assert re.search(rb"listeners\[l\].tls.client_ca: .*: certificate "
                             rb"%d \(/CN=Past Root\) ended on 2021-01-01"
                             % (cas.index("past") + 1), done.stderr), \
                done.stderr


def test_an_authority_that_is_none():
    ca = authority()
    ca.client("board")
    server = Server(listener("l", "root", "board"), start=False)
    for options in ([], ["-t"]):
        done = run([WWEPD, *options, "-c", server.config_path])
        equal(done.returncode, 78, done.stderr)
        assert (b"certificate 2 (/CN=board) is not a CA's: give the CA that "
                b"signed the clients") in done.stderr, done.stderr


if __name__ == "__main__":
    wwep_test.main()
