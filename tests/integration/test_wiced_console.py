# SPDX-License-Identifier: GPL-2.0-or-later
"""A program of the course's API as its user has it: its keys, its LEDs, its
console, and how it ends; with keys from a pipe and from a terminal."""

import fcntl
import functools
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import termios
import time

import wwep_test
from wwep_test import (BUILD, SANITIZER, SRC, Skip, each, equal, read_file, run,
                       scratch_dir, slowness, tool, until, write_file)

INCLUDE = os.path.join(SRC, "client_fw", "wiced", "include")
MAC = "02:00:00:00:0F:AC"

# In the style of the course: a thread for the buttons, woken by a semaphore
# from the interrupt; one for the console, which begins first.
PROGRAM = r"""
#include "wiced.h"

static wiced_semaphore_t pressed;
static wiced_thread_t buttonThreadHandle;
static wiced_thread_t consoleThreadHandle;

static void button_isr(void *arg)
{
    (void)arg;
    wiced_rtos_set_semaphore(&pressed);
}

static void other_isr(void *arg)
{
    (void)arg;
    WPRINT_APP_INFO(("second\n"));
}

static void buttonThread(wiced_thread_arg_t arg)
{
    wiced_bool_t led = WICED_FALSE;

    (void)arg;
    wiced_rtos_delay_milliseconds(100);
    wiced_rtos_init_semaphore(&pressed);
    wiced_gpio_input_irq_enable(WICED_BUTTON1, IRQ_TRIGGER_FALLING_EDGE,
                                button_isr, NULL);
    wiced_gpio_input_irq_enable(WICED_BUTTON2, IRQ_TRIGGER_FALLING_EDGE,
                                other_isr, NULL);
    WPRINT_APP_INFO(("buttons are on\n"));
    while (1) {
        wiced_rtos_get_semaphore(&pressed, WICED_WAIT_FOREVER);
        WPRINT_APP_INFO(("Sending "));
        if (led)
            wiced_gpio_output_low(WICED_LED1);
        else
            wiced_gpio_output_high(WICED_LED1);
        led = !led;
        WPRINT_APP_INFO(("%d\n", led));
    }
}

static void consoleThread(wiced_thread_arg_t arg)
{
    char c;
    uint32_t size = 1;

    (void)arg;
    while (1) {
        wiced_uart_receive_bytes(STDIO_UART, &c, &size, WICED_NEVER_TIMEOUT);
        if (c == 'b')
            wiced_rtos_set_semaphore(&pressed);
        else if (c == 'x')
            exit(7);
        else
            WPRINT_APP_INFO(("console %c\n", c));
    }
}

void application_start()
{
    wiced_mac_t mac;

    wiced_init();
    wiced_network_up(WICED_STA_INTERFACE, WICED_USE_EXTERNAL_DHCP_SERVER,
                     NULL);
    wiced_wifi_get_mac_address(&mac);
    WPRINT_APP_INFO(("octet %02X\n", mac.octet[5]));
    wiced_rtos_create_thread(&consoleThreadHandle,
                             WICED_DEFAULT_LIBRARY_PRIORITY, "consoleThread",
                             consoleThread, 1024, NULL);
    wiced_rtos_create_thread(&buttonThreadHandle,
                             WICED_DEFAULT_LIBRARY_PRIORITY, "buttonThread",
                             buttonThread, 6200, 0);
}
"""


def variable(name):
    """One of the build's."""
    found = re.search(rf"^{name} = (.*)$",
                      read_file(os.path.join(BUILD, "Makefile")).decode(),
                      re.M)
    return shlex.split(found[1]) if found else []


@functools.lru_cache(maxsize=None)
def program():
    libraries = [os.path.join(BUILD, name)
                 for name in ("libwwep-wiced.a", "libwwep-client.a")]
    if not all(map(os.path.exists, libraries)):
        raise Skip("the libraries are not built")
    folder = scratch_dir("program")
    source = write_file(os.path.join(folder, "keys.c"), PROGRAM)
    path = os.path.join(folder, "keys")
    # As the course compiles, but that what it warns of is an error here.
    done = run([*(variable("CC") or [tool("cc")]), "-std=gnu11", "-Wall",
                "-Werror", "-fsigned-char", "-fno-common",
                *variable("HARDEN_CFLAGS"), "-I", INCLUDE, source,
                *variable("HARDEN_LDFLAGS"), *libraries,
                *variable("WOLFSSL_LIBS"), "-lpthread", "-o", path],
               timeout=120 * slowness())
    equal(done.returncode, 0, done.stderr.decode())
    return path


class Program:
    """It runs, and what it writes is read as it comes."""

    def __init__(self, *words, terminal=False, under=()):
        self.out = b""
        self.master = self.slave = None
        argv = [*under, program(), "--mac", MAC, *words]
        if terminal:
            self.master, self.slave = pty.openpty()
            self.before = termios.tcgetattr(self.slave)
            self.process = subprocess.Popen(
                argv, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                preexec_fn=self._lead)
            self.fd = self.master
        else:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
            self.fd = self.process.stdout.fileno()

    def _lead(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def read(self):
        while select.select([self.fd], [], [], 0)[0]:
            piece = os.read(self.fd, 4096)
            if not piece:
                break
            self.out += piece
        return self.out

    def see(self, text):
        try:
            until(lambda: text in self.read(), repr(text), 15 * slowness())
        except AssertionError as e:
            raise AssertionError(f"{e} in {self.out!r}") from None

    def type(self, keys):
        if self.master is not None:
            os.write(self.master, keys)
        else:
            self.process.stdin.write(keys)
            self.process.stdin.flush()

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def end(self, code):
        until(lambda: self.read() and self.process.poll() is not None,
              f"its end: {self.out!r}", 15 * slowness())
        self.read()
        assert not SANITIZER.search(self.out.decode("utf-8", "replace")), \
            self.out.decode("utf-8", "replace")
        equal(self.process.returncode, code, f"exit code; {self.out!r}")
        if self.slave is not None:
            equal(termios.tcgetattr(self.slave), self.before, "the terminal")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master is not None:
            os.close(self.master)
            os.close(self.slave)
        else:
            self.process.stdout.close()
            self.process.stdin.close()


# --- a pipe -----------------------------------------------------------------

def test_keys_that_come_before_the_program():
    with Program() as p:
        p.type(b"1c2")
        p.see(b"Sending \n[LED1 on]\n1\n")
        p.see(b"second\n")
        p.see(b"console c\n")
        p.see(b"octet AC\n")
        p.see(b"MAC address: " + MAC.encode())
        p.type(b"1")
        p.see(b"Sending \n[LED1 off]\n0\n")
        p.process.send_signal(signal.SIGTERM)
        p.end(-signal.SIGTERM)


def test_a_semaphore_that_is_set_early():
    """The console's thread may be first."""
    with Program() as p:
        p.type(b"b")
        p.see(b"[LED1 on]\n")


def test_ctrl_v():
    with Program() as p:
        p.type(b"\x161\x16\x16\x16b")
        p.see(b"console 1\n")
        p.see(b"console \x16\n")
        p.see(b"[LED1 on]\n")
        equal(p.out.count(b"Sending"), 1, p.out)


def test_all_to_the_console():
    with Program("--console") as p:
        p.type(b"1\x162b")
        p.see(b"console 1\nconsole \x16\nconsole 2\n")
        p.see(b"[LED1 on]\n")
        equal(p.out.count(b"Sending"), 1, p.out)


def test_the_end_of_keys():
    with Program() as p:
        p.type(b"1")
        p.process.stdin.close()
        p.see(b"[LED1 on]\n")
        time.sleep(0.2)
        equal(p.process.poll(), None, "it goes on")
        p.process.send_signal(signal.SIGINT)
        p.end(-signal.SIGINT)


def test_no_keys_at_all():
    done = subprocess.run([program(), "--for", "0.5"], stdin=None,
                          preexec_fn=lambda: os.close(0),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=30 * slowness())
    equal(done.returncode, 0, done.stdout)
    assert b"buttons are on\n" in done.stdout, done.stdout


def test_power_off_in_time():
    started = time.monotonic()
    with Program("--for", "0.4") as p:
        p.end(0)
    assert time.monotonic() - started > 0.35, "too early"


def test_its_own_exit():
    with Program() as p:
        p.type(b"x")
        p.end(7)


def test_nobody_reads_its_output():
    with Program() as p:
        p.process.stdout.close()
        p.process.stdout = open(os.devnull, "rb")
        p.type(b"111222x")
        equal(p.process.wait(30 * slowness()), 7, "its end")


def test_a_full_disk():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program()], input=b"1212x", stdout=full,
                              stderr=subprocess.PIPE, timeout=30 * slowness())
    equal(done.returncode, 7, done.stderr)


def test_help_names_the_keys():
    done = run([program(), "--help"])
    equal((done.returncode, done.stderr), (0, b""), "help")
    for word in (b"usage: keys ", b"1 and 2", b"Ctrl-V", b"--for SECONDS"):
        assert word in done.stdout, done.stdout


@each((["--port", "plain"], "does not say where it is: write a number"),
      (["--sever", "x"], "there is no option --sever: did you mean --server?"),
      (["--mac", "1"], '"1" is no MAC address: write six pairs'),
      (["--dct", "/nowhere"], "/nowhere: No such file"),
      (["now"], "now: the program has no words, but options"))
def test_wrong_use(case):
    done = run([program(), *case[0]])
    equal((done.returncode, done.stdout), (2, b""), "exit code and output")
    assert done.stderr.startswith(b"wwep-wiced: "), done.stderr
    assert case[1] in done.stderr.decode(), done.stderr


# --- a terminal -------------------------------------------------------------

def test_keys_at_a_terminal():
    with Program(terminal=True) as p:
        p.see(b"wwep-wiced: keys: 1 and 2 are the buttons; Ctrl-V before one "
              b"sends it to the console; Ctrl-C powers off\r\n")
        p.see(b"buttons are on\r\n")
        assert p.is_raw(), "raw"
        p.type(b"1")
        p.see(b"Sending \r\n[LED1 on]\r\n1\r\n")
        p.type(b"\x162")
        p.see(b"console 2\r\n")
        p.type(b"2")
        p.see(b"second\r\n")
        p.type(b"\x03")
        p.end(-signal.SIGINT)


@each("INT", "TERM", "HUP", "QUIT")
def test_a_signal_leaves_the_terminal_as_it_was(name):
    number = getattr(signal, "SIG" + name)
    with Program(terminal=True) as p:
        p.see(b"buttons are on\r\n")
        until(p.is_raw, "raw mode", 15 * slowness())
        p.process.send_signal(number)
        p.end(-number)


def test_the_end_leaves_the_terminal_as_it_was():
    with Program("--for", "0.5", terminal=True) as p:
        p.end(0)
    with Program(terminal=True) as p:
        p.see(b"buttons are on\r\n")
        p.type(b"x")
        p.end(7)


JOBS = """
"$@" & sleep 0.7
echo "in the background: $(stty -a | grep -o -- '-*icanon')"
fg
echo "stopped: $(stty -a | grep -o -- '-*icanon')"
fg
"""


def test_jobs_of_a_shell():
    """In the background it runs, takes no keys, and leaves the terminal alone;
    Ctrl-Z gives the terminal back for as long."""
    with Program(terminal=True, under=[tool("bash"), "-mc", JOBS, "sh"]) as p:
        p.see(b"buttons are on\r\n")
        p.see(b"in the background: icanon\r\n")
        until(p.is_raw, "raw mode", 15 * slowness())
        p.type(b"1")
        p.see(b"[LED1 on]\r\n")
        p.type(b"\x1a")
        p.see(b"stopped: icanon\r\n")
        until(p.is_raw, "raw mode again", 15 * slowness())
        p.type(b"1")
        p.see(b"[LED1 off]\r\n")
        p.type(b"x")
        p.end(7)


if __name__ == "__main__":
    wwep_test.main()
