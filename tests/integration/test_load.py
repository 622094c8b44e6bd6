# SPDX-License-Identifier: GPL-2.0-or-later
"""A thousand clients at once, half of them on TLS, each its own device."""

import re
import resource
import threading

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls, context
from wwep_test import Server, equal, raise_limit, read_file, slowness

THREADS = 8
CLIENTS = 1000
LINE = re.compile(rb"^ {0,6}(\d+)? +(\d+)?  127\.0\.0\.1 +(\d+)  (plain|TLS "
                  rb"1\.[23]) +- +([WR]\w+) +(A\w+) +(\d+)$")


class Crowd:
    """CLIENTS clients in THREADS threads, which keep step: nobody asks
    before everybody is connected."""

    def __init__(self, server):
        self.server = server
        self.step = threading.Barrier(THREADS)
        self.errors = []
        self.contexts = [context("TLS 1.2"), context("TLS 1.3")]

    def connect(self, i):
        if i % 2 == 0:
            return Plain(self.server.port("plain"), timeout=60 * slowness())
        return Tls(self.server.port("secure"), ctx=self.contexts[i // 2 % 2],
                   timeout=60 * slowness()).handshake()

    def round(self, mine, request, reply):
        clients = []
        try:
            for i in mine:
                clients.append((i, self.connect(i)))
            self.step.wait(120 * slowness())
            for i, c in clients:
                c.send(request(i))
            for i, c in clients:
                got = c.recv_all()
                if got != reply(i):
                    self.errors.append(f"client {i}: {got!r}")
        finally:
            for _, c in clients:
                c.close()

    def thread(self, number):
        try:
            mine = range(number, CLIENTS, THREADS)
            self.round(mine, lambda i: b"W%04X05%04X" % (i, i * 7 & 0xFFFF),
                       lambda i: b"A%04X05%04X" % (i, i * 7 & 0xFFFF))
            self.step.wait(120 * slowness())
            self.round(mine, lambda i: b"R%04X05" % i,
                       lambda i: b"A%04X05%04X" % (i, i * 7 & 0xFFFF))
        except Exception as e:
            self.errors.append(repr(e))
            self.step.abort()

    def run(self):
        threads = [threading.Thread(target=self.thread, args=(n,))
                   for n in range(THREADS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        equal(self.errors[:10], [], f"{len(self.errors)} errors")


def serve(**messages):
    raise_limit(CLIENTS + 200)
    return Server({"name": "plain"},
                  {"name": "secure", "tls": authority().server()},
                  timeouts={"idle_s": 120 * slowness(),
                            "handshake_s": 60 * slowness(),
                            "message_ms": 10000}, messages=messages)


def test_a_thousand_clients_and_the_json_log():
    with serve(format="json", target="messages.json") as server:
        Crowd(server).run()
        server.stop()
        messages = server.messages()
        equal(len(messages), 2 * CLIENTS, "lines")
        equal(sorted(m["conn"] for m in messages),
              list(range(1, 2 * CLIENTS + 1)), "numbers of the connections")
        equal(sorted(m["reply"] for m in messages),
              sorted(2 * ["A%04X05%04X" % (i, i * 7 & 0xFFFF)
                          for i in range(CLIENTS)]), "replies")
        equal(sum(m["tls"] is None for m in messages), CLIENTS, "plain ones")
        times = [m["time"] for m in messages]
        out_of_order = sum(a > b for a, b in zip(times, times[1:]))
        # Workers may hand in a microsecond's older line late.
        assert out_of_order < CLIENTS / 10, f"{out_of_order} out of order"


def test_a_thousand_clients_and_the_table():
    with serve(format="table", target="messages.txt") as server:
        Crowd(server).run()
        server.stop()
        lines = read_file(server.dir + "/messages.txt").splitlines()
        equal(lines[0].split(), b"plain secure address port transport "
              b"identity request reply us reason".split(), "header")
        equal(len(lines) - 1, 2 * CLIENTS, "lines")
        plain, secure = [], []
        for line in lines[1:]:
            match = LINE.match(line)
            assert match, line
            assert (match[1] is None) != (match[2] is None), line
            assert (match[4] == b"plain") == (match[2] is None), line
            (plain if match[1] else secure).append(int(match[1] or match[2]))
        equal(plain, list(range(1, CLIENTS + 1)), "running numbers, plain")
        equal(secure, list(range(1, CLIENTS + 1)), "running numbers, secure")
        assert f"{CLIENTS} plain and {CLIENTS} secure" in server.log(), \
            server.log()


def test_more_clients_than_files():
    """Over the limit clients are closed at once, and the log says so."""
    def few_files():
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))

    with Server({"name": "plain"}, preexec=few_files,
                timeouts={"idle_s": 60}) as server:
        room = int(re.search(r"at most (\d+) connections", server.log())[1])
        before = server.sockets()
        clients = [Plain(server.port("plain")) for _ in range(room)]
        # One worker may be late: its clients must not be the surplus ones.
        wwep_test.until(lambda: server.sockets() >= before + room,
                        "the server is full")
        extra = [Plain(server.port("plain")) for _ in range(20)]
        for c in extra:
            try:
                equal(c.recv_all(), b"", "one too many")
            except ConnectionResetError:
                pass
            c.close()
        server.wait_log(rf"warning: plain: more than {room} connections at "
                        "once: 1 turned away")
        for c in clients[:10]:
            c.send(b"W0FAC050001")
            equal(c.recv_all(), b"A0FAC050001", "one who is in")
            c.close()

        def room_again():
            with Plain(server.port("plain")) as c:
                try:
                    c.send(b"R0FAC05")
                    return c.recv_all() == b"A0FAC050001"
                except ConnectionError:
                    return False
        wwep_test.until(room_again, "there is room again")
        for c in clients[10:]:
            c.close()


if __name__ == "__main__":
    wwep_test.main()
