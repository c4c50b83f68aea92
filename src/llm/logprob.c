#include "llm/logprob.h"

#include <string.h>

#include "json/walk.h"

enum {
    MICRO_PER_MILLI = 1000,
    MICRO_DECIMALS = 6,
    LEAST_WHOLE = -LOGPROB_LEAST_MILLI / 1000,
};

/* A number of JSON in millionths, between the least and 0. Exponents stand behind mantissas of one
 * digit before the point, so a few places to the right nothing is left. */
static int64_t logprob_micro(struct span number)
{
    int64_t micro = 0;
    int decimals = -1; /* behind the point */
    int shift = 0;
    size_t i = 1;

    if (number.len < 2 || number.ptr[0] != '-')
        return 0;
    for (; i < number.len && number.ptr[i] != 'e' && number.ptr[i] != 'E'; i++) {
        if (number.ptr[i] == '.')
            decimals = 0;
        else if (decimals < MICRO_DECIMALS && micro <= (int64_t)LEAST_WHOLE * 10000000) {
            micro = micro * 10 + (number.ptr[i] - '0');
            decimals += decimals >= 0;
        }
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < MICRO_DECIMALS; decimals++)
        micro = micro <= (int64_t)LEAST_WHOLE * 10000000 ? micro * 10 : micro;
    if (i + 1 < number.len) {
        bool down = number.ptr[i + 1] == '-';

        for (i += number.ptr[i + 1] == '-' || number.ptr[i + 1] == '+' ? 2 : 1;
             i < number.len && shift < 10; i++)
            shift = shift * 10 + (number.ptr[i] - '0');
        for (; shift > 0 && micro <= (int64_t)LEAST_WHOLE * 10000000; shift--)
            micro = down ? micro / 10 : micro * 10;
    }
    return micro < (int64_t)LEAST_WHOLE * 1000000 ? -micro : -(int64_t)LEAST_WHOLE * 1000000;
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
