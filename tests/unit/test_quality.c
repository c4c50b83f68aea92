/* Each check of an answer by small cases, and how they make a score. */
#include <string.h>

#include "cm.h"
#include "config/read.h"
#include "policy/arithmetic.h"
#include "policy/judge.h"
#include "policy/language.h"
#include "policy/logistic.h"
#include "policy/quality.h"

static struct quality_work work;
static struct quality_request request;

/* A case: what is asked, what is answered, and what one check or the score is then. */
struct row {
    const char *request; /* NULL = none */
    const char *question;
    const char *answer;
    const char *finish;
    const char *calls;
};

static struct quality score(const struct row *r, const struct check_settings *settings,
                            bool partial)
{
    struct quality_input in = {.judge = QUALITY_NONE, .agree = QUALITY_NONE, .partial = partial};
    struct quality q;

    if (r->request != NULL) {
        assert_true(quality_request_read(&request, span_str(r->request), &work));
        in.request = &request;
    }
    in.question = span_str(r->question != NULL ? r->question : "");
    in.answer = span_str(r->answer != NULL ? r->answer : "");
    in.finish = span_str(r->finish != NULL ? r->finish : "");
    in.calls = span_str(r->calls != NULL ? r->calls : "");
    quality_score(&q, &in, settings, &work);
    return q;
}

static void expect(const struct row *r, enum check check, int want)
{
    struct quality q = score(r, NULL, false);

    if (q.checks[check] != want)
        fail_msg("%s: check %s is %d", r->answer != NULL ? r->answer : r->calls, check_names[check],
                 q.checks[check]);
}

static void expect_score(const struct row *r, int least, int most)
{
    struct quality q = score(r, NULL, false);

    if (q.score < least || q.score > most)
        fail_msg("%s: score %d", r->answer != NULL ? r->answer : r->calls, q.score);
}

#define PROSE                                                                                      \
    "The Rhine begins in the Swiss Alps. It flows north through Germany and reaches the North "    \
    "Sea in the Netherlands. On its way it passes Basel, Strasbourg, Mainz, Cologne and "          \
    "Rotterdam, which has the largest port of the continent"

static void test_defaults(void **state)
{
    static const struct row fine[] = {
        {NULL, "What is the capital of France?", "Paris.", "stop", NULL},
        {NULL, "Where does the Rhine flow?", PROSE ".", "stop", NULL},
        {NULL, "Write a loop in C", "```c\nfor (int i = 0; i < 3; i++) {\n    f(i);\n}\n```",
         "stop", NULL},
        {NULL, "Wo liegt Bern?", "Bern liegt in der Schweiz, auf einer Halbinsel der Aare.", NULL,
         NULL},
        {NULL, "\u5df4\u9ece\u5728\u54ea\u91cc\uff1f", "\u5df4\u9ece\u5728\u6cd5\u56fd\u3002", NULL,
         NULL},
        {NULL, "I have 3 apples and eat 2. How many are left?",
         "3 - 2 = 1. One apple is left, so the answer is 1.", NULL, NULL},
        {"{\"response_format\":{\"type\":\"json_object\"}}", "Give me JSON", "{\"a\":[1,2]}",
         "stop", NULL},
        {NULL, "List three colours", "- red\n- green\n- blue", "stop", NULL},
    };
    static const struct row wrong[] = {
        {NULL, "What is a cat?", "", NULL, NULL},
        {NULL, "What is a cat?", " \n\n ", NULL, NULL},
        {NULL, "What is a cat?", "Overloaded", NULL, NULL},
        {"{\"response_format\":{\"type\":\"json_object\"}}", "JSON", "{\"a\":[1,2]", NULL, NULL},
        {"{\"response_format\":{\"type\":\"json_object\"}}", "JSON", "Here it is: {}", NULL, NULL},
    };
    static const struct row cut = {NULL, "Where does the Rhine flow?", PROSE, NULL, NULL};
    static const struct row length = {NULL, "Where?", "It flows north.", "length", NULL};
    static const struct row refusal = {NULL, "How?", "I'm sorry, I can't help with that.", NULL,
                                       NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        expect_score(&fine[i], 900, 1000);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        expect_score(&wrong[i], 0, 0);
    expect_score(&cut, 1, 599);
    expect_score(&length, 1, 599);
    expect_score(&refusal, 1, 499);
}

static void test_text_checks(void **state)
{
    static const struct {
        struct row row;
        enum check check;
        int want;
    } rows[] = {
        {{NULL, NULL, "It stops in the", NULL, NULL}, CHECK_CUT, 0},
        {{NULL, NULL, "x = (", NULL, NULL}, CHECK_CUT, 0},
        {{NULL, NULL, "Paris", NULL, NULL}, CHECK_CUT, 1000},
        {{NULL, NULL, PROSE, NULL, NULL}, CHECK_CUT, 0},
        {{NULL, NULL, PROSE ".", NULL, NULL}, CHECK_CUT, 1000},
        {{NULL, NULL, PROSE ".\n\nSincerely,\nJane", NULL, NULL}, CHECK_CUT, 1000},
        {{"{\"stop\":\"\\n\"}", NULL, PROSE, NULL, NULL}, CHECK_CUT, QUALITY_NONE},
        {{NULL, NULL, "a", "stop", NULL}, CHECK_FINISH, 1000},
        {{NULL, NULL, "a", "length", NULL}, CHECK_FINISH, 0},
        {{NULL, NULL, "a", "content_filter", NULL}, CHECK_FINISH, 0},
        {{"{\"max_tokens\":5}", NULL, "a", "length", NULL}, CHECK_FINISH, 700},
        {{"{\"max_tokens\":5}", NULL, "a", "max_tokens", NULL}, CHECK_FINISH, 700},
        {{NULL, NULL, "```\nint main() {\n```", NULL, NULL}, CHECK_BALANCE, 1000},
        {{NULL, NULL, "```\nif (a) { if (b) { f(\n```", NULL, NULL}, CHECK_BALANCE, 500},
        {{NULL, NULL, "```\nputs(\"{{{\");\n```", NULL, NULL}, CHECK_BALANCE, 1000},
        {{NULL, NULL, "```\nint x;", NULL, NULL}, CHECK_BALANCE, 0},
        {{NULL, NULL, "no code", NULL, NULL}, CHECK_BALANCE, QUALITY_NONE},
        {{NULL, NULL, "I'm not sure, maybe 1912.", NULL, NULL}, CHECK_HEDGE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(&rows[i].row, rows[i].check, rows[i].want);
}

static void test_echo_and_loop(void **state)
{
    static char loop[8192];
    struct row r = {NULL, NULL, loop, NULL, NULL};
    struct row echo = {NULL, PROSE, " " PROSE "\n", NULL, NULL};

    (void)state;
    for (int i = 0; i < 60; i++)
        strcat(loop, "and then he went back home again, ");
    expect(&r, CHECK_LOOP, 0);
    expect_score(&r, 0, 0);
    expect(&echo, CHECK_EMPTY, 0);
}

static void test_languages(void **state)
{
    static const char german[] = "Der Rhein entspringt in den Schweizer Alpen und ist einer der "
                                 "Fl\u00fcsse, die nach Norden "
                                 "flie\u00dfen; er ist f\u00fcr die Schifffahrt von gro\u00dfer "
                                 "Bedeutung und nicht nur f\u00fcr sie.";
    static const char french[] =
        "Le Rhin est un fleuve qui prend sa source dans les Alpes suisses, "
        "et il se jette dans la mer du Nord, que les bateaux traversent.";
    static const char spanish[] =
        "El r\u00edo es uno de los m\u00e1s largos que hay en el pa\u00eds y se usa "
        "para la navegaci\u00f3n, lo que es muy importante por su caudal.";
    static const char chinese[] =
        "\u83b1\u8335\u6cb3\u53d1\u6e90\u4e8e\u745e\u58eb\u963f\u5c14\u5351\u65af\u5c71\uff0c"
        "\u5411\u5317\u6d41\u7ecf\u5fb7\u56fd\uff0c\u6700\u540e\u5728\u8377\u5170\u6ce8\u5165\u5317"
        "\u6d77\u3002";
    struct language_facts l;

    (void)state;
    language_read(&l, span_str(PROSE));
    assert_int_equal(l.best, LANGUAGE_ENGLISH);
    language_read(&l, span_str(german));
    assert_int_equal(l.best, LANGUAGE_GERMAN);
    language_read(&l, span_str(french));
    assert_int_equal(l.best, LANGUAGE_FRENCH);
    language_read(&l, span_str(spanish));
    assert_int_equal(l.best, LANGUAGE_SPANISH);
    language_read(&l, span_str(chinese));
    assert_int_equal(l.best, LANGUAGE_CHINESE);
    language_read(&l,
                  span_str("\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3001\u4eba"
                           "\u53e3\u304c\u6700\u3082\u591a\u3044\u90fd\u5e02\u3067\u3059\u3002"));
    assert_int_equal(l.best, LANGUAGE_JAPANESE);
    language_read(&l, span_str("\uc11c\uc6b8\uc740 \ud55c\uad6d\uc758 \uc218\ub3c4\uc774\uba70 "
                               "\uac00\uc7a5 \ud070 \ub3c4\uc2dc\uc785\ub2c8\ub2e4."));
    assert_int_equal(l.best, LANGUAGE_KOREAN);
    language_read(&l, span_str("42"));
    assert_int_equal(l.best, LANGUAGE_NONE);
    assert_true(language_differs(
        span_str("Where does the river Rhine flow, and what is its length?"), span_str(german)));
    assert_true(language_differs(
        span_str("Where does the river Rhine flow, and what is its length?"), span_str(chinese)));
    assert_true(language_differs(span_str(chinese), span_str(PROSE)));
    assert_false(language_differs(span_str("Translate to German: the river is long and it is wide"),
                                  span_str(german)));
    assert_false(language_differs(span_str(german), span_str(german)));
    assert_false(language_differs(span_str("Rhine?"), span_str(german)));
    assert_false(language_differs(span_str("SELECT a FROM b"), span_str(PROSE)));
}

static void test_expressions(void **state)
{
    static const struct {
        const char *text;
        int64_t want; /* -1: none */
    } rows[] = {
        {"1 + 2 * 3", 70000},
        {"(1 + 2) * 3", 90000},
        {"10 / 4", 25000},
        {"$1,200.50 - 0.5", 12000000},
        {"50%", 5000},
        {"20% * 50", 100000},
        {"2 x 3 \u00d7 4", 240000},
        {"9 \u00f7 3", 30000},
        {"-3 + 5", 20000},
        {"1 / 3", 3333},
        {"1 / 0", -1},
        {"1 +", -1},
        {"(1", -1},
        {"1)", -1},
        {"", -1},
        {"1 2", -1},
        {"a + 1", -1},
        {"999999999999 * 999999999999", -1},
        {"((((((((((((((((((1))))))))))))))))))", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = -1;

        if (arithmetic_value(span_str(rows[i].text), &value) != (rows[i].want != -1) ||
            value != rows[i].want)
            fail_msg("%s is %d", rows[i].text, (int)value);
    }
}

#define ASKED "A box holds 12 eggs. Tom buys 3 boxes and breaks 5 eggs. How many eggs are whole?"

static void test_maths(void **state)
{
    static const struct {
        const char *answer;
        enum arithmetic_fact fact;
        int want;
    } rows[] = {
        {"12 * 3 = 36. 36 - 5 = 31.\n#### 31", FACT_WRONG, 0},
        {"12 * 3 = 36. 36 - 5 = 32.\n#### 32", FACT_WRONG, 1},
        {"12 * 3 = <<12*3=35>>35. 35 - 5 = $30.\n#### 30", FACT_WRONG, 2},
        {"12 * 3 = 36. 36 - 5 = 31.\n#### 31", FACT_UNREACHED, 0},
        {"12 * 3 = 36.\n#### 36", FACT_UNREACHED, 1},
        {"12 * 3 = 36.\n#### 36", FACT_UNUSED, 1},
        {"12 * 3 = 36.\n#### 31", FACT_NOT_COMPUTED, 1},
        {"36 / 5 = 7.2\n#### 7.2", FACT_DECIMAL, 2},
        {"5 - 12 = -7\n#### -7", FACT_NOT_ABOVE_0, 1},
        {"12 * 3 = <<12*3=36>>36. Then", FACT_CUT, 1},
        {"12 * 3 = <<12*3", FACT_CUT, 1},
        {"12 * 3 = <<12*3=36>>36.", FACT_NO_ANSWER, 1},
        {"Many of them are.", FACT_NO_ANSWER, 1},
        {"31 eggs.", FACT_NO_ANSWER, 0},
        {"However, it is not possible to tell: 31", FACT_HEDGE, 1},
    };
    struct arithmetic a;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        arithmetic_read(&a, span_str(ASKED), span_str(rows[i].answer));
        assert_true(a.wants_number);
        if (a.facts[rows[i].fact] != rows[i].want)
            fail_msg("%s: fact %d is %d", rows[i].answer, (int)rows[i].fact, a.facts[rows[i].fact]);
    }
    arithmetic_read(&a, span_str(ASKED), span_str("12 * 3 = 36, 36 - 5 = 31. The answer is 31."));
    assert_in_range(arithmetic_score(&a), 950, 1000);
    arithmetic_read(&a, span_str("Who was born in 1809?"), span_str("Darwin and Lincoln."));
    assert_int_equal(arithmetic_score(&a), -1);
    arithmetic_read(&a, span_str("Hi"), span_str("Note that 2 + 2 = 5."));
    assert_in_range(arithmetic_score(&a), 1, 960);
}

static void test_agreement(void **state)
{
    (void)state;
    assert_int_equal(
        quality_agreement(span_str(ASKED), span_str("So 31."), span_str("It is 31 eggs")), 1000);
    assert_int_equal(quality_agreement(span_str(ASKED), span_str("31"), span_str("36")), 0);
    assert_int_equal(quality_agreement(span_str("Which?"), span_str("Sports."), span_str("sports")),
                     1000);
    assert_int_equal(quality_agreement(span_str("Which?"), span_str(PROSE), span_str("x")),
                     QUALITY_NONE);
}

#define FORMAT                                                                                     \
    "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{"  \
    "\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}}}}"
#define TOOLS                                                                                      \
    "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get\",\"parameters\":{"           \
    "\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}" \
    "}"                                                                                            \
    "},{\"type\":\"function\",\"function\":{\"name\":\"now\"}}],\"tool_choice\":\"required\"}"
#define CALL(name, arguments)                                                                      \
    "[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"" name                          \
    "\",\"arguments\":\"" arguments "\"}}]"

static void test_forms(void **state)
{
    static const struct {
        struct row row;
        enum check check;
        int want;
    } rows[] = {
        {{FORMAT, NULL, "{\"a\":1}", NULL, NULL}, CHECK_SCHEMA, 1000},
        {{FORMAT, NULL, "{\"a\":\"1\"}", NULL, NULL}, CHECK_SCHEMA, 0},
        {{FORMAT, NULL, "{}", NULL, NULL}, CHECK_SCHEMA, 0},
        {{FORMAT, NULL, "{\"a\":1", NULL, NULL}, CHECK_JSON, 0},
        {{"{\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"array\"}}}}",
          NULL, "{}", NULL, NULL},
         CHECK_SCHEMA,
         0},
        {{"{\"response_format\":{\"type\":\"text\"}}", NULL, "text", NULL, NULL},
         CHECK_JSON,
         QUALITY_NONE},
        {{TOOLS, NULL, NULL, NULL, CALL("get", "{\\\"city\\\":\\\"Bern\\\"}")}, CHECK_TOOLS, 1000},
        {{TOOLS, NULL, NULL, NULL, CALL("get", "{\\\"town\\\":\\\"Bern\\\"}")}, CHECK_TOOLS, 0},
        {{TOOLS, NULL, NULL, NULL, CALL("get", "{\\\"city\\\":1}")}, CHECK_TOOLS, 0},
        {{TOOLS, NULL, NULL, NULL, CALL("get", "{\\\"city\\\":")}, CHECK_TOOLS, 0},
        {{TOOLS, NULL, NULL, NULL, CALL("put", "{}")}, CHECK_TOOLS, 0},
        {{TOOLS, NULL, NULL, NULL, CALL("now", "")}, CHECK_TOOLS, 1000},
        {{TOOLS, NULL, "It is sunny.", NULL, NULL}, CHECK_TOOLS, 0},
        {{"{}", NULL, NULL, NULL, CALL("get", "{}")}, CHECK_TOOLS, 0},
        {{"{\"tools\":[{\"name\":\"get\",\"input_schema\":{\"required\":[\"city\"]}}]}", NULL, NULL,
          NULL, "[{\"type\":\"tool_use\",\"name\":\"get\",\"input\":{\"city\":\"Bern\"}}]"},
         CHECK_TOOLS,
         1000},
        {{"{\"tools\":[{\"name\":\"get\",\"input_schema\":{\"required\":[\"city\"]}}]}", NULL, NULL,
          NULL, "[{\"type\":\"tool_use\",\"name\":\"get\",\"input\":{}}]"},
         CHECK_TOOLS,
         0},
        {{TOOLS, NULL, NULL, NULL, CALL("now", "")}, CHECK_EMPTY, QUALITY_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(&rows[i].row, rows[i].check, rows[i].want);
}

/* A beginning is not held against what only an end can show. */
static void test_partial(void **state)
{
    static const struct row prose = {NULL, "Where?", "The Rhine flows north and the", NULL, NULL};
    static const struct row json = {FORMAT, "JSON", "{\"a\":[1,", NULL, NULL};
    static const struct row broken = {FORMAT, "JSON", "{\"a\":[1,}", NULL, NULL};

    (void)state;
    assert_int_equal(score(&prose, NULL, true).score, 1000);
    assert_int_equal(score(&json, NULL, true).score, 1000);
    assert_int_equal(score(&broken, NULL, true).score, 0);
}

/* ---- the score ---- */

static void test_logistic(void **state)
{
    (void)state;
    assert_int_equal(logistic_score(0), 500);
    assert_in_range(logistic_score(2197), 897, 900);
    assert_in_range(logistic_score(-2197), 100, 103);
    assert_int_equal(logistic_score(INT64_MAX), 999);
    assert_int_equal(logistic_score(INT64_MIN + 1), 1);
    for (int s = 1; s < 1000; s++) {
        assert_in_range(logistic_score(logistic_evidence(s)), s - 1, s + 1);
        assert_true(logistic_evidence(s) >= logistic_evidence(s - 1));
    }
}

static void test_combination(void **state)
{
    struct quality q;
    int before = 0;

    (void)state;
    for (size_t i = 0; i < CHECK_COUNT; i++)
        q.checks[i] = QUALITY_NONE;
    assert_int_equal(quality_combine(&q, NULL, 0), 1000);
    q.checks[CHECK_REFUSAL] = 0;
    assert_int_equal(quality_combine(&q, NULL, 0), 200);
    q.checks[CHECK_CUT] = 0;
    assert_int_equal(quality_combine(&q, NULL, 0), 100);
    q.checks[CHECK_CUT] = 500;
    assert_int_equal(quality_combine(&q, NULL, 0), 150);
    for (int prior = 1000; prior >= -1000; prior -= 10) {
        int after = quality_combine(&q, NULL, prior);

        assert_true(after >= before);
        before = after;
    }
    assert_int_equal(quality_combine(&q, NULL, 0), 150);
    q.checks[CHECK_JSON] = 0;
    assert_int_equal(quality_combine(&q, NULL, -1000), 0);
}

static void test_seams(void **state)
{
    struct quality_input in = {.question = span_str("Where?"),
                               .answer = span_str("In Bern."),
                               .judge = 300,
                               .agree = QUALITY_NONE,
                               .logprob_milli = -1500};
    struct check_settings s = check_default;
    struct quality q;

    (void)state;
    s.logprob_milli = -1000;
    quality_score(&q, &in, &s, &work);
    assert_int_equal(q.checks[CHECK_JUDGE], 300);
    assert_int_equal(q.checks[CHECK_LOGPROB], 750);
    assert_int_equal(q.checks[CHECK_AGREE], QUALITY_NONE);
    assert_int_equal(q.score, 255); /* 0.3 x (1 - 0.6 x 0.25) */
}

static void test_judge(void **state)
{
    static const struct {
        const char *reply;
        int want;
    } rows[] = {{"8", 800},
                {"7.5/10", 750},
                {"Score: 9 out of 10", 900},
                {"{\"score\": 10}", 1000},
                {"0", 0},
                {"great", JUDGE_NONE},
                {"", JUDGE_NONE},
                {"95", JUDGE_NONE}};
    static char text[JUDGE_REQUEST_BYTES];
    static char worst[JUDGE_TEXT_BYTES * 3];
    static struct json_object o;
    struct fmt f;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(judge_mark(span_str(rows[i].reply)), rows[i].want);
    memset(worst, 1, sizeof(worst));
    fmt_init(&f, text, sizeof(text));
    assert_true(judge_request(&f, span_str("a \"model\""), span_of(worst, sizeof(worst)),
                              span_of(worst, sizeof(worst))));
    assert_true(json_object_read(&o, fmt_span(&f)));
    fmt_init(&f, text, 100);
    assert_false(judge_request(&f, span_str("m"), span_str("q"), span_str("a")));
}

/* ---- configuration ---- */

static char told[4096];

static void tell(void *ctx, struct span line)
{
    (void)ctx;
    strncat(told, line.ptr, line.len);
    strcat(told, "\n");
}

static bool configure(const char *text, struct check_settings *s)
{
    struct config_target target = {
        .section = &check_section, .items = s, .item_bytes = sizeof(*s), .capacity = 1};
    struct config_errors errors = {.tell = tell, .file = "f"};

    told[0] = '\0';
    memset(s, 0, sizeof(*s));
    return config_read(span_str(text), &target, 1, &errors);
}

static void test_settings(void **state)
{
    static const struct row good = {NULL, "Where?", "It is in Bern, I think.", NULL, NULL};
    struct check_settings s;
    struct quality q;

    (void)state;
    assert_true(configure("[check c]\n", &s));
    for (size_t i = 0; i < CHECK_COUNT; i++)
        assert_int_equal(check_weight(&s, (enum check)i),
                         check_weight(&check_default, (enum check)i));
    assert_true(configure("[check c]\nmin_chars = 5\nmax_chars = 90\nrefuse = (?i)I THINK\n"
                          "refuse = nobody\nrequire = [A-Z]ern\nlogprob = -0.75\nlanguage = no\n"
                          "judge = big\nweights = refuse:400, require : 1000,json:0\n",
                          &s));
    assert_int_equal(s.logprob_milli, -750);
    assert_int_equal(check_weight(&s, CHECK_LANGUAGE), 0);
    assert_int_equal(check_weight(&s, CHECK_JSON), 0);
    q = score(&good, &s, false);
    assert_int_equal(q.checks[CHECK_REFUSE], 0);
    assert_int_equal(q.checks[CHECK_REQUIRE], 1000);
    assert_int_equal(q.checks[CHECK_LENGTH], 1000);
    assert_int_equal(q.checks[CHECK_LANGUAGE], QUALITY_NONE);
    assert_int_equal(q.score, 600);
    assert_true(configure("[check c]\nmin_chars = 500\njson = yes\n", &s));
    q = score(&good, &s, false);
    assert_int_equal(q.checks[CHECK_LENGTH], 0);
    assert_int_equal(q.checks[CHECK_JSON], 0);
    assert_int_equal(
        score(&(struct row){NULL, "?", "```json\n{\"a\":1}\n```", NULL, NULL}, &s, false)
            .checks[CHECK_JSON],
        1000);
}

static void test_wrong_settings(void **state)
{
    static const char *const wrong[] = {
        "[check c]\nrefuse = (\n",          "[check c]\nlogprob = 0.5\n",
        "[check c]\nlogprob = -0\n",        "[check c]\nlogprob = -0.1234\n",
        "[check c]\nweights = refusal\n",   "[check c]\nweights = nothing:5\n",
        "[check c]\nweights = json:1001\n", "[check c]\nmin_chars = -1\n",
        "[check c]\njson = perhaps\n",
    };
    static char many[2048];
    struct check_settings s;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (configure(wrong[i], &s) || told[0] == '\0')
            fail_msg("taken: %s", wrong[i]);
    strcpy(many, "[check c]\n");
    for (int i = 0; i < CHECK_REFUSE_MAX; i++)
        strcat(many, "refuse = a\n");
    assert_true(configure(many, &s));
    strcat(many, "refuse = a\n");
    assert_false(configure(many, &s));
    strcpy(many, "[check c]\n");
    for (int i = 0; i < 4; i++) {
        strcat(many, "refuse = ");
        memset(many + strlen(many), 'a', 150);
        strcat(many, "\n");
    }
    assert_false(configure(many, &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_text_checks),
        cmocka_unit_test(test_echo_and_loop),  cmocka_unit_test(test_languages),
        cmocka_unit_test(test_expressions),    cmocka_unit_test(test_maths),
        cmocka_unit_test(test_agreement),      cmocka_unit_test(test_forms),
        cmocka_unit_test(test_partial),        cmocka_unit_test(test_logistic),
        cmocka_unit_test(test_combination),    cmocka_unit_test(test_seams),
        cmocka_unit_test(test_judge),          cmocka_unit_test(test_settings),
        cmocka_unit_test(test_wrong_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
