/* Native twins: programs of the host's architecture in place of the target's, where both do the same. The folder TWINS_FOLDER
   holds them (Layers/Twins/ makes it): the same Debian package in the same version, so that only the processor's instructions
   differ. What has no twin there is emulated. */
#include "sandbox.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A rule looks at a program's arguments, without argv[0]. */
typedef bool rule(char **arguments);

/* Scripts that packages bring, not those of a user: bash's $HOSTTYPE and $MACHTYPE name the architecture. */
static bool runs_packaged_script(char **arguments)
{
    while (*arguments && **arguments == '-' && !strchr(*arguments, 'c'))
        arguments++;
    static const char *const folders[] = { "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/share/", "/bin/", "/sbin/", "/etc/", "/var/lib/dpkg/" };
    for (size_t i = 0; *arguments && i < sizeof folders / sizeof *folders; i++)
        if (strncmp(*arguments, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

/* Byte code is the same everywhere. Any other Python program may ask for its platform or load a compiled module. */
static bool byte_compiles(char **arguments)
{
    while (*arguments && **arguments == '-' && strspn(*arguments + 1, "BEIOSbdsuv") == strlen(*arguments + 1))
        arguments++;
    if (!*arguments)
        return false;
    if (strcmp(*arguments, "-m") == 0)
        return arguments[1] && (strcmp(arguments[1], "compileall") == 0 || strcmp(arguments[1], "py_compile") == 0);
    /* A script: py3compile of python3-minimal, and the module as python3.X-minimal's postinst runs it. */
    const char *slash = strrchr(*arguments, '/');
    return strncmp(*arguments, "/usr/", 5) == 0
        && (strcmp(slash, "/py3compile") == 0 || strcmp(slash, "/py_compile.py") == 0 || strcmp(slash, "/compileall.py") == 0);
}

/* Everything here is architecture-neutral: the same input gives the same output, files and exit code. Not here, for good:
   - arch, uname, nproc, getconf, dpkg, dpkg-query, dpkg-divert, apt: they tell or use the architecture;
   - ldconfig, ldd's ld.so: they read programs and libraries of the target;
   - pip: it chooses and builds for its architecture;
   - stdbuf: it loads a library of its own into others;
   - seq, printf, numfmt: they calculate with long double, which differs between processors;
   - chroot, su, runuser, useradd and everything that knows users by PAM or NSS modules. */
static const struct program { const char *name; rule *applies; } programs[] = {
    /* dash, bash */
    { "dash", NULL }, { "bash", runs_packaged_script },
    /* coreutils */
    { "[", NULL }, { "b2sum", NULL }, { "base32", NULL }, { "base64", NULL }, { "basename", NULL }, { "basenc", NULL }, { "cat", NULL },
    { "chgrp", NULL }, { "chmod", NULL }, { "chown", NULL }, { "cksum", NULL }, { "comm", NULL }, { "cp", NULL }, { "csplit", NULL },
    { "cut", NULL }, { "date", NULL }, { "dd", NULL }, { "df", NULL }, { "dir", NULL }, { "dirname", NULL }, { "du", NULL },
    { "echo", NULL }, { "env", NULL }, { "expand", NULL }, { "expr", NULL }, { "false", NULL }, { "fmt", NULL }, { "fold", NULL },
    { "groups", NULL }, { "head", NULL }, { "id", NULL }, { "install", NULL }, { "join", NULL }, { "link", NULL }, { "ln", NULL },
    { "ls", NULL }, { "md5sum", NULL }, { "mkdir", NULL }, { "mkfifo", NULL }, { "mknod", NULL }, { "mktemp", NULL }, { "mv", NULL },
    { "nl", NULL }, { "nohup", NULL }, { "paste", NULL }, { "pathchk", NULL }, { "pwd", NULL }, { "readlink", NULL }, { "realpath", NULL },
    { "rm", NULL }, { "rmdir", NULL }, { "sha1sum", NULL }, { "sha224sum", NULL }, { "sha256sum", NULL }, { "sha384sum", NULL },
    { "sha512sum", NULL }, { "sleep", NULL }, { "sort", NULL }, { "split", NULL }, { "stat", NULL }, { "sum", NULL }, { "sync", NULL },
    { "tac", NULL }, { "tail", NULL }, { "tee", NULL }, { "test", NULL }, { "timeout", NULL }, { "touch", NULL }, { "tr", NULL },
    { "true", NULL }, { "truncate", NULL }, { "tsort", NULL }, { "unexpand", NULL }, { "uniq", NULL }, { "unlink", NULL }, { "wc", NULL },
    { "whoami", NULL }, { "yes", NULL },
    /* text: grep, sed, mawk, gawk, diffutils, util-linux */
    { "grep", NULL }, { "sed", NULL }, { "mawk", NULL }, { "gawk", NULL }, { "cmp", NULL }, { "diff", NULL }, { "getopt", NULL },
    /* findutils, debianutils */
    { "find", NULL }, { "xargs", NULL }, { "run-parts", NULL },
    /* archives */
    { "tar", NULL }, { "cpio", NULL }, { "gzip", NULL }, { "bzip2", NULL }, { "xz", NULL }, { "zstd", NULL },
    /* dpkg: what neither reads nor names an architecture */
    { "dpkg-deb", NULL }, { "dpkg-split", NULL }, { "update-alternatives", NULL },
    /* kmod: modules are only read, as depmod and modprobe --show-depends do; systemd: only links and files are made */
    { "kmod", NULL }, { "systemctl", NULL }, { "systemd-sysusers", NULL }, { "systemd-tmpfiles", NULL },
    /* perl-base: its modules are links to the target's, see Layers/Twins/PerlModules.cs */
    { "perl", NULL },
    /* python3.X-minimal, whatever its X is */
    { "python3.", byte_compiles },
};

/* The entry of a program by its real path in the target; NULL when there is none. */
static const struct program *find_program(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    size_t folder = name - 1 - path;
    if (strncmp(path, "/usr", 4) == 0)
        path += 4, folder -= 4;
    if (strncmp(path, "/bin/", folder + 1) != 0 && strncmp(path, "/sbin/", folder + 1) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        const char *known = programs[i].name;
        if (strcmp(known, name) == 0)
            return &programs[i];
        size_t length = strlen(known);
        if (known[length - 1] == '.' && strncmp(known, name, length) == 0 && name[length] && !name[length + strspn(name + length, "0123456789")])
            return &programs[i];
    }
    return NULL;
}

bool find_twin(const char *path, char **arguments, char *twin, size_t size)
{
    /* The target decides what a name means: sh is a link, awk an alternative. */
    char real[PATH_MAX];
    if (!realpath(path, real))
        return false;
    const struct program *program = find_program(real);
    if (!program || (program->applies && !program->applies(arguments)))
        return false;
    snprintf(twin, size, TWINS_FOLDER "/bin/%s", strrchr(real, '/') + 1);
    return access(twin, X_OK) == 0;
}

void list_twins(void)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        puts(programs[i].name);
}
