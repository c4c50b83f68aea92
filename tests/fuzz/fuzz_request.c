/* A request that is read can be rewritten, and the result is read again with the vendor's model. */
#include <string.h>

#include "llm/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_object scratch;
    static struct answer a;
    static char out[1 << 20];
    struct request_edit edit = {"the-vendors", true};
    const bool more = size > 0 && data[size - 1] == '\n';
    struct request r;
    struct request again;
    struct splice s;
    char put[128];
    size_t len = 0;
    struct fmt f;

    if (size > 1 << 19)
        return 0;
    if (more) {
        edit.stream = true;
        edit.hint = "Be \"brief\".";
    }
    if (request_read(&r, API_CHAT, span_of((const char *)data, size), &scratch)) {
        fmt_init(&f, put, sizeof(put));
        if (!request_rewrite(&r, &edit, &s, &f))
            __builtin_trap();
        for (struct span p = splice_piece(&s, 0); p.len > 0; p = splice_piece(&s, len)) {
            memcpy(out + len, p.ptr, p.len);
            len += p.len;
        }
        /* One member more may be one too many; nothing else may go wrong. */
        if (!request_read(&again, API_CHAT, span_of(out, len), &scratch)) {
            if (again.json_err != JSON_ERR_MEMBERS)
                __builtin_trap();
        } else if (strcmp(again.model, "the-vendors") != 0 || again.stream != (r.stream || more) ||
                   (again.stream && !again.include_usage)) {
            __builtin_trap();
        }
    }
    memset(&r, 0, sizeof(r));
    r.stream = true;
    answer_start(&a, &r, true);
    answer_event_data(&a, span_of((const char *)data, size));
    (void)answer_event_end(&a, SPAN_EMPTY);
    answer_start(&a, &r, true);
    answer_feed(&a, span_of((const char *)data, size));
    answer_finish(&a);
    return answer_usage(&a, (int64_t)size, answer_output_estimate(&a)).input < 0;
}
