/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "story_certificate.h"

#include "story.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

void story_date(int64_t seconds, char out[STORY_DATE_MAX])
{
    time_t when = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&when, &tm) == NULL ||
        strftime(out, STORY_DATE_MAX, "%Y-%m-%d", &tm) == 0)
        snprintf(out, STORY_DATE_MAX, "?");
}

/* A client that does not verify looks, too, and goes on. */
static void tell_checks(const struct wwep_certificate *c,
                        const struct wwep_options *o)
{
    char line[WWEP_FAULT_LINE_MAX];
    bool verifies = o->ca != NULL && !o->insecure;

    wwep_fault_format(&c->fault, line);
    if (verifies && line[0] != '\0')
        story_item("  WRONG", "%s", line);
    else if (o->ca == NULL)
        story_item("  unchecked", " there is no --ca to check it with");
    else if (line[0] != '\0')
        story_item("  ignored", "%s", line);
    else if (o->insecure)
        story_item("  unchecked", " as --insecure wants it");
    else if (c->depth == 0)
        story_item("  checked",
                   "that its issuer signed it, the dates, the name %s",
                   o->name != NULL ? o->name : o->host);
    else
        story_item("  checked",
                   "that its issuer signed it, the dates, that it may sign");
}

void story_certificate(const struct wwep_certificate *certificate,
                       const struct wwep_options *options)
{
    char begin[STORY_DATE_MAX];
    char end[STORY_DATE_MAX];

    story_date(certificate->not_before, begin);
    story_date(certificate->not_after, end);
    story_item(certificate->depth == 0 ? "- server" : "- authority", "%s%s",
               certificate->depth == 0 ? "" : " ", certificate->subject);
    if (certificate->names[0] != '\0')
        story_item("  names", "%s", certificate->names);
    story_item("  signed by", " %s", certificate->issuer);
    story_item("  key", "%s", certificate->key);
    story_item("  valid", "%s to %s", begin, end);
    tell_checks(certificate, options);
}
