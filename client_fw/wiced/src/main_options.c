/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "main_options.h"

#include "main_words.h"
#include "wwep_near.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wwep/dct.h>

#define WRONG_USE 2

enum {
    OPTION_SERVER = 256,
    OPTION_PORT,
    OPTION_MAC,
    OPTION_LISTEN,
    OPTION_DCT,
    OPTION_SDK_CERTIFICATES,
    OPTION_TLS,
    OPTION_CONSOLE,
    OPTION_FOR
};

static const struct option longs[] = {
    {"server", required_argument, NULL, OPTION_SERVER},
    {"port", required_argument, NULL, OPTION_PORT},
    {"mac", required_argument, NULL, OPTION_MAC},
    {"listen", required_argument, NULL, OPTION_LISTEN},
    {"dct", required_argument, NULL, OPTION_DCT},
    {"sdk-certificates", no_argument, NULL, OPTION_SDK_CERTIFICATES},
    {"tls", required_argument, NULL, OPTION_TLS},
    {"console", no_argument, NULL, OPTION_CONSOLE},
    {"for", required_argument, NULL, OPTION_FOR},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0}};

static const char help[] =
    "A program of the WW101 course, on this machine in place of a board.\n"
    "\n"
    "  --server HOST       where wwep.ww101.cypress.com and 198.51.100.3 are\n"
    "                      [WWEP_SERVER, WWEP_HOST, or 127.0.0.1]\n"
    "  --port PLAIN=N,TLS=M\n"
    "                      where ports 27708 and 40508 are; other ports by\n"
    "                      their number: 80=8080; 0: any, for a server\n"
    "  --mac M             the board's MAC address [this machine's]\n"
    "  --listen ADDRESS    where servers listen [127.0.0.1]\n"
    "  --dct FILE          the image of wwep-dct [the program's name and "
    ".dct,\n"
    "                      beside it, if it is there]\n"
    "  --sdk-certificates  as the SDK: no dates, and SHA-1\n"
    "  --tls 1.2|1.3|any   the version of TLS [1.2, as the SDK]\n"
    "  --console           all keys go to the console, none is a button\n"
    "  --for SECONDS       power off after that time\n"
    "  --help, --version   print this; print the version\n"
    "\n"
    "Keys: 1 and 2 press WICED_BUTTON1 and WICED_BUTTON2; all others go to "
    "the\n"
    "program's console. Ctrl-V before a key sends that one to the console as "
    "it\n"
    "is. Ctrl-C powers off. Keys may come from a pipe, too; the program goes "
    "on\n"
    "when they end. See wwep-wiced(1).\n";

/* --- the image ------------------------------------------------------------ */

static bool complain_image(const char *path, const char *what, const char *todo)
{
    board_say("%s: %s: %s", path, what, todo);
    return false;
}

/* Up to one byte more than an image has. -1: errno says why. */
static ssize_t read_all(int fd, uint8_t bytes[WWEP_DCT_LEN + 1])
{
    size_t len = 0;

    while (len <= WWEP_DCT_LEN) {
        ssize_t n = read(fd, bytes + len, WWEP_DCT_LEN + 1 - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

static bool take_image(struct main_options *o, int fd, const char *path)
{
    uint8_t bytes[WWEP_DCT_LEN + 1];
    struct wwep_dct dct = {{NULL, 0}, {NULL, 0}};
    struct stat info;
    ssize_t len = fstat(fd, &info) == 0 ? read_all(fd, bytes) : -1;

    if (len < 0)
        return complain_image(path, strerror(errno),
                              "make it a file that you may read");

    enum wwep_dct_result result = wwep_dct_read(&dct, bytes, (size_t)len);
    if (result == WWEP_DCT_OK) {
        memcpy(o->board.dct, bytes, WWEP_DCT_LEN);
        o->board.has_dct = true;
        o->dct_readable = dct.private_key.bytes != NULL &&
                          (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
        (void)snprintf(o->dct, sizeof o->dct, "%s", path);
    }
    explicit_bzero(bytes, sizeof bytes);
    if (result != WWEP_DCT_OK)
        return complain_image(path, wwep_dct_result_text(result),
                              "make one with wwep-dct");
    return true;
}

/* path: --dct; NULL: the one beside the program, which may be missing. */
static bool read_image(struct main_options *o, const char *path,
                       const char *program)
{
    char beside[MAIN_OPTIONS_PATH_MAX];
    bool is_own = path == NULL;

    if (is_own) {
        if (program == NULL || snprintf(beside, sizeof beside, "%s.dct",
                                        program) >= (int)sizeof beside)
            return true;
        path = beside;
    }

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && is_own && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (fd < 0)
        return complain_image(path, strerror(errno),
                              "make it a file that you may read");
    bool good = take_image(o, fd, path);
    close(fd);
    return good;
}

/* --- the command line ----------------------------------------------------- */

struct call {
    struct main_options *o;
    const char *name; /* of the program */
    const char *dct;  /* --dct */
    bool has_server;
};

static int complain_unknown(const char *word)
{
    char name[64];
    struct wwep_near near;

    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    wwep_near_start(&near, name + strspn(name, "-"));
    for (const struct option *l = longs; l->name != NULL; l++)
        wwep_near_offer(&near, l->name);
    if (near.best != NULL && strncmp(word, "--", 2) == 0)
        board_say("there is no option %s: did you mean --%s?", name, near.best);
    else
        board_say("there is no option %s: --help lists them", name);
    return WRONG_USE;
}

static int say_version(const struct call *call)
{
    printf("%s, on wwep-wiced %s\n", call->name, PACKAGE_VERSION);
    return EXIT_SUCCESS;
}

static int say_help(const struct call *call)
{
    printf("usage: %s [OPTION...]\n\n%s", call->name, help);
    return EXIT_SUCCESS;
}

static int good(bool taken)
{
    return taken ? MAIN_OPTIONS_GO_ON : WRONG_USE;
}

static int take_option(struct call *call, int option, char *text,
                       const char *word)
{
    struct main_options *o = call->o;

    switch (option) {
    case OPTION_SERVER:
        call->has_server = true;
        return good(main_words_host("--server", text, o->host, sizeof o->host));
    case OPTION_PORT:
        return good(main_words_ports(text, &o->board));
    case OPTION_MAC:
        return good(main_words_mac(text, &o->board.mac));
    case OPTION_LISTEN:
        o->board.listen = text;
        return good(main_words_listen(text));
    case OPTION_DCT:
        call->dct = text;
        return MAIN_OPTIONS_GO_ON;
    case OPTION_SDK_CERTIFICATES:
        o->board.sdk_certificates = true;
        return MAIN_OPTIONS_GO_ON;
    case OPTION_TLS:
        return good(main_words_tls(text, &o->board.tls_version));
    case OPTION_CONSOLE:
        o->console = true;
        return MAIN_OPTIONS_GO_ON;
    case OPTION_FOR:
        return good(main_words_seconds(text, &o->for_ms));
    case 'h':
        return say_help(call);
    case 'V':
        return say_version(call);
    case ':':
        board_say("%s wants a value behind it: see --help", word);
        return WRONG_USE;
    default:
        return complain_unknown(word);
    }
}

static int parse_command(struct call *call, int argc, char **argv)
{
    optind = 0; /* reads the "+" anew */
    opterr = 0;
    for (;;) {
        const char *word = argv[optind > 0 ? optind : 1];
        int option = getopt_long(argc, argv, "+:hV", longs, NULL);

        if (option == -1)
            break;
        int status = take_option(call, option, optarg, word);
        if (status != MAIN_OPTIONS_GO_ON)
            return status;
    }
    if (optind >= argc)
        return MAIN_OPTIONS_GO_ON;
    board_say("%s: the program has no words, but options: --help lists them",
              argv[optind]);
    return WRONG_USE;
}

/* What the wwep tool is told by its WWEP_HOST serves here, too; its port is
 * of one scheme alone, and is left out. */
static bool take_environment(struct main_options *o)
{
    const char *server = getenv("WWEP_SERVER");
    const char *host = getenv("WWEP_HOST");
    char text[MAIN_OPTIONS_HOST_MAX + 8];

    if (server != NULL && server[0] != '\0')
        return main_words_host("WWEP_SERVER in the environment", server,
                               o->host, sizeof o->host);
    if (host == NULL || host[0] == '\0')
        return true;
    (void)snprintf(text, sizeof text, "%s", host);
    char *colon = strrchr(text, ':');
    if (colon != NULL && (colon == strchr(text, ':') || colon[-1] == ']'))
        *colon = '\0';
    return main_words_host("WWEP_HOST in the environment", text, o->host,
                           sizeof o->host);
}

int main_options_parse(struct main_options *o, int argc, char **argv,
                       const char *program)
{
    const char *word = argc > 0 && argv[0] != NULL ? argv[0] : "program";
    const char *slash = strrchr(word, '/');
    struct call call = {.o = o, .name = slash != NULL ? slash + 1 : word};

    memset(o, 0, sizeof *o);
    board_options_init(&o->board);

    int status =
        argc > 0 ? parse_command(&call, argc, argv) : MAIN_OPTIONS_GO_ON;
    if (status != MAIN_OPTIONS_GO_ON)
        return status;
    if (!call.has_server && !take_environment(o))
        return WRONG_USE;
    if (o->host[0] != '\0')
        o->board.server = o->host;
    if (!read_image(o, call.dct, program))
        return WRONG_USE;
    return MAIN_OPTIONS_GO_ON;
}

/* --- warnings ------------------------------------------------------------- */

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

void main_options_warn(const struct main_options *o)
{
    if (!is_loopback(o->board.listen))
        board_say("warning: --listen %s: who reaches this machine there, "
                  "reaches this program's servers",
                  o->board.listen);
    if (o->board.sdk_certificates)
        board_say("warning: --sdk-certificates: certificates that have ended, "
                  "and SHA-1, are taken, as the SDK does");
    if (o->dct_readable)
        board_say("warning: %s has a private key, and others may read it: "
                  "chmod 600",
                  o->dct);
}
