# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs show: what it says of certificates, and what all that read one
say of files that have none."""

import base64
import functools
import hashlib
import os
import re

import wwep_test
from wwep_certs import FUTURE, PAST, authority
from wwep_certs_read import (blocks, certs, der_of, ders, fingerprint, forms,
                             has, leaf, once, openssl, patched, refused,
                             special)
from wwep_test import each, equal, read_file, scratch_dir, write_file

# --- show -------------------------------------------------------------------

def test_show_all_that_there_is_to_say():
    path = leaf()[0]
    out, _ = certs("show", path)
    serial = openssl("x509", "-in", path, "-noout", "-serial").decode()[7:-1]
    first = out.split("\n\n")[0]
    has(first, r"\ACertificate 1 of 2$", r"^  subject +CN = server$",
        r"^  issuer +CN = Test Intermediate$",
        r"^  names +DNS:localhost, IP Address:127.0.0.1, IP\n"
        r" +Address:0:0:0:0:0:0:0:1$",
        r"^  valid from +2020-01-01 00:00:00Z \(\d+ days ago\)$",
        r"^  valid until +2099-12-31 23:59:59Z \(in \d+ days\)$",
        rf"^  serial +{serial}$", r"^  key +EC P-256$",
        r"^  signature +ecdsa-with-SHA256$", r"^  CA +no$",
        r"^  key usage +Digital Signature$",
        r"^  extended usage TLS Web Server Authentication, "
        "TLS Web Client Authentication$",
        rf"^  SHA-256 +{fingerprint(read_file(path))}$")
    has(out, r"^Certificate 2 of 2\n  subject +CN = Test Intermediate$",
        r"^  CA +yes$")


def test_show_other_keys_and_names():
    out, _ = certs("show", special(
        "pss", "-sigopt", "rsa_padding_mode:pss", "-addext",
        "subjectAltName=URI:urn:wwep:device:0FAC,email:a@b.c,"
        "dirName:section,otherName:1.2.3;UTF8:x", "-config", write_file(
            authority().path("pss.cnf"),
            "[req]\ndistinguished_name=section\n[section]\nCN=dir\n"),
        key=("rsa:2048",)))
    has(out, r"\ACertificate$", r"key +RSA 2048", r"signature +rsassaPss, sha",
        r"names +URI:urn:wwep:device:0FAC, email:a@b.c, DirName",
        "issuer +the same")
    has(certs("show", special("ed25519", key=("ed25519",)))[0],
        r"key +ED25519", r"signature +ED25519", r"CA +yes$")
    path = special("limit", "-addext",
                   "basicConstraints=critical,CA:TRUE,pathlen:3",
                   "-extensions", "none", "-config", write_file(
                       authority().path("limit.cnf"),
                       "[req]\ndistinguished_name=n\nx509_extensions=none\n"
                       "[n]\n[none]\n"),
                   "-utf8", subject="/O=Schüler/CN=Ωμέγα")
    has(certs("show", path)[0], r"CA +yes, path length 3$",
        "O = Schüler, CN = Ωμέγα$", r"names +\(none\)$")


def test_show_expired_and_not_yet_valid():
    out, _ = certs("show", once("past", issuer="root", dates=PAST))
    has(out, r"valid until +2021-01-01 00:00:00Z \(\d+ days ago\): EXPIRED$")
    out, _ = certs("show", once("future", issuer="root", dates=FUTURE))
    has(out, r"valid from +2100-01-01 00:00:00Z \(in \d+ days\): "
        "NOT YET VALID$")


def test_show_every_form():
    pem = read_file(leaf()[0])
    want = certs("show", leaf()[0])[0]
    for name, content in forms(pem).items():
        path = write_file(os.path.join(scratch_dir(), "a 'b' $c.pem"), content)
        equal(certs("show", path)[0], want, name)
    equal(certs("show", "-", data=pem)[0], want, "stdin")
    folder = scratch_dir()
    write_file(os.path.join(folder, "-n"), pem)
    equal(certs("show", "--", "-n", cwd=folder)[0], want, "a name with -")
    write_file(os.path.join(folder, "localhost:1"), pem)
    equal(certs("show", "localhost:1", cwd=folder)[0], want,
          "a file named as a server")


def test_show_a_bundle_of_many():
    pem = b"".join(read_file(leaf()[0]) for _ in range(10))
    out, _ = certs("show", "-", data=pem)
    equal(len(re.findall("^Certificate [0-9]+ of 20$", out, re.M)), 20)


def test_show_nothing_that_a_terminal_obeys():
    path = special("0123456789abcdef", "-addext",
                   "subjectAltName=DNS:0123456789abcdef.example")
    for evil in (b"\x1b[2J\x1b]0;\x07y\0\n\r", b"\nCA = no\nX509",
                 b"\xc2\x9b2J\xe2\x80\xae", b"\x9b\x9b\xff\xfe\x80"):
        evil = evil.ljust(16, b"x")
        if evil[0] == 0x9b:  # it would not be accepted as UTF-8
            bad = patched(path, b"0123456789abcdef.ex", evil + b".ex")
        else:
            bad = patched(path, b"0123456789abcdef", evil)
        out, _ = certs("show", bad)
        equal(re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-"
                         "\u202e\udc80-\udc9f]", out), [], f"in {out!r}")
        has(out, r"^  CA +yes$", r"^  names +.*xx.example$")


# --- what is no certificate -------------------------------------------------

@functools.lru_cache(maxsize=None)
def bad_files():
    """name: (content, the reason)"""
    path, _ = leaf()
    pem = read_file(path)
    a, b = blocks(pem)
    der = der_of(path)
    key = read_file(authority().path("leaf.key"))
    encrypted = openssl("pkey", "-aes256", "-passout", "pass:x", "-in",
                        authority().path("leaf.key"))
    request = openssl("req", "-new", "-key", authority().path("leaf.key"),
                      "-subj", "/CN=x")
    damaged = b.replace(b.split(b"\n")[2], b"A" * 64)
    pkcs12 = openssl("pkcs12", "-export", "-in", authority().path("leaf.crt"),
                     "-inkey", authority().path("leaf.key"), "-passout",
                     "pass:x")
    return {
        "empty": (b"", "is empty"),
        "text": (b"Hello\n", "is no certificate, neither in PEM nor in DER"),
        "noise": (hashlib.sha512(b"x").digest() * 99, "is no certificate"),
        "zeros": (bytes(1000), "is no certificate"),
        "huge": (bytes(5000000), "has more than 4 MiB"),
        "PEM cut off": (a[:300], "line 1: the CERTIFICATE block is cut off"),
        "PEM cut off in the second": (pem[:-200], "is cut off"),
        "DER cut off": (der[:-1], "certificate 1 is cut off"),
        "second DER cut off": (der + der[:99], "certificate 2 is cut off"),
        "DER and more": (der + b"more", "after 1 certificates comes"),
        "damaged DER": (der[:20] + bytes(100) + der[120:], "damaged"),
        "a bad block": (a + damaged, "certificate 2 of 2 is damaged"),
        "no base64": (a.replace(b"M", b"*"), "certificate 1 of 1 is damaged"),
        "blocks mixed up": (a.replace(b"END CERT", b"END X CERT"), "closes"),
        "key": (key, "is a private key, not a certificate"),
        "encrypted key": (encrypted, "is an encrypted private key"),
        "DER key": (openssl("pkey", "-in", authority().path("leaf.key"),
                            "-outform", "DER"), "is a private key"),
        "public key": (openssl("pkey", "-pubout", "-in",
                               authority().path("leaf.key")),
                       "is a public key"),
        "request": (request, "is a request for a certificate"),
        "PKCS12": (pkcs12, r"is PKCS #12"),
    }


VERBS = (("show",), ("to-pem",), ("to-der",), ("to-c",),
         ("verify", "--ca", "CA"))


@each(*(v[0] for v in VERBS))
def test_bad_file(verb):
    args = [v for v in VERBS if v[0] == verb][0]
    args = [authority().root if a == "CA" else a for a in args]
    folder = scratch_dir()
    cases = bad_files().items()
    if verb != "show":  # all read by the same function
        cases = list(cases)[::4]
    for name, (content, reason) in cases:
        write_file(os.path.join(folder, "in"), content)
        out = ["-o", "out"] if verb.startswith("to-") else []
        try:
            refused(f"^wwep-certs: in: .*{reason}", *args, "in", *out,
                    cwd=folder)
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}") from None


def test_bad_paths():
    folder = scratch_dir()
    refused("^wwep-certs: .: is a folder", "show", ".", cwd=folder)
    refused("^wwep-certs: /dev/zero: has more than 4 MiB", "show", "/dev/zero")
    refused("^wwep-certs: /dev/null: is empty", "show", "/dev/null")
    refused("^wwep-certs: no/file: there is no such file", "show", "no/file")
    refused("^wwep-certs: nofile: there is no such file; a server is written",
            "show", "nofile")
    refused("^wwep-certs: -: is empty", "show", "-")
    os.symlink("nowhere", os.path.join(folder, "link"))
    refused("^wwep-certs: link: there is no such file", "show", "link",
            cwd=folder)
    if os.getuid() != 0:
        write_file(os.path.join(folder, "secret"), "x", 0)
        refused("may not be read", "show", "secret", cwd=folder)


def test_bad_command_lines():
    for args, reason in (
            (("show",), "is missing"), (("show", "a", "b"), "too many"),
            (("show", "--fast", "a"), "there is no option --fast"),
            (("show", "--wait", "0", "a"), "no number of seconds"),
            (("show", "--wait", "1s", "a"), "no number of seconds"),
            (("fetch",), "is missing"), (("to-c",), "is missing"),
            (("to-c", "--array", "1a", leaf()[0]), "no name for an array"),
            (("to-c", "--array", "int", leaf()[0]), "no name for an array"),
            (("to-c", "--array", "a b", leaf()[0]), "no name for an array"),
            (("verify", leaf()[0]), "--ca FILE is missing"),
            (("verify", leaf()[0], "--ca", leaf()[1], "--at", "2026-02-30"),
             "is no date"),
            (("verify", leaf()[0], "--ca", leaf()[1], "--name", "a b"),
             "is neither")):
        refused(f"^wwep-certs: .*{reason}", *args, code=2)
    for server, reason in (
            ("localhost:0", "no port"), ("localhost:65536", "no port"),
            ("localhost:", "no port"), ("localhost:x", "no port"),
            ("::1:443", r"is written \[ADDRESS\]:PORT"),
            ("[::1:443", "there is no such file"),
            ("[x]:443", "is no IPv6 address"), ("a b:443", "no host"),
            ("1.2.3.256:443", "no host"), ("-x.:443", "no host")):
        refused(f"^wwep-certs: {re.escape(server)}: .*{reason}", "show", "--",
                server)


@each("show", "fetch", "to-pem", "to-der", "to-c", "verify")
def test_help(verb):
    out, _ = certs(verb, "--help")
    has(out, rf"\Awwep-certs {verb} ", rf"^  wwep-certs {verb} .*\n\Z")
    equal(max(map(len, out.splitlines())) <= 80, True, "width")


if __name__ == "__main__":
    wwep_test.main()
