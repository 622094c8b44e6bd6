/* check_exchange.c - see check_exchange.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "check_exchange.h"

#include "wwep_text.h"

#include <stdio.h>
#include <string.h>

#define REFUSED_AGAIN_MS 100u /* between attempts at a server that is busy */
#define REFUSED_MAX      10u
#define RESET_MS         150u /* for a RST behind a close_notify */
#define PIECE            7u

/* A server on a board may have room for no connection while it closes one. */
static int connect_patiently(const struct check_target *target, struct line *l)
{
    int error = line_connect(l, &target->address, target->timeout_ms);

    for (unsigned i = 0; error == WWEP_PORT_REFUSED && i < REFUSED_MAX; i++) {
        line_pause_ms(REFUSED_AGAIN_MS);
        error = line_connect(l, &target->address, target->timeout_ms);
    }
    return error;
}

enum check_end check_open(const struct check_target *target, struct line *l,
                          struct check_seen *seen)
{
    line_init(l);
    memset(seen, 0, sizeof *seen);
    seen->port_error = connect_patiently(target, l);
    if (seen->port_error != 0)
        return CHECK_END_NO_CONNECTION;
    if (target->tls == NULL)
        return CHECK_END_OPEN;
    const struct line_tls tls = {.role = WWEP_TLS_CLIENT,
                                 .config = target->tls,
                                 .host = target->host,
                                 .observer = target->observer};
    if (line_secure(l, &tls, target->timeout_ms, &seen->security,
                    &seen->fault) == WWEP_OK)
        return CHECK_END_OPEN;
    return CHECK_END_NO_TLS;
}

static void keep(struct check_seen *seen, const uint8_t *bytes, size_t len)
{
    size_t room = sizeof seen->bytes - seen->len;
    size_t n = len < room ? len : room;

    memcpy(seen->bytes + seen->len, bytes, n);
    seen->len += n;
    seen->total += len;
}

/* Listens for this long: true when something came, or the end. */
static bool listen_for(struct line *l, struct check_seen *seen,
                       uint32_t timeout_ms)
{
    uint8_t some[256];
    int n = line_recv(l, some, sizeof some, timeout_ms);

    if (n == WWEP_PORT_TIMEOUT)
        return false;
    if (n > 0)
        keep(seen, some, (size_t)n);
    else if (l->reset)
        seen->end = CHECK_END_RESET;
    else if (l->link != NULL && l->fin)
        seen->end = CHECK_END_CUT;
    else
        seen->end = n < 0 ? CHECK_END_GARBLED : CHECK_END_CLOSED;
    return true;
}

/* How far the segment goes that begins at `from`. */
static size_t segment_end(const struct check_request *request, size_t from)
{
    size_t to = from + 1;

    while (to < request->len && !request->cut[to])
        to++;
    return to < request->len ? to : request->len;
}

static int send_last(struct line *l, const struct check_request *request,
                     size_t from)
{
    uint8_t bytes[CHECK_REQUEST_MAX + CHECK_FILL];
    size_t len = request->len - from;

    memcpy(bytes, request->bytes + from, len);
    memset(bytes + len, 'x', request->fill);
    if (len + request->fill == 0)
        return 0;
    return line_send(l, bytes, len + request->fill, CHECK_PATIENCE_MS);
}

/* False: the server has answered, or ended, before all was sent. */
static bool send_request(struct line *l, const struct check_request *request,
                         struct check_seen *seen)
{
    size_t from = 0;
    size_t to;

    while ((to = segment_end(request, from)) < request->len) {
        if (line_send(l, request->bytes + from, to - from, CHECK_PATIENCE_MS) !=
            0)
            break;
        seen->sent = from = to;
        if (!l->held && listen_for(l, seen, CHECK_GAP_MS))
            break;
    }
    seen->early = to < request->len;
    if (seen->early)
        return false;
    /* An error shows again, and with more to say, when the reply is read. */
    (void)send_last(l, request, from);
    seen->sent = request->len;
    if (l->held)
        (void)line_release(l, CHECK_PATIENCE_MS);
    if (request->fin)
        line_end(l);
    return true;
}

char check_seen_letter(const struct check_seen *seen)
{
    if (seen->len == 0)
        return '\0';
    if (seen->bytes[0] == 'A' || seen->bytes[0] == 'a')
        return 'A';
    return seen->bytes[0] == 'X' || seen->bytes[0] == 'x' ? 'X' : '\0';
}

/* Whether no more is to come but the end. An X may have a reason behind it. */
static bool is_whole(const struct check_seen *seen)
{
    return seen->total >= WWEP_ACCEPT_LEN || check_seen_letter(seen) == 'X';
}

static void take_reply(const struct check_target *target, struct line *l,
                       unsigned how, struct check_seen *seen)
{
    uint64_t began_ms = line_now_ms();
    bool to_the_end = (how & CHECK_TO_THE_END) != 0;

    if (seen->total == 0 && seen->end == CHECK_END_OPEN)
        (void)listen_for(l, seen, CHECK_PATIENCE_MS);
    seen->wait_ms = seen->early ? 0 : (uint32_t)(line_now_ms() - began_ms);
    while (seen->total > 0 && seen->end == CHECK_END_OPEN) {
        uint32_t more_ms =
            is_whole(seen) && !to_the_end ? target->end_ms : CHECK_PATIENCE_MS;

        if (!listen_for(l, seen, more_ms) ||
            line_now_ms() - began_ms > 2u * CHECK_PATIENCE_MS)
            break;
    }
    if (to_the_end && seen->end == CHECK_END_CLOSED && l->link != NULL) {
        line_drain(l, RESET_MS);
        if (l->reset)
            seen->end = CHECK_END_RESET;
    }
}

void check_exchange(const struct check_target *target,
                    const struct check_request *request, unsigned how,
                    struct check_seen *seen)
{
    struct line l;
    enum check_end end = check_open(target, &l, seen);

    if (end == CHECK_END_OPEN) {
        l.held = (how & CHECK_ONE_SEGMENT) != 0 && l.link != NULL;
        l.piece = (how & CHECK_PIECES) != 0 ? PIECE : 0;
        l.gap_ms = CHECK_GAP_MS / 2;
        (void)send_request(&l, request, seen);
        take_reply(target, &l, how, seen);
    } else {
        seen->end = end;
    }
    line_close(&l);
}

const char *check_seen_show(const struct check_seen *seen,
                            char out[CHECK_SHOWN_MAX])
{
    static const char *const ends[] = {
        [CHECK_END_OPEN] = ", and the connection stays open",
        [CHECK_END_CLOSED] = ", then the end",
        [CHECK_END_RESET] = ", then a reset (RST)",
        [CHECK_END_CUT] = ", then the end without close_notify",
        [CHECK_END_GARBLED] = ", then a fault of TLS",
        [CHECK_END_NO_TLS] = ": no TLS",
        [CHECK_END_NO_CONNECTION] = ": no connection",
    };
    char bytes[CHECK_SHOWN_MAX - 60];
    struct wwep_text text;

    wwep_text_start(&text, out, CHECK_SHOWN_MAX);
    (void)wwep_text_escape(seen->bytes, seen->len, bytes, sizeof bytes);
    wwep_text_add(&text, seen->total > 0 ? bytes : "nothing");
    if (seen->total > seen->len)
        wwep_text_add(&text, "...");
    wwep_text_add(&text, ends[seen->end]);
    return out;
}
