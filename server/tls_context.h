/* tls_context.h - what all TLS connections of a listener share: its chain,
 * its key, whom it trusts, what it offers.
 *
 * Made once, never changed, reference counted: a connection that has begun
 * with one keeps it. Any thread may take and give back references.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include "config.h"
#include "tls_source.h"
#include "validity.h"

#include <stdbool.h>
#include <time.h>

struct tls_context;
struct tls_refusal;
struct WOLFSSL;

/* Once a process, before the first context and after the last. Returns 0, or
 * -1: the library does not start. */
int tls_library_init(void);
void tls_library_deinit(void);
const char *tls_library_version(void);

/* Reads and checks the files of a TLS listener, and says in the log what they
 * are and what is unsafe about them. NULL: error has one line that names the
 * file and the key of the configuration, and what to do. The caller holds the
 * first reference. */
struct tls_context *tls_context_new(const struct config *config,
                                    const struct config_listener *listener,
                                    char error[TLS_ERROR_MAX]);
struct tls_context *tls_context_ref(struct tls_context *c);
void tls_context_unref(struct tls_context *c); /* NULL is fine */

/* Whether a context that is made of this listener's files as they are now would
 * be the same as this one. */
bool tls_context_is_current(const struct tls_context *c,
                            const struct config_listener *listener);

/* Whether both read this file, and found different content; and whether they
 * take the same clients. */
bool tls_context_has_new(const struct tls_context *a,
                         const struct tls_context *b, enum tls_print_of which);
bool tls_context_trusts_same(const struct tls_context *a,
                             const struct tls_context *b);

/* A context that takes another's place has ticket keys of its own, but wolfSSL
 * has one cache of session IDs for the whole process: what was made by the
 * other would resume here. So it first resumes no session ID at all, and then,
 * when nobody can make one by the other any more, those alone that began after
 * `when`. The first before anybody else has it, the second by any thread. */
void tls_context_resume_none(struct tls_context *c);
void tls_context_resume_since(struct tls_context *c, time_t when);

/* A new session of the server's side. NULL: no memory. Freed by the TLS
 * transport. */
struct WOLFSSL *tls_context_session(struct tls_context *c);

/* Where the listener asks for certificates: has the refusal (tls_refusal.h),
 * which is zeroed and lasts as long as the session, judge the client's. */
void tls_context_watch(const struct tls_context *c, struct WOLFSSL *ssl,
                       struct tls_refusal *refusal);

/* Whether each client has to show a certificate. */
bool tls_context_demands(const struct tls_context *c);

/* When its certificates and lists end: n of them, as long as the context. */
const struct validity *tls_context_validity(const struct tls_context *c,
                                            size_t *n);

#endif
