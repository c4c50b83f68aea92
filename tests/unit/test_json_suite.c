/* nst/JSONTestSuite through every reader of JSON: y_ must be taken, n_ refused, i_ either, with the
 * same verdict at once, byte by byte and at random splits, alone and as a field of a request. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "cm.h"
#include "config/file.h"
#include "llm/request.h"
#include "json/pick.h"
#include "json/tree.h"

enum {
    TEXT_BYTES = 256 * 1024, /* the largest of the suite has 250,001 */
    BODY_BYTES = TEXT_BYTES + 128,
    RANDOM_SPLITS = 20,
    TREE_VALUES = 512,
};

struct verdict {
    bool taken;
    enum json_err err;
    uint64_t err_offset;
};

struct sample {
    char name[NAME_MAX + 1];
    struct span text;
    char expect; /* 'y', 'n' or 'i' */
};

/* split: 0 at once, 1 byte by byte, else at places that `seed` gives. */
static size_t next_part(int split, size_t left, unsigned *seed)
{
    if (split == 0)
        return left;
    return split == 1 ? 1 : 1 + (size_t)rand_r(seed) % left;
}

static struct verdict scan_verdict(struct span text, int split)
{
    struct json_scan s;
    enum parse p = PARSE_MORE;
    unsigned seed = (unsigned)split;
    size_t part;

    json_scan_start(&s, NULL, NULL, false);
    for (size_t at = 0; at < text.len && p == PARSE_MORE; at += part) {
        part = next_part(split, text.len - at, &seed);
        p = json_scan_feed(&s, span_part(text, at, part));
    }
    if (p == PARSE_MORE)
        p = json_scan_finish(&s);
    assert_int_not_equal(p, PARSE_MORE);
    assert_true((p == PARSE_BAD) == (s.err != JSON_OK));
    return (struct verdict){p == PARSE_DONE, s.err, s.err_offset};
}

/* The same through json/pick, which holds values back and copies them. */
static bool pick_takes(struct span text, int split)
{
    static const struct json_pick_path paths[] = {
        {"a", PICK_RAW}, {"*", PICK_TEXT}, {"*.*", PICK_SIZE}};
    char raw[32];
    char word[32];
    struct json_picked results[] = {{raw, sizeof(raw)}, {word, sizeof(word)}, {0}};
    struct json_pick pick;
    enum parse p = PARSE_MORE;
    unsigned seed = (unsigned)split;
    size_t part;

    json_pick_start(&pick, paths, results, ARRAY_LEN(paths));
    for (size_t at = 0; at < text.len && p == PARSE_MORE; at += part) {
        part = next_part(split, text.len - at, &seed);
        p = json_pick_feed(&pick, span_part(text, at, part));
    }
    if (p == PARSE_MORE)
        p = json_pick_finish(&pick);
    return p == PARSE_DONE;
}

static struct verdict same_in_all_ways(const struct sample *sample)
{
    struct verdict once = scan_verdict(sample->text, 0);

    for (int split = 0; split < 2 + RANDOM_SPLITS; split++) {
        struct verdict other = scan_verdict(sample->text, split);

        if (other.taken != once.taken || other.err != once.err ||
            other.err_offset != once.err_offset)
            fail_msg("%s: split %d has another verdict", sample->name, split);
        if (pick_takes(sample->text, split) != once.taken)
            fail_msg("%s: split %d: pick has another verdict", sample->name, split);
    }
    return once;
}

static struct span without_white_space(struct span s)
{
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[0]) != NULL)
        s = span_part(s, 1, s.len);
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[s.len - 1]) != NULL)
        s.len--;
    return s;
}

/* json/tree and json/object read what scan takes, when its value is of their kind, and no more. */
static void readers_agree(const struct sample *sample, bool taken)
{
    static struct json_token tokens[TREE_VALUES];
    static int next[TREE_VALUES];
    static struct json_object object;
    struct span value = without_white_space(sample->text);
    char first = value.len > 0 ? value.ptr[0] : '\0';
    bool string = first == '"';
    bool twice = strstr(sample->name, "duplicated_key") || strstr(sample->name, "same_key");
    struct json_tree tree;
    enum json_tree_result result = json_tree_read(&tree, sample->text, tokens, next, TREE_VALUES);

    if ((result == JSON_TREE_OK) != (taken && (first == '{' || first == '[' || string)))
        fail_msg("%s: the tree has another verdict", sample->name);
    if (result == JSON_TREE_OK)
        assert_true(span_equal(json_tree_raw(&tree, 0),
                               span_part(value, string, value.len - (string ? 2 : 0))));
    if (json_object_read(&object, sample->text) != (taken && first == '{' && !twice))
        fail_msg("%s: the object has another verdict", sample->name);
    if (twice)
        assert_int_equal(object.err, JSON_ERR_DUPLICATE_KEY);
}

/* {"model":"m","messages":[],"x": THE TEXT } must have the text's verdict. */
static void same_in_a_request(const struct sample *sample, bool taken)
{
    static char body[BODY_BYTES];
    static struct json_object scratch;
    struct request r;
    struct fmt f;

    fmt_init(&f, body, sizeof(body));
    fmt_str(&f, "{\"model\":\"m\",\"messages\":[],\"x\":");
    fmt_text(&f, sample->text);
    fmt_char(&f, '}');
    assert_true(fmt_ok(&f));
    if (request_read(&r, API_CHAT, fmt_span(&f), &scratch) != taken)
        fail_msg("%s: in a request it is %s", sample->name, taken ? "refused" : "taken");
    if (!taken) {
        assert_int_equal(r.err, REQUEST_ERR_JSON);
        assert_true(r.err_offset <= fmt_span(&f).len);
        return;
    }
    assert_string_equal(r.model, "m");
    assert_non_null(json_object_find(&scratch, "x"));
    assert_true(
        span_equal(json_object_find(&scratch, "x")->value, without_white_space(sample->text)));
}

/* ---- the folders ---- */

static void judge(const struct sample *sample)
{
    struct verdict v = same_in_all_ways(sample);

    if (sample->expect == 'y' && !v.taken)
        fail_msg("%s is refused: %s at %u", sample->name, json_err_text(v.err),
                 (unsigned)v.err_offset);
    if (sample->expect == 'n' && v.taken)
        fail_msg("%s is taken", sample->name);
    readers_agree(sample, v.taken);
    same_in_a_request(sample, v.taken);
}

/* by_verdict: the names begin with it. */
static int each_file(const char *folder, bool by_verdict)
{
    static char text[TEXT_BYTES];
    const char *data = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char path[PATH_MAX];
    struct dirent *entry;
    int count = 0;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/suites/jsontestsuite/%s", data, folder);
    dir = opendir(path);
    if (dir == NULL) {
        print_message("%s is not here: skipped\n", path);
        skip();
    }
    while ((entry = readdir(dir)) != NULL) {
        struct sample sample;
        size_t len = 0;

        if (strstr(entry->d_name, ".json") == NULL)
            continue;
        snprintf(sample.name, sizeof(sample.name), "%s", entry->d_name);
        snprintf(path, sizeof(path), "%s/suites/jsontestsuite/%s/%s", data, folder, sample.name);
        assert_int_equal(config_file_read(path, text, sizeof(text), &len), 0);
        sample.text = span_of(text, len);
        sample.expect = by_verdict ? sample.name[0] : 'i';
        assert_non_null(strchr("yni", sample.expect));
        judge(&sample);
        count++;
    }
    closedir(dir);
    return count;
}

static void test_parsing(void **state)
{
    (void)state;
    assert_true(each_file("test_parsing", true) >= 318);
}

static void test_transform(void **state)
{
    (void)state;
    assert_true(each_file("test_transform", false) >= 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing),
        cmocka_unit_test(test_transform),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
