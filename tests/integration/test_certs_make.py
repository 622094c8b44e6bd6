# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs: a class, a certificate of one's own, and what can go wrong on
the way; the clients are in test_certs_class.py."""

import os
import re
import shlex
import time

import wwep_test
from wwep_certs_tool import (ADDRESSES, DAY_S, HOST, TOOL, VERBS, certs,
                             check_all_verify, check_keys_are_private,
                             check_whole, copied, day_after, end, end_of,
                             gnutls_verifies, list_ends, made, moment, new,
                             openssl, openssl_verifies, shifted, snapshot,
                             start, subject, text, unchanged)
from wwep_desk import WWEP
from wwep_store import Kept
from wwep_test import (SRC, WWEPD, each, equal, read_file, run, scratch_dir,
                       write_file)

KINDS = ("ec", "rsa")
COURSE_NAMES = ("localhost", "127.0.0.1", "::1", "wwep.ww101.cypress.com",
                "198.51.100.3")


# --- init -------------------------------------------------------------------

@each(*KINDS)
def test_init_makes_files(kind):
    path = made(kind)
    equal({k: oct(m) for k, (m, _) in snapshot(path).items()
           if not k.startswith("private/")},
          {"ca.pem": "0o644", "intermediate.pem": "0o644",
           "server.pem": "0o644", "server.key": "0o600", "crl.pem": "0o644",
           "wwepd.yaml": "0o644", ".gitignore": "0o600",
           "private": "0o700"}, "files")
    for name, (mode, content) in snapshot(path + "/private").items():
        equal(mode, 0o700 if content is None else 0o600, name)
    equal(os.stat(path).st_mode & 0o777, 0o700, "the folder")
    check_keys_are_private(path)
    check_whole(path)


@each(*KINDS)
def test_init_makes_a_chain(kind):
    path = made(kind)
    ca, chain = path + "/ca.pem", path + "/server.pem"
    check_all_verify(ca, chain, "sslserver")
    assert not openssl_verifies(ca, chain, "-purpose", "sslclient"), \
        "a server passes for a client"
    equal(read_file(chain).count(b"BEGIN"), 2, "certificates in server.pem")
    assert read_file(chain).endswith(read_file(path + "/intermediate.pem"))
    for name, length in (("ca", 1), ("intermediate", 0)):
        found = text(f"{path}/{name}.pem")
        assert f"CA:TRUE, pathlen:{length}" in found, found
        assert "Certificate Sign, CRL Sign" in found, found
    want = "P-256" if kind == "ec" else "(2048 bit)"
    for name in ("ca", "intermediate", "server"):
        assert want in text(f"{path}/{name}.pem"), name
    usage = "Digital Signature" + (
        ", Key Encipherment" if kind == "rsa" else "")
    assert re.search(usage + "$", text(chain), re.M), text(chain)


def verifies_as(path, name):
    """Both tools, which must agree."""
    ca, chain = path + "/ca.pem", path + "/server.pem"
    is_ip = ":" in name or name.replace(".", "").isdigit()
    one = openssl_verifies(ca, chain, "-verify_ip" if is_ip else
                           "-verify_hostname", name)
    other = gnutls_verifies(ca, chain, "--verify-hostname", name)
    equal(one, other, f"openssl and gnutls on {name}")
    return one


def test_init_server_names():
    for name in (HOST, *ADDRESSES, *COURSE_NAMES):
        assert verifies_as(made(), name), name
    for name in ("other.example", "10.1.2.4", "a." + HOST, "fd00::6"):
        assert not verifies_as(made(), name), name
    assert subject(made() + "/server.pem").startswith(f"subject=CN={HOST},")


def test_init_a_name_too_long_for_a_cn():
    path, name = new(), "a" * 60 + ".example"
    certs("init", path, "--name", name)
    assert verifies_as(path, name)
    assert name not in subject(path + "/server.pem")


def test_init_two_classes_have_no_name_in_common():
    paths = [new(), new()]
    for run_ in [start("init", p) for p in paths]:
        equal(end(run_).code, 0, "exit code")
    subjects = {subject(f"{p}/{n}.pem") for p in paths
                for n in ("ca", "intermediate")}
    equal(len(subjects), 4, subjects)
    assert not openssl_verifies(paths[0] + "/ca.pem", paths[1] + "/server.pem")


@each("days", "until", "moment")
def test_init_ends_when_told(how):
    path = new()
    day, last_second = day_after(30)
    value = {"days": "30", "until": day, "moment": day + "T01:02:03Z"}[how]
    before = int(time.time())
    certs("init", path, "--days" if how == "days" else "--until=" + value,
          *([value] if how == "days" else []))
    got = end_of(path + "/server.pem")
    if how == "days":
        assert 0 <= got - before - 30 * DAY_S <= 60, got
    else:
        equal(got, last_second - (DAY_S - 1 - 3723 if how == "moment" else 0),
              "end")
    equal(list_ends(path), [got, got], "the lists' ends")
    begin = moment(openssl("x509", "-in", path + "/server.pem", "-noout",
                           "-startdate"))
    assert 0 <= begin - (before - DAY_S) <= 60, begin


def test_init_force_does_not_ask_the_old_class():
    """Whose authorities may end before what is asked for."""
    path = new()
    certs("init", path, env=shifted(-3500))
    certs("init", path, "--force", "--days", "3650")
    assert end_of(path + "/server.pem") > time.time() + 3649 * DAY_S


# --- its server's configuration ---------------------------------------------

def accepted(path):
    """What wwepd says of a configuration."""
    done = run([WWEPD, "-t", "-c", path])
    equal(done.returncode, 0, done.stderr)
    text = done.stderr.decode()
    assert "warning" not in text and text.count("revocation list") == 2, text
    return read_file(path).decode()


def test_init_configures_the_server():
    path = new("with 'odd\" name")
    done = certs("init", path)
    text = accepted(path + "/wwepd.yaml")
    for line in ("port: 27708", "port: 40508", "client_auth: optional",
                 "path: wwep.db", "\ncontrol: control\n"):
        assert line in text, text
    command = re.search("(?:server, )(wwepd -c .*)$", done.out, re.M)[1]
    equal(run(["sh", "-c", f'printf "%s|" {command}']).stdout.decode(),
          f"wwepd|-c|{path}/wwepd.yaml|", "the command")
    write_file(path + "/wwepd.yaml", "mine")
    done = certs("init", path, "--force")
    equal(read_file(path + "/wwepd.yaml"), b"mine", "what was there")
    assert "crl: crl.pem" in done.out, done.out


def test_init_where_a_sockets_path_is_too_long():
    for length, has in ((107, True), (108, False)):
        parent = scratch_dir()
        path = os.path.join(parent, "u" * (length - len(parent)
                                           - len("//control")))
        certs("init", path)
        text = accepted(path + "/wwepd.yaml")
        equal("\ncontrol: control\n" in text, has, f"{length} bytes")


def write_as(server, path, board, device):
    """How wwep ends that writes as this board to this device."""
    own = f"{path}/clients/{board}/client"
    return run([WWEP, "--ca", path + "/ca.pem", "--cert", own + ".pem",
                "--key", own + ".key", "-H",
                f"localhost:{server.port('secure')}", "write", device, "05",
                "1234"]).returncode


def test_what_comes_of_the_configuration():
    """A board's own device; a reload after its revocation; the registers."""
    path = new()
    certs("init", path)
    for device in ("0FAC", "0FAD"):
        certs("client", device, "--dir", path)
    config = read_file(path + "/wwepd.yaml").decode()
    for old, now in (("port: 27708", "port: 0"), ("port: 40508", "port: 0"),
                     ("auth: optional", "auth: required"),
                     ("#write: own-device", "write: own-device")):
        equal(config.count(old), 1, old)
        config = config.replace(old, now)
    with Kept(config=config, start=False) as server:
        write_file(path + "/wwepd.yaml", config)
        server.config_path = path + "/wwepd.yaml"
        server.start()
        equal(write_as(server, path, "0FAC", "0FAC"), 0, "its own")
        equal(write_as(server, path, "0FAC", "0FAD"), 1, "another's")
        done = certs("revoke", "0FAC", "--dir", path)
        command = re.search("first\\): wwepd (ctl -c .*)$", done.out, re.M)[1]
        done = run([WWEPD, *shlex.split(command)])
        equal((done.returncode, done.stdout.decode()), (
            0, "reloaded\nlisteners[secure].tls.crl: new content\n"), "reload")
        equal(write_as(server, path, "0FAC", "0FAC"), 4, "revoked")
        equal(write_as(server, path, "0FAD", "0FAD"), 0, "the other")
    assert os.path.exists(path + "/wwep.db"), "the registers"


def test_quickstart_asks_for_the_boards_certificates():
    """Its own functions, without all that it builds."""
    path = copied()
    script = read_file(os.path.join(SRC, "scripts", "quickstart")).decode()
    functions = "".join(
        re.search(rf"^{name}\(\) \{{$.*?^\}}$\n", script, re.M | re.S)[0]
        for name in ("write_configuration", "quoted", "print_what_to_type"))
    done = run(["sh", "-euc", functions + """
        top=/top directory=$1 port_plain=27708 port_tls=40508
        write_configuration "$1/quickstart.yaml"
        print_what_to_type""", "sh", path])
    equal(done.returncode, 0, done.stderr)
    assert "client_auth: optional" in accepted(path + "/quickstart.yaml")
    assert f"\nCertificates for boards: certs/wwep-certs client DEVICE --dir " \
        f"{path}\n" in done.stdout.decode(), done.stdout
    assert '"$directory/quickstart.yaml"' in script, "the class's own stays"


# --- what is there stays ----------------------------------------------------

@each("ca.pem", "intermediate.pem", "server.pem", "server.key", "crl.pem",
      "private")
def test_init_overwrites_nothing(name):
    path = new()
    os.mkdir(path)
    os.symlink("/nonexistent", os.path.join(path, name))
    with unchanged(path):
        certs("init", path, code=1, err="is there already")


def test_init_force_replaces():
    path = copied()
    with unchanged(path):
        certs("init", path, code=1, err="--force")
    certs("init", path, "--force")
    assert read_file(path + "/ca.pem") != read_file(made() + "/ca.pem")
    check_all_verify(path + "/ca.pem", path + "/server.pem", "sslserver")
    certs("check", "--dir", path)


def test_init_spares_the_folder():
    """It may be anything, even the home folder."""
    path = scratch_dir("home")
    write_file(path + "/.gitignore", "mine\n")
    os.chmod(path, 0o755)
    certs("init", path)
    equal(read_file(path + "/.gitignore"), b"mine\n", ".gitignore")
    equal(os.stat(path).st_mode & 0o777, 0o755, "mode")
    equal(os.stat(path + "/private").st_mode & 0o777, 0o700, "private")
    open_to_all = scratch_dir("shared")
    write_file(open_to_all + "/file", "")
    os.chmod(open_to_all, 0o777)
    with unchanged(open_to_all):
        certs("init", open_to_all, code=1, err="others may write there")


@each("a repository", "a work tree", "below one", "a link into one")
def test_init_refuses_git(where):
    top = scratch_dir("git")
    path = top + "/class"
    if where == "a work tree":
        write_file(top + "/.git", "gitdir: /elsewhere\n")
    else:
        os.mkdir(top + "/.git")
    if where == "below one":
        path = top + "/a/b/class"
    elif where == "a link into one":
        path = new("link")
        os.symlink(top, path)
    certs("init", path, code=1, err="git work tree")
    equal(sorted(os.listdir(top)), [".git"], "files")
    if where != "a link into one":
        certs("init", path, "--in-git")
        equal(read_file(path + "/.gitignore"), b"*\n", ".gitignore")


# --- self-signed ------------------------------------------------------------

@each(("a host", "board-1.example", "ec"), ("rsa", "localhost", "rsa"),
      ("IPv4", "192.0.2.7", "ec"), ("IPv6", "fd00::7", "ec"),
      ("a long host", "b" * 63 + ".example", "ec"))
def test_self_signed(case):
    _, name, kind = case
    path = scratch_dir("own")
    day, last = day_after(20)
    certs("self-signed", name, "-o", path, "--key", kind, "--until", day)
    equal(sorted(os.listdir(path)), [name + ".key", name + ".pem"], "files")
    pem = f"{path}/{name}.pem"
    equal(end_of(pem), last, "end")
    is_ip = name.startswith(("192", "fd"))
    assert openssl_verifies(pem, pem, "-verify_ip" if is_ip else
                            "-verify_hostname", name)
    assert gnutls_verifies(pem, pem, "--verify-hostname", name)
    check_keys_are_private(path)
    with unchanged(path):
        certs("self-signed", name, "-o", path, code=1, err="--force")
    certs("self-signed", name, "-o", path, "--force")


def test_self_signed_warns_in_git():
    path = scratch_dir("git")
    os.mkdir(path + "/.git")
    done = certs("self-signed", "localhost", cwd=path)
    assert "do not commit localhost.key" in done.err, done.err


# --- the command line -------------------------------------------------------

USAGE = (
    ("no command", []), ("an unknown command", ["forge"]),
    ("a function's name", ["help_init"]), ("a hyphen", ["-"]),
    ("no DIR", ["init"]), ("an empty DIR", ["init", ""]),
    ("two DIRs", ["init", "a", "b"]), ("an unknown option", ["init", "--x"]),
    ("a short one", ["init", "-x"]), ("no value", ["init", "a", "--name"]),
    ("an empty value", ["init", "a", "--days="]),
    ("a flag's value", ["init", "a", "--force=yes"]),
    ("two flags in one", ["init", "a", "--in-git force"]),
    ("an option of the specification", ["init", "a", "--name+", "b"]),
    ("a command in an option", ["init", "a", "--force;touch x"]),
    *[(f"{d or 'no'} days", ["init", "a", "--days", d])
      for d in ("0", "-1", "4000", "abc", "1.5", "007", "99999999999999")],
    *[(f"until {d}", ["init", "a", "--until", d])
      for d in ("2027-02-30", "2027-13-01", "tomorrow", "2027-7-1",
                "2027-01-01T24:00:00Z", "2027-01-01\n", "0000-00-00")],
    ("both ends", ["init", "a", "--days", "3", "--until", "2030-01-01"]),
    ("a key kind", ["init", "a", "--key", "dsa"]),
    *[(f"name {n!r}", ["init", "a", "--name", n])
      for n in ("a b", "a_b", "-a", "a..b", "1.2.3", "1.2.3.256", "1::2::3",
                "a,DNS:b", "${ENV::HOME}", "*.a", "a/b", "ü", "x" * 64)],
    ("a self-signed path", ["self-signed", "../a"]),
    ("a self-signed nothing", ["self-signed", ""]),
)


@each(*USAGE)
def test_usage(case):
    """Exit code 2, one line that says why, and nothing is made."""
    folder = scratch_dir("usage")
    done = run([TOOL, *case[1]], cwd=folder)
    equal(done.returncode, 2, done.stderr)
    want = b"wwep-certs" if case[1] else b"wwep-certs makes"
    assert done.stderr.startswith(want), done.stderr
    equal(done.stdout, b"", "output")
    equal(os.listdir(folder), [], "files")


@each("--until=2020-01-01", "--until=2099-01-01")
def test_an_end_that_can_not_be(option):
    path = new()
    certs("init", path, option, code=1, err="the end would be")
    assert not os.path.exists(path)


@each(*VERBS)
def test_help(verb):
    done = certs("help", verb)
    assert done.out.startswith(f"wwep-certs {verb}"), done.out
    for line in done.out.splitlines():
        assert len(line) <= 80, line
    if verb != "help":
        equal(certs(verb, "--help").out, done.out, "--help")
    assert certs("help").out.count(f"  {verb}") or verb in certs("help").out
    certs("help", "nothing", code=2, err="none of its commands")


if __name__ == "__main__":
    wwep_test.main()
