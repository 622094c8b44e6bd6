# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks that are full, and power cuts."""

import os
import random
import re
import shutil
import subprocess
import time

import wwep_test
from wwep_disk import after_a_cut, read_trace, under
from wwep_store import (LONG, Class, ask, registers_of, serve,
                        wait_until_busy)
from wwep_test import Skip, each, equal, read_file, scratch_dir, slowness, \
    until, write_file


def start_under(server, **layer):
    server.start(preexec=under(server.dir + "/wwep.db", **layer))


# --- power cuts -------------------------------------------------------------

def rebuild(server, files):
    """Puts the files where the server's were."""
    for name in os.listdir(server.dir):
        if name.startswith("wwep.db"):
            os.unlink(os.path.join(server.dir, name))
    for path, data in files.items():
        write_file(path, data)


def test_power_cuts():
    """All that was acknowledged is there, whatever part of the rest is."""
    kills, cuts = (10, 5) if LONG else (3, 3)
    seed = os.environ.get("WWEP_SEED", "wwep")
    rng = random.Random(seed)
    crowd = Class(16)
    server = serve(start=False, messages={"format": "none"},
                   store={"history_max_mb": 16}, workers=2)
    trace = os.path.join(server.dir, "trace")
    files = {}
    syncs = 0
    for _ in range(kills):
        rebuild(server, files)
        write_file(trace, b"")
        start_under(server, trace=trace)
        crowd.start(server.port())
        wait_until_busy(crowd, 400)
        time.sleep(rng.random())
        server.die()
        crowd.join()
        records = read_trace(trace)
        syncs += sum(r[0] == "S" for r in records)
        before = files
        for _ in range(cuts):
            files = after_a_cut(before, records, rng)
            rebuild(server, files)
            os.truncate(server.stderr_path, 0)
            server.start()
            server.stop()
            found = registers_of(server)
            crowd.check(lambda d, r: found.get((d, r)))
            equal(server.sql("PRAGMA integrity_check"), ["ok"],
                  "the database")
        files = {path: read_file(path) for path in [server.database()]}
        os.truncate(server.stderr_path, 0)
    print(f"# {crowd.acknowledged} acknowledged, {syncs} syncs, "
          f"{kills * cuts} cuts, seed {seed}")


def test_a_cut_at_the_very_start():
    """Whatever is there of a database that was being made, the next start
    works."""
    rng = random.Random(os.environ.get("WWEP_SEED", "wwep"))
    server = serve(start=False)
    trace = os.path.join(server.dir, "trace")
    start_under(server, trace=trace)
    server.die()
    records = read_trace(trace)
    for _ in range(50 if LONG else 10):
        upto = rng.randrange(len(records) + 1)
        files = after_a_cut({server.database(): b""}, records[:upto], rng)
        rebuild(server, files)
        os.truncate(server.stderr_path, 0)
        server.start()
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")
        server.stop()


# --- a full disk ------------------------------------------------------------

def by_layer():
    server = serve(start=False, workers=2, store={"history_max_mb": 64})
    flag = os.path.join(server.dir, "full")
    start_under(server, full=flag)
    return server, lambda: write_file(flag, ""), lambda: os.unlink(flag)


def by_tmpfs():
    if os.geteuid() != 0:
        raise Skip("needs root, to mount a small disk")
    folder = scratch_dir("tmpfs")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none",
                           folder], stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise Skip("no disk can be mounted here")
    server = serve(start=False, workers=2,
                   store={"path": folder + "/wwep.db"})
    server.mounted = folder
    server.start()
    ballast = os.path.join(folder, "ballast")

    def fill():
        with open(ballast, "wb", buffering=0) as f:
            try:
                while f.write(b"x" * 512):
                    pass
            except OSError:
                pass
    return server, fill, lambda: os.unlink(ballast)


@each(("a layer", by_layer), ("a small disk", by_tmpfs))
def test_a_full_disk(case):
    server, fill, free = case[1]()
    try:
        full_disk(server, fill, free)
    finally:
        server.kill()
        if hasattr(server, "mounted"):
            subprocess.run(["umount", server.mounted], check=False)
            shutil.rmtree(server.mounted, ignore_errors=True)


def errors(server):
    return len(re.findall(r" error: store: .*wwep\.db: the disk is full: "
                          r"make room on it; until then writes are refused "
                          r"with X \(storage failure\)$", server.log(), re.M))


def full_disk(server, fill, free):
    port = server.port()
    kept = {}

    def write(device, value):
        reply = ask(port, b"W%04X05%04X" % (device, value))
        if reply[:1] == b"A":
            kept[device] = value
        else:
            equal(reply, b"X storage failure", "reply")
        return reply[:1] == b"A"

    for i in range(100):
        assert write(i, i), "a write"
    for life in range(2):
        fill()
        until(lambda: not write(int(time.monotonic() * 1000) & 0xFFF, 1),
              "refused", 60 * slowness())
        refused = 0
        for i in range(300):
            refused += not write(i, 1000 * life + i)
            equal(ask(port, b"R%04X05" % 0), b"A000005%04X" % kept[0], "read")
        assert refused > 0, "all of them went through"
        equal(errors(server), life + 1, server.log())
        free()
        time.sleep(1.1)
        for i in range(100):
            assert write(i, 2000 * life + i), "a write after it"
        server.wait_log(rf"(?s)(info: store: .*writes are kept again.*)"
                        rf"{{{life + 1}}}")
        equal(errors(server), life + 1, server.log())
    for device, value in kept.items():
        equal(ask(port, b"R%04X05" % device), b"A%04X05%04X" % (device, value),
              "read")
    server.stop()
    path = os.path.join(getattr(server, "mounted", server.dir), "wwep.db")
    equal(server.sql("PRAGMA integrity_check", path), ["ok"], "the database")
    found = registers_of(server, path)
    equal({d: v for (d, _), v in found.items()}, kept, "what is kept")


def test_a_full_disk_and_async():
    """What has been acknowledged is kept when there is room again; new writes
    are refused."""
    server = serve(start=False, store={"durability": "async"})
    flag = os.path.join(server.dir, "full")
    start_under(server, full=flag)
    with server:
        port = server.port()
        kept = {}
        write_file(flag, "")
        deadline = time.monotonic() + 60 * slowness()
        number = 0
        while True:
            assert time.monotonic() < deadline, "never refused"
            number += 1
            reply = ask(port, b"W%04X05%04X" % (number, number))
            if reply[:1] == b"X":
                equal(reply, b"X storage failure", "reply")
                break
            kept[number] = number
        os.unlink(flag)

        def again():
            return ask(port, b"W000005AAAA")[:1] == b"A"
        until(again, "writes work again", 30 * slowness())
        kept[0] = 0xAAAA
        server.stop()
        found = registers_of(server)
        equal({d: v for (d, _), v in found.items()}, kept, "what is kept")


def test_a_full_disk_at_the_start():
    server = serve(start=False)
    flag = write_file(os.path.join(server.dir, "full"), "")
    preexec = under(server.dir + "/wwep.db", full=flag)
    done = wwep_test.run([wwep_test.WWEPD, "-c", server.config_path],
                         preexec_fn=preexec)
    text = done.stderr.decode()
    equal(done.returncode, 78, text)
    assert f"{server.config_path}: store.path: {server.database()}: the disk " \
        "is full: make room on it" in text, text
    os.unlink(flag)
    server.start()
    with server:
        equal(ask(server.port(), b"W0FAC0B1234"), b"A0FAC0B1234", "write")


# --- a disk that does not keep what it has taken ----------------------------

def written_to_a_bad_disk(**keys):
    """A server that has written once, to a disk that is bad from then on; the
    file by which it is; and its trace."""
    server = serve(start=False, **keys)
    flag = os.path.join(server.dir, "bad")
    trace = os.path.join(server.dir, "trace")
    start_under(server, bad=flag, trace=trace)
    equal(ask(server.port(), b"W0FAC050001"), b"A0FAC050001", "write")
    write_file(flag, "")
    return server, flag, trace


def test_a_sync_that_fails():
    """What is refused is not there after a kill, once the disk is good again;
    and what comes later does not stand on what may have been lost."""
    server, flag, trace = written_to_a_bad_disk(workers=2)
    port = server.port()
    for i in range(3):
        equal(ask(port, b"W%04X05BAD0" % i), b"X storage failure", "write")
    equal(ask(port, b"R0FAC05"), b"A0FAC050001", "read")
    equal(ask(port, b"R000005"), b"X not found", "read")
    server.wait_log(r" error: store: .*wwep\.db: disk I/O error \(SQLite 1034"
                    r"[^)]*\): look at the disk; until then writes are refused "
                    r"with X \(storage failure\)\n")
    os.unlink(flag)
    seen = len(read_trace(trace))
    until(lambda: ask(port, b"W0FAC050002")[:1] == b"A", "good again",
          30 * slowness())
    later = [r[:2] for r in read_trace(trace)[seen:]]
    wal = server.database() + "-wal"
    assert ("T", wal) in later, later  # a log that begins anew
    assert later.index(("S", server.database())) < later.index(("T", wal)), \
        later
    equal(len(re.findall(r" error: store: ", server.log())), 1, server.log())
    server.die()
    server.again()
    with server:
        equal(ask(server.port(), b"R0FAC05"), b"A0FAC050002", "read")
        for i in range(3):
            equal(ask(server.port(), b"R%04X05" % i), b"X not found", "read")


def test_a_sync_that_fails_once():
    """The kernel tells it once. Nobody writes behind it: what was refused goes
    all the same."""
    server, flag, _ = written_to_a_bad_disk()
    port = server.port()
    equal(ask(port, b"W0FAC050BAD"), b"X storage failure", "write")
    os.unlink(flag)
    wal = server.database() + "-wal"
    until(lambda: os.path.getsize(wal) == 0 or
          ask(port, b"R0FAC05") != b"A0FAC050001", "the log is emptied",
          30 * slowness())
    server.die()
    server.again()
    with server:
        equal(ask(server.port(), b"R0FAC05"), b"A0FAC050001", "read")


if __name__ == "__main__":
    wwep_test.main()
