# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-certs: what comes after a class is made: its certificates are revoked
and renewed, and come to their end."""

import functools
import os
import re
import time

import wwep_test
from wwep_certs_tool import (DAY_S, HOST, certs, check_all_verify,
                             check_keys_are_private, copied, day_after, end_of,
                             list_ends, new, openssl, openssl_verifies,
                             public_key, replaced, serial, serve, shifted,
                             subject, text, try_handout, unchanged)
from wwep_desk import wwep
from wwep_test import (each, equal, read_file, run, scratch_dir, tool,
                       write_file)


@functools.lru_cache(maxsize=None)
def term():
    """A class with three boards."""
    path = copied()
    roster = write_file(scratch_dir("roster") + "/roster.csv",
                        "1,Ada\\ \"x\",0FAC\n2,Ben,0002\n3,Cem,0003\n")
    certs("class", roster, "--dir", path)
    return path


def leaf(path, device="0FAC"):
    return f"{path}/clients/{device}/client.pem"


def is_revoked(path, certificate):
    """As openssl and GnuTLS read crl.pem."""
    done = run([tool("openssl"), "verify", "-no-CApath", "-no-CAstore",
                "-CAfile", path + "/ca.pem", "-untrusted", certificate,
                "-CRLfile", path + "/crl.pem", "-crl_check_all", certificate])
    revoked = b"certificate revoked" in done.stderr
    equal(done.returncode == 0, not revoked, done.stderr)
    done = run([tool("certtool"), "--verify", "--load-ca-certificate",
                path + "/ca.pem", "--load-crl", path + "/crl.pem", "--infile",
                certificate])
    equal(done.returncode == 0, not revoked, done.stdout)
    return revoked


# --- revoke, crl ------------------------------------------------------------

@each("a device", "a MAC", "a file", "a file of the class", "in DER")
def test_revoke(how):
    path = copied(term())
    what, cwd = {"a device": ("0FAC", path),
                 "a MAC": ("00:00:00:00:00:03", path),
                 "a file": ("client.pem", path + "/clients/0FAC"),
                 "a file of the class": ("clients/0FAC/client.pem", "/"),
                 "in DER": ("client.der", path + "/clients/0FAC")}[how]
    gone = "0003" if how == "a MAC" else "0FAC"
    done = certs("revoke", what, "--dir", path, cwd=cwd)
    assert "1 revoked" in done.out and serial(leaf(path, gone)) in done.out
    assert is_revoked(path, leaf(path, gone))
    assert not is_revoked(path, leaf(path, "0002"))
    assert not is_revoked(path, path + "/server.pem")
    equal(list_ends(path), [end_of(path + "/server.pem")] * 2, "lists' ends")
    check_keys_are_private(path)
    done = certs("revoke", what, "--dir", path, cwd=cwd)
    assert "already revoked" in done.out and "1 revoked" in done.out, done.out
    assert is_revoked(path, leaf(path, gone))


def test_revoke_is_refused():
    path, other = copied(term()), new()
    certs("init", other)
    certs("client", "0FAC", "--dir", other)
    certs("self-signed", "localhost", "-o", other)
    with unchanged(path):
        for what, why in ((leaf(other), "is not of this class"),
                          (other + "/ca.pem", "is not of this class"),
                          (other + "/intermediate.pem", "not of this class"),
                          (other + "/localhost.pem", "is not of this class"),
                          ("ca.pem", "is the root of the class"),
                          ("intermediate.pem", "--force"),
                          ("server.key", "is a private key"),
                          ("crl.pem", "is a list of revoked"),
                          ("1234", "has no certificate in clients/1234"),
                          ("nothing", "there is no such file"),
                          ("FAC", "FAC: there is no such file, and it is "
                           "neither a device ID"),
                          ("clients", "is a folder")):
            certs("revoke", what, cwd=path, code=1, err=why)
        certs("revoke", cwd=path, code=2, err="is missing")
        certs("revoke", "0FAC", "0002", cwd=path, code=2, err="too many")


def kept(certificate):
    """A copy that stays as it is."""
    return write_file(scratch_dir("kept") + "/client.pem",
                      read_file(certificate))


def test_revoke_takes_what_has_the_same_key():
    """The key was stolen; a renewed certificate has it, too."""
    path = copied(term())
    first = kept(leaf(path))
    certs("renew", "0FAC", "--dir", path)
    second = kept(leaf(path))
    certs("client", "0FAC", "--force", "--dir", path)
    done = certs("revoke", second, "--dir", path)
    assert "2 revoked" in done.out, done.out
    assert re.search("Revoked, too, as it has the same key: .*"
                     + serial(first), done.out), done.out
    assert is_revoked(path, first) and is_revoked(path, second)
    assert not is_revoked(path, leaf(path)), "a new key"


def test_revoke_a_device():
    """Its certificates are gone, also those for other keys."""
    path = copied(term())
    first = kept(leaf(path))
    certs("client", "0FAC", "--force", "--dir", path)
    # What is found is a device, and not the folder of that name.
    done = certs("revoke", "0FAC", "--dir", "..", cwd=path + "/clients")
    assert re.search("Revoked, too, as it is of device 0FAC: .*"
                     + serial(first), done.out), done.out
    assert "2 revoked" in done.out, done.out
    assert is_revoked(path, first) and is_revoked(path, leaf(path))
    assert not is_revoked(path, leaf(path, "0002"))


def test_revoke_what_is_ended_or_lost():
    path = copied(term())
    first = serial(leaf(path))
    certs("renew", "0FAC", "--days", "200", "--dir", path)
    done = certs("revoke", "0FAC", "--dir", copied(path), env=shifted(101))
    assert "1 revoked" in done.out, "one has ended: " + done.out
    os.unlink(f"{path}/private/certs/{first}.pem")
    done = certs("revoke", "0FAC", "--dir", path, err=f"{first}.pem: can not "
                 "be read, so what key it has is not known")
    assert "1 revoked" in done.out, done.out


def test_revoke_one_that_imitates():
    """The intermediate's name is no proof; its signature is."""
    path, other = copied(term()), copied(term())
    certs("init", other, "--force")
    config = write_file(scratch_dir("own") + "/own.cnf", "[req]\n"
                        "distinguished_name=n\n[n]\n[x]\n")
    forged = scratch_dir("forged") + "/client.pem"
    issuer = openssl("x509", "-in", path + "/intermediate.pem", "-noout",
                     "-subject", "-nameopt", "compat").strip()
    request = openssl("req", "-new", "-x509", "-config", config, "-key",
                      other + "/private/intermediate.key", "-subj",
                      re.sub(r"^subject=\s*", "", issuer))
    write_file(forged, request)
    with unchanged(path):
        certs("revoke", forged, "--dir", path, code=1, err="not of this class")


def test_revoke_the_intermediate():
    path = copied(term())
    certs("revoke", "intermediate.pem", "--force", "--dir", path)
    for certificate in (leaf(path), path + "/server.pem"):
        assert is_revoked(path, certificate)
    done = certs("check", "--dir", path, code=1)
    assert re.search(r"^REVOKED .* intermediate\.pem$", done.out, re.M), \
        done.out
    roster = write_file(scratch_dir("roster") + "/r.csv", "1,Eve,0001\n")
    with unchanged(path):
        for command in (["client", "0001"], ["class", roster],
                        ["client", "0002", "--force"]):
            certs(*command, "--dir", path, code=1,
                  err="intermediate authority is revoked")


def test_nothing_is_renewed_by_a_revoked_intermediate():
    path = copied(term())
    config = read_file(path + "/private/root/index.txt")
    wrong = re.sub(rb"^V(\t[^\t]*)\t\t(.*WWEP intermediate)",
                   rb"R\1\t260101000000Z\t\2", config, flags=re.M)
    assert wrong != config, config
    write_file(path + "/private/root/index.txt", wrong)
    with unchanged(path):
        for what in ("server.pem", "0002"):
            certs("renew", what, "--dir", path, code=1,
                  err="intermediate authority is revoked")


def crl_numbers(path):
    return [int(openssl("crl", "-noout", "-crlnumber", data=block)
                .split("=")[1], 0)
            for block in re.findall(rb"-----BEGIN.*?-----END[^\n]*\n",
                                    read_file(path + "/crl.pem"), re.S)]


def test_crl():
    path = copied(term())
    day, last = day_after(40)
    first = crl_numbers(path)
    certs("crl", "--until", day, "--dir", path)
    equal(list_ends(path), [last] * 2, "ends")
    equal(crl_numbers(path), [n + 1 for n in first], "numbers")
    before = time.time()
    certs("crl", "--days", "7", "--dir", path)
    for got in list_ends(path):
        assert 0 <= got - int(before) - 7 * DAY_S <= 60, got
    for option in (["--until", "2099-01-01"], ["--until", "2020-01-01"]):
        certs("crl", *option, "--dir", path, code=1, err="the end would be")
    for option in (["--days", "0"], ["--until", "2027-02-30"], ["more"]):
        certs("crl", *option, "--dir", path, code=2)
    certs("revoke", "0002", "--dir", path, env=shifted(101))
    assert list_ends(path)[0] > time.time() + 130 * DAY_S, "after the term"


def test_a_server_refuses_the_revoked():
    path = copied(term())

    def gets_in(server, device):
        return try_handout(f"{path}/clients/{device}", server) != b""

    with serve(path, crl=path + "/crl.pem") as server:
        assert gets_in(server, "0FAC") and gets_in(server, "0002")
    certs("revoke", "0FAC", "--dir", path)
    with serve(path, crl=path + "/crl.pem") as server:
        assert not gets_in(server, "0FAC")
        folder = path + "/clients/0FAC"
        wwep("-H", f"localhost:{server.port('class')}", "--ca",
             path + "/ca.pem", "--cert", folder + "/client.pem", "--key",
             folder + "/client.key", "read", "0FAC", "05").want(
                 4, "", "revoked")
        server.wait_log(r"warning: class: 127\.0\.0\.1:\d+: the peer's "
                        "certificate is revoked .*board 0FAC Ada")
        assert gets_in(server, "0002")
    certs("revoke", "intermediate.pem", "--force", "--dir", path)
    with serve(path, crl=path + "/crl.pem") as server:
        assert not gets_in(server, "0002")
        server.wait_log(r"warning: class: 127\.0\.0\.1:\d+: the peer's "
                        "certificate is revoked .*WWEP intermediate")


# --- renew ------------------------------------------------------------------

def test_renew_a_client():
    path = copied(term())
    old = read_file(leaf(path))
    was = [f(leaf(path)) for f in (public_key, subject, serial)]
    key = read_file(path + "/clients/0FAC/client.key")
    day, last = day_after(200)
    certs("renew", "0FAC", "--until", day, "--dir", path)
    now = [f(leaf(path)) for f in (public_key, subject, serial)]
    equal(now[:2], was[:2], "key and subject")
    assert now[2] != was[2], "the serial number"
    equal(end_of(leaf(path)), last, "end")
    equal(read_file(path + "/clients/0FAC/client.key"), key, "key")
    assert was[2] + ".pem" in os.listdir(path + "/private/certs")
    check_all_verify(path + "/ca.pem", leaf(path), "sslclient")
    handout = read_file(path + "/clients/0FAC/handout.html").decode()
    assert day in handout and "Ada\\ &quot;x&quot;, seat 1" in handout
    certs("renew", "clients/0FAC/client.pem", "--dir", path)  # once more
    equal(subject(leaf(path)), was[1], "subject")
    equal(end_of(leaf(path)), end_of(path + "/server.pem"), "end")
    certs("check", "--dir", path)
    assert not is_revoked(path, leaf(path)), "renewed, and refused"
    foreign = write_file(scratch_dir("old") + "/old.pem", old)
    certs("renew", foreign, "--dir", path, code=1, err="is not the certificate"
          " in")


def test_renew_the_server():
    path = copied(term())
    was = [f(path + "/server.pem") for f in (public_key, subject, serial)]
    day, last = day_after(300)
    certs("renew", "server.pem", "--until", day, "--name", "10.9.8.7",
          "--name", "new.example", "--dir", path, env=replaced(
              "hostname", 'case $* in "") echo moved;; -I) echo 10.5.5.5;; '
              "*) echo moved.example;; esac"))
    pem = path + "/server.pem"
    now = [f(pem) for f in (public_key, subject, serial)]
    equal(now[:2], was[:2], "key and subject")
    assert now[2] != was[2], "the serial number"
    equal([end_of(pem), *list_ends(path)], [last] * 3, "ends")
    for name in (HOST, "new.example", "moved", "moved.local", "moved.example"):
        assert openssl_verifies(path + "/ca.pem", pem, "-verify_hostname",
                                name), name
    for name in ("10.9.8.7", "10.5.5.5", "fd00::5", "::1"):
        assert openssl_verifies(path + "/ca.pem", pem, "-verify_ip", name)
    equal(text(pem).count("DNS:localhost"), 1, "localhost")
    check_all_verify(path + "/ca.pem", pem, "sslserver")
    with serve(path, crl=path + "/crl.pem") as server:
        equal(try_handout(path + "/clients/0002", server), b"A0002050001",
              "a client of before")


def test_renew_is_refused():
    path, other = copied(term()), copied(term())
    certs("client", "0FAC", "--force", "--dir", other)
    certs("revoke", "0002", "--dir", path)
    os.rename(path + "/clients/0003/client.key", path + "/lost.key")
    with unchanged(path):
        for what, why in ((leaf(other), "is not the certificate in"),
                          ("ca.pem", "is the root"),
                          ("intermediate.pem", "an authority is not renewed"),
                          ("0002", "is revoked, .* wwep-certs client 0002 "
                           "--force$"), ("1234", "no certificate"),
                          ("0003", "client.key: there is no such file"),
                          ("server.key", "is a private key")):
            done = certs("renew", what, cwd=path, code=1)
            assert re.search(why, done.err), done.err
        for arguments in ((), ("0FAC", "--name", "a.example"),
                          ("server.pem", "--name", "a b"),
                          ("server.pem", "--days", "0")):
            certs("renew", *arguments, cwd=path, code=2)
    write_file(path + "/clients/0003/client.key",
               read_file(path + "/server.key"))
    certs("renew", "0003", cwd=path, code=1, err="is not the key of")


# --- what is lost is replaced ----------------------------------------------

def test_a_board_that_was_lost_is_replaced():
    path = copied(term())
    was, key = subject(leaf(path)), public_key(leaf(path))
    certs("revoke", "0FAC", "--dir", path)
    done = certs("client", "0FAC", "--force", "--dir", path)
    assert "still good" not in done.out, "it is revoked: " + done.out
    equal(subject(leaf(path)), was, "its name")
    assert public_key(leaf(path)) != key, "the key"
    handout = read_file(path + "/clients/0FAC/handout.html").decode()
    assert "Ada\\ &quot;x&quot;, seat 1" in handout
    assert not is_revoked(path, leaf(path))
    done = certs("client", "0FAC", "--force", "--cn", "Eve", "--dir", path)
    assert f"still good. To end that: wwep-certs revoke {path}" in done.out
    assert "Ada" not in read_file(path + "/clients/0FAC/handout.html").decode()


def test_a_roster_replaces_what_is_revoked():
    """And takes its new name, as of a slip of the pen."""
    path = copied(term())
    certs("revoke", "0002", "--dir", path)
    key = public_key(leaf(path, "0002"))
    roster = write_file(scratch_dir("roster") + "/r.csv",
                        "2,Benn,0002\n3,Cem,0003\n")
    done = certs("class", roster, "--dir", path)
    assert "made: the one before is REVOKED" in done.out, done.out
    assert "1 certificates made" in done.out and "1 kept" in done.out
    assert public_key(leaf(path, "0002")) != key, "the key"
    assert "CN=board 0002 Benn" in subject(leaf(path, "0002"))
    assert not is_revoked(path, leaf(path, "0002"))
    write_file(roster, "3,Cemm,0003\n")
    done = certs("class", roster, "--dir", path, code=1)
    command = re.search("say: (wwep-certs client .*)", done.err)[1]
    equal(command, "wwep-certs client 0003 --force --cn 'board 0003 Cemm' "
          f"--dir {path}", "what to say")
    certs("client", "0003", "--force", "--cn", "board 0003 Cemm", "--dir",
          path)
    certs("class", roster, "--dir", path)


def test_class_force_revokes_what_it_replaces():
    path = copied(term())
    old = [kept(leaf(path, d)) for d in ("0FAC", "0002")]
    roster = write_file(scratch_dir("roster") + "/r.csv",
                        "1,Ada,0FAC\n2,Ben,0002\n")
    done = certs("class", roster, "--dir", path, "--force")
    for one in old:
        assert is_revoked(path, one), "the key that was there"
        assert serial(one) in done.out, done.out
    assert "2 revoked" in done.out and "reload the servers" in done.out
    for device in ("0FAC", "0002", "0003"):
        assert not is_revoked(path, leaf(path, device)), device


# --- list, check ------------------------------------------------------------

def states(done):
    """{CN: [state]} of `list`, whose first line is its head."""
    found = {}
    for line in done.out.splitlines()[1:]:
        found.setdefault(line.split("CN = ")[1], []).append(line.split()[0])
    return found


def test_list():
    path = copied(term())
    certs("revoke", "0002", "--dir", path)
    certs("client", "0002", "--dir", path, "--force", "--days", "3")
    certs("renew", "0003", "--dir", path, "--days", "300")
    with unchanged(path):
        done = certs("list", "--dir", path)
        found = states(done)
        equal(found["board 0002 Ben"], ["revoked", "valid"], "made anew")
        equal(found["board 0003 Cem"], ["valid", "valid"], "renewed")
        equal(found[HOST], ["valid"], "server")
        equal(len(found), 6, found)
        assert serial(leaf(path)) in done.out
        found = states(certs("list", cwd=path, env=shifted(101)))
        equal(found["board 0003 Cem"], ["expired", "valid"], "after the term")
        equal(found["board 0002 Ben"], ["revoked", "expired"], "the term")
        equal(found[HOST], ["expired"], "after the term")
    os.unlink(f"{path}/private/certs/{serial(leaf(path))}.pem")
    assert re.search(r"^\? .*private/certs has no", certs(
        "list", "--dir", path).out, re.M)
    certs("list", "--dir", "/", code=1, err="is no class")
    certs("list", "more", code=1)
    certs("list", "one", "two", code=2)


@each(("now", 0, [], 0, "ok"), ("a month before", 71, [], 1, "ENDS SOON"),
      ("not so soon", 71, ["--days", "20"], 0, "ok"),
      ("far ahead", 0, ["--days", "101"], 1, "ENDS SOON"),
      ("the last day", 99, ["--days", "0"], 0, "ok"),
      ("the day after", 101, ["--days", "0"], 1, "ENDED"))
def test_check_the_ends(case):
    _, days, options, code, want = case
    with unchanged(term()):
        done = certs("check", *options, "--dir", term(), env=shifted(days),
                     code=code)
    # Two authorities, whose end is far; the server, three boards, two lists.
    equal([line[:10].strip() for line in done.out.splitlines()],
          ["ok", "ok"] + 6 * [want], done.out)


def harm(path, what):
    """What `check` shall say."""
    folder = path + "/clients/0002"
    if what == "another key":
        write_file(folder + "/client.key", read_file(path + "/server.key"))
        return "WRONG KEY .*clients/0002/client.key is not the key"
    if what == "no key":
        os.unlink(path + "/server.key")
        return "WRONG KEY .*server.key"
    if what == "a readable key":
        os.chmod(path + "/private/root.key", 0o640)
        return "READABLE .*private/root.key has a key"
    if what == "a readable header":
        os.chmod(folder + "/client.h", 0o604)
        return "READABLE .*0002/client.h has a key"
    if what == "no certificate":
        os.unlink(folder + "/client.pem")
        return "MISSING .*clients/0002/client.pem"
    if what == "no list":
        os.unlink(path + "/crl.pem")
        return "MISSING .*crl.pem"
    crl = read_file(path + "/crl.pem")
    if what == "a list too few":
        write_file(path + "/crl.pem", crl[:crl.index(b"-----BEGIN", 9)])
        return "INCOMPLETE .*has 1 lists"
    if what == "a damaged list":
        write_file(path + "/crl.pem", crl.replace(b"M", b"N", 3))
        return "crl.pem: has a damaged list"
    if what == "another class":
        certs("init", path, "--force")
        return "NOT OURS .*clients/0002/client.pem"
    if what == "another class's list":
        other = new()
        certs("init", other)
        write_file(path + "/crl.pem", read_file(other + "/crl.pem"))
        return "NOT OURS .*crl.pem, list 1"
    assert what == "a revoked server"
    certs("revoke", "server.pem", "--dir", path)
    return "REVOKED .*server.pem"


@each("another key", "no key", "a readable key", "a readable header",
      "no certificate", "no list", "a list too few", "a damaged list",
      "another class", "another class's list", "a revoked server")
def test_check_finds(what):
    path = copied(term())
    want = harm(path, what)
    done = certs("check", "--dir", path, code=1)
    assert re.search(want, done.out + done.err), done.out + done.err


def test_check_is_content_with_a_revoked_client():
    path = copied(term())
    certs("revoke", "0002", "--dir", path)
    done = certs("check", "--dir", path)
    assert "clients/0002/client.pem: is revoked" in done.out, done.out
    for options in (["--days", "-1"], ["--days", "abc"], ["more"]):
        certs("check", *options, "--dir", path, code=2)


if __name__ == "__main__":
    wwep_test.main()
