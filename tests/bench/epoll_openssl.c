/* epoll_openssl.c - the baseline of an exchange over TLS: WWEP on bare epoll
 * and OpenSSL as it comes.
 *
 *     epoll_openssl PORT CHAIN.pem KEY.pem [CLIENT_CA.pem]
 *
 * TLS 1.3 and 1.2; sessions are resumed by tickets and by ID, as OpenSSL's
 * defaults have it. With a client CA, who shows no certificate of it is sent
 * away.
 *
 * OpenSSL sees no socket: it reads from memory what one read() has brought, and
 * a flight, or the reply with all that goes before and behind it, is one
 * write(). That was measured to cost 5 % less than SSL_set_fd(). One pair of
 * buffers is enough for all: what OpenSSL has left unread in them is none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "responder.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct server {
    struct responder responder;
    SSL_CTX *context;
    BIO *in;            /* what has been read from a connection */
    BIO *out;           /* what is to be written to it */
    struct peer *peers; /* by their descriptors */
};

struct peer {
    SSL *ssl;
    struct wwep_decoder decoder;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "epoll_openssl: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(EXIT_FAILURE);
}

static SSL_CTX *make_context(int argc, char **argv)
{
    static const unsigned char id[] = "wwep";
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL ||
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_set_session_id_context(context, id, sizeof(id) - 1) != 1)
        die("the certificate");
    if (argc < 5)
        return context;
    if (SSL_CTX_load_verify_file(context, argv[4]) != 1)
        die("the client CA");
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(argv[4]));
    SSL_CTX_set_verify(context,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return context;
}

/* Puts what one read() brings where OpenSSL reads it. False: nothing has
 * come. */
static bool take(struct server *s, int fd)
{
    static uint8_t raw[16384];
    ssize_t got = read(fd, raw, sizeof(raw));

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    (void)BIO_reset(s->in);
    BIO_set_mem_eof_return(s->in, got > 0 ? -1 : 0); /* -1: more may come */
    if (got > 0 && BIO_write(s->in, raw, (int)got) != (int)got)
        die("memory");
    return true;
}

/* A few KiB always fit into the socket's buffer, and who is gone needs none. */
static void put(struct server *s, int fd)
{
    char *data;
    long len = BIO_get_mem_data(s->out, &data);

    if (len > 0 && write(fd, data, (size_t)len) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        perror("write");
    (void)BIO_reset(s->out);
}

/* Shakes hands and reads as far as what has come allows. True: the exchange has
 * come to its end. */
static bool proceed(struct server *s, struct peer *p)
{
    uint8_t in[64];
    uint8_t out[WWEP_REPLY_MAX];
    size_t len = 0;

    while (len == 0) {
        int got = SSL_read(p->ssl, in, sizeof(in));
        int error = got > 0 ? SSL_ERROR_NONE : SSL_get_error(p->ssl, got);

        if (error == SSL_ERROR_WANT_READ)
            return false;
        if (error != SSL_ERROR_NONE && error != SSL_ERROR_ZERO_RETURN)
            return true;
        if (got > 0)
            wwep_decoder_feed(&p->decoder, in, (size_t)got);
        len = responder_reply(&s->responder, &p->decoder, got <= 0, out);
        if (len == 0 && got <= 0)
            return true;
    }
    if (SSL_write(p->ssl, out, (int)len) > 0)
        (void)SSL_shutdown(p->ssl); /* says so, and waits for no answer */
    return true;
}

static void serve(struct server *s, int fd)
{
    struct peer *p = &s->peers[fd];
    bool ended;

    if (!take(s, fd))
        return;
    ended = proceed(s, p);
    put(s, fd);
    if (!ended)
        return;
    SSL_free(p->ssl);
    ERR_clear_error();
    close(fd);
}

static void accept_all(struct server *s)
{
    int fd;

    while ((fd = responder_accept(&s->responder)) >= 0) {
        struct peer *p = &s->peers[fd];

        wwep_decoder_init(&p->decoder);
        p->ssl = SSL_new(s->context);
        if (p->ssl == NULL || BIO_up_ref(s->in) != 1 || BIO_up_ref(s->out) != 1)
            die("a connection");
        SSL_set_bio(p->ssl, s->in, s->out);
        SSL_set_accept_state(p->ssl);
        responder_watch(&s->responder, fd);
    }
}

static void init(struct server *s, int argc, char **argv)
{
    s->context = make_context(argc, argv);
    responder_init(&s->responder, argv[1]);
    s->in = BIO_new(BIO_s_mem());
    s->out = BIO_new(BIO_s_mem());
    s->peers = calloc(s->responder.fd_limit, sizeof(*s->peers));
    if (s->in == NULL || s->out == NULL || s->peers == NULL)
        die("memory");
}

int main(int argc, char **argv)
{
    struct epoll_event events[RESPONDER_EVENTS];
    struct server s;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: epoll_openssl PORT CHAIN.pem KEY.pem"
                        " [CLIENT_CA.pem]\n");
        return EXIT_FAILURE;
    }
    init(&s, argc, argv);
    for (;;) {
        int count = epoll_wait(s.responder.epoll, events, RESPONDER_EVENTS, -1);

        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;

            if (fd < 0)
                accept_all(&s);
            else
                serve(&s, fd);
        }
    }
}
