/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_show.h"

#include "wwep_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What comes from a server may be of a path, and drive a terminal. */
static void put_text(const char *text, FILE *out)
{
    size_t len = strlen(text);
    char *shown = malloc(len * WWEP_ESCAPED_MAX + 1);

    if (shown == NULL)
        return;
    wwep_text_escape((const uint8_t *)text, len, shown,
                     len * WWEP_ESCAPED_MAX + 1);
    fputs(shown, out);
    free(shown);
}

/* --- any reply --- */

/* Takes nothing; sets *object, which is the caller's, where it is CTL_DONE. */
static enum ctl_reply open_reply(const char *line, FILE *err, json_t **object)
{
    *object = json_loads(line, 0, NULL);
    json_t *ok = json_object_get(*object, "ok");
    const char *error = json_string_value(json_object_get(*object, "error"));

    if (json_is_true(ok))
        return CTL_DONE;
    enum ctl_reply status =
        json_is_false(ok) && error != NULL ? CTL_REFUSED : CTL_NO_REPLY;
    if (status == CTL_REFUSED) {
        fputs("wwepd ctl: ", err);
        put_text(error, err);
        fputc('\n', err);
    }
    json_decref(*object);
    return status;
}

enum ctl_reply ctl_show_json(const char *line, FILE *out, FILE *err)
{
    json_t *object;
    enum ctl_reply status = open_reply(line, err, &object);

    if (status == CTL_DONE) {
        fprintf(out, "%s\n", line);
        json_decref(object);
    }
    return status;
}

/* --- stats --- */

static void put_value(const json_t *value, FILE *out)
{
    if (json_is_integer(value))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_string(value))
        put_text(json_string_value(value), out);
    else
        fputs(json_is_true(value)    ? "yes"
              : json_is_false(value) ? "no"
                                     : "-",
              out);
    fputc('\n', out);
}

/* A line for each value, by its path. Of counters that are two deep and more,
 * such as the kinds of a fault, there are many: those that are 0 are left out.
 */
static void put_members(const char *path, unsigned depth, json_t *object,
                        FILE *out)
{
    char name[128];
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        snprintf(name, sizeof name, "%s%s%s", path, depth > 0 ? "." : "", key);
        if (json_is_object(value)) {
            put_members(name, depth + 1, value, out);
        } else if (depth < 2 || !json_is_integer(value) ||
                   json_integer_value(value) != 0) {
            fprintf(out, "%-31s ", name);
            put_value(value, out);
        }
    }
}

enum ctl_reply ctl_show_stats(const char *line, FILE *out, FILE *err)
{
    json_t *object;
    enum ctl_reply status = open_reply(line, err, &object);

    if (status != CTL_DONE)
        return status;
    (void)json_object_del(object, "ok");
    (void)json_object_del(object, "command");
    put_members("", 0, object, out);
    json_decref(object);
    return CTL_DONE;
}

/* --- reload --- */

static void put_list(const json_t *list, const char *mark, FILE *out)
{
    size_t i;
    json_t *text;

    json_array_foreach(list, i, text)
    {
        fputs(mark, out);
        put_text(json_is_string(text) ? json_string_value(text) : "?", out);
        fputc('\n', out);
    }
}

enum ctl_reply ctl_show_reload(const char *line, FILE *out, FILE *err)
{
    json_t *object;
    enum ctl_reply status = open_reply(line, err, &object);

    if (status != CTL_DONE)
        return status;
    const json_t *changed = json_object_get(object, "changed");
    fputs(json_array_size(changed) > 0 ? "reloaded\n"
                                       : "reloaded: nothing has changed\n",
          out);
    put_list(changed, "", out);
    put_list(json_object_get(object, "restart"), "waits for a restart: ", out);
    json_decref(object);
    return CTL_DONE;
}
