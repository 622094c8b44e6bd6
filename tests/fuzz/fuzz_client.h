/* fuzz_client.h - a client's end of a socket, plain or by wolfSSL: what it
 * says waits in a queue, and is delivered in pieces, whole or damaged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include <wolfssl/options.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wolfssl/ssl.h>

#define CLIENT_QUEUE_MAX 65536u
#define CLIENT_SENT_MAX  8192u
#define CLIENT_GOT_MAX   65536u
#define CLIENT_MARKS_MAX 2048u

/* When so much of the queue is delivered, the server has these bytes of
 * `sent`; end: and the client's end. */
struct client_mark {
    size_t at;
    size_t from;
    size_t len;
    bool end;
};

struct client {
    int fd;       /* -1: closed */
    WOLFSSL *ssl; /* NULL: plain */
    bool done;    /* the handshake, on our side */
    bool failed;
    bool reading;
    bool piecewise;       /* nothing is delivered but by client_deliver() */
    bool ended;           /* nothing more is delivered at all */
    bool notified;        /* it has said close_notify */
    bool dirty;           /* what it says is no stream any more */
    bool eof;             /* the server has ended its side */
    size_t handshake_len; /* of the queue; where done */
    uint8_t queue[CLIENT_QUEUE_MAX];
    size_t len;
    size_t delivered;
    struct client_mark marks[CLIENT_MARKS_MAX];
    size_t n_marks;
    size_t n_told;
    uint8_t sent[CLIENT_SENT_MAX];
    size_t sent_len;
    uint8_t got[CLIENT_GOT_MAX];
    size_t got_len;
    const uint8_t *in; /* ciphertext that wolfSSL has not pulled */
    size_t in_len;
};

/* Takes fd. ctx: NULL for plain bytes; its versions and its certificate. */
void client_open(struct client *c, int fd, WOLFSSL_CTX *ctx);
void client_close(struct client *c);

/* False: it can not say that now. Nothing at all is an update of the keys. */
bool client_say(struct client *c, const uint8_t *bytes, size_t len);
void client_say_raw(struct client *c, const uint8_t *bytes, size_t len);
void client_notify(struct client *c);

/* Ends its side without a word; what is in the queue never comes. */
void client_end(struct client *c);

/* Returns how many bytes the socket has taken. */
size_t client_deliver(struct client *c, size_t len);

/* The next mark that has been reached. */
bool client_reached(struct client *c, struct client_mark *mark);

/* Reads what has come; whether anything has happened. */
bool client_pump(struct client *c);

#endif
