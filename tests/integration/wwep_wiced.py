# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-wiced and its companions, and programs that run as a board does."""

import functools
import glob
import os
import re
import shutil
import signal
import subprocess

from wwep_certs import CA_CONFIG, NOW, authority
from wwep_desk import Done
from wwep_test import (BUILD, SANITIZER, SRC, equal, read_file, run,
                       scratch_dir, slowness, tool, until, write_file)

DCT = os.path.join(BUILD, "client_fw", "wwep-dct")
RESOURCES = os.path.join(BUILD, "client_fw", "wwep-resources")
WICED = os.path.join(BUILD, "client_fw", "wwep-wiced")
EXERCISES = os.path.join(SRC, "client_fw", "wiced", "exercises")
INCLUDE = os.path.join(SRC, "client_fw", "wiced", "include")
DEVICE_MAC = "02:00:00:00:0F:AC"
DEVICE = "00BD"


def tree(folder):
    """{path: contents} of all files in it."""
    return {os.path.relpath(p, folder): read_file(p)
            for p in glob.glob(os.path.join(folder, "**"), recursive=True)
            if os.path.isfile(p)}


def write_tree(folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_file(path, content, 0o644)
    return folder


@functools.lru_cache(maxsize=None)
def home():
    """Where the programs of this test file are built."""
    return scratch_dir("home")


def environment(**changes):
    """Ours, with a home of its own and no compiler's options; None takes a
    variable away."""
    env = {**os.environ, "HOME": home(), "TMPDIR": scratch_dir("tmp"),
           "XDG_CACHE_HOME": None, "CFLAGS": None, "CC": None,
           "WWEP_SERVER": None, "WWEP_HOST": None, "LDFLAGS": None, **changes}
    return {k: v for k, v in env.items() if v is not None}


def wiced(*words, env=None, data=b"", cwd=None, timeout=60):
    """Runs wwep-wiced to its end; it must leave nothing in TMPDIR."""
    env = env or environment()
    done = Done(run([tool("sh"), WICED, *words], data, timeout * slowness(),
                    env=env, cwd=cwd))
    equal(os.listdir(env["TMPDIR"]), [], "scratch that is left")
    return done


def build(target, *words, **options):
    """The program's path."""
    done = wiced("build", target, *words, **options).want(0)
    return re.fullmatch(r"built (.*)\n", done.out)[1]


# --- the course's folders ---------------------------------------------------

def copy_exercises(to):
    """Also from sources that nobody may write to, as a release's."""
    shutil.copytree(EXERCISES, to, copy_function=shutil.copyfile)
    for place, _, _ in os.walk(to):
        os.chmod(place, 0o755)
    return to


def course_certificate(name, dates=NOW, digest="sha256"):
    """NAME.crt and NAME.key, as the course's: its own root, with no name but
    its CN, and no use that is not its own."""
    a = authority()
    config = write_file(a.path(name + ".cnf"), CA_CONFIG.format(
        dir=a.dir, ext="basicConstraints = CA:TRUE"))
    write_file(a.path("index.txt"), "")
    a.key(name, "rsa")
    a._openssl("req", "-new", "-config", config, "-subj", "/CN=IoT", "-key",
               a.path(name + ".key"), "-out", a.path(name + ".csr"))
    a._openssl("ca", "-config", config, "-batch", "-notext", "-startdate",
               dates[0], "-enddate", dates[1], "-md", digest, "-selfsign",
               "-keyfile", a.path(name + ".key"), "-in",
               a.path(name + ".csr"), "-out", a.path(name + ".crt"))


@functools.lru_cache(maxsize=None)
def course():
    """A copy of the exercises, with certificates: those of one server that is
    its own root, and those of a class."""
    root = os.path.join(scratch_dir("course"), "ww101")
    copy_exercises(root)
    certificates = os.path.join(root, "resources", "certificates")
    os.makedirs(certificates)
    a = authority()
    course_certificate("wwep")
    a.server("class_server")
    a.client("board", "/CN=board 00BD", "root")
    for name, path in (("wwep_cert.pem", a.path("wwep.crt")),
                       ("wwep_privkey.pem", a.path("wwep.key")),
                       ("ca.pem", a.path("root.crt")),
                       ("server_cert.pem", a.path("class_server.pem")),
                       ("server_privkey.pem", a.path("class_server.key")),
                       ("board_cert.pem", a.path("board.pem")),
                       ("board_privkey.pem", a.path("board.key"))):
        shutil.copy(path, os.path.join(certificates, name))
    array = read_file(os.path.join(certificates, "wwep_cert.pem")).decode()
    write_file(os.path.join(certificates, "wwep_cert.h"),
               "static const char wwep_cert_pem[] =\n" + "\n".join(
                   f'    "{line}\\n"' for line in array.splitlines()) + ";\n")
    return root


def exercise(name):
    """Its folder, in the copy."""
    return os.path.join(course(), "apps", name)


_programs = {}


def program(name):
    """An exercise, built once for the test file."""
    if name not in _programs:
        _programs[name] = build(exercise(name))
    return _programs[name]


# --- a board that runs ------------------------------------------------------

class Board:
    """A program that was built, with its console and keys on pipes."""

    def __init__(self, path, *options, mac=DEVICE_MAC):
        self.out_path = os.path.join(scratch_dir("board"), "out")
        with open(self.out_path, "wb") as out:
            self.process = subprocess.Popen(
                [path, "--mac", mac, "--for", str(120 * slowness()),
                 *map(str, options)], stdin=subprocess.PIPE, stdout=out,
                stderr=subprocess.STDOUT, env=environment())

    def said(self):
        return read_file(self.out_path).decode("utf-8", "backslashreplace")

    def wait(self, pattern, timeout=30):
        """Waits for a line of the console; returns the match."""
        def look():
            found = re.search(pattern, self.said(), re.M)
            if not found and self.process.poll() is not None:
                raise AssertionError(f"ended: {self.process.returncode}")
            return found
        try:
            return until(look, f"{pattern!r} on the console",
                         timeout * slowness())
        except AssertionError as e:
            raise AssertionError(f"{e}; the console:\n{self.said()}") from None

    def press(self, keys):
        self.process.stdin.write(keys)
        self.process.stdin.flush()

    def stop(self):
        """Power off; no sanitizer may have complained."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30 * slowness())
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process.stdin.close()
        if SANITIZER.search(self.said()):
            raise AssertionError("a sanitizer's report:\n" + self.said())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for line in self.said().splitlines()[-15:]:
                print("# board: " + line.encode("unicode_escape").decode())
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            return
        self.stop()
