/* Process 1 of the sandbox: prepares it, runs the command, and takes everything else in it down when that ends. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void prepare_namespaces(const struct sandbox *sandbox)
{
    setsid(); /* no terminal: nothing in here may ask the user or be stopped by job control */
    if (setgroups(0, NULL) != 0)
        fail(STAGE_NAMESPACES, "setgroups");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        fail(STAGE_NAMESPACES, "cannot make the mounts private");
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        fail(STAGE_NAMESPACES, "cannot mount /proc");
    if (sandbox->hostname && sethostname(sandbox->hostname, strlen(sandbox->hostname)) != 0)
        fail(STAGE_NAMESPACES, "hostname %s", sandbox->hostname);
}

/* All sources are found before anything is mounted that could hide them. */
static void clone_sources(struct sandbox *sandbox)
{
    for (size_t i = 0; i < sandbox->mount_count; i++) {
        struct mount_option *option = &sandbox->mounts[i];
        if (option->kind != MOUNT_TMPFS)
            option->tree = clone_tree(option->source, option->kind == MOUNT_READ_ONLY_BIND);
    }
    if (sandbox->twins)
        sandbox->twins_tree = clone_tree(sandbox->twins, true);
}

static void mount_options(const struct sandbox *sandbox, int root)
{
    for (size_t i = 0; i < sandbox->mount_count; i++) {
        const struct mount_option *option = &sandbox->mounts[i];
        struct stat source = { .st_mode = S_IFDIR };
        if (option->kind != MOUNT_TMPFS)
            fstat(option->tree, &source);
        mode_t type = S_ISDIR(source.st_mode) ? S_IFDIR : S_IFREG;
        /* Only a tree gets placeholders, never the host's root. */
        int target = open_mount_point(root, option->target, type, true, sandbox->root != NULL);
        if (target < 0)
            fail(STAGE_MOUNT, "%s", option->target);
        if (option->kind == MOUNT_TMPFS) {
            mount_at(target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755");
            close(target);
        } else {
            attach_tree(option->tree, target, option->target);
        }
    }
}

static _Noreturn void run_command(const struct sandbox *sandbox, int root, int registration)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (sandbox->root && (fchdir(root) != 0 || chroot(".") != 0))
        fail(STAGE_MOUNT, "%s", sandbox->root);
    if (registration >= 0)
        register_interpreter(registration, sandbox->architecture);
    if (sandbox->folder && chdir(sandbox->folder) != 0)
        fail(STAGE_EXEC, "%s", sandbox->folder);
    execvp(sandbox->command[0], sandbox->command);
    fail(STAGE_EXEC, "%s", sandbox->command[0]);
}

/* True when whoever wants the sandbox is gone. */
static bool is_over(struct pollfd *pipe)
{
    char ignored[16];
    return pipe->revents != 0 && read(pipe->fd, ignored, sizeof ignored) <= 0;
}

/* Waits for the command while reaping everything else. Returns its wait status, or -1 when it must end. */
static int supervise(pid_t command, int control, int lifeline, int children)
{
    for (;;) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            if (pid == command)
                return status;

        struct pollfd files[] = { { lifeline, POLLIN, 0 }, { children, POLLIN, 0 }, { control, POLLIN, 0 } };
        if (poll(files, 3, -1) < 0 && errno != EINTR)
            fail(STAGE_NAMESPACES, "poll");
        if (is_over(&files[0]) || is_over(&files[2]))
            return -1;
        struct signalfd_siginfo ignored;
        if (files[1].revents && read(children, &ignored, sizeof ignored) < 0)
            fail(STAGE_NAMESPACES, "signalfd");
    }
}

int init(struct sandbox *sandbox, int lifeline)
{
    prepare_namespaces(sandbox);
    clone_sources(sandbox);
    int root = open(sandbox->root ? sandbox->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        fail(STAGE_MOUNT, "%s", sandbox->root);
    if (sandbox->root)
        prepare_tree(root);
    int registration = sandbox->architecture ? prepare_emulation(sandbox, root) : -1;
    mount_options(sandbox, root);

    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    int children = signalfd(-1, &child, SFD_CLOEXEC);
    errno = 0;
    pid_t command = fork();
    if (command == 0)
        run_command(sandbox, root, registration);
    if (command < 0 || children < 0)
        fail(STAGE_EXEC, "fork");
    if (registration >= 0)
        close(registration);

    int status = supervise(command, sandbox->control, lifeline, children);
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0)
        ;
    remove_placeholders();
    if (sandbox->emulation_folder >= 0)
        tell_tally(sandbox->emulation_folder);
    errno = 0;
    if (status == -1)
        fail(STAGE_ENDED, "the build that wanted it is gone");
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
