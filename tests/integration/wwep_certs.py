# SPDX-License-Identifier: GPL-2.0-or-later
"""Certificates for the integration tests, made by the openssl command.

Nothing is kept: every test file makes its own, below its scratch folder.
"""

import functools
import os
import subprocess

from wwep_test import read_file, scratch_dir, tool, write_file

PAST = ("20200101000000Z", "20210101000000Z")
FUTURE = ("21000101000000Z", "21010101000000Z")
NOW = ("20200101000000Z", "20991231235959Z")
SERVER_NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"

CA_CONFIG = """\
[ca]
default_ca = ca
[ca]
database = {dir}/index.txt
new_certs_dir = {dir}
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
string_mask = utf8only
x509_extensions = ext
[policy]
commonName = optional
[ext]
{ext}
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
"""


class Authority:
    """A folder of certificates: NAME.crt and NAME.key."""

    def __init__(self):
        self.dir = scratch_dir("certs")
        self.openssl = tool("openssl")
        self.root = self.issue("root", "/CN=Test Root", ca=True)
        self.inter = self.issue("inter", "/CN=Test Intermediate", "root",
                                ca=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def _openssl(self, *args):
        done = subprocess.run([self.openssl, *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise AssertionError(f"openssl {args}: {done.stdout!r}")

    def key(self, name, kind="ec"):
        options = {"ec": ["-algorithm", "EC", "-pkeyopt",
                          "ec_paramgen_curve:P-256"],
                   "rsa": ["-algorithm", "RSA", "-pkeyopt",
                           "rsa_keygen_bits:2048"],
                   "large": ["-algorithm", "RSA", "-pkeyopt",
                             "rsa_keygen_bits:4352"]}[kind]
        self._openssl("genpkey", *options, "-out", self.path(name + ".key"))
        os.chmod(self.path(name + ".key"), 0o600)

    def issue(self, name, subject, issuer=None, key="ec", san=None, ca=False,
              dates=NOW, digest="sha256"):
        """Makes NAME.key and NAME.crt; without an issuer it signs itself."""
        ext = ["basicConstraints = critical, CA:" + str(ca).upper(),
               "keyUsage = critical, " + ("keyCertSign, cRLSign" if ca else
                                          "digitalSignature"),
               "subjectKeyIdentifier = hash"]
        if issuer:
            ext.append("authorityKeyIdentifier = keyid")
        if not ca:
            ext.append("extendedKeyUsage = serverAuth, clientAuth")
        if san:
            ext.append("subjectAltName = " + san)
        config = write_file(self.path(name + ".cnf"), CA_CONFIG.format(
            dir=self.dir, ext="\n".join(ext)))
        write_file(self.path("index.txt"), "")
        self.key(name, key)
        self._openssl("req", "-new", "-config", config, "-utf8", "-subj",
                      subject, "-key", self.path(name + ".key"),
                      "-out", self.path(name + ".csr"))
        signer = ["-selfsign", "-keyfile", self.path(name + ".key")]
        if issuer:
            signer = ["-cert", self.path(issuer + ".crt"),
                      "-keyfile", self.path(issuer + ".key")]
        self._openssl("ca", "-config", config, "-batch", "-notext", "-utf8",
                      "-startdate", dates[0], "-enddate", dates[1],
                      "-md", digest, *signer, "-in", self.path(name + ".csr"),
                      "-out", self.path(name + ".crt"))
        return self.path(name + ".crt")

    def chain(self, name, *above):
        """NAME.pem: the certificate, and those above it."""
        return write_file(self.path(name + ".pem"), b"".join(
            read_file(self.path(n + ".crt")) for n in (name, *above)))

    def server(self, name="server", key="ec", **tls):
        """The tls: part of a listener, with a chain of leaf, intermediate
        and root, of which the root must not be sent."""
        if not os.path.exists(self.path(name + ".pem")):
            self.issue(name, f"/CN={name}", "inter", key=key,
                       san=SERVER_NAMES)
            self.chain(name, "inter", "root")
        return {"certificate": self.path(name + ".pem"),
                "private_key": self.path(name + ".key"), **tls}

    def client(self, name, subject=None, issuer="root", above=(), **options):
        """(certificate chain, key) of a client."""
        if not os.path.exists(self.path(name + ".pem")):
            self.issue(name, subject or f"/CN={name}", issuer, **options)
            self.chain(name, *above)
        return self.path(name + ".pem"), self.path(name + ".key")


@functools.lru_cache(maxsize=None)
def authority():
    """The one of this test file."""
    return Authority()
