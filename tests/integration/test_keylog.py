# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep --keylog: with its file tshark shows what went over TLS.

Nothing is captured from an interface, which only root may: a proxy records the
bytes of the connection, and the file of packets is made from them here.
"""

import os
import re
import socket
import stat
import struct
import threading
import time

import wwep_test
from wwep_certs import authority
from wwep_desk import wwep
from wwep_test import (Server, Skip, each, equal, read_file, run, scratch_dir,
                       tool, write_file)

VERSIONS = ("1.2", "1.3")
CLIENT, SERVER = "127.0.0.1", "127.0.0.2"
CLIENT_PORT, SERVER_PORT = 49152, 40508
FIN, SYN, PSH, ACK = 1, 2, 8, 16


# --- recording --------------------------------------------------------------

class Recorder:
    """Passes one connection on to a port, and keeps what goes by:
    [(from the client?, bytes)]; b"" is the end of a side."""

    def __init__(self, port):
        self.onward = port
        self.seen = []
        self.lock = threading.Lock()
        self.sock = socket.socket()
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(1)
        self.port = self.sock.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _pass(self, source, sink, from_client):
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            with self.lock:
                self.seen.append((from_client, data))
                try:
                    if data:
                        sink.sendall(data)
                    else:
                        sink.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # the other side has gone
            if not data:
                return

    def _run(self):
        client, _ = self.sock.accept()
        with client, socket.create_connection(
                ("127.0.0.1", self.onward), 20) as server:
            back = threading.Thread(target=self._pass, daemon=True,
                                    args=(server, client, False))
            back.start()
            self._pass(client, server, True)
            back.join(20)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join(20)
        self.sock.close()


# --- packets ----------------------------------------------------------------

def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(source, target, segment):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0, 64,
                         socket.IPPROTO_TCP, 0, source, target)
    return header[:10] + struct.pack(">H", checksum(header)) + header[12:] \
        + segment


def tcp_segment(source, target, ports, seq, ack, flags, data):
    header = struct.pack(">HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 65535,
                         0, 0)
    pseudo = source + target + struct.pack(">BBH", 0, socket.IPPROTO_TCP,
                                           len(header) + len(data))
    total = checksum(pseudo + header + data)
    return header[:16] + struct.pack(">H", total) + header[18:] + data


class Packets:
    """A file for tshark, of one TCP connection."""

    def __init__(self):
        self.packets = []
        self.next = {True: 1000, False: 5000}  # the sequence numbers

    def add(self, from_client, flags, data=b""):
        hosts = [socket.inet_aton(CLIENT), socket.inet_aton(SERVER)]
        ports = [CLIENT_PORT, SERVER_PORT]
        if not from_client:
            hosts.reverse()
            ports.reverse()
        ack = self.next[not from_client] if flags & ACK else 0
        segment = tcp_segment(*hosts, ports, self.next[from_client], ack,
                              flags, data)
        ethernet = bytes(5) + bytes([2 - from_client]) + bytes(5) \
            + bytes([1 + from_client]) + b"\x08\x00"
        self.packets.append(ethernet + ip_packet(*hosts, segment))
        self.next[from_client] += len(data) + bool(flags & (SYN | FIN))

    def connection(self, seen):
        self.add(True, SYN)
        self.add(False, SYN | ACK)
        self.add(True, ACK)
        for from_client, data in seen:
            for at in range(0, len(data), 1400):
                self.add(from_client, PSH | ACK, data[at:at + 1400])
            if not data:
                self.add(from_client, FIN | ACK)

    def write(self, path):
        begun = int(time.time())
        out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
        for i, packet in enumerate(self.packets):
            out += struct.pack("<IIII", begun, i * 1000, len(packet),
                               len(packet)) + packet
        write_file(path, out)


def tshark(packets, *options):
    home = scratch_dir("tshark")  # nobody's own settings
    done = run([tool("tshark"), "-r", packets, "-d",
                f"tcp.port=={SERVER_PORT},tls",
                "-o", "tcp.desegment_tcp_streams:TRUE", *options,
                "-T", "fields", "-e", "data"],
               timeout=120, env={**os.environ, "HOME": home,
                                 "XDG_CONFIG_HOME": home})
    equal(done.returncode, 0, f"tshark: {done.stderr!r}")
    lines = done.stdout.decode().replace(",", "\n").split()
    return [bytes.fromhex(line) for line in lines]


# --- cases ------------------------------------------------------------------

def serve():
    return Server({"name": "secure", "tls": authority().server()})


def record(server, log, version, request):
    """Runs wwep through a recorder; returns the path of the packets."""
    with Recorder(server.port("secure")) as recorder:
        wwep("-H", f"127.0.0.1:{recorder.port}", "--ca", authority().root,
             "--tls-version", version, "--keylog", log, *request).want(0)
    packets = Packets()
    packets.connection(recorder.seen)
    path = os.path.join(os.path.dirname(log), "x.pcap")
    packets.write(path)
    return path


def new_log():
    return os.path.join(scratch_dir("keylog"), "keys")


def want_secrets(log, version):
    """TLS 1.3's are told by a library that is built for it."""
    lines = read_file(log).decode()
    if version == "1.3" and not re.search("_TRAFFIC_SECRET", lines):
        raise Skip("this wolfSSL does not tell the secrets of TLS 1.3")
    return lines


@each(*VERSIONS)
def test_tshark_shows_the_request_and_the_reply(version):
    tool("tshark")
    log = new_log()
    with serve() as server:
        packets = record(server, log, version, ("write", "0FAC", "0B", "1234"))
    want_secrets(log, version)
    equal(tshark(packets, "-o", f"tls.keylog_file:{log}"),
          [b"W0FAC0B1234", b"A0FAC0B1234"], "decrypted")


@each(*VERSIONS)
def test_without_the_log_tshark_shows_nothing(version):
    tool("tshark")
    log = new_log()
    with serve() as server:
        packets = record(server, log, version, ("write", "0FAC", "0B", "1234"))
    equal(tshark(packets), [], "decrypted")
    assert b"W0FAC0B1234" not in read_file(packets), "it is in the clear"


@each(*VERSIONS)
def test_the_lines(version):
    """RFC 9850: a label, the client's random, a secret, in hex."""
    log = new_log()
    with serve() as server:
        record(server, log, version, ("write", "0FAC", "0B", "1234"))
    lines = want_secrets(log, version).splitlines()
    for line in lines:
        assert re.fullmatch(r"[A-Z0-9_]+ [0-9a-fA-F]{64} ([0-9a-fA-F]{2})+",
                            line) or line.startswith("#"), line
    labels = {line.split()[0] for line in lines if line[0] != "#"}
    equal(labels, {"CLIENT_RANDOM"} if version == "1.2" else {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} |
        (labels & {"EXPORTER_SECRET"}), "labels")
    equal(stat.S_IMODE(os.stat(log).st_mode), 0o600, "who may read it")


def test_a_check_has_its_secrets_in_it_too():
    log = new_log()
    with serve() as server:
        wwep("check", f"localhost:{server.port('secure')}", "--ca",
             authority().root, "--tls-version", "1.2", "--keylog",
             log).want(0)
    randoms = set(re.findall(r"^CLIENT_RANDOM (\w+)",
                             read_file(log).decode(), re.M))
    assert len(randoms) > 50, len(randoms)


def test_a_pipe_that_nobody_reads():
    path = scratch_dir("fifo") + "/fifo"
    os.mkfifo(path)
    with serve() as server:
        wwep("-H", f"localhost:{server.port('secure')}", "--ca",
             authority().root, "--keylog", path, "read", "0FAC", "05",
             timeout=20).want(2, "", "--keylog: .*fifo: nobody reads from it: ")


if __name__ == "__main__":
    wwep_test.main()
