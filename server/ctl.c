/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl.h"

#include "config.h"
#include "control_client.h"
#include "ctl_show.h"
#include "server.h"
#include "wwep_near.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct order {
    const char *name;
    const char *line;
    enum ctl_reply (*show)(const char *line, FILE *out, FILE *err);
} orders[] = {
    {"stats", "{\"command\":\"stats\"}", ctl_show_stats},
    {"reload", "{\"command\":\"reload\"}", ctl_show_reload},
};

#define ORDERS (sizeof orders / sizeof orders[0])

struct options {
    const char *file;
    const char *control; /* NULL: the configuration's */
    bool json;
    const struct order *order;
};

static void print_usage(FILE *out)
{
    fputs("usage: wwepd ctl [-c FILE | --control SOCKET] [--json] "
          "stats | reload\n"
          "  stats    what the running server has done since it started\n"
          "  reload   have it read its configuration again, and the files in "
          "it\n"
          "  -c FILE  configuration, which names the control socket; without "
          "it,\n"
          "           the installed one\n"
          "  --control SOCKET\n"
          "           the control socket itself\n"
          "  --json   print the reply as it comes\n"
          "  -h, --help\n"
          "           print this\n"
          "See wwepd(8).\n",
          out);
}

static bool take_order(struct options *o, const char *name)
{
    struct wwep_near near;

    wwep_near_start(&near, name);
    for (size_t i = 0; i < ORDERS; i++) {
        wwep_near_offer(&near, orders[i].name);
        if (strcmp(orders[i].name, name) == 0)
            o->order = &orders[i];
    }
    if (o->order != NULL)
        return true;
    if (near.best != NULL)
        fprintf(stderr, "wwepd ctl: there is no order %s: did you mean %s?\n",
                name, near.best);
    else
        fprintf(stderr,
                "wwepd ctl: there is no order %s: write stats or reload\n",
                name);
    return false;
}

/* Returns -1 to go on, or the exit code. */
static int parse(struct options *o, int argc, char **argv)
{
    static const struct option words[] = {
        {"control", required_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'J'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:h", words, NULL)) != -1) {
        switch (option) {
        case 'c':
            o->file = optarg;
            break;
        case 'S':
            o->control = optarg;
            break;
        case 'J':
            o->json = true;
            break;
        case 'h':
            print_usage(stdout);
            return SERVER_OK;
        default:
            print_usage(stderr);
            return SERVER_USAGE;
        }
    }
    if (optind + 1 == argc)
        return take_order(o, argv[optind]) ? -1 : SERVER_USAGE;
    fprintf(stderr, "wwepd ctl: one order is expected: stats or reload\n");
    print_usage(stderr);
    return SERVER_USAGE;
}

/* The path of the socket, which the caller frees; NULL: it has been said why
 * there is none. */
static char *find_socket(const struct options *o)
{
    char error[CONFIG_ERROR_MAX];

    if (o->control != NULL)
        return strdup(o->control);
    struct config *config = config_load(o->file, error);
    if (config == NULL) {
        fprintf(stderr,
                "wwepd ctl: the server has not been asked, as its control "
                "socket is not known: %s (or name the socket by --control)\n",
                error);
        return NULL;
    }
    char *path = config->control != NULL ? strdup(config->control) : NULL;
    if (path == NULL)
        fprintf(stderr,
                "wwepd ctl: %s: it has no control: add it, and restart wwepd, "
                "or name the socket by --control\n",
                o->file);
    config_free(config);
    return path;
}

static int complain(const char *path, enum control_answer answer, int error)
{
    if (answer == CONTROL_NOBODY)
        fprintf(stderr,
                "wwepd ctl: %s: no server has this socket: start "
                "wwepd, or name another by --control SOCKET\n",
                path);
    else if (error != 0)
        fprintf(stderr, "wwepd ctl: %s: %s: %s\n", path, strerror(-error),
                control_client_advice(error));
    else
        fprintf(stderr,
                "wwepd ctl: %s: no reply has come: see the server's log\n",
                path);
    return SERVER_FAILURE;
}

static int ask(const struct options *o, const char *path)
{
    static char reply[CONTROL_REPLY_MAX];
    int error;
    enum control_answer answer =
        control_client_ask(path, o->order->line, reply, &error);

    if (answer != CONTROL_ANSWERED)
        return complain(path, answer, error);
    switch ((o->json ? ctl_show_json : o->order->show)(reply, stdout, stderr)) {
    case CTL_DONE:
        break;
    case CTL_REFUSED:
        return SERVER_FAILURE;
    case CTL_NO_REPLY:
        return complain(path, CONTROL_REFUSED, 0);
    }
    if (fflush(stdout) == 0)
        return SERVER_OK;
    fputs("wwepd ctl: standard output can not be written\n", stderr);
    return SERVER_FAILURE;
}

int ctl_main(int argc, char **argv, const char *installed)
{
    static char name[] = "wwepd ctl"; /* as getopt() begins what it says */
    struct options o = {.file = installed};

    argv[0] = name;
    int status = parse(&o, argc, argv);

    if (status >= 0)
        return status;
    char *path = find_socket(&o);
    if (path == NULL)
        return SERVER_CONFIG;
    status = ask(&o, path);
    free(path);
    return status;
}
