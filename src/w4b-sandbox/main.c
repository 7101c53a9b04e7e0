#include "sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "w4b-sandbox run [--own-network] [--control-fd N] [--chroot DIR] [--chdir DIR] [--hostname NAME] [--emulate ARCH=QEMU] [--twins DIR] "
    "[--bind SRC DST] [--ro-bind SRC DST] [--tmpfs DST] -- COMMAND [ARGUMENT...]\n"
    "w4b-sandbox unsynced COMMAND [ARGUMENT...]";

static void read_emulation(struct sandbox *sandbox, const char *value)
{
    const char *separator = strchr(value, '=');
    char *name = separator ? strndup(value, separator - value) : NULL;
    sandbox->architecture = name ? find_architecture(name) : NULL;
    if (!sandbox->architecture)
        fail(STAGE_USAGE, "--emulate %s: not aarch64=QEMU or arm=QEMU", value);
    sandbox->emulator = separator + 1;
    free(name);
}

static void read_options(struct sandbox *sandbox, char **argument)
{
    for (; *argument && strcmp(*argument, "--") != 0; argument++) {
        const char *option = *argument;
        if (strcmp(option, "--own-network") == 0) {
            sandbox->own_network = true;
            continue;
        }
        bool bind = strcmp(option, "--bind") == 0;
        bool read_only = strcmp(option, "--ro-bind") == 0;
        const char *value = argument[1];
        if (!value || ((bind || read_only) && !argument[2]))
            fail(STAGE_USAGE, "%s lacks a value, or -- is missing; %s", option, usage);
        argument++;

        if (bind || read_only) {
            sandbox->mounts[sandbox->mount_count++] = (struct mount_option) {
                .kind = bind ? MOUNT_BIND : MOUNT_READ_ONLY_BIND, .source = value, .target = *++argument,
            };
        } else if (strcmp(option, "--tmpfs") == 0) {
            sandbox->mounts[sandbox->mount_count++] = (struct mount_option) { .kind = MOUNT_TMPFS, .target = value };
        } else if (strcmp(option, "--chroot") == 0) {
            sandbox->root = value;
        } else if (strcmp(option, "--chdir") == 0) {
            sandbox->folder = value;
        } else if (strcmp(option, "--hostname") == 0) {
            sandbox->hostname = value;
        } else if (strcmp(option, "--control-fd") == 0) {
            sandbox->control = atoi(value);
        } else if (strcmp(option, "--twins") == 0) {
            sandbox->twins = value;
        } else if (strcmp(option, "--emulate") == 0) {
            read_emulation(sandbox, value);
        } else {
            fail(STAGE_USAGE, "unknown option %s; %s", option, usage);
        }
    }
    if (!*argument || !argument[1])
        fail(STAGE_USAGE, "no command; %s", usage);
    sandbox->command = argument + 1;
}

int main(int argc, char **argv)
{
    if (argc > 0 && strncmp(argv[0], INTERPRETER_PREFIX, strlen(INTERPRETER_PREFIX)) == 0)
        return interpret(argc, argv);

    if (argc == 2 && strcmp(argv[1], "list-twins") == 0) {
        list_twins();
        return 0;
    }
    errno = 0;
    if (argc > 2 && strcmp(argv[1], "unsynced") == 0)
        run_unsynced(argv + 2);
    if (argc < 2 || strcmp(argv[1], "run") != 0)
        fail(STAGE_USAGE, "%s", usage);
    struct sandbox sandbox = { .control = -1, .twins_tree = -1, .emulation_folder = -1, .mounts = calloc(argc, sizeof *sandbox.mounts) };
    if (!sandbox.mounts)
        fail(STAGE_USAGE, "no memory");
    read_options(&sandbox, argv + 2);
    return launch(&sandbox);
}
