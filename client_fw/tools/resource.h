/* resource.h - a file that is to be built into the program: where it is, and
 * by which name the program has it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WWEP_TOOLS_RESOURCE_H
#define WWEP_TOOLS_RESOURCE_H

#include <stdbool.h>

enum resource_kind {
    RESOURCE_TEXT,   /* has a NUL behind it */
    RESOURCE_BINARY, /* has none */
    RESOURCE_OTHER   /* the SDK makes nothing of it */
};

struct resource {
    char *path;       /* absolute */
    char *identifier; /* resources_certificates_DIR_wwep_cert_pem */
    enum resource_kind kind;
};

/* Where files are looked for. Absolute; root may be NULL: there is none. */
struct resource_places {
    char *component;
    char *root;
};

enum resource_found { RESOURCE_FOUND, RESOURCE_MISSING, RESOURCE_NO_MEMORY };

/* Looks for the file first in the component's folder and then in the root's
 * resources/, and names it. Only with RESOURCE_FOUND does *out own texts. */
enum resource_found resource_find(struct resource *out,
                                  const struct resource_places *places,
                                  const char *path);
void resource_free(struct resource *resource);

#endif
