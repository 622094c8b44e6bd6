/* story_certificate.h - a certificate of the chain, in the story.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_STORY_CERTIFICATE_H
#define WWEP_APP_STORY_CERTIFICATE_H

#include "options.h"

#include <wwep/tls.h>

#define STORY_DATE_MAX 32u

/* What it says, and what was checked of it. */
void story_certificate(const struct wwep_certificate *certificate,
                       const struct wwep_options *options);

/* "2026-03-01", UTC; "?" for a date that no calendar has. */
void story_date(int64_t seconds, char out[STORY_DATE_MAX]);

#endif
