/* Passes over one text: what each takes out, and what none may touch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/compress_clean.h"
#include "policy/compress_context.h"
#include "policy/compress_passes.h"
#include "policy/compress_protect.h"
#include "policy/compress_repeat.h"
#include "policy/compress_select.h"
#include "policy/compress_stop.h"
#include "policy/compress_words.h"

enum { TEXT_BYTES = 200000 };

struct text_case {
    const char *in;
    const char *want; /* NULL: as it is */
};

static char text[TEXT_BYTES];
static struct select selection;

static void check_cases(size_t (*pass)(char *text, size_t len), const struct text_case *cases,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *want = cases[i].want != NULL ? cases[i].want : cases[i].in;
        /* Of exactly that size, so that a sanitizer sees a byte too far. */
        size_t len = strlen(cases[i].in);
        char *exact = malloc(len + 1);
        size_t got;

        memcpy(exact, cases[i].in, len);
        got = pass(exact, len);
        assert_true(got <= len);
        if (got != strlen(want) || memcmp(exact, want, got) != 0)
            fail_msg("case %zu: \"%.*s\" instead of \"%s\"", i, (int)got, exact, want);
        free(exact);
    }
}

#define CHECK_CASES(pass, cases) check_cases(pass, cases, sizeof(cases) / sizeof((cases)[0]))

/* ---- the list of passes ---- */

static bool parse(struct compress_passes *p, const char *list, char *why, size_t why_bytes)
{
    struct fmt f;
    bool ok;

    fmt_init(&f, why, why_bytes);
    ok = compress_passes_parse(p, span_str(list), &f);
    (void)fmt_cstr(&f);
    return ok;
}

static void test_passes(void **state)
{
    static const char *const bad[][2] = {
        {"white", "has no pass \"white\""},
        {"whitespace,", "has no pass \"\""},
        {"whitespace:3", "has an argument \"3\""},
        {"select", "has \"select:\" instead of"},
        {"select:0%", "instead of"},
        {"select:100%", "instead of"},
        {"select:50", "instead of"},
        {"select:0t", "instead of"},
        {"select:99999999t", "instead of"},
        {"select:50%, select:20%", "has select twice"},
        {"history:0", "needs a count"},
        {"examples:x", "needs a count"},
        {"summarize:", "needs a model's name"},
        {"safe:1", "has no pass"},
    };
    struct compress_passes p;
    char why[512];

    (void)state;
    assert_true(parse(&p, "", why, sizeof(why)));
    assert_int_equal(p.on, 0);
    assert_true(parse(&p, " off ", why, sizeof(why)));
    assert_int_equal(p.on, 0);
    assert_true(parse(&p, "safe, whitespace, select:50% ,examples:0,history:8,summarize:m", why,
                      sizeof(why)));
    assert_true(compress_passes_has(&p, COMPRESS_HTML));
    assert_false(compress_passes_has(&p, COMPRESS_STOPWORDS));
    assert_int_equal(p.select_milli, 500);
    assert_int_equal(p.select_tokens, 0);
    assert_int_equal(p.examples, 0);
    assert_int_equal(p.history_turns, 8);
    assert_string_equal(p.summarize_model, "m");
    assert_true(parse(&p, "select:2000t,stopwords", why, sizeof(why)));
    assert_int_equal(p.select_tokens, 2000);
    assert_int_equal(p.select_milli, 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(parse(&p, bad[i][0], why, sizeof(why)));
        if (strstr(why, bad[i][1]) == NULL)
            fail_msg("%s: %s", bad[i][0], why);
    }
    for (unsigned i = 0; i < COMPRESS_PASSES; i++)
        assert_true(compress_pass_name((enum compress_pass)i)[0] != '\0');
}

/* ---- protected spans ---- */

static void test_protected(void **state)
{
    static const struct {
        const char *text;
        size_t end;
        enum protect_kind kind;
    } cases[] = {
        {"```c\nx  = 1;\n```\nrest", 16, PROTECT_FENCE},
        {"   ~~~\na\n~~~~ \nrest", 14, PROTECT_FENCE},
        {"````\n```\n````", 13, PROTECT_FENCE},
        {"```\nno end", 10, PROTECT_FENCE},
        {"`x  y` z", 6, PROTECT_CODE},
        {"``a ` b``", 0, PROTECT_NONE}, /* a run of another length comes first */
        {"`no end", 0, PROTECT_NONE},
        {"https://a.example/x?y=%20z. And", 27, PROTECT_URL},
        {"<http://x>", 0, PROTECT_NONE},
        {"\"the  word\" is", 11, PROTECT_QUOTE},
        {"\"opens only", 0, PROTECT_NONE},
        {"\"\" x", 0, PROTECT_NONE},
        {"\"a\"b\"", 0, PROTECT_NONE},
        {"'single  one', he", 13, PROTECT_QUOTE},
        {"'s late' x", 8, PROTECT_QUOTE},
        {"\u201ccurly  one\u201d he", 16, PROTECT_QUOTE},
        {"\u201copens \u201cagain", 0, PROTECT_NONE},
        {"plain", 0, PROTECT_NONE},
    };
    enum protect_kind kind;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t end = protect_end(span_str(cases[i].text), 0, &kind);

        if (end != cases[i].end || kind != cases[i].kind)
            fail_msg("%s: %zu %d", cases[i].text, end, kind);
    }
    /* A paragraph in quotes is a block, not a quotation. */
    memset(text, 'a', 200);
    text[0] = '"';
    text[199] = '"';
    assert_int_equal(protect_end(span_of(text, 200), 0, &kind), 0);
    memcpy(text + 200, " said he", 8);
    assert_int_equal(protect_end(span_of(text, 208), 0, &kind), 200);
    assert_true(protect_hash(SPAN("a 12 b")) == protect_hash(SPAN("c 1 2")));
    assert_true(protect_hash(SPAN("a 12 b")) != protect_hash(SPAN("a 13 b")));
    assert_true(protect_hash(SPAN("a `x  y`")) != protect_hash(SPAN("a `x y`")));
}

/* ---- free passes ---- */

static void test_whitespace(void **state)
{
    static const struct text_case cases[] = {
        {"", NULL},
        {"one two", NULL},
        {"  indented", NULL},
        {"one  two   three", "one two three"},
        {"one\t\ttwo", "one\ttwo"},
        {"one  \ntwo\t\n", "one\ntwo"},
        {"\n\n\none\n\n\n\ntwo\n \n\t\nthree\n\n", "one\n\ntwo\n\nthree"},
        {"one\r\ntwo\r\n", "one\ntwo"},
        {"- a  b\n  - c  d", "- a b\n  - c d"},
        {"    code  = 1  \n    x  y", "    code  = 1\n    x  y"},
        {"a  `x  y`  b", "a `x  y` b"},
        {"a\n```\nx  y\n\n\n\nz  \n```\n\n\n\nb  c", "a\n```\nx  y\n\n\n\nz  \n```\n\nb c"},
        {"say \"a  b\"  now", "say \"a  b\" now"},
        {" \n \n", ""},
    };

    (void)state;
    CHECK_CASES(clean_whitespace, cases);
}

static void test_html(void **state)
{
    static const struct text_case cases[] = {
        {"a < b and c > d", NULL},
        {"<context>kept</context><input>too</input>", NULL},
        {"<b>bold</b> <i class=x>it</i>", "bold it"},
        {"<p>one</p><p>two</p>", "one\ntwo"},
        {"<td>1</td><td>2</td>", "1 2"},
        {"one<br/>two<BR>three", "one\ntwo\nthree"},
        {"a<!-- gone\n -->b", "ab"},
        {"a<!-- no end <!-- again", NULL},
        {"<a href=\"https://x.example/\">x</a>", "<a href=\"https://x.example/\">x"},
        {"x<script>var a = '<b>';</script>y", "xy"},
        {"x<style>p { }</style>y<script>no end", "xy<script>no end"},
        {"`<b>` and\n```\n<b>\n```", NULL},
        {"<b", NULL},
        {"<b<b<b>x", "<b<bx"},
    };

    (void)state;
    CHECK_CASES(clean_html, cases);
}

static void test_json(void **state)
{
    static const struct text_case cases[] = {
        {"{ \"a\" : [ 1, 2 ],\n \"b\" : \"x  \\\" y\" }", "{\"a\":[1,2],\"b\":\"x  \\\" y\"}"},
        {"Data:\n[ 1 ,\n 2 ]\n\nafter  it", "Data:\n[1,2]\n\nafter  it"},
        {"{ \"a\" : 1 } and more", NULL},
        {"[1] a source\n[2] another", NULL},
        {"{ \"a\" : }", NULL},
        {"{ 'a' : 1 }\n{ \"a\" : 1 }", "{ 'a' : 1 }\n{\"a\":1}"},
        {"```\n{ \"a\" : 1 }\n```", NULL},
        {"{\n{\n{\n{\n", NULL},
        {"{ \"a\" : \"\\\\\" , \"b\" : 1 }", "{\"a\":\"\\\\\",\"b\":1}"},
    };

    (void)state;
    CHECK_CASES(clean_json, cases);
}

static const struct span own_phrases[] = {{"Kind regards", 12}, {"-- sent by phone", 16}};

static size_t boilerplate(char *s, size_t len)
{
    const struct clean_phrases more = {own_phrases, 2};

    return clean_boilerplate(s, len, &more);
}

static void test_boilerplate(void **state)
{
    static const struct text_case cases[] = {
        {"Please note that the door is shut.", "The door is shut."},
        {"We did it in order to win.", "We did it to win."},
        {"In order to win, DUE TO THE FACT THAT it rained.", "To win, Because it rained."},
        {"kindness in ordering", NULL},
        {"Bye. kind regards -- sent by phone", "Bye.  "},
        {"Kind regardss", NULL},
        {"say \"in order to x\" `in order to x`", NULL},
        {"Please note that `x` is", "`x` is"},
    };

    (void)state;
    CHECK_CASES(boilerplate, cases);
    assert_int_equal(clean_boilerplate(strcpy(text, "kind regards"), 12, NULL), 12);
}

#define LONG_A "A paragraph that is long enough to be remembered when it comes a second time."
#define LONG_B "Another one, which says something else, and is just as long as the first one is."

static size_t repeat(struct repeat_seen *seen, const char *in)
{
    seen->text++;
    strcpy(text, in);
    return repeat_paragraphs(seen, text, strlen(in));
}

static void test_paragraphs(void **state)
{
    static struct repeat_seen seen;
    size_t len;

    (void)state;
    memset(&seen, 0, sizeof(seen));
    len = repeat(&seen, LONG_A "\n\n" LONG_B "\n\n" LONG_A "\n\nshort\n\nshort");
    assert_int_equal(len, strlen(LONG_A "\n\n" LONG_B "\n\nshort\n\nshort"));
    assert_memory_equal(text, LONG_A "\n\n" LONG_B "\n\nshort\n\nshort", len);
    len = repeat(&seen, "Again:\n\n" LONG_B "\n\nend");
    assert_memory_equal(text, "Again:\n\n[as above]\n\nend", len);
    assert_int_equal(len, 23);
    len = repeat(&seen, "```\n" LONG_A "\n\n" LONG_A "\n```");
    assert_int_equal(len, strlen("```\n" LONG_A "\n\n" LONG_A "\n```"));
    /* A full table forgets no promise: what it does not know stays. */
    for (int i = 0; i < 3000; i++) {
        char paragraph[128];

        snprintf(paragraph, sizeof(paragraph), "%d " LONG_A, i);
        assert_int_equal(repeat(&seen, paragraph), strlen(paragraph));
    }
    assert_true(seen.used < REPEAT_SLOTS);
}

static void test_noise(void **state)
{
    static const struct text_case cases[] = {
        {"12:00:01 link down on port 3\n12:00:02 link down on port 3\n"
         "12:00:03 link down on port 3\n12:00:04 link down on port 3\nup",
         "12:00:01 link down on port 3\n[3 more lines like this]\nup"},
        {"12:00:01 port 3 is down\n12:00:02 port 4 is down\n12:00:03 port 5 is down\n"
         "12:00:04 port 6 is down\n",
         NULL},
        {"retry failed\nretry failed\nretry failed\n", NULL},
        {"0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n0,0,0\n", NULL},
        {"```\nretry failed\nretry failed\nretry failed\nretry failed\nretry failed\n```", NULL},
    };
    size_t len;

    (void)state;
    CHECK_CASES(repeat_noise, cases);
    strcpy(text, "image: ");
    for (size_t i = 7; i < 307; i++)
        text[i] = "iVBORw0KGgo"[i % 11];
    strcpy(text + 307, " end");
    len = repeat_noise(text, 311);
    assert_int_equal(len, 7 + 32 + strlen("[268 bytes cut]") + 4);
    assert_memory_equal(text + 39, "[268 bytes cut] end", 19);
    /* Over lines, as in mail. */
    for (size_t i = 0; i < 5 * 77; i++)
        text[i] = i % 77 == 76 ? '\n' : "iVBORw0KGgoX9"[i % 13];
    assert_true(repeat_noise(text, 5 * 77) < 60);
    memset(text, 'a', 1000); /* a word is no base64 */
    assert_int_equal(repeat_noise(text, 1000), 1000);
}

static size_t examples(char *s, size_t len)
{
    return repeat_examples(s, len, 1, false);
}

static size_t examples_last(char *s, size_t len)
{
    return repeat_examples(s, len, 1, true);
}

static void test_examples(void **state)
{
    static const struct text_case all[] = {
        {"Sort.\n\nQ: a\nA: b\n\nQ: c\nA: d\n\nQ: e\nA: f\n\nNow you.",
         "Sort.\n\nQ: a\nA: b\n\nNow you."},
        {"Format: x\n\nExample 1: a\n\nOutput: b\n\nExample 2: c\n\nOutput: d\n\nGo.",
         "Format: x\n\nExample 1: a\n\nOutput: b\n\nGo."},
        {"Q: a\n\nno more", NULL},
        {"no labels\n\nat all", NULL},
        {"Document 1: a\n\nDocument 2: b\n\nDocument 3: c", NULL},
    };
    static const struct text_case last[] = {
        {"Q: a\nA: b\n\nQ: c\nA: d\n\nQ: what?\nA:", "Q: a\nA: b\n\nQ: what?\nA:"},
        {"Q: a\nA: b\n\nQ: what?\nA:", NULL},
    };

    (void)state;
    CHECK_CASES(examples, all);
    CHECK_CASES(examples_last, last);
}

/* ---- stop words ---- */

static size_t stop_words(char *s, size_t len)
{
    struct context c;

    context_whole(&c, span_of(s, len), SPAN_EMPTY);
    return stop_words_remove(s, len, &c);
}

static void test_stop_words(void **state)
{
    static const struct text_case cases[] = {
        {"The cat sat on the mat.", "cat sat mat."},
        {"He did not see it, and left.", "not see, left."},
        {"No one is without a number", "No one without number"},
        {"It rose from 5 to 10 by 3.", "rose from 5 to 10 by 3."},
        {"in 2003", "2003"},
        {"by $5, by \u20ac5, by -5", NULL},
        {"the IT of the US and WHO", "IT US WHO"},
        {"told Will of The Hague", "told Will The Hague"},
        {"became stronger.The cops left", "became stronger. cops left"},
        {"say \"to be or not to be\" to `the code` at https://the.of/in", //
         "say \"to be or not to be\" `the code` https://the.of/in"},
        {"it isn't (the end)", "isn't (end)"},
        {"    the code is\nthe text", "    the code is\ntext"},
        {"the\nof\n\nin", "\n\n\n"},
    };

    (void)state;
    CHECK_CASES(stop_words, cases);
    assert_false(words_is_stop(SPAN("not")));
    assert_false(words_is_stop(SPAN("never")));
    assert_false(words_is_stop(SPAN("or")));
    assert_false(words_is_stop(SPAN("th")));
    assert_true(words_is_stop(SPAN("THE")));
    assert_false(words_is_stop(SPAN_EMPTY));
}

/* ---- context ---- */

#define PASSAGE                                                                                    \
    "The Battle of Hastings was fought on 14 October 1066. It was a fight between the "            \
    "Norman-French army of William and an English army under Harold. It began the Norman "         \
    "conquest of England."

static void test_context(void **state)
{
    static const struct {
        const char *before;
        const char *behind;
        const char *question;
    } cases[] = {
        {"Given the following passage\n\n\"", "\",\n\nanswer it.\n\nQuestion: who won?\n",
         "who won?"},
        {"Question: who won?\nIf there is no answer, say \"none\".\nContext: ", "\n",
         "who won?\nIf there is no answer, say \"none\"."},
        {"Who won?\n\nAnswer the above question based on this:\n\n", "", "Who won?"},
        {"Question: \"who won\"\n\nContext: \"", "\"\n\nAnswer:\n", "\"who won\""},
        {"", " Who won?", "Who won?"},
        {"Summarize this:\n\n", "", "Summarize this:"},
        {"Passage:\n", "\n\nWho won?", "Who won?"},
    };
    struct context c;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span all;

        snprintf(text, sizeof(text), "%s%s%s", cases[i].before, PASSAGE, cases[i].behind);
        if (i == 4) /* long enough to be more than a question with its reasons */
            snprintf(text, sizeof(text), "%s %s %s %s%s", PASSAGE, PASSAGE, PASSAGE, PASSAGE,
                     cases[i].behind);
        all = span_str(text);
        context_find(&c, all, SPAN_EMPTY);
        if (c.count != 1)
            fail_msg("case %zu: %zu blocks", i, c.count);
        assert_int_equal(c.blocks[0].from, strlen(cases[i].before));
        if (i != 4)
            assert_int_equal(c.blocks[0].end, strlen(cases[i].before) + strlen(PASSAGE));
        assert_int_equal(c.question.len, strlen(cases[i].question));
        assert_memory_equal(c.question.ptr, cases[i].question, c.question.len);
    }
    context_find(&c, SPAN("What is two and two?"), SPAN_EMPTY);
    assert_int_equal(c.count, 0);
    context_find(&c,
                 span_str("Please write a long poem about the sea, the wind and the old town "
                          "that lies between them, with many verses and a chorus that comes "
                          "again, and do it well."),
                 SPAN_EMPTY);
    assert_int_equal(c.count, 0);
    context_find(&c, SPAN_EMPTY, SPAN_EMPTY);
    assert_int_equal(c.count, 0);
    context_whole(&c, SPAN("{\"a\": 1}"), SPAN_EMPTY);
    assert_int_equal(c.count, 0);
}

/* ---- sentences ---- */

static void test_sentences(void **state)
{
    static const char in[] =
        "Mr. J. R. Smith of the U.S. Army left. \"Why? Why?\" he asked. He paid 3.50 for it!| "
        "No.|\n\n"
        "A line\nthat goes on.| - next item\n|- last e.g. one;\n|became stronger.|The cops left.| "
        "\u4f60\u597d\u3002|\u518d\u89c1\u3002|```\na. B. c\n```\n|End";
    size_t from = 0;
    size_t len = 0;
    bool fence;

    (void)state;
    (void)from;
    /* The bars say where sentences end; they are no part of the text. */
    for (size_t i = 0; in[i] != '\0'; i++)
        if (in[i] != '|')
            text[len++] = in[i];
    assert_int_equal(select_sentence_end(span_of(text, len), 0, &fence),
                     strlen("Mr. J. R. Smith of the U.S. Army left. "));
    from = strlen("Mr. J. R. Smith of the U.S. Army left. ");
    assert_int_equal(select_sentence_end(span_of(text, len), from, &fence) - from,
                     strlen("\"Why? Why?\" he asked. "));
    from = (size_t)(strstr(text, "became") - text);
    assert_int_equal(select_sentence_end(span_of(text, len), from, &fence) - from,
                     strlen("became stronger."));
    from = (size_t)(strstr(text, "A line") - text);
    assert_int_equal(select_sentence_end(span_of(text, len), from, &fence) - from,
                     strlen("A line\nthat goes on. "));
    from = (size_t)(strstr(text, "\u4f60") - text);
    assert_int_equal(select_sentence_end(span_of(text, len), from, &fence) - from, 9);
    from = (size_t)(strstr(text, "\u518d") - text);
    assert_int_equal(select_sentence_end(span_of(text, len), from, &fence) - from, 9);
    text[len++] = '\n';
    strcpy(text + len, "```\na. B. c\n```\nEnd");
    assert_int_equal(select_sentence_end(span_str(text + len), 0, &fence), 16);
    assert_true(fence);
}

static size_t choose(const char *in, const char *question, uint32_t milli, bool rules)
{
    const struct select_target target = {milli, 0, rules};
    struct context c;
    size_t len = strlen(in);

    strcpy(text, in);
    context_whole(&c, span_of(text, len), span_str(question));
    len = select_sentences(&selection, text, len, &c, &target);
    text[len] = '\0';
    assert_int_equal(c.blocks[0].end, len);
    return len;
}

static void test_select(void **state)
{
    static const char in[] = "Cats sleep a lot. The river Ems is 371 km long. Dogs bark at night. "
                             "Birds sing early. Fish swim in it.";

    (void)state;
    (void)choose(in, "How long is the river?", 300, false);
    assert_string_equal(text, "The river Ems is 371 km long. ");
    /* What the question names stays, whatever the target. */
    (void)choose("Ann met Bob. The sun shone. It was 1999 then. He had no hat. They ate.",
                 "Did Bob not eat in 1999?", 10, false);
    assert_string_equal(text, "Ann met Bob. It was 1999 then. He had no hat. ");
    /* A name that is everywhere picks nothing out. */
    (void)choose("Bob came. Bob ate soup. Bob left. Bob slept.", "What did the man Bob eat?", 250,
                 false);
    assert_true(strlen(text) < 30);
    /* Without a question, order is kept and something goes. */
    assert_true(choose(in, "", 500, false) < strlen(in));
    (void)choose("Be nice to all people here. You must not swear. The weather is fine today. "
                 "Birds sing.",
                 "", 10, true);
    assert_string_equal(text, "You must not swear. ");
    (void)choose("One thing is so. ```\nfence\n``` Then that.\n```\nx. Y. z\n```\nEnd of it.",
                 "thing?", 100, false);
    assert_non_null(strstr(text, "```\nx. Y. z\n```\n"));
    assert_int_equal(choose("", "x", 500, false), 0);
}

/* What is said twice is taken once, while there is something new. */
static void test_select_redundant(void **state)
{
    (void)state;
    (void)choose("The river Ems is long and deep. The river Ems is long and deep. "
                 "Many fish live in the river near its mouth.",
                 "What of the river?", 700, false);
    assert_string_equal(text, "The river Ems is long and deep. "
                              "Many fish live in the river near its mouth.");
}

/* More sentences than there is room for, and one without an end. */
static void test_select_large(void **state)
{
    char *in = malloc(TEXT_BYTES);
    size_t len = 0;

    (void)state;
    while (len + 16 < TEXT_BYTES / 2) {
        memcpy(in + len, "A b. C d. E f. \n", 16);
        len += 16;
    }
    in[len] = '\0';
    assert_true(choose(in, "f", 500, false) < len);
    assert_true(selection.count <= SELECT_SENTENCES_MAX);
    memset(in, 'a', len);
    assert_int_equal(choose(in, "f", 500, false), len); /* one sentence stays */
    free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),       cmocka_unit_test(test_protected),
        cmocka_unit_test(test_whitespace),   cmocka_unit_test(test_html),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_boilerplate),
        cmocka_unit_test(test_paragraphs),   cmocka_unit_test(test_noise),
        cmocka_unit_test(test_examples),     cmocka_unit_test(test_stop_words),
        cmocka_unit_test(test_context),      cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_select),       cmocka_unit_test(test_select_redundant),
        cmocka_unit_test(test_select_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
