/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trouble.h"

#include "wwep_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int trouble_exit(const struct wwep_outcome *outcome)
{
    switch (outcome->result) {
    case WWEP_OK:
        return WWEP_EXIT_OK;
    case WWEP_E_REFUSED:
        return WWEP_EXIT_REFUSED;
    case WWEP_E_ARGUMENT:
    case WWEP_E_CREDENTIALS:
        return WWEP_EXIT_USAGE;
    case WWEP_E_TIMEOUT:
        return WWEP_EXIT_TIMEOUT;
    case WWEP_E_NAME:
    case WWEP_E_CONNECT:
    case WWEP_E_LOST:
        return outcome->port_error == WWEP_PORT_TIMEOUT ? WWEP_EXIT_TIMEOUT
                                                        : WWEP_EXIT_CONNECTION;
    case WWEP_E_REPLY:
        return WWEP_EXIT_CONNECTION;
    case WWEP_E_TLS:
        return outcome->fault.kind == WWEP_FAULT_TIMEOUT ? WWEP_EXIT_TIMEOUT
                                                         : WWEP_EXIT_TLS;
    default:
        return WWEP_EXIT_FAILURE;
    }
}

/* --- words ---------------------------------------------------------------- */

static void say(char out[TROUBLE_TEXT_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char out[TROUBLE_TEXT_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out, TROUBLE_TEXT_MAX, format, args);
    va_end(args);
}

static void add(char *out, size_t cap, const char *words)
{
    size_t len = strlen(out);

    snprintf(out + len, cap - len, "%s", words);
}

void trouble_server(const struct desk *desk, char *out, size_t cap)
{
    const struct witness *w = &desk->witness;
    const char *host = desk->options->host;
    /* Of those that were tried, the one that answered, or all. */
    size_t first =
        w->connected_ms != WITNESS_NEVER || w->open ? w->tried_count - 1 : 0;
    char address[WWEP_ADDRESS_TEXT_MAX];
    char port[16];

    snprintf(out, cap, "%.255s", host);
    for (size_t i = first; i < w->tried_count; i++) {
        wwep_address_text(&w->tried[i], address);
        if (w->tried_count == 1 && strcmp(address, host) == 0)
            break;
        add(out, cap, i == first ? " (" : ", ");
        add(out, cap, address);
        if (i + 1 == w->tried_count)
            add(out, cap, ")");
    }
    snprintf(port, sizeof port, " port %u",
             (unsigned)options_port(desk->options));
    add(out, cap, port);
}

/* --- before the exchange -------------------------------------------------- */

static void find_name(struct trouble *t, const struct desk *desk, int error)
{
    const char *host = desk->options->host;

    if (error == WWEP_PORT_TIMEOUT) {
        say(t->text, "nobody has told the address of %.255s within the time",
            host);
        say(t->advice, "look at the network and its DNS, or give the server's "
                       "address with -H");
        return;
    }
    say(t->text, "the name %.255s has no address", host);
    say(t->advice, "look for a slip in it, or give the server's address with "
                   "-H");
}

static void find_connect(struct trouble *t, const struct desk *desk, int error)
{
    char server[TROUBLE_TEXT_MAX / 2];

    trouble_server(desk, server, sizeof server);
    switch (error) {
    case WWEP_PORT_REFUSED:
        say(t->text, "nobody listens at %s", server);
        say(t->advice, "start wwepd there, or give the server with -H");
        break;
    case WWEP_PORT_TIMEOUT:
        say(t->text, "no answer from %s", server);
        say(t->advice, "see that the address is right (-H), that the machine "
                       "is on, and that no firewall is in between");
        break;
    case WWEP_PORT_UNREACHABLE:
        say(t->text, "there is no way to %s", server);
        say(t->advice, "see that this machine is on the network of the class, "
                       "and that the address is right (-H)");
        break;
    default:
        say(t->text, "no connection to %s: %s", server,
            wwep_port_error_text(error));
        say(t->advice, "look at the network, and at the server's log");
        break;
    }
}

/* Which of our files it is. */
static const char *file_of(const struct wwep_options *o,
                           enum wwep_fault_kind kind)
{
    switch (kind) {
    case WWEP_FAULT_OUR_ROOT_BAD:
    case WWEP_FAULT_OUR_ROOT_EXPIRED:
    case WWEP_FAULT_OUR_ROOT_NOT_YET_VALID:
        return o->ca;
    case WWEP_FAULT_OUR_CERTIFICATE_BAD:
    case WWEP_FAULT_OUR_CERTIFICATE_IS_KEY:
        return o->cert;
    default:
        return o->key;
    }
}

static void find_credentials(struct trouble *t, const struct desk *desk,
                             const struct wwep_fault *fault)
{
    const char *file = file_of(desk->options, fault->kind);

    say(t->text, "%.200s: %s", file != NULL ? file : "certificates and keys",
        wwep_fault_text(fault->kind));
    say(t->advice, "%s", wwep_fault_advice(fault->kind));
}

/* --- the exchange --------------------------------------------------------- */

static void find_refused(struct trouble *t, const struct desk *desk,
                         const char *reason)
{
    const struct wwep_request *r = &desk->request;

    say(t->text, "the server refused the request: X%s%s",
        reason[0] != '\0' ? ", " : "", reason);
    if (reason[0] != '\0' && strcmp(reason, "not found") != 0)
        say(t->advice, "look at the server's message log");
    else if (r->command == WWEP_READ)
        say(t->advice, "%snobody has written register %02X of device %04X yet",
            reason[0] != '\0' ? "" : "most likely ", (unsigned)r->reg,
            (unsigned)r->device);
    else
        say(t->advice, "the server's message log tells why");
}

/* Whether it ended before the request could go out. */
static bool is_handshake(const struct desk *desk)
{
    const struct witness *w = &desk->witness;

    return desk->options->tls && w->secured_ms == WITNESS_NEVER &&
           w->sent.total == 0;
}

static void find_timeout(struct trouble *t, const struct desk *desk)
{
    char server[TROUBLE_TEXT_MAX / 2];

    trouble_server(desk, server, sizeof server);
    if (!is_handshake(desk)) {
        say(t->text, "%s took the request, and did not answer within %g s",
            server, desk->options->timeout_ms / 1000.0);
        say(t->advice,
            "see whether that is a WWEP server%s, and what its log "
            "says; --timeout waits longer",
            desk->options->tls ? "" : " in the clear");
        return;
    }
    say(t->text, "%s did not finish the TLS handshake within %g s", server,
        desk->options->timeout_ms / 1000.0);
    say(t->advice, "see whether that is the TLS port, and what the server's "
                   "log says; --timeout waits longer");
}

static bool looks_like_tls(const struct witness_bytes *b)
{
    return b->len >= 2 && b->bytes[0] >= 20 && b->bytes[0] <= 23 &&
           b->bytes[1] == 3;
}

static void find_lost(struct trouble *t, const struct desk *desk, int error)
{
    char server[TROUBLE_TEXT_MAX / 2];

    if (is_handshake(desk)) {
        const struct wwep_fault fault = {WWEP_FAULT_CLOSED, 0, -1};

        trouble_find_tls(t, desk, &fault);
        return;
    }
    trouble_server(desk, server, sizeof server);
    say(t->text, "%s %s", server,
        error == WWEP_PORT_RESET ? "cut the connection before its reply"
                                 : "hung up without a reply");
    if (desk->options->tls)
        say(t->advice, "look at the server's log; a write may have been done: "
                       "read the register");
    else
        say(t->advice, "see whether that is a TLS port (then add --tls), and "
                       "what the server's log says");
}

static void find_reply(struct trouble *t, const struct desk *desk)
{
    const struct witness_bytes *b = &desk->witness.received;
    char server[TROUBLE_TEXT_MAX / 4];
    char bytes[100];

    trouble_server(desk, server, sizeof server);
    if (!desk->options->tls && looks_like_tls(b)) {
        say(t->text, "%s answers in TLS", server);
        say(t->advice, "add --tls, or give the plain port with -H (wwepd's is "
                       "27708)");
        return;
    }
    wwep_text_escape(b->bytes, b->len, bytes, sizeof bytes);
    say(t->text, "what came from %s is no reply to this request: \"%s\"",
        server, bytes);
    say(t->advice, "see whether that is a WWEP server; if it is, somebody on "
                   "the way may change what it says");
}

void trouble_find(struct trouble *t, const struct desk *desk,
                  const struct wwep_outcome *outcome)
{
    t->text[0] = '\0';
    t->advice[0] = '\0';
    switch (outcome->result) {
    case WWEP_OK:
        break;
    case WWEP_E_REFUSED:
        find_refused(t, desk, outcome->reason);
        break;
    case WWEP_E_NAME:
        find_name(t, desk, outcome->port_error);
        break;
    case WWEP_E_CONNECT:
        find_connect(t, desk, outcome->port_error);
        break;
    case WWEP_E_TIMEOUT:
        find_timeout(t, desk);
        break;
    case WWEP_E_LOST:
        find_lost(t, desk, outcome->port_error);
        break;
    case WWEP_E_REPLY:
        find_reply(t, desk);
        break;
    case WWEP_E_TLS:
        trouble_find_tls(t, desk, &outcome->fault);
        break;
    case WWEP_E_CREDENTIALS:
        find_credentials(t, desk, &outcome->fault);
        break;
    default:
        say(t->text, "%s", wwep_result_text(outcome->result));
        break;
    }
}

void trouble_tell(const struct desk *desk, const struct wwep_outcome *outcome)
{
    struct trouble t;

    trouble_find(&t, desk, outcome);
    if (t.text[0] != '\0')
        complain("%s%s%s", t.text, t.advice[0] != '\0' ? ": " : "", t.advice);
}
