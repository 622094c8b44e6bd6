/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include "host_port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_HOST       "localhost"
#define DEFAULT_TIMEOUT_MS 10000u
#define TIMEOUT_MAX_S      600.0
#define TIMEOUT_MIN_S      0.001

static bool put(char **where, const char *text,
                char problem[SETTINGS_PROBLEM_MAX])
{
    char *copy = strdup(text);

    if (text[0] == '\0' || copy == NULL) {
        snprintf(problem, SETTINGS_PROBLEM_MAX,
                 copy == NULL ? "no memory" : "is empty: leave it out");
        free(copy);
        return false;
    }
    free(*where);
    *where = copy;
    return true;
}

static bool set_host(struct wwep_options *o, const char *text,
                     char problem[SETTINGS_PROBLEM_MAX])
{
    char host[HOST_PORT_MAX];
    uint16_t port;

    if (!host_port_split(text, host, &port, problem, SETTINGS_PROBLEM_MAX) ||
        !put(&o->host, host, problem))
        return false;
    o->port = port;
    return true;
}

static bool set_tls(struct wwep_options *o, const char *text,
                    char problem[SETTINGS_PROBLEM_MAX])
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};

    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
            o->tls = strcasecmp(text, yes[i]) == 0;
            return true;
        }
    }
    snprintf(problem, SETTINGS_PROBLEM_MAX, "%.60s is neither yes nor no",
             text);
    return false;
}

static bool set_ca(struct wwep_options *o, const char *text,
                   char problem[SETTINGS_PROBLEM_MAX])
{
    return put(&o->ca, text, problem);
}

static bool set_cert(struct wwep_options *o, const char *text,
                     char problem[SETTINGS_PROBLEM_MAX])
{
    return put(&o->cert, text, problem);
}

static bool set_key(struct wwep_options *o, const char *text,
                    char problem[SETTINGS_PROBLEM_MAX])
{
    return put(&o->key, text, problem);
}

static bool set_name(struct wwep_options *o, const char *text,
                     char problem[SETTINGS_PROBLEM_MAX])
{
    return put(&o->name, text, problem);
}

static bool set_version(struct wwep_options *o, const char *text,
                        char problem[SETTINGS_PROBLEM_MAX])
{
    if (strcmp(text, "1.2") == 0)
        o->version = WWEP_TLS_1_2;
    else if (strcmp(text, "1.3") == 0)
        o->version = WWEP_TLS_1_3;
    else
        snprintf(problem, SETTINGS_PROBLEM_MAX,
                 "%.60s is no version of TLS that wwep speaks: write 1.2 or "
                 "1.3, or leave it out for the best that both sides can",
                 text);
    return problem[0] == '\0';
}

static bool set_timeout(struct wwep_options *o, const char *text,
                        char problem[SETTINGS_PROBLEM_MAX])
{
    char *end;
    double seconds = strtod(text, &end);

    /* Neither " 5", nor "0x5", nor "nan". */
    if (end == text || *end != '\0' ||
        text[strspn(text, "0123456789.")] != '\0') {
        snprintf(problem, SETTINGS_PROBLEM_MAX,
                 "%.60s is no number of seconds: write one such as 10 or 0.5",
                 text);
        return false;
    }
    if (seconds < TIMEOUT_MIN_S || seconds > TIMEOUT_MAX_S) {
        snprintf(problem, SETTINGS_PROBLEM_MAX,
                 "%.60s seconds are out of range: write 0.001 to 600", text);
        return false;
    }
    o->timeout_ms = (uint32_t)(seconds * 1000.0 + 0.5);
    return true;
}

const struct setting settings[] = {
    {"host", "WWEP_HOST", false, false, set_host},
    {"tls", "WWEP_TLS", false, false, set_tls},
    {"ca", "WWEP_CA", true, true, set_ca},
    {"cert", "WWEP_CERT", true, true, set_cert},
    {"key", "WWEP_KEY", true, true, set_key},
    {"name", "WWEP_NAME", false, true, set_name},
    {"tls-version", "WWEP_TLS_VERSION", false, true, set_version},
    {"timeout", "WWEP_TIMEOUT", false, false, set_timeout},
    {NULL, NULL, false, false, NULL}};

_Static_assert(sizeof settings / sizeof settings[0] <= OPTIONS_SETTINGS_MAX + 1,
               "each setting has its layer in struct wwep_options");

const struct setting *settings_find(const char *key)
{
    for (const struct setting *s = settings; s->key != NULL; s++)
        if (strcmp(s->key, key) == 0)
            return s;
    return NULL;
}

bool settings_take(struct wwep_options *o, const struct setting *setting,
                   const char *text, enum options_layer layer,
                   char problem[SETTINGS_PROBLEM_MAX])
{
    struct wwep_options scrap = {0};
    enum options_layer *has = &o->layers[setting - settings];
    bool wanted = layer >= *has;

    problem[0] = '\0';
    bool good = setting->set(wanted ? o : &scrap, text, problem);
    options_free(&scrap);
    if (good && wanted)
        *has = layer;
    return good;
}

/* TLS was asked for by name, or else by a setting that makes no sense without
 * it; of the two the higher layer decides. */
static void decide_tls(struct wwep_options *o)
{
    enum options_layer said = o->layers[settings_find("tls") - settings];
    enum options_layer meant = o->insecure ? LAYER_COMMAND : LAYER_NONE;

    for (size_t i = 0; settings[i].key != NULL; i++)
        if (settings[i].means_tls && o->layers[i] > meant)
            meant = o->layers[i];
    if (meant > said)
        o->tls = true;
}

bool settings_finish(struct wwep_options *o)
{
    decide_tls(o);
    if (o->timeout_ms == 0)
        o->timeout_ms = DEFAULT_TIMEOUT_MS;
    if (o->host == NULL)
        o->host = strdup(DEFAULT_HOST);
    return o->host != NULL;
}
