/* The reader of configurations on tables of its own: what is taken, and word for word what is told
 * of what is not. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "cm.h"
#include "config/line.h"
#include "config/read.h"

enum { TOLD_BYTES = 16384, THINGS_MAX = 3, MARKS_MAX = 2 };

struct thing {
    char name[CONFIG_NAME_BYTES];
    char text[8];
    bool flag;
    int64_t count;
    int64_t size_bytes;
    int64_t wait_ms;
    int64_t price_pusd;
    int color;
    size_t mark_count;
    char marks[MARKS_MAX][8];
};

struct plain {
    int64_t level;
};

static bool mark_key(void *section, struct span value, struct fmt *why)
{
    struct thing *t = section;

    if (t->mark_count == MARKS_MAX || value.len >= sizeof(t->marks[0])) {
        fmt_str(why, "is no mark");
        return false;
    }
    memcpy(t->marks[t->mark_count++], value.ptr, value.len);
    return true;
}

#define AT(member) offsetof(struct thing, member)

static const char *const colors[] = {"red", "green", NULL};

static const struct config_key thing_keys[] = {
    {.name = "text", .type = CONFIG_TEXT, .offset = AT(text), .place_bytes = 8, .help = "a text"},
    {.name = "flag", .type = CONFIG_BOOL, .offset = AT(flag), .fallback = "yes", .help = "a flag"},
    {.name = "count",
     .type = CONFIG_COUNT,
     .offset = AT(count),
     .min = 1,
     .max = 9,
     .required = true,
     .help = "how many"},
    {.name = "size",
     .type = CONFIG_SIZE,
     .offset = AT(size_bytes),
     .fallback = "2K",
     .max = 1048576,
     .help = "how large"},
    {.name = "wait",
     .type = CONFIG_DURATION,
     .offset = AT(wait_ms),
     .fallback = "1m",
     .max = 100000,
     .help = "how long"},
    {.name = "price", .type = CONFIG_PRICE, .offset = AT(price_pusd), .help = "how dear"},
    {.name = "color",
     .type = CONFIG_ENUM,
     .offset = AT(color),
     .fallback = "green",
     .names = colors,
     .help = "which color"},
    {.name = "mark",
     .type = CONFIG_CUSTOM,
     .parse = mark_key,
     .repeatable = true,
     .help = "a mark"},
};

static const struct config_key plain_keys[] = {
    {.name = "level",
     .type = CONFIG_COUNT,
     .offset = offsetof(struct plain, level),
     .fallback = "7",
     .help = "a level"},
};

static const struct config_section thing_section = {
    .name = "thing",
    .named = true,
    .keys = thing_keys,
    .key_count = ARRAY_LEN(thing_keys),
    .help = "a thing",
};

static const struct config_section plain_section = {.name = "plain",
                                                    .keys = plain_keys,
                                                    .key_count = ARRAY_LEN(plain_keys),
                                                    .help = "what is plain"};

/* ---- the bench ---- */

static struct bench {
    struct plain plain;
    struct thing things[THINGS_MAX];
    int lines[THINGS_MAX];
    size_t thing_count;
    size_t told_count;
    struct fmt told;
    char told_text[TOLD_BYTES];
} bench;

static void tell(void *ctx, struct span line)
{
    (void)ctx;
    bench.told_count++;
    fmt_text(&bench.told, line);
    fmt_char(&bench.told, '\n');
}

/* Over a copy of exactly the text's length, so that a byte too far is found by a sanitizer. */
static bool read_named(const char *file, struct span text)
{
    struct config_target targets[] = {
        {&plain_section, &bench.plain, sizeof(bench.plain), 1, 0, NULL},
        {&thing_section, bench.things, sizeof(bench.things[0]), THINGS_MAX, 0, bench.lines},
    };
    struct config_errors errors = {.tell = tell, .file = file};
    char *copy = malloc(text.len);
    bool ok;

    memset(&bench, 0, sizeof(bench));
    fmt_init(&bench.told, bench.told_text, sizeof(bench.told_text));
    assert_true(copy != NULL || text.len == 0);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    ok = config_read(span_of(copy, text.len), targets, ARRAY_LEN(targets), &errors);
    free(copy);
    bench.thing_count = targets[1].count;
    assert_int_equal(targets[0].count, 1);
    assert_int_equal(errors.count, bench.told_count);
    assert_int_equal(ok, errors.count == 0);
    return ok;
}

static void expect_told(struct span text, const char *told)
{
    (void)read_named("f", text);
    assert_string_equal(fmt_cstr(&bench.told), told);
}

static void expect_good(struct span text)
{
    expect_told(text, "");
}

/* ---- what is taken ---- */

static void test_every_type(void **state)
{
    const struct thing *t = &bench.things[0];

    (void)state;
    expect_good(SPAN("[thing one]\ntext = a b\nflag = off\ncount = 3\nsize = 1M\nwait = 90s\n"
                     "price = 0.15\ncolor = red\nmark = x\nmark = y\n[plain]\nlevel = -4\n"));
    assert_int_equal(bench.thing_count, 1);
    assert_int_equal(bench.lines[0], 1);
    assert_string_equal(t->name, "one");
    assert_string_equal(t->text, "a b");
    assert_false(t->flag);
    assert_int_equal(t->count, 3);
    assert_int_equal(t->size_bytes, 1048576);
    assert_int_equal(t->wait_ms, 90000);
    assert_int_equal(t->price_pusd, 150000);
    assert_int_equal(t->color, 0);
    assert_string_equal(t->marks[0], "x");
    assert_string_equal(t->marks[1], "y");
    assert_int_equal(bench.plain.level, -4);
}

static void test_defaults(void **state)
{
    const struct thing *t = &bench.things[1];

    (void)state;
    expect_good(SPAN(""));
    assert_int_equal(bench.plain.level, 7);
    assert_int_equal(bench.thing_count, 0);
    expect_good(SPAN("[thing one]\ncount=1\ncolor=red\n[thing two]\ncount=2"));
    assert_int_equal(bench.thing_count, 2);
    assert_int_equal(bench.lines[1], 4);
    assert_int_equal(t->count, 2);
    assert_string_equal(t->text, "");
    assert_true(t->flag);
    assert_int_equal(t->size_bytes, 2048);
    assert_int_equal(t->wait_ms, 60000);
    assert_true(t->price_pusd == CONFIG_UNSET);
    assert_int_equal(t->color, 1);
}

/* Forms of the same file: they must all give the same. */
static void test_forms(void **state)
{
    static const char *const forms[] = {
        "[thing one]\ncount = 3\ntext = a b\n",
        "[thing one]\ncount = 3\ntext = a b",
        "\xef\xbb\xbf[thing one]\ncount = 3\ntext = a b\n",
        "[thing one]\r\ncount = 3\r\ntext = a b\r\n",
        "\xef\xbb\xbf[thing one]\r\ncount = 3\r\ntext = a b",
        "[thing one]\ncount=3\ntext=a b\n",
        "[thing one]\ncount:3\ntext:a b\n",
        "\t[thing   one]\t\n  count\t=\t3  \n\n\n  text =   a b  \n\n",
        "[ thing one ] # said\n; said\n# said\n  # said\ncount = 3 ; said\ntext = a b ;said\n",
        "[thing one];said\n[plain]\n[thing two]\ncount = 1\n[thing three]\ncount = 1\n",
    };

    (void)state;
    for (size_t i = 0; i + 1 < ARRAY_LEN(forms); i++) {
        expect_good(span_str(forms[i]));
        assert_int_equal(bench.thing_count, 1);
        assert_string_equal(bench.things[0].name, "one");
        assert_int_equal(bench.things[0].count, 3);
        assert_string_equal(bench.things[0].text, "a b");
    }
    expect_told(span_str(forms[ARRAY_LEN(forms) - 1]),
                "f:1: this [thing] lacks the key \"count\"\n");
}

/* Values hold what looks like syntax. */
static void test_values(void **state)
{
    (void)state;
    expect_good(SPAN("[thing a=b:c]\ncount=1\ntext=;[=:]#\n"));
    assert_string_equal(bench.things[0].name, "a=b:c");
    assert_string_equal(bench.things[0].text, ";[=:]#");
    expect_good(SPAN("[thing x]\ncount=1\ntext=\xc3\xa9\xe2\x82\xac\n"));
    assert_string_equal(bench.things[0].text, "\xc3\xa9\xe2\x82\xac");
}

/* ---- what is told ---- */

#define T "[thing x]\ncount = 1\n"

static const struct {
    const char *text;
    const char *told;
} bad_texts[] = {
    /* names */
    {T "colour = red\n", "f:3: unknown key \"colour\" in [thing]; did you mean \"color\"?\n"},
    {T "Count = 1\n", "f:3: unknown key \"Count\" in [thing]; did you mean \"count\"?\n"},
    {T "zzzzzzzz = 1\n", "f:3: unknown key \"zzzzzzzz\" in [thing]; allowed: text, flag, count, "
                         "size, wait, price, color, mark\n"},
    {T "= 1\n", "f:3: unknown key \"\" in [thing]; allowed: text, flag, count, size, wait, price, "
                "color, mark\n"},
    {T "\xc3\xa9 = 1\n", "f:3: unknown key \"\\xc3\\xa9\" in [thing]; allowed: text, flag, count, "
                         "size, wait, price, color, mark\n"},
    {"[thin x]\nwhatever = 1\n", "f:1: unknown section [thin x]; did you mean \"thing\"?\n"},
    {"[nonsense]\n", "f:1: unknown section [nonsense]; allowed: plain, thing\n"},
    {"[]\n", "f:1: unknown section []; allowed: plain, thing\n"},
    {"[]\nlevel = 1\n", "f:1: unknown section []; allowed: plain, thing\n"},
    {"level = 1\n[plain]\n", "f:1: a key before the first [section]\n"},
    /* sections */
    {"[thing]\n", "f:1: section [thing] needs a name of 1 to 63 characters without blanks\n"},
    {"[thing a b]\n",
     "f:1: section [thing a b] needs a name of 1 to 63 characters without blanks\n"},
    {"[thing \xc3\xa9]\n", "f:1: section [thing \\xc3\\xa9] needs a name of 1 to 63 characters "
                           "without blanks\n"},
    {"[plain x]\n", "f:1: section [plain x] takes no name\n"},
    {"[plain]\n[plain]\nlevel = nonsense\n", "f:2: section [plain] stands twice\n"},
    {T "[thing x]\n", "f:3: section [thing x] stands twice\n"},
    {T "[thing y]\ncount=1\n[thing z]\ncount=1\n[thing one-more]\n",
     "f:7: section [thing one-more] is one too many of its kind\n"},
    {"[thing x]\n[plain]\n", "f:1: this [thing] lacks the key \"count\"\n"},
    {"[plain]\n[thing x]\n", "f:2: this [thing] lacks the key \"count\"\n"},
    /* values */
    {T "count = 2\n", "f:3: count = 2: stands twice in this section\n"},
    {T "text =\n", "f:3: text = : is empty; a text\n"},
    {T "text = ; a comment\n", "f:3: text = : is empty; a text\n"},
    {T "text = 12345678\n", "f:3: text = 12345678: is longer than 7 bytes\n"},
    {T "flag = maybe\n", "f:3: flag = maybe: is neither yes nor no\n"},
    {"[thing x]\ncount = 0\n", "f:2: count = 0: is out of bounds; allowed: 1 to 9\n"},
    {"[thing x]\ncount = 10\n", "f:2: count = 10: is out of bounds; allowed: 1 to 9\n"},
    {"[thing x]\ncount = -1\n", "f:2: count = -1: is out of bounds; allowed: 1 to 9\n"},
    {"[thing x]\ncount = 1.0\n", "f:2: count = 1.0: is no whole number; allowed: 1 to 9\n"},
    {"[thing x]\ncount = 0x1\n", "f:2: count = 0x1: is no whole number; allowed: 1 to 9\n"},
    {"[thing x]\ncount = 9223372036854775808\n",
     "f:2: count = 9223372036854775808: is no whole number; allowed: 1 to 9\n"},
    {"[plain]\nlevel = 9223372036854775808\n",
     "f:2: level = 9223372036854775808: is no whole number\n"},
    {T "size = 1G\n",
     "f:3: size = 1G: is no size such as 512K or 8M; allowed: 0 to 1048576 bytes\n"},
    {T "size = 2M\n", "f:3: size = 2M: is out of bounds; allowed: 0 to 1048576 bytes\n"},
    {T "size = 17592186044416M\n", "f:3: size = 17592186044416M: is no size such as 512K or 8M; "
                                   "allowed: 0 to 1048576 bytes\n"},
    {T "wait = 5\n", "f:3: wait = 5: is no time such as 500ms, 10s, 5m, 2h or 1d; allowed: 0 to "
                     "100000 ms\n"},
    {T "wait = 5 s\n", "f:3: wait = 5 s: is no time such as 500ms, 10s, 5m, 2h or 1d; allowed: 0 "
                       "to 100000 ms\n"},
    {T "wait = 2m\n", "f:3: wait = 2m: is out of bounds; allowed: 0 to 100000 ms\n"},
    {T "wait = 106751991168d\n", "f:3: wait = 106751991168d: is no time such as 500ms, 10s, 5m, 2h "
                                 "or 1d; allowed: 0 to 100000 ms\n"},
    {T "price = $5\n",
     "f:3: price = $5: is no price in USD per million tokens, with at most 6 decimals\n"},
    {T "price = 1e-6\n",
     "f:3: price = 1e-6: is no price in USD per million tokens, with at most 6 decimals\n"},
    {T "price = 0.0000001\n",
     "f:3: price = 0.0000001: is no price in USD per million tokens, with at most 6 decimals\n"},
    {T "price = -1\n",
     "f:3: price = -1: is no price in USD per million tokens, with at most 6 decimals\n"},
    {T "color = blue\n", "f:3: color = blue: is none of red, green\n"},
    {T "mark = a\nmark = b\nmark = c\n", "f:5: mark = c: is no mark\n"},
    /* lines */
    {T "count\n", "f:3: \"count\" is no \"key = value\", [section] or # comment\n"},
    {T "count ;= 1\n", "f:3: \"count ;= 1\" is no \"key = value\", [section] or # comment\n"},
    {T "\xef\xbc\x83 no comment\n",
     "f:3: \"\\xef\\xbc\\x83 no comment\" is no \"key = value\", [section] or # comment\n"},
    {"[thing x\ncount = nonsense\n", "f:1: \"[thing x\" has no ]\n"},
    {"[thing x ;]\n", "f:1: \"[thing x ;]\" has no ]\n"},
    {"\xef\xbb\xbf[thing x\n", "f:1: \"[thing x\" has no ]\n"},
    {"[thing x] count = 1\n",
     "f:1: \"[thing x] count = 1\" has more than a comment behind the ]\n"},
    {T "text = a\rb\n", "f:3: \"text = a\\x0db\" holds a control character\n"},
    {T "text = a\x1b[2J\n", "f:3: \"text = a\\x1b[2J\" holds a control character\n"},
    {T "text = \x7f\n", "f:3: \"text = \\x7f\" holds a control character\n"},
    {T "text = \xff\n", "f:3: \"text = \\xff\" is not UTF-8\n"},
    {T "# \xc0\xaf\n", "f:3: \"# \\xc0\\xaf\" is not UTF-8\n"},
    {"[thing \xff]\nwhatever\n", "f:1: \"[thing \\xff]\" is not UTF-8\n"
                                 "f:2: \"whatever\" is no \"key = value\", [section] or # "
                                 "comment\n"},
    /* A bad header ends the section before it, whose keys do not go on. */
    {"[thing x]\n[plain\nlevel = x\ncount = x\n",
     "f:2: \"[plain\" has no ]\nf:1: this [thing] lacks the key \"count\"\n"},
};

static void test_what_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad_texts); i++)
        expect_told(span_str(bad_texts[i].text), bad_texts[i].told);
}

/* Every error of a file in one run, and what is right of it is still read. */
static void test_all_at_once(void **state)
{
    (void)state;
    expect_told(SPAN("count = 1\n"
                     "[thing x]\n"
                     "colour = red\n"
                     "flag = maybe\n"
                     "what is this\n"
                     "wait = 5\n"
                     "[nonsense]\n"
                     "wait = 6\n"
                     "[thing y]\n"
                     "count = 4\n"
                     "text = \xff\n"),
                "f:1: a key before the first [section]\n"
                "f:3: unknown key \"colour\" in [thing]; did you mean \"color\"?\n"
                "f:4: flag = maybe: is neither yes nor no\n"
                "f:5: \"what is this\" is no \"key = value\", [section] or # comment\n"
                "f:6: wait = 5: is no time such as 500ms, 10s, 5m, 2h or 1d; allowed: 0 to 100000 "
                "ms\n"
                "f:2: this [thing] lacks the key \"count\"\n"
                "f:7: unknown section [nonsense]; allowed: plain, thing\n"
                "f:11: \"text = \\xff\" is not UTF-8\n");
    assert_int_equal(bench.thing_count, 2);
    assert_int_equal(bench.things[1].count, 4);
    assert_int_equal(bench.things[0].wait_ms, 60000);
}

/* A file of another kind is one error, not one a line. */
static void test_no_text(void **state)
{
    (void)state;
    expect_told(SPAN("\xff\xfe[\0t\0]\0\n\0"), "f:1: a NUL byte: the file is no text in UTF-8\n");
    expect_told(SPAN("[thing x]\ncount = 1\n\0"),
                "f:3: a NUL byte: the file is no text in UTF-8\n");
}

/* ---- lengths ---- */

/* `before`, `count` times a byte, `behind`. */
static struct span long_text(const char *before, char byte, size_t count, const char *behind)
{
    static char text[8192];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, before);
    fmt_fill(&f, byte, count);
    fmt_str(&f, behind);
    assert_true(fmt_ok(&f));
    return fmt_span(&f);
}

static void test_long_lines(void **state)
{
    size_t fits = CONFIG_LINE_BYTES_MAX - 2;
    struct span line;

    (void)state;
    expect_good(long_text(T "# ", 'x', fits, "\r\n[plain]\nlevel = 5\n"));
    assert_int_equal(bench.plain.level, 5);
    expect_good(long_text(T "# ", 'x', fits, ""));
    expect_good(long_text(T "  ", ' ', fits - 6, "text=a\n"));
    for (size_t more = 1; more < 3000; more += more < 40 ? 1 : 97) {
        line = long_text(T "# ", 'x', fits + more, "\n[plain]\nlevel = 5\n");
        assert_false(read_named("f", line));
        assert_int_equal(bench.told_count, 1);
        assert_non_null(strstr(fmt_cstr(&bench.told), "is a line of more than 1024 bytes\n"));
        assert_true(span_starts(fmt_span(&bench.told), SPAN("f:3: \"# xxx")));
        assert_int_equal(bench.plain.level, 5);
    }
    (void)read_named("f", long_text(T, 'k', 900, " = 1\n"));
    assert_int_equal(bench.told_count, 1);
    assert_non_null(strstr(fmt_cstr(&bench.told), "kkk...\" in [thing]; allowed: text, flag"));
    (void)read_named("f", long_text(T "text = ", '1', 900, "\n"));
    assert_non_null(strstr(fmt_cstr(&bench.told), "111...: is longer than 7 bytes\n"));
}

/* inih has room for 49 characters of a header: 48 are let through, whole. */
static void test_long_headers(void **state)
{
    (void)state;
    expect_good(long_text("[thing ", 'n', 48 - 6, "]\ncount = 1\n"));
    assert_int_equal(strlen(bench.things[0].name), 48 - 6);
    expect_told(
        long_text("[thing ", 'n', 49 - 6, "]\ncount = nonsense\n[plain]\nlevel=x\n"),
        "f:1: \"[thing nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn]\" is a section's header "
        "of more than 48 characters\n"
        "f:4: level = x: is no whole number\n");
}

/* A name of the longest kind and the longest list still make one whole line. */
static void test_long_errors(void **state)
{
    char file[200];

    (void)state;
    memset(file, 0xc3, sizeof(file) - 1);
    file[sizeof(file) - 1] = '\0';
    (void)read_named(file, long_text(T, '\xc3', 1, "\xa9 = 1\n"));
    assert_true(span_starts(fmt_span(&bench.told), SPAN("\\xc3\\xc3")));
    assert_non_null(strstr(fmt_cstr(&bench.told), "...:3: unknown key \"\\xc3\\xa9\" in [thing]"));
    assert_true(span_ends(fmt_span(&bench.told), SPAN(", mark\n")));
}

static void test_own_errors(void **state)
{
    struct config_errors errors = {.tell = tell, .file = "a/b.conf"};

    (void)state;
    memset(&bench, 0, sizeof(bench));
    fmt_init(&bench.told, bench.told_text, sizeof(bench.told_text));
    config_error(&errors, 12, SPAN("what"));
    config_error(&errors, 0, SPAN("of the whole"));
    assert_int_equal(errors.count, 2);
    assert_string_equal(fmt_cstr(&bench.told), "a/b.conf:12: what\na/b.conf: of the whole\n");
}

/* ---- the reference ---- */

static void test_reference(void **state)
{
    const struct config_section *const sections[] = {&plain_section, &thing_section};
    char text[2048];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    config_help(sections, ARRAY_LEN(sections), &f);
    assert_string_equal(
        fmt_cstr(&f),
        "[plain]  what is plain\n"
        "  level                 a level (number; default 7)\n"
        "\n"
        "[thing NAME]  a thing\n"
        "  text                  a text (text)\n"
        "  flag                  a flag (yes | no; default yes)\n"
        "  count                 how many (number; required)\n"
        "  size                  how large (size; default 2K)\n"
        "  wait                  how long (time; default 1m)\n"
        "  price                 how dear (price)\n"
        "  color                 which color (one of red green; default green)\n"
        "  mark                  a mark (text; may stand several times)\n"
        "\n"
        "Sizes take K and M, times take ms, s, m, h and d, prices are USD per million tokens.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),   cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_forms),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_what_is_told), cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_no_text),      cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_long_headers), cmocka_unit_test(test_long_errors),
        cmocka_unit_test(test_own_errors),   cmocka_unit_test(test_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
