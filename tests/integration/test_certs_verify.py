# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs verify: each step, and each way to fail it."""

import hashlib
import os
import re

import wwep_test
from wwep_certs import FUTURE, PAST, SERVER_NAMES, authority
from wwep_certs_read import (LEAF_NAME, above, certs, ders, flipped_signature,
                             has, leaf, once, openssl, patched, refused,
                             s_server, special, squeezed, with_chain)
from wwep_test import SRC, each, equal, read_file, scratch_dir, write_file

# --- verify -----------------------------------------------------------------

def verified(path, ca, *options, **more):
    return squeezed(certs("verify", path, "--ca", ca, *options, **more)[0])


def fails_at(step, reason, path, ca, *options, openssl_says=None):
    """The verification fails first at the step with this question, and the
    openssl command fails, too."""
    out, err = certs("verify", path, "--ca", ca, *options, code=1)
    text = squeezed(out)
    number = re.search(rf"(\d+)\. {step}", text)
    if not number:
        raise AssertionError(f"no step {step!r} in:\n{out}")
    has(err, rf"^wwep-certs: FAILED at step {number[1]}: .*({reason}).*\n\Z")
    equal("; " in err, True, "what to do")
    before = text[:number.start()]
    equal("NO: " in before, False, f"a failure before:\n{out}")
    has(text, rf"It says no, too: certificate \d: ({openssl_says or ''})")
    return text


@each("ec", "rsa")
def test_verify_a_good_chain(key):
    path, root = leaf(key)
    text = verified(path, root)
    has(text, "No name is asked for", "^Is it good for whoever trusts",
        r"Does the openssl command say the same\? ok",
        "All 11 steps hold: CN = server is good.$")
    has(verified(path, root, "--name", "localhost"), "Is it for localhost?",
        "All 13 steps hold: CN = server is good for localhost.$")
    tbs = ssl_tbs(ders(read_file(path))[0])
    digest = hashlib.sha256(tbs).hexdigest()
    if key == "rsa":
        has(text, f"computed {digest} opened {digest} ok: the same")
    else:
        has(text, f"computed {digest} An ECDSA signature has no digest in it")


def ssl_tbs(der):
    """The first element in the certificate's SEQUENCE."""
    def head(at):
        n = der[at + 1]
        if n < 128:
            return 2, n
        n -= 128
        return 2 + n, int.from_bytes(der[at + 2:at + 2 + n], "big")
    start = head(0)[0]
    size, length = head(start)
    return der[start:start + size + length]


def test_verify_other_signatures():
    for name, key, options, says in (
            ("v-pss", ("rsa:2048",), ("-sigopt", "rsa_padding_mode:pss",
                                      "-sigopt", "rsa_pss_saltlen:20",
                                      "-sha384"), "A PSS signature has random"),
            ("v-ed", ("ed25519",), (), "It signs the certificate itself"),
            ("v-p384", ("ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
             ("-sha512",), "An ECDSA signature")):
        path = special(name, *options, key=key)
        has(verified(path, path), says, "it is its own root",
            r"It says: itself", "All 5 steps hold")
        # A certificate of 256 bytes and less has a shorter head.
        fails_at("Is the signature", "changed after it was signed"
                 "|was changed, or another CA", flipped_signature(path),
                 path)


def test_verify_a_changed_certificate():
    for key in ("ec", "rsa"):
        path, root = leaf(key)
        above = authority().path(("rsa-" if key == "rsa" else "") +
                                 "inter.crt")
        changed = with_chain(patched(path, b"localhost", b"localhosu"), above)
        text = fails_at("Is the signature",
                        {"ec": "it is the right key: the certificate or its",
                         "rsa": "the digests differ"}[key], changed, root,
                        openssl_says="certificate signature failure")
        if key == "rsa":
            a, b = re.search(r"computed (\w+) opened (\w+) NO", text).groups()
            equal(a == b, False, "digests")
        flipped = with_chain(flipped_signature(path), above)
        text = fails_at("Is the signature", "it is the right key", flipped,
                        root, openssl_says="certificate signature failure")
        if key == "rsa":
            has(text, r"opened \(that key opens nothing\)")


def test_verify_with_another_ca_of_the_name():
    once("twin", subject="/CN=Test Root", ca=True)
    path, root = leaf()
    text = fails_at("Is the signature that of 'CN = Test Root'",
                    "another CA of the same name has signed it", path,
                    authority().path("twin.crt"),
                    openssl_says="certificate signature failure|unable to "
                    "get local issuer certificate")
    has(text, r"its signer has the key [0-9A-F:]+ this CA has the key "
        "[0-9A-F:]+ NO")
    # Beside the right one it does no harm, whatever their order.
    for both in (("twin", "root"), ("root", "twin")):
        verified(path, with_chain(*(authority().path(n + ".crt")
                                    for n in both)))
    # It is sent along, and ours is another one.
    fails_at("Is it one of those you trust", "another CA of the same name",
             authority().chain("leaf", "inter", "root"),
             authority().path("twin.crt"))


def direct():
    """A server's certificate with nobody between it and the root."""
    return once("direct", subject=LEAF_NAME, issuer="root", san=SERVER_NAMES)


def test_verify_dates():
    path, root = direct(), authority().root
    fails_at("Is it valid then", "has expired on 2099-12-31 23:59:59Z", path,
             root, "--at", "2100-01-01", openssl_says="certificate has exp")
    fails_at("Is it valid then", "is not valid yet", path, root, "--at",
             "2019-12-31T23:59:59Z",
             openssl_says="certificate is not yet valid")
    has(verified(path, root, "--at", "2099-12-31T23:59:59Z"),
        "All 7 steps hold")
    fails_at("Is it valid then", "has expired on 2021-01-01", once(
        "past", issuer="root", dates=PAST), root)
    fails_at("Is it valid then", "is not valid yet", once(
        "future", issuer="root", dates=FUTURE), root)


def test_verify_as_of_a_day():
    """A day is its noon, also before there were clocks."""
    for day in ("2030-01-02", "1969-12-31", "1968-02-29"):
        out = certs("verify", direct(), "--ca", authority().root, "--at", day,
                    code=0 if day[0] == "2" else 1)[0]
        has(squeezed(out), f"as of {day} 12:00:00Z")
    has(squeezed(certs("help", "verify")[0]), "noon of that day")
    page = os.path.join(SRC, "man", "wwep-certs.1.scd")
    has(squeezed(read_file(page).decode()), "--at\\* its noon")


def test_verify_names():
    path, root = direct(), authority().root
    for name in ("LOCALHOST", "127.0.0.1", "0:0::1"):
        has(verified(path, root, "--name", name), "All 9 steps hold")
    for name in ("sub.localhost", "127.0.0.2", "::2"):
        fails_at("Is it for", f"it is not for {name}", path, root, "--name",
                 name)
    out = verified(once("old.example", issuer="root"), root, "--name",
                   "old.example")
    has(out, "by its subject alone", "hold: .* But see the warnings")
    client = special("client", "-addext", "extendedKeyUsage=clientAuth",
                     "-addext", "subjectAltName=DNS:client", issuer="root")
    fails_at("May it be a server's", "its key usage", client, root, "--name",
             "client")


def test_verify_self_signed():
    path = special("self", "-addext", "subjectAltName=DNS:localhost")
    fails_at("Is it one of those you trust",
             "has signed itself, and is not in", path, authority().root,
             openssl_says="self-signed certificate")
    has(verified(path, path, "--name", "localhost"),
        "then it is its own root", "All 7 steps hold")


def test_verify_what_is_missing():
    leaf()
    path = authority().path("leaf.crt")
    fails_at("Who has signed it", "the certificate of 'CN = Test "
             "Intermediate' is missing", path, authority().root,
             openssl_says="unable to get local issuer certificate")
    verified(path, with_chain(authority().inter, authority().root))
    # An intermediate, or the leaf itself, may be the anchor.
    has(verified(path, authority().inter), "All 7 steps hold")
    has(verified(path, path), "does not matter if it is trusted itself",
        "All 3 steps hold")
    # The right CA is sent, but is not ours.
    other = once("other", subject="/CN=Other", ca=True)
    fails_at("Is it one of those you trust", "'CN = Test Root' is not in",
             authority().chain("leaf", "inter", "root"), other)


def test_verify_a_signer_that_may_not():
    leaf()
    root = authority().root
    special("by-leaf", issuer="leaf")
    fails_at("May 'CN = server' sign", "it is no CA", with_chain(
        authority().path("by-leaf.crt"), *(authority().path(n + ".crt")
                                           for n in ("leaf", "inter"))), root)
    usage = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext",
             "keyUsage=critical,digitalSignature")
    blank = ("-config", write_file(
        authority().path("blank.cnf"), "[req]\ndistinguished_name=n\n[n]\n"))
    no_sign = special("no-sign", *usage, *blank, issuer="root")
    by_no_sign = special("by-no-sign", *blank, issuer="no-sign")
    fails_at("May 'CN = no-sign' sign", "has no Certificate Sign",
             with_chain(by_no_sign, no_sign), root)
    limit = ("-addext", "basicConstraints=critical,CA:TRUE,pathlen:0")
    zero = special("zero", *limit, *blank, issuer="root")
    below = special("below", "-addext", "basicConstraints=critical,CA:TRUE",
                    *blank, issuer="zero")
    leaf_below = special("leaf-below", *blank, issuer="below")
    verified(with_chain(special("leaf-zero", *blank, issuer="zero"), zero),
             root)
    fails_at("May 'CN = zero' sign", "it may have 0 CAs below it, and has 1",
             with_chain(leaf_below, below, zero), root)


def test_verify_warns():
    root = authority().root
    weak = special("weak", "-sha1", key=("rsa:1024",), issuer="root")
    text = verified(weak, root)
    has(text, "warning: its key, RSA 1024, is so short",
        "warning: somebody .* the same SHA1 digest", "But see the warnings.$")


def test_verify_only_openssl_knows():
    blank = ("-config", write_file(
        authority().path("blank.cnf"), "[req]\ndistinguished_name=n\n[n]\n"))
    narrow = special("narrow", "-addext", "basicConstraints=critical,CA:TRUE",
                     "-addext", "nameConstraints=critical,permitted;DNS:here",
                     *blank, issuer="root")
    path = special("outside", "-addext", "subjectAltName=DNS:there", *blank,
                   issuer="narrow")
    _, err = certs("verify", with_chain(path, narrow), "--ca",
                   authority().root, code=1)
    has(err, "FAILED at step 11: it says no: certificate 1: permitted "
        "subtree violation")


def test_verify_a_server():
    path, root = leaf()
    with s_server(path, authority().path("leaf.key")) as port:
        text = verified(f"localhost:{port}", root)
        has(text, "Is it for localhost?", "sent along by the server",
            "good for localhost.$")
        fails_at("Is it for other", "it is not for other",
                 f"localhost:{port}", root, "--name", "other")
    with s_server(authority().path("leaf.crt"),
                  authority().path("leaf.key")) as port:
        fails_at("Who has signed it", "the server has to send it",
                 f"localhost:{port}", root)


def crl_config(name):
    folder = scratch_dir("crl")
    write_file(os.path.join(folder, "index.txt"), "")
    return write_file(os.path.join(folder, "ca.cnf"), f"""
[ca]
default_ca = ca
[ca]
database = {folder}/index.txt
certificate = {authority().path(name)}.crt
private_key = {authority().path(name)}.key
default_md = sha256
[req]
distinguished_name = dn
[dn]
""")


def crl(name, *revoked, days=("-crldays", "9999")):
    config = crl_config(name)
    for path in revoked:
        openssl("ca", "-config", config, "-revoke", path, "-crl_reason",
                "keyCompromise")
    return openssl("ca", "-config", config, "-gencrl", *days)


def test_verify_revocation():
    path, root = leaf()
    folder = scratch_dir()

    def lists(name, *contents):
        return write_file(os.path.join(folder, name), b"".join(contents))

    top, good = crl("root"), crl("inter")
    has(verified(path, root, "--crl", lists("good", top, b"text\n", good)),
        "it is not in the list of", "All 13 steps hold")
    fails_at("Is it revoked", "it was revoked on .*: Key Compromise", path,
             root, "--crl", lists("bad", top, crl(
                 "inter", authority().path("leaf.crt"))),
             openssl_says="certificate revoked")
    _, err = certs("verify", path, "--ca", root, "--crl", lists(
        "above", crl("root", authority().inter), good), code=1)
    has(err, "FAILED at step 10: it was revoked on")
    fails_at("Is it revoked", "there is no list of 'CN = Test Intermediate'",
             path, root, "--crl", lists("top", top),
             openssl_says="unable to get certificate CRL")
    fails_at("Is it revoked", "the list is stale, it was good until", path,
             root, "--crl", lists("stale", top, crl("inter", days=(
                 "-crl_lastupdate", "20200101000000Z",
                 "-crl_nextupdate", "20210101000000Z"))),
             openssl_says="CRL has expired")
    once("twin", subject="/CN=Test Root", ca=True)
    fails_at("Is it revoked", "list's signature is not its signer's", direct(),
             root, "--crl", lists("twin", crl("twin")))
    refused("has no list of revoked", "verify", path, "--ca", root, "--crl",
            root)
    der = openssl("crl", "-outform", "DER", data=top)
    verified(direct(), root, "--crl", lists("der", der))


if __name__ == "__main__":
    wwep_test.main()
