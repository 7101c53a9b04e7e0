#include "sandbox.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *stage, const char *format, ...)
{
    int error = errno;
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    /* A line of its own in what the others of the sandbox print to the same pipe. */
    dprintf(2, "w4b-sandbox: %s: %s%s%s\n", stage, message, error ? ": " : "", error ? strerror(error) : "");
    _Exit(OWN_FAILURE);
}
