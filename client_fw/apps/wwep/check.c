/* check.c - the verb `wwep check`: runs the protocol's cases against a server.
 *
 * Happy path: find the address, ask unless it is this machine's own, see that a
 * WWEP server is there, choose two devices that nobody uses, run the cases.
 * Where no WWEP server is there, the library's own client says why: it has the
 * words for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_report.h"
#include "check_run.h"
#include "desk.h"
#include "settings.h"
#include "trouble.h"
#include "verbs.h"
#include "words.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ADDRESSES_MAX  8u
#define DEVICES        2u
#define DEVICE_TRIES   8u
#define BOARDS_BELOW   0x0600u /* six octets make no more than 05FA */
#define FIRST_SEARCHED 0x30u   /* the registers below have cases of their own */
#define END_MS         300u

/* The verb's own words. */
struct words {
    uint16_t devices[DEVICES];
    unsigned device_count; /* given */
    bool tap;
    bool yes;
};

struct check {
    struct words words;
    struct check_run run;
    struct desk desk;
    struct wwep_observer secrets;
};

/* --- the command line ------------------------------------------------------
 */

static bool take_device(struct words *words, const char *text)
{
    uint16_t device;

    if (!words_device(text, &device))
        return false;
    if (words->device_count == DEVICES) {
        complain("--device: two devices are enough");
        return false;
    }
    if (words->device_count == 1 && words->devices[0] == device) {
        complain("--device: the second device must be another than the first");
        return false;
    }
    words->devices[words->device_count++] = device;
    return true;
}

static bool take_host(struct wwep_options *options, const char *text)
{
    char problem[SETTINGS_PROBLEM_MAX];

    if (settings_take(options, settings_find("host"), text, LAYER_COMMAND,
                      problem))
        return true;
    complain("check: %s", problem);
    return false;
}

static bool take_option(struct words *words, int option, const char *word)
{
    switch (option) {
    case 'd':
        return take_device(words, optarg);
    case 't':
        words->tap = true;
        return true;
    case 'y':
        words->yes = true;
        return true;
    case ':':
        complain("%s wants a device behind it, such as 9A3C", word);
        return false;
    default:
        complain("check has no option %s: it has --device, --tap and --yes; "
                 "wwep -h lists the rest",
                 word);
        return false;
    }
}

/* getopt moves the words that are no options behind the others: then it is the
 * word before optind that it has read last, or, with its value in a word of its
 * own, the one before that. */
static const char *option_word(char **argv, int option)
{
    bool apart = option == 'd' && optarg == argv[optind - 1];

    return argv[optind - (apart ? 2 : 1)];
}

static bool take_words(struct words *words, struct wwep_options *options,
                       int argc, char **argv)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'},
        {"tap", no_argument, NULL, 't'},
        {"yes", no_argument, NULL, 'y'},
        {NULL, 0, NULL, 0}};
    int option;

    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
        const char *word = option_word(argv, option);

        if (!options_is_whole(longs, option == ':' ? optopt : option, word))
            option = '?';
        if (!take_option(words, option, word))
            return false;
    }
    if (argc - optind > 1) {
        complain("check wants one server, HOST or HOST:PORT, not %d words",
                 argc - optind);
        return false;
    }
    if (options->json) {
        complain("check has no --json: --tap is its output for programs");
        return false;
    }
    return optind == argc || take_host(options, argv[optind]);
}

/* --- the server ------------------------------------------------------------
 */

static size_t find_addresses(const struct check *check,
                             struct line_address found[ADDRESSES_MAX])
{
    const struct wwep_options *o = check->desk.options;
    const char *fallback = check->desk.config.fallback;
    size_t n = line_resolve(o->host, options_port(o), found, ADDRESSES_MAX);

    if (n == 0 && fallback != NULL)
        n = line_resolve(fallback, options_port(o), found, ADDRESSES_MAX);
    return n;
}

/* Whether to go on. The class's server has the class's registers, and a check
 * makes its log long. */
static bool ask(const struct check *check, const struct line_address *address)
{
    char answer[16] = "";

    if (address->loopback || check->words.yes)
        return true;
    if (!isatty(STDIN_FILENO)) {
        complain("%s is not this machine: a check makes some hundred "
                 "connections, and writes registers of two devices; if you "
                 "may do so there, give --yes",
                 address->text);
        return false;
    }
    (void)fprintf(stderr,
                  "%s is not this machine. A check makes some hundred\n"
                  "connections, and writes registers of two devices%s.\n"
                  "Go on? [y/N] ",
                  address->text,
                  check->words.device_count == DEVICES ? "" : " of its own");
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* The first address that takes a connection. */
static bool choose_address(struct check *check,
                           const struct line_address *found, size_t count)
{
    struct check_target *target = &check->run.target;
    struct line l;

    for (size_t i = 0; i < count; i++) {
        line_init(&l);
        int error = line_connect(&l, &found[i], target->timeout_ms);

        line_close(&l);
        target->address = found[i];
        if (error == 0)
            return true;
    }
    return false;
}

/* --- the devices -----------------------------------------------------------
 */

/* One that is no board's, and whose digits show upper and lower case. */
static bool make_up_device(uint16_t *device)
{
    do {
        if (line_random(device, sizeof *device) != 0)
            return false;
    } while (*device < BOARDS_BELOW || (*device & 0xF) < 0xA);
    return true;
}

static bool choose_devices(struct check *check)
{
    const struct words *words = &check->words;
    uint16_t *device = check->run.names.device;

    check->run.devices_are_random = words->device_count == 0;
    for (unsigned i = 0; i < DEVICES; i++) {
        if (i < words->device_count)
            device[i] = words->devices[i];
        else
            do
                if (!make_up_device(&device[i])) {
                    complain("the system gives no random numbers");
                    return false;
                }
            while (i == 1 && device[1] == device[0]);
    }
    return true;
}

/* Whether somebody has written what the cases write first. */
static bool are_in_use(const struct check_run *run)
{
    const char *at = "R@D0B -> X\nR@E0B -> X\nR@D00 -> X\n";
    struct check_step step;
    struct check_seen seen;

    while (check_script_next(&at, &run->names, &step)) {
        check_exchange(&run->target, &step.request, 0, &seen);
        if (check_seen_letter(&seen) == 'A')
            return true;
    }
    return false;
}

static void avoid_devices_in_use(struct check *check)
{
    for (unsigned i = 0; i < DEVICE_TRIES; i++)
        if (check->words.device_count > 0 || !are_in_use(&check->run) ||
            !choose_devices(check))
            return;
}

/* --- the run ---------------------------------------------------------------
 */

static bool answers(const struct check_target *target,
                    const struct check_names *names, const char *script)
{
    struct check_step step;
    struct check_seen seen;

    (void)check_script_next(&script, names, &step);
    check_exchange(target, &step.request, 0, &seen);
    enum check_fault fault = check_judge(&step.want, &seen, 0);
    return fault == CHECK_GOOD || fault == CHECK_ACCEPTED;
}

/* WWEP_EXIT_OK: there is something that answers like a WWEP server. */
static int find_server(struct check *check, bool listens)
{
    const struct check_run *run = &check->run;
    struct wwep_outcome outcome;

    if (listens && (answers(&run->target, &run->names, "R@D0B -> X\n") ||
                    answers(&run->target, &run->names, "W@D0B1234 -> X\n")))
        return WWEP_EXIT_OK;
    int status = desk_read(&check->desk, run->names.device[0], 0x0B, &outcome);
    if (status == WWEP_EXIT_OK || status == WWEP_EXIT_REFUSED)
        return WWEP_EXIT_OK;
    trouble_tell(&check->desk, &outcome);
    return status;
}

static int run_cases(struct check *check)
{
    struct check_report report = {.tap = check->words.tap};
    struct check_result result;
    unsigned cases = 0;

    for (const struct check_case *c = check_cases; c->name != NULL; c++)
        cases += check_case_fits(&check->run, c);
    check_report_begin(&report, &check->run, cases);
    for (const struct check_case *c = check_cases; c->name != NULL; c++) {
        if (!check_case_fits(&check->run, c))
            continue;
        check_case_run(&check->run, c, &result);
        if (check->run.gone && result.status == CHECK_SKIPPED && !report.tap)
            report.skipped++; /* a long list would only hide what is above */
        else
            check_report_case(&report, c, &result);
    }
    check_report_end(&report);
    return report.failed == 0 ? WWEP_EXIT_OK : WWEP_EXIT_REFUSED;
}

/* The connections of the cases are a stranger's each: no session is kept. */
static void aim(struct check *check)
{
    const struct wwep_options *o = check->desk.options;

    check->secrets = (struct wwep_observer){.ctx = &check->desk.keylog,
                                            .event = keylog_event,
                                            .secrets = o->keylog != NULL};
    check->desk.tls.session = NULL;
    check->run.version = o->version;
    check->run.next_unwritten = FIRST_SEARCHED;
    check->run.target = (struct check_target){
        .host = o->host,
        .tls = o->tls ? &check->desk.tls : NULL,
        .observer = o->keylog != NULL ? &check->secrets : NULL,
        .timeout_ms = o->timeout_ms,
        .end_ms = END_MS};
}

static int check_server(struct check *check)
{
    struct line_address found[ADDRESSES_MAX];
    struct check_report report = {.tap = check->words.tap};

    aim(check);
    if (!choose_devices(check))
        return WWEP_EXIT_FAILURE;
    size_t count = find_addresses(check, found);
    bool listens = choose_address(check, found, count);
    if (listens && !ask(check, &check->run.target.address))
        return WWEP_EXIT_USAGE;
    int status = find_server(check, listens);
    if (status != WWEP_EXIT_OK) {
        check_report_bail_out(&report, "no WWEP server is there");
        return status;
    }
    avoid_devices_in_use(check);
    return run_cases(check);
}

int verb_check(struct wwep_options *options, int argc, char **argv)
{
    static struct check check; /* it is large, and there is one */

    if (!take_words(&check.words, options, argc, argv))
        return WWEP_EXIT_USAGE;
    int status = desk_open(&check.desk, options);
    if (status == WWEP_EXIT_OK)
        status = check_server(&check);
    desk_close(&check.desk);
    return status;
}
