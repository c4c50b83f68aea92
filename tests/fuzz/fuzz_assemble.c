/* Any stream: what is assembled is JSON and the same out of a recording that was cut elsewhere; an
 * end that is written is well-formed; what a reply reads stays in its buffer. */
#include <string.h>

#include "llm/assemble.h"
#include "llm/ending.h"
#include "llm/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BYTES = 1 << 16 };

static const enum api apis[] = {API_CHAT, API_COMPLETIONS, API_MESSAGES, API_RESPONSES};

static void check_json(struct span text)
{
    struct json_scan s;

    json_scan_start(&s, NULL, NULL, false);
    if (json_scan_feed(&s, text) == PARSE_BAD || json_scan_finish(&s) != PARSE_DONE)
        __builtin_trap();
}

/* Each event of the input is a line. */
static void assemble(enum api api, struct span lines)
{
    static char out[BYTES];
    static char stored[2 * BYTES];
    static char joined[BYTES];
    static struct assemble a;
    static struct recording w;
    static struct recording_reader r;
    struct span body;
    struct span again;
    struct span line;
    struct fmt f;
    bool made;

    fmt_init(&f, stored, sizeof(stored));
    recording_start(&w, RECORDING_EVENTS, &f);
    assemble_start(&a, api, out, sizeof(out));
    while (span_split(&lines, '\n', &line)) {
        if (line.len == 0)
            continue;
        assemble_event(&a, line);
        recording_put(&w, SPAN_EMPTY, line, &f);
        recording_event_end(&w, SPAN_EMPTY, &f);
    }
    made = assemble_finish(&a, &body);
    if (made)
        check_json(body);
    if (!recording_finish(&w, &f))
        return;
    if (made != assemble_recording(&a, api, fmt_span(&f), &r, joined, sizeof(joined), &again) ||
        (made && !span_equal(body, again)))
        __builtin_trap();
}

static void end(enum api api, struct span lines)
{
    struct ending_last_words words = {.include_usage = true, .text = SPAN("x\xff\"")};
    char out[ENDING_CHOICES_MAX * (ENDING_HEAD_BYTES + 200) + ENDING_BYTES];
    struct ending e;
    struct span line;
    struct fmt f;

    ending_start(&e, api);
    while (span_split(&lines, '\n', &line))
        ending_event(&e, line);
    fmt_init(&f, out, sizeof(out));
    if (ending_write(&e, &words, &f) && (!fmt_ok(&f) || (f.len > 0 && out[f.len - 1] != '\n')))
        __builtin_trap();
}

static void read_reply(enum api api, struct span lines)
{
    char text[40];
    struct reply r;
    struct span line;

    reply_start(&r, api, text, sizeof(text));
    reply_body(&r, lines);
    while (span_split(&lines, '\n', &line))
        reply_event(&r, line);
    if (r.text_len > sizeof(text))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span lines = span_of((const char *)data, size);

    if (size > BYTES / 8)
        return 0;
    for (size_t i = 0; i < sizeof(apis) / sizeof(apis[0]); i++) {
        assemble(apis[i], lines);
        end(apis[i], lines);
        read_reply(apis[i], lines);
    }
    return 0;
}
