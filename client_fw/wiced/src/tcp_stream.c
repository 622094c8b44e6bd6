/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tcp_io.h"

#include <string.h>

wiced_result_t wiced_tcp_stream_init(wiced_tcp_stream_t *stream,
                                     wiced_tcp_socket_t *socket)
{
    if (stream == NULL || socket == NULL)
        return WICED_BADARG;
    *stream = (wiced_tcp_stream_t){.socket = socket};
    return WICED_SUCCESS;
}

wiced_result_t wiced_tcp_stream_deinit(wiced_tcp_stream_t *stream)
{
    if (stream == NULL)
        return WICED_BADARG;
    (void)wiced_tcp_stream_flush(stream);
    if (stream->rx_packet != NULL)
        (void)wiced_packet_delete(stream->rx_packet);
    stream->rx_packet = NULL;
    stream->socket = NULL;
    return WICED_SUCCESS;
}

/* --- sending -------------------------------------------------------------- */

wiced_result_t wiced_tcp_stream_flush(wiced_tcp_stream_t *stream)
{
    if (stream == NULL)
        return WICED_BADARG;
    if (stream->tx_len == 0)
        return WICED_SUCCESS;

    uint16_t len = stream->tx_len;
    stream->tx_len = 0;
    return tcp_send(stream->socket, stream->tx, len);
}

wiced_result_t wiced_tcp_stream_write(wiced_tcp_stream_t *stream,
                                      const void *data, uint32_t data_length)
{
    const uint8_t *bytes = data;

    if (stream == NULL || (data == NULL && data_length > 0))
        return WICED_BADARG;

    wiced_result_t result = tcp_link_check(stream->socket);
    uint32_t space = tcp_space(stream->socket);
    while (data_length > 0 && result == WICED_SUCCESS) {
        /* TLS may have been enabled since the bytes before came. */
        uint32_t room = stream->tx_len < space ? space - stream->tx_len : 0;
        uint32_t len = data_length < room ? data_length : room;

        memcpy(stream->tx + stream->tx_len, bytes, len);
        stream->tx_len = (uint16_t)(stream->tx_len + len);
        bytes += len;
        data_length -= len;
        if (stream->tx_len >= space)
            result = wiced_tcp_stream_flush(stream);
    }
    return result;
}

/* --- receiving ------------------------------------------------------------ */

/* What fits of the packet; the packet goes when all of it is read. Returns how
 * many bytes that was. */
static uint16_t take(wiced_tcp_stream_t *stream, uint8_t *out, uint16_t cap)
{
    uint8_t *bytes;
    uint16_t len;
    uint16_t total;

    if (wiced_packet_get_data(stream->rx_packet, stream->rx_offset, &bytes,
                              &len, &total) != WICED_SUCCESS)
        len = 0;
    uint16_t n = len < cap ? len : cap;
    if (n > 0)
        memcpy(out, bytes, n);
    stream->rx_offset = (uint16_t)(stream->rx_offset + n);
    if (n == len) {
        (void)wiced_packet_delete(stream->rx_packet);
        stream->rx_packet = NULL;
    }
    return n;
}

/* Returns the result of the wait that failed; *got is set in any case. */
static wiced_result_t read_all(wiced_tcp_stream_t *stream, uint8_t *out,
                               uint16_t len, uint32_t timeout_ms, uint16_t *got)
{
    wiced_result_t result = tcp_link_check(stream->socket);

    *got = 0;
    while (*got < len && result == WICED_SUCCESS) {
        if (stream->rx_packet != NULL) {
            *got = (uint16_t)(*got +
                              take(stream, out + *got, (uint16_t)(len - *got)));
        } else {
            stream->rx_offset = 0;
            result = wiced_tcp_receive(stream->socket, &stream->rx_packet,
                                       timeout_ms);
        }
    }
    return result;
}

wiced_result_t wiced_tcp_stream_read(wiced_tcp_stream_t *stream, void *buffer,
                                     uint16_t buffer_length, uint32_t timeout)
{
    uint16_t got;

    if (stream == NULL || (buffer == NULL && buffer_length > 0))
        return WICED_BADARG;
    return read_all(stream, buffer, buffer_length, timeout, &got);
}

wiced_result_t wiced_tcp_stream_read_with_count(wiced_tcp_stream_t *stream,
                                                void *buffer,
                                                uint16_t buffer_length,
                                                uint32_t timeout,
                                                uint32_t *read_count)
{
    uint16_t got;

    /* In the SDK, stream_read is this function without a count. */
    if (read_count == NULL)
        return wiced_tcp_stream_read(stream, buffer, buffer_length, timeout);
    *read_count = 0;
    if (stream == NULL || (buffer == NULL && buffer_length > 0))
        return WICED_BADARG;
    wiced_result_t result =
        read_all(stream, buffer, buffer_length, timeout, &got);
    *read_count = got;
    return got > 0 ? WICED_SUCCESS : result;
}
