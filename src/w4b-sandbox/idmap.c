/* Which ids exist in the sandbox. See user_namespaces(7), subuid(5), newuidmap(1). */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Debian's nobody and nogroup are 65534; every smaller id must exist too. */
#define IDS_NEEDED 65535ul
#define MAX_RANGES 340 /* the kernel's limit */

/* The user's name, or "" when it is not in the local file (then subuid must name the number). */
static void find_user_name(char *name, size_t size)
{
    name[0] = '\0';
    FILE *file = fopen("/etc/passwd", "re");
    if (!file)
        return;
    for (struct passwd *user; (user = fgetpwent(file));) {
        if (user->pw_uid == getuid()) {
            snprintf(name, size, "%s", user->pw_name);
            break;
        }
    }
    fclose(file);
}

/* Runs newuidmap or newgidmap: id 0 is the user, 1 and following the subordinate ids of FILE. */
static void map_subordinate_ids(const char *tool, const char *file, pid_t pid, unsigned own)
{
    char name[256], number[16], *arguments[3 + 3 * MAX_RANGES + 1] = { (char *)tool };
    find_user_name(name, sizeof name);
    snprintf(number, sizeof number, "%u", getuid());

    int count = 1;
    asprintf(&arguments[count++], "%d", pid);
    arguments[count++] = "0";
    asprintf(&arguments[count++], "%u", own);
    arguments[count++] = "1";

    unsigned long next = 1;
    char line[512];
    FILE *ranges = fopen(file, "re");
    while (ranges && count + 3 < 3 * MAX_RANGES && fgets(line, sizeof line, ranges)) {
        char user[256];
        unsigned long start, length;
        if (sscanf(line, "%255[^:]:%lu:%lu", user, &start, &length) != 3 || length == 0)
            continue;
        if (strcmp(user, name) != 0 && strcmp(user, number) != 0)
            continue;
        asprintf(&arguments[count++], "%lu", next);
        asprintf(&arguments[count++], "%lu", start);
        asprintf(&arguments[count++], "%lu", length);
        next += length;
    }
    if (ranges)
        fclose(ranges);
    errno = 0;
    if (next < IDS_NEEDED)
        fail(STAGE_SUBIDS, "%s gives user %s %lu ids, %lu are needed", file, *name ? name : number, next - 1, IDS_NEEDED - 1);

    int status;
    pid_t child = fork();
    if (child == 0) {
        execvp(tool, arguments);
        fail(errno == ENOENT ? STAGE_UIDMAP : STAGE_NAMESPACES, "%s", tool);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        fail(STAGE_NAMESPACES, "%s", tool);
    if (WIFEXITED(status) && WEXITSTATUS(status) == OWN_FAILURE)
        _exit(OWN_FAILURE); /* already said */
    if (status != 0)
        fail(STAGE_NAMESPACES, "%s refuses the ids of %s", tool, file);
}

/* As root: every id that exists here, unchanged. In the initial namespace that is 0 to 4294967294. */
static void map_all_ids(const char *kind, pid_t pid)
{
    char path[64], line[256], map[4096];
    size_t length = 0;
    unsigned long total = 0;
    snprintf(path, sizeof path, "/proc/self/%s", kind);
    FILE *own = fopen(path, "re");
    if (!own)
        fail(STAGE_NAMESPACES, "%s", path);
    while (fgets(line, sizeof line, own)) {
        unsigned long inside, outside, count;
        if (sscanf(line, "%lu %lu %lu", &inside, &outside, &count) != 3 || length + 64 > sizeof map)
            fail(STAGE_NAMESPACES, "%s is not as expected: %s", path, line);
        length += snprintf(map + length, sizeof map - length, "%lu %lu %lu\n", inside, inside, count);
        total += count;
    }
    fclose(own);
    errno = 0;
    if (total < IDS_NEEDED)
        fail(STAGE_SUBIDS, "this container has %lu ids, %lu are needed", total, IDS_NEEDED);

    snprintf(path, sizeof path, "/proc/%d/%s", pid, kind);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, map, length) != (ssize_t)length)
        fail(STAGE_NAMESPACES, "cannot write %s", path);
    close(file);
}

void map_ids(pid_t pid)
{
    if (geteuid() == 0) {
        map_all_ids("gid_map", pid);
        map_all_ids("uid_map", pid);
    } else {
        map_subordinate_ids("newgidmap", "/etc/subgid", pid, getgid());
        map_subordinate_ids("newuidmap", "/etc/subuid", pid, getuid());
    }
}
