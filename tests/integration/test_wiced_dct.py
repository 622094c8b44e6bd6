# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-dct: images of a board's configuration table."""

import os
import re
import stat
import zlib

import wwep_test
from wwep_certs import FUTURE, PAST, authority
from wwep_desk import Done
from wwep_test import (each, equal, read_file, run, scratch_dir, slowness,
                       write_file)
from wwep_wiced import DCT

KEY_AT, KEY_ROOM = 16, 2048
CERTIFICATE_AT, CERTIFICATE_ROOM = 2064, 4096
PRIVATE = "PRIVATE " "KEY-----"


def dct(*words, cwd=None):
    done = Done(run([DCT, *words], timeout=30 * slowness(), cwd=cwd))
    assert PRIVATE not in done.out + done.err, "it shows a key"
    return done


def image():
    return os.path.join(scratch_dir("image"), "board.dct")


def make(*words):
    path = image()
    dct("-o", path, *words).want(0)
    return path


def texts(path):
    """(key, certificate), as strlen() sees them."""
    data = read_file(path)
    equal(len(data), 8192, "length")
    key = data[KEY_AT:KEY_AT + KEY_ROOM]
    certificate = data[CERTIFICATE_AT:CERTIFICATE_AT + CERTIFICATE_ROOM]
    return key.split(b"\0")[0], certificate.split(b"\0")[0]


def crlf(text):
    return b"".join(line + b"\r\n" for line in
                    re.split(b"\r+\n?|\n", text.rstrip(b"\r\n")))


def pair(name="server", key="ec"):
    a = authority()
    a.server(name, key=key)
    return a.path(name + ".pem"), a.path(name + ".key")


# --- making -----------------------------------------------------------------

@each("ec", "rsa")
def test_certificate_and_key(kind):
    certificate, key = pair("server-" + kind, kind)
    certificate = authority().path(f"server-{kind}.crt")
    path = make("--certificate", certificate, "--private-key", key)
    equal(texts(path), (crlf(read_file(key)), crlf(read_file(certificate))),
          "texts")


def test_the_layout():
    data = read_file(make("--certificate", authority().root))
    equal(data[:12], b"WWEPDCT\0\1\0\0\0", "beginning")
    equal(int.from_bytes(data[12:16], "little"), zlib.crc32(data[16:]), "CRC")
    equal(data[KEY_AT:KEY_AT + KEY_ROOM], bytes(KEY_ROOM), "no key")
    equal(data[6160:6176], bytes(16), "zeros")
    equal(data[6176:], b"\xff" * 2016, "flash that was erased")


@each(("LF", b"\n"), ("CR LF", b"\r\n"), ("CR", b"\r"),
      ("CR CR LF", b"\r\r\n"))
def test_line_ends(case):
    _, end = case
    text = read_file(authority().root)
    lf = write_file(image() + ".pem", text.replace(b"\n", end))
    _, certificate = texts(make("--certificate", lf))
    equal(certificate, text.replace(b"\n", b"\r\n"), "CR LF")
    equal(len(certificate), len(text) + text.count(b"\n"), "strlen()")


def test_the_last_line_has_no_end():
    text = read_file(authority().root)
    path = write_file(image() + ".pem", text.rstrip(b"\n"))
    _, certificate = texts(make("--certificate", path))
    equal(certificate, text.replace(b"\n", b"\r\n"), "CR LF at the end")


def test_text_between_blocks_and_empty_lines_stay():
    text = b"a root\n\n" + read_file(authority().root) + b"\nand so on"
    path = write_file(image() + ".pem", text)
    _, certificate = texts(make("--certificate", path))
    equal(certificate, text.replace(b"\n", b"\r\n") + b"\r\n", "text")


def test_several_certificates_in_one_file():
    certificate, _ = pair()
    _, stored = texts(make("--certificate", certificate))
    equal(stored.count(b"BEGIN CERTIFICATE"), 3, "certificates")


def test_several_files_and_the_first_alone_counts():
    a = authority()
    path = image()
    done = dct("-o", path, "--certificate", a.root, a.inter).want(
        0, err="warning: .*inter.crt: is left out: .* which is .*root.crt")
    assert "root.crt: is left out" not in done.err, done.err
    equal(texts(path)[1], crlf(read_file(a.root)), "the first")


def test_the_key_is_of_another_certificate():
    _, key = pair()
    dct("-o", image(), "--certificate", authority().root, "--private-key",
        key).want(0, err="warning: the private key is not that of the first")


def test_mode_and_replacement():
    path = image()
    write_file(path, "old", 0o644)
    dct("-o", path, "--certificate", authority().root).want(0, "", "^$")
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode")
    equal(os.listdir(os.path.dirname(path)), ["board.dct"], "files")


def test_options_with_a_value_attached():
    path = image()
    dct("--output=" + path, "--certificate=" + authority().root).want(0)
    equal(len(texts(path)[1]) > 0, True, "certificate")


# --- what is refused --------------------------------------------------------

def refused(err, *words, code=1):
    path = image()
    write_file(path, "old")
    done = dct("-o", path, *words).want(code, "", err)
    assert done.err.startswith("wwep-dct: "), done.err
    equal(read_file(path), b"old", "the image")
    equal(os.listdir(os.path.dirname(path)), ["board.dct"], "files")


def test_too_long_by_its_line_ends():
    """Both numbers are told, and the longest that fits does."""
    text = read_file(authority().root)
    lines = text.count(b"\n")
    room = CERTIFICATE_ROOM - 1
    fill = room - len(text) - lines - 2
    path = write_file(image() + ".pem", text + b"x" * fill + b"\n")
    equal(len(texts(make("--certificate", path))[1]), room, "it fits")
    write_file(path, text + b"x" * (fill + 1) + b"\n")
    refused(f"too long: {room + 1} bytes, with CR LF .* room for {room}",
            "--certificate", path)


def test_a_key_that_is_too_long():
    key = read_file(pair()[1])
    path = write_file(image() + ".key", key + b"#" * 2048)
    refused(r"too long: \d+ bytes, .* room for 2047", "--private-key", path)


def test_a_certificate_where_the_key_belongs():
    refused("there is a certificate in it: that belongs to --certificate",
            "--private-key", authority().root)


def test_a_key_where_the_certificate_belongs():
    refused("there is a private key in it: that belongs to --private-key",
            "--certificate", pair()[1])


def test_a_key_behind_the_certificate():
    certificate, key = pair()
    both = write_file(image() + ".pem", read_file(certificate)
                      + read_file(key))
    refused("there is a private key in it", "--certificate", both)


@each("-traditional", "-aes256")
def test_an_encrypted_key(form):
    a = authority()
    pair()
    a._openssl("pkey", "-in", a.path("server.key"), "-aes256", "-passout",
               "pass:x", "-out", a.path("locked.key"),
               *([form] if form == "-traditional" else []))
    refused("the key is encrypted, .* openssl pkey", "--private-key",
            a.path("locked.key"))


def test_two_keys():
    key = read_file(pair()[1])
    path = write_file(image() + ".key", key + key)
    refused("there are 2 keys in it", "--private-key", path)


def test_no_pem():
    path = write_file(image() + ".pem", "hello\n")
    refused("there is no PEM in it", "--certificate", path)


def test_der():
    a = authority()
    a._openssl("x509", "-in", a.root, "-outform", "DER", "-out",
               a.path("root.der"))
    refused("it is DER, .* wwep-certs to-pem", "--certificate",
            a.path("root.der"))


def test_neither_certificate_nor_key():
    a = authority()
    pair()
    a._openssl("pkey", "-in", a.path("server.key"), "-pubout", "-out",
               a.path("server.pub"))
    refused("there is no certificate in it", "--certificate",
            a.path("server.pub"))
    refused("there is no private key in it", "--private-key",
            a.path("server.pub"))


def test_a_file_that_is_cut_off():
    text = read_file(authority().root)
    path = write_file(image() + ".pem", text[:-40])
    refused("a BEGIN without its END", "--certificate", path)


def test_a_damaged_certificate():
    lines = read_file(authority().root).split(b"\n")
    path = write_file(image() + ".pem", b"\n".join(
        lines[:1] + [b"AAAA" + lines[1][4:]] + lines[2:]))
    refused("between BEGIN and END of its block 1 is damaged",
            "--certificate", path)


def test_a_nul_byte():
    path = write_file(image() + ".pem", read_file(authority().root) + b"\0")
    refused("there is a NUL byte in it", "--certificate", path)


def test_files_that_can_not_be_read():
    folder = scratch_dir()
    empty = write_file(os.path.join(folder, "empty"), "")
    refused("empty: the file is empty: .* --certificate", "--certificate",
            empty)
    refused("No such file", "--certificate", os.path.join(folder, "none"))
    refused("Is a directory", "--private-key", folder)
    refused("No such file", "--certificate", authority().root,
            os.path.join(folder, "none"))


def test_where_the_image_can_not_be():
    root = authority().root
    dct("-o", "/dev/null", "--certificate", root).want(1, "", "is not a file")
    dct("-o", scratch_dir(), "--certificate", root).want(1, "", "is not a file")
    dct("-o", "/nowhere/board.dct", "--certificate", root).want(
        1, "", "can not be written: No such file")


@each(("nothing", []), ("no image", ["--certificate", "x"]),
      ("no file", ["-o", "x"]), ("no value", ["-o"]),
      ("no values", ["-o", "x", "--certificate", "--private-key", "y"]),
      ("an empty value", ["-o", "x", "--certificate="]),
      ("an option twice", ["-o", "x", "--certificate", "a", "--certificate",
                           "b"]),
      ("another option", ["--key", "x"]), ("a word", ["x"]),
      ("show alone", ["show"]), ("show of two", ["show", "a", "b"]))
def test_misuse(case):
    dct(*case[1], cwd=scratch_dir()).want(2, "", ".")


def test_help():
    dct("--help").want(0, err="^$")
    assert "usage: wwep-dct" in dct("-h").out


# --- showing ----------------------------------------------------------------

def test_show_a_server():
    certificate, key = pair()
    out = dct("show", make("--certificate", certificate, "--private-key",
                           key)).want(0, err="^$").out
    stored = len(crlf(read_file(certificate)))
    for words in (f"certificate: {stored} of 4095 bytes\n",
                  "  1  subject  CN=server\n", "issuer   CN=Test Intermediate",
                  "names    localhost, 127.0.0.1, ::1\n",
                  "valid    2020-01-01 to 2099-12-31\n", "key      EC P-256\n",
                  "  3  subject  CN=Test Root\n",
                  "issuer   CN=Test Root (itself)\n",
                  f"private key: {len(crlf(read_file(key)))} of 2047 bytes, "
                  "of certificate 1\n"):
        assert words in out, f"no {words!r} in {out}"


def test_show_a_client():
    out = dct("show", make("--certificate", authority().root)).want(0).out
    assert out.endswith("private key: none\n"), out
    out = dct("show", make("--private-key", pair()[1])).want(0).out
    assert out.startswith("certificate: none\nprivate key: "), out


@each(("EXPIRED", PAST), ("NOT YET VALID", FUTURE))
def test_show_dates(case):
    words, dates = case
    a = authority()
    crt = a.issue("dated" + words[:3], "/CN=dated", "root", dates=dates)
    out = dct("show", make("--certificate", crt)).want(0).out
    assert re.search(f"valid .*: {words}\n", out), out


def test_show_a_key_that_does_not_fit():
    out = dct("show", make("--certificate", authority().root, "--private-key",
                           pair()[1])).want(0).out
    assert "bytes: NOT OF CERTIFICATE 1\n" in out, out


def test_show_what_is_no_image():
    path = make("--certificate", authority().root)
    data = read_file(path)
    for what, changed in (("not a DCT image", b"x" + data[1:]),
                          ("not a DCT image", data[:-1]),
                          ("a damaged DCT image", data + b"x"),
                          ("a damaged DCT image", data[:3000] + b"!"
                           + data[3001:]),
                          ("of a newer wwep-dct", data[:8] + b"\2"
                           + data[9:])):
        write_file(path, changed)
        dct("show", path).want(1, "", what)
    dct("show", path + ".none").want(1, "", "No such file")


if __name__ == "__main__":
    wwep_test.main()
