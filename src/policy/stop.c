#include "policy/stop.h"

#include "base/ascii.h"
#include "base/check.h"

/* ---- sentences ---- */

enum sentence_state {
    SENTENCE_INSIDE,
    SENTENCE_MARK,  /* behind a mark that may end it, with what closes quotes and brackets */
    SENTENCE_BLANK, /* behind that, before the next word, which tells */
    SENTENCE_LINE,  /* behind a line's end */
};

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (uint8_t)c >= 0x80;
}

/* A dot behind a single letter, a number at a line's start or a title ends no sentence. */
static bool is_short_form(const struct stop_sentences *t)
{
    static const char *const titles[] = {"Mr", "Mrs", "Ms", "Dr", "St", "Prof", "vs", "Fig"};
    struct span word = span_of(t->word, t->word_len);

    if ((word.len == 1 && is_letter(word.ptr[0])) || !t->any)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        if (span_equal(word, span_str(titles[i])))
            return true;
    return false;
}

static void sentence_word(struct stop_sentences *t, char c)
{
    if (!is_letter(c) && !ascii_is_digit(c)) {
        t->word_len = 0;
        return;
    }
    t->any = t->any || is_letter(c);
    if (t->word_len < STOP_WORD_BYTES)
        t->word[t->word_len++] = c;
}

/* True where a mark of a script without blanks between sentences has ended: U+3002, U+FF01,
 * U+FF1F. */
static bool is_wide_mark(const struct stop_sentences *t, char c)
{
    return (t->before2 == 0xe3 && t->before == 0x80 && (uint8_t)c == 0x82) ||
           (t->before2 == 0xef && t->before == 0xbc && ((uint8_t)c == 0x81 || (uint8_t)c == 0x9f));
}

static void sentence_ends(struct stop_sentences *t)
{
    t->count++;
    t->cut = t->end;
    t->any = false;
    t->word_len = 0;
    t->state = SENTENCE_INSIDE;
}

static void sentence_step(struct stop_sentences *t, char c, uint64_t offset)
{
    bool closes = memchr("\"')]}*_", c, 7) != NULL;
    bool marks = c == '.' || c == '!' || c == '?';

    if ((t->state == SENTENCE_MARK || t->state == SENTENCE_BLANK) && c == '\n')
        sentence_ends(t);
    else if (t->state == SENTENCE_LINE && c == '\n' && t->any)
        sentence_ends(t);
    else if (t->state == SENTENCE_BLANK && !ascii_is_blank(c) && !(c >= 'a' && c <= 'z'))
        sentence_ends(t);
    if (t->state == SENTENCE_MARK && (closes || marks)) {
        t->end = offset + 1;
    } else if (t->state == SENTENCE_MARK || t->state == SENTENCE_BLANK) {
        t->state = ascii_is_blank(c) ? SENTENCE_BLANK : SENTENCE_INSIDE;
    } else if (c == '\n') {
        t->state = SENTENCE_LINE;
        t->end = offset;
    } else if (!ascii_is_blank(c)) {
        t->state = SENTENCE_INSIDE;
    }
    if (marks && t->state == SENTENCE_INSIDE && t->any + t->word_len > 0 &&
        (c != '.' || !is_short_form(t))) {
        t->state = SENTENCE_MARK;
        t->end = offset + 1;
    }
    sentence_word(t, c);
    if (is_wide_mark(t, c)) {
        t->end = offset + 1;
        sentence_ends(t);
    }
    t->before2 = t->before;
    t->before = (uint8_t)c;
}

/* ---- fenced blocks ---- */

enum fence_state {
    FENCE_START, /* of a line */
    FENCE_SIGNS,
    FENCE_CLOSED, /* behind the signs that close the block, on their line */
    FENCE_REST,   /* of a line that matters no more */
};

enum { FENCE_SIGNS_LEAST = 3, FENCE_INDENT_MOST = 3 }; /* CommonMark 0.31, section 4.5 */

/* True at the end of the line that closes the block. */
static bool fence_step(struct stop_fence *f, char c)
{
    bool sign = c == '`' || c == '~';

    if (c == '\n') {
        bool closed = f->state == FENCE_CLOSED ||
                      (f->state == FENCE_SIGNS && f->open > 0 && f->run >= f->open);

        if (f->state == FENCE_SIGNS && f->open == 0 && f->run >= FENCE_SIGNS_LEAST)
            f->open = f->run;
        f->state = FENCE_START;
        f->indent = 0;
        return closed;
    }
    switch (f->state) {
    case FENCE_START:
        if (c == ' ' && f->indent < FENCE_INDENT_MOST) {
            f->indent++;
        } else if (sign && (f->open == 0 || c == f->sign)) {
            f->state = FENCE_SIGNS;
            f->sign = c;
            f->run = 1;
        } else {
            f->state = FENCE_REST;
        }
        break;
    case FENCE_SIGNS:
        if (c == f->sign) {
            f->run++;
        } else if (f->open > 0) {
            f->state = f->run >= f->open && ascii_is_blank(c) ? FENCE_CLOSED : FENCE_REST;
        } else {
            f->open = f->run >= FENCE_SIGNS_LEAST ? f->run : 0;
            f->state = FENCE_REST;
        }
        break;
    case FENCE_CLOSED:
        f->state = ascii_is_blank(c) ? FENCE_CLOSED : FENCE_REST;
        break;
    default:
        break;
    }
    return false;
}

/* ---- JSON ---- */

enum json_state {
    JSON_BEFORE, /* nothing but white space so far */
    JSON_INSIDE,
    JSON_FENCED, /* it begins with a fenced block */
    JSON_WHOLE,
    JSON_NEVER,
};

static void json_ends(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct stop *s = ctx;

    (void)kind;
    (void)end_offset;
    if (depth == 0)
        s->json_state = JSON_WHOLE;
}

static void json_begin(struct stop *s, char c)
{
    static const struct json_visitor visitor = {.value_end = json_ends};

    if (ascii_is_blank(c) || c == '\n')
        return;
    s->json_state = c == '{' || c == '[' ? JSON_INSIDE : c == '`' ? JSON_FENCED : JSON_NEVER;
    json_scan_start(&s->json, &visitor, s, false);
}

/* True with the byte that closes the value. */
static bool json_step(struct stop *s, char c)
{
    if (s->json_state == JSON_BEFORE)
        json_begin(s, c);
    if (s->json_state == JSON_INSIDE && json_scan_feed(&s->json, span_of(&c, 1)) == PARSE_BAD)
        s->json_state = JSON_NEVER;
    return s->json_state == JSON_WHOLE;
}

/* ---- sentinels ---- */

static void tail_put(struct stop *s, char c)
{
    if (s->tail_len == sizeof(s->tail)) {
        memmove(s->tail, s->tail + STOP_SENTINEL_BYTES, STOP_SENTINEL_BYTES);
        s->tail_len = STOP_SENTINEL_BYTES;
    }
    s->tail[s->tail_len++] = c;
}

/* The length of the longest sentinel that the text ends with; 0 = none. */
static size_t sentinel_at_end(const struct stop *s)
{
    struct span tail = span_of(s->tail, s->tail_len);
    size_t longest = 0;

    for (size_t i = 0; i < s->rules->sentinel_count; i++) {
        const struct stop_sentinel *t = &s->rules->sentinels[i];

        if (t->len > longest && span_ends(tail, span_of(t->text, t->len)))
            longest = t->len;
    }
    return longest;
}

/* How many bytes at the end may become one. */
static size_t sentinel_begun(const struct stop *s)
{
    struct span tail = span_of(s->tail, s->tail_len);
    size_t longest = 0;

    for (size_t i = 0; i < s->rules->sentinel_count; i++) {
        const struct stop_sentinel *t = &s->rules->sentinels[i];

        for (size_t len = t->len - 1u; len > longest; len--)
            if (span_ends(tail, span_of(t->text, len)))
                longest = len;
    }
    return longest;
}

/* ---- all of them ---- */

/* Without a blank a text is cut within a word at last, looked at every so many bytes. */
enum { TOKENS_STRIDE_BYTES = 64, TOKENS_OVER = 16 };

/* Whether to cut before this byte: between tokens, at a blank or a character beyond ASCII. */
static bool tokens_reached(const struct stop *s, char c, int64_t limit)
{
    if (ascii_is_blank(c) || c == '\n' || (uint8_t)c >= 0xc0)
        return token_counter_estimate(&s->tokens) >= limit;
    return s->offset % TOKENS_STRIDE_BYTES == 0 && (uint8_t)c < 0x80 &&
           token_counter_estimate(&s->tokens) >= limit + TOKENS_OVER;
}

static size_t char_bytes(char first)
{
    uint8_t byte = (uint8_t)first;

    return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

static bool has(const struct stop *s, enum stop_kind kind)
{
    return (s->rules->set >> kind & 1) != 0;
}

/* One byte for one rule. True when it has fired; *cut is where, then. */
static bool stop_step(struct stop *s, enum stop_kind kind, char c, uint64_t *cut)
{
    uint64_t limit = (uint64_t)s->rules->limits[kind];
    struct span byte = span_of(&c, 1);
    size_t len;

    *cut = s->offset + 1;
    switch (kind) {
    case STOP_SENTINEL:
        tail_put(s, c);
        len = sentinel_at_end(s);
        *cut -= len;
        return len > 0;
    case STOP_PATTERN:
    case STOP_LABEL:
        return pattern_feed(&s->match, byte, cut);
    case STOP_SENTENCES:
        sentence_step(&s->sentences, c, s->offset);
        *cut = s->sentences.cut;
        return (uint64_t)s->sentences.count >= limit;
    case STOP_JSON:
        if (json_step(s, c))
            return true;
        *cut = s->offset;
        return s->json_state == JSON_FENCED && !has(s, STOP_CODE) && fence_step(&s->fence, c);
    case STOP_CODE:
        *cut = s->offset;
        return fence_step(&s->fence, c);
    case STOP_LOOP:
        if (!loop_feed(&s->loop, byte))
            return false;
        *cut = s->loop.found_at;
        return true;
    case STOP_TOKENS:
        *cut = s->offset;
        if (tokens_reached(s, c, (int64_t)limit))
            return true;
        token_counter_feed(&s->tokens, byte);
        return false;
    case STOP_BYTES:
        *cut = s->offset;
        return s->offset + char_bytes(c) > limit;
    default:
        return false;
    }
}

void stop_start(struct stop *s, const struct stop_rules *r)
{
    memset(s, 0, sizeof(*s));
    s->rules = r;
    token_counter_start(&s->tokens);
    loop_start(&s->loop);
    if (has(s, STOP_PATTERN) || has(s, STOP_LABEL))
        pattern_start(&s->match, &r->pattern);
}

/* What may go out while no rule has fired. */
static uint64_t stop_safe(const struct stop *s)
{
    const struct stop_sentences *t = &s->sentences;
    uint64_t safe = s->offset - sentinel_begun(s);

    if (has(s, STOP_SENTENCES) && t->state != SENTENCE_INSIDE && t->end < safe &&
        t->count + 1 == s->rules->limits[STOP_SENTENCES])
        safe = t->end;
    return safe;
}

bool stop_feed(struct stop *s, struct span text)
{
    for (size_t i = 0; i < text.len && !s->fired; i++) {
        for (int kind = 0; kind < STOP_KINDS && !s->fired; kind++) {
            uint64_t cut;

            if (!has(s, (enum stop_kind)kind) ||
                !stop_step(s, (enum stop_kind)kind, text.ptr[i], &cut))
                continue;
            s->fired = true;
            s->rule = (enum stop_kind)kind;
            s->kept = cut;
        }
        s->offset++;
    }
    if (!s->fired)
        s->kept = stop_safe(s);
    return s->fired;
}

/* ---- what a cut has saved ---- */

void stop_mean_feed(struct stop_mean *m, int64_t output_tokens)
{
    CHECK(output_tokens >= 0);
    if (m->count < STOP_MEAN_SPAN)
        m->count++;
    m->mean_milli += (output_tokens * 1000 - m->mean_milli) / m->count;
}

int64_t stop_saved(const struct stop_mean *m, int64_t tokens, bool vendor_bills_on)
{
    int64_t mean = m->mean_milli / 1000;

    if (vendor_bills_on || m->count < STOP_MEAN_LEAST || mean <= tokens)
        return 0;
    return mean - tokens;
}
