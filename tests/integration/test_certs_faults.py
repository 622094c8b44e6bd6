# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs where the world is against it: it is killed, the disk is full,
others work in the same folder, names and variables are odd. Files are whole,
or they are not there."""

import glob
import os
import time

import wwep_test
from wwep_certs_tool import (TOOL, certs, check_all_verify,
                             check_keys_are_private, check_whole, copied, end,
                             made, new, replaced, snapshot, start, unchanged)
from wwep_test import (Skip, each, equal, run, scratch_dir, tool, write_file)


# --- killed, full, locked ---------------------------------------------------

def check_sound(path):
    """Also what looks only, first ends what somebody had begun to rename."""
    check_whole(path)
    certs("check", "--dir", path)


def check_nothing_left(path):
    certs("crl", "--dir", path)
    equal(glob.glob(path + "/**/.wwep-certs", recursive=True), [], "left")


def test_init_killed_at_any_time():
    begun = time.monotonic()
    certs("init", new())
    spent = time.monotonic() - begun
    for i in range(6):
        path = new()
        process = start("init", path)
        time.sleep(spent * (i + 0.5) / 6)
        end(process, kill=True)
        again = end(start("init", path))
        assert again.code == 0 or "is there already" in again.err, again.err
        check_sound(path)
        check_all_verify(path + "/ca.pem", path + "/server.pem")
        check_nothing_left(path)


def test_class_killed_at_any_time():
    path = copied()
    roster = write_file(scratch_dir("roster") + "/r.csv",
                        "1,Ada,0001\n2,Ben,0002\n")
    begun = time.monotonic()
    certs("class", roster, "--dir", path)
    spent = time.monotonic() - begun
    for i in range(9):
        process = start("class", roster, "--dir", path, "--force")
        time.sleep(spent * (i + 0.5) / 9)
        end(process, kill=True)
        check_sound(path)
    check_nothing_left(path)


def killed_at_rename(nth, *command):
    count = new("count")
    env = replaced("mv", f"""
        echo >>{count}
        [ $(wc -l <{count}) -lt {nth} ] || kill -9 0
        exec $real "$@" """)
    equal(end(start(*command, env=env)).code, -9, "exit code")


@each(*range(1, 8))
def test_init_killed_while_it_renames(nth):
    """The command that comes next makes it whole."""
    path = new()
    killed_at_rename(nth, "init", path)
    certs("check", "--dir", path, err="finishes what")
    check_sound(path)
    check_all_verify(path + "/ca.pem", path + "/server.pem")
    equal(len(snapshot(path)), len(snapshot(made())), "files")


@each(4, 9, 14)
def test_client_killed_while_it_renames(nth):
    """Whose key and certificate must not be of two runs."""
    path = copied()
    certs("client", "0001", "--dir", path)
    killed_at_rename(nth, "client", "0001", "--force", "--dir", path)
    certs("list", "--dir", path, err="finishes what")
    check_sound(path)
    equal(certs("list", "--dir", path).out.count("board 0001"), 2, "boards")


def test_interrupted():
    """As by Ctrl-C, which goes to all: nothing is made, nothing is left."""
    path = new()
    process = start("init", path, env=replaced(
        "openssl", 'case $1 in ca) kill -TERM 0;; esac; exec $real "$@"'))
    equal(end(process).code, 143, "exit code")
    assert not os.path.exists(path), os.listdir(path)


def test_the_disk_is_full():
    path = scratch_dir("disk")
    if os.getuid() != 0 or run(["mount", "-t", "tmpfs", "-o", "size=600k",
                                "none", path]).returncode != 0:
        raise Skip("takes root, and the right to mount")
    try:
        certs("init", path + "/class")
        certs("client", "0FAC", "--dir", path + "/class")
        commands = (["client", "0001", "--dir", path + "/class"],
                    ["client", "0FAC", "--force", "--dir", path + "/class"],
                    ["renew", "server.pem", "--dir", path + "/class"],
                    ["revoke", "0FAC", "--dir", path + "/class"],
                    ["init", path + "/new"],
                    ["self-signed", "localhost", "-o", path])
        for pages in (0, 2, 9, 15):
            room = os.statvfs(path)
            write_file(path + "/filler", bytes(
                (room.f_bavail - pages) * room.f_frsize))
            with unchanged(path):
                for command in commands:
                    certs(*command, code=1, err="room" if pages > 0 else "")
            os.unlink(path + "/filler")
        certs("check", "--dir", path + "/class")
    finally:
        run(["umount", path])


@each("genpkey", "req", "ca", "-gencrl")
def test_what_openssl_writes_is_cut_short(command):
    """It does not say so."""
    path = new()
    certs("init", path, code=1, env=replaced("openssl", f"""
        $real "$@" || exit
        case " $* " in *" {command} "*)
            for word; do [ "$last" != -out ] || : >"$word"; last=$word; done
        esac"""))
    assert not os.path.exists(path), os.listdir(path)


def test_a_folder_that_may_not_be_written():
    path = scratch_dir("locked")
    os.chmod(path, 0o555)
    if os.access(path, os.W_OK):
        raise Skip("root may write anywhere")
    certs("init", path + "/class", code=1, err="can not be made")
    certs("self-signed", "localhost", "-o", path, code=1, err="may not write")


@each("a link", "a file")
def test_what_others_have_laid_there(what):
    """In /tmp, say: it is neither followed nor removed."""
    path, theirs = scratch_dir("shared"), scratch_dir("theirs")
    write_file(theirs + "/ready", "")
    os.mkdir(theirs + "/out")
    write_file(theirs + "/out/evil.pem", "")
    if what == "a link":
        os.symlink(theirs, path + "/.wwep-certs")
    else:
        write_file(path + "/.wwep-certs", "")
    with unchanged(path), unchanged(theirs):
        certs("self-signed", "localhost", "-o", path, code=1,
              err="remove it")


def test_two_at_once():
    path = new()
    done = [end(p) for p in [start("init", path) for _ in range(3)]]
    equal(sorted(d.code for d in done), [0, 1, 1], [d.err for d in done])
    check_sound(path)
    check_all_verify(path + "/ca.pem", path + "/server.pem")
    done = [end(p) for p in [start("client", f"000{i}", "--dir", path)
                             for i in range(4)]]
    equal([d.code for d in done], [0] * 4, [d.err for d in done])
    check_sound(path)
    equal(certs("list", "--dir", path).out.count("CN = board 000"), 4,
          "boards")


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
    check_sound(path)
    check_all_verify(path + "/ca.pem", path + "/clients/0FAC/client.pem")


# --- surroundings -----------------------------------------------------------

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


@each("closed", "full")
def test_output_that_nobody_takes(how):
    path = new()
    out = {"closed": "exec >&- <&-", "full": "exec >/dev/full"}[how]
    done = run(["sh", "-c", out + '; exec "$@"', "sh", TOOL, "init", path])
    equal(done.returncode, 1, "exit code")
    check_sound(path)


if __name__ == "__main__":
    wwep_test.main()
