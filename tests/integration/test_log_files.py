# SPDX-License-Identifier: GPL-2.0-or-later
"""SIGUSR1: the log files are opened again by their names, as logrotate(8)
wants it, and no line is lost."""

import glob
import json
import os
import pwd
import re
import signal

import wwep_test
from wwep_reload import Crowd, Load, edit, reload, reload_refused, serve
from wwep_test import Skip, equal, read_file, run, slowness, tool, until


def to_files(*listeners, **keys):
    """Both logs go to files."""
    server = serve(*(listeners or ({"name": "plain"},)), start=False,
                   log={"target": "log"}, **keys)
    server.log_path = os.path.join(server.dir, "log")
    server.start()
    return server


def rotate(server, number):
    """As logrotate does: moves both, and tells."""
    for path in (server.log_path, server.messages_path):
        os.rename(path, f"{path}.{number}")
    server.signal(signal.SIGUSR1)
    until(lambda: os.path.exists(server.messages_path) and
          b"opened again: " + server.messages_path.encode() in
          read_file(server.log_path), "both are there again",
          15 * slowness())


def open_files(server):
    """How many of its folder."""
    links = glob.glob(f"/proc/{server.process.pid}/fd/*")
    return sum(os.path.realpath(link).startswith(server.dir + "/")
               for link in links)


def parts(path, n):
    return b"".join(read_file(f"{path}.{i}") for i in range(n)) + \
        read_file(path)


def test_under_load():
    n = 20
    with to_files() as server:
        files = open_files(server)
        with Crowd(*[Load(server.port("plain")) for _ in range(3)]) as crowd:
            for i in range(n):
                rotate(server, i)
                crowd.go_on(5)
        served = crowd.served()
        until(lambda: parts(server.messages_path, n).count(b"\n") >= served,
              "all lines", 15)
        until(lambda: open_files(server) == files, "the old ones are closed")
        lines = parts(server.messages_path, n).splitlines()
        numbers = [json.loads(line)["conn"] for line in lines]
        equal(len(numbers), served, "lines")
        equal(len(set(numbers)), served, "each once")
        some = [len(read_file(f"{server.messages_path}.{i}")) > 0
                for i in range(n)]
        assert sum(some) > n // 2, f"the files have been used: {some}"
        log = parts(server.log_path, n).decode()
        equal(len(re.findall(f"opened again: {server.log_path}$", log, re.M)),
              n, "lines of the log")
        equal(len(re.findall(" info: ready: ", log)), 1, "the start's line")
        equal("lost" in log, False, log)
        assert os.stat(server.messages_path).st_mode & 0o777 == 0o640


def test_the_table_has_its_header_again():
    with to_files(messages={"format": "table", "target": "messages.json"}) \
            as server:
        header = read_file(server.messages_path)
        assert header.startswith(b"  plain  secure "), header
        rotate(server, 0)
        until(lambda: read_file(server.messages_path) == header, "a header")


def test_logrotate():
    """The real one."""
    with to_files() as server:
        config = wwep_test.write_file(
            os.path.join(server.dir, "logrotate.conf"),
            f"{server.messages_path} {server.log_path} {{\n"
            "  su root root\n  rotate 3\n  missingok\n  sharedscripts\n"
            f"  postrotate\n    kill -USR1 {server.process.pid}\n"
            "  endscript\n}\n", 0o644)
        done = run([tool("logrotate"), "-f", "-s",
                    os.path.join(server.dir, "state"), config])
        equal(done.returncode, 0, done.stderr)
        until(lambda: b"opened again: " + server.log_path.encode() in
              read_file(server.log_path), "it is opened again")
        assert os.path.exists(server.messages_path + ".1")


def test_a_file_that_can_not_be_opened_again():
    """The old one is written on, and says so."""
    if os.geteuid() != 0:
        raise Skip("it is root who can be somebody else")
    nobody = pwd.getpwnam("nobody")

    def become():
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    server = serve({"name": "plain"}, start=False, log={"target": "log"})
    server.log_path = os.path.join(server.dir, "log")
    os.chmod(wwep_test.scratch, 0o755)
    for path in (server.dir, server.config_path):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    server.start(preexec=become)
    with server:
        os.rename(server.messages_path, server.messages_path + ".1")
        os.rename(server.log_path, server.log_path + ".1")
        os.chown(server.dir, 0, 0)
        os.chmod(server.dir, 0o755)
        server.signal(signal.SIGUSR1)
        server.log_path += ".1"
        for name in ("log", "messages"):
            server.wait_log(f" error: {name}.target: .* can not be opened "
                            "again: Permission denied: the old file is written"
                            " on; let this user write there$")
        load = Load(server.port("plain"))
        load.ask()
        equal((load.served, load.failed), (1, []), "an exchange")
        until(lambda: read_file(server.messages_path + ".1").count(b"\n") == 1,
              "its line")
        os.chown(server.dir, nobody.pw_uid, nobody.pw_gid)


def test_no_file_at_all():
    with serve({"name": "plain"}, messages={"format": "none"}) as server:
        server.signal(signal.SIGUSR1)
        server.wait_log(" info: no log file has been opened again$")


def test_a_pipe_that_nobody_reads():
    """It holds nobody up, neither by SIGUSR1 nor by a reload."""
    with serve({"name": "plain"}) as server:
        pipe = os.path.join(server.dir, "pipe")
        os.mkfifo(pipe)
        error = reload_refused(server, lambda c: c["messages"].update(
            target=pipe))
        assert "messages.target: " in error and "No such device" in error, \
            error
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        reload(server)
        os.close(reader)
        server.signal(signal.SIGUSR1)
        server.wait_log(" info: no log file has been opened again$")
        load = Load(server.port("plain"))
        load.ask()
        equal((load.served, load.failed), (1, []), "an exchange")


def test_another_file_by_a_reload():
    with serve({"name": "plain"}) as server, \
            Crowd(Load(server.port("plain"))) as crowd:
        paths = [server.messages_path] + [
            os.path.join(server.dir, f"m{i}") for i in range(6)]
        for path in paths[1:]:
            got = reload(server, lambda c: c["messages"].update(target=path))
            assert re.fullmatch(f"messages.target: .* -> {path}", got), got
            crowd.go_on(5)
        crowd.__exit__(None, None, None)
        served = crowd.served()
        until(lambda: sum(read_file(p).count(b"\n") for p in paths) >= served,
              "all lines")
        equal(sum(read_file(p).count(b"\n") for p in paths), served, "lines")
        error = reload_refused(server, lambda c: c["messages"].update(
            target="no/where"))
        assert "messages.target: " in error and "No such file" in error, error
        log = os.path.join(server.dir, "log")
        edit(server, lambda c: (c["messages"].pop("target"),
                                c.update(log={"target": log})))
        server.signal(signal.SIGHUP)
        until(lambda: b" info: reloaded in " in read_file(log),
              "the log goes on there", 15 * slowness())


if __name__ == "__main__":
    wwep_test.main()
