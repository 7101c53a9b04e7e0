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
    /* What py3compile asks every version of Python first. */
    if (strcmp(*arguments, "-c") == 0)
        return arguments[1] && (strcmp(arguments[1], "import sys; print(sys.implementation.cache_tag)") == 0
            || strcmp(arguments[1], "import importlib.util; print(importlib.util.MAGIC_NUMBER)") == 0);
    if (strcmp(*arguments, "-m") == 0)
        return arguments[1] && (strcmp(arguments[1], "compileall") == 0 || strcmp(arguments[1], "py_compile") == 0);
    /* A script: py3compile of python3-minimal, and the module as python3.X-minimal's postinst runs it. */
    const char *slash = strrchr(*arguments, '/');
    return strncmp(*arguments, "/usr/", 5) == 0
        && (strcmp(slash, "/py3compile") == 0 || strcmp(slash, "/py_compile.py") == 0 || strcmp(slash, "/compileall.py") == 0);
}

/* Programs in /usr/bin and /usr/sbin, or below /usr/lib. Everything here is architecture-neutral: the same input gives the same
   output, files and exit code. Not here, for good:
   - arch, uname, nproc, getconf: they tell the architecture;
   - ldconfig, ldd's ld.so: they read programs and libraries of the target;
   - pip: it chooses and builds for its architecture;
   - stdbuf: it loads a library of its own into others;
   - seq, printf, numfmt: they calculate with long double, which differs between processors;
   - su, runuser, useradd and the like: they load modules of PAM. */
static const char *const neutral[] = {
    "dash",
    /* coreutils */
    "[", "b2sum", "base32", "base64", "basename", "basenc", "cat", "chgrp", "chmod", "chown", "cksum", "comm", "cp", "csplit", "cut",
    "date", "dd", "df", "dir", "dirname", "du", "echo", "env", "expand", "expr", "false", "fmt", "fold", "groups", "head", "id",
    "install", "join", "link", "ln", "ls", "md5sum", "mkdir", "mkfifo", "mknod", "mktemp", "mv", "nl", "nohup", "paste", "pathchk",
    "pwd", "readlink", "realpath", "rm", "rmdir", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "sleep", "sort",
    "split", "stat", "stty", "sum", "sync", "tac", "tail", "tee", "test", "timeout", "touch", "tr", "true", "truncate", "tsort", "tty", "unexpand",
    "uniq", "unlink", "wc", "whoami", "yes",
    /* text: grep, sed, mawk, gawk, diffutils, util-linux */
    "grep", "sed", "mawk", "gawk", "cmp", "diff", "getopt",
    /* findutils, debianutils */
    "find", "xargs", "ischroot", "run-parts",
    /* libc-bin: locales are laid out by byte order and by alignment of words, in which these processors are alike */
    "localedef",
    /* archives */
    "tar", "cpio", "gzip", "bzip2", "xz", "zstd",
    /* dpkg: the architecture that it was compiled for is a name in it, which is made the target's, see Layers/Twins/TwinTree.cs */
    "dpkg", "dpkg-deb", "dpkg-divert", "dpkg-query", "dpkg-realpath", "dpkg-split", "dpkg-statoverride", "dpkg-trigger",
    "update-alternatives",
    /* apt: downloads and their signatures */
    "apt/methods/copy", "apt/methods/file", "apt/methods/gpgv", "apt/methods/http", "apt/methods/rred", "apt/methods/sqv",
    "apt/methods/store", "gpgv", "sqv",
    /* kmod, dracut-install: modules are only read, as depmod and modprobe --show-depends do; systemd: only links and files are made,
       and the database of hardware is of one byte order */
    "kmod", "dracut/dracut-install", "systemctl", "systemd-hwdb", "systemd-sysusers", "systemd-tmpfiles",
    /* perl-base: its modules are links to the target's, see Layers/Twins/TwinTree.cs */
    "perl",
};

/* Those that need more than to be run. */
static const struct special {
    const char *name; /* a dot at the end: any number follows */
    rule *applies;    /* null: always */
    const char *tell; /* option that takes the target's architecture; null: the program need not know it */
} specials[] = {
    { "bash", runs_packaged_script, NULL },
    { "python3.", byte_compiles, NULL },
    /* apt: what depends on what. dpkg does the rest. */
    { "apt-cache", NULL, "APT::Architecture" },
    { "apt-get", NULL, "APT::Architecture" },
    { "apt-mark", NULL, "APT::Architecture" },
    { "apt/apt-extracttemplates", NULL, "APT::Architecture" },
};

static const struct special no_special = { "", NULL, NULL };

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* What a program's real path is called in the list and in the folder of twins; NULL when it lies where no such program does. */
static const char *name_of(const char *path)
{
    if (strncmp(path, "/usr/", 5) == 0)
        path += 4;
    if (strncmp(path, "/lib/apt/", 9) == 0 || strncmp(path, "/lib/dracut/", 12) == 0)
        return path + 5;
    const char *name = strncmp(path, "/bin/", 5) == 0 ? path + 5 : strncmp(path, "/sbin/", 6) == 0 ? path + 6 : NULL;
    return name && !strchr(name, '/') ? name : NULL;
}

/* True when NAME is KNOWN, or KNOWN ends with a dot and NAME has a number after that. */
static bool matches(const char *known, const char *name)
{
    size_t length = strlen(known);
    if (known[length - 1] != '.')
        return strcmp(known, name) == 0;
    return strncmp(known, name, length) == 0 && name[length] && !name[length + strspn(name + length, "0123456789")];
}

/* How to run the twin of that name; NULL when there is to be none. */
static const struct special *find_program(const char *name)
{
    for (size_t i = 0; i < COUNT(neutral); i++)
        if (strcmp(neutral[i], name) == 0)
            return &no_special;
    for (size_t i = 0; i < COUNT(specials); i++)
        if (matches(specials[i].name, name))
            return &specials[i];
    return NULL;
}

void run_twin(const struct architecture *architecture, int argc, char **argv)
{
    /* The target decides what a name means: sh is a link, awk an alternative. */
    char real[PATH_MAX], twin[PATH_MAX + sizeof TWINS_FOLDER], setting[64];
    const char *name = realpath(argv[1], real) ? name_of(real) : NULL;
    const struct special *program = name ? find_program(name) : NULL;
    if (!program || (program->applies && !program->applies(argv + 3)))
        return;
    snprintf(twin, sizeof twin, TWINS_FOLDER "/bin/%s", name);
    if (access(twin, X_OK) != 0)
        return;

    char *arguments[argc + 1]; /* three less, two more, and the null */
    int count = 0;
    arguments[count++] = argv[2];
    if (program->tell) {
        snprintf(setting, sizeof setting, "%s=%s", program->tell, architecture->debian);
        arguments[count++] = "-o";
        arguments[count++] = setting;
    }
    for (int i = 3; i <= argc; i++) /* the null at the end too */
        arguments[count++] = argv[i];
    count_program(true, argv[1]);
    execv(twin, arguments);
}

void list_twins(void)
{
    for (size_t i = 0; i < COUNT(neutral); i++)
        puts(neutral[i]);
    for (size_t i = 0; i < COUNT(specials); i++)
        puts(specials[i].name);
}
