/* command.h - what a server answers to a request of WWEP: see wwep(7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "wiced.h"

#define COMMAND_MAX       13 /* bytes: a write, and CR LF */
#define COMMAND_REPLY_MAX 40 /* with the NUL */

/* Does what the request says, and makes the reply: a text, empty where nothing
 * was asked. */
void command_answer(const char *request, uint32_t len, char *reply);
