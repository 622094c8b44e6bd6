# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs in odd folders, and under odd settings of whoever calls it."""

import os
import subprocess

import wwep_test
from wwep_certs_tool import (TOOL, certs, check_all_verify,
                             check_keys_are_private, environment, made, new,
                             snapshot)
from wwep_test import each, equal, run, scratch_dir, write_file


@each("""ü b'c"d""", "-", "-a", "$(touch x)\\n`touch y`", "*[a]?#=%;&b",
      "a\nb", "pkcs11:a")
def test_folder_names(name):
    top = scratch_dir("top")
    path = os.path.join(top, name)
    certs("init", "--", name, cwd=top)
    equal(os.listdir(top), [name], "folders")
    certs("client", "0FAC", "--dir", name, cwd=top)
    certs("self-signed", "localhost", f"--output={name}", cwd=top)
    check_keys_are_private(path)
    certs("check", "--dir", path)
    check_all_verify(path + "/ca.pem", path + "/clients/0FAC/client.pem")


@each(0, 0o077, 0o777)
def test_umask(mask):
    path = new()
    certs("init", path, preexec_fn=lambda: os.umask(mask))
    equal({k: v[0] for k, v in snapshot(path).items()
           if not k.startswith("private/certs/")},
          {k: v[0] for k, v in snapshot(made()).items()
           if not k.startswith("private/certs/")}, "modes")


@each(("locale", {"LC_ALL": "tr_TR.UTF-8", "LANG": "xx"}),
      ("no HOME", {"HOME": None, "USER": None}),
      ("CDPATH", {"CDPATH": "/tmp:/"}),
      ("a time zone", {"TZ": "Pacific/Kiritimati"}),
      ("POSIXLY_CORRECT", {"POSIXLY_CORRECT": "1"}),
      ("variables of its own", {"opt_force": "yes", "stage": "/nonexistent",
                                "WWEP_NAMES": "DNS:evil", "dir": "/",
                                "IFS": "/"}))
def test_environment(case):
    path = new()
    certs("init", os.path.basename(path), env=case[1],
          cwd=os.path.dirname(path))
    certs("check", "--dir", path, env=case[1])
    equal(len(snapshot(path)), len(snapshot(made())), "files")
    certs("init", path, env=case[1], code=1, err="is there already")


def test_scratch_folders():
    top = scratch_dir("top")
    certs("init", "a", cwd=top, env={"TMPDIR": "/nonexistent"}, code=1,
          err="/nonexistent")
    os.mkdir(top + "/back\\nslash")
    certs("init", "a", cwd=top, env={"TMPDIR": top + "/back\\nslash"}, code=1,
          err="backslash")
    os.mkdir(top + "/t 'x")
    certs("init", "a", cwd=top, env={"TMPDIR": "t 'x"})
    equal(os.listdir(top + "/t 'x"), [], "left")


def test_a_configuration_of_openssl():
    """What it says for others is not for this tool."""
    text = """[req]
        distinguished_name = nothing
        [ca]
        default_ca = nothing
        [[
        """
    certs("init", new(), env={"OPENSSL_CONF": write_file(
        scratch_dir("conf") + "/openssl.cnf", text)})


def without_output(how, *command):
    out = {"closed": "exec >&- <&-", "full": "exec >/dev/full"}[how]
    return run(["sh", "-c", out + '; exec "$@"', "sh", TOOL, *command])


@each("closed", "full")
def test_output_that_nobody_takes(how):
    """What is made is made; what only tells has failed."""
    path = new()
    for command in (["init", path], ["client", "0FAC", "--dir", path],
                    ["revoke", "0FAC", "--dir", path]):
        done = without_output(how, *command)
        equal((done.returncode, done.stderr), (
            0, b"wwep-certs: warning: all is done, but standard output can "
            b"not be written\n"), command)
    certs("check", "--dir", path)
    server = path + "/server.pem"
    roster = write_file(path + "/roster.csv", "1,Ada,0001\n")
    for command in (["list", path], ["check", path], ["show", server],
                    ["verify", server, "--ca", path + "/ca.pem"],
                    ["to-pem", server], ["help", "init"], ["init", "-h"],
                    ["class", roster, "--dir", path]):
        done = without_output(how, *command)
        equal((done.returncode, done.stderr), (
            1, b"wwep-certs: standard output can not be written: see where "
            b"it goes\n"), command)
    equal(os.listdir(path + "/clients"), ["0FAC"], "boards")


@each("list", "check", "show", "verify")
def test_a_reader_that_goes(verb):
    command = {"list": ["list", made()], "check": ["check", made()],
               "show": ["show", made() + "/server.pem"],
               "verify": ["verify", made() + "/server.pem", "--ca",
                          made() + "/ca.pem"]}[verb]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([TOOL, *command], stdout=write,
                          stderr=subprocess.PIPE, timeout=60,
                          env=environment(TMPDIR=scratch_dir("tmp")))
    os.close(write)
    equal((done.returncode, done.stderr), (141, b""), "end")


if __name__ == "__main__":
    wwep_test.main()
