/* endpoint.h - what is behind a wiced_tcp_socket_t: its connection, who uses
 * it at the moment, and how they are got out of it.
 *
 * Happy path: create makes it and puts it on the list -> listen or connect ->
 * calls enter, use the connection and leave -> delete takes its name off it,
 * claims it, closes the connection and lets go.
 * Another thread deletes or disconnects it: to claim it wakes all that wait,
 * and lasts until they have left. Who still holds it lets go later; the last
 * one frees it.
 *
 * All fields are under one lock, endpoint_lock(), but for those that say
 * otherwise: a program has a handful of sockets, and its threads hardly ever
 * meet. Nothing waits for the network with the lock held.
 *
 * A program's struct is never trusted, as it may never have been created: it is
 * looked for by its address in the list of those that were.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WICED_ENDPOINT_H
#define WICED_ENDPOINT_H

#include "deadline.h"
#include "wiced_tcpip.h"
#include "wwep_posix.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct tcp_port;

/* A connection's far end, as programs see it. */
struct endpoint_peer {
    wiced_ip_address_t address;
    uint16_t port;
};

struct endpoint_callbacks {
    wiced_tcp_socket_callback_t connect;
    wiced_tcp_socket_callback_t receive;
    wiced_tcp_socket_callback_t disconnect;
    void *arg;
};

struct endpoint {
    LIST_ENTRY(endpoint) link;
    uint64_t id;                /* never given again */
    wiced_tcp_socket_t *socket; /* the program's; NULL: it was deleted */
    wiced_interface_t interface;

    /* CLOSED; LISTEN; CONNECTING: on its way, or has come and waits for accept;
     * CONNECTED, also when the peer has ended it since. */
    wiced_socket_state_t state;
    struct endpoint_peer peer;
    uint64_t connection; /* counts them */
    uint64_t received;   /* packets, ever */

    /* fd is written by who has claimed it, or is the only user; users read it
     * without the lock. */
    struct wwep_posix posix;

    /* A user is in a call that needs the connection, or waits for one; a holder
     * needs the memory alone. */
    unsigned users;
    unsigned holders;
    unsigned claimers;      /* who wait for the one that has it */
    bool claimed;           /* somebody has it for himself */
    pthread_cond_t changed; /* one of these, or the callback's end */
    int wake_fd;            /* readable: all who wait have to leave */

    wiced_tls_context_t *tls;     /* the program's; NULL: not TLS */
    wiced_tls_context_t *own_tls; /* that we have made; NULL: none */
    bool tls_up;                  /* this connection has shaken hands */
    pthread_mutex_t tls_lock;     /* one of its own, around each use of TLS */

    struct tcp_port *port; /* that it listens on, or did; NULL: none */
    bool bound;            /* to a client's own port */
    uint16_t bound_port;   /* 0: any */
    int bound_fd;          /* has it until the connection does; -1: none */

    struct endpoint_callbacks callbacks;
    bool in_callback;      /* at this moment */
    bool end_told;         /* the program knows of the peer's end */
    bool asks;             /* the networking worker: it is in its queue */
    bool look_asked;       /* see net_worker.h */
    uint64_t closed_asked; /* the connection that was closed; 0: none */
    TAILQ_ENTRY(endpoint) next_asked;

    uint32_t accept_ms;
    uint32_t close_ms;
    uint32_t bind_ms;
};

LIST_HEAD(endpoint_list, endpoint);

void endpoint_lock(void);
void endpoint_unlock(void);

/* --- with the lock held --------------------------------------------------- */

/* Makes one, for a struct that is in no other's hands. NULL: no memory. */
struct endpoint *endpoint_create(wiced_tcp_socket_t *socket,
                                 wiced_interface_t interface);

/* Takes its name off it, so that nobody finds it any more, and holds it. */
void endpoint_forget(struct endpoint *ep);

/* Ends it: to be claimed, closed, and held by the caller, who loses it. */
void endpoint_destroy(struct endpoint *ep);

/* NULL: it was never created, or was deleted. */
struct endpoint *endpoint_find(const wiced_tcp_socket_t *socket);
struct endpoint *endpoint_find_id(uint64_t id);

/* By the address alone, whatever is in the struct by now. */
struct endpoint *endpoint_find_at(const wiced_tcp_socket_t *socket);

/* Those that were not deleted. */
struct endpoint_list *endpoint_all(void);

void endpoint_hold(struct endpoint *ep);
void endpoint_let_go(struct endpoint *ep);

void endpoint_use(struct endpoint *ep);
void endpoint_unuse(struct endpoint *ep);

/* Wakes all who use it, waits until they have left, and until others that had
 * claimed it have released it. Then it is the caller's alone, who holds it,
 * until it is released, or becomes a use. The lock is free meanwhile, so that
 * all may have changed. */
void endpoint_claim(struct endpoint *ep);
void endpoint_release(struct endpoint *ep);
void endpoint_claim_to_use(struct endpoint *ep);

/* Takes the lock, finds the socket's, and holds and claims it.
 * WICED_SUCCESS: the lock is still held, until endpoint_leave_claimed().
 * WICED_BADARG: NULL; WICED_TCPIP_INVALID_SOCKET; WICED_TCPIP_WAIT_ABORTED: it
 * was deleted meanwhile. */
wiced_result_t endpoint_enter_claimed(const wiced_tcp_socket_t *socket,
                                      struct endpoint **out);
void endpoint_leave_claimed(struct endpoint *ep);

/* Waits for ep->changed. False: the time is up. */
bool endpoint_wait_change(struct endpoint *ep, const struct deadline *deadline);

/* A connection has come to be: fd does not block, and is the endpoint's from
 * now on. */
void endpoint_connect(struct endpoint *ep, int fd, wiced_socket_state_t state,
                      const struct endpoint_peer *peer);

/* --- without the lock ----------------------------------------------------- */

/* Uses a connection. WICED_BADARG: NULL; WICED_TCPIP_INVALID_SOCKET;
 * WICED_TCPIP_SOCKET_CLOSED: there is none. */
wiced_result_t endpoint_enter(const wiced_tcp_socket_t *socket,
                              struct endpoint **out);
void endpoint_leave(struct endpoint *ep);

/* The context, for a user. */
wiced_tls_context_t *endpoint_tls(const struct endpoint *ep);

/* Waits for poll()'s events, as a user, or who has claimed it. fd -1: only for
 * the time. WICED_SUCCESS, WICED_TIMEOUT; WICED_TCPIP_WAIT_ABORTED (7010):
 * leave at once. */
wiced_result_t endpoint_wait(const struct endpoint *ep, int fd, short events,
                             const struct deadline *deadline);

/* Tests have no time for the API's own. */
void endpoint_set_times(wiced_tcp_socket_t *socket, uint32_t accept_ms,
                        uint32_t close_ms, uint32_t bind_ms);

#endif
