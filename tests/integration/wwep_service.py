# SPDX-License-Identifier: GPL-2.0-or-later
"""A service manager: it starts wwepd, with sockets or without, and is told what
it does."""

import json
import os
import re
import socket
import subprocess
import sys
import time

from wwep_client import Plain
from wwep_test import WWEPD, Server, scratch_dir, slowness

# Moves files to where the protocol has them, from 3 on, and becomes wwepd.
LAUNCHER = """
import fcntl, json, os, sys
fds, names, argv = json.loads(sys.argv[1])
high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]
for fd in fds:
    os.close(fd)
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i)
if fds:
    os.environ["LISTEN_FDS"] = str(len(fds))
    os.environ.setdefault("LISTEN_PID", str(os.getpid()))
if names:
    os.environ["LISTEN_FDNAMES"] = ":".join(names)
os.execv(argv[0], argv)
"""


class Manager:
    """Who starts the service: has a socket to be told by."""

    def __init__(self, abstract=False):
        path = os.path.join(scratch_dir("notify"), "socket")
        self.name = ("@" if abstract else "") + path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(("\0" if abstract else "") + path)
        self.signs = 0  # of life

    def next(self, timeout=30.0):
        """The next message but for signs of life, as a dict."""
        deadline = time.monotonic() + timeout * slowness()
        while True:
            self.socket.settimeout(max(0.01, deadline - time.monotonic()))
            text = self.socket.recv(4096).decode()
            if text != "WATCHDOG=1":
                return dict(line.split("=", 1) for line in text.split("\n"))
            self.signs += 1

    def signs_within(self, seconds):
        """How many signs of life come; what else does is dropped."""
        deadline = time.monotonic() + seconds
        count = 0
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                count += self.socket.recv(4096) == b"WATCHDOG=1"
            except socket.timeout:
                break
        return count


def prepare(*listeners, **keys):
    return Server(*listeners, start=False,
                  timeouts={"idle_s": 60, "message_ms": 1000 * slowness()},
                  **keys)


def launch(server, sockets=(), names=(), manager=None, ready=True, **env):
    """Starts it as a service manager does."""
    if manager is not None:
        env["NOTIFY_SOCKET"] = manager.name
    fds = [s.fileno() for s in sockets]
    argv = [WWEPD, "-c", server.config_path, *server.arguments]
    server.ports = {}
    with open(server.stderr_path, "wb") as err:
        server.process = subprocess.Popen(
            [sys.executable, "-B", "-c", LAUNCHER,
             json.dumps([fds, names, argv])],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
            pass_fds=fds, env={**os.environ, **env})
    Server.running.add(server)
    if ready:
        server.wait_log(r" info: ready: ", 30)
        for name, port in re.findall(
                r" info: (\S+): listening on .* port (\d+), ", server.log()):
            server.ports[name] = int(port)
    return server


def ask(port, request=b"W0FAC0B1234"):
    with Plain(port, timeout=20 * slowness()) as c:
        c.send(request)
        return c.recv_all()
