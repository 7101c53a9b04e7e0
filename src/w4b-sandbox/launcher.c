/* The outer half: stays on the host, makes the namespaces, and takes them with it when it dies. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* Neither files, signals nor the umask of the program that started us reach the sandbox. */
static void drop_inheritance(int control)
{
    if (control >= 0) {
        if (fcntl(control, F_SETFD, FD_CLOEXEC) != 0)
            fail(STAGE_USAGE, "--control-fd %d", control);
        if (control > 3)
            close_range(3, control - 1, 0);
    }
    close_range(control >= 3 ? control + 1 : 3, UINT_MAX, 0);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
}

/* Since 6.7 binfmt_misc belongs to a user namespace. */
static bool has_own_binfmt(void)
{
    struct utsname host;
    unsigned major = 0, minor = 0;
    uname(&host);
    sscanf(host.release, "%u.%u", &major, &minor);
    return major > 6 || (major == 6 && minor >= 7);
}

static _Noreturn void run_init(struct sandbox *sandbox, int lifeline)
{
    char go;
    if (read(lifeline, &go, 1) != 1)
        _exit(OWN_FAILURE); /* the launcher failed and has said why */

    errno = 0;
    if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)
        fail(STAGE_NAMESPACES, "cannot become root of the user namespace");
    /* A change of credentials clears it, so not earlier. That the launcher died before is seen on the lifeline. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(init(sandbox, lifeline));
}

int launch(struct sandbox *sandbox)
{
    drop_inheritance(sandbox->control);
    if (sandbox->architecture && runs_natively(sandbox->architecture))
        sandbox->architecture = NULL;
    if (sandbox->architecture && !has_own_binfmt())
        sandbox->host_registration = has_host_registration(sandbox->architecture);

    int lifeline[2];
    if (pipe2(lifeline, O_CLOEXEC) != 0)
        fail(STAGE_NAMESPACES, "pipe");
    int flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
    if (sandbox->own_network)
        flags |= CLONE_NEWNET;
    pid_t pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (pid < 0)
        fail(STAGE_NAMESPACES, "clone");
    if (pid == 0) {
        close(lifeline[1]);
        run_init(sandbox, lifeline[0]);
    }
    close(lifeline[0]);
    map_ids(pid);
    if (write(lifeline[1], "", 1) != 1)
        fail(STAGE_NAMESPACES, "the sandbox died");

    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail(STAGE_NAMESPACES, "wait");
    errno = 0;
    if (!WIFEXITED(status))
        fail(STAGE_ENDED, "the sandbox was killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}
