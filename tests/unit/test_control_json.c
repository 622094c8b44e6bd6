/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_json.h"

#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct control_request request;
static char words[CONTROL_WORDS_MAX];

static bool parse(const char *line)
{
    memset(&request, 0xa5, sizeof request);
    words[0] = '\0';
    return control_json_parse(line, strlen(line), &request, words);
}

START_TEST(each_command)
{
    ck_assert(parse("{\"command\":\"stats\"}"));
    ck_assert_int_eq(request.command, CONTROL_STATS);
    ck_assert(parse("  { \"command\" : \"reload\" }\r"));
    ck_assert_int_eq(request.command, CONTROL_RELOAD);
    ck_assert(parse("{\"command\":\"reset\"}"));
    ck_assert_int_eq(request.command, CONTROL_RESET);
    ck_assert_int_eq(request.device, -1);
    ck_assert(parse("{\"device\":\"0fAc\",\"command\":\"reset\"}"));
    ck_assert_int_eq(request.command, CONTROL_RESET);
    ck_assert_int_eq(request.device, 0x0fac);
    ck_assert(parse("{\"command\":\"restore\",\"path\":\"/a \\u00fc/b\"}"));
    ck_assert_int_eq(request.command, CONTROL_RESTORE);
    ck_assert_str_eq(request.path, "/a \xc3\xbc/b");
}
END_TEST

static const struct wrong {
    const char *line;
    const char *words;
} wrongs[] = {
    {"", "that is no JSON ("},
    {"stats", "write an object on one line, as {\"command\": \"stats\"}"},
    {"{\"command\":\"stats\"} {}", "that is no JSON ("},
    {"{\"command\":\"stats\",\"command\":\"reset\"}", "that is no JSON ("},
    {"{\"command\":\"st\xff\"}", "that is no JSON ("},
    {"{\"command\":\"\\u0000\"}", "that is no JSON ("},
    {"{\"command\":\"sta", "that is no JSON ("},
    {"[\"stats\"]", "that is no object of JSON: write one, as {"},
    {"{}", "there is no command in it: write one, as {"},
    {"{\"command\":1}", "there is no command in it"},
    {"{\"comand\":\"stats\"}", "there is no command in it"},
    {"{\"command\":\"resett\"}",
     "there is no command resett: did you mean reset?"},
    {"{\"command\":\"drop\"}",
     "there is no command drop: write stats, reset, restore or reload"},
    {"{\"command\":\"a\\n\\u001b[2J\"}", "there is no command a\\x0A\\x1B[2J:"},
    {"{\"command\":\"stats\",\"device\":\"0FAC\"}",
     "stats has no key device: write {\"command\": \"stats\"}"},
    {"{\"command\":\"reset\",\"devise\":\"0FAC\"}",
     "reset has no key devise: write {\"command\": \"reset\", \"device\": "
     "\"0FAC\"}"},
    {"{\"command\":\"reset\",\"device\":\"FAC\"}",
     "FAC is no device: write four hex digits, as \"device\": \"0FAC\""},
    {"{\"command\":\"reset\",\"device\":\"0FAG\"}", "0FAG is no device"},
    {"{\"command\":\"reset\",\"device\":4012}", "is no device"},
    {"{\"command\":\"reset\",\"device\":null}", "is no device"},
    {"{\"command\":\"reset\",\"device\":\"\"}", "is no device"},
    {"{\"command\":\"restore\"}",
     "restore wants a path: write {\"command\": \"restore\", \"path\": "
     "\"/FILE\"}"},
    {"{\"command\":\"restore\",\"path\":\"copy.db\"}",
     "path is not the whole path of a file: write one that begins with /"},
    {"{\"command\":\"restore\",\"path\":[]}", "path is not the whole path"},
};

START_TEST(what_is_no_order)
{
    const struct wrong *w = &wrongs[_i];

    ck_assert(!parse(w->line));
    ck_assert_msg(strstr(words, w->words) != NULL, "\"%s\" is not in: %s",
                  w->words, words);
    for (const char *c = words; *c != '\0'; c++)
        ck_assert_msg(*c >= ' ' && *c <= '~', "unprintable: %s", words);
}
END_TEST

START_TEST(a_path_of_any_length)
{
    char line[CONTROL_PATH_MAX + 100];
    char path[CONTROL_PATH_MAX + 1];

    memset(path, '/', sizeof path);
    for (size_t len = CONTROL_PATH_MAX - 1; len <= CONTROL_PATH_MAX; len++) {
        snprintf(line, sizeof line,
                 "{\"command\":\"restore\",\"path\":\"%.*s"
                 "\"}",
                 (int)len, path);
        ck_assert_int_eq(parse(line), len == CONTROL_PATH_MAX - 1);
    }
}
END_TEST

/* Each byte of a good order, changed: it is taken, or told why not. */
START_TEST(a_bad_byte_anywhere)
{
    static const char good[] = "{\"command\":\"reset\",\"device\":\"0FAC\"}";
    static const char bytes[] = "\"\\{}[]:,0\n\x01\x7f\x80\xff ";
    char line[sizeof good];

    for (size_t i = 0; i < sizeof good - 1; i++)
        for (size_t b = 0; b < sizeof bytes; b++) { /* and the NUL */
            memcpy(line, good, sizeof good);
            line[i] = bytes[b];
            words[0] = '\0';
            bool taken =
                control_json_parse(line, sizeof good - 1, &request, words);
            ck_assert_int_eq(taken, words[0] == '\0');
        }
}
END_TEST

/* A line's object; the caller gives it back. */
static json_t *object_of(char *line)
{
    ck_assert_ptr_nonnull(line);
    size_t len = strlen(line);
    ck_assert_int_eq(line[len - 1], '\n');
    ck_assert_ptr_eq(strchr(line, '\n'), line + len - 1);
    json_t *object = json_loads(line, 0, NULL);
    ck_assert_ptr_nonnull(object);
    free(line);
    return object;
}

static void expect(char *line, const char *expected)
{
    json_t *got = object_of(line);
    json_t *want = json_loads(expected, 0, NULL);

    ck_assert_ptr_nonnull(want);
    char *text = json_dumps(got, 0);
    ck_assert_msg(json_equal(got, want), "%s", text);
    free(text);
    json_decref(got);
    json_decref(want);
}

START_TEST(a_reply_is_ascii)
{
    char *line = control_json_error("/\xc2\x9b[2J\xc3\xbc\n\x1b");

    ck_assert_str_eq(line, "{\"ok\":false,\"error\":"
                           "\"/\\u009B[2J\\u00FC\\n\\u001B\"}\n");
    free(line);
    line = control_json_error("/a\x7f"); /* JSON has no need to escape it */
    ck_assert_str_eq(line, "{\"ok\":false,\"error\":\"/a\\\\x7F\"}\n");
    free(line);
}
END_TEST

START_TEST(replies)
{
    expect(control_json_error("no \"way\"\n"),
           "{\"ok\":false,\"error\":\"no \\\"way\\\"\\n\"}");
    expect(control_json_error("\xff\\"),
           "{\"ok\":false,\"error\":\"\\\\xFF\\\\x5C\"}");
    expect(control_json_change(CONTROL_RESET, 7, "/a/b"),
           "{\"ok\":true,\"command\":\"reset\",\"registers\":7,"
           "\"copy\":\"/a/b\"}");
    expect(control_json_change(CONTROL_RESTORE, 0, ""),
           "{\"ok\":true,\"command\":\"restore\",\"registers\":0,"
           "\"copy\":null}");
}
END_TEST

START_TEST(stats)
{
    struct control_stats s = {
        .uptime_s = 1,
        .open = 2,
        .accepted = 3,
        .turned_away = 4,
        .accept_failed = 29,
        .handshakes = 14,
        .counts = {[COUNTER_PLAIN] = 5,
                   [COUNTER_TLS] = 6,
                   [COUNTER_FULL_1_2] = 15,
                   [COUNTER_FULL_1_3] = 16,
                   [COUNTER_RESUMED_1_2] = 17,
                   [COUNTER_RESUMED_1_3] = 18,
                   [COUNTER_OVER_CONNECTIONS] = 19,
                   [COUNTER_OVER_PER_ADDRESS] = 20,
                   [COUNTER_OVER_HANDSHAKES] = 21,
                   [COUNTER_OVER_NEW_PER_SECOND] = 22,
                   [COUNTER_NO_MEMORY] = 23,
                   [COUNTER_REASONS + WWEP_REASON_COMMAND] = 3,
                   [COUNTER_REASONS + WWEP_REASON_STORAGE] = 4,
                   [COUNTER_FAULTS + WWEP_FAULT_EXPIRED] = 24},
        .bytes_in = 25,
        .bytes_out = 26,
        .messages_lost = 27,
        .durability = "commit",
        .path = "/a",
        .file_size = 8,
        .log_size = 9,
        .store = {10, 11, 12, 13, true, 1769853600123456, "full", 28}};
    json_t *got = object_of(control_json_stats(&s));
    json_t *want = json_loads(
        "{\"ok\":true,\"command\":\"stats\",\"uptime_s\":1,\"connections\":"
        "{\"open\":2,\"accepted\":3,\"turned_away\":4,\"over\":"
        "{\"connections\":19,\"per_address\":20,\"handshakes\":21,"
        "\"new_per_second\":22,\"memory\":23},\"accept_failed\":29},"
        "\"exchanges\":"
        "{\"plain\":5,\"tls\":6,\"refused\":7,\"reasons\":{\"command\":3,"
        "\"character\":0,\"length\":0,\"not_found\":0,\"not_allowed\":0,"
        "\"storage\":4}},\"tls\":{\"handshaking\":14,\"full\":{\"1.2\":15,"
        "\"1.3\":16},\"resumed\":{\"1.2\":17,\"1.3\":18},\"failed\":"
        "{\"expired\":24}},\"bytes\":{\"in\":25,\"out\":26},\"messages\":"
        "{\"lost\":27},\"store\":{\"durability\":"
        "\"commit\",\"path\":\"/a\",\"file_bytes\":8,\"log_bytes\":9,"
        "\"batches\":10,\"writes\":11,\"queue\":28,\"failing\":true,\"last_"
        "error\":\"full\","
        "\"last_error_time\":\"2026-01-31T10:00:00.123456Z\"},\"history\":"
        "{\"written\":12,\"dropped\":13}}",
        0, NULL);

    ck_assert_ptr_nonnull(want);
    ck_assert_int_gt(json_integer_value(json_object_get(got, "pid")), 0);
    ck_assert_int_eq(json_object_del(got, "pid"), 0);
    ck_assert_int_eq(json_object_del(got, "version"), 0);
    ck_assert(json_equal(got, want));
    json_decref(got);
    json_decref(want);
}
END_TEST

START_TEST(a_reload)
{
    char *texts[] = {(char *)"a -> b", (char *)"\xff \"c\""};
    const struct changes none = {.n = 0};
    const struct changes two = {.texts = texts, .n = COUNT(texts)};

    expect(control_json_reload(&none, &none),
           "{\"ok\":true,\"command\":\"reload\",\"changed\":[],"
           "\"restart\":[]}\n");
    expect(control_json_reload(&two, &none),
           "{\"ok\":true,\"command\":\"reload\",\"changed\":[\"a -> b\","
           "\"\\\\xFF \\\"c\\\"\"],\"restart\":[]}\n");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("control_json");
    TCase *tc = tcase_create("control_json");

    tcase_add_test(tc, each_command);
    tcase_add_loop_test(tc, what_is_no_order, 0, COUNT(wrongs));
    tcase_add_test(tc, a_path_of_any_length);
    tcase_add_test(tc, a_bad_byte_anywhere);
    tcase_add_test(tc, a_reply_is_ascii);
    tcase_add_test(tc, replies);
    tcase_add_test(tc, a_reload);
    tcase_add_test(tc, stats);
    suite_add_tcase(suite, tc);
    return unit_run(suite);
}
