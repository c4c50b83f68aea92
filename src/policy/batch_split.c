/* Which marks of an answer are real, and what stands between them. */
#include "base/check.h"
#include "policy/batch.h"

enum {
    MARK_DIGITS = 3,
    MARK_LINES_MAX = 2,                /* line ends that part two answers, at most */
    NUMBERS = BATCH_QUESTIONS_MAX + 1, /* one behind the last is known, to see an answer too many */
};

struct mark {
    size_t at;
    size_t body; /* where its answer begins */
    uint8_t number;
    uint8_t lines; /* line ends before it, at most MARK_LINES_MAX */
    uint8_t rank;  /* its place in the longest series that end with it */
    bool is_question;
    bool out;  /* of the running */
    bool on;   /* on a longest series */
    bool sure; /* on all of them */
};

struct splitter {
    struct span text;
    struct span nonce;
    size_t questions;
    size_t count;
    struct mark marks[BATCH_MARKS_MAX];
};

/* ---- marks ---- */

/* "A[12-nonce]:" at a place; *end is behind it. */
static bool mark_read(const struct splitter *s, size_t at, struct mark *m)
{
    struct span rest = span_part(s->text, at, s->text.len);
    size_t number = 0;
    size_t i = 2;

    if (!span_starts(rest, SPAN("A[")) && !span_starts(rest, SPAN("Q[")))
        return false;
    for (; i < rest.len && i < 2 + MARK_DIGITS && rest.ptr[i] >= '0' && rest.ptr[i] <= '9'; i++)
        number = number * 10 + (size_t)(rest.ptr[i] - '0');
    if (number == 0 || rest.ptr[2] == '0' || number > s->questions + 1)
        return false;
    if (s->nonce.len > 0) {
        if (i == rest.len || rest.ptr[i] != '-' ||
            !span_starts(span_part(rest, i + 1, rest.len), s->nonce))
            return false;
        i += 1 + s->nonce.len;
    }
    if (!span_starts(span_part(rest, i, rest.len), SPAN("]:")))
        return false;
    i += 2;
    *m = (struct mark){.at = at, .number = (uint8_t)number, .is_question = rest.ptr[0] == 'Q'};
    m->out = m->is_question;
    m->body = at + i + (i < rest.len && (rest.ptr[i] == ' ' || rest.ptr[i] == '\n'));
    while (m->lines < MARK_LINES_MAX && m->lines < at && s->text.ptr[at - m->lines - 1] == '\n')
        m->lines++;
    return true;
}

/* False when there are too many. */
static bool marks_find(struct splitter *s)
{
    struct mark m;

    for (size_t at = 0; at < s->text.len;) {
        if (mark_read(s, at, &m)) {
            if (s->count == BATCH_MARKS_MAX)
                return false;
            s->marks[s->count++] = m;
        }
        at += span_find_byte(span_part(s->text, at, s->text.len), '\n') + 1;
    }
    return true;
}

/* ---- series ---- */

/* Finds the longest series of growing numbers among the marks in the running. */
static void marks_rank(struct splitter *s)
{
    uint8_t until[NUMBERS + 2] = {0}; /* length of the longest series up to that number */
    uint8_t from[NUMBERS + 2] = {0};
    uint8_t rivals[NUMBERS + 1] = {0}; /* marks on a longest series, by rank; 2 is many */
    size_t last = s->questions + 1;

    for (size_t i = 0; i < s->count; i++) {
        struct mark *m = &s->marks[i];

        if (m->out)
            continue;
        m->rank = (uint8_t)(until[m->number - 1] + 1);
        for (size_t n = m->number; n <= last && until[n] < m->rank; n++)
            until[n] = m->rank;
    }
    for (size_t i = s->count; i > 0; i--) {
        struct mark *m = &s->marks[i - 1];
        uint8_t length = (uint8_t)(from[m->number + 1] + 1);

        m->on = !m->out && m->rank + length - 1 == until[last];
        for (size_t n = m->number; !m->out && n > 0 && from[n] < length; n--)
            from[n] = length;
        if (m->on && rivals[m->rank] < 2)
            rivals[m->rank]++;
    }
    for (size_t i = 0; i < s->count; i++)
        s->marks[i].sure = s->marks[i].on && rivals[s->marks[i].rank] == 1;
}

static bool parts_two_answers(const struct splitter *s, const struct mark *m)
{
    return m->at > 0 && m->number > 1 && m->number <= s->questions;
}

/* Line ends between answers: as many as before every mark that is beyond doubt. */
static size_t marks_lines(const struct splitter *s)
{
    size_t least = MARK_LINES_MAX + 1;

    for (size_t i = 0; i < s->count; i++)
        if (s->marks[i].sure && parts_two_answers(s, &s->marks[i]) && s->marks[i].lines < least)
            least = s->marks[i].lines;
    return least <= MARK_LINES_MAX ? least : s->questions > 1;
}

/* ---- what cannot be one ---- */

/* A first answer at the very front is the first. */
static void marks_keep_first(struct splitter *s)
{
    if (s->count == 0 || s->marks[0].out || s->marks[0].number != 1 ||
        s->marks[0].at != s->marks[0].lines)
        return;
    for (size_t i = 1; i < s->count; i++)
        s->marks[i].out = s->marks[i].out || s->marks[i].number == 1;
}

static void marks_drop_close(struct splitter *s)
{
    size_t lines = marks_lines(s);

    for (size_t i = 0; i < s->count; i++)
        if (s->marks[i].at > 0 && s->marks[i].number > 1 && s->marks[i].lines < lines)
            s->marks[i].out = true;
}

/* Lines that open or close a code block. */
static size_t count_fences(struct span text)
{
    size_t count = 0;

    while (text.len > 0) {
        size_t end = span_find_byte(text, '\n');

        count += span_starts(span_trim(span_part(text, 0, end)), SPAN("```"));
        text = span_part(text, end + 1, text.len);
    }
    return count;
}

/* Of the doubtful ones, those inside a code block of the answer before. */
static void marks_drop_fenced(struct splitter *s)
{
    size_t fences = 0;
    size_t from = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct mark *m = &s->marks[i];

        fences += count_fences(span_part(s->text, from, m->at - from));
        from = m->at;
        if (m->sure) {
            fences = 0;
            from = m->body;
        } else if (m->on && fences % 2 == 1) {
            m->out = true;
        }
    }
}

/* ---- answers ---- */

static bool echoes(const struct splitter *s, const struct mark *m, size_t end)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->marks[i].is_question && s->marks[i].at > m->at && s->marks[i].at < end &&
            s->marks[i].number == m->number + 1)
            return true;
    return false;
}

/* The answer of a mark ends before the next, which is NULL for the end of the text. */
static size_t part_close(const struct splitter *s, struct batch_part *parts, const struct mark *m,
                         const struct mark *next)
{
    size_t end = next != NULL ? next->at : s->text.len;
    size_t next_number = next != NULL ? next->number : s->questions + 1;
    size_t lines = marks_lines(s);
    size_t there = 0;

    if (m->number > s->questions || (next != NULL && next->number > s->questions) ||
        echoes(s, m, end))
        return 0;
    while (there < lines && end - there > m->body && s->text.ptr[end - there - 1] == '\n')
        there++;
    if (next != NULL || there == lines)
        end -= there;
    if (end < m->body) /* an empty answer: the line end behind its mark is the one that parts */
        end = m->body;
    parts[m->number - 1] = (struct batch_part){
        .found = true,
        .beside = next_number != m->number + 1u,
        .text = span_of(s->text.ptr + m->body, end - m->body),
    };
    return 1;
}

static size_t parts_fill(const struct splitter *s, struct batch_part *parts, bool whole)
{
    const struct mark *open = NULL;
    size_t found = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct mark *m = &s->marks[i];

        if (!m->on)
            continue;
        if (open != NULL && m->sure)
            found += part_close(s, parts, open, m);
        open = m->sure ? m : NULL;
    }
    if (open != NULL && whole)
        found += part_close(s, parts, open, NULL);
    return found;
}

size_t batch_split(struct batch_part *parts, size_t count, struct span text, struct span nonce,
                   bool whole)
{
    struct splitter s = {.text = text, .nonce = nonce, .questions = count};

    CHECK(count > 0 && count <= BATCH_QUESTIONS_MAX);
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct batch_part){.found = false};
    if (!marks_find(&s))
        return 0;
    marks_keep_first(&s);
    marks_rank(&s);
    marks_drop_close(&s);
    marks_rank(&s);
    marks_drop_fenced(&s);
    marks_rank(&s);
    return parts_fill(&s, parts, whole);
}
