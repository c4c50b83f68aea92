#include "base/utf8.h"

/* A state names what the next byte must be:
 *   1..3  that many continuation bytes (80..BF) are still due
 *   4     after E0: A0..BF, then one more     5  after ED: 80..9F, then one more
 *   6     after F0: 90..BF, then two more     7  after F4: 80..8F, then two more */
enum { AFTER_E0 = 4, AFTER_ED = 5, AFTER_F0 = 6, AFTER_F4 = 7 };

static uint8_t utf8_first(uint8_t byte)
{
    if (byte < 0x80)
        return UTF8_START;
    if (byte < 0xc2) /* a continuation byte, or the start of an overlong form */
        return UTF8_BAD;
    if (byte < 0xe0)
        return 1;
    if (byte < 0xf0)
        return byte == 0xe0 ? AFTER_E0 : byte == 0xed ? AFTER_ED : 2;
    if (byte < 0xf5)
        return byte == 0xf0 ? AFTER_F0 : byte == 0xf4 ? AFTER_F4 : 3;
    return UTF8_BAD;
}

static uint8_t utf8_if(bool right, uint8_t next)
{
    return right ? next : UTF8_BAD;
}

uint8_t utf8_step(uint8_t state, uint8_t byte)
{
    switch (state) {
    case UTF8_START:
        return utf8_first(byte);
    case 1:
    case 2:
    case 3:
        return utf8_if(byte >= 0x80 && byte <= 0xbf, (uint8_t)(state - 1));
    case AFTER_E0:
        return utf8_if(byte >= 0xa0 && byte <= 0xbf, 1);
    case AFTER_ED:
        return utf8_if(byte >= 0x80 && byte <= 0x9f, 1);
    case AFTER_F0:
        return utf8_if(byte >= 0x90 && byte <= 0xbf, 2);
    case AFTER_F4:
        return utf8_if(byte >= 0x80 && byte <= 0x8f, 2);
    default:
        return UTF8_BAD;
    }
}

bool utf8_valid(struct span s)
{
    uint8_t state = UTF8_START;

    for (size_t i = 0; i < s.len && state != UTF8_BAD; i++)
        state = utf8_step(state, (uint8_t)s.ptr[i]);
    return state == UTF8_START;
}

size_t utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}
