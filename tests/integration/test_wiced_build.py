# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-wiced: makefiles as make reads them, builds, and their errors."""

import concurrent.futures
import os
import re
import shutil
import stat

import wwep_test
from wwep_certs import authority
from wwep_desk import Done
from wwep_test import (BUILD, SRC, equal, each, read_file, run, scratch_dir,
                       slowness, tool)
from wwep_wiced import (DCT, EXERCISES, INCLUDE, RESOURCES, Board, build,
                        environment, exercise, home, tree, wiced, write_tree)

EMPTY = '#include "wiced.h"\nvoid application_start(void)\n{\n}\n'
SAY = '#include "wiced.h"\nvoid application_start(void)\n{\n    %s\n}\n'
MAKEFILE = "NAME := App_x\n$(NAME)_SOURCES := x.c\n"


def app(files=None, makefile=MAKEFILE, name="x"):
    """A program's folder, in an SDK's root of its own."""
    root = scratch_dir("sdk")
    os.mkdir(os.path.join(root, "resources"))
    folder = os.path.join(root, "apps", name)
    return write_tree(folder, {f"{name}.mk": makefile, "x.c": EMPTY,
                               **(files or {})})


def says(folder, pattern, *words, **options):
    """What the program prints, when it is built and runs."""
    with Board(build(folder, *words, **options)) as board:
        return board.wait(pattern)


def printing(text):
    return SAY % f'WPRINT_APP_INFO(("<%s>\\n", {text}));'


# --- the makefile -----------------------------------------------------------

def test_sources_on_several_lines():
    folder = app({"x.c": '#include "wiced.h"\n#include "sub/b.h"\n'
                         "void application_start(void)\n{\n"
                         '    WPRINT_APP_INFO(("<%d>\\n", b()));\n}\n',
                  "sub/b.c": '#include "b.h"\nint b(void) { return 7; }\n',
                  "sub/b.h": "int b(void);\n"},
                 "NAME := App_x\n\n$(NAME)_SOURCES := x.c \\\n"
                 "\t\tsub/b.c\n")
    says(folder, "^<7>$")


def test_make_reads_it():
    """Conditions, += and a value that is asked for later."""
    folder = app({"x.c": printing("WORD")},
                 "NAME = $(PREFIX)_x\nPREFIX = App\nifdef NOBODY_SET_THIS\n"
                 "$(error not here)\nelse\n$(NAME)_SOURCES = $(FILES)\nendif\n"
                 "FILES = x.c\nGLOBAL_DEFINES := A=1\n"
                 "GLOBAL_DEFINES += WORD=\\\"a\\ word\\\"\n")
    done = wiced("build", folder).want(0)
    assert "PREFIX has no meaning here" in done.err, done.err
    says(folder, "^<a word>$")


def test_other_variables_are_named():
    folder = app(makefile=MAKEFILE + "$(NAME)_COMPONENTS := a/b\n"
                 "GLOBAL_INCLUDES += .\nVALID_PLATFORMS = WW101*\n"
                 "define OTHER\nx\nendef\n")
    err = wiced("build", folder).want(0).err
    for name in ("$(NAME)_COMPONENTS", "GLOBAL_INCLUDES", "VALID_PLATFORMS",
                 "OTHER"):
        assert f"warning: {folder}/x.mk: {name} has no meaning here" in err, \
            err
    equal(err.count("warning: "), 4, err)


def test_the_environment_stays_outside():
    """A shell may well have a NAME, and make's own words."""
    folder = app(makefile="$(NAME)_SOURCES := x.c\n")
    env = environment(NAME="host", MAKEFLAGS="-n", MAKEFILES="/nowhere",
                      CERTIFICATE="/nowhere", SOURCE_ROOT="/nowhere")
    wiced("build", folder, env=env).want(1, "", "NAME is not set")
    wiced("build", app(), env=env).want(0, err="^$")


def test_the_root_is_found():
    folder = app({"x.c": printing("ROOT")},
                 MAKEFILE + "GLOBAL_DEFINES := ROOT=\\\"$(SOURCE_ROOT)\\\"\n")
    root = os.path.dirname(os.path.dirname(folder))
    says(folder, f"^<{re.escape(root)}/>$")
    other = scratch_dir("other")
    says(folder, f"^<{re.escape(other)}/>$", "--root", other)
    says(folder, f"^<{re.escape(other)}/>$", "--root=" + other + "/")
    wiced("build", folder, "--root", "/nowhere").want(
        1, "", "--root: /nowhere: there is no such folder")


def test_blanks_in_paths():
    """Which make itself can not do with."""
    root = os.path.join(scratch_dir("sdk"), "my course")
    os.makedirs(os.path.join(root, "resources"))
    folder = write_tree(os.path.join(root, "apps", "x y"), {
        "x.mk": MAKEFILE + "CERTIFICATE := $(SOURCE_ROOT)resources/a.pem\n"
                "$(NAME)_RESOURCES := a.pem\n",
        "x.c": '#include "wiced.h"\n#include "resources.h"\n'
               "void application_start(void)\n{\n"
               '    WPRINT_APP_INFO(("<%lu>\\n", resources_a_pem.size));\n}\n'})
    write_tree(root, {"resources/a.pem": read_file(authority().root)})
    home_dir = os.path.join(scratch_dir("home"), "John Doe")
    program = build(folder, env=environment(HOME=home_dir))
    assert program.startswith(home_dir), program
    with Board(program) as board:
        board.wait(f"^<{len(read_file(authority().root))}>$")
    equal(os.path.exists(program + ".dct"), True, "image")
    os.remove(os.path.join(root, "resources", "a.pem"))
    wiced("build", folder).want(1, "", "CERTIFICATE: .*/my course/resources/"
                                       "a.pem: there is no such file")


@each(("missing separator", "NAME := x\nfoo bar\n",
       r"x.mk:2: \*\*\* missing separator"),
      ("an error of its own", "NAME := x\n$(error not now)\n",
       r"x.mk:2: \*\*\* not now"),
      ("a file that is not there", "NAME := x\ninclude y.mk\n",
       r"x.mk:2: y.mk: No such file"),
      ("no NAME", "$(NAME)_SOURCES := x.c\n", "x.mk: NAME is not set"),
      ("a blank in NAME", "NAME := a b\n$(NAME)_SOURCES := x.c\n", "x.mk"),
      ("no sources", "NAME := x\n", r"\$\(NAME\)_SOURCES is not set"),
      ("sources above NAME", "$(NAME)_SOURCES := x.c\nNAME := x\n",
       r"\$\(NAME\)_SOURCES is not set, below NAME"),
      ("a source that is not there", "NAME := x\n$(NAME)_SOURCES := x.c y.c\n",
       r"x.mk: \S*/y.c: there is no such file, which \$\(NAME\)_SOURCES has"),
      ("a source of another kind", "NAME := x\n$(NAME)_SOURCES := x.mk\n",
       r"x.mk: only C \(.c\)"),
      ("a quote without an end", MAKEFILE + 'GLOBAL_DEFINES := A="x\n',
       "GLOBAL_DEFINES: a quote has no end"),
      ("no certificate", MAKEFILE + "CERTIFICATE := $(SOURCE_ROOT)resources/"
       "certificates/wwep_cert.pem\n",
       r"CERTIFICATE: \S*/resources/certificates/wwep_cert.pem: there is no "
       r"such file. .* --root"),
      ("no key", MAKEFILE + "PRIVATE_KEY := key.pem\n",
       r"PRIVATE_KEY: \S*/x/key.pem: there is no such file"),
      ("no header", MAKEFILE + "WIFI_CONFIG_DCT_H := wifi_config_dct.h\n",
       "wifi_config_dct.h: there is no such file, which WIFI_CONFIG_DCT_H"))
def test_a_makefile_that_is_wrong(case):
    _, makefile, err = case
    folder = app(makefile=makefile)
    done = wiced("build", folder).want(1, "", err)
    assert folder in done.err, done.err
    assert "wwep-wiced.mk" not in done.err, done.err


# --- folders and words ------------------------------------------------------

def test_which_makefile():
    folder = app({"other.mk": "NAME := App_y\n$(NAME)_SOURCES := y.c\n",
                  "y.c": EMPTY})
    equal(os.path.basename(build(folder)), "x", "the folder's own")
    equal(os.path.basename(build(os.path.join(folder, "other.mk"))), "other",
          "the named one")
    os.remove(os.path.join(folder, "x.mk"))
    equal(os.path.basename(build(folder)), "other", "the only one")
    equal(os.path.basename(build(".", cwd=folder)), "other", "here")
    write_tree(folder, {"third.mk": ""})
    wiced("build", folder).want(1, "", "has several makefiles, and none is "
                                       "named as the folder is")
    wiced("build", scratch_dir()).want(1, "", "there is no makefile")
    wiced("build", folder + "/none").want(1, "", "there is no such folder")
    wiced("build", folder + "/y.c").want(1, "", "is no makefile")


@each(("nothing", []), ("a verb", ["make"]), ("build alone", ["build"]),
      ("run alone", ["run"]), ("an option", ["build", "--what", "x"]),
      ("no value", ["build", "x", "-o"]), ("no root", ["run", "x", "--root"]),
      ("an empty root", ["build", "x", "--root="]),
      ("options first", ["run", "--server", "x", "y"]),
      ("two programs", ["build", "x", "y"]))
def test_misuse(case):
    wiced(*case[1]).want(2, "", ".")


def test_help():
    for words in (["--help"], ["-h"], ["help"], ["build", "--help"],
                  ["run", "-h"]):
        out = wiced(*words).want(0, err="^$").out
        assert out.startswith("usage: wwep-wiced build"), out
        assert max(map(len, out.splitlines())) <= 80, "too wide"


# --- what is made -----------------------------------------------------------

def test_the_source_folder_stays_as_it_is():
    root = scratch_dir("sdk")
    folder = write_tree(os.path.join(root, "apps", "x"), {
        "x.mk": MAKEFILE + "$(NAME)_RESOURCES := a.txt\n"
                "CERTIFICATE := a.pem\n", "x.c": EMPTY, "a.txt": "x",
        "a.pem": read_file(authority().root)})
    before = tree(root)
    program = build("apps/x", cwd=root)
    equal(tree(root), before, "files")
    assert re.fullmatch(re.escape(home()) + r"/.cache/wwep-wiced/x-\d+/x",
                        program), program
    equal(sorted(os.listdir(os.path.dirname(program))), ["x", "x.dct"],
          "files")
    equal(stat.S_IMODE(os.stat(program + ".dct").st_mode), 0o600, "mode")
    equal(build(folder), program, "the same, from elsewhere")


def test_where_it_goes_to():
    cache = scratch_dir("cache")
    program = build(app(), env=environment(XDG_CACHE_HOME=cache))
    assert program.startswith(cache + "/wwep-wiced/x-"), program
    out = os.path.join(scratch_dir("out"), "new", "prog")
    equal(build(app(), "-o", out), out, "program")
    equal(build("x", "-o", "here", cwd=os.path.dirname(app())), "here",
          "program")
    wiced("build", app(), "-o", scratch_dir()).want(1, "", "is a folder")
    wiced("build", app(), env=environment(HOME=None)).want(
        1, "", "HOME is not set: say with -o")
    wiced("build", app(), "-o", "/dev/null/x").want(1, "", "no folder")


def test_an_image_of_the_makefile():
    a = authority()
    a.server()
    makefile = MAKEFILE + f"CERTIFICATE := {a.path('server.pem')}\n"
    folder = app(makefile=makefile
                 + f"PRIVATE_KEY := {a.path('server.key')}\n")
    program = build(folder)
    out = run([DCT, "show", program + ".dct"]).stdout.decode()
    assert ", of certificate 1\n" in out, out
    write_tree(folder, {"x.mk": makefile})
    build(folder)
    out = run([DCT, "show", program + ".dct"]).stdout.decode()
    assert "private key: none" in out, out
    write_tree(folder, {"x.mk": MAKEFILE})
    build(folder)
    equal(os.path.exists(program + ".dct"), False, "the image has gone")


def test_several_certificates_in_the_variable():
    a = authority()
    done = wiced("build", app(makefile=MAKEFILE +
                              f"CERTIFICATE := {a.root} {a.inter}\n"))
    done.want(0, err="warning: .*inter.crt: is left out")


def test_resources():
    """In the program's folder, in the SDK's, and one that is missing."""
    folder = app(
        {"x.c": '#include "wiced.h"\n#include "resources.h"\n'
                "void application_start(void)\n{\n"
                "    const void *data;\n    uint32_t size;\n"
                "    resource_get_readonly_buffer(\n"
                "        &resources_apps_DIR_x_DIR_own_txt, 0, 100, &size,\n"
                "        &data);\n"
                '    WPRINT_APP_INFO(("<%.*s %lu>\\n", (int)size,\n'
                "                     (const char *)data,\n"
                "                     resources_a_DIR_b_bin.size));\n}\n",
         "own.txt": "own", "x.zip": "", "../../resources/a/b.bin": "1234"},
        MAKEFILE + "$(NAME)_RESOURCES := own.txt a/b.bin gone.pem x.zip\n")
    err = wiced("build", folder).want(0).err
    assert "left out: gone.pem" in err and "x.zip: nothing" in err, err
    says(folder, "^<own 4>$")


def test_two_builds_at_once():
    folder = app({"x.c": printing('"whole"')})
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        programs = set(pool.map(lambda _: build(folder), range(8)))
    equal(len(programs), 1, "one program")
    program = programs.pop()
    equal(os.listdir(os.path.dirname(program)), ["x"], "files")
    with Board(program) as board:
        board.wait("^<whole>$")


def test_a_build_while_it_runs():
    folder = app({"x.c": printing('"old"')})
    with Board(build(folder)) as board:
        board.wait("^<old>$")
        write_tree(folder, {"x.c": printing('"new"')})
        says(folder, "^<new>$")


def test_options_for_the_compiler():
    folder = app({"x.c": printing("FROM")})
    says(folder, "^<here>$", "--", '-DFROM="here"')
    says(folder, "^<there>$", env=environment(CFLAGS="-DFROM=\"there\""))
    wiced("build", folder, env=environment(CC="/nowhere/cc")).want(
        1, "", "/nowhere/cc is missing")


def test_another_compiler():
    tool("clang")
    if slowness() > 1:
        raise wwep_test.Skip("the libraries have the sanitizers of another")
    folder = app({"x.c": printing('"clang"')})
    says(folder, "^<clang>$", env=environment(CC="clang -Wextra"))


def test_run():
    folder = app({"x.c": printing('"running"')})
    done = wiced("run", folder, "--for", "0.5", "--root", scratch_dir())
    assert "<running>" in done.out and "built" not in done.out, done.out
    equal(done.code, 0, "exit code")
    done = wiced("run", folder, "--help").want(0)
    assert "--server HOST" in done.out, done.out
    wiced("run", folder, "--what").want(2, err="--what")
    out = os.path.join(scratch_dir("out"), "prog")
    wiced("run", "-o", out, folder, "--for=0.1").want(0)
    equal(os.path.exists(out), True, "-o")


def test_run_here():
    """-o without a folder is no word to be looked for in PATH."""
    wiced("run", app(), "-o", "ls", "--for", "0.1",
          cwd=scratch_dir()).want(0, err="^$")


# --- names that clash -------------------------------------------------------

# Not index and select, which C's own headers declare here.
CLASHES = ("socket", "send", "recv", "close", "poll", "connect", "listen",
           "accept", "bind", "shutdown", "fcntl", "getsockopt", "setsockopt",
           "read", "write", "open", "pipe", "signal", "time",
           "clock_gettime", "malloc_count", "main_thread", "db",
           "board", "board_say", "console_say", "endpoint", "secure_open",
           "wolfSSL_Init", "pthread_create", "getaddrinfo", "environ")


def test_globals_named_as_the_systems():
    """Exercise 2 with them all works as without."""
    folder = app({"x.c": read_file(os.path.join(
        EXERCISES, "apps/06a/02_client_response/02_client_response.c")
        ).decode() + "\n".join(f"int {name} = 1;" for name in CLASHES)})
    with wwep_test.Server({}) as server, \
            Board(build(folder, "--", "-fno-builtin", "-w"), "--port",
                  f"plain={server.port()}") as board:
        board.press(b"1")
        board.wait("^W00BD050000 -> A00BD050000$")


def test_a_main_of_its_own():
    folder = app({"x.c": printing('"mine"') + "int main(void) { return 9; }\n"})
    says(folder, "^<mine>$")


# --- errors in the program --------------------------------------------------

def complaints(source, files=None, makefile=MAKEFILE, code=1):
    """The lines of the compiler and the linker that name a place."""
    folder = app({"x.c": source, **(files or {})}, makefile)
    done = wiced("build", "x", cwd=os.path.dirname(folder)).want(code)
    found = re.findall(r"^(\S+?:\d+):(?:\d+:)? (?:error: |warning: |fatal "
                       r"error: )?(.*)$", done.err, re.M)
    lines = [line for line in done.err.splitlines()
             if re.search(r" (error|warning): ", line)]
    for line in lines:
        assert "client_fw" not in line.split(": ")[0], done.err
    if code:
        equal(done.err.splitlines()[-1], "wwep-wiced: x: not built, for the "
              "reasons above", "the last line")
    return found


def test_a_printf_argument():
    found = complaints(SAY % 'WPRINT_APP_INFO(("%s\\n",\n        5));', code=0)
    equal([place for place, _ in found][:1], ["x/x.c:4"], found)


def test_a_callback_of_a_wrong_type():
    found = complaints(SAY % "wiced_tcp_register_callbacks(0, "
                       "application_start, 0, 0, 0);", code=0)
    equal([place for place, _ in found][:1], ["x/x.c:4"], found)


def test_an_undeclared_identifier():
    found = complaints(SAY % 'WPRINT_APP_INFO(("%d\\n",\n        nobody));')
    equal(found[0][0], "x/x.c:5", found)
    assert "nobody" in found[0][1], found


def test_an_undeclared_identifier_in_another_macro():
    found = complaints(SAY % "SET_IPV4_ADDRESS(nobody, 1);")
    equal(found[0][0], "x/x.c:4", found)


def test_a_missing_semicolon():
    found = complaints(SAY % "wiced_init()")
    equal(found[0][0], "x/x.c:4", found)


def test_an_undefined_function():
    found = complaints(SAY % "nobody();")
    assert any(place.endswith("/x/x.c:4") and "undefined reference to `nobody"
               in what for place, what in found), found


def test_two_definitions():
    found = complaints(EMPTY + "int twice(void) { return 1; }\n",
                       {"y.c": "int twice(void) { return 2; }\n"},
                       "NAME := x\n$(NAME)_SOURCES := x.c y.c\n")
    assert any("multiple definition of `twice'" in what
               for _, what in found), found


def test_all_sources_tell_their_errors():
    found = complaints("x\n", {"y.c": "y\n"},
                       "NAME := x\n$(NAME)_SOURCES := x.c y.c\n")
    equal([place for place, _ in found], ["x/x.c:1", "x/y.c:1"], found)


@each("int x(void) { return 1; }", "int application_start = 1;",
      "static void application_start(void);")
def test_no_application_start(source):
    wiced("build", app({"x.c": source + "\n"}), "--", "-w").want(
        1, "", "there is no function application_start in x.c")


def test_an_error_in_the_header_of_the_network():
    makefile = MAKEFILE + "WIFI_CONFIG_DCT_H := wifi_config_dct.h\n"
    found = complaints(EMPTY, {"wifi_config_dct.h":
                               "\n#define CLIENT_AP_SECURITY NO_SUCH\n"},
                       makefile)
    assert found[0][0].endswith("/x/wifi_config_dct.h:2"), found
    folder = app({"wifi_config_dct.h": "#define A 1\n", "x.c":
                  "#ifndef WIFI_CONFIG_APPLICATION_DEFINED\n#error\n#endif\n"
                  + EMPTY}, makefile)
    build(folder)


def test_a_failed_build_leaves_the_program():
    folder = app({"x.c": printing('"old"')})
    program = build(folder)
    before = tree(os.path.dirname(program))
    write_tree(folder, {"x.c": "x\n"})
    wiced("build", folder).want(1)
    equal(tree(os.path.dirname(program)), before, "files")


# --- the exercises, and as installed ----------------------------------------

NAMES = sorted(os.path.relpath(os.path.join(place, name), os.path.join(
    EXERCISES, "apps"))[:-3] for place, _, names in os.walk(EXERCISES)
    for name in names if name.endswith(".mk"))


@each(*(os.path.dirname(name) for name in NAMES))
def test_exercise_builds_without_a_word(name):
    wiced("build", exercise(name), "--", "-Wextra", "-Werror").want(
        0, err="^$")


def test_installed():
    """What is made for `make install` works, from where it then is."""
    made = os.path.join(BUILD, "client_fw", "wiced", "installed")
    to = scratch_dir("prefix")
    text = read_file(f"{made}/wwep-wiced.conf").decode()
    conf = dict(re.findall(r"^(conf_\w+)='(.*)'$", text, re.M))
    script = read_file(os.path.join(made, "wwep-wiced")).decode()
    conf_path = re.search("^conf='(.*)'$", script, re.M)[1]
    folders = {conf["conf_include"]: "include", conf["conf_libdir"]: "lib",
               conf["conf_bindir"]: "bin", conf["conf_data"]: "share"}
    equal(os.path.dirname(conf_path), conf["conf_data"], "conf and makefile")
    for name in ("libwwep-wiced.a", "libwwep-client.a", "libwwep-wolfssl.a"):
        path = os.path.join(BUILD, name)
        if os.path.exists(path):  # the last one on the tuned wolfSSL alone
            write_tree(to, {f"lib/{name}": read_file(path)})
    for name, content in tree(INCLUDE).items():
        write_tree(to, {f"include/{name}": content})
    os.makedirs(f"{to}/bin")
    for path in (DCT, RESOURCES):
        shutil.copy(path, f"{to}/bin")
    for what, where in (("wwep-wiced.conf", text), ("wwep-client.pc", read_file(
            os.path.join(BUILD, "client_fw", "wwep-client.pc")).decode())):
        assert BUILD not in where, f"{what} needs the folder of the build"
    for old, new in folders.items():
        text = text.replace(f"'{old}", f"'{to}/{new}")
    for name in ("wwep-wiced.mk", "wwep-wiced-build.sh"):
        write_tree(to, {f"share/{name}": read_file(os.path.join(
            SRC, "client_fw", "wiced", name))})
    write_tree(to, {
        "share/wwep-wiced.conf": text,
        "bin/wwep-wiced": script.replace(conf_path,
                                         f"{to}/share/wwep-wiced.conf")})
    folder = app({"x.c": printing('"installed"')})
    done = Done(run([tool("sh"), f"{to}/bin/wwep-wiced", "run", folder,
                     "--for", "0.5"], timeout=60 * slowness(),
                    env=environment()))
    assert "<installed>" in done.want(0).out, done.out
    os.remove(f"{to}/share/wwep-wiced.conf")
    Done(run([tool("sh"), f"{to}/bin/wwep-wiced", "run", folder],
             env=environment())).want(1, "", "settings are missing")


if __name__ == "__main__":
    wwep_test.main()
