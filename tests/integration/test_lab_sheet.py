# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab sheet certs/README.md, typed in as a student does.

All commands run in one shell, in the sheet's order, with a scratch folder as
HOME. What each prints must be what the sheet says: `...` in a line stands for
any text, and as a line of its own for any lines, or none.
"""

import atexit
import functools
import os
import re
import select
import shutil
import signal
import subprocess
import time

import wwep_test
from wwep_test import (SRC, WWEPD, each, equal, free_port, read_file,
                       scratch_dir, slowness, tool, until)

SHEET = os.path.join(SRC, "certs", "README.md")
TOOL = os.path.join(SRC, "certs", "wwep-certs")
COMMAND_S = 20  # more than any command takes
COLUMNS = 80


# --- reading the sheet ------------------------------------------------------

class Step:
    """A command, and what it prints."""

    def __init__(self, line, command):
        self.line = line
        self.command = [command]
        self.expected = []

    def pattern(self):
        """Matches all that it prints, whose last line may have no end."""
        parts = []
        for line in self.expected:
            if line == "...":
                parts.append(r"(?:.*\n)*?")
            else:
                parts.append(".*?".join(map(re.escape, line.split("...")))
                             + r"[ \t]*\n")
        return re.compile("".join(parts))


def parse(text):
    """Pairs of a heading and its steps. Wrong blocks are AssertionErrors."""
    sections = []
    language = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if language is None:
                equal(line, "```console", f"line {number}: the block's kind")
            language = "console" if language is None else None
            step = None
        elif language is None:
            if line.startswith("## "):
                sections.append((line[3:], []))
        elif line.startswith("$ "):
            step = Step(number, line[2:])
            sections[-1][1].append(step)
        elif step is None:
            raise AssertionError(f"line {number}: output without a command")
        elif line.startswith("> ") or line == ">":
            equal(step.expected, [], f"line {number}: > after output")
            step.command.append(line[2:])
        else:
            step.expected.append(line)
    equal(language, None, "the last block is open")
    return [s for s in sections if s[1]]


with open(SHEET, encoding="utf-8") as sheet_file:
    SHEET_TEXT = sheet_file.read()
SECTIONS = parse(SHEET_TEXT)


# --- the shell --------------------------------------------------------------

class ShellLost(Exception):
    """A command hangs, or has ended the shell: the rest can not be run."""


class Shell:
    """One sh, in a session of its own, which ends with all that it started."""

    def __init__(self):
        self.dir = scratch_dir("lab")
        self.home = os.path.join(self.dir, "home")
        self.tmp = os.path.join(self.dir, "tmp")
        self.bin = os.path.join(self.dir, "bin")
        for folder in (self.home, self.tmp, self.bin):
            os.mkdir(folder)
        os.symlink(TOOL, os.path.join(self.bin, "wwep-certs"))
        os.symlink(WWEPD, os.path.join(self.bin, "wwepd"))
        self.files = 0
        self.process = subprocess.Popen(
            [tool("sh")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=self.home, env=self.environment(),
            start_new_session=True)
        atexit.register(self.kill)

    def environment(self):
        ports = {"TLS_PORT": free_port(), "FAKE_PORT": free_port()}
        while ports["FAKE_PORT"] == ports["TLS_PORT"]:
            ports["FAKE_PORT"] = free_port()
        kept = {k: v for k, v in os.environ.items()
                if k in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                         "TSAN_OPTIONS", "LSAN_OPTIONS")}
        return {**kept, "HOME": self.home, "TMPDIR": self.tmp,
                "LC_ALL": "C.UTF-8",
                "PATH": self.bin + os.pathsep + os.environ["PATH"],
                **{k: str(v) for k, v in ports.items()}}

    def run(self, command):
        """(exit code, what it printed). The command has no input, as the
        shell reads its own from there."""
        self.files += 1
        script = wwep_test.write_file(
            os.path.join(self.dir, f"command-{self.files}"), command + "\n")
        output = os.path.join(self.dir, f"output-{self.files}")
        self.process.stdin.write(
            f". '{script}' </dev/null >'{output}' 2>&1; echo $?\n".encode())
        self.process.stdin.flush()
        code = self.read_line()
        printed = read_file(output).decode("utf-8", "backslashreplace")
        if code is None:
            raise ShellLost(f"did not end, having printed {printed!r}")
        return int(code), printed

    def read_line(self):
        line = b""
        deadline = time.monotonic() + COMMAND_S * slowness()
        out = self.process.stdout.fileno()
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([out], [], [], left)[0]:
                return None
            piece = os.read(out, 1)
            if piece == b"":
                return None
            line += piece
        return line

    def end(self):
        self.process.stdin.close()
        self.process.wait(COMMAND_S * slowness())

    def survivors(self):
        """Does anything that it has started run still?"""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self):
        if self.survivors():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


# --- running it -------------------------------------------------------------

class Session:
    """The sheet from its beginning, as far as it has been needed."""

    def __init__(self):
        self.shell = Shell()
        self.faults = {}  # by heading
        self.lost = None  # where a command did not end

    def run_until(self, wanted):
        """Also what stands before it, as each exercise uses the earlier."""
        for title, steps in SECTIONS:
            if title not in self.faults:
                self.faults[title] = self.run_section(steps)
            if title == wanted:
                break

    def run_section(self, steps):
        if self.lost:
            return ["not run, because of " + self.lost]
        faults = []
        for step in steps:
            command = "\n".join(step.command)
            what = f"certs/README.md:{step.line}: {command!r}"
            try:
                self.run_step(step, command, what)
            except AssertionError as e:
                faults.append(str(e))
            except ShellLost as e:
                self.shell.kill()
                self.lost = what
                faults.append(f"{what}: {e}")
                break
        return faults

    def run_step(self, step, command, what):
        code, printed = self.shell.run(command)
        equal(code, 0, f"{what}: exit code, having printed {printed!r}")
        if printed and not printed.endswith("\n"):
            printed += "\n"
        if step.pattern().fullmatch(printed) is None:
            raise AssertionError(f"{what}: printed {printed!r}, and the sheet "
                                 f"has {step.expected}")


@functools.lru_cache(maxsize=None)
def session():
    tool("openssl")
    return Session()


@each(*(title for title, _ in SECTIONS))
def test_exercise(title):
    session().run_until(title)
    faults = session().faults[title]
    if faults:
        raise AssertionError("\n".join(faults))


def test_nothing_is_left():
    """Neither a file nor a process, once the last section has cleaned up."""
    session().run_until(SECTIONS[-1][0])
    shell = session().shell
    equal(os.listdir(shell.home), [], "files in HOME")
    equal(os.listdir(shell.tmp), [], "files in TMPDIR")
    shell.end()
    until(lambda: not shell.survivors(), "what the shell has started ends")


def test_the_sheet_keeps_to_its_width():
    wide = [n for n, line in enumerate(SHEET_TEXT.splitlines(), 1)
            if len(line) > COLUMNS]
    equal(wide, [], f"lines of more than {COLUMNS} columns")


def test_every_command_of_the_tool_is_in_the_sheet():
    """Or is named below, with the reason."""
    typed = "\n".join("\n".join(s.command) for _, steps in SECTIONS
                      for s in steps)
    done = wwep_test.run([tool("sh"), TOOL, "help"])
    equal(done.returncode, 0, "wwep-certs help")
    verbs = set(re.findall(r"^  (?!wwep-certs)([a-z-]+)(?:,| |$)",
                           done.stdout.decode(), re.M)) | {"to-der", "to-c"}
    elsewhere = {"class", "crl", "renew", "check"}  # for the instructor
    missing = {v for v in verbs - elsewhere if f"wwep-certs {v}" not in typed}
    equal(missing, set(), "commands that no exercise types")


if __name__ == "__main__":
    wwep_test.main()
