/* fault_layer.c - between a server and its system, by LD_PRELOAD: the n-th call
 * of a kind fails, as a test says while the server runs; and the wall clock
 * jumps.
 *
 * WWEP_FAULT_PAGE  the file that both sides have mapped: a struct page
 *
 * The pieces of the C library call each other without us: what is meant is what
 * the server, libuv, wolfSSL, SQLite and the others call themselves. Memory is
 * the exception, the C library takes its own here, too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* wwep_fault.py has the same names, in the same order. */
/* clang-format off */
#define CALLS(X) \
    X(alloc) X(accept4) X(read) X(write) X(writev) X(sendmsg) X(recv) \
    X(epoll_create1) X(epoll_ctl) X(epoll_wait) X(eventfd) X(pipe2) \
    X(socket) X(bind) X(listen) X(getsockname) X(setsockopt) X(getsockopt) \
    X(shutdown) X(fcntl) X(ioctl) X(open) X(close) X(fstat) X(lseek) \
    X(ftruncate) X(fsync) X(fdatasync) X(pread64) X(pwrite64) X(getrandom) \
    X(mmap) X(pthread_create)
/* clang-format on */

enum call {
#define NAME(name) CALL_##name,
    CALLS(NAME)
#undef NAME
        N_CALLS
};

enum kind { ANY, SOCKET, REGULAR, OTHER };

struct slot {
    int32_t error;      /* errno; 0: none fails */
    int32_t kind;       /* of the file */
    int64_t first;      /* of the calls since it was armed: from 1 on */
    int64_t last;       /* and up to this one */
    atomic_llong count; /* of those calls */
    atomic_llong fired; /* how many of them failed */
};

struct page {
    atomic_llong live;    /* blocks of memory that have not been freed */
    atomic_llong clock_s; /* is added to the wall clock */
    atomic_llong reserved[6];
    struct slot slots[N_CALLS];
};

#define REAL(name)                 \
    static __typeof__(&name) real; \
    if (real == NULL)              \
    real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static struct page *the_page;

__attribute__((constructor)) static void map_page(void)
{
    const char *path = getenv("WWEP_FAULT_PAGE");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *at =
        mmap(NULL, sizeof *the_page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED)
        abort();
    unsetenv("WWEP_FAULT_PAGE");
    unsetenv("LD_PRELOAD"); /* not for those whom the server starts */
    the_page = at;
}

static bool is_of_kind(int fd, int kind)
{
    struct stat st;

    if (kind == ANY)
        return true;
    if (fstatat(fd, "", &st, AT_EMPTY_PATH) != 0)
        return false;
    int is = S_ISSOCK(st.st_mode)  ? SOCKET
             : S_ISREG(st.st_mode) ? REGULAR
                                   : OTHER;
    return is == kind;
}

/* Whether this call fails: then errno says why. */
static bool fails(enum call call, int fd)
{
    struct slot *s = the_page != NULL ? &the_page->slots[call] : NULL;

    if (s == NULL || !is_of_kind(fd, s->kind))
        return false;
    long long n = atomic_fetch_add(&s->count, 1) + 1;
    if (s->error == 0 || n < s->first || n > s->last)
        return false;
    atomic_fetch_add(&s->fired, 1);
    errno = s->error;
    return true;
}

/* --- memory --- */

static void *counted(void *p)
{
    if (p != NULL && the_page != NULL)
        atomic_fetch_add(&the_page->live, 1);
    return p;
}

void *malloc(size_t size)
{
    REAL(malloc);
    return fails(CALL_alloc, -1) ? NULL : counted(real(size));
}

/* dlsym() may ask for some, before it can say where that is. */
void *calloc(size_t n, size_t size)
{
    extern void *__libc_calloc(size_t, size_t);

    return fails(CALL_alloc, -1) ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *old, size_t size)
{
    REAL(realloc);
    if (fails(CALL_alloc, -1))
        return NULL;
    void *p = real(old, size);
    return old == NULL ? counted(p) : p;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    REAL(aligned_alloc);
    return fails(CALL_alloc, -1) ? NULL : counted(real(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    REAL(posix_memalign);
    if (fails(CALL_alloc, -1))
        return ENOMEM;
    int status = real(out, alignment, size);
    if (status == 0)
        (void)counted(*out);
    return status;
}

void free(void *p)
{
    REAL(free);
    if (p != NULL && the_page != NULL)
        atomic_fetch_sub(&the_page->live, 1);
    real(p);
}

/* --- calls of the system --- */

#define CALL(type, name, fd, params, args)                    \
    type name params                                          \
    {                                                         \
        REAL(name);                                           \
        return fails(CALL_##name, fd) ? (type)-1 : real args; \
    }

/* clang-format off */
CALL(int, accept4, fd, (int fd, struct sockaddr *a, socklen_t *n, int flags),
     (fd, a, n, flags))
CALL(ssize_t, read, fd, (int fd, void *buf, size_t n), (fd, buf, n))
CALL(ssize_t, write, fd, (int fd, const void *buf, size_t n), (fd, buf, n))
CALL(ssize_t, writev, fd, (int fd, const struct iovec *v, int n), (fd, v, n))
CALL(ssize_t, sendmsg, fd, (int fd, const struct msghdr *m, int flags),
     (fd, m, flags))
CALL(ssize_t, recv, fd, (int fd, void *buf, size_t n, int flags),
     (fd, buf, n, flags))
CALL(int, epoll_create1, -1, (int flags), (flags))
CALL(int, epoll_ctl, fd, (int epfd, int op, int fd, struct epoll_event *e),
     (epfd, op, fd, e))
CALL(int, eventfd, -1, (unsigned n, int flags), (n, flags))
CALL(int, pipe2, -1, (int fds[2], int flags), (fds, flags))
CALL(int, socket, -1, (int domain, int type, int protocol),
     (domain, type, protocol))
CALL(int, bind, fd, (int fd, const struct sockaddr *a, socklen_t n),
     (fd, a, n))
CALL(int, listen, fd, (int fd, int backlog), (fd, backlog))
CALL(int, getsockname, fd, (int fd, struct sockaddr *a, socklen_t *n),
     (fd, a, n))
CALL(int, setsockopt, fd,
     (int fd, int level, int name, const void *value, socklen_t n),
     (fd, level, name, value, n))
CALL(int, getsockopt, fd,
     (int fd, int level, int name, void *value, socklen_t *n),
     (fd, level, name, value, n))
CALL(int, shutdown, fd, (int fd, int how), (fd, how))
CALL(int, fstat, fd, (int fd, struct stat *st), (fd, st))
CALL(off_t, lseek, fd, (int fd, off_t offset, int from), (fd, offset, from))
CALL(int, ftruncate, fd, (int fd, off_t n), (fd, n))
CALL(int, fsync, fd, (int fd), (fd))
CALL(int, fdatasync, fd, (int fd), (fd))
CALL(ssize_t, pread64, fd, (int fd, void *buf, size_t n, off64_t at),
     (fd, buf, n, at))
CALL(ssize_t, pwrite64, fd, (int fd, const void *buf, size_t n, off64_t at),
     (fd, buf, n, at))
CALL(ssize_t, getrandom, -1, (void *buf, size_t n, unsigned flags),
     (buf, n, flags))
/* clang-format on */

/* The loops wait by any of the two. */
int epoll_wait(int fd, struct epoll_event *events, int n, int ms)
{
    REAL(epoll_wait);
    return fails(CALL_epoll_wait, fd) ? -1 : real(fd, events, n, ms);
}

int epoll_pwait(int fd, struct epoll_event *events, int n, int ms,
                const sigset_t *mask)
{
    REAL(epoll_pwait);
    return fails(CALL_epoll_wait, fd) ? -1 : real(fd, events, n, ms, mask);
}

/* It is closed, whatever it says. */
int close(int fd)
{
    REAL(close);
    bool failed = fails(CALL_close, fd);
    int error = errno;
    int status = real(fd);
    if (!failed)
        return status;
    errno = error;
    return -1;
}

static void *argument(va_list args)
{
    return va_arg(args, void *);
}

#define CALL_WITH_ARGUMENT(name, call, fd, params, first, second) \
    int name params                                               \
    {                                                             \
        va_list list;                                             \
        REAL(name);                                               \
        va_start(list, second);                                   \
        void *arg = argument(list);                               \
        va_end(list);                                             \
        return fails(call, fd) ? -1 : real(first, second, arg);   \
    }

CALL_WITH_ARGUMENT(fcntl, CALL_fcntl, fd, (int fd, int command, ...), fd,
                   command)
CALL_WITH_ARGUMENT(fcntl64, CALL_fcntl, fd, (int fd, int command, ...), fd,
                   command)
CALL_WITH_ARGUMENT(ioctl, CALL_ioctl, fd, (int fd, unsigned long command, ...),
                   fd, command)
CALL_WITH_ARGUMENT(open, CALL_open, -1, (const char *path, int flags, ...),
                   path, flags)
CALL_WITH_ARGUMENT(open64, CALL_open, -1, (const char *path, int flags, ...),
                   path, flags)

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset)
{
    REAL(mmap);
    return fails(CALL_mmap, -1) ? MAP_FAILED
                                : real(at, n, protection, flags, fd, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
                   void *(*run)(void *), void *arg)
{
    REAL(pthread_create);
    return fails(CALL_pthread_create, -1) ? errno
                                          : real(thread, attr, run, arg);
}

/* --- the wall clock --- */

static time_t jump(void)
{
    return the_page != NULL ? (time_t)atomic_load(&the_page->clock_s) : 0;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    REAL(clock_gettime);
    int status = real(id, ts);
    if (status == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        ts->tv_sec += jump();
    return status;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    REAL(gettimeofday);
    int status = real(tv, zone);
    if (status == 0)
        tv->tv_sec += jump();
    return status;
}

time_t time(time_t *out)
{
    REAL(time);
    time_t now = real(NULL) + jump();
    if (out != NULL)
        *out = now;
    return now;
}
