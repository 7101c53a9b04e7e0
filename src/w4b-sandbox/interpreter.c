/* Run by the kernel in place of every program of the target's architecture, in whatever chroot and as whatever user:
   argv is our registered name, the program's path, its argv[0], its arguments. */
#include "sandbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CANNOT_EXECUTE 126 /* as a shell has it */

/* Replaces this process by the emulator. */
static void emulate(const struct architecture *architecture, int argc, char **argv)
{
    char emulator[128];
    snprintf(emulator, sizeof emulator, EMULATION_FOLDER "/qemu-%s", architecture->name);
    char *arguments[argc + 4];
    int count = 0;
    arguments[count++] = emulator;
    arguments[count++] = "-cpu";
    arguments[count++] = (char *)architecture->cpu;
    arguments[count++] = "-0";
    arguments[count++] = argv[2];
    arguments[count++] = argv[1];
    for (int i = 3; i <= argc; i++) /* the null at the end too */
        arguments[count++] = argv[i];
    execv(emulator, arguments);
}

int interpret(int argc, char **argv)
{
    const struct architecture *architecture = find_architecture(argv[0] + strlen(INTERPRETER_PREFIX));
    if (!architecture || argc < 3) {
        dprintf(2, "w4b-sandbox: interpreter: not run by the kernel\n");
        return CANNOT_EXECUTE;
    }
    run_twin(architecture, argc, argv);
    count_program(false, argv[1]);
    emulate(architecture, argc, argv);
    dprintf(2, "w4b-sandbox: interpreter: cannot emulate %s: %s\n", argv[1], strerror(errno));
    return CANNOT_EXECUTE;
}
