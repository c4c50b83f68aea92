#include "policy/compress_clean.h"

#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "policy/compress_protect.h"
#include "json/scan.h"

/* A text that is rewritten in place. What is kept is moved in runs: text[run..from) is still to be
 * moved to `to`, which is never behind `run`. */
struct clean {
    char *text;
    size_t len;
    size_t from;
    size_t run;
    size_t to;
};

static struct span clean_span(const struct clean *c)
{
    return span_of(c->text, c->len);
}

static void clean_flush(struct clean *c)
{
    if (c->to != c->run && c->from > c->run)
        memmove(c->text + c->to, c->text + c->run, c->from - c->run);
    c->to += c->from - c->run;
    c->run = c->from;
}

/* Leaves out what is before `end`. */
static void clean_skip(struct clean *c, size_t end)
{
    clean_flush(c);
    c->from = end;
    c->run = end;
}

/* Behind something that was left out and is longer. */
static void clean_put(struct clean *c, char byte)
{
    clean_flush(c);
    c->text[c->to++] = byte;
}

/* The last byte of what is kept; a line end before the first. */
static char clean_last(const struct clean *c)
{
    if (c->from > c->run)
        return c->text[c->from - 1];
    return c->to > 0 ? c->text[c->to - 1] : '\n';
}

static size_t clean_finish(struct clean *c)
{
    clean_flush(c);
    return c->to;
}

/* Keeps a protected span that begins here. */
static bool clean_protected(struct clean *c)
{
    enum protect_kind kind;
    size_t end = c->from;

    if (protect_may_begin(clean_span(c), c->from))
        end = protect_end(clean_span(c), c->from, &kind);
    if (end == c->from)
        return false;
    c->from = end;
    return true;
}

/* ---- white space ---- */

enum { INDENT_CODE = 4 }; /* CommonMark 0.31, section 4.4 */

/* A run of blanks; `line_start` when a line begins with it, `code` when that is indented so. */
static void whitespace_run(struct clean *c, bool line_start, bool *code)
{
    size_t end = c->from;
    bool tab = false;

    while (end < c->len && protect_is_blank(c->text[end])) {
        tab = tab || c->text[end] == '\t';
        end++;
    }
    if (line_start)
        *code = end - c->from >= INDENT_CODE || tab;
    if (end == c->len || c->text[end] == '\n') {
        clean_skip(c, end);
    } else if (line_start || *code || end - c->from == 1) {
        c->from = end;
    } else {
        clean_skip(c, end);
        clean_put(c, tab ? '\t' : ' ');
    }
}

size_t clean_whitespace(char *text, size_t len)
{
    struct clean c = {.text = text, .len = len};
    size_t lines = 2; /* line ends in a row: an empty line at the start is none to keep */
    bool code = false;

    while (c.from < c.len) {
        bool line_start = lines > 0;
        char byte = text[c.from];

        if (byte == '\n') {
            if (lines < 2)
                c.from++;
            else
                clean_skip(&c, c.from + 1);
            lines++;
        } else if (protect_is_blank(byte) && !clean_protected(&c)) {
            whitespace_run(&c, line_start, &code);
            lines = c.from < c.len && text[c.from] != '\n' ? 0 : lines;
        } else {
            code = code && !line_start;
            lines = 0;
            if (!protect_is_blank(byte) && !clean_protected(&c))
                c.from = protect_skip(clean_span(&c), c.from);
        }
    }
    (void)clean_finish(&c);
    while (c.to > 0 && text[c.to - 1] == '\n')
        c.to--;
    return c.to;
}

/* ---- HTML ---- */

enum { HTML_TAG_BYTES = 1000, HTML_NAME_BYTES = 12 };

/* Names that prompts do not use for tags of their own (<article>, <input>, <section> ...); <pre>
 * and <code> hold code. The second ones stand on a line of their own. */
static const char html_inline[] =
    " a abbr b big center em font i iframe img link meta nav noscript "
    "path small span strike strong sub sup svg td th u ";
static const char html_lines[] =
    " br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p table tbody tfoot thead tr ul ";

/* The name of a tag at `<`, in lower case between blanks; 0 when there is none. */
static size_t html_name(struct span tag, char name[HTML_NAME_BYTES])
{
    size_t at = tag.len > 1 && tag.ptr[1] == '/' ? 2 : 1;
    size_t len = 0;

    name[len++] = ' ';
    while (at < tag.len && len + 2 < HTML_NAME_BYTES &&
           (protect_is_letter(tag.ptr[at]) || protect_is_digit(tag.ptr[at])))
        name[len++] = (char)(tag.ptr[at++] | 0x20);
    name[len++] = ' ';
    name[len] = '\0';
    if (len == 2 || at == tag.len ||
        (tag.ptr[at] != '>' && tag.ptr[at] != '/' && !protect_is_blank(tag.ptr[at]) &&
         tag.ptr[at] != '\n'))
        return 0;
    return len;
}

/* Past an element whose content is not text; `c->from` when it has no end. `none` remembers that,
 * because what is not found from here is not found later. */
static size_t html_past(const struct clean *c, const char *close, bool *none)
{
    struct span rest = span_part(clean_span(c), c->from, c->len);
    size_t at = *none ? rest.len : span_find(rest, span_str(close));

    *none = at == rest.len;
    return *none ? c->from : c->from + at + strlen(close);
}

struct html {
    bool no_comment;
    bool no_script;
    bool no_style;
};

/* Where what is to go ends; `from` when nothing is. `*line` when a line began or ended there. */
static size_t html_end(const struct clean *c, struct html *h, bool *line)
{
    struct span rest = span_part(clean_span(c), c->from, HTML_TAG_BYTES);
    size_t close = 1;
    struct span tag;
    char name[HTML_NAME_BYTES];

    while (close < rest.len && rest.ptr[close] != '>' && rest.ptr[close] != '<')
        close++;
    tag = span_part(rest, 0, close + 1);
    *line = false;
    if (span_starts(rest, SPAN("<!--")))
        return html_past(c, "-->", &h->no_comment);
    if (close == rest.len || rest.ptr[close] == '<')
        return c->from;
    if (html_name(tag, name) == 0 || span_find(tag, SPAN("://")) < tag.len)
        return c->from;
    if (strcmp(name, " script ") == 0)
        return html_past(c, "</script>", &h->no_script);
    if (strcmp(name, " style ") == 0)
        return html_past(c, "</style>", &h->no_style);
    *line = strstr(html_lines, name) != NULL;
    return *line || strstr(html_inline, name) != NULL ? c->from + tag.len : c->from;
}

/* What stands for a tag: a line end, or a blank where words would grow together ("<td>"). */
static void html_join(struct clean *c, bool line, bool blank)
{
    char before = clean_last(c);
    char behind = c->from < c->len ? c->text[c->from] : '\n';

    if (before == '\n' || behind == '\n')
        return;
    if (line)
        clean_put(c, '\n');
    else if (blank && before != ' ' && behind != ' ')
        clean_put(c, ' ');
}

size_t clean_html(char *text, size_t len)
{
    struct clean c = {.text = text, .len = len};
    struct html h = {0};

    while (c.from < c.len) {
        bool line = false;
        size_t end = text[c.from] == '<' ? html_end(&c, &h, &line) : c.from;

        if (end > c.from) {
            bool cell = span_starts(span_part(clean_span(&c), c.from, len), SPAN("</t"));

            clean_skip(&c, end);
            html_join(&c, line, cell);
        } else if (!clean_protected(&c)) {
            c.from = protect_skip(clean_span(&c), c.from);
        }
    }
    return clean_finish(&c);
}

/* ---- JSON ---- */

struct json_end {
    uint64_t at; /* 0 = not seen */
};

static void json_value_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct json_end *e = ctx;

    (void)kind;
    if (depth == 0)
        e->at = end_offset;
}

enum { JSON_PIECE_BYTES = 256 }; /* read beyond a value's end, at most */

/* The end of a JSON value that begins here and has its last line for itself; `from` when there is
 * none. `looked` counts the bytes of what turned out to be none. */
static size_t json_end(const struct clean *c, size_t *looked)
{
    static const struct json_visitor visitor = {.value_end = json_value_end};
    struct json_end e = {0};
    struct json_scan scan;
    size_t at = c->from;
    size_t line;

    json_scan_start(&scan, &visitor, &e, false);
    while (at < c->len && e.at == 0) {
        struct span piece = span_part(clean_span(c), at, JSON_PIECE_BYTES);

        at += piece.len;
        if (json_scan_feed(&scan, piece) == PARSE_BAD)
            break;
    }
    line = c->from + (size_t)e.at;
    while (line < c->len && protect_is_blank(c->text[line]))
        line++;
    if (e.at > 0 && (line == c->len || c->text[line] == '\n'))
        return c->from + (size_t)e.at;
    *looked += at - c->from;
    return c->from;
}

static void json_minify(struct clean *c, size_t end)
{
    bool in_string = false;

    while (c->from < end) {
        char byte = c->text[c->from];

        if (!in_string && (protect_is_blank(byte) || byte == '\n')) {
            clean_skip(c, c->from + 1);
            continue;
        }
        c->from += in_string && byte == '\\' ? 2 : 1;
        in_string = in_string != (byte == '"');
    }
}

size_t clean_json(char *text, size_t len)
{
    struct clean c = {.text = text, .len = len};
    size_t looked = 0;

    while (c.from < c.len) {
        char byte = c.text[c.from];
        bool line_start = c.from == 0 || c.text[c.from - 1] == '\n';
        size_t end = c.from;

        /* What is no JSON is read twice in all, however often it looks like some. */
        if (line_start && (byte == '{' || byte == '[') && looked <= len)
            end = json_end(&c, &looked);
        if (end > c.from)
            json_minify(&c, end);
        else if (byte == '"' || !clean_protected(&c))
            c.from = protect_skip(clean_span(&c), c.from);
    }
    return clean_finish(&c);
}

/* ---- boilerplate ---- */

struct boilerplate {
    const char *phrase; /* lower case */
    const char *put;
};

static const struct boilerplate phrases[] = {
    {"please note that ", ""},
    {"it is important to note that ", ""},
    {"it should be noted that ", ""},
    {"it is worth noting that ", ""},
    {"it is worth mentioning that ", ""},
    {"needless to say, ", ""},
    {"as a matter of fact, ", ""},
    {"as you may know, ", ""},
    {"in order to ", "to "},
    {"due to the fact that ", "because "},
    {"in spite of the fact that ", "although "},
    {"at this point in time", "now"},
    {"for the purpose of ", "for "},
    {"all rights reserved.", ""},
    {"accept all cookies", ""},
    {"skip to main content", ""},
    {"subscribe to our newsletter", ""},
    {"share this article", ""},
    {"learn how and when to remove this template message", ""},
};

/* Bytes of the text that are this phrase, as whole words; 0 = none. */
static size_t phrase_here(struct span rest, struct span phrase)
{
    size_t len = phrase.len;
    char last;

    if (len == 0 || rest.len < len || (rest.ptr[0] | 0x20) != (phrase.ptr[0] | 0x20) ||
        !span_equal_fold(span_part(rest, 0, len), phrase))
        return 0;
    last = phrase.ptr[len - 1];
    if (rest.len > len && protect_is_letter(last) && protect_is_letter(rest.ptr[len]))
        return 0;
    return len;
}

static size_t boilerplate_here(const struct clean *c, const struct clean_phrases *more,
                               const char **put)
{
    struct span rest = span_part(clean_span(c), c->from, c->len);
    size_t bytes = 0;

    *put = "";
    for (size_t i = 0; i < ARRAY_LEN(phrases) && bytes == 0; i++) {
        if ((rest.ptr[0] | 0x20) != phrases[i].phrase[0])
            continue;
        bytes = phrase_here(rest, span_str(phrases[i].phrase));
        *put = bytes > 0 ? phrases[i].put : "";
    }
    for (size_t i = 0; more != NULL && i < more->count && bytes == 0; i++)
        bytes = phrase_here(rest, more->phrases[i]);
    return bytes;
}

/* What stands for a phrase; what then comes first begins with upper case where the phrase did. */
static void boilerplate_put(struct clean *c, bool upper, const char *put)
{
    enum protect_kind kind;

    if (put[0] != '\0') {
        size_t to = c->to;

        for (size_t i = 0; put[i] != '\0'; i++)
            clean_put(c, put[i]);
        if (upper)
            c->text[to] = (char)(c->text[to] - 'a' + 'A');
    } else if (upper && c->from < c->len && ascii_is_lower(c->text[c->from]) &&
               protect_end(clean_span(c), c->from, &kind) == c->from) {
        c->text[c->from] = (char)(c->text[c->from] - 'a' + 'A');
    }
}

size_t clean_boilerplate(char *text, size_t len, const struct clean_phrases *more)
{
    struct clean c = {.text = text, .len = len};
    const char *put;

    while (c.from < c.len) {
        char first = c.text[c.from];
        bool word = protect_is_letter(first)
                        ? !protect_is_letter(c.from > 0 ? c.text[c.from - 1] : ' ')
                        : more != NULL && more->count > 0;
        size_t bytes = word ? boilerplate_here(&c, more, &put) : 0;

        if (bytes > 0) {
            clean_skip(&c, c.from + bytes);
            boilerplate_put(&c, first >= 'A' && first <= 'Z', put);
        } else if (!clean_protected(&c)) {
            c.from = protect_skip(clean_span(&c), c.from);
        }
    }
    return clean_finish(&c);
}
