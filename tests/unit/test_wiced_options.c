/* A program's command line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "main_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wwep/dct.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct main_options options;
static char *folder;
static FILE *out;
static FILE *err;
static char said[8192];

static void setup(void)
{
    folder = unit_mkdtemp();
    out = tmpfile();
    err = tmpfile();
    ck_assert(out != NULL && err != NULL);
    ck_assert_int_ge(dup2(fileno(out), STDOUT_FILENO), 0);
    ck_assert_int_ge(dup2(fileno(err), STDERR_FILENO), 0);
    unsetenv("WWEP_SERVER");
    unsetenv("WWEP_HOST");
}

static void teardown(void)
{
    fclose(out);
    fclose(err);
    unit_rmdir(folder);
}

/* What has been said since the last call. */
static const char *read_said(FILE *file)
{
    size_t n;

    fflush(stdout);
    rewind(file);
    n = fread(said, 1, sizeof said - 1, file);
    said[n] = '\0';
    ck_assert_int_eq(ftruncate(fileno(file), 0), 0);
    rewind(file);
    return said;
}

/* The words are separated by single spaces. */
static int parse(const char *words, const char *program)
{
    static char copy[4096]; /* the options point into it */
    char *argv[16] = {(char *)(uintptr_t) "/some/where/03_server"};
    int argc = 1;

    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return main_options_parse(&options, argc, argv, program);
}

static void good(const char *words)
{
    ck_assert_int_eq(parse(words, NULL), MAIN_OPTIONS_GO_ON);
    ck_assert_str_eq(read_said(err), "");
}

static void bad(const char *words, const char *complaint)
{
    ck_assert_msg(parse(words, NULL) == 2, "%s", words);
    read_said(err);
    ck_assert_msg(strncmp(said, "wwep-wiced: ", 12) == 0, "%s", said);
    ck_assert_msg(strstr(said, complaint) != NULL, "no \"%s\" in %s", complaint,
                  said);
}

START_TEST(defaults)
{
    good("");
    ck_assert_str_eq(options.board.server, "127.0.0.1");
    ck_assert_str_eq(options.board.listen, "127.0.0.1");
    ck_assert_uint_eq(options.board.port_count, 0);
    ck_assert(!options.board.sdk_certificates && !options.board.has_dct);
    ck_assert_int_eq(options.board.tls_version, WWEP_TLS_1_2);
    ck_assert(!options.console);
    ck_assert_uint_eq(options.for_ms, 0);
    main_options_warn(&options);
    ck_assert_str_eq(read_said(err), "");
}
END_TEST

START_TEST(server)
{
    static const struct {
        const char *word;
        const char *host;
    } cases[] = {{"wwep.example", "wwep.example"},
                 {"192.0.2.1", "192.0.2.1"},
                 {"::1", "::1"},
                 {"[::1]", "::1"},
                 {"fe80::1%2", "fe80::1%2"}};
    char words[64];

    for (size_t i = 0; i < LENGTH(cases); i++) {
        snprintf(words, sizeof words, "--server %s", cases[i].word);
        good(words);
        ck_assert_str_eq(options.board.server, cases[i].host);
        snprintf(words, sizeof words, "--server=%s", cases[i].word);
        good(words);
        ck_assert_str_eq(options.board.server, cases[i].host);
    }
    bad("--server", "--server wants a value");
    bad("--server=", "--server: \"\" is no host");
    bad("--server a/b", "\"a/b\" is no host: write a name or an address");
    bad("--server [::1", "is no host");
    bad("--server [::1]x", "is no host");
    bad("--server host:27708", "has a port: leave it out, and give --port");
    bad("--server [::1]:1", "has a port: leave it out, and give --port");
}
END_TEST

START_TEST(server_in_the_environment)
{
    setenv("WWEP_HOST", "tool.example:1234", 1);
    good("");
    ck_assert_str_eq(options.board.server, "tool.example");
    setenv("WWEP_HOST", "[::1]:1234", 1);
    good("");
    ck_assert_str_eq(options.board.server, "::1");
    setenv("WWEP_HOST", "::1", 1);
    good("");
    ck_assert_str_eq(options.board.server, "::1");
    setenv("WWEP_SERVER", "own.example", 1);
    good("");
    ck_assert_str_eq(options.board.server, "own.example");
    good("--server other.example");
    ck_assert_str_eq(options.board.server, "other.example");
    setenv("WWEP_SERVER", "", 1);
    setenv("WWEP_HOST", "", 1);
    good("");
    ck_assert_str_eq(options.board.server, "127.0.0.1");
    setenv("WWEP_SERVER", "a b", 1);
    bad("", "WWEP_SERVER in the environment: \"a b\" is no host");
    unsetenv("WWEP_SERVER");
    setenv("WWEP_HOST", "a/b", 1);
    bad("", "WWEP_HOST in the environment: \"a/b\" is no host");
}
END_TEST

static void expect_port(unsigned i, uint16_t course, uint16_t here)
{
    ck_assert_uint_eq(options.board.ports[i].course, course);
    ck_assert_uint_eq(options.board.ports[i].here, here);
}

START_TEST(ports)
{
    good("--port PLAIN=1234");
    ck_assert_uint_eq(options.board.port_count, 1);
    expect_port(0, 27708, 1234);
    good("--port plain=0,tls=65535,80=8080");
    ck_assert_uint_eq(options.board.port_count, 3);
    expect_port(0, 27708, 0);
    expect_port(1, 40508, 65535);
    expect_port(2, 80, 8080);
    /* The last one for a port wins. */
    good("--port TLS=1 --port 40508=2 --port tls=3");
    ck_assert_uint_eq(options.board.port_count, 1);
    expect_port(0, 40508, 3);
    bad("--port 1234", "\"1234\" does not say where it is");
    bad("--port plain", "such as plain=1234");
    bad("--port plain=", "does not say where it is");
    bad("--port plain=65536", "1 to 65535, or 0 for any");
    bad("--port plain=-1", "1 to 65535, or 0 for any");
    bad("--port plain=1,", "\"\" begins with no port of the course");
    bad("--port pain=1", "\"pain=1\" begins with no port of the course");
    bad("--port 0=1", "begins with no port of the course");
    bad("--port 123456=1", "begins with no port of the course");
    bad("--port =1", "begins with no port of the course");
    bad("--port 1=1,2=1,3=1,4=1,5=1,6=1,7=1,8=1,9=1", "8 ports at most");
}
END_TEST

START_TEST(mac)
{
    static const uint8_t want[6] = {0x02, 0xAB, 0xCD, 0xEF, 0x00, 0x0f};
    static const char *const words[] = {
        "--mac 02:AB:CD:EF:00:0F", "--mac 02-ab-cd-ef-00-0f",
        "--mac mac:02:ab:CD:ef:00:0f", "--mac 02abcdef000f"};

    for (size_t i = 0; i < LENGTH(words); i++) {
        good(words[i]);
        ck_assert_mem_eq(options.board.mac.octet, want, 6);
    }
    bad("--mac 02:AB", "\"02:AB\" is no MAC address: write six pairs");
    bad("--mac 02:AB:CD:EF-00:0F", "is no MAC address");
    bad("--mac 02:AB:CD:EF:00:0G", "is no MAC address");
    bad("--mac 02.AB.CD.EF.00.0F", "is no MAC address");
}
END_TEST

START_TEST(listen)
{
    static const char *const open[] = {"0.0.0.0", "::", "192.0.2.1"};
    static const char *const closed[] = {"127.0.0.1", "127.1.2.3", "::1"};
    char words[64];

    for (size_t i = 0; i < LENGTH(open); i++) {
        snprintf(words, sizeof words, "--listen %s", open[i]);
        good(words);
        ck_assert_str_eq(options.board.listen, open[i]);
        main_options_warn(&options);
        ck_assert_ptr_nonnull(strstr(read_said(err), "warning: --listen"));
    }
    for (size_t i = 0; i < LENGTH(closed); i++) {
        snprintf(words, sizeof words, "--listen %s", closed[i]);
        good(words);
        main_options_warn(&options);
        ck_assert_str_eq(read_said(err), "");
    }
    bad("--listen localhost", "\"localhost\" is no address: write one of");
}
END_TEST

START_TEST(switches)
{
    good("--sdk-certificates");
    ck_assert(options.board.sdk_certificates);
    main_options_warn(&options);
    ck_assert_ptr_nonnull(
        strstr(read_said(err), "warning: --sdk-certificates: "));
    good("--tls 1.3");
    ck_assert_int_eq(options.board.tls_version, WWEP_TLS_1_3);
    good("--tls ANY");
    ck_assert_int_eq(options.board.tls_version, WWEP_TLS_ANY);
    good("--tls 1.2");
    ck_assert_int_eq(options.board.tls_version, WWEP_TLS_1_2);
    bad("--tls 1.1", "\"1.1\" is no version: write 1.2, 1.3 or any");
    good("--console");
    ck_assert(options.console);
    good("--for 0.25");
    ck_assert_uint_eq(options.for_ms, 250);
    good("--for 90");
    ck_assert_uint_eq(options.for_ms, 90000);
    bad("--for 0", "\"0\" is no time: write seconds");
    bad("--for -1", "is no time");
    bad("--for 1e3", "is no time");
    bad("--for 1.2.3", "is no time");
    bad("--for inf", "is no time");
    bad("--for 99999999999", "is no time");
}
END_TEST

START_TEST(wrong_use)
{
    bad("--sever host", "there is no option --sever: did you mean --server?");
    bad("--quite-other", "there is no option --quite-other: --help lists");
    bad("-x", "there is no option -x");
    bad("words", "words: the program has no words, but options");
    bad("--console=yes", "there is no option --console");
    bad("-- x", "x: the program has no words");
    bad("--mac \x1B[31m", "\"\\x1B[31m\" is no MAC address");
}
END_TEST

START_TEST(help_and_version)
{
    ck_assert_int_eq(parse("--help", NULL), 0);
    read_said(out);
    ck_assert_ptr_nonnull(strstr(said, "usage: 03_server [OPTION...]\n"));
    ck_assert_ptr_nonnull(strstr(said, "1 and 2 press WICED_BUTTON1"));
    ck_assert_ptr_nonnull(strstr(said, "Ctrl-V before a key"));
    for (const char *line = said; *line != '\0';
         line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    ck_assert_int_eq(parse("--version", NULL), 0);
    ck_assert_str_eq(read_said(out),
                     "03_server, on wwep-wiced " PACKAGE_VERSION "\n");
    ck_assert_int_eq(parse("-h", NULL), 0);
}
END_TEST

/* --- the image ------------------------------------------------------------ */

static uint8_t image[WWEP_DCT_LEN];

static void make_image(const char *key)
{
    const struct wwep_dct dct = {
        .private_key = {(const uint8_t *)key, key != NULL ? strlen(key) : 0},
        .certificate = {(const uint8_t *)"certificate", 11}};

    ck_assert(wwep_dct_write(image, &dct));
}

static char *put_image(const char *name, mode_t mode)
{
    char *path = unit_write_bytes(folder, name, image, sizeof image);

    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

START_TEST(an_image_by_option)
{
    char words[4096];

    make_image("key");
    char *path = put_image("any.name", 0600);
    snprintf(words, sizeof words, "--dct %s", path);
    good(words);
    ck_assert(options.board.has_dct);
    ck_assert_mem_eq(options.board.dct, image, sizeof image);
    main_options_warn(&options);
    ck_assert_str_eq(read_said(err), "");
    free(path);
    bad("--dct /nowhere/x.dct", "/nowhere/x.dct: No such file or directory");
    snprintf(words, sizeof words, "--dct %s", folder);
    bad(words, "Is a directory: make it a file that you may read");
}
END_TEST

START_TEST(an_image_beside_the_program)
{
    char program[4096];

    make_image("key");
    snprintf(program, sizeof program, "%s/03_server", folder);
    ck_assert_int_eq(parse("", program), MAIN_OPTIONS_GO_ON);
    ck_assert(!options.board.has_dct);
    char *path = put_image("03_server.dct", 0600);
    ck_assert_int_eq(parse("", program), MAIN_OPTIONS_GO_ON);
    ck_assert(options.board.has_dct);
    ck_assert_str_eq(options.dct, path);
    free(path);
}
END_TEST

START_TEST(a_bad_image)
{
    static const struct {
        size_t at;
        const char *complaint;
    } cases[] = {{0, "not a DCT image: make one with wwep-dct"},
                 {8, "a DCT image of a newer wwep-dct"},
                 {100, "a damaged DCT image"}};
    char program[4096];

    snprintf(program, sizeof program, "%s/p", folder);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        make_image("key");
        image[cases[i].at] ^= 0x40u;
        char *path = put_image("p.dct", 0600);
        ck_assert_int_eq(parse("", program), 2);
        ck_assert_msg(strstr(read_said(err), cases[i].complaint) != NULL, "%s",
                      said);
        ck_assert_ptr_nonnull(strstr(said, "/p.dct: "));
        free(path);
    }
    free(unit_write(folder, "p.dct", ""));
    ck_assert_int_eq(parse("", program), 2);
    ck_assert_ptr_nonnull(strstr(read_said(err), "not a DCT image"));
}
END_TEST

START_TEST(an_image_that_others_may_read)
{
    static const struct {
        mode_t mode;
        bool key;
        bool warns;
    } cases[] = {{0644, true, true},
                 {0640, true, true},
                 {0604, true, true},
                 {0600, true, false},
                 {0644, false, false}};
    char program[4096];

    snprintf(program, sizeof program, "%s/p", folder);
    for (size_t i = 0; i < LENGTH(cases); i++) {
        make_image(cases[i].key ? "key" : NULL);
        char *path = put_image("p.dct", cases[i].mode);
        ck_assert_int_eq(parse("", program), MAIN_OPTIONS_GO_ON);
        main_options_warn(&options);
        ck_assert_int_eq(strstr(read_said(err), "chmod 600") != NULL,
                         cases[i].warns);
        free(path);
    }
}
END_TEST

START_TEST(an_image_that_we_may_not_read)
{
    char program[4096];

    make_image("key");
    snprintf(program, sizeof program, "%s/p", folder);
    char *path = put_image("p.dct", 0);
    unit_drop_root(folder);
    int status = parse("", program);
    unit_regain_root();
    ck_assert_int_eq(status, 2);
    ck_assert_ptr_nonnull(strstr(read_said(err), "Permission denied"));
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wiced_options");
    TCase *tc = tcase_create("wiced_options");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, defaults);
    tcase_add_test(tc, server);
    tcase_add_test(tc, server_in_the_environment);
    tcase_add_test(tc, ports);
    tcase_add_test(tc, mac);
    tcase_add_test(tc, listen);
    tcase_add_test(tc, switches);
    tcase_add_test(tc, wrong_use);
    tcase_add_test(tc, help_and_version);
    tcase_add_test(tc, an_image_by_option);
    tcase_add_test(tc, an_image_beside_the_program);
    tcase_add_test(tc, a_bad_image);
    tcase_add_test(tc, an_image_that_others_may_read);
    tcase_add_test(tc, an_image_that_we_may_not_read);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
