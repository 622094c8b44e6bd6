# SPDX-License-Identifier: GPL-2.0-or-later
"""Running wwep-certs on certificates and servers, good ones and bad ones."""

import atexit
import base64
import contextlib
import functools
import hashlib
import os
import re
import socket
import ssl
import subprocess
import threading

from wwep_certs import SERVER_NAMES, authority
from wwep_test import (SRC, equal, free_port, read_file, run, scratch_dir,
                       tool, until, write_file)

WWEP_CERTS = os.path.join(SRC, "certs", "wwep-certs")
SHELLS = (("dash", ("dash",)), ("bash", ("bash", "--posix")),
          ("busybox", ("busybox", "sh")))
LEAF_NAME = "/CN=server"
VERSIONS = {"TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}

# --- running it -------------------------------------------------------------

def certs(*args, code=0, shell=("/bin/sh",), data=b"", env=None, cwd=None):
    """Runs wwep-certs; returns its output and its error output, which have
    no control characters. A command that fails says why in one line."""
    before = set(os.listdir(cwd)) if cwd else None
    done = run([*shell, WWEP_CERTS, *args], data, 60, cwd=cwd,
               env={**os.environ, "TMPDIR": temporary(), **(env or {})})
    out, err = (done.stdout.decode("utf-8", "surrogateescape"),
                done.stderr.decode("utf-8", "surrogateescape"))
    equal(done.returncode, code, f"code of {args}\n{out}\n{err}")
    if code:
        equal(err.count("\n"), 1, f"lines of {err!r}")
        if before is not None:
            equal(set(os.listdir(cwd)), before, "the folder")
    else:
        equal(err, "", "error output")
    equal(os.listdir(temporary()), [], "scratch that is left")
    return out, err


@functools.lru_cache(maxsize=None)
def temporary():
    return scratch_dir("tmp with a 'quote")


def refused(reason, *args, **options):
    """It fails with this reason, and with no other output."""
    out, err = certs(*args, code=options.pop("code", 1), **options)
    equal(out, "", "output")
    if not re.search(reason, err):
        raise AssertionError(f"got {err!r}, want {reason!r}")


def has(text, *patterns):
    for pattern in patterns:
        if not re.search(pattern, text, re.M):
            raise AssertionError(f"no {pattern!r} in:\n{text}")


# --- certificates -----------------------------------------------------------

def openssl(*args, data=b""):
    done = run([tool("openssl"), *args], data)
    if done.returncode != 0:
        raise AssertionError(f"openssl {args}: {done.stderr!r}")
    return done.stdout


def once(name, **options):
    """The path of a certificate of authority(), made when first needed."""
    ca = authority()
    if not os.path.exists(ca.path(name + ".crt")):
        options = {"subject": f"/CN={name}", **options}
        ca.issue(name, options.pop("subject"), **options)
    return ca.path(name + ".crt")


def leaf(key="ec"):
    """(the leaf's file, with its chain; the root's)"""
    if key == "ec":
        once("leaf", subject=LEAF_NAME, issuer="inter", san=SERVER_NAMES)
        return authority().chain("leaf", "inter"), authority().root
    root = once("rsa-root", key="rsa", ca=True)
    once("rsa-inter", issuer="rsa-root", key="rsa", ca=True)
    once("rsa-leaf", subject=LEAF_NAME, issuer="rsa-inter", key="rsa",
         san=SERVER_NAMES)
    return authority().chain("rsa-leaf", "rsa-inter"), root


def special(name, *options, key=("ec", "-pkeyopt",
                                 "ec_paramgen_curve:P-256"), issuer=None,
            subject=None):
    """A certificate by `openssl req`, for what openssl ca does not make."""
    path = authority().path(name + ".crt")
    if os.path.exists(path):
        return path
    if issuer:
        options += ("-CA", authority().path(issuer + ".crt"),
                    "-CAkey", authority().path(issuer + ".key"))
    openssl("req", "-x509", "-newkey", *key, "-nodes", "-days", "30",
            "-subj", subject or f"/CN={name}", "-out", path,
            "-keyout", authority().path(name + ".key"), *options)
    return path


def der_of(path):
    return openssl("x509", "-in", path, "-outform", "DER")


def pem_of(der):
    return (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der)
            + b"-----END CERTIFICATE-----\n")


def blocks(pem):
    return re.findall(rb"-----BEGIN CERTIFICATE-----.*?"
                      rb"-----END CERTIFICATE-----\n", pem, re.S)


def ders(pem):
    return [ssl.PEM_cert_to_DER_cert(b.decode()) for b in blocks(pem)]


def patched(path, old, new):
    """The certificate with some of its bytes replaced."""
    der = der_of(path)
    equal(len(old), len(new), "length")
    equal(old in der, True, f"{old!r} is there")
    return write_file(os.path.join(scratch_dir(), "patched.pem"),
                      pem_of(der.replace(old, new)))


def flipped_signature(path):
    der = der_of(path)
    return write_file(os.path.join(scratch_dir(), "flipped.pem"),
                      pem_of(der[:-1] + bytes([der[-1] ^ 1])))


def with_chain(path, *above):
    return write_file(os.path.join(scratch_dir(), "chain.pem"), b"".join(
        read_file(p) for p in (path, *above)))


def fingerprint(pem):
    digest = hashlib.sha256(ders(pem)[0]).hexdigest().upper()
    return ":".join(digest[i:i + 2] for i in range(0, 64, 2))


# --- servers ----------------------------------------------------------------

@contextlib.contextmanager
def process(*argv, port):
    """A server of somebody else's, once it listens."""
    child = subprocess.Popen(argv, stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    atexit.register(child.kill)
    try:
        until(lambda: listens(port), f"{argv[0]} listens")
        yield port
    finally:
        child.kill()
        child.wait()
        child.stdin.close()


def listens(port):
    """Without a connection, which a server might take for its only one."""
    for name in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(FileNotFoundError):
            with open(name, encoding="ascii") as f:
                if f":{port:04X} 0000" in re.sub(
                        r" (\S+) (0+:0000) 0A ", r" \1 \2 ", f.read()):
                    return True
    return False


def s_server(chain, key, *options):
    port = free_port()
    return process(tool("openssl"), "s_server", "-accept", str(port),
                   "-cert", chain, *above(chain), "-key", key, "-quiet",
                   *options, port=port)


def above(chain):
    """The options for s_server to send what is below the leaf, too."""
    rest = blocks(read_file(chain))[1:]
    if not rest:
        return []
    return ["-cert_chain", write_file(os.path.join(
        scratch_dir(), "above.pem"), b"".join(rest))]


@contextlib.contextmanager
def socket_server(talk):
    """A server whose connections are handed to talk(socket)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    s = listener.accept()[0]
                    with s, contextlib.suppress(OSError):
                        talk(s)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def silent(s):
    s.settimeout(20)
    while s.recv(4096):
        pass


def endless(s):
    while True:
        s.sendall(b"\x8a\x01\xff\x77" * 1000)


def endless_records(s):
    """Handshake records that say nothing (HelloRequest), and never end."""
    while True:
        s.sendall(b"\x16\x03\x03\x00\x04\0\0\0\0" * 100)


def http(s):
    s.recv(4096)
    s.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


# --- what is said of them ---------------------------------------------------

def forms(pem):
    a, b = blocks(pem)
    crlf = pem.replace(b"\n", b"\r\n")
    text = "Die Zertifikate für Schüler: ☺\n".encode()
    return {"CRLF": crlf, "BOM": b"\xef\xbb\xbf" + pem,
            "BOM and CRLF": b"\xef\xbb\xbf" + crlf,
            "text around": text + a + text + b"\x80\xff\n" + b + text,
            "no end of line": pem[:-1],
            "a key between": a + read_file(authority().path("leaf.key")) + b,
            "DER": b"".join(ders(pem)),
            "one long line": b"".join(
                b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(d)
                + b"\n-----END CERTIFICATE-----\n" for d in ders(pem)),
            "another label": pem.replace(b"CERTIFICATE", b"X509 CERTIFICATE")}


def squeezed(text):
    return " ".join(text.split())
