#include "llm/price_file.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/scan.h"
#include "json/object.h"

/* ---- numbers ---- */

struct decimal {
    uint64_t digits;
    int64_t exponent; /* of ten */
    bool more;        /* a digit other than 0 was left out behind */
};

enum { EXPONENT_MAX = 1000, PUSD_EXPONENT = 12 };

static bool decimal_exponent(struct span s, int64_t *out)
{
    if (s.len > 0 && s.ptr[0] == '+')
        s = span_part(s, 1, s.len);
    return scan_i64(s, out) && *out >= -EXPONENT_MAX && *out <= EXPONENT_MAX;
}

static bool decimal_read(struct decimal *d, struct span s)
{
    bool fraction = false;
    int64_t exponent = 0;

    *d = (struct decimal){0};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == 'e' || c == 'E') {
            if (!decimal_exponent(span_part(s, i + 1, s.len), &exponent))
                return false;
            break;
        }
        if (c == '.') {
            fraction = true;
        } else if (c < '0' || c > '9') {
            return false;
        } else if (d->digits <= (UINT64_MAX - 9) / 10) {
            d->digits = d->digits * 10 + (uint64_t)(c - '0');
            d->exponent -= fraction;
        } else {
            d->more = d->more || c != '0';
            d->exponent += !fraction;
        }
    }
    d->exponent += exponent;
    return s.len > 0;
}

bool price_file_usd(struct span number, int64_t *pusd, bool *rounded)
{
    struct decimal d;
    bool more;

    if (!decimal_read(&d, number))
        return false;
    more = d.more;
    for (d.exponent += PUSD_EXPONENT; d.exponent < 0 && d.digits > 0; d.exponent++) {
        more = more || d.digits % 10 != 0;
        d.digits /= 10;
    }
    for (; d.exponent > 0 && d.digits > 0; d.exponent--) {
        if (d.digits > (uint64_t)INT64_MAX / 10)
            return false;
        d.digits *= 10;
    }
    if (d.digits >= (uint64_t)INT64_MAX)
        return false;
    *pusd = (int64_t)d.digits + more;
    if (more)
        *rounded = true;
    return true;
}

/* ---- fields ---- */

enum field_kind { FIELD_PRICE, FIELD_TOKENS, FIELD_WORD, FIELD_BANDS };

#define AT(member)  offsetof(struct price_file_model, member)
#define SET(member) offsetof(struct price_set, member)

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset; /* in the model; PRICE: in a price_set, or NO_SET */
};

enum { NO_SET = 1000, FIELD_NONE = -1 };

/* A price's name may end in _above_NNNk_tokens: then it is of the tier. The second name of one
 * thing counts where the first is not there. */
static const struct field fields[] = {
    {"input_cost_per_token", FIELD_PRICE, SET(input_pusd)},
    {"output_cost_per_token", FIELD_PRICE, SET(output_pusd)},
    {"cache_read_input_token_cost", FIELD_PRICE, SET(cached_input_pusd)},
    {"input_cost_per_token_cache_hit", FIELD_PRICE, SET(cached_input_pusd)},
    {"cache_creation_input_token_cost", FIELD_PRICE, SET(cache_write_pusd)},
    {"cache_creation_input_token_cost_above_1hr", FIELD_PRICE, SET(cache_write_1h_pusd)},
    {"output_cost_per_reasoning_token", FIELD_PRICE, NO_SET},
    {"max_input_tokens", FIELD_TOKENS, AT(context_tokens)},
    {"max_output_tokens", FIELD_TOKENS, AT(max_output_tokens)},
    {"litellm_provider", FIELD_WORD, AT(provider)},
    {"mode", FIELD_WORD, AT(mode)},
    {"tiered_pricing", FIELD_BANDS, 0},
};

/* Takes "_above_NNNk_tokens" off the end of a name; the tokens, 0 when it has no such end. */
static int64_t field_threshold(struct span *name)
{
    static const struct span end = {"k_tokens", 8};
    size_t from = span_find(*name, SPAN("_above_"));
    struct span rest;
    uint64_t thousands;

    /* The price of an hour's cache has "_above_1hr" before it. */
    if (span_starts(span_part(*name, from, name->len), SPAN("_above_1hr_above_")))
        from += sizeof("_above_1hr") - 1;
    rest = span_part(*name, from + sizeof("_above_") - 1, name->len);
    if (from == name->len || !span_ends(rest, end) ||
        !scan_u64(span_part(rest, 0, rest.len - end.len), &thousands) || thousands == 0 ||
        thousands > USAGE_TOKENS_MAX / 1000)
        return 0;
    *name = span_part(*name, 0, from);
    return (int64_t)thousands * 1000;
}

static int field_find(struct span name, int64_t *threshold)
{
    *threshold = field_threshold(&name);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (span_equal(span_str(fields[i].name), name))
            return *threshold != 0 && fields[i].kind != FIELD_PRICE ? FIELD_NONE : (int)i;
    return FIELD_NONE;
}

static void model_clear(struct price_file_model *m)
{
    memset(m, 0, sizeof(*m));
    price_clear(&m->price);
    m->reasoning_pusd = CONFIG_UNSET;
}

/* The set that a price of this threshold belongs to: the lowest threshold makes the tier. */
static struct price_set *model_set(struct price_file_model *m, int64_t threshold)
{
    if (threshold == 0)
        return &m->price.base;
    if (m->price.above_tokens != 0 && threshold != m->price.above_tokens)
        m->more_tiers = true;
    if (m->price.above_tokens != 0 && threshold > m->price.above_tokens)
        return NULL;
    if (threshold < m->price.above_tokens) {
        struct price none;

        price_clear(&none);
        m->price.above = none.above;
    }
    m->price.above_tokens = threshold;
    return &m->price.above;
}

static void model_price(struct price_file_model *m, const struct field *f, int64_t threshold,
                        struct span number)
{
    bool rounded = false;
    struct price_set *set;
    int64_t *place;
    int64_t pusd;

    if (!price_file_usd(number, &pusd, &rounded))
        return;
    if (f->offset == NO_SET) {
        m->reasoning_pusd = threshold == 0 ? pusd : m->reasoning_pusd;
        return;
    }
    set = model_set(m, threshold);
    if (set == NULL)
        return;
    place = (int64_t *)(void *)((char *)set + f->offset);
    if (*place != CONFIG_UNSET && f->offset == SET(cached_input_pusd))
        return;
    /* In the list, a cache that costs 0 is one whose price is not known or not asked for. */
    if (pusd == 0 && f->offset != SET(input_pusd) && f->offset != SET(output_pusd))
        return;
    *place = pusd;
    m->rounded = m->rounded || rounded;
}

static void model_number(struct price_file *f, struct span number)
{
    const struct field *field = &fields[f->field];
    int64_t tokens;

    if (field->kind == FIELD_PRICE)
        model_price(&f->model, field, f->threshold, number);
    else if (field->kind == FIELD_TOKENS && json_value_i64(number, &tokens) && tokens > 0 &&
             tokens <= USAGE_TOKENS_MAX)
        memcpy((char *)&f->model + field->offset, &tokens, sizeof(tokens));
}

/* ---- the file ---- */

enum { DEPTH_MODEL = 1, DEPTH_FIELD = 2 };

static void file_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct price_file *f = ctx;

    if (depth == DEPTH_MODEL) {
        model_clear(&f->model);
        memcpy(f->model.name, name.ptr, name.len);
        f->model.name_cut = cut || span_find_byte(name, '\0') < name.len;
    }
    if (depth != DEPTH_FIELD)
        return;
    f->field = cut ? FIELD_NONE : field_find(name, &f->threshold);
    f->word_len = 0;
}

static void file_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct price_file *f = ctx;

    if (depth != DEPTH_FIELD || f->field == FIELD_NONE)
        return;
    if (fields[f->field].kind == FIELD_BANDS && kind == JSON_ARRAY)
        f->model.banded = true;
    f->in_number = kind == JSON_NUMBER;
    f->number_at = offset;
    f->number_len = 0;
}

static void file_string(void *ctx, unsigned depth, struct span decoded)
{
    struct price_file *f = ctx;
    char *place;

    if (depth != DEPTH_FIELD || f->field == FIELD_NONE || fields[f->field].kind != FIELD_WORD)
        return;
    place = (char *)&f->model + fields[f->field].offset;
    for (size_t i = 0; i < decoded.len && f->word_len < PRICE_FILE_WORD_BYTES - 1; i++)
        place[f->word_len++] = decoded.ptr[i];
    place[f->word_len] = '\0';
}

/* Copies the number's bytes up to `end` out of the chunk that is being read. */
static void file_number_bytes(struct price_file *f, uint64_t end)
{
    CHECK(f->number_at >= f->chunk_at);
    for (; f->number_at < end; f->number_at++) {
        if (f->number_len < sizeof(f->number))
            f->number[f->number_len] = f->chunk.ptr[f->number_at - f->chunk_at];
        f->number_len++;
    }
}

static void file_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct price_file *f = ctx;

    if (depth == DEPTH_FIELD && f->in_number) {
        file_number_bytes(f, end_offset);
        f->in_number = false;
        if (f->number_len <= sizeof(f->number))
            model_number(f, span_of(f->number, f->number_len));
    }
    if (depth == DEPTH_FIELD)
        f->field = FIELD_NONE;
    if (depth == DEPTH_MODEL && kind == JSON_OBJECT)
        f->take(f->take_ctx, &f->model);
}

static const struct json_visitor visitor = {
    .key = file_key,
    .value_begin = file_begin,
    .string_bytes = file_string,
    .value_end = file_end,
};

void price_file_start(struct price_file *f,
                      void (*take)(void *ctx, const struct price_file_model *m), void *take_ctx)
{
    memset(f, 0, sizeof(*f));
    f->take = take;
    f->take_ctx = take_ctx;
    f->field = FIELD_NONE;
    model_clear(&f->model);
    json_scan_start(&f->scan, &visitor, f, false);
}

enum parse price_file_feed(struct price_file *f, struct span bytes)
{
    enum parse verdict;

    f->chunk = bytes;
    f->chunk_at = f->scan.offset;
    verdict = json_scan_feed(&f->scan, bytes);
    if (verdict != PARSE_BAD && f->in_number)
        file_number_bytes(f, f->scan.offset);
    return verdict;
}

enum parse price_file_finish(struct price_file *f)
{
    return json_scan_finish(&f->scan);
}
