/* line.h - one TCP connection in our own hands, in the clear or over TLS.
 *
 * The client library sends one whole request and takes one reply. What checks
 * a server, and what stands between a client and a server, needs more: to cut a
 * request in pieces, to end its own side, to see how the other side ended, to
 * be the TLS server. So this goes past the library, to a socket and to
 * tls_link.h.
 *
 * A line is for one thread. Functions that wait have a time limit in
 * milliseconds, and return errors as struct wwep_port's functions do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_APP_LINE_H
#define WWEP_APP_LINE_H

#include "tls_link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define LINE_HELD_MAX 2048u

/* Where a line goes to. */
struct line_address {
    struct sockaddr_storage address;
    socklen_t len;
    char text[64]; /* "127.0.0.1 port 27708" */
    bool loopback;
};

/* All but the first five are the line's own. */
struct line {
    size_t piece;    /* bytes a TCP segment at most, with a pause between them;
                        0: as they are sent */
    unsigned gap_ms; /* that pause */
    bool held;       /* what is sent waits for line_release() */
    bool fin;        /* the peer's FIN has come */
    bool reset;      /* the peer has reset the connection */

    int fd; /* -1: none */
    struct wwep_tls_link *link;
    struct wwep_tls_carrier carrier;
    uint64_t began_ms;
    uint64_t deadline_ms;
    uint8_t waiting[LINE_HELD_MAX];
    size_t waiting_len;
};

/* Milliseconds of a clock that never goes back. */
uint64_t line_now_ms(void);
void line_pause_ms(unsigned ms);

/* What an errno of a socket is to the library: one of enum wwep_port_error. */
int line_port_error(int error);

/* Fills len bytes that nobody can guess; 0 or -1. */
int line_random(void *out, size_t len);

/* Fills up to cap addresses of the host. Returns how many; 0: the name is not
 * known. */
size_t line_resolve(const char *host, uint16_t port, struct line_address *out,
                    size_t cap);

/* A socket that listens on 127.0.0.1, at a port that *port tells; -1: errno. */
int line_listen(uint16_t *port);

/* Empties the line; before any other function. */
void line_init(struct line *l);

/* The line to this address, or the next one that the socket accepts; 0 or an
 * error. */
int line_connect(struct line *l, const struct line_address *to,
                 uint32_t timeout_ms);
int line_accept(struct line *l, int listening, uint32_t timeout_ms);

/* Wakes the TLS library, once, where several threads will use it: its own first
 * steps are not for two of them at a time. */
void line_prepare_tls(void);

/* What line_secure() puts on a line. All that is pointed to stays the caller's
 * until line_close(). */
struct line_tls {
    enum wwep_tls_role role;
    const struct wwep_tls_config *config;
    const char *host; /* a client's: the name that it wants */
    const struct wwep_observer *observer; /* may be NULL */
};

/* As wwep_tls_link_open(). Where it fails, fault has a kind in any case. */
enum wwep_result line_secure(struct line *l, const struct line_tls *tls,
                             uint32_t timeout_ms,
                             struct wwep_security *security,
                             struct wwep_fault *fault);

/* Sends all, as one record where there is TLS; 0 or an error. */
int line_send(struct line *l, const void *buf, size_t len, uint32_t timeout_ms);
int line_release(struct line *l, uint32_t timeout_ms);

/* At least one byte; 0: the peer has ended its side; or an error. After
 * WWEP_PORT_TIMEOUT it may be called again. */
int line_recv(struct line *l, void *buf, size_t cap, uint32_t timeout_ms);

/* Ends our side (a FIN, over TLS too), and still reads. */
void line_end(struct line *l);

/* Where the bytes do not matter any more: waits for the peer's FIN or reset,
 * below TLS, and notes it. */
void line_drain(struct line *l, uint32_t timeout_ms);

/* Closes what is open; the line may be used again after line_init(). */
void line_close(struct line *l);

#endif
