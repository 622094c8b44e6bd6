/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_session.h"

#include <pthread.h>
#include <stdlib.h>

#define MAGIC UINT64_C(0xC3A7E0951F6B82D4)

/* --- the library ---------------------------------------------------------- */

/* Of the process, as the library is. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool started; /* by once, and never written again */

static void start(void)
{
    started = wwep_tls_start() == WWEP_OK;
}

bool secure_start(void)
{
    return pthread_once(&once, start) == 0 && started;
}

/* -------------------------------------------------------------------------- */

void secure_session_init(wiced_tls_context_t *context)
{
    *context = (wiced_tls_context_t){.context_id = MAGIC};
}

bool secure_session_is_context(const wiced_tls_context_t *context)
{
    return context != NULL && context->context_id == MAGIC;
}

struct secure_session *secure_session_of(const wiced_tls_context_t *context)
{
    return secure_session_is_context(context) ? context->session : NULL;
}

struct secure_session *secure_session_make(wiced_tls_context_t *context)
{
    if (context->session == NULL)
        context->session = calloc(1, sizeof(struct secure_session));
    return context->session;
}

/* The connection is over. */
static void forget_connection(struct secure_session *session)
{
    session->link = NULL;
    secure_roots_drop(session->trusted);
    session->trusted = NULL;
    session->config = (struct wwep_tls_config){.roots = {NULL, 0}};
    session->recv_ended = session->send_ended = WICED_SUCCESS;
}

void secure_session_hang_up(wiced_tls_context_t *context, bool good_bye)
{
    struct secure_session *session = secure_session_of(context);

    if (session == NULL)
        return;
    if (good_bye)
        wwep_tls_link_close(session->link);
    else
        wwep_tls_link_drop(session->link);
    forget_connection(session);
    if (session->server_name == NULL && session->protocols == NULL &&
        session->max_fragment == 0 && session->roots == NULL) {
        free(session);
        context->session = NULL;
    }
}

void secure_session_free(wiced_tls_context_t *context)
{
    struct secure_session *session = secure_session_of(context);

    if (session == NULL)
        return;
    wwep_tls_link_drop(session->link);
    forget_connection(session);
    free(session->server_name);
    free(session->protocols);
    secure_roots_drop(session->roots);
    free(session);
    context->session = NULL;
}
