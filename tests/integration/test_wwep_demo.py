# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep demo mim: the story, and that nothing is left of it."""

import os
import re
import signal
import socket
import subprocess
import time

import wwep_test
from wwep_desk import WWEP, environment, wwep
from wwep_test import each, equal, scratch_dir, slowness, tool, write_file

STEPS = ["Who is who",
         "A board that checks nothing turns its LED on",
         "The same board again; now Mallory changes what she reads",
         "A board that has the class's root certificate, and checks",
         "The same board, where the DNS tells the truth"]


def demo(*words, data=b"", **variables):
    """Runs it in a folder for temporary files of its own, which it must leave
    empty."""
    tool("openssl")
    folder = scratch_dir("tmp")
    variables.setdefault("TMPDIR", folder)
    done = wwep("demo", *words, data=data, env=environment(**variables))
    equal(os.listdir(folder), [], "files that are left")
    return done


def steps(out):
    """{title: its lines}, in order."""
    parts = re.split(r"^ *\d+\. (.*)$", out, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def flat(text):
    return " ".join(text.split())


def openssl_instead(script):
    """A PATH in which openssl is this script; $OPENSSL is the real one."""
    folder = scratch_dir("bin")
    write_file(os.path.join(folder, "openssl"), "#!/bin/sh\n" + script, 0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}",
            "OPENSSL": tool("openssl")}


def test_the_story():
    done = demo("mim").want(0)
    equal(done.err, "", "errors")
    story = steps(done.out)
    equal(list(story), STEPS, "steps")
    equal([line for line in done.out.splitlines() if len(line) > 80], [],
          "lines of more than 80 columns")
    equal(re.findall(r"^ *(\d+)\. ", done.out, re.M), list("12345"),
          "numbers")

    read = flat(story[STEPS[1]])
    assert re.search("board sends W0FAC050001 .*Mallory READS W0FAC050001 "
                     ".*Mallory READS A0FAC050001 .*"
                     "board gets A0FAC050001 ", read), read
    changed = flat(story[STEPS[2]])
    assert re.search("board sends W0FAC050001 .*Mallory CHANGES W0FAC050000 "
                     ".*server answers A0FAC050000 .*"
                     "board gets A0FAC050001 ", changed), changed
    refused = flat(story[STEPS[3]])
    assert re.search("board REFUSES: the peer's certificate is from an unknown "
                     r"CA.*Mallory reads nothing .*alert unknown_ca\)",
                     refused), refused
    assert "050001" not in refused, refused
    served = flat(story[STEPS[4]])
    assert "Mallory" not in served and "gets A0FAC050001" in served, served


def test_nothing_listens_afterwards():
    done = demo("mim").want(0)
    ports = re.findall(r"port\s+(\d+)", done.out)
    equal(len(ports), 2, "ports in the story")
    for port in map(int, ports):
        with socket.socket() as s:
            s.settimeout(10)
            assert s.connect_ex(("127.0.0.1", port)) != 0, port


def test_it_ends_soon():
    begun = time.monotonic()
    demo("mim").want(0)
    spent = time.monotonic() - begun
    assert spent < 20 * slowness(), spent


def test_two_at_once():
    runs = [subprocess.Popen([WWEP, "demo", "mim"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env=environment()) for _ in range(2)]
    for run in runs:
        out, _ = run.communicate(timeout=60 * slowness())
        equal(run.returncode, 0, out.decode())


def test_it_waits_for_enter_if_asked():
    done = demo("mim", "--pause", data=b"\n" * 5).want(0)
    equal(done.out.count("[Enter]"), 5, "pauses")
    demo("--pause", "mim").want(0)  # the end of the input goes on, too


def test_it_says_when_it_does_not_go_as_told():
    """Here the class's own root has signed Mallory's certificate."""
    traitor = ('verb=$1\n'
               'for word; do\n'
               '    case $verb,$word in\n'
               '        x509,evil.*) word=class${word#evil} ;;\n'
               '    esac\n'
               '    set -- "$@" "$word"\n'
               '    shift\n'
               'done\n'
               'exec "$OPENSSL" "$@"\n')
    done = demo("mim", **openssl_instead(traitor)).want(1)
    assert "(!)" in steps(done.out)[STEPS[3]], done.out
    assert "did not go as it is told" in done.err, done.err


# --- where it can not begin -------------------------------------------------

def test_without_openssl():
    folder = scratch_dir("empty")
    done = demo("mim", PATH=folder).want(6)
    equal(done.out, "", "output")
    assert "install openssl" in done.err, done.err
    equal(len(done.errors()), 1, done.err)


def test_openssl_fails():
    done = demo("mim", **openssl_instead("echo 'no entropy today' >&2\n"
                                         "exit 1\n")).want(6)
    assert "no entropy today" in done.err, done.err


def test_no_place_for_the_certificates():
    done = demo("mim", TMPDIR="/nowhere").want(6)
    assert "TMPDIR" in done.err, done.err


@each(signal.SIGINT, signal.SIGTERM)
def test_interrupted_it_leaves_no_key(number):
    folder = scratch_dir("tmp")
    slow = openssl_instead("touch begun.key\nsleep 1\nexec \"$OPENSSL\" \"$@\"")
    env = environment(TMPDIR=folder, **slow)
    with subprocess.Popen([WWEP, "demo", "mim"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=env) as process:
        wwep_test.until(lambda: any("begun.key" in files for _, _, files
                                    in os.walk(folder)), "a key")
        process.send_signal(number)
        equal(process.wait(60), -number, "how it ended")
    equal(os.listdir(folder), [], "files that are left")


@each(["mim", "127.0.0.1"], ["dns"], [], ["--loud", "mim"])
def test_wrong_use(words):
    done = demo(*words).want(2)
    equal(done.out, "", "output")
    assert "demo" in done.err, done.err


if __name__ == "__main__":
    wwep_test.main()
