# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep, the client at a desk, and servers for it that wwepd would never be."""

import os
import re
import select
import socket
import subprocess
import threading

from wwep_test import (BUILD, SANITIZER, equal, free_port, read_file, run,
                       scratch_dir, slowness, tool, until, write_file)

WWEP = os.path.join(BUILD, "client_fw", "wwep")


def environment(config=None, **variables):
    """An environment with a home of its own; config: the file in it."""
    home = scratch_dir("home")
    if config is not None:
        os.makedirs(os.path.join(home, ".config", "wwep"))
        write_file(os.path.join(home, ".config", "wwep", "config"), config)
    inherited = {k: v for k, v in os.environ.items()
                 if not k.startswith(("WWEP_", "XDG_"))}
    return {**inherited, "HOME": home, **variables}


class Done:
    """How a wwep has ended."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode("utf-8", "backslashreplace")
        self.err = done.stderr.decode("utf-8", "backslashreplace")
        if SANITIZER.search(self.err):
            raise AssertionError("a sanitizer's report:\n" + self.err)

    def errors(self):
        """The lines that are not of the story."""
        return [line for line in self.err.splitlines()
                if line.startswith("wwep: ")]

    def want(self, code, out=None, err=None):
        """Checks the exit code; and the output, or what the errors match."""
        equal(self.code, code, f"exit code; {self.out!r} {self.err!r}")
        if out is not None:
            equal(self.out, out, f"output; {self.err!r}")
        if err is not None and not re.search(err, self.err):
            raise AssertionError(f"no {err!r} in {self.err!r}")
        return self


def wwep(*words, data=b"", env=None, timeout=60, cwd=None):
    return Done(run([WWEP, *map(str, words)], data, timeout * slowness(),
                    env=env or environment(), cwd=cwd))


class Peer:
    """A server in a thread: `serve` gets each connection's socket, and what
    it raises ends that connection alone."""

    def __init__(self, serve, backlog=16):
        self.serve = serve
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(backlog)
        self.port = self.sock.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.seen = []  # for serve's use
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while True:
            try:
                connection, _ = self.sock.accept()
            except OSError:
                return
            connection.settimeout(60)
            try:
                with connection:
                    self.serve(connection)
            except OSError:
                pass  # ssl.SSLError is one, too

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        self.thread.join(60)


def speak_wwep(sock):
    """One exchange as a server that has every register written with 0001."""
    request = sock.recv(1)
    want = 11 if request == b"W" else 7
    while request and len(request) < want:
        more = sock.recv(want - len(request))
        if not more:
            return request
        request += more
    value = request[7:11] or b"0001"
    sock.sendall(b"A" + request[1:7] + value)
    return request


def answer(reply, end=True):
    """A server that says this to whatever comes."""
    def serve(sock):
        sock.recv(64)
        sock.sendall(reply)
        if not end:
            sock.recv(64)
    return serve


def hang(sock):
    """Takes all, and says nothing, until the client has had enough."""
    while sock.recv(4096):
        pass


def relay_until(port, limit, cut):
    """A man in the middle who lets so many of the server's bytes pass, and
    then cuts the connection, or (not cut) lets no more through. Tells in its
    list how many there were."""
    def serve(sock):
        passed = 0
        with socket.create_connection(("127.0.0.1", port)) as up:
            watched = [sock, up]
            while True:
                ready, _, _ = select.select(watched, [], [], 60)
                if not ready:
                    return
                if sock in ready:
                    data = sock.recv(4096)
                    if not data:
                        return
                    up.sendall(data)
                if up not in ready:
                    continue
                data = up.recv(4096)
                sock.sendall(data[:max(0, limit - passed)])
                passed += len(data)
                serve.passed = passed
                if cut and passed >= limit or not data:
                    if cut:
                        return
                    watched.remove(up)
    serve.passed = 0
    return serve


class OpenSSL:
    """An openssl s_server, for what wwepd would not serve."""

    def __init__(self, certificate, key, *options):
        self.port = free_port()
        self.argv = [tool("openssl"), "s_server", "-accept",
                     f"127.0.0.1:{self.port}", "-quiet", "-cert", certificate,
                     "-key", key, *options]
        end = b"-----END CERTIFICATE-----\n"
        above = read_file(certificate).split(end, 1)[1]
        if above:
            self.argv += ["-cert_chain", write_file(
                os.path.join(scratch_dir("s_server"), "above.pem"), above)]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        wait_accepting(self.port, self.process)
        return self

    def say(self, data):
        """What goes to the client, also to one that has yet to come."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def heard(self, count):
        return self.process.stdout.read(count)

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def wait_accepting(port, process):
    """Until somebody listens there, without a connection to find out."""
    listening = re.compile(f":{port:04X} [0:]+ 0A ")

    def look():
        if process.poll() is not None:
            raise AssertionError(f"it has ended: {process.args}")
        text = b"".join(read_file("/proc/net/" + name)
                        for name in ("tcp", "tcp6"))
        return listening.search(text.decode())
    until(look, f"{process.args[0]} listens", 30)
