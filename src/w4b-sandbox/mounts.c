/* Mounts inside a tree that is not trusted: a link in it never leads out. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A file or folder made only to mount on. When the sandbox is killed it stays; a tree of a killed run is thrown away. */
struct placeholder {
    struct placeholder *next;
    int parent;
    char *name;
    mode_t type;
};

static struct placeholder *placeholders;

static int open_in(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return syscall(SYS_openat2, root, path, &how, sizeof how);
}

/* Neither making nor removing a placeholder shows in the time stamps of its folder. */
static void restore_times(int folder, const struct stat *before)
{
    if (futimens(folder, (struct timespec[2]) { before->st_atim, before->st_mtim }) != 0)
        fail(STAGE_MOUNT, "cannot restore the times of a folder of the tree");
}

static int make_placeholder(int root, const char *path, mode_t type)
{
    char *copy = strdup(path), *copy2 = strdup(path);
    int parent = open_in(root, dirname(copy), O_RDONLY | O_DIRECTORY);
    if (parent < 0)
        return -1;
    char *name = strdup(basename(copy2));
    struct stat before;
    fstat(parent, &before);
    int file = type == S_IFDIR ? mkdirat(parent, name, 0755) : openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        return -1;
    restore_times(parent, &before);
    if (type != S_IFDIR)
        close(file);
    free(copy);
    free(copy2);

    struct placeholder *entry = malloc(sizeof *entry);
    *entry = (struct placeholder) { placeholders, parent, name, type };
    placeholders = entry;
    return openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int open_mount_point(int root, const char *path, mode_t type, bool follow, bool placeholder)
{
    int target = open_in(root, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
    if (target < 0 && errno == ENOENT && placeholder)
        target = make_placeholder(root, path, type);
    return target;
}

void mount_at(int target, const char *type, unsigned long flags, const char *options)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", target);
    if (mount(type, path, type, flags, options) != 0)
        fail(STAGE_MOUNT, "%s", type);
}

int clone_tree(const char *source, bool read_only)
{
    int tree = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0)
        fail(STAGE_MOUNT, "%s", source);
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
    if (read_only && mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) != 0)
        fail(STAGE_MOUNT, "%s read-only", source);
    return tree;
}

void attach_tree(int tree, int target, const char *name)
{
    if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
        fail(STAGE_MOUNT, "%s", name);
    close(tree);
    close(target);
}

void remove_placeholders(void)
{
    for (struct placeholder *entry = placeholders; entry; entry = entry->next) {
        char path[4096];
        snprintf(path, sizeof path, "/proc/self/fd/%d/%s", entry->parent, entry->name);
        struct stat before;
        fstat(entry->parent, &before);
        if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) != 0
            || unlinkat(entry->parent, entry->name, entry->type == S_IFDIR ? AT_REMOVEDIR : 0) != 0)
            fail(STAGE_MOUNT, "cannot remove %s from the tree", entry->name);
        restore_times(entry->parent, &before);
    }
}
