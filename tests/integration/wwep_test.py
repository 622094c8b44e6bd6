# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness of the integration tests: TAP, a scratch folder, a wwepd.

A test file imports this, defines functions named test_*, and ends with
wwep_test.main(). Each function is one TAP case, or one a value under @each.
A case fails by an exception and is skipped by Skip. Whatever a case has
started ends with it, or at the latest with the file.
"""

import atexit
import faulthandler
import functools
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

SRC = os.environ.get("WWEP_TOP_SRCDIR") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("WWEP_TOP_BUILDDIR") or SRC
WWEPD = os.path.join(BUILD, "server", "wwepd")
FILE_TIMEOUT_S = 300  # a test that hangs must not hold up the suite

SANITIZER = re.compile("ERROR: AddressSanitizer|runtime error:|LeakSanitizer"
                       "|WARNING: ThreadSanitizer")


class Skip(Exception):
    """The case can not run here; the text says why."""


# --- scratch ----------------------------------------------------------------

scratch = tempfile.mkdtemp(prefix="wwep-test-")
atexit.register(shutil.rmtree, scratch, ignore_errors=True)
_numbers = iter(range(1, 1 << 30))


def scratch_dir(name="dir"):
    path = os.path.join(scratch, f"{name}-{next(_numbers)}")
    os.mkdir(path)
    return path


def write_file(path, content, mode=0o600):
    content = content.encode() if isinstance(content, str) else content
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)
    return path


def read_file(path):
    """What is in it, or nothing where there is no such file (yet)."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return b""


# --- checks -----------------------------------------------------------------

def equal(got, want, what=""):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def until(look, what, timeout=15.0):
    """Polls until look() gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.01)


def tool(name):
    path = shutil.which(name)
    if path is None:
        raise Skip(f"{name} is not installed")
    return path


def run(argv, data=b"", timeout=30, **options):
    """Runs a command with data as its input; a time-out is a failure."""
    return subprocess.run(argv, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout, **options)


def raise_limit(files):
    """Lets this process have so many open, and what it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        if hard != resource.RLIM_INFINITY and hard < files:
            raise Skip(f"no more than {hard} files may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


@functools.lru_cache(maxsize=None)
def slowness():
    """What a sanitizer costs: a factor for time-outs and loads."""
    binary = read_file(WWEPD)
    if b"__tsan_init" in binary:
        return 8
    return 3 if b"__asan_init" in binary else 1


# --- the server -------------------------------------------------------------

class Server:
    """A wwepd on free ports.

    listeners: dicts as in the configuration; name and port may be left out.
    The message log is JSON in a file, unless `messages` says otherwise.
    """

    running = set()
    defaults = {}  # keys that every configuration gets, where it has none

    def __init__(self, *listeners, config=None, start=True, stdout=None,
                 preexec=None, cwd=None, **keys):
        self.dir = scratch_dir("wwepd")
        self.stderr_path = os.path.join(self.dir, "stderr")
        self.log_path = self.stderr_path  # a test may have it elsewhere
        self.messages_path = os.path.join(self.dir, "messages.json")
        self.config_path = os.path.join(self.dir, "wwepd.yaml")
        self.process = None
        self.arguments = []  # more of the command line
        self.wrapper = []  # a command that runs it, under its own process ID
        self.ports = {}
        if config is None:
            config = self._config(listeners, keys)
        write_file(self.config_path, config)
        if start:
            self.start(stdout, preexec, cwd)

    def _config(self, listeners, keys):
        full = []
        for i, listener in enumerate(listeners):
            full.append({"name": f"l{i}", "address": "127.0.0.1", "port": 0,
                         **listener})
        keys.setdefault("workers", 2)
        keys.setdefault("messages", {"format": "json",
                                     "target": "messages.json"})
        # JSON is YAML, too.
        return json.dumps({**Server.defaults, **keys, "listeners": full}, indent=1)

    def start(self, stdout=None, preexec=None, cwd=None):
        with open(self.stderr_path, "ab") as err, \
                open(os.path.join(self.dir, "stdout"), "ab") as out:
            self.process = subprocess.Popen(
                [*self.wrapper, WWEPD, "-c", self.config_path,
                 *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout, stderr=err,
                preexec_fn=preexec, cwd=cwd)
        Server.running.add(self)
        self.wait_log(r" info: ready: ", 30)
        for name, port in re.findall(
                r" info: (\S+): listening on .* port (\d+), ", self.log()):
            self.ports[name] = int(port)

    def port(self, name="l0"):
        return self.ports[name]

    def log(self):
        return read_file(self.log_path).decode("utf-8", "backslashreplace")

    def wait_log(self, pattern, timeout=15.0):
        """Waits for a line of the log; returns the match."""
        def look():
            if self.process.poll() is not None and \
                    not re.search(pattern, self.log(), re.M):
                raise AssertionError(
                    f"wwepd ended with {self.process.returncode}: "
                    + self.log())
            return re.search(pattern, self.log(), re.M)
        try:
            return until(look, f"{pattern!r} in the log", timeout * slowness())
        except AssertionError as e:
            raise AssertionError(f"{e}; the log:\n{self.log()}") from None

    def messages(self):
        lines = read_file(self.messages_path).split(b"\n")
        return [json.loads(line) for line in lines[:-1]]

    def wait_message(self, timeout=15.0, **fields):
        """Waits for an exchange with these fields; returns the last one."""
        def look():
            found = [m for m in self.messages()
                     if all(m[k] == v for k, v in fields.items())]
            return found[-1:] or None
        return until(look, f"a message with {fields}", timeout)[0]

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"^VmRSS:\s+(\d+)", f.read(), re.M)[1])

    def sockets(self):
        """How many it has open."""
        folder = f"/proc/{self.process.pid}/fd"
        count = 0
        for name in os.listdir(folder):
            try:
                target = os.readlink(os.path.join(folder, name))
                count += target.startswith("socket:")
            except FileNotFoundError:
                pass  # closed since
        return count

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, timeout=30.0, code=0):
        """Waits for the end, and checks that it was a clean one."""
        try:
            got = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"wwepd did not end within {timeout} s:\n"
                                 + self.log()) from None
        Server.running.discard(self)
        stderr = read_file(self.stderr_path).decode("utf-8", "replace")
        if SANITIZER.search(stderr):
            raise AssertionError("a sanitizer's report:\n" + stderr)
        equal(got, code, "wwepd's exit code\n" + self.log())

    def stop(self, timeout=30.0):
        if self.process is not None and self in Server.running:
            self.signal()
            self.wait(timeout)

    def kill(self):
        Server.running.discard(self)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        if kind is None:
            self.stop()
        else:
            for line in self.log().splitlines()[-15:]:
                print("# wwepd: " + printable(line))
            self.kill()


def kill_all():
    for server in list(Server.running):
        server.kill()


atexit.register(kill_all)


def free_port():
    """A port that nobody has now. Somebody may have it in a moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# --- TAP --------------------------------------------------------------------

def each(*values):
    """The test runs once for each value, and gets it as its argument."""
    def mark(function):
        function.values = values
        return function
    return mark


def printable(text):
    """On one line, and without what TAP takes for its own."""
    return text.encode("unicode_escape").decode().replace("#", "_")


def _cases(module):
    for name, function in list(vars(module).items()):
        if not name.startswith("test_") or not callable(function):
            continue
        title = name[len("test_"):].replace("_", " ")
        if not hasattr(function, "values"):
            yield title, function
            continue
        for value in function.values:
            label = value[0] if isinstance(value, tuple) else value
            yield f"{title}: {label}", functools.partial(function, value)


def _run_case(number, title, function):
    begun = time.monotonic()
    try:
        function()
    except Skip as e:
        print(f"ok {number} - {printable(title)} # SKIP {e}", flush=True)
        return
    except Exception:  # whatever it was, the other cases shall run
        print(f"not ok {number} - {printable(title)}")
        for line in traceback.format_exc().splitlines()[-40:]:
            print("# " + printable(line))
        sys.stdout.flush()
        return
    spent = time.monotonic() - begun
    print(f"ok {number} - {printable(title)}")
    if spent > 1:
        print(f"# {spent:.1f} s")
    sys.stdout.flush()


def main():
    module = sys.modules["__main__"]
    cases = list(_cases(module))
    only = sys.argv[1:]  # by hand: the cases with one of these words
    if only:
        cases = [c for c in cases if any(word in c[0] for word in only)]
    faulthandler.dump_traceback_later(FILE_TIMEOUT_S * slowness(), exit=False)
    signal.signal(signal.SIGALRM, lambda *_: sys.exit("the file took too long"))
    signal.alarm(FILE_TIMEOUT_S * slowness())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"1..{len(cases)}", flush=True)
    for i, (title, function) in enumerate(cases, 1):
        _run_case(i, title, function)
    kill_all()
