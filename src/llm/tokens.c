#include "llm/tokens.h"

#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "llm/token_table.h"

enum {
    DIGITS_EACH = 3, /* one token holds at most three digits */
    WORD_UPPER_LONG = 6,
    WORD_VOWEL_LETTERS = 3, /* shorter words end in a vowel in every language */
    SUFFIX_LETTERS = 2,
};

enum token_run {
    RUN_NONE,
    RUN_BLANKS,
    RUN_LINES,
    RUN_LINES_FREE, /* line ends right behind signs belong to their piece */
    RUN_DIGITS,
    RUN_SIGNS,
    RUN_WORD,
    RUN_SCRIPT, /* + enum token_count of the script */
};

/* What stands directly before a word or a sign; for a word, BEFORE_WORD is the apostrophe that
 * joins it to another. */
enum token_before { BEFORE_NOTHING, BEFORE_BLANK, BEFORE_SIGN, BEFORE_SCORE, BEFORE_WORD };

/* ---- characters ---- */

enum token_class { CLASS_BLANK, CLASS_LINE, CLASS_DIGIT, CLASS_LATIN, CLASS_SIGN, CLASS_SCRIPT };

struct token_range {
    uint32_t first;
    uint32_t last;
    uint8_t count; /* enum token_count of the script */
};

/* Blocks of Unicode 15 with the letters and marks of living scripts; ascending. */
static const struct token_range ranges[] = {
    {0x0370, 0x03ff, TOKEN_GREEK},     {0x0400, 0x052f, TOKEN_CYRILLIC},
    {0x0530, 0x058f, TOKEN_CAUCASIAN}, {0x0590, 0x05ff, TOKEN_HEBREW},
    {0x0600, 0x06ff, TOKEN_ARABIC},    {0x0700, 0x074f, TOKEN_RARE},
    {0x0750, 0x077f, TOKEN_ARABIC},    {0x0780, 0x089f, TOKEN_RARE},
    {0x08a0, 0x08ff, TOKEN_ARABIC},    {0x0900, 0x0dff, TOKEN_INDIC},
    {0x0e00, 0x0e7f, TOKEN_THAI},      {0x0e80, 0x109f, TOKEN_RARE},
    {0x10a0, 0x10ff, TOKEN_CAUCASIAN}, {0x1100, 0x11ff, TOKEN_HANGUL},
    {0x1200, 0x1dff, TOKEN_RARE},      {0x1f00, 0x1fff, TOKEN_GREEK},
    {0x2c00, 0x2dff, TOKEN_RARE},      {0x3005, 0x3007, TOKEN_HAN},
    {0x3041, 0x30ff, TOKEN_KANA},      {0x3105, 0x318f, TOKEN_HANGUL},
    {0x31f0, 0x31ff, TOKEN_KANA},      {0x3400, 0x9fff, TOKEN_HAN},
    {0xa000, 0xabff, TOKEN_RARE},      {0xac00, 0xd7ff, TOKEN_HANGUL},
    {0xf900, 0xfaff, TOKEN_HAN},       {0xfb1d, 0xfb4f, TOKEN_HEBREW},
    {0xfb50, 0xfdff, TOKEN_ARABIC},    {0xfe70, 0xfefe, TOKEN_ARABIC},
    {0xff66, 0xff9f, TOKEN_KANA},      {0x20000, 0x3ffff, TOKEN_HAN},
};

static bool is_lower(uint32_t ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 0xdf && ch != 0xf7);
}

static bool is_latin(uint32_t ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= 0xc0 && ch < 0x370 && ch != 0xd7 && ch != 0xf7) || (ch >= 0x1e00 && ch < 0x1f00);
}

/* The count of the script's letters; TOKEN_COUNTS for a sign. */
static enum token_count token_script(uint32_t ch)
{
    for (size_t i = 0; i < ARRAY_LEN(ranges) && ch >= ranges[i].first; i++)
        if (ch <= ranges[i].last)
            return ranges[i].count;
    return TOKEN_COUNTS;
}

static enum token_class token_class(uint32_t ch)
{
    if (is_latin(ch))
        return CLASS_LATIN;
    if (ch == ' ' || ch == '\t')
        return CLASS_BLANK;
    if (ch == '\n' || ch == '\r')
        return CLASS_LINE;
    if (ch >= '0' && ch <= '9')
        return CLASS_DIGIT;
    return ch >= 0x370 && token_script(ch) != TOKEN_COUNTS ? CLASS_SCRIPT : CLASS_SIGN;
}

/* ---- the end of a run ---- */

static void token_end_word(struct token_counter *c)
{
    static const enum token_count kinds[] = {
        [BEFORE_NOTHING] = TOKEN_WORDS_BARE, [BEFORE_BLANK] = TOKEN_WORDS_AFTER_BLANK,
        [BEFORE_SIGN] = TOKEN_WORDS_JOINED,  [BEFORE_SCORE] = TOKEN_WORDS_SCORED,
        [BEFORE_WORD] = TOKEN_WORDS_JOINED,
    };
    uint32_t unusual = c->unusual > TOKEN_PAIR_FREE ? c->unusual - TOKEN_PAIR_FREE : 0;
    bool upper = c->all_upper && c->length > 1;

    if (c->before == BEFORE_WORD && c->length <= SUFFIX_LETTERS && !upper) {
        c->counts[TOKEN_SUFFIXES]++;
        return;
    }
    c->counts[kinds[c->before]]++;
    if (upper)
        c->counts[TOKEN_WORDS_UPPER]++;
    c->counts[upper                       ? TOKEN_PAIRS_UPPER
              : c->before == BEFORE_BLANK ? TOKEN_PAIRS_AFTER_BLANK
                                          : TOKEN_PAIRS_BARE] += unusual;
    if (upper && c->length > WORD_UPPER_LONG)
        c->counts[TOKEN_UPPER_LONG] += c->length - WORD_UPPER_LONG;
    if (c->length >= WORD_VOWEL_LETTERS && strchr("aiou", 'a' + c->last) != NULL)
        c->counts[TOKEN_WORDS_VOWEL]++;
}

/* Blanks: the last one joins a word or a sign behind it. */
static void token_end_blanks(struct token_counter *c, enum token_class next)
{
    if (next == CLASS_LINE)
        return;
    if (next == CLASS_DIGIT || c->length > 1)
        c->counts[TOKEN_BLANKS] += next == CLASS_DIGIT && c->length > 1 ? 2 : 1;
}

/* Ends the run before a character of another kind; gives what that finds before it. */
static enum token_before token_end_run(struct token_counter *c, enum token_class next)
{
    bool is_letter = next == CLASS_LATIN || next == CLASS_SCRIPT;

    switch (c->run) {
    case RUN_BLANKS:
        token_end_blanks(c, next);
        return c->last == ' ' ? BEFORE_BLANK : BEFORE_SIGN;
    case RUN_SIGNS:
        if (c->length > 1 || c->before == BEFORE_BLANK || !is_letter) {
            c->counts[TOKEN_SIGNS]++;
            return BEFORE_NOTHING;
        }
        if (c->last == '\'' && c->before == BEFORE_WORD)
            return BEFORE_WORD;
        return c->last == '.' || c->last == '_' ? BEFORE_SCORE : BEFORE_SIGN;
    case RUN_WORD:
        token_end_word(c);
        return next == CLASS_SIGN ? BEFORE_WORD : BEFORE_NOTHING;
    default:
        return BEFORE_NOTHING;
    }
}

/* ---- one character ---- */

static void token_letter(struct token_counter *c, uint32_t ch)
{
    bool lower = is_lower(ch);
    uint32_t folded = ch | 0x20;
    uint8_t letter =
        folded >= 'a' && folded <= 'z' ? (uint8_t)(folded - 'a') : TOKEN_PAIR_LETTERS - 1;

    /* A new piece begins where an upper-case letter follows a lower-case one. */
    if (c->run != RUN_WORD || (!lower && !c->all_upper)) {
        c->before = (uint8_t)token_end_run(c, CLASS_LATIN);
        c->run = RUN_WORD;
        c->length = 0;
        c->unusual = 0;
        c->all_upper = true;
    } else {
        c->unusual += (uint32_t)(token_pairs[c->last][letter] - '0');
    }
    c->all_upper = c->all_upper && !lower;
    c->counts[TOKEN_LETTERS_MARKED] += ch > 0x7f;
    c->last = letter;
    c->length++;
}

static void token_other_letter(struct token_counter *c, uint32_t ch)
{
    enum token_count script = token_script(ch);

    if (c->run != (uint8_t)(RUN_SCRIPT + script)) {
        (void)token_end_run(c, CLASS_SCRIPT);
        c->run = (uint8_t)(RUN_SCRIPT + script);
        c->counts[script == TOKEN_HAN || script == TOKEN_KANA || script == TOKEN_THAI
                      ? TOKEN_RUNS_OTHER
                      : TOKEN_WORDS_OTHER]++;
    }
    c->counts[script]++;
}

static void token_sign(struct token_counter *c, uint32_t ch)
{
    if (c->run != RUN_SIGNS) {
        c->before = (uint8_t)token_end_run(c, CLASS_SIGN);
        c->run = RUN_SIGNS;
        c->length = 0;
    } else {
        c->counts[TOKEN_SIGNS_LONG]++;
        c->counts[TOKEN_SIGNS_CHANGE] += c->last != (uint8_t)ch;
    }
    c->counts[TOKEN_SIGNS_WIDE] += ch > 0x7f;
    c->counts[TOKEN_EMOJI] += ch > 0xffff;
    c->last = (uint8_t)ch;
    c->length++;
}

static void token_digit(struct token_counter *c)
{
    if (c->run != RUN_DIGITS) {
        (void)token_end_run(c, CLASS_DIGIT);
        c->run = RUN_DIGITS;
        c->length = 0;
    }
    c->counts[TOKEN_DIGITS] += c->length % DIGITS_EACH == 0;
    c->length++;
}

static void token_blank(struct token_counter *c, uint32_t ch)
{
    if (c->run != RUN_BLANKS) {
        c->after_line = c->run == RUN_LINES;
        (void)token_end_run(c, CLASS_BLANK);
        c->run = RUN_BLANKS;
        c->length = 0;
    }
    c->last = (uint8_t)ch;
    c->length++;
}

static void token_line(struct token_counter *c)
{
    bool goes_on = c->run == RUN_BLANKS && c->after_line;

    if (c->run == RUN_LINES || c->run == RUN_LINES_FREE)
        return;
    if (c->run == RUN_SIGNS) {
        (void)token_end_run(c, CLASS_LINE);
        c->run = RUN_LINES_FREE;
        return;
    }
    (void)token_end_run(c, CLASS_LINE);
    c->run = RUN_LINES;
    c->counts[TOKEN_LINES] += !goes_on;
}

static void token_character(struct token_counter *c, uint32_t ch)
{
    switch (token_class(ch)) {
    case CLASS_BLANK:
        token_blank(c, ch);
        break;
    case CLASS_LINE:
        token_line(c);
        break;
    case CLASS_DIGIT:
        token_digit(c);
        break;
    case CLASS_LATIN:
        token_letter(c, ch);
        break;
    case CLASS_SCRIPT:
        token_other_letter(c, ch);
        break;
    case CLASS_SIGN:
        token_sign(c, ch);
        break;
    }
}

/* ---- bytes ---- */

void token_counter_start(struct token_counter *c)
{
    memset(c, 0, sizeof(*c));
    c->utf8 = UTF8_START;
}

static void token_byte_bad(struct token_counter *c, uint32_t bytes)
{
    (void)token_end_run(c, CLASS_DIGIT);
    c->run = RUN_NONE;
    c->counts[TOKEN_BYTES_BAD] += bytes;
    c->bytes_read = 0;
    c->utf8 = UTF8_START;
}

static void token_byte(struct token_counter *c, uint8_t byte)
{
    uint8_t lead_bits = byte >= 0xf0 ? 0x07 : byte >= 0xe0 ? 0x0f : 0x1f;

    if (c->utf8 != UTF8_START && utf8_step(c->utf8, byte) == UTF8_BAD)
        token_byte_bad(c, c->bytes_read);
    c->utf8 = utf8_step(c->utf8, byte);
    if (c->utf8 == UTF8_BAD || (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t')) {
        token_byte_bad(c, 1);
        return;
    }
    if (byte < 0x80)
        c->code_point = byte;
    else if (c->bytes_read == 0)
        c->code_point = byte & lead_bits;
    else
        c->code_point = (c->code_point << 6) | (byte & 0x3f);
    c->bytes_read++;
    if (c->utf8 != UTF8_START)
        return;
    c->bytes_read = 0;
    token_character(c, c->code_point);
}

void token_counter_feed(struct token_counter *c, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        token_byte(c, (uint8_t)text.ptr[i]);
}

/* Languages whose words mostly end in vowels (Italian, Romanian, Swahili ...) have few whole words
 * in a vocabulary; the share of such words is how they are told from English. */
static uint64_t token_vowels_unusual(const struct token_counter *c)
{
    uint64_t words = c->counts[TOKEN_WORDS_AFTER_BLANK] + c->counts[TOKEN_WORDS_BARE] +
                     c->counts[TOKEN_WORDS_JOINED] + c->counts[TOKEN_WORDS_SCORED];
    uint64_t usual = words * TOKEN_VOWELS_USUAL / 1000;

    return c->counts[TOKEN_WORDS_VOWEL] > usual ? c->counts[TOKEN_WORDS_VOWEL] - usual : 0;
}

void token_counter_finish(struct token_counter *c)
{
    if (c->bytes_read > 0)
        token_byte_bad(c, c->bytes_read);
    if (c->run == RUN_BLANKS)
        c->counts[TOKEN_BLANKS]++;
    else
        (void)token_end_run(c, CLASS_LINE);
    c->run = RUN_NONE;
    c->counts[TOKEN_VOWELS_UNUSUAL] = token_vowels_unusual(c);
}

int64_t token_counter_estimate(const struct token_counter *c)
{
    struct token_counter whole = *c;
    int64_t sum = TOKEN_WEIGHT_UNIT / 2;

    token_counter_finish(&whole);
    for (size_t i = 0; i < TOKEN_COUNTS; i++)
        sum += (int64_t)whole.counts[i] * token_weights[i];
    return sum > 0 ? sum / TOKEN_WEIGHT_UNIT : 0;
}

int64_t tokens_estimate(struct span text)
{
    struct token_counter c;

    token_counter_start(&c);
    token_counter_feed(&c, text);
    return token_counter_estimate(&c);
}

int64_t tokens_bound(uint64_t text_bytes)
{
    CHECK(text_bytes <= INT64_MAX - TOKENS_FRAMING_BOUND);
    return (int64_t)text_bytes + TOKENS_FRAMING_BOUND;
}

/* ---- calibration ---- */

enum {
    CALIBRATION_START = 4096,            /* tokens: about as many as a first request has */
    CALIBRATION_TOKENS_MAX = 1000000000, /* no call has so many: a pair above is no measurement */
};

void token_calibration_start(struct token_calibration *k)
{
    *k = (struct token_calibration){CALIBRATION_START, CALIBRATION_START};
}

void token_calibration_feed(struct token_calibration *k, int64_t estimate, int64_t actual)
{
    const int64_t one_call_max = TOKEN_CALIBRATION_SPAN / 8;

    CHECK(k->estimated > 0);
    if (estimate <= 0 || actual <= 0 || estimate > CALIBRATION_TOKENS_MAX ||
        actual > CALIBRATION_TOKENS_MAX)
        return;
    if (actual / TOKEN_CALIBRATION_BOUND >= estimate)
        actual = estimate * TOKEN_CALIBRATION_BOUND;
    if (estimate / TOKEN_CALIBRATION_BOUND >= actual)
        actual = estimate / TOKEN_CALIBRATION_BOUND;
    if (estimate > one_call_max) {
        actual = actual * one_call_max / estimate;
        estimate = one_call_max;
    }
    k->estimated += estimate;
    k->actual += actual;
    if (k->estimated > TOKEN_CALIBRATION_SPAN) {
        k->actual -= k->actual * (k->estimated - TOKEN_CALIBRATION_SPAN) / k->estimated;
        k->estimated = TOKEN_CALIBRATION_SPAN;
    }
}

int64_t token_calibration_apply(const struct token_calibration *k, int64_t estimate)
{
    CHECK(k->estimated > 0 && estimate >= 0);
    return estimate / k->estimated * k->actual + estimate % k->estimated * k->actual / k->estimated;
}
