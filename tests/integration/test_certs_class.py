# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs: the clients' certificates, one by one and by a roster, and what
others say of them: openssl, GnuTLS, wolfSSL, a compiler and a wwepd."""

import functools
import html.parser
import os
import re

import wwep_test
from wwep_certs_tool import (HOST, PRIVATE, certs, check_all_verify,
                             check_keys_are_private, check_whole, copied,
                             day_after, der_blocks, end_of, made, new, openssl,
                             openssl_verifies, public_key, serve, shifted,
                             snapshot, text, try_handout, unchanged,
                             wolfssl_verifies)
from wwep_test import (each, equal, read_file, run, scratch_dir, tool,
                       write_file)

# (seat, name, what the roster has, device)
NASTY = (
    ("1", "Ada Lovelace", "0FAC", "0FAC"),
    ("2", 'O"Neill, "Pat"', "0x0fad", "0FAD"),
    ("3", "Jörg Müller", "00:A0:50:12:34:56", "018C"),
    ("4", "Ольга Ж.", "00-a0-50-12-34-57", "018D"),
    ("5", "李小龍", "00a0.5012.3458", "018E"),
    ("6", "<script>alert(1)</script>", "00A050123459", "018F"),
    ("7", "*/ int x; /*", "FF:FF:FF:FF:FF:FF", "05FA"),
    ("8", "back\\slash\\", "00:00:00:00:00:00", "0000"),
    ("9", "tri ??/ graph ??", "FFFF", "FFFF"),
    ("10", "$(touch x) `touch y`", "0001", "0001"),
    ("11", "A&B; C=D+E/F #G", "0002", "0002"),
    ("12", "%s%n ${ENV::HOME}", "0003", "0003"),
    ("13", "  spaces  around", "0004", "0004"),
    ("", "seatless", "0005", "0005"),
    ("<b>16</b>", "x" * 53, "0006", "0006"),
    ("17", "é" * 53, "0007", "0007"),
    ("18", "'", "0008", "0008"), ("19", "=#+", "0009", "0009"),
)
BOARDS = NASTY + tuple((str(i), f"Student {i}", f"1{i:03}", f"1{i:03}")
                       for i in range(20, 32))


def field(value, separator):
    if re.search(f'[{separator}"]|^ ', value):
        return '"' + value.replace('"', '""') + '"'
    return value


def roster_text(boards, separator=","):
    """As a spreadsheet writes it: a BOM, CRLF, a header."""
    lines = [separator.join(("Seat", "Name", "Device or MAC")),
             "# this term", "", separator * 2]
    lines += [separator.join(field(v, separator) for v in b[:3])
              for b in boards]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def write_roster(content, name="roster.csv"):
    return write_file(os.path.join(scratch_dir("roster"), name), content)


@functools.lru_cache(maxsize=None)
def term():
    """(class, what the tool has said) with all the BOARDS."""
    path = copied()
    return path, certs("class", write_roster(roster_text(BOARDS)),
                       "--dir", path)


def folder_of(board):
    return os.path.join(term()[0], "clients", board[3])


def name_of(board):
    return board[1].rstrip()


def common_name(path):
    found = openssl("x509", "-in", path, "-noout", "-subject", "-nameopt",
                    "multiline,utf8,-esc_msb,-esc_ctrl")
    return re.search(r"commonName += (.*)", found)[1]


# --- class ------------------------------------------------------------------

def test_roster_of_thirty():
    path, done = term()
    equal(len(BOARDS), 30, "boards")
    assert "30 certificates made" in done.out, done.out
    equal(sorted(os.listdir(path + "/clients")), sorted(b[3] for b in BOARDS),
          "folders")
    equal(sorted(os.listdir(folder_of(BOARDS[0]))),
          ["ca.pem", "client.der", "client.h", "client.key", "client.pem",
           "handout.html"], "files")
    check_keys_are_private(path)
    check_whole(path)
    equal(os.stat(path + "/clients").st_mode & 0o777, 0o700, "mode")
    equal(len({public_key(folder_of(b) + "/client.pem") for b in BOARDS}), 30,
          "keys")


def test_all_are_verified():
    path = term()[0]
    for board in BOARDS:
        check_all_verify(path + "/ca.pem", folder_of(board) + "/client.pem",
                         "sslclient")
    chain = folder_of(BOARDS[0]) + "/client.pem"
    assert not openssl_verifies(path + "/ca.pem", chain, "-purpose",
                                "sslserver"), "a client passes for a server"


def test_another_class_is_not_verified():
    other = new()
    certs("init", other)
    certs("client", "0FAC", "--dir", other)
    chain = other + "/clients/0FAC/client.pem"
    check_all_verify(other + "/ca.pem", chain)
    assert not wolfssl_verifies(term()[0] + "/ca.pem", chain)
    assert not openssl_verifies(term()[0] + "/ca.pem", chain)


def test_names_and_devices():
    server_end = end_of(made() + "/server.pem")
    for board in BOARDS:
        leaf = folder_of(board) + "/client.pem"
        equal(common_name(leaf), f"board {board[3]} {name_of(board)}", "CN")
        found = text(leaf)
        assert re.search(rf"\n *URI:urn:wwep:device:{board[3]}\n", found), \
            found
        assert "CA:FALSE" in found and "TLS Web Client" in found, found
        equal(end_of(leaf), server_end, "end")


def test_the_der_is_the_pem():
    for board in BOARDS[:3]:
        folder = folder_of(board)
        pem = re.findall(rb"-----BEGIN.*?-----END[^\n]*\n",
                         read_file(folder + "/client.pem"), re.S)
        der = der_blocks(read_file(folder + "/client.der"))
        equal(len(der), 2, "certificates")
        for one, other in zip(pem, der):
            equal(openssl("x509", "-noout", "-text", data=one),
                  openssl("x509", "-inform", "DER", "-noout", "-text",
                          data=other), "DER")


PROGRAM = """
#include "client.h"
#include <stdio.h>
#include <string.h>
#include "client.h"
int main(void)
{
    printf("%s%c%s%c%s", wwep_root_ca, 0, wwep_client_certificate, 0,
           wwep_client_key);
    return sizeof wwep_root_ca == strlen(wwep_root_ca) + 1 ? 0 : 1;
}
"""


@each(*NASTY[:10], NASTY[15])
def test_the_header_compiles(board):
    gcc, folder = tool("gcc"), folder_of(board)
    program = os.path.join(scratch_dir("c"), "program")
    write_file(program + ".c", PROGRAM)
    done = run([gcc, "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                "-I", folder, "-o", program, program + ".c"])
    equal(done.returncode, 0, done.stderr.decode())
    done = run([program])
    equal(done.returncode, 0, "sizes")
    want = [read_file(f"{folder}/{name}").replace(b"\n", b"\r\n")
            for name in ("ca.pem", "client.pem", "client.key")]
    assert done.stdout.split(b"\0") == want, "an array is not its file"


class Page(html.parser.HTMLParser):
    """Its text, and its elements."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(read_file(path).decode())
        self.close()
        equal(self.open, [], "elements that stay open")

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "element closed")

    def handle_data(self, data):
        self.text += data


def test_handouts():
    path, _ = term()
    pages = Page(path + "/handouts.html")
    equal(pages.tags.count("section"), 30, "pages")
    single = Page(folder_of(BOARDS[0]) + "/handout.html")
    equal(set(pages.tags), set(single.tags), "elements")
    assert "script" not in pages.tags and "b" not in pages.tags, pages.tags
    for board in BOARDS:
        page = Page(folder_of(board) + "/handout.html").text
        for text_ in (name_of(board), board[0], board[3], HOST):
            assert text_ in page and text_ in pages.text, text_
        assert PRIVATE.decode() not in page


def test_again_keeps_and_adds():
    path = copied(term()[0])
    grown = write_roster(roster_text((*BOARDS[:5], ("9", "New", "ABCD"))))
    before = snapshot(path + "/clients")
    done = certs("class", grown, "--dir", path)
    assert "1 certificates made" in done.out and "5 kept" in done.out, done.out
    after = snapshot(path + "/clients")
    equal({k: after[k] for k in before}, before, "those before")
    check_all_verify(path + "/ca.pem", path + "/clients/ABCD/client.pem")
    certs("class", grown, "--dir", path, "--force")
    forced = snapshot(path + "/clients")
    equal(sorted({k.split("/")[0] for k in after
                  if after[k] != forced[k]}),
          sorted([*(b[3] for b in BOARDS[:5]), "ABCD"]), "renewed")


def test_again_when_it_is_for_somebody_else():
    path = copied(term()[0])
    roster = write_roster("1,Eve,0FAC\n2,Ada Lovelace,0FAC\n", "r.csv")
    with unchanged(path):
        done = certs("class", roster, "--dir", path, code=1)
        assert f"{roster}:2: Ada Lovelace has device ID 0FAC, and so has Eve" \
            in done.err, done.err
        write_file(roster, "1,Eve,0FAC\n")
        certs("class", roster, "--dir", path, code=1, err=f"{roster}:1: device"
              " ID 0FAC has a certificate for 'board 0FAC Ada Lovelace', not "
              "'board 0FAC Eve': give it another ID; or, ")
    certs("init", path, "--force")
    with unchanged(path):
        write_file(roster, "1,Ada Lovelace,0FAC\n")
        certs("class", roster, "--dir", path, code=1, err="another class")


BAD_ROWS = (
    ("1,Ada", "has two fields"), ("Ada", "has one field"),
    ("1,,0FAC", "has no name"), ("1,Ada,", "'' is neither"),
    ("1,Ada,ZZZZ", "'ZZZZ' is neither"), ("1,Ada,12345", "'12345'"),
    ("1,Ada,123", "'123'"), ("1,Ada,1E+05", "'1E+05'"),
    ("1,Ada,00:A0:50:12:34", "'00:A0:50:12:34'"),
    ("1,Ada,0FAC,x", "more than three fields"),
    ('1,"Ada,0FAC', "has no end"), ('1,"Ada"x,0FAC', "more than a separator"),
    ("1," + "x" * 54 + ",0FAC", "more than 64 characters"),
    ("1,A\x1b[31m,0FAC", "control character"),
    ("1,A\u009b31m,0FAC", "control character"),
    ("1,A\u202eb,0FAC", "control character"), ("1,A\rB,0FAC", "control"),
    ("1,Max,A0C1", ""), ("2,Moritz,00:00:00:00:A0:C1", ""),
    ("3,Minna,A0C1", "Minna has device ID A0C1, and so has Max in line 18"),
)


def test_bad_rows_are_all_named():
    path = copied()
    roster = write_roster("\n".join(row for row, _ in BAD_ROWS) + "\n")
    with unchanged(path):
        done = certs("class", roster, "--dir", path, code=1)
    want = [(i, why) for i, (_, why) in enumerate(BAD_ROWS, 1) if why]
    lines = done.err.splitlines()
    equal(len(lines), len(want) + 1, done.err)
    for (number, why), line in zip(want, lines):
        assert line.startswith(f"wwep-certs: {roster}:{number}: ") and \
            why in line, (line, why)
    equal(lines[-1], f"wwep-certs: {roster}: nothing was made", "last line")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", done.err)


@each(("Latin-1", "1,Ada,0001\n2,J\xf6rg,0002\n".encode("latin-1"),
       ":2: is not UTF-8"),
      ("UTF-16", "1,Ada,0001\n".encode("utf-16"), ":1: is not UTF-8"),
      ("nothing", b"", "is empty"), ("a header", b"a,b,device\n", "no row"),
      ("a picture", b"\x89PNG\r\n\x1a\n\0\0", ":1: is not UTF-8"),
      ("zeros", bytes(99), "roster.csv"), ("endless", b"#" * 5000000, "4 MiB"))
def test_what_is_no_roster(case):
    path = made()
    with unchanged(path):
        certs("class", write_roster(case[1]), "--dir", path, code=1,
              err=case[2])
        certs("class", "/nonexistent", "--dir", path, code=1, err="no such")
        certs("class", path, "--dir", path, code=1, err="is a folder")


@each(("semicolons", roster_text(NASTY[:2], ";")),
      ("semicolons, a comma in a name", '1;"Ada Lovelace";0FAC\n'
       '2;"O""Neill, ""Pat""";0FAD\n'),
      ("a comma in the first name", '2;"O""Neill, ""Pat""";0FAD\n'
       "1;Ada Lovelace;0FAC"),
      ("spaces and more separators", '2 , "O""Neill, ""Pat""" , 0FAD ,,\n'
       " 1,  Ada Lovelace  ,0FAC,,"))
def test_other_rosters(case):
    path = copied()
    certs("class", "-", "--dir", path, data=case[1].encode())
    for seat, name, _, device in NASTY[:2]:
        folder = f"{path}/clients/{device}/"
        equal(common_name(folder + "client.pem"), f"board {device} {name}",
              "CN")
        assert f"{name}, seat {seat}" in Page(folder + "handout.html").text


@each(("mac: in front", "1,Ada,mac:00:A0:50:12:34:56\n", "018C", ""),
      ("capitals", "1,Ada,MAC:00A050123456\n", "018C", ""),
      ("Excel's separator", 'sep=;\r\nSeat;Name;"Device, or MAC"\r\n'
       "1;Ada, of course;0FAC\r\n", "0FAC", "Rows skipped: 1 (lines 2),"),
      ("a header", "a,b,MAC address\n1,Ada,0FAC\n", "0FAC",
       "Rows skipped: 1 (lines 1),"),
      ("comments", "1,Ada,0FAC\n\n#1,Ben,0B01\n  # all\n", "0FAC",
       "Rows skipped: 2 (lines 3, 4),"))
def test_no_row_is_lost(case):
    _, content, device, skipped = case
    path = copied()
    done = certs("class", write_roster(content), "--dir", path)
    equal(os.listdir(path + "/clients"), [device], "boards")
    assert skipped in done.out, done.out
    equal("skipped" in done.out, bool(skipped), done.out)
    assert "mac:" not in read_file(path + "/handouts.html").decode().lower()


@each("board 0001", "mac 00:A0:50:12:34", "board face", "device 7", "MAC:0FAC")
def test_a_first_row_that_is_no_header(device):
    with unchanged(made()):
        certs("class", write_roster(f"1,Ada,{device}\n2,Ben,0002\n"), "--dir",
              made(), code=1, err=f":1: '{device}' is neither")


# --- client -----------------------------------------------------------------

def test_client():
    path = copied()
    day, last = day_after(9)
    done = certs("client", "00:a0:50:12:34:56", "--cn", NASTY[6][1],
                 "--until", day, "-d", path)
    folder = path + "/clients/018C"
    assert folder in done.out and NASTY[6][1] in done.out, done.out
    leaf = folder + "/client.pem"
    equal(common_name(leaf), NASTY[6][1], "CN")
    equal(end_of(leaf), last, "end")
    assert "00:a0:50:12:34:56" in Page(folder + "/handout.html").text
    check_all_verify(path + "/ca.pem", leaf, "sslclient")
    with unchanged(path):
        certs("client", "018C", "-d", path, code=1, err="is there already")
        certs("client", "0001", "-d", path, "--until", "2099-01-01", code=1,
              err="after that of the authorities")
    key = read_file(folder + "/client.key")
    certs("client", "018C", "-d", path, "--force")
    assert read_file(folder + "/client.key") != key, "the key"
    equal(common_name(leaf), NASTY[6][1], "CN")
    assert "00:a0:50:12:34:56" in Page(folder + "/handout.html").text
    certs("client", "mac:00:a0:50:12:34:57", "-d", path)
    equal(common_name(path + "/clients/018D/client.pem"), "board 018D", "CN")


def test_client_of_an_rsa_class():
    path = copied(made("rsa"))
    certs("client", "0FAC", cwd=path)
    leaf = path + "/clients/0FAC/client.pem"
    assert "(2048 bit)" in text(leaf)
    check_all_verify(path + "/ca.pem", leaf, "sslclient")


@each(*["", "ZZZZ", "12345", "0x", "FAC", "0FACx", "0FAC 0", "../x",
        "00:A0:50:12:34", "00:A0:50-12:34:56", "00:A0:50:12:34:56:78",
        "0G:A0:50:12:34:56", "*", "mac:0FAC", "mac:"])
def test_no_device(device):
    with unchanged(made()):
        certs("client", device, "--dir", made(), code=2)


@each(("too long", "x" * 65), ("too long in UTF-8", "é" * 65),
      ("a line end", "a\nb"), ("an ESC", "a\x1bb"), ("a CSI", "a\u009bb"),
      ("turned around", "a\u202eb"), ("not UTF-8", b"a\xffb"), ("empty", ""),
      ("a surrogate", b"a\xed\xa0\x80b"))
def test_no_name(case):
    with unchanged(made()):
        certs("client", "0001", "--cn", case[1], "--dir", made(), code=2)


@each("ca.pem", "intermediate.pem", "private/intermediate.key", "private",
      "private/intermediate/index.txt", "server.pem")
def test_an_incomplete_class(missing):
    path = copied()
    os.rename(os.path.join(path, missing), os.path.join(new("away")))
    with unchanged(path):
        certs("client", "0FAC", "--dir", path, code=1)
    certs("client", "0FAC", "--dir", path + "/nothing", code=1, err="no class")


def test_the_term_is_over():
    path = new()
    certs("init", path, "--days", "10", env=shifted(-11))
    with unchanged(path):
        certs("client", "0FAC", "--dir", path, code=1, err="which is past")
    certs("client", "0FAC", "--dir", path, "--days", "3")


# --- a server ---------------------------------------------------------------

def test_the_handout_works_with_a_server():
    """Its command line, as it is printed."""
    other = copied()
    certs("init", other, "--force", "--name", HOST)
    certs("client", "0FAC", "--dir", other)
    with serve(term()[0]) as server:
        for board in (*NASTY[:2], BOARDS[-1]):
            equal(try_handout(folder_of(board), server), b"A" + board[3]
                  .encode() + b"050001", board[1])
        server.wait_message(identity="board 0FAC Ada Lovelace")
        assert not try_handout(other + "/clients/0FAC", server,
                               ca=term()[0] + "/ca.pem")
        server.wait_log("the peer's certificate is from an unknown CA")


@each("10.1.2.3", "fd00::5", "::1")
def test_the_handout_of_a_server_by_address(address):
    path = new()
    certs("init", path, "--name", address)
    certs("client", "0001", "--dir", path)
    page = Page(path + "/clients/0001/handout.html").text
    host = f"[{address}]" if ":" in address else address
    assert f"-connect {host}:40508" in page
    with serve(path) as server:
        equal(try_handout(path + "/clients/0001", server), b"A0001050001",
              "reply")


if __name__ == "__main__":
    wwep_test.main()
