/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story_certificate.h"
#include "trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ALERT_HANDSHAKE_FAILURE 40 /* RFC 8446, 6 */

static void say(char out[TROUBLE_TEXT_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(char out[TROUBLE_TEXT_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out, TROUBLE_TEXT_MAX, format, args);
    va_end(args);
}

/* "the server's certificate", or that of an authority of its chain. */
static void say_certificate(const struct wwep_certificate *c, char *out,
                            size_t cap)
{
    if (c == NULL || c->depth == 0)
        snprintf(out, cap, "the server's certificate%s%s", c != NULL ? " " : "",
                 c != NULL ? c->subject : "");
    else
        snprintf(out, cap, "the certificate %s, of the server's chain,",
                 c->subject);
}

static void find_dates(struct trouble *t, const struct wwep_certificate *c,
                       bool past)
{
    char certificate[200];
    char date[STORY_DATE_MAX] = "?";
    char today[STORY_DATE_MAX];

    say_certificate(c, certificate, sizeof certificate);
    if (c != NULL)
        story_date(past ? c->not_after : c->not_before, date);
    story_date((int64_t)time(NULL), today);
    say(t->text, "%s %s %s, and today is %s", certificate,
        past ? "was good until" : "is not good before", date, today);
    say(t->advice, past ? "renew it on the server, or set this machine's clock "
                          "if that is not today's date"
                        : "set this machine's clock if that is not today's "
                          "date, or wait");
}

static void find_unknown_ca(struct trouble *t, const struct desk *desk,
                            const struct wwep_certificate *c)
{
    char certificate[200];

    say_certificate(c, certificate, sizeof certificate);
    say(t->text,
        "%s comes from no authority in %s, so this may not be the "
        "server",
        certificate, desk->options->ca != NULL ? desk->options->ca : "--ca");
    say(t->advice, "give the class's root certificate with --ca, and see that "
                   "the server sends its intermediate certificates");
}

static void find_wrong_name(struct trouble *t, const struct desk *desk)
{
    const struct wwep_options *o = desk->options;
    const struct wwep_certificate *leaf = witness_leaf(&desk->witness);

    say(t->text, "the server's certificate is for %s, not for %.255s",
        leaf != NULL && leaf->names[0] != '\0' ? leaf->names : "somebody else",
        o->name != NULL ? o->name : o->host);
    say(t->advice, "connect with a name that it lists (-H), or say which one "
                   "it must have (--name)");
}

/* Of a certificate, or of the handshake: then the key is the wrong one. */
static void find_signature(struct trouble *t, const struct wwep_certificate *c)
{
    char certificate[200];

    if (c == NULL) {
        say(t->text, "the server can not prove that it has the private key "
                     "of its certificate: it may be an impostor");
        say(t->advice, "see that certificate and private key of the server "
                       "belong together");
        return;
    }
    say_certificate(c, certificate, sizeof certificate);
    say(t->text,
        "the signature on %s is not that of %s: it was forged or damaged, or "
        "there are two authorities of that name",
        certificate, c->issuer);
    say(t->advice, "give this class's own root certificate with --ca, and "
                   "give the server its certificate anew");
}

static void find_not_tls(struct trouble *t, const char *server)
{
    say(t->text, "%s speaks no TLS", server);
    say(t->advice, "use --plain for a server in the clear, or give the TLS "
                   "port with -H (wwepd's is 40508)");
}

static void find_version(struct trouble *t, const struct desk *desk)
{
    const char *only = desk->options->version == WWEP_TLS_1_2   ? "1.2"
                       : desk->options->version == WWEP_TLS_1_3 ? "1.3"
                                                                : NULL;

    if (only != NULL) {
        say(t->text, "the server does not speak TLS %s", only);
        say(t->advice, "leave out --tls-version, or let the server speak it");
        return;
    }
    say(t->text, "the server speaks neither TLS 1.2 nor TLS 1.3");
    say(t->advice, "let it speak TLS 1.2 or 1.3: what is older is broken");
}

static void find_demand(struct trouble *t, const struct desk *desk)
{
    if (desk->options->cert == NULL) {
        say(t->text, "the server demands a certificate of us");
        say(t->advice, "give ours with --cert and its key with --key");
        return;
    }
    say(t->text,
        "the server demands a certificate of us, and %.200s is not "
        "one that it takes",
        desk->options->cert);
    say(t->advice, "use one from an authority that the server trusts");
}

static void find_closed(struct trouble *t, const struct desk *desk,
                        const char *server)
{
    const struct witness *w = &desk->witness;

    say(t->text,
        "%s hung up during the TLS handshake, after %zu bytes of its "
        "own",
        server, w->handshake_bytes_in);
    if (w->asked && desk->options->cert == NULL)
        say(t->advice, "it had asked for a certificate of ours: give it with "
                       "--cert and its key with --key");
    else if (w->handshake_bytes_in == 0)
        say(t->advice, "see whether that is the TLS port, and what the "
                       "server's log says");
    else
        say(t->advice, "see what the server's log says, and whether the "
                       "network cuts connections");
}

/* The alert that says least; when it came says more. */
static bool find_handshake_failure(struct trouble *t, const struct desk *desk,
                                   const char *server)
{
    const struct witness *w = &desk->witness;

    if (w->asked && desk->options->cert == NULL) {
        find_demand(t, desk);
        return true;
    }
    if (w->heard)
        return false;
    say(t->text, "%s shares no version or no cipher suite of TLS with us",
        server);
    say(t->advice, "let it speak TLS 1.2 or 1.3, with ECDHE and "
                   "AES128-GCM-SHA256");
    return true;
}

/* The rest of the faults are the same on each side, and so are their words. */
static void find_other(struct trouble *t, const struct wwep_fault *fault,
                       const char *server)
{
    const char *advice = wwep_fault_advice(fault->kind);
    char line[WWEP_FAULT_LINE_MAX];
    size_t len = wwep_fault_format(fault, line);
    size_t behind = strlen(": ") + strlen(advice);

    if (len > behind)
        line[len - behind] = '\0';
    say(t->text, "TLS with %s failed: %s", server, line);
    say(t->advice, "%s", advice);
}

void trouble_find_tls(struct trouble *t, const struct desk *desk,
                      const struct wwep_fault *fault)
{
    const struct wwep_certificate *culprit = witness_culprit(&desk->witness);
    char server[TROUBLE_TEXT_MAX / 2];

    trouble_server(desk, server, sizeof server);
    switch (fault->kind) {
    case WWEP_FAULT_EXPIRED:
    case WWEP_FAULT_NOT_YET_VALID:
        find_dates(t, culprit, fault->kind == WWEP_FAULT_EXPIRED);
        break;
    case WWEP_FAULT_UNKNOWN_CA:
        find_unknown_ca(t, desk, culprit);
        break;
    case WWEP_FAULT_WRONG_NAME:
        find_wrong_name(t, desk);
        break;
    case WWEP_FAULT_BAD_SIGNATURE:
    case WWEP_FAULT_OTHER_CA:
        find_signature(t, culprit);
        break;
    case WWEP_FAULT_NOT_TLS:
    case WWEP_FAULT_PLAIN_WWEP:
        find_not_tls(t, server);
        break;
    case WWEP_FAULT_VERSION:
    case WWEP_FAULT_ALERT_VERSION:
        find_version(t, desk);
        break;
    case WWEP_FAULT_ALERT_NO_CERTIFICATE:
        find_demand(t, desk);
        break;
    case WWEP_FAULT_CLOSED:
        find_closed(t, desk, server);
        break;
    default:
        if (fault->alert != ALERT_HANDSHAKE_FAILURE ||
            !find_handshake_failure(t, desk, server))
            find_other(t, fault, server);
        break;
    }
}
