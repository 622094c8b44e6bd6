/* transport.h - a socket that is plain or speaks TLS, behind the same verbs.
 *
 * The owner (a connection) hears of everything by events and does not know
 * which kind it has. All calls and events are on the loop's thread.
 *
 *     transport_new_x() -> transport_start() -> READY -> DATA... QUIET ...
 *     -> transport_send(), transport_flush()
 *     -> transport_finish() or transport_close() -> CLOSED -> transport_free()
 *
 * An event handler may call any verb but transport_free(), which belongs into
 * CLOSED alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include "device.h"
#include "wwep_fault.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* The buffers that all transports of a worker share: bytes are in them only
 * while a callback runs, so an idle connection holds none, and what is queued
 * for one is never sent to another. */
struct transport_io {
    /* Small, for fairness: libuv reads a busy socket 32 times before it turns
     * to the next. */
    uint8_t in[4 * 1024];
    uint8_t out[16 * 1024];
    size_t out_len;
    /* Of their sockets, since the start; other threads may look. */
    atomic_uint_least64_t bytes_in;
    atomic_uint_least64_t bytes_out;
};

enum transport_event {
    TRANSPORT_READY,  /* the peer can be spoken to */
    TRANSPORT_DATA,   /* buf, len: bytes that have arrived, decrypted */
    TRANSPORT_QUIET,  /* all that has arrived has been told */
    TRANSPORT_END,    /* the peer has ended its side; no DATA follows */
    TRANSPORT_SENT,   /* what transport_flush() left pending has gone out */
    TRANSPORT_FAILED, /* of no more use: finish or close it; said once */
    TRANSPORT_CLOSED  /* the last event */
};

typedef void (*transport_event_fn)(void *owner, enum transport_event event,
                                   const uint8_t *buf, size_t len);

struct transport;

/* What plain and TLS do differently. */
struct transport_ops {
    void (*start)(struct transport *t); /* may be NULL */
    void (*input)(struct transport *t, const uint8_t *buf, size_t len);
    void (*input_end)(struct transport *t);
    int (*send)(struct transport *t, const uint8_t *buf, size_t len);
    void (*say_goodbye)(struct transport *t); /* queues it; may be NULL */
    void (*release)(struct transport *t);     /* before free(); may be NULL */
};

#define TRANSPORT_IDENTITY_MAX 129u /* a client's name and its NUL */

/* What there is to say of a transport that is READY. The strings last as long
 * as the transport. */
struct transport_info {
    const char *tls;    /* "TLS 1.3"; NULL: plain */
    const char *cipher; /* NULL: plain */
    bool resumed;
    const char *identity; /* the name in the client's certificate; NULL: none */
    int32_t device; /* that its certificate is for, or an enum device_none */
};

/* The part that both kinds begin with. Its owner may read what is from `error`
 * on; the rest is for transport*.c alone. */
struct transport {
    const struct transport_ops *ops;
    transport_event_fn on_event;
    void *owner;
    struct transport_io *io;
    uv_tcp_t tcp;
    uv_shutdown_t shutdown;
    unsigned writes; /* uv_write()s that have not called back */
    bool heard;      /* bytes have come */
    bool peer_ended; /* its FIN has been read */
    bool failed;
    bool finishing;
    bool closing;
    bool paused; /* by the owner */
    int error;   /* of the socket, a negative errno; 0: none */
    struct wwep_fault fault;
    const char *fault_note; /* what more there is to say of it; NULL: nothing */
    struct transport_info info;
};

struct tls_context;

/* Makes a transport that has no socket yet. NULL: no memory. The TLS one takes
 * a reference to the context. */
struct transport *transport_new_plain(uv_loop_t *loop, struct transport_io *io);
struct transport *transport_new_tls(uv_loop_t *loop, struct transport_io *io,
                                    struct tls_context *context);
void transport_free(struct transport *t);

/* Takes the connected socket fd, in any case, and begins to read. Returns 0,
 * or a negative errno; then transport_close(). */
int transport_start(struct transport *t, int fd, transport_event_fn on_event,
                    void *owner);

/* Queues bytes; nothing is sent before transport_flush(). Returns 0 or a
 * negative errno. */
int transport_send(struct transport *t, const uint8_t *buf, size_t len);

/* Queues the peer's good-bye (close_notify), so that it leaves with what is
 * queued already. Nothing may be sent after it. */
void transport_say_goodbye(struct transport *t);

/* Sends what is queued. Returns 0: all is with the kernel; 1: some is pending,
 * SENT or FAILED follows, and nothing is read until then; or a negative
 * errno: the peer has gone. */
int transport_flush(struct transport *t);

/* Reads nothing more until transport_resume(): what comes waits in the socket.
 * What has been read already is still told, up to its QUIET or END. */
void transport_pause(struct transport *t);
void transport_resume(struct transport *t);

/* Ends our side, reads and drops what still comes until the peer ends its
 * side, then closes. How long that may take is up to the owner, who calls
 * transport_close() when it has been long enough. */
void transport_finish(struct transport *t);

/* Closes now; what is pending is lost. CLOSED follows, from the loop. Both
 * may be called again. */
void transport_close(struct transport *t);

/* Whether the peer has ever sent anything. */
bool transport_has_heard(const struct transport *t);

/* Whether bytes have arrived that nobody has read: closing now would reset
 * the connection, and may destroy a reply on its way. */
bool transport_has_unread(const struct transport *t);

/* --- for transport_plain.c and transport_tls.c --- */

int transport_init(struct transport *t, const struct transport_ops *ops,
                   uv_loop_t *loop, struct transport_io *io);
void transport_emit(struct transport *t, enum transport_event event,
                    const uint8_t *buf, size_t len);
void transport_fail(struct transport *t);

/* Whether the owner still wants to hear. */
bool transport_is_open(const struct transport *t);

/* Puts bytes for the socket into the worker's buffer. */
int transport_queue(struct transport *t, const uint8_t *buf, size_t len);

#endif
