# SPDX-License-Identifier: GPL-2.0-or-later
"""What an exchange costs, in what can be counted: system calls, memory taken
from the heap, instructions. tests/bench/COSTS.md has what each should be, and
why; seconds are for nobody to judge here.

WWEP_COSTS=write measures the instructions anew and writes them into COSTS.md,
in the row of this machine, compiler and libraries.
"""

import collections
import functools
import glob
import os
import platform
import re
import ssl
import struct

import wwep_test
from wwep_certs import authority
from wwep_client import Plain, Tls, context
from wwep_test import BUILD, SRC, WWEPD, Server, Skip, each, equal, read_file, \
    run, scratch_dir, tool, until, write_file

COSTS = os.path.join(SRC, "tests", "bench", "COSTS.md")
KINDS = ("plain", "TLS 1.3, full", "TLS 1.3, resumed")
WARM = 20  # exchanges before what is counted
TOLERANCE = 0.05  # of the instructions


# --- COSTS.md ---------------------------------------------------------------

def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table(first):
    """The rows of the table whose first heading this is: {name: {heading:
    text}}."""
    rows, heads = {}, None
    for line in read_file(COSTS).decode().splitlines():
        if not line.startswith("|"):
            heads = None
        elif heads is None:
            heads = cells(line)
        elif heads[0] == first and not set(line) <= set("|-: "):
            values = cells(line)
            rows[values[0]] = dict(zip(heads, values))
    return rows


@functools.lru_cache(maxsize=None)
def is_packaged():
    """Whether it is the distribution's wolfSSL, and not the tuned one."""
    return b"libwolfssl" in run([tool("readelf"), "-d", WWEPD]).stdout


def skip_packaged(kind):
    if kind != "plain" and is_packaged():
        raise Skip("COSTS.md is about the tuned wolfSSL")


# --- exchanges --------------------------------------------------------------

def serve(kind, **options):
    listener = {"tls": authority().server()} if kind != "plain" else {}
    return Server(listener, workers=1, store={"durability": "memory"},
                  messages={"format": "table", "target": "messages"},
                  timeouts={"handshake_s": 60, "idle_s": 60}, start=False,
                  **options)


def ask_plain(port, request):
    with Plain(port) as c:
        c.send(request)
        return c.recv_all()


def ask_tls(port, ctx, session, request):
    """The end of the handshake and the request leave together, so that the
    server reads as often each time. Returns the reply and the session."""
    with Tls(port, ctx=ctx, session=session) as c:
        data, done = c.step()
        while not done:
            c.send_raw(data)
            c.incoming.write(c.sock.recv(65536))
            data, done = c.step()
        c.send_raw(data + c.seal(request))
        reply = c.recv_all()
        equal(c.ssl.session_reused, session is not None, "resumed")
        return reply, c.ssl.session


class Client:
    """Of one of KINDS."""

    def __init__(self, server, kind):
        self.port = server.port()
        self.kind = kind
        self.ctx = context("TLS 1.3")
        self.session = None

    def exchange(self, n):
        """One after the other: each has ended before the next begins. Where
        they are to be resumed, the very first is not."""
        for i in range(n):
            request = b"W0FAC05%04X" % i
            if self.kind == "plain":
                reply = ask_plain(self.port, request)
            else:
                reply, session = ask_tls(self.port, self.ctx, self.session,
                                         request)
                if self.kind == "TLS 1.3, resumed":
                    self.session = session
            equal(reply, b"A" + request[1:], self.kind)


# --- system calls -----------------------------------------------------------

def traced_calls(path):
    """[(thread, name, failed)] in the order of their ends."""
    calls = []
    for line in read_file(path).decode("ascii", "replace").splitlines():
        found = re.match(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)", line)
        if found and "<unfinished" not in line:
            calls.append((found[1], found[2], " = -1 " in line))
    return calls


def calls_of_worker(calls, n):
    """What the worker's thread called from the last exchange but n on to the
    last, by name."""
    accepts = [(i, thread) for i, (thread, name, failed) in enumerate(calls)
               if name == "accept4" and not failed]
    worker = accepts[-1][1]
    begin, end = accepts[-n - 1][0], accepts[-1][0]
    return worker, collections.Counter(
        name for thread, name, _ in calls[begin:end] if thread == worker)


def trace(kind, n):
    """The calls of n exchanges under strace."""
    server = serve(kind)
    path = os.path.join(server.dir, "trace")
    server.wrapper = [tool("strace"), "-D", "-f", "-q", "-o", path]
    try:
        server.start()
    except AssertionError as e:
        if "ptrace" in str(e):
            raise Skip("strace may not trace here") from None
        raise
    with server:
        Client(server, kind).exchange(WARM + n)
    until(lambda: b"+++ exited" in read_file(path)[-200:], "the trace's end")
    return traced_calls(path)


@each(*KINDS)
def test_system_calls(kind):
    skip_packaged(kind)
    n = 256 if kind == "plain" else 64
    want = table("call")
    calls = trace(kind, n)
    worker, got = calls_of_worker(calls, n)
    print(f"# {n} exchanges: {dict(got)}")
    # Waking the log's thread: once a batch, however many exchanges it has.
    batches = sum(1 for thread, name, _ in calls
                  if name == "write" and thread != worker)
    assert got.pop("futex", 0) <= 2 * batches + 2, "futex"
    for name in set(got) | {name for name in want if want[name][kind] != "-"}:
        count = want.get(name, {kind: "-"})[kind]
        least = n * int(count if count != "-" else 0)
        # Now and then one more: to see whether more clients come at a time.
        assert least <= got[name] <= least + n // 16, \
            f"{name}: {got[name]} in {n} exchanges, COSTS.md has {count} each"


# --- memory -----------------------------------------------------------------

@each(*KINDS)
def test_memory_taken_from_the_heap(kind):
    skip_packaged(kind)
    layer = os.path.join(BUILD, "tests", "integration", "heap_layer.so")
    if not os.path.exists(layer):
        raise Skip("heap_layer.so is not built")
    n = 50
    path = write_file(os.path.join(scratch_dir(), "count"), bytes(8))

    def preexec():
        os.environ["LD_PRELOAD"] = layer
        os.environ["WWEP_HEAP_COUNT"] = path

    def count():
        return struct.unpack("Q", read_file(path))[0]

    server = serve(kind)
    server.start(preexec=preexec)
    with server:
        assert count() > 0, "the layer counts nothing"
        client = Client(server, kind)
        client.exchange(WARM)
        before = count()
        client.exchange(n)
        got = count() - before
    want = int(table("memory")["allocations"][kind])
    equal(round(got / n), want, f"{kind}: {got} in {n} exchanges")


# --- instructions -----------------------------------------------------------

@functools.lru_cache(maxsize=None)
def machine():
    """What the instructions depend on, as COSTS.md names it."""
    versions = re.search(r"libuv [\d.]+, wolfSSL [\d.]+",
                         run([WWEPD, "-V"]).stdout.decode())[0]
    compiler = run([tool("readelf"), "-p", ".comment", WWEPD]).stdout.decode()
    flags = re.search(r"^CFLAGS = (.*)$",
                      read_file(os.path.join(BUILD, "Makefile")).decode(),
                      re.M)[1]
    cpu = read_file("/proc/cpuinfo")
    return ", ".join((
        platform.machine() + (" with AVX2" if b" avx2" in cpu else ""),
        re.search(r"\]\s+(.*)", compiler)[1].strip() + " " + flags,
        versions + (" as packaged" if is_packaged() else ""),
        run([tool("valgrind"), "--version"]).stdout.decode().strip()))


def cost_inside(profile, function):
    """The instructions of all calls of the function, with what it calls."""
    name = re.search(rf"\((\d+)\) {function}$", profile, re.M)
    if name is None:
        return 0
    return sum(int(cost) for cost in re.findall(
        rf"^cfn=\({name[1]}\).*\ncalls=.*\n\S+ (\d+)", profile, re.M))


def count_instructions(kind, n):
    """Of the worker's thread, and of the log's for its lines; how often that
    wakes is a matter of time."""
    server = serve(kind)
    out = os.path.join(server.dir, "callgrind")
    server.wrapper = [tool("valgrind"), "--tool=callgrind",
                      "--separate-threads=yes", f"--callgrind-out-file={out}"]
    os.environ["LD_BIND_NOW"] = "1"
    try:
        server.start()
    finally:
        del os.environ["LD_BIND_NOW"]
    with server:
        Client(server, kind).exchange(n)
        server.stop(60)
    total = 0
    for path in glob.glob(out + "-*"):
        profile = read_file(path).decode("utf-8", "replace")
        if re.search(r"\) connection_accept$", profile, re.M):
            total += int(re.search(r"^summary: (\d+)", profile, re.M)[1])
        else:
            total += cost_inside(profile, "msglog_format_table")
    assert total > 0, "callgrind has not seen the worker"
    return total // n


def write_row(kind, count):
    """Into COSTS.md: the row of this machine, made where there is none."""
    text = read_file(COSTS).decode()
    rows = table("instructions on")
    row = rows.setdefault(machine(), {"instructions on": machine()})
    row[kind] = str(count)
    body = "".join(
        "| " + " | ".join(r.get(head, "-") for head in
                          ("instructions on",) + KINDS) + " |\n"
        for _, r in sorted(rows.items()))
    head = re.search(r"^\| instructions on .*\n\|[-|: ]+\n", text, re.M)
    rest = re.sub(r"\A(\|.*\n)*", "", text[head.end():])
    write_file(COSTS, text[:head.end()] + body + rest, 0o644)


@each(*KINDS)
def test_instructions(kind):
    want = table("instructions on").get(machine(), {}).get(kind, "-")
    writes = os.environ.get("WWEP_COSTS") == "write"
    if want == "-" and not writes:
        raise Skip(f"COSTS.md has no row for {machine()}")
    got = count_instructions(kind, 500 if kind == "plain" else 24)
    print(f"# {got} an exchange")
    if writes:
        write_row(kind, got)
        return
    assert abs(got - int(want)) <= TOLERANCE * int(want), \
        f"{kind}: {got} instructions an exchange, COSTS.md has {want}; " \
        "WWEP_COSTS=write writes what it is now"


if __name__ == "__main__":
    if wwep_test.slowness() > 1:
        print("1..0 # SKIP a sanitizer has costs of its own")
    else:
        wwep_test.main()
