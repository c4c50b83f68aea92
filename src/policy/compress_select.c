#include "policy/compress_select.h"

#include "base/ascii.h"
#include "base/check.h"
#include "llm/tokens.h"
#include "policy/compress_protect.h"
#include "policy/compress_words.h"

/* Weights, in 1/SELECT_UNIT of a bit, tuned on ../shared/data/compress-qa: each is worth about a
 * point at half the text, and none depends on the source. */
enum {
    SCORE_FIRST = 370,  /* who and what a text is about stands in front */
    SCORE_NUMBER = 370, /* for a question that asks for a number */
    SCORE_NAME = 185,
    NEIGHBOUR_BEFORE = 10, /* a tenth of the score of the sentence before, */
    NEIGHBOUR_BEHIND = 5,  /* a fifth of the one behind */
    REDUNDANT_SHARE = 8,   /* fewer than one word in eight is new */
    REDUNDANT_WORDS_MIN = 4,
    WORDS_COUNTED = 255,
};

enum sentence_flag {
    SENTENCE_PINNED = 1,
    SENTENCE_DIGIT = 2,
    SENTENCE_NAME = 4,
    SENTENCE_DENIES = 8, /* or obliges */
    SENTENCE_KEPT = 16,
};

static const char number_words[] =
    "many much long old far tall often when year date day month percent percentage number time ";
static const char name_words[] = "who whom whose where name person city country company ";
static const char duties[] = "must always only should shall required ";

/* Logarithm of base 2 in 1/SELECT_UNIT, linear between powers of 2. */
static int32_t select_log(uint32_t x)
{
    int32_t whole = 31;

    CHECK(x > 0);
    while ((x >> whole) == 0)
        whole--;
    return whole * SELECT_UNIT + (int32_t)(((uint64_t)x * SELECT_UNIT >> whole) - SELECT_UNIT);
}

/* BM25's inverse document frequency, with 1 added inside so that it is never negative. */
static int32_t select_rarity(size_t sentences, size_t with)
{
    return select_log(2 * (uint32_t)sentences + 2) - select_log(2 * (uint32_t)with + 1);
}

/* Numbers, and names like "A320" or "3D". */
static bool has_digit(struct span word)
{
    return protect_is_digit(word.ptr[0]) || protect_is_digit(word.ptr[word.len - 1]);
}

/* ---- the question ---- */

static void question_word(struct select *s, struct span word, bool first)
{
    uint32_t stem = words_stem(word);
    size_t i = 0;

    s->watch_denials = s->watch_denials || words_is_negation(word);
    s->asks_number = s->asks_number || words_in(number_words, word);
    s->asks_name = s->asks_name || words_in(name_words, word);
    if (words_is_stop(word) || words_is_asking(word) || words_is_negation(word))
        return;
    while (i < s->term_count && s->terms[i] != stem)
        i++;
    if (i == SELECT_TERMS_MAX)
        return;
    if (i == s->term_count) {
        s->terms[s->term_count++] = stem;
        s->term_filter[stem >> 6 & 3] |= UINT64_C(1) << (stem & 63);
    }
    if (has_digit(word))
        s->numbers |= UINT64_C(1) << i;
    else if (!first && ascii_is_upper(word.ptr[0]))
        s->names |= UINT64_C(1) << i;
}

static void select_question(struct select *s, struct span question, bool rules)
{
    size_t at = 0;
    bool first = true;

    s->term_count = 0;
    memset(s->term_filter, 0, sizeof(s->term_filter));
    memset(s->term_sentences, 0, sizeof(s->term_sentences));
    s->names = 0;
    s->numbers = 0;
    s->watch_denials = rules;
    s->watch_duties = rules;
    s->asks_number = false;
    s->asks_name = false;
    for (;;) {
        struct span word = words_next(question, at);

        if (word.len == 0)
            break;
        question_word(s, word, first);
        first = false;
        at = (size_t)(word.ptr - question.ptr) + word.len;
    }
}

static uint64_t select_term(const struct select *s, uint32_t stem)
{
    if ((s->term_filter[stem >> 6 & 3] >> (stem & 63) & 1) == 0)
        return 0;
    for (size_t i = 0; i < s->term_count; i++)
        if (s->terms[i] == stem)
            return UINT64_C(1) << i;
    return 0;
}

/* ---- sentences ---- */

/* A word counts once a sentence; only without a question is it needed. */
static void sentence_count(struct select *s, size_t slot)
{
    uint16_t number = (uint16_t)(s->count + 1);

    if (s->stamp[slot] != number) {
        s->stamp[slot] = number;
        s->frequency[slot]++;
    }
}

static void sentence_word(struct select *s, struct select_sentence *e, struct span word)
{
    uint32_t stem = words_stem(word);

    if (s->term_count > 0)
        e->terms |= select_term(s, stem);
    else
        sentence_count(s, stem % SELECT_FREQUENCIES);
    if (has_digit(word))
        e->flags |= SENTENCE_DIGIT;
    if (e->words > 0 && ascii_is_upper(word.ptr[0]))
        e->flags |= SENTENCE_NAME;
    if (s->watch_denials && words_is_negation(word))
        e->flags |= SENTENCE_DENIES;
    if (s->watch_duties && words_in(duties, word))
        e->flags |= SENTENCE_DENIES;
    if (e->words < WORDS_COUNTED)
        e->words++;
}

static void select_add(struct select *s, struct span text, size_t from, size_t end, bool fence)
{
    struct select_sentence *e = &s->sentences[s->count];
    struct span sentence = span_part(text, from, end - from);
    int64_t tokens = tokens_estimate(sentence);
    size_t at = 0;

    CHECK(s->count < SELECT_SENTENCES_MAX);
    *e = (struct select_sentence){.from = (uint32_t)from, .end = (uint32_t)end};
    e->tokens = (uint16_t)(tokens < UINT16_MAX ? tokens : UINT16_MAX);
    e->flags = fence ? SENTENCE_PINNED : 0;
    for (;;) {
        struct span word = words_next(sentence, at);

        if (word.len == 0)
            break;
        sentence_word(s, e, word);
        at = (size_t)(word.ptr - sentence.ptr) + word.len;
    }
    for (size_t i = 0; i < s->term_count; i++)
        s->term_sentences[i] += (uint16_t)(e->terms >> i & 1);
    s->tokens += e->tokens;
    s->count++;
}

static void select_split(struct select *s, struct span text, const struct context *c)
{
    size_t bytes = 0;
    size_t bytes_min;

    s->count = 0;
    s->tokens = 0;
    memset(s->frequency, 0, sizeof(s->frequency));
    memset(s->stamp, 0, sizeof(s->stamp));
    for (size_t i = 0; i < c->count; i++)
        bytes += c->blocks[i].end - c->blocks[i].from;
    /* Each block may end with one that is shorter than that. */
    bytes_min = bytes / (SELECT_SENTENCES_MAX - 2 * CONTEXT_BLOCKS_MAX);
    for (size_t i = 0; i < c->count; i++) {
        struct span block = span_part(text, 0, c->blocks[i].end);

        for (size_t at = c->blocks[i].from; at < block.len;) {
            size_t end = at;
            bool fences = false;

            do {
                bool fence;

                end = select_sentence_end(block, end, &fence);
                fences = fences || fence;
            } while (end < block.len && end - at < bytes_min);
            select_add(s, block, at, end, fences);
            at = end;
        }
    }
}

/* ---- scores ---- */

static int32_t score_terms(const struct select *s, const struct select_sentence *e)
{
    int32_t score = 0;

    for (size_t i = 0; i < s->term_count; i++)
        if ((e->terms >> i & 1) != 0)
            score += select_rarity(s->count, s->term_sentences[i]);
    return score;
}

/* Without a question: how much the sentence's words tell. */
static int32_t score_words(const struct select *s, struct span text,
                           const struct select_sentence *e)
{
    struct span sentence = span_part(text, e->from, e->end - e->from);
    int32_t score = 0;
    size_t at = 0;

    for (unsigned i = 0; i < WORDS_COUNTED; i++) {
        struct span word = words_next(sentence, at);

        if (word.len == 0)
            break;
        score += select_rarity(s->count, s->frequency[words_stem(word) % SELECT_FREQUENCIES]);
        at = (size_t)(word.ptr - sentence.ptr) + word.len;
    }
    return score;
}

static int32_t score_extra(const struct select *s, size_t i)
{
    const struct select_sentence *e = &s->sentences[i];
    int32_t extra = i == 0 ? SCORE_FIRST : 0;

    if (s->asks_number && (e->flags & SENTENCE_DIGIT) != 0)
        extra += SCORE_NUMBER;
    if (s->asks_name && (e->flags & SENTENCE_NAME) != 0)
        extra += SCORE_NAME;
    return extra;
}

/* Okapi's length normalisation with k1 = 1.2 and b = 1, for terms that count once. */
static int32_t score_by_length(int32_t score, int32_t words, int32_t words_mean)
{
    return (int32_t)((int64_t)score * 22 * words_mean / (10 * words_mean + 12 * words));
}

static void select_score(struct select *s, struct span text)
{
    int32_t words = 0;
    int32_t before = 0;
    int32_t here;

    for (size_t i = 0; i < s->count; i++) {
        struct select_sentence *e = &s->sentences[i];

        e->score = s->term_count > 0 ? score_terms(s, e) : score_words(s, text, e);
        words += e->words;
    }
    words = words / (int32_t)s->count + 1;
    for (size_t i = 0; i < s->count; i++) {
        struct select_sentence *e = &s->sentences[i];
        int32_t behind = i + 1 < s->count ? s->sentences[i + 1].score : 0;

        here = e->score;
        e->score = score_by_length(here + before / NEIGHBOUR_BEFORE + behind / NEIGHBOUR_BEHIND +
                                       score_extra(s, i),
                                   e->words, words);
        before = here;
    }
}

static void select_pin(struct select *s)
{
    uint64_t names = s->numbers;

    for (size_t i = 0; i < s->term_count; i++)
        if ((s->names >> i & 1) != 0 && s->term_sentences[i] * 2u <= s->count)
            names |= UINT64_C(1) << i;
    for (size_t i = 0; i < s->count; i++)
        if ((s->sentences[i].terms & names) != 0 || (s->sentences[i].flags & SENTENCE_DENIES) != 0)
            s->sentences[i].flags |= SENTENCE_PINNED;
}

/* ---- the choice ---- */

/* By descending score, earlier ones first among equals (shell sort, gaps of Ciura 2001). */
static void select_sort(struct select *s)
{
    static const size_t gaps[] = {701, 301, 132, 57, 23, 10, 4, 1};

    for (size_t i = 0; i < s->count; i++)
        s->order[i] = (uint16_t)i;
    for (size_t g = 0; g < ARRAY_LEN(gaps); g++) {
        for (size_t i = gaps[g]; i < s->count; i++) {
            uint16_t moved = s->order[i];
            size_t at = i;

            while (at >= gaps[g]) {
                uint16_t other = s->order[at - gaps[g]];
                int32_t difference = s->sentences[other].score - s->sentences[moved].score;

                if (difference > 0 || (difference == 0 && other < moved))
                    break;
                s->order[at] = other;
                at -= gaps[g];
            }
            s->order[at] = moved;
        }
    }
}

/* Takes a sentence, unless nearly all of its words stood in those taken and `news` is asked for. */
static void select_keep(struct select *s, struct span text, struct select_sentence *e, bool news,
                        int64_t *used)
{
    struct span sentence = span_part(text, e->from, e->end - e->from);
    uint16_t bits[WORDS_COUNTED];
    size_t words = 0;
    size_t known = 0;

    for (size_t at = 0; words < WORDS_COUNTED;) {
        struct span word = words_next(sentence, at);
        uint16_t bit;

        if (word.len == 0)
            break;
        bit = words_stem(word) % SELECT_COVERED_BITS;
        bits[words++] = bit;
        known += s->covered[bit / 8] >> bit % 8 & 1;
        at = (size_t)(word.ptr - sentence.ptr) + word.len;
    }
    if (news && words >= REDUNDANT_WORDS_MIN && (words - known) * REDUNDANT_SHARE < words)
        return;
    for (size_t i = 0; i < words; i++)
        s->covered[bits[i] / 8] |= (uint8_t)(1u << bits[i] % 8);
    e->flags |= SENTENCE_KEPT;
    *used += e->tokens;
}

static void select_take(struct select *s, struct span text, const struct select_target *target)
{
    int64_t budget = target->milli > 0 ? s->tokens * target->milli / 1000 : target->tokens;
    int64_t used = 0;

    memset(s->covered, 0, sizeof(s->covered));
    for (size_t i = 0; i < s->count; i++)
        if ((s->sentences[i].flags & SENTENCE_PINNED) != 0)
            select_keep(s, text, &s->sentences[i], false, &used);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < s->count && used < budget; i++) {
            struct select_sentence *e = &s->sentences[s->order[i]];
            int64_t over = used + e->tokens - budget;

            if ((e->flags & SENTENCE_KEPT) != 0)
                continue;
            /* A share is met on average when a sentence may pass it by a quarter of what is left.
             */
            if (over > 0 && (target->milli == 0 || over * 4 > budget - used))
                continue;
            select_keep(s, text, e, round == 0, &used);
        }
    }
    if (used == 0)
        select_keep(s, text, &s->sentences[s->order[0]], false, &used);
}

/* The sentences of a block that stay, moved to `to`; gives the place behind them. */
static size_t select_block(const struct select *s, char *text, size_t *next, size_t end, size_t to)
{
    for (; *next < s->count && s->sentences[*next].from < end; ++*next) {
        const struct select_sentence *e = &s->sentences[*next];

        if ((e->flags & SENTENCE_KEPT) != 0) {
            memmove(text + to, text + e->from, e->end - e->from);
            to += e->end - e->from;
        } else if (text[e->end - 1] == '\n' && to > 0 && text[to - 1] == ' ') {
            text[to - 1] = '\n'; /* Paragraphs stay apart. */
        }
    }
    return to;
}

static size_t select_compact(const struct select *s, char *text, size_t len, struct context *c)
{
    size_t from = 0;
    size_t to = 0;
    size_t next = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct context_block *b = &c->blocks[i];

        to = context_move(c, text, from, b->from, to);
        from = b->end;
        b->from = (uint32_t)to;
        to = select_block(s, text, &next, from, to);
        b->end = (uint32_t)to;
    }
    return context_move(c, text, from, len, to);
}

size_t select_sentences(struct select *s, char *text, size_t len, struct context *c,
                        const struct select_target *target)
{
    struct span all = span_of(text, len);

    CHECK(len <= UINT32_MAX);
    select_question(s, c->question, target->rules);
    select_split(s, all, c);
    if (s->count == 0)
        return len;
    select_score(s, all);
    select_pin(s);
    select_sort(s);
    select_take(s, all, target);
    return select_compact(s, text, len, c);
}

int64_t select_context_tokens(struct span text, const struct context *c)
{
    int64_t tokens = 0;

    for (size_t i = 0; i < c->count; i++)
        tokens += tokens_estimate(
            span_part(text, c->blocks[i].from, c->blocks[i].end - c->blocks[i].from));
    return tokens;
}
