/* Any text through the passes over one text: never longer, protected spans where they must be. Any
 * body through all of them: a body again, with as many messages unless history drops some, which
 * may become the two of a summary. The first byte chooses the passes. */
#include <stdlib.h>
#include <string.h>

#include "policy/compress.h"
#include "policy/compress_protect.h"
#include "policy/prefix.h"
#include "policy/summary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lists[] = {
    "safe",
    "stopwords,select:40%",
    "whitespace",
    "examples:1,dedup,noise",
    "safe,stopwords,select:20t,history:1",
    "json,html,boilerplate",
    "whitespace,history:1,summarize:m",
};

static void fuzz_text(const struct compress_job *job, struct span in)
{
    struct compress_result r;
    char *text = malloc(in.len > 0 ? in.len : 1);
    size_t len;

    memcpy(text, in.ptr, in.len);
    len = compress_text(job, text, in.len, in, SPAN_EMPTY, &r);
    if (len > in.len || r.changed != (len < in.len))
        __builtin_trap();
    memcpy(text, in.ptr, in.len);
    len = clean_whitespace(text, in.len);
    if (len > in.len)
        __builtin_trap();
    memcpy(text, in.ptr, in.len);
    (void)compress_text(job, text, in.len, in, span_part(in, 0, in.len / 4), &r);
    free(text);
}

/* The texts that could go, as what was said of them. */
static void fuzz_said(const struct compress_job *job, struct span body, struct compress_said *said)
{
    static const struct compress_settings settings = {.summarize_milli = 300};
    static const uint8_t secret[HASH_SIP_KEY_BYTES];
    static struct messages messages;
    struct summary_texts texts;
    struct summary_maker maker = {.settings = &settings};
    char *room = malloc(body.len + SUMMARY_ROOM_BYTES);
    struct json_object *object = malloc(sizeof(*object));
    struct fmt out;

    summary_find(&texts, job->passes, &settings, API_CHAT, body, &messages, room);
    for (int of = 0; of < SUMMARY_KINDS; of++) {
        (void)summary_key(secret, &texts, (enum summary_of)of, &maker);
        fmt_init(&out, room, body.len + SUMMARY_ROOM_BYTES);
        if (!summary_request(&out, &texts, (enum summary_of)of, &maker) ||
            !json_object_read(object, fmt_span(&out)))
            __builtin_trap();
    }
    if (texts.system != NULL)
        *said = (struct compress_said){texts.system->value.ptr, SPAN("\n\""), SPAN("\"so\"")};
    else
        said->history = SPAN("\"so\"");
    free(object);
    free(room);
}

static void fuzz_body(const struct compress_job *job, struct compress_said *said, struct span body)
{
    static struct json_object object;
    static struct prefix_table table;
    static struct messages before;
    static struct messages after;
    struct prefix_match match;
    struct compress_result r;
    struct request request;
    char *out;

    if (!request_read(&request, API_CHAT, body, &object) && request.err != REQUEST_ERR_NO_MODEL)
        return;
    out = malloc(body.len > 0 ? body.len : 1);
    if (job->said != NULL)
        fuzz_said(job, body, said);
    compress_request(job, API_CHAT, body, out, &r);
    if (r.changed) {
        struct span got = span_of(out, r.bytes_after);

        if (got.len >= body.len || !json_object_read(&object, got))
            __builtin_trap();
        messages_read(&before, API_CHAT, body);
        messages_read(&after, API_CHAT, got);
        if (after.message_count > before.message_count + (job->said != NULL) ||
            (r.drop_count == 0 && after.message_count != before.message_count))
            __builtin_trap();
    }
    free(out);
    prefix_find(&table, 0, API_CHAT, body, 0, &match);
    if (match.bytes > body.len)
        __builtin_trap();
    prefix_remember(&table, 0, API_CHAT, body, false, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct compress_scratch scratch;
    struct compress_passes passes;
    struct compress_said said = {.system_at = NULL};
    struct compress_job job = {.passes = &passes, .scratch = &scratch};
    struct span in;
    char why[128];
    struct fmt f;

    if (size == 0)
        return 0;
    fmt_init(&f, why, sizeof(why));
    if (!compress_passes_parse(&passes,
                               span_str(lists[data[0] % (sizeof(lists) / sizeof(lists[0]))]), &f))
        __builtin_trap();
    in = span_of((const char *)data + 1, size - 1);
    (void)compress_passes_parse(&passes, span_part(in, 0, 40), &f);
    fmt_init(&f, why, sizeof(why));
    (void)compress_passes_parse(&passes,
                                span_str(lists[data[0] % (sizeof(lists) / sizeof(lists[0]))]), &f);
    fuzz_text(&job, in);
    if (compress_passes_has(&passes, COMPRESS_SUMMARIZE))
        job.said = &said;
    fuzz_body(&job, &said, in);
    return 0;
}
