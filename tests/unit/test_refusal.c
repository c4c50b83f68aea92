/* Folding, phrases, and what is taken for a refusal, a hedge or an error. */
#include <string.h>

#include "cm.h"
#include "policy/fold.h"
#include "policy/phrases.h"
#include "policy/refusal.h"

static void expect_folded(const char *text, const char *want)
{
    char out[256];
    struct span folded = fold_text(span_str(text), out, sizeof(out));

    if (!span_equal(folded, span_str(want)))
        fail_msg("%s: folded to [%.*s]", text, (int)folded.len, folded.ptr);
}

static void test_folding(void **state)
{
    (void)state;
    expect_folded("", " ");
    expect_folded("I can't.", " i cant . ");
    expect_folded("I can\u2019t\u2026 really", " i cant really ");
    expect_folded("...Well!?  No\n\nYes", " well . no . yes ");
    expect_folded("**Stra\u00dfe** \u00c9t\u00e9 \u017b\u00f3\u0142\u0107", " strase ete zolc ");
    expect_folded("\u041f\u0440\u0418\u0432\u0415\u0442, \u0401\u0436",
                  " \u043f\u0440\u0438\u0432\u0435\u0442 \u0435\u0436 ");
    expect_folded("\u62b1\u6b49\uff0c\u6211\u3002", " \u62b1\u6b49 \u6211 . ");
    expect_folded("a\xff\xc3(b", " a b ");
    expect_folded("a\xe4\xb8", " a ");
}

/* However little room there is, whole characters and a space at the end. */
static void test_folding_cut(void **state)
{
    char out[64];

    (void)state;
    for (size_t room = 8; room < sizeof(out); room++) {
        struct span folded = fold_text(
            span_str("\u62b1\u6b49. \u0436\u0436 \u00e9\u00e9 x \u62b1\u6b49"), out, room);

        assert_true(folded.len <= room);
        assert_int_equal(folded.ptr[folded.len - 1], ' ');
        while (folded.len > 0)
            assert_int_not_equal(fold_next(&folded), 0xFFFD);
    }
}

static int points(const char *table, const char *text)
{
    static const char *const lists[] = {"cant |will not "};
    const struct phrases p = {table, lists, 1};
    char out[256];

    return phrases_points(&p, fold_text(span_str(text), out, sizeof(out)), 20);
}

static void test_phrases(void **state)
{
    (void)state;
    assert_int_equal(points("5help\n", "I helped"), 5);
    assert_int_equal(points("5help \n", "I helped"), 0);
    assert_int_equal(points("5elp\n", "I help"), 0); /* words begin at their beginning */
    assert_int_equal(points("5[a|help]er\n", "a helper"), 5);
    assert_int_equal(points("5i A*help\n", "I can't really help"), 5);
    assert_int_equal(points("5i A*help\n", "I will not help"), 5);
    assert_int_equal(points("5i A*help\n", "I can't. Help!"), 0); /* a gap ends with its sentence */
    assert_int_equal(
        points("5i A*help\n", "I can't say one or two or three or four or five or six help"), 0);
    assert_int_equal(points("5a\n-3b\n", "a b"), 2);
    assert_int_equal(points("5a\n-9b\n", "a b"), 0);
    assert_int_equal(points("5help\n", "help help"), 5);                    /* once is enough */
    assert_int_equal(points("5help\n", "one two three four five help"), 2); /* far away: half */
    assert_int_equal(
        points("5\u65e0\u6cd5*\u63d0\u4f9b\n", "\u6211\u65e0\u6cd5\u4e3a\u60a8\u63d0\u4f9b"), 5);
}

static const char *const refusals[] = {
    "I'm sorry, but I can't assist with that.",
    "I can\u2019t help with that request.",
    "I cannot provide information on how to pick locks. Is there something else?",
    "I'm unable to fulfill this request.",
    "I won't be able to do that for you.",
    "As an AI language model, I cannot engage in that kind of discussion.",
    "I must respectfully decline to answer.",
    "It is not ethical to do so, and it is illegal in most places.",
    "Leider kann ich Ihnen dabei nicht helfen.",
    "Es tut mir leid, aber ich kann diese Anfrage nicht beantworten.",
    "Je suis d\u00e9sol\u00e9, mais je ne peux pas vous aider avec cela.",
    "Je ne suis pas en mesure de fournir ces informations.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "No estoy autorizado para responder a esa pregunta.",
    "Mi dispiace, ma non posso aiutarti con questa richiesta.",
    "Non sono in grado di fornire queste informazioni.",
    "Desculpe, mas n\u00e3o posso ajudar com isso.",
    "N\u00e3o sou capaz de fornecer essas informa\u00e7\u00f5es.",
    "Het spijt me, maar ik kan je daar niet mee helpen.",
    "Ik ben niet in staat om dat te doen.",
    "Przykro mi, ale nie mog\u0119 w tym pom\u00f3c.",
    "Nie jestem w stanie odpowiedzie\u0107 na to pytanie.",
    "\u0418\u0437\u0432\u0438\u043d\u0438\u0442\u0435, \u043d\u043e \u044f \u043d\u0435 "
    "\u043c\u043e\u0433\u0443 \u043f\u043e\u043c\u043e\u0447\u044c \u0441 "
    "\u044d\u0442\u0438\u043c.",
    "\u62b1\u6b49\uff0c\u6211\u65e0\u6cd5\u63d0\u4f9b\u8fd9\u65b9\u9762\u7684\u5e2e\u52a9\u3002",
    "\u5f88\u62b1\u6b49\uff0c\u6211\u4e0d\u80fd\u56de\u7b54\u8fd9\u4e2a\u95ee\u9898\u3002",
    "\u7533\u3057\u8a33\u3042\u308a\u307e\u305b\u3093\u304c\u3001\u305d\u306e\u3054\u8cea\u554f"
    "\u306b\u306f\u304a\u7b54\u3048\u3067\u304d\u307e\u305b\u3093\u3002",
    "\u8a33\u3042\u3063\u3066\u304a\u624b\u4f1d\u3044\u3059\u308b\u3053\u3068\u306f\u3067\u304d"
    "\u307e\u305b\u3093\u3002",
    "\uc8c4\uc1a1\ud558\uc9c0\ub9cc \uadf8 \uc694\uccad\uc740 \ub3c4\uc640\ub4dc\ub9b4 \uc218 "
    "\uc5c6\uc2b5\ub2c8\ub2e4.",
};

static const char *const answers[] = {
    "",
    "Paris is the capital of France.",
    "You can kill a Python process with `kill -9 PID`, or Ctrl-C in its terminal.",
    "I can't help but feel that this is the best season of the year.",
    "Sure! Here are three ideas for your party.",
    "The server cannot provide the file, so the client retries after a second.",
    "No, whales are not fish. They are mammals and breathe air.",
    "Man kann das nicht mit einem Wort sagen: das Wetter ist im Norden k\u00fchler als im "
    "S\u00fcden.",
    "La tour Eiffel n'est pas en bois ; elle est en fer puddl\u00e9.",
    "El gato no est\u00e1 en la casa, est\u00e1 en el jard\u00edn.",
    "\u041c\u043e\u0441\u043a\u0432\u0430 \u2014 \u0441\u0442\u043e\u043b\u0438\u0446\u0430 "
    "\u0420\u043e\u0441\u0441\u0438\u0438.",
    "\u5df4\u9ece\u662f\u6cd5\u56fd\u7684\u9996\u90fd\u3002",
    "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3059\u3002",
    "\uc11c\uc6b8\uc740 \ud55c\uad6d\uc758 \uc218\ub3c4\uc785\ub2c8\ub2e4.",
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        if (!refusal_is(span_str(refusals[i])))
            fail_msg("not known as a refusal (%d points): %s",
                     refusal_points(span_str(refusals[i])), refusals[i]);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (refusal_is(span_str(answers[i])))
            fail_msg("taken for a refusal (%d points): %s", refusal_points(span_str(answers[i])),
                     answers[i]);
}

static void test_hedges(void **state)
{
    static const char *const hedges[] = {
        "I'm not sure, but it may be 1912.",  "I don't have enough information to say.",
        "As of my last update, it was open.", "Das wei\u00df ich nicht; ich bin mir nicht sicher.",
        "Je ne sais pas exactement.",         "No estoy seguro de eso.",
        "\u6211\u4e0d\u786e\u5b9a\u3002",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hedges) / sizeof(hedges[0]); i++)
        if (!refusal_hedges(span_str(hedges[i])))
            fail_msg("not known as a hedge: %s", hedges[i]);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        assert_false(refusal_hedges(span_str(answers[i])));
}

static void test_errors(void **state)
{
    static const char *const errors[] = {
        "Overloaded",
        "The model is currently overloaded. Please try again later.",
        "Error: 503 Service Unavailable",
        "rate limit exceeded",
        "{\"error\": {\"message\": \"Internal server error\"}}",
        "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>",
        "An error occurred. Please try again.",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!refusal_is_error(span_str("What is a cat?"), span_str(errors[i])))
            fail_msg("not known as an error: %s", errors[i]);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        assert_false(refusal_is_error(SPAN_EMPTY, span_str(answers[i])));
    assert_false(refusal_is_error(span_str("What does 502 Bad Gateway mean?"),
                                  span_str("Bad gateway: the server behind it gave no answer.")));
    assert_false(refusal_is_error(span_str("Write me a page in HTML"),
                                  span_str("<!DOCTYPE html><html><body>Hi</body></html>")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folding), cmocka_unit_test(test_folding_cut),
        cmocka_unit_test(test_phrases), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_hedges),  cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
