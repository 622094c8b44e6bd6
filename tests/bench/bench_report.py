# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables: on the terminal, and in RESULTS.md."""

import datetime
import os
import re
import subprocess
import textwrap

from bench_goals import CONTESTS
from bench_rounds import median

BUSY = 4  # a load average that two cores do not have from us alone
WHO = ["baseline", "wwepd", "nginx", "haproxy"]


def number(value, unit=""):
    return "" if value is None else f"{value:.2f}{unit}"


def spread(values):
    return "" if values is None else \
        f"{number(min(values))} to {number(max(values))}"


# --- rows -------------------------------------------------------------------

def goal_rows(outcomes):
    yield ["goal", "promise", "ambition", "measured", "rounds", ""]
    for o in outcomes:
        unit = o.goal.unit
        yield [o.goal.text, number(o.goal.promise, unit),
               number(o.goal.ambition, unit), number(o.value, unit),
               spread(o.values), o.text]


def server_rows(figures):
    """Contests of servers: a column each."""
    yield ["medians", "", *WHO]
    for name, (unit, _) in CONTESTS.items():
        if name not in figures or "wwepd" not in figures[name]:
            continue
        digits = 3 if unit == "ms" else 1
        yield [name, unit] + [
            f"{median(figures[name][who]):.{digits}f}"
            if who in figures[name] else "" for who in WHO]


def state_rows(figures):
    """Contests of wwepd with itself: before and after."""
    yield ["wwepd alone, medians", "", ""]
    for name, (unit, _) in CONTESTS.items():
        if name in figures and "wwepd" not in figures[name]:
            yield [name, unit, ", ".join(
                f"{state} {median(values):.1f}"
                for state, values in figures[name].items())]


def aligned(rows):
    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(
        cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
        for row in rows)


def markdown(rows):
    rows = list(rows)
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def terminal(outcomes, figures):
    tables = [goal_rows(outcomes), server_rows(figures), state_rows(figures)]
    return "\n\n".join(text for text in map(aligned, tables)
                       if "\n" in text)


# --- the machine ------------------------------------------------------------

def first_line(argv):
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        return "not there"
    return done.stdout.strip().split("\n")[0]


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        found = re.search(r"^(?:model name|CPU part)\s*:\s*(.*)$", f.read(),
                          re.M)
    return found[1] if found else "unknown"


def system():
    try:
        with open("/etc/os-release", encoding="utf-8") as f:
            return re.search(r'^PRETTY_NAME="?([^"\n]*)', f.read(), re.M)[1]
    except (OSError, TypeError):
        return "unknown"


def machine(programs, cores):
    """What it ran on, and with what: pairs of a name and a text."""
    uname = os.uname()
    rows = [("processor", f"{processor()}, {cores.count} cores"),
            ("system", f"{system()}, Linux {uname.release}, {uname.machine}"),
            ("wwepd", first_line([programs.wwepd, "-V"])),
            ("OpenSSL", first_line(["openssl", "version"]))]
    if programs.nginx:
        rows.append(("nginx", first_line([programs.nginx, "-v"])))
    if programs.haproxy:
        rows.append(("HAProxy", first_line([programs.haproxy, "-v"])))
    return rows


STORY = (
    "`make bench-report` wrote this on {date}; `make bench` measures again. A "
    "figure is the median of {pairs} rounds. In a round each server has its "
    "turn, started anew, on a core of its own, with the load (`wwep bench`) on "
    "another; a ratio is one of two figures of the same round. All of wwepd is "
    "on that a class has on: its message log goes to a file, timers and limits "
    "run; the store's durability is memory.")

RESULTS = """# What an exchange costs

{story}

{machine}

## Goals

{goals}

## Figures

The cost is CPU time of the server for each exchange, of a connection each, with
the kernel's part of it; a proxy's is its own and that of the plain wwepd behind
it. The baseline is bare epoll, on OpenSSL where it is of TLS: no log, no
limits, no timers. Memory is private memory for each idle connection.

{servers}

{states}
"""


def results(outcomes, figures, rows, pairs, load_average):
    story = STORY.format(date=datetime.date.today().isoformat(), pairs=pairs)
    if load_average > BUSY:
        story += (f" The machine had other work meanwhile (load "
                  f"{load_average:.0f}): costs and latency are too high, and "
                  "ratios less sure.")
    return RESULTS.format(
        story=textwrap.fill(story, 80),
        machine=markdown([["", ""], *([name, text] for name, text in rows)]),
        goals=markdown(goal_rows(outcomes)),
        servers=markdown(server_rows(figures)),
        states=markdown(state_rows(figures)))
