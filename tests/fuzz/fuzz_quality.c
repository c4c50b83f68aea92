/* Any bytes as request, question, answer and tool calls (with bytes 0 between them): a score within
 * its bounds, the same twice, for a beginning never below the loop's or the form's verdict; and
 * loops are found alike however the answer is cut. */
#include "policy/loop.h"
#include "policy/quality.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span next_part(struct span *text)
{
    struct span part = span_part(*text, 0, span_find_byte(*text, '\0'));

    *text = span_part(*text, part.len + 1, text->len);
    return part;
}

static void check_bounds(const struct quality *q)
{
    if (q->score < 0 || q->score > 1000)
        __builtin_trap();
    for (size_t i = 0; i < CHECK_COUNT; i++)
        if (q->checks[i] < QUALITY_NONE || q->checks[i] > 1000)
            __builtin_trap();
}

static void check_loop(struct span text)
{
    struct text_loop whole;
    struct text_loop bytes;

    loop_start(&whole);
    loop_start(&bytes);
    (void)loop_feed(&whole, text);
    for (size_t i = 0; i < text.len; i++)
        (void)loop_feed(&bytes, span_part(text, i, 1));
    if (whole.found != bytes.found || whole.found_at != bytes.found_at)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct quality_work work;
    struct span text = span_of((const char *)data, size);
    struct span body = next_part(&text);
    struct quality_request request;
    struct quality_input in = {.judge = QUALITY_NONE, .agree = QUALITY_NONE};
    struct quality q;
    struct quality again;

    if (quality_request_read(&request, body, &work))
        in.request = &request;
    in.question = next_part(&text);
    in.answer = next_part(&text);
    in.calls = next_part(&text);
    in.finish = text;
    quality_score(&q, &in, NULL, &work);
    check_bounds(&q);
    quality_score(&again, &in, NULL, &work);
    if (again.score != q.score)
        __builtin_trap();
    in.partial = true;
    quality_score(&again, &in, NULL, &work);
    check_bounds(&again);
    check_loop(in.answer);
    (void)quality_agreement(in.question, in.answer, body);
    return 0;
}
