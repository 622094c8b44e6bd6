# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs where the world is against it: it is killed, the disk is full,
others work in the same folder. Files are whole, or they are not there."""

import glob
import os
import time

import wwep_test
from wwep_certs_tool import (certs, check_all_verify, check_whole, copied, end,
                             made, new, replaced, snapshot, start, unchanged)
from wwep_test import Skip, each, equal, run, scratch_dir, write_file


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
    for i in range(5):
        path = new()
        process = start("init", path)
        time.sleep(spent * (i + 0.5) / 5)
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
    for i in range(8):
        process = start("class", roster, "--dir", path, "--force")
        time.sleep(spent * (i + 0.5) / 8)
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


if __name__ == "__main__":
    wwep_test.main()
