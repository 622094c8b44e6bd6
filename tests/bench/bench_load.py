# SPDX-License-Identifier: GPL-2.0-or-later
"""The load, which is `wwep bench`, and the certificates for it."""

import json
import os
import subprocess
import sys
import time

from bench_server import Failed, on_cores

LOAD_S = 120  # what takes longer does not work
BOARD = "0FAC"  # the device of the client's certificate


class Certificates:
    """Those of a class, as wwep-certs makes them; kind: ec or rsa."""

    def __init__(self, wwep_certs, folder, kind):
        self.folder = folder
        self._run([wwep_certs, "init", folder, "--key", kind,
                   "--name", "localhost", "--name", "127.0.0.1"])
        self._run([wwep_certs, "client", BOARD, "--dir", folder])
        self.ca = self._path("ca.pem")
        self.chain = self._path("server.pem")
        self.key = self._path("server.key")
        self.client_chain = self._path("clients", BOARD, "client.pem")
        self.client_key = self._path("clients", BOARD, "client.key")

    def _path(self, *names):
        return os.path.join(self.folder, *names)

    @staticmethod
    def _run(argv):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise Failed(f"{' '.join(argv)}: {done.stdout}")


class Load:
    """Runs `wwep bench` on cores of its own, or one on each of several."""

    def __init__(self, program, concurrency, *cores):
        self.program = program
        self.concurrency = concurrency
        self.cores = cores  # a set for each that runs at the same time

    def on(self, *cores):
        """The same elsewhere."""
        return Load(self.program, self.concurrency, *cores)

    def argv(self, server, tls=None, resume=False, certificates=None,
             mutual=False, **options):
        """options: of wwep bench, by their names."""
        # As the course's boards do: they write.
        options = {"c": self.concurrency, "writes": 100, **options}
        found = [self.program, "bench", "-H", "127.0.0.1", "--json",
                 "-p", str(server.ports["tls" if tls else "plain"])]
        if tls:
            found += ["--tls", "--tls-version", tls,
                      "--ca", certificates.ca]
        if resume:
            # The course's boards know no tickets.
            found.append("--resume=id" if tls == "1.2" else "--resume")
        if mutual:
            found += ["--cert", certificates.client_chain,
                      "--key", certificates.client_key]
        for name, value in options.items():
            found += [f"-{name}" if len(name) == 1 else f"--{name}",
                      str(value)]
        return found

    def run(self, server, **what):
        """One load. Returns what it says (the first of them, if there are
        several), and of the server's CPU time cpu_us, microseconds an
        exchange."""
        argv = self.argv(server, **what)
        before = server.cpu_ns()
        said = [judge(argv, *done) for done in self._together(argv)]
        spent = server.cpu_ns() - before
        exchanges = sum(one["exchanges"] for one in said)
        resumed = sum(one["resumed"] for one in said)
        if what.get("resume") and resumed < 0.9 * exchanges:
            raise Failed(f"only {resumed} of {exchanges} connections were "
                         "resumed")
        if not what.get("resume") and resumed > 0:
            raise Failed(f"{resumed} connections were resumed")
        return {**said[0], "cpu_us": spent / 1000 / exchanges}

    def _together(self, argv):
        running = [subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=on_cores(cores))
            for cores in self.cores]
        try:
            return [process.communicate(timeout=LOAD_S) for process in running]
        except subprocess.TimeoutExpired:
            raise Failed(f"{' '.join(argv)}: not done in {LOAD_S} s") from None
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
                    process.communicate()

    def idle(self, server, count, **what):
        """Has that many connections open, until the context ends."""
        return Idle(self, server, count, what)


def judge(argv, out, err):
    """What it has said, where all went well."""
    try:
        said = json.loads(out)
    except ValueError:
        raise Failed(f"{' '.join(argv)}: {err}{out}") from None
    if sum(said["errors"].values()) > 0 or said["exchanges"] == 0:
        raise Failed(f"{' '.join(argv)}: {said['exchanges']} exchanges, "
                     f"errors: {said['errors']} {err}")
    return said


class Idle:
    """A `wwep bench` that holds connections, and else asks once a second."""

    def __init__(self, load, server, count, what):
        self.server = server
        self.count = count
        self.before = server.sockets()
        argv = load.argv(server, c=1, rate=1, d=600, idle=count, **what)
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=on_cores(load.cores[0]))

    def __enter__(self):
        try:
            deadline = time.monotonic() + 120
            while self.server.sockets() < self.before + self.count:
                if self.process.poll() is not None:
                    raise Failed("wwep bench --idle has ended: " +
                                 self.process.stderr.read().decode())
                if time.monotonic() > deadline:
                    raise Failed(f"{self.count} connections: not in time")
                time.sleep(0.1)
            self.server.settle()
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, value, tb):
        try:
            left = self.server.sockets() - self.before
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stderr.close()
        if kind is None and left < self.count:
            raise Failed(f"{left} of {self.count} connections stayed open")
