# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers that are measured: wwepd, the baselines, and proxies.

Each listens on the loopback, on one core (or those that it is given), and is
measured from outside: the CPU time of all its threads, and its private memory.
"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_S = 20.0
IDLE_S = 3600  # a connection that is to stay idle must not time out
CONNECTIONS = 5000  # what a proxy is to allow


class Failed(Exception):
    """A measurement can not be made; the text says why."""


def on_cores(cores):
    """A preexec_fn: on these cores, with as many files as may be open."""
    def prepare():
        os.sched_setaffinity(0, cores)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return prepare


def family(pid):
    """A process and all that descend from it."""
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
            for child in f.read().split():
                found += family(int(child))
    return found


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Process:
    """A program in a folder of its own; ended, and its folder with it."""

    def __init__(self, make_argv, cores):
        self.dir = tempfile.mkdtemp(prefix="wwep-bench-")
        self.output = os.path.join(self.dir, "output")
        argv = make_argv(self.dir)
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                cwd=self.dir, preexec_fn=on_cores(cores))

    def said(self):
        with open(self.output, encoding="utf-8", errors="replace") as f:
            return f.read()

    def until(self, look, what):
        deadline = time.monotonic() + START_S
        while True:
            found = look()
            if found:
                return found
            if self.process.poll() is not None:
                raise Failed(f"{what}: it has ended: {self.said()}")
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {START_S} s: {self.said()}")
            time.sleep(0.01)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Server:
    """One or more processes that serve WWEP together."""

    def __init__(self, *processes, ports):
        self.processes = processes
        self.ports = ports  # "plain", "tls": where it serves

    def pids(self):
        return [pid for p in self.processes for pid in family(p.process.pid)]

    def cpu_ns(self):
        total = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat",
                          encoding="ascii") as f:
                    total += int(f.read().split()[0])
        return total

    def private_kib(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                found = re.findall(r"^Private_\w+:\s+(\d+) kB", f.read(), re.M)
            total += sum(int(kib) for kib in found)
        return total

    def sockets(self):
        """Connections that it has open, its listeners with them."""
        total = 0
        for pid in self.pids():
            for name in os.listdir(f"/proc/{pid}/fd"):
                try:
                    target = os.readlink(f"/proc/{pid}/fd/{name}")
                except FileNotFoundError:
                    continue  # closed since
                total += target.startswith("socket:")
        return total

    def settle(self):
        """Waits until it has nothing to do any more."""
        before, quiet = self.cpu_ns(), 0
        for _ in range(600):
            time.sleep(0.1)
            now = self.cpu_ns()
            quiet = quiet + 1 if now - before < 1_000_000 else 0
            before = now
            if quiet == 5:
                return
        raise Failed("the server does not come to rest")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, tb):
        for process in self.processes:
            process.stop()


# --- wwepd ------------------------------------------------------------------

def wwepd_config(folder, tls, workers):
    """Everything on that a class has on; nothing is kept on the disk."""
    listeners = [{"name": "plain", "address": "127.0.0.1", "port": 0}]
    if tls is not None:
        listeners.append({"name": "tls", "address": "127.0.0.1", "port": 0,
                          "tls": tls})
    config = {
        "workers": workers,
        "listeners": listeners,
        "timeouts": {"idle_s": IDLE_S, "handshake_s": 600},
        # Those that say nothing are in their handshakes, all at once.
        "limits": {"handshakes": 16384},
        "messages": {"format": "table", "target": "messages"},
        "store": {"path": "wwep.db", "durability": "memory"},
    }
    path = os.path.join(folder, "wwepd.yaml")
    with open(path, "w", encoding="ascii") as f:
        json.dump(config, f)  # JSON is YAML, too
    return path


class Servers:
    """Makes them; where: what to run, certificates: a Certificates."""

    def __init__(self, programs, certificates):
        self.programs = programs
        self.certificates = certificates

    def _wwepd_tls(self, kind, mutual):
        c = self.certificates[kind]
        tls = {"certificate": c.chain, "private_key": c.key}
        if mutual:
            tls.update(client_auth="required", client_ca=c.ca)
        return tls

    def wwepd(self, cores, kind=None, mutual=False, workers=1):
        tls = self._wwepd_tls(kind, mutual) if kind else None
        process = Process(
            lambda folder: [self.programs.wwepd, "-c",
                            wwepd_config(folder, tls, workers)], cores)
        try:
            process.until(lambda: " info: ready: " in process.said(), "wwepd")
        except Failed:
            process.stop()
            raise
        ports = {name: int(port) for name, port in re.findall(
            r" info: (\S+): listening on .* port (\d+)", process.said())}
        return Server(process, ports=ports)

    def baseline(self, cores, kind=None, mutual=False):
        if kind is None:
            argv = [self.programs.epoll_plain, "0"]
        else:
            c = self.certificates[kind]
            argv = [self.programs.epoll_openssl, "0", c.chain, c.key]
            argv += [c.ca] if mutual else []
        process = Process(lambda folder: argv, cores)
        try:
            found = process.until(
                lambda: re.search(r"on port (\d+)\n", process.said()), argv[0])
        except Failed:
            process.stop()
            raise
        return Server(process,
                      ports={"tls" if kind else "plain": int(found[1])})

    def proxy(self, name, cores, kind="ec"):
        """nginx or haproxy, with a plain wwepd behind it."""
        behind = self.wwepd(cores)
        port = free_port()
        make = {"nginx": nginx_argv, "haproxy": haproxy_argv}[name]
        process = Process(
            lambda folder: make(self.programs, folder, port,
                                behind.ports["plain"],
                                self.certificates[kind]), cores)
        server = Server(process, *behind.processes, ports={"tls": port})
        try:
            process.until(lambda: answers(port), name)
        except Failed:
            server.__exit__(None, None, None)
            raise
        return server


# --- proxies ----------------------------------------------------------------

NGINX = """{load}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ worker_connections {connections}; }}
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_session_cache shared:wwep:4m;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        proxy_pass 127.0.0.1:{behind};
        proxy_timeout {idle_s}s;
    }}
}}
"""

HAPROXY = """global
    maxconn {connections}
    nbthread 1
defaults
    mode tcp
    timeout connect 5s
    timeout client {idle_s}s
    timeout server {idle_s}s
frontend tls
    bind 127.0.0.1:{port} ssl crt {pem}
    default_backend plain
backend plain
    server wwepd 127.0.0.1:{behind}
"""

NGINX_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chmod(path, 0o600)
    return path


def nginx_argv(programs, folder, port, behind, c):
    load = f"load_module {NGINX_MODULE};" \
        if os.path.exists(NGINX_MODULE) else ""
    path = write(folder, "nginx.conf", NGINX.format(
        load=load, folder=folder, connections=2 * CONNECTIONS, port=port,
        chain=c.chain, key=c.key, behind=behind, idle_s=IDLE_S))
    return [programs.nginx, "-p", folder, "-c", path, "-e", "stderr"]


def haproxy_argv(programs, folder, port, behind, c):
    with open(c.chain, encoding="ascii") as chain, \
            open(c.key, encoding="ascii") as key:
        pem = write(folder, "server.pem", chain.read() + key.read())
    path = write(folder, "haproxy.cfg", HAPROXY.format(
        connections=CONNECTIONS, port=port, pem=pem, behind=behind,
        idle_s=IDLE_S))
    return [programs.haproxy, "-db", "-f", path]
