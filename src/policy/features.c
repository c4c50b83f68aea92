#include "policy/features.h"

#include "base/ascii.h"
#include "base/check.h"

enum {
    STEM_CHARS = 5,       /* "trans", "summa", "class", "zusam" */
    CHARS_MAX = 5,        /* longest run of characters */
    KEY_WORDS_MAX = 3,    /* "Text to translate:" is a key, a longer line is a sentence */
    ITEM_BYTES_MAX = 28,  /* of a label in a list: longer is a clause */
    BUCKETS = 32,         /* of one shape's count */
    WORD_LETTERS_MAX = 16 /* of a word of the guard, with its NUL */
};

/* Kinds of features: they keep hashes of equal words apart. */
enum feature_tag {
    TAG_WORD = 1,
    TAG_PAIR,
    TAG_STEM,
    TAG_CHARS,
    TAG_FIRST, /* of the text */
    TAG_START, /* of a sentence */
    TAG_START_PAIR,
    TAG_KEY,
    TAG_LAST,
    TAG_IDEOGRAPHS,
    TAG_SHAPE,
};

enum shape {
    SHAPE_LENGTH,
    SHAPE_LINES,
    SHAPE_FOREIGN,
    SHAPE_CODE_SIGNS,
    SHAPE_DIGITS,
    SHAPE_END,
    SHAPE_FENCE,
    SHAPE_INDENTED,
    SHAPE_QUESTIONS,
    SHAPE_ITEMS,
    SHAPE_COMMAS,
    SHAPE_SLASHES,
    SHAPE_QUOTES,
    SHAPE_CALLS,
    SHAPE_NAMES, /* camelCase and snake_case */
    SHAPES,
};

/* Words of sentences that talk to the gateway. */
enum guard_kind {
    GUARD_VERB = 1,
    GUARD_AS = 2,
    GUARD_NAME = 4,
    GUARD_IGNORE = 8,
    GUARD_EARLIER = 16,
    GUARD_WORKLOAD = 32,
    GUARD_THIS = 64,
};

/* In order of their lengths, so that a word is compared with those of its own. */
static const struct guard_word {
    char text[WORD_LETTERS_MAX];
    uint8_t kind;
} guard_words[] = {
    {"as", GUARD_AS},
    {"be", GUARD_AS},
    {"me", GUARD_THIS},
    {"it", GUARD_THIS},
    {"tag", GUARD_VERB},
    {"this", GUARD_THIS},
    {"task", GUARD_THIS},
    {"mark", GUARD_VERB},
    {"chat", GUARD_NAME},
    {"code", GUARD_NAME},
    {"treat", GUARD_VERB},
    {"route", GUARD_VERB},
    {"label", GUARD_VERB},
    {"above", GUARD_EARLIER},
    {"prior", GUARD_EARLIER},
    {"prompt", GUARD_THIS},
    {"coding", GUARD_NAME},
    {"ignore", GUARD_IGNORE},
    {"forget", GUARD_IGNORE},
    {"request", GUARD_THIS},
    {"message", GUARD_THIS},
    {"summary", GUARD_NAME},
    {"earlier", GUARD_EARLIER},
    {"classify", GUARD_VERB},
    {"consider", GUARD_VERB},
    {"previous", GUARD_EARLIER},
    {"workload", GUARD_WORKLOAD},
    {"disregard", GUARD_IGNORE},
    {"classified", GUARD_VERB},
    {"translation", GUARD_NAME},
    {"summarization", GUARD_NAME},
    {"summarisation", GUARD_NAME},
    {"classification", GUARD_NAME},
};

/* The first of guard_words with so many letters, and one beyond the last length. */
static const uint8_t guard_starts[WORD_LETTERS_MAX + 1] = {0,  0,  0,  4,  5,  10, 15, 19, 23,
                                                           27, 28, 29, 30, 30, 32, 33, 33};

struct reader {
    struct features *f;
    const struct features_form *form;
    uint32_t before; /* hash of the word before in this sentence; 0 = none */
    uint32_t first;  /* of the sentence */
    uint32_t words;  /* of the sentence */
    uint32_t line_words;
    uint32_t last;
    uint32_t ideograph;
    uint32_t sentence_from; /* features before this sentence */
    uint8_t guard;
    uint32_t text_words;
    char sign;     /* the last byte that is no blank */
    size_t item;   /* bytes since the last comma */
    uint32_t list; /* short items in a row */
    uint32_t counts[SHAPES];
};

static uint32_t hash_step(uint32_t h, uint32_t value)
{
    const uint32_t prime = 16777619; /* FNV-1a, 32 bits */

    return (h ^ value) * prime;
}

static uint32_t hash_start(void)
{
    const uint32_t basis = 2166136261;

    return basis;
}

static uint32_t hash_mix(uint32_t tag, uint32_t a, uint32_t b)
{
    const uint32_t odd = 0x9e3779b1; /* 2^32 over the golden ratio */
    uint32_t h = a * odd ^ (b + tag * odd) * 0x85ebca6b;

    h ^= h >> 15;
    h *= 0xc2b2ae35; /* the finish of MurmurHash3, by A. Appleby, public domain */
    return h ^ h >> 13;
}

static void put(struct reader *r, uint32_t tag, uint32_t a, uint32_t b)
{
    struct features *f = r->f;
    uint32_t hash = hash_mix(tag, a, b);
    uint32_t at = hash % FEATURES_SEEN;

    if (f->count == FEATURES_MAX)
        return;
    while (f->seen[at] != 0) {
        if (f->hashes[f->seen[at] - 1] == hash)
            return;
        at = (at + 1) % FEATURES_SEEN;
    }
    f->hashes[f->count++] = hash;
    f->seen[at] = (uint16_t)f->count;
}

/* The last ones in are the first ones out, so that no probe before them passes an emptied slot. */
static void take_back(struct reader *r, uint32_t count)
{
    struct features *f = r->f;

    while (f->count > count) {
        uint32_t at = f->hashes[f->count - 1] % FEATURES_SEEN;

        while (f->seen[at] != f->count)
            at = (at + 1) % FEATURES_SEEN;
        f->seen[at] = 0;
        f->count--;
    }
}

/* ---- sentences ---- */

/* A name counts behind "as" or "workload" only: "classify this code as good or bad" is a request.
 */
static uint8_t guard_add(uint8_t g, uint8_t kind)
{
    if (kind == GUARD_NAME && (g & (GUARD_AS | GUARD_WORKLOAD)) == 0)
        return g;
    return g | kind;
}

static bool guarded(uint8_t g)
{
    static const uint8_t whole[] = {
        GUARD_WORKLOAD | GUARD_NAME,
        GUARD_IGNORE | GUARD_EARLIER,
        GUARD_VERB | GUARD_THIS | GUARD_AS | GUARD_NAME,
    };

    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        if ((g & whole[i]) == whole[i])
            return true;
    return false;
}

static void sentence_end(struct reader *r)
{
    if (guarded(r->guard)) {
        take_back(r, r->sentence_from);
        r->text_words = r->sentence_from > 0 ? r->text_words : 0; /* the text begins behind it */
    }
    r->sentence_from = r->f->count;
    r->guard = 0;
}

static uint8_t guard_of(const char *word, size_t len)
{
    if (len >= WORD_LETTERS_MAX)
        return 0;
    for (size_t i = guard_starts[len]; i < guard_starts[len + 1]; i++)
        if (guard_words[i].text[0] == word[0] && memcmp(guard_words[i].text, word, len) == 0)
            return guard_words[i].kind;
    return 0;
}

/* ---- words ---- */

static bool in_word(uint8_t c)
{
    return ascii_is_upper(c) || (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '_' ||
           c >= 0x80;
}

/* Lead bytes of kana, Han and Hangul, three bytes a character. */
static bool is_ideograph(const uint8_t *p, size_t left)
{
    return left >= 3 && p[0] >= 0xe3 && p[0] <= 0xed;
}

static uint8_t fold(uint8_t before, uint8_t c)
{
    const uint8_t step = 0x20;

    if (ascii_is_upper(c) || (before == 0xc3 && c >= 0x80 && c <= 0x9e) ||
        (before == 0xd0 && c >= 0x90 && c <= 0x9f))
        return (uint8_t)(c + step);
    return c;
}

struct word {
    uint32_t hash;
    uint32_t stem;
    size_t len;
    size_t chars;
    char start[WORD_LETTERS_MAX]; /* folded */
};

static size_t word_read(struct reader *r, struct word *w, const uint8_t *p, size_t left)
{
    uint8_t before = 0;
    bool named = false;
    size_t i;

    *w = (struct word){.hash = hash_start()};
    for (i = 0; i < left && in_word(p[i]) && !is_ideograph(p + i, left - i); i++) {
        uint8_t c = fold(before, p[i]);

        named = named || (i > 0 && (p[i] == '_' ||
                                    (ascii_is_upper(p[i]) && p[i - 1] >= 'a' && p[i - 1] <= 'z')));
        if ((c & 0xc0) != 0x80 && w->chars++ == STEM_CHARS)
            w->stem = w->hash;
        w->hash = hash_step(w->hash, c);
        if (i < WORD_LETTERS_MAX)
            w->start[i] = (char)c;
        before = p[i];
    }
    w->len = i;
    r->counts[SHAPE_NAMES] += named;
    if (i > 0 && ascii_is_digit(p[0])) {
        w->hash = hash_step(hash_start(), '#');
        w->stem = 0;
        r->counts[SHAPE_DIGITS] += (uint32_t)i;
    }
    return i;
}

static void word_put(struct reader *r, const struct word *w, char next)
{
    put(r, TAG_WORD, w->hash, 0);
    if (r->form->words > 1 && r->before != 0)
        put(r, TAG_PAIR, r->before, w->hash);
    if (r->form->marks != 0) {
        if (w->stem != 0)
            put(r, TAG_STEM, w->stem, 0);
        if (r->words == 0)
            put(r, TAG_START, w->hash, 0);
        if (r->words == 1)
            put(r, TAG_START_PAIR, r->before, w->hash);
        if (r->text_words == 0)
            put(r, TAG_FIRST, w->hash, 0);
        if (next == ':' && r->line_words < KEY_WORDS_MAX)
            put(r, TAG_KEY, w->hash, 0);
        r->guard = guard_add(r->guard, guard_of(w->start, w->len));
        r->counts[SHAPE_CALLS] += next == '(';
    }
    r->text_words++;
    r->before = w->hash;
    r->last = w->hash;
    r->words++;
    r->line_words++;
}

static void ideograph_put(struct reader *r, const uint8_t *p)
{
    uint32_t hash = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

    put(r, TAG_IDEOGRAPHS, hash, 0);
    if (r->ideograph != 0)
        put(r, TAG_IDEOGRAPHS, r->ideograph, hash);
    r->ideograph = hash;
}

/* ---- shape ---- */

static void list_item(struct reader *r, bool goes_on)
{
    if (r->item > ITEM_BYTES_MAX)
        r->list = 0;
    r->list += goes_on;
    if (r->list > r->counts[SHAPE_COMMAS])
        r->counts[SHAPE_COMMAS] = r->list;
    if (!goes_on)
        r->list = 0;
    r->item = 0;
}

/* "- a", "* a", "1. a", "A) a", "(A) a". */
static bool item_starts(const uint8_t *p, size_t left)
{
    size_t at = left > 0 && p[0] == '(';

    if (left < at + 3)
        return false;
    if (p[at] == '-' || p[at] == '*')
        return p[at + 1] == ' ';
    return (ascii_is_digit(p[at]) || (ascii_is_upper(p[at]) && p[at] <= 'J')) &&
           (p[at + 1] == '.' || p[at + 1] == ')') && p[at + 2] == ' ';
}

static void line_start(struct reader *r, const uint8_t *p, size_t left)
{
    uint32_t *n = r->counts;

    r->line_words = 0;
    n[SHAPE_LINES]++;
    n[SHAPE_INDENTED] += left > 2 && (p[0] == '\t' || (p[0] == ' ' && p[1] == ' '));
    n[SHAPE_ITEMS] += item_starts(p, left);
}

/* {}();=<>[]+&|\$# as bits of two words, 64 bytes each. */
static bool is_code_sign(uint8_t c)
{
    static const uint64_t signs[2] = {UINT64_C(0x78000b5800000000), UINT64_C(0x3800000038000000)};

    return c < 128 && (signs[c / 64] >> c % 64 & 1) != 0;
}

static void sign_put(struct reader *r, const uint8_t *p, size_t left)
{
    uint32_t *n = r->counts;
    uint8_t c = p[0];

    n[SHAPE_CODE_SIGNS] += is_code_sign(c);
    n[SHAPE_QUOTES] += c == '"' || c == '\'';
    n[SHAPE_QUESTIONS] += c == '?';
    n[SHAPE_SLASHES] += (c == '/' || c == '|') && left > 1 && in_word(p[1]);
    n[SHAPE_FENCE] += left > 2 && memcmp(p, "```", 3) == 0;
    if (c == ',' || c == ';')
        list_item(r, true);
    if (c == '\n')
        line_start(r, p + 1, left - 1);
    if (c == '\n' || c == '.' || c == '!' || c == '?' || c == ':') {
        list_item(r, false);
        r->before = 0;
        r->words = 0;
        if (c != ':') /* "workload: code" */
            sentence_end(r);
    }
    if (c > ' ')
        r->sign = (char)c;
    r->item++;
}

/* 0, 1, 2, 4, 8 ...: the count's place on a scale of doublings. */
static uint32_t doublings(uint64_t count)
{
    uint32_t steps = 0;

    while (count > 0) {
        steps++;
        count >>= 1;
    }
    return steps;
}

static void shape_put(struct reader *r, size_t len, size_t seen)
{
    static const bool is_share[SHAPES] = {
        [SHAPE_FOREIGN] = true, [SHAPE_CODE_SIGNS] = true, [SHAPE_DIGITS] = true};
    uint32_t *n = r->counts;

    n[SHAPE_LENGTH] = (uint32_t)(len < UINT32_MAX ? len : UINT32_MAX);
    for (uint32_t i = 0; i < SHAPES; i++) {
        uint64_t count = is_share[i] && seen > 0 ? (uint64_t)n[i] * 64 / seen : n[i];

        if (i != SHAPE_END)
            put(r, TAG_SHAPE, i, doublings(count));
    }
    put(r, TAG_SHAPE, SHAPE_END, BUCKETS + (uint8_t)r->sign);
    put(r, TAG_LAST, r->last, (uint8_t)r->sign == ':');
}

/* ---- the text ---- */

static void read_window(struct reader *r, struct span s)
{
    const uint8_t *p = (const uint8_t *)s.ptr;
    size_t left = s.len;

    r->sentence_from = r->f->count;
    r->before = 0;
    r->words = 0;
    line_start(r, p, left);
    while (left > 0) {
        struct word w;
        size_t n = 1;

        if (is_ideograph(p, left)) {
            n = 3;
            ideograph_put(r, p);
            r->counts[SHAPE_FOREIGN] += 3;
        } else if (in_word(p[0])) {
            n = word_read(r, &w, p, left);
            word_put(r, &w, n < left ? (char)p[n] : '\0');
            r->ideograph = 0;
            r->item += n;
            r->sign = 'a';
            r->counts[SHAPE_FOREIGN] += p[0] >= 0x80 ? (uint32_t)n : 0;
        } else {
            sign_put(r, p, left);
            r->ideograph = 0;
        }
        p += n;
        left -= n;
    }
    sentence_end(r);
}

/* Runs of characters, over the blanks too, so that ends of words count. */
static void read_chars(struct reader *r, struct span s)
{
    const uint8_t *p = (const uint8_t *)s.ptr;
    uint8_t longest = r->form->chars < CHARS_MAX ? r->form->chars : CHARS_MAX;

    for (size_t i = 0; i < s.len; i++) {
        uint32_t h = hash_start();
        uint8_t before = 0;

        for (size_t n = 0; n < longest && i + n < s.len; n++) {
            h = hash_step(h, fold(before, p[i + n]));
            before = p[i + n];
            if (n > 0)
                put(r, TAG_CHARS, h, (uint32_t)n);
        }
    }
}

static void read_part(struct reader *r, struct span s)
{
    read_window(r, s);
    if (r->form->chars > 1)
        read_chars(r, s);
}

void features_read_ends(struct features *f, const struct features_form *form, struct span head,
                        struct span tail, size_t text_bytes)
{
    struct reader r = {.f = f, .form = form};

    f->count = 0;
    memset(f->seen, 0, sizeof(f->seen));
    read_part(&r, head);
    if (tail.len > 0)
        read_part(&r, tail);
    if (form->marks != 0 && text_bytes > 0)
        shape_put(&r, text_bytes, head.len + tail.len);
}

void features_read(struct features *f, const struct features_form *form, struct span text)
{
    struct span head = text;
    struct span tail = SPAN_EMPTY;

    if (text.len > FEATURES_WHOLE_BYTES) {
        head = span_part(text, 0, FEATURES_HEAD_BYTES);
        tail = span_part(text, text.len - FEATURES_TAIL_BYTES, FEATURES_TAIL_BYTES);
    }
    features_read_ends(f, form, head, tail, text.len);
}
