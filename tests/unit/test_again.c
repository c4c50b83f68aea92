/* Which repeats say that a cheap answer did not do. */
#include "policy/again.h"

#include <string.h>

#include "cm.h"
#include "llm/messages.h"

static const uint8_t key[HASH_SIP_KEY_BYTES] = "fifteen letters";
static struct again table;
static struct messages messages;
static int64_t clock_ms;

static uint64_t question(const char *body)
{
    char text[1024];
    const struct message_text *last;

    messages_read(&messages, API_CHAT, span_str(body));
    last = messages_last(&messages, ROLE_USER);
    if (last == NULL)
        return again_question(&messages, SPAN_EMPTY, key);
    return again_question(&messages, span_of(text, message_text_decode(last, text, sizeof text)),
                          key);
}

#define USER(text) "{\"role\":\"user\",\"content\":\"" text "\"}"
#define SAID(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define BODY(list) "{\"messages\":[" list "]}"
#define SKY        "Why is the sky of Mars red?"

static void what_is_the_same_question(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool same;
    } rows[] = {
        {BODY(USER(SKY)), BODY(USER(SKY)), true},
        {BODY(USER(SKY)), BODY(USER("Please, why is the sky of Mars red")), true},
        {BODY(USER(SKY)), BODY(USER("Why is the sky of Venus red?")), false},
        {BODY(USER(SKY)), BODY(USER(SKY) "," SAID("Dust.") "," USER(SKY)), true},
        {BODY(USER(SKY)), BODY(USER("Be brief.") "," SAID("Yes.") "," USER(SKY)), false},
        {BODY("{\"role\":\"system\",\"content\":\"A text on dogs\"}," USER("Summarize the text.")),
         BODY("{\"role\":\"system\",\"content\":\"A text on cats\"}," USER("Summarize the text.")),
         false},
        {BODY(USER("Go on")), BODY(USER("Go on")), true},
        {BODY(USER(SKY) "," SAID("Dust") "," USER("Go on")),
         BODY(USER(SKY) "," SAID("Dust") "," USER("Go on") "," SAID("and") "," USER("Go on")),
         false},
        {BODY(USER(SKY) "," SAID("Dust") "," USER("Go on")),
         BODY(USER(SKY) "," SAID("Iron") "," USER("Go on")), true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t a = question(rows[i].a);
        uint64_t b = question(rows[i].b);

        assert_true(a != 0 && b != 0);
        if ((a == b) != rows[i].same)
            fail_msg("row %zu", i);
    }
}

static void what_is_none(void **state)
{
    (void)state;
    assert_int_equal(question("{\"messages\":[]}"), 0);
    assert_int_equal(question(BODY(USER(SKY) "," SAID("Dust"))), 0);
    assert_int_equal(question(BODY("{\"role\":\"system\",\"content\":\"x\"}")), 0);
    assert_int_equal(question(BODY(USER(SKY) ",{\"role\":\"assistant\",\"tool_calls\":[{}]},"
                                             "{\"role\":\"tool\",\"content\":\"7\"}")),
                     0);
    assert_int_equal(question("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_"
                              "url\"},{\"type\":\"text\",\"text\":\"What is it?\"}]}]}"),
                     0);
}

/* A question that takes a second, wait_ms after the one before. */
static bool ask(uint64_t client, uint64_t what, bool cheap, int64_t wait_ms)
{
    int64_t asked_ms = clock_ms + wait_ms;

    clock_ms = asked_ms + 1000;
    return again_answered(&table, client, what, cheap, asked_ms, clock_ms);
}

static void start(void)
{
    memset(&table, 0, sizeof table);
    clock_ms = 1;
    for (uint64_t i = 1; i <= AGAIN_FRESH_MIN; i++)
        assert_false(ask(7, i, true, 10000));
}

static void a_person_who_asks_again(void **state)
{
    (void)state;
    start();
    assert_true(ask(7, AGAIN_FRESH_MIN, true, AGAIN_LEAST_MS));
    assert_false(ask(7, AGAIN_FRESH_MIN, true, AGAIN_LEAST_MS)); /* once */
    start();
    assert_true(ask(7, AGAIN_FRESH_MIN, true, AGAIN_MOST_MS));
    start();
    assert_false(ask(7, AGAIN_FRESH_MIN, true, AGAIN_MOST_MS + 1));
    start();
    assert_false(ask(7, AGAIN_FRESH_MIN, true, AGAIN_LEAST_MS - 1));
    start();
    assert_false(ask(8, AGAIN_FRESH_MIN, true, 10000)); /* somebody else */
    assert_true(ask(7, AGAIN_FRESH_MIN, true, 10000));
    start();
    assert_false(ask(7, 99, false, 10000)); /* by the strong one */
    assert_false(ask(7, 99, true, 10000));
    start();
    assert_false(ask(7, 99, true, 10000));
    assert_false(ask(7, AGAIN_FRESH_MIN, true, 10000)); /* not the last one */
}

static void programs_that_repeat_themselves(void **state)
{
    (void)state;
    start();
    assert_true(ask(7, AGAIN_FRESH_MIN, true, 10000));
    for (int i = 0; i < 100; i++)
        assert_false(ask(7, AGAIN_FRESH_MIN, true, 10000));
    memset(&table, 0, sizeof table);
    for (uint64_t i = 0; i < 100; i++) /* twice each */
        assert_false(ask(7, 1 + i / 2, true, 10000));
    memset(&table, 0, sizeof table);
    for (uint64_t i = 0; i < 100; i++) /* always the same, from the beginning */
        assert_false(ask(7, 1, true, 10000));
}

/* More clients than places: the one that was away the longest is forgotten. */
static void the_table_is_bounded(void **state)
{
    (void)state;
    start();
    for (uint64_t i = 0; i + 1 < AGAIN_CLIENTS; i++)
        assert_false(ask(100 + i, 1, true, 0));
    assert_true(ask(7, AGAIN_FRESH_MIN, true, 0));
    start();
    for (uint64_t i = 0; i < AGAIN_CLIENTS; i++)
        assert_false(ask(100 + i, 1, true, 0));
    assert_false(ask(7, AGAIN_FRESH_MIN, true, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_same_question),
        cmocka_unit_test(what_is_none),
        cmocka_unit_test(a_person_who_asks_again),
        cmocka_unit_test(programs_that_repeat_themselves),
        cmocka_unit_test(the_table_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
