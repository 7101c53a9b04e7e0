/* What ran how: counted by the interpreters in a file that they all map, told by process 1 at the end. */
#include "sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TALLY "tally"

struct tally {
    unsigned native, emulated;
    bool last_native;
    char last[256]; /* the path of the program that was started last */
};

void make_tally(int folder)
{
    /* Programs run as many users. */
    int file = openat(folder, TALLY, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof(struct tally)) != 0 || fchmod(file, 0666) != 0)
        fail(STAGE_BINFMT, EMULATION_FOLDER "/" TALLY);
    close(file);
}

static struct tally *map_tally(const char *path)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    struct tally *tally = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return tally == MAP_FAILED ? NULL : tally;
}

void count_program(bool native, const char *path)
{
    struct tally *tally = map_tally(EMULATION_FOLDER "/" TALLY);
    if (!tally)
        return; /* only a number is missing then */
    __atomic_add_fetch(native ? &tally->native : &tally->emulated, 1, __ATOMIC_RELAXED);
    tally->last_native = native;
    snprintf(tally->last, sizeof tally->last, "%s", path);
    munmap(tally, sizeof *tally);
}

void tell_tally(int folder)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d/" TALLY, folder);
    const struct tally *tally = map_tally(path);
    if (tally && *tally->last)
        dprintf(2, "w4b-sandbox: programs: %u native, %u emulated, last %s %.255s\n", tally->native, tally->emulated,
            tally->last_native ? "native" : "emulated", tally->last);
}
