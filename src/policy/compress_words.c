#include "policy/compress_words.h"

#include "policy/compress_protect.h"

enum { WORD_BYTES_MAX = 24 };

/* Between blanks, so that a word is found with one search. */
static const char stop_words[] =
    " a an the this that these those of to in on at by for with from into onto about as is are was "
    "were be been being am has have had having do does did doing would could will can he she it "
    "they him them her his its their theirs we us our ours you your yours i me my who whom whose "
    "which when where there here also so then such and but himself herself itself themselves very "
    "just while during through around across up out off down again other own same both each some "
    "another too once now even still since however although though after before between against "
    "over under all any most because until what how back away often soon together already toward "
    "towards thus therefore meanwhile finally instead eventually further upon afterwards whereas including "
    "especially particularly quite "
    "it's he's she's that's they're ";
static const char negations[] =
    " not no never none nor neither without cannot nothing nobody nowhere t ";
static const char asking[] =
    " what who when where why how which whom whose question answer please context passage text "
    "following based according mentioned ";

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool words_in(const char *list, struct span word)
{
    char text[WORD_BYTES_MAX + 2] = " ";

    if (word.len == 0 || word.len >= WORD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < word.len; i++)
        text[i + 1] = fold(word.ptr[i]);
    text[word.len + 1] = ' ';
    text[word.len + 2] = '\0';
    return strstr(list, text) != NULL;
}

bool words_is_stop(struct span word)
{
    return words_in(stop_words, word);
}

bool words_is_negation(struct span word)
{
    return words_in(negations, word);
}

bool words_is_asking(struct span word)
{
    return words_in(asking, word);
}

static bool is_word(char c)
{
    return protect_is_letter(c) || protect_is_digit(c);
}

/* Chinese, Japanese, Korean: U+3000 to U+AFFF, three bytes each. */
static bool is_wide(char c)
{
    return (uint8_t)c >= 0xe3 && (uint8_t)c <= 0xea;
}

struct span words_next(struct span text, size_t at)
{
    size_t end;

    while (at < text.len && !is_word(text.ptr[at]))
        at++;
    end = at;
    if (end < text.len && is_wide(text.ptr[end]))
        return span_part(text, at, 3);
    while (end < text.len && is_word(text.ptr[end]) && !is_wide(text.ptr[end]))
        end++;
    return span_part(text, at, end - at);
}

static bool stem_cut(char *word, size_t *len, const char *ending, size_t min)
{
    struct span s = span_of(word, *len);
    struct span e = span_str(ending);

    if (*len < e.len + min || !span_ends(s, e))
        return false;
    *len -= e.len;
    return true;
}

uint32_t words_stem(struct span word)
{
    char text[WORD_BYTES_MAX];
    size_t len = word.len < sizeof(text) ? word.len : sizeof(text);
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a, 32 bits */

    for (size_t i = 0; i < len; i++)
        text[i] = fold(word.ptr[i]);
    if (len > 4 && stem_cut(text, &len, "ies", 2))
        text[len++] = 'y';
    else if (len > 4)
        (void)(stem_cut(text, &len, "ing", 3) || stem_cut(text, &len, "ed", 3) ||
               stem_cut(text, &len, "es", 3) || stem_cut(text, &len, "s", 3));
    if (len > 3)
        (void)stem_cut(text, &len, "e", 3);
    if (len > WORDS_STEM_BYTES)
        len = WORDS_STEM_BYTES;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT32_C(16777619);
    return hash != 0 ? hash : 1;
}
