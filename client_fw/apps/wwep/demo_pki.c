/* demo_pki.c - see demo_pki.h.
 *
 * Happy path: a folder, a configuration in it, six calls of openssl, five files
 * read, the folder removed. Signals that end the program wait until that is
 * done, so that no key stays behind; openssl itself may be interrupted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include "demo_pki.h"

#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX 24

extern char **environ;

static const char configuration[] =
    "[req]\n"
    "distinguished_name = dn\n"
    "prompt = no\n"
    "string_mask = utf8only\n"
    "[dn]\n"
    "[root]\n"
    "basicConstraints = critical, CA:TRUE\n"
    "keyUsage = critical, keyCertSign, cRLSign\n"
    "subjectKeyIdentifier = hash\n"
    "[server]\n"
    "basicConstraints = critical, CA:FALSE\n"
    "keyUsage = critical, digitalSignature\n"
    "extendedKeyUsage = serverAuth\n"
    "subjectKeyIdentifier = hash\n"
    "authorityKeyIdentifier = keyid\n"
    "subjectAltName = DNS:" DEMO_NAME "\n";

struct workshop {
    char folder[PATH_MAX];
    sigset_t usual; /* the signals as they were */
};

/* --- the folder ------------------------------------------------------------
 */

static bool path_of(const struct workshop *w, const char *name,
                    char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/%s", w->folder, name);

    return len > 0 && len < PATH_MAX;
}

static bool workshop_open(struct workshop *w)
{
    const char *tmp = getenv("TMPDIR");
    sigset_t ends;

    (void)snprintf(w->folder, sizeof w->folder, "%s/wwep-demo-XXXXXX",
                   tmp != NULL && tmp[0] != '\0' ? tmp : "/tmp");
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &ends, &w->usual);
    if (mkdtemp(w->folder) != NULL)
        return true;
    complain("no folder for the demonstration's certificates, %s: %s: set "
             "TMPDIR to a folder that you may write to",
             w->folder, strerror(errno));
    w->folder[0] = '\0';
    return false;
}

static void workshop_close(struct workshop *w)
{
    DIR *d = w->folder[0] != '\0' ? opendir(w->folder) : NULL;
    struct dirent *entry;

    if (d != NULL) {
        while ((entry = readdir(d)) != NULL)
            if (strcmp(entry->d_name, ".") != 0 &&
                strcmp(entry->d_name, "..") != 0)
                (void)unlinkat(dirfd(d), entry->d_name, 0);
        (void)closedir(d);
        if (rmdir(w->folder) != 0)
            complain("%s: %s: remove it, there are private keys in it",
                     w->folder, strerror(errno));
    }
    (void)pthread_sigmask(SIG_SETMASK, &w->usual, NULL);
}

static bool write_configuration(const struct workshop *w)
{
    char path[PATH_MAX];
    FILE *f = path_of(w, "config", path) ? fopen(path, "we") : NULL;
    bool good = f != NULL && fputs(configuration, f) >= 0;

    if (f != NULL && fclose(f) != 0)
        good = false;
    if (!good)
        complain("%s: %s: set TMPDIR to a folder that has room", path,
                 strerror(errno));
    return good;
}

/* --- openssl ---------------------------------------------------------------
 */

/* What it said last, for the complaint. */
static void complain_openssl(const struct workshop *w)
{
    char path[PATH_MAX];
    char line[256] = "it says nothing";
    FILE *f = path_of(w, "said", path) ? fopen(path, "re") : NULL;

    if (f != NULL) {
        while (fgets(line, sizeof line, f) != NULL)
            line[strcspn(line, "\n")] = '\0';
        (void)fclose(f);
    }
    complain("openssl could not make the demonstration's certificates: %s",
             line);
}

static int spawn(const struct workshop *w, const char *const *args, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *argv[ARGS_MAX + 2] = {0};
    char said[PATH_MAX];

    argv[0] = (char *)"openssl";
    for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++)
        argv[i + 1] = (char *)args[i];
    if (!path_of(w, "said", said))
        return ENAMETOOLONG;
    if (posix_spawnattr_init(&attributes) != 0)
        return ENOMEM;
    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        (void)posix_spawnattr_setsigmask(&attributes, &w->usual);
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                                 "/dev/null", O_RDONLY, 0) |
                posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
                                                 "/dev/null", O_WRONLY, 0) |
                posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said,
                                                 O_WRONLY | O_CREAT | O_TRUNC,
                                                 0600) |
                posix_spawn_file_actions_addchdir_np(&actions, w->folder);
        if (error == 0)
            error = posix_spawnp(pid, "openssl", &actions, &attributes, argv,
                                 environ);
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

/* Runs openssl in the folder, with args up to a NULL. */
static bool openssl(const struct workshop *w, const char *const *args)
{
    sigset_t waiting;
    pid_t pid;
    int status = 0;

    /* We are to end: then soon. */
    if (sigpending(&waiting) == 0 && (sigismember(&waiting, SIGINT) == 1 ||
                                      sigismember(&waiting, SIGTERM) == 1 ||
                                      sigismember(&waiting, SIGHUP) == 1))
        return false;
    int error = spawn(w, args, &pid);

    if (error != 0) {
        complain("the demonstration's certificates are made by the openssl "
                 "command, which can't be run: %s: install openssl",
                 strerror(error));
        return false;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    complain_openssl(w);
    return false;
}

/* NAME.crt and NAME.key, which sign others. */
static bool make_root(const struct workshop *w, const char *name,
                      const char *subject)
{
    char key[32], crt[32];

    (void)snprintf(key, sizeof key, "%s.key", name);
    (void)snprintf(crt, sizeof crt, "%s.crt", name);
    const char *const args[] = {"req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-nodes",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-days",
                                "2",
                                "-config",
                                "config",
                                "-subj",
                                subject,
                                "-extensions",
                                "root",
                                "-keyout",
                                key,
                                "-out",
                                crt,
                                NULL};
    return openssl(w, args);
}

/* NAME.crt, signed by ROOT, and NAME.key. */
static bool make_server(const struct workshop *w, const char *name,
                        const char *root)
{
    char key[32], crt[32], root_key[32], root_crt[32];

    (void)snprintf(key, sizeof key, "%s.key", name);
    (void)snprintf(crt, sizeof crt, "%s.crt", name);
    (void)snprintf(root_key, sizeof root_key, "%s.key", root);
    (void)snprintf(root_crt, sizeof root_crt, "%s.crt", root);
    const char *const request[] = {"req",
                                   "-new",
                                   "-newkey",
                                   "ec",
                                   "-nodes",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:P-256",
                                   "-subj",
                                   "/CN=" DEMO_NAME,
                                   "-config",
                                   "config",
                                   "-keyout",
                                   key,
                                   "-out",
                                   "request",
                                   NULL};
    const char *const sign[] = {
        "x509",        "-req",   "-in",     "request",  "-CA",
        root_crt,      "-CAkey", root_key,  "-days",    "2",
        "-set_serial", "1",      "-sha256", "-extfile", "config",
        "-extensions", "server", "-out",    crt,        NULL};
    return openssl(w, request) && openssl(w, sign);
}

/* --- all of them -----------------------------------------------------------
 */

static bool take(const struct workshop *w, const char *name, struct file *file)
{
    char path[PATH_MAX];

    return path_of(w, name, path) && file_read(file, path, "demo");
}

static bool make_all(const struct workshop *w, struct demo_pki *pki)
{
    return write_configuration(w) &&
           make_root(w, "class", "/CN=" DEMO_CLASS_ROOT) &&
           make_root(w, "evil", "/CN=" DEMO_MALLORYS_CA) &&
           make_server(w, "server", "class") &&
           make_server(w, "mallory", "evil") &&
           take(w, "class.crt", &pki->root) &&
           take(w, "server.crt", &pki->server.certificate) &&
           take(w, "server.key", &pki->server.key) &&
           take(w, "mallory.crt", &pki->mallory.certificate) &&
           take(w, "mallory.key", &pki->mallory.key);
}

int demo_pki_make(struct demo_pki *pki)
{
    struct workshop w;
    bool good = workshop_open(&w) && make_all(&w, pki);

    workshop_close(&w);
    return good ? WWEP_EXIT_OK : WWEP_EXIT_FAILURE;
}

void demo_pki_free(struct demo_pki *pki)
{
    file_free(&pki->root);
    file_free(&pki->server.certificate);
    file_free(&pki->server.key);
    file_free(&pki->mallory.certificate);
    file_free(&pki->mallory.key);
}
