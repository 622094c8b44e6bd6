/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resource.h"

#include "folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const text_kinds[] = {
    "html", "htm", "txt",  "eml", "js", "css", "htc", "dat",
    "cer",  "pem", "json", "xml", "py", "key", "svg", NULL};

/* For "x.clm_blob" and "x.tar.gz" alike: what is behind the last dot. */
static const char *const binary_kinds[] = {
    "jpg", "jpeg", "png", "ico",      "gif",  "bin", "flac",
    "wav", "mp3",  "gz",  "clm_blob", "wmfw", NULL};

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static enum resource_kind kind_of(const char *path)
{
    const char *name = strrchr(path, '/');
    const char *dot = strrchr(name != NULL ? name : path, '.');

    if (dot == NULL)
        return RESOURCE_OTHER;
    if (is_one_of(dot + 1, text_kinds))
        return RESOURCE_TEXT;
    return is_one_of(dot + 1, binary_kinds) ? RESOURCE_BINARY : RESOURCE_OTHER;
}

/* --- names ---------------------------------------------------------------- */

static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_';
}

/* The SDK turns "." and "-" into "_", and leaves the compiler to complain of
 * what else no name may have; here that becomes "_", too. */
static char *identifier_of(const char *path)
{
    static const char dropped[] = "resources/";
    static const char prefix[] = "resources_";
    char *out = malloc(sizeof prefix + 5 * strlen(path));
    size_t len = sizeof prefix - 1;

    if (out == NULL)
        return NULL;
    memcpy(out, prefix, len);
    while (*path != '\0') {
        if (strncmp(path, dropped, sizeof dropped - 1) == 0) {
            path += sizeof dropped - 1;
            continue;
        }
        if (*path == '/') {
            memcpy(out + len, "_DIR_", 5);
            len += 5;
        } else {
            out[len++] = is_plain(*path) ? *path : '_';
        }
        path++;
    }
    out[len] = '\0';
    return out;
}

/* "apps/x" and "libraries/x" are the SDK's; whatever else the folder is, it
 * counts as one of its applications. */
static bool is_of_sdk(const char *below)
{
    return below != NULL && (strncmp(below, "apps/", 5) == 0 ||
                             strncmp(below, "libraries/", 10) == 0);
}

/* The component's folder, relative to the root. Links are followed where the
 * paths as they are written do not lead from one to the other. */
static char *component_below_root(const struct resource_places *places)
{
    const char *name = strrchr(places->component, '/') + 1;
    char *real = NULL;
    char *real_root = NULL;
    char *found = NULL;
    const char *below = NULL;

    if (places->root != NULL)
        below = folder_below(places->component, places->root);
    if (places->root != NULL && below == NULL) {
        real = realpath(places->component, NULL);
        real_root = realpath(places->root, NULL);
        if (real != NULL && real_root != NULL)
            below = folder_below(real, real_root);
    }
    if (is_of_sdk(below))
        found = strdup(below);
    else if (asprintf(&found, "apps/%s", name) < 0)
        found = NULL;
    free(real);
    free(real_root);
    return found;
}

/* --- places --------------------------------------------------------------- */

static char *join(const char *folder, const char *path)
{
    char *joined, *tidy;

    if (asprintf(&joined, "%s/%s", folder, path) < 0)
        return NULL;
    tidy = folder_tidy(joined);
    free(joined);
    return tidy;
}

static bool is_file(const char *path)
{
    struct stat found;

    return path != NULL && stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

/* Takes over path and below. */
static enum resource_found name_it(struct resource *out, char *path,
                                   char *below)
{
    *out = (struct resource){path, NULL, kind_of(path)};
    if (below != NULL)
        out->identifier = identifier_of(below);
    free(below);
    if (out->identifier != NULL)
        return RESOURCE_FOUND;
    resource_free(out);
    return RESOURCE_NO_MEMORY;
}

static enum resource_found find_absolute(struct resource *out,
                                         const struct resource_places *places,
                                         const char *path)
{
    char *tidy = folder_tidy(path);
    const char *below = NULL;

    if (tidy == NULL)
        return RESOURCE_NO_MEMORY;
    if (!is_file(tidy)) {
        free(tidy);
        return RESOURCE_MISSING;
    }
    if (places->root != NULL)
        below = folder_below(tidy, places->root);
    return name_it(out, tidy, strdup(below != NULL ? below : tidy + 1));
}

static enum resource_found find_below(struct resource *out, const char *folder,
                                      const char *folder_below_root,
                                      const char *path)
{
    char *full = join(folder, path);

    if (full == NULL || folder_below_root == NULL) {
        free(full);
        return RESOURCE_NO_MEMORY;
    }
    if (!is_file(full)) {
        free(full);
        return RESOURCE_MISSING;
    }
    return name_it(out, full, join(folder_below_root, path));
}

enum resource_found resource_find(struct resource *out,
                                  const struct resource_places *places,
                                  const char *path)
{
    char *below, *resources;
    enum resource_found found;

    if (path[0] == '/')
        return find_absolute(out, places, path);
    below = component_below_root(places);
    found = find_below(out, places->component, below, path);
    free(below);
    if (found != RESOURCE_MISSING || places->root == NULL)
        return found;
    resources = join(places->root, "resources");
    if (resources == NULL)
        return RESOURCE_NO_MEMORY;
    found = find_below(out, resources, "resources", path);
    free(resources);
    return found;
}

void resource_free(struct resource *resource)
{
    free(resource->path);
    free(resource->identifier);
    *resource = (struct resource){0};
}
