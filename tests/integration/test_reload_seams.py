# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reload has to do with the rest: reloads before it, the rules of who
may write, signals beside it, files that can not be read to their end."""

import os
import re
import signal
import threading

import wwep_test
from wwep_certs import authority
from wwep_client import connect, exchange
from wwep_crl import board, crl, good_lists, lists
from wwep_reload import Lines, edit, reload, reload_refused, results, serve
from wwep_test import each, equal, read_file, slowness, until, write_file

ASK = b"W0FAC0B1234"
ANSWER = b"A0FAC0B1234"


def mutual(**tls):
    return {"name": "mutual", "keep_open": True, "tls": authority().server(
        client_auth="required", client_ca=authority().root, **tls)}


# --- reloads before it -------------------------------------------------------

def harmless(server, n):
    """Reloads that let everybody stay."""
    for i in range(n):
        reload(server, lambda c: c["timeouts"].update(idle_s=59 - i))


@each(0, 1, 3)
def test_who_may_not_write_any_more_after_reloads(n):
    """Who came before the reloads that let him stay goes all the same."""
    with serve({"name": "plain", "keep_open": True},
               {"name": "other", "keep_open": True}) as server:
        old = Lines(connect(server.port("plain")))
        stays = Lines(connect(server.port("other")))
        for lines in (old, stays):
            equal(lines.ask(), b"A0FAC071234\n", "at the start")
        harmless(server, n)
        for lines in (old, stays):
            equal(lines.ask(), b"A0FAC071234\n", "it stays")
        got = reload(server,
                     lambda c: c["listeners"][0].update(write="no"))
        equal(got, "listeners[plain].write: any -> no", "changes")
        equal(old.ends(), True, "the end")
        equal(stays.ask(), b"A0FAC071234\n", "the other listener's")
        new = Lines(connect(server.port("plain")))
        equal(new.ask(), b"X\n", "who comes again")
        # And back, by which the new one goes.
        harmless(server, n)
        reload(server, lambda c: c["listeners"][0].pop("write"))
        equal(new.ends(), True, "the end of the new one")
        equal(stays.ask(), b"A0FAC071234\n", "the other listener's")


def test_who_is_revoked_after_reloads():
    path = lists(*good_lists())
    bad = board("bad")
    with serve({"name": "plain"}, mutual(crl=path)) as server:
        lines = Lines(connect(server.port("mutual"), "TLS 1.3", cert=bad))
        equal(lines.ask(), b"A0FAC071234\n", "before")
        harmless(server, 2)
        write_file(path, crl("root") + crl("inter", "bad"))
        reload(server)
        equal(lines.ends(), True, "the end")


def test_a_listener_goes_after_reloads():
    with serve({"name": "plain"}, {"name": "lines", "keep_open": True}) as \
            server:
        lines = Lines(connect(server.port("lines")))
        equal(lines.ask(), b"A0FAC071234\n", "before")
        harmless(server, 2)
        reload(server, lambda c: c["listeners"].pop())
        equal(lines.ends(), True, "the end")


# --- the rules ---------------------------------------------------------------

WARNED = r"warning: (\w+): here anybody can write to any device, also to those"


def test_what_is_unsafe_is_told_of_the_new_rules():
    """Once it is so, and not once more when it has been mended."""
    with serve({"name": "plain"}, mutual()) as server:
        reload(server, lambda c: c["listeners"][1].update(write="own-device"))
        equal(re.findall(WARNED, server.log()), ["plain"], "a rule comes")
        reload(server, lambda c: c["listeners"][0].update(write="no"))
        equal(re.findall(WARNED, server.log()), ["plain"], "it is mended")


TOLERANT = r"warning: (\w+): authorize is warn: "


def told(server, change=None):
    """What a reload tells of who may write where."""
    before = len(server.log())
    reload(server, change)
    log = server.log()[before:]
    return re.findall(WARNED, log), re.findall(TOLERANT, log)


def first(n, **keys):
    """Of a configuration's n-th listener."""
    return lambda c: c["listeners"][n].update(**keys)


def test_what_has_been_told_is_not_told_again():
    """Of a listener that is as it was, beside one that is not."""
    lax = {**mutual(), "name": "lax", "write": "own-device",
           "authorize": "warn"}
    with serve({"name": "plain"}, {**mutual(), "write": "own-device"},
               lax) as server:
        log = server.log()
        equal((re.findall(WARNED, log), re.findall(TOLERANT, log)),
              (["plain", "lax"], ["lax"]), "at the start")
        equal(told(server), ([], []), "nothing is different")
        equal(told(server, lambda c: c["timeouts"].update(idle_s=50)),
              ([], []), "what is different is something else")
        equal(told(server, first(0, keep_open=True)), ([], []), "manners")
        equal(told(server, first(2, read="own-device")), (["lax"], ["lax"]),
              "its access")
        equal(told(server, first(0, write="no")), ([], []), "not open")
        equal(told(server, first(0, write="any")), (["plain"], []),
              "open again")
        equal(told(server, lambda c: c["listeners"].append(
            {"name": "more", "address": "127.0.0.1", "port": 0})),
              (["more"], []), "a new one")
        equal(told(server, first(0, name="other")), (["other"], []),
              "another name")
        equal(told(server, first(1, write="no")), ([], []), "none is strict")
        equal(told(server), ([], []), "none is strict, again")
        equal(told(server, first(1, write="own-device")),
              (["other", "lax", "more"], []), "one is strict again")
        equal(told(server), ([], []), "again")


# --- files that can not be read to their end ---------------------------------

@each("certificate", "configuration")
def test_a_pipe_in_its_place(key):
    """That nobody writes to, or somebody who says nothing: it is not waited
    for without end."""
    with serve({"name": "plain"}, mutual()) as server:
        path = os.path.join(server.dir, "pipe")
        os.mkfifo(path)
        if key == "configuration":
            good = server.config_path + ".good"
            os.rename(server.config_path, good)
            os.rename(path, server.config_path)
            path = server.config_path
            words = "wwepd.yaml: cannot be read: "
        else:
            edit(server, lambda c: c["listeners"][1]["tls"].update(
                {key: path}))
            words = f"listeners[mutual].tls.{key}: "
        silent = os.open(path, os.O_RDWR) if key == "configuration" else None
        error = reload_refused(server)
        assert words in error, error
        if silent is not None:
            os.close(silent)
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")
        if key == "configuration":
            os.rename(good, path)


def test_a_folder_in_its_place():
    with serve({"name": "plain"}) as server:
        os.rename(server.config_path, server.config_path + ".good")
        os.mkdir(server.config_path)
        error = reload_refused(server)
        assert "wwepd.yaml: cannot be read: Is a directory" in error, error
        os.rmdir(server.config_path)
        os.rename(server.config_path + ".good", server.config_path)
        equal(reload(server), "nothing has changed", "it is there again")


def test_a_pipe_that_is_written_to():
    """As a key may come from a safe place, at the start."""
    tls = dict(mutual()["tls"])
    server = serve({"name": "secure", "tls": tls}, start=False)
    path = os.path.join(server.dir, "pipe")
    os.mkfifo(path)
    key = read_file(tls["private_key"])
    edit(server, lambda c: c["listeners"][0]["tls"].update(private_key=path))

    def write():
        with open(path, "wb") as f:
            f.write(key[:40])
            f.flush()
            wwep_test.time.sleep(0.3)
            f.write(key[40:])
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    wwep_test.time.sleep(0.2)
    server.start()
    with server:
        writer.join(10)
        equal(exchange(server.port("secure"), "TLS 1.3", ASK, cert=authority()
                       .client("board")), ANSWER, "secure")


# --- signals beside it -------------------------------------------------------

def test_log_files_while_a_reload_is_under_way():
    """A listener that goes holds it open for a moment: the files are those of
    the new configuration by then."""
    with serve({"name": "plain"}, {"name": "goes"}, start=False,
               log={"target": "log"}) as server:
        server.log_path = os.path.join(server.dir, "log")
        server.start()
        log = os.path.join(server.dir, "new-log")
        messages = os.path.join(server.dir, "new-messages")

        def change(config):
            config["listeners"].pop()
            config["log"]["target"] = log
            config["messages"]["target"] = messages
        edit(server, change)
        server.signal(signal.SIGHUP)
        until(lambda: os.path.exists(log), "the new log", 15 * slowness())
        server.signal(signal.SIGUSR1)
        server.log_path = log
        server.wait_log(r" info: opened again: .*/new-messages$")
        until(lambda: len(results(server)) == 1, "the end of the reload")
        equal(exchange(server.port("plain"), "plain", ASK), ANSWER, "plain")
        until(lambda: read_file(messages).count(b"\n") == 1, "its line")


if __name__ == "__main__":
    wwep_test.main()
