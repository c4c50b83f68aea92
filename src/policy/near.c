#include "policy/near.h"

#include "base/check.h"
#include "base/fmt.h"
#include "base/utf8.h"
#include "policy/near_tokens.h"
#include "policy/near_words.h"

enum {
    FIXED_WORDS = 64,      /* bits of near_text.fixed */
    MARK_BYTES = 3,        /* "~e " */
    PHRASE_TOKENS_MAX = 6, /* of a courtesy behind a question */
};

/* Languages beside those of near_languages. */
static const char mark_other = 'o';  /* Latin letters, no known words: nothing is dropped */
static const char mark_folded = 'x'; /* NEAR_FOLDED */

struct near_work {
    struct near_tokens t;
    char language;
    enum near_class class[NEAR_WORDS_MAX];
};

static bool is_content(enum near_class class)
{
    return class == NEAR_CONTENT || class == NEAR_REQUEST || class == NEAR_WHOLE;
}

static void drop_tokens(struct near_work *w, size_t at, size_t count)
{
    struct near_token *list = w->t.list;

    memmove(list + at, list + at + count, (w->t.count - at - count) * sizeof(*list));
    memmove(w->class + at, w->class + at + count, (w->t.count - at - count) * sizeof(w->class[0]));
    w->t.count -= count;
}

/* ---- phrases ---- */

static bool one_of(struct span choices, struct span word)
{
    struct span choice;

    while (span_split(&choices, '/', &choice))
        if (span_equal(choice, word))
            return true;
    return false;
}

/* Most phrases are ruled out by a letter, which is most of the time saved. */
static bool may_begin(struct span phrase, char letter)
{
    char before = '/';

    for (size_t i = 0; i < phrase.len && phrase.ptr[i] != ' '; before = phrase.ptr[i++])
        if (before == '/' && phrase.ptr[i] == letter)
            return true;
    return false;
}

/* How many tokens from `at` on are this phrase; 0 = they are not. */
static size_t phrase_at(const struct near_work *w, size_t at, struct span phrase)
{
    struct span part;
    size_t n = 0;

    if (at >= w->t.count || !may_begin(phrase, w->t.pool[w->t.list[at].at]))
        return 0;

    while (span_split(&phrase, ' ', &part)) {
        if (at + n >= w->t.count)
            return 0;
        if (span_equal(part, SPAN("+?")))
            return w->class[at + n] == NEAR_ASKS ? n : 0;
        if (span_equal(part, SPAN("+!")))
            return w->class[at + n] == NEAR_REQUEST ? n : 0;
        if (w->t.list[at + n].kind != NEAR_WORD || !one_of(part, near_token_text(&w->t, at + n)))
            return 0;
        n++;
    }
    return n;
}

/* The longest of the phrases, for the tokens from `at` on. */
static size_t longest_phrase(const struct near_work *w, size_t at, struct span phrases)
{
    struct span phrase;
    size_t longest = 0;

    while (span_split(&phrases, '|', &phrase)) {
        size_t n = phrase_at(w, at, phrase);

        longest = n > longest ? n : longest;
    }
    return longest;
}

/* ---- the steps ---- */

static void find_language(struct near_work *w)
{
    size_t counts[NEAR_LANGUAGES] = {0};
    size_t foreign = 0;
    size_t best = 0;
    bool tie = false;

    for (size_t i = 0; i < w->t.count; i++) {
        struct span word = near_token_text(&w->t, i);
        struct span tags = near_tags(word);
        bool marked = false;

        if (w->t.list[i].kind != NEAR_WORD)
            continue;
        for (size_t j = 0; j < word.len; j++)
            marked |= (uint8_t)word.ptr[j] >= 0x80;
        foreign += marked;
        for (size_t k = 0; k < NEAR_LANGUAGES; k++) {
            enum near_class class = near_class(tags, near_languages[k]);

            counts[k] += class != NEAR_TIME && !is_content(class);
        }
    }
    /* English wins a tie, others must not have one among themselves. */
    for (size_t k = 1; k < NEAR_LANGUAGES; k++) {
        tie = (best > 0 && counts[k] == counts[best]) || (tie && counts[k] < counts[best]);
        best = counts[k] > counts[best] ? k : best;
    }
    w->language = near_languages[best];
    if (tie || counts[best] == 0 || (best == 0 && foreign >= counts[best]))
        w->language = mark_other;
}

static void classify(struct near_work *w)
{
    for (size_t i = 0; i < w->t.count; i++) {
        const struct near_token *token = &w->t.list[i];

        w->class[i] = NEAR_CONTENT;
        if (token->kind == NEAR_STOP)
            w->class[i] = NEAR_FUNCTION;
        else if (token->kind == NEAR_WORD || token->kind == NEAR_NAME)
            w->class[i] = near_class(near_tags(near_token_text(&w->t, i)), w->language);
    }
}

/* Capitals make a name where they tell anything: not in a title with all its words capital, nor in
 * a text without lower case, nor at the start of a sentence. */
static void find_names(struct near_work *w)
{
    bool lower_text = false;
    bool lower_content = false;

    for (size_t i = 0; i < w->t.count; i++) {
        const struct near_token *token = &w->t.list[i];

        if (token->kind != NEAR_WORD)
            continue;
        lower_text |= token->has_lower;
        lower_content |= !token->capital && token->has_lower && is_content(w->class[i]);
    }
    for (size_t i = 0; i < w->t.count; i++) {
        struct near_token *token = &w->t.list[i];
        bool single_a = token->len == 1 && w->class[i] == NEAR_DROP; /* vitamin A */

        if (token->kind != NEAR_WORD)
            continue;
        if ((token->acronym && lower_text) || (lower_content && token->capital && !token->first &&
                                               (is_content(w->class[i]) || single_a)))
            token->kind = NEAR_NAME;
    }
}

static bool is_word(const struct near_work *w, size_t at, struct span choices)
{
    return at < w->t.count && w->t.list[at].kind == NEAR_WORD &&
           one_of(choices, near_token_text(&w->t, at));
}

/* "How do you boil eggs" asks what "how do I" asks; "how do you feel", "how can you help me" and
 * "how do you clean your teeth" do not. */
static bool you_is_anybody(const struct near_work *w, size_t behind)
{
    if (is_word(w, behind, SPAN("feel/think/like/know/work/mean/see/live/look/say/want")))
        return false;
    for (size_t i = 0; i < w->t.count; i++)
        if (i + 1 != behind && is_word(w, i, SPAN("i/me/my/mine/we/us/our/you/your/yours")))
            return false;
    return true;
}

/* In "how do I clean my car" any car is meant, in "what is my address" one. */
static bool my_is_any(const struct near_work *w)
{
    return is_word(w, 0, SPAN("how")) && is_word(w, 1, SPAN("to/do/can/could/should/would"));
}

/* The rule whose phrase stands at `at`: its other side in *with, its length in tokens. */
static size_t find_rewrite(const struct near_work *w, size_t at, struct span *with)
{
    struct span rest = near_line(near_rewrites, w->t.pool[w->t.list[at].at]);
    struct span rule;

    while (span_split(&rest, '|', &rule)) {
        size_t split = span_find_byte(rule, '>');
        struct span phrase = span_part(rule, 0, split);
        size_t n = phrase_at(w, at, phrase);

        *with = span_part(rule, split + 1, rule.len);
        if (n > 0 && !(span_ends(phrase, SPAN(" you")) && !you_is_anybody(w, at + n)) &&
            !(span_equal(phrase, SPAN("my")) && !my_is_any(w)))
            return n;
    }
    return 0;
}

static void rewrite(struct near_work *w)
{
    struct near_work old = *w;
    size_t n;

    w->t.count = 0;
    for (size_t i = 0; i < old.t.count; i += n) {
        struct span with;
        struct span part;
        size_t from = w->t.count;

        n = find_rewrite(&old, i, &with);
        while (n > 0 && span_split(&with, ' ', &part))
            near_token_put(&w->t, w->t.count, part, NEAR_WORD);
        if (n == 0)
            near_token_put(&w->t, w->t.count, near_token_text(&old.t, i), old.t.list[i].kind);
        n += n == 0;
        if (w->t.count == from)
            return;
        w->t.list[from].comma = old.t.list[i].comma;
    }
    classify(w);
}

/* "A few" are more than "few". Prepositions of place stay where they make a verb another one ("log
 * in", "put on"). */
static bool drops(const struct near_work *w, size_t at)
{
    static const char verbs[] = "turn/turned/switch/log/sign/take/put/get/go/come/look/give/be/go/"
                                "hand/check/click/keep/hold/move/vote/call/ask/stand/live/is";

    if (w->t.list[at].kind != NEAR_WORD)
        return false;
    if (w->class[at] == NEAR_DROP)
        return !(is_word(w, at, SPAN("a")) && is_word(w, at + 1, SPAN("few/little")));
    return w->class[at] == NEAR_PLACE && at > 0 && at + 1 < w->t.count &&
           !is_word(w, at - 1, SPAN(verbs));
}

/* False where the text has a word that makes its answer a matter of the day. */
static bool reduce_word(struct near_work *w, size_t at, bool stems)
{
    struct near_token *token = &w->t.list[at];
    struct span text = near_token_text(&w->t, at);
    size_t len = text.len;
    char last = 0;

    if (stems && (w->class[at] == NEAR_CONTENT || w->class[at] == NEAR_REQUEST))
        len = near_stem(text, &last);
    if (w->class[at] == NEAR_TIME)
        return false;
    if (token->kind == NEAR_NAME && (len != text.len || w->class[at] != NEAR_CONTENT)) {
        char *copy = w->t.pool + w->t.used;

        /* It would not come out of another reading as it is: the sign makes it code. */
        if (text.len + 1 > sizeof(w->t.pool) - w->t.used) {
            w->t.full = true;
            return false;
        }
        copy[0] = '=';
        memcpy(copy + 1, text.ptr, text.len);
        near_token_put(&w->t, at, span_of(copy, text.len + 1), NEAR_VERBATIM);
        w->class[at] = NEAR_CONTENT;
    } else if (len != text.len) {
        w->t.pool[token->at + len - 1] = last;
        token->len = (uint16_t)len;
        w->class[at] = near_class(near_tags(near_token_text(&w->t, at)), w->language);
    }
    return w->class[at] != NEAR_TIME;
}

static bool reduce(struct near_work *w)
{
    bool beside = false; /* nothing was dropped between this token and the one before */

    for (size_t i = 0; i < w->t.count;) {
        uint8_t kind = w->t.list[i].kind;
        /* "What uses power" is not "what is the use of power". */
        bool verb = beside && is_word(w, i - 1, SPAN("what/who/which"));
        bool stems = w->language == near_languages[0] && !verb;

        if ((kind == NEAR_WORD || kind == NEAR_NAME) && !reduce_word(w, i, stems))
            return false;
        beside = !drops(w, i);
        if (beside)
            i++;
        else
            drop_tokens(w, i, 1);
    }
    return true;
}

/* Ends of sentences only between sentences, and one at a time. */
static void trim_stops(struct near_work *w)
{
    bool after_stop = true;

    for (size_t i = 0; i < w->t.count;) {
        bool stop = w->t.list[i].kind == NEAR_STOP;

        if (stop && (after_stop || i + 1 == w->t.count)) {
            drop_tokens(w, i, 1);
            i -= i > 0 && i == w->t.count; /* two at the end */
            after_stop = i == 0;
            continue;
        }
        after_stop = stop;
        i++;
    }
}

/* How many tokens at the end are a courtesy. */
static size_t trailing_phrase(const struct near_work *w)
{
    static const char mentions[] = "say/saying/spell/write/word/phrase/mean"; /* "say please" */
    size_t count = w->t.count;

    for (size_t n = count < PHRASE_TOKENS_MAX ? count : PHRASE_TOKENS_MAX; n > 0; n--) {
        size_t at = count - n;

        if (longest_phrase(w, at, span_str(near_trailing)) == n && w->t.list[at].comma)
            return n;
        if (longest_phrase(w, at, span_str(near_please)) == n && at > 0 &&
            (w->t.list[at].comma || !is_word(w, at - 1, SPAN(mentions))))
            return n;
    }
    return 0;
}

static void strip_courtesies(struct near_work *w)
{
    size_t n;

    do {
        trim_stops(w);
        n = longest_phrase(w, 0, span_str(near_leading));
        if (n == 0)
            n = longest_phrase(w, 0, span_str(near_please));
        drop_tokens(w, 0, n);
    } while (n > 0);
    do {
        trim_stops(w);
        n = trailing_phrase(w);
        w->t.count -= n;
    } while (n > 0);
}

static bool has_time_phrase(const struct near_work *w)
{
    for (size_t i = 0; i < w->t.count; i++)
        if (longest_phrase(w, i, span_str(near_times)) > 0)
            return true;
    return false;
}

/* ---- texts ---- */

static bool write_words(const struct near_work *w, struct near_text *out)
{
    struct fmt f;
    size_t words = 0;
    size_t content = 0;

    out->fixed = 0;
    fmt_init(&f, out->bytes, sizeof(out->bytes));
    fmt_char(&f, '~');
    fmt_char(&f, w->language);
    for (size_t i = 0; i < w->t.count; i++) {
        content += is_content(w->class[i]);
        words += w->class[i] == NEAR_ASKS;
        if (w->t.list[i].kind == NEAR_NAME || w->t.list[i].kind == NEAR_VERBATIM)
            out->fixed |= i < FIXED_WORDS ? UINT64_C(1) << i : UINT64_MAX;
        fmt_char(&f, ' ');
        fmt_text(&f, near_token_text(&w->t, i));
    }
    out->len = f.len;
    return fmt_ok(&f) && content >= NEAR_CONTENT_WORDS_MIN && content + words >= NEAR_WORDS_MIN;
}

static bool canonical_words(struct near_work *w, struct near_text *out)
{
    if (w->language == 0)
        find_language(w);
    classify(w);
    find_names(w);
    if (w->language == near_languages[0])
        rewrite(w);
    if (!reduce(w))
        return false;
    strip_courtesies(w);
    return !has_time_phrase(w) && !w->t.full && write_words(w, out);
}

/* The last of these ends no question differently. */
static bool is_final_sign(uint32_t plain)
{
    return plain == '.' || plain == '?' || plain == '!' || plain == 0x3002 || plain == 0xff01 ||
           plain == 0xff1f || plain == ' ';
}

static bool canonical_folded(struct span text, struct near_text *out)
{
    struct span times = span_str(near_times_other);
    struct span word;
    struct fmt f;
    size_t end; /* behind the last character that is no final sign */
    struct near_char c;

    out->fixed = UINT64_MAX;
    fmt_init(&f, out->bytes, sizeof(out->bytes));
    fmt_char(&f, '~');
    fmt_char(&f, mark_folded);
    fmt_char(&f, ' ');
    end = f.len;
    for (size_t at = 0; at < text.len; at += c.bytes) {
        char bytes[4];

        c = near_char(span_part(text, at, text.len));
        if (c.plain == '"' || c.plain == '`')
            return false;
        if (c.plain == ' ' && (f.len == MARK_BYTES || out->bytes[f.len - 1] == ' '))
            continue;
        fmt_text(&f, span_of(bytes, utf8_encode(c.plain, bytes)));
        end = is_final_sign(c.plain) ? end : f.len;
    }
    out->len = end;
    while (span_split(&times, '|', &word))
        if (span_find(span_of(out->bytes, end), word) < end)
            return false;
    return fmt_ok(&f) && end > MARK_BYTES;
}

static enum near_kind one_pass(struct near_text *out, struct span text)
{
    struct near_work w;

    w.language = 0;
    if (text.len >= MARK_BYTES && text.ptr[0] == '~' && text.ptr[2] == ' ' &&
        (text.ptr[1] == mark_other || text.ptr[1] == mark_folded ||
         span_find_byte(span_str(near_languages), text.ptr[1]) < NEAR_LANGUAGES)) {
        w.language = text.ptr[1];
        text = span_part(text, MARK_BYTES, text.len);
    }
    near_tokens_read(&w.t, text);
    if (w.t.foreign || w.language == mark_folded)
        return canonical_folded(text, out) ? NEAR_FOLDED : NEAR_NONE;
    if (w.t.full || w.t.open || !canonical_words(&w, out))
        return NEAR_NONE;
    return NEAR_WORDS;
}

enum near_kind near_canonical(struct near_text *out, struct span question)
{
    enum near_kind kind = NEAR_NONE;
    struct near_text before;

    out->len = 0;
    out->fixed = UINT64_MAX;
    if (question.len > NEAR_QUESTION_BYTES_MAX || !utf8_valid(question) ||
        span_find(question, SPAN("```")) < question.len ||
        span_find(question, SPAN("~~~")) < question.len)
        return NEAR_NONE;
    for (size_t pass = 0; pass < NEAR_PASSES_MAX; pass++) {
        before = *out;
        kind = one_pass(out, pass == 0 ? question : span_of(before.bytes, before.len));
        if (kind == NEAR_NONE)
            break;
        if (pass == 0)
            continue;
        /* Capitals are seen by the first pass only. */
        out->fixed = out->len == before.len ? before.fixed : UINT64_MAX;
        if (span_equal(span_of(out->bytes, out->len), span_of(before.bytes, before.len)))
            return kind;
    }
    out->len = 0;
    return NEAR_NONE;
}

struct near_key near_hash(const struct near_text *text,
                          const uint8_t secrets[2][HASH_SIP_KEY_BYTES])
{
    struct span s = span_of(text->bytes, text->len);

    CHECK(text->len > 0);
    return (struct near_key){hash_sip64(secrets[0], s), hash_sip64(secrets[1], s)};
}

bool near_key(struct near_key *out, struct span question,
              const uint8_t secrets[2][HASH_SIP_KEY_BYTES])
{
    struct near_text text;

    if (near_canonical(&text, question) == NEAR_NONE)
        return false;
    *out = near_hash(&text, secrets);
    return true;
}
