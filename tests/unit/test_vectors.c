#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/vectors.h"

enum { DIMS_MAX = 1536, TEXT_BYTES = 64 * 1024, SLOTS = 300 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Nearly normal, as components of embeddings are. */
static void random_direction(uint32_t *seed, float *out, size_t dims)
{
    float length = 0;

    for (size_t i = 0; i < dims; i++) {
        out[i] = 0;
        for (int k = 0; k < 6; k++)
            out[i] += (float)(next_random(seed) % 20001) / 10000 - 1;
        length += out[i] * out[i];
    }
    for (size_t i = 0; i < dims; i++)
        out[i] /= sqrtf(length);
}

static float true_cosine(const float *a, const float *b, size_t dims)
{
    float dot = 0;
    float aa = 0;
    float bb = 0;

    for (size_t i = 0; i < dims; i++) {
        dot += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    return dot / sqrtf(aa * bb);
}

static size_t write_array(char *out, const float *v, size_t dims, const char *format)
{
    size_t len =
        (size_t)sprintf(out, "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[");

    for (size_t i = 0; i < dims; i++) {
        len += (size_t)sprintf(out + len, i > 0 ? "," : "");
        len += (size_t)sprintf(out + len, format, (double)v[i]);
    }
    return len + (size_t)sprintf(out + len, "]},{\"embedding\":[7,7]}],\"usage\":{\"data\":[1]}}");
}

static size_t write_base64(char *out, const float *v, size_t dims)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *bytes = (const uint8_t *)v;
    size_t count = dims * sizeof(*v);
    size_t len = (size_t)sprintf(out, "{\"data\":[{\"embedding\":\"");

    for (size_t i = 0; i < count; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16;

        word |= i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0;
        word |= i + 2 < count ? bytes[i + 2] : 0;
        out[len++] = digits[word >> 18];
        out[len++] = digits[word >> 12 & 63];
        out[len++] = i + 1 < count ? digits[word >> 6 & 63] : '=';
        out[len++] = i + 2 < count ? digits[word & 63] : '=';
    }
    return len + (size_t)sprintf(out + len, "\"}]}");
}

static enum parse read_all(struct span text, enum vector_reduce reduce, struct vector *out)
{
    struct vector_reader r;

    vector_read_start(&r, reduce);
    if (vector_read_feed(&r, text) == PARSE_BAD)
        return PARSE_BAD;
    return vector_read_finish(&r, out);
}

static void test_any_split_is_the_same(void **state)
{
    static char text[TEXT_BYTES];
    float v[300];
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 20; round++) {
        size_t dims = 1 + next_random(&seed) % 300;
        struct vector whole;
        struct vector cut;
        struct vector_reader r;
        size_t len;

        random_direction(&seed, v, dims);
        len = round % 2 == 0 ? write_array(text, v, dims, "%.9g") : write_base64(text, v, dims);
        assert_int_equal(read_all(span_of(text, len), VECTOR_FOLD, &whole), PARSE_DONE);
        vector_read_start(&r, VECTOR_FOLD);
        for (size_t at = 0; at < len;) {
            size_t n = round % 4 < 2 ? 1 : 1 + next_random(&seed) % 40;

            n = n < len - at ? n : len - at;
            assert_int_equal(vector_read_feed(&r, span_of(text + at, n)), PARSE_MORE);
            at += n;
        }
        assert_int_equal(vector_read_finish(&r, &cut), PARSE_DONE);
        assert_memory_equal(&whole, &cut, sizeof(whole));
    }
}

/* Both forms and all ways to write numbers give the same bytes; cosines are near the true ones. */
static void test_precision(void **state)
{
    static const char *const formats[] = {"%.9g", "%.9f", "%.12e", "%.9E"};
    static char text[TEXT_BYTES];
    float a[DIMS_MAX];
    float b[DIMS_MAX];
    uint32_t seed = 9;
    float worst_cut = 0;
    float square_fold = 0;
    int folds = 0;

    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t dims = round % 2 == 0 ? VECTOR_DIMS : DIMS_MAX;
        struct vector x;
        struct vector y;
        struct vector z;
        float error;

        random_direction(&seed, a, dims);
        random_direction(&seed, b, dims);
        for (size_t i = 0; i < dims; i++)
            b[i] = a[i] * (float)round / 60 + b[i] * (1 - (float)round / 60);
        read_all(span_of(text, write_base64(text, a, dims)), VECTOR_FOLD, &x);
        assert_int_equal(read_all(span_of(text, write_array(text, a, dims, formats[round % 4])),
                                  VECTOR_FOLD, &z),
                         PARSE_DONE);
        for (size_t i = 0; i < VECTOR_DIMS; i++)
            assert_true(abs(x.at[i] - z.at[i]) <= 1);
        assert_int_equal(read_all(span_of(text, write_base64(text, b, dims)), VECTOR_FOLD, &y),
                         PARSE_DONE);
        assert_in_range(vector_cosine(&x, &x), 999, 1000);
        error = fabsf((float)vector_cosine(&x, &y) / 1000 - true_cosine(a, b, dims));
        if (dims == VECTOR_DIMS)
            worst_cut = error > worst_cut ? error : worst_cut;
        else
            square_fold += error * error, folds++;
    }
    print_message("256 dimensions: cosines within %.4f; 1536 folded: %.4f (root mean square)\n",
                  (double)worst_cut, (double)sqrtf(square_fold / (float)folds));
    assert_true(worst_cut < 0.01f);
    assert_true(square_fold / (float)folds < 0.06f * 0.06f);
}

static void test_what_is_read(void **state)
{
    static const struct {
        const char *text;
        enum parse want;
        int8_t first;
        int8_t second;
    } rows[] = {
        {"{\"data\":[{\"embedding\":[1,-1]}]}", PARSE_DONE, 127, -127},
        {"{\"data\":[{\"embedding\":[0.5,-1e0]}]}", PARSE_DONE, 64, -127},
        {"{\"data\":[{\"embedding\":[5e-3, 100E-4]}]}", PARSE_DONE, 64, 127},
        {"{\"data\":[{\"embedding\":[0.0050000000000000000000000000000001,1e-2]}]}", PARSE_DONE, 64,
         127},
        {"{\"data\":[{\"embedding\":[123456789012345678901234567890e-30,-0]}]}", PARSE_DONE, 127,
         0},
        {"{\"data\":[{\"embedding\":[1e999,-1e-999]}]}", PARSE_DONE, 127, 0},
        {"{\"model\":\"m\",\"data\":[{\"embedding\":[2,1],\"index\":0},{\"embedding\":[0,9]}]}",
         PARSE_DONE, 127, 64},
        {"{\"data\":[{\"embedding\":\"AACAPwAAgL8=\"}]}", PARSE_DONE, 127, -127},
        {"{\"data\":[{\"embedding\":\"AACAPwAAgL\"}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":\"AAC?PwAAgL8=\"}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":[]}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":[0,0.0]}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":[[1,2]]}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[]}", PARSE_BAD, 0, 0},
        {"{\"embedding\":[1,2]}", PARSE_BAD, 0, 0},
        {"{\"other\":[{\"embedding\":[1,2]}]}", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":[1,2", PARSE_BAD, 0, 0},
        {"{\"data\":[{\"embedding\":[1,,2]}]}", PARSE_BAD, 0, 0},
        {"", PARSE_BAD, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vector v;

        if (read_all(span_str(rows[i].text), VECTOR_CUT, &v) != rows[i].want)
            fail_msg("%s", rows[i].text);
        if (rows[i].want == PARSE_DONE && (v.at[0] != rows[i].first || v.at[1] != rows[i].second))
            fail_msg("%s: %d %d", rows[i].text, v.at[0], v.at[1]);
    }
}

static void test_too_many_dimensions(void **state)
{
    static char text[3 * TEXT_BYTES];
    struct vector v;

    (void)state;
    for (size_t dims = VECTOR_INPUT_MAX; dims <= VECTOR_INPUT_MAX + 1; dims++) {
        size_t len = (size_t)sprintf(text, "{\"data\":[{\"embedding\":[1");

        for (size_t i = 1; i < dims; i++)
            len += (size_t)sprintf(text + len, ",1");
        len += (size_t)sprintf(text + len, "]}]}");
        assert_int_equal(read_all(span_of(text, len), VECTOR_CUT, &v),
                         dims == VECTOR_INPUT_MAX ? PARSE_DONE : PARSE_BAD);
    }
}

static void test_ring(void **state)
{
    static struct vector_slot slots[SLOTS];
    static float truth[SLOTS][VECTOR_DIMS];
    static char text[TEXT_BYTES];
    struct vectors ring;
    uint32_t seed = 3;
    int cosine = 0;

    (void)state;
    vectors_init(&ring, slots, SLOTS);
    for (size_t i = 0; i < SLOTS; i++) {
        struct vector v;

        random_direction(&seed, truth[i], VECTOR_DIMS);
        read_all(span_of(text, write_base64(text, truth[i], VECTOR_DIMS)), VECTOR_CUT, &v);
        if (i == 0)
            assert_int_equal(vectors_nearest(&ring, &v, &cosine), 0);
        vectors_put(&ring, &v, i + 1);
    }
    for (size_t round = 0; round < 50; round++) {
        float asked[VECTOR_DIMS];
        size_t best = 0;
        struct vector v;

        random_direction(&seed, asked, VECTOR_DIMS);
        for (size_t i = 0; i < VECTOR_DIMS; i++)
            asked[i] += truth[round * 5][i];
        for (size_t i = 0; i < SLOTS; i++)
            if (true_cosine(asked, truth[i], VECTOR_DIMS) >
                true_cosine(asked, truth[best], VECTOR_DIMS))
                best = i;
        read_all(span_of(text, write_base64(text, asked, VECTOR_DIMS)), VECTOR_CUT, &v);
        assert_int_equal(vectors_nearest(&ring, &v, &cosine), best + 1);
        assert_int_equal(cosine, vector_cosine(&v, &slots[best].vector));
    }
    assert_true(vectors_drop(&ring, 1));
    assert_false(vectors_drop(&ring, 1));
    vectors_put(&ring, &slots[5].vector, 777); /* over the oldest, which is empty by now */
    assert_true(vectors_drop(&ring, 6));
    assert_int_equal(vectors_nearest(&ring, &slots[5].vector, &cosine), 777);
    assert_in_range(cosine, 999, 1000);
    vectors_put(&ring, &slots[9].vector, 778); /* over the second */
    assert_false(vectors_drop(&ring, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_split_is_the_same),
        cmocka_unit_test(test_precision),
        cmocka_unit_test(test_what_is_read),
        cmocka_unit_test(test_too_many_dimensions),
        cmocka_unit_test(test_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
