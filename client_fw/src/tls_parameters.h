/* tls_parameters.h - the versions, suites, groups and extensions of a link.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TLS_PARAMETERS_H
#define WWEP_TLS_PARAMETERS_H

#include "tls_link_state.h"

/* Whether the library was built with this version. */
bool wwep_tls_parameters_has_version(enum wwep_tls_version version);

/* A context for the setup's role and version, that does not verify yet. NULL:
 * no memory. The caller frees it. */
struct WOLFSSL_CTX *wwep_tls_parameters_context(
    const struct wwep_tls_setup *setup);

/* Of a client's hello: the server's name, the longest fragment, the protocols.
 * WWEP_OK, _MEMORY; _ARGUMENT: this build can not ask for that. */
enum wwep_result wwep_tls_parameters_extensions(struct wwep_tls_link *link);

#endif
