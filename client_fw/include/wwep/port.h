/* port.h - what the client needs of a board, or of an operating system.
 *
 * A port is a struct of functions and a context for them. The board fills it
 * once; it must stay, unchanged, as long as a client uses it. One port has one
 * connection at a time: a second client needs a second context.
 *
 * No function is called from an interrupt, and none may call the client.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_PORT_H
#define WWEP_PORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An IP address in network byte order: 4 bytes, or 16 and for a link-local one
 * the number of the interface (RFC 4007). */
struct wwep_address {
    uint8_t bytes[16];
    uint8_t len; /* 4 or 16; 0: none */
    uint32_t scope;
};

/* What goes wrong below the client. */
enum wwep_port_error {
    WWEP_PORT_FAILED = -1,      /* for a reason that is none of these */
    WWEP_PORT_TIMEOUT = -2,     /* not within the time that was given */
    WWEP_PORT_NO_NAME = -3,     /* resolve: there is no such name */
    WWEP_PORT_REFUSED = -4,     /* connect: nobody listens there */
    WWEP_PORT_UNREACHABLE = -5, /* connect, resolve: no way there, or to
                                   anybody who knows the name */
    WWEP_PORT_RESET = -6        /* send, recv: the peer has cut it off */
};

/* Never NULL. */
const char *wwep_port_error_text(int error);

enum wwep_log_level { WWEP_LOG_WARNING, WWEP_LOG_INFO };

/* Times to wait are in milliseconds; 0 looks, and does not wait. Errors are
 * enum wwep_port_error. */
struct wwep_port {
    void *ctx; /* passed to each function */

    /* Fills up to cap (> 0) addresses of the name, the best first; a numeric
     * address is its own. Returns how many, or an error. */
    int (*resolve)(void *ctx, const char *host, struct wwep_address *out,
                   size_t cap, uint32_t timeout_ms);

    /* Opens the connection. Returns 0 or an error; after an error there is
     * none, and close is not called. */
    int (*connect)(void *ctx, const struct wwep_address *address, uint16_t port,
                   uint32_t timeout_ms);

    /* Sends at least one byte of len (> 0). Returns how many, or an error. */
    int (*send)(void *ctx, const uint8_t *buf, size_t len, uint32_t timeout_ms);

    /* Receives up to len (> 0) bytes. Returns how many, 0 when the peer has
     * ended its side, or an error. */
    int (*recv)(void *ctx, uint8_t *buf, size_t len, uint32_t timeout_ms);

    /* Closes the connection that is open. What was sent is still delivered. */
    void (*close)(void *ctx);

    /* Milliseconds since any moment; never goes back, and wraps at 2^32. */
    uint32_t (*now_ms)(void *ctx);

    /* Seconds since 1970-01-01 UTC; negative: not known (yet). NULL on a board
     * without a clock: certificates' dates are then checked against the day
     * that the client was built, and no more. */
    int64_t (*wall_clock)(void *ctx);

    /* Fills len bytes that nobody can guess. Returns 0 or an error. There is no
     * substitute: without entropy there is no TLS. */
    int (*entropy)(void *ctx, uint8_t *out, size_t len);

    /* A line of text, without line end, that is gone after the call. NULL: no
     * log. */
    void (*log)(void *ctx, enum wwep_log_level level, const char *text);
};

#define WWEP_ADDRESS_TEXT_MAX 57u /* an address, its scope and the NUL */

/* Writes the address as RFC 5952 has it ("127.0.0.1", "fe80::1%2"), and returns
 * the length; "" for one without bytes. */
size_t wwep_address_text(const struct wwep_address *address,
                         char out[WWEP_ADDRESS_TEXT_MAX]);

#ifdef __cplusplus
}
#endif

#endif
