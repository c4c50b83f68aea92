#include "policy/compress_context.h"

#include "base/check.h"
#include "policy/compress_protect.h"

enum {
    LABEL_BYTES_MAX = 32,
    LABEL_WORDS_MAX = 3,
    CONTEXT_SHARE = 4, /* a block of a quarter of the longest one belongs to it */
};

enum block_kind { BLOCK_PLAIN, BLOCK_QUESTION, BLOCK_CONTEXT, BLOCK_INSTRUCTION };

struct block {
    size_t from; /* behind the label */
    size_t end;
    enum block_kind kind;
    bool label_only; /* so far */
};

struct context_walk {
    size_t count;
    struct block blocks[CONTEXT_BLOCKS_MAX];
};

struct context_word {
    const char *word; /* lower case */
    enum block_kind kind;
};

static const struct context_word labels[] = {
    {"question", BLOCK_QUESTION},
    {"q", BLOCK_QUESTION},
    {"query", BLOCK_QUESTION},
    {"task", BLOCK_QUESTION},
    {"context", BLOCK_CONTEXT},
    {"passage", BLOCK_CONTEXT},
    {"document", BLOCK_CONTEXT},
    {"article", BLOCK_CONTEXT},
    {"text", BLOCK_CONTEXT},
    {"instruction", BLOCK_INSTRUCTION},
    {"instructions", BLOCK_INSTRUCTION},
};

/* How instructions begin. */
static const char *const openings[] = {
    "please",   "answer", "you are", "given the", "based on", "read the", "use the",
    "use only", "write",  "do not",  "always",    "never",    "respond",  "summar",
};

static size_t context_line_end(struct span text, size_t at)
{
    return at + span_find_byte(span_part(text, at, text.len), '\n');
}

/* The bytes of "Movie plot: " at a line's start; 0 when there is no label. */
static size_t context_label(struct span line)
{
    size_t colon = span_find_byte(span_part(line, 0, LABEL_BYTES_MAX), ':');
    size_t words = 1;

    if (colon >= LABEL_BYTES_MAX || colon >= line.len || !protect_is_letter(line.ptr[0]))
        return 0;
    for (size_t i = 0; i < colon; i++) {
        words += line.ptr[i] == ' ';
        if (!protect_is_letter(line.ptr[i]) && !protect_is_digit(line.ptr[i]) &&
            line.ptr[i] != ' ' && line.ptr[i] != '#')
            return 0;
    }
    colon++;
    if (words > LABEL_WORDS_MAX || (colon < line.len && line.ptr[colon] != ' '))
        return 0;
    while (colon < line.len && line.ptr[colon] == ' ')
        colon++;
    return colon;
}

static enum block_kind context_label_kind(struct span label)
{
    size_t end = span_find_byte(label, ':');

    while (end > 0 && (protect_is_digit(label.ptr[end - 1]) || label.ptr[end - 1] == ' '))
        end--;
    for (size_t i = 0; i < ARRAY_LEN(labels); i++)
        if (span_equal_fold(span_part(label, 0, end), span_str(labels[i].word)))
            return labels[i].kind;
    return BLOCK_PLAIN;
}

static bool context_is_instruction(struct span block)
{
    for (size_t i = 0; i < ARRAY_LEN(openings); i++) {
        struct span opening = span_str(openings[i]);

        if (span_equal_fold(span_part(block, 0, opening.len), opening))
            return true;
    }
    return false;
}

static void walk_begin(struct context_walk *w, struct span text, size_t at, size_t line_end)
{
    struct span line = span_part(text, at, line_end - at);
    size_t label = context_label(line);
    struct block *b;

    if (w->count == CONTEXT_BLOCKS_MAX)
        return;
    b = &w->blocks[w->count++];
    b->label_only = label > 0 && label == line.len;
    b->from = b->label_only ? at : at + label;
    if (label > 0)
        b->kind = context_label_kind(span_part(line, 0, label));
    else
        b->kind = context_is_instruction(line) ? BLOCK_INSTRUCTION : BLOCK_PLAIN;
}

static void walk_blocks(struct context_walk *w, struct span text)
{
    bool inside = false;

    for (size_t at = 0; at < text.len;) {
        enum protect_kind kind;
        size_t fence = protect_end(text, at, &kind);
        size_t end = context_line_end(text, kind == PROTECT_FENCE ? fence : at);
        struct span line = span_part(text, at, end - at);
        size_t from = 0;

        while (from < line.len && protect_is_blank(line.ptr[from]))
            from++;
        if (from == line.len) {
            inside = false;
        } else {
            struct block *b;

            if (!inside || context_label(line) > 0)
                walk_begin(w, text, at, end);
            inside = true;
            b = &w->blocks[w->count - 1];
            if (b->label_only && at > b->from) {
                b->from = at;
                b->label_only = false;
            }
            b->end = end;
        }
        at = end + 1;
    }
}

/* Without the quotes around a block, and what stands behind them. */
static void block_unquote(struct block *b, struct span text)
{
    size_t end = b->end;

    while (end > b->from && (protect_is_blank(text.ptr[end - 1]) || text.ptr[end - 1] == ','))
        end--;
    if (end < b->from + 2 || text.ptr[b->from] != '"' || text.ptr[end - 1] != '"')
        return;
    b->from++;
    b->end = end - 1;
}

static bool block_asks(const struct block *b, struct span text)
{
    size_t end = b->end;

    while (end > b->from && (protect_is_blank(text.ptr[end - 1]) || text.ptr[end - 1] == '"' ||
                             text.ptr[end - 1] == '*' || text.ptr[end - 1] == ')'))
        end--;
    return end > b->from && text.ptr[end - 1] == '?';
}

static size_t block_len(const struct block *b)
{
    return b->end - b->from;
}

static bool block_holds(const struct block *b, struct span text, struct span question)
{
    struct span block = span_part(text, b->from, block_len(b));

    return span_find(block, question) < block.len;
}

/* The block that asks; NULL when none does. */
static struct block *walk_question(struct context_walk *w, struct span text, struct span question)
{
    struct block *found = NULL;

    if (question.len > 0) {
        for (size_t i = 0; i < w->count; i++)
            if (block_len(&w->blocks[i]) < question.len + CONTEXT_QUESTION_BYTES &&
                block_holds(&w->blocks[i], text, question))
                found = &w->blocks[i];
        return found;
    }
    for (size_t i = 0; i < w->count; i++)
        if (w->blocks[i].kind == BLOCK_QUESTION && block_len(&w->blocks[i]) > 0)
            found = &w->blocks[i];
    for (size_t i = w->count; i > 0 && found == NULL; i--)
        if (block_len(&w->blocks[i - 1]) < CONTEXT_QUESTION_BYTES &&
            block_asks(&w->blocks[i - 1], text))
            found = &w->blocks[i - 1];
    return found;
}

/* "... a long passage. What is asked?" as one block: cut before the last sentence. */
static struct block *walk_split(struct context_walk *w, struct span text)
{
    struct block *b = &w->blocks[0];
    size_t at = b->end;

    if (w->count != 1 || block_len(b) < CONTEXT_SPLIT_BYTES || !block_asks(b, text))
        return NULL;
    for (at = b->end - 1; at > b->from + 1; at--) {
        char c = text.ptr[at - 1];

        if (c == '\n' || (c == ' ' && (text.ptr[at - 2] == '.' || text.ptr[at - 2] == '!')))
            break;
    }
    if (b->end - at > CONTEXT_QUESTION_BYTES || at <= b->from + 1)
        return NULL;
    w->blocks[1] = (struct block){at, b->end, BLOCK_QUESTION, false};
    w->count = 2;
    b->end = at;
    return &w->blocks[1];
}

bool context_is_json(struct span text)
{
    char second = text.len > 1 ? text.ptr[1] : '\0';

    if (text.len == 0 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return false;
    return text.ptr[0] == '{' || second == '{' || second == '[' || second == '"' || second == '\n';
}

void context_whole(struct context *c, struct span text, struct span question)
{
    c->count = text.len > 0 && !context_is_json(text) ? 1 : 0;
    c->blocks[0] = (struct context_block){0, (uint32_t)text.len};
    c->question = question;
}

void context_find(struct context *c, struct span text, struct span question)
{
    struct context_walk w = {0};
    const struct block *asks;
    const struct block *rest = NULL; /* the last one that is no context */
    size_t longest = 0;

    CHECK(text.len <= UINT32_MAX);
    walk_blocks(&w, text);
    c->count = 0;
    c->question = question;
    asks = walk_split(&w, text);
    if (asks == NULL)
        asks = walk_question(&w, text, question);
    for (size_t i = 0; i < w.count; i++)
        if (&w.blocks[i] != asks && block_len(&w.blocks[i]) > longest)
            longest = block_len(&w.blocks[i]);
    for (size_t i = 0; i < w.count; i++) {
        struct block *b = &w.blocks[i];
        bool is_long = block_len(b) >= CONTEXT_BYTES_MIN && block_len(b) * CONTEXT_SHARE >= longest;

        if (b == asks || !is_long || (b->kind != BLOCK_PLAIN && b->kind != BLOCK_CONTEXT) ||
            context_is_json(span_part(text, b->from, block_len(b)))) {
            rest = b;
            continue;
        }
        block_unquote(b, text);
        c->blocks[c->count++] = (struct context_block){(uint32_t)b->from, (uint32_t)b->end};
    }
    if (asks == NULL)
        asks = rest;
    if (asks == NULL)
        c->count = 0;
    else if (question.len == 0)
        c->question = span_part(text, asks->from, block_len(asks));
}

size_t context_move(struct context *c, char *text, size_t from, size_t end, size_t to)
{
    const char *question = c->question.ptr;

    if (question >= text + from && question < text + end)
        c->question.ptr = question - (from - to);
    memmove(text + to, text + from, end - from);
    return to + (end - from);
}
