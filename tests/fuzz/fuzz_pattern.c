/* The first line is a pattern, the rest a text: the same end however the text is cut. */
#include "policy/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    size_t line = span_find_byte(text, '\n');
    struct span rest = span_part(text, line + 1, size);
    struct pattern_match m;
    struct pattern p;
    char reason[128];
    struct fmt why;
    uint64_t whole;
    uint64_t end = 0;
    bool found;
    bool again = false;

    fmt_init(&why, reason, sizeof(reason));
    if (!pattern_compile(&p, span_part(text, 0, line), &why)) {
        if (fmt_span(&why).len == 0 || !fmt_ok(&why))
            __builtin_trap();
        return 0;
    }
    pattern_start(&m, &p);
    found = pattern_feed(&m, rest, &whole) || pattern_finish(&m, &whole);
    pattern_start(&m, &p);
    for (size_t i = 0; i < rest.len && !again; i++)
        again = pattern_feed(&m, span_part(rest, i, 1), &end);
    again = again || pattern_finish(&m, &end);
    if (again != found || end != whole || (found && whole > rest.len))
        __builtin_trap();
    return 0;
}
