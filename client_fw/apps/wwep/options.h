/* options.h - what a call of wwep was asked to do: the command line, and below
 * it the environment and the configuration file.
 *
 * The common options may stand before the verb or after it, and are taken out
 * of the words; what is left is the verb's. A verb may have options of its own,
 * "--mac M", "-c 8": options_parse() leaves what it does not know behind the
 * verb, in order, for the verb's getopt_long(). Options are never abbreviated
 * here, so that none of a verb's own is taken for a common one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_OPTIONS_H
#define WWEP_APP_OPTIONS_H

#include "complain.h"

#include <stdbool.h>
#include <stdint.h>
#include <wwep/tls.h>

/* How wwep ends. A run of several exchanges ends with the highest. */
enum wwep_exit {
    WWEP_EXIT_OK = 0,
    WWEP_EXIT_REFUSED = 1,    /* the server said X */
    WWEP_EXIT_USAGE = 2,      /* the command line, a file, a setting */
    WWEP_EXIT_CONNECTION = 3, /* no connection, or no WWEP server there */
    WWEP_EXIT_TLS = 4,        /* TLS failed: refused by us or by the peer */
    WWEP_EXIT_TIMEOUT = 5,
    WWEP_EXIT_FAILURE = 6 /* no memory, no entropy, output not written */
};

/* Where a setting comes from; a later one wins. */
enum options_layer { LAYER_NONE, LAYER_FILE, LAYER_ENVIRONMENT, LAYER_COMMAND };

#define OPTIONS_SETTINGS_MAX 8

/* Texts are on the heap until options_free(); NULL: not given. */
struct wwep_options {
    char *host;    /* never NULL after options_parse(); without brackets */
    uint16_t port; /* 0: none was given; see options_port() */
    bool tls;
    char *ca;   /* file of root certificates */
    char *cert; /* file of our certificate, and of its chain */
    char *key;  /* file of its private key */
    char *name; /* that the server's certificate must have */
    bool insecure;
    enum wwep_tls_version version;
    uint32_t timeout_ms;
    bool json;
    bool verbose;
    char *keylog;

    /* Private: where each setting (settings.h) came from. */
    enum options_layer layers[OPTIONS_SETTINGS_MAX];
};

/* Reads the configuration file, the environment and the command line. Returns
 * -1 to go on, and then *argc and argv are the verb and its own words, which
 * argv[*argc] == NULL ends; else the exit code: the rest is said already, also
 * help and version. The caller frees in either case. */
int options_parse(struct wwep_options *o, int *argc, char **argv);
void options_free(struct wwep_options *o);

/* The port to connect to: the one that was given, or the scheme's own. */
uint16_t options_port(const struct wwep_options *o);

struct option; /* of getopt.h */

/* For a verb that has: whether the word is the option with this value in full,
 * "--timeout" or "--timeout=5", and no abbreviation, which getopt takes. */
bool options_is_whole(const struct option *known, int value, const char *word);

/* For a verb that has no options of its own: true when the words hold none.
 * Else the message is out. Takes "--" out of them. */
bool options_none_left(int *argc, char **argv);

#endif
