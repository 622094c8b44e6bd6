/* course.h - what the WW101 course says of boards and of its server.
 *
 * Source: WW101 course, chapter 6A (exercises 01 and 02), chapter 6B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_COURSE_H
#define WWEP_COURSE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WWEP_COURSE_SERVER  "wwep.ww101.cypress.com"
#define WWEP_COURSE_ADDRESS "198.51.100.3" /* where the name is not known */
#define WWEP_PLAIN_PORT     27708u
#define WWEP_TLS_PORT       40508u
#define WWEP_LED_REGISTER   0x05u /* of each board: 0000 off, 0001 on */

/* The device ID of a board: the sum of its MAC address's octets. */
uint16_t wwep_device_of_mac(const uint8_t mac[6]);

#ifdef __cplusplus
}
#endif

#endif
