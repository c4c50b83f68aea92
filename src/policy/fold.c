/* Folding, one character at a time. */
#include "policy/fold.h"

#include "base/check.h"
#include "base/utf8.h"

enum {
    FOLD_TAIL_BYTES = 8, /* the most that one character adds: " . " and the last space */
    FOLD_BAD = 0xFFFD,
    FOLD_SPACE = 0,
    FOLD_NOTHING = 1,
};

/* U+00C0..U+017F without accents; '-' is a sign. */
static const char latin[] = "aaaaaaaceeeeiiiidnooooo-ouuuuypsaaaaaaaceeeeiiiidnooooo-ouuuuypy"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
                            "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

bool fold_is_wide(uint32_t c)
{
    return (c >= 0x2E80 && c < 0xA4D0 && c != 0x3000) || (c >= 0xAC00 && c < 0xD7B0) ||
           (c >= 0xF900 && c < 0xFB00) || (c >= 0x20000 && c < 0x32000);
}

uint32_t fold_next(struct span *text)
{
    const unsigned char *p = (const unsigned char *)text->ptr;
    uint8_t state = UTF8_START;
    uint32_t c = p[0];
    size_t len = 0;

    CHECK(text->len > 0);
    do {
        state = utf8_step(state, p[len]);
        if (len > 0)
            c = c << 6 | (p[len] & 0x3Fu);
        len++;
    } while (state != UTF8_START && state != UTF8_BAD && len < text->len);
    if (state != UTF8_START) {
        *text = span_part(*text, 1, text->len);
        return FOLD_BAD;
    }
    *text = span_part(*text, len, text->len);
    if (len == 2)
        return c & 0x7FF;
    return len == 3 ? c & 0xFFFF : len == 4 ? c & 0x1FFFFF : c;
}

/* What a character becomes; FOLD_SPACE, FOLD_NOTHING, '.', or a letter. */
static uint32_t fold_char(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c + ('a' - 'A');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
        return c;
    if (c == '\'' || c == '`' || c == '*' || c == '_' || c == 0x2018 || c == 0x2019 || c == 0xAD ||
        c == 0x200B)
        return FOLD_NOTHING;
    if (c == '.' || c == '!' || c == '?' || c == '\n' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F)
        return '.';
    if (c < 0xC0)
        return FOLD_SPACE;
    if (c - 0xC0 < sizeof(latin) - 1)
        return latin[c - 0xC0] == '-' ? FOLD_SPACE : (unsigned char)latin[c - 0xC0];
    if (c >= 0x410 && c < 0x430)
        return c + 0x20;
    if (c == 0x401 || c == 0x451)
        return 0x435;
    if ((c >= 0x2000 && c < 0x2E80) || (c >= 0x3000 && c < 0x3005) || (c >= 0x3008 && c < 0x3020) ||
        (c >= 0xFF00 && c < 0xFF10) || c == 0x30FB || c == FOLD_BAD ||
        (c >= 0x1F000 && c < 0x20000))
        return FOLD_SPACE;
    return c;
}

struct span fold_text(struct span text, char *out, size_t out_bytes)
{
    size_t len = 0;

    CHECK(out_bytes >= FOLD_TAIL_BYTES);
    out[len++] = ' ';
    while (text.len > 0 && len + FOLD_TAIL_BYTES <= out_bytes) {
        uint32_t c = fold_char(fold_next(&text));

        if (c == FOLD_NOTHING)
            continue;
        if ((c == FOLD_SPACE || c == '.') && out[len - 1] != ' ')
            out[len++] = ' ';
        if (c == FOLD_SPACE || (c == '.' && len > 2 && out[len - 2] == '.'))
            continue;
        if (c == '.' && len == 1)
            continue;
        len += utf8_encode(c, out + len);
        if (c == '.')
            out[len++] = ' ';
    }
    if (out[len - 1] != ' ')
        out[len++] = ' ';
    return span_of(out, len);
}
