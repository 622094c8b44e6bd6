/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wwep/course.h>

uint16_t wwep_device_of_mac(const uint8_t mac[6])
{
    uint16_t sum = 0; /* six octets are 1530 at most */

    for (unsigned i = 0; i < 6; i++)
        sum = (uint16_t)(sum + mac[i]);
    return sum;
}
