#include "policy/near_tokens.h"

#include "base/check.h"
#include "base/utf8.h"
#include "policy/fold.h"
#include "policy/near_words.h"

/* Units that differ by case alone (mW, MW) have at most this many letters. */
enum { UNIT_LETTERS_MAX = 3 };
/* Wherever they stand: bits and bytes, milli and mega. */
static const char units[] = "|kb|mb|gb|tb|kbps|mbps|gbps|mw|";

/* Unicode's general punctuation that people's keyboards and editors put for plain signs. */
static uint32_t plain_sign(uint32_t code)
{
    static const struct {
        uint16_t from;
        uint16_t to;
        char plain;
    } signs[] = {
        {0x09, 0x0d, ' '},     {0xa0, 0xa1, ' '},     {0xab, 0xab, '"'},     {0xbb, 0xbb, '"'},
        {0xbf, 0xbf, ' '},     {0x2000, 0x200a, ' '}, {0x2010, 0x2015, '-'}, {0x2018, 0x201b, '\''},
        {0x201c, 0x201f, '"'}, {0x2026, 0x2026, '.'}, {0x2028, 0x202f, ' '}, {0x2212, 0x2212, '-'},
        {0x3000, 0x3000, ' '},
    };

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (code >= signs[i].from && code <= signs[i].to)
            return (uint32_t)signs[i].plain;
    return code;
}

static uint32_t fold(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
        (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    /* Latin Extended-A: pairs, capital first; its odd part has the capitals on odd numbers. */
    if (c >= 0x100 && c <= 0x17f && c != 0x130 && c != 0x178) {
        bool odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;

        return c + (c % 2 == (odd ? 1u : 0u) && c != 0x138 && c != 0x149 && c != 0x17f);
    }
    return c;
}

struct near_char near_char(struct span text)
{
    struct near_char c = {0};
    struct span rest = text;
    uint32_t code = fold_next(&rest);

    c.bytes = (uint8_t)(text.len - rest.len);
    c.plain = fold(plain_sign(code));
    c.upper = c.plain != code && c.plain >= 'a';
    c.digit = c.plain >= '0' && c.plain <= '9';
    c.letter = (c.plain >= 'a' && c.plain <= 'z') ||
               (c.plain >= 0xc0 && c.plain <= 0x24f && c.plain != 0xd7 && c.plain != 0xf7);
    /* U+2000..2BFF are signs. */
    c.foreign = c.plain >= 0x250 && (c.plain < 0x2000 || c.plain >= 0x2c00);
    return c;
}

struct span near_token_text(const struct near_tokens *t, size_t index)
{
    CHECK(index < t->count);
    return span_of(t->pool + t->list[index].at, t->list[index].len);
}

void near_token_put(struct near_tokens *t, size_t index, struct span text,
                    enum near_token_kind kind)
{
    CHECK(index <= t->count);
    if (index == NEAR_WORDS_MAX || text.len > sizeof(t->pool) - t->used) {
        t->full = true;
        return;
    }
    if (text.len > 0)
        memmove(t->pool + t->used, text.ptr, text.len);
    t->list[index] = (struct near_token){.at = (uint16_t)t->used,
                                         .len = (uint16_t)text.len,
                                         .kind = (uint8_t)kind,
                                         .has_lower = true};
    t->used += text.len;
    t->count += index == t->count;
}

static void push(struct near_tokens *t, struct span text, enum near_token_kind kind)
{
    size_t count = t->count;

    near_token_put(t, count, text, kind);
    if (t->count == count)
        return;
    t->list[count].first = t->first;
    t->list[count].comma = t->comma;
    t->first = false;
    t->comma = false;
}

static void push_stop(struct near_tokens *t)
{
    push(t, SPAN("."), NEAR_STOP);
    t->first = true;
    t->comma = true;
}

/* "don't" as two words. What has 's is near_words' matter: it may be a name's. */
static bool push_contraction(struct near_tokens *t, struct span word)
{
    static const struct {
        const char *ending;
        const char *second;
    } endings[] = {{"n't", "not"},  {"'re", "are"},  {"'m", "am"},
                   {"'ll", "will"}, {"'ve", "have"}, {"'d", "would"}};

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct span ending = span_str(endings[i].ending);

        if (word.len <= ending.len || !span_ends(word, ending))
            continue;
        push(t, span_part(word, 0, word.len - ending.len), NEAR_WORD);
        push(t, span_str(endings[i].second), NEAR_WORD);
        return true;
    }
    return false;
}

/* What stands between two blanks, without the punctuation around it. */
struct chunk {
    struct span raw;
    bool signs; /* anything but letters, digits and apostrophes */
    bool code;  /* signs that prose does not have: case matters */
    bool digits;
    bool letters; /* lower-case ones, and capitals: */
    bool lower;
    bool capital;
    size_t uppers;
};

static struct chunk look_at(struct span raw)
{
    struct chunk c = {.raw = raw};
    struct near_char ch;

    for (size_t at = 0; at < raw.len; at += ch.bytes) {
        ch = near_char(span_part(raw, at, raw.len));
        c.digits |= ch.digit;
        c.letters |= ch.letter;
        c.lower |= ch.letter && !ch.upper;
        c.uppers += ch.upper;
        c.capital |= ch.upper && at == 0;
        if (ch.letter || ch.digit || ch.plain == '\'')
            continue;
        c.signs = true;
        c.code |= ch.plain >= 0x80 || strchr("-&+#.,%", (int)ch.plain) == NULL;
    }
    return c;
}

/* Writes the chunk into the pool's free end; the token is made by who pushes it. */
static struct span fold_chunk(struct near_tokens *t, struct span raw)
{
    char *out = t->pool + t->used;
    size_t len = 0;
    struct near_char ch;

    if (raw.len > sizeof(t->pool) - t->used) {
        t->full = true;
        return SPAN_EMPTY;
    }
    for (size_t at = 0; at < raw.len; at += ch.bytes) {
        ch = near_char(span_part(raw, at, raw.len));
        /* A plain sign is never longer than what it stands for, a folded letter as long. */
        len += utf8_encode(ch.plain, out + len);
    }
    return span_of(out, len);
}

static bool after_number(const struct near_tokens *t)
{
    struct span last = t->count > 0 ? near_token_text(t, t->count - 1) : SPAN_EMPTY;

    return last.len > 0 && last.ptr[last.len - 1] >= '0' && last.ptr[last.len - 1] <= '9';
}

static bool is_unit(struct span word)
{
    size_t at = span_find(SPAN(units), word);

    return word.len > 1 && at < sizeof(units) - 1 && units[at - 1] == '|' &&
           units[at + word.len] == '|';
}

static void push_chunk(struct near_tokens *t, struct span raw)
{
    struct chunk c = look_at(raw);
    bool unit = c.letters && !c.signs && raw.len <= UNIT_LETTERS_MAX && after_number(t);
    size_t count = t->count;
    struct span text;

    if (c.code || (c.uppers > 0 && (unit || (raw.ptr[0] >= '0' && raw.ptr[0] <= '9')))) {
        push(t, raw, NEAR_VERBATIM);
        return;
    }
    text = fold_chunk(t, raw);
    if (t->full)
        return;
    if (span_equal(text, SPAN("&")))
        push(t, SPAN("and"), NEAR_WORD);
    else if (is_unit(text))
        push(t, raw, NEAR_VERBATIM);
    else if (c.signs || c.digits || !c.letters)
        push(t, text, NEAR_VERBATIM);
    else if (!push_contraction(t, text))
        push(t, text, NEAR_WORD);
    if (t->count == count)
        return;
    t->list[count].has_lower = c.lower;
    t->list[count].capital = c.capital;
    t->list[count].acronym = c.uppers >= 2;
}

static bool is_edge(uint32_t plain)
{
    return plain != 0 && plain < 0x80 && strchr(",.!?;:'", (int)plain) != NULL;
}

/* "5!" is a factorial, ".NET" a name: those signs belong to the chunk. */
static bool keeps_edge(struct span chunk, uint32_t plain, bool front)
{
    struct near_char beside;

    if (chunk.len < 2)
        return false;
    if (front && plain == '.') {
        beside = near_char(span_part(chunk, 1, chunk.len));
        return beside.letter || beside.digit;
    }
    return !front && plain == '!' && chunk.ptr[chunk.len - 2] >= '0' &&
           chunk.ptr[chunk.len - 2] <= '9';
}

/* The last character's first byte. */
static size_t last_at(struct span chunk)
{
    size_t at = chunk.len - 1;

    while (at > 0 && ((uint8_t)chunk.ptr[at] & 0xc0) == 0x80)
        at--;
    return at;
}

static void read_chunk(struct near_tokens *t, struct span chunk)
{
    bool stop = false;
    bool comma = false;
    bool single = true;

    while (chunk.len > 0) {
        struct near_char c = near_char(chunk);

        if (!is_edge(c.plain) || keeps_edge(chunk, c.plain, true))
            break;
        chunk = span_part(chunk, c.bytes, chunk.len);
        t->comma |= c.plain == ',';
        if (c.plain != ',' && c.plain != '\'')
            push_stop(t);
    }
    while (chunk.len > 0) {
        size_t at = last_at(chunk);
        struct near_char c = near_char(span_part(chunk, at, chunk.len));

        if (!is_edge(c.plain) || keeps_edge(chunk, c.plain, false))
            break;
        chunk = span_part(chunk, 0, at);
        comma |= c.plain == ',';
        single &= !stop && c.plain == '.';
        stop |= c.plain != ',' && c.plain != '\'';
    }
    if (chunk.len > 0)
        push_chunk(t, chunk);
    t->comma |= comma;
    if (stop &&
        !(single && t->count > 0 &&
          near_class(near_tags(near_token_text(t, t->count - 1)), near_languages[0]) == NEAR_SHORT))
        push_stop(t);
}

/* Where the quotation that opens at the front of `rest` ends, or rest.len. A single quote closes
 * only before what is no letter, because apostrophes stand inside words. */
static size_t quotation_end(struct span rest, uint32_t quote, size_t from, uint8_t *close_bytes)
{
    struct near_char c;

    for (size_t at = from; at < rest.len; at += c.bytes) {
        struct span behind;

        c = near_char(span_part(rest, at, rest.len));
        behind = span_part(rest, at + c.bytes, rest.len);
        *close_bytes = c.bytes;
        if (c.plain != quote)
            continue;
        if (quote != '\'' || behind.len == 0)
            return at;
        c = near_char(behind);
        if (!c.letter && !c.digit)
            return at;
        c.bytes = *close_bytes;
    }
    return rest.len;
}

/* Quoted text as one token between plain quotes; gives the bytes it had. */
static size_t read_quotation(struct near_tokens *t, struct span rest, struct near_char open)
{
    uint8_t close_bytes = 0;
    size_t end = quotation_end(rest, open.plain, open.bytes, &close_bytes);
    struct span inside = span_part(rest, open.bytes, end - open.bytes);
    char quote = open.plain == '`' ? '`' : '"';
    char *out = t->pool + t->used;

    if (end == rest.len) {
        t->open |= open.plain != '\'';
        return open.bytes;
    }
    if (inside.len + 2 > sizeof(t->pool) - t->used || span_find_byte(inside, quote) < inside.len) {
        t->full = true;
        return open.bytes;
    }
    out[0] = quote;
    memcpy(out + 1, inside.ptr, inside.len);
    out[inside.len + 1] = quote;
    push(t, span_of(out, inside.len + 2), NEAR_VERBATIM);
    return end + close_bytes;
}

void near_tokens_read(struct near_tokens *t, struct span text)
{
    struct near_char c;
    size_t from = 0;

    *t = (struct near_tokens){.first = true};
    for (size_t at = 0; at < text.len && !t->full;) {
        bool opens;

        c = near_char(span_part(text, at, text.len));
        t->foreign |= c.foreign;
        opens = c.plain == '"' || c.plain == '`' || (c.plain == '\'' && at == from);
        if (!opens && c.plain != ' ') {
            at += c.bytes;
            continue;
        }
        if (at > from)
            read_chunk(t, span_part(text, from, at - from));
        at += c.plain == ' ' ? c.bytes : read_quotation(t, span_part(text, at, text.len), c);
        from = at;
    }
    if (from < text.len)
        read_chunk(t, span_part(text, from, text.len));
}
