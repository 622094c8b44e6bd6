/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_json.h"

#include "db_words.h"
#include "wwep_text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* JSON does not escape DEL itself. */
#define DEL 0x7f

/* NULL is null; what is no UTF-8 shows as \xNN. */
static json_t *text_of(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *string = strchr(text, DEL) == NULL ? json_string(text) : NULL;
    if (string != NULL)
        return string;
    size_t len = strlen(text);
    char *shown = malloc(len * WWEP_ESCAPED_MAX + 1);
    if (shown == NULL)
        return NULL;
    wwep_text_escape((const uint8_t *)text, len, shown,
                     len * WWEP_ESCAPED_MAX + 1);
    string = json_string(shown);
    free(shown);
    return string;
}

static json_t *hex_of(int64_t number, int digits)
{
    char text[16];

    if (number < 0)
        return json_null();
    snprintf(text, sizeof text, "%0*llX", digits, (unsigned long long)number);
    return json_string(text);
}

static json_t *time_of(int64_t time_us)
{
    char text[DB_TIME_MAX];

    db_words_time_text(time_us, text);
    return json_string(text);
}

/* Takes the object. */
static char *dump(json_t *object)
{
    char *text = object != NULL
                     ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;

    json_decref(object);
    return text;
}

char *db_json_message(const struct store_message *m)
{
    return dump(json_pack(
        "{s:I s:o s:I s:o s:o s:o s:b s:o s:I s:o s:o s:o s:o s:o s:o s:I}",
        "id", (json_int_t)m->id, "time", time_of(m->time_us), "connection",
        (json_int_t)m->connection, "listener", text_of(m->listener), "tls",
        text_of(m->tls), "cipher", text_of(m->cipher), "resumed",
        m->resumed != 0, "address", text_of(m->address), "port",
        (json_int_t)m->port, "identity", text_of(m->identity), "device",
        hex_of(m->key < 0 ? -1 : m->key >> 8, 4), "register",
        hex_of(m->key < 0 ? -1 : m->key & 0xff, 2), "request",
        text_of(m->request), "reply", text_of(m->reply), "reason",
        text_of(m->reason), "us", (json_int_t)m->us));
}

char *db_json_register(const struct store_register *r)
{
    return dump(json_pack(
        "{s:o s:o s:o s:o s:o}", "device", hex_of(r->key >> 8, 4), "register",
        hex_of(r->key & 0xff, 2), "value", hex_of(r->value, 4), "time",
        time_of(r->time_us), "who", text_of(r->who)));
}

char *db_json_order(const char *command, int32_t device, const char *path)
{
    json_t *object = json_pack("{s:s}", "command", command);

    if (object != NULL && device >= 0)
        json_object_set_new(object, "device", hex_of(device, 4));
    /* One that is no UTF-8 makes none: then there is no order. */
    if (object != NULL && path != NULL &&
        json_object_set_new(object, "path", json_string(path)) != 0) {
        json_decref(object);
        object = NULL;
    }
    return dump(object);
}

static char *copy_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? strdup(text) : NULL;
}

bool db_json_reply(const char *line, struct db_reply *out)
{
    json_t *object = json_loads(line, 0, NULL);
    json_t *ok = json_object_get(object, "ok");
    bool good = json_is_boolean(ok);

    *out = (struct db_reply){0};
    if (good) {
        out->ok = json_is_true(ok);
        out->error = copy_of(object, "error");
        out->copy = copy_of(object, "copy");
        out->registers =
            json_integer_value(json_object_get(object, "registers"));
    }
    json_decref(object);
    return good;
}

void db_json_free(struct db_reply *r)
{
    free(r->error);
    free(r->copy);
}
