# SPDX-License-Identifier: GPL-2.0-or-later
"""A server that is told to read its configuration again, and clients that must
not notice."""

import json
import os
import re
import signal
import threading

from wwep_client import Plain, Tls, context
from wwep_test import Server, equal, slowness, until, write_file

DONE = r" info: reloaded in \d+ ms: (.*)"
KEPT = r" error: reload: nothing has been changed: (.*)"


def timeouts(**keys):
    return {"message_ms": 2000 * slowness(), "idle_s": 60, "handshake_s": 30,
            "drain_s": 20, **keys}


def serve(*listeners, **keys):
    keys.setdefault("timeouts", timeouts())
    return Server(*listeners, **keys)


def edit(server, change):
    """change() gets the configuration, to write into. It is replaced as a
    whole: a reload may be under way."""
    with open(server.config_path, encoding="ascii") as f:
        config = json.load(f)
    change(config)
    old = os.stat(server.config_path)
    new = write_file(server.config_path + ".new", json.dumps(config, indent=1))
    os.chown(new, old.st_uid, old.st_gid)
    os.rename(new, server.config_path)


def results(server):
    return re.findall(f"{DONE}|{KEPT}", server.log())


def hang_up(server, change):
    """SIGHUP; returns what has been done, and the error, one of them empty."""
    if change is not None:
        edit(server, change)
    before = len(results(server))
    server.signal(signal.SIGHUP)
    until(lambda: len(results(server)) > before, "the end of a reload",
          15 * slowness())
    return results(server)[-1]


def reload(server, change=None):
    """SIGHUP; returns what has changed, as the log has it, once it is done."""
    done, kept = hang_up(server, change)
    equal(kept, "", "the reload's error")
    for name, port in re.findall(
            r" info: (\S+): listening on .* port (\d+), ", server.log()):
        server.ports[name] = int(port)
    return done


def reload_refused(server, change=None):
    """The same where it must not be done; returns the error."""
    done, kept = hang_up(server, change)
    equal(done, "", "the reload was done")
    return kept


class Load(threading.Thread):
    """Exchanges without end, each on its connection; each must get its reply.

    port: a number, or a function that gives the one of now.
    """

    def __init__(self, port, transport="plain", cert=None):
        super().__init__()
        self.port = port if callable(port) else lambda: port
        self.ctx = None if transport == "plain" else \
            context(transport, cert=cert)
        self.served, self.failed, self.ending = 0, [], False

    def ask(self):
        port = self.port()
        request = b"W0FAC05%04X" % (self.served & 0xffff)
        try:
            c = Plain(port, timeout=20 * slowness()) if self.ctx is None else \
                Tls(port, ctx=self.ctx, timeout=20 * slowness()).handshake()
            with c:
                c.send(request)
                got = c.recv_all()
        except (OSError, AssertionError) as e:
            got = repr(e).encode()
        if got == b"A" + request[1:]:
            self.served += 1
        else:
            self.failed.append((port, got))

    def run(self):
        while not self.ending and len(self.failed) < 10:
            self.ask()


class Crowd:
    """Several of them; leaving it checks that none has failed."""

    def __init__(self, *loads):
        self.loads = loads

    def served(self):
        return sum(load.served for load in self.loads)

    def go_on(self, n):
        """Waits for so many exchanges more of each."""
        for load in self.loads:
            want = load.served + n
            until(lambda: load.served >= want or load.failed,
                  "the load goes on", 30 * slowness())

    def __enter__(self):
        for load in self.loads:
            load.daemon = True
            load.start()
        self.go_on(5)
        return self

    def __exit__(self, kind, value, tb):
        for load in self.loads:
            load.ending = True
        for load in self.loads:
            load.join()
        if kind is None:
            equal([f for load in self.loads for f in load.failed], [],
                  "exchanges that failed")


class Lines:
    """A keep-open connection: a request a line."""

    def __init__(self, client):
        self.client = client

    def ask(self, text=b"W0FAC071234"):
        self.client.send(text + b"\n")
        got = b""
        while not got.endswith(b"\n"):
            part = self.client.recv()
            if not part:
                break
            got += part
        return got

    def ends(self):
        """Whether the server ends it, without another word."""
        return self.client.recv() == b""
