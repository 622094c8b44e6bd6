/* db_print.c - rows for people and for programs.
 *
 * What the server has written is fit for a terminal already; what somebody
 * else has is made so: in a table always, in CSV where that is on a terminal.
 * JSON escapes by itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_print.h"

#include "db_json.h"
#include "db_words.h"
#include "wwep_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CELL_MAX        4096u

#define MESSAGE_FORMAT  "%-27s  %-15s %5s  %-9s %-16s %-13s %-13s %8s%s%s\n"
#define WRITE_FORMAT    "%-27s  %-5s  %-15s  %s\n"
#define REGISTER_FORMAT "%-6s %-8s %-5s  %-27s  %s\n"

static bool is_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

/* One cell of a table: "-" where there is nothing. */
static const char *tame(const char *text, char out[CELL_MAX])
{
    wwep_text_tame(text != NULL && *text != '\0' ? text : "-", out, CELL_MAX);
    return out;
}

static void print_json(char *text)
{
    if (text != NULL)
        puts(text);
    else
        fputs("wwep-db: no memory for a row\n", stderr);
    free(text);
}

/* --- CSV, as in RFC 4180 --- */

/* A spreadsheet would compute it, and anybody may send a request. */
static bool is_formula(const char *text)
{
    return *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
}

static void print_cell(const char *text, const char *behind)
{
    char safe[CELL_MAX];

    if (text == NULL)
        text = "";
    if (is_terminal()) {
        wwep_text_tame(text, safe, sizeof safe);
        text = safe;
    }
    if (strpbrk(text, ",\"\r\n") == NULL) {
        printf("%s%s", is_formula(text) ? "'" : "", text);
    } else {
        fputs(is_formula(text) ? "\"'" : "\"", stdout);
        for (; *text != '\0'; text++) {
            if (*text == '"')
                putchar('"');
            putchar(*text);
        }
        putchar('"');
    }
    fputs(behind, stdout);
}

static void print_number(int64_t number)
{
    printf("%lld,", (long long)number);
}

static void print_message_csv(const struct store_message *m)
{
    char time[DB_TIME_MAX];
    char device[8] = "";
    char reg[8] = "";

    db_words_time_text(m->time_us, time);
    if (m->key >= 0) {
        snprintf(device, sizeof device, "%04X", (unsigned)(m->key >> 8));
        snprintf(reg, sizeof reg, "%02X", (unsigned)(m->key & 0xff));
    }
    print_number(m->id);
    print_cell(time, ",");
    print_number(m->connection);
    print_cell(m->listener, ",");
    print_cell(m->tls, ",");
    print_cell(m->cipher, ",");
    print_number(m->resumed);
    print_cell(m->address, ",");
    print_number(m->port);
    print_cell(m->identity, ",");
    print_cell(device, ",");
    print_cell(reg, ",");
    print_cell(m->request, ",");
    print_cell(m->reply, ",");
    print_cell(m->reason, ",");
    printf("%lld\r\n", (long long)m->us);
}

/* --- messages --- */

void db_print_message_names(enum db_format format)
{
    if (format == DB_CSV_ROWS)
        fputs("id,time,connection,listener,tls,cipher,resumed,address,port,"
              "identity,device,register,request,reply,reason,us\r\n",
              stdout);
    else if (format == DB_TABLE && is_terminal())
        printf(MESSAGE_FORMAT, "time", "address", "port", "transport",
               "identity", "request", "reply", "us", "  reason", "");
    else if (format == DB_WRITES && is_terminal())
        printf(WRITE_FORMAT, "time", "value", "address", "identity");
}

static void print_message_table(const struct store_message *m)
{
    char time[DB_TIME_MAX];
    char port[24];
    char us[24];
    char cells[6][CELL_MAX];
    const char *reason = m->reason != NULL ? m->reason : "";

    db_words_time_text(m->time_us, time);
    snprintf(port, sizeof port, "%lld", (long long)m->port);
    snprintf(us, sizeof us, "%lld", (long long)m->us);
    wwep_text_tame(reason, cells[5], CELL_MAX);
    printf(MESSAGE_FORMAT, time, tame(m->address, cells[0]), port,
           tame(m->tls != NULL ? m->tls : "plain", cells[1]),
           tame(m->identity, cells[2]), tame(m->request, cells[3]),
           tame(m->reply, cells[4]), us, *reason != '\0' ? "  " : "", cells[5]);
}

/* The reply to a write is A, the key's six digits, and the value's four. */
static void print_write(const struct store_message *m)
{
    char time[DB_TIME_MAX];
    char cells[3][CELL_MAX];
    const char *reply = m->reply != NULL ? m->reply : "";
    const char *value = strlen(reply) > 7 ? reply + 7 : reply;

    db_words_time_text(m->time_us, time);
    printf(WRITE_FORMAT, time, tame(value, cells[0]),
           tame(m->address, cells[1]), tame(m->identity, cells[2]));
}

void db_print_message(enum db_format format, const struct store_message *m)
{
    switch (format) {
    case DB_TABLE:
        print_message_table(m);
        break;
    case DB_WRITES:
        print_write(m);
        break;
    case DB_CSV_ROWS:
        print_message_csv(m);
        break;
    case DB_JSON_ROWS:
        print_json(db_json_message(m));
        break;
    }
}

/* --- registers --- */

void db_print_register_names(enum db_format format)
{
    if (format == DB_CSV_ROWS)
        fputs("device,register,value,time,who\r\n", stdout);
    else if (format == DB_TABLE && is_terminal())
        printf(REGISTER_FORMAT, "device", "register", "value", "time", "who");
}

void db_print_register(enum db_format format, const struct store_register *r)
{
    char device[8];
    char reg[8];
    char value[8];
    char time[DB_TIME_MAX];
    char who[CELL_MAX];

    if (format == DB_JSON_ROWS) {
        print_json(db_json_register(r));
        return;
    }
    snprintf(device, sizeof device, "%04X", r->key >> 8 & 0xffff);
    snprintf(reg, sizeof reg, "%02X", r->key & 0xff);
    snprintf(value, sizeof value, "%04X", (unsigned)r->value);
    db_words_time_text(r->time_us, time);
    if (format == DB_CSV_ROWS) {
        printf("%s,%s,%s,%s,", device, reg, value, time);
        print_cell(r->who, "\r\n");
    } else {
        printf(REGISTER_FORMAT, device, reg, value, time, tame(r->who, who));
    }
}
