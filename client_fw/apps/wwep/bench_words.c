/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_words.h"

#include "host_port.h"
#include "words.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define BOARDS_BELOW    0x0600u /* six octets make no more than 05FA */
#define DEVICES_MAX     0x10000u
#define REGISTERS_EACH  4u /* of a slot, if there is the choice */
#define CONNECTIONS_MAX 1000000u
#define SECONDS         10.0

enum {
    OPTION_DEVICE = 256,
    OPTION_DEVICES,
    OPTION_IDLE,
    OPTION_KEEP_OPEN,
    OPTION_RATE,
    OPTION_RESUME,
    OPTION_WRITES,
    OPTION_YES
};

static const struct option longs[] = {
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"devices", required_argument, NULL, OPTION_DEVICES},
    {"idle", required_argument, NULL, OPTION_IDLE},
    {"keep-open", no_argument, NULL, OPTION_KEEP_OPEN},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"resume", optional_argument, NULL, OPTION_RESUME},
    {"writes", required_argument, NULL, OPTION_WRITES},
    {"yes", no_argument, NULL, OPTION_YES},
    {NULL, 0, NULL, 0}};

/* --- numbers ---------------------------------------------------------------
 */

/* Digits alone, and a point where that makes sense. */
static bool take_number(const char *option, const char *text, double least,
                        double most, bool whole, double *out)
{
    char *end;
    double number = strtod(text, &end);
    const char *digits = whole ? "0123456789" : "0123456789.";

    if (end != text && *end == '\0' && text[strspn(text, digits)] == '\0' &&
        number >= least && number <= most) {
        *out = number;
        return true;
    }
    complain("%s: %s is no %snumber from %.9g to %.9g", option, text,
             whole ? "whole " : "", least, most);
    return false;
}

static bool take_size(const char *option, const char *text, size_t least,
                      size_t most, size_t *out)
{
    double number;

    if (!take_number(option, text, (double)least, (double)most, true, &number))
        return false;
    *out = (size_t)number;
    return true;
}

static bool take_unsigned(const char *option, const char *text, unsigned least,
                          unsigned most, unsigned *out)
{
    size_t number;

    if (!take_size(option, text, least, most, &number))
        return false;
    *out = (unsigned)number;
    return true;
}

static bool take_port(struct wwep_options *options, const char *text)
{
    options->port = host_port_number(text);
    if (options->port != 0)
        return true;
    complain("-p: %s is no port: write a number from 1 to 65535", text);
    return false;
}

/* --- words -----------------------------------------------------------------
 */

/* What is not known until all words have been read. */
struct taking {
    struct bench_words *words;
    struct wwep_options *options;
    bool device_given;
};

static bool take_wish(struct bench_wish *wish, int option)
{
    size_t exchanges;

    switch (option) {
    case 'c':
        return take_size("-c", optarg, 1, CONNECTIONS_MAX, &wish->connections);
    case 'n':
        if (!take_size("-n", optarg, 1, (size_t)1 << 40, &exchanges))
            return false;
        wish->exchanges = exchanges;
        return true;
    case 'd':
        return take_number("-d", optarg, 0.1, 864000.0, false, &wish->seconds);
    case OPTION_DEVICES:
        return take_unsigned("--devices", optarg, 1, DEVICES_MAX,
                             &wish->devices);
    case OPTION_IDLE:
        return take_size("--idle", optarg, 0, CONNECTIONS_MAX, &wish->idle);
    case OPTION_RATE:
        return take_number("--rate", optarg, 0.01, 1e7, false, &wish->rate);
    default:
        return take_unsigned("--writes", optarg, 0, 100, &wish->writes);
    }
}

static bool take_option(struct taking *taking, int option, const char *word)
{
    struct bench_wish *wish = &taking->words->wish;

    switch (option) {
    case 'p':
        return take_port(taking->options, optarg);
    case OPTION_DEVICE:
        taking->device_given = true;
        return words_device(optarg, &wish->device);
    case OPTION_KEEP_OPEN:
        wish->keep_open = true;
        return true;
    case OPTION_RESUME:
        wish->resume = true;
        wish->session_ids = optarg != NULL && strcmp(optarg, "id") == 0;
        if (optarg == NULL || wish->session_ids)
            return true;
        complain("--resume: %s is no way to resume: write --resume, or "
                 "--resume=id for TLS 1.2 without tickets",
                 optarg);
        return false;
    case OPTION_YES:
        taking->words->yes = true;
        return true;
    case ':':
        complain("%s wants a value behind it: see wwep(1)", word);
        return false;
    case '?':
        complain("bench has no option %s: see wwep(1) for those that it has; "
                 "wwep -h lists the rest",
                 word);
        return false;
    default:
        return take_wish(wish, option);
    }
}

static bool is_long(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

static bool take_all(struct taking *taking, int argc, char **argv)
{
    int option;

    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:c:n:d:p:", longs, NULL)) !=
           -1) {
        bool apart = optarg != NULL && option != '?' && option != ':' &&
                     optarg == argv[optind - 1];
        const char *word = argv[optind - (apart ? 2 : 1)];
        int value = option == ':' ? optopt : option;

        if (is_long(word) && !options_is_whole(longs, value, word))
            option = '?';
        if (!take_option(taking, option, word))
            return false;
    }
    if (optind == argc)
        return true;
    complain("bench does not know what to do with %s: the server goes behind "
             "-H",
             argv[optind]);
    return false;
}

/* --- what goes with what ---------------------------------------------------
 */

static bool make_up_device(struct bench_wish *wish)
{
    unsigned room = DEVICES_MAX - BOARDS_BELOW;
    uint16_t random;

    if (wish->devices >= room) {
        wish->device = 0;
        return true;
    }
    if (line_random(&random, sizeof random) != 0) {
        complain("the system gives no random numbers");
        return false;
    }
    wish->device =
        (uint16_t)(BOARDS_BELOW + random % (room - wish->devices + 1));
    return true;
}

static bool share_registers(const struct taking *taking)
{
    struct bench_wish *wish = &taking->words->wish;
    size_t wanted = wish->connections * REGISTERS_EACH;

    if (wish->devices == 0) {
        size_t devices =
            (wanted + BENCH_PLAN_REGISTERS - 1) / BENCH_PLAN_REGISTERS;
        wish->devices = devices < DEVICES_MAX ? (unsigned)devices : DEVICES_MAX;
    }
    if ((size_t)wish->devices * BENCH_PLAN_REGISTERS < wish->connections) {
        complain("--devices %u: they have %u registers each, and each of %zu "
                 "connections needs one of its own: give more",
                 wish->devices, BENCH_PLAN_REGISTERS, wish->connections);
        return false;
    }
    return taking->device_given || make_up_device(wish);
}

static bool check_words(const struct taking *taking)
{
    struct bench_wish *wish = &taking->words->wish;

    if (taking->options->verbose) {
        complain(
            "-v: bench tells no story of each exchange: read and write do");
        return false;
    }
    if (wish->exchanges != 0 && wish->seconds > 0.0) {
        complain("-n or -d: the load ends by a number or by a time, not both");
        return false;
    }
    if (wish->exchanges == 0 && wish->seconds <= 0.0)
        wish->seconds = SECONDS;
    if (wish->resume && !taking->options->tls) {
        complain("--resume: without TLS there is no session to resume: add "
                 "--tls");
        return false;
    }
    return share_registers(taking);
}

bool bench_words_take(struct bench_words *words, struct wwep_options *options,
                      int argc, char **argv)
{
    struct taking taking = {.words = words, .options = options};

    *words = (struct bench_words){.wish = {.connections = 1, .writes = 50}};
    return take_all(&taking, argc, argv) && check_words(&taking);
}
