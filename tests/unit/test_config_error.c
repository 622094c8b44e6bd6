/* What wwepd says to a wrong file: always one line, with the right place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "unit.h"
#include "unit_config.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define LISTENER     "listeners:\n  - name: plain\n    port: 27708\n"
#define SECURE                                                  \
    "listeners:\n  - name: secure\n    port: 40508\n    tls:\n" \
    "      certificate: a\n      private_key: b\n"
#define THIRTY "123456789012345678901234567890"

/* The file's own path, ": " or ":line:column: ", and text in one line. */
static void assert_one_line(const char *error, const char *path)
{
    size_t len = strlen(path);

    ck_assert_uint_lt(strlen(error), CONFIG_ERROR_MAX);
    ck_assert_msg(strncmp(error, path, len) == 0 && error[len] == ':',
                  "no path: %s", error);
    for (const char *c = error; *c != '\0'; c++)
        ck_assert_msg(*c >= 0x20 && *c < 0x7f, "unprintable: %s", error);
}

/* place: "line:column", or "" for the file as a whole. */
static void assert_refused(const char *bytes, size_t len, const char *place,
                           const char *words)
{
    char error[CONFIG_ERROR_MAX];
    char begin[5000];
    char *path = unit_write_bytes(unit_config_folder, "wwepd.yaml", bytes, len);

    ck_assert_ptr_null(config_load(path, error));
    assert_one_line(error, path);
    snprintf(begin, sizeof begin, "%s:%s%s ", path, place,
             *place != '\0' ? ":" : "");
    ck_assert_msg(strncmp(error, begin, strlen(begin)) == 0, "not at %s: %s",
                  place, error);
    ck_assert_msg(strstr(error + strlen(begin), words) != NULL, "no \"%s\": %s",
                  words, error);
    free(path);
}

struct wrong {
    const char *text;
    const char *place;
    const char *words;
};

static void assert_wrong(const struct wrong *wrong)
{
    assert_refused(wrong->text, strlen(wrong->text), wrong->place,
                   wrong->words);
}

static const struct wrong syntax[] = {
    {"", "1:1", "the file is empty: write at least"},
    {"# only this\n\n", "1:1", "the file is empty"},
    {"---\n", "1:1", "the file is empty"},
    {"plain\n", "1:1", "not made of keys"},
    {"- name: plain\n", "1:1", "not made of keys"},
    {"workers: 1\n---\nworkers: 2\n", "2:1", "a second document"},
    {"listeners:\n\t- name: a\n", "2:1", "a tab: indent with spaces"},
    {"listeners:\n  - name: a\n\tport: 1\n", "3:1", "a tab"},
    {"timeouts:\n  idle_s: 3\n\tdrain_s: 3\n", "3:1", "a tab"},
    {"# \xc3\xbc\nlog: {target: \xc3\xbc,\tlevel: \t@}\n", "2:26",
     "no value can begin"},
    {"listeners:\n  - name: \"a\n    port: 1\n", "2:11", "not closed"},
    {"log: {target: 'abc}\n", "1:15", "not closed"},
    {"log: {target: \"abc\n---\n", "1:15", "not closed"},
    {"log: {target: \"c:\\d\"}\n", "1:18", "no such escape"},
    {"workers: 1\nlisteners\n", "2:1", "a key without a colon"},
    {"workers: 1: 2\n", "1:11", "no colon is expected"},
    {"timeouts:\n  idle_s: 3\n   drain_s: 3\n", "3:11", "indentation"},
    {"timeouts:\n  idle_s: 3\n drain_s: 3\n", "3:2", "indentation"},
    {"listeners:\n  - name: a\n - name: b\n", "3:2", "indentation"},
    {"listeners:\n  - name: a\n  name: b\n", "3:3", "\"- \" is expected"},
    {"workers: - 3\n", "1:10", "cannot begin a list here"},
    {"listeners: [{name: a, port: 1}\nworkers: 1\n", "1:12", "this [ is not"},
    {"timeouts: {idle_s: 3\nworkers: 1\n", "1:11", "this { is not closed"},
    {"listeners:\n  - address: *\n", "2:14", "* without a name"},
    {"listeners:\n  - address: &\n", "2:14", "& without a name"},
    {"workers: *cores\n", "1:10", "no anchor has this name"},
    {"workers: &a 1\nlisteners: &a []\n", "2:12", "give it another name"},
    {"workers: @1\n", "1:10", "put the value in quotes"},
    {"workers: ]\n", "1:10", "a value is expected here"},
    {"!x!y workers: 1\n", "1:1", "not YAML (while parsing a node found und"},
    {"workers: \xff\n", "1:10", "not UTF-8 (0xFF)"},
    {"# gr\xc3\xbcn\nworkers: \xc3\xbc\xc3\n", "2:11", "not UTF-8 (0xC3)"},
    {"workers: \xe2\x82", "1:10", "not UTF-8 (0xE2)"},
    {"\xff\xfew", "1:1", "not UTF-8 (0xFF)"},
    {"a\nb: \x01\n", "2:4", "a control character (U+0001)"},
};

static const struct wrong keys[] = {
    {"prot: 1\n", "1:1",
     "unknown key \"prot\": remove it, or write one of "
     "workers, listeners, timeouts, limits, log, messages, store, control"},
    {"\xef\xbb\xbfprot: 1\n", "1:1", "unknown key"},
    {"Worker: 1\n", "1:1", "unknown key \"Worker\": did you mean workers?"},
    {"listeners:\n  - name: plain\n    prot: 1\n", "3:5",
     "unknown key \"prot\" in listeners[plain]: did you mean port?"},
    {"listeners:\n  - keep-open: yes\n", "2:5",
     "unknown key \"keep-open\" in listeners[#1]: did you mean keep_open?"},
    {"listeners:\n  - {name: a, explain: yes}\n", "2:15",
     "did you mean explain_errors?"},
    {"listeners:\n  - {name: a, ssl: yes}\n", "2:15",
     "write one of name, address, port, explain_errors, keep_open, "
     "write, read, authorize, tls"},
    {"timeouts:\n  idle: 3\n", "2:3", "did you mean idle_s?"},
    {"log: {file: x}\n", "1:7", "write one of level, target"},
    {"messages:\n  formt: json\n", "2:3", "did you mean format?"},
    {SECURE "      cert: x\n", "7:7",
     "unknown key \"cert\" in listeners[secure].tls: did you mean certificat"},
    {"<<: {workers: 3}\n", "1:1", "unknown key \"<<\""},
    {"\"workers\\0\": 3\n", "1:1", "unknown key \"workers\\x00\""},
    {"\"a\\nb\": 3\n", "1:1", "unknown key \"a\\x0Ab\""},
    {"\"\": 3\n", "1:1", "unknown key \"\""},
    {"? [a, b]\n: 3\n", "1:3", "brackets and braces cannot be a key"},
    {"{a: 1}: 3\n", "1:1", "brackets and braces cannot be a key"},
    {"workers: 1\nworkers: 2\n", "2:1",
     "workers is repeated: keep this one or the one in line 1, column 1"},
    {"listeners:\n  - name: a\n    port: 1\n    port: 2\n", "4:5",
     "listeners[a].port is repeated: keep this one or the one in line 3"},
    {"timeouts: {idle_s: 1, drain_s: 1, idle_s: 1}\n", "1:35",
     "timeouts.idle_s is repeated"},
    {SECURE "      certificate: c\n", "7:7",
     "listeners[secure].tls.certificate is repeated"},
    {"# x\nworkers: 1\n", "2:1", "the file has no listeners: add listeners:"},
    {"listeners:\n  - port: 1\n", "2:5", "listeners[#1] has no name: add nam"},
    {"listeners:\n  - name: a\n", "2:5", "listeners[a] has no port: add port"},
    {"listeners: [{name: a, port: 1, tls: {}}]\n", "1:37",
     "listeners[a].tls has no certificate: add certificate: FILE"},
    {"listeners: [{name: a, port: 1, tls: {certificate: x}}]\n", "1:37",
     "listeners[a].tls has no private_key: add private_key: FILE"},
    {"listeners: []\n", "1:12", "listeners has no entry: add one"},
};

static const struct wrong types[] = {
    {"listeners: plain\n", "1:12", "listeners is a single value: write each"},
    {"listeners:\nworkers: 1\n", "1:11", "listeners is empty: write each"},
    {"listeners:\n  name: a\n", "2:3", "listeners is a mapping: write each"},
    {"listeners:\n  - plain\n", "2:5", "listeners[#1] is a single value: wri"},
    {"listeners:\n  - name: a\n    port: 1\n  - - b\n", "4:5",
     "listeners[#2] is a list: write its keys"},
    {"listeners: &a\n  - *a\n", "1:12", "listeners[#1] is a list"},
    {"timeouts:\n" LISTENER, "1:10", "timeouts is empty: write its keys"},
    {"timeouts: 5\n", "1:11", "timeouts is a single value: write its keys"},
    {"log: [info]\n", "1:6", "log is a list: write its keys"},
    {"messages: none\n", "1:11", "messages is a single value: write its keys"},
    {"listeners:\n  - name: a\n    port: 1\n    tls: yes\n", "4:10",
     "listeners[a].tls is a single value: write its keys"},
    {"workers: [1]\n", "1:10", "workers is a list: write one value"},
    {"workers: {a: 1}\n", "1:10", "workers is a mapping: write one value"},
    {"log:\n  level: [info]\n", "2:10", "log.level is a list: write one"},
    {"log:\n  target: {a: b}\n", "2:11", "log.target is a mapping: write one"},
    {"listeners:\n  - name: [a]\n", "2:11", "listeners[#1].name is a list"},
    {"listeners:\n  - name: a\n    keep_open: [no]\n", "3:16",
     "listeners[a].keep_open is a list: write one value"},
};

static const struct wrong values[] = {
    {"workers: 257\n", "1:10",
     "workers is \"257\", which is out of range: write a number from 0 to 256"},
    {"workers: -1\n", "1:10", "\"-1\", which is out of range"},
    {"workers: 99999999999999999999\n", "1:10", "which is out of range"},
    {"workers: 18446744073709551617\n", "1:10", "which is out of range"},
    {"workers: two\n", "1:10",
     "workers is \"two\", which is no whole decimal number: write a number"},
    {"workers: 1.5\n", "1:10", "no whole decimal number"},
    {"workers: 010\n", "1:10", "no whole decimal number"},
    {"workers: 0x10\n", "1:10", "no whole decimal number"},
    {"workers: +1\n", "1:10", "no whole decimal number"},
    {"workers: -\n", "1:10", "cannot begin a list"},
    {"workers: 1 2\n", "1:10", "no whole decimal number"},
    {"workers: \" 1\"\n", "1:10", "no whole decimal number"},
    {"workers: \"1\\0\"\n", "1:10", "\"1\\x00\", which is no whole"},
    {"workers:\n", "1:9", "workers has no value: write one, or remove the"},
    {"workers: ~\n", "1:10", "workers has no value"},
    {"workers: null\n", "1:10", "workers has no value"},
    {"listeners:\n  - name: a\n    port: 65536\n", "3:11",
     "listeners[a].port is \"65536\", which is out of range: write a number "
     "from 0 to 65535"},
    {"listeners:\n  - name: a\n    port:\n", "3:10",
     "listeners[a].port has no value: write port: 27708"},
    {"timeouts: {message_ms: 9}\n", "1:24",
     "timeouts.message_ms is \"9\", which is out of range: write a number "
     "from 10 to 60000"},
    {"timeouts: {message_ms: 60001}\n", "1:24", "from 10 to 60000"},
    {"timeouts: {idle_s: 0}\n", "1:20", "from 1 to 86400"},
    {"timeouts: {idle_s: 86401}\n", "1:20", "from 1 to 86400"},
    {"timeouts: {handshake_s: 0}\n", "1:25", "from 1 to 600"},
    {"timeouts: {handshake_s: 601}\n", "1:25", "from 1 to 600"},
    {"timeouts: {drain_s: -1}\n", "1:21", "from 0 to 3600"},
    {"timeouts: {drain_s: 3601}\n", "1:21", "from 0 to 3600"},
    {"limits: {connections: 0}\n", "1:23",
     "limits.connections is \"0\", which is out of range: write a number from "
     "1 to 1000000"},
    {"limits: {per_address: 1000001}\n", "1:23", "from 0 to 1000000"},
    {"limits: {handshakes: -1}\n", "1:22", "from 0 to 1000000"},
    {"limits: {new_per_second: 1.5}\n", "1:26", "limits.new_per_second is"},
    {"limits: {per_adress: 1}\n", "1:10", "did you mean per_address?"},
    {"log:\n  level: verbose\n", "2:10",
     "log.level is \"verbose\": write error, warning, info or debug"},
    {"log:\n  level: 1\n", "2:10", "write error, warning, info or debug"},
    {"log:\n  level: INFO\n", "2:10", "write error, warning, info or debug"},
    {"store:\n  durability: sync\n", "2:15",
     "store.durability is \"sync\": write commit, async or memory"},
    {"store: {path: a, history_days: 0}\n", "1:32",
     "store.history_days is \"0\", which is out of range: write a number from "
     "1 to 36500"},
    {"store: {path: a, history_max_mb: 15}\n", "1:34",
     "store.history_max_mb is \"15\", which is out of range: write a number "
     "from 16 to 1048576"},
    {"store: {path: }\n", "1:15", "store.path has no value"},
    {"store: a.db\n", "1:8", "store is a single value: write its keys"},
    {LISTENER "store: {}\n", "4:8",
     "store has no path: add path: FILE, the database, or durability: memory"},
    {LISTENER "store: {durability: async}\n", "4:8", "store has no path: add"},
    {"control:\n", "1:9", "control has no value"},
    {LISTENER "store: {path: /a/b}\ncontrol: /a/b\n", "5:10",
     "control is a file of the database: write another path"},
    {LISTENER "control: b-wal\nstore: {path: b}\n", "4:10",
     "control is a file of the database"},
    {"control: {path: a}\n", "1:10", "control is a mapping: write one value"},
    {LISTENER "control: /" THIRTY THIRTY THIRTY "12345678901234567\n", "4:10",
     "control is a path of 108 bytes, with the folder of this file in front "
     "where it is relative: a socket has room for 107: write a shorter one"},
    {"messages:\n  format: xml\n", "2:11",
     "messages.format is \"xml\": write table, json or none"},
    {SECURE "      client_auth: maybe\n", "7:20",
     "listeners[secure].tls.client_auth is \"maybe\": write none, optional "
     "or required"},
    {SECURE "      min_version: 1.1\n", "7:20", "write 1.2 or 1.3"},
    {"listeners:\n  - name: a\n    keep_open: maybe\n", "3:16",
     "listeners[a].keep_open is \"maybe\": write yes or no"},
    {"listeners:\n  - name: a\n    write: yes\n", "3:12",
     "listeners[a].write is \"yes\": write any, own-device or no"},
    {"listeners:\n  - name: a\n    read: no\n", "3:11",
     "listeners[a].read is \"no\": write any or own-device"},
    {"listeners:\n  - name: a\n    authorize: yes\n", "3:16",
     "listeners[a].authorize is \"yes\": write enforce or warn"},
    {"listeners:\n  - name: a\n    explain_errors: 1\n", "3:21",
     "listeners[a].explain_errors is \"1\": write yes or no"},
    {"log:\n  target: \"\"\n", "2:11", "log.target has no value"},
    {"log:\n  target: \"a\\nb\"\n", "2:11",
     "log.target is \"a\\x0Ab\", with a control character: write a file's"},
    {"log:\n  target: \"a\\0b\"\n", "2:11", "with a control character"},
    {SECURE "      client_ca:\n", "7:17", "client_ca has no value"},
    {SECURE "      crl:\n", "7:11", "crl has no value"},
    {"listeners:\n  - {name: a, port: 1, tls: {certificate: ''}}\n", "2:43",
     "listeners[a].tls.certificate has no value: write certificate: FILE"},
};

static const struct wrong names[] = {
    {"listeners:\n  - name: a b\n", "2:11",
     "listeners[#1].name is \"a b\": write 1 to 32 of the letters"},
    {"listeners:\n  - name: gr\xc3\xbcn\n", "2:11", "\"gr\\xC3\\xBCn\""},
    {"listeners:\n  - name: \"a\\0\"\n", "2:11", "\"a\\x00\": write 1 to 32"},
    {"listeners:\n  - name: " THIRTY "abc\n", "2:11",
     "\"" THIRTY "abc\": write 1 to 32 of the letters"},
    {"listeners:\n  - name: " THIRTY THIRTY "\n", "2:11",
     "\"" THIRTY "1234567890...\": write 1 to 32 of the letters"},
    {"listeners:\n  - name:\n", "2:10", "name has no value: write name: plain"},
    {LISTENER "  - name: plain\n    port: 27709\n", "4:11",
     "listeners[plain].name is taken by the listener in line 2"},
};

static const struct wrong addresses[] = {
    {"listeners:\n  - name: a\n    address: localhost\n", "3:14",
     "listeners[a].address is \"localhost\", which is no numeric address: "
     "write \"*\" for all, or one like 192.0.2.1 or 2001:db8::1"},
    {"listeners: [{name: a, address: '[::1]'}]\n", "1:32", "no numeric addre"},
    {"listeners: [{name: a, address: 1.2.3}]\n", "1:32", "no numeric address"},
    {"listeners: [{name: a, address: 1.2.3.4%lo}]\n", "1:32", "no numeric"},
    {"listeners: [{name: a, address: 'fe80::1%'}]\n", "1:32", "no numeric"},
    {"listeners: [{name: a, address: '**'}]\n", "1:32", "no numeric address"},
    {"listeners: [{name: a, address: \"::1\\0\"}]\n", "1:32", "no numeric"},
    {"listeners: [{name: a, address: " THIRTY THIRTY "}]\n", "1:32",
     "no numeric address"},
    {LISTENER "  - name: b\n    port: 27708\n", "5:11",
     "listeners[b].port is 27708, which listeners[plain] has at the same"},
    {LISTENER "  - {name: b, port: 27708, address: '::1'}\n", "4:21",
     "which listeners[plain] has"},
    {"listeners:\n  - {name: a, port: 1, address: '::1'}\n"
     "  - {name: b, port: 1, address: '0:0::1'}\n",
     "3:21", "which listeners[a] has"},
    {"listeners:\n  - {name: a, port: 1, address: 127.0.0.1}\n"
     "  - {name: b, port: 1, address: 0.0.0.0}\n",
     "3:21", "which listeners[a] has"},
};

static const struct wrong authentication[] = {
    {SECURE "      client_auth: required\n", "7:20",
     "listeners[secure].tls.client_auth is required, but there is no "
     "client_ca: add client_ca: FILE with the CA of the clients' certif"},
    {LISTENER "  - name: s\n    port: 2\n    tls: {client_auth: optional, "
              "certificate: a, private_key: b}\n",
     "6:24", "listeners[s].tls.client_auth is optional, but there is no"},
    {SECURE "      crl: crl.pem\n", "7:12",
     "listeners[secure].tls.crl is there, but client_auth is none, so no "
     "client shows a certificate: set client_auth to required or optional, or "
     "remove crl"},
    {SECURE "      client_ca: ca\n      crl: crl.pem\n", "8:12",
     "listeners[secure].tls.crl is there, but client_auth is none"},
    {SECURE "      client_auth: optional\n      crl: crl.pem\n", "7:20",
     "listeners[secure].tls.client_auth is optional, but there is no"},
    {LISTENER "    write: own-device\n", "4:12",
     "listeners[plain].write is own-device, which is told by the client's "
     "certificate, but this listener is plain: give it tls with client_auth: "
     "required, or set write to any or no"},
    {LISTENER "    read: own-device\n", "4:11",
     "listeners[plain].read is own-device, which is told by the client's "
     "certificate, but this listener is plain: give it tls with client_auth: "
     "required, or set read to any"},
    {SECURE "      client_auth: optional\n      client_ca: ca\n"
            "    write: own-device\n",
     "9:12",
     "listeners[secure].write is own-device, which is told by the client's "
     "certificate, but tls.client_auth is not required: set tls.client_auth "
     "to required, or set write to any or no"},
    {SECURE "    write: own-device\n    read: own-device\n", "7:12",
     "tls.client_auth is not required"},
};

#define TEST_WRONG(name)         \
    START_TEST(wrong_##name)     \
    {                            \
        assert_wrong(&name[_i]); \
    }                            \
    END_TEST

TEST_WRONG(syntax)
TEST_WRONG(keys)
TEST_WRONG(types)
TEST_WRONG(values)
TEST_WRONG(names)
TEST_WRONG(addresses)
TEST_WRONG(authentication)

START_TEST(a_nul_byte_is_refused)
{
    static const char text[] = "workers: 3\0\n";

    assert_refused(text, sizeof text - 1, "1:11",
                   "a control character (U+0000): remove it");
}
END_TEST

START_TEST(more_than_64_listeners_are_refused)
{
    char text[4096] = "listeners:\n";
    size_t used = strlen(text);

    for (int i = 1; i <= 66; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "  - {name: n%d, port: %d}\n", i, i);
    }
    assert_refused(text, used, "66:5",
                   "listeners has 66 entries: remove all but 64");
}
END_TEST

START_TEST(a_path_of_4096_bytes_is_refused)
{
    char text[5000];
    size_t used = (size_t)snprintf(text, sizeof text, "log:\n  target: ");

    memset(text + used, 'x', 4096);
    assert_refused(text, used + 4096, "2:11", "which is too long: write");
}
END_TEST

/* --- the file itself ------------------------------------------------------ */

START_TEST(a_file_that_is_not_there_is_told)
{
    char error[CONFIG_ERROR_MAX];

    ck_assert_ptr_null(config_load("/nowhere/wwepd.yaml", error));
    ck_assert_str_eq(error, "/nowhere/wwepd.yaml: cannot be read: No such file "
                            "or directory");
}
END_TEST

START_TEST(a_folder_is_told)
{
    char error[CONFIG_ERROR_MAX];

    ck_assert_ptr_null(config_load("/", error));
    ck_assert_str_eq(error, "/: cannot be read: Is a directory");
}
END_TEST

START_TEST(an_endless_file_is_refused)
{
    char error[CONFIG_ERROR_MAX];

    ck_assert_ptr_null(config_load("/dev/zero", error));
    ck_assert_str_eq(error, "/dev/zero: is larger than 256 KiB, which no "
                            "configuration needs to be: check the path");
}
END_TEST

START_TEST(a_strange_path_stays_in_a_line_with_the_mistake)
{
    char error[CONFIG_ERROR_MAX];
    char path[3000];

    memset(path, 'x', sizeof path - 1);
    path[1] = '\n';
    path[sizeof path - 1] = '\0';
    ck_assert_ptr_null(config_load(path, error));
    ck_assert_int_eq(strncmp(error, "x?xxx", 5), 0);
    ck_assert_ptr_nonnull(strstr(error, "x: cannot be read: File name too"));
}
END_TEST

/* --- what could keep libyaml busy ----------------------------------------- */

struct bulk {
    const char *unit;
    const char *place;
    const char *words;
};

static const struct bulk bulks[] = {
    {"[", "1:17", "nested more than 16 deep"},
    {"{", "1:17", "nested more than 16 deep"},
    {"- ", "1:33", "nested more than 16 deep"},
    {"? ", "1:33", "nested more than 16 deep"},
    {"{a: ", "1:65", "nested more than 16 deep"},
    {"- &a x\n", "2:3", "give it another name"},
    {"- x\n", "1:1", "not made of keys"},
    {"%A b\n", "1:3", "not YAML"},
    {"!", "1:1", "the file is empty"},
};

START_TEST(bulk_is_refused_in_good_time)
{
    const struct bulk *bulk = &bulks[_i];
    size_t len = strlen(bulk->unit);
    size_t count = 262144 / len;
    char *text = malloc(count * len);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * len, bulk->unit, len);
    assert_refused(text, count * len, bulk->place, bulk->words);
    free(text);
}
END_TEST

static void add_tables(TCase *tcase)
{
    tcase_add_loop_test(tcase, wrong_syntax, 0, (int)COUNT(syntax));
    tcase_add_loop_test(tcase, wrong_keys, 0, (int)COUNT(keys));
    tcase_add_loop_test(tcase, wrong_types, 0, (int)COUNT(types));
    tcase_add_loop_test(tcase, wrong_values, 0, (int)COUNT(values));
    tcase_add_loop_test(tcase, wrong_names, 0, (int)COUNT(names));
    tcase_add_loop_test(tcase, wrong_addresses, 0, (int)COUNT(addresses));
    tcase_add_loop_test(tcase, wrong_authentication, 0,
                        (int)COUNT(authentication));
    tcase_add_loop_test(tcase, bulk_is_refused_in_good_time, 0,
                        (int)COUNT(bulks));
}

int main(void)
{
    Suite *suite = suite_create("config_error");
    TCase *tcase = tcase_create("config_error");

    tcase_add_checked_fixture(tcase, unit_config_setup, unit_config_teardown);
    add_tables(tcase);
    tcase_add_test(tcase, a_nul_byte_is_refused);
    tcase_add_test(tcase, more_than_64_listeners_are_refused);
    tcase_add_test(tcase, a_path_of_4096_bytes_is_refused);
    tcase_add_test(tcase, a_file_that_is_not_there_is_told);
    tcase_add_test(tcase, a_folder_is_told);
    tcase_add_test(tcase, an_endless_file_is_refused);
    tcase_add_test(tcase, a_strange_path_stays_in_a_line_with_the_mistake);
    suite_add_tcase(suite, tcase);
    return unit_run(suite);
}
