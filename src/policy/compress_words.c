#include "policy/compress_words.h"

#include "base/check.h"
#include "policy/compress_protect.h"

enum { STEM_BYTES_MIN = 4 }; /* shorter words have no endings to lose */

/* By their first letter, a blank behind each. */
static const char *const stop_words[26] = {
    ['a' - 'a'] = "a an at about as are am also and around across again another although after "
                  "against all any away already afterwards ",
    ['b' - 'a'] = "by be been being but both before between because back ",
    ['c' - 'a'] = "could can currently ",
    ['d' - 'a'] = "do does did doing during down ",
    ['e' - 'a'] = "each even eventually especially ever ",
    ['f' - 'a'] = "for from finally further ",
    ['h' - 'a'] = "has have had having he him her his here himself herself however how he's ",
    ['i' - 'a'] = "in into is it its i itself instead including it's initially immediately ",
    ['j' - 'a'] = "just ",
    ['m' - 'a'] = "me my most meanwhile mainly ",
    ['n' - 'a'] = "now ",
    ['o' - 'a'] = "of on onto our ours out off other own once over often ",
    ['p' - 'a'] = "particularly ",
    ['q' - 'a'] = "quite ",
    ['s' - 'a'] = "she so such same some still since soon she's shortly ",
    ['t' - 'a'] =
        "the this that these those to they them their theirs there then themselves "
        "through too though together toward towards thus therefore that's they're throughout ",
    ['u' - 'a'] = "us up under until upon ",
    ['v' - 'a'] = "very ",
    ['w' - 'a'] =
        "with was were would will we who whom whose which when where while what whereas well ",
    ['y' - 'a'] = "you your yours ",
};

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool words_in(const char *list, struct span word)
{
    for (const char *at = list; *at != '\0'; at++) {
        size_t i = 0;

        while (i < word.len && at[i] == fold(word.ptr[i]))
            i++;
        if (i == word.len && at[i] == ' ')
            return true;
        for (at += i; *at != ' '; at++)
            ;
    }
    return false;
}

bool words_is_stop(struct span word)
{
    unsigned letter = word.len > 0 ? (unsigned)(fold(word.ptr[0]) - 'a') : ARRAY_LEN(stop_words);

    return letter < ARRAY_LEN(stop_words) && stop_words[letter] != NULL &&
           words_in(stop_words[letter], word);
}

bool words_is_negation(struct span word)
{
    return words_in("not no never none nor neither without cannot nothing nobody nowhere t ", word);
}

bool words_is_asking(struct span word)
{
    return words_in("what who when where why how which whom whose question answer please context "
                    "passage text following based according mentioned ",
                    word);
}

static bool is_word(char c)
{
    return protect_is(c, BYTE_LETTER | BYTE_DIGIT);
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

/* How much of a word its endings leave: plural, -ed, -ing, a mute e. */
static size_t stem_len(struct span word, bool *y)
{
    size_t len = word.len;
    char last = fold(word.ptr[len - 1]);
    char before = len > 1 ? fold(word.ptr[len - 2]) : '\0';

    *y = false;
    if (len > STEM_BYTES_MIN && last == 's') {
        *y = before == 'e' && fold(word.ptr[len - 3]) == 'i';
        len -= *y ? 3 : before == 'e' ? 2 : 1;
    } else if (len > STEM_BYTES_MIN && last == 'd' && before == 'e') {
        len -= 2;
    } else if (len > STEM_BYTES_MIN + 1 && last == 'g' && before == 'n' &&
               fold(word.ptr[len - 3]) == 'i') {
        len -= 3;
    }
    if (!*y && len >= STEM_BYTES_MIN && fold(word.ptr[len - 1]) == 'e')
        len--;
    return len;
}

uint32_t words_stem(struct span word)
{
    bool y;
    size_t len = stem_len(word, &y);
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a, 32 bits */

    for (size_t i = 0; i < len && i < WORDS_STEM_BYTES; i++)
        hash = (hash ^ (uint8_t)fold(word.ptr[i])) * UINT32_C(16777619);
    if (y && len < WORDS_STEM_BYTES)
        hash = (hash ^ (uint8_t)'y') * UINT32_C(16777619);
    return hash != 0 ? hash : 1;
}
