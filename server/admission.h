/* admission.h - whether a client that has been accepted may stay: what the
 * limits say (wwepd.yaml(5), "KEYS OF LIMITS"), told and counted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "address.h"
#include "limiter.h"
#include "listener.h"

#include <stdbool.h>

/* False: it is to be closed, at once. Else limiter_leave() of the place when it
 * has gone. */
bool admission_ask(const struct listener *l, const union address *peer,
                   struct limiter_place *place);

/* It may stay, and can not: there is no memory for it. Gives the place back. */
void admission_failed(const struct listener *l, struct limiter_place *place);

#endif
