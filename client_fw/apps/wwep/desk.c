/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "desk.h"

#include "eavesdropper.h"
#include "trouble.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <wwep/course.h>

/* --- what the library tells ----------------------------------------------- */

static void on_event(void *ctx, const struct wwep_event *event)
{
    struct desk *desk = ctx;

    if (event->kind == WWEP_EVENT_SECRET) {
        keylog_write(&desk->keylog, event->text);
        return;
    }
    witness_event(&desk->witness, event);
    story_event(&desk->story, event);
}

static void on_log(void *ctx, enum wwep_log_level level, const char *text)
{
    struct desk *desk = ctx;

    if (level != WWEP_LOG_WARNING || strcmp(desk->warned, text) == 0)
        return;
    snprintf(desk->warned, sizeof desk->warned, "%s", text);
    complain("warning: %s", text);
}

/* --- making it ------------------------------------------------------------ */

static struct wwep_bytes bytes_of(const struct file *file)
{
    return (struct wwep_bytes){file->bytes, file->len};
}

static bool read_files(struct desk *desk)
{
    const struct wwep_options *o = desk->options;

    return (o->ca == NULL || file_read(&desk->ca, o->ca, "--ca")) &&
           (o->cert == NULL || file_read(&desk->cert, o->cert, "--cert")) &&
           (o->key == NULL || file_read(&desk->key, o->key, "--key"));
}

static int prepare_tls(struct desk *desk)
{
    const struct wwep_options *o = desk->options;

    if (!read_files(desk))
        return WWEP_EXIT_USAGE;
    if (o->keylog != NULL && !keylog_open(&desk->keylog, o->keylog))
        return WWEP_EXIT_USAGE;
    if (o->insecure)
        complain("warning: --insecure: the server's certificate is not "
                 "checked: whoever is on the way can play the server, read "
                 "all and change all; for demonstrations, never for more");
    desk->tls = (struct wwep_tls_config){
        .roots = bytes_of(&desk->ca),
        .unverified = o->insecure,
        .certificate = bytes_of(&desk->cert),
        .key = bytes_of(&desk->key),
        .name = o->name,
        .version = o->version,
        .session = &desk->session,
    };
    desk->config.tls = &desk->tls;
    return WWEP_EXIT_OK;
}

int desk_open(struct desk *desk, const struct wwep_options *options)
{
    int status = WWEP_EXIT_OK;

    memset(desk, 0, sizeof *desk);
    desk->options = options;
    desk->keylog.fd = -1;
    wwep_posix_init(&desk->posix, on_log, desk);
    story_init(&desk->story, options);
    witness_begin(&desk->witness);
    desk->observer = (struct wwep_observer){
        .ctx = desk,
        .event = on_event,
        .secrets = options->tls && options->keylog != NULL,
    };
    desk->config = (struct wwep_client_config){
        .port = &desk->posix.port,
        .host = options->host,
        .tcp_port = options_port(options),
        .timeout_ms = options->timeout_ms,
        .observer = &desk->observer,
    };
    if (strcasecmp(options->host, WWEP_COURSE_SERVER) == 0)
        desk->config.fallback = WWEP_COURSE_ADDRESS;
    if (options->tls)
        status = prepare_tls(desk);
    else if (options->keylog != NULL)
        complain("warning: --keylog: there are no secrets without TLS: add "
                 "--tls");
    if (status == WWEP_EXIT_OK &&
        wwep_client_init(&desk->client, &desk->config) != WWEP_OK) {
        complain("%s", wwep_result_text(WWEP_E_ARGUMENT));
        status = WWEP_EXIT_USAGE;
    }
    return status;
}

void desk_close(struct desk *desk)
{
    wwep_client_deinit(&desk->client);
    wwep_posix_deinit(&desk->posix);
    wwep_session_clear(&desk->session);
    keylog_close(&desk->keylog);
    file_free(&desk->ca);
    file_free(&desk->cert);
    file_free(&desk->key);
}

/* --- calls ---------------------------------------------------------------- */

static void begin(struct desk *desk, const struct wwep_request *request)
{
    if (request != NULL)
        desk->request = *request;
    witness_begin(&desk->witness);
    story_begin(&desk->story, request);
}

/* What the library warns of has no options to name. */
static int end(struct desk *desk, const struct wwep_outcome *outcome)
{
    const struct wwep_options *o = desk->options;

    if (outcome->security.tls && !outcome->security.verified && !o->insecure &&
        !desk->advised) {
        complain("give the class's root certificate with --ca, and the server "
                 "must prove who it is");
        desk->advised = true;
    }
    return trouble_exit(outcome);
}

int desk_write(struct desk *desk, uint16_t device, uint8_t reg, uint16_t value,
               struct wwep_outcome *outcome)
{
    const struct wwep_request request = {WWEP_WRITE, device, reg, value};

    begin(desk, &request);
    wwep_client_write(&desk->client, device, reg, value, outcome);
    return end(desk, outcome);
}

int desk_read(struct desk *desk, uint16_t device, uint8_t reg,
              struct wwep_outcome *outcome)
{
    const struct wwep_request request = {WWEP_READ, device, reg, 0};

    begin(desk, &request);
    wwep_client_read(&desk->client, device, reg, outcome);
    return end(desk, outcome);
}

int desk_connect(struct desk *desk, struct wwep_outcome *outcome)
{
    begin(desk, NULL);
    wwep_client_connect(&desk->client, outcome);
    return end(desk, outcome);
}

void desk_tell_eavesdropper(const struct desk *desk,
                            const struct wwep_outcome *outcome)
{
    if (desk->options->verbose)
        eavesdropper_tell(desk->options, &desk->witness, &outcome->security);
}
