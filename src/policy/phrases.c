/* The matcher: no backtracking, so a phrase costs at most its gaps. */
#include "policy/phrases.h"

#include "base/check.h"
#include "policy/fold.h"

enum { NOT_THERE = -1 };

/* Words begin behind a space; in scripts without spaces, at every letter. */
static bool word_begins(struct span text, size_t at)
{
    struct span rest;

    if (at >= text.len || text.ptr[at] == ' ')
        return false;
    if (at == 0 || text.ptr[at - 1] == ' ')
        return true;
    if ((uint8_t)text.ptr[at] < 0xC0) /* ASCII, or inside a character */
        return false;
    rest = span_part(text, at, text.len);
    return fold_is_wide(fold_next(&rest));
}

/* The end of the first of the alternatives a|b|c that stands at `at`. */
static int64_t list_end(struct span text, size_t at, struct span list)
{
    struct span one;

    while (span_split(&list, '|', &one))
        if (span_starts(span_part(text, at, text.len), one))
            return (int64_t)(at + one.len);
    return NOT_THERE;
}

/* One element: a list, a named list, or letters up to the next of these. Moves *phrase behind it.
 */
static int64_t element_end(const struct phrases *p, struct span text, size_t at,
                           struct span *phrase)
{
    size_t len = 0;
    char first = phrase->ptr[0];

    if (first == '[') {
        struct span list = span_part(*phrase, 1, span_find_byte(*phrase, ']') - 1);

        *phrase = span_part(*phrase, list.len + 2, phrase->len);
        return list_end(text, at, list);
    }
    if (first >= 'A' && first <= 'Z') {
        CHECK((unsigned)(first - 'A') < p->list_count);
        *phrase = span_part(*phrase, 1, phrase->len);
        return list_end(text, at, span_str(p->lists[first - 'A']));
    }
    while (len < phrase->len && phrase->ptr[len] != '[' && phrase->ptr[len] != '*' &&
           (phrase->ptr[len] < 'A' || phrase->ptr[len] > 'Z'))
        len++;
    if (!span_starts(span_part(text, at, text.len), span_part(*phrase, 0, len)))
        return NOT_THERE;
    *phrase = span_part(*phrase, len, phrase->len);
    return (int64_t)(at + len);
}

/* The element behind a gap, at the first word where it stands. */
static int64_t gap_end(const struct phrases *p, struct span text, size_t at, struct span *phrase)
{
    size_t limit = at + PHRASES_GAP_BYTES < text.len ? at + PHRASES_GAP_BYTES : text.len;

    for (; at < limit && text.ptr[at] != '.'; at++) {
        struct span rest = *phrase;
        int64_t end = word_begins(text, at) ? element_end(p, text, at, &rest) : NOT_THERE;

        if (end != NOT_THERE) {
            *phrase = rest;
            return end;
        }
    }
    return NOT_THERE;
}

static bool phrase_at(const struct phrases *p, struct span text, size_t at, struct span phrase)
{
    while (phrase.len > 0) {
        bool gap = phrase.ptr[0] == '*';
        int64_t end;

        if (gap)
            phrase = span_part(phrase, 1, phrase.len);
        end = gap ? gap_end(p, text, at, &phrase) : element_end(p, text, at, &phrase);
        if (end == NOT_THERE)
            return false;
        at = (size_t)end;
    }
    return true;
}

/* A phrase of the table, and what its first character may be, so that most are passed over. */
struct entry {
    struct span text;
    uint64_t firsts;
    int points;
};

/* Which of 64 a character is, by its first bytes. */
static uint64_t first_bit(struct span text)
{
    uint8_t first = (uint8_t)text.ptr[0];
    unsigned second = text.len > 1 ? (uint8_t)text.ptr[1] : 0;

    return UINT64_C(1) << ((first < 0x80 ? first : first * 7u + second) % 64);
}

static uint64_t phrase_firsts(const struct phrases *p, struct span phrase)
{
    struct span list = phrase;
    struct span one;
    uint64_t bits = 0;

    if (phrase.ptr[0] == '[')
        list = span_part(phrase, 1, span_find_byte(phrase, ']') - 1);
    else if (phrase.ptr[0] >= 'A' && phrase.ptr[0] <= 'Z')
        list = span_str(p->lists[phrase.ptr[0] - 'A']);
    else
        return first_bit(phrase);
    while (span_split(&list, '|', &one))
        bits |= first_bit(one);
    return bits;
}

static size_t entries_read(const struct phrases *p, struct entry entries[PHRASES_MAX])
{
    struct span table = span_str(p->table);
    struct span line;
    size_t count = 0;

    while (span_split(&table, '\n', &line) && line.len > 0) {
        bool minus = line.ptr[0] == '-';
        struct entry *e = &entries[count++];

        CHECK(count <= PHRASES_MAX);
        e->points = (line.ptr[minus] - '0') * (minus ? -1 : 1);
        e->text = span_part(line, minus ? 2 : 1, line.len);
        e->firsts = phrase_firsts(p, e->text);
    }
    return count;
}

int phrases_points(const struct phrases *p, struct span folded, size_t near_bytes)
{
    struct entry entries[PHRASES_MAX];
    size_t count = entries_read(p, entries);
    int sum = 0;

    for (size_t at = 0; at < folded.len; at++) {
        uint64_t bit = first_bit(span_part(folded, at, folded.len));

        if (!word_begins(folded, at))
            continue;
        for (size_t i = 0; i < count; i++) {
            if ((entries[i].firsts & bit) == 0 || !phrase_at(p, folded, at, entries[i].text))
                continue;
            sum += at <= near_bytes ? entries[i].points : entries[i].points / 2;
            entries[i].firsts = 0; /* once is enough */
        }
    }
    return sum > 0 ? sum : 0;
}

bool phrases_any(const struct phrases *p, struct span folded)
{
    return phrases_points(p, folded, folded.len) > 0;
}
