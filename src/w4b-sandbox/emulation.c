/* Programs of the target's architecture, by binfmt_misc (Documentation/admin-guide/binfmt-misc.rst of Linux). */
#include "sandbox.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define BINFMT_FOLDER "/proc/sys/fs/binfmt_misc"

/* cortex-a53 is the Pi 3's; it has no pointer authentication, whose emulation costs 3.5 times the time. cortex-a7 is
   the Pi 2's: runs Debian's armhf (ARMv7) and Raspberry Pi OS's (ARMv6). */
static const struct architecture architectures[] = {
    {
        "aarch64",
        "arm64",
        "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00",
        "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff",
        "cortex-a53",
    },
    {
        "arm",
        "armhf",
        "\\x7fELF\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x28\\x00",
        "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff",
        "cortex-a7",
    },
};

const struct architecture *find_architecture(const char *name)
{
    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
        if (strcmp(architectures[i].name, name) == 0)
            return &architectures[i];
    return NULL;
}

bool runs_natively(const struct architecture *architecture)
{
    struct utsname host;
    uname(&host);
    bool arm64 = strcmp(host.machine, "aarch64") == 0;
    if (strcmp(architecture->name, "aarch64") == 0)
        return arm64;
    if (!arm64)
        return strncmp(host.machine, "armv", 4) == 0;
    /* Not every 64-bit CPU has the 32-bit instructions; the kernel refuses this personality then. */
    int current = personality(0xffffffff);
    if (personality(PER_LINUX32) < 0)
        return false;
    personality(current);
    return true;
}

bool has_host_registration(const struct architecture *architecture)
{
    char path[128], text[1024] = "";
    snprintf(path, sizeof path, BINFMT_FOLDER "/qemu-%s", architecture->name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    const char *flags = length > 0 ? strstr(text, "flags:") : NULL;
    /* F: the kernel holds the emulator open, so it is found from inside a chroot. */
    return flags && strncmp(text, "enabled", 7) == 0 && memchr(flags + 6, 'F', strcspn(flags + 6, "\n"));
}

static void copy_program(const char *source, int folder, const char *name)
{
    int from = open(source, O_RDONLY | O_CLOEXEC);
    int to = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    struct stat status;
    if (from < 0 || to < 0 || fstat(from, &status) != 0)
        fail(STAGE_BINFMT, "%s", source);
    for (off_t left = status.st_size; left > 0;) {
        ssize_t count = sendfile(to, from, NULL, left);
        if (count <= 0)
            fail(STAGE_BINFMT, "%s", source);
        left -= count;
    }
    close(from);
    close(to);
}

/* Its libraries would not be found in the target's tree. */
static void require_static(const char *emulator)
{
    Elf64_Ehdr header;
    int file = open(emulator, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        fail(STAGE_BINFMT, "%s", emulator);
    errno = 0;
    if (read(file, &header, sizeof header) != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        fail(STAGE_BINFMT, "%s is not a program", emulator);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment;
        if (pread(file, &segment, sizeof segment, header.e_phoff + i * sizeof segment) != sizeof segment)
            fail(STAGE_BINFMT, "%s is damaged", emulator);
        if (segment.p_type == PT_INTERP)
            fail(STAGE_BINFMT, "%s is not statically linked", emulator);
    }
    close(file);
}

/* Read-only, and in this namespace alone: whatever a script deletes, the cache keeps its twins. */
static void mount_twins(const struct sandbox *sandbox)
{
    const char *name = strrchr(TWINS_FOLDER, '/') + 1;
    int target = mkdirat(sandbox->emulation_folder, name, 0755) == 0
        ? openat(sandbox->emulation_folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (target < 0)
        fail(STAGE_BINFMT, "%s", TWINS_FOLDER);
    attach_tree(sandbox->twins_tree, target, TWINS_FOLDER);
}

int prepare_emulation(struct sandbox *sandbox, int root)
{
    require_static(sandbox->emulator);
    /* This source is what systemd and mount(8) expect to see. */
    if (mount("binfmt_misc", BINFMT_FOLDER, "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
        if (!sandbox->host_registration)
            fail(STAGE_BINFMT, "no binfmt_misc of its own for the sandbox, and no registration qemu-%s with flag F on the host",
                sandbox->architecture->name);
        setenv("QEMU_CPU", sandbox->architecture->cpu, 1);
        return -1;
    }

    int shm = open_mount_point(root, "/dev/shm", S_IFDIR, true, false);
    if (shm < 0)
        fail(STAGE_MOUNT, "/dev/shm");
    if (!sandbox->root) {
        mount_at(shm, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
        close(shm);
        shm = open_mount_point(root, "/dev/shm", S_IFDIR, true, false);
    }
    const char *name = strrchr(EMULATION_FOLDER, '/') + 1;
    int folder = mkdirat(shm, name, 0755) == 0 ? openat(shm, name, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder < 0)
        fail(STAGE_BINFMT, "%s", EMULATION_FOLDER);
    char file[64];
    snprintf(file, sizeof file, "qemu-%s", sandbox->architecture->name);
    copy_program(sandbox->emulator, folder, file);
    snprintf(file, sizeof file, "%s%s", strrchr(INTERPRETER_PREFIX, '/') + 1, sandbox->architecture->name);
    copy_program("/proc/self/exe", folder, file);
    make_tally(folder);
    sandbox->emulation_folder = folder;
    if (sandbox->twins_tree >= 0)
        mount_twins(sandbox);
    close(shm);

    int registration = open(BINFMT_FOLDER "/register", O_WRONLY | O_CLOEXEC);
    if (registration < 0)
        fail(STAGE_BINFMT, "%s", BINFMT_FOLDER "/register");
    return registration;
}

void register_interpreter(int registration, const struct architecture *architecture)
{
    /* P: argv[0] is kept. F: the interpreter is opened now, and found from inside any chroot. */
    char line[1024];
    int length = snprintf(line, sizeof line, ":qemu-%s:M::%s:%s:" INTERPRETER_PREFIX "%s:PF",
        architecture->name, architecture->magic, architecture->mask, architecture->name);
    if (write(registration, line, length) != length)
        fail(STAGE_BINFMT, "the kernel refuses the registration of qemu-%s", architecture->name);
    close(registration);
}
