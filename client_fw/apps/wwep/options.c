/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include "defaults.h"
#include "settings.h"
#include "verbs.h"
#include "wwep_near.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wwep/course.h>

#define GO_ON (-1)

/* Options without a letter of their own. */
enum {
    OPTION_PLAIN = 256,
    OPTION_TLS,
    OPTION_CA,
    OPTION_CERT,
    OPTION_KEY,
    OPTION_NAME,
    OPTION_INSECURE,
    OPTION_TLS_VERSION,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_KEYLOG
};

static const struct option longs[] = {
    {"host", required_argument, NULL, 'H'},
    {"plain", no_argument, NULL, OPTION_PLAIN},
    {"tls", no_argument, NULL, OPTION_TLS},
    {"ca", required_argument, NULL, OPTION_CA},
    {"cert", required_argument, NULL, OPTION_CERT},
    {"key", required_argument, NULL, OPTION_KEY},
    {"name", required_argument, NULL, OPTION_NAME},
    {"insecure", no_argument, NULL, OPTION_INSECURE},
    {"tls-version", required_argument, NULL, OPTION_TLS_VERSION},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"verbose", no_argument, NULL, 'v'},
    {"keylog", required_argument, NULL, OPTION_KEYLOG},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0}};

/* The words that are left, gathered at the front of argv: behind what getopt
 * has read already. */
struct words {
    char **argv;
    int count;
};

static void keep(struct words *words, char *word)
{
    words->argv[words->count++] = word;
}

static int take(struct wwep_options *o, const char *key, const char *text)
{
    char problem[SETTINGS_PROBLEM_MAX];

    if (settings_take(o, settings_find(key), text, LAYER_COMMAND, problem))
        return GO_ON;
    complain("--%s: %s", key, problem);
    return WWEP_EXIT_USAGE;
}

static int take_keylog(struct wwep_options *o, const char *path)
{
    free(o->keylog);
    o->keylog = path[0] != '\0' ? strdup(path) : NULL;
    if (o->keylog != NULL)
        return GO_ON;
    complain("--keylog wants the file that the secrets go to");
    return WWEP_EXIT_USAGE;
}

static int take_option(struct wwep_options *o, int option, const char *text)
{
    switch (option) {
    case 'H':
        return take(o, "host", text);
    case OPTION_PLAIN:
        return take(o, "tls", "no");
    case OPTION_TLS:
        return take(o, "tls", "yes");
    case OPTION_CA:
        return take(o, "ca", text);
    case OPTION_CERT:
        return take(o, "cert", text);
    case OPTION_KEY:
        return take(o, "key", text);
    case OPTION_NAME:
        return take(o, "name", text);
    case OPTION_INSECURE:
        o->insecure = true;
        return GO_ON;
    case OPTION_TLS_VERSION:
        return take(o, "tls-version", text);
    case OPTION_TIMEOUT:
        return take(o, "timeout", text);
    case OPTION_JSON:
        o->json = true;
        return GO_ON;
    case 'v':
        o->verbose = true;
        return GO_ON;
    case OPTION_KEYLOG:
        return take_keylog(o, text);
    case 'V':
        printf("wwep %s\n", PACKAGE_VERSION);
        return WWEP_EXIT_OK;
    default:
        usage_print();
        return WWEP_EXIT_OK;
    }
}

bool options_is_whole(const struct option *known, int value, const char *word)
{
    size_t len = strcspn(word, "=");

    for (const struct option *o = known; o->name != NULL; o++)
        if (o->val == value)
            return strlen(o->name) + 2 == len &&
                   strncmp(word + 2, o->name, len - 2) == 0;
    return false;
}

static int complain_unknown(const char *word)
{
    char name[64];
    struct wwep_near near;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    wwep_near_start(&near, name + strspn(name, "-"));
    for (const struct option *o = longs; o->name != NULL; o++)
        wwep_near_offer(&near, o->name);
    if (near.best != NULL && strncmp(word, "--", 2) == 0)
        complain("there is no option %s: did you mean --%s?", name, near.best);
    else
        complain("there is no option %s: wwep -h lists them", name);
    return WWEP_EXIT_USAGE;
}

/* What getopt does not know: ours to complain of, or a verb's own. */
static int take_unknown(struct words *words, char *word)
{
    if (strncmp(word, "--", 2) != 0) {
        char letter[3] = {'-', (char)optopt, '\0'};

        if (words->count == 0)
            return complain_unknown(letter);
        /* getopt comes here for each letter of "-c32". */
        if (words->argv[words->count - 1] != word)
            keep(words, word);
        return GO_ON;
    }
    if (optopt != 0 && options_is_whole(longs, optopt, word)) {
        complain("%.*s takes no value", (int)strcspn(word, "="), word);
        return WWEP_EXIT_USAGE;
    }
    if (words->count == 0)
        return complain_unknown(word);
    keep(words, word);
    return GO_ON;
}

static int complain_missing(const char *word)
{
    complain("%s wants a value behind it: see wwep -h", word);
    return WWEP_EXIT_USAGE;
}

/* One step of getopt, which has gone from the word at `before` to optind. */
static int take_step(struct wwep_options *o, struct words *words, char **argv,
                     int option, int before)
{
    char *word = argv[before];

    if (option == 1) {
        keep(words, optarg);
        return GO_ON;
    }
    if (option == '?')
        return take_unknown(words, word);
    bool is_long = strncmp(word, "--", 2) == 0;
    int value = option == ':' ? optopt : option;
    if (is_long && !options_is_whole(longs, value, word)) {
        /* An abbreviation, and what getopt took for its value; or "--time",
         * which may be a verb's own. */
        if (words->count == 0)
            return complain_unknown(word);
        for (int i = before; i < optind; i++)
            keep(words, argv[i]);
        return GO_ON;
    }
    if (option == ':')
        return complain_missing(word);
    return take_option(o, option, optarg);
}

/* "-" asks getopt for all words in order, ":" for its silence. */
static int parse_command(struct wwep_options *o, struct words *words, int argc,
                         char **argv)
{
    int option;
    int before = 1;

    optind = 0; /* reads the "-" anew */
    opterr = 0;
    while ((option = getopt_long(argc, argv, "-:H:vhV", longs, NULL)) != -1) {
        int status = take_step(o, words, argv, option, before);

        if (status != GO_ON)
            return status;
        before = optind;
    }
    /* getopt has stopped behind a "--": the verb wants to know. */
    for (int i = before; i < argc; i++)
        keep(words, argv[i]);
    return GO_ON;
}

static int check_pair(const struct wwep_options *o)
{
    if ((o->cert == NULL) == (o->key == NULL))
        return GO_ON;
    complain("a certificate and its key go together: give --%s, too",
             o->cert == NULL ? "cert" : "key");
    return WWEP_EXIT_USAGE;
}

int options_parse(struct wwep_options *o, int *argc, char **argv)
{
    char **kept = calloc((size_t)*argc + 1, sizeof *kept);
    struct words words = {.argv = kept};

    memset(o, 0, sizeof *o);
    if (kept == NULL) {
        complain("no memory");
        return WWEP_EXIT_FAILURE;
    }
    int status = parse_command(o, &words, *argc, argv);
    if (status == GO_ON) {
        memcpy(argv, kept, ((size_t)words.count + 1) * sizeof *argv);
        *argc = words.count;
    }
    free(kept);
    if (status != GO_ON)
        return status;
    if (!defaults_take_environment(o) || !defaults_take_file(o))
        return WWEP_EXIT_USAGE;
    if (!settings_finish(o)) {
        complain("no memory");
        return WWEP_EXIT_FAILURE;
    }
    return check_pair(o);
}

void options_free(struct wwep_options *o)
{
    char **texts[] = {&o->host, &o->ca,   &o->cert,
                      &o->key,  &o->name, &o->keylog};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        free(*texts[i]);
        *texts[i] = NULL;
    }
}

uint16_t options_port(const struct wwep_options *o)
{
    if (o->port != 0)
        return o->port;
    return o->tls ? WWEP_TLS_PORT : WWEP_PLAIN_PORT;
}

bool options_none_left(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof *argv);
            (*argc)--;
            return true;
        }
        if (argv[i][0] == '-' && argv[i][1] != '\0') {
            complain_unknown(argv[i]);
            return false;
        }
    }
    return true;
}
