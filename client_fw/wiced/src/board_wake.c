/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board_wake.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Of the process, as the interrupts are. Set before there are threads. */
static int fd = -1;

bool board_wake_start(void)
{
    fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0;
}

void board_wake(void)
{
    const uint64_t one = 1;

    if (fd >= 0)
        (void)!write(fd, &one, sizeof one);
}

int board_wake_fd(void)
{
    return fd;
}

void board_wake_clear(void)
{
    uint64_t count;

    (void)!read(fd, &count, sizeof count);
}
