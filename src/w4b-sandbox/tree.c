/* What a program in a Raspberry Pi's root tree expects of a running system. /sys stays empty: whatever a package
   script would read there describes the build machine. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder(int root, const char *path)
{
    int target = open_mount_point(root, path, S_IFDIR, true, true);
    if (target < 0)
        fail(STAGE_MOUNT, "%s", path);
    return target;
}

/* Mounts a file system and opens its root for writing. */
static int mount_folder(int root, const char *path, const char *type, const char *options)
{
    int target = folder(root, path);
    mount_at(target, type, MS_NOSUID | (strcmp(type, "proc") == 0 ? MS_NODEV | MS_NOEXEC : 0), options);
    close(target);
    return folder(root, path);
}

static void write_file(int folder, const char *name, int source, const char *text, mode_t mode)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        fail(STAGE_MOUNT, "%s", name);
    ssize_t count = text ? write(file, text, strlen(text)) : sendfile(file, source, NULL, 1 << 20);
    if (count < 0 || fchmod(file, mode) != 0)
        fail(STAGE_MOUNT, "%s", name);
    close(file);
}

/* Shows a file of ours in place of PATH: over a file or over a link, dangling or not, so that the tree keeps its own.
   Without a folder for it nobody will look for it. */
static void cover_file(int root, const char *path, int source, const char *text, mode_t mode)
{
    int target = open_mount_point(root, path, S_IFREG, false, true);
    if (target < 0 && errno == ENOENT)
        return;
    if (target < 0)
        fail(STAGE_MOUNT, "%s", path);
    /* The file lives on in its mount alone. */
    int dev = folder(root, "/dev");
    write_file(dev, ".w4b-cover", source, text, mode);
    int tree = open_tree(dev, ".w4b-cover", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0)
        fail(STAGE_MOUNT, "%s", path);
    attach_tree(tree, target, path);
    unlinkat(dev, ".w4b-cover", 0);
    close(dev);
}

static void make_devices(int root)
{
    static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };
    static const char *const links[][2] = {
        { "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
        { "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" },
    };
    int dev = mount_folder(root, "/dev", "tmpfs", "mode=755");
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        char path[32] = "/dev/";
        strcat(path, nodes[i]);
        write_file(dev, nodes[i], -1, "", 0666);
        attach_tree(clone_tree(path, false), openat(dev, nodes[i], O_PATH | O_CLOEXEC), path);
    }
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlinkat(links[i][1], dev, links[i][0]) != 0)
            fail(STAGE_MOUNT, "/dev/%s", links[i][0]);
    if (mkdirat(dev, "pts", 0755) != 0 || mkdirat(dev, "shm", 01777) != 0)
        fail(STAGE_MOUNT, "/dev");
    close(mount_folder(root, "/dev/pts", "devpts", "newinstance,gid=5,mode=620,ptmxmode=666"));
    close(mount_folder(root, "/dev/shm", "tmpfs", "mode=1777"));
    close(dev);
}

void prepare_tree(int root)
{
    close(mount_folder(root, "/proc", "proc", NULL));
    make_devices(root);
    int run = mount_folder(root, "/run", "tmpfs", "mode=755");
    if (mkdirat(run, "lock", 0755) != 0 || fchmodat(run, "lock", 01777, 0) != 0)
        fail(STAGE_MOUNT, "/run/lock");
    close(run);
    close(mount_folder(root, "/tmp", "tmpfs", "mode=1777"));

    int resolver = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
    if (resolver >= 0) {
        cover_file(root, "/etc/resolv.conf", resolver, NULL, 0644);
        close(resolver);
    }
    /* invoke-rc.d(8): 101 forbids to start a service. */
    cover_file(root, "/usr/sbin/policy-rc.d", -1, "#!/bin/sh\nexit 101\n", 0755);
}
