/* demo_mim.c - the course's man in the middle, told step by step.
 *
 * The board is the library's client, as boards run it; the server and Mallory
 * are hosts (demo_host.h). A step is an exchange of the board's; then this asks
 * each host what it has seen, tells it, and notes whether it is what was to be
 * shown.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "demo.h"
#include "demo_host.h"
#include "demo_pki.h"
#include "options.h"
#include "wrap.h"
#include "wwep_posix.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wwep/client.h>
#include <wwep/course.h>

#define DEVICE 0x0FACu
#define ON     0x0001u

struct board {
    struct wwep_client client;
    struct wwep_outcome outcome;
    struct wwep_certificate leaf; /* the one that it was shown */
};

struct mim {
    struct demo_pki pki;
    struct demo_host server;
    struct demo_host mallory;
    struct board board;
    struct demo_seen seen;   /* by Mallory, of the board's last connection */
    struct demo_seen served; /* by the server, until now */
    unsigned intercepted;    /* connections that have come to Mallory */
    unsigned step;
    bool pause;
    bool as_told;
};

/* --- telling ---------------------------------------------------------------
 */

static void say(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const char *who, const char *format, ...)
{
    char first[24];
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)snprintf(first, sizeof first, "    %-10s", who);
    wrap_print(stdout, first, "              ", text);
}

/* A message, and what becomes of it, in columns. */
static void pass(const char *who, const char *verb, const char *message,
                 const char *note)
{
    (void)printf("    %-9s %-9s %s%s%s\n", who, verb,
                 message[0] != '\0' ? message : "nothing",
                 note[0] != '\0' ? "  " : "", note);
}

static void begin_step(struct mim *m, const char *title)
{
    int c;

    if (m->pause) {
        (void)fputs("\n[Enter] ", stdout);
        (void)fflush(stdout);
        while ((c = getchar()) != '\n' && c != EOF)
            continue;
    }
    (void)printf("\n%2u. %s\n\n", ++m->step, title);
    (void)fflush(stdout);
}

/* What was to be seen. Where it was not, the story is wrong, and says so. */
static void expect(struct mim *m, bool as_told, const char *what)
{
    if (as_told)
        return;
    m->as_told = false;
    say("(!)", "This did not go as it should: %s.", what);
}

/* Certificates are told by their common names alone. */
static const char *name_of(const char *subject)
{
    return strncmp(subject, "CN=", 3) == 0 ? subject + 3 : subject;
}

/* --- the board -------------------------------------------------------------
 */

static void on_event(void *ctx, const struct wwep_event *event)
{
    struct board *board = ctx;

    if (event->kind == WWEP_EVENT_CERTIFICATE && event->certificate->depth == 0)
        board->leaf = *event->certificate;
}

/* Writes, connected to this port. A board that checks has the class's root. */
static enum wwep_result write_led(struct mim *m, const struct demo_host *to,
                                  bool checks)
{
    struct wwep_posix posix;
    const struct wwep_tls_config tls = {
        .roots = {checks ? m->pki.root.bytes : NULL,
                  checks ? m->pki.root.len : 0},
        .name = DEMO_NAME};
    const struct wwep_observer observer = {.ctx = &m->board, .event = on_event};
    const struct wwep_client_config config = {.port = &posix.port,
                                              .host = "127.0.0.1",
                                              .tcp_port = to->port,
                                              .timeout_ms = DEMO_LIMIT_MS,
                                              .tls = &tls,
                                              .observer = &observer};

    memset(&m->board, 0, sizeof m->board);
    wwep_posix_init(&posix, NULL, NULL);
    enum wwep_result result = wwep_client_init(&m->board.client, &config);
    if (result == WWEP_OK)
        result = wwep_client_write(&m->board.client, DEVICE, WWEP_LED_REGISTER,
                                   ON, &m->board.outcome);
    wwep_client_deinit(&m->board.client);
    wwep_posix_deinit(&posix);
    return result;
}

/* The same, where the board takes Mallory for the server. */
static enum wwep_result write_to_mallory(struct mim *m, bool checks)
{
    enum wwep_result result = write_led(m, &m->mallory, checks);

    expect(m, demo_host_wait(&m->mallory, ++m->intercepted, &m->seen),
           "Mallory has not seen the board");
    if (m->seen.sent_on[0] == '\0')
        demo_host_look(&m->server, &m->served);
    else
        expect(
            m,
            demo_host_wait(&m->server, m->served.connections + 1, &m->served),
            "the server has not seen Mallory");
    return result;
}

static void tell_fault(const char *who, const char *words,
                       const struct wwep_fault *fault)
{
    char line[WWEP_FAULT_LINE_MAX];

    (void)wwep_fault_format(fault, line);
    say(who, "%s: %s.", words, line);
}

/* --- the steps -------------------------------------------------------------
 */

static void tell_who_is_who(struct mim *m)
{
    begin_step(m, "Who is who");
    say("class", "has made a root certificate, \"%s\".", DEMO_CLASS_ROOT);
    say("server",
        "listens on port %u. Its certificate is for %s, and was "
        "issued by \"%s\".",
        (unsigned)m->server.port, DEMO_NAME, DEMO_CLASS_ROOT);
    say("Mallory",
        "listens on port %u. Her certificate is for %s, too: she "
        "has made it herself, with \"%s\".",
        (unsigned)m->mallory.port, DEMO_NAME, DEMO_MALLORYS_CA);
    say("board",
        "wants to talk to %s. But Mallory has set up the Wi-Fi, and "
        "its DNS says that this is she.",
        DEMO_NAME);
}

static void tell_certificate(const struct mim *m, const char *but)
{
    say("board",
        "connects to %s, and is shown a certificate for %s, issued by "
        "\"%s\"%s",
        DEMO_NAME, DEMO_NAME, name_of(m->board.leaf.issuer), but);
}

static void step_read(struct mim *m)
{
    begin_step(m, "A board that checks nothing turns its LED on");
    enum wwep_result result = write_to_mallory(m, false);
    tell_certificate(m, ". It has no root certificate to check it by.");
    say("board", "is content: %s, %s.", m->board.outcome.security.version,
        m->board.outcome.security.cipher);
    pass("board", "sends", m->seen.request, "encrypted");
    pass("Mallory", "READS", m->seen.request, "the board's TLS ends at her");
    pass("Mallory", "sends on", m->seen.sent_on, "as a client of the server's");
    pass("server", "answers", m->served.reply, "and has stored it");
    pass("Mallory", "READS", m->seen.answered, "and passes it on");
    pass("board", "gets", m->seen.reply, "nobody has noticed anything");
    expect(m,
           result == WWEP_OK && strcmp(m->seen.request, "W0FAC050001") == 0 &&
               demo_host_value(&m->server) == ON &&
               !m->board.outcome.security.verified,
           "the board's request was to be read and passed on");
}

static void step_change(struct mim *m)
{
    begin_step(m, "The same board again; now Mallory changes what she reads");
    atomic_store(&m->mallory.changes, true);
    enum wwep_result result = write_to_mallory(m, false);
    atomic_store(&m->mallory.changes, false);
    uint16_t stored = demo_host_value(&m->server);
    pass("board", "sends", m->seen.request, "LED on");
    pass("Mallory", "CHANGES", m->seen.sent_on, "LED off");
    pass("server", "answers", m->served.reply, "LED off is what it has stored");
    pass("Mallory", "CHANGES", m->seen.reply, "back again");
    pass("board", "gets", m->seen.reply, "and takes its LED for on");
    expect(m, result == WWEP_OK && m->board.outcome.value == ON && stored == 0,
           "the board's request was to be changed");
}

static void step_refuse(struct mim *m)
{
    unsigned before = m->served.connections;

    begin_step(m, "A board that has the class's root certificate, and checks");
    enum wwep_result result = write_to_mallory(m, true);
    tell_certificate(m, ".");
    tell_fault("board", "REFUSES", &m->board.outcome.fault);
    pass("Mallory", "reads", m->seen.request, "");
    tell_fault("Mallory", "has in her log", &m->seen.fault);
    say("server", "has heard of nobody.");
    expect(m,
           result == WWEP_E_TLS && m->seen.request[0] == '\0' &&
               m->board.outcome.fault.kind == WWEP_FAULT_UNKNOWN_CA &&
               m->served.connections == before,
           "the board was to refuse Mallory's certificate");
}

static void step_true_server(struct mim *m)
{
    unsigned before = m->served.connections;

    begin_step(m, "The same board, where the DNS tells the truth");
    enum wwep_result result = write_led(m, &m->server, true);
    bool came = demo_host_wait(&m->server, before + 1, &m->served);
    tell_certificate(m, ": the root that it has. It goes on.");
    pass("board", "sends", m->served.request, "encrypted, to the server alone");
    pass("server", "answers", m->served.reply, "and has stored it");
    pass("board", "gets", m->served.reply, "");
    expect(m,
           came && result == WWEP_OK && m->board.outcome.security.verified &&
               demo_host_value(&m->server) == ON,
           "the board was to be served");
}

static int tell(struct mim *m)
{
    (void)printf("The man in the middle, on this machine alone (127.0.0.1)\n"
                 "\n"
                 "    board <==== TLS ====> Mallory <==== TLS ====> server\n");
    tell_who_is_who(m);
    step_read(m);
    step_change(m);
    step_refuse(m);
    step_true_server(m);
    (void)putchar('\n');
    wrap_print(stdout, "", "",
               "TLS keeps a secret between two. Who the other one is, it knows "
               "by the certificate alone: without a root certificate to check "
               "it by, a board shares its secrets with whoever answers.");
    if (!m->as_told)
        complain("the demonstration did not go as it is told: see (!) above");
    return m->as_told ? 0 : 1;
}

int demo_mim(bool pause)
{
    static struct mim m; /* it is large, and there is one */
    int status = demo_pki_make(&m.pki);

    if (status == WWEP_EXIT_OK) {
        status = WWEP_EXIT_FAILURE;
        line_prepare_tls();
        m.pause = pause;
        m.as_told = true;
        bool serves = demo_host_start(&m.server, &m.pki.server, NULL) == 0;
        bool intercepts =
            demo_host_start(&m.mallory, &m.pki.mallory, &m.server) == 0;
        if (serves && intercepts)
            status = tell(&m);
        demo_host_stop(&m.mallory);
        demo_host_stop(&m.server);
    }
    demo_pki_free(&m.pki);
    return status;
}
