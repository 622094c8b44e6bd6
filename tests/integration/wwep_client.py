# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients for the integration tests, plain and TLS, with the same verbs.

The TLS one keeps the socket to itself (memory BIOs), so that a test says
which bytes leave in which segment: records may be cut, or sent together.
"""

import socket
import ssl
import struct
import time

TIMEOUT_S = 20.0
_numbers = iter(range(2, 1 << 24))
TRANSPORTS = ("plain", "TLS 1.2", "TLS 1.3")
TLS_VERSIONS = {"TLS 1.2": ssl.TLSVersion.TLSv1_2,
                "TLS 1.3": ssl.TLSVersion.TLSv1_3}


def context(version=None, ca=None, cert=None, ciphers=None):
    """A client's context. ca: trusted roots (None: anybody is trusted);
    cert: (chain, key)."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if version is not None:
        c.minimum_version = c.maximum_version = TLS_VERSIONS[version]
    if ca is None:
        c.check_hostname = False
        c.verify_mode = ssl.CERT_NONE
    else:
        c.load_verify_locations(ca)
    if cert is not None:
        c.load_cert_chain(*cert)
    if ciphers is not None:
        c.set_ciphers(ciphers)
    return c


def fresh_address():
    """One of this machine that no other client has had: faults of the same
    address are told by one line."""
    n = next(_numbers)
    return f"127.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


class Plain:
    def __init__(self, port, host="127.0.0.1", timeout=TIMEOUT_S, source=None):
        self.sock = socket.create_connection(
            (host, port), timeout, (source, 0) if source else None)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handshake(self):
        return self

    def seal(self, data):
        """What goes over the wire for these bytes."""
        return data

    def send_raw(self, data):
        self.sock.sendall(data)

    def send(self, data):
        self.send_raw(self.seal(data))

    def end(self):
        """No more will come from us."""
        self.sock.shutdown(socket.SHUT_WR)

    def open(self, data):
        return data

    def recv(self, size=65536):
        """The next bytes, b"" at the end. A reset is an error."""
        while True:
            data = self.sock.recv(size)
            if not data:
                return b""
            plain = self.open(data)
            if plain:
                return plain

    def recv_all(self):
        parts = []
        while part := self.recv():
            parts.append(part)
        return b"".join(parts)

    def recv_exactly(self, size):
        got = b""
        while len(got) < size:
            part = self.recv()
            if not part:
                break
            got += part
        return got

    def reset(self):
        """Closes with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()

    def address(self):
        return "%s:%d" % self.sock.getsockname()[:2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tls(Plain):
    def __init__(self, port, version=None, ca=None, cert=None, ciphers=None,
                 ctx=None, session=None, **options):
        super().__init__(port, **options)
        self.ctx = ctx or context(version, ca, cert, ciphers)
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.ssl = self.ctx.wrap_bio(self.incoming, self.outgoing,
                                     server_hostname="localhost",
                                     session=session)
        self.closed_cleanly = False  # a close_notify has come

    def step(self):
        """One step of the handshake: what to send, and whether it is done."""
        try:
            self.ssl.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        return self.outgoing.read(), done

    def handshake(self):
        while True:
            try:
                data, done = self.step()
            except ssl.SSLError:
                self.send_raw(self.outgoing.read())  # our alert
                raise
            if data:
                self.send_raw(data)
            if done:
                return self
            data = self.sock.recv(65536)
            if not data:
                raise ConnectionError("the server closed in the handshake")
            self.incoming.write(data)

    def seal(self, data):
        self.ssl.write(data)
        return self.outgoing.read()

    def close_notify(self):
        """Its record, unsent."""
        try:
            self.ssl.unwrap()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def end(self):
        self.send_raw(self.close_notify())

    def open(self, data):
        self.incoming.write(data)
        plain = b""
        while True:
            try:
                part = self.ssl.read(65536)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:  # when we have sent one, too
                part = b""
            if not part:  # a close_notify
                self.closed_cleanly = True
                break
            plain += part
        return plain

    def recv_all(self):
        data = super().recv_all()
        assert self.closed_cleanly, "the end came without a close_notify"
        return data


def connect(port, transport="plain", **options):
    """A client of one of TRANSPORTS, after its handshake."""
    if transport == "plain":
        return Plain(port, source=options.get("source"))
    return Tls(port, transport, **options).handshake()


def knock(port, version, **options):
    """Of a TLS client that must not get in: what it gets for a write, b"" where
    all fails that can; and its address, as the log has it."""
    with Tls(port, version, **options) as c:
        try:
            c.handshake()
            c.send(b"W0FAC0BDEAD")
            got = c.recv_all()
        except (ssl.SSLError, ConnectionError, AssertionError):
            got = b""
        return got, c.address()


def exchange(port, transport, *segments, end=False, gap=0.02, **options):
    """Sends the segments, `gap` seconds apart; returns the whole reply."""
    with connect(port, transport, **options) as c:
        try:
            for i, segment in enumerate(segments):
                if i > 0:
                    time.sleep(gap)
                if segment:
                    c.send(segment)
            if end:
                c.end()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has its reply, and more came than it waited for
        return c.recv_all()
