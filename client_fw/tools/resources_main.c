/* resources_main.c - wwep-resources, which makes C of files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "complain.h"
#include "folder.h"
#include "resource.h"
#include "resource_code.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DONE = 0, FAILED = 1, MISUSED = 2, GO_ON = -1 };

static const char usage[] =
    "usage: wwep-resources [OPTION...] PATH...\n"
    "\n"
    "Makes an object of each file for a program of the course's API, and\n"
    "resources.h, which declares them.\n"
    "\n"
    "  --component DIR   the program's folder: where a PATH is looked for [.]\n"
    "  --root SDKROOT    then it is looked for in SDKROOT/resources [the\n"
    "                    nearest folder above DIR with resources/ or apps/]\n"
    "  -o, --output DIR  where to [.]\n"
    "  --in-filesystem   the program reads the files when it runs\n"
    "  --keep-going      leave out what is missing, as the SDK does\n"
    "\n"
    "See wwep-resources(1).\n";

struct command {
    const char *component;
    const char *root;
    const char *outdir;
    bool in_filesystem;
    bool keep_going;
};

/* What has been found so far, on the heap. */
struct found {
    struct resource *at;
    size_t count;
};

static const struct option options[] = {
    {"component", required_argument, NULL, 'c'},
    {"root", required_argument, NULL, 'r'},
    {"output", required_argument, NULL, 'o'},
    {"in-filesystem", no_argument, NULL, 'f'},
    {"keep-going", no_argument, NULL, 'k'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse(struct command *c, int argc, char **argv)
{
    int option;

    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1)
        switch (option) {
        case 'c':
            c->component = optarg;
            break;
        case 'r':
            c->root = optarg;
            break;
        case 'o':
            c->outdir = optarg;
            break;
        case 'f':
            c->in_filesystem = true;
            break;
        case 'k':
            c->keep_going = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return DONE;
        default: /* getopt has said what is wrong */
            return MISUSED;
        }
    return GO_ON;
}

/* --- the places ----------------------------------------------------------- */

static bool open_places(struct resource_places *places, const struct command *c)
{
    const char *missing = NULL;

    *places = (struct resource_places){0};
    if (!folder_is(c->component))
        missing = c->component;
    else if (c->root != NULL && !folder_is(c->root))
        missing = c->root;
    if (missing != NULL) {
        complain("%s: there is no such folder: give another one with %s",
                 missing, missing == c->root ? "--root" : "--component");
        return false;
    }
    places->component = folder_absolute(c->component);
    if (c->root != NULL)
        places->root = folder_absolute(c->root);
    else if (places->component != NULL)
        places->root = folder_root_above(places->component);
    if (places->component == NULL || (c->root != NULL && places->root == NULL))
        complain("no memory is left, or this folder is gone");
    return places->component != NULL &&
           (c->root == NULL || places->root != NULL);
}

static bool make_outdir(const char *outdir)
{
    if (mkdir(outdir, 0777) == 0 || (errno == EEXIST && folder_is(outdir)))
        return true;
    complain("%s: no folder can be made there: %s: give another one with -o",
             outdir, errno == EEXIST ? "a file has its name" : strerror(errno));
    return false;
}

/* --- the files ------------------------------------------------------------ */

static void complain_missing(const struct command *c, const char *path,
                             const struct resource_places *places)
{
    if (path[0] == '/')
        complain("%s%s: there is no such file",
                 c->keep_going ? "warning: left out: " : "", path);
    else if (places->root != NULL)
        complain("%s%s: it is neither in %s nor in %s/resources",
                 c->keep_going ? "warning: left out: " : "", path,
                 places->component, places->root);
    else
        complain("%s%s: it is not in %s, and there is no SDK's root above "
                 "that: name one with --root",
                 c->keep_going ? "warning: left out: " : "", path,
                 places->component);
}

/* Adds it, unless it is there. Takes it over; false: it has been complained
 * of. */
static bool add(struct found *found, struct resource *resource)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct resource *old = &found->at[i];
        bool same = strcmp(old->path, resource->path) == 0;

        if (strcmp(old->identifier, resource->identifier) != 0)
            continue;
        if (!same)
            complain("%s and %s would both be %s: rename one", old->path,
                     resource->path, old->identifier);
        resource_free(resource);
        return same;
    }
    struct resource *more =
        realloc(found->at, (found->count + 1) * sizeof *more);
    if (more == NULL) {
        complain("no memory is left");
        resource_free(resource);
        return false;
    }
    found->at = more;
    found->at[found->count++] = *resource;
    return true;
}

static bool look_for(struct found *found, const struct command *c,
                     const struct resource_places *places, const char *path)
{
    struct resource resource;

    switch (resource_find(&resource, places, path)) {
    case RESOURCE_NO_MEMORY:
        complain("no memory is left");
        return false;
    case RESOURCE_MISSING:
        complain_missing(c, path, places);
        return c->keep_going;
    case RESOURCE_FOUND:
        break;
    }
    if (resource.kind != RESOURCE_OTHER)
        return add(found, &resource);
    complain("warning: %s: nothing is made of it: the SDK knows no resource "
             "that ends like this",
             path);
    resource_free(&resource);
    return true;
}

static bool make_all(const struct command *c,
                     const struct resource_places *places, char **paths)
{
    struct found found = {0};
    bool done = true;

    for (; *paths != NULL; paths++)
        done = look_for(&found, c, places, *paths) && done;
    done = done && make_outdir(c->outdir);
    for (size_t i = 0; done && i < found.count; i++)
        done = resource_code_write(&found.at[i], c->outdir, c->in_filesystem);
    done = done && resource_code_declare(found.at, found.count, c->outdir,
                                         c->in_filesystem);
    for (size_t i = 0; i < found.count; i++)
        resource_free(&found.at[i]);
    free(found.at);
    return done;
}

int main(int argc, char **argv)
{
    struct command command = {.component = ".", .outdir = "."};
    struct resource_places places;
    int status = parse(&command, argc, argv);

    if (status != GO_ON)
        return status;
    if (!open_places(&places, &command) ||
        !make_all(&command, &places, argv + optind))
        status = FAILED;
    free(places.component);
    free(places.root);
    return status == GO_ON ? DONE : status;
}
