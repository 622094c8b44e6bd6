/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store_copy.h"

#include "store_db_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define STEP_PAGES 512
#define ROOM_BYTES (16u << 20) /* that others need meanwhile */

struct store_copy {
    struct store_db *db;
    sqlite3 *to;
    sqlite3_backup *backup;
    int fd; /* of the copy, to have it on the disk */
    bool made;
    char path[STORE_COPY_PATH_MAX];
    char part[STORE_COPY_PATH_MAX];
};

static void refuse(const struct store_copy *c, const char *words, char *error)
{
    snprintf(error, STORE_ERROR_MAX, "%.512s: no copy can be made of it: %s",
             c->db->path, words);
}

static bool refuse_errno(const struct store_copy *c, int number, char *error)
{
    char words[256];

    snprintf(words, sizeof words, "%s: %s", strerror(number),
             number == ENOSPC || number == EDQUOT
                 ? "make room on the disk"
                 : "let this user write to its folder");
    refuse(c, words, error);
    return false;
}

static bool refuse_code(const struct store_copy *c, int code, char *error)
{
    if ((code & 0xff) == SQLITE_FULL)
        return refuse_errno(c, ENOSPC, error);
    refuse(c, sqlite3_errstr(code), error);
    return false;
}

/* The disk is not for us alone: that it is full would refuse writes. */
static bool has_room(const struct store_copy *c, char *error)
{
    struct statvfs fs;
    struct stat st;

    if (fstat(c->db->fd, &st) != 0 || fstatvfs(c->db->fd, &fs) != 0 ||
        (uint64_t)fs.f_bavail * fs.f_frsize > (uint64_t)st.st_size + ROOM_BYTES)
        return true; /* or nobody can tell: it will show */
    return refuse_errno(c, ENOSPC, error);
}

/* A name that nobody has; -1: errno. */
static int make_file(struct store_copy *c, const char *what, const char *stamp,
                     int number)
{
    char more[16] = "";

    if (number > 1) /* within one second */
        snprintf(more, sizeof more, "-%d", number);
    int len = snprintf(c->path, sizeof c->path, "%s.before-%s-%s%s",
                       c->db->file, what, stamp, more);
    if (len < 0 || (size_t)len + sizeof ".part" > sizeof c->part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(c->part, c->path, (size_t)len);
    memcpy(c->part + len, ".part", sizeof ".part");
    if (access(c->path, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return open(c->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
}

static bool make_name(struct store_copy *c, const char *what, char *error)
{
    char stamp[32];
    struct tm tm;
    time_t now = time(NULL);

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
    for (int i = 1; i < 100 && c->fd < 0; i++) {
        c->fd = make_file(c, what, stamp, i);
        if (c->fd < 0 && errno != EEXIST)
            break;
    }
    c->made = c->fd >= 0;
    return c->made || refuse_errno(c, errno, error);
}

static bool open_copy(struct store_copy *c, char *error)
{
    struct stat st;
    struct stat own;

    /* Root's copy is the server's, as the database is; and it is for whom that
     * is for. */
    if (fstat(c->db->fd, &st) != 0 ||
        (geteuid() == 0 && fchown(c->fd, st.st_uid, st.st_gid) != 0) ||
        fstat(c->fd, &own) != 0 ||
        fchmod(c->fd, st.st_mode & (own.st_gid == st.st_gid ? 0777 : 0700)) !=
            0)
        return refuse_errno(c, errno, error);
    int code = sqlite3_open_v2(
        c->part, &c->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->to,
                            "PRAGMA journal_mode = OFF;"
                            "PRAGMA synchronous = OFF",
                            NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return refuse_code(c, code, error);
    c->backup = sqlite3_backup_init(c->to, "main", c->db->sqlite, "main");
    return c->backup != NULL ||
           refuse_code(c, sqlite3_extended_errcode(c->to), error);
}

struct store_copy *store_copy_begin(struct store_db *db, const char *what,
                                    char error[STORE_ERROR_MAX])
{
    struct store_copy *c = calloc(1, sizeof *c);

    if (c == NULL) {
        snprintf(error, STORE_ERROR_MAX, "no memory for a copy");
        return NULL;
    }
    c->db = db;
    c->fd = -1;
    if (has_room(c, error) && make_name(c, what, error) && open_copy(c, error))
        return c;
    store_copy_free(c);
    return NULL;
}

static int finish_backup(struct store_copy *c)
{
    int code = sqlite3_backup_finish(c->backup);

    c->backup = NULL;
    return code;
}

static int close_copy(struct store_copy *c)
{
    int code = sqlite3_close(c->to);

    c->to = NULL;
    return code;
}

/* One file that can be put anywhere, and needs no log beside it to be read. */
static int leave_log(struct store_copy *c)
{
    int code = close_copy(c);

    if (code == SQLITE_OK)
        code = sqlite3_open_v2(
            c->part, &c->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->to, "PRAGMA journal_mode = DELETE", NULL, NULL,
                            NULL);
    return code == SQLITE_OK ? close_copy(c) : code;
}

static bool finish(struct store_copy *c, char *out, char *error)
{
    int code = finish_backup(c);

    if (code == SQLITE_OK)
        code = leave_log(c);
    if (code != SQLITE_OK)
        return refuse_code(c, code, error);
    if (fsync(c->fd) != 0 || rename(c->part, c->path) != 0)
        return refuse_errno(c, errno, error);
    c->made = false; /* it stays */
    if (store_file_sync_folder(c->path) != 0)
        return refuse_errno(c, errno, error);
    snprintf(out, STORE_COPY_PATH_MAX, "%s", c->path);
    return true;
}

enum store_copy_state store_copy_step(struct store_copy *c,
                                      char out[STORE_COPY_PATH_MAX],
                                      char error[STORE_ERROR_MAX])
{
    int code = sqlite3_backup_step(c->backup, STEP_PAGES);

    if (code == SQLITE_DONE)
        return finish(c, out, error) ? STORE_COPY_DONE : STORE_COPY_FAILED;
    if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
        refuse_code(c, code, error);
        return STORE_COPY_FAILED;
    }
    /* In pieces: all of it at the end would hold up the writes. */
    if (fdatasync(c->fd) == 0)
        return STORE_COPY_MORE;
    refuse_errno(c, errno, error);
    return STORE_COPY_FAILED;
}

void store_copy_free(struct store_copy *c)
{
    if (c == NULL)
        return;
    if (c->backup != NULL)
        finish_backup(c);
    if (c->to != NULL)
        close_copy(c);
    if (c->made)
        unlink(c->part);
    if (c->fd >= 0)
        close(c->fd);
    free(c);
}
