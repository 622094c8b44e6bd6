# SPDX-License-Identifier: GPL-2.0-or-later
"""The goals, and the contests by which they are judged."""

from bench_rounds import IDLE_GROWTH, median, ratios


class Goal:
    """text: what is compared; promise: what must hold; ambition: what comes
    next, or None; unit: "" for a ratio."""

    def __init__(self, contest, text, promise, ambition, values, unit=""):
        self.contest = contest
        self.text = text
        self.promise = promise
        self.ambition = ambition
        self.unit = unit
        self.values = values  # of contest's figures: a list, one a round

    def verdict(self, value):
        """What is to be said of it, and whether the promise holds."""
        if value > self.promise:
            return f"falls short by {excess(value, self.promise)}", False
        if self.ambition is None:
            return "holds", True
        if value > self.ambition:
            return ("holds; the ambition falls short by "
                    + excess(value, self.ambition)), True
        return "holds, and the ambition", True


def excess(value, goal):
    return f"{100 * (value / goal - 1):.0f} %"


def of_baseline(figures):
    return ratios(figures, "wwepd", "baseline")


def of_best_proxy(figures):
    proxies = [who for who in figures if who in ("nginx", "haproxy")]
    return ratios(figures, "wwepd", proxies) if proxies else None


def own(figures):
    return figures["wwepd"]


GOALS = [
    Goal("1.3 full", "TLS 1.3 full, to the OpenSSL baseline", 0.70, 0.60,
         of_baseline),
    Goal("1.3 full", "TLS 1.3 full, to the best proxy", 0.55, None,
         of_best_proxy),
    Goal("1.3 resumed", "TLS 1.3 resumed, to the OpenSSL baseline", 0.58, 0.48,
         of_baseline),
    Goal("1.2 resumed", "TLS 1.2 resumed, to the OpenSSL baseline", 1.0, 0.85,
         of_baseline),
    Goal("plain", "plain, durability memory, to bare epoll", 1.35, None,
         of_baseline),
    Goal("mutual", "mutual authentication, TLS 1.3 full, to OpenSSL", 0.75,
         None, of_baseline),
    Goal("rsa", "RSA-2048 certificate, TLS 1.3 full, to OpenSSL", 1.1, None,
         of_baseline),
    Goal("memory", "memory of an idle TLS connection", 10, 8, own, " KiB"),
    Goal("silent", "the same before its first byte", 1, None, own, " KiB"),
    Goal("growth plain", f"plain, {IDLE_GROWTH} idle TLS connections, to none",
         1.10, None, lambda f: ratios(f, "idle", "none")),
    Goal("growth TLS", f"TLS 1.3 full, {IDLE_GROWTH} idle ones, to none",
         1.10, None, lambda f: ratios(f, "idle", "none")),
    Goal("workers plain", "plain, two workers, to one", 1.10, None,
         lambda f: ratios(f, "two", "one")),
    Goal("workers TLS", "TLS 1.3 full, two workers, to one", 1.10, None,
         lambda f: ratios(f, "two", "one")),
    Goal("latency", "plain, 40 boards at one a second, p99", 1, None, own,
         " ms"),
]

# Contests, in the order in which they are run: what their figures are, and how
# they are got. proxies: those of nginx and haproxy that are installed.
US = "us of CPU"
CONTESTS = {
    "1.3 full": (US, lambda r, proxies: r.tls(
        "TLS 1.3 full", "1.3", ["baseline", "wwepd", *proxies])),
    "1.3 resumed": (US, lambda r, proxies: r.tls(
        "TLS 1.3 resumed", "1.3", ["baseline", "wwepd", *proxies],
        resume=True)),
    "1.2 full": (US, lambda r, proxies: r.tls(
        "TLS 1.2 full", "1.2", ["baseline", "wwepd", *proxies])),
    "1.2 resumed": (US, lambda r, proxies: r.tls(
        "TLS 1.2 resumed", "1.2", ["baseline", "wwepd", *proxies],
        resume=True)),
    "plain": (US, lambda r, proxies: r.plain()),
    "mutual": (US, lambda r, proxies: r.tls(
        "mutual", "1.3", ["baseline", "wwepd"], mutual=True)),
    "rsa": (US, lambda r, proxies: r.tls(
        "RSA-2048", "1.3", ["baseline", "wwepd"], kind="rsa")),
    "memory": ("KiB", lambda r, proxies: r.idle_memory(
        ["baseline", "wwepd", *proxies])),
    "silent": ("KiB", lambda r, proxies: r.silent_memory(
        ["baseline", "wwepd", *proxies])),
    "growth plain": (US, lambda r, proxies: r.growth(False)),
    "growth TLS": (US, lambda r, proxies: r.growth(True)),
    "workers plain": (US, lambda r, proxies: r.workers(False)),
    "workers TLS": (US, lambda r, proxies: r.workers(True)),
    "latency": ("ms", lambda r, proxies: r.latency()),
}


class Outcome:
    """A goal and what was measured of it: values, one a round, or None."""

    def __init__(self, goal, figures):
        self.goal = goal
        self.values = goal.values(figures)
        if self.values is None:  # no proxy is installed
            self.value, self.text, self.holds = None, "not measured", True
        else:
            self.value = median(self.values)
            self.text, self.holds = goal.verdict(self.value)
