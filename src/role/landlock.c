/* SPDX-License-Identifier: ISC
 *
 * Which files a role reaches, by Landlock (Linux 5.13; from 5.19 on, for before that no file moves between folders, which a
 * Maildir lives on). A rule names a file or a folder as it is now. Files of /etc are named one by one, for our own secrets may
 * lie beside them; where one is replaced later, as resolv.conf is with every lease, role_sandbox_stale() says so.
 */
#include "sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#define ABI_NEEDED 2
#define FS_TRUNCATE (UINT64_C(1) << 14) /* Linux 6.2, ABI 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)        /* Linux 6.10, ABI 5 */

#define FS_ALL_ABI2 ((LANDLOCK_ACCESS_FS_REFER << 1) - 1)
#define OF_A_FILE (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE)
#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
                 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)

/* What name look-ups and TLS read: the resolver and its modules, services, certificates. */
static const char *const net_files[] = {
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols",
    "/etc/localtime", "/etc/ld.so.cache", "/etc/ssl", "/etc/ca-certificates", "/etc/pki", "/etc/gnutls", "/etc/pkcs11",
    "/usr", "/lib", "/lib64", "/run/systemd/resolve", "/run/resolvconf", "/dev/null", "/dev/urandom", "/dev/random",
    "/proc/sys/crypto", "/sys/devices/system/cpu",
};
/* Of these the ones that a look-up cannot do without, in files that programs replace. */
static const char *const net_replaced[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf" };

static struct { char *path[countof(net_replaced) + 1]; size_t n; } watched;

_Noreturn void
sandbox_fail(const char *what, int error)
{
    log_line(LOG_ALARM, "action=sandbox what=%s error=%s status=exit", log_value(what), log_value(strerror(error)));
    _exit(EX_OSERR);
}

/* false: errno, there is no such file. */
static bool
rule_add(int rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = open(path, O_PATH | O_CLOEXEC) };
    struct stat st;
    int error;

    if (rule.parent_fd < 0)
        return false;
    if (!fstat(rule.parent_fd, &st) && !S_ISDIR(st.st_mode))
        rule.allowed_access &= OF_A_FILE;
    error = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? errno : 0;
    close(rule.parent_fd);
    if (error)
        sandbox_fail(path, error);
    return true;
}

static void
rules_add(int rules, enum role_sandbox kind, const char *folder, uint64_t handled)
{
    switch (kind) {
    case SANDBOX_NET:
        for (size_t i = 0; i < countof(net_files); i++)
            rule_add(rules, net_files[i], READING & handled);
        if (folder && !rule_add(rules, folder, READING & handled))
            sandbox_fail(folder, errno);
        break;
    case SANDBOX_FOLDER:
    case SANDBOX_STORE:
        if (!rule_add(rules, folder, WRITING & handled))
            sandbox_fail(folder, errno);
        break;
    case SANDBOX_PURE:
    case SANDBOX_LISTEN:
        break;
    }
#ifdef TICKETD_SANITIZED
    rule_add(rules, "/proc/self", READING & handled);
#endif
}

/* Readable, or not there; what another user's permissions close to us was never ours and is not waited for. */
static bool
file_in_reach(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EACCES;
}

/* A file that did not exist when the rules were made is out of reach once it does. */
static void
watch(const char *path)
{
    if (file_in_reach(path))
        watched.path[watched.n++] = mem_strdup(path);
}

void
landlock_enter(enum role_sandbox kind, const char *folder)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct landlock_ruleset_attr attr = { .handled_access_fs = FS_ALL_ABI2 };
    int rules;

    if (abi < ABI_NEEDED) {
        log_line(LOG_NOTE, "action=sandbox landlock=absent status=ok");
        return;
    }
    if (abi >= 3)
        attr.handled_access_fs |= FS_TRUNCATE;
    if (abi >= 5)
        attr.handled_access_fs |= FS_IOCTL_DEV;
    rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (rules < 0)
        sandbox_fail("landlock_create_ruleset", errno);
    rules_add(rules, kind, folder, attr.handled_access_fs);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, rules, 0))
        sandbox_fail("landlock_restrict_self", errno);
    close(rules);
    if (kind != SANDBOX_NET)
        return;
    for (size_t i = 0; i < countof(net_replaced); i++)
        watch(net_replaced[i]);
    if (folder)
        watch(folder);
}

bool
landlock_watches(void)
{
    return watched.n > 0;
}

bool
role_sandbox_stale(void)
{
    for (size_t i = 0; i < watched.n; i++)
        if (!file_in_reach(watched.path[i])) {
            log_line(LOG_NOTE, "action=exit why=\"%s was replaced\" status=renew", watched.path[i]);
            return true;
        }
    return false;
}
