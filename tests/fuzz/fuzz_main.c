/* fuzz_main.c - replays a corpus through a fuzzer's entry point, for `make
 * check`, where there is no fuzzing engine.
 *
 * Prints TAP, a line for each file. What a fuzzer finds wrong it aborts on:
 * then the plan is missing, and the test has failed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#define _POSIX_C_SOURCE 200809L

#include "fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX 65536u /* bytes; a seed is a few */
#define PATH_CAP  4096u

struct replay {
    unsigned done;
    int status; /* EXIT_FAILURE: a file or a folder could not be read */
};

static void report(struct replay *r, bool ok, const char *path)
{
    const char *slash = strrchr(path, '/');

    printf("%s %u - %s\n", ok ? "ok" : "not ok", ++r->done,
           slash != NULL ? slash + 1 : path);
    fflush(stdout);
    if (!ok)
        r->status = EXIT_FAILURE;
}

static void replay_file(struct replay *r, const char *path)
{
    uint8_t *whole = malloc(INPUT_MAX);
    FILE *f = fopen(path, "rb");
    bool ok = whole != NULL && f != NULL;

    if (ok) {
        size_t size = fread(whole, 1, INPUT_MAX, f);
        uint8_t *exact = malloc(size > 0 ? size : 1);

        ok = !ferror(f) && exact != NULL;
        if (ok) {
            /* An overrun shows only behind an array of the input's size. */
            memcpy(exact, whole, size);
            ok = LLVMFuzzerTestOneInput(exact, size) == 0;
        }
        free(exact);
    }
    if (f != NULL)
        fclose(f);
    free(whole);
    report(r, ok, path);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void replay_folder(struct replay *r, const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, is_visible, alphasort);

    if (n <= 0)
        report(r, false, path); /* an empty corpus would test nothing */
    for (int i = 0; i < n; i++) {
        char file[PATH_CAP];

        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        replay_file(r, file);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

static void replay_path(struct replay *r, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        replay_folder(r, path);
    else
        replay_file(r, path);
}

/* Without arguments: the corpus of the source folder. */
static void replay_default(struct replay *r)
{
    const char *top = getenv("WWEP_TOP_SRCDIR");
    char path[PATH_CAP];

    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s",
             top != NULL ? top : ".", FUZZ_CORPUS);
    replay_path(r, path);
}

int main(int argc, char **argv)
{
    struct replay r = {0, EXIT_SUCCESS};

    for (int i = 1; i < argc; i++)
        replay_path(&r, argv[i]);
    if (argc < 2)
        replay_default(&r);
    printf("1..%u\n", r.done);
    return r.status;
}
