/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_loader.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>

int tls_loader_note_end(const struct tls_loader *l, enum validity_kind kind,
                        const char *name, time_t ends)
{
    struct validity *grown =
        realloc(l->ends->all, (l->ends->n + 1) * sizeof *grown);

    if (grown == NULL)
        return -1;
    l->ends->all = grown;
    struct validity *v = &grown[l->ends->n++];
    *v = (struct validity){.kind = kind, .ends = ends};
    snprintf(v->name, sizeof v->name, "%s", name);
    return 0;
}

static long days_until(time_t t)
{
    return (long)((t - time(NULL)) / 86400);
}

void tls_loader_describe(const struct tls_loader *l, const char *path,
                         const struct tls_certificate *c)
{
    struct tm tm;
    char until[32];
    const char *name = l->listener->name;

    gmtime_r(&c->not_after, &tm);
    strftime(until, sizeof until, "%Y-%m-%d", &tm);
    log_info("%s: certificate %s: %s%s%s; %s, signed with %s by %s; valid "
             "until %s (%ld days)",
             name, path, c->subject, c->names[0] != '\0' ? ", for " : "",
             c->names, c->key, c->signature, c->issuer, until,
             days_until(c->not_after));
    if (c->not_before > time(NULL))
        log_warning("%s: certificate %s is not valid yet: set this machine's "
                    "clock, or make a new one",
                    name, path);
    if (c->sha1)
        log_warning("%s: certificate %s is signed with SHA-1 or MD5, which can "
                    "be forged: make a new one",
                    name, path);
}

int tls_loader_refuse_block(const struct tls_loader *l, const char *key,
                            const char *path, size_t n)
{
    return tls_source_refuse(
        &l->source, key,
        "%s: certificate %zu in it is damaged: look at it with "
        "openssl x509 -in %s -noout -text, and make it again",
        path, n + 1, path);
}
