/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "db_words.h"

#include "wwep_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)
#define AGO_MAX   INT64_C(100000000) /* of any unit: no overflow */

static bool take_hex(const char *word, size_t digits, int32_t *out)
{
    const char *text = strncasecmp(word, "0x", 2) == 0 ? word + 2 : word;

    if (strlen(text) != digits)
        return false;
    for (size_t i = 0; i < digits; i++)
        if (wwep_text_hex((uint8_t)text[i]) < 0)
            return false;
    *out = (int32_t)wwep_text_get_hex((const uint8_t *)text, digits);
    return true;
}

bool db_words_device(const char *word, int32_t *device)
{
    return take_hex(word, 4, device);
}

bool db_words_register(const char *word, int32_t *reg)
{
    return take_hex(word, 2, reg);
}

/* --- times --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* This many digits; *text goes behind them. */
static bool take_digits(const char **text, int n, int min, int max, int *out)
{
    int number = 0;

    for (int i = 0; i < n; i++) {
        if (!is_digit((*text)[i]))
            return false;
        number = number * 10 + ((*text)[i] - '0');
    }
    *text += n;
    *out = number;
    return number >= min && number <= max;
}

static bool take_char(const char **text, const char *chars)
{
    if (**text == '\0' || strchr(chars, **text) == NULL)
        return false;
    (*text)++;
    return true;
}

static bool take_date(const char **text, struct tm *tm)
{
    int year = 0;
    int month = 0;

    bool good = take_digits(text, 4, 1970, 9999, &year) &&
                take_char(text, "-") && take_digits(text, 2, 1, 12, &month) &&
                take_char(text, "-") &&
                take_digits(text, 2, 1, 31, &tm->tm_mday);
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    return good;
}

static bool take_fraction(const char **text, int64_t *us)
{
    int64_t unit = SECOND_US / 10;

    if (!is_digit(**text))
        return false;
    for (; is_digit(**text); (*text)++, unit /= 10)
        *us += unit * (**text - '0'); /* from the 7th on: nothing */
    return true;
}

static bool take_clock(const char **text, struct tm *tm, int64_t *us)
{
    if (!take_digits(text, 2, 0, 23, &tm->tm_hour) || !take_char(text, ":") ||
        !take_digits(text, 2, 0, 59, &tm->tm_min))
        return false;
    if (!take_char(text, ":"))
        return true;
    return take_digits(text, 2, 0, 59, &tm->tm_sec) &&
           (!take_char(text, ".,") || take_fraction(text, us));
}

/* Z, +01:00, -0130, or nothing, which is Z. */
static bool take_zone(const char **text, int64_t *offset_s)
{
    int hours;
    int minutes;
    int sign = **text == '-' ? -1 : 1;

    if (take_char(text, "Zz") || **text == '\0')
        return true;
    if (!take_char(text, "+-") || !take_digits(text, 2, 0, 23, &hours))
        return false;
    (void)take_char(text, ":");
    if (!take_digits(text, 2, 0, 59, &minutes))
        return false;
    *offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool take_moment(const char *word, int64_t *time_us)
{
    struct tm tm = {0};
    int64_t us = 0;
    int64_t offset_s = 0;

    if (!take_date(&word, &tm))
        return false;
    if (*word != '\0' &&
        (!take_char(&word, "Tt ") || !take_clock(&word, &tm, &us) ||
         !take_zone(&word, &offset_s)))
        return false;
    int day = tm.tm_mday;
    int64_t seconds = timegm(&tm);
    if (*word != '\0' || tm.tm_mday != day) /* there is no 31st of April */
        return false;
    *time_us = (seconds - offset_s) * SECOND_US + us;
    return true;
}

static bool take_ago(const char *word, int64_t now_us, int64_t *time_us)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    int64_t number = 0;

    if (!is_digit(*word))
        return false;
    for (; is_digit(*word) && number <= AGO_MAX; word++)
        number = number * 10 + (*word - '0');
    if (number > AGO_MAX)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (word[0] == units[i].letter && word[1] == '\0') {
            *time_us = now_us - number * units[i].seconds * SECOND_US;
            return true;
        }
    return false;
}

bool db_words_time(const char *word, int64_t now_us, int64_t *time_us)
{
    return take_moment(word, time_us) || take_ago(word, now_us, time_us);
}

void db_words_time_text(int64_t time_us, char out[DB_TIME_MAX])
{
    int64_t us = time_us % SECOND_US;
    time_t seconds = (time_t)(time_us / SECOND_US);
    struct tm tm;

    if (us < 0) {
        us += SECOND_US;
        seconds--;
    }
    if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 9999 - 1900 ||
        tm.tm_year < -1900) {
        snprintf(out, DB_TIME_MAX, "%lld", (long long)time_us);
        return;
    }
    size_t len = strftime(out, DB_TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, DB_TIME_MAX - len, ".%06dZ", (int)us);
}
