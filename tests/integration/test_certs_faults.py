# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs where the world is against it: it is killed, the disk is full,
others work in the same folder. Files are whole, or they are not there."""

import glob
import os
import time

import wwep_test
from wwep_certs_tool import (TOOL, certs, check_all_verify, check_whole, copied,
                             end, made, new, replaced, snapshot, start,
                             unchanged)
from wwep_test import (Skip, each, equal, read_file, run, scratch_dir,
                       write_file)


def read(path, name):
    return read_file(os.path.join(path, name))


# --- killed, full, locked ---------------------------------------------------

def check_sound(path):
    """Also what looks only, first ends what somebody had begun to rename."""
    check_whole(path)
    certs("check", "--dir", path)


def check_nothing_left(path):
    certs("crl", "--dir", path)
    equal(glob.glob(path + "/**/.wwep-certs*", recursive=True), [], "left")


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


@each(*range(1, 9))
def test_init_killed_while_it_renames(nth):
    """The command that comes next makes it whole."""
    path = new()
    killed_at_rename(nth, "init", path)
    certs("check", "--dir", path, err="finishes what")
    check_sound(path)
    check_all_verify(path + "/ca.pem", path + "/server.pem")
    equal(len(snapshot(path)), len(snapshot(made())), "files")


@each("killed", "no room")
def test_init_force_that_does_not_come_to_renaming(how):
    """The keys that are there are all that there is."""
    path = copied()
    script = {"killed": 'case "$*" in *" -size 0") kill -9 0;; esac',
              "no room": 'case "$*" in *" -size 0") echo cut;; esac'}[how]
    if how == "no room":
        with unchanged(path):
            certs("init", path, "--force", code=1, err="is cut short",
                  env=replaced("find", script + '; exec $real "$@"'))
    else:
        process = start("init", path, "--force", env=replaced(
            "find", script + '; exec $real "$@"'))
        equal(end(process).code, -9, "exit code")
    certs("crl", "--dir", path)  # by both authorities' keys
    check_sound(path)
    equal(read(path, "ca.pem"), read(made(), "ca.pem"), "the class")


@each(1, 2, 3, 7)
def test_init_force_killed_while_it_renames(nth):
    path = copied()
    killed_at_rename(nth, "init", path, "--force")
    certs("check", "--dir", path, err="finishes what")
    certs("crl", "--dir", path)
    check_sound(path)
    assert read(path, "ca.pem") != read(made(), "ca.pem"), "it is the old one"
    old = os.listdir(made() + "/private/certs")
    equal([n for n in os.listdir(path + "/private/certs") if n in old], [],
          "of the old class")
    check_nothing_left(path)


def test_what_can_not_be_placed_is_not_lost():
    path = copied()
    os.rename(path + "/server.key", path + "/away")
    os.mkdir(path + "/server.key")
    os.mkdir(path + "/server.key/sub")
    certs("init", path, "--force", code=1, err="server.key: can not be")
    certs("check", "--dir", path, code=1, err="server.key: can not be")
    os.rmdir(path + "/server.key/sub")
    os.rmdir(path + "/server.key")
    certs("check", "--dir", path, err="finishes what")
    certs("crl", "--dir", path)
    check_sound(path)


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


def test_locks_over_a_network():
    """NFS locks a file that is opened for writing, and no folder."""
    path = copied()
    certs("crl", "--dir", path, env=replaced("flock", '''
        grep -q "^flags:.*[12]$" /proc/$$/fdinfo/9 && [ -f /dev/fd/9 ] ||
            { echo "flock: 9: Bad file descriptor" >&2; exit 65; }
        exec $real "$@"'''))
    check_nothing_left(path)


@each(("util-linux", 'echo "flock: 9: No locks available" >&2; exit 71'),
      ("busybox", 'echo "flock: No locks available" >&2; exit 1'))
def test_there_are_no_locks(case):
    begun = time.monotonic()
    certs("crl", "--dir", copied(), code=1, env=replaced("flock", case[1]),
          err="can not be locked: No locks available")
    assert time.monotonic() - begun < 10, "it has waited"


def test_a_lock_that_was_left():
    """Of a command that was killed; or it is somebody else's."""
    path = copied()
    write_file(path + "/.wwep-certs.lock", "")
    certs("crl", "--dir", path)
    check_nothing_left(path)
    os.mkfifo(path + "/.wwep-certs.lock")
    certs("crl", "--dir", path, code=1, err="remove it")


# --- whose files they are ---------------------------------------------------

USER = 65534


def as_user():
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)


def give(path):
    """To somebody else, who may come to it."""
    if os.getuid() != 0:
        raise Skip("takes root")
    os.chmod(wwep_test.scratch, 0o711)
    for place, folders, files in os.walk(path):
        for name in [place, *(os.path.join(place, n)
                              for n in folders + files)]:
            os.lchown(name, USER, USER)
    top = os.path.dirname(path)
    while top != wwep_test.scratch:
        os.chmod(top, 0o711)
        top = os.path.dirname(top)


def test_root_works_for_the_owner():
    path = copied()
    give(path)
    certs("client", "0FAC", "--dir", path)
    certs("crl", "--dir", path)
    equal({os.lstat(os.path.join(place, name)).st_uid
           for place, folders, files in os.walk(path)
           for name in folders + files}, {USER}, "owners")


@each("index.txt", "intermediate")
def test_a_database_that_may_not_be_read(which):
    """Nobody looks revoked then, so nothing is said to be well."""
    path = copied()
    certs("client", "0FAC", "--dir", path)
    give(path)
    if run([TOOL, "help"], preexec_fn=as_user).returncode != 0:
        raise Skip("the sources are for root alone")
    name = path + "/private/intermediate"
    if which == "index.txt":
        name += "/index.txt"
    os.chown(name, 0, 0)
    for command in ("check", "list", "crl"):
        done = run([TOOL, command, "--dir", path], preexec_fn=as_user, cwd="/",
                   env={**os.environ, "TMPDIR": path})
        equal((done.returncode, done.stdout), (1, b""), done.stderr)
        assert f"{which}: may not be read" in done.stderr.decode(), done.stderr


def test_a_database_that_can_not_be_read():
    path = copied()
    certs("client", "0FAC", "--dir", path)
    awk = replaced("awk", '''case "$*" in
        *serial=*index.txt) echo "awk: an error of the disk" >&2; exit 2;;
        esac; exec $real "$@"''')
    certs("check", "--dir", path, code=1, env=awk, err="can not be read")
    os.unlink(path + "/private/intermediate/index.txt")
    os.mkdir(path + "/private/intermediate/index.txt")
    certs("check", "--dir", path, code=1, err="is no file")


if __name__ == "__main__":
    wwep_test.main()
