#include "policy/language.h"

#include "base/check.h"
#include "policy/fold.h"
#include "policy/phrases.h"

enum {
    LETTERS_LEAST = 24, /* below, nothing is said: names, yes, 42 */
    LETTERS_LEAST_ANSWER = 60,
    WORDS_LEAST = 3, /* common words that a language needs */
    WORDS_LEAST_ANSWER = 5,
    WORDS_AHEAD = 2, /* times as many as of any other */
    WORDS_COUNT_MAX = 200,
    WORD_BYTES_MAX = 7, /* the longest of the common ones */
    TAIL_BYTES = 512,
    KANA_SHARE = 8, /* Japanese: one letter of so many is kana */
};

/* The commonest words that tell one language from the others here; by enum language. */
static const char *const common[LANGUAGE_LATIN] = {
    "the|and|is|of|to|that|it|with|for|you|this|are|what|how|which|from|be",
    "der|die|das|und|ist|nicht|ein|eine|mit|den|von|zu|wie|ich|auf|fur|sich|sind|des|dem",
    "le|la|les|des|et|est|une|dans|que|pour|du|qui|pas|sur|un|ce|vous|il|au|comment",
    "el|la|los|las|que|del|es|una|por|con|para|como|se|un|en|su|lo|cual|son",
    "il|di|che|la|per|una|un|non|sono|della|con|gli|del|come|nel|si|le|piu|qual",
    "que|do|da|em|um|uma|para|nao|com|os|as|dos|como|por|sao|mais|qual|no",
    "de|het|een|van|en|is|dat|niet|op|te|zijn|voor|met|die|hoe|wat|ik|je|aan|ook",
    "na|nie|sie|jest|do|to|ze|jak|oraz|przez|czy|od|ktore|sa|co|dla|jego",
};

static const char speaks_of_languages[] =
    "9[translat|ubersetz|tradui|traduc|traduz|vertaal|przetlumacz|перевед|перевод|"
    "翻译|翻譯|翻訳|"
    "번역]\n"
    "9[english|german|french|spanish|italian|portuguese|dutch|polish|russian|chinese|japanese|"
    "korean|arabic|hindi|language|latin|turkish|swedish|greek|hebrew]\n"
    "9[englisch|deutsch|franzosisch|spanisch|sprache|anglais|allemand|francais|espagnol|langue|"
    "ingles|aleman|frances|espanol|idioma|lengua|inglese|tedesco|francese|lingua|engels|duits|"
    "angielsk|niemieck|jezyk|английск|русск|язык|英语|英文|中文|日语|"
    "英語|日本語|영어|한국어]\n";

/* The script of a letter; LANGUAGE_NONE for what is none. */
static enum language script_of(uint32_t c)
{
    static const struct {
        uint32_t from;
        uint32_t to;
        uint8_t language;
    } scripts[] = {
        {'a', 'z', LANGUAGE_LATIN},          {0x100, 0x24F, LANGUAGE_LATIN},
        {0x370, 0x3FF, LANGUAGE_GREEK},      {0x400, 0x52F, LANGUAGE_CYRILLIC},
        {0x590, 0x5FF, LANGUAGE_HEBREW},     {0x600, 0x77F, LANGUAGE_ARABIC},
        {0x900, 0xDFF, LANGUAGE_INDIC},      {0xE00, 0xE7F, LANGUAGE_THAI},
        {0x3040, 0x30FF, LANGUAGE_JAPANESE}, {0x3400, 0x9FFF, LANGUAGE_CHINESE},
        {0xAC00, 0xD7AF, LANGUAGE_KOREAN},
    };

    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (c >= scripts[i].from && c <= scripts[i].to)
            return (enum language)scripts[i].language;
    return LANGUAGE_NONE;
}

static enum language script_best(uint16_t letters[LANGUAGE_NONE], uint16_t *sum)
{
    enum language best = LANGUAGE_NONE;
    unsigned most = 0;

    letters[LANGUAGE_CHINESE] = (uint16_t)(letters[LANGUAGE_CHINESE] * LANGUAGE_WIDE_LETTERS);
    letters[LANGUAGE_JAPANESE] = (uint16_t)(letters[LANGUAGE_JAPANESE] * LANGUAGE_WIDE_LETTERS);
    letters[LANGUAGE_KOREAN] = (uint16_t)(letters[LANGUAGE_KOREAN] * LANGUAGE_WIDE_LETTERS);
    /* Japanese is written in Chinese letters too. */
    if (letters[LANGUAGE_JAPANESE] * KANA_SHARE > letters[LANGUAGE_CHINESE]) {
        letters[LANGUAGE_JAPANESE] =
            (uint16_t)(letters[LANGUAGE_JAPANESE] + letters[LANGUAGE_CHINESE]);
        letters[LANGUAGE_CHINESE] = 0;
    }
    *sum = 0;
    for (unsigned i = 0; i < LANGUAGE_NONE; i++) {
        *sum = (uint16_t)(*sum + letters[i]);
        if (letters[i] > most) {
            most = letters[i];
            best = (enum language)i;
        }
    }
    return *sum >= LETTERS_LEAST && most * 3 >= *sum * 2u ? best : LANGUAGE_NONE;
}

/* One pass over the list, byte by byte: it is short and looked at for every word. */
static bool list_has(const char *list, struct span word)
{
    size_t at = 0; /* bytes of the word that fit so far; word.len + 1: not this one */

    for (;; list++) {
        if (*list == '|' || *list == '\0') {
            if (at == word.len)
                return true;
            if (*list == '\0')
                return false;
            at = 0;
        } else {
            at = at < word.len && *list == word.ptr[at] ? at + 1 : word.len + 1;
        }
    }
}

static void words_count(struct language_facts *l, struct span folded)
{
    struct span word;

    while (span_split(&folded, ' ', &word))
        for (size_t i = 0; word.len > 0 && word.len <= WORD_BYTES_MAX && i < LANGUAGE_LATIN; i++)
            if (l->words[i] < WORDS_COUNT_MAX && list_has(common[i], word))
                l->words[i]++;
}

static enum language words_best(const uint8_t words[LANGUAGE_LATIN])
{
    size_t best = 0;
    unsigned second = 0;

    for (size_t i = 1; i < LANGUAGE_LATIN; i++)
        if (words[i] > words[best])
            best = i;
    for (size_t i = 0; i < LANGUAGE_LATIN; i++)
        if (i != best && words[i] > second)
            second = words[i];
    if (words[best] < WORDS_LEAST || words[best] < WORDS_AHEAD * second)
        return LANGUAGE_LATIN;
    return (enum language)best;
}

void language_read(struct language_facts *l, struct span text)
{
    uint16_t letters[LANGUAGE_NONE] = {0};
    char folded_text[LANGUAGE_READ_BYTES];
    struct span folded;
    struct span rest;

    *l = (struct language_facts){.best = LANGUAGE_NONE};
    folded = fold_text(span_part(text, 0, span_find(text, SPAN("```"))), folded_text,
                       sizeof(folded_text));
    rest = folded;
    while (rest.len > 0) {
        enum language script = script_of(fold_next(&rest));

        if (script != LANGUAGE_NONE)
            letters[script]++;
    }
    l->best = script_best(letters, &l->letters);
    words_count(l, folded);
    if (l->best == LANGUAGE_LATIN)
        l->best = words_best(l->words);
}

static bool names_language(struct span text)
{
    static const struct phrases p = {speaks_of_languages, NULL, 0};
    char folded[LANGUAGE_READ_BYTES];

    return phrases_any(&p, fold_text(text, folded, sizeof(folded)));
}

/* A question has instructions in one language about a text in another: either may be answered. */
static bool has_words_of(struct span text, enum language language)
{
    struct language_facts l;

    if (language >= LANGUAGE_LATIN)
        return false;
    language_read(&l, text);
    return l.best == language || l.words[language] >= WORDS_LEAST;
}

static struct span tail_of(struct span text)
{
    return text.len > TAIL_BYTES ? span_part(text, text.len - TAIL_BYTES, text.len) : SPAN_EMPTY;
}

bool language_differs(struct span question, struct span answer)
{
    struct language_facts q;
    struct language_facts a;

    language_read(&a, answer);
    if (a.best == LANGUAGE_NONE || a.best == LANGUAGE_LATIN || a.letters < LETTERS_LEAST_ANSWER)
        return false;
    language_read(&q, question);
    if (q.best == LANGUAGE_NONE || q.best == a.best)
        return false;
    if (q.best <= LANGUAGE_LATIN && a.best < LANGUAGE_LATIN &&
        (q.best == LANGUAGE_LATIN || a.words[a.best] < WORDS_LEAST_ANSWER ||
         a.words[q.best] * 3 > a.words[a.best]))
        return false;
    if (has_words_of(question, a.best) || has_words_of(tail_of(question), a.best))
        return false;
    return !names_language(question) && !names_language(tail_of(question));
}
