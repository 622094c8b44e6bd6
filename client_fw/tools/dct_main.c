/* dct_main.c - wwep-dct, which makes and shows the image of a board's
 * configuration table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "complain.h"
#include "dct_pair.h"
#include "dct_text.h"
#include "file.h"
#include "place.h"

#include <stdio.h>
#include <string.h>
#include <wwep/dct.h>

enum { DONE = 0, FAILED = 1, MISUSED = 2, GO_ON = -1 };

static const char usage[] =
    "usage: wwep-dct -o IMAGE [--certificate FILE...] [--private-key FILE...]\n"
    "       wwep-dct show IMAGE\n"
    "\n"
    "Makes the image of a board's configuration table (DCT), of PEM files, or\n"
    "says what is in one.\n"
    "\n"
    "  -o, --output IMAGE   where to; its mode is 0600, as it may hold a key\n"
    "  --certificate FILE   one file, of one or several certificates\n"
    "  --private-key FILE   the key of the first of them\n"
    "\n"
    "Several files after an option: the board sees the first alone, as with "
    "the\n"
    "SDK. See wwep-dct(1).\n";

/* The files after an option: those that count, and how many there are. */
struct files {
    char **at; /* into argv, one after another */
    int count;
};

struct command {
    const char *output;
    struct files files[2]; /* by enum dct_kind */
};

/* --- the command line ----------------------------------------------------- */

/* The value of an option, behind "=" or in the next word. NULL: none. */
static char *value_of(const char *option, char *word, char **argv, int *i)
{
    size_t len = strlen(option);

    if (word[len] == '=')
        return word[len + 1] != '\0' ? word + len + 1 : NULL;
    return argv[*i + 1] != NULL && argv[*i + 1][0] != '\0' ? argv[++*i] : NULL;
}

static bool is_option(const char *word, const char *option)
{
    size_t len = strlen(option);

    return strncmp(word, option, len) == 0 &&
           (word[len] == '\0' || word[len] == '=');
}

static int needs_value(const char *option)
{
    complain("%s needs the name of a file", option);
    return MISUSED;
}

/* --certificate and --private-key take all words up to the next option. */
static int take_files(struct command *c, enum dct_kind kind, char **argv,
                      int *i)
{
    struct files *files = &c->files[kind];
    char *word = argv[*i];
    const char *option = dct_option(kind);

    if (files->count > 0) {
        complain("%s is given twice: give all its files behind one", option);
        return MISUSED;
    }
    if (word[strlen(option)] == '=') {
        argv[*i] = word + strlen(option) + 1;
        if (argv[*i][0] == '\0')
            return needs_value(option);
        files->at = argv + *i;
        files->count = 1;
    } else {
        files->at = argv + *i + 1;
    }
    for (; argv[*i + 1] != NULL && argv[*i + 1][0] != '-'; ++*i)
        files->count++;
    return files->count > 0 ? GO_ON : needs_value(option);
}

static int take_output(struct command *c, char **argv, int *i)
{
    char *word = argv[*i];

    c->output = value_of(word[1] == '-' ? "--output" : "-o", word, argv, i);
    return c->output != NULL ? GO_ON : needs_value("-o");
}

static int parse(struct command *c, char **argv)
{
    for (int i = 1; argv[i] != NULL; i++) {
        int status = GO_ON;

        if (is_option(argv[i], "-o") || is_option(argv[i], "--output"))
            status = take_output(c, argv, &i);
        else if (is_option(argv[i], "--certificate"))
            status = take_files(c, DCT_CERTIFICATE, argv, &i);
        else if (is_option(argv[i], "--private-key"))
            status = take_files(c, DCT_PRIVATE_KEY, argv, &i);
        else {
            complain("%s %s: wwep-dct --help lists what there is",
                     argv[i][0] == '-' ? "there is no option"
                                       : "what is meant by",
                     argv[i]);
            status = MISUSED;
        }
        if (status != GO_ON)
            return status;
    }
    if (c->output == NULL)
        complain("say with -o where the image goes to");
    else if (c->files[DCT_CERTIFICATE].count == 0 &&
             c->files[DCT_PRIVATE_KEY].count == 0)
        complain("give what goes into the image, with --certificate or "
                 "--private-key");
    else
        return GO_ON;
    return MISUSED;
}

/* --- making --------------------------------------------------------------- */

/* Reads the first file for the image, and the others to say what becomes of
 * them. An option that was not given leaves the text empty. */
static bool read_files(const struct files *files, enum dct_kind kind,
                       struct dct_text *text)
{
    for (int i = 1; i < files->count; i++) {
        struct dct_text other;

        if (!dct_text_read(&other, files->at[i], kind))
            return false;
        dct_text_free(&other);
    }
    if (files->count > 0 && !dct_text_read(text, files->at[0], kind))
        return false;
    for (int i = 1; i < files->count; i++)
        complain("warning: %s: is left out: a board sees the first file of %s "
                 "alone, which is %s; several certificates go into one file",
                 files->at[i], dct_option(kind), files->at[0]);
    return true;
}

static bool write_image(const char *path, const struct wwep_dct *dct)
{
    uint8_t image[WWEP_DCT_LEN];
    bool done;

    if (dct_pair_fit(dct) == WWEP_KEY_IS_OTHER)
        complain("warning: the private key is not that of the first "
                 "certificate: a server with this image shakes hands with "
                 "nobody");
    done = wwep_dct_write(image, dct); /* checked before: always true */
    done = done && place_file(path, image, sizeof image, 0600);
    explicit_bzero(image, sizeof image);
    return done;
}

static int make(const struct command *c)
{
    struct dct_text certificate = {0};
    struct dct_text key = {0};
    bool done;

    done =
        read_files(&c->files[DCT_CERTIFICATE], DCT_CERTIFICATE, &certificate) &&
        read_files(&c->files[DCT_PRIVATE_KEY], DCT_PRIVATE_KEY, &key) &&
        write_image(c->output,
                    &(struct wwep_dct){
                        .private_key = {key.bytes, key.len},
                        .certificate = {certificate.bytes, certificate.len},
                    });
    dct_text_free(&certificate);
    dct_text_free(&key);
    return done ? DONE : FAILED;
}

/* --- showing -------------------------------------------------------------- */

static int show(const char *path)
{
    struct file file = {0};
    struct wwep_dct dct;
    enum wwep_dct_result result;

    if (!file_read(&file, path, "show"))
        return FAILED;
    result = wwep_dct_read(&dct, file.bytes, file.len);
    if (result == WWEP_DCT_OK)
        dct_pair_print(&dct);
    else
        complain("%s: %s: make one with wwep-dct -o", path,
                 wwep_dct_result_text(result));
    file_free(&file);
    return result == WWEP_DCT_OK ? DONE : FAILED;
}

static int run(int argc, char **argv)
{
    struct command command = {0};
    int status;

    if (argc == 2 &&
        (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(usage, stdout);
        return DONE;
    }
    if (argc == 1) {
        fputs(usage, stderr);
        return MISUSED;
    }
    if (strcmp(argv[1], "show") == 0) {
        if (argc == 3)
            return show(argv[2]);
        complain("show takes one image");
        return MISUSED;
    }
    status = parse(&command, argv);
    return status == GO_ON ? make(&command) : status;
}

int main(int argc, char **argv)
{
    int status = run(argc, argv);

    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("standard output can not be written: see where it goes");
        return FAILED;
    }
    return status;
}
