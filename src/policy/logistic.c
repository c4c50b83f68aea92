#include "policy/logistic.h"

#include <stddef.h>

#include "base/check.h"

enum { LOGISTIC_STEP = 500 };

/* 1000 / (1 + exp(-x)) for x = 0, 0.5 ... 7, in tenths. */
static const int16_t upper[] = {5000, 6225, 7311, 8176, 8808, 9241, 9526, 9707,
                                9820, 9890, 9933, 9959, 9975, 9985, 9991};

enum { LOGISTIC_TOP = (sizeof(upper) / sizeof(upper[0]) - 1) * LOGISTIC_STEP };

int logistic_score(int64_t evidence_milli)
{
    int64_t size = evidence_milli < 0 ? -evidence_milli : evidence_milli;
    int64_t at;
    int64_t tenths;

    if (evidence_milli <= -LOGISTIC_TOP)
        return 1;
    if (evidence_milli >= LOGISTIC_TOP)
        return 999;
    at = size / LOGISTIC_STEP;
    tenths = upper[at] + (upper[at + 1] - upper[at]) * (size % LOGISTIC_STEP) / LOGISTIC_STEP;
    if (evidence_milli < 0)
        tenths = 10000 - tenths;
    return (int)((tenths + 5) / 10);
}

int64_t logistic_evidence(int score)
{
    int32_t tenths = (score < 500 ? 1000 - score : score) * 10;
    size_t at = 0;
    int64_t size;

    if (tenths > upper[ARRAY_LEN(upper) - 1])
        tenths = upper[ARRAY_LEN(upper) - 1];
    while (at + 2 < ARRAY_LEN(upper) && upper[at + 1] < tenths)
        at++;
    size = (int64_t)at * LOGISTIC_STEP +
           (int64_t)(tenths - upper[at]) * LOGISTIC_STEP / (upper[at + 1] - upper[at]);
    return score < 500 ? -size : size;
}
