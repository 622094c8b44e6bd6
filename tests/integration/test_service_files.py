# SPDX-License-Identifier: GPL-2.0-or-later
"""The files that describe wwepd to systemd and logrotate, by their own
checks."""

import os
import re

import wwep_test
from wwep_test import (BUILD, WWEPD, Skip, each, equal, read_file, run,
                       scratch_dir, tool, write_file)


def made(name):
    """A file of conf/ as it is installed."""
    path = os.path.join(BUILD, "conf", name)
    if not os.path.exists(path):
        raise Skip(f"{path} is not built")
    return read_file(path).decode()


def unit(name):
    """A copy that starts the wwepd that has been built."""
    text = re.sub(r"^(Exec\w+=)\S*/wwepd ", rf"\g<1>{WWEPD} ",
                  made("systemd/" + name), flags=re.M)
    return write_file(os.path.join(scratch_dir("unit"), name), text, 0o644)


def offline(argv):
    done = run([tool("systemd-analyze"), *argv])
    text = (done.stdout + done.stderr).decode()
    if "unrecognized option" in text:
        raise Skip("this systemd-analyze does not look at files")
    return done.returncode, text


@each("wwepd.service", "wwepd.socket")
def test_systemd_takes_the_unit(name):
    path = unit("wwepd.service")
    if name == "wwepd.socket":
        path = write_file(os.path.join(os.path.dirname(path), name),
                          made("systemd/" + name), 0o644)
    code, text = offline(["verify", "--man=no", path])
    complaints = [line for line in text.splitlines() if "wwepd" in line]
    equal((code, complaints), (0, []), text)


def test_exposure_is_low():
    code, text = offline(["security", "--offline=true", "--threshold=20",
                          unit("wwepd.service")])
    figure = re.search(r"Overall exposure level for .*: ([\d.]+)", text)
    print(f"# exposure: {figure and figure[1]}")
    assert figure and float(figure[1]) < 2.0, text
    equal(code, 0, text)
    # The tool does look: without the sandbox it says so.
    naked = re.sub(r"(?ms)^# The sandbox.*?(?=^\[Install)", "",
                   made("systemd/wwepd.service"))
    path = write_file(os.path.join(scratch_dir("unit"), "wwepd.service"), naked,
                      0o644)
    assert offline(["security", "--offline=true", "--threshold=20",
                    path])[0] != 0, "a unit without a sandbox passes"


def test_the_user():
    sysusers = tool("systemd-sysusers")
    root = scratch_dir("root")
    os.mkdir(os.path.join(root, "etc"))
    path = write_file(os.path.join(root, "wwepd.conf"),
                      made("sysusers.d/wwepd.conf"))
    if os.getuid() != 0:
        raise Skip("only root may add a user, even elsewhere")
    done = run([sysusers, f"--root={root}", path])
    equal(done.returncode, 0, done.stderr)
    passwd = read_file(os.path.join(root, "etc/passwd")).decode()
    assert re.search(r"^wwep:.*:WWEP classroom server:\S+/wwep:/usr/sbin/"
                     "nologin$", passwd, re.M), passwd


def test_the_folders():
    tmpfiles = tool("systemd-tmpfiles")
    if os.getuid() != 0:
        raise Skip("only root may give folders away")
    root = scratch_dir("root")
    os.mkdir(os.path.join(root, "etc"))
    write_file(os.path.join(root, "etc/passwd"),
               "wwep:x:12345:12345::/:/usr/sbin/nologin\n")
    write_file(os.path.join(root, "etc/group"), "wwep:x:12345:\nadm:x:4:\n")
    text = made("tmpfiles.d/wwepd.conf")
    path = write_file(os.path.join(root, "wwepd.conf"), text)
    done = run([tmpfiles, "--create", f"--root={root}", path])
    equal(done.returncode, 0, done.stderr)
    folders = re.findall(r"^d (\S+) 0(\d+) wwep (\w+)$", text, re.M)
    equal(len(folders), 3, text)
    for folder, mode, group in folders:
        st = os.stat(root + folder)
        equal((oct(st.st_mode & 0o7777)[2:], st.st_uid, st.st_gid),
              (mode, 12345, {"wwep": 12345, "adm": 4}[group]), folder)
        assert st.st_mode & 0o002 == 0, f"anybody may write to {folder}"


def test_logrotate_takes_its_rules():
    """It rotates, and tells the server once."""
    os.environ["PATH"] += ":/usr/sbin"
    logrotate = tool("logrotate")
    folder = scratch_dir("logs")
    log = write_file(os.path.join(folder, "wwepd.log"), "a line\n")
    write_file(os.path.join(folder, "messages.log"), "a line\n")
    told = os.path.join(folder, "told")
    text = made("logrotate.d/wwepd")
    text = re.sub(r"\S+(?=/\*\.log)", folder, text)
    text = re.sub(r"su wwep adm|(?<=0640) wwep adm", "", text)
    text = re.sub(r"systemctl kill --signal=SIGUSR1 wwepd\.service",
                  f"echo USR1 >>{told}", text)
    rules = write_file(os.path.join(folder, "rules"), text, 0o600)
    done = run([logrotate, "-f", "-s", os.path.join(folder, "state"), rules])
    equal(done.returncode, 0, done.stderr)
    equal(read_file(log + ".1"), b"a line\n")
    equal(read_file(log), b"", "the new file")
    equal(read_file(told), b"USR1\n")


if __name__ == "__main__":
    wwep_test.main()
