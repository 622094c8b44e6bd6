# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep board: two buttons, with keys from a pipe and from a terminal."""

import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import termios

import wwep_test
from wwep_certs import authority
from wwep_desk import WWEP, environment, wwep
from wwep_test import Server, Skip, each, equal, slowness, until

MAC = "02:00:00:00:0F:AC"  # device 00BD


def serve(**tls):
    return Server({"name": "plain"},
                  {"name": "secure", "tls": authority().server(**tls)})


def words(server, *more):
    return ["board", "-H", "localhost", "--mac", MAC,
            "--port-plain", str(server.port("plain")),
            "--port-tls", str(server.port("secure")), *more]


def board(server, keys, *more):
    return wwep(*words(server, *more), data=keys)


# --- keys from a pipe -------------------------------------------------------

def test_both_buttons():
    with serve() as server:
        done = board(server, b"0\n1 01", "--ca", authority().root).want(0)
        lines = [line for line in done.out.splitlines()
                 if line.startswith("LED 0 [")]
        equal([re.sub(r", \d+ ms$", "", line) for line in lines],
              ["LED 0 [*]  LED 1 [ ]  plain            "
               "W00BD050001 -> A00BD050001",
               "LED 0 [*]  LED 1 [*]  TLS 1.3          "
               "W00BD050001 -> A00BD050001",
               "LED 0 [ ]  LED 1 [*]  plain            "
               "W00BD050000 -> A00BD050000",
               "LED 0 [ ]  LED 1 [ ]  TLS 1.3 resumed  "
               "W00BD050000 -> A00BD050000"], "lines")
        assert f"Board {MAC} is device 00BD." in done.out, done.out
        assert max(map(len, done.out.splitlines())) <= 80, "too wide"
        equal(done.err, "", "errors")


@each(b"0q0", b"0Q0", b"0\x040", b"0")
def test_the_end(keys):
    with serve() as server:
        done = board(server, keys, "--ca", authority().root).want(0)
        equal(done.out.count("->"), 1, done.out)


def test_a_key_that_does_nothing():
    with serve() as server:
        board(server, b"x0", "--ca", authority().root).want(
            0, err="key x does nothing: 0 and 1 are the buttons, q ends")


def test_a_mac_address_of_its_own():
    with serve() as server:
        seen = set()
        for _ in range(3):
            done = wwep("board", "-H", f"localhost:{server.port('plain')}",
                        "--plain").want(0)
            mac, device = re.search(r"^Board (\S+) is device (\S+)\.$",
                                    done.out, re.M).groups()
            octets = [int(o, 16) for o in mac.split(":")]
            equal(octets[0] & 3, 2, "locally administered, and one machine")
            equal(sum(octets), int(device, 16), "device")
            seen.add(mac)
        equal(len(seen), 3, f"of their own: {seen}")


def test_it_lives_on():
    """The exit code is the worst, and the LED is the board's own matter."""
    with serve() as server:
        other = authority().issue("nobody", "/CN=Nobody", ca=True)
        done = board(server, b"0110", "--ca", other).want(
            4, err="comes from no authority in ")
        equal(re.findall(r"\[(.)\]  LED 1 \[(.)\] .*-> ([^,]*),", done.out),
              [("*", " ", "A00BD050001"), ("*", "*", "no reply"),
               ("*", " ", "no reply"), (" ", " ", "A00BD050000")], "lines")


def test_nobody_is_there():
    done = wwep("board", "-H", "127.0.0.1", "--port-plain", "1", "--port-tls",
                "1", "--mac", MAC, "--ca", authority().root, data=b"01").want(
                    3, err="nobody listens at 127.0.0.1 port 1: start wwepd")
    equal(done.out.count("-> no reply"), 2, done.out)


def test_without_a_ca_it_is_unverified():
    with serve() as server:
        done = board(server, b"11").want(0, err="(?i)warning: unverified")
        equal(done.err.count("warning"), 1, "warnings")
        assert "give the class's root certificate with --ca" in done.err


def test_json():
    with serve() as server:
        done = board(server, b"01", "--json", "--ca", authority().root).want(0)
        plain, secure = [json.loads(x) for x in done.out.splitlines()]
        equal(plain["request"], {"command": "write", "device": "00BD",
                                 "register": "05", "value": "0001"}, "plain")
        equal((plain["security"]["tls"], secure["security"]["tls"],
               secure["security"]["verified"]), (False, True, True), "TLS")


@each((["--mac", "x"], "x is no MAC address"),
      (["--mac"], "--mac wants a value behind it"),
      (["--port-tls", "0"], '--port-tls: "0" is no port'),
      (["--prot-tls", "1"], "no option --prot-tls of board: it has --mac"),
      (["now"], "now: board has no words"),
      (["--ca", "/nowhere"], "/nowhere: No such file"))
def test_wrong_use(case):
    done = wwep("board", *case[0]).want(2)
    assert case[1] in done.err, done.err


# --- a terminal -------------------------------------------------------------

class Terminal:
    """A board at a terminal of its own, which also is what ends it."""

    def __init__(self, server):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.out = b""

        def lead():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        self.process = subprocess.Popen(
            [WWEP, *words(server, "--ca", authority().root)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
            preexec_fn=lead, env=environment())
        os.set_blocking(self.master, False)

    def read(self):
        try:
            self.out += os.read(self.master, 4096)
        except BlockingIOError:
            pass
        return self.out

    def wait_for(self, text):
        try:
            until(lambda: text in self.read(), repr(text), 15 * slowness())
        except AssertionError as e:
            raise AssertionError(f"{e} in {self.out!r}") from None

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def type(self, keys):
        os.write(self.master, keys)

    def end(self, code):
        until(lambda: self.read() and self.process.poll() is not None,
              f"its end: {self.out!r}", 15 * slowness())
        equal(self.process.returncode, code, f"exit code; {self.out!r}")
        equal(termios.tcgetattr(self.slave), self.before, "the terminal")
        os.close(self.master)
        os.close(self.slave)

    def __enter__(self):
        until(self.is_raw, "raw mode", 15 * slowness())
        self.wait_for(b"Ctrl-D ends.")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@each(b"q", b"\x04")
def test_keys_at_a_terminal(last):
    with serve() as server, Terminal(server) as terminal:
        terminal.type(b"0")  # without a line end
        terminal.wait_for(b"W00BD050001 -> A00BD050001")
        terminal.type(b"1")
        terminal.wait_for(b"TLS 1.3")
        terminal.type(last)
        terminal.end(0)


@each("INT", "TERM", "HUP", "QUIT")
def test_a_signal_leaves_the_terminal_as_it_was(name):
    number = getattr(signal, "SIG" + name)
    with serve() as server, Terminal(server) as terminal:
        terminal.process.send_signal(number)
        terminal.end(-number)


def test_ctrl_c():
    with serve() as server, Terminal(server) as terminal:
        terminal.type(b"\x03")
        terminal.end(-signal.SIGINT)


def test_stopped_and_continued():
    if slowness() > 3:
        raise Skip("the sanitizer of threads holds signals back while a "
                   "program reads")

    def state():
        with open(f"/proc/{terminal.process.pid}/stat",
                  encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    with serve() as server, Terminal(server) as terminal:
        for _ in range(2):
            # A group that has no parent in its session is not stopped by a
            # terminal's signals, so this can not be ours: SIGSTOP is like it.
            terminal.process.send_signal(signal.SIGSTOP)
            until(lambda: state() == "T", "stopped")
            termios.tcsetattr(terminal.slave, termios.TCSANOW,
                              terminal.before)  # as a shell does
            terminal.process.send_signal(signal.SIGCONT)
            until(terminal.is_raw, "raw mode again")
        terminal.type(b"0")
        terminal.wait_for(b"W00BD050001 -> A00BD050001")
        terminal.type(b"q")
        terminal.end(0)


if __name__ == "__main__":
    wwep_test.main()
