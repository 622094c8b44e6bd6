# SPDX-License-Identifier: GPL-2.0-or-later
"""The tool wwep-certs under test, and what others say of what it makes."""

import calendar
import contextlib
import functools
import html
import os
import re
import shutil
import signal
import stat
import subprocess
import time

from wwep_test import (BUILD, SRC, Server, equal, read_file, run, scratch_dir,
                       tool, write_file)

TOOL = os.path.join(SRC, "certs", "wwep-certs")
WOLFSSL_VERIFY = os.path.join(BUILD, "tests", "integration", "wolfssl_verify")
HOST = "wwep.example.edu"
ADDRESSES = ("10.1.2.3", "fd00::5")
DAY_S = 86400
PRIVATE = b"PRIVATE " b"KEY-----"
VERBS = ("init", "client", "class", "self-signed", "show", "fetch", "to-pem",
         "to-der", "to-c", "verify", "revoke", "crl", "renew", "list",
         "check", "help")


class Done:
    """What a run of the tool has left."""

    def __init__(self, code, out, err):
        self.code = code
        self.out = out.decode()
        self.err = err.decode("utf-8", "backslashreplace")


def environment(**changes):
    """Ours, with changes; None takes a variable away."""
    env = {**os.environ, **changes}
    return {k: v for k, v in env.items() if v is not None}


def certs(*args, code=0, err="", env=None, data=b"", **options):
    """Runs the tool, and checks its exit code, that `err` is in its
    complaint, that it shows no key, and that it cleans up."""
    temporary = scratch_dir("tmp")
    done = run([TOOL, *args], data, timeout=120, env=environment(
        **{"TMPDIR": temporary, **(env or {})}), **options)
    done = Done(done.returncode, done.stdout, done.stderr)
    equal(done.code, code, f"exit code of {args}; {done.err}")
    assert err in done.err, f"{args}: {err!r} is not in {done.err!r}"
    if code != 0:
        assert re.search("^wwep-certs: ", done.err, re.M), done.err
    for shown in (done.out, done.err):
        assert PRIVATE.decode() not in shown, f"{args} shows a key"
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown), \
            f"{args} shows control characters: {shown!r}"
    equal(os.listdir(temporary), [], f"{args} leaves scratch")
    return done


def start(*args, env=None):
    """The tool as a process group of its own, to be ended by end()."""
    return subprocess.Popen(
        [TOOL, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
        env=environment(TMPDIR=scratch_dir("tmp"), **(env or {})))


def end(process, kill=False):
    if kill:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    return Done(process.returncode, out, err)


def openssl(*args, data=b""):
    done = run([tool("openssl"), *args], data)
    equal(done.returncode, 0, f"openssl {args}: {done.stderr!r}")
    return done.stdout.decode()


def new(name="class"):
    """The path of a folder that is not there."""
    return os.path.join(scratch_dir("new"), name)


# --- a class ----------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def made(kind="ec"):
    """The path of a class that all tests of the file may read."""
    path = new()
    certs("init", path, "--key", kind, "--days", "100", "--name", HOST,
          *[word for a in ADDRESSES for word in ("--name", a)])
    return path


def copied(path=None):
    """A copy of a class, to be changed."""
    to = new()
    shutil.copytree(path or made(), to)
    return to


def snapshot(folder):
    """{path: (mode, bytes)} of all that is in it."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            found[os.path.relpath(path, folder)] = (
                mode, read_file(path) if os.path.isfile(path) else None)
    return found


@contextlib.contextmanager
def unchanged(folder):
    before = snapshot(folder)
    yield
    after = snapshot(folder)
    equal(sorted(k for k in before.keys() | after.keys()
                 if before.get(k) != after.get(k)), [], f"changes in {folder}")


def check_keys_are_private(folder):
    """Only files that must have one have a key, and for their owner alone."""
    for name, (mode, content) in snapshot(folder).items():
        if content is None or name.endswith("private"):
            continue
        has = PRIVATE in content
        equal(has, name.endswith((".key", "client.h")), f"a key in {name}")
        if has:
            equal(mode, 0o600, f"mode of {name}")


def check_whole(folder):
    """No file ends in the middle."""
    ends = {".pem": b"-----END ", ".key": b"-----END ", ".h": b"#endif",
            ".html": b"</body></html>"}
    for name, (_, content) in snapshot(folder).items():
        last = (content or b"").split(b"\n")[-2:]
        want = ends.get(os.path.splitext(name)[1])
        if name.startswith(".wwep-certs"):
            continue  # being made
        if content is not None and want:
            assert last[0].startswith(want) and last[1] == b"", \
                f"{name} ends with {content[-50:]!r}"
        if name.endswith(".der"):
            equal(sum(map(len, der_blocks(content))), len(content), name)


def der_blocks(data):
    """The SEQUENCEs, one after another."""
    blocks = []
    while data:
        equal(data[:2], b"\x30\x82", "a long SEQUENCE")
        size = 4 + int.from_bytes(data[2:4], "big")
        blocks.append(data[:size])
        data = data[size:]
    return blocks


# --- one certificate --------------------------------------------------------

def subject(path):
    return openssl("x509", "-in", path, "-noout", "-subject", "-nameopt",
                   "RFC2253,-esc_msb").strip()


def serial(path):
    return openssl("x509", "-in", path, "-noout", "-serial").strip()[7:]


def text(path):
    return openssl("x509", "-in", path, "-noout", "-text")


def public_key(path):
    return openssl("x509", "-in", path, "-noout", "-pubkey")


def moment(line):
    """notAfter=Nov 23 00:10:04 2027 GMT, as openssl prints it."""
    return calendar.timegm(time.strptime(line.split("=", 1)[1].strip(),
                                         "%b %d %H:%M:%S %Y GMT"))


def end_of(path):
    return moment(openssl("x509", "-in", path, "-noout", "-enddate"))


def list_ends(path):
    """nextUpdate of each list in crl.pem"""
    blocks = re.findall(r"-----BEGIN.*?-----END[^\n]*\n",
                        read_file(path + "/crl.pem").decode(), re.S)
    equal(len(blocks), 2, "lists")
    return [moment(openssl("crl", "-noout", "-nextupdate", data=b.encode()))
            for b in blocks]


def day_after(days):
    """A date so many days from now, and its last second."""
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * DAY_S))
    return day, calendar.timegm(time.strptime(day, "%Y-%m-%d")) + DAY_S - 1


# --- programs that the tool calls, changed ----------------------------------

def replaced(name, script):
    """An environment in which the program NAME is this script; "$real" is
    the one that it stands for."""
    folder = scratch_dir("bin")
    write_file(os.path.join(folder, name),
               f"#!/bin/sh\nreal={tool(name)}\n{script}\n", 0o700)
    return {"PATH": folder + os.pathsep + os.environ["PATH"]}


def shifted(days):
    """An environment whose clock is wrong by so many days."""
    return replaced("date", f"echo $(($($real +%s) + {days * DAY_S}))")


# --- what others say --------------------------------------------------------

def openssl_verifies(ca, chain, *options):
    return run([tool("openssl"), "verify", "-no-CApath", "-no-CAstore",
                "-x509_strict", "-CAfile", ca, "-untrusted", chain, *options,
                chain]).returncode == 0


def gnutls_verifies(ca, chain, *options):
    return run([tool("certtool"), "--verify", "--load-ca-certificate", ca,
                "--infile", chain, *options]).returncode == 0


def wolfssl_verifies(ca, chain):
    done = run([WOLFSSL_VERIFY, ca, chain])
    assert done.returncode in (0, 1), done.stderr
    return done.returncode == 0


def check_all_verify(ca, chain, purpose=None):
    """purpose: sslserver or sslclient"""
    oid = {"sslserver": "1.3.6.1.5.5.7.3.1", "sslclient": "1.3.6.1.5.5.7.3.2"}
    assert openssl_verifies(ca, chain, *(
        ["-purpose", purpose] if purpose else [])), f"openssl: {chain}"
    assert gnutls_verifies(ca, chain, *(
        ["--verify-purpose", oid[purpose]] if purpose else [])), \
        f"gnutls: {chain}"
    assert wolfssl_verifies(ca, chain), f"wolfSSL: {chain}"


# --- a server ---------------------------------------------------------------

def serve(path, **tls):
    """A wwepd with the class's certificates, for its clients alone."""
    return Server({"name": "class", "tls": {
        "certificate": path + "/server.pem",
        "private_key": path + "/server.key", "client_auth": "required",
        "client_ca": path + "/ca.pem", **tls}})


def try_handout(folder, server, ca="ca.pem"):
    """What the handout's command gets from the server; nothing if it is not
    let in."""
    page = html.unescape(read_file(folder + "/handout.html").decode())
    command = re.search("<pre>(.*?)</pre>", page, re.S)[1]
    command, count = re.subn(r"-connect \S+", "-connect 127.0.0.1:"
                             + str(server.port("class")), command)
    equal(count, 1, "-connect")
    command = command.replace("-CAfile ca.pem", "-CAfile " + ca)
    return run(["sh", "-c", command], cwd=folder).stdout
