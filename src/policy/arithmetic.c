/* Where the sums of an answer stand, its final number, and what they say. */
#include "policy/arithmetic.h"

#include "base/ascii.h"
#include "base/check.h"
#include "policy/fold.h"
#include "policy/logistic.h"
#include "policy/phrases.h"

enum {
    UNIT = ARITHMETIC_UNIT,
    SUM_BYTES = 96,        /* the left side of a sum that is looked at */
    HEAD_BYTES = 1024,     /* folded, of question and answer, for words */
    MARKER_BYTES = 24,     /* between an answer marker and its number */
    TOLERANCE_SHARE = 160, /* sums may be rounded: by 1/160, or by 0.006 */
    TOLERANCE_LEAST = 60,
    WRONG_MAX = 2,
    UNUSED_MAX = 3,
    UNREACHED_MAX = 4,
    LONG_FROM_BYTES = 128,
    LONG_MAX = 24, /* eighths of doublings: 1 KB */
    ASKED_LEAST = 2,
    EVIDENCE_BASE = 4000,
    DECIMAL_COUNT = 2, /* a count is whole; */
    DECIMAL_ELSE = 1,  /* a price need not be */
    LONG_PARTS = 8,
};

/* Milli-logits for one of each; see the header. */
static const int16_t weights[FACT_COUNT] = {
    [FACT_WRONG] = -1200,        [FACT_NO_ANSWER] = -1600,
    [FACT_DECIMAL] = -3200,      [FACT_NOT_ABOVE_0] = -3400,
    [FACT_CUT] = -2400,          [FACT_HEDGE] = -1000,
    [FACT_UNUSED] = -620,        [FACT_UNREACHED] = -610,
    [FACT_NOT_COMPUTED] = -1900, [FACT_LONG] = -800 / LONG_PARTS,
};

static const char wanting[] =
    "9how [many|much|long|old|far|fast|tall|big|often|large|wide|deep|heavy|high]\n"
    "9[calculate|compute|percentage of|what percent|probability]\n"
    "9what[s| ]*[total|sum|average|number|amount|cost|price|area|value|difference|profit|product|"
    "result|mean|median|age|speed|distance|score|salary|weight|depth|length|height|width|volume|"
    "percent|chance|ratio|remain|fraction]\n"
    "9[wie viel|wieviel|berechne|combien|calcule|cuant|quanti|quanto|quanta|hoeveel|bereken|ile |"
    "oblicz|сколько|вычисли|多少|几个|計算|计算|いくつ|いくら|몇|"
    "얼마]\n";
/* Numbers in words; only that they are there counts. */
static const char words[] = "1[two|twice|double|pair]\n1[three|third|triple]\n1[four|quarter]\n"
                            "1five\n1six\n1seven\n1[eight|nine]\n1[ten |tens]\n1half\n"
                            "1[twelve|dozen]\n1[twenty|thirty|forty|fifty|hundred|thousand]\n"
                            "1[eleven|thirteen|one ]\n";
static const char counting[] =
    "9[how many|wie "
    "viele|hoeveel|cuantos|cuantas|quanti|quante|quantos|quantas|сколько|多少个|几个|"
    "いくつ|몇]\n";
static const char hedging[] =
    "9[however|assum|approximately|not possible|cannot|cant |unclear|not enough|impossible|"
    "doesnt make sense|does not make sense|mistake|wait |actually|seems|inexact]\n";

struct numbers {
    int64_t *values;
    size_t count;
    size_t capacity;
};

struct sums {
    struct numbers results;
    struct numbers operands;
    int64_t result_values[ARITHMETIC_RESULTS];
    int64_t operand_values[ARITHMETIC_OPERANDS];
};

static bool near_by(int64_t a, int64_t b)
{
    int64_t slack = (b < 0 ? -b : b) / TOLERANCE_SHARE;
    int64_t gap = a < b ? b - a : a - b;

    return gap <= (slack > TOLERANCE_LEAST ? slack : TOLERANCE_LEAST);
}

static bool numbers_have(const struct numbers *n, int64_t value)
{
    for (size_t i = 0; i < n->count; i++)
        if (near_by(n->values[i], value))
            return true;
    return false;
}

static void numbers_add(struct numbers *n, int64_t value)
{
    if (n->count < n->capacity)
        n->values[n->count++] = value;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (uint8_t)c >= 0xC4;
}

/* The next number that is no part of a word; *text goes behind it. */
static bool number_next(struct span *text, int64_t *out)
{
    for (size_t i = 0; i < text->len; i++) {
        size_t len;

        if (!ascii_is_digit(text->ptr[i]))
            continue;
        len = arithmetic_number(span_part(*text, i, text->len), out);
        if (i > 0 && is_letter(text->ptr[i - 1])) {
            i += len - 1;
            continue;
        }
        *text = span_part(*text, i + len, text->len);
        return true;
    }
    return false;
}

static void numbers_of(struct numbers *n, struct span text)
{
    int64_t value;

    while (n->count < n->capacity && number_next(&text, &value))
        if (!numbers_have(n, value))
            numbers_add(n, value);
}

static bool names_number(struct span text, int64_t wanted)
{
    int64_t value;

    while (number_next(&text, &value))
        if (near_by(value, wanted))
            return true;
    return false;
}

/* ---- sums ---- */

static bool sum_byte(char c)
{
    return ascii_is_digit(c) || c == ' ' || c == '.' || c == ',' || c == '+' || c == '-' ||
           c == '*' || c == '/' || c == 'x' || c == '(' || c == ')' || c == '$' || c == '%' ||
           c == '\\' || (uint8_t)c >= 0x80;
}

/* What stands left of text[equals] and can be worked out: the longest tail that is a sum. */
static struct span sum_left(struct span text, size_t equals)
{
    size_t from = equals;
    size_t limit = equals > SUM_BYTES ? equals - SUM_BYTES : 0;

    /* A dot or a comma that no digit follows ends what is before. */
    while (from > limit && sum_byte(text.ptr[from - 1]) &&
           (ascii_is_digit(text.ptr[from]) ||
            (text.ptr[from - 1] != '.' && text.ptr[from - 1] != ',')))
        from--;
    while (from < equals && !ascii_is_digit(text.ptr[from]) && text.ptr[from] != '(')
        from++;
    return span_of(text.ptr + from, equals - from);
}

/* The number behind '=', over blanks, currencies and a calculator mark; with its sign. */
static bool sum_right(struct span rest, int64_t *out)
{
    bool minus = false;
    size_t len;

    for (;;) {
        struct span before = rest;

        while (rest.len > 0 && (rest.ptr[0] == ' ' || rest.ptr[0] == '$'))
            rest = span_part(rest, 1, rest.len);
        if (span_starts(rest, SPAN("\xE2\x82\xAC")))
            rest = span_part(rest, 3, rest.len);
        if (span_starts(rest, SPAN("\xC2\xA3")))
            rest = span_part(rest, 2, rest.len);
        if (span_starts(rest, SPAN("<<")))
            rest =
                span_part(rest, span_find(span_part(rest, 0, SUM_BYTES), SPAN(">>")) + 2, rest.len);
        if (rest.len == before.len)
            break;
    }
    if (rest.len > 0 && rest.ptr[0] == '-') {
        minus = true;
        rest = span_part(rest, rest.len > 1 && rest.ptr[1] == '$' ? 2 : 1, rest.len);
    }
    len = arithmetic_number(rest, out);
    if (minus)
        *out = -*out;
    return len > 0;
}

static bool has_sign(struct span left)
{
    for (size_t i = 1; i < left.len; i++)
        if (left.ptr[i] == '+' || left.ptr[i] == '-' || left.ptr[i] == '*' || left.ptr[i] == '/' ||
            left.ptr[i] == 'x' || (uint8_t)left.ptr[i] >= 0x80)
            return true;
    return false;
}

static void sum_at(struct arithmetic *a, struct sums *s, struct span text, size_t equals)
{
    struct span left = sum_left(text, equals);
    int64_t said;
    int64_t value;

    if (!has_sign(left) || !sum_right(span_part(text, equals + 1, text.len), &said) ||
        !arithmetic_value(left, &value))
        return;
    a->sums++;
    /* Per cent are often left out: "50 * 20 = 10". */
    if (!near_by(value, said) && !near_by(value / 100, said) && !near_by(value, said / 100))
        a->wrong++;
    numbers_add(&s->results, said);
    numbers_of(&s->operands, left);
}

static void sums_read(struct arithmetic *a, struct sums *s, struct span answer)
{
    s->results = (struct numbers){s->result_values, 0, ARITHMETIC_RESULTS};
    s->operands = (struct numbers){s->operand_values, 0, ARITHMETIC_OPERANDS};
    for (size_t i = 1; i + 1 < answer.len; i++)
        if (answer.ptr[i] == '=' && answer.ptr[i - 1] != '=' && answer.ptr[i + 1] != '=')
            sum_at(a, s, answer, i);
}

/* ---- the final number ---- */

static const char *const markers[] = {
    "####", "answer is", "Answer:", "ANSWER:", "\\boxed{", "nswer:**", "\nA:", "answer:"};

static bool final_marked(struct arithmetic *a, struct span answer, bool *marked)
{
    struct span best = SPAN_EMPTY;
    struct span part;

    for (size_t i = 0; i < ARRAY_LEN(markers); i++) {
        struct span marker = span_str(markers[i]);
        struct span rest = answer;

        for (size_t at = span_find(rest, marker); at < rest.len; at = span_find(rest, marker)) {
            rest = span_part(rest, at + marker.len, rest.len);
            if (best.ptr == NULL || rest.len < best.len)
                best = rest;
        }
    }
    *marked = best.ptr != NULL;
    for (size_t i = 0; i < best.len && i < MARKER_BYTES; i++)
        if (ascii_is_digit(best.ptr[i])) {
            part = span_part(best, i, best.len);
            (void)arithmetic_number(part, &a->final);
            if (i > 0 && (best.ptr[i - 1] == '-' || (i > 1 && best.ptr[i - 2] == '-')))
                a->final = -a->final;
            return true;
        }
    return false;
}

/* The line or sentence that the text ends with. */
static struct span last_line(struct span text)
{
    size_t from;

    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\n' ||
                            text.ptr[text.len - 1] == '.'))
        text.len--;
    from = text.len;
    while (from > 0 && text.ptr[from - 1] != '\n' &&
           !(text.ptr[from - 1] == ' ' && from > 1 && text.ptr[from - 2] == '.'))
        from--;
    return span_part(text, from, text.len);
}

static void final_read(struct arithmetic *a, struct span answer)
{
    struct span line = last_line(answer);
    struct span rest = answer;
    int64_t value;
    bool marked = false;

    a->has_final = final_marked(a, answer, &marked);
    if (!a->has_final)
        while (number_next(&rest, &value)) {
            a->final = value;
            a->has_final = true;
        }
    /* Who works with calculator marks ends with a marker. */
    a->facts[FACT_NO_ANSWER] =
        !marked && (span_find(answer, SPAN("<<")) < answer.len || !number_next(&line, &value));
}

/* ---- facts ---- */

static int folded_points(struct span text, const char *table)
{
    char folded[HEAD_BYTES];
    struct phrases p = {table, NULL, 0};

    return phrases_points(&p, fold_text(text, folded, sizeof(folded)), sizeof(folded));
}

static bool folded_has(struct span text, const char *table)
{
    return folded_points(text, table) > 0;
}

/* The end of a question is where it asks. */
static struct span tail_of(struct span text)
{
    return text.len > HEAD_BYTES / 2 ? span_part(text, text.len - HEAD_BYTES / 2, text.len) : text;
}

/* A calculator mark without its end. */
static bool mark_is_open(struct span text)
{
    for (size_t at = span_find(text, SPAN("<<")); at < text.len; at = span_find(text, SPAN("<<"))) {
        text = span_part(text, at, text.len);
        if (span_find(text, SPAN(">>")) == text.len)
            return true;
        text = span_part(text, span_find(text, SPAN(">>")), text.len);
    }
    return false;
}

static bool text_is_cut(struct span answer)
{
    char last;

    if (mark_is_open(answer))
        return true;
    while (answer.len > 0 &&
           (answer.ptr[answer.len - 1] == ' ' || answer.ptr[answer.len - 1] == '\n'))
        answer.len--;
    if (answer.len == 0)
        return true;
    last = answer.ptr[answer.len - 1];
    return !ascii_is_digit(last) && (uint8_t)last < 0x80 &&
           span_find_byte(SPAN(".!?>)]}\"'*%$`:"), last) == SPAN(".!?>)]}\"'*%$`:").len;
}

static void facts_asked(struct arithmetic *a, const struct sums *s, const struct numbers *asked,
                        struct span answer)
{
    for (size_t i = 0; i < asked->count; i++) {
        int64_t value = asked->values[i];
        bool reached = numbers_have(&s->operands, value) || numbers_have(&s->operands, value / 100);

        if (!names_number(answer, value) && a->facts[FACT_UNUSED] < UNUSED_MAX)
            a->facts[FACT_UNUSED]++;
        if (!reached && a->facts[FACT_UNREACHED] < UNREACHED_MAX)
            a->facts[FACT_UNREACHED]++;
    }
    /* An answer that shows no sums tells nothing about them. */
    if (a->sums == 0 && a->facts[FACT_UNUSED] > 1)
        a->facts[FACT_UNUSED] = 1;
    if (a->sums == 0 && a->facts[FACT_UNREACHED] > 1)
        a->facts[FACT_UNREACHED] = 1;
}

/* Doublings beyond LONG_FROM_BYTES in eighths, the parts of a doubling taken evenly. */
static uint8_t question_length(size_t bytes)
{
    size_t step = LONG_FROM_BYTES;
    size_t parts = 0;

    while (bytes >= 2 * step && parts < LONG_MAX) {
        step *= 2;
        parts += LONG_PARTS;
    }
    if (bytes > step && parts < LONG_MAX)
        parts += (bytes - step) * LONG_PARTS / step;
    return (uint8_t)(parts < LONG_MAX ? parts : LONG_MAX);
}

/* A count is whole, and so is mostly what whole numbers lead to; sums of money need not be. */
static uint8_t decimal_fact(const struct arithmetic *a, struct span question,
                            const struct numbers *asked)
{
    bool parts = span_find_byte(question, '$') < question.len ||
                 span_find_byte(question, '%') < question.len;

    if (!a->has_final || a->final % UNIT == 0)
        return 0;
    for (size_t i = 0; i < asked->count; i++)
        parts = parts || asked->values[i] % UNIT != 0;
    return !parts || folded_has(tail_of(question), counting) ? DECIMAL_COUNT : DECIMAL_ELSE;
}

void arithmetic_read(struct arithmetic *a, struct span question, struct span answer)
{
    int64_t asked_values[ARITHMETIC_ASKED];
    struct numbers asked = {asked_values, 0, ARITHMETIC_ASKED};
    struct sums s;

    *a = (struct arithmetic){.sums = 0};
    sums_read(a, &s, answer);
    a->facts[FACT_WRONG] = (uint8_t)(a->wrong < WRONG_MAX ? a->wrong : WRONG_MAX);
    numbers_of(&asked, question);
    a->wants_number = folded_has(tail_of(question), wanting) &&
                      asked.count + (size_t)folded_points(question, words) >= ASKED_LEAST &&
                      span_find(answer, SPAN("```")) == answer.len;
    if (!a->wants_number)
        return;
    final_read(a, answer);
    a->facts[FACT_DECIMAL] = decimal_fact(a, question, &asked);
    a->facts[FACT_NOT_ABOVE_0] = a->has_final && a->final <= 0;
    a->facts[FACT_CUT] = text_is_cut(answer);
    a->facts[FACT_HEDGE] = folded_has(answer, hedging);
    facts_asked(a, &s, &asked, answer);
    a->facts[FACT_NOT_COMPUTED] = s.results.count > 0 && !numbers_have(&s.results, a->final);
    a->facts[FACT_LONG] = question_length(question.len);
}

int arithmetic_score(const struct arithmetic *a)
{
    int64_t evidence = EVIDENCE_BASE;

    if (!a->wants_number && a->sums == 0)
        return -1;
    for (size_t i = 0; i < FACT_COUNT; i++)
        evidence += weights[i] * a->facts[i];
    return logistic_score(evidence);
}
