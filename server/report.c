/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include "access.h"
#include "log.h"
#include "speech.h"
#include "wwep_text.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_MAX   (4u * TRANSPORT_IDENTITY_MAX) /* each byte may be \xNN */
#define REQUEST_MAX (4u * WWEP_SEEN_MAX + 1u)
#define ADVICE_MAX  1024u

#define A_REQUEST   "a request is W and 10 hex digits, or R and 6"

/* What verdict.h tells apart. */
enum kind {
    KIND_SILENT,
    KIND_UNUSED,
    KIND_CUT,
    KIND_SPEECH,
    KIND_NOT_ALLOWED,
    KIND_SHARING,
    KIND_LIMIT = 16,  /* and an enum limiter_verdict */
    KIND_REASON = 32, /* and an enum wwep_reason_kind */
    KIND_FAULT = 64   /* and an enum wwep_fault_kind */
};

static void tell(const struct report *r, enum config_log_level level,
                 unsigned kind, uint32_t detail, const char *what,
                 const char *advice)
{
    const struct verdict v = {.level = level,
                              .listener = r->listener->name,
                              .peer = r->peer,
                              .kind = kind,
                              .detail = detail,
                              .what = what,
                              .advice = advice};

    verdicts_tell(r->verdicts, &v, r->now_ms);
}

/* Whether it has been told, and there is nothing to do but to count it. */
static bool is_again(const struct report *r, unsigned kind, uint32_t detail)
{
    const struct verdict v = {.listener = r->listener->name,
                              .peer = r->peer,
                              .kind = kind,
                              .detail = detail};

    return verdicts_again(r->verdicts, &v);
}

/* What names one of several behind an address. */
static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 0x01000193u;
    return hash;
}

/* Its name, fit to be shown; otherwise: where it has none. */
static const char *name_of(const struct report *r, const char *otherwise,
                           char out[SHOWN_MAX])
{
    const char *identity = r->info != NULL ? r->info->identity : NULL;

    if (identity == NULL)
        return otherwise;
    wwep_text_escape((const uint8_t *)identity, strlen(identity), out,
                     SHOWN_MAX);
    return out;
}

/* " (after the TLS 1.3 handshake, as board 0FAC)", "" where nothing is to be
 * said. */
static void stage_of(const struct report *r, char *out, size_t cap)
{
    char name[SHOWN_MAX];
    const char *shown = name_of(r, "", name);

    out[0] = '\0';
    if (r->info != NULL && r->info->tls != NULL)
        snprintf(out, cap, " (after the %s handshake%s%s)", r->info->tls,
                 *shown != '\0' ? ", as " : "", shown);
}

/* --- TLS --- */

/* Those that say themselves that it came to no handshake. */
static bool is_early(enum wwep_fault_kind kind)
{
    return kind == WWEP_FAULT_CLOSED || kind == WWEP_FAULT_TIMEOUT ||
           kind == WWEP_FAULT_PLAIN_WWEP || kind == WWEP_FAULT_NOT_TLS;
}

void report_fault(const struct report *r, const struct wwep_fault *fault,
                  const char *note)
{
    char what[WWEP_FAULT_LINE_MAX];
    char stage[SHOWN_MAX + 64];
    char advice[ADVICE_MAX];
    const char *todo = wwep_fault_advice(fault->kind);
    uint32_t detail = hash_text((uint32_t)(fault->alert + 1), note);
    size_t behind = *todo != '\0' ? strlen(todo) + 2 : 0;

    if (is_again(r, KIND_FAULT + (unsigned)fault->kind, detail))
        return;
    size_t len = wwep_fault_format(fault, what);
    if (behind <= len)
        what[len - behind] = '\0';
    stage_of(r, stage, sizeof stage);
    if (*stage == '\0' && !is_early(fault->kind))
        snprintf(stage, sizeof stage, " (in the handshake)");
    const char *before =
        fault->kind == WWEP_FAULT_NOT_TLS ? " (it speaks " : " (";
    snprintf(advice, sizeof advice, ": %s%s%s%s%s", todo,
             note != NULL ? before : "", note != NULL ? note : "",
             note != NULL ? ")" : "", stage);
    tell(r, CONFIG_LOG_WARNING, KIND_FAULT + (unsigned)fault->kind, detail,
         what, advice);
}

/* --- requests --- */

void report_unused(const struct report *r)
{
    if (r->listener->tls == NULL)
        tell(r, CONFIG_LOG_INFO, KIND_SILENT, 0,
             "connected and sent no request", ": " A_REQUEST);
    else if (r->info->tls == NULL)
        tell(r, CONFIG_LOG_INFO, KIND_SILENT, 0,
             "connected to the TLS port and sent nothing",
             ": look at what the peer waits for");
    else
        tell(r, CONFIG_LOG_INFO, KIND_UNUSED, 0,
             "made a TLS connection and sent no request",
             " (if it is openssl s_client: it takes a line that begins with R "
             "or Q as its own command; start it with -quiet)");
}

/* "\"GET / HTTP/1.1\" (78 bytes)" */
static void show_request(const struct wwep_decoder *d, char *out, size_t cap)
{
    char shown[REQUEST_MAX];
    size_t kept = d->len < WWEP_SEEN_MAX ? d->len : WWEP_SEEN_MAX;

    wwep_text_escape(d->seen, kept, shown, sizeof shown);
    snprintf(out, cap, "\"%s\"%s (%zu byte%s)", shown,
             d->len > kept ? "..." : "", d->len, d->len == 1 ? "" : "s");
}

void report_cut(const struct report *r, const struct wwep_decoder *request)
{
    char shown[REQUEST_MAX + 32];
    char stage[SHOWN_MAX + 64];
    char advice[ADVICE_MAX];

    if (is_again(r, KIND_CUT, 0))
        return;
    show_request(request, shown, sizeof shown);
    stage_of(r, stage, sizeof stage);
    snprintf(advice, sizeof advice,
             ": %s came: " A_REQUEST "; look at the network, and at what the "
             "peer's program does when it has sent%s",
             shown, stage);
    tell(r, CONFIG_LOG_WARNING, KIND_CUT, 0,
         "the peer reset the connection in the middle of its request", advice);
}

/* HTTP to a port that is not for it, and its like. True: that was it. */
static bool report_speech(const struct report *r,
                          const struct wwep_decoder *request)
{
    size_t kept = request->len < WWEP_SEEN_MAX ? request->len : WWEP_SEEN_MAX;
    const char *speech = speech_name(request->seen, kept);
    bool secure = r->listener->tls != NULL;
    char what[VERDICT_WHAT_MAX];

    if (speech == NULL)
        return false;
    if (is_again(r, KIND_SPEECH, (uint32_t)speech[0]))
        return true;
    snprintf(what, sizeof what, "the peer speaks %s to the %s port", speech,
             secure ? "TLS" : "plain");
    if (strcmp(speech, "TLS") != 0)
        tell(r, CONFIG_LOG_WARNING, KIND_SPEECH, (uint32_t)speech[0], what,
             ": use a client for WWEP, as wwep or a board");
    else if (secure)
        tell(r, CONFIG_LOG_WARNING, KIND_SPEECH, (uint32_t)speech[0], what,
             ", inside of TLS: one TLS connection will do");
    else
        tell(r, CONFIG_LOG_WARNING, KIND_SPEECH, (uint32_t)speech[0], what,
             ": use the TLS port, or connect without TLS");
    return true;
}

static void advise_on(const struct wwep_reason *why,
                      const struct wwep_decoder *request,
                      const struct wwep_request *asked, char *out, size_t cap)
{
    char shown[REQUEST_MAX + 32];

    if (why->kind == WWEP_REASON_NOT_FOUND) {
        snprintf(out, cap,
                 ": register %02X of device %04X has never been "
                 "written: write it first, or read another one",
                 asked->reg, asked->device);
    } else if (why->kind == WWEP_REASON_STORAGE) {
        snprintf(out, cap,
                 ": it could not be kept: see what this log says of "
                 "the store");
    } else {
        show_request(request, shown, sizeof shown);
        snprintf(out, cap, ": %s came: " A_REQUEST "%s", shown,
                 why->kind == WWEP_REASON_LENGTH
                     ? ", sent without a pause in it"
                     : "");
    }
}

void report_refused(const struct report *r, const struct wwep_reason *why,
                    const struct wwep_decoder *request,
                    const struct wwep_request *asked)
{
    char words[WWEP_REASON_MAX];
    char what[VERDICT_WHAT_MAX];
    char advice[ADVICE_MAX];
    char stage[SHOWN_MAX + 64];
    bool ours = why->kind == WWEP_REASON_STORAGE;
    unsigned kind = KIND_REASON + (unsigned)why->kind;
    uint32_t detail = wwep_reason_is_malformed(why) ? 0 : asked->device;

    if ((why->kind == WWEP_REASON_COMMAND && report_speech(r, request)) ||
        is_again(r, kind, detail))
        return;
    wwep_reason_format(why, words);
    snprintf(what, sizeof what, "%s request got an X: %s",
             ours ? "a good" : "its", words);
    advise_on(why, request, asked, advice, sizeof advice);
    stage_of(r, stage, sizeof stage);
    size_t len = strlen(advice);
    snprintf(advice + len, sizeof advice - len, "%s", stage);
    tell(r, ours ? CONFIG_LOG_WARNING : CONFIG_LOG_INFO, kind, detail, what,
         advice);
}

void report_not_allowed(const struct report *r,
                        const struct wwep_request *request)
{
    char why[ACCESS_WHY_MAX];
    char name[SHOWN_MAX];
    char what[SHOWN_MAX + ACCESS_WHY_MAX];
    const char *who = name_of(r, "the client", name);
    uint32_t detail =
        hash_text(request->device | (uint32_t)request->command << 16, who);

    if (is_again(r, KIND_NOT_ALLOWED, detail))
        return;
    access_why(r->listener, r->info->device, request, why);
    snprintf(what, sizeof what, "%s %s", who, why);
    tell(r, CONFIG_LOG_WARNING, KIND_NOT_ALLOWED, detail, what,
         r->listener->authorize == CONFIG_AUTHORIZE_WARN
             ? " (authorize is warn: it was done)"
             : "");
}

/* --- limits --- */

void report_over(const struct report *r, enum limiter_verdict limit,
                 unsigned most)
{
    char what[VERDICT_WHAT_MAX];
    const char *advice = "";

    if (is_again(r, KIND_LIMIT + (unsigned)limit, 0))
        return;
    switch (limit) {
    case LIMITER_PER_ADDRESS:
    case LIMITER_PER_NETWORK:
        snprintf(what, sizeof what, "turned away: its %s %u connections open",
                 limit == LIMITER_PER_ADDRESS ? "address has"
                                              : "network (/64) has",
                 most);
        advice = ": see whether its program closes them; for a class behind "
                 "one address raise limits.per_address";
        break;
    case LIMITER_NEW_PER_SECOND:
    case LIMITER_NEW_PER_NETWORK:
        snprintf(what, sizeof what,
                 "turned away: its %s made more than %u connections a second",
                 limit == LIMITER_NEW_PER_SECOND ? "address" : "network (/64)",
                 most);
        advice = ": see whether its program tries again at once; for a class "
                 "behind one address raise limits.new_per_second";
        break;
    default:
        snprintf(what, sizeof what,
                 "turned away: %u TLS handshakes are under way", most);
        advice = ": look at who else is told here; for a larger class raise "
                 "limits.handshakes";
        break;
    }
    tell(r, CONFIG_LOG_WARNING, KIND_LIMIT + (unsigned)limit, 0, what, advice);
}

/* --- the rest --- */

void report_sharing(const struct report *r, uint16_t device,
                    const struct sharing_other *other)
{
    char ip[ADDRESS_IP_MAX];
    char name[SHOWN_MAX];
    char theirs[4 * SHARING_NAME_MAX];
    char what[VERDICT_WHAT_MAX];
    char advice[ADVICE_MAX + SHOWN_MAX];
    const char *mine = name_of(r, "", name);

    wwep_text_escape((const uint8_t *)other->identity, strlen(other->identity),
                     theirs, sizeof theirs);
    address_ip(&other->peer, ip);
    snprintf(what, sizeof what, "device %04X is used by two clients", device);
    snprintf(advice, sizeof advice,
             ": this one%s%s, and %s%s%s: give one of them another device ID "
             "(if it is one that has a new address, all is well)",
             *mine != '\0' ? ", " : "", mine, ip, *theirs != '\0' ? ", " : "",
             theirs);
    /* It has been judged how often this is to be told. */
    tell(r, CONFIG_LOG_WARNING, KIND_SHARING, device, what, advice);
}

void report_reset(const struct report *r, int error)
{
    char who[ADDRESS_TEXT_MAX];

    if (!log_is_debug())
        return;
    address_format(r->peer, who);
    log_debug("%s: %s: %s", r->listener->name, who, strerror(-error));
}
