# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of wwep bench share: a wwepd for it, and how it is run."""

import json

from wwep_certs import authority
from wwep_desk import wwep
from wwep_test import Server, equal

VERSIONS = ("1.2", "1.3")
NO_ERRORS = dict.fromkeys(("connect", "tls", "lost", "timeout", "refused",
                           "wrong", "reply", "idle", "other"), 0)


def serve(keep_open=False, **keys):
    return Server({"name": "plain", "keep_open": keep_open},
                  {"name": "secure", "keep_open": keep_open,
                   "tls": authority().server()}, **keys)


def bench(host, *words, code=0, err=None, **options):
    """What it has printed as JSON, and how it has ended."""
    done = wwep("bench", "--json", "-H", host, *words, **options)
    done.want(code, err=err)
    return json.loads(done.out), done


def where(server, transport):
    """A listener's host, and the words that TLS wants."""
    secure = ("--ca", authority().root) if transport == "secure" else ()
    return (f"localhost:{server.port(transport)}", *secure)


def load(server, transport, *words, **options):
    """The same on a listener of wwepd, without an error."""
    found, done = bench(*where(server, transport), *words, **options)
    equal(done.err, "", "errors")
    equal(found["errors"], NO_ERRORS, "errors")
    equal(found["first_error"], None, "first error")
    return found


def errors_of(found):
    """How many of each kind, of those that there are."""
    return {kind: n for kind, n in found["errors"].items() if n}
