/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control_json.h"

#include "control_counts.h"
#include "wwep_near.h"
#include "wwep_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SHOWN_MAX    (40u * WWEP_ESCAPED_MAX + 8u)

static const struct command {
    const char *name;
    const char *key; /* besides "command"; NULL: none */
    bool required;
    const char *example;
} commands[] = {
    [CONTROL_STATS] = {"stats", NULL, false, "{\"command\": \"stats\"}"},
    [CONTROL_RESET] = {"reset", "device", false,
                       "{\"command\": \"reset\", \"device\": \"0FAC\"}"},
    [CONTROL_RESTORE] = {"restore", "path", true,
                         "{\"command\": \"restore\", \"path\": \"/FILE\"}"},
    [CONTROL_RELOAD] = {"reload", NULL, false, "{\"command\": \"reload\"}"},
};

/* --- requests --- */

/* What has come, fit to be shown, and cut where it is long. */
static const char *show(const char *text, char out[SHOWN_MAX])
{
    wwep_text_escape((const uint8_t *)text, strnlen(text, 40), out, SHOWN_MAX);
    return out;
}

static bool refuse_command(const char *name, char *words)
{
    struct wwep_near near;
    char shown[SHOWN_MAX];

    wwep_near_start(&near, name);
    for (size_t i = 0; i < COUNT(commands); i++)
        wwep_near_offer(&near, commands[i].name);
    if (near.best != NULL)
        snprintf(words, CONTROL_WORDS_MAX,
                 "there is no command %s: did you mean %s?", show(name, shown),
                 near.best);
    else
        snprintf(words, CONTROL_WORDS_MAX,
                 "there is no command %s: write stats, reset, restore or "
                 "reload",
                 show(name, shown));
    return false;
}

static bool check_keys(json_t *object, const struct command *command,
                       char *words)
{
    const char *key;
    json_t *value;
    char shown[SHOWN_MAX];

    json_object_foreach(object, key, value)
    {
        (void)value;
        if (strcmp(key, "command") == 0 ||
            (command->key != NULL && strcmp(key, command->key) == 0))
            continue;
        snprintf(words, CONTROL_WORDS_MAX, "%s has no key %s: write %s",
                 command->name, show(key, shown), command->example);
        return false;
    }
    if (!command->required || json_object_get(object, command->key) != NULL)
        return true;
    snprintf(words, CONTROL_WORDS_MAX, "%s wants a %s: write %s", command->name,
             command->key, command->example);
    return false;
}

static bool take_device(const json_t *value, struct control_request *request,
                        char *words)
{
    const char *text = json_string_value(value); /* NULL: no string */
    bool good = text != NULL && strlen(text) == 4;
    char shown[SHOWN_MAX] = "what is written";

    for (size_t i = 0; good && i < 4; i++)
        good = wwep_text_hex((uint8_t)text[i]) >= 0;
    if (good) {
        request->device = (int32_t)wwep_text_get_hex((const uint8_t *)text, 4);
        return true;
    }
    snprintf(words, CONTROL_WORDS_MAX,
             "%s is no device: write four hex digits, as \"device\": \"0FAC\"",
             text != NULL && *text != '\0' ? show(text, shown) : shown);
    return false;
}

static bool take_path(const json_t *value, struct control_request *request,
                      char *words)
{
    const char *text = json_string_value(value);

    if (text != NULL && *text == '/' && strlen(text) < CONTROL_PATH_MAX) {
        snprintf(request->path, sizeof request->path, "%s", text);
        return true;
    }
    snprintf(words, CONTROL_WORDS_MAX,
             "path is not the whole path of a file: write one that begins with "
             "/, of at most %u bytes",
             CONTROL_PATH_MAX - 1);
    return false;
}

static bool take(json_t *object, struct control_request *request, char *words)
{
    const char *name = json_string_value(json_object_get(object, "command"));
    size_t i = 0;

    if (name == NULL) {
        snprintf(words, CONTROL_WORDS_MAX,
                 "there is no command in it: write one, as %s",
                 commands[CONTROL_STATS].example);
        return false;
    }
    while (i < COUNT(commands) && strcmp(commands[i].name, name) != 0)
        i++;
    if (i == COUNT(commands))
        return refuse_command(name, words);
    if (!check_keys(object, &commands[i], words))
        return false;
    request->command = (enum control_command)i;
    request->device = -1;
    request->path[0] = '\0';
    const json_t *value = commands[i].key != NULL
                              ? json_object_get(object, commands[i].key)
                              : NULL;
    if (value == NULL)
        return true;
    return i == CONTROL_RESET ? take_device(value, request, words)
                              : take_path(value, request, words);
}

bool control_json_parse(const char *line, size_t len,
                        struct control_request *request,
                        char words[CONTROL_WORDS_MAX])
{
    json_error_t error;
    char shown[sizeof error.text * WWEP_ESCAPED_MAX];
    json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
    bool good = false;

    if (object == NULL) {
        wwep_text_escape((const uint8_t *)error.text, strlen(error.text), shown,
                         sizeof shown);
        snprintf(words, CONTROL_WORDS_MAX,
                 "that is no JSON (%s): write an object on one line, as %s",
                 shown, commands[CONTROL_STATS].example);
    } else if (!json_is_object(object)) {
        snprintf(words, CONTROL_WORDS_MAX,
                 "that is no object of JSON: write one, as %s",
                 commands[CONTROL_STATS].example);
    } else {
        good = take(object, request, words);
    }
    json_decref(object);
    return good;
}

/* --- replies --- */

/* Takes the object; NULL is fine. What is not ASCII is escaped: a person at a
 * terminal reads it, too. */
static char *to_line(json_t *object)
{
    char *text = object != NULL
                     ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;
    size_t len = text != NULL ? strlen(text) : 0;
    char *line = text != NULL ? realloc(text, len + 2) : NULL;

    json_decref(object);
    if (line == NULL) {
        free(text);
        return NULL;
    }
    memcpy(line + len, "\n", 2);
    return line;
}

/* A path may have bytes that are no UTF-8, and then no JSON. DEL is the one
 * control character that JSON leaves as it is. */
static json_t *to_string(const char *text)
{
    char shown[CONTROL_PATH_MAX * WWEP_ESCAPED_MAX];
    json_t *string = strchr(text, 0x7f) == NULL ? json_string(text) : NULL;

    if (string != NULL)
        return string;
    wwep_text_escape((const uint8_t *)text, strlen(text), shown, sizeof shown);
    return json_string(shown);
}

/* NULL and "" are null. */
static json_t *or_null(const char *text)
{
    return text != NULL && *text != '\0' ? to_string(text) : json_null();
}

char *control_json_error(const char *words)
{
    return to_line(json_pack("{s:b s:o}", "ok", 0, "error", to_string(words)));
}

char *control_json_change(enum control_command command, uint64_t registers,
                          const char *copy)
{
    return to_line(json_pack("{s:b s:s s:I s:o}", "ok", 1, "command",
                             commands[command].name, "registers",
                             (json_int_t)registers, "copy", or_null(copy)));
}

/* NULL: no memory. */
static json_t *list_of(const struct changes *c)
{
    json_t *list = json_array();

    for (size_t i = 0; i < c->n && list != NULL; i++)
        if (json_array_append_new(list, to_string(c->texts[i])) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

char *control_json_reload(const struct changes *changed,
                          const struct changes *restart)
{
    return to_line(json_pack("{s:b s:s s:o s:o}", "ok", 1, "command",
                             commands[CONTROL_RELOAD].name, "changed",
                             list_of(changed), "restart", list_of(restart)));
}

static json_t *time_or_null(int64_t time_us)
{
    char text[40];
    struct tm tm;
    time_t seconds = (time_t)(time_us / 1000000);

    if (time_us == 0)
        return json_null();
    gmtime_r(&seconds, &tm);
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + len, sizeof text - len, ".%06dZ", (int)(time_us % 1000000));
    return json_string(text);
}

static json_t *store_of(const struct control_stats *s)
{
    const struct store_stats *st = &s->store;

    return json_pack("{s:s s:o s:I s:I s:I s:I s:I s:b s:o s:o}", "durability",
                     s->durability, "path", or_null(s->path), "file_bytes",
                     (json_int_t)s->file_size, "log_bytes",
                     (json_int_t)s->log_size, "batches",
                     (json_int_t)st->batches, "writes", (json_int_t)st->writes,
                     "queue", (json_int_t)st->queue, "failing",
                     (int)st->failing, "last_error", or_null(st->error),
                     "last_error_time", time_or_null(st->error_us));
}

char *control_json_stats(const struct control_stats *s)
{
    return to_line(json_pack(
        "{s:b s:s s:s s:i s:I s:o s:o s:o s:{s:I s:I} s:o s:{s:I s:I} s:{s:I}}",
        "ok", 1, "command", "stats", "version", PACKAGE_VERSION, "pid",
        (int)getpid(), "uptime_s", (json_int_t)s->uptime_s, "connections",
        control_counts_connections(s), "exchanges", control_counts_exchanges(s),
        "tls", control_counts_tls(s), "bytes", "in", (json_int_t)s->bytes_in,
        "out", (json_int_t)s->bytes_out, "store", store_of(s), "history",
        "written", (json_int_t)s->store.messages, "dropped",
        (json_int_t)s->store.messages_dropped, "messages", "lost",
        (json_int_t)s->messages_lost));
}
