/* bench.c - the verb `wwep bench`: a load, whose every reply is checked.
 *
 * Happy path: find the address, ask unless it is this machine's own, raise the
 * limit of descriptors, prepare TLS, run the load, tell what came of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_report.h"
#include "bench_run.h"
#include "bench_trouble.h"
#include "bench_words.h"
#include "desk.h"
#include "json_bench.h"
#include "verbs.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define ADDRESSES_MAX    8u
#define OWN_FILES        16u /* besides the connections */
#define FIRST_TIMEOUT_MS 3000u

struct bench {
    struct bench_words words;
    struct desk desk;
    struct wwep_observer secrets;
    struct line_address server;
    struct bench_run run;
};

/* --- the server ------------------------------------------------------------
 */

/* The first address that takes a connection, or else the first. */
static bool find_server(struct bench *bench)
{
    const struct wwep_options *o = bench->desk.options;
    const char *fallback = bench->desk.config.fallback;
    struct line_address found[ADDRESSES_MAX];
    size_t n = line_resolve(o->host, options_port(o), found, ADDRESSES_MAX);

    if (n == 0 && fallback != NULL)
        n = line_resolve(fallback, options_port(o), found, ADDRESSES_MAX);
    if (n == 0) {
        const struct wwep_outcome outcome = {.result = WWEP_E_NAME,
                                             .port_error = WWEP_PORT_NO_NAME};
        trouble_tell(&bench->desk, &outcome);
        return false;
    }
    bench->server = found[0];
    for (size_t i = 0; n > 1 && i < n; i++) {
        struct line l;

        line_init(&l);
        int error = line_connect(&l, &found[i], FIRST_TIMEOUT_MS);
        line_close(&l);
        if (error == 0) {
            bench->server = found[i];
            break;
        }
    }
    return true;
}

/* Whether to go on: a load on somebody's server is felt by all who use it. */
static bool ask(const struct bench *bench)
{
    const struct bench_wish *wish = &bench->words.wish;
    char answer[16] = "";

    if (bench->server.loopback || bench->words.yes)
        return true;
    if (!isatty(STDIN_FILENO)) {
        complain("%s is not this machine: a load keeps it busy, and writes "
                 "registers of %u devices from %04X on; if you may do so "
                 "there, give --yes",
                 bench->server.text, wish->devices, (unsigned)wish->device);
        return false;
    }
    (void)fprintf(stderr,
                  "%s is not this machine. A load keeps it busy, and\n"
                  "writes registers of %u devices from %04X on.\n"
                  "Go on? [y/N] ",
                  bench->server.text, wish->devices, (unsigned)wish->device);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* --- this side -------------------------------------------------------------
 */

static bool raise_limit(const struct bench_wish *wish)
{
    rlim_t wanted = (rlim_t)(wish->connections + wish->idle + OWN_FILES);
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return true; /* it will be seen */
    if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= wanted)
        return true;
    complain("%zu connections want %llu open files, and this process may have "
             "%llu: ask for fewer with -c or --idle, or raise the limit "
             "(ulimit -Hn, as root)",
             wish->connections + wish->idle, (unsigned long long)wanted,
             (unsigned long long)limit.rlim_cur);
    return false;
}

/* Connects what the desk has with the load. */
static void aim(struct bench *bench)
{
    const struct wwep_options *o = bench->desk.options;
    struct bench_run *run = &bench->run;
    struct bench_wire *wire = &run->shared.wire;

    bench->secrets = (struct wwep_observer){
        .ctx = &bench->desk.keylog, .event = keylog_event, .secrets = true};
    bench->desk.tls.session = NULL;
    run->wish = &bench->words.wish;
    run->tls = o->tls ? &bench->desk.tls : NULL;
    run->timeout_ms = o->timeout_ms;
    run->progress = isatty(STDERR_FILENO) == 1;
    wire->server = &bench->server;
    wire->host = o->host;
    wire->tcp_port = options_port(o);
    wire->port = &bench->desk.posix.port;
    wire->observer = o->keylog != NULL ? &bench->secrets : NULL;
}

/* The certificates are read once, for all. */
static int prepare_tls(struct bench *bench)
{
    struct wwep_outcome outcome = {.result = WWEP_OK};

    if (bench->run.tls == NULL)
        return WWEP_EXIT_OK;
    if (bench->run.tls->roots.bytes == NULL && !bench->desk.options->insecure)
        complain("warning: the server is not verified: give the class's root "
                 "certificate with --ca, and it must prove who it is");
    outcome.result = bench_wire_prepare(&bench->run.shared.wire, bench->run.tls,
                                        &outcome.fault);
    trouble_tell(&bench->desk, &outcome);
    return trouble_exit(&outcome);
}

/* --- the run ---------------------------------------------------------------
 */

/* A load of full handshakes is not what was asked for. */
static void warn_of_no_resumption(const struct bench *bench)
{
    const struct bench_wish *wish = &bench->words.wish;
    const struct bench_tally *tally = &bench->run.shared.tally;

    if (wish->resume && tally->resumed == 0 && tally->full > wish->connections)
        complain("warning: --resume: the server has resumed no session: wwepd "
                 "does so only where client_auth is none");
}

static int tell(struct bench *bench)
{
    char words[BENCH_TROUBLE_MAX];
    int status = bench_trouble(&bench->desk, &bench->run, words);

    if (!bench->desk.options->json)
        bench_report(&bench->run);
    else if (!json_bench(&bench->run, words) && status == WWEP_EXIT_OK)
        status = WWEP_EXIT_FAILURE;
    (void)fflush(stdout);
    warn_of_no_resumption(bench);
    if (words[0] != '\0')
        complain("%s", words);
    return status;
}

static int run_load(struct bench *bench)
{
    if (!find_server(bench))
        return WWEP_EXIT_CONNECTION;
    if (!ask(bench) || !raise_limit(&bench->words.wish))
        return WWEP_EXIT_USAGE;
    aim(bench);
    int status = prepare_tls(bench);
    if (status == WWEP_EXIT_OK)
        status = bench_run(&bench->run);
    if (status == WWEP_EXIT_OK)
        status = tell(bench);
    bench_run_free(&bench->run);
    return status;
}

int verb_bench(struct wwep_options *options, int argc, char **argv)
{
    static struct bench bench; /* it is large, and there is one */

    if (!bench_words_take(&bench.words, options, argc, argv))
        return WWEP_EXIT_USAGE;
    int status = desk_open(&bench.desk, options);
    if (status == WWEP_EXIT_OK)
        status = run_load(&bench);
    desk_close(&bench.desk);
    return status;
}
