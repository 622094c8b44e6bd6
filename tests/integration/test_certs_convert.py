# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs to-pem, to-der and to-c; and the tool under other shells."""

import os
import subprocess

import wwep_test
from wwep_certs import authority
from wwep_certs_read import (SHELLS, WWEP_CERTS, blocks, certs, ders,
                             fingerprint, forms, has, leaf, patched, refused,
                             s_server, special)
from wwep_test import (Skip, each, equal, read_file, run, scratch_dir, tool,
                       write_file)

# --- to-pem, to-der, to-c ---------------------------------------------------

def test_convert_there_and_back():
    folder = scratch_dir()
    pem = b"".join(blocks(read_file(leaf()[0])))
    der = b"".join(ders(pem))
    for name, content in forms(pem).items():
        write_file(os.path.join(folder, "in"), content)
        equal(certs("to-pem", "in", cwd=folder)[0].encode(), pem, name)
        certs("to-der", "in", "-o", "out", "--force", cwd=folder)
        equal(read_file(os.path.join(folder, "out")), der, name)
    equal(os.stat(os.path.join(folder, "out")).st_mode & 0o777, 0o644, "mode")
    done = run([WWEP_CERTS, "to-der", "-"], pem)
    equal(done.stdout, der, "to-der to a pipe")


def test_convert_keeps_what_is_there():
    folder = scratch_dir()
    out = os.path.join(folder, "out")
    for verb in ("to-pem", "to-der", "to-c"):
        write_file(out, "mine")
        refused("out: is there already", verb, leaf()[0], "-o", "out",
                cwd=folder)
        equal(read_file(out), b"mine", verb)
        certs(verb, leaf()[0], "-o", out, "--force", cwd=folder)
        equal(len(read_file(out)) > 100, True, verb)
        equal(os.listdir(folder), ["out"], "files")
    refused("is a folder", "to-pem", leaf()[0], "-o", folder)
    refused("is no plain file", "to-pem", leaf()[0], "-o", "/dev/null",
            "--force")
    refused("there is no such folder", "to-pem", leaf()[0], "-o",
            os.path.join(folder, "no", "out"))
    certs("to-pem", leaf()[0], "-o", "-x", cwd=folder)
    equal(sorted(os.listdir(folder)), ["-x", "out"], "files")


def test_convert_to_a_full_disk():
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    folder = scratch_dir()
    write_file(os.path.join(folder, "cp"), "#!/bin/sh\n"
               'for to; do :; done\necho half >"$to"\n'
               "echo 'cp: error writing: No space left' >&2\nexit 1\n", 0o700)
    where = scratch_dir()
    refused("out: can not be written: No space left", "to-pem", leaf()[0],
            "-o", "out", cwd=where,
            env={"PATH": folder + ":" + os.environ["PATH"]})


def test_der_is_not_for_a_terminal():
    leader, follower = os.openpty()
    done = subprocess.run([WWEP_CERTS, "to-der", leaf()[0]], stdout=follower,
                          stderr=subprocess.PIPE, timeout=30)
    os.close(follower)
    os.close(leader)
    equal(done.returncode, 2, "code")
    has(done.stderr.decode(), "DER is binary, and not for a terminal")


PROGRAM = r"""
#include "%s"
#include "%s"
#include <stdio.h>
#include <string.h>
int main(void)
{
    return strlen(%s) != sizeof %s - 1 ||
           fwrite(%s, 1, sizeof %s - 1, stdout) != sizeof %s - 1;
}
"""


def compiled(header, array):
    """What is in the array, as a strict compiler sees it."""
    folder = os.path.dirname(header)
    source = write_file(os.path.join(folder, "main.c"), PROGRAM % (
        header, header, *[array] * 5))
    binary = os.path.join(folder, "main")
    done = run([tool("gcc"), "-std=c11", "-Wall", "-Wextra", "-Wpedantic",
                "-Wtrigraphs", "-Werror", "-o", binary, source])
    equal((done.returncode, done.stderr), (0, b""), "gcc")
    return run([binary]).stdout


@each("one", "a bundle", "many")
def test_to_c(kind):
    path, root = leaf()
    content = {"one": read_file(root), "a bundle": read_file(path),
               "many": read_file(path) * 5}[kind]
    folder = scratch_dir()
    write_file(os.path.join(folder, "ca.pem"), content)
    certs("to-c", "ca.pem", "-o", "ca.h", cwd=folder)
    header = os.path.join(folder, "ca.h")
    equal(compiled(header, "ca_pem"),
          b"".join(blocks(content)).replace(b"\n", b"\r\n"), "array")
    text = read_file(header).decode()
    has(text, r"\A/\* ", "valid until 2099-12-31",
        fingerprint(content), "^#ifndef WWEP_CA_PEM_H$")
    if kind == "one":
        has(text, r'^static const char ca_pem\[\] =\n'
            r'    "-----BEGIN CERTIFICATE-----\\r\\n"\n',
            r'\n    "-----END CERTIFICATE-----\\r\\n";\n',
            r" \* CN = Test Root")


def test_to_c_names():
    folder = scratch_dir()
    for name, want in (("ca-root.v1.pem", "ca_root_v1_pem"),
                       ("1.pem", "certificate_1_pem"), ("int", "int_pem"),
                       ("ü.pem", "certificate____pem")):
        write_file(os.path.join(folder, name), read_file(leaf()[1]))
        out, _ = certs("to-c", name, cwd=folder)
        has(out, rf"^static const char {want}\[\] =$")
    out, _ = certs("to-c", "-", "--array", "root_ca", data=read_file(
        leaf()[1]))
    has(out, r"^static const char root_ca\[\] =$", "^#ifndef WWEP_ROOT_CA_H$")


def test_to_c_with_a_name_that_is_no_comment():
    path = special("0123456789abcdef", "-addext",
                   "subjectAltName=DNS:0123456789abcdef.example")
    for evil in (rb"*/ int x; /*/*??", b"/*/*/**/??/??/\n?",
                 b"\\\n\\\r\\\\\n\\ab??/\\\\\\",
                 b"\xe2\x80\xae\xe2\x81\xa6 x */ \xe2\x80\xab"):
        folder = scratch_dir()
        evil = evil.ljust(16, b"\\")[:16]
        certs("to-c", patched(path, b"0123456789abcdef", evil), "--array",
              "ca", "-o", "ca.h", cwd=folder)
        compiled(os.path.join(folder, "ca.h"), "ca")


# --- shells -----------------------------------------------------------------

@each(*SHELLS)
def test_shell(shell):
    argv = (tool(shell[1][0]), *shell[1][1:])
    path, root = leaf()
    folder = scratch_dir()
    equal(certs("show", path, shell=argv)[0], certs("show", path)[0], "show")
    has(certs("verify", path, "--ca", root, "--name", "::1", shell=argv)[0],
        "All 13 steps hold")
    certs("to-c", path, "--array", "a", "-o", "a.h", shell=argv, cwd=folder)
    equal(compiled(os.path.join(folder, "a.h"), "a").count(b"BEGIN"), 2)
    with s_server(path, authority().path("leaf.key")) as port:
        certs("fetch", f"localhost:{port}", shell=argv, cwd=folder)
    equal(len(os.listdir(os.path.join(folder, "localhost"))), 2, "files")
    refused("is empty", "show", "-", shell=argv)


if __name__ == "__main__":
    wwep_test.main()
