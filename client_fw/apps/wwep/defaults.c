/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "defaults.h"

#include "settings.h"
#include "wwep_near.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

/* The file as it is read. */
struct reader {
    struct wwep_options *options;
    char path[PATH_MAX];
    unsigned line;
};

bool defaults_take_environment(struct wwep_options *o)
{
    char problem[SETTINGS_PROBLEM_MAX];

    for (const struct setting *s = settings; s->key != NULL; s++) {
        const char *text = getenv(s->environment);

        if (text == NULL || text[0] == '\0')
            continue;
        if (!settings_take(o, s, text, LAYER_ENVIRONMENT, problem)) {
            complain("%s in the environment: %s", s->environment, problem);
            return false;
        }
    }
    return true;
}

/* False: there is no place for such a file, or its path is too long. */
static bool find_file(char path[PATH_MAX])
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *below = "wwep/config";
    int len;

    if (folder == NULL || folder[0] != '/') {
        folder = getenv("HOME");
        below = ".config/wwep/config";
    }
    if (folder == NULL || folder[0] == '\0')
        return false;
    len = snprintf(path, PATH_MAX, "%s/%s", folder, below);
    return len > 0 && len < PATH_MAX;
}

/* The path as seen from the file; false: it gets too long. */
static bool resolve_path(const struct reader *r, const char *text,
                         char out[PATH_MAX])
{
    const char *home = getenv("HOME");
    const char *slash = strrchr(r->path, '/');
    int len;

    if (text[0] == '/' || text[0] == '\0')
        len = snprintf(out, PATH_MAX, "%s", text);
    else if (strncmp(text, "~/", 2) == 0 && home != NULL)
        len = snprintf(out, PATH_MAX, "%s/%s", home, text + 2);
    else
        len = snprintf(out, PATH_MAX, "%.*s/%s", (int)(slash - r->path),
                       r->path, text);
    return len >= 0 && len < PATH_MAX;
}

static bool complain_line(const struct reader *r, const char *key,
                          const char *problem)
{
    complain("%s:%u: %s%s%s", r->path, r->line, key, key[0] != '\0' ? ": " : "",
             problem);
    return false;
}

static bool complain_key(const struct reader *r, const char *key)
{
    char problem[SETTINGS_PROBLEM_MAX];
    struct wwep_near near;

    wwep_near_start(&near, key);
    for (const struct setting *s = settings; s->key != NULL; s++)
        wwep_near_offer(&near, s->key);
    if (near.best != NULL)
        snprintf(problem, sizeof problem,
                 "there is no such key: did you mean %s?", near.best);
    else
        snprintf(problem, sizeof problem,
                 "there is no such key: wwep(1) lists those that there are");
    return complain_line(r, key, problem);
}

static char *trim(char *text)
{
    size_t len;

    while (isspace((unsigned char)*text))
        text++;
    len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* A # within a word is part of it: of a file's name, say. */
static void cut_comment(char *line)
{
    for (char *p = line; *p != '\0'; p++) {
        if (*p == '#' && (p == line || isspace((unsigned char)p[-1]))) {
            *p = '\0';
            return;
        }
    }
}

static bool take_line(struct reader *r, char *line)
{
    char problem[SETTINGS_PROBLEM_MAX];
    char path[PATH_MAX];

    cut_comment(line);
    line = trim(line);
    if (line[0] == '\0')
        return true;
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return complain_line(r, "",
                             "write \"key = value\", or begin a "
                             "comment with #");
    *equals = '\0';
    const char *key = trim(line);
    const char *value = trim(equals + 1);
    const struct setting *setting = settings_find(key);
    if (setting == NULL)
        return complain_key(r, key);
    if (setting->is_path) {
        if (!resolve_path(r, value, path))
            return complain_line(r, key, "the path is too long");
        value = path;
    }
    if (settings_take(r->options, setting, value, LAYER_FILE, problem))
        return true;
    return complain_line(r, key, problem);
}

static bool take_lines(struct reader *r, FILE *f)
{
    char line[LINE_MAX_BYTES];

    while (fgets(line, sizeof line, f) != NULL) {
        size_t len = strlen(line);

        r->line++;
        /* Longer than the array, or with a NUL in it: that is no text. */
        if ((len == 0 || line[len - 1] != '\n') && !feof(f))
            return complain_line(r, "", "the line is too long, or no text");
        if (!take_line(r, line))
            return false;
    }
    if (!ferror(f))
        return true;
    complain("%s: %s: make it a file that you may read", r->path,
             strerror(errno));
    return false;
}

bool defaults_take_file(struct wwep_options *o)
{
    struct reader r = {.options = o};

    if (!find_file(r.path))
        return true;
    FILE *f = fopen(r.path, "re");
    if (f == NULL && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (f == NULL) {
        complain("%s: %s: make it a file that you may read, or remove it",
                 r.path, strerror(errno));
        return false;
    }
    bool good = take_lines(&r, f);
    fclose(f);
    return good;
}
