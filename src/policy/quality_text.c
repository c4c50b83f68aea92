/* Checks of the text as it is. */
#include "base/check.h"
#include "policy/fold.h"
#include "policy/quality_checks.h"
#include "policy/refusal.h"

enum {
    GOOD = 1000,
    BAD = 0,
    HALF = 500,
    CUT_TEXT_BYTES = 200, /* shorter answers may be words, names, labels */
    CUT_WORDS_BYTES = 12, /* in front of a word that leaves a sentence open */
    CUT_LINE_BYTES = 60,  /* a line of prose; verses and items are shorter */
    LIMITED = 700,        /* cut by the limit that the client set itself */
    CODE_LINES_LEAST = 3,
    CODE_LINES_READ = 100,
    LOGPROB_SPAN = 2, /* 0 at this many times the bound below it */
};

static bool any_byte(const char *set, char c)
{
    return span_find_byte(span_str(set), c) < strlen(set);
}

static struct span trimmed(struct span text)
{
    while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ')
        text = span_part(text, 1, text.len);
    while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ')
        text.len--;
    return text;
}

int quality_empty(const struct quality_input *in)
{
    struct span answer = trimmed(in->answer);

    if (in->calls.len > 0)
        return QUALITY_NONE;
    if (answer.len == 0)
        return BAD;
    return answer.len > CUT_LINE_BYTES && span_equal(answer, trimmed(in->question)) ? BAD : GOOD;
}

/* Code without a fence around it: most lines end in a sign of grammar or are set in, and some in a
 * way that prose and equations never do. */
bool quality_is_code(struct span text)
{
    struct span line;
    size_t lines = 0;
    size_t likely = 0;
    size_t sure = 0;

    while (lines < CODE_LINES_READ && span_split(&text, '\n', &line)) {
        bool is_sure;

        while (line.len > 0 && (uint8_t)line.ptr[line.len - 1] <= ' ')
            line.len--;
        if (line.len == 0)
            continue;
        is_sure = any_byte(";{}", line.ptr[line.len - 1]) || any_byte("\t<}", line.ptr[0]) ||
                  span_starts(line, SPAN("  ")) || span_starts(line, SPAN("#include"));
        lines++;
        sure += is_sure;
        likely += is_sure || any_byte("):,>(", line.ptr[line.len - 1]);
    }
    return lines >= CODE_LINES_LEAST && likely * 5 >= lines * 3 && sure * 4 >= lines;
}

int quality_error(const struct quality_input *in)
{
    return refusal_is_error(in->question, in->answer) ? BAD : GOOD;
}

int quality_refusal(const struct quality_input *in)
{
    return refusal_is(in->answer) ? BAD : GOOD;
}

int quality_finish(const struct quality_input *in)
{
    bool limited = span_equal(in->finish, SPAN("length")) ||
                   span_equal(in->finish, SPAN("max_tokens")) ||
                   span_equal(in->finish, SPAN("max_output_tokens"));

    if (in->finish.len == 0 || in->partial)
        return QUALITY_NONE;
    if (limited)
        return in->request != NULL && in->request->has_limit ? LIMITED : BAD;
    return span_equal(in->finish, SPAN("content_filter")) || span_equal(in->finish, SPAN("refusal"))
               ? BAD
               : GOOD;
}

/* The last line looks like prose, not like an item, a verse, code or a table. */
static bool is_prose(struct span line)
{
    return line.len >= CUT_LINE_BYTES && !any_byte("-*#|>+<{}[]\t ", line.ptr[0]) &&
           !(line.ptr[0] >= '0' && line.ptr[0] <= '9') &&
           span_find(line, SPAN("://")) == line.len && span_find_byte(line, '`') == line.len &&
           span_find_byte(line, '|') == line.len && span_find(line, SPAN(" #")) == line.len;
}

/* Words that no sentence ends with. */
static bool ends_openly(struct span text)
{
    struct span words =
        SPAN("the|an|and|or|of|to|with|is|are|was|that|which|because|from|into|und|der|"
             "des|et|les|des|du|el|los|que|di|il|os|het|een|van");
    size_t from = text.len;
    struct span one;

    while (from > 0 && ((text.ptr[from - 1] | 0x20) >= 'a' && (text.ptr[from - 1] | 0x20) <= 'z'))
        from--;
    if (from < CUT_WORDS_BYTES || text.ptr[from - 1] != ' ')
        return false;
    while (span_split(&words, '|', &one))
        if (span_equal(one, span_part(text, from, text.len)))
            return true;
    return false;
}

/* The last character is a letter that a sentence does not end with. */
static bool ends_in_letter(struct span text)
{
    size_t from = text.len - 1;
    struct span rest;
    uint32_t last;

    while (from > 0 && text.len - from < 4 && ((uint8_t)text.ptr[from] & 0xC0) == 0x80)
        from--;
    rest = span_part(text, from, text.len);
    last = fold_next(&rest);
    return (last >= 'a' && last <= 'z') || (last >= 'A' && last <= 'Z') || fold_is_wide(last) ||
           (last >= 0xC0 && last < 0x530);
}

int quality_cut(const struct quality_input *in)
{
    struct span text = trimmed(in->answer);
    size_t from = text.len;
    char last;

    if (in->partial || text.len == 0 || (in->request != NULL && in->request->has_stop) ||
        span_find(text, SPAN("```")) < text.len)
        return QUALITY_NONE;
    last = text.ptr[text.len - 1];
    if (any_byte("=([{<", last) || ends_openly(text))
        return BAD;
    while (from > 0 && text.ptr[from - 1] != '\n')
        from--;
    if (text.len < CUT_TEXT_BYTES || !is_prose(span_part(text, from, text.len)))
        return GOOD;
    /* Sentences were ended before: so should be the last one. */
    if (span_find(text, SPAN(". ")) == text.len && span_find(text, SPAN(".\n")) == text.len &&
        span_find(text, SPAN("\xE3\x80\x82")) == text.len)
        return GOOD;
    return last == ',' || last == ';' || last == '-' || ends_in_letter(text) ? BAD : GOOD;
}

/* ---- balance ---- */

/* How many more brackets are opened than closed in a piece of code, strings left out; one string
 * does not go over lines. */
static bool code_is_balanced(struct span code)
{
    int open[3] = {0};
    char quote = '\0';

    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];

        if (c == '\\') {
            i++;
        } else if (c == '\n' || c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == '\0') {
            open[0] += (c == '{') - (c == '}');
            open[1] += (c == '(') - (c == ')');
            open[2] += (c == '[') - (c == ']');
        }
    }
    /* A stray one may stand in a comment: what was cut off leaves more than that open. */
    return open[0] <= 0 || open[0] + (open[1] > 0) + (open[2] > 0) < 2;
}

int quality_balance(const struct quality_input *in)
{
    struct span rest = in->answer;
    int result = QUALITY_NONE;

    if (in->partial)
        return QUALITY_NONE;
    for (;;) {
        size_t open = span_find(rest, SPAN("```"));
        size_t close;

        if (open == rest.len)
            return result;
        rest = span_part(rest, open + 3, rest.len);
        close = span_find(rest, SPAN("```"));
        if (close == rest.len)
            return BAD;
        if (result != HALF)
            result = code_is_balanced(span_part(rest, 0, close)) ? GOOD : HALF;
        rest = span_part(rest, close + 3, rest.len);
    }
}

/* ---- what owners ask for ---- */

static int64_t characters(struct span text)
{
    int64_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((uint8_t)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

int quality_length(const struct quality_input *in, const struct check_settings *s)
{
    int64_t count;

    if (s->min_chars == 0 && s->max_chars == 0)
        return QUALITY_NONE;
    count = characters(in->answer);
    if (s->max_chars > 0 && count > s->max_chars)
        return BAD;
    return count < s->min_chars && !in->partial ? BAD : GOOD;
}

int quality_logprob(const struct quality_input *in, int64_t least_milli)
{
    int64_t below;

    if (in->logprob_milli == 0 || least_milli == 0)
        return QUALITY_NONE;
    below = least_milli - in->logprob_milli;
    if (below <= 0)
        return GOOD;
    if (below >= -least_milli * LOGPROB_SPAN)
        return BAD;
    return (int)(GOOD - below * GOOD / (-least_milli * LOGPROB_SPAN));
}
