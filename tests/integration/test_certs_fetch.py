# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs and servers: fetch, and show of what a server sends, and of what
is none."""

import os
import socket
import ssl

import wwep_test
from wwep_certs import authority
from wwep_certs_read import (VERSIONS, above, blocks, certs, endless,
                             endless_records, fingerprint, has, http, leaf,
                             process, refused, s_server, silent, socket_server,
                             special, squeezed)
from wwep_test import (Server, Skip, each, equal, free_port, read_file,
                       scratch_dir, tool, write_file)

# --- servers ----------------------------------------------------------------

@each(*VERSIONS)
def test_show_a_server(version):
    path, _ = leaf()
    want = certs("show", path)[0]
    with s_server(path, authority().path("leaf.key"),
                  VERSIONS[version]) as port:
        equal(certs("show", f"localhost:{port}")[0], want, "chain")
    # One that wants a certificate first.
    with s_server(path, authority().path("leaf.key"), VERSIONS[version],
                  "-Verify", "1") as port:
        equal(certs("show", f"127.0.0.1:{port}")[0], want, "mutual")


def test_show_a_server_with_a_weak_key():
    path = special("weak-server", "-sha1", key=("rsa:1024",))
    with s_server(path, authority().path("weak-server.key"), "-cipher",
                  "ALL:@SECLEVEL=0", "-tls1_2") as port:
        has(certs("show", f"localhost:{port}")[0], "key +RSA 1024",
            "signature +sha1With")


def test_show_a_server_of_gnutls():
    path, _ = leaf("rsa")
    port = free_port()
    with process(tool("gnutls-serv"), "--port", str(port), "--x509certfile",
                 path, "--x509keyfile", authority().path("rsa-leaf.key"),
                 port=port):
        equal(certs("show", f"localhost:{port}")[0], certs("show", path)[0])


def test_wwepd():
    mutual = {"client_ca": authority().root, "client_auth": "required"}
    with Server({"name": "tls", "tls": authority().server()},
                {"name": "mutual", "tls": authority().server(**mutual)},
                {"name": "plain"}) as server:
        ca = authority().path("server")
        want = certs("show", "-", data=b"".join(
            blocks(read_file(ca + ".pem"))[:2]))[0]
        for name in ("tls", "mutual"):
            equal(certs("show", f"localhost:{server.port(name)}")[0], want)
            out, _ = certs("verify", f"127.0.0.1:{server.port(name)}", "--ca",
                           authority().root)
            has(out, "^All .* steps hold: .* for 127.0.0.1.$")
        refused("(answers, but not in TLS|closes the connection when TLS)",
                "show", f"localhost:{server.port('plain')}")


def test_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        raise Skip("there is no IPv6 here") from None
    path, root = leaf()
    port = free_port()
    with process(tool("openssl"), "s_server", "-accept", f"[::1]:{port}",
                 "-cert", path, *above(path), "-key",
                 authority().path("leaf.key"), "-quiet", port=port):
        out, _ = certs("verify", f"[::1]:{port}", "--ca", root)
        has(out, "Is it for ::1?", "^All")


@each("refused", "silent", "closes", "endless", "endless records", "HTTP",
      "half a record")
def test_no_tls(kind):
    if kind == "refused":
        port = free_port()
        refused("nobody listens there", "show", f"localhost:{port}")
        return
    talk, reason = {
        "silent": (silent, "says nothing in TLS for 1 s"),
        "closes": (lambda s: s.recv(4096), "closes the connection"),
        "endless": (endless, "not in TLS"),
        "endless records": (endless_records, "."),
        "HTTP": (http, "not in TLS"),
        "half a record": (lambda s: (s.sendall(b"\x16\x03\x03\x10"),
                                     silent(s)), "says nothing"),
    }[kind]
    folder = scratch_dir()
    with socket_server(talk) as port:
        refused(f"^wwep-certs: 127.0.0.1:{port}: .*{reason}", "fetch",
                f"127.0.0.1:{port}", "--wait", "1", cwd=folder)


CANNED = {
    "unknown name": ("BIO routines:BIO_lookup_ex:system lib:a.c:746:Name or "
                     "service not known", "no host of that name"),
    "no route": ("system library:BIO_connect:No route to host:b.c:1:",
                 "there is no way to it"),
    "no network": ("system library:BIO_connect:Network is unreachable:b.c:1:",
                   "there is no way to it"),
    "an alert": ("SSL routines:ssl3_read_bytes:tlsv1 unrecognized name:"
                 "rec.c:1600:SSL alert number 112",
                 "refuses TLS .*tlsv1 unrecognized name"),
}


@each(*CANNED)
def test_unreachable(kind):
    """What needs a network to come about: as openssl says it."""
    said, reason = CANNED[kind]
    folder = scratch_dir()
    write_file(os.path.join(folder, "openssl"), f"""#!/bin/sh
[ "$1" = s_client ] || exec {tool('openssl')} "$@"
echo '40B7BDF66C7F0000:error:10080002:{said}' >&2
exit 1
""", 0o700)
    refused(reason, "show", "example.com:443",
            env={"PATH": folder + ":" + os.environ["PATH"]})


def test_what_comes_inside_of_tls_is_no_certificate():
    path, _ = leaf()
    stuff = b"\n---\nCertificate chain\n" + read_file(authority().root)
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(path, authority().path("leaf.key"))

    def talk(s):
        with ctx.wrap_socket(s, server_side=True) as t:
            while True:
                t.sendall(stuff * 10)

    with socket_server(talk) as port:
        equal(certs("show", f"localhost:{port}")[0], certs("show", path)[0])


# --- fetch ------------------------------------------------------------------

def fetched(folder):
    return {name: read_file(os.path.join(folder, name))
            for name in os.listdir(folder)}


def test_fetch_with_the_root():
    leaf()
    path = authority().chain("leaf", "inter", "root")
    folder = scratch_dir()
    with s_server(path, authority().path("leaf.key")) as port:
        out, _ = certs("fetch", f"localhost:{port}", cwd=folder)
        files = fetched(os.path.join(folder, "localhost"))
        equal(files, dict(zip(("leaf.pem", "ca-1.pem", "ca-2.pem"),
                              blocks(read_file(path)))), "files")
        has(squeezed(out), "Into the board belongs ./localhost/ca-2.pem, the"
            " root. Not leaf.pem: it is renewed often",
            fingerprint(files["ca-2.pem"]), "Nothing of it is verified")
        mode = os.stat(os.path.join(folder, "localhost", "leaf.pem")).st_mode
        equal(mode & 0o777, 0o644, "mode")
        # The second time, nothing is touched.
        write_file(os.path.join(folder, "localhost", "leaf.pem"), "mine")
        refused("leaf.pem: is there already", "fetch", f"localhost:{port}",
                cwd=folder)
        equal(fetched(os.path.join(folder, "localhost")),
              {**files, "leaf.pem": b"mine"}, "files")
    # A shorter chain, and --force.
    with s_server(authority().chain("leaf", "inter"),
                  authority().path("leaf.key")) as port:
        out, _ = certs("fetch", f"localhost:{port}", "--force", cwd=folder)
        del files["ca-2.pem"]
        equal(fetched(os.path.join(folder, "localhost")), files, "files")
        has(squeezed(out), "Into the board belongs ./localhost/ca-1.pem: the"
            " highest CA that the server sends. It is not the root",
            "CN = Test Root Not leaf.pem")


def test_fetch_a_leaf_alone():
    leaf()
    folder = scratch_dir()
    with s_server(authority().path("leaf.crt"),
                  authority().path("leaf.key")) as port:
        out, _ = certs("fetch", f"localhost:{port}", "-o", "-x y/z",
                       cwd=folder)
        equal(list(fetched(os.path.join(folder, "-x y/z"))), ["leaf.pem"])
        has(squeezed(out), "Into the board belongs nothing of this",
            "CN = Test Intermediate")


def test_fetch_a_self_signed():
    path = special("self", "-addext", "subjectAltName=DNS:localhost")
    folder = scratch_dir()
    with s_server(path, authority().path("self.key")) as port:
        out, _ = certs("fetch", f"127.0.0.1:{port}", cwd=folder)
        equal(list(fetched(os.path.join(folder, "127.0.0.1"))), ["leaf.pem"])
        has(squeezed(out), "Into the board belongs ./127.0.0.1/leaf.pem: it"
            " has signed itself, so it is its own root")


def test_fetch_to_where_it_can_not_go():
    leaf()
    folder = scratch_dir()
    write_file(os.path.join(folder, "file"), "mine")
    with s_server(authority().path("leaf.crt"),
                  authority().path("leaf.key")) as port:
        refused("file: is a file, not a folder", "fetch", f"localhost:{port}",
                "-o", "file", cwd=folder)
        refused("can not be made", "fetch", f"localhost:{port}", "-o",
                "file/x", cwd=folder)


if __name__ == "__main__":
    wwep_test.main()
