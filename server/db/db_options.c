/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_options.h"

#include "db_words.h"
#include "now.h"
#include "store.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INSTALLED_CONFIG SYSCONFDIR "/wwep/wwepd.yaml"

static const char usage[] =
    "usage: wwep-db [OPTION...] VERB ...\n"
    "\n"
    "  registers [DEV]      what is in the registers, when and by whom\n"
    "  messages             who asked what, and got: --device DEV, --since T,\n"
    "                       --until T, --address IP, --only-failed, --follow\n"
    "  history DEV REG      what was written to a register\n"
    "  export --csv|--json [messages|registers]\n"
    "                       the same for programs, and the same options\n"
    "  reset [--device DEV] [--yes]\n"
    "                       nothing has been written any more; keeps a copy\n"
    "  restore COPY         the registers of a copy\n"
    "\n"
    "  -c FILE              the server's configuration, instead of\n"
    "                       " INSTALLED_CONFIG "\n"
    "  --db FILE            this database\n"
    "  --control SOCKET     the control socket of the server that has it\n"
    "  -V, -h               print the version, or this\n"
    "\n"
    "DEV is four hex digits, REG two; T is a date or a time (UTC), such as\n"
    "2026-01-31 or 2026-01-31T10:00, or 10m, 2h, 1d: that long ago.\n"
    "Exit: 0 done, 1 refused, 2 wrong use, 3 no such database, 4 no answer of\n"
    "the server, 5 other. See wwep-db(1).\n";

enum {
    OPTION_DB = 256,
    OPTION_CONTROL,
    OPTION_DEVICE,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_ADDRESS,
    OPTION_ONLY_FAILED,
    OPTION_FOLLOW,
    OPTION_CSV,
    OPTION_JSON,
    OPTION_YES
};

static const struct option longs[] = {
    {"db", required_argument, NULL, OPTION_DB},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"only-failed", no_argument, NULL, OPTION_ONLY_FAILED},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {"csv", no_argument, NULL, OPTION_CSV},
    {"json", no_argument, NULL, OPTION_JSON},
    {"yes", no_argument, NULL, OPTION_YES},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0}};

bool db_options_device(const char *word, int32_t *device)
{
    if (db_words_device(word, device))
        return true;
    db_complain("%s is no device: write four hex digits, such as 0FAC", word);
    return false;
}

static int take_device(struct db_options *o, const char *text)
{
    o->given |= DB_DEVICE;
    return db_options_device(text, &o->device) ? DB_GO_ON : DB_EXIT_USAGE;
}

static int take_time(struct db_options *o, enum db_option which,
                     const char *text)
{
    int64_t *time = which == DB_SINCE ? &o->since_us : &o->until_us;

    o->given |= which;
    if (db_words_time(text, now_us(), time))
        return DB_GO_ON;
    db_complain("%s is no time: write a date or a time (UTC), such as "
                "2026-01-31 or 2026-01-31T10:00, or 10m, 2h or 1d: that long "
                "ago",
                text);
    return DB_EXIT_USAGE;
}

/* As the database has it: 2001:DB8:0::1 is 2001:db8::1 there. */
static int take_address(struct db_options *o, const char *text)
{
    union address a;
    size_t len = strcspn(text, "%"); /* an interface need not be here */

    o->given |= DB_ADDRESS;
    snprintf(o->address_text, sizeof o->address_text, "%.*s", (int)len, text);
    if (len >= sizeof o->address_text || strcmp(text, "*") == 0 ||
        address_parse(&a, o->address_text, 0) != 0) {
        db_complain("%s is no address: write the number of one, such as "
                    "10.0.0.17 or 2001:db8::1",
                    text);
        return DB_EXIT_USAGE;
    }
    address_ip(&a, o->address_text);
    o->address = text[len] == '%' ? text : o->address_text;
    return DB_GO_ON;
}

static int take_flag(struct db_options *o, enum db_option which, bool *flag)
{
    o->given |= which;
    *flag = true;
    return DB_GO_ON;
}

static int take_option(struct db_options *o, int option, const char *text)
{
    switch (option) {
    case 'c':
        o->config_file = text;
        return DB_GO_ON;
    case OPTION_DB:
        o->db = text;
        return DB_GO_ON;
    case OPTION_CONTROL:
        o->control = text;
        return DB_GO_ON;
    case OPTION_DEVICE:
        return take_device(o, text);
    case OPTION_SINCE:
        return take_time(o, DB_SINCE, text);
    case OPTION_UNTIL:
        return take_time(o, DB_UNTIL, text);
    case OPTION_ADDRESS:
        return take_address(o, text);
    case OPTION_ONLY_FAILED:
        return take_flag(o, DB_ONLY_FAILED, &o->only_failed);
    case OPTION_FOLLOW:
        return take_flag(o, DB_FOLLOW, &o->follow);
    case OPTION_CSV:
        return take_flag(o, DB_CSV, &o->csv);
    case OPTION_JSON:
        return take_flag(o, DB_JSON, &o->json);
    case OPTION_YES:
        return take_flag(o, DB_YES, &o->yes);
    case 'V':
        printf("wwep-db %s (SQLite %s)\n", PACKAGE_VERSION,
               store_library_version());
        return DB_EXIT_OK;
    case 'h':
        fputs(usage, stdout);
        return DB_EXIT_OK;
    default:
        return DB_EXIT_USAGE;
    }
}

static int complain_option(int option, const char *word)
{
    const char letter[] = {'-', (char)optopt, '\0'};

    /* Of several letters in one word, it is this one. */
    if (optopt > 0 && optopt <= 0x7f)
        word = letter;
    if (option == ':')
        db_complain("%s wants a value behind it: see wwep-db -h", word);
    else
        db_complain("%s is no option: wwep-db -h lists them", word);
    return DB_EXIT_USAGE;
}

int db_options_parse(struct db_options *o, int *argc, char **argv)
{
    int option;

    *o = (struct db_options){
        .device = -1, .since_us = INT64_MIN, .until_us = INT64_MAX};
    opterr = 0;
    while ((option = getopt_long(*argc, argv, ":c:Vh", longs, NULL)) != -1) {
        int status = option == ':' || option == '?'
                         ? complain_option(option, argv[optind - 1])
                         : take_option(o, option, optarg);
        if (status != DB_GO_ON)
            return status;
    }
    /* getopt has moved the verb and its words to the end. */
    memmove(argv, argv + optind, ((size_t)(*argc - optind) + 1) * sizeof *argv);
    *argc -= optind;
    return DB_GO_ON;
}

void db_options_free(struct db_options *o)
{
    config_free(o->config);
    o->config = NULL;
}

bool db_options_allow(const struct db_options *o, const char *verb,
                      unsigned allowed)
{
    static const char *const names[] = {
        "--device", "--since", "--until", "--address", "--only-failed",
        "--follow", "--csv",   "--json",  "--yes"};
    unsigned wrong = o->given & ~allowed;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if ((wrong & 1u << i) != 0) {
            db_complain("%s has no option %s: wwep-db -h tells what it has",
                        verb, names[i]);
            return false;
        }
    return true;
}

static int load(struct db_options *o)
{
    char error[CONFIG_ERROR_MAX];
    const char *file = o->config_file;

    if (file == NULL && access(INSTALLED_CONFIG, F_OK) == 0)
        file = INSTALLED_CONFIG;
    if (file == NULL) {
        db_complain("there is no %s: name a configuration by -c FILE, or a "
                    "database by --db FILE",
                    INSTALLED_CONFIG);
        return DB_EXIT_USAGE;
    }
    o->config = config_load(file, error);
    if (o->config != NULL)
        return DB_GO_ON;
    db_complain("%s", error);
    return DB_EXIT_USAGE;
}

int db_options_find(struct db_options *o, bool needs_db)
{
    bool knows = o->db != NULL || (!needs_db && o->control != NULL);

    if (knows && o->config_file == NULL)
        return DB_GO_ON;
    int status = load(o);
    if (status != DB_GO_ON)
        return status;
    const struct config_store *store = &o->config->store;
    /* A database that is named alone may be a copy: not the server's. */
    if (o->control == NULL && o->db == NULL)
        o->control = o->config->control;
    if (o->db == NULL && store->durability != CONFIG_STORE_MEMORY)
        o->db = store->path;
    if (o->db != NULL || !needs_db)
        return DB_GO_ON;
    db_complain("%s: store keeps nothing (memory), so there is no database: "
                "name one by --db FILE",
                o->config->file);
    return DB_EXIT_USAGE;
}
