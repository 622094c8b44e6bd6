/* msglog_format.c - an exchange as a line: a table for the projector, JSON for
 * programs. What a client sent is escaped in both: it can not forge a line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "msglog.h"
#include "wwep_text.h"

#include <string.h>

/* --- a line that grows ---
 *
 * Without printf(): that took more than all the rest of an exchange. */

struct line {
    char *at;
    char *end;
};

static void line_start(struct line *l, char out[MSGLOG_LINE_MAX])
{
    l->at = out;
    l->end = out + MSGLOG_LINE_MAX - 1; /* the table's line has a NUL */
}

/* What does not fit is cut off; no line is so long (the_longest_line_fits). */
static void put(struct line *l, const char *bytes, size_t len)
{
    size_t room = (size_t)(l->end - l->at);

    if (len > room)
        len = room;
    memcpy(l->at, bytes, len);
    l->at += len;
}

#define PUT(l, literal) put(l, literal, sizeof(literal) - 1)

static void put_spaces(struct line *l, size_t n)
{
    size_t room = (size_t)(l->end - l->at);

    if (n > room)
        n = room;
    memset(l->at, ' ', n);
    l->at += n;
}

/* With zeros before it where it has fewer digits. */
static void put_digits(struct line *l, uint64_t value, size_t digits)
{
    char text[20]; /* of UINT64_MAX */
    char *at = text + sizeof text;

    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || at > text + sizeof text - digits);
    put(l, at, (size_t)(text + sizeof text - at));
}

static void put_number(struct line *l, uint64_t value)
{
    put_digits(l, value, 1);
}

/* --- texts --- */

/* How many bytes of the request are to be shown. */
static size_t shown_of(const struct msglog_entry *e)
{
    const struct wwep_decoder *d = &e->request;
    size_t shown = d->len < WWEP_SEEN_MAX ? d->len : WWEP_SEEN_MAX;

    while (!wwep_reason_is_malformed(&e->reason) && shown > 0 &&
           (d->seen[shown - 1] == '\n' || d->seen[shown - 1] == '\r'))
        shown--;
    return shown;
}

/* As wwep_text_escape() has it. What has nothing to escape is copied. Returns
 * its length. */
static size_t escape(const uint8_t *bytes, size_t len, char *out, size_t cap)
{
    size_t n = 0;

    while (n < len && n + 1 < cap && bytes[n] != '\\' && bytes[n] >= ' ' &&
           bytes[n] <= '~') {
        out[n] = (char)bytes[n];
        n++;
    }
    return n + wwep_text_escape(bytes + n, len - n, out + n, cap - n);
}

static size_t request_text(const struct msglog_entry *e,
                           char out[MSGLOG_REQUEST_MAX])
{
    const struct wwep_decoder *d = &e->request;
    size_t len = escape(d->seen, shown_of(e), out, MSGLOG_REQUEST_MAX);
    struct wwep_text more;

    if (d->len <= WWEP_SEEN_MAX)
        return len;
    wwep_text_start(&more, out + len, MSGLOG_REQUEST_MAX - len);
    wwep_text_add(&more, "...(");
    wwep_text_add_number(&more, d->len);
    wwep_text_add(&more, " bytes)");
    return len + more.len;
}

static size_t identity_text(const struct msglog_entry *e,
                            char out[MSGLOG_IDENTITY_TEXT_MAX])
{
    return escape((const uint8_t *)e->identity, strlen(e->identity), out,
                  MSGLOG_IDENTITY_TEXT_MAX);
}

void msglog_request_text(const struct msglog_entry *e,
                         char out[MSGLOG_REQUEST_MAX])
{
    (void)request_text(e, out);
}

void msglog_identity_text(const struct msglog_entry *e,
                          char out[MSGLOG_IDENTITY_TEXT_MAX])
{
    (void)identity_text(e, out);
}

void msglog_reply_text(const struct msglog_entry *e,
                       char out[WWEP_ACCEPT_LEN + 1])
{
    memcpy(out, e->reply, e->reply_len);
    out[e->reply_len] = '\0';
}

/* --- the table --- */

static void put_left(struct line *l, const char *text, size_t len, size_t width)
{
    put(l, text, len);
    put_spaces(l, (len < width ? width - len : 0) + 1);
}

static void put_right(struct line *l, const char *text, size_t len,
                      size_t width)
{
    put_spaces(l, len < width ? width - len : 0);
    put(l, text, len);
    PUT(l, " ");
}

static void put_right_number(struct line *l, uint64_t value, size_t width)
{
    char text[20];
    struct line number = {.at = text, .end = text + sizeof text};

    put_number(&number, value);
    put_right(l, text, (size_t)(number.at - text), width);
}

/* The widths of the columns; two spaces before some. */
enum width {
    WIDTH_COUNT = 7,
    WIDTH_ADDRESS = 15,
    WIDTH_PORT = 5,
    WIDTH_TRANSPORT = 9,
    WIDTH_IDENTITY = 16,
    WIDTH_REQUEST = 13,
    WIDTH_REPLY = 13,
    WIDTH_US = 8
};

#define LEFT(l, literal, width) put_left(l, literal, sizeof(literal) - 1, width)
#define RIGHT(l, literal, width) \
    put_right(l, literal, sizeof(literal) - 1, width)

static size_t line_end(struct line *l, char out[MSGLOG_LINE_MAX])
{
    if (l->at == l->end)
        l->at--;
    *l->at++ = '\n';
    return (size_t)(l->at - out);
}

static size_t table_end(struct line *l, char out[MSGLOG_LINE_MAX])
{
    size_t len = line_end(l, out);

    out[len] = '\0';
    return len;
}

size_t msglog_format_header(char out[MSGLOG_LINE_MAX])
{
    struct line l;

    line_start(&l, out);
    RIGHT(&l, "plain", WIDTH_COUNT);
    RIGHT(&l, "secure", WIDTH_COUNT);
    PUT(&l, " ");
    LEFT(&l, "address", WIDTH_ADDRESS);
    RIGHT(&l, "port", WIDTH_PORT);
    PUT(&l, " ");
    LEFT(&l, "transport", WIDTH_TRANSPORT);
    LEFT(&l, "identity", WIDTH_IDENTITY);
    LEFT(&l, "request", WIDTH_REQUEST);
    LEFT(&l, "reply", WIDTH_REPLY);
    RIGHT(&l, "us", WIDTH_US);
    PUT(&l, " reason");
    return table_end(&l, out);
}

static void put_counts(struct line *l, const struct msglog_count *count,
                       bool secure)
{
    if (!secure)
        put_right_number(l, count->plain, WIDTH_COUNT);
    put_spaces(l, WIDTH_COUNT + 1);
    if (secure)
        put_right_number(l, count->secure, WIDTH_COUNT);
    PUT(l, " ");
}

size_t msglog_format_table(const struct msglog_entry *e,
                           const struct msglog_count *count,
                           char out[MSGLOG_LINE_MAX])
{
    char text[MSGLOG_IDENTITY_TEXT_MAX];
    char request[MSGLOG_REQUEST_MAX];
    bool secure = e->tls != NULL;
    struct line l;

    line_start(&l, out);
    put_counts(&l, count, secure);
    address_ip(&e->peer, text);
    put_left(&l, text, strlen(text), WIDTH_ADDRESS);
    put_right_number(&l, address_port(&e->peer), WIDTH_PORT);
    PUT(&l, " ");
    if (secure)
        put_left(&l, e->tls, strlen(e->tls), WIDTH_TRANSPORT);
    else
        LEFT(&l, "plain", WIDTH_TRANSPORT);
    if (e->identity[0] != '\0')
        put_left(&l, text, identity_text(e, text), WIDTH_IDENTITY);
    else
        LEFT(&l, "-", WIDTH_IDENTITY);
    put_left(&l, request, request_text(e, request), WIDTH_REQUEST);
    put_left(&l, (const char *)e->reply, e->reply_len, WIDTH_REPLY);
    put_right_number(&l, e->us, WIDTH_US);
    l.at--; /* nothing but a reason is behind it */
    if (e->reason.kind != WWEP_REASON_NONE) {
        PUT(&l, "  ");
        put(&l, text, wwep_reason_format(&e->reason, text));
    }
    return table_end(&l, out);
}

/* --- JSON --- */

/* RFC 3339, UTC, microseconds. */
static void put_time(struct line *l, const struct timespec *t)
{
    struct tm tm;

    gmtime_r(&t->tv_sec, &tm);
    put_digits(l, (uint64_t)tm.tm_year + 1900, 4);
    PUT(l, "-");
    put_digits(l, (uint64_t)tm.tm_mon + 1, 2);
    PUT(l, "-");
    put_digits(l, (uint64_t)tm.tm_mday, 2);
    PUT(l, "T");
    put_digits(l, (uint64_t)tm.tm_hour, 2);
    PUT(l, ":");
    put_digits(l, (uint64_t)tm.tm_min, 2);
    PUT(l, ":");
    put_digits(l, (uint64_t)tm.tm_sec, 2);
    PUT(l, ".");
    put_digits(l, (uint64_t)t->tv_nsec / 1000, 6);
    PUT(l, "Z");
}

/* All texts are printable by now, but for the name of a network card, perhaps,
 * behind an address. */
static void put_string(struct line *l, const char *text, size_t len)
{
    PUT(l, "\"");
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            PUT(l, "\\");
        if (text[i] >= ' ' && text[i] <= '~')
            put(l, &text[i], 1);
        else
            PUT(l, "?");
    }
    PUT(l, "\"");
}

static void put_string_or_null(struct line *l, const char *text, size_t len)
{
    if (text != NULL && len > 0)
        put_string(l, text, len);
    else
        PUT(l, "null");
}

static size_t len_of(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

/* Who it was. */
static void put_client(struct line *l, const struct msglog_entry *e)
{
    char text[MSGLOG_IDENTITY_TEXT_MAX];

    PUT(l, ",\"tls\":");
    put_string_or_null(l, e->tls, len_of(e->tls));
    PUT(l, ",\"cipher\":");
    put_string_or_null(l, e->cipher, len_of(e->cipher));
    PUT(l, ",\"resumed\":");
    if (e->resumed)
        PUT(l, "true");
    else
        PUT(l, "false");
    PUT(l, ",\"address\":");
    address_ip(&e->peer, text);
    put_string(l, text, strlen(text));
    PUT(l, ",\"port\":");
    put_number(l, address_port(&e->peer));
    PUT(l, ",\"identity\":");
    put_string_or_null(l, text, identity_text(e, text));
}

size_t msglog_format_json(const struct msglog_entry *e,
                          char out[MSGLOG_LINE_MAX])
{
    char request[MSGLOG_REQUEST_MAX];
    char reason[WWEP_REASON_MAX];
    struct line l;

    line_start(&l, out);
    PUT(&l, "{\"time\":\"");
    put_time(&l, &e->time);
    PUT(&l, "\",\"conn\":");
    put_number(&l, e->conn);
    PUT(&l, ",\"listener\":");
    put_string(&l, e->listener, strlen(e->listener));
    put_client(&l, e);
    PUT(&l, ",\"request\":");
    put_string(&l, request, request_text(e, request));
    PUT(&l, ",\"reply\":");
    put_string(&l, (const char *)e->reply, e->reply_len);
    PUT(&l, ",\"reason\":");
    put_string_or_null(&l, reason, wwep_reason_format(&e->reason, reason));
    PUT(&l, ",\"us\":");
    put_number(&l, e->us);
    PUT(&l, "}");
    return line_end(&l, out);
}
