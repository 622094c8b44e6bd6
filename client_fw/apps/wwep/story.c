/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story.h"

#include "host_port.h"
#include "story_certificate.h"
#include "wwep_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS       79
#define TIME_COLUMNS  12
#define LABEL_COLUMNS 11
#define TEXT_MAX      1024

/* --- lines ---------------------------------------------------------------- */

/* Where to break a text that is longer than width: at the last space that is
 * left of it, or, in a word that is longer still, right there. */
static size_t break_at(const char *text, size_t width)
{
    if (strlen(text) <= width)
        return strlen(text);
    for (size_t i = width; i > 0; i--)
        if (text[i] == ' ')
            return i;
    return width;
}

static void print_wrapped(const char *text, int indent)
{
    size_t width = (size_t)(COLUMNS - indent);
    size_t n = break_at(text, width);

    fprintf(stderr, "%.*s\n", (int)n, text);
    for (text += n; *text != '\0'; text += n) {
        while (*text == ' ')
            text++;
        n = break_at(text, width);
        fprintf(stderr, "%*s%.*s\n", indent, "", (int)n, text);
    }
}

static void print_safe(const char *format, va_list args, int indent)
{
    char text[TEXT_MAX];
    char safe[TEXT_MAX];

    vsnprintf(text, sizeof text, format, args);
    complain_escape(text, safe, sizeof safe);
    print_wrapped(safe, indent);
}

void story_line(uint32_t at_ms, const char *format, ...)
{
    va_list args;

    if (at_ms == STORY_UNTIMED)
        fprintf(stderr, "%*s", TIME_COLUMNS, "");
    else
        fprintf(stderr, "%*u ms  ", TIME_COLUMNS - 5, (unsigned)at_ms);
    va_start(args, format);
    print_safe(format, args, TIME_COLUMNS);
    va_end(args);
}

void story_item(const char *label, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%*s%-*s", TIME_COLUMNS + 2, "", LABEL_COLUMNS, label);
    va_start(args, format);
    print_safe(format, args, TIME_COLUMNS + 2 + LABEL_COLUMNS);
    va_end(args);
}

/* --- the way there -------------------------------------------------------- */

static void tell_way(const struct story *s, const struct wwep_event *e)
{
    char address[WWEP_ADDRESS_TEXT_MAX] = "";

    if (e->address != NULL)
        wwep_address_text(e->address, address);
    switch (e->kind) {
    case WWEP_EVENT_RESOLVING:
        if (host_port_is_name(e->text))
            story_line(e->at_ms, "Name: who is %s?", e->text);
        break;
    case WWEP_EVENT_RESOLVED:
        if (host_port_is_name(s->host))
            story_line(e->at_ms, "Name: the address is %s", address);
        break;
    case WWEP_EVENT_FALLBACK:
        story_line(e->at_ms, "Name: %s: %s: the course gives the address %s",
                   s->host, wwep_port_error_text(e->error), e->text);
        break;
    case WWEP_EVENT_CONNECTING:
        story_line(e->at_ms, "TCP: connecting to %s port %u", address,
                   (unsigned)e->port);
        break;
    case WWEP_EVENT_NO_CONNECT:
        story_line(e->at_ms, "TCP: no connection: %s",
                   wwep_port_error_text(e->error));
        break;
    case WWEP_EVENT_CONNECTED:
        story_line(e->at_ms, "TCP: connected");
        break;
    case WWEP_EVENT_CLOSED:
        story_line(e->at_ms, "TCP: closed");
        break;
    default:
        break;
    }
}

/* --- TLS ------------------------------------------------------------------ */

static void tell_flight(const struct wwep_event *e)
{
    const char *messages =
        e->text != NULL && e->text[0] != '\0' ? e->text : "encrypted";

    story_line(e->at_ms, "TLS: %s %zu bytes: %s",
               e->outgoing ? "we send" : "the server sends", e->len, messages);
}

static void tell_security(const struct story *s,
                          const struct wwep_security *security)
{
    const struct wwep_options *o = s->options;

    story_item("version", "%s", security->version);
    story_item("encryption", "%s", security->cipher);
    if (security->group[0] != '\0')
        story_item("keys from", "%s, made for this connection alone",
                   security->group);
    story_item("handshake", "%s",
               security->resumed
                   ? "resumed: no certificates this time; the session is from "
                     "an earlier connection, and so is what was verified"
                   : "full");
    if (security->verified)
        story_item("server", "verified: its certificate leads to %s", o->ca);
    else if (o->insecure)
        story_item("server", "NOT verified (--insecure): it may be anybody");
    else
        story_item("server", "NOT verified (no --ca): it may be anybody");
    if (security->client_certificate)
        story_item("we", "showed our certificate, as the server had asked");
}

/* The library takes the chain apart before it tells of the flight that has
 * brought it; read the other way round they make sense. */
static void hold_certificate(struct story *s, const struct wwep_event *e)
{
    if (s->held_count < STORY_HELD_MAX)
        s->held[s->held_count++] = *e->certificate;
}

static void tell_held(struct story *s, uint32_t at_ms)
{
    if (s->held_count > 0)
        story_line(at_ms, "TLS: the server's certificates, from the authority "
                          "down");
    for (size_t i = 0; i < s->held_count; i++)
        story_certificate(&s->held[i], s->options);
    s->held_count = 0;
}

static void tell_tls(struct story *s, const struct wwep_event *e)
{
    char line[WWEP_FAULT_LINE_MAX];

    if (e->kind == WWEP_EVENT_CERTIFICATE) {
        hold_certificate(s, e);
        return;
    }
    if (e->kind == WWEP_EVENT_HANDSHAKE)
        tell_flight(e);
    tell_held(s, e->at_ms);
    switch (e->kind) {
    case WWEP_EVENT_SECURED:
        story_line(e->at_ms, "TLS: the connection is secured");
        tell_security(s, e->security);
        break;
    case WWEP_EVENT_TLS_FAILED:
        wwep_fault_format(e->fault, line);
        story_line(e->at_ms, "TLS: failed: %s", line);
        break;
    case WWEP_EVENT_RETRY:
        story_line(e->at_ms, "TLS: the server does not take our session any "
                             "more: once again, in full");
        break;
    case WWEP_EVENT_SESSION:
        story_line(e->at_ms, "TLS: the server gave us a session, to resume "
                             "another time");
        break;
    default:
        break;
    }
}

/* --- the exchange --------------------------------------------------------- */

static void tell_message(struct story *s, const struct wwep_event *e)
{
    char text[256];
    size_t len = e->len;

    while (len > 0 && (e->bytes[len - 1] == '\n' || e->bytes[len - 1] == '\r'))
        len--; /* the line ends of a connection that is kept open */
    wwep_text_escape(e->bytes, len, text, sizeof text);
    story_line(e->at_ms, "%s %s",
               e->kind == WWEP_EVENT_SENT ? "Request:" : "Reply:  ", text);
    if (s->record_bytes > 0)
        story_line(STORY_UNTIMED, "         encrypted: %zu bytes on the wire",
                   s->record_bytes);
    s->record_bytes = 0;
}

static void tell_exchange(struct story *s, const struct wwep_event *e)
{
    if (e->kind == WWEP_EVENT_RECORDS)
        s->record_bytes += e->len; /* comes before its message */
    else if (e->kind == WWEP_EVENT_SENT || e->kind == WWEP_EVENT_RECEIVED)
        tell_message(s, e);
}

/* --- calls ---------------------------------------------------------------- */

void story_init(struct story *story, const struct wwep_options *options)
{
    memset(story, 0, sizeof *story);
    if (!options->verbose)
        return;
    story->options = options;
    complain_escape(options->host, story->host, sizeof story->host);
}

void story_begin(struct story *story, const struct wwep_request *request)
{
    if (story->options == NULL)
        return;
    story->held_count = 0;
    story->record_bytes = 0;
    const char *how = story->options->tls ? "over TLS" : "in the clear";
    if (request == NULL)
        story_line(0, "We connect to %s, %s", story->host, how);
    else if (request->command == WWEP_WRITE)
        story_line(0, "We write %04X to register %02X of device %04X at %s, %s",
                   (unsigned)request->value, (unsigned)request->reg,
                   (unsigned)request->device, story->host, how);
    else
        story_line(0, "We read register %02X of device %04X at %s, %s",
                   (unsigned)request->reg, (unsigned)request->device,
                   story->host, how);
}

void story_event(struct story *story, const struct wwep_event *event)
{
    if (story->options == NULL)
        return;
    tell_way(story, event);
    tell_tls(story, event);
    tell_exchange(story, event);
}
