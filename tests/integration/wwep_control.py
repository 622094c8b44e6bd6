# SPDX-License-Identifier: GPL-2.0-or-later
"""Peers of the control socket, and servers that have one."""

import json
import os
import socket

from wwep_store import ask, serve
from wwep_test import run, tool


def controlled(*listeners, **keys):
    """A server with a database and a control socket."""
    keys.setdefault("control", "control")
    return serve(*listeners, **keys)


def path_of(server):
    return os.path.join(server.dir, "control")


class Peer:
    """One connection, from Python."""

    def __init__(self, server, timeout=30.0):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        self.sock.connect(path_of(server))
        self.buffer = b""

    def send(self, data):
        self.sock.sendall(data)

    def end(self):
        self.sock.shutdown(socket.SHUT_WR)

    def line(self):
        """The next line, without its LF; None: the end."""
        while b"\n" not in self.buffer:
            try:
                part = self.sock.recv(65536)
            except ConnectionResetError:
                part = b""
            if not part:
                assert not self.buffer, f"half a line: {self.buffer!r}"
                return None
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line

    def reply(self):
        line = self.line()
        return None if line is None else json.loads(line)

    def order(self, command, **keys):
        self.send(json.dumps({"command": command, **keys}).encode() + b"\n")
        return self.reply()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def order(server, command, **keys):
    """One order on a connection of its own: the reply."""
    with Peer(server) as peer:
        return peer.order(command, **keys)


def nc(server, text):
    """What a person gets who types this: lines."""
    done = run([tool("nc"), "-N", "-U", path_of(server)], text.encode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def value(server, key):
    """What a client reads; None: nobody has written it."""
    reply = ask(server.port(), b"R" + key)
    return reply[7:].decode() if reply[:1] == b"A" else None
