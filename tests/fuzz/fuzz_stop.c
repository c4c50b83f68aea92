/* The first line is rules, the rest a text: the same cut however the text is cut. */
#include "policy/stop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stop_rules rules;
    static struct stop whole;
    static struct stop pieces;
    struct span all = span_of((const char *)data, size);
    size_t line = span_find_byte(all, '\n');
    struct span text = span_part(all, line + 1, size);
    char reason[256];
    struct fmt why;
    bool fired;
    bool again = false;

    fmt_init(&why, reason, sizeof(reason));
    if (!stop_rules_read(&rules, span_part(all, 0, line), &why)) {
        if (fmt_span(&why).len == 0 || !fmt_ok(&why))
            __builtin_trap();
        return 0;
    }
    stop_start(&whole, &rules);
    fired = stop_feed(&whole, text);
    stop_start(&pieces, &rules);
    for (size_t i = 0; i < text.len && !again; i++) {
        uint64_t passed = pieces.kept;

        again = stop_feed(&pieces, span_part(text, i, 1));
        if (pieces.kept < passed && !(again && pieces.rule == STOP_LOOP))
            __builtin_trap();
    }
    if (again != fired || (text.len > 0 && pieces.kept != whole.kept) || whole.kept > text.len ||
        (fired && pieces.rule != whole.rule))
        __builtin_trap();
    return 0;
}
