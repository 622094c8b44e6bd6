/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fd_limit.h"

#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#define CONNECTIONS_MAX 1000000u

unsigned fd_limit_connections(unsigned own)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 512;
    if (limit.rlim_cur < limit.rlim_max) {
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            /* A sandbox may forbid it; then its own limit has to do. */
            log_info("open files: limited to %llu (%s)",
                     (unsigned long long)before, strerror(errno));
            limit.rlim_cur = before;
        }
    }
    if (limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > (rlim_t)CONNECTIONS_MAX + own)
        return CONNECTIONS_MAX;
    return limit.rlim_cur > own ? (unsigned)limit.rlim_cur - own : 1;
}
