# SPDX-License-Identifier: GPL-2.0-or-later
"""The client on a board: an image for a Cortex-M3, run by QEMU, against the
real wwepd and against servers that it must refuse."""

import base64
import os
import random
import re

import wwep_test
from wwep_certs import FUTURE, PAST, SERVER_NAMES, Authority
from wwep_desk import OpenSSL
from wwep_firmware import (CACHE, DEVICE, MAC, MAKEFILE, OBJECTS, SOURCES,
                           Board, Wire, against, authority, dct, dns_answer,
                           image, qmp, scratch_socket)
from wwep_test import (BUILD, SRC, Server, Skip, each, equal, free_port,
                       read_file, run, scratch_dir, tool, write_file)

PROFILES = ("small", "fast", "compat")
ON, OFF = f"{DEVICE}050001", f"{DEVICE}050000"


def server(**tls):
    return Server({"name": "plain"},
                  {"name": "secure", "tls": {**authority().server(), **tls}})


def accepted(exchange, way, value):
    equal((exchange["way"], exchange["request"], exchange["reply"]),
          (way, "W" + value, "A" + value), str(exchange))


def file(name, content):
    return write_file(os.path.join(scratch_dir("board"), name), content)


# --- what it is for ---------------------------------------------------------

@each(*PROFILES)
def test_both_buttons(profile):
    """An address by DHCP, then in the clear, over TLS, and resumed."""
    with server() as s, Board(image(profile), *against(s)) as b:
        b.line(f"Board {MAC} is device {DEVICE}")
        ours = "from the program" if profile == "small" else "none"
        b.line(f"Trusted certificates: from the program; its own: {ours}")
        accepted(b.press(0), "plain", ON)
        accepted(b.press(1), "TLS 1.3 full", ON)
        accepted(b.press(1), "TLS 1.3 resumed", OFF)
        last = b.press(0)
        accepted(last, "plain", OFF)
        equal((last["led0"], last["led1"]), (" ", " "), "LEDs")
        b.quit()
        got = [(m["listener"], m["tls"], m["resumed"], m["request"],
                m["reply"]) for m in s.messages()]
        equal(got, [("plain", None, False, "W" + ON, "A" + ON),
                    ("secure", "TLS 1.3", False, "W" + ON, "A" + ON),
                    ("secure", "TLS 1.3", True, "W" + OFF, "A" + OFF),
                    ("plain", None, False, "W" + OFF, "A" + OFF)], "messages")


def test_mutual_authentication():
    with server(client_auth="required", client_ca=authority().root) as s, \
            Board(image("small"), *against(s)) as b:
        accepted(b.press(1), "TLS 1.3 full with our certificate", ON)
        b.quit()
        equal(s.messages()[0]["identity"], f"board {DEVICE}", "identity")


def test_tls_1_2_and_rsa():
    """Other people's servers, for who has the room for them."""
    a = authority()
    a.client("rsa", "/CN=rsa", "inter", ("inter",), key="rsa",
             san=SERVER_NAMES)
    with Server({"name": "secure", "tls": a.server("rsa")}) as s, \
            Board(image("compat"), *against(s)) as b:
        accepted(b.press(1), "TLS 1.3 full", ON)
        b.quit()
    with OpenSSL(a.path("rsa.pem"), a.path("rsa.key"), "-tls1_2") as s, \
            Board(image("compat"), "--port-tls", str(s.port)) as b:
        b.type("1")
        equal(s.heard(11), b"W" + ON.encode(), "request")
        s.say(b"A" + ON.encode())
        b.line("TLS 1.2 full  W" + ON + " -> A" + ON)
        b.quit()


# --- what it refuses --------------------------------------------------------

def refused(elf, certificate, key, words, *options, openssl=()):
    with OpenSSL(certificate, key, *openssl) as s, \
            Board(elf, "--port-tls", str(s.port), *options) as b:
        got = b.press(1)
        assert re.match("TLS failed: " + words, got["reply"]), got
        # The board goes on.
        again = b.press(1)
        assert re.match("TLS failed: " + words, again["reply"]), again
        b.quit(1)


def made(name, issuer="inter", above=("inter",), **options):
    """(chain, key), kept from run to run."""
    options = {"san": SERVER_NAMES, **options}
    return authority().client(name, f"/CN={name}", issuer, above, **options)


@each(("expired", {"dates": PAST}, "the peer's certificate has expired"),
      ("not yet valid", {"dates": FUTURE},
       "the peer's certificate is not valid yet"),
      ("wrong name", {"san": "DNS:elsewhere.example"},
       "the peer's certificate is for another name"))
def test_refuses(case):
    name, options, words = case
    refused(image("small"), *made(name.replace(" ", "-"), **options), words)


def test_refuses_an_intermediate_that_has_expired():
    a = authority()
    if not os.path.exists(a.path("old-inter.crt")):
        a.issue("old-inter", "/CN=Old Intermediate", "root", ca=True,
                dates=PAST)
    refused(image("small"), *made("below", "old-inter", ("old-inter",)),
            "the peer's certificate has expired")


@each("small", "fast")
def test_refuses_an_unknown_ca(profile):
    other = Authority()
    other.issue("s", "/CN=s", "root", san=SERVER_NAMES)
    other.issue("lone", "/CN=Lone Root", ca=True)
    other.issue("l", "/CN=l", "lone", san=SERVER_NAMES)
    refused(image(profile), other.path("l.crt"), other.path("l.key"),
            "the peer's certificate is from an unknown CA")


@each("small", "fast")
def test_refuses_another_ca_of_the_same_name(profile):
    other = Authority()
    other.issue("s", "/CN=s", "root", san=SERVER_NAMES)
    refused(image(profile), other.path("s.crt"), other.path("s.key"),
            "the peer's certificate is not signed by the CA that it names")


def test_refuses_one_flipped_bit():
    chain, key = made("good")
    data = bytearray(base64.b64decode(read_file(chain).split(b"-----")[2]))
    data[-1] ^= 1
    text = base64.encodebytes(bytes(data)).decode()
    bad = file("flipped.pem", "-----BEGIN CERTIFICATE-----\n" + text
               + "-----END CERTIFICATE-----\n"
               + read_file(authority().inter).decode())
    refused(image("small"), bad, key,
            "the peer's certificate is not signed by the CA that it names")


@each("small", "fast")
def test_refuses_tls_1_2(profile):
    refused(image(profile), *made("good"), "", openssl=("-tls1_2",))


def test_lacks_a_certificate():
    with server(client_auth="required", client_ca=authority().root) as s, \
            Board(image("fast"), *against(s)) as b:
        got = b.press(1)
        assert "the peer demands a certificate of us" in got["reply"], got
        b.quit(1)


def test_a_plain_server_on_the_tls_port():
    with Server({"name": "plain"}) as s, \
            Board(image("small"), "--port-tls", str(s.port("plain"))) as b:
        got = b.press(1)
        assert "TLS failed: the peer speaks plain WWEP" in got["reply"], got
        b.quit(1)


def test_nobody_there():
    with Board(image("small"), "--port-plain", str(free_port())) as b:
        equal(b.press(0)["reply"],
              "no connection to the server: nobody listens there", "reply")
        b.quit(1)


# --- the configuration table ------------------------------------------------

def test_dct_with_a_root():
    """It takes the place of the one in the program."""
    other = Authority()
    other.issue("s", "/CN=s", "root", san=SERVER_NAMES)
    page = dct(other.root)
    with Server({"name": "secure", "tls": {
            "certificate": other.path("s.crt"),
            "private_key": other.path("s.key")}}) as s, \
            Board(image("small"), *against(s, "--dct", page)) as b:
        b.line("Trusted certificates: from the DCT; its own: from the program")
        accepted(b.press(1), "TLS 1.3 full", ON)
        b.quit()
    with server() as s, \
            Board(image("small"), *against(s, "--dct", page)) as b:
        got = b.press(1)
        assert got["reply"].startswith("TLS failed: "), got
        b.quit(1)


def test_dct_with_an_identity():
    """The root of the program stays."""
    a = authority()
    chain, key = a.client("other-board", "/CN=another board", "inter",
                          ("inter",))
    page = dct(chain, key)
    with server(client_auth="required", client_ca=a.root) as s:
        for profile in ("small", "fast"):
            with Board(image(profile), *against(s, "--dct", page)) as b:
                b.line("certificates: from the program; its own: from the DCT")
                accepted(b.press(1), "TLS 1.3 full with our certificate", ON)
                b.quit()
        equal({m["identity"] for m in s.messages()}, {"another board"}, "")


def test_dct_that_is_damaged():
    page = bytearray(read_file(dct(authority().root)))
    page[3000] ^= 1
    with Board(image("small"), "--dct", file("dct", bytes(page))) as b:
        b.line("configuration can not be used: a damaged DCT image")
        equal(b.process.wait(20), 1, "exit code")


# --- over time --------------------------------------------------------------

def test_server_restarted():
    """It has other keys for its tickets then: a full handshake again."""
    port = free_port()
    tls = {"name": "secure", "port": port, "tls": authority().server()}
    with Board(image("fast"), "--port-tls", str(port)) as b:
        with Server(tls):
            accepted(b.press(1), "TLS 1.3 full", ON)
            accepted(b.press(1), "TLS 1.3 resumed", OFF)
        assert "nobody listens there" in b.press(1)["reply"], b.said
        with Server(tls):
            accepted(b.press(1), "TLS 1.3 full", OFF)
            accepted(b.press(1), "TLS 1.3 resumed", ON)
        b.quit(1)


def test_link_down_at_start():
    path = scratch_socket()
    with server() as s, Board(image("small"), *against(
            s, "--timeout", "700", "--", "-S", "-qmp",
            f"unix:{path},server=on,wait=off")) as b:
        def link(up):
            return ('{"execute": "set_link", "arguments": {"name": "net0", '
                    f'"up": {up}}}}}')
        qmp(path, link("false"), '{"execute": "cont"}')
        equal(b.press(0)["reply"],
              "no connection to the server: there is no way there", "reply")
        qmp(path, link("true"))
        for _ in range(5):  # DHCP has its own pace
            got = b.press(0)
            if got["reply"].startswith("A"):
                break
        assert got["reply"].startswith("A"), b.said
        b.quit(1)


def test_200_exchanges():
    """The heap neither grows nor is torn to pieces."""
    with server() as s, Board(image("fast"), *against(s)) as b:
        def some(n):
            for _ in range(n // 2):
                assert b.press(0)["reply"].startswith("A"), b.said[-1]
                assert b.press(1)["reply"].startswith("A"), b.said[-1]
            return b.figures()
        before = some(20)
        after = some(180)
        b.quit()
        print(f"# heap after 20 exchanges: {before}")
        print(f"# heap after 200 exchanges: {after}")
        equal(after["extent"], before["extent"], "extent")
        assert abs(after["heap"] - before["heap"]) <= 16, (before, after)
        equal(len(s.messages()), 200, "messages")


# --- the wire ---------------------------------------------------------------

@each("lost", "late")
def test_frames(what):
    """One of twelve is lost, or comes after the next one."""
    dice = random.Random(6)
    held = {True: [], False: []}

    def pass_on(frame, out):
        # Not of DHCP and ARP: those wait for seconds.
        hit = frame.protocol == 6 and dice.randrange(12) == 0
        if what == "lost":
            return [] if hit else [frame.data]
        if hit and not held[out]:
            held[out].append(frame.data)
            return []
        late, held[out][:] = held[out][:], []
        return [frame.data, *late]

    with server() as s, Wire(pass_on) as wire, \
            Board(image("fast"), *against(s, *wire.options)) as b:
        for value in (ON, OFF, ON):
            accepted(b.press(0, 40), "plain", value)
        accepted(b.press(1, 40), "TLS 1.3 full", ON)
        # A handshake that was cut off is tried once more, without the session:
        # it is full again, and then resumed.
        for value in (OFF, ON, OFF):
            got = b.press(1, 40)
            if got["way"] != "TLS 1.3 full":
                break
            accepted(got, "TLS 1.3 full", value)
        accepted(got, "TLS 1.3 resumed", value)
        b.quit()


def test_names():
    """By DNS, with ports and numbers that are not the same each time."""
    asked = []

    def pass_on(frame, out):
        if out and frame.protocol == 17 and frame.ports[1] == 53:
            asked.append((frame.ports[0], frame.payload[8:10]))
            known = b"\x09localhost" in frame.payload
            return [], [dns_answer(frame, "10.0.2.2" if known else None)]
        return [frame.data]

    seen = set()
    for _ in range(2):
        with server() as s, Wire(pass_on) as wire, \
                Board(image("small"), *against(
                    s, "--server", "localhost", *wire.options)) as b:
            accepted(b.press(1), "TLS 1.3 full", ON)
            b.quit()
        seen.add(asked[-1])
    equal(len(seen), 2, f"questions: {asked}")
    with server() as s, Wire(pass_on) as wire, \
            Board(image("small"), *against(
                s, "--server", "nowhere.example", *wire.options)) as b:
        assert b.press(0)["reply"].startswith(
            "the server's name has no address: "), b.said
        b.quit(1)


def test_initial_sequence_numbers():
    """Of five connections: neither the same, nor near each other, nor the same
    after a reset."""
    numbers = []

    def pass_on(frame, out):
        if out and frame.is_syn():
            numbers.append(frame.sequence())
        return [frame.data]

    with server() as s:
        for presses in (4, 1):
            with Wire(pass_on) as wire, \
                    Board(image("small"), *against(s, *wire.options)) as b:
                for _ in range(presses):
                    assert b.press(0)["reply"].startswith("A"), b.said
                b.quit()
    print("# " + " ".join(f"{n:08x}" for n in numbers))
    equal(len(numbers), 5, "SYNs")
    for i, n in enumerate(numbers):
        for other in numbers[:i]:
            assert min((n - other) % 2**32, (other - n) % 2**32) > 1 << 16, \
                numbers


# --- the build --------------------------------------------------------------

def make(out, *words):
    return run([tool("make"), "-f", MAKEFILE, "PROFILE=small", f"OUT={out}",
                f"WOLFSSL={SOURCES}/wolfssl", f"LWIP={SOURCES}/lwip", *words],
               timeout=200)


def test_no_entropy_no_image():
    authority()
    done = make(scratch_dir("image"), "ENTROPY=")
    assert done.returncode != 0 and b"no source of entropy" in done.stderr, \
        done
    # Nor is there a weak one that would be taken instead.
    found = run(["grep", "-rlE", r"\bint board_entropy\(.*\)$",
                 os.path.join(SRC, "client_fw", "boards")])
    equal([os.path.basename(p) for p in found.stdout.decode().split()],
          ["emulation.c"], "who has board_entropy()")


def test_a_stack_that_is_too_small_faults():
    """It does not run on with data that it has overwritten."""
    image("small")
    out = os.path.join(CACHE, "overflow")
    os.makedirs(out, exist_ok=True)
    done = make(out, f"IMAGE={CACHE}/identity/certificates.c", "STACK=2048",
                f"OBJECTS={OBJECTS}/small", "-j2")
    equal(done.returncode, 0, done.stderr.decode())
    with server() as s, Board(os.path.join(out, "wwep-small.elf"),
                              *against(s)) as b:
        assert b.press(0)["reply"].startswith("A")
        b.type("1")
        b.line("Fault: |Lockup")
        assert b.process.wait(20) not in (0, 1), b.said


def sizes():
    """{profile: {column: number}} of SIZES.md."""
    text = read_file(os.path.join(SRC, "client_fw", "SIZES.md")).decode()
    rows = [[c.strip() for c in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")]
    return {row[0]: dict(zip(rows[0][1:], map(int, row[1:])))
            for row in rows[2:] if row[0] in PROFILES}


@each(*PROFILES)
def test_sizes(profile):
    """Neither flash nor RAM has grown by more than 3 %: else say so in
    SIZES.md, by make firmware-report."""
    done = run([tool("arm-none-eabi-size"), image(profile, True)])
    text, data, bss = map(int, done.stdout.decode().split("\n")[1].split()[:3])
    makefile = read_file(MAKEFILE).decode()
    budget = re.search(rf"\(PROFILE\),{profile}\)\nFLASH := (\d+)\nRAM := "
                       r"(\d+)\n", makefile)
    got = {"flash": text + data, "ram": int(budget[2])}
    assert data + bss <= got["ram"]
    assert text + data <= int(budget[1]), (text + data, budget[1])
    for column, now in got.items():
        then = sizes()[profile][column]
        assert now <= then * 1.03, f"{column}: {then} in SIZES.md, now {now}"


# --- the same at a desk -----------------------------------------------------

def test_the_same_sources_at_a_desk():
    program = os.path.join(BUILD, "client_fw", "dual_client")
    a = authority()
    with server() as s:
        done = run([program, "server=127.0.0.1", "name=localhost",
                    f"plain={s.port('plain')}", f"tls={s.port('secure')}",
                    f"roots={a.root}", f"mac={MAC}"], b"011q")
        lines = done.stdout.decode().splitlines()
        equal(done.returncode, 0, str(done))
        equal([re.sub(r", \d+ ms.*", "", line).split("  ", 2)[2]
               for line in lines if line.startswith("LED")],
              [f"plain  W{ON} -> A{ON}", f"TLS 1.3 full  W{ON} -> A{ON}",
               f"TLS 1.3 resumed  W{OFF} -> A{OFF}"], "lines")


if __name__ == "__main__":
    wwep_test.main()
