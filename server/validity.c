/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "validity.h"

#include <stdio.h>
#include <string.h>

#define DAY_S ((time_t)24 * 60 * 60)

enum validity_state validity_state(const struct validity *v, time_t now)
{
    if (now > v->ends)
        return VALIDITY_ENDED;
    return v->ends - now <= VALIDITY_SOON_DAYS * DAY_S ? VALIDITY_SOON
                                                       : VALIDITY_FINE;
}

const char *validity_key(const struct validity *v)
{
    static const char *const keys[] = {
        [VALIDITY_CERTIFICATE] = "tls.certificate",
        [VALIDITY_CLIENT_CA] = "tls.client_ca",
        [VALIDITY_CRL] = "tls.crl",
    };

    return keys[v->kind];
}

/* What follows from it, and what to do. */
static const char *advice(const struct validity *v, enum validity_state state)
{
    static const char *const advices[][2] = {
        [VALIDITY_CERTIFICATE] =
            {"from then on clients refuse it: make a new one, and reload "
             "wwepd",
             "clients refuse it: make a new one, and reload wwepd"},
        [VALIDITY_CLIENT_CA] =
            {"from then on its clients are refused: make a new CA, and new "
             "certificates for them",
             "its clients are refused: make a new CA, and new certificates for "
             "them"},
        [VALIDITY_CRL] =
            {"from then on its clients are refused: make a fresh one with "
             "wwep-certs crl, and reload wwepd",
             "its clients are refused: make a fresh one with wwep-certs crl, "
             "and reload wwepd"},
    };

    return advices[v->kind][state == VALIDITY_ENDED];
}

/* "in 9 days" or "9 days ago"; within a day by the hour of its end. */
static void format_distance(time_t ends, time_t now, char *out, size_t cap)
{
    bool past = now > ends;
    long days = (long)((past ? now - ends : ends - now) / DAY_S);
    struct tm tm;

    if (days > 0) {
        snprintf(out, cap, "%s%ld day%s%s", past ? "" : "in ", days,
                 days == 1 ? "" : "s", past ? " ago" : "");
        return;
    }
    gmtime_r(&ends, &tm);
    strftime(out, cap, "at %H:%M:%S UTC", &tm);
}

void validity_format(const struct validity *v, const char *where, time_t now,
                     char out[VALIDITY_LINE_MAX])
{
    enum validity_state state = validity_state(v, now);
    char date[32];
    char distance[48];
    struct tm tm;

    *out = '\0';
    if (state == VALIDITY_FINE)
        return;
    gmtime_r(&v->ends, &tm);
    strftime(date, sizeof date, "%Y-%m-%d", &tm);
    format_distance(v->ends, now, distance, sizeof distance);
    snprintf(out, VALIDITY_LINE_MAX, "%s: %s\"%s\" %s on %s, %s: %s", where,
             v->kind == VALIDITY_CRL ? "the list of " : "", v->name,
             state == VALIDITY_ENDED ? "ended" : "ends", date, distance,
             advice(v, state));
}

bool validity_same(const struct validity *a, const struct validity *b)
{
    return a->kind == b->kind && a->ends == b->ends &&
           strcmp(a->name, b->name) == 0;
}

bool validity_is_due(time_t last, time_t now)
{
    return now < last || now - last >= DAY_S;
}
