/* The lock of stdout's FILE is held around each line of ours: stdio holds it
 * for the whole of a printf(), which may come to us in several pieces. It is
 * taken first, and then our own, as in a printf().
 *
 * What lasts is the stream that took stdout's place, and where its line is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "console.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048u
#define ESCAPED_MAX    4u /* "\x1B" */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *stream;  /* NULL: not started */
static bool mid_line; /* the program's last line has not ended */
static bool shared;   /* standard error goes where standard output goes */

/* --- with the lock held --------------------------------------------------- */

/* All of it, or what the far end takes of it. */
static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n >= 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            /* Somebody else has made the terminal so. */
            struct pollfd one = {.fd = fd, .events = POLLOUT};

            (void)poll(&one, 1, -1);
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* A CR alone neither begins a line nor ends one. */
static void put(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != '\r')
            mid_line = bytes[i] != '\n';
    write_all(STDOUT_FILENO, bytes, len);
}

/* Control characters of ASCII, and U+0080 to U+009F, each byte of them. */
static bool drives_terminal(const char *at, const char *begin)
{
    unsigned char before = at > begin ? (unsigned char)at[-1] : 0;
    unsigned char byte = (unsigned char)at[0];
    unsigned char next = (unsigned char)at[1];

    return byte < 0x20 || byte == 0x7F ||
           (byte == 0xC2 && next >= 0x80 && next <= 0x9F) ||
           (before == 0xC2 && byte >= 0x80 && byte <= 0x9F);
}

/* Writes the whole line in one call, so that no other process gets into it. */
static void put_line(int fd, const char *before, const char *text)
{
    char line[LINE_MAX_BYTES];
    size_t len = 0;

    if (mid_line && (fd == STDOUT_FILENO || shared)) {
        line[len++] = '\n';
        mid_line = false;
    }
    len += (size_t)snprintf(line + len, sizeof line - len, "%s", before);
    for (const char *at = text;
         *at != '\0' && len + ESCAPED_MAX + 1 < sizeof line; at++) {
        if (drives_terminal(at, text))
            len += (size_t)snprintf(line + len, sizeof line - len, "\\x%02X",
                                    (unsigned)(unsigned char)*at);
        else
            line[len++] = *at;
    }
    line[len++] = '\n';
    write_all(fd, line, len);
}

/* -------------------------------------------------------------------------- */

static void enter(void)
{
    flockfile(stdout);
    pthread_mutex_lock(&lock);
}

static void leave(void)
{
    pthread_mutex_unlock(&lock);
    funlockfile(stdout);
}

static ssize_t on_write(void *cookie, const char *bytes, size_t len)
{
    (void)cookie;
    pthread_mutex_lock(&lock);
    put(bytes, len);
    pthread_mutex_unlock(&lock);
    return (ssize_t)len;
}

static bool same_file(int a, int b)
{
    struct stat of_a;
    struct stat of_b;

    return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 &&
           of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

bool console_start(void)
{
    const cookie_io_functions_t functions = {.write = on_write};

    stream = fopencookie(NULL, "w", functions);
    if (stream == NULL)
        return false;
    (void)setvbuf(stream, NULL, _IONBF, 0);
    (void)fflush(stdout);
    stdout = stream;
    shared = same_file(STDOUT_FILENO, STDERR_FILENO);
    return true;
}

void console_say(const char *text)
{
    enter();
    put_line(STDERR_FILENO, "wwep-wiced: ", text);
    leave();
}

void console_show(const char *text)
{
    enter();
    put_line(STDOUT_FILENO, "", text);
    leave();
}

void console_put(const void *bytes, size_t len)
{
    enter();
    put(bytes, len);
    leave();
}
