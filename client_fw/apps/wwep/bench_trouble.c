/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench_trouble.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(char out[BENCH_TROUBLE_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char out[BENCH_TROUBLE_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out, BENCH_TROUBLE_MAX, format, args);
    va_end(args);
}

static void say_wrong(const struct bench_failure *f,
                      char out[BENCH_TROUBLE_MAX])
{
    char held[32] = "nothing";

    if (f->holds)
        snprintf(held, sizeof held, "%04X", (unsigned)f->held);
    say(out,
        "register %02X of device %04X held %s, and the server says %04X: the "
        "server has lost a write, or somebody else uses the same registers: "
        "give others with --device",
        (unsigned)f->request.reg, (unsigned)f->request.device, held,
        (unsigned)f->outcome.value);
}

static void say_system(const struct bench_run *run, int error,
                       char out[BENCH_TROUBLE_MAX])
{
    const char *server = run->shared.wire.server->text;

    if (error == EADDRNOTAVAIL)
        say(out,
            "no local port is left for another connection to %s: one that "
            "this side has closed stays taken for a minute (TIME_WAIT): wait, "
            "open fewer, or use --keep-open",
            server);
    else
        say(out, "a connection to %s: %s", server, strerror(error));
}

/* Such that trouble_find() sees one call, the one that failed. */
static void set_scene(struct desk *desk, const struct bench_run *run,
                      const struct bench_failure *f)
{
    const void *address = &run->shared.wire.server->address;
    const struct sockaddr *family = address;
    struct witness *w = &desk->witness;
    struct wwep_address *to = &w->tried[0];

    memset(w, 0, sizeof *w);
    witness_begin(w);
    if (family->sa_family == AF_INET) {
        const struct sockaddr_in *in = address;

        to->len = 4;
        memcpy(to->bytes, &in->sin_addr, 4);
    } else {
        const struct sockaddr_in6 *in6 = address;

        to->len = 16;
        memcpy(to->bytes, &in6->sin6_addr, 16);
        to->scope = in6->sin6_scope_id;
    }
    w->tried_count = 1;
    if (f->secured)
        w->secured_ms = 0;
    w->sent.total = f->requested;
    w->received = f->received;
    desk->request = f->request;
}

int bench_trouble(struct desk *desk, const struct bench_run *run,
                  char out[BENCH_TROUBLE_MAX])
{
    const struct bench_failure *f = &run->shared.tally.first;
    struct trouble t;

    out[0] = '\0';
    if (run->shared.closes) {
        say(out, "the server closes after each exchange: --keep-open wants a "
                 "listener with keep_open: yes (wwepd.yaml(5))");
        return WWEP_EXIT_USAGE;
    }
    if (bench_tally_errors(&run->shared.tally) == 0)
        return WWEP_EXIT_OK;
    set_scene(desk, run, f);
    trouble_find(&t, desk, &f->outcome);
    if (f->error == BENCH_ERROR_WRONG)
        say_wrong(f, out);
    else if (f->error == BENCH_ERROR_IDLE)
        say(out, "the server has closed an idle connection: its idle_s must "
                 "be longer than the load (wwepd.yaml(5))");
    else if (f->answered)
        say(out, "the server has answered, and not closed within the time: "
                 "if its listener has keep_open: yes, use --keep-open");
    else if (f->system != 0 && f->outcome.port_error == WWEP_PORT_FAILED)
        say_system(run, f->system, out);
    else
        say(out, "%s%s%s", t.text, t.advice[0] != '\0' ? ": " : "", t.advice);
    int status = trouble_exit(&f->outcome);
    return status != WWEP_EXIT_OK ? status : WWEP_EXIT_CONNECTION;
}
