#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures wwepd against its goals; `make bench` runs this.

    bench.py [OPTION]... [CONTEST]...

Without a CONTEST all of them are run. It takes Linux and two cores.
"""

import argparse
import os
import shutil
import sys
import tempfile

from bench_goals import CONTESTS, GOALS, Outcome
from bench_load import Certificates, Load
from bench_report import machine, results, terminal
from bench_rounds import Cores, Rounds
from bench_server import Failed, Servers

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.dirname(os.path.dirname(HERE))


def arguments():
    parser = argparse.ArgumentParser(
        description="Measures wwepd against its goals.")
    build = os.path.join(SRC, "build")
    parser.add_argument("--build", default=build, metavar="DIR",
                        help="the build's folder [%(default)s]")
    for name, what in (("wwepd", "the server"), ("wwep", "the load program")):
        parser.add_argument(f"--{name}", metavar="FILE",
                            help=f"{what} [the build's]")
    parser.add_argument("--pairs", type=int, default=3, metavar="N",
                        help="how many rounds [%(default)s]")
    parser.add_argument("--scale", type=float, default=1.0, metavar="X",
                        help="how many times the usual exchanges [1]")
    parser.add_argument("-c", "--concurrency", type=int, default=16,
                        metavar="N", help="connections at once [%(default)s]")
    parser.add_argument("--no-proxies", action="store_true",
                        help="leave nginx and HAProxy out")
    parser.add_argument("--report", metavar="FILE",
                        help="write the results there, too")
    parser.add_argument("contest", nargs="*", metavar="CONTEST",
                        help=", ".join(CONTESTS))
    found = parser.parse_args()
    unknown = [name for name in found.contest if name not in CONTESTS]
    if unknown:
        parser.error(f"no contest is called '{unknown[0]}'")
    return found


class Programs:
    """Paths of what is run; None: not installed."""

    def __init__(self, options):
        def built(*names):
            return os.path.join(os.path.abspath(options.build), *names)
        self.wwepd = os.path.abspath(
            options.wwepd or built("server", "wwepd"))
        self.wwep = os.path.abspath(
            options.wwep or built("client_fw", "wwep"))
        self.epoll_plain = built("tests", "bench", "epoll_plain")
        self.epoll_openssl = built("tests", "bench", "epoll_openssl")
        self.wwep_certs = os.path.join(SRC, "certs", "wwep-certs")
        for path in vars(self).values():
            if not os.access(path, os.X_OK):
                raise Failed(f"{path} is not there: `make bench` builds it")
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        wanted = not options.no_proxies
        self.nginx = shutil.which("nginx", path=path) if wanted else None
        self.haproxy = shutil.which("haproxy", path=path) if wanted else None
        self.proxies = [name for name in ("nginx", "haproxy")
                        if getattr(self, name)]


def tell(what):
    """Where it is, on a line that the next one overwrites."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{what}")
        sys.stderr.flush()


def measure(options, programs, cores, folder):
    """Returns {contest: its figures}; a contest that fails says so."""
    certificates = {
        kind: Certificates(programs.wwep_certs, os.path.join(folder, kind),
                           kind) for kind in ("ec", "rsa")}
    rounds = Rounds(Servers(programs, certificates),
                    Load(programs.wwep, options.concurrency, cores.load),
                    cores, options.pairs, options.scale, tell)
    figures, failures = {}, []
    for name in options.contest or CONTESTS:
        if not sys.stderr.isatty():
            print(f"bench: {name}", file=sys.stderr)
        try:
            figures[name] = CONTESTS[name][1](rounds, programs.proxies)
        except (Failed, OSError) as e:  # OSError: a server has crashed
            failures.append(f"{name}: {e}")
    tell("")
    return figures, failures


def main():
    options = arguments()
    cores = Cores()
    if cores.count < 2:
        raise Failed("it takes two cores: one for the server, one for the load")
    programs = Programs(options)
    with tempfile.TemporaryDirectory(prefix="wwep-bench-") as folder:
        figures, failures = measure(options, programs, cores, folder)
    outcomes = [Outcome(goal, figures[goal.contest]) for goal in GOALS
                if goal.contest in figures]
    load_average = os.getloadavg()[1]
    print(terminal(outcomes, figures))
    print(f"\nmedians; rounds: {options.pairs}, "
          f"load average {load_average:.1f}")
    if not programs.proxies and not options.no_proxies:
        print("nginx and HAProxy are not installed, so nothing is said of them")
    for failure in failures:
        print(f"bench: NOT MEASURED: {failure}", file=sys.stderr)
    if options.report and not failures:
        with open(options.report, "w", encoding="utf-8") as f:
            f.write(results(outcomes, figures, machine(programs, cores),
                            options.pairs, load_average))
        print(f"written: {options.report}")
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as e:
        sys.exit(f"bench: {e}")
