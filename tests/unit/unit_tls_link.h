/* unit_tls_link.h - the two ends of a TLS connection for tests of the link: the
 * near one is a link with a scripted port, the far one, in a thread of its own,
 * a plain wolfSSL, or a link too, or bytes that are no TLS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_TLS_LINK_H
#define UNIT_TLS_LINK_H

#include "tls_link.h"

#include <wolfssl/options.h>

#include <pthread.h>
#include <wolfssl/ssl.h>

#define UNIT_NO_LIMIT SIZE_MAX

/* Zero-filled, it is a server for any version, without a certificate. Files are
 * names in unit_pki_folder. */
struct unit_far {
    WOLFSSL_METHOD *(*method)(void); /* NULL: any version */
    const char *certificate;         /* a chain in PEM */
    const char *key;
    const uint8_t *der; /* a certificate, in place of the file */
    size_t der_len;
    const char *client_ca;             /* NULL: asks for no certificate */
    bool demands;                      /* ... and does without none */
    bool forgets;                      /* resumes nothing */
    const char *says;                  /* no TLS: this is all it says */
    size_t says_len;                   /* 0: strlen() */
    size_t reply_len;                  /* 0: "A00010100FF" */
    bool rude;                         /* ends without good-bye */
    const struct wwep_tls_setup *link; /* a link: its role, its config */

    /* What came of it, after unit_far_join(). */
    int code; /* of the handshake; 0: well */
    size_t heard;
    struct wwep_security security; /* a link's */
    struct wwep_fault fault;

    /* Its own. */
    WOLFSSL_CTX *ctx; /* stays: so its sessions can be resumed */
    int fd;
    pthread_t thread;
};

struct unit_near {
    struct wwep_tls_config config;
    struct wwep_port port;
    struct wwep_tls_carrier carrier;
    struct wwep_observer observer;
    struct wwep_tls_setup setup;

    /* The script. */
    int64_t clock;     /* seconds since 1970; negative: not known */
    int entropy;       /* 0: good; 1: fails; 2: stands still */
    size_t recv_limit; /* after so many bytes recv gives limit_error */
    size_t send_limit; /* the same for send */
    int limit_error;   /* 0: the end */
    size_t recv_piece; /* no more at a time; 0: no limit */

    /* What came of it. */
    enum wwep_result result;
    struct wwep_tls_link *link;
    struct wwep_security security;
    struct wwep_fault fault;
    int port_error;
    bool offered;
    size_t sent;
    size_t received;
    char story[16384]; /* a line for each event */
    char secrets[4096];
    char log[1024];
    int fd;
};

/* A client of any version that trusts ca.pem, and means "wwep.example". */
void unit_near_init(struct unit_near *near);
/* The file's bytes, for the rest of the process. */
struct wwep_bytes unit_near_file(const char *name);

/* Starts the far end's thread, and has the two joined. */
void unit_far_start(struct unit_far *far, struct unit_near *near);
/* Closes the near end's socket, and waits for the far end. */
void unit_far_join(struct unit_far *far, struct unit_near *near);
void unit_far_free(struct unit_far *far);

/* Opens the link; near->result. */
enum wwep_result unit_near_open(struct unit_near *near);
/* Sends a request and reads to the end; true: the reply came whole. */
bool unit_near_exchange(struct unit_near *near);

/* All of it: start, open, exchange, save, close, join; near->result. */
enum wwep_result unit_tls_link_run(struct unit_near *near,
                                   struct unit_far *far);

/* The fault is of this kind; else it says of which. */
void unit_tls_link_expect(const struct wwep_fault *fault,
                          enum wwep_fault_kind kind);

/* A request for the n-th allocation of wolfSSL in this thread, from 0 on, to
 * fail; -1: none does. unit_heap_install() comes before wolfSSL's start. */
void unit_heap_install(void);
void unit_heap_fail_at(long n);
bool unit_heap_has_failed(void);
void unit_heap_pause(bool paused); /* none fails, and none counts, meanwhile */
size_t unit_heap_peak(void); /* of this thread, since unit_heap_fail_at() */

#endif
