/* main.c - wwepd's command line, and what comes before the server.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "ctl.h"
#include "journal.h"
#include "log.h"
#include "loop_memory.h"
#include "server.h"
#include "store.h"
#include "streams.h"
#include "tls_context.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define INSTALLED_CONFIG SYSCONFDIR "/wwep/wwepd.yaml"

struct options {
    const char *file; /* NULL: none was given */
    bool test;
    bool start_fresh;
};

static void print_usage(FILE *out)
{
    fputs("usage: wwepd [-c FILE] [-t] [--start-fresh] [-V] [-h]\n"
          "       wwepd ctl [-c FILE | --control SOCKET] [--json] "
          "stats | reload\n"
          "  -c FILE  configuration, instead of " INSTALLED_CONFIG "\n"
          "  -t       check the configuration, and what it names, and end\n"
          "  --start-fresh\n"
          "           keep a damaged database under another name, and begin "
          "with\n"
          "           an empty one\n"
          "  -V, --version\n"
          "           print the versions of wwepd and its libraries\n"
          "  -h, --help\n"
          "           print this\n"
          "See wwepd(8) and wwepd.yaml(5).\n",
          out);
}

static void print_version(void)
{
    printf("wwepd %s (libuv %s, wolfSSL %s, SQLite %s)\n", PACKAGE_VERSION,
           uv_version_string(), tls_library_version(), store_library_version());
}

/* Returns -1 to go on, or the exit code. */
static int parse(int argc, char **argv, struct options *o)
{
    static const struct option words[] = {
        {"start-fresh", no_argument, NULL, 'F'},
        {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "c:tVh", words, NULL)) != -1) {
        switch (option) {
        case 'c':
            o->file = optarg;
            break;
        case 't':
            o->test = true;
            break;
        case 'F':
            o->start_fresh = true;
            break;
        case 'V':
            print_version();
            return SERVER_OK;
        case 'h':
            print_usage(stdout);
            return SERVER_OK;
        default:
            print_usage(stderr);
            return SERVER_USAGE;
        }
    }
    if (optind == argc)
        return -1;
    fprintf(stderr,
            "wwepd: %s: no argument is expected; -c FILE names the "
            "configuration\n",
            argv[optind]);
    print_usage(stderr);
    return SERVER_USAGE;
}

/* Before there is a log. */
static const char *mark(void)
{
    return journal_is(STDERR_FILENO) ? JOURNAL_ERROR : "";
}

static struct config *load(const struct options *o)
{
    char error[CONFIG_ERROR_MAX];
    struct config *config;
    const char *file = o->file;

    if (file == NULL && access(INSTALLED_CONFIG, F_OK) == 0)
        file = INSTALLED_CONFIG;
    if (file == NULL) {
        log_warning("no configuration (-c FILE, or %s): the plain port alone, "
                    "without TLS",
                    INSTALLED_CONFIG);
        config = config_builtin();
        snprintf(error, sizeof error, "no memory");
    } else {
        config = config_load(file, error);
    }
    if (config == NULL)
        fprintf(stderr, "%swwepd: %s\n", mark(), error);
    return config;
}

static enum server_exit run(const struct config *config,
                            struct supervisor *supervisor, bool start_fresh)
{
    int error = log_open(config->log_level, config->log_target);

    if (error != 0) {
        fprintf(stderr,
                "%swwepd: %s: log.target: %s: %s: write a path that this user "
                "may write to, or stderr\n",
                mark(), config_name(config), config->log_target,
                strerror(-error));
        return SERVER_CONFIG;
    }
    error = log_start();
    if (error != 0)
        log_error("the log's thread does not start: %s", strerror(-error));
    enum server_exit status = SERVER_FAILURE;
    if (error == 0)
        status = supervisor_check(supervisor, config)
                     ? server_run(config, supervisor, start_fresh)
                     : SERVER_CONFIG;
    if (log_stop())
        log_close();
    return status;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct supervisor supervisor;

    if (!streams_open()) {
        fprintf(stderr, "wwepd: /dev/null can not be opened: %s\n",
                strerror(errno));
        return SERVER_FAILURE;
    }
    int error = loop_memory_init();
    if (error != 0) {
        fprintf(stderr, "wwepd: the event loop does not start: %s\n",
                strerror(-error));
        return SERVER_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);                  /* then write() says it */
    (void)log_open(CONFIG_LOG_INFO, "stderr"); /* until it is known where */
    if (argc > 1 && strcmp(argv[1], "ctl") == 0)
        return ctl_main(argc - 1, argv + 1, INSTALLED_CONFIG);
    int status = parse(argc, argv, &options);
    if (status >= 0)
        return status;
    struct config *config = load(&options);
    if (config == NULL)
        return SERVER_CONFIG;
    if (options.test) {
        status = server_check(config);
    } else {
        supervisor_take(&supervisor);
        status = run(config, &supervisor, options.start_fresh);
        supervisor_leave(&supervisor);
    }
    if (options.test && status == SERVER_OK)
        printf("%s: the configuration is good\n", config_name(config));
    config_free(config);
    return status;
}
