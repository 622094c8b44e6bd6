/* resources.h - of a program without resources. wwep-resources(1) makes another
 * one, which is found before this, for a program that has some.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RESOURCES_H
#define RESOURCES_H

#include "wiced_resource.h"

#endif
