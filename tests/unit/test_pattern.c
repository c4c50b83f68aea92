#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/pattern.h"

enum { NO_MATCH = -1, LONG_TEXT_BYTES = 200000 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void compile(struct pattern *p, const char *text)
{
    char reason[128];
    struct fmt why;

    fmt_init(&why, reason, sizeof(reason));
    if (!pattern_compile(p, span_str(text), &why))
        fail_msg("%s %s", text, fmt_cstr(&why));
}

/* In pieces of 1..most bytes; most 0 is all at once. */
static int end_of(const struct pattern *p, struct span text, uint32_t most, uint32_t *seed)
{
    struct pattern_match m;
    uint64_t end;

    pattern_start(&m, p);
    for (size_t at = 0; at < text.len;) {
        size_t len = most == 0 ? text.len : 1 + next_random(seed) % most;

        if (pattern_feed(&m, span_part(text, at, len), &end)) {
            uint64_t again;

            assert_true(pattern_feed(&m, SPAN("abc\n"), &again) && again == end);
            assert_true(pattern_finish(&m, &again) && again == end);
            return (int)end;
        }
        at += len;
    }
    return pattern_finish(&m, &end) ? (int)end : NO_MATCH;
}

static int any_end_of(const struct pattern *p, const char *name, struct span text)
{
    uint32_t seed = 7;
    int end = end_of(p, text, 0, &seed);

    for (uint32_t most = 1; most < 6; most++)
        if (end_of(p, text, most, &seed) != end)
            fail_msg("%s: another end in pieces", name);
    assert_int_equal(pattern_found(p, text), end != NO_MATCH);
    return end;
}

static void test_table(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        int end;
    } rows[] = {
        {"abc", "xxabcx", 5},
        {"abc", "xxabx", NO_MATCH},
        {"aab", "aaab", 4},
        {"a.c", "a\nc abc", 7},
        {"a*", "aaa", 0},
        {"a+", "baaa", 2},
        {"a+?b", "caab", 4},
        {"a?b", "cb", 2},
        {"^b", "ab", NO_MATCH},
        {"^b", "b", 1},
        {"^b", "a\nb", NO_MATCH},
        {"(?m)^b", "a\nb", 3},
        {"b$", "ab\nab", 5},
        {"b$", "b\n", NO_MATCH},
        {"(?m)b$", "ab\nx", 2},
        {"(?m)b$", "abc\nab", 6},
        {"(?m)^$", "a\n\nb", 2},
        {"(?m)^$", "a\nb", NO_MATCH},
        {"^$", "", 0},
        {"^$", "a", NO_MATCH},
        {"$", "ab", 2},
        {"\\bfoo\\b", "a foo, b", 5},
        {"\\bfoo\\b", "foo", 3},
        {"\\bfoo\\b", "foot afoo", NO_MATCH},
        {"\\bfoo\\b",
         "\xc3\xa9"
         "foo\xc3\xa9",
         5},
        {"\\b", " a", 1},
        {"\\b", "  ", NO_MATCH},
        {"(?i)Sorry|can.t", "I CAN'T", 7},
        {"(?i)sor", "SoR", 3},
        {"(?i)[a-c]x", "BX", 2},
        {"(?i)[^a-c]x", "Bx_X", 4},
        {"(?im)^no$", "yes\nNO\n", 6},
        {"Sor", "sor", NO_MATCH},
        {"[abc]+d", "xxabcd", 6},
        {"[^abc]", "abcx", 4},
        {"[^a]", "a\xc3\xa9", 2},
        {"[]a]b", "]b", 2},
        {"[a-]b", "-b", 2},
        {"[^]]", "]]a", 3},
        {"[\\]\\\\]x", "\\x", 2},
        {"[\\d.]+%", "about 12.5%", 11},
        {"[\\w-]+@", "a-b_c@", 6},
        {"\\d{3}", "12 123", 6},
        {"\\D\\W\\S", "1a .", 4},
        {"\\w\\s\\w", "a\tb", 3},
        {"^\\W+$", "\xe4\xb8\xad", 3},
        {"\xc3\xa9t", "\xc3\xa9t", 3},
        {"a{2}", "aaa", 2},
        {"^a{2,3}b", "aaaab", NO_MATCH},
        {"^a{2,3}b", "aaab", 4},
        {"^a{2,3}b", "ab", NO_MATCH},
        {"^a{2,}b", "aaaaaab", 7},
        {"^a{0,2}b", "aab", 3},
        {"^a{0,2}b", "b", 1},
        {"^a{0,2}b", "aaab", NO_MATCH},
        {"^xa{0}b", "xb", 2},
        {"^(ab|c){2,3}d", "abcabd", 6},
        {"^(ab|c){2,3}d", "abd", NO_MATCH},
        {"^(a|b|cd)*e", "abcdcde", 7},
        {"^(a|b|cd)*e", "abce", NO_MATCH},
        {"^(?:a(b|c)|d)+e", "abacde", 6},
        {"(|a)b", "b", 1},
        {"^(a||c)d", "d", 1},
        {"^(a*)*b", "aaab", 4},
        {"^(a*)+$", "aaac", NO_MATCH},
        {"^(^|x)*a", "xxa", 3},
        {"a\\.b\\*\\{", "a.b*{", 5},
        {"\\n\\t\\r", "\n\t\r", 3},
        {"]}", "]}", 2},
        {"###|END", "text END", 8},
        {"foo\\b|foob", "foobar", 4},
        {"As an AI( language)? model", "As an AI model,", 14},
    };
    struct pattern p;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int end;

        compile(&p, rows[i].pattern);
        end = any_end_of(&p, rows[i].pattern, span_str(rows[i].text));
        if (end != rows[i].end)
            fail_msg("%s in %s: %d", rows[i].pattern, rows[i].text, end);
    }
}

static void test_errors(void **state)
{
    static const char *const rows[][2] = {
        {"", "it is empty (at byte 0)"},
        {"(?i)", "it is empty (at byte 4)"},
        {"a)", "a ) has no ( (at byte 2)"},
        {"(a", "a ( has no ) (at byte 2)"},
        {"[a", "a [ has no ] (at byte 2)"},
        {"[", "a [ has no ] (at byte 1)"},
        {"*a", "a repetition has nothing before it (at byte 1)"},
        {"a|+", "a repetition has nothing before it (at byte 3)"},
        {"a**", "a repetition has nothing before it (at byte 3)"},
        {"a{2}{3}", "a repetition has nothing before it (at byte 5)"},
        {"a{", "a { is no {m}, {m,} or {m,n} (at byte 2)"},
        {"a{,3}", "a { is no {m}, {m,} or {m,n} (at byte 2)"},
        {"a{3,2}", "a {m,n} is not in order, or above 64 (at byte 6)"},
        {"a{65}", "a {m,n} is not in order, or above 64 (at byte 5)"},
        {"a{2,99999999999999999999}", "a {m,n} is not in order, or above 64 (at byte 25)"},
        {"(a{64}){64}", "it is too large (at byte 11)"},
        {"\\", "there is no such escape (at byte 1)"},
        {"\\q", "there is no such escape (at byte 1)"},
        {"\\1", "there is no such escape (at byte 1)"},
        {"[b-a]", "a range is none (at byte 4)"},
        {"[a-\\d]", "a range is none (at byte 5)"},
        {"[\xc3\xa9]", "a class holds ASCII only (at byte 1)"},
        {"a(?i)b", "there is no such (? here (at byte 3)"},
        {"(?=a)", "there is no such (? here (at byte 2)"},
        {"(?i", "there is no such (? here (at byte 3)"},
        {"((((((((((((((((((a))))))))))))))))))", "its groups stand too deep (at byte 17)"},
        {"[a][b][c][d][e][f][g][h][i][j][k][l][m][n][o][p][q]",
         "it has too many classes (at byte 51)"},
    };
    char long_text[PATTERN_TEXT_BYTES + 1];
    char reason[128];
    struct pattern p;
    struct fmt why;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fmt_init(&why, reason, sizeof(reason));
        if (pattern_compile(&p, span_str(rows[i][0]), &why))
            fail_msg("%s is taken", rows[i][0]);
        assert_string_equal(fmt_cstr(&why) + strlen("is no pattern: "), rows[i][1]);
    }
    memset(long_text, 'a', sizeof(long_text));
    fmt_init(&why, reason, sizeof(reason));
    assert_true(pattern_compile(&p, span_of(long_text, PATTERN_TEXT_BYTES), &why));
    assert_false(pattern_compile(&p, span_of(long_text, PATTERN_TEXT_BYTES + 1), &why));
    assert_string_equal(fmt_cstr(&why), "is no pattern: it is longer than 200 bytes (at byte 0)");
}

/* ---- a naive matcher, as an oracle ----
 *
 * A pattern as a tree, matched by trying everything: sets of ends as bits, texts of under 16. */

enum node_kind {
    NODE_BYTE,
    NODE_ANY,
    NODE_BEGIN,
    NODE_END,
    NODE_EDGE,
    NODE_CAT,
    NODE_OR,
    NODE_MANY
};

struct node {
    enum node_kind kind;
    char byte;
    int min;
    int max; /* -1: endless */
    int a;
    int b;
};

struct oracle {
    struct node nodes[64];
    int count;
    const char *text;
    int len;
    uint32_t seed;
    char pattern[512];
};

static int build(struct oracle *o, int depth)
{
    int at = o->count++;
    struct node *n = &o->nodes[at];
    uint32_t roll = next_random(&o->seed) % (depth > 0 ? 16 : 9);
    int child;

    *n = (struct node){.kind = NODE_BYTE, .byte = (char)('a' + roll % 2)};
    if (roll < 5) {
        strncat(o->pattern, &n->byte, 1);
    } else if (roll < 9) {
        n->kind = (enum node_kind)(NODE_ANY + roll - 5);
        strcat(o->pattern, n->kind == NODE_ANY     ? "."
                           : n->kind == NODE_BEGIN ? "^"
                           : n->kind == NODE_END   ? "$"
                                                   : "\\b");
    } else if (roll < 14) {
        n->kind = roll < 12 ? NODE_CAT : NODE_OR;
        strcat(o->pattern, "(");
        child = build(o, depth - 1);
        n->a = child;
        strcat(o->pattern, n->kind == NODE_OR ? "|" : "");
        child = build(o, depth - 1);
        n->b = child;
        strcat(o->pattern, ")");
    } else {
        static const char *const names[] = {"*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"};
        static const int counts[][2] = {{0, -1}, {1, -1}, {0, 1}, {2, 2}, {1, 2}, {0, 3}, {2, -1}};
        uint32_t which = next_random(&o->seed) % 7;

        n->kind = NODE_MANY;
        n->min = counts[which][0];
        n->max = counts[which][1];
        strcat(o->pattern, "(");
        child = build(o, depth - 1);
        n->a = child;
        strcat(o->pattern, ")");
        strcat(o->pattern, names[which]);
    }
    return at;
}

static bool word_at(const struct oracle *o, int at)
{
    return at >= 0 && at < o->len && o->text[at] != '\n' && o->text[at] != ' ';
}

static uint32_t ends(const struct oracle *o, int at, int from);

static uint32_t ends_of_all(const struct oracle *o, int at, uint32_t from)
{
    uint32_t set = 0;

    for (int i = 0; i <= o->len; i++)
        if ((from >> i & 1) != 0)
            set |= ends(o, at, i);
    return set;
}

static uint32_t ends(const struct oracle *o, int at, int from)
{
    const struct node *n = &o->nodes[at];
    uint32_t here = 1u << from;
    uint32_t set = 0;

    switch (n->kind) {
    case NODE_BYTE:
        return from < o->len && o->text[from] == n->byte ? here << 1 : 0;
    case NODE_ANY:
        return from < o->len && o->text[from] != '\n' ? here << 1 : 0;
    case NODE_BEGIN:
        return from == 0 || o->text[from - 1] == '\n' ? here : 0;
    case NODE_END:
        return from == o->len || o->text[from] == '\n' ? here : 0;
    case NODE_EDGE:
        return word_at(o, from - 1) != word_at(o, from) ? here : 0;
    case NODE_CAT:
        return ends_of_all(o, n->b, ends(o, n->a, from));
    case NODE_OR:
        return ends(o, n->a, from) | ends(o, n->b, from);
    case NODE_MANY:
        for (int i = 0; i < n->min; i++)
            here = ends_of_all(o, n->a, here);
        set = here;
        for (int i = n->min; n->max < 0 ? i < n->min + 20 : i < n->max; i++) {
            here = ends_of_all(o, n->a, here);
            set |= here;
        }
        return set;
    }
    return 0;
}

static void test_oracle(void **state)
{
    struct oracle o = {.seed = 1};
    struct pattern p;
    int matches = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[12];
        int root;
        int want = NO_MATCH;
        struct fmt why;
        char reason[128];

        o.count = 0;
        strcpy(o.pattern, "(?m)");
        root = build(&o, 4);
        fmt_init(&why, reason, sizeof(reason));
        if (!pattern_compile(&p, span_str(o.pattern), &why))
            continue; /* too large */
        o.text = text;
        for (int tries = 0; tries < 4; tries++) {
            uint32_t all = 0;
            uint32_t seed = o.seed;
            int got;

            o.len = (int)(next_random(&o.seed) % sizeof(text));
            for (int i = 0; i < o.len; i++)
                text[i] = "aaabbc \n"[next_random(&o.seed) % 8];
            for (int from = 0; from <= o.len; from++)
                all |= ends(&o, root, from);
            want = all == 0 ? NO_MATCH : __builtin_ctz(all);
            got = end_of(&p, span_of(text, (size_t)o.len), (uint32_t)tries, &seed);
            if (got != want)
                fail_msg("%s in '%.*s': %d, not %d", o.pattern, o.len, text, got, want);
            matches += want != NO_MATCH;
        }
    }
    assert_true(matches > 10000);
}

/* Patterns that take backtracking matchers exponential time: steps are counted by the limits, so
 * that a long text is enough of a test. */
static void test_no_blow_up(void **state)
{
    static const char *const patterns[] = {
        "(a*)*b",        "(a|a)*b",           "(a+)+b",
        "(a|aa)+$b",     "(.*)(.*)(.*)(.*)b", "a{0,40}a{0,40}b",
        "((a?){8}){8}b", "(x+x+)+y|(a*a*)*b",
    };
    static char text[LONG_TEXT_BYTES];
    struct pattern p;

    (void)state;
    memset(text, 'a', sizeof(text));
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        compile(&p, patterns[i]);
        assert_false(pattern_found(&p, span_of(text, sizeof(text))));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_no_blow_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
