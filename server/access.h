/* access.h - who may read and write which device: the keys write, read and
 * authorize of a listener (wwepd.yaml(5)).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ACCESS_H
#define ACCESS_H

#include "config.h"
#include "device.h"
#include "wwep_request.h"

#include <stddef.h>
#include <stdint.h>

enum access_verdict {
    ACCESS_GRANTED,
    ACCESS_TOLERATED, /* authorize is warn: carried out, and told */
    ACCESS_REFUSED
};

/* Whether a client of this listener may ask that, whose certificate is for the
 * device, or an enum device_none. */
enum access_verdict access_check(const struct config_listener *listener,
                                 int32_t device,
                                 const struct wwep_request *request);

#define ACCESS_WHY_MAX 256u

/* Why it is not granted, and what to do about it, without the client's name:
 * "may not write device 0FAC: ...". */
void access_why(const struct config_listener *listener, int32_t device,
                const struct wwep_request *request, char out[ACCESS_WHY_MAX]);

/* Says in the log what there is to know before the first client: where the
 * rules of one listener are of no use for another one, or are not enforced.
 * before: what has been told of it is not told again (NULL: nothing has). */
void access_say(const struct config *config, const struct config *before);

#endif
