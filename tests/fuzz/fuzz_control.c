/* fuzz_control.c - the orders of the control socket against any line, and what
 * is said to them.
 *
 * Held to: an order is one that there is, with a device and a path that can be;
 * what refuses one can be shown, and ends; every reply is one line of ASCII,
 * and JSON with what was put in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_json.h"
#include "fuzz.h"
#include "wwep_text.h"

#include <jansson.h>
#include <string.h>

static void check_words(const char *words)
{
    FUZZ_CHECK(memchr(words, '\0', CONTROL_WORDS_MAX) != NULL);
    FUZZ_CHECK(words[0] != '\0');
    for (; *words != '\0'; words++)
        FUZZ_CHECK(wwep_text_printable((uint8_t)*words));
}

static void check_request(const struct control_request *r)
{
    FUZZ_CHECK(r->command <= CONTROL_RELOAD);
    FUZZ_CHECK(memchr(r->path, '\0', sizeof r->path) != NULL);
    FUZZ_CHECK(r->device >= -1 && r->device <= 0xffff);
    FUZZ_CHECK(r->device == -1 || r->command == CONTROL_RESET);
    FUZZ_CHECK(r->path[0] == (r->command == CONTROL_RESTORE ? '/' : '\0'));
}

/* Takes a reply. */
static void check_line(char *line, bool ok)
{
    json_error_t error;

    FUZZ_CHECK(line != NULL);
    size_t len = strlen(line);
    FUZZ_CHECK(len > 0 && line[len - 1] == '\n');
    for (size_t i = 0; i + 1 < len; i++)
        FUZZ_CHECK(line[i] >= 0x20 && line[i] < 0x7f);
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    FUZZ_CHECK(json_is_object(object));
    FUZZ_CHECK(json_is_boolean(json_object_get(object, "ok")));
    FUZZ_CHECK(json_is_true(json_object_get(object, "ok")) == ok);
    json_decref(object);
    free(line);
}

static uint64_t number_of(const uint8_t *data, size_t size)
{
    uint64_t n = 0;

    memcpy(&n, data, size < sizeof n ? size : sizeof n);
    return n;
}

/* Any bytes stand for a file's name, and for what SQLite has said. */
static void check_replies(const uint8_t *data, size_t size)
{
    struct control_stats stats = {.durability = "commit"};
    char text[CONTROL_PATH_MAX];
    uint64_t number = number_of(data, size) >> 1;

    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, data, size);
    text[size] = '\0';
    check_line(control_json_change(CONTROL_RESTORE, number, text), true);
    check_line(control_json_error(text), false);
    stats.path = text;
    stats.uptime_s = number;
    stats.open = (unsigned)number;
    /* A time of the clock: gmtime_r() knows no other. */
    stats.store.error_us = (int64_t)(number >> 8);
    snprintf(stats.store.error, sizeof stats.store.error, "%.255s", text);
    check_line(control_json_stats(&stats), true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_request request;
    char words[CONTROL_WORDS_MAX];

    if (size > CONTROL_LINE_MAX)
        return 0;
    memset(&request, 0xa5, sizeof request);
    memset(words, 'x', sizeof words);
    if (control_json_parse((const char *)data, size, &request, words)) {
        check_request(&request);
    } else {
        check_words(words);
        check_line(control_json_error(words), false);
    }
    check_replies(data, size);
    return 0;
}
