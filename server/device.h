/* device.h - the device that a client may speak for, as its certificate says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICE_H
#define DEVICE_H

/* Where there is not one ID, 0 to 0xFFFF, in an int32_t. */
enum device_none {
    DEVICE_NONE = -1,   /* it says nothing of devices, or there is none */
    DEVICE_UNCLEAR = -2 /* it names several, or what is no ID */
};

#endif
