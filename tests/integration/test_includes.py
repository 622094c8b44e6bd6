# SPDX-License-Identifier: GPL-2.0-or-later
"""The floor plan, kept: who may include what, and what else holds for the
sources as such."""

import functools
import glob
import os
import re
import shutil
import subprocess

import wwep_test
from wwep_test import BUILD, SRC, Skip, each, equal, run, tool

# The server from the bottom up: a file includes headers of its own layer or
# of a lower one, and of common/. A new file wants its place here.
LAYERS = (
    {"config", "changes", "counters", "device", "environment", "hash", "input",
     "journal", "now", "writer", "output", "address", "registers", "speech",
     "streams", "text", "tls_file", "validity"},
    {"output_switch", "tls_print"},
    {"config_document", "config_error", "config_schema", "config_near",
     "config_value", "config_syntax", "config_address"},
    {"config_diff"},
    {"config_check", "config_control", "config_listeners", "config_store",
     "config_build"},
    {"log"},
    {"access", "activation", "fd_limit", "limiter", "loop_memory", "msglog",
     "msglog_format", "msgring", "notify", "sharing", "tls_certificate",
     "tls_source", "verdict"},
    {"store", "store_batch", "store_change", "store_copy", "store_db",
     "store_db_state", "store_engine", "store_file", "store_messages",
     "store_port", "store_reader", "store_schema"},
    {"tls_authority", "tls_crl", "tls_loader"},
    {"tls_revocation"},
    {"tls_path"},
    {"tls_cause"},
    {"tls_clients", "tls_refusal"},
    {"tls_context"},
    {"setup", "transport", "transport_plain", "transport_tls"},
    {"report"},
    # A worker knows its connections and listeners, and they know it.
    {"admission", "connection", "connection_request", "connection_state",
     "connection_verdict", "exchange", "listener", "worker", "worker_shared"},
    {"control", "control_client", "control_counts", "control_json",
     "control_socket", "control_stats", "supervisor"},
    {"server_listeners", "server_look", "server_paths"},
    {"server_reload"},
    {"server"},
    {"ctl", "ctl_show"},
    {"main"},
    # wwep-db
    {"db_complain", "db_json", "db_order", "db_print", "db_words"},
    {"db_change", "db_options", "db_read", "db_verbs"},
    {"db_main"},
)
# What the client has, and the server shares: the words for wolfSSL's codes, and
# how it starts where there are threads.
SHARED = {"tls_cpu", "tls_fault"}
# What users see of a part is below its files; config.c puts them together.
ABOVE = {"config.c": r"config_\w+"}

# Libraries that only some files may know.
OWNERS = {
    r"uv\.h": r"server/(transport(_plain|_tls)?|listener|connection\w*|"
              r"worker|worker_shared|control|loop_memory|supervisor|"
              r"server\w*|main)\.[ch]",
    r"wolfssl/.*": r"server/(tls_\w+|transport_tls)\.[ch]|"
                   r"client_fw/src/tls_\w+\.[ch]|"
                   r"client_fw/boards/wolfssl_platform\.c",
    r"(lwip|netif)/.*": r"client_fw/port/lwip/.*|"
                        r"client_fw/boards/\w+/ethernet\.[ch]",
    r"cyaml/.*|yaml\.h": r"server/config\w*\.[ch]",
    r"jansson\.h": r"server/(control_(json|counts)|ctl_show|"
                  r"db/db_json)\.c|"
                  r"client_fw/apps/wwep/json_\w+\.c",
    r"sqlite3\.h": r"server/store_\w+\.[ch]",
}
# The client's folders, and whose headers each may include besides its own and
# common/'s. So none includes the server's.
CLIENT_FOLDERS = {
    "client_fw/include/wwep": set(),
    "client_fw/src": {"client_fw/include/wwep"},
    "client_fw/port/posix": {"client_fw/include/wwep"},
    # The course's API: its headers are alone, as programs see them.
    "client_fw/wiced/include": set(),
    "client_fw/wiced/src": {"client_fw/include/wwep", "client_fw/port/posix",
                            "client_fw/src", "client_fw/wiced/include"},
    # They make what the API reads.
    "client_fw/tools": {"client_fw/include/wwep", "client_fw/src",
                        "client_fw/apps/wwep"},
    "client_fw/port/lwip": {"client_fw/include/wwep"},
    "client_fw/port/lwip/arch": set(),
    # The same for desk and board: who compiles it, says which board.h is meant.
    "client_fw/apps/dual_client": {"client_fw/include/wwep",
                                   "client_fw/port/posix",
                                   "client_fw/apps/wwep"},
    # What several boards have.
    "client_fw/boards": {"client_fw/include/wwep"},
    "client_fw/boards/mps2_an385": {"client_fw/include/wwep",
                                    "client_fw/boards", "client_fw/port/lwip",
                                    "client_fw/apps/dual_client"},
    # It also says what no client would say.
    "client_fw/apps/wwep": {"client_fw/include/wwep", "client_fw/port/posix",
                            "client_fw/src"},
}
# Programs of the API, which are not ours: they see its headers, and by their
# paths those of each other.
EXERCISES = "client_fw/wiced/exercises/"
# Of these no header of a system is needed: they are for boards.
BARE = ("client_fw/include/wwep", "client_fw/src")
COMMON_HEADERS = {"stdbool.h", "stddef.h", "stdint.h", "string.h"}
HEAP = r"\b(malloc|calloc|realloc|free|strdup|strndup|aligned_alloc|alloca)\b"


def sources(*folders):
    """{path: text}, relative to the top."""
    found = {}
    for folder in folders:
        for path in glob.glob(os.path.join(SRC, folder, "**", "*.[ch]"),
                              recursive=True):
            with open(path, encoding="utf-8") as f:
                found[os.path.relpath(path, SRC)] = f.read()
    assert found, f"no sources in {folders}"
    return found


def read(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as f:
        return f.read()


def includes(text):
    """[(is it in quotes, header)]"""
    return [(m[0] == '"', m[1]) for m in
            re.findall(r'^\s*#\s*include\s*(["<])([^">]+)[">]', text, re.M)]


def code(text):
    """Without comments and strings."""
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', " ", text,
                  flags=re.S)


def layer_of(name):
    for i, names in enumerate(LAYERS):
        if name in names:
            return i
    raise AssertionError(f"{name} has no layer: give it one in this test")


def check(complaints):
    equal(list(complaints), [], "against the rules")


def test_libraries_stay_where_they_belong():
    def complaints():
        for path, text in sources("common", "server", "client_fw").items():
            for _, header in includes(text):
                for pattern, owner in OWNERS.items():
                    if re.fullmatch(pattern, header) and \
                            not re.fullmatch(owner, path):
                        yield f"{path} includes {header}"
    check(complaints())


def test_layers_of_the_server():
    def complaints():
        for path, text in sources("server").items():
            file = os.path.basename(path)
            name = os.path.splitext(file)[0]
            mine = layer_of(name)
            for quoted, header in includes(text):
                if not quoted or header.startswith("wwep_") or \
                        header == "build_config.h":
                    continue
                other = os.path.splitext(header)[0]
                if other not in SHARED and layer_of(other) > mine and \
                        not re.fullmatch(ABOVE.get(file, ""), other):
                    yield f"{path} includes {header} of a higher layer"
    check(complaints())


def test_every_layer_has_its_files():
    """No name stays in the table when its file has gone."""
    have = {os.path.splitext(os.path.basename(p))[0]
            for p in sources("server")}
    equal(sorted(set().union(*LAYERS) - have), [], "only in the table")


def test_a_source_includes_its_own_header_first():
    public = {os.path.basename(p) for p in sources("client_fw/include")}

    def complaints():
        for path, text in sources("common", "server", "client_fw").items():
            stem, kind = os.path.splitext(os.path.basename(path))
            own = os.path.join(SRC, os.path.dirname(path), stem + ".h")
            if kind == ".c" and os.path.exists(own):
                first = [h for q, h in includes(text) if q][0]
                if first != stem + ".h":
                    yield f"{path} includes {first} first"
            elif path == f"client_fw/src/{stem}.c" and stem + ".h" in public:
                first = includes(text)[0][1]
                if first != f"wwep/{stem}.h":
                    yield f"{path} includes {first} first"
    check(complaints())


def test_the_server_knows_nothing_of_the_client():
    own = {os.path.basename(p) for p in sources("common", "server")}
    own |= {"build_config.h"} | {name + ".h" for name in SHARED}

    def complaints():
        for path, text in sources("common", "server").items():
            for quoted, header in includes(text):
                if quoted and header not in own or \
                        header.startswith("wwep/"):
                    yield f"{path} includes {header}"
    check(complaints())


def headers_in(folders):
    return {os.path.basename(path) for path in sources(*folders)
            if path.endswith(".h") and os.path.dirname(path) in folders}


def test_layers_of_the_client():
    """A public header is "port.h" to its neighbours and <wwep/port.h> to the
    rest."""
    common = headers_in(["common"])
    public = headers_in(["client_fw/include/wwep"])

    def complaints():
        for path, text in sources("client_fw").items():
            folder = os.path.dirname(path)
            if path.startswith(EXERCISES):
                continue
            if folder not in CLIENT_FOLDERS:
                yield f"{path} is in a folder that this test does not know"
                continue
            known = common | headers_in(
                {folder} | CLIENT_FOLDERS[folder] - {"client_fw/include/wwep"})
            for quoted, header in includes(text):
                if quoted and header not in known | {"build_config.h"}:
                    yield f"{path} includes {header}"
                elif header.startswith("wwep/") and header[5:] not in public:
                    yield f"{path} includes {header}, which is not public"
    check(complaints())


def test_exercises_see_the_api_alone():
    api = headers_in(["client_fw/wiced/include"])

    def complaints():
        for path, text in sources(EXERCISES).items():
            for quoted, header in includes(text):
                beside = os.path.join(SRC, os.path.dirname(path), header)
                made = header == "resources.h" or "/resources/" in header
                if not made and header not in api | {"ctype.h"} and \
                        not os.path.exists(beside):
                    yield f"{path} includes {header}"
    check(complaints())


def test_the_client_knows_no_system():
    def complaints():
        for path, text in sources(*BARE).items():
            for quoted, header in includes(text):
                if not quoted and header not in COMMON_HEADERS and \
                        not header.startswith("wwep/") and \
                        not re.fullmatch(r"wolfssl/.*", header):
                    yield f"{path} includes {header}"
    check(complaints())


def test_common_knows_nothing_but_itself():
    own = {os.path.basename(p) for p in sources("common")}

    def complaints():
        for path, text in sources("common").items():
            for quoted, header in includes(text):
                if header not in (own if quoted else COMMON_HEADERS):
                    yield f"{path} includes {header}"
    check(complaints())


@each(("C", "cc", "c", "c11"), ("C++", "c++", "c++", "c++11"))
def test_public_headers_stand_alone(language):
    """As they are installed: all in one folder, wwep/."""
    _, compiler, kind, standard = language
    folder = wwep_test.scratch_dir()
    os.mkdir(os.path.join(folder, "wwep"))
    public = headers_in(["client_fw/include/wwep", "client_fw/port/posix"])
    local = read("client_fw/local.am")
    installed = re.findall(r"(\S+\.h)\b", local[local.index("_HEADERS"):])
    for path in installed:
        shutil.copy(os.path.join(SRC, path.replace("%D%", "client_fw")),
                    os.path.join(folder, "wwep"))
    names = {os.path.basename(path) for path in installed}
    equal(public - names - {"wwep_posix_resolve.h"}, set(), "not installed")
    for name in sorted(names):
        done = run([tool(compiler), "-x", kind, f"-std={standard}", "-Wall",
                    "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
                    "-I", folder, "-"], f"#include <wwep/{name}>\n".encode())
        equal(done.returncode, 0, f"{name}: {done.stderr.decode()}")


def test_common_and_the_client_have_no_heap():
    """But for the TLS library's, whose objects are on it."""
    check(f"{path}: {m[0]}"
          for path, text in sources("common", *BARE).items()
          for m in re.finditer(HEAP, code(text))
          if not os.path.basename(path).startswith("tls_"))


LIBRARIES = ("libwwepcommon.a", "libwwep-client.a")


@functools.lru_cache(maxsize=None)
def symbols(name):
    """[(type, name, section, object)] of a library."""
    library = os.path.join(BUILD, name)
    if not os.path.exists(library):
        raise Skip(f"{name} is not built")
    done = run([tool("nm"), "--format=sysv", library])
    equal(done.returncode, 0, "nm")
    found = []
    member = None
    for line in done.stdout.decode().splitlines():
        columns = [c.strip() for c in line.split("|")]
        header = re.search(r"\[(?:\w+_a-)?(\w+)\.o\]:$", line)
        if header:
            member = header[1]
        elif len(columns) == 7 and columns[0] != "Name":
            found.append((columns[2], columns[0], columns[6], member))
    assert member and any(s[0] == "T" for s in found), done.stdout
    return found


def is_the_compilers(name):
    return re.match(r"_*(asan|ubsan|tsan|lsan|odr_asan|sanitizer|stack_chk)|"
                    r"_GLOBAL_OFFSET_TABLE_$|\.L", name) is not None


@each(*LIBRARIES)
def test_no_state(library):
    """A constant with addresses in it is in .data.rel.ro. And wolfSSL asks for
    entropy without saying for whom: each thread keeps that in tls_seed.c."""
    if wwep_test.slowness() > 1:
        raise Skip("a sanitizer puts data of its own there")
    check(f"{name} in {section} of {member}.o"
          for kind, name, section, member in symbols(library)
          if kind in "dDbBCsSgG" and not section.startswith(".data.rel.ro")
          and (member, section) != ("tls_seed", ".tbss"))

# The course's API knows no object for these: each has its state to itself.
WICED_STATE = {
    "board", "board_gpio", "board_uart", "board_wake", "console",
    "console_terminal", "endpoint", "main_run", "management", "net_worker",
    "network", "packet", "ping", "port_table", "rtos_mutex", "rtos_semaphore",
    "rtos_thread", "secure", "secure_roots", "secure_session"}


def test_state_of_the_course_api():
    if wwep_test.slowness() > 1:
        raise Skip("a sanitizer puts data of its own there")
    found = {member for kind, _, section, member in symbols("libwwep-wiced.a")
             if kind in "dDbBCsSgG" and not section.startswith(".data.rel.ro")}
    equal(found, WICED_STATE, "objects with state")


@each(*LIBRARIES)
def test_calls_memory_and_string_alone(library):
    """But for the client's TLS, and what is made for this system."""
    own = {name for kind, name, _, _ in symbols(library) if kind != "U"}
    check(f"{name} in {member}.o" for kind, name, _, member in symbols(library)
          if kind == "U" and name not in own and not is_the_compilers(name)
          and not re.match("tls_|wwep_posix", member)
          and not re.match(r"_*(mem|str)\w+$", name))


def test_licence():
    def complaints():
        for folder in ("common", "server", "client_fw", "tests", "scripts",
                       "conf"):
            for path in glob.glob(os.path.join(SRC, folder, "**", "*"),
                                  recursive=True):
                text = os.path.splitext(path)[1] in (".c", ".h", ".py", ".sh")
                if not text or not os.path.isfile(path):
                    continue
                with open(path, encoding="utf-8") as f:
                    if "SPDX-License-Identifier: GPL-2.0-or-later" not in \
                            f.read():
                        yield os.path.relpath(path, SRC)
    check(complaints())


def test_no_private_key_is_committed():
    done = subprocess.run(["git", "-C", SRC, "ls-files", "-co",
                           "--exclude-standard", "-z"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) \
        if os.path.exists(os.path.join(SRC, ".git")) else None
    if done is None or done.returncode != 0:
        raise Skip("not a git work tree")
    # In two, so that this file is none of those that it looks for.
    begin = re.compile(rb"^-----BEGIN [A-Z ]*" + b"PRIVATE KEY-----", re.M)

    def complaints():
        for name in done.stdout.decode().split("\0"):
            path = os.path.join(SRC, name)
            if name and os.path.isfile(path):
                with open(path, "rb") as f:
                    if begin.search(f.read()):
                        yield name
    check(complaints())


if __name__ == "__main__":
    wwep_test.main()
