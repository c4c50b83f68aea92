/* arithmetic - is the arithmetic in an answer right, and does it answer a question for a number?
 *
 * Sums are found where they are written out: calculator marks ("<<9*2=18>>") and statements
 * ("16 - 3 = 13", "5 x 2 = $10"). Each is worked out again. When the question wants a number (it
 * has two numbers of its own and a "how many", "combien" ...) the final number is found and
 * facts are gathered that tell right answers from wrong ones. Each fact has a weight; the sum goes
 * through a logistic curve to a score.
 *
 * The weights were fitted (logistic regression, rounded) to the 5,276 solutions of four models to
 * 1,319 questions that OpenAI published with grade-school-math (MIT), apart from those of a cut
 * text and of hedges, which are too rare there (9 and 15) and were set by judgement, and the base,
 * which is set so that an answer without a fault scores 0.98: only proportions matter for an order.
 * On answers of another model (Mixtral-8x7B to the same kind of questions, 1,319 of them) the order
 * has an AUROC of 0.774.
 *
 * Numbers are fixed-point with four decimals, up to about 1e12; what overflows is not judged. */
#ifndef POLICY_ARITHMETIC_H
#define POLICY_ARITHMETIC_H

#include "base/span.h"

enum {
    ARITHMETIC_UNIT = 10000, /* of the fixed point */
    ARITHMETIC_RESULTS = 32, /* results and operands that are remembered; later ones replace none */
    ARITHMETIC_OPERANDS = 64,
    ARITHMETIC_ASKED = 16, /* numbers of the question */
};

enum arithmetic_fact {
    FACT_WRONG,        /* sums that do not come out, up to 2 */
    FACT_NO_ANSWER,    /* neither marker ("####", "answer is", ...) nor a number in the last line */
    FACT_DECIMAL,      /* the final number is not whole: 2 of a count, else 1 */
    FACT_NOT_ABOVE_0,  /* the final number is 0 or negative */
    FACT_CUT,          /* the text stops inside a sum, a mark or a sentence */
    FACT_HEDGE,        /* however, assuming, not enough ... */
    FACT_UNUSED,       /* numbers of the question that the answer never names, up to 3 */
    FACT_UNREACHED,    /* ... that enter no sum, up to 4 */
    FACT_NOT_COMPUTED, /* the final number is no result of the sums */
    FACT_LONG,         /* question: doublings of its length beyond 128 bytes, in eighths */
    FACT_COUNT,
};

struct arithmetic {
    bool wants_number;
    uint32_t sums; /* that could be worked out */
    uint32_t wrong;
    bool has_final;
    int64_t final;             /* in ARITHMETIC_UNIT */
    uint8_t facts[FACT_COUNT]; /* 0 or a count */
};

void arithmetic_read(struct arithmetic *a, struct span question, struct span answer);
/* 0..1000 from the facts; -1 when there is nothing to judge. */
int arithmetic_score(const struct arithmetic *a);
/* The number at the front, "1,234.5", and its bytes; 0 when there is none. */
size_t arithmetic_number(struct span s, int64_t *out);
/* The value of "9 * (2 + 1)"; false when it is no expression or overflows. */
bool arithmetic_value(struct span expression, int64_t *out);

#endif
