#include "policy/compress_repeat.h"

#include <string.h>

#include "base/fmt.h"
#include "base/hash.h"
#include "policy/compress_protect.h"
#include "policy/compress_words.h"

/* Moves from..end down to `to`; gives the new `to`. */
static size_t repeat_move(char *text, size_t to, size_t from, size_t end)
{
    memmove(text + to, text + from, end - from);
    return to + (end - from);
}

static size_t repeat_line_end(struct span text, size_t at)
{
    size_t end = at + span_find_byte(span_part(text, at, text.len), '\n');

    return end < text.len ? end + 1 : end;
}

static bool repeat_is_empty(struct span text, size_t from, size_t end)
{
    while (from < end && (protect_is_blank(text.ptr[from]) || text.ptr[from] == '\n'))
        from++;
    return from == end;
}

/* ---- paragraphs ---- */

/* Whether it was there, and in which text; remembers it otherwise. */
static bool repeat_find(struct repeat_seen *seen, struct span paragraph, bool *here)
{
    static const uint8_t key[HASH_SIP_KEY_BYTES] = "one conversation";
    uint64_t hash = hash_sip64(key, paragraph) & ~UINT64_C(0xff);
    uint64_t entry = hash | (seen->text & 0xff);

    hash += hash == 0 ? 0x100 : 0;
    for (size_t i = 0; i < REPEAT_SLOTS; i++) {
        uint64_t *slot = &seen->slots[((hash >> 8) + i) % REPEAT_SLOTS];

        if (*slot == 0) {
            /* A quarter stays free, so that looking stays short. */
            if (seen->used < REPEAT_SLOTS / 4 * 3) {
                *slot = entry;
                seen->used++;
            }
            return false;
        }
        if ((*slot & ~UINT64_C(0xff)) == hash) {
            *here = *slot == entry;
            return true;
        }
    }
    return false;
}

/* A paragraph with the empty lines behind it. */
static size_t repeat_paragraph_end(struct span text, size_t from, size_t *body_end, bool *fenced)
{
    size_t at = from;

    *fenced = false;
    while (at < text.len) {
        enum protect_kind kind;
        size_t end = protect_end(text, at, &kind);

        if (kind == PROTECT_FENCE) {
            *fenced = true;
            at = end;
        }
        end = repeat_line_end(text, at);
        if (kind != PROTECT_FENCE && repeat_is_empty(text, at, end))
            break;
        at = end;
    }
    *body_end = at;
    while (at < text.len && repeat_is_empty(text, at, repeat_line_end(text, at)))
        at = repeat_line_end(text, at);
    return at;
}

size_t repeat_paragraphs(struct repeat_seen *seen, char *text, size_t len)
{
    static const char marker[] = "[as above]";
    struct span all = span_of(text, len);
    size_t from = 0;
    size_t to = 0;

    while (from < len) {
        size_t body;
        bool fenced;
        bool here = false;
        size_t end = repeat_paragraph_end(all, from, &body, &fenced);
        size_t bytes = body - from;

        while (bytes > 0 &&
               (text[from + bytes - 1] == '\n' || protect_is_blank(text[from + bytes - 1])))
            bytes--;
        if (fenced || bytes < REPEAT_BYTES_MIN ||
            !repeat_find(seen, span_of(text + from, bytes), &here)) {
            to = repeat_move(text, to, from, end);
        } else if (!here) {
            memcpy(text + to, marker, sizeof(marker) - 1);
            to = repeat_move(text, to + sizeof(marker) - 1, from + bytes, end);
        }
        from = end;
    }
    return to;
}

/* ---- noise ---- */

static bool noise_is_base64(char c)
{
    return (uint8_t)c < 0x80 && (protect_is_letter(c) || protect_is_digit(c) || c == '+' ||
                                 c == '/' || c == '=' || c == '-' || c == '_');
}

enum { NOISE_LINE_BYTES = 60 }; /* PEM has 64 a line, MIME 76 */

/* The end of a run of base64, over line ends where the lines are long and hold nothing else. */
static size_t noise_run(struct span text, size_t at, bool *mixed)
{
    size_t end = at;
    size_t line = at;
    bool digits = false;
    bool letters = false;

    while (end < text.len) {
        char c = text.ptr[end];

        if (noise_is_base64(c)) {
            digits = digits || protect_is_digit(c);
            letters = letters || protect_is_letter(c);
        } else if (c != '\n' || end - line < NOISE_LINE_BYTES || end + 1 == text.len ||
                   !noise_is_base64(text.ptr[end + 1])) {
            break;
        } else {
            line = end + 1;
        }
        end++;
    }
    *mixed = digits && letters;
    /* The last line only belongs to it when nothing follows on it. */
    return line > at && end < text.len && text.ptr[end] != '\n' ? line - 1 : end;
}

/* A line without a time in front: digits and the signs of dates, brackets around. */
static struct span noise_message(struct span line)
{
    size_t at = 0;
    size_t digits = 0;

    while (at < line.len && (protect_is_digit(line.ptr[at]) ||
                             span_find_byte(SPAN("-:.,/TZ+[] "), line.ptr[at]) < 11)) {
        digits += protect_is_digit(line.ptr[at]);
        at++;
    }
    /* Hours and minutes at least; "1. 1. 1." is a list, and its numbers stay. */
    if (digits < 4 || span_find_byte(span_part(line, 0, at), ':') == at)
        return line;
    return span_part(line, at, line.len);
}

enum {
    NOISE_MARKER_BYTES = 48,
    NOISE_LINES_MIN = 3,     /* twice is not yet noise */
    NOISE_MESSAGE_BYTES = 8, /* shorter lines are columns of a table, or verse */
};

/* Writes over a part of the text, where that is longer. */
static size_t noise_mark(char *text, size_t to, size_t room, const char *before, size_t count,
                         const char *behind)
{
    char storage[NOISE_MARKER_BYTES];
    struct fmt f;

    fmt_init(&f, storage, sizeof(storage));
    fmt_str(&f, before);
    fmt_u64(&f, count);
    fmt_str(&f, behind);
    if (f.len >= room)
        return to;
    memcpy(text + to, storage, f.len);
    return to + f.len;
}

/* Lines that say what the one before said. */
static size_t noise_lines(char *text, size_t len)
{
    struct span all = span_of(text, len);
    size_t from = 0;
    size_t to = 0;

    while (from < len) {
        enum protect_kind kind;
        size_t fence = protect_end(all, from, &kind);
        size_t end = repeat_line_end(all, kind == PROTECT_FENCE ? fence : from);
        struct span message = noise_message(span_part(all, from, end - from));
        size_t same = end;
        size_t count = 0;
        size_t marked;

        while (kind != PROTECT_FENCE && message.len > NOISE_MESSAGE_BYTES && same < len) {
            size_t next = repeat_line_end(all, same);

            if (!span_equal(message, noise_message(span_part(all, same, next - same))))
                break;
            same = next;
            count++;
        }
        /* The message lies in what is still unread: it is not needed any more. */
        to = repeat_move(text, to, from, end);
        from = end;
        if (count < NOISE_LINES_MIN)
            continue;
        marked = noise_mark(text, to, same - end, "[", count, " more lines like this]\n");
        if (marked > to) {
            to = marked;
            from = same;
        }
    }
    return to;
}

size_t repeat_noise(char *text, size_t len)
{
    struct span all;
    size_t from = 0;
    size_t to = 0;

    len = noise_lines(text, len);
    all = span_of(text, len);
    while (from < len) {
        enum protect_kind kind;
        size_t end = protect_end(all, from, &kind);
        bool mixed = false;

        if (end == from)
            end = noise_is_base64(text[from]) ? noise_run(all, from, &mixed) : from + 1;
        if (mixed && end - from >= REPEAT_NOISE_BYTES) {
            size_t bytes = end - from - REPEAT_NOISE_KEPT;

            to = repeat_move(text, to, from, from + REPEAT_NOISE_KEPT);
            to = noise_mark(text, to, bytes, "[", bytes, " bytes cut]");
        } else {
            to = repeat_move(text, to, from, end);
        }
        from = end;
    }
    return to;
}

/* ---- examples ---- */

enum { LABEL_BYTES_MAX = 24 };

/* What examples begin with; documents, sources and steps are none. */
static const char example_labels[] =
    "example q question input problem query user human prompt sentence review tweet premise ";

/* "Example" of "Example 12: ..."; empty when the line has no such label. */
static struct span example_label(struct span line)
{
    size_t colon = span_find_byte(span_part(line, 0, LABEL_BYTES_MAX), ':');
    size_t end = colon;

    if (colon == line.len || colon == LABEL_BYTES_MAX || !protect_is_letter(line.ptr[0]))
        return SPAN_EMPTY;
    while (end > 0 && (protect_is_digit(line.ptr[end - 1]) || line.ptr[end - 1] == ' ' ||
                       line.ptr[end - 1] == '#'))
        end--;
    line = span_part(line, 0, end);
    return words_in(example_labels, line) ? line : SPAN_EMPTY;
}

enum { EXAMPLE_LABELS_TRIED = 8 }; /* one that comes once may stand before */

struct examples {
    struct span label;
    size_t count;
    size_t paragraphs; /* of the first one */
};

/* How often paragraphs begin with that label. */
static struct examples examples_count(struct span text, struct span label)
{
    struct examples e = {.label = label};
    bool starts = true;

    for (size_t at = 0; at < text.len;) {
        size_t end = repeat_line_end(text, at);
        bool empty = repeat_is_empty(text, at, end);

        if (starts && !empty) {
            e.count += span_equal(label, example_label(span_part(text, at, end - at)));
            e.paragraphs += e.count == 1;
        }
        starts = empty;
        at = end;
    }
    return e;
}

/* The first label that comes twice or more. */
static struct examples examples_find(struct span text)
{
    size_t tried = 0;
    bool starts = true;

    for (size_t at = 0; at < text.len && tried < EXAMPLE_LABELS_TRIED;) {
        size_t end = repeat_line_end(text, at);
        struct span label = example_label(span_part(text, at, end - at));

        if (starts && label.len > 0) {
            struct examples e = examples_count(text, label);

            if (e.count > 1)
                return e;
            tried++;
        }
        starts = repeat_is_empty(text, at, end);
        at = end;
    }
    return (struct examples){0};
}

size_t repeat_examples(char *text, size_t len, size_t kept, bool keep_last)
{
    char label[LABEL_BYTES_MAX];
    struct span all = span_of(text, len);
    struct examples e = examples_find(all);
    size_t seen = 0;
    size_t paragraphs = 0; /* of the example under way */
    size_t from = 0;
    size_t to = 0;
    bool starts = true;

    if (e.count <= kept + (keep_last ? 1 : 0))
        return len;
    /* The text moves under it. */
    memcpy(label, e.label.ptr, e.label.len);
    e.label.ptr = label;
    while (from < len) {
        size_t end = repeat_line_end(all, from);
        bool empty = repeat_is_empty(all, from, end);

        if (starts && !empty) {
            bool first = span_equal(e.label, example_label(span_part(all, from, end - from)));

            seen += first;
            paragraphs = first ? 1 : paragraphs + 1;
        }
        /* What follows the last example is none of its paragraphs. */
        if (seen <= kept || (seen == e.count && (keep_last || paragraphs > e.paragraphs)))
            to = repeat_move(text, to, from, end);
        starts = empty;
        from = end;
    }
    return to;
}
