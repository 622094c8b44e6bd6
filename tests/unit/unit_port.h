/* unit_port.h - a port of the client that is nowhere: a scripted far end, a
 * clock that only waits move, and operations that fail on cue.
 *
 * It checks the client while it serves it: whether each call is allowed now,
 * and whether it waits no longer than the client may. All violations fail the
 * test at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_PORT_H
#define UNIT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wwep/port.h>

#define UNIT_PORT_DIALS     8u
#define UNIT_PORT_STEPS     32u
#define UNIT_PORT_ADDRESSES 8u
#define UNIT_PORT_SENT_MAX  65536u

/* What a connection's far end does, one after the other, once it has seen
 * after_sent bytes, delay_ms after it could first have done so. */
enum unit_step_kind {
    UNIT_STEP_SILENCE, /* nothing more: the end of a script */
    UNIT_STEP_BYTES,
    UNIT_STEP_END,  /* ends its side */
    UNIT_STEP_RESET /* cuts the connection off */
};

struct unit_step {
    enum unit_step_kind kind;
    const char *bytes;
    size_t len; /* 0: strlen(bytes) */
    uint32_t delay_ms;
    size_t after_sent;
};

/* A far end that is a function instead: takes what the client has sent since,
 * writes what it has to say, and returns its length; UNIT_PEER_END: no more,
 * ever. It is called until it has nothing to say. */
#define UNIT_PEER_END SIZE_MAX
typedef size_t unit_peer_fn(void *ctx, const uint8_t *in, size_t len,
                            uint8_t *out, size_t cap);

/* One call of connect, and the connection that comes of it. */
struct unit_dial {
    int error; /* what connect returns */
    uint32_t delay_ms;
    struct unit_step steps[UNIT_PORT_STEPS];
    unit_peer_fn *peer; /* in place of steps */
    void *peer_ctx;

    /* What came of it. */
    struct wwep_address address;
    uint16_t port;
    uint32_t timeout_ms;
    uint8_t sent[UNIT_PORT_SENT_MAX];
    size_t sent_len;
    bool closed;
};

struct unit_port {
    struct wwep_port port;

    /* The script. All of it may be changed after unit_port_init(). */
    const char *name; /* known by this name, and numeric IPv4 addresses are */
    struct wwep_address addresses[UNIT_PORT_ADDRESSES];
    int resolved; /* how many of them, or an error */
    uint32_t resolve_ms;
    struct unit_dial dials[UNIT_PORT_DIALS];
    size_t dials_n;
    size_t piece;       /* at most as many bytes a call; 0: no limit */
    uint32_t step_ms;   /* what each operation takes at least */
    int64_t wall_clock; /* seconds since 1970; negative: not known */
    unsigned fail_at;   /* this operation fails, from 1 on; 0: none does */
    int fail_with;
    uint32_t limit_ms; /* no wait may reach beyond, since limit_from_ms */
    uint32_t limit_from_ms;

    /* What came of it. */
    uint32_t clock_ms;
    unsigned operations; /* resolve, connect, send, recv, entropy */
    bool failed;         /* fail_at was reached */
    size_t dialled;
    bool connected;
    char log[4096]; /* the lines, "W " or "I " before each */

    /* Its own. */
    size_t step;
    size_t step_at; /* bytes of the step that are done */
    uint32_t ready_ms;
    bool ready;
    size_t peer_seen;
    bool peer_ended;
    uint8_t peer_out[UNIT_PORT_SENT_MAX];
    size_t peer_at;
    size_t peer_len;
};

/* A port that knows "server.test" as 192.0.2.1, where one connection is, that
 * says nothing. */
void unit_port_init(struct unit_port *p);

/* The script of a connection, for the usual case: says this, and ends. */
void unit_port_says(struct unit_port *p, size_t dial, const char *bytes);

/* The client may wait from now on for so long, and then not at all. */
void unit_port_limit(struct unit_port *p, uint32_t limit_ms);

/* A numeric IPv4 address. */
struct wwep_address unit_port_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

/* Fails unless this, and no more, was sent on that connection. */
void unit_port_expect_sent(const struct unit_port *p, size_t dial,
                           const char *text);

#endif
