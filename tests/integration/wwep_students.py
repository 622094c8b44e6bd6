# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers as students write them: right, but for a fault that is asked for.

Each fault is one that has a case of `wwep check`, which must find it, and say
what it is.
"""

import re
import select
import socket
import ssl
import threading
import time

from wwep_certs import authority

MESSAGE_S = 0.25
DRAIN_S = 1.0
REQUEST = re.compile(rb"W[0-9A-Fa-f]{10}|R[0-9A-Fa-f]{6}")
BEGINNING = re.compile(rb"(W[0-9A-Fa-f]{0,10}|R[0-9A-Fa-f]{0,6})?")


class Student:
    """A server for plain WWEP on a free port, with these faults."""

    def __init__(self, *faults):
        self.faults = set(faults)
        self.registers = {}
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(64)
        self.port = self.sock.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.threads = []
        self.ended = False
        self.connections = 0

    def has(self, fault):
        return fault in self.faults

    # --- the socket ---------------------------------------------------------

    def _run(self):
        while not self.ended:
            try:
                connection, _ = self.sock.accept()
            except OSError:
                return
            self.connections += 1
            if self.has("one at a time"):
                self._serve(connection)
                continue
            thread = threading.Thread(target=self._serve, args=(connection,),
                                      daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection):
        try:
            with connection:
                connection.settimeout(60)
                self.exchange(connection)
        except OSError:
            pass

    def __enter__(self):
        thread = threading.Thread(target=self._run, daemon=True)
        self.threads.append(thread)
        thread.start()
        return self

    def stop(self):
        self.ended = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def __exit__(self, *_):
        self.stop()
        for thread in self.threads:
            thread.join(5)

    # --- an exchange --------------------------------------------------------

    def exchange(self, connection):
        request, more = self.read(connection)
        if request is None:
            return
        reply = self.judge(request)
        if reply == b"crash":
            self.stop()
            return
        if self.has("lower case"):
            reply = reply.lower()
        if self.has("a line end"):
            reply += b"\r\n"
        connection.sendall(reply)
        self.close(connection, more or reply[:1] == b"X")

    def read(self, connection):
        """A request, or what is none; and whether there may be more."""
        got = b""
        if self.has("one recv"):
            got = connection.recv(16384)
            dropped = BEGINNING.fullmatch(got) and not self.is_whole(got)
            return (None if dropped else got), True
        if self.has("first segment"):
            return connection.recv(16384) or None, True
        size = 16 if self.has("rst") else 4096
        while True:
            if got and not self.has("waits for ever"):
                patience = 0.8 if self.has("slow") else MESSAGE_S
                ready, _, _ = select.select([connection], [], [], patience)
                if not ready:
                    return got, False
            more = connection.recv(size)
            if not more:
                return (got or None), False
            got += more
            if self.is_whole(got) or not BEGINNING.fullmatch(got):
                return got, True

    def is_whole(self, got):
        return REQUEST.match(got) is not None

    def judge(self, request):
        m = REQUEST.match(request)
        behind = request[m.end():] if m else b""
        if self.has("scanf") and not m:
            m = re.match(rb"W([0-9A-Fa-f]{4}).{6}|R([0-9A-Fa-f]{4}).{2}",
                         request, re.S)
        if self.has("too long") and m:
            behind = b""
        if self.has("no line ends") and behind:
            return b"X"
        if self.has("crash") and not m:
            return b"crash"
        if not m or behind not in (b"", b"\n", b"\r", b"\r\n"):
            return b"X"
        return self.do(m[0])

    def do(self, request):
        key = request[1:7].upper()
        if self.has("no devices"):
            key = key[4:]
        if self.has("no registers"):
            key = key[:4]
        if request[:1] == b"W":
            self.registers[key] = request[7:]
        value = self.registers.get(key)
        if self.has("no 0000") and value == b"0000":
            value = None
        if self.has("zero at first") and value is None:
            value = b"0000"
        if value is None:
            return b"X"
        reply = b"A" + request[1:7] + value
        return reply if self.has("an echo") else reply.upper()

    def close(self, connection, more):
        if self.has("stays"):
            connection.recv(64)
            return
        if self.has("rst") or not more:
            return
        connection.shutdown(socket.SHUT_WR)
        end = time.monotonic() + DRAIN_S
        while time.monotonic() < end:
            ready, _, _ = select.select([connection], [], [], 0.1)
            if ready and not connection.recv(4096):
                return


class SecureStudent(Student):
    """A student's server over TLS; version: the newest that it speaks."""

    def __init__(self, version="TLSv1_3", *faults):
        super().__init__(*faults)
        tls = authority().server()
        self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ctx.load_cert_chain(tls["certificate"], tls["private_key"])
        self.ctx.maximum_version = ssl.TLSVersion[version]

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            with self.ctx.wrap_socket(connection, server_side=True,
                                      suppress_ragged_eofs=True) as secure:
                self.exchange_secure(secure)
        except OSError:
            pass

    def exchange_secure(self, secure):
        got = b""
        while True:
            secure.settimeout(0.25 if got else 60)
            try:
                more = secure.recv(4096)
            except (TimeoutError, socket.timeout):
                break
            got += more
            if not more or self.is_whole(got) or not BEGINNING.fullmatch(got):
                if not self.has("one record"):
                    got += self.rest(secure)
                break
        if not got:
            return
        secure.settimeout(1)
        secure.sendall(self.judge(got))
        if not self.has("no close_notify"):
            self.bid_farewell(secure)
        secure.shutdown(socket.SHUT_WR)
        raw = socket.socket(fileno=secure.detach())
        with raw:
            raw.settimeout(0.3)
            while raw.recv(65536):
                pass

    def rest(self, secure):
        """What is there already, in records of its own."""
        secure.settimeout(0)
        got = b""
        try:
            while more := secure.recv(4096):
                got += more
        except OSError:
            pass
        return got

    def bid_farewell(self, secure):
        """unwrap() sends a close_notify, and waits for another."""
        secure.settimeout(0)
        try:
            secure.unwrap()
        except (OSError, ValueError):
            pass
