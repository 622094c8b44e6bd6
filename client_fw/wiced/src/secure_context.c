/* secure_context.c - a program's contexts: made, undone, reset; and the roots
 * of one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_session.h"

#include <string.h>

wiced_result_t wiced_tls_init_context(wiced_tls_context_t *context,
                                      wiced_tls_identity_t *identity,
                                      const char *peer_cn)
{
    if (context == NULL)
        return WICED_ERROR;
    secure_session_init(context);
    context->identity = identity;
    context->peer_cn = peer_cn;
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_deinit_context(wiced_tls_context_t *context)
{
    if (context == NULL)
        return WICED_ERROR;
    secure_session_free(context);
    memset(context, 0, sizeof *context);
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_reset_context(wiced_tls_context_t *tls_context)
{
    if (tls_context == NULL)
        return WICED_ERROR;
    secure_session_hang_up(tls_context, false);
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_set_context_root_ca_certificates(
    wiced_tls_context_t *context, const char *trusted_ca_certificates,
    const uint32_t length)
{
    struct secure_roots *roots;

    if (!secure_session_is_context(context))
        return WICED_ERROR;
    if (trusted_ca_certificates == NULL || length == 0)
        return WICED_SUCCESS;
    struct secure_session *session = secure_session_make(context);
    if (session == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    wiced_result_t result =
        secure_roots_read(trusted_ca_certificates, length, &roots);
    secure_roots_drop(session->roots);
    session->roots = roots;
    return result;
}
