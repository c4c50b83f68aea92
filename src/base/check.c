#include "base/check.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fmt.h"

_Noreturn void check_failed(const char *place)
{
    char text[96];
    struct fmt f;
    struct span s;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing: broken assertion at ");
    fmt_str(&f, place);
    fmt_char(&f, '\n');
    s = fmt_span(&f);
    if (write(STDERR_FILENO, s.ptr, s.len) < 0)
        abort();
    abort();
}
