/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit_wiced_tcp.h"

#include "port_table.h"
#include "unit.h"
#include "unit_socket.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

uint64_t unit_tcp_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void unit_tcp_sleep(uint32_t ms)
{
    (void)poll(NULL, 0, (int)ms);
}

void unit_tcp_start_on(const char *address)
{
    struct board_options options;

    board_options_init(&options);
    options.listen = address;
    options.ports[0] = (struct board_port){PLAIN, 0};
    options.ports[1] = (struct board_port){SECURE, 0};
    options.port_count = 2;
    board_start(&options);
    board_set_up(WICED_STA_INTERFACE, true);
}

void unit_tcp_start(void)
{
    unit_tcp_start_on("127.0.0.1");
}

/* --- sockets -------------------------------------------------------------- */

void unit_tcp_create(wiced_tcp_socket_t *socket)
{
    ck_assert_int_eq(wiced_tcp_create_socket(socket, WICED_STA_INTERFACE), 0);
    endpoint_set_times(socket, 60, 200, 100);
}

void unit_tcp_listen(wiced_tcp_socket_t *socket, uint16_t port)
{
    unit_tcp_create(socket);
    ck_assert_int_eq(wiced_tcp_listen(socket, port), 0);
}

void unit_tcp_listen_called(wiced_tcp_socket_t *socket,
                            wiced_tcp_socket_callback_t on_connect,
                            wiced_tcp_socket_callback_t on_receive,
                            wiced_tcp_socket_callback_t on_end, void *arg)
{
    unit_tcp_create(socket);
    ck_assert_int_eq(wiced_tcp_register_callbacks(socket, on_connect,
                                                  on_receive, on_end, arg),
                     0);
    ck_assert_int_eq(wiced_tcp_listen(socket, PLAIN), 0);
}

int unit_tcp_client(uint16_t port)
{
    uint16_t here = port_table_here(port);

    ck_assert_uint_ne(here, 0);
    return unit_connect(here, 0);
}

int unit_tcp_server(uint16_t *port, int backlog)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof v4;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&v4, len), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&v4, &len), 0);
    *port = ntohs(v4.sin_port);
    return fd;
}

int unit_tcp_server_accept(int server)
{
    const struct timeval deadline = {LONG_MS / 1000, 0};
    struct pollfd one = {.fd = server, .events = POLLIN};

    ck_assert_int_eq(poll(&one, 1, (int)LONG_MS), 1);
    int fd = accept(server, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline), 0);
    return fd;
}

int unit_tcp_connect(wiced_tcp_socket_t *socket, int server, uint16_t port)
{
    const wiced_ip_address_t to = unit_tcp_loopback();

    ck_assert_int_eq(wiced_tcp_connect(socket, &to, port, LONG_MS), 0);
    return unit_tcp_server_accept(server);
}

wiced_ip_address_t unit_tcp_loopback(void)
{
    wiced_ip_address_t address;

    SET_IPV4_ADDRESS(address, MAKE_IPV4_ADDRESS(127, 0, 0, 1));
    return address;
}

wiced_socket_state_t unit_tcp_state(wiced_tcp_socket_t *socket)
{
    wiced_socket_state_t state;

    ck_assert_int_eq(wiced_tcp_get_socket_state(socket, &state), 0);
    return state;
}

void unit_tcp_wait_state(wiced_tcp_socket_t *socket, wiced_socket_state_t state)
{
    uint64_t until_ms = unit_tcp_now_ms() + LONG_MS;

    while (unit_tcp_state(socket) != state) {
        ck_assert_uint_lt(unit_tcp_now_ms(), until_ms);
        unit_tcp_sleep(1);
    }
}

/* --- files ---------------------------------------------------------------- */

static rlim_t files_before;

static void allow_files(rlim_t n)
{
    struct rlimit limit;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    files_before = limit.rlim_cur;
    limit.rlim_cur = n;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

void unit_tcp_files_end(void)
{
    int next = dup(STDERR_FILENO);

    ck_assert_int_ge(next, 0);
    close(next);
    allow_files((rlim_t)next);
}

void unit_tcp_files_go_on(void)
{
    allow_files(files_before);
}

/* --- the console ---------------------------------------------------------- */

static FILE *said;
static int before = -1;

void unit_tcp_console_begin(void)
{
    said = tmpfile();
    ck_assert_ptr_nonnull(said);
    before = dup(STDERR_FILENO);
    ck_assert_int_ge(before, 0);
    ck_assert_int_ge(dup2(fileno(said), STDERR_FILENO), 0);
}

char *unit_tcp_console_end(void)
{
    char text[4096];

    fflush(stderr);
    ck_assert_int_ge(dup2(before, STDERR_FILENO), 0);
    close(before);
    rewind(said);
    size_t len = fread(text, 1, sizeof text - 1, said);
    text[len] = '\0';
    fclose(said);
    return strdup(text);
}

/* --- counts --------------------------------------------------------------- */

void unit_tcp_count_up(struct unit_tcp_count *count)
{
    pthread_mutex_lock(&count->lock);
    count->n++;
    pthread_cond_broadcast(&count->changed);
    pthread_mutex_unlock(&count->lock);
}

unsigned unit_tcp_count(struct unit_tcp_count *count)
{
    pthread_mutex_lock(&count->lock);
    unsigned n = count->n;
    pthread_mutex_unlock(&count->lock);
    return n;
}

void unit_tcp_count_wait(struct unit_tcp_count *count, unsigned n)
{
    struct timespec at;
    int error = 0;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += LONG_MS / 1000;
    pthread_mutex_lock(&count->lock);
    while (count->n < n && error == 0)
        error = pthread_cond_timedwait(&count->changed, &count->lock, &at);
    ck_assert_uint_ge(count->n, n);
    pthread_mutex_unlock(&count->lock);
}
