/* tls_cpu.h - has the library look at the processor while there is one thread.
 *
 * wolfSSL's code for x86 finds out what the processor can when it is first
 * used, without a lock, and two threads that are first at a time may see half
 * of what was found: then a key is prepared by one kind of code and used by
 * another, and a handshake fails by a wrong MAC.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CPU_H
#define TLS_CPU_H

#include <stdbool.h>

/* Uses, once, all of the library that looks. The library has been started.
 * False: it could not be done. Builds that do not look have nothing to do. */
bool tls_cpu_probe(void);

#endif
