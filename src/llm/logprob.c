#include "llm/logprob.h"

#include <string.h>

#include "json/walk.h"

enum {
    MICRO_PER_MILLI = 1000,
    MICRO_DECIMALS = 6,
    MICRO_LEAST = -LOGPROB_LEAST_MILLI * MICRO_PER_MILLI,
    SHIFT_MAX = 1000, /* beyond it nothing or everything is left */
};

static bool logprob_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The power of ten behind an 'e', as far as it matters. */
static int logprob_shift(struct span digits)
{
    int shift = 0;

    for (size_t i = 0; i < digits.len && shift < SHIFT_MAX && logprob_is_digit(digits.ptr[i]); i++)
        shift = shift * 10 + (digits.ptr[i] - '0');
    return shift;
}

/* A number of JSON in millionths, between the least and 0. */
static int64_t logprob_micro(struct span number)
{
    int64_t micro = 0;
    int shift = MICRO_DECIMALS;
    bool behind_point = false;
    size_t i = 1;

    if (number.len < 2 || number.ptr[0] != '-')
        return 0;
    for (; i < number.len && (number.ptr[i] == '.' || logprob_is_digit(number.ptr[i])); i++) {
        if (number.ptr[i] == '.') {
            behind_point = true;
        } else if (micro < MICRO_LEAST) {
            micro = micro * 10 + (number.ptr[i] - '0');
            shift -= behind_point;
        } else {
            shift += !behind_point; /* there are digits enough */
        }
    }
    if (i + 1 < number.len && number.ptr[i + 1] == '-')
        shift -= logprob_shift(span_part(number, i + 2, number.len));
    else if (i + 1 < number.len)
        shift +=
            logprob_shift(span_part(number, i + (number.ptr[i + 1] == '+' ? 2 : 1), number.len));
    for (; shift > 0 && micro > 0 && micro < MICRO_LEAST; shift--)
        micro *= 10;
    for (; shift < 0 && micro > 0; shift++)
        micro /= 10;
    return micro < MICRO_LEAST ? -micro : -(int64_t)MICRO_LEAST;
}

int64_t logprob_mean_milli(struct span body)
{
    int64_t sum_micro = 0;
    int64_t count = 0;
    struct json_walk w;
    struct span name;
    struct span value = SPAN_EMPTY;
    int64_t milli;

    if (json_walk_start(&w, json_walk_get(body, "choices")) && !w.is_object)
        (void)json_walk_next(&w, &name, &value);
    if (json_walk_start(&w, json_walk_get(json_walk_get(value, "logprobs"), "content")))
        while (json_walk_next(&w, &name, &value)) {
            struct span number = json_walk_get(value, "logprob");

            if (json_walk_kind(number) != JSON_NUMBER)
                continue;
            sum_micro += logprob_micro(number);
            count++;
        }
    if (count == 0)
        return 0;
    milli = sum_micro / count / MICRO_PER_MILLI;
    return milli < 0 ? milli : -1; /* a model that is quite sure is not unknown */
}

/* The first that is longer than a null; empty when there is none. */
static struct span logprob_find(struct span body)
{
    static const size_t null_bytes = 4;
    struct json_walk w;
    struct span name;
    struct span choice;

    if (json_walk_start(&w, json_walk_get(body, "choices")) && !w.is_object)
        while (json_walk_next(&w, &name, &choice)) {
            struct span value = json_walk_get(choice, "logprobs");

            if (json_walk_kind(value) == JSON_OBJECT && value.len >= null_bytes)
                return value;
        }
    return SPAN_EMPTY;
}

size_t logprob_strip(char *body, size_t bytes, int64_t choices)
{
    struct span null = SPAN("null");

    if (!json_walk_valid(span_of(body, bytes)))
        return bytes;
    for (; choices > 0; choices--) {
        struct span value = logprob_find(span_of(body, bytes));
        size_t at;
        size_t end;

        if (value.len == 0)
            break;
        at = (size_t)(value.ptr - body);
        end = at + value.len;
        memcpy(body + at, null.ptr, null.len);
        memmove(body + at + null.len, body + end, bytes - end);
        bytes -= value.len - null.len;
    }
    return bytes;
}
