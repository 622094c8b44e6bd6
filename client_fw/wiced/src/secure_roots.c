/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secure_roots.h"

#include "board.h"
#include "secure_credentials.h"
#include "secure_note.h"
#include "secure_session.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct secure_roots {
    atomic_uint refs;
    uint8_t *der; /* one after another */
    size_t len;
};

/* The program's: the SDK knows no object that they could belong to. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct secure_roots *of_program;

struct secure_roots *secure_roots_take(struct secure_roots *roots)
{
    if (roots != NULL)
        atomic_fetch_add(&roots->refs, 1);
    return roots;
}

void secure_roots_drop(struct secure_roots *roots)
{
    if (roots == NULL || atomic_fetch_sub(&roots->refs, 1) != 1)
        return;
    free(roots->der);
    free(roots);
}

struct secure_roots *secure_roots_of_program(void)
{
    pthread_mutex_lock(&lock);
    struct secure_roots *roots = secure_roots_take(of_program);
    pthread_mutex_unlock(&lock);
    return roots;
}

static void replace(struct secure_roots *roots)
{
    pthread_mutex_lock(&lock);
    struct secure_roots *old = of_program;
    of_program = roots;
    pthread_mutex_unlock(&lock);
    secure_roots_drop(old);
}

struct wwep_bytes secure_roots_bytes(const struct secure_roots *roots)
{
    return roots != NULL ? (struct wwep_bytes){roots->der, roots->len}
                         : (struct wwep_bytes){NULL, 0};
}

/* What can be read, but not used, makes each handshake fail: to leave it out
 * might leave nothing, and then nobody would be verified. */
static void look_at(const struct secure_roots *roots)
{
    struct wwep_tls_config config = {.roots = secure_roots_bytes(roots)};
    struct secure_note note;
    struct wwep_fault fault;

    if (!secure_start())
        return;
    secure_note_init(&note);
    if (wwep_tls_check(&config, &note.posix.port, &fault) == WWEP_OK)
        return;
    if (board_options()->sdk_certificates &&
        (fault.kind == WWEP_FAULT_OUR_ROOT_EXPIRED ||
         fault.kind == WWEP_FAULT_OUR_ROOT_NOT_YET_VALID))
        return;
    secure_note_say(&note, "roots", &fault);
}

wiced_result_t secure_roots_read(const char *bytes, size_t len,
                                 struct secure_roots **out)
{
    struct wwep_fault fault = {.alert = -1};
    struct secure_roots *roots = calloc(1, sizeof *roots);

    *out = NULL;
    if (roots == NULL)
        return WICED_OUT_OF_HEAP_SPACE;
    atomic_init(&roots->refs, 1);
    fault.kind = secure_certificates_read(bytes, len, &roots->der, &roots->len);
    if (fault.kind != WWEP_FAULT_NONE) {
        secure_roots_drop(roots);
        if (fault.kind == WWEP_FAULT_NO_MEMORY)
            return WICED_OUT_OF_HEAP_SPACE;
        fault.kind = WWEP_FAULT_OUR_ROOT_BAD;
        secure_note_say(NULL, "roots", &fault);
        return WICED_ERROR;
    }
    look_at(roots);
    *out = roots;
    return WICED_SUCCESS;
}

wiced_result_t wiced_tls_init_root_ca_certificates(
    const char *trusted_ca_certificates, const uint32_t length)
{
    struct secure_roots *roots;

    if (trusted_ca_certificates == NULL || length == 0)
        return WICED_SUCCESS;
    wiced_result_t result =
        secure_roots_read(trusted_ca_certificates, length, &roots);
    replace(roots);
    return result;
}

wiced_result_t wiced_tls_deinit_root_ca_certificates(void)
{
    replace(NULL);
    return WICED_SUCCESS;
}
