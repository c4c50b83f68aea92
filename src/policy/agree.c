#include "policy/agree.h"

#include "base/check.h"
#include "policy/arithmetic.h"
#include "policy/fold.h"
#include "json/scan.h"

enum {
    CONTAINED = 900, /* a short answer inside a longer one */
    VERDICT = 700,   /* the same yes or no, whatever follows */
    LABEL_WORDS = 3,
    SENTENCE_WORDS = 20, /* that may hold a label or a name */
    SHORT_WORDS = 40,    /* whose numbers and negations are what they are about */
    WORD_BITS = 4096,    /* AGREE_TEXT_BYTES have at most 800 words of four letters */
    WORD_LETTERS = 4,
    FENCE_BYTES = 3,
};

/* ---- JSON ---- */

/* A hash for each open value: members add up, whatever their order; elements are chained. */
struct hashing {
    struct span text;
    uint64_t sum[JSON_DEPTH_MAX + 1];
    uint64_t key[JSON_DEPTH_MAX + 1];
    uint64_t string;
    uint64_t begin;
    enum json_kind kind[JSON_DEPTH_MAX + 1];
};

static uint64_t mix(uint64_t hash, struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (uint8_t)s.ptr[i]) * UINT64_C(0x100000001b3); /* FNV-1a's prime */
    return hash ^ hash >> 29;
}

static void hash_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct hashing *h = ctx;

    (void)cut;
    h->key[depth] = mix(2, name);
}

static void hash_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct hashing *h = ctx;

    h->kind[depth] = kind;
    h->sum[depth] = (uint64_t)kind;
    h->begin = offset;
    h->string = (uint64_t)kind;
}

static void hash_text(void *ctx, unsigned depth, struct span decoded)
{
    struct hashing *h = ctx;

    (void)depth;
    for (size_t i = 0; i < decoded.len; i++)
        h->string = (h->string ^ (uint8_t)decoded.ptr[i]) * UINT64_C(0x100000001b3);
}

static void hash_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct hashing *h = ctx;
    uint64_t value = h->sum[depth];

    if (kind == JSON_STRING)
        value = h->string;
    else if (kind == JSON_NUMBER)
        value = mix(value, span_part(h->text, (size_t)h->begin, (size_t)(end_offset - h->begin)));
    if (depth == 0) {
        h->sum[0] = value;
        return;
    }
    if (h->kind[depth - 1] == JSON_OBJECT)
        h->sum[depth - 1] += mix(h->key[depth], span_of((const char *)&value, sizeof(value)));
    else
        h->sum[depth - 1] = mix(h->sum[depth - 1], span_of((const char *)&value, sizeof(value)));
}

/* False when the text is no JSON object or array. */
static bool hash_json(struct span text, uint64_t *hash)
{
    static const struct json_visitor visitor = {hash_key, hash_begin, hash_text, hash_end};
    struct hashing h;
    struct json_scan scan;

    if (text.len == 0 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return false;
    memset(&h, 0, sizeof(h));
    h.text = text;
    json_scan_start(&scan, &visitor, &h, false);
    if (json_scan_feed(&scan, text) == PARSE_BAD || json_scan_finish(&scan) == PARSE_BAD)
        return false;
    *hash = h.sum[0];
    return true;
}

static struct span trim_lines(struct span s)
{
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[0]) != NULL)
        s = span_part(s, 1, s.len);
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

/* What a fence around all of an answer holds. */
static struct span without_fence(struct span s)
{
    s = trim_lines(s);
    if (s.len < 2 * FENCE_BYTES || !span_starts(s, SPAN("```")) || !span_ends(s, SPAN("```")))
        return s;
    s = span_part(s, span_find_byte(s, '\n'), s.len);
    return trim_lines(span_part(s, 0, s.len > FENCE_BYTES ? s.len - FENCE_BYTES : 0));
}

/* ---- words ---- */

struct said {
    struct span folded; /* words, each with a space behind it */
    size_t words;
    int verdict; /* 1 yes, -1 no, 0 neither */
    bool negated;
    char text[AGREE_TEXT_BYTES];
    uint32_t set[WORD_BITS / 32];
};

static bool has_digit(struct span word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] >= '0' && word.ptr[i] <= '9')
            return true;
    return false;
}

static bool in_list(const char *list, struct span word)
{
    struct span rest = span_str(list);
    struct span one;

    while (span_split(&rest, ' ', &one))
        if (span_equal(one, word))
            return true;
    return false;
}

static void read_said(struct said *s, struct span answer)
{
    struct span rest;
    struct span word;

    memset(s->set, 0, sizeof(s->set));
    s->words = 0;
    s->verdict = 0;
    s->negated = false;
    s->folded = fold_text(answer, s->text, sizeof(s->text));
    while (span_ends(s->folded, SPAN(" . ")))
        s->folded.len -= 2;
    rest = s->folded;
    while (span_split(&rest, ' ', &word)) {
        uint64_t hash;

        if (word.len == 0 || span_equal(word, SPAN(".")))
            continue;
        if (s->words == 0)
            s->verdict = in_list("yes true ja oui si correct", word)          ? 1
                         : in_list("no false nein non incorrect wrong", word) ? -1
                                                                              : 0;
        s->words++;
        s->negated |= in_list("not no never cannot cant dont doesnt isnt arent wont nicht kein "
                              "keine pas jamais nunca",
                              word);
        hash = mix(1, word);
        if (word.len >= WORD_LETTERS || has_digit(word))
            s->set[hash % WORD_BITS / 32] |= UINT32_C(1) << hash % 32;
    }
}

static bool says(const struct said *s, struct span word)
{
    struct span rest = s->folded;
    struct span one;

    while (span_split(&rest, ' ', &one))
        if (span_equal(one, word))
            return true;
    return false;
}

/* Every number of a stands in b. Only for short texts: words times words. */
static bool has_numbers_of(const struct said *b, const struct said *a)
{
    struct span rest = a->folded;
    struct span word;

    while (span_split(&rest, ' ', &word))
        if (has_digit(word) && !says(b, word))
            return false;
    return true;
}

static int overlap(const struct said *a, const struct said *b)
{
    int both = 0;
    int either = 0;

    for (size_t i = 0; i < ARRAY_LEN(a->set); i++)
        for (uint32_t bit = 1; bit != 0; bit <<= 1) {
            both += (a->set[i] & b->set[i] & bit) != 0;
            either += ((a->set[i] & bit) != 0) + ((b->set[i] & bit) != 0);
        }
    return either == 0 ? 0 : 2 * both * (CONTAINED - 1) / either;
}

static int compare(const struct said *a, const struct said *b)
{
    const struct said *shorter = a->words < b->words ? a : b;
    const struct said *longer = shorter == a ? b : a;
    int score;

    if (span_equal(a->folded, b->folded))
        return AGREE_MAX;
    if (a->verdict * b->verdict < 0)
        return 0;
    if (longer->words <= SHORT_WORDS && a->negated != b->negated)
        return 0;
    if (shorter->words > 0 && shorter->words <= LABEL_WORDS && longer->words <= SENTENCE_WORDS &&
        span_find(longer->folded, shorter->folded) < longer->folded.len)
        return CONTAINED;
    if (longer->words <= SHORT_WORDS && !(has_numbers_of(a, b) && has_numbers_of(b, a)))
        return 0;
    score = overlap(a, b);
    return a->verdict * b->verdict > 0 && score < VERDICT ? VERDICT : score;
}

int agree(struct span question, struct span a, struct span b)
{
    struct said x;
    struct said y;
    struct arithmetic first;
    struct arithmetic second;
    uint64_t a_hash = 0;
    uint64_t b_hash = 0;
    bool a_json;
    bool b_json;

    a = without_fence(a);
    b = without_fence(b);
    if (span_equal(a, b))
        return AGREE_MAX;
    a_json = hash_json(a, &a_hash);
    b_json = hash_json(b, &b_hash);
    if (a_json || b_json)
        return a_json && b_json && a_hash == b_hash ? AGREE_MAX : 0;
    arithmetic_read(&first, question, a);
    arithmetic_read(&second, question, b);
    if (first.wants_number && first.has_final && second.has_final)
        return first.final == second.final ? AGREE_MAX : 0;
    read_said(&x, a);
    read_said(&y, b);
    return compare(&x, &y);
}
