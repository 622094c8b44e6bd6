/* A client of wolfSSL 5.5 puts no session into the library's cache, which is
 * the whole process's, as long as nobody calls wolfSSL_get_session(). What is
 * kept here is a reference (get1) to the session of one link; to offer it
 * copies it. The cache's mode stays "on", as wolfSSL offers none without.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls_session.h"

#include "tls_story.h"
#include "tls_wolfssl.h"

#include <string.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/sha256.h>

#if defined(NO_SESSION_CACHE)

/* This build of the library resumes nothing: each handshake is a full one. */
void wwep_session_clear(struct wwep_session *slot)
{
    memset(slot, 0, sizeof *slot);
}

void wwep_tls_session_offer(struct wwep_tls_link *link)
{
    (void)link;
}

void wwep_tls_session_save(struct wwep_tls_link *link)
{
    (void)link;
}

#else

#define TICKET_MAX 4096u

void wwep_session_clear(struct wwep_session *slot)
{
    if (slot->session != NULL)
        wolfSSL_SESSION_free(slot->session);
    memset(slot, 0, sizeof *slot);
}

/* --- what a session is for ------------------------------------------------ */

static int hash_bytes(wc_Sha256 *hash, const void *bytes, size_t len)
{
    const uint32_t len32 = (uint32_t)len; /* so that "a","bc" is not "ab","c" */
    int status = wc_Sha256Update(hash, (const byte *)&len32, sizeof len32);

    return status == 0 && len > 0 ? wc_Sha256Update(hash, bytes, (word32)len)
                                  : status;
}

static int hash_text(wc_Sha256 *hash, const char *text)
{
    return text != NULL ? hash_bytes(hash, text, strlen(text))
                        : hash_bytes(hash, "", 0);
}

/* The server, and all that decides whether we trust it and what we are to it.
 * 0 if it can not be computed: it is then no session's. */
static uint64_t made_for(const struct wwep_tls_link *link)
{
    const struct wwep_tls_setup *setup = &link->setup;
    const struct wwep_tls_config *config = setup->config;
    const struct wwep_tls_leniency leniency = wwep_tls_leniency_of(setup);
    const uint16_t numbers[] = {setup->tcp_port,      (uint16_t)config->version,
                                config->max_fragment, link->verify,
                                leniency.dates,       leniency.signatures,
                                leniency.any_name,    leniency.optional};
    uint8_t digest[WC_SHA256_DIGEST_SIZE];
    uint64_t value = 0;
    wc_Sha256 hash;

    if (wc_InitSha256(&hash) != 0)
        return 0;
    if (hash_bytes(&hash, numbers, sizeof numbers) == 0 &&
        hash_text(&hash, setup->host) == 0 &&
        hash_text(&hash, config->name) == 0 &&
        hash_text(&hash, wwep_tls_peer_of(setup)) == 0 &&
        hash_bytes(&hash, config->roots.bytes, config->roots.len) == 0 &&
        hash_bytes(&hash, config->certificate.bytes, config->certificate.len) ==
            0 &&
        wc_Sha256Final(&hash, digest) == 0)
        memcpy(&value, digest, sizeof value);
    wc_Sha256Free(&hash);
    return value;
}

static bool is_good(const struct wwep_tls_link *link,
                    const struct wwep_session *slot)
{
    int64_t now = link->now >= 0 ? link->now : WWEP_BUILD_TIME;

    return slot->session != NULL && slot->made_for == link->made_for &&
           slot->verified == link->verify && now <= slot->not_after &&
           /* A board that has learned the time looks at the dates once. */
           (slot->dates_checked || link->now < 0);
}

/* --- to and fro ----------------------------------------------------------- */

void wwep_tls_session_offer(struct wwep_tls_link *link)
{
    struct wwep_session *slot = link->setup.config->session;

    if (slot == NULL || link->setup.role != WWEP_TLS_CLIENT)
        return;
    link->made_for = made_for(link);
#ifdef HAVE_SESSION_TICKET
    /* TLS 1.2 must ask for a ticket; without memory there is just none. */
    if (!wwep_tls_leniency_of(&link->setup).session_ids)
        (void)wolfSSL_UseSessionTicket(link->ssl);
#endif
    if (link->made_for == 0 || !is_good(link, slot) ||
        wolfSSL_set_session(link->ssl, slot->session) != WOLFSSL_SUCCESS)
        return;
    link->offered = true;
    link->offer_dates_checked = slot->dates_checked;
    link->offer_not_after = slot->not_after;
}

/* Whether there is something that the server would know again. */
static bool is_resumable(const struct wwep_tls_link *link)
{
#if defined(WOLFSSL_TLS13) && defined(HAVE_SESSION_TICKET)
    if (wolfSSL_version(link->ssl) == TLS1_3_VERSION) {
        word32 len = TICKET_MAX;
        byte *ticket = XMALLOC(len, NULL, DYNAMIC_TYPE_TMP_BUFFER);
        bool found = ticket != NULL &&
                     wolfSSL_get_SessionTicket(link->ssl, ticket, &len) ==
                         WOLFSSL_SUCCESS &&
                     len > 0;
        XFREE(ticket, NULL, DYNAMIC_TYPE_TMP_BUFFER);
        return found;
    }
#endif
    (void)link;
    return true;
}

void wwep_tls_session_save(struct wwep_tls_link *link)
{
    struct wwep_session *slot = link->setup.config->session;
    bool resumed = !link->leaf_seen;
    struct wwep_event event = {.kind = WWEP_EVENT_SESSION};

    if (slot == NULL || link->setup.role != WWEP_TLS_CLIENT ||
        link->made_for == 0 || link->broken || !is_resumable(link))
        return;
    WOLFSSL_SESSION *session = wolfSSL_get1_session(link->ssl);
    if (session == NULL)
        return;
    wwep_session_clear(slot);
    slot->session = session;
    slot->made_for = link->made_for;
    slot->verified = link->verify;
    slot->dates_checked = resumed ? link->offer_dates_checked : link->now >= 0;
    slot->not_after = resumed ? link->offer_not_after : link->not_after;
    wwep_tls_story_tell(link, &event);
}

#endif
