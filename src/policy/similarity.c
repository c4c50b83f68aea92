#include "policy/similarity.h"

#include "base/check.h"

enum {
    FIXED_WORDS = 64,
    GRAM_BITS = 2048, /* 400 letters fill a fifth of them */
    GRAM_LETTERS = 3,
    MARK_BYTES = 3,
    WORD_WEIGHT_MAX = 8,
    SHORT_WORD = 3,    /* mostly function words */
    WORDS_SHARE = 600, /* of SIMILARITY_MAX; the rest is for letters */
};

/* What turns an answer: of these both texts have the same, in the same order. */
static const char turning[] =
    " not no never none nothing nobody neither nor without with only all few many more less most "
    "least before after above below over under on off up down in out from to what who whom whose "
    "which when where why how i you he she it we they me him her us them my your his its our their "
    "can should must may will would was were did do have had and or if than best worst good bad "
    "first last high low big small old new young open close start stop begin end buy sell win lose "
    "gain increase decrease reduce add remove enable disable install uninstall true false right "
    "wrong left male female man woman boy girl mother father husband wife son daughter since until "
    "same different legal illegal cheap expensive hot cold hard easy fast slow long short strong "
    "weak rich poor safe dangerous possible impossible maximum minimum advantage disadvantage "
    "north south east west day night one two three a . odd even nicht kein keine ohne mit pas ne "
    "jamais sans avec sin con nunca ";

static const char *const turning_prefixes[] = {"un", "in", "im", "il", "ir", "dis", "non", "mis"};

struct words {
    size_t count;
    struct span list[FIXED_WORDS];
    uint64_t fixed;
};

/* As near.c counted them: a quotation is one, with the blanks inside. False for too many. */
static bool split_words(struct words *w, const struct near_text *t)
{
    struct span rest = span_of(t->bytes, t->len);
    size_t at = MARK_BYTES;

    w->count = 0;
    w->fixed = t->fixed;
    while (at < rest.len) {
        char first = rest.ptr[at];
        struct span tail = span_part(rest, at + 1, rest.len);
        size_t len = first == '"' || first == '`' ? span_find_byte(tail, first) + 1 : 0;

        len += span_find_byte(span_part(tail, len, tail.len), ' ') + 1;
        if (w->count == FIXED_WORDS)
            return false;
        w->list[w->count++] = span_part(rest, at, len);
        at += len + 1;
    }
    return true;
}

static bool is_turning(struct span word)
{
    size_t at = span_find(SPAN(turning), word);

    /* Not one inside another: the list has blanks around its words. */
    while (at + word.len < sizeof(turning) - 1) {
        size_t next;

        if (turning[at - 1] == ' ' && turning[at + word.len] == ' ')
            return true;
        next = span_find(span_part(SPAN(turning), at + 1, sizeof(turning)), word);
        at += next + 1;
    }
    return false;
}

static bool has_word(const struct words *w, struct span word)
{
    for (size_t i = 0; i < w->count; i++)
        if (span_equal(w->list[i], word))
            return true;
    return false;
}

/* The next word from *at on that has to stand in both texts or does, or empty. */
static struct span next_guarded(const struct words *w, const struct words *other, size_t *at)
{
    while (*at < w->count) {
        bool fixed = (w->fixed >> *at & 1) != 0;
        struct span word = w->list[(*at)++];

        if (fixed || is_turning(word) || has_word(other, word))
            return word;
    }
    return SPAN_EMPTY;
}

static bool guards_differ(const struct words *a, const struct words *b)
{
    size_t i = 0;
    size_t j = 0;
    struct span x;
    struct span y;

    do {
        x = next_guarded(a, b, &i);
        y = next_guarded(b, a, &j);
        if (!span_equal(x, y))
            return true;
    } while (x.len > 0);
    return false;
}

static int word_weight(struct span word)
{
    if (word.len <= SHORT_WORD)
        return 1;
    return word.len < WORD_WEIGHT_MAX ? (int)word.len : WORD_WEIGHT_MAX;
}

static bool are_opposite(struct span a, struct span b)
{
    struct span longer = a.len > b.len ? a : b;
    struct span shorter = a.len > b.len ? b : a;
    struct span prefix = span_part(longer, 0, longer.len - shorter.len);

    for (size_t i = 0; i < ARRAY_LEN(turning_prefixes); i++)
        if (span_equal(prefix, span_str(turning_prefixes[i])) && span_ends(longer, shorter))
            return true;
    return false;
}

/* The weight of a's words in *all, of those that b has too in *both; false when a word that b has
 * not is the opposite of one that b has. What both have stands in both as often: guards_differ. */
static bool add_words(const struct words *a, const struct words *b, int *both, int *all)
{
    for (size_t i = 0; i < a->count; i++) {
        int weight = word_weight(a->list[i]);

        *all += weight;
        if (has_word(b, a->list[i])) {
            *both += weight;
            continue;
        }
        for (size_t j = 0; j < b->count; j++)
            if (are_opposite(a->list[i], b->list[j]))
                return false;
    }
    return true;
}

/* The letters' groups of three as a set of hashes. */
static void gram_set(uint32_t set[GRAM_BITS / 32], const struct near_text *t)
{
    memset(set, 0, GRAM_BITS / 8);
    for (size_t i = MARK_BYTES; i + GRAM_LETTERS <= t->len; i++) {
        uint32_t hash = 0;

        for (size_t k = 0; k < GRAM_LETTERS; k++)
            hash = (hash ^ (uint8_t)t->bytes[i + k]) * 0x01000193u; /* FNV-1's prime */
        hash ^= hash >> 16;
        set[hash % GRAM_BITS / 32] |= UINT32_C(1) << hash % 32;
    }
}

static int count_bits(uint32_t word)
{
    int n = 0;

    for (; word != 0; word &= word - 1)
        n++;
    return n;
}

static int share_of_grams(const struct near_text *a, const struct near_text *b)
{
    uint32_t x[GRAM_BITS / 32];
    uint32_t y[GRAM_BITS / 32];
    int both = 0;
    int all = 0;

    gram_set(x, a);
    gram_set(y, b);
    for (size_t i = 0; i < ARRAY_LEN(x); i++) {
        both += count_bits(x[i] & y[i]);
        all += count_bits(x[i] | y[i]);
    }
    return all == 0 ? 0 : SIMILARITY_MAX * both / all;
}

int similarity(const struct near_text *a, const struct near_text *b)
{
    struct words x;
    struct words y;
    int both = 0;
    int all = 0;
    int words;

    if (a->len <= MARK_BYTES || b->len <= MARK_BYTES || a->bytes[1] != b->bytes[1])
        return 0;
    if (span_equal(span_of(a->bytes, a->len), span_of(b->bytes, b->len)))
        return SIMILARITY_MAX;
    if (!split_words(&x, a) || !split_words(&y, b) || guards_differ(&x, &y))
        return 0;
    if (!add_words(&x, &y, &both, &all) || !add_words(&y, &x, &both, &all))
        return 0;
    /* What both have was counted twice each time: a Jaccard index. */
    words = SIMILARITY_MAX * (both / 2) / (all - both / 2);
    /* One below the full mark, which is for equal texts. */
    words = (WORDS_SHARE * words + (SIMILARITY_MAX - WORDS_SHARE) * share_of_grams(a, b)) /
            SIMILARITY_MAX;
    return words < SIMILARITY_MAX ? words : SIMILARITY_MAX - 1;
}
