/* db_change.c - the verbs that change what is there: reset and restore.
 *
 * Happy path: the server that has the database is asked to do it, by its
 * control socket. Where there is none, nobody else has the database: it is done
 * right here, as the server would.
 * Failures: nothing has changed, and it is said why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_json.h"
#include "db_order.h"
#include "db_verbs.h"
#include "store_change.h"
#include "store_db.h"
#include "store_reader.h"
#include "wwep_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- what has been done --- */

#define SHOWN_MAX 8192u

static void tell(const struct db_options *o, const char *from,
                 uint64_t registers, const char *copy)
{
    char shown[SHOWN_MAX] = "";

    if (from != NULL)
        printf("%" PRIu64 " registers restored from ", registers);
    else if (o->device >= 0)
        printf("device %04X reset", (unsigned)o->device);
    else
        printf("every device reset");
    if (from != NULL)
        wwep_text_tame(from, shown, sizeof shown);
    printf("%s\n", shown);
    if (copy == NULL || *copy == '\0')
        return;
    wwep_text_tame(copy, shown, sizeof shown);
    printf("what there was before is in %s\n", shown);
}

/* --- with a server --- */

/* Returns DB_GO_ON where there is none. */
static int ask_server(const struct db_options *o, const char *from)
{
    struct db_reply reply;
    int status = DB_EXIT_CONTROL;

    if (o->control == NULL)
        return DB_GO_ON;
    char *line =
        db_json_order(from != NULL ? "restore" : "reset", o->device, from);
    if (line == NULL) {
        db_complain("%s: the path is no UTF-8: rename it",
                    from != NULL ? from : "order");
        return DB_EXIT_USAGE;
    }
    switch (db_order_send(o->control, line, &reply)) {
    case DB_ORDER_ANSWERED:
        if (reply.ok)
            tell(o, from, (uint64_t)reply.registers, reply.copy);
        else
            db_complain("%s",
                        reply.error != NULL ? reply.error : "it was refused");
        status = reply.ok ? DB_EXIT_OK : DB_EXIT_REFUSED;
        db_json_free(&reply);
        break;
    case DB_ORDER_NOBODY:
        status = DB_GO_ON;
        break;
    case DB_ORDER_FAILED:
        break;
    }
    free(line);
    return status;
}

/* --- without --- */

static int complain_open(const struct db_options *o, const char *error)
{
    if (strstr(error, "another wwepd is using it") == NULL)
        db_complain("%s", error);
    else if (o->control == NULL)
        db_complain("%s: a wwepd is using it: name its control socket by "
                    "--control SOCKET, or stop it",
                    o->db);
    else
        db_complain("%s: a wwepd is using it, and does not listen at %s: name "
                    "its control socket by --control SOCKET, or stop it",
                    o->db, o->control);
    return DB_EXIT_DATABASE;
}

/* Whether there is a database of ours: opening it to write would make one. */
static bool is_there(const struct db_options *o, char *error)
{
    struct store_reader *r = store_reader_open(o->db, error);

    store_reader_close(r);
    return r != NULL;
}

static int change_it(const struct db_options *o, const char *from)
{
    static struct store_change change;
    const struct store_bounds bounds = {.days = 0, .max_mb = 512};
    char error[STORE_ERROR_MAX];
    struct registers *registers = registers_new();

    if (registers == NULL) {
        db_complain("no memory");
        return DB_EXIT_FAILURE;
    }
    struct store_db *db =
        is_there(o, error)
            ? store_db_open(o->db, bounds, false, registers, error)
            : NULL;
    if (db == NULL) {
        registers_free(registers);
        return complain_open(o, error);
    }
    if (from != NULL)
        store_change_restore(&change, from);
    else
        store_change_reset(&change, o->device);
    bool done = store_change_run(&change, db, registers);
    store_db_close(db);
    registers_free(registers);
    if (done)
        tell(o, from, change.registers, change.copy);
    else
        db_complain("%s", change.error);
    return done ? DB_EXIT_OK : DB_EXIT_DATABASE;
}

static int change_anyhow(struct db_options *o, const char *from)
{
    int status = ask_server(o, from);

    if (status != DB_GO_ON)
        return status;
    if (o->db != NULL)
        return change_it(o, from);
    if (o->control != NULL)
        db_complain("%s: no server listens there: start wwepd, or name a "
                    "database by --db FILE",
                    o->control);
    else
        db_complain("there is neither a database nor a control socket: name "
                    "one by --db FILE or --control SOCKET");
    return DB_EXIT_CONTROL;
}

/* --- the verbs --- */

/* Returns DB_GO_ON or the exit code. */
static int ask_person(const struct db_options *o)
{
    char answer[16] = "";
    char device[32] = "every device";
    char shown[SHOWN_MAX] = "";

    if (o->yes)
        return DB_GO_ON;
    if (!isatty(STDIN_FILENO)) {
        db_complain("nobody is there to be asked: say --yes");
        return DB_EXIT_USAGE;
    }
    if (o->device >= 0)
        snprintf(device, sizeof device, "device %04X", (unsigned)o->device);
    if (o->db != NULL)
        wwep_text_tame(o->db, shown, sizeof shown);
    fprintf(stderr,
            "Reset %s%s%s: nothing has been written to it any more, and a copy "
            "is kept. Type yes to do it: ",
            device, o->db != NULL ? " in " : "", shown);
    if (fgets(answer, sizeof answer, stdin) != NULL) {
        answer[strcspn(answer, "\n")] = '\0';
        if (strcasecmp(answer, "yes") == 0)
            return DB_GO_ON;
    }
    db_complain("nothing has been changed");
    return DB_EXIT_REFUSED;
}

int db_reset(struct db_options *o, int argc, char **argv)
{
    if (!db_options_allow(o, argv[0], DB_DEVICE | DB_YES) ||
        !db_count_words(argc, argv, 0, 0, ""))
        return DB_EXIT_USAGE;
    int status = db_options_find(o, false);
    if (status == DB_GO_ON)
        status = ask_person(o);
    return status == DB_GO_ON ? change_anyhow(o, NULL) : status;
}

int db_restore(struct db_options *o, int argc, char **argv)
{
    if (!db_options_allow(o, argv[0], DB_YES) ||
        !db_count_words(argc, argv, 1, 1, "a copy of the database"))
        return DB_EXIT_USAGE;
    int status = db_options_find(o, false);
    if (status != DB_GO_ON)
        return status;
    char *from = realpath(argv[1], NULL); /* the server is in another folder */
    if (from == NULL) {
        db_complain("%s: %s: name a copy that is there", argv[1],
                    strerror(errno));
        return DB_EXIT_USAGE;
    }
    status = change_anyhow(o, from);
    free(from);
    return status;
}
