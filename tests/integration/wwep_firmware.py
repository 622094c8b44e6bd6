# SPDX-License-Identifier: GPL-2.0-or-later
"""The board's image, in QEMU, by scripts/run-board, and the wire between it
and the rest of the world."""

import os
import queue
import re
import shutil
import socket
import struct
import subprocess
import threading
import time

from wwep_certs import SERVER_NAMES, Authority
from wwep_test import (BUILD, SRC, Skip, equal, run, scratch_dir, slowness,
                       write_file)

MAC = "00:A0:50:12:34:56"  # run-board's; its octets' sum is 018C
DEVICE = "018C"
SOURCES = os.path.join(SRC, "build", "firmware-src")
OBJECTS = os.path.join(SRC, "build", "firmware-objects")
CACHE = os.path.join(SRC, "build", "firmware-test")
WWEP_DCT = os.path.join(BUILD, "client_fw", "wwep-dct")
MAKEFILE = os.path.join(SRC, "client_fw", "boards", "mps2_an385",
                        "firmware.mk")


# --- images -----------------------------------------------------------------

class CachedAuthority(Authority):
    """One for all runs, as its root is in the images."""

    def __init__(self, folder):
        self.dir = folder
        self.openssl = shutil.which("openssl")
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(self.path("made")):
            self.root = self.issue("root", "/CN=Test Root", ca=True)
            self.inter = self.issue("inter", "/CN=Test Intermediate", "root",
                                    ca=True)
            self.client("board", f"/CN=board {DEVICE}", "inter", ("inter",),
                        san=f"URI:urn:wwep:device:{DEVICE}")
            self.server()
            self.single()
            write_file(self.path("made"), "")
        self.root = self.path("root.crt")
        self.inter = self.path("inter.crt")

    def single(self):
        """A server's certificate from the root itself: what a handshake costs
        at least."""
        if not os.path.exists(self.path("single.pem")):
            self.issue("single", "/CN=single", "root", san=SERVER_NAMES)
            self.chain("single")
        return {"certificate": self.path("single.pem"),
                "private_key": self.path("single.key")}

    def folder(self, name, identity):
        """As `wwep-certs client` makes one."""
        path = os.path.join(self.dir, name)
        os.makedirs(path, exist_ok=True)
        shutil.copy(self.root, os.path.join(path, "ca.pem"))
        if identity:
            shutil.copy(self.path("board.pem"),
                        os.path.join(path, "client.pem"))
            shutil.copy(self.path("board.key"),
                        os.path.join(path, "client.key"))
        return path


def need_tools():
    for name in ("arm-none-eabi-gcc", "qemu-system-arm", "openssl"):
        if shutil.which(name) is None:
            raise Skip(f"{name} is not installed: scripts/packages install "
                       "firmware")
    if not os.path.exists(os.path.join(SOURCES, "lwip.version")):
        raise Skip("no sources of wolfSSL and lwIP: run "
                   "scripts/build-firmware")


_built = {}


def authority():
    need_tools()
    if "authority" not in _built:
        _built["authority"] = CachedAuthority(os.path.join(CACHE, "certs"))
    return _built["authority"]


def image(profile, identity=None):
    """The image's path. They all trust the authority; small has a certificate
    of its own, unless told otherwise."""
    identity = profile == "small" if identity is None else identity
    kind = "identity" if identity else "root"
    if (kind, profile) not in _built:
        folder = authority().folder(kind, identity)
        done = run([os.path.join(SRC, "scripts", "build-firmware"), profile,
                    "--certs", folder, "--out", os.path.join(CACHE, kind)],
                   timeout=280)
        if done.returncode == 75:
            raise Skip(done.stderr.decode())
        equal(done.returncode, 0, done.stderr.decode())
        _built[kind, profile] = os.path.join(CACHE, kind, profile,
                                             f"wwep-{profile}.elf")
    return _built[kind, profile]


def dct(certificate, key=None):
    """The path of a configuration table's image."""
    path = os.path.join(scratch_dir("dct"), "image")
    words = ["--private-key", key] if key else []
    done = run([WWEP_DCT, "-o", path, "--certificate", certificate, *words])
    equal(done.returncode, 0, done.stderr.decode())
    return path


# --- the board --------------------------------------------------------------

EXCHANGE = re.compile(
    r"LED 0 \[(?P<led0>.)\]  LED 1 \[(?P<led1>.)\]  (?P<way>.*?)  "
    r"(?P<request>W\w+) -> (?P<reply>.*), (?P<ms>\d+) ms"
    r"(, busy (?P<busy>\d+) us)?$")
FIGURES = re.compile(
    r"Memory: flash (?P<flash>\d+), fixed (?P<fixed>\d+), heap (?P<heap>\d+) "
    r"peak (?P<peak>\d+) extent (?P<extent>\d+) of (?P<heap_len>\d+), "
    r"stack peak (?P<stack>\d+) of (?P<stack_len>\d+)$")


class Board:
    """A board that runs. What it prints are lines; the end is None."""

    def __init__(self, elf, *options, argv=None):
        need_tools()
        self.said = []
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            argv or [os.path.join(SRC, "scripts", "run-board"), elf, *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode("utf-8", "replace").rstrip())
        self.lines.put(None)

    def line(self, pattern, timeout=20.0):
        """The next line that matches."""
        deadline = time.monotonic() + timeout * slowness()
        while True:
            try:
                text = self.lines.get(
                    timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                text = None
            if text is None:
                raise AssertionError(f"no {pattern!r} in time; it said:\n"
                                     + "\n".join(self.said))
            self.said.append(text)
            match = re.search(pattern, text)
            if match:
                return match

    def type(self, keys):
        self.process.stdin.write(keys.encode())
        self.process.stdin.flush()

    def press(self, button, timeout=20.0):
        """One exchange, as a dict."""
        self.type(str(button))
        return self.line(EXCHANGE, timeout).groupdict()

    def figures(self):
        self.type("m")
        found = self.line(FIGURES).groupdict()
        return {name: int(number) for name, number in found.items()}

    def quit(self, code=0):
        self.type("q")
        equal(self.process.wait(20 * slowness()), code,
              "exit code; it said:\n" + "\n".join(self.said))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(10)
        self.process.stdin.close()
        self.process.stdout.close()


def against(server, *options):
    """run-board's options for a wwepd with the listeners plain and secure."""
    words = []
    for name, option in (("plain", "--port-plain"), ("secure", "--port-tls")):
        if name in server.ports:
            words += [option, str(server.port(name))]
    return [*words, *options]


# --- the wire ---------------------------------------------------------------

def qmp(path, *commands):
    """Says these to the QEMU that listens there."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        for _ in range(500):
            try:
                s.connect(path)
                break
            except OSError:
                time.sleep(0.02)
        with s.makefile("rwb") as f:
            f.readline()
            for command in ('{"execute": "qmp_capabilities"}', *commands):
                f.write(command.encode() + b"\n")
                f.flush()
                while True:
                    answer = f.readline()
                    if b'"return"' in answer:
                        break
                    if b'"error"' in answer or not answer:
                        raise AssertionError(f"{command}: {answer!r}")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Frame:
    """What a test wants to know of an Ethernet frame."""

    def __init__(self, data):
        self.data = data
        self.ip = data[14:] if data[12:14] == b"\x08\x00" else b""
        self.protocol = self.ip[9] if self.ip else 0
        self.payload = self.ip[20:]
        self.ports = struct.unpack("!HH", self.payload[:4]) \
            if self.protocol in (6, 17) else (0, 0)

    def is_syn(self):
        return self.protocol == 6 and self.payload[13] & 0x12 == 0x02

    def sequence(self):
        return struct.unpack("!I", self.payload[4:8])[0]


def dns_answer(query, address):
    """The frame that answers the one of a query for an A record; address None:
    there is no such name."""
    data, ip, udp = query.data, query.ip, query.payload
    question = udp[20:]
    flags, count = (0x8180, 1) if address else (0x8183, 0)
    body = udp[8:10] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + question
    if address:
        body += struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) \
            + socket.inet_aton(address)
    udp_out = struct.pack("!HHHH", 53, query.ports[0], 8 + len(body), 0) + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp_out), 1, 0, 64, 17,
                       0)
    head += ip[16:20] + ip[12:16]
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return data[6:12] + data[:6] + data[12:14] + head + udp_out


class Wire:
    """Carries frames between a board and QEMU's network, one by one: `pass_on`
    gets each, with whether it comes from the board, and returns what goes on
    in its place, a list of bytes; or those for the other side as a second
    list."""

    def __init__(self, pass_on=None):
        self.pass_on = pass_on or (lambda frame, out: [frame.data])
        self.socks = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                      for _ in range(4)]
        for s in self.socks:
            s.bind(("127.0.0.1", 0))
        ports = [s.getsockname()[1] for s in self.socks]
        # QEMU's ends are the last two; it binds them itself.
        self.peers = [("127.0.0.1", ports[2]), ("127.0.0.1", ports[3])]
        for s in self.socks[2:]:
            s.close()
        self.options = [
            "--netdev", f"socket,udp=127.0.0.1:{ports[0]},"
            f"localaddr=127.0.0.1:{ports[2]}", "--",
            "-netdev", "user,id=world",
            "-netdev", f"socket,id=far,udp=127.0.0.1:{ports[1]},"
            f"localaddr=127.0.0.1:{ports[3]}",
            "-netdev", "hubport,id=hub0,hubid=0,netdev=world",
            "-netdev", "hubport,id=hub1,hubid=0,netdev=far"]
        self.threads = [threading.Thread(target=self._carry, args=(i,),
                                         daemon=True) for i in (0, 1)]
        self.lock = threading.Lock()

    def _carry(self, side):
        while True:
            try:
                data = self.socks[side].recv(65536)
            except OSError:
                return
            if not data:
                return
            with self.lock:
                on = self.pass_on(Frame(data), side == 0)
            back = []
            if isinstance(on, tuple):
                on, back = on
            for frame in on:
                self.socks[1 - side].sendto(frame, self.peers[1 - side])
            for frame in back:
                self.socks[side].sendto(frame, self.peers[side])

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        for s in self.socks[:2]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        for t in self.threads:
            t.join(5)


def scratch_socket():
    return os.path.join(scratch_dir("qmp"), "qmp")
