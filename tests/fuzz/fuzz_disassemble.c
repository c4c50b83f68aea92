/* A body that is told at all is told in events that fit, none of which says it does not; telling
 * ends. What comes back when they are assembled is JSON. */
#include "llm/assemble.h"
#include "llm/disassemble.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 1 << 17, EVENTS_MAX = 100000 };

static void tell(enum api api, struct span body)
{
    static char buffer[BYTES];
    static char scratch[DISASSEMBLE_EVENT_BYTES];
    static struct disassemble d;
    static struct assemble a;
    struct span back;

    if (!disassemble_start(&d, api, body, true, scratch))
        return;
    assemble_start(&a, api, buffer, sizeof(buffer));
    for (int i = 0;; i++) {
        struct span event;
        struct fmt f;

        fmt_init(&f, scratch, sizeof(scratch));
        if (disassemble_next(&d, &f) == DISASSEMBLE_END)
            break;
        event = fmt_span(&f);
        if (!fmt_ok(&f) || !span_ends(event, SPAN("\n\n")) || i > EVENTS_MAX)
            __builtin_trap();
        event = span_part(event, 0, event.len - 2);
        event = span_part(event, span_find(event, SPAN("data: ")) + 6, event.len);
        assemble_event(&a, event);
    }
    if (assemble_finish(&a, &back) && back.len == 0)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span body = span_of((const char *)data, size);

    if (size > BYTES / 16)
        return 0;
    tell(API_CHAT, body);
    tell(API_COMPLETIONS, body);
    tell(API_MESSAGES, body);
    return 0;
}
