# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep check: against wwepd, against servers with a fault, and against what is
no WWEP server."""

import concurrent.futures
import functools
import re
import socket
import subprocess
import sys

import wwep_test
from wwep_certs import authority
from wwep_desk import Done, Peer, WWEP, answer, environment, hang, wwep
from wwep_students import SecureStudent, Student
from wwep_test import Server, Skip, each, equal, free_port, slowness, tool

PLAIN_CASES = 34
TLS_CASES = PLAIN_CASES - 2 + 6


def check(*words, **options):
    return wwep("check", *words, **options, timeout=120)


def failures(out):
    """{name of a case: what is said of it}, of the readable list."""
    found = {}
    name = None
    for line in out.splitlines():
        head = re.match(r"  (ok|FAIL|skip)  +(.*)$", line)
        if head:
            name = head[2] if head[1] == "FAIL" else None
            if name:
                found[name] = ""
        elif not line.startswith("        "):
            name = None
        elif name:
            found[name] += line.strip() + " "
    return found


def summary(out):
    m = re.search(r"^(\d+) hold, (\d+) fails?, (\d+) skipped: ", out, re.M)
    assert m, out
    return tuple(map(int, m.groups()))


def narrow(out):
    equal([line for line in out.splitlines() if len(line) > 80], [],
          "lines of more than 80 columns")


# --- wwepd: all hold --------------------------------------------------------

# Within the 2 s for which a check waits, also where all is slow.
def wwepd(message_ms=min(250 * slowness(), 1000), **listener):
    return Server({"name": "plain", **listener},
                  {"name": "secure", "tls": authority().server(), **listener},
                  timeouts={"message_ms": message_ms})


@each(False, True)
def test_wwepd_explains(explains):
    with wwepd(explain_errors=explains) as server:
        done = check(f"127.0.0.1:{server.port('plain')}").want(0)
        equal(summary(done.out), (PLAIN_CASES, 0, 0), done.out)
        narrow(done.out)


@each(False, True)
def test_wwepd_over_TLS_explains(explains):
    with wwepd(explain_errors=explains) as server:
        done = check(f"localhost:{server.port('secure')}", "--ca",
                     authority().root).want(0)
        equal(summary(done.out), (TLS_CASES, 0, 0), done.out)


def test_wwepd_without_TLS_1_3():
    """wwepd has it; a server that has not is Python's."""
    with SecureStudent("TLSv1_2") as server:
        done = check(server.host, "--tls", "--insecure").want(0)
        equal(summary(done.out), (TLS_CASES - 1, 0, 1), done.out)
        assert "over TLS, unverified" in done.out, done.out
        assert "skip  TLS 1.3\n        the server has no TLS 1.3" in done.out, \
            done.out


def test_the_classes_registers_are_left_alone():
    with wwepd() as server:
        port = server.port("plain")
        done = check(f"127.0.0.1:{port}").want(0)
        own = re.search(r"devices (\w{4}) and (\w{4})$", done.out, re.M)
        # What it refuses may be anything; what it takes is its own.
        server.wait_message()
        for m in server.messages():
            if m["reply"].startswith("A"):
                assert m["reply"][1:5] in own.groups(), m
        assert all(int(device, 16) >= 0x600 for device in own.groups()), own


def test_devices_that_are_given():
    with wwepd() as server:
        host = f"127.0.0.1:{server.port('plain')}"
        for _ in range(2):  # the second time they have values
            done = check(host, "--device", "0B1D", "--device", "0b1e").want(0)
            assert "devices 0B1D and 0B1E" in done.out, done.out
            equal(summary(done.out), (PLAIN_CASES, 0, 0), done.out)
        check("--device=0B1D", host).want(0)


def test_no_register_is_left():
    """Somebody has written them all."""
    with Student() as server:
        for register in range(256):
            for device in (b"0B1D", b"0B1E"):
                server.registers[device + b"%02X" % register] = b"0001"
        done = check(server.host, "--device", "0B1D", "--device", "0B1E")
        done.want(0)
        equal(summary(done.out), (PLAIN_CASES - 2, 0, 2), done.out)
        assert "skip  a register that nobody has written" in done.out


def check_keep_open():
    with wwepd(message_ms=100, keep_open=True) as server:
        return check(f"127.0.0.1:{server.port('plain')}")


def test_a_keep_open_listener():
    done = waiting()["keep-open"].result().want(1)
    found = failures(done.out)
    equal(list(found), ["a request that is too long"], done.out)
    assert "keep_open" in found["a request that is too long"], found


# --- servers with a fault ---------------------------------------------------

# fault: {case: what is said of it}; no other case fails.
FAULTS = {
    "lower case": {"a reply has upper-case digits": "%X instead of %x"},
    "an echo": {"a reply has upper-case digits": "not copied"},
    "first segment": {
        "a write that comes in two segments, cut at each place":
            r"got +X, then the end .*answered X after 1 of 11 bytes\. It "
            r"doesn't wait for the rest",
        "a read that comes in two segments, cut at each place":
            "after 1 of 7 bytes",
        "requests that come byte by byte": "one recv"},
    "one recv": {
        "a write that comes in two segments, cut at each place":
            "10 of 10 .*without a reply after 1 of 11 bytes.*one recv",
        "a read that comes in two segments, cut at each place":
            "6 of 6 .*after 1 of 7 bytes",
        "requests that come byte by byte": "one recv",
        "a request that is too short, and the client's end": "answer with X",
        "a request that is too short, and a client that waits":
            "answer with X"},
    "one at a time": {
        "a client that connects and is silent holds up nobody":
            "While another client .* the course's own server does"},
    "rst": {"the reply is not lost where more came than was read":
            r"resets the connection.*shutdown\(SHUT_WR\)"},
    "too long": {"a request that is too long":
                 "answered A.*doesn't look whether more came"},
    "waits for ever": {"a request that is too short, and a client that waits":
                       "No reply within 2 s.*250 ms"},
    "no devices": {
        "devices are apart": "another value.*mixes up the devices",
        "what one device has written, another has not":
            "gives one device's value to another"},
    "no registers": {
        "the registers 00 and FF": "another value",
        "a register that nobody has written is refused": "never answered by X",
        "registers are apart": "mixes up registers"},
    "scanf": {
        "a write with one digit that is none, at each place": "isxdigit",
        "a read with one digit that is none, at each place": "isxdigit",
        "what scanf() would take: 0x, signs, spaces": "isxdigit",
        "a request that is too short, and a line end": "makes up the rest",
        "a refused write writes nothing": "should refuse"},
    "a line end": {"a reply is 11 bytes, or X, and no more":
                   r"\\x0D\\x0A.*Is it a line end"},
    "stays": {
        "the server closes after its reply": "nc waits for that",
        "the reply is not lost where more came than was read": "RST"},
    "no line ends": {"one LF may follow": "nc", "one CRLF may follow": "nc"},
    "no 0000": {"the values 0000 and FFFF": "0000 is a value"},
    "zero at first": {"a register that nobody has written is refused":
                      "never answered by X"},
}


def check_student(fault):
    with Student(fault) as server:
        return check(server.host)


POOL = concurrent.futures.ThreadPoolExecutor(4)


@functools.lru_cache(maxsize=None)
def waiting():
    """{name: future} of checks that wait for long, beside the first cases."""
    authority().server()  # made by one thread
    return {"keep-open": POOL.submit(check_keep_open),
            "silent": POOL.submit(check_silent),
            "slow": POOL.submit(check_student, "slow"),
            "stays": POOL.submit(check_student, "stays")}


@functools.lru_cache(maxsize=None)
def faulty():
    """{fault: future}: most of their time they wait, so some run at once."""
    return {fault: waiting().get(fault) or POOL.submit(check_student, fault)
            for fault in FAULTS}


@each(*FAULTS)
def test_a_server_with(fault):
    done = faulty()[fault].result().want(1)
    found = failures(done.out)
    equal(sorted(found), sorted(FAULTS[fault]), done.out)
    for name, words in FAULTS[fault].items():
        assert re.search(words, found[name]), (words, found[name])
    narrow(done.out)


def test_a_good_student():
    with Student() as server:
        done = check(server.host).want(0)
        equal(summary(done.out), (PLAIN_CASES, 0, 0), done.out)
        assert done.out.rstrip().endswith("this is a WWEP server."), done.out


def test_a_slow_student():
    """Late, and in time for who is patient: it holds, with a note."""
    done = waiting()["slow"].result().want(0)
    assert re.search(r"after \d+ ms; the course's clients give up after 500 "
                     "ms", done.out), done.out


def test_a_server_that_crashes():
    """The rest is not tried, and not listed."""
    with Student("crash") as server:
        done = check(server.host).want(1)
    found = failures(done.out)
    equal(len(found), 2, done.out)
    assert "crashed" in list(found.values())[1], found
    assert "skip  " not in done.out, done.out
    assert summary(done.out)[2] > 10, done.out


# --- TLS servers with a fault -----------------------------------------------

SECURE_FAULTS = {
    "no close_notify": {"the server ends with a close_notify":
                        "Anybody on the way can forge a FIN"},
    "one record": {"too long, in two records that come in one segment":
                   "judges the first record alone"},
}


@each(*SECURE_FAULTS)
def test_a_TLS_server_with(fault):
    with SecureStudent("TLSv1_3", fault) as server:
        done = check(server.host, "--tls", "--insecure").want(1)
    found = failures(done.out)
    equal(sorted(found), sorted(SECURE_FAULTS[fault]), done.out)
    for name, words in SECURE_FAULTS[fault].items():
        assert re.search(words, found[name]), (words, found[name])


def test_a_TLS_server_that_is_not_trusted():
    ca = authority().issue("stranger-root", "/CN=Strangers", ca=True)
    with wwepd() as server:
        done = check(f"localhost:{server.port('secure')}", "--ca", ca).want(4)
        equal(done.out, "", "output")
        assert "unknown CA" in done.err or "root" in done.err, done.err


# --- no WWEP server ---------------------------------------------------------

def test_a_web_server():
    with Peer(answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as peer:
        done = check(peer.host).want(3)
        equal(done.out, "", "output")
        equal(len(done.errors()), 1, done.err)


def check_silent():
    with Peer(hang) as peer:
        return check("--timeout", "2", peer.host)


def test_a_server_that_is_silent():
    waiting()["silent"].result().want(5)


def test_nobody():
    done = check(f"127.0.0.1:{free_port()}").want(3)
    assert "listens" in done.err, done.err


def test_no_such_name():
    check("no-such-host.invalid:27708").want(3)


def test_a_TLS_port_in_the_clear_and_the_reverse():
    with wwepd() as server:
        check(f"127.0.0.1:{server.port('secure')}").want(3)
        check(f"127.0.0.1:{server.port('plain')}", "--insecure").want(4)


# --- TAP --------------------------------------------------------------------

def parse_tap(out):
    """(plan, [(ok, number, name, directive)], the lines of comments)"""
    lines = out.splitlines()
    plan = re.fullmatch(r"1\.\.(\d+)", lines[0])
    assert plan, lines[0]
    cases, comments = [], []
    for line in lines[1:]:
        if line.startswith("#"):
            comments.append(line)
            continue
        m = re.fullmatch(r"(not )?ok (\d+) - ([^#]+?)(?: # (.*))?", line)
        assert m, line
        cases.append((m[1] is None, int(m[2]), m[3], m[4]))
    equal([c[1] for c in cases], list(range(1, int(plan[1]) + 1)), "numbers")
    return cases, comments


def test_tap():
    with Student("too long") as server:
        done = check("--tap", server.host).want(1)
    cases, comments = parse_tap(done.out)
    equal(len(cases), PLAIN_CASES, "cases")
    equal([c[2] for c in cases if not c[0]],
          ["What is refused: a request that is too long"], "failures")
    assert any("doesn't look whether more" in c for c in comments), comments


def test_tap_of_a_good_server():
    with wwepd() as server:
        cases, _ = parse_tap(check(
            "--tap", f"127.0.0.1:{server.port('plain')}").want(0).out)
        assert all(c[0] for c in cases), cases


def test_tap_where_nobody_is():
    done = check("--tap", f"127.0.0.1:{free_port()}").want(3)
    equal(done.out, "Bail out! no WWEP server is there\n", "output")


def test_tap_with_a_skip():
    with SecureStudent("TLSv1_2") as server:
        done = check("--tap", "--insecure", server.host).want(0)
    cases, _ = parse_tap(done.out)
    equal([c[2] for c in cases if c[3]], ["TLS: TLS 1.3"], "skipped")


def test_tap_is_understood_by_prove():
    prove = tool("prove")
    with wwepd() as server:
        done = wwep_test.run(
            [prove, "--exec", f"{WWEP} check --tap",
             f"127.0.0.1:{server.port('plain')}"], env=environment())
        assert b"Result: PASS" in done.stdout, done.stdout


# --- who may be checked -----------------------------------------------------

def own_address():
    """One that is not the loopback's, and needs no network."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.connect(("198.51.100.3", 9))  # sends nothing
        address = s.getsockname()[0]
    except OSError:
        raise Skip("this machine has no address but the loopback's") from None
    finally:
        s.close()
    if address.startswith("127."):
        raise Skip("this machine has no address but the loopback's")
    return address


def elsewhere():
    return Server({"name": "plain", "address": own_address()})


def test_another_machine_wants_a_yes():
    with elsewhere() as server:
        host = f"{own_address()}:{server.port('plain')}"
        done = check(host).want(2)
        equal(done.out, "", "output")
        assert "is not this machine" in done.err and "--yes" in done.err, \
            done.err
        equal(server.messages(), [], "messages")
        check(host, "--yes").want(0)


@each(("y", 0), ("n", 2), ("", 2))
def test_a_terminal_is_asked(case):
    said, code = case
    with elsewhere() as server:
        host = f"{own_address()}:{server.port('plain')}"
        script = ("import pty, os, sys\n"
                  "pid, fd = pty.fork()\n"
                  "if pid == 0: os.execv(sys.argv[1], sys.argv[1:])\n"
                  "out = b''\n"
                  "while b'[y/N]' not in out: out += os.read(fd, 1024)\n"
                  "os.write(fd, b'%s\\n')\n"
                  "try:\n"
                  "    while part := os.read(fd, 1024): out += part\n"
                  "except OSError: pass\n"
                  "sys.stdout.buffer.write(out)\n"
                  "sys.exit(os.waitstatus_to_exitcode("
                  "os.waitpid(pid, 0)[1]))\n" % said)
        done = Done(subprocess.run(
            [sys.executable, "-c", script, WWEP, "check", host],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(),
            timeout=60 * slowness()))
        done.want(code)
        assert ("34 hold" in done.out) == (code == 0), done.out


# --- wrong use --------------------------------------------------------------

@each((["--device", "9"], "9 is no device"),
      (["--device"], "--device wants"),
      (["--device", "9A3C", "--device", "9A3C"], "another"),
      (["--device", "9A3C", "--device", "9A3D", "--device", "9A3E"], "two"),
      (["--sorry"], "--sorry"),
      (["127.0.0.1", "127.0.0.2"], "one server"),
      (["127.0.0.1:0"], "port"),
      (["--json"], "--tap"))
def test_wrong_use(case):
    words, err = case
    done = check(*words).want(2)
    equal(done.out, "", "output")
    assert err in done.err, done.err


if __name__ == "__main__":
    if not sys.argv[1:]:
        waiting()
    wwep_test.main()
