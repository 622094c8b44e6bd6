# SPDX-License-Identifier: GPL-2.0-or-later
"""Revocation lists, and boards that may be in them.

As a class has it: the root alone is the client_ca, clients send their
certificate and the intermediate, and crl.pem has a list of each of the two.
"""

import os

from wwep_certs import authority
from wwep_test import equal, run, scratch_dir, write_file

LONG_S = 30 * 86400

LIST_CONFIG = """\
[ca]
default_ca = ca
[ca]
database = {dir}/index.txt
default_md = sha256
crl_extensions = ext
[ext]
authorityKeyIdentifier = keyid
"""


def crl(issuer, *revoked, seconds=LONG_S, dates=()):
    """An authority's list, as PEM."""
    ca = authority()
    folder = scratch_dir("crl")
    index = ""
    for name in revoked:
        serial = run([ca.openssl, "x509", "-noout", "-serial", "-in",
                      ca.path(name + ".crt")]).stdout.decode()
        index += ("R\t991231235959Z\t200101000000Z\t"
                  f"{serial.strip().split('=')[1]}\tunknown\t/CN={name}\n")
    write_file(os.path.join(folder, "index.txt"), index)
    config = write_file(os.path.join(folder, "ca.cnf"),
                        LIST_CONFIG.format(dir=folder))
    life = ["-crl_lastupdate", dates[0], "-crl_nextupdate", dates[1]] \
        if dates else ["-crlsec", str(seconds)]
    done = run([ca.openssl, "ca", "-config", config, "-gencrl", *life,
                "-cert", ca.path(issuer + ".crt"),
                "-keyfile", ca.path(issuer + ".key")])
    equal(done.returncode, 0, f"openssl ca: {done.stderr}")
    return done.stdout


def lists(*parts):
    return write_file(os.path.join(scratch_dir(), "crl.pem"), b"".join(parts))


def good_lists():
    return crl("root"), crl("inter")


def board(name="board", **options):
    """A client's (chain, key), from the intermediate."""
    return authority().client(name, issuer="inter", above=["inter"],
                              **options)
