/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One part of a path onto out, which is a path of len bytes so far. Returns its
 * new length. `fixed` is the length that ".." must leave. */
static size_t add_part(char *out, size_t len, const char *part, size_t part_len,
                       bool absolute)
{
    bool up = part_len == 2 && memcmp(part, "..", 2) == 0;
    const char *last = len > 0 ? memrchr(out, '/', len) : NULL;
    const char *begin = last != NULL ? last + 1 : out;

    if (part_len == 0 || (part_len == 1 && part[0] == '.'))
        return len;
    if (up && len > 0 && strncmp(begin, "..", len - (size_t)(begin - out)) != 0)
        return last != NULL ? (size_t)(last - out) : 0;
    if (up && absolute)
        return len;
    if (len > 0 || absolute)
        out[len++] = '/';
    memcpy(out + len, part, part_len);
    return len + part_len;
}

char *folder_tidy(const char *path)
{
    char *out = malloc(strlen(path) + 2);
    bool absolute = path[0] == '/';
    size_t len = 0;

    if (out == NULL)
        return NULL;
    while (*path != '\0') {
        size_t part = strcspn(path, "/");
        len = add_part(out, len, path, part, absolute);
        path += part;
        path += *path == '/' ? 1 : 0;
    }
    if (len == 0 && absolute)
        out[len++] = '/';
    out[len] = '\0';
    return out;
}

char *folder_absolute(const char *path)
{
    char *here, *joined, *tidy;

    if (path[0] == '/')
        return folder_tidy(path);
    here = getcwd(NULL, 0);
    if (here == NULL || asprintf(&joined, "%s/%s", here, path) < 0) {
        free(here);
        return NULL;
    }
    tidy = folder_tidy(joined);
    free(joined);
    free(here);
    return tidy;
}

const char *folder_below(const char *path, const char *folder)
{
    size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

    if (strncmp(path, folder, len) != 0)
        return NULL;
    if (path[len] == '\0')
        return path + len;
    return path[len] == '/' ? path + len + 1 : NULL;
}

bool folder_is(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static bool has(const char *folder, const char *name)
{
    char *path;
    bool there;

    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return false;
    there = folder_is(path);
    free(path);
    return there;
}

char *folder_root_above(const char *path)
{
    char *above = strdup(path);

    if (above == NULL)
        return NULL;
    while (above[0] != '\0') {
        *strrchr(above, '/') = '\0'; /* "" is the file system's root */
        if (has(above, "resources") || has(above, "apps")) {
            if (above[0] == '\0')
                strcpy(above, "/"); /* it had a slash, and has room for it */
            return above;
        }
    }
    free(above);
    return NULL;
}
