/* The scan gives one verdict however the text is cut; what it accepts, the object reader and jsmn
 * take. */
#include "json/object.h"
#include "json/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum parse scan(struct json_scan *s, struct span text, size_t cut)
{
    enum parse verdict;

    json_scan_start(s, NULL, NULL, false);
    verdict = json_scan_feed(s, span_part(text, 0, cut));
    if (verdict != PARSE_BAD)
        verdict = json_scan_feed(s, span_part(text, cut, text.len));
    return verdict != PARSE_BAD ? json_scan_finish(s) : verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_object o;
    struct span text = span_of((const char *)data, size);
    struct json_token tokens[512];
    int next[512];
    struct json_tree t;
    struct json_scan one;
    struct json_scan two;
    enum parse whole = scan(&one, text, size);

    if (scan(&two, text, size > 0 ? data[0] % size : 0) != whole ||
        one.err_offset != two.err_offset)
        __builtin_trap();
    /* jsmn takes no bare number or word for a text. */
    if (whole == PARSE_DONE && span_find_byte(text, '{') + span_find_byte(text, '[') < 2 * size &&
        span_find_byte(text, '"') > span_find_byte(text, '{') &&
        json_tree_read(&t, text, tokens, next, 512) == JSON_TREE_BAD)
        __builtin_trap();
    if (json_object_read(&o, text)) {
        if (whole != PARSE_DONE)
            __builtin_trap();
        for (size_t i = 0; i < o.count; i++)
            if (scan(&one, o.members[i].value, 0) != PARSE_DONE)
                __builtin_trap();
    }
    return 0;
}
