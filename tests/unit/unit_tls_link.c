/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build_config.h"

#include "unit_tls_link.h"

#include "unit.h"
#include "unit_io.h"
#include "unit_pki.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define REPLY       "A00010100FF"

/* --- heap ------------------------------------------------------------------
 */

/* Each block has its size before it. */
union head {
    size_t len;
    max_align_t align;
};

static _Thread_local long heap_countdown = -1;
static _Thread_local bool heap_failed;
static _Thread_local bool heap_paused;
static _Thread_local size_t heap_now;
static _Thread_local size_t heap_top;

static void *on_malloc(size_t len)
{
    if (!heap_paused && heap_countdown == 0)
        heap_failed = true;
    if (!heap_paused && heap_countdown >= 0 && heap_countdown-- == 0)
        return NULL;
    union head *head = malloc(sizeof *head + len);
    if (head == NULL)
        return NULL;
    head->len = len;
    heap_now += len;
    if (heap_now > heap_top)
        heap_top = heap_now;
    return head + 1;
}

static void on_free(void *block)
{
    if (block == NULL)
        return;
    union head *head = (union head *)block - 1;
    heap_now -= head->len;
    free(head);
}

static void *on_realloc(void *block, size_t len)
{
    void *moved = on_malloc(len);

    if (moved != NULL && block != NULL) {
        size_t had = ((union head *)block - 1)->len;
        memcpy(moved, block, had < len ? had : len);
        on_free(block);
    }
    return moved;
}

void unit_heap_install(void)
{
    ck_assert_int_eq(wolfSSL_SetAllocators(on_malloc, on_free, on_realloc), 0);
}

void unit_heap_fail_at(long n)
{
    heap_countdown = n;
    heap_failed = false;
    heap_now = heap_top = 0;
}

void unit_heap_pause(bool paused)
{
    heap_paused = paused;
}

bool unit_heap_has_failed(void)
{
    return heap_failed;
}

size_t unit_heap_peak(void)
{
    return heap_top;
}

/* --- the near end ----------------------------------------------------------
 */

static int near_send(void *ctx, const uint8_t *buf, size_t len)
{
    struct unit_near *near = ctx;

    if (near->sent >= near->send_limit)
        return near->limit_error != 0 ? near->limit_error : WWEP_PORT_RESET;
    ssize_t n = send(near->fd, buf, len, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EPIPE || errno == ECONNRESET ? WWEP_PORT_RESET
                                                     : WWEP_PORT_FAILED;
    near->sent += (size_t)n;
    return (int)n;
}

static int near_recv(void *ctx, uint8_t *buf, size_t len)
{
    struct unit_near *near = ctx;
    struct pollfd pollfd = {.fd = near->fd, .events = POLLIN};
    size_t left = near->recv_limit - near->received;

    if (left == 0)
        return near->limit_error;
    if (near->recv_piece > 0 && len > near->recv_piece)
        len = near->recv_piece;
    if (len > left)
        len = left;
    if (poll(&pollfd, 1, PATIENCE_MS) != 1)
        return WWEP_PORT_TIMEOUT;
    ssize_t n = recv(near->fd, buf, len, 0);
    if (n < 0)
        return errno == ECONNRESET ? WWEP_PORT_RESET : WWEP_PORT_FAILED;
    near->received += (size_t)n;
    return (int)n;
}

static uint32_t near_elapsed_ms(void *ctx)
{
    (void)ctx;
    return 7;
}

static int near_entropy(void *ctx, uint8_t *out, size_t len)
{
    struct unit_near *near = ctx;

    if (near->entropy == 1)
        return WWEP_PORT_FAILED;
    if (near->entropy == 2)
        memset(out, 0x5A, len);
    else if (getrandom(out, len, 0) != (ssize_t)len)
        return WWEP_PORT_FAILED;
    return 0;
}

static int64_t near_clock(void *ctx)
{
    return ((struct unit_near *)ctx)->clock;
}

static void near_log(void *ctx, enum wwep_log_level level, const char *text)
{
    struct unit_near *near = ctx;
    size_t len = strlen(near->log);

    snprintf(near->log + len, sizeof near->log - len, "%c %s\n",
             level == WWEP_LOG_WARNING ? 'W' : 'I', text);
}

static void add(char *text, size_t cap, const char *line)
{
    size_t len = strlen(text);

    snprintf(text + len, cap - len, "%s\n", line);
}

static void near_event(void *ctx, const struct wwep_event *event)
{
    struct unit_near *near = ctx;
    const struct wwep_certificate *c = event->certificate;
    char line[1024] = "";

    switch (event->kind) {
    case WWEP_EVENT_HANDSHAKE:
        snprintf(line, sizeof line, "%s %s", event->outgoing ? "out" : "in",
                 event->text);
        break;
    case WWEP_EVENT_CERTIFICATE:
        snprintf(line, sizeof line, "certificate %u [%s] [%s] [%s] %s: %s",
                 c->depth, c->subject, c->issuer, c->names, c->key,
                 wwep_fault_text(c->fault.kind));
        break;
    case WWEP_EVENT_SECURED:
        snprintf(line, sizeof line, "secured %s", event->security->version);
        break;
    case WWEP_EVENT_TLS_FAILED:
        snprintf(line, sizeof line, "failed: %s",
                 wwep_fault_text(event->fault->kind));
        break;
    case WWEP_EVENT_SESSION:
        snprintf(line, sizeof line, "session");
        break;
    case WWEP_EVENT_RECORDS:
        snprintf(line, sizeof line, "%s records %zu",
                 event->outgoing ? "out" : "in", event->len);
        break;
    case WWEP_EVENT_SECRET:
        add(near->secrets, sizeof near->secrets, event->text);
        return;
    default:
        snprintf(line, sizeof line, "event %d", (int)event->kind);
    }
    add(near->story, sizeof near->story, line);
}

struct wwep_bytes unit_near_file(const char *name)
{
    static struct {
        char name[64];
        struct wwep_bytes bytes;
    } files[64];
    char path[4096];
    size_t i = 0;

    while (files[i].bytes.bytes != NULL && strcmp(files[i].name, name) != 0)
        ck_assert_uint_lt(++i, sizeof files / sizeof files[0]);
    if (files[i].bytes.bytes == NULL) {
        snprintf(files[i].name, sizeof files[i].name, "%s", name);
        snprintf(path, sizeof path, "%s/%s", unit_pki_folder, name);
        files[i].bytes.bytes =
            (const uint8_t *)unit_read(path, &files[i].bytes.len);
    }
    return files[i].bytes;
}

void unit_near_init(struct unit_near *near)
{
    memset(near, 0, sizeof *near);
    near->fd = -1;
    near->clock = time(NULL);
    near->recv_limit = near->send_limit = UNIT_NO_LIMIT;
    near->config.roots = unit_near_file("ca.pem");
    near->config.name = "wwep.example";
    near->port = (struct wwep_port){.ctx = near,
                                    .wall_clock = near_clock,
                                    .entropy = near_entropy,
                                    .log = near_log};
    near->carrier =
        (struct wwep_tls_carrier){near, near_send, near_recv, near_elapsed_ms};
    near->observer = (struct wwep_observer){near, near_event, false};
    near->setup = (struct wwep_tls_setup){.role = WWEP_TLS_CLIENT,
                                          .config = &near->config,
                                          .port = &near->port,
                                          .carrier = &near->carrier,
                                          .observer = &near->observer,
                                          .host = "192.0.2.1",
                                          .tcp_port = 40508};
}

enum wwep_result unit_near_open(struct unit_near *near)
{
    near->result =
        wwep_tls_link_open(&near->link, &near->setup, &near->security,
                           &near->fault, &near->port_error, &near->offered);
    ck_assert_int_eq(near->link != NULL, near->result == WWEP_OK);
    return near->result;
}

bool unit_near_exchange(struct unit_near *near)
{
    uint8_t buf[4096];
    size_t len = 0;
    int n = wwep_tls_link_send(near->link, (const uint8_t *)"R000101", 7,
                               &near->fault);

    if (n != 7)
        return false;
    do {
        n = wwep_tls_link_recv(near->link, buf, sizeof buf, &near->fault);
        len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    if (n < 0)
        near->port_error = n;
    return n == 0 && len >= sizeof REPLY - 1;
}

/* --- the far end -----------------------------------------------------------
 */

static void far_reply(struct unit_far *far, WOLFSSL *ssl)
{
    char buf[64];
    int n = wolfSSL_read(ssl, buf, sizeof buf);

    far->heard = n > 0 ? (size_t)n : 0;
    if (n <= 0)
        return;
    if (far->reply_len == 0) {
        (void)wolfSSL_write(ssl, REPLY, sizeof REPLY - 1);
    } else {
        char *reply = malloc(far->reply_len);
        memset(reply, 'A', far->reply_len);
        (void)wolfSSL_write(ssl, reply, (int)far->reply_len);
        free(reply);
    }
    if (!far->rude)
        (void)wolfSSL_shutdown(ssl);
}

static void far_wolfssl(struct unit_far *far)
{
    WOLFSSL *ssl = wolfSSL_new(far->ctx);

    if (ssl == NULL)
        return;
    wolfSSL_set_fd(ssl, far->fd);
    int status = wolfSSL_accept(ssl);
    if (status == WOLFSSL_SUCCESS)
        far_reply(far, ssl);
    else
        far->code = wolfSSL_get_error(ssl, status);
    wolfSSL_free(ssl);
}

static void far_link(struct unit_far *far)
{
    struct wwep_tls_link *link;
    int port_error;
    bool offered;
    uint8_t buf[64];

    far->code = wwep_tls_link_open(&link, far->link, &far->security,
                                   &far->fault, &port_error, &offered);
    if (far->code != WWEP_OK)
        return;
    int n = wwep_tls_link_recv(link, buf, sizeof buf, &far->fault);
    far->heard = n > 0 ? (size_t)n : 0;
    (void)wwep_tls_link_send(link, (const uint8_t *)REPLY, sizeof REPLY - 1,
                             &far->fault);
    wwep_tls_link_close(link);
}

static void far_says(struct unit_far *far)
{
    char buf[1024];
    ssize_t n = recv(far->fd, buf, sizeof buf, 0);

    far->heard = n > 0 ? (size_t)n : 0;
    (void)send(far->fd, far->says,
               far->says_len > 0 ? far->says_len : strlen(far->says),
               MSG_NOSIGNAL);
}

/* Reads what still comes, so that what was said is not lost with it. */
static void drain(int fd)
{
    char buf[1024];

    (void)shutdown(fd, SHUT_WR);
    while (recv(fd, buf, sizeof buf, 0) > 0)
        ;
    close(fd);
}

static void *far_main(void *arg)
{
    struct unit_far *far = arg;

    if (far->says != NULL)
        far_says(far);
    else if (far->link != NULL)
        far_link(far);
    else
        far_wolfssl(far);
    drain(far->fd);
    wwep_tls_thread_end();
    return NULL;
}

static void path_of(char path[4096], const char *name)
{
    snprintf(path, 4096, "%s/%s", unit_pki_folder, name);
}

static WOLFSSL_CTX *far_context(const struct unit_far *far)
{
    char path[4096];
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(
        far->method != NULL ? far->method() : wolfSSLv23_server_method());
    int mode = WOLFSSL_VERIFY_NONE;

    ck_assert_ptr_nonnull(ctx);
    if (far->der != NULL) {
        ck_assert_int_eq(
            wolfSSL_CTX_use_certificate_buffer(
                ctx, far->der, (long)far->der_len, WOLFSSL_FILETYPE_ASN1),
            WOLFSSL_SUCCESS);
    } else {
        path_of(path, far->certificate);
        ck_assert_int_eq(wolfSSL_CTX_use_certificate_chain_file(ctx, path),
                         WOLFSSL_SUCCESS);
    }
    path_of(path, far->key);
    ck_assert_int_eq(
        wolfSSL_CTX_use_PrivateKey_file(ctx, path, WOLFSSL_FILETYPE_PEM),
        WOLFSSL_SUCCESS);
    if (far->client_ca != NULL) {
        path_of(path, far->client_ca);
        ck_assert_int_eq(wolfSSL_CTX_load_verify_locations(ctx, path, NULL),
                         WOLFSSL_SUCCESS);
        mode = WOLFSSL_VERIFY_PEER |
               (far->demands ? WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    }
    wolfSSL_CTX_set_verify(ctx, mode, NULL);
    if (far->forgets) {
        wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
        wolfSSL_CTX_no_ticket_TLSv13(ctx);
        wolfSSL_CTX_NoTicketTLSv12(ctx);
    }
    return ctx;
}

void unit_far_start(struct unit_far *far, struct unit_near *near)
{
    int pair[2];

    signal(SIGPIPE, SIG_IGN); /* the far end may write when all is over */
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    near->fd = pair[0];
    far->fd = pair[1];
    near->sent = near->received = 0;
    near->story[0] = near->secrets[0] = near->log[0] = '\0';
    far->code = 0;
    far->heard = 0;
    if (far->says == NULL && far->link == NULL && far->ctx == NULL)
        far->ctx = far_context(far);
    ck_assert_int_eq(pthread_create(&far->thread, NULL, far_main, far), 0);
}

void unit_far_join(struct unit_far *far, struct unit_near *near)
{
    close(near->fd);
    ck_assert_int_eq(pthread_join(far->thread, NULL), 0);
}

void unit_far_free(struct unit_far *far)
{
    wolfSSL_CTX_free(far->ctx);
    far->ctx = NULL;
}

enum wwep_result unit_tls_link_run(struct unit_near *near, struct unit_far *far)
{
    unit_far_start(far, near);
    if (unit_near_open(near) == WWEP_OK) {
        if (!unit_near_exchange(near))
            near->result =
                near->fault.kind != WWEP_FAULT_NONE ? WWEP_E_TLS : WWEP_E_LOST;
        wwep_tls_link_save(near->link);
        wwep_tls_link_close(near->link);
    }
    unit_far_join(far, near);
    return near->result;
}

void unit_tls_link_expect(const struct wwep_fault *fault,
                          enum wwep_fault_kind kind)
{
    ck_assert_msg(fault->kind == kind, "%s (%d)", wwep_fault_text(fault->kind),
                  fault->code);
}
