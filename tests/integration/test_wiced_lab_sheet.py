# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab sheet client_fw/wiced/README.md, typed in as a student does.

By the rules of test_lab_sheet.py, which types the other one.
"""

import functools
import os
import re
import shutil

import test_lab_sheet as lab
import wwep_test
from wwep_test import BUILD, SRC, each, equal, free_port, until
from wwep_wiced import EXERCISES, copy_exercises

SHEET = os.path.join(SRC, "client_fw", "wiced", "README.md")

with open(SHEET, encoding="utf-8") as sheet_file:
    SHEET_TEXT = sheet_file.read()
SECTIONS = lab.parse(SHEET_TEXT)


class Shell(lab.Shell):
    """With all that it needs in PATH, and the exercises."""

    def environment(self):
        for name in ("wwep", "wwep-dct", "wwep-resources", "wwep-wiced"):
            os.symlink(os.path.join(BUILD, "client_fw", name),
                       os.path.join(self.bin, name))
        ports = set()
        while len(ports) < 3:
            ports.add(free_port())
        plain, secure, server = map(str, ports)
        env = {**super().environment(), "EXERCISES": copy_exercises(os.path.join(self.dir,
                                                        "exercises")),
               "PLAIN_PORT": plain, "TLS_PORT": secure,
               "SERVER_PORT": server}
        for name in ("CC", "CFLAGS", "LDFLAGS"):
            env.pop(name, None)
        return env


class Session(lab.Session):
    """The sheet from its beginning, as far as it has been needed."""

    def __init__(self):
        super().__init__()
        self.shell = Shell()

    def run_until(self, wanted):
        for title, steps in SECTIONS:
            if title not in self.faults:
                self.faults[title] = [
                    fault.replace("certs/", "client_fw/wiced/", 1)
                    for fault in self.run_section(steps)]
            if title == wanted:
                break


@functools.lru_cache(maxsize=None)
def session():
    wwep_test.tool("openssl")
    return Session()


@each(*(title for title, _ in SECTIONS))
def test_exercise(title):
    session().run_until(title)
    faults = session().faults[title]
    if faults:
        raise AssertionError("\n".join(faults))


def test_nothing_is_left():
    session().run_until(SECTIONS[-1][0])
    shell = session().shell
    shutil.rmtree(os.path.join(shell.home, ".cache"), ignore_errors=True)
    equal(os.listdir(shell.home), [], "files in HOME")
    equal(os.listdir(shell.tmp), [], "files in TMPDIR")
    shell.end()
    until(lambda: not shell.survivors(), "what the shell has started ends")


def test_the_sheet_keeps_to_its_width():
    wide = [n for n, line in enumerate(SHEET_TEXT.splitlines(), 1)
            if len(line) > lab.COLUMNS and not line.startswith("|")]
    equal(wide, [], f"lines of more than {lab.COLUMNS} columns")


def test_every_exercise_is_in_the_sheet():
    """Run, or in the table of the others."""
    for place, _, names in os.walk(os.path.join(EXERCISES, "apps")):
        for name in names:
            if name.endswith(".mk"):
                folder = os.path.relpath(place, os.path.join(EXERCISES,
                                                             "apps"))
                assert re.search(re.escape(folder), SHEET_TEXT), folder


if __name__ == "__main__":
    wwep_test.main()
