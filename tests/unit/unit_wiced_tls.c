/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_wiced_tls.h"

#include "unit.h"
#include "unit_pki.h"
#include "unit_tls_link.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000u

void unit_two_board(enum wwep_tls_version version, bool sdk_certificates)
{
    struct board_options options;

    signal(SIGPIPE, SIG_IGN);
    board_options_init(&options);
    options.tls_version = version;
    options.sdk_certificates = sdk_certificates;
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}

/* --- connections ------------------------------------------------------------
 */

static void take(struct unit_end *end, int fd)
{
    ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    if (end->connection.fd >= 0)
        close(end->connection.fd);
    end->connection.fd = fd;
}

void unit_two_connect(struct unit_two *two)
{
    struct sockaddr_in here = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(bind(listener, (struct sockaddr *)&here, len), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&here, &len), 0);
    ck_assert_int_eq(connect(client, (struct sockaddr *)&here, len), 0);
    int server = accept(listener, NULL, NULL);
    ck_assert_int_ge(server, 0);
    close(listener);
    take(&two->client, client);
    take(&two->server, server);
}

static void init_end(struct unit_end *end, wiced_tls_endpoint_type_t type)
{
    memset(end, 0, sizeof *end);
    end->type = type;
    end->verification = WICED_TLS_DEFAULT_VERIFICATION;
    end->limits = (struct secure_limits){PATIENCE_MS, PATIENCE_MS};
    wwep_posix_init(&end->connection, NULL, NULL);
    ck_assert_int_eq(
        wiced_tls_init_context(&end->context, &end->identity, NULL), 0);
}

void unit_two_init(struct unit_two *two)
{
    init_end(&two->client, WICED_TLS_AS_CLIENT);
    init_end(&two->server, WICED_TLS_AS_SERVER);
    unit_two_connect(two);
}

static void deinit_end(struct unit_end *end)
{
    ck_assert_int_eq(wiced_tls_deinit_context(&end->context), 0);
    ck_assert_int_eq(wiced_tls_deinit_identity(&end->identity), 0);
    if (end->connection.fd >= 0)
        close(end->connection.fd);
}

void unit_two_deinit(struct unit_two *two)
{
    deinit_end(&two->client);
    deinit_end(&two->server);
}

/* --- handshakes -------------------------------------------------------------
 */

void unit_end_open(struct unit_end *end)
{
    end->opened =
        secure_open_within(&end->context, end->type, end->verification,
                           &end->connection, &end->limits);
    ck_assert_int_eq(secure_is_open(&end->context),
                     end->opened == WICED_SUCCESS);
    if (end->opened != WICED_SUCCESS)
        wwep_posix_deinit(&end->connection);
}

static void *end_main(void *arg)
{
    unit_end_open(arg);
    wwep_tls_thread_end();
    return NULL;
}

void unit_end_start(struct unit_end *end)
{
    ck_assert_int_eq(pthread_create(&end->thread, NULL, end_main, end), 0);
}

void unit_end_join(struct unit_end *end)
{
    ck_assert_int_eq(pthread_join(end->thread, NULL), 0);
}

bool unit_two_open(struct unit_two *two)
{
    unit_end_start(&two->server);
    unit_end_open(&two->client);
    unit_end_join(&two->server);
    return two->client.opened == WICED_SUCCESS &&
           two->server.opened == WICED_SUCCESS;
}

static bool talk(struct unit_end *from, struct unit_end *to, const char *text)
{
    uint8_t buf[64];
    size_t got;

    return secure_send(&from->context, (const uint8_t *)text, strlen(text),
                       PATIENCE_MS) == WICED_SUCCESS &&
           secure_recv(&to->context, buf, sizeof buf, PATIENCE_MS, &got) ==
               WICED_SUCCESS &&
           got == strlen(text) && memcmp(buf, text, got) == 0;
}

bool unit_two_talk(struct unit_two *two)
{
    return talk(&two->client, &two->server, "W0FAC050001") &&
           talk(&two->server, &two->client, "A0FAC050001");
}

/* --- who, and whom ----------------------------------------------------------
 */

static struct wwep_bytes file_of(const char *name, const char *suffix)
{
    char file[64];

    snprintf(file, sizeof file, "%s%s", name, suffix);
    return unit_near_file(file);
}

void unit_end_identity(struct unit_end *end, const char *name)
{
    struct wwep_bytes certificate = file_of(name, ".pem");
    struct wwep_bytes key = file_of(name, ".key");

    ck_assert_int_eq(
        wiced_tls_init_identity(&end->identity, (const char *)key.bytes,
                                (uint32_t)key.len, certificate.bytes,
                                (uint32_t)certificate.len),
        WICED_SUCCESS);
}

void unit_end_trust(struct unit_end *end, const char *file)
{
    struct wwep_bytes roots = unit_near_file(file);

    ck_assert_int_eq(
        wiced_tls_set_context_root_ca_certificates(
            &end->context, (const char *)roots.bytes, (uint32_t)roots.len),
        WICED_SUCCESS);
}

wiced_result_t unit_trust(const char *file)
{
    struct wwep_bytes roots = unit_near_file(file);

    return wiced_tls_init_root_ca_certificates((const char *)roots.bytes,
                                               (uint32_t)roots.len);
}

/* --- the console ------------------------------------------------------------
 */

static FILE *console; /* a test's own, as each is a process */
static int console_was;

void unit_console_begin(void)
{
    console = tmpfile();
    ck_assert_ptr_nonnull(console);
    fflush(stderr);
    console_was = dup(STDERR_FILENO);
    ck_assert_int_ge(dup2(fileno(console), STDERR_FILENO), 0);
}

const char *unit_console_end(void)
{
    static char text[16384];

    fflush(stderr);
    ck_assert_int_ge(dup2(console_was, STDERR_FILENO), 0);
    close(console_was);
    rewind(console);
    text[fread(text, 1, sizeof text - 1, console)] = '\0';
    fclose(console);
    return text;
}

unsigned unit_count(const char *text, const char *what)
{
    unsigned n = 0;

    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}
