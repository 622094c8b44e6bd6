# SPDX-License-Identifier: GPL-2.0-or-later
"""The message log: its fields, what a client sends to spoil it, its formats."""

import datetime
import json
import re

import wwep_test
from wwep_certs import authority
from wwep_client import exchange
from wwep_test import Server, equal, read_file, slowness

PLAIN = "listeners: [{name: plain, address: 127.0.0.1, port: 0}]\n"
FIELDS = ["time", "conn", "listener", "tls", "cipher", "resumed", "address",
          "port", "identity", "request", "reply", "reason", "us"]


def test_json_fields():
    ca = authority()
    with Server({"name": "plain"},
                {"name": "secure", "tls": ca.server(
                    client_auth="optional", client_ca=ca.root)}) as server:
        before = datetime.datetime.utcnow()
        exchange(server.port("plain"), "plain", b"w0FaC0B1234\r\n")
        exchange(server.port("plain"), "plain", b"R0BAC0B")
        exchange(server.port("secure"), "TLS 1.3", b"R0FAC0B\n",
                 cert=ca.client("board"))
        wwep_test.until(lambda: len(server.messages()) == 3, "3 messages")
        raw = read_file(server.messages_path)
        after = datetime.datetime.utcnow()
        for line in raw.splitlines():
            pairs = json.loads(line, object_pairs_hook=list)
            equal([k for k, _ in pairs], FIELDS, "fields, in order")
        first, second, third = server.messages()
        for m in (first, second, third):
            time = datetime.datetime.strptime(m["time"],
                                              "%Y-%m-%dT%H:%M:%S.%fZ")
            assert re.fullmatch(r".*\.\d{6}Z", m["time"]), m["time"]
            assert before <= time <= after, m["time"]
            for name, kind in (("conn", int), ("listener", str),
                               ("resumed", bool), ("address", str),
                               ("port", int), ("request", str),
                               ("reply", str), ("us", int)):
                assert isinstance(m[name], kind), f"{name}: {m[name]!r}"
            assert 0 <= m["us"] < 60e6 and m["address"] == "127.0.0.1", m
        equal([m["conn"] for m in (first, second, third)], [1, 2, 3], "conn")
        equal(first["request"], "w0FaC0B1234\\x0D\\x0A", "a refused request")
        equal(first["reason"], "illegal command (w)", "reason")
        equal((first["tls"], first["cipher"], first["identity"]),
              (None, None, None), "a plain one's")
        equal((second["request"], second["reply"], second["reason"]),
              ("R0BAC0B", "X", "not found"), "unwritten")
        equal((third["request"], third["tls"], third["identity"]),
              ("R0FAC0B", "TLS 1.3", "board"), "the secure one's")
        assert third["cipher"], third
        equal([m["listener"] for m in (first, second, third)],
              ["plain", "plain", "secure"], "listener")


NASTY = (
    (b'Q\n{"conn":1}\n', 'Q\\x0A{"conn":1}\\x0A'),
    (b'W"quoted\\', 'W"quoted\\x5C'),
    (b"W\x1b[2J\x1b[31m", "W\\x1B[2J\\x1B[31m"),
    (b"\x00\x00", "\\x00\\x00"),
    (b"\xff\xfe\xc3\xa4", "\\xFF\\xFE\\xC3\\xA4"),
    (b"\r\n\t\x7f", "\\x0D\\x0A\\x09\\x7F"),
    (b"\\x0A", "\\x5Cx0A"),
    (b"</script>", "</script>"),
    (b"%s%n%x", "%s%n%x"),
    (b"Q" * 100, "Q" * 16 + "...(100 bytes)"),
    (b"\xff" * 3000, "\\xFF" * 16 + "...(3000 bytes)"),
    (b"W0FAC0B1234\n", "W0FAC0B1234"),
    (b"R0FAC0B\r\n", "R0FAC0B"),
    (b"R0FAC0B\r", "R0FAC0B"),
    (b"R0FAC0B\n\n", "R0FAC0B\\x0A\\x0A"),
)


def test_nasty_requests_in_json():
    with Server({"name": "plain"}, timeouts={
            "message_ms": 100 * slowness()}) as server:
        for request, _ in NASTY:
            exchange(server.port("plain"), "plain", request)
        wwep_test.until(lambda: len(server.messages()) >= len(NASTY),
                        "all lines")
        equal([m["request"] for m in server.messages()],
              [shown for _, shown in NASTY], "requests")
        for byte in read_file(server.messages_path):
            assert byte == 10 or 32 <= byte < 127, f"byte {byte} in the log"


def test_nasty_requests_in_the_table():
    with Server({"name": "plain"}, timeouts={"message_ms": 100 * slowness()},
                messages={"format": "table", "target": "table"}) as server:
        for request, _ in NASTY:
            exchange(server.port("plain"), "plain", request)

        def lines():
            return read_file(server.dir + "/table").split(b"\n")[1:-1]
        wwep_test.until(lambda: len(lines()) >= len(NASTY), "all lines")
        equal(len(lines()), len(NASTY), "lines")
        for i, (line, (_, shown)) in enumerate(zip(lines(), NASTY), 1):
            columns = line.decode("ascii").split()
            equal(columns[0], str(i), "running number")
            equal(columns[3:6], ["plain", "-", shown.split(" ")[0]],
                  f"transport, identity, request of {line!r}")
        for byte in read_file(server.dir + "/table"):
            assert byte == 10 or 32 <= byte < 127, f"byte {byte} in the log"


def test_the_table_goes_to_stdout_by_default():
    server = Server(config=PLAIN)
    with server:
        exchange(server.port("plain"), "plain", b"W0FAC0B1234")
        out = wwep_test.until(
            lambda: read_file(server.dir + "/stdout").count(b"\n") == 2
            and read_file(server.dir + "/stdout"), "two lines")
        header, line = out.decode().splitlines()
        equal(header.split(), "plain secure address port transport identity "
              "request reply us reason".split(), "header")
        for name in ("transport", "identity", "request"):
            assert line[header.index(name):].split()[0] in \
                ("plain", "-", "W0FAC0B1234"), line


def test_no_message_log():
    server = Server(config=PLAIN + "messages: {format: none}\n")
    with server:
        exchange(server.port("plain"), "plain", b"W0FAC0B1234")
        server.stop()
        equal(read_file(server.dir + "/stdout"), b"", "standard output")
        assert "1 plain and 0 secure exchanges" in server.log(), server.log()


if __name__ == "__main__":
    wwep_test.main()
