/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "eavesdropper.h"

#include "host_port.h"
#include "story.h"
#include "wwep_text.h"

#include <stdbool.h>
#include <string.h>

static void tell_message(const char *label, const struct witness_bytes *b)
{
    char text[WITNESS_BYTES_MAX * WWEP_ESCAPED_MAX + 1];
    size_t len = b->len;

    while (len > 0 && (b->bytes[len - 1] == '\n' || b->bytes[len - 1] == '\r'))
        len--;
    wwep_text_escape(b->bytes, len, text, sizeof text);
    if (b->total > 0)
        story_item(label, "\"%s\"%s", text, b->total > b->len ? "..." : "");
}

static void tell_plain(const struct witness *w)
{
    story_item("contents", "all of it, word for word:");
    tell_message("  request", &w->sent);
    tell_message("  reply", &w->received);
    story_item("more", "and could have changed it, or answered in the "
                       "server's place: nobody would have noticed");
}

/* In TLS 1.2 the certificates go before the encryption begins. */
static void tell_certificates(const struct witness *w,
                              const struct wwep_security *security)
{
    for (size_t i = 0; i < w->chain_count; i++)
        if (w->chain[i].depth == 0)
            story_item("certificate", " of the server: %s (%s)",
                       w->chain[i].subject, w->chain[i].names);
    if (security->client_certificate)
        story_item("certificate", " ours, too: who we are");
}

/* What is the same whether or not the handshake came to its end. */
static void tell_handshake(const struct wwep_options *o,
                           const struct witness *w)
{
    const char *name = o->name != NULL ? o->name : o->host;

    if (host_port_is_name(name)) /* addresses are not sent */
        story_item("name", "%s, in our ClientHello (SNI)", name);
    story_item("sizes", "handshake: %zu bytes out, %zu in",
               w->handshake_bytes_out, w->handshake_bytes_in);
}

static void tell_tls(const struct wwep_options *o, const struct witness *w,
                     const struct wwep_security *security)
{
    bool old = strcmp(security->version, "TLS 1.3") != 0;

    if (w->record_bytes_out > 0)
        story_item("",
                   "exchange: %zu bytes out, %zu in: enough to tell a "
                   "write from a read",
                   w->record_bytes_out, w->record_bytes_in);
    if (old)
        tell_certificates(w, security);
    story_item("not", "%sthe request, the reply, the value",
               old ? "" : "the certificates, ");
    if (o->keylog != NULL)
        story_item("but", "whoever gets %s reads it all", o->keylog);
    if (!security->verified)
        story_item("but", "nobody has checked who answered: an attacker in "
                          "the server's place has seen everything");
}

void eavesdropper_tell(const struct wwep_options *options,
                       const struct witness *w,
                       const struct wwep_security *security)
{
    char address[WWEP_ADDRESS_TEXT_MAX];

    if (w->tried_count == 0 ||
        (w->connected_ms == WITNESS_NEVER && w->sent.total == 0))
        return;
    wwep_address_text(&w->tried[w->tried_count - 1], address);
    story_line(STORY_UNTIMED, "An eavesdropper on the way has seen:");
    story_item("who", "this machine talks to %s port %u", address,
               (unsigned)options_port(options));
    story_item("when", "%u ms, each packet at its time", (unsigned)w->end_ms);
    if (!options->tls) {
        tell_plain(w);
        return;
    }
    tell_handshake(options, w);
    if (security->tls)
        tell_tls(options, w, security);
    else
        story_item("not", "the request: it was never sent");
}
