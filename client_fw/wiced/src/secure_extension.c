/* secure_extension.c - what a client says in its hello besides: the server's
 * name, the longest record, the protocols.
 *
 * Source: RFC 6066, sections 3 and 4; RFC 7301, section 3.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_session.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN      255u
#define PROTOCOL_MAX_LEN  255u
#define PROTOCOLS_MAX_LEN 1024u
#define HOST_NAME         0

/* --- what is good --------------------------------------------------------- */

/* Printable ASCII without spaces: what a host's name, and a protocol's, can
 * be. */
static bool is_printable(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return true;
}

static bool is_name(const char *text, size_t len)
{
    return len > 0 && len <= NAME_MAX_LEN && is_printable(text, len);
}

/* Names with "," between them, none of them empty or too long. */
static bool is_protocol_list(const char *text, size_t len)
{
    size_t here = 0;

    if (len == 0 || len > PROTOCOLS_MAX_LEN || !is_printable(text, len))
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && text[i] != ',') {
            here++;
            continue;
        }
        if (here == 0 || here > PROTOCOL_MAX_LEN)
            return false;
        here = 0;
    }
    return true;
}

/* --- setting -------------------------------------------------------------- */

static wiced_result_t set_text(wiced_tls_context_t *context, bool protocols,
                               const char *text, size_t len)
{
    struct secure_session *session = secure_session_make(context);

    if (session == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    char **place = protocols ? &session->protocols : &session->server_name;
    char *copy = strndup(text, len);
    if (copy == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    free(*place);
    *place = copy;
    return WICED_SUCCESS;
}

static wiced_result_t set_name(wiced_tls_context_t *context, const char *text,
                               size_t len)
{
    return is_name(text, len) ? set_text(context, false, text, len)
                              : WICED_BADARG;
}

static wiced_result_t set_protocols(wiced_tls_context_t *context,
                                    const char *text, size_t len)
{
    return is_protocol_list(text, len) ? set_text(context, true, text, len)
                                       : WICED_BADARG;
}

static wiced_result_t set_fragment(wiced_tls_context_t *context, unsigned code)
{
    if (code < TLS_FRAGMENT_LENGTH_512 || code > TLS_FRAGMENT_LENGTH_4096)
        return WICED_BADARG;
    struct secure_session *session = secure_session_make(context);
    if (session == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    session->max_fragment = (uint16_t)(256u << code);
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_set_extension(wiced_tls_context_t *context,
                                       wiced_tls_extension_t *extension)
{
    const char *text;

    if (!secure_session_is_context(context) || extension == NULL)
        return WICED_BADARG;
    switch (extension->type) {
    case TLS_EXTENSION_TYPE_SERVER_NAME:
        text = (const char *)extension->extension_data.server_name;
        return text != NULL
                   ? set_name(context, text, strnlen(text, NAME_MAX_LEN + 1))
                   : WICED_BADARG;
    case TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH:
        return set_fragment(
            context, (unsigned)extension->extension_data.max_fragment_length);
    case TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION:
        text = (const char *)extension->extension_data.alpn_protocol_list;
        return text != NULL
                   ? set_protocols(context, text,
                                   strnlen(text, PROTOCOLS_MAX_LEN + 1))
                   : WICED_BADARG;
    default:
        return WICED_BADARG;
    }
}

/* --- as on the wire ------------------------------------------------------- */

/* [2] length of the list, [1] host name, [2] length, the name: one name. */
static wiced_result_t add_name(wiced_tls_context_t *context,
                               const uint8_t *data, size_t len)
{
    if (len < 5 || ((size_t)data[0] << 8 | data[1]) != len - 2 ||
        data[2] != HOST_NAME || ((size_t)data[3] << 8 | data[4]) != len - 5)
        return WICED_BADARG;
    return set_name(context, (const char *)data + 5, len - 5);
}

/* [2] length of the list; then each [1] length, the name. */
static wiced_result_t add_protocols(wiced_tls_context_t *context,
                                    const uint8_t *data, size_t len)
{
    char list[MAX_EXT_DATA_LENGTH + 1];
    size_t list_len = 0;

    if (len < 2 || ((size_t)data[0] << 8 | data[1]) != len - 2)
        return WICED_BADARG;
    for (size_t at = 2; at < len;) {
        size_t name_len = data[at++];
        if (name_len == 0 || name_len > len - at ||
            memchr(data + at, ',', name_len) != NULL)
            return WICED_BADARG;
        if (list_len > 0)
            list[list_len++] = ',';
        memcpy(list + list_len, data + at, name_len);
        list_len += name_len;
        at += name_len;
    }
    return set_protocols(context, list, list_len);
}

wiced_result_t wiced_tls_add_extension(wiced_tls_context_t *context,
                                       const ssl_extension *extension)
{
    if (!secure_session_is_context(context) || extension == NULL ||
        extension->sz > MAX_EXT_DATA_LENGTH)
        return WICED_BADARG;
    switch (extension->id) {
    case TLS_EXTENSION_TYPE_SERVER_NAME:
        return add_name(context, extension->data, extension->sz);
    case TLS_EXTENSION_TYPE_MAX_FRAGMENT_LENGTH:
        return extension->sz == 1 ? set_fragment(context, extension->data[0])
                                  : WICED_BADARG;
    case TLS_EXTENSION_TYPE_APPLICATION_LAYER_PROTOCOL_NEGOTIATION:
        return add_protocols(context, extension->data, extension->sz);
    default:
        return WICED_UNSUPPORTED;
    }
}
