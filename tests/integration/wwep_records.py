# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS records that no library would send: empty ones, and key updates.

AES-128-GCM by hand (slow, and good for tests alone), with the keys of a Tls
client's session. The client's library must not send after a forger has.
"""

import hashlib
import hmac
import os
import struct

from wwep_client import Tls, context
from wwep_test import read_file, scratch_dir

APPLICATION, HANDSHAKE = 23, 22


# --- AES-128-GCM ------------------------------------------------------------

def _xtime(a):
    return ((a << 1) ^ 0x1B) & 0xFF if a & 0x80 else a << 1


def _make_sbox():
    box, p, q = [0] * 256, 1, 1
    while True:  # q is always 1/p
        p ^= _xtime(p)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        turned = [(q << n | q >> (8 - n)) & 0xFF for n in range(5)]
        box[p] = (turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4]
                  ^ 0x63)
        if p == 1:
            break
    box[0] = 0x63
    return box


SBOX = _make_sbox()


class Aes128:
    def __init__(self, key):
        words, rcon = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
        for i in range(4, 44):
            word = words[-1]
            if i % 4 == 0:
                word = [SBOX[b] for b in word[1:] + word[:1]]
                word[0] ^= rcon
                rcon = _xtime(rcon)
            words.append([a ^ b for a, b in zip(words[-4], word)])
        self.keys = [sum(words[i:i + 4], []) for i in range(0, 44, 4)]

    def encrypt(self, block):
        s = [a ^ b for a, b in zip(block, self.keys[0])]
        for key in self.keys[1:]:
            s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if key is not self.keys[-1]:
                mixed = []
                for i in range(0, 16, 4):
                    c = s[i:i + 4]
                    every = c[0] ^ c[1] ^ c[2] ^ c[3]
                    mixed += [c[j] ^ every ^ _xtime(c[j] ^ c[(j + 1) % 4])
                              for j in range(4)]
                s = mixed
            s = [a ^ b for a, b in zip(s, key)]
        return bytes(s)


def gcm_seal(key, nonce, plain, extra):
    aes = Aes128(key)
    h = int.from_bytes(aes.encrypt(bytes(16)), "big")

    def multiply(x):
        z, v = 0, h
        for i in range(127, -1, -1):
            if x >> i & 1:
                z ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        return z

    def pad(data):
        return data + bytes(-len(data) % 16)

    stream = b"".join(aes.encrypt(nonce + struct.pack(">I", i + 2))
                      for i in range((len(plain) + 15) // 16))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    tag = 0
    hashed = (pad(extra) + pad(sealed)
              + struct.pack(">QQ", 8 * len(extra), 8 * len(sealed)))
    for i in range(0, len(hashed), 16):
        tag = multiply(tag ^ int.from_bytes(hashed[i:i + 16], "big"))
    first = int.from_bytes(aes.encrypt(nonce + b"\0\0\0\1"), "big")
    return sealed + (tag ^ first).to_bytes(16, "big")


# --- keys -------------------------------------------------------------------

def _expand(secret, info, length):
    """HKDF-Expand for one block, RFC 5869."""
    return hmac.digest(secret, info + b"\1", "sha256")[:length]


def _expand_label(secret, label, length):
    """RFC 8446, 7.1."""
    label = b"tls13 " + label
    return _expand(secret, struct.pack(">HB", length, len(label)) + label
                   + b"\0", length)


def _prf(secret, label, seed, length):
    """RFC 5246, 5."""
    out, a = b"", label + seed
    while len(out) < length:
        a = hmac.digest(secret, a, hashlib.sha256)
        out += hmac.digest(secret, a + label + seed, hashlib.sha256)
    return out[:length]


class Forger:
    """A connected client that seals its records itself."""

    def __init__(self, port, version):
        log = os.path.join(scratch_dir(), "keys")
        ctx = context(version, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"
                      if version == "TLS 1.2" else None)
        ctx.keylog_filename = log
        self.client = Tls(port, ctx=ctx)
        self.sock = self.client.sock
        received = []
        bio = self.client.incoming
        self.client.incoming = _Tap(bio, received)
        self.client.handshake()
        self.client.incoming = bio
        self.version = version
        cipher = self.client.ssl.cipher()[0].replace("_", "")
        assert "AES128" in cipher.replace("-", ""), cipher
        # LABEL, the client's random, the secret.
        lines = {line.split()[0]: [bytes.fromhex(x) for x in line.split()[1:]]
                 for line in read_file(log).decode().splitlines()
                 if not line.startswith("#")}
        if version == "TLS 1.3":
            self._use(lines["CLIENT_TRAFFIC_SECRET_0"][1])
        else:
            client_random, master = lines["CLIENT_RANDOM"]
            # Record (5), handshake header (4), version (2), random (32).
            server_random = b"".join(received)[11:43]
            block = _prf(master, b"key expansion",
                         server_random + client_random, 40)
            self.key, self.iv = block[:16], block[32:36]
            self.number = 1  # 0 was the Finished

    def _use(self, secret):
        self.secret = secret
        self.key = _expand_label(secret, b"key", 16)
        self.iv = _expand_label(secret, b"iv", 12)
        self.number = 0

    def seal(self, plain, kind=APPLICATION, padding=0):
        number = struct.pack(">Q", self.number)
        self.number += 1
        if self.version == "TLS 1.3":
            inner = plain + bytes([kind]) + bytes(padding)
            head = struct.pack(">BHH", APPLICATION, 0x0303, len(inner) + 16)
            nonce = bytes(a ^ b for a, b in zip(self.iv, bytes(4) + number))
            return head + gcm_seal(self.key, nonce, inner, head)
        extra = number + struct.pack(">BHH", kind, 0x0303, len(plain))
        sealed = number + gcm_seal(self.key, self.iv + number, plain, extra)
        return struct.pack(">BHH", kind, 0x0303, len(sealed)) + sealed

    def key_update(self):
        """The record that says so; what follows has new keys."""
        record = self.seal(b"\x18\0\0\1\0", HANDSHAKE)
        self._use(_expand_label(self.secret, b"traffic upd", 32))
        return record

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()


class _Tap:
    """A BIO that keeps what goes into it."""

    def __init__(self, bio, kept):
        self.bio, self.kept = bio, kept

    def write(self, data):
        self.kept.append(data)
        self.bio.write(data)
