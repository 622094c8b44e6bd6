# SPDX-License-Identifier: GPL-2.0-or-later
"""The server that scripts/quickstart starts, and what it says to type: by its
own functions, without all that it builds."""

import os
import re
import shlex

import wwep_test
from wwep_certs_tool import copied
from wwep_store import Kept, ask
from wwep_test import BUILD, SRC, equal, read_file, run, scratch_dir, until


def quickstart(folder):
    """Its server, and what it prints."""
    script = read_file(os.path.join(SRC, "scripts", "quickstart")).decode()
    functions = "".join(
        re.search(rf"^{name}\(\) \{{$.*?^\}}$\n", script, re.M | re.S)[0]
        for name in ("write_configuration", "quoted", "print_what_to_type"))
    done = run(["sh", "-euc", functions + """
        top=$2 directory=$1 port_plain=0 port_tls=0
        write_configuration "$1/quickstart.yaml"
        print_what_to_type""", "sh", folder, "/top of it"])
    equal(done.returncode, 0, done.stderr)
    server = Kept(config=read_file(folder + "/quickstart.yaml"), start=False)
    server.config_path = folder + "/quickstart.yaml"
    return server, done.stdout.decode()


def typed(said, words):
    """What comes of the command in the text that ends in these words."""
    command = re.search(rf"^    (\S.*wwep-db.* {words})$", said, re.M)[1]
    argv = shlex.split(command)
    equal(argv[0], "/top of it/build/server/wwep-db", "the program")
    done = run([os.path.join(BUILD, "server", "wwep-db"), *argv[1:],
                *(["--yes"] if words == "reset" else [])])
    equal((done.returncode, done.stderr), (0, b""), words)
    return done.stdout.decode().splitlines()


def test_registers_and_history_stay():
    folder = copied()
    server, said = quickstart(folder)
    with server:
        server.start()
        equal(ask(server.port("plain"), b"W0FAC0B1234"), b"A0FAC0B1234",
              "a write")
        server.stop()
        server.again()
        equal(ask(server.port("plain"), b"R0FAC0B"), b"A0FAC0B1234", "a read")
        equal(len(typed(said, "registers")), 1, "registers")
        until(lambda: len(typed(said, "history 0FAC 0B")) == 1, "a write")
        assert f"\n{folder}/wwep.db; for a new class" in said, said
        out = typed(said, "reset")
        assert out[1].startswith("what there was before is in " + folder), out
        equal(ask(server.port("plain"), b"R0FAC0B"), b"X", "after the reset")
        equal(typed(said, "registers"), [], "after the reset")


def test_a_folder_whose_name_is_too_long_for_a_socket():
    for length, has in ((107, True), (108, False)):
        parent = scratch_dir()
        rest = length - len(parent) - len("//control")
        folder = os.path.join(parent, "\u00fc" * (rest // 2) + "u" * (rest % 2))
        os.rename(copied(), folder)
        equal(len(os.fsencode(folder + "/control")), length, "the path")
        server, said = quickstart(folder)
        with server:
            server.start()
            equal(os.path.exists(folder + "/control"), has, "a socket")
            ask(server.port("plain"), b"W0FAC0B1234")
            equal(len(typed(said, "registers")), 1, "registers")


if __name__ == "__main__":
    wwep_test.main()
