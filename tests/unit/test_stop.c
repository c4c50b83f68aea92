#include <stdio.h>
#include <string.h>

#include "cm.h"
#include "policy/stop.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct stop_rules rules;
static struct stop stop;

static void read_rules(const char *text)
{
    char reason[256];
    struct fmt why;

    fmt_init(&why, reason, sizeof(reason));
    if (!stop_rules_read(&rules, span_str(text), &why))
        fail_msg("%s: %s", text, fmt_cstr(&why));
}

/* Bytes kept, in pieces of 1..most; 0 is at once. What was passed on is never taken back, but for
 * a loop's turns. */
static uint64_t kept_of(struct span text, uint32_t most, uint32_t *seed, const char **rule)
{
    uint64_t passed = 0;
    bool fired = false;

    stop_start(&stop, &rules);
    for (size_t at = 0; at < text.len && !fired;) {
        size_t len = most == 0 ? text.len : 1 + next_random(seed) % most;

        fired = stop_feed(&stop, span_part(text, at, len));
        at += len;
        if (stop.kept < passed && !(fired && stop.rule == STOP_LOOP))
            fail_msg("%.*s: taken back", (int)text.len, text.ptr);
        passed = stop.kept;
        assert_true(fired || stop.kept <= stop.offset);
    }
    *rule = fired ? stop_kind_name(stop.rule) : NULL;
    return fired ? stop.kept : text.len;
}

static void expect(const char *rules_text, const char *text, const char *rule, const char *kept)
{
    uint32_t seed = 5;

    read_rules(rules_text);
    for (uint32_t most = 0; most < 6; most++) {
        const char *fired;
        uint64_t bytes = kept_of(span_str(text), most, &seed, &fired);

        if ((fired == NULL) != (rule == NULL) || (rule != NULL && strcmp(fired, rule) != 0) ||
            bytes != strlen(kept) || memcmp(text, kept, bytes) != 0)
            fail_msg("%s in '%s', pieces of %u: %s after '%.*s'", rules_text, text, most,
                     fired != NULL ? fired : "nothing", (int)bytes, text);
    }
}

static void test_table(void **state)
{
    static const char *const rows[][4] = {
        /* rules, text, rule, kept */
        {"off", "text ###", NULL, "text ###"},
        {"sentinel:\"###\"", "a ## b ### c", "sentinel", "a ## b "},
        {"sentinel:###", "a #### b", "sentinel", "a "},
        {"sentinel:\"\\nQ:\", sentinel:END", "a END\nQ:", "sentinel", "a "},
        {"sentinel:\"\\nQ:\", sentinel:END", "a EN\nQ:", "sentinel", "a EN"},
        {"sentinel:ab,sentinel:xab", "xab", "sentinel", ""},
        {"sentinel: a b ", "x a bc", "sentinel", "x "},
        {"sentinel:\"a, b\"", "x a, bc", "sentinel", "x "},
        {"sentinel:aab", "aaab", "sentinel", "a"},
        {"pattern:/(?m)^Sources:/", "text\nSources: x", "pattern", "text\nSources:"},
        {"pattern:/a\\/b/", "xa/bc", "pattern", "xa/b"},
        {"pattern:/a{1,2}b/ , bytes:9", "aab", "pattern", "aab"},
        {"pattern:/foo\\b/", "foo bar", "pattern", "foo"},
        {"pattern:/foo\\b/", "foo", NULL, "foo"},
        {"label:yes|no", "Well, No.", "label", "Well, No"},
        {"label:\"not sure|yes\"", "I am not sure; yes", "label", "I am not sure"},
        {"label:c++|c#", "in c++ x", NULL, "in c++ x"}, /* a sign is no edge of a word */
        {"label:yes", "yesterday", NULL, "yesterday"},
        {"tokens:100", "one two three", NULL, "one two three"},
        {"bytes:3", "abc", NULL, "abc"},
        {"bytes:3", "abcd", "bytes", "abc"},
        {"bytes:3", "ab\xc3\xa9z", "bytes", "ab"},
        {"bytes:4", "ab\xc3\xa9z", "bytes", "ab\xc3\xa9"},
        {"sentences:1", "One. Two.", "sentences", "One."},
        {"sentences:2", "One! Two? Three", "sentences", "One! Two?"},
        {"sentences:1", "It is 3.14 or example.com, e.g. this, Dr. Who, J. Doe. Next", "sentences",
         "It is 3.14 or example.com, e.g. this, Dr. Who, J. Doe."},
        {"sentences:1", "1. First thing. 2. Second", "sentences", "1. First thing."},
        {"sentences:1", "He said \"No.\" Then", "sentences", "He said \"No.\""},
        {"sentences:1", "Really?! Yes", "sentences", "Really?!"},
        {"sentences:1", "Wait... then more. End", "sentences", "Wait... then more."},
        {"sentences:1", "A heading\n\nText", "sentences", "A heading"},
        {"sentences:1", "\n\n  \nA line\nanother\n \nText", "sentences", "\n\n  \nA line\nanother"},
        {"sentences:2", "One.\n\nTwo.\nThree.", "sentences", "One.\n\nTwo."},
        {"sentences:1", "The answer is 4. Because", "sentences", "The answer is 4."},
        {"sentences:1", "\xe4\xbd\xa0\xe5\xa5\xbd\xe3\x80\x82\xe5\x86\x8d", "sentences",
         "\xe4\xbd\xa0\xe5\xa5\xbd\xe3\x80\x82"},
        {"sentences:3", "One. Two.", NULL, "One. Two."},
        {"json", " {\"a\":[1,\"}\"]} and more", "json", " {\"a\":[1,\"}\"]}"},
        {"json", "[1,2]x", "json", "[1,2]"},
        {"json", "Here: {\"a\":1} x", NULL, "Here: {\"a\":1} x"},
        {"json", "{\"a\":} {}", NULL, "{\"a\":} {}"},
        {"json", "```json\n{\"a\":1}\n```\nSo", "json", "```json\n{\"a\":1}\n```"},
        {"json, code", "```json\n{\"a\":1}\n```\nSo", "code", "```json\n{\"a\":1}\n```"},
        {"code", "Here:\n\n```c\nint a;\n```\nThat", "code", "Here:\n\n```c\nint a;\n```"},
        {"code", "````\n```\nx\n```\n````  \nThat", "code", "````\n```\nx\n```\n````  "},
        {"code", "~~~\n```\n~~~\nx", "code", "~~~\n```\n~~~"},
        {"code", "  ```\nx ```\n``` y\n    ```\n ```\nz", "code",
         "  ```\nx ```\n``` y\n    ```\n ```"},
        {"code", "``\n```\n```", NULL, "``\n```\n```"},
        {"bytes:5, sentinel:\"###\"", "ab###", "sentinel", "ab"},
        {"bytes:3, sentinel:\"###\"", "ab###", "bytes", "ab#"},
        {"sentences:1, tokens:4", "One. Two three four", "sentences", "One."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
}

static void test_loop(void **state)
{
    static char text[4000];
    struct fmt f;
    const char *rule;
    uint32_t seed = 1;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "The answer is that we do not know. ");
    for (int i = 0; i < 80; i++)
        fmt_str(&f, "I do not know what to say about it. ");
    read_rules("loop");
    assert_true(kept_of(fmt_span(&f), 0, &seed, &rule) < 200);
    assert_string_equal(rule, "loop");
    assert_int_equal(kept_of(fmt_span(&f), 7, &seed, &rule), stop.kept);
    assert_true(stop.kept < 200);
}

/* Cut before the first blank where the estimate is there. */
static void test_tokens(void **state)
{
    static const char text[] = "Rules that end an answer early are checked while it streams by, "
                               "and what they save is booked as tokens that were not paid for.";
    uint32_t seed = 1;
    const char *rule;

    (void)state;
    for (int64_t limit = 1; limit < 20; limit++) {
        char line[32];
        struct fmt f;
        uint64_t kept;

        fmt_init(&f, line, sizeof(line));
        fmt_str(&f, "tokens:");
        fmt_i64(&f, limit);
        read_rules(fmt_cstr(&f));
        kept = kept_of(span_str(text), 0, &seed, &rule);
        assert_string_equal(rule, "tokens");
        assert_true(text[kept] == ' ' && tokens_estimate(span_of(text, kept)) >= limit);
        while (kept > 0 && text[kept - 1] != ' ')
            kept--;
        assert_true(kept < 2 || tokens_estimate(span_of(text, kept - 1)) < limit);
    }
}

/* What waits to become a sentinel or the end of the last sentence is held back. */
static void test_held(void **state)
{
    (void)state;
    read_rules("sentinel:\"###\"");
    stop_start(&stop, &rules);
    assert_false(stop_feed(&stop, SPAN("ab##")));
    assert_true(stop.kept == 2);
    assert_false(stop_feed(&stop, SPAN("c#")));
    assert_true(stop.kept == 5);
    assert_true(stop_feed(&stop, SPAN("##")) && stop.kept == 5);
    assert_true(stop_feed(&stop, SPAN("more")) && stop.kept == 5);
    read_rules("sentences:2");
    stop_start(&stop, &rules);
    assert_false(stop_feed(&stop, SPAN("One. Tw")));
    assert_true(stop.kept == 7);
    assert_false(stop_feed(&stop, SPAN("o.  ")));
    assert_true(stop.kept == 9);
    assert_true(stop_feed(&stop, SPAN("T")) && stop.kept == 9);
}

static void test_errors(void **state)
{
    static const char *const rows[][2] = {
        {"", "has a rule that is none of sentinel, pattern, label, sentences, json, code, loop, "
             "tokens, bytes"},
        {"nothing", "has a rule that is none of sentinel, pattern, label, sentences, json, code, "
                    "loop, tokens, bytes"},
        {"json,", "has a rule that is none of sentinel, pattern, label, sentences, json, code, "
                  "loop, tokens, bytes"},
        {"json loop", "has something behind a rule that is no comma"},
        {"json:1", "has something behind a rule that is no comma"},
        {"tokens", "has a rule without its value"},
        {"tokens:", "has a rule without its value"},
        {"sentinel:\"\"", "has a rule without its value"},
        {"tokens:0", "has a number that is none, or out of 1 to 1000000000"},
        {"tokens:x", "has a number that is none, or out of 1 to 1000000000"},
        {"bytes:1000000001", "has a number that is none, or out of 1 to 1000000000"},
        {"json, json", "has a rule twice"},
        {"pattern:/a/, label:b", "has both a pattern and labels"},
        {"pattern:a", "has a pattern that does not stand between two /"},
        {"pattern:/a", "has a / that is not closed"},
        {"pattern:/(a/", "is no pattern: a ( has no ) (at byte 2)"},
        {"sentinel:\"a", "has a \" that is not closed"},
        {"sentinel:\"a\\", "has a \" that is not closed"},
        {"sentinel:\"\\x\"", "has an escape that is none of \\n \\t \\\" \\\\"},
        {"sentinel:a,sentinel:b,sentinel:c,sentinel:d,sentinel:e",
         "has more than 4 sentinels, or one longer than 64 bytes"},
        {"sentinel:12345678901234567890123456789012345678901234567890123456789012345",
         "has more than 4 sentinels, or one longer than 64 bytes"},
    };
    char reason[256];
    char longer[300] = "sentinel:";
    struct fmt why;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fmt_init(&why, reason, sizeof(reason));
        assert_false(stop_rules_read(&rules, span_str(rows[i][0]), &why));
        assert_string_equal(fmt_cstr(&why), rows[i][1]);
    }
    memset(longer + 9, 'a', 201);
    fmt_init(&why, reason, sizeof(reason));
    assert_false(stop_rules_read(&rules, span_of(longer, 210), &why));
    assert_string_equal(fmt_cstr(&why), "has a value longer than 200 bytes");
    memcpy(longer, "label:", 6);
    memset(longer + 6, '.', 180);
    fmt_init(&why, reason, sizeof(reason));
    assert_false(stop_rules_read(&rules, span_of(longer, 186), &why));
    assert_string_equal(fmt_cstr(&why), "has labels that are too long");
}

/* Texts of what the rules look for, in any pieces. */
static void test_any_split_is_the_same(void **state)
{
    static const char *const pieces[] = {
        "###",  "#",        "```",          "`",       "\n", "\n\n", ". ",  "! ",
        "Dr. ", "word ",    "No",           "{\"a\":", "}",  "[1",   "]",   "END",
        "~~~",  "\xc3\xa9", "\xe3\x80\x82", "12",      "\"", " ",    "yes", "/",
    };
    static const char *const sets[] = {
        "sentinel:\"###\", sentinel:\"\\nEND\"",
        "pattern:/(yes|no)\\b|```$/, bytes:90",
        "label:yes|no, sentences:4",
        "tokens:20, code",
        "json, sentences:2, loop",
        "json, code, sentinel:\"#`\", tokens:9, bytes:70",
    };
    uint32_t seed = 77;
    int fired = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        char text[1000];
        struct fmt f;
        const char *rule;
        const char *again;
        uint64_t kept;

        read_rules(sets[(size_t)round % (sizeof(sets) / sizeof(sets[0]))]);
        fmt_init(&f, text, sizeof(text));
        for (uint32_t n = next_random(&seed) % 40; n > 0; n--)
            fmt_str(&f, pieces[next_random(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
        kept = kept_of(fmt_span(&f), 0, &seed, &rule);
        fired += rule != NULL;
        assert_true(kept <= f.len);
        for (uint32_t most = 1; most < 10; most += 2)
            if (kept_of(fmt_span(&f), most, &seed, &again) != kept || again != rule)
                fail_msg("'%.*s' in pieces of %u", (int)f.len, text, most);
    }
    assert_true(fired > 1000 && fired < 3000);
}

static void test_saved(void **state)
{
    struct stop_mean m = {0};

    (void)state;
    for (int i = 0; i < STOP_MEAN_LEAST - 1; i++)
        stop_mean_feed(&m, 100);
    assert_true(stop_saved(&m, 10, false) == 0); /* too few */
    stop_mean_feed(&m, 108);
    assert_true(stop_saved(&m, 10, false) == 91);
    assert_true(stop_saved(&m, 10, true) == 0);
    assert_true(stop_saved(&m, 101, false) == 0);
    assert_true(stop_saved(&m, 5000, false) == 0);
    for (int i = 0; i < 20 * STOP_MEAN_SPAN; i++)
        stop_mean_feed(&m, 1000);
    assert_in_range(stop_saved(&m, 0, false), 990, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_saved),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_any_split_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
