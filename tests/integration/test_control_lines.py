# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines of the control socket, good ones and bad ones, and who sends them."""

import os
import random

import wwep_test
from wwep_control import Peer, controlled, nc, order, value
from wwep_store import ask
from wwep_test import equal, until


def test_nc():
    with controlled() as server:
        got = nc(server, '{"command": "stats"}\n')
        equal([r["ok"] for r in got], [True], "a line")
        got = nc(server, '{"command": "stats"}')
        equal([r["ok"] for r in got], [True], "a line without its end")
        got = nc(server, '{"command": "stats"}\nhelp\n\n{"command": "reset", '
                 '"device": "0FAC"}\n')
        equal([r["ok"] for r in got], [True, False, False, True], "lines")
        assert 'write an object on one line, as {"command": "stats"}' in \
            got[1]["error"], got
        equal(nc(server, ""), [], "nothing")


def test_lines_in_pieces_and_many_at_once():
    with controlled() as server, Peer(server) as peer:
        line = b'{"command":"reset","device":"0FAC"}\n'
        for i in range(len(line)):
            peer.send(line[i:i + 1])
        equal(peer.reply()["ok"], True, "in pieces")
        peer.send(b'{"command":"stats"}\n' * 300)
        peer.send(line)
        for _ in range(301):
            equal(peer.reply()["ok"], True, "many")
        peer.end()
        equal(peer.reply(), None, "the end")


def test_a_line_that_is_too_long():
    with controlled() as server:
        with Peer(server) as peer:
            peer.send(b'{"command":"stats"' + b" " * 8172 + b"}\n")
            equal(peer.reply()["ok"], True, "as long as may be")
            peer.send(b" " * 100000)
            got = peer.reply()
            equal(got["ok"], False, str(got))
            assert "too long: an order has at most 8191 bytes" in got["error"]
            equal(peer.line(), None, "the end")
        equal(order(server, "stats")["ok"], True, "stats")


def test_too_many_at_once():
    with controlled() as server:
        peers = [Peer(server) for _ in range(16)]
        for peer in peers:
            equal(peer.order("stats")["ok"], True, "stats")
        with Peer(server) as late:
            got = late.reply()
            equal(got["ok"], False, str(got))
            assert "too many are connected" in got["error"], got
            equal(late.line(), None, "the end")
        peers.pop().close()
        until(lambda: Peer(server).order("stats")["ok"], "room again")
        equal(peers[0].order("stats")["ok"], True, "who was there")
        for peer in peers:
            peer.close()


def test_who_does_not_read_is_dropped():
    with controlled() as server:
        sockets = server.sockets()
        with Peer(server) as peer:
            peer.sock.settimeout(0.5)
            try:
                while True:
                    peer.send(b'{"command":"stats"}\n' * 1000)
            except TimeoutError:
                pass
            until(lambda: server.sockets() == sockets, "it is closed", 20)
        equal(order(server, "stats")["ok"], True, "stats")


def test_who_goes_away():
    """In the middle of a line, or before the reply."""
    with controlled() as server:
        ask(server.port(), b"W0FAC051111")
        sockets = server.sockets()
        for text in (b"", b'{"comm', b'{"command":"reset"}\n',
                     b'{"command":"stats"}\n' * 50):
            peer = Peer(server)
            peer.send(text)
            peer.close()
        until(lambda: server.sockets() == sockets, "all are closed")
        until(lambda: value(server, b"0FAC05") is None, "it is done all the "
              "same")
        equal(order(server, "stats")["ok"], True, "stats")


def test_garbage():
    """Whatever comes gets a line for each line, and the server goes on."""
    seed = os.environ.get("WWEP_SEED", "wwep")
    rng = random.Random(seed)
    good = [b'{"command":"stats"}', b'{"command":"reset","device":"0FAC"}',
            b'{"command":"reload"}',
            b'{"command":"restore","path":"/nowhere/x.db"}']
    with controlled() as server:
        for _ in range(300):
            line = bytearray(rng.choice(good))
            for _ in range(rng.randrange(4)):
                how, at = rng.randrange(4), rng.randrange(len(line) + 1)
                if how == 0:
                    line[at:at] = bytes([rng.randrange(256)])
                elif how == 1:
                    del line[at:at + rng.randrange(8)]
                elif how == 2:
                    line[at:at] = line[:rng.randrange(len(line) + 1)]
                else:
                    line[at:at + 1] = rng.choice([b"\0", b"\xff", b"[" * 3000,
                                                  b"\\ud800", b"1e999", b'"'])
            data = bytes(line[:8000]) + b"\n"
            with Peer(server) as peer:
                peer.send(data)
                peer.end()
                replies = []
                while (reply := peer.reply()) is not None:
                    replies.append(reply)
            equal(len(replies), data.count(b"\n") +
                  (not data.endswith(b"\n")), f"replies to {data!r}")
            for reply in replies:
                assert reply["ok"] or isinstance(reply["error"], str), reply
        for _ in range(50):
            with Peer(server) as peer:
                try:
                    peer.send(rng.randbytes(rng.randrange(20000)))
                    peer.end()
                    while peer.line() is not None:
                        pass
                except OSError:
                    pass
        equal(order(server, "stats")["ok"], True, f"seed {seed}")


if __name__ == "__main__":
    wwep_test.main()
