# SPDX-License-Identifier: GPL-2.0-or-later
"""wwep-resources: files as C, named as the SDK names them."""

import os
import re

import wwep_test
from wwep_desk import Done
from wwep_test import (each, equal, read_file, run, scratch_dir, slowness,
                       tool, write_file)
from wwep_wiced import INCLUDE, RESOURCES, write_tree

ANY = bytes(range(256))
TEXT_KINDS = ("html htm txt eml js css htc dat cer pem json xml py key "
              "svg").split()
BINARY_KINDS = "jpg jpeg png ico gif bin flac wav mp3 clm_blob gz wmfw".split()


def resources(*words, cwd=None):
    return Done(run([RESOURCES, *words], timeout=30 * slowness(), cwd=cwd))


def sdk(files):
    """An SDK's root with these files, and one program's folder."""
    root = scratch_dir("sdk")
    os.makedirs(os.path.join(root, "apps", "httpbin_org"))
    os.mkdir(os.path.join(root, "resources"))
    return write_tree(root, files)


class Made:
    """What was made of an SDK's files, for the program apps/httpbin_org."""

    def __init__(self, files, *paths, component="apps/httpbin_org", words=()):
        self.root = sdk(files)
        self.out = os.path.join(scratch_dir("out"), "generated")
        self.done = resources(
            "--root", self.root, "--component",
            os.path.join(self.root, component), "-o", self.out, *words, "--",
            *paths)

    def names(self):
        """Of the objects, by the files."""
        return sorted(f[:-2] for f in os.listdir(self.out)
                      if re.match(r"resources_.*\.c$", f))

    def values(self, standard="gnu11"):
        """{object: (size, bytes of the array)}, as a program sees them."""
        self.done.want(0)
        lines = "".join(f'    show("{n}", &{n}, {n}_data, sizeof {n}_data);\n'
                        for n in self.names())
        main = write_file(os.path.join(self.out, "main.c"), (
            '#include "resources.h"\n#include <stdio.h>\n'
            "static void show(const char *name, const resource_hnd_t *r,\n"
            "                 const char *data, unsigned long len)\n{\n"
            '    printf("%s %d %lu ", name, r->val.mem.data == data, '
            "r->size);\n"
            "    for (unsigned long i = 0; i < len; i++)\n"
            '        printf("%02x", (unsigned char)data[i]);\n'
            '    printf("\\n");\n}\n'
            f"int main(void)\n{{\n{lines}    return 0;\n}}\n"))
        program = os.path.join(self.out, "main")
        done = run([tool("cc"), f"-std={standard}", "-Wall", "-Wextra",
                    "-Werror", "-I", self.out, "-I", INCLUDE, "-o", program,
                    main] + [os.path.join(self.out, n + ".c")
                             for n in self.names()])
        equal(done.returncode, 0, done.stderr.decode())
        found = {}
        for line in run([program]).stdout.decode().splitlines():
            name, same, size, data = (line + " ").split(" ")[:4]
            equal(same, "1", "data")
            found[name] = (int(size), bytes.fromhex(data))
        return found


# --- names ------------------------------------------------------------------

@each(("of the SDK", "resources/certificates/wwep/wwep_cert.pem",
       "certificates/wwep/wwep_cert.pem",
       "resources_certificates_DIR_wwep_DIR_wwep_cert_pem"),
      ("of the program", "apps/httpbin_org/ca.pem", "ca.pem",
       "resources_apps_DIR_httpbin_org_DIR_ca_pem"),
      ("in a folder of the program", "apps/httpbin_org/resources/x/a.cer",
       "resources/x/a.cer", "resources_apps_DIR_httpbin_org_DIR_x_DIR_a_cer"),
      ("hyphens and dots", "resources/a-b/c.d-E_f.txt", "a-b/c.d-E_f.txt",
       "resources_a_b_DIR_c_d_E_f_txt"),
      ("other characters", "resources/\u00e9 +/x@y.txt", "\u00e9 +/x@y.txt",
       "resources______DIR_x_y_txt"),
      ("a path that is not tidy", "apps/httpbin_org/ca.pem",
       ".//x/../ca.pem", "resources_apps_DIR_httpbin_org_DIR_ca_pem"),
      ("a neighbour's", "apps/other/ca.pem", "../other/ca.pem",
       "resources_apps_DIR_other_DIR_ca_pem"))
def test_name(case):
    _, file, path, name = case
    made = Made({file: "x"}, path)
    made.done.want(0, "", "^$")
    equal(made.names(), [name], "objects")


def test_an_absolute_path():
    made = Made({"resources/certificates/a.pem": "x"})
    done = resources("--root", made.root, "--component", made.root, "-o",
                     made.out, os.path.join(made.root, "resources",
                                            "certificates", "a.pem"))
    done.want(0)
    equal(made.names(), ["resources_certificates_DIR_a_pem"], "objects")


def test_a_folder_outside_any_root():
    folder = os.path.join(scratch_dir("lab"), "httpbin_org")
    write_tree(folder, {"ca.pem": "x"})
    out = scratch_dir("out")
    resources("-o", out, "ca.pem", cwd=folder).want(0, "", "^$")
    equal(sorted(os.listdir(out)),
          ["resources.h", "resources_apps_DIR_httpbin_org_DIR_ca_pem.c"],
          "files")


def test_the_root_is_found():
    """The nearest folder above with resources/ or apps/."""
    root = sdk({"apps/ww101/x/own.txt": "x", "resources/a/b.txt": "x"})
    out = scratch_dir("out")
    resources("-o", out, "own.txt", "a/b.txt",
              cwd=os.path.join(root, "apps", "ww101", "x")).want(0, "", "^$")
    equal(sorted(os.listdir(out)),
          ["resources.h", "resources_a_DIR_b_txt.c",
           "resources_apps_DIR_ww101_DIR_x_DIR_own_txt.c"], "files")


def test_the_component_comes_first():
    made = Made({"apps/httpbin_org/a/b.txt": "component",
                 "resources/a/b.txt": "root"}, "a/b.txt")
    equal(made.values(), {"resources_apps_DIR_httpbin_org_DIR_a_DIR_b_txt":
                          (9, b"component\0")}, "objects")


def test_a_link_to_the_component():
    root = sdk({"apps/httpbin_org/ca.pem": "x"})
    link = os.path.join(scratch_dir("links"), "link")
    os.symlink(os.path.join(root, "apps", "httpbin_org"), link)
    out = scratch_dir("out")
    resources("--root", root, "--component", link, "-o", out, "ca.pem").want(0)
    assert "resources_apps_DIR_httpbin_org_DIR_ca_pem.c" in os.listdir(out)


def test_two_of_the_same_basename():
    made = Made({"resources/a/ca.pem": "1", "resources/b/ca.pem": "2"},
                "a/ca.pem", "b/ca.pem")
    equal(made.values(), {"resources_a_DIR_ca_pem": (1, b"1\0"),
                          "resources_b_DIR_ca_pem": (1, b"2\0")}, "objects")


def test_two_that_would_have_one_name():
    made = Made({"resources/a-b.txt": "1", "resources/a.b.txt": "2"},
                "a-b.txt", "a.b.txt")
    made.done.want(1, "", "resources/a-b.txt and .*resources/a.b.txt would "
                          "both be resources_a_b_txt: rename one")
    equal(os.path.exists(made.out), False, "nothing is made")


def test_the_same_file_twice():
    made = Made({"resources/a.txt": "1"}, "a.txt", "./a.txt")
    made.done.want(0, "", "^$")
    equal(made.names(), ["resources_a_txt"], "objects")


# --- what is in them --------------------------------------------------------

@each(*TEXT_KINDS)
def test_text(kind):
    made = Made({f"resources/x.{kind}": ANY}, f"x.{kind}")
    equal(made.values(), {f"resources_x_{kind}": (256, ANY + b"\0")},
          "the NUL is not counted")


@each(*BINARY_KINDS)
def test_binary(kind):
    made = Made({f"resources/x.{kind}": ANY}, f"x.{kind}")
    equal(made.values(), {f"resources_x_{kind}": (256, ANY)}, "bytes")


@each("gnu11", "c11")
def test_bytes_that_mean_something_in_c(standard):
    """Trigraphs, digits behind a number, ends of comments and literals."""
    text = b'??=??/\n"\\" \\n \x01234 \xff0 \x7f7 */ // %s \r\n\t\x00\x00end'
    made = Made({"resources/x.txt": text}, "x.txt")
    equal(made.values(standard)["resources_x_txt"], (len(text), text + b"\0"),
          "text")


def test_empty_files():
    made = Made({"resources/x.txt": b"", "resources/x.bin": b""}, "x.txt",
                "x.bin")
    equal(made.values(), {"resources_x_txt": (0, b"\0"),
                          "resources_x_bin": (0, b"\0")}, "objects")


def test_a_large_file():
    text = os.urandom(300000)
    made = Made({"resources/x.json": text, "resources/x.bin": text}, "x.json",
                "x.bin")
    found = made.values()
    equal(found["resources_x_json"], (300000, text + b"\0"), "text")
    equal(found["resources_x_bin"], (300000, text), "binary")


def test_other_kinds():
    made = Made({"resources/x.zip": "x", "resources/x": "x",
                 "resources/a.b/x": "x", "resources/x.PEM": "x"}, "x.zip", "x",
                "a.b/x", "x.PEM")
    made.done.want(0, "", "warning: x.zip: nothing is made of it")
    equal(made.done.err.count("warning: "), 4, made.done.err)
    equal(made.names(), [], "objects")


def test_no_resources():
    made = Made({})
    made.done.want(0, "", "^$")
    text = read_file(os.path.join(made.out, "resources.h")).decode()
    assert '#include "wiced_resource.h"' in text, text


def test_in_the_file_system():
    made = Made({'resources/a "b"/x.txt': "hello"}, 'a "b"/x.txt',
                words=("--in-filesystem",))
    made.done.want(0, "", "^$")
    main = write_file(os.path.join(made.out, "main.c"), (
        '#include "resources.h"\n#include <stdio.h>\nint main(void)\n{\n'
        "    const resource_hnd_t *r = &resources_a__b__DIR_x_txt;\n"
        '    printf("%d %lu %lu %s", r->location == RESOURCE_IN_FILESYSTEM,\n'
        "           r->size, r->val.fs.offset, r->val.fs.filename);\n"
        "    return 0;\n}\n"))
    program = os.path.join(made.out, "main")
    done = run([tool("cc"), "-Wall", "-Werror", "-I", made.out, "-I", INCLUDE,
                "-o", program, main, os.path.join(made.out,
                                                  made.names()[0] + ".c")])
    equal(done.returncode, 0, done.stderr.decode())
    equal(run([program]).stdout.decode(),
          f'1 5 0 {made.root}/resources/a "b"/x.txt', "object")


# --- what is missing --------------------------------------------------------

def test_a_missing_file():
    made = Made({"resources/x.txt": "x"}, "x.txt", "gone.pem")
    made.done.want(1, "", "gone.pem: it is neither in .*/apps/httpbin_org nor "
                          "in .*/resources")
    equal(os.path.exists(made.out), False, "nothing is made")


def test_keep_going():
    made = Made({"resources/x.txt": "x"}, "x.txt", "gone.pem",
                words=("--keep-going",))
    made.done.want(0, "", "warning: left out: gone.pem: it is neither")
    equal(made.names(), ["resources_x_txt"], "objects")


def test_a_folder_is_no_file():
    Made({"resources/x.txt/y": "x"}, "x.txt").done.want(1, "", "it is neither")


def test_missing_folders():
    resources("--root", "/nowhere", "x").want(
        1, "", "/nowhere: there is no such folder: .* --root")
    resources("--component", "/nowhere", "x").want(1, "", "--component")
    out = write_file(os.path.join(scratch_dir(), "file"), "x")
    resources("-o", out).want(1, "", "a file has its name")
    resources("-o", "/nowhere/out").want(1, "", "no folder can be made there")


def test_misuse_and_help():
    resources("--what").want(2, "", "what")
    out = resources("--help").want(0, err="^$").out
    assert re.match("usage: wwep-resources ", out), out


def test_the_code_is_for_its_owner_alone():
    """As a key may be in it."""
    made = Made({"resources/x.key": "x"}, "x.key")
    equal(os.stat(os.path.join(made.out, "resources_x_key.c")).st_mode & 0o777,
          0o600, "mode")


if __name__ == "__main__":
    wwep_test.main()
