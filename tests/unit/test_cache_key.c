/* One key for all spellings of a request, another for every other request. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/fmt.h"
#include "base/utf8.h"
#include "cm.h"
#include "policy/cache_key.h"

static const uint8_t secret[HASH_SIP_KEY_BYTES] = "0123456789abcde";

static bool same(struct hash128 a, struct hash128 b)
{
    return a.word[0] == b.word[0] && a.word[1] == b.word[1];
}

static struct hash128 key_of(const char *body)
{
    struct hash128 key = {{0, 0}};

    if (!cache_key_read(secret, span_str(body), &key))
        fail_msg("no key for %s", body);
    return key;
}

/* ---- by hand: lines of one group are one request, groups are all different ---- */

#define NEXT NULL

static const char *const groups[] = {
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1}",
    " { \"temperature\" : 1.0 , \"messages\":[ {\"content\":\"\\u0041\",\"role\":\"user\"} ],\n"
    "\"mo\\u0064el\":\"m\"\t}\r\n",
    "{\"messages\":[{\"role\":\"us\\u0065r\",\"content\":\"A\"}],\"model\":\"m\",\"temperature\":"
    "10e-1}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1,"
    "\"user\":\"u\",\"metadata\":{\"a\":[1,{\"b\":2}]},\"stream\":true,\"stream_options\":{},"
    "\"store\":false,\"service_tier\":\"flex\",\"safety_identifier\":null,"
    "\"prompt_cache_key\":\"k\",\"prompt_cache_retention\":\"24h\"}",
    NEXT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"temperature\":1}",
    NEXT,
    "{\"model\":\"n\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1}",
    NEXT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1,"
    "\"n\":1}",
    NEXT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1,"
    "\"stop\":null}",
    NEXT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\",\"user\":\"u\"}],"
    "\"temperature\":1}",
    NEXT,
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}],\"temperature\":1,"
    "\"x-trace\":\"1\"}",
    NEXT,
    "{}",
    "{\"user\":\"u\"}",
    NEXT,
    "{\"a\":1,\"b\":2}",
    "{\"b\":2,\"a\":1}",
    "{\"b\":0.2e1,\"a\":0.1E+1}",
    "{\"a\":1e0,\"b\":20e-1}",
    "{\"a\":1.000,\"b\":2.0}",
    "{\"a\":100000000000000000000000000000e-29,\"b\":2}",
    "{\"a\":0.00000000000000000000000000001e29,\"b\":2e00}",
    NEXT,
    "{\"a\":2,\"b\":1}",
    NEXT,
    "{\"a\":-1,\"b\":2}",
    NEXT,
    "{\"a\":10,\"b\":2}",
    NEXT,
    "{\"a\":0,\"b\":2}",
    "{\"a\":-0,\"b\":2}",
    "{\"a\":0.000,\"b\":2}",
    "{\"a\":-0.0e99,\"b\":2}",
    "{\"a\":0E-99999999999999999,\"b\":2}",
    NEXT,
    "{\"a\":\"1\",\"b\":2}",
    NEXT,
    "{\"a\":[1],\"b\":2}",
    NEXT,
    "{\"a\":1}",
    NEXT,
    "{\"a\":1,\"b\":null}",
    NEXT,
    "{\"n\":9007199254740993}",
    "{\"n\":9007199254740993.0}",
    "{\"n\":0.9007199254740993e16}",
    NEXT,
    "{\"n\":9007199254740992}",
    NEXT,
    "{\"n\":0.1}",
    "{\"n\":1e-1}",
    "{\"n\":0.1000000000000000000000000000000000000000000000000000000000000000000000000}",
    NEXT,
    "{\"n\":0.1000000000000000000000000000000000000000000000000000000000000000000000001}",
    NEXT,
    "{\"n\":0.01}",
    NEXT,
    "{\"n\":1.5}",
    NEXT,
    "{\"n\":15}",
    NEXT,
    "{\"n\":1.05}",
    NEXT,
    "{\"n\":1e400}",
    NEXT,
    "{\"n\":1e4000}",
    NEXT,
    "{\"s\":\"\xc3\xa9/\\\"\\n\xf0\x9f\x98\x80\"}",
    "{\"s\":\"\\u00e9\\/\\u0022\\u000A\\uD83d\\uDe00\"}",
    NEXT,
    "{\"s\":\"e\xcc\x81/\\\"\\n\xf0\x9f\x98\x80\"}", /* NFD is another text */
    NEXT,
    "{\"s\":\"\"}",
    NEXT,
    "{\"s\":\"\\u0000\"}",
    NEXT,
    "{\"s\":\"null\"}",
    NEXT,
    "{\"s\":null}",
    NEXT,
    "{\"s\":true}",
    NEXT,
    "{\"s\":false}",
    NEXT,
    "{\"s\":[]}",
    NEXT,
    "{\"s\":{}}",
    NEXT,
    "{\"s\":[[]]}",
    NEXT,
    "{\"s\":[{}]}",
    NEXT,
    "{\"s\":[{},{}]}",
    NEXT,
    "{\"s\":[\"\"]}",
    NEXT,
    "{\"s\":{\"\":\"\"}}",
    NEXT,
    "{\"\":{\"s\":\"\"}}",
    NEXT,
    "{\"s\":[\"ab\",\"c\"]}",
    NEXT,
    "{\"s\":[\"a\",\"bc\"]}",
    NEXT,
    "{\"s\":[\"abc\"]}",
    NEXT,
    "{\"s\":\"abc\"}",
    NEXT,
    "{\"sa\":\"bc\"}",
    NEXT,
    "{\"s\":[\"c\",\"ab\"]}",
    NEXT,
    "{\"s\":[1,12]}",
    NEXT,
    "{\"s\":[11,2]}",
    NEXT,
    "{\"s\":[1,1,2]}",
    NEXT,
    "{\"s\":[[1],2]}",
    NEXT,
    "{\"s\":[1,[2]]}",
    NEXT,
    "{\"s\":[[1,2]]}",
    NEXT,
    "{\"a\":{\"x\":1},\"b\":{\"y\":2}}",
    "{\"b\":{\"y\":2},\"a\":{\"x\":1}}",
    NEXT,
    "{\"a\":{\"y\":2},\"b\":{\"x\":1}}",
    NEXT,
    "{\"a\":{\"x\":1,\"y\":2},\"b\":{}}",
    NEXT,
    "{\"a\":{\"x\":1,\"x\":1}}",
    NEXT,
    "{\"a\":{\"x\":1}}",
    NEXT,
    "{\"a\":{\"x\":1,\"x\":1,\"x\":1}}",
};

static void groups_are_told_apart(void **state)
{
    size_t group_a = 0;

    (void)state;
    for (size_t a = 0; a < ARRAY_LEN(groups); a++) {
        size_t group_b = 0;

        group_a += groups[a] == NEXT;
        for (size_t b = 0; groups[a] != NEXT && b < ARRAY_LEN(groups); b++) {
            group_b += groups[b] == NEXT;
            if (groups[b] != NEXT &&
                same(key_of(groups[a]), key_of(groups[b])) != (group_a == group_b))
                fail_msg("%s\n%s", groups[a], groups[b]);
        }
    }
}

static void some_bodies_have_no_key(void **state)
{
    char text[512];
    struct hash128 key;
    struct fmt f;

    (void)state;
    static const char *const bodies[] = {
        "",
        "[]",
        "1",
        "\"{}\"",
        "{",
        "{}{}",
        "{\"a\":01}",
        "{\"a\":1,\"\\u0061\":1}",
        "{\"a\":1e100000000000000000}",
        "{\"a\":[0.1e-999999999999999999999999]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
        assert_false(cache_key_read(secret, span_str(bodies[i]), &key));
    for (size_t len = JSON_KEY_BYTES - 1; len <= JSON_KEY_BYTES + 1; len++) {
        fmt_init(&f, text, sizeof text);
        fmt_str(&f, "{\"a\":{\"");
        fmt_fill(&f, 'n', len);
        fmt_str(&f, "\":1}}");
        assert_int_equal(cache_key_read(secret, fmt_span(&f), &key), len <= JSON_KEY_BYTES);
    }
    for (size_t depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX; depth++) {
        fmt_init(&f, text, sizeof text);
        fmt_str(&f, "{\"a\":");
        fmt_fill(&f, '[', depth);
        fmt_fill(&f, ']', depth);
        fmt_char(&f, '}');
        assert_int_equal(cache_key_read(secret, fmt_span(&f), &key), depth < JSON_DEPTH_MAX);
    }
}

/* ---- at random: trees, written in many ways ---- */

enum {
    NODES = 400,
    NAME_BYTES = 12,
    TEXT_CHARS = 12,
    CHILDREN = 8,
    DIGITS = 24,
    OUT_BYTES = 1 << 18
};

struct node {
    enum json_kind kind;
    uint32_t name; /* of a member: unique in its object */
    uint32_t text[TEXT_CHARS + 1];
    size_t text_len;
    char digits[DIGITS + 1]; /* first and last are not 0 */
    int exponent;
    bool negative;
    size_t children[CHILDREN];
    size_t child_count;
};

static struct node nodes[NODES];
static size_t node_count;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % below;
}

static uint32_t draw_char(void)
{
    static const uint32_t some[] = {'"', '\\', '/',    '\n',   0,       1,       0x7f,
                                    'u', 'A',  0x00e9, 0x4e2d, 0x1f600, 0x10ffff};

    return draw(2) == 0 ? some[draw(ARRAY_LEN(some))] : ' ' + draw(95);
}

static void draw_leaf(struct node *n)
{
    size_t digits = 1 + draw(draw(8) == 0 ? DIGITS : 3);

    n->text_len = draw(TEXT_CHARS);
    for (size_t i = 0; i < n->text_len; i++)
        n->text[i] = draw_char();
    for (size_t i = 0; i < digits; i++)
        n->digits[i] = (char)('0' + draw(10));
    if (n->digits[0] == '0')
        n->digits[0] = '7';
    if (n->digits[digits - 1] == '0')
        n->digits[digits - 1] = '3';
    n->digits[digits] = '\0';
    n->exponent = (int)draw(9) - 4;
    n->negative = draw(4) == 0;
}

static size_t draw_tree(int depth)
{
    size_t at = node_count++;
    struct node *n = &nodes[at];

    memset(n, 0, sizeof *n);
    draw_leaf(n);
    n->kind = depth == 0
                  ? JSON_OBJECT
                  : (enum json_kind)(JSON_NULL + draw(depth < 5 && node_count < 300 ? 7 : 5));
    if (n->kind == JSON_ARRAY || n->kind == JSON_OBJECT)
        n->child_count = draw(depth == 0 ? CHILDREN + 1 : 6);
    for (size_t i = 0; i < n->child_count; i++) {
        if (node_count == NODES) {
            n->child_count = i;
            break;
        }
        n->children[i] = draw_tree(depth + 1);
        nodes[n->children[i]].name = (uint32_t)i * 100 + draw(100);
    }
    return at;
}

static void write_blank(struct fmt *f)
{
    if (draw(4) == 0)
        fmt_char(f, " \t\n\r"[draw(4)]);
}

static void write_unit(struct fmt *f, uint32_t unit)
{
    static const char *const hex[] = {"0123456789abcdef", "0123456789ABCDEF"};

    fmt_str(f, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
        fmt_char(f, hex[draw(2)][unit >> shift & 15]);
}

static void write_char(struct fmt *f, uint32_t c)
{
    static const char from[] = "\"\\/\b\f\n\r\t";
    static const char to[] = "\"\\/bfnrt";
    const char *at = c > 0 && c < 128 ? strchr(from, (int)c) : NULL;
    char bytes[4];

    if (at != NULL && draw(2) == 0) {
        fmt_char(f, '\\');
        fmt_char(f, to[at - from]);
    } else if (c >= 0x20 && c != '"' && c != '\\' && draw(3) != 0) {
        fmt_text(f, span_of(bytes, utf8_encode(c, bytes)));
    } else if (c > 0xffff) {
        write_unit(f, 0xd800 + ((c - 0x10000) >> 10));
        write_unit(f, 0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
        write_unit(f, c);
    }
}

static void write_string(struct fmt *f, const uint32_t *text, size_t len)
{
    fmt_char(f, '"');
    for (size_t i = 0; i < len; i++)
        write_char(f, text[i]);
    fmt_char(f, '"');
}

/* The digits times ten to the exponent, with the point put somewhere. */
static void write_number(struct fmt *f, const struct node *n)
{
    int len = (int)strlen(n->digits);
    int shift = (int)draw(13) - 6;
    int exponent = n->exponent - shift;

    if (n->negative)
        fmt_char(f, '-');
    if (shift >= 0) {
        fmt_str(f, n->digits);
        fmt_fill(f, '0', (size_t)shift);
        if (draw(3) == 0) {
            fmt_char(f, '.');
            fmt_fill(f, '0', 1 + draw(3));
        }
    } else if (len > -shift) {
        fmt_text(f, span_of(n->digits, (size_t)(len + shift)));
        fmt_char(f, '.');
        fmt_str(f, n->digits + len + shift);
        fmt_fill(f, '0', draw(3));
    } else {
        fmt_str(f, "0.");
        fmt_fill(f, '0', (size_t)(-shift - len));
        fmt_str(f, n->digits);
    }
    if (exponent == 0 && draw(2) == 0)
        return;
    fmt_char(f, "eE"[draw(2)]);
    if (exponent < 0 || draw(2) == 0)
        fmt_char(f, exponent < 0 ? '-' : '+');
    fmt_fill(f, '0', draw(3));
    fmt_u64(f, (uint64_t)abs(exponent));
}

static void write_name(struct fmt *f, uint32_t name)
{
    char digits[NAME_BYTES];
    uint32_t chars[NAME_BYTES];
    struct fmt d;

    fmt_init(&d, digits, sizeof digits);
    fmt_char(&d, 'n');
    fmt_u64(&d, name);
    for (size_t i = 0; i < d.len; i++)
        chars[i] = (uint32_t)digits[i];
    write_string(f, chars, d.len);
}

static void write_tree(struct fmt *f, size_t at)
{
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    const struct node *n = &nodes[at];
    size_t order[CHILDREN];

    write_blank(f);
    if (n->kind == JSON_STRING) {
        write_string(f, n->text, n->text_len);
    } else if (n->kind == JSON_NUMBER) {
        write_number(f, n);
    } else if (n->kind != JSON_ARRAY && n->kind != JSON_OBJECT) {
        fmt_str(f, words[n->kind]);
    } else {
        for (size_t i = 0; i < n->child_count; i++) {
            size_t swap = n->kind == JSON_OBJECT ? draw((uint32_t)i + 1) : i;

            order[i] = order[swap];
            order[swap] = n->children[i];
        }
        fmt_char(f, n->kind == JSON_OBJECT ? '{' : '[');
        for (size_t i = 0; i < n->child_count; i++) {
            if (i > 0)
                fmt_char(f, ',');
            write_blank(f);
            if (n->kind == JSON_OBJECT) {
                write_name(f, nodes[order[i]].name);
                write_blank(f);
                fmt_char(f, ':');
            }
            write_tree(f, order[i]);
        }
        write_blank(f);
        fmt_char(f, n->kind == JSON_OBJECT ? '}' : ']');
    }
    write_blank(f);
}

static struct hash128 key_of_tree(void)
{
    static char text[OUT_BYTES];
    struct hash128 key;
    struct fmt f;

    fmt_init(&f, text, sizeof text);
    write_tree(&f, 0);
    assert_true(fmt_ok(&f));
    if (!cache_key_read(secret, fmt_span(&f), &key))
        fail_msg("no key for %.*s", (int)f.len, text);
    return key;
}

/* Something in the tree becomes another. */
static void change_tree(void)
{
    struct node *n = &nodes[draw((uint32_t)node_count)];

    switch (n->kind) {
    case JSON_STRING:
        if (n->text_len > 0 && draw(2) == 0)
            n->text[draw((uint32_t)n->text_len)] ^= 1;
        else
            n->text[n->text_len++] = 'x';
        break;
    case JSON_NUMBER:
        if (draw(3) == 0)
            n->exponent += 1;
        else if (draw(2) == 0)
            n->negative = !n->negative;
        else
            n->digits[0] = n->digits[0] == '9' ? '1' : (char)(n->digits[0] + 1);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        if (n->child_count > 0 && draw(2) == 0)
            n->child_count--;
        else if (n->child_count > 0 && n->kind == JSON_OBJECT)
            nodes[n->children[0]].name += 1000;
        else if (n != &nodes[0])
            n->kind = n->kind == JSON_OBJECT && n->child_count == 0 ? JSON_ARRAY : JSON_NULL;
        else
            nodes[0].children[nodes[0].child_count++] = draw_tree(4);
        break;
    default:
        n->kind = n->kind == JSON_TRUE ? JSON_NULL : n->kind + 1;
        break;
    }
}

static void random_requests_have_one_key_each(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4000; seed++) {
        struct hash128 key;

        random_state = seed;
        node_count = 0;
        (void)draw_tree(0);
        key = key_of_tree();
        for (int i = 0; i < 5; i++)
            assert_true(same(key_of_tree(), key));
        change_tree();
        assert_false(same(key_of_tree(), key));
    }
}

/* ---- the rest ---- */

static void mixing_keeps_order_and_borders(void **state)
{
    static const char *const steps[][2] = {{"a", "b"}, {"b", "a"}, {"ab", ""}, {"", "ab"},
                                           {"a", ""},  {"", "a"},  {"", ""}};
    struct hash128 keys[ARRAY_LEN(steps) + 1];
    struct hash128 other;
    uint8_t other_secret[HASH_SIP_KEY_BYTES] = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        keys[i] = key_of("{}");
        cache_key_mix(secret, &keys[i], span_str(steps[i][0]));
        cache_key_mix(secret, &keys[i], span_str(steps[i][1]));
    }
    keys[ARRAY_LEN(steps)] = key_of("{}");
    for (size_t a = 0; a < ARRAY_LEN(keys); a++)
        for (size_t b = 0; b < a; b++)
            assert_false(same(keys[a], keys[b]));
    assert_true(cache_key_read(other_secret, SPAN("{}"), &other));
    assert_false(same(other, key_of("{}")));
    assert_true(cache_scope(secret, SPAN("a")) != cache_scope(secret, SPAN("b")));
    assert_true(cache_scope(secret, SPAN("a")) != cache_scope(secret, SPAN_EMPTY));
}

struct told {
    size_t count;
    struct hash128 keys[8];
    struct span values[8];
};

static void tell(void *ctx, const struct cache_input *input)
{
    struct told *t = ctx;

    assert_int_equal(input->index, t->count);
    t->keys[t->count] = input->key;
    t->values[t->count++] = input->value;
}

static size_t inputs_of(const char *body, struct told *t)
{
    t->count = 0;
    size_t count = cache_key_inputs(secret, span_str(body), tell, t);
    assert_int_equal(count, t->count);
    return count;
}

static void inputs_have_keys_of_their_own(void **state)
{
    struct told a;
    struct told b;

    (void)state;
    assert_int_equal(
        inputs_of("{\"model\":\"m\",\"input\":[\"x\", \"\\u0079\",\"x\",\"\"],\"user\":\"u\"}", &a),
        4);
    assert_true(same(a.keys[0], a.keys[2]) && !same(a.keys[0], a.keys[1]));
    assert_true(span_equal(a.values[0], SPAN("\"x\"")));
    assert_true(span_equal(a.values[1], SPAN("\"\\u0079\"")));
    assert_int_equal(inputs_of("{\"input\":\"y\",\"model\":\"m\"}", &b), 1);
    assert_true(same(a.keys[1], b.keys[0]) && span_equal(b.values[0], SPAN("\"y\"")));
    assert_int_equal(inputs_of("{\"model\":\"m\",\"input\":\"y\"}", &b), 1);
    assert_true(same(a.keys[1], b.keys[0]));
    assert_int_equal(inputs_of("{\"model\":\"m\",\"input\":[\"x\",\"y\"]}", &b), 2);
    assert_true(same(a.keys[1], b.keys[1]));
    assert_int_equal(inputs_of("{\"input\":[\"y\"],\"model\":\"n\"}", &b), 1);
    assert_false(same(a.keys[1], b.keys[0]));
    assert_int_equal(inputs_of("{\"input\":\"y\",\"model\":\"m\",\"dimensions\":8}", &b), 1);
    assert_false(same(a.keys[1], b.keys[0]));
    static const char *const none[] = {
        "{\"model\":\"m\"}",
        "{\"input\":[]}",
        "{\"input\":null}",
        "{\"input\":5}",
        "{\"input\":{}}",
        "{\"input\":[1,2]}",
        "{\"input\":[[1],[2]]}",
        "{\"input\":[\"a\",1]}",
        "{\"input\":[\"a\",[\"b\"]]}",
        "{\"input\":[\"a\",{\"b\":\"c\"}]}",
        "{\"input\":[\"a\"}",
        "{\"inner\":{\"input\":[\"a\"]}}",
        "{\"input\":\"a\",\"input\":\"a\"}",
        "[]",
    };
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(inputs_of(none[i], &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_told_apart),
        cmocka_unit_test(some_bodies_have_no_key),
        cmocka_unit_test(random_requests_have_one_key_each),
        cmocka_unit_test(mixing_keeps_order_and_borders),
        cmocka_unit_test(inputs_have_keys_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
