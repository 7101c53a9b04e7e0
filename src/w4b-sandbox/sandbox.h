/* w4b-sandbox: runs a command in namespaces of its own, and is the interpreter of the target's programs in there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Exit status of every failure of our own; see fail(). */
#define OWN_FAILURE 125

/* Stages of failure: the machine-readable half of fail(). The C# side maps them to diagnostics (SandboxFailure.cs). */
#define STAGE_USAGE "usage"
#define STAGE_SUBIDS "subids"         /* the user has no subordinate ids */
#define STAGE_UIDMAP "newuidmap"      /* newuidmap or newgidmap is missing */
#define STAGE_NAMESPACES "namespaces" /* the kernel refuses */
#define STAGE_BINFMT "binfmt"         /* the target's programs cannot run */
#define STAGE_MOUNT "mount"
#define STAGE_EXEC "exec"
#define STAGE_ENDED "ended"           /* the build died or cancelled */

/* Emulator and interpreter lie here. /dev/shm is a tmpfs of the sandbox, so nothing is left in a tree; and mmdebstrap
   binds the outer /dev/shm into the chroot it makes, so that they are found in there too, by every user. */
#define EMULATION_FOLDER "/dev/shm/.w4b"
/* The name we are registered under, the architecture appended: argv[0] when the kernel runs us as interpreter. */
#define INTERPRETER_PREFIX EMULATION_FOLDER "/interpreter-"

/* The native twins: bin/, lib/, ld.so. Paths in the twins themselves were set to this one when they were made. */
#define TWINS_FOLDER EMULATION_FOLDER "/twins"

/* An architecture of Raspberry Pi programs. */
struct architecture {
    const char *name;  /* as QEMU and uname -m have it: aarch64, arm */
    const char *debian; /* as Debian has it: arm64, armhf */
    const char *magic; /* binfmt_misc: magic and mask of its ELF header */
    const char *mask;
    const char *cpu;   /* the CPU to emulate */
};

enum mount_kind { MOUNT_BIND, MOUNT_READ_ONLY_BIND, MOUNT_TMPFS };

struct mount_option {
    enum mount_kind kind;
    const char *source; /* on the host; null for a tmpfs */
    const char *target; /* inside the sandbox's root */
    int tree;           /* the source, cloned before anything is mounted */
};

/* What the command line asks for. */
struct sandbox {
    const char *root;     /* --chroot, or null: the host's root */
    const char *folder;   /* --chdir, or null */
    const char *hostname; /* --hostname, or null */
    bool own_network;     /* --own-network: none but a loopback that is down */
    int control;          /* --control-fd, or -1: its end of file ends the sandbox */
    const struct architecture *architecture; /* --emulate, or null */
    const char *emulator;
    const char *twins;      /* --twins, or null: the folder that is seen as TWINS_FOLDER */
    int twins_tree;         /* that folder, cloned before anything is mounted; -1 when there is none */
    int emulation_folder;   /* EMULATION_FOLDER, opened; -1 when there is none */
    bool host_registration; /* the host's binfmt registration is usable (only asked for before Linux 6.7) */
    struct mount_option *mounts;
    size_t mount_count;
    char **command;
};

/* failure.c */
/* Prints "w4b-sandbox: STAGE: message" (with the error of errno when it is not 0) and exits with OWN_FAILURE. */
_Noreturn void fail(const char *stage, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* launcher.c */
int launch(struct sandbox *sandbox);

/* idmap.c */
/* Gives the user namespace of PID all ids the caller may use; its id 0 is the caller. */
void map_ids(pid_t pid);

/* init.c */
/* Process 1 of the sandbox. Returns the exit status of the command. LIFELINE: end of file when the launcher died. */
int init(struct sandbox *sandbox, int lifeline);

/* mounts.c */
/* Opens (O_PATH) a folder or file to mount on, at PATH inside ROOT and never outside of it. With PLACEHOLDER a missing
   last component is made as one of TYPE (S_IFDIR or S_IFREG), to be removed by remove_placeholders.
   With FOLLOW a symbolic link is followed, else mounted over. Returns -1 and errno when there is none. */
int open_mount_point(int root, const char *path, mode_t type, bool follow, bool placeholder);
void mount_at(int target, const char *type, unsigned long flags, const char *options);
int clone_tree(const char *source, bool read_only);
void attach_tree(int tree, int target, const char *name);
void remove_placeholders(void);

/* tree.c */
/* Mounts in a Raspberry Pi's root tree what its programs expect of a running system, and nothing else. */
void prepare_tree(int root);

/* emulation.c */
const struct architecture *find_architecture(const char *name);
/* True when the host runs such programs itself. */
bool runs_natively(const struct architecture *architecture);
/* True when the host's own registration, for all namespaces, can be used. To be asked on the host. */
bool has_host_registration(const struct architecture *architecture);
/* Puts emulator and interpreter into EMULATION_FOLDER of ROOT and opens the namespace's registration file. Returns
   -1 when the host's registration serves instead. */
int prepare_emulation(struct sandbox *sandbox, int root);
/* Registers the interpreter; to be called with the sandbox's root as root. */
void register_interpreter(int registration, const struct architecture *architecture);

/* twins.c */
/* Replaces this process by the twin of the program that the kernel asks interpret() for. Returns when there is none. */
void run_twin(const struct architecture *architecture, int argc, char **argv);
/* Prints the programs that may have a twin; a dot at the end of one stands for any number. */
void list_twins(void);

/* tally.c */
/* FOLDER: EMULATION_FOLDER. */
void make_tally(int folder);
void count_program(bool native, const char *path);
/* Prints "w4b-sandbox: programs: N native, N emulated, last native|emulated PATH" when one ran. */
void tell_tally(int folder);

/* unsynced.c */
/* Replaces this process by a command that waits for no disk: what it flushes stays in the kernel's memory. Without namespaces. */
_Noreturn void run_unsynced(char **command);

/* interpreter.c */
int interpret(int argc, char **argv);
