# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers with a database, what SQLite's own shell finds in it, and writers
who keep a journal."""

import os
import socket
import threading
import time

import wwep_test
from wwep_test import Server, equal, run, tool

LONG = os.environ.get("WWEP_LONG") == "1"


def serve(*listeners, store=None, start=True, **keys):
    """store: more keys of that section."""
    listeners = listeners or ({"explain_errors": True},)
    keys.setdefault("timeouts", {"message_ms": 10000, "idle_s": 60,
                                 "drain_s": 20})
    return Kept(*listeners, store={"path": "wwep.db", **(store or {})},
                start=start, **keys)


class Kept(Server):
    """A Server that can be started again, on the same files."""

    def database(self):
        return os.path.join(self.dir, "wwep.db")

    def again(self, **options):
        os.truncate(self.stderr_path, 0)
        self.start(**options)

    def die(self):
        """kill -9."""
        self.kill()

    def refuses(self, *words, code=78, arguments=()):
        """It does not start, and says all of this in one line."""
        done = run([wwep_test.WWEPD, "-c", self.config_path, *arguments])
        text = done.stderr.decode()
        equal(done.returncode, code, f"exit code\n{text}")
        lines = [line for line in text.splitlines() if " error: " in line]
        equal(len(lines), 1, text)
        for word in (f"{self.config_path}: store.path: ", *words):
            assert word in lines[0], f"no {word!r} in {lines[0]!r}"
        assert not wwep_test.SANITIZER.search(text), text
        return text

    def sql(self, text, path=None):
        """What sqlite3(1) prints, line by line, while the server runs."""
        done = run([tool("sqlite3"), path or self.database(), text])
        equal(done.stderr.decode(), "", text)
        return done.stdout.decode().splitlines()


def ask(port, request, timeout=30.0):
    """One exchange: the reply, or b"" where the server went away."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as s:
            s.sendall(request)
            reply = b""
            while part := s.recv(64):
                reply += part
            return reply
    except OSError:
        return b""


class Writer(threading.Thread):
    """Writes to registers of its own, each its running number, until the
    server goes away or it is told to; knows what has been acknowledged."""

    REGISTERS = 4

    def __init__(self, port, device, journal):
        super().__init__()
        self.port, self.device, self.journal = port, device, journal
        self.stopping = False
        self.acknowledged = 0
        self.wrong = []

    def run(self):
        number = max(self.journal.values(), default=0)
        while not self.stopping:
            number += 1
            register = number % self.REGISTERS
            request = b"W%04X%02X%04X" % (self.device, register,
                                          number & 0xFFFF)
            reply = ask(self.port, request)
            if reply != b"A" + request[1:]:
                if reply:
                    self.wrong.append(reply)
                return
            self.journal[register] = number
            self.acknowledged += 1


class Class:
    """Writers, and their journals over several lives of a server."""

    def __init__(self, size, first=0x100):
        self.journals = {first + i: {} for i in range(size)}
        self.acknowledged = 0

    def start(self, port):
        self.writers = [Writer(port, device, journal)
                        for device, journal in self.journals.items()]
        for w in self.writers:
            w.start()

    def stop(self):
        for w in self.writers:
            w.stopping = True
        self.join()

    def join(self):
        for w in self.writers:
            w.join()
        self.acknowledged += sum(w.acknowledged for w in self.writers)
        equal([x for w in self.writers for x in w.wrong], [], "replies")

    def check(self, look):
        """look(device, register): what is there now, or None. The last that
        was acknowledged, or what may have been under way behind it."""
        lost = []
        for device, journal in self.journals.items():
            for register, number in journal.items():
                value = look(device, register)
                allowed = [(number + i * Writer.REGISTERS) & 0xFFFF
                           for i in (0, 1)]
                if value not in allowed:
                    lost.append((hex(device), register, number, value))
        equal(lost, [], "lost (device, register, acknowledged, found)")


def registers_of(server, path=None):
    """{(device, register): value}, by SQLite's shell."""
    found = {}
    for line in server.sql("SELECT key, value FROM registers", path):
        key, value = map(int, line.split("|"))
        found[key // 256, key % 256] = value
    return found


def wait_until_busy(crowd, least=100, timeout=30.0):
    deadline = time.monotonic() + timeout * wwep_test.slowness()
    while sum(w.acknowledged for w in crowd.writers) < least:
        assert time.monotonic() < deadline, "the load does not begin"
        time.sleep(0.005)
