#include "policy/cache_key.h"

#include <string.h>

#include "base/check.h"
#include "base/decimal.h"

/* Bytes that UTF-8 never has (RFC 3629 section 4: F5 to FF). */
enum key_tag {
    TAG_MEMBER = 0xf5,
    TAG_STRING,
    TAG_NUMBER,
    TAG_EXPONENT, /* behind the digits; 8 bytes follow */
    TAG_LIST,
    TAG_OBJECT,
    TAG_NULL, /* these three in the order of enum json_kind */
    TAG_FALSE,
    TAG_TRUE,
    TAG_MIX,
};

_Static_assert(TAG_MIX <= 0xff && TAG_TRUE - TAG_NULL == (int)JSON_TRUE - (int)JSON_NULL,
               "tags are bytes, and words are told by their kind");

enum { KEY_NAME_BYTES = 24 };

/* What cannot shape an answer. Anything that is not known here may, and counts: sampling, limits,
 * tools and formats, seeds and log probabilities, a vendor's own members, names with "x-". */
static const char ignored[][KEY_NAME_BYTES] = {
    "user",              /* for the vendor's watch over abuse; clients are told apart by scope */
    "safety_identifier", /* its successor */
    "metadata",          /* labels in the vendor's lists of requests */
    "store",             /* whether the vendor keeps the answer for its own tools */
    "stream",            /* how the answer is sent: the caller mixes in what it keeps apart */
    "stream_options",    /* the same */
    "service_tier",      /* how soon, at what price; the model is the same */
    "prompt_cache_key",  /* where a vendor looks for computed prefixes: cost, not content */
    "prompt_cache_retention", /* for how long it keeps them */
};

bool cache_key_ignored(struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
        if (span_equal(name, span_str(ignored[i])))
            return true;
    return false;
}

/* What the values at one depth are hashed into. */
struct key_frame {
    struct hash_sip sip; /* of a list's elements, or of the member that passes */
    struct hash128 sum;  /* of an object's members */
    bool object;
};

struct key_reader {
    struct hash_sip fresh;
    struct span body;
    struct span left_out; /* a member's name; empty = none */
    uint64_t number_at;
    bool passing; /* inside a member that does not count */
    bool bad;
    /* One more than containers can be open, for the one that the scan is going to refuse. */
    struct key_frame frames[JSON_DEPTH_MAX + 2];
};

static void put_tag(struct hash_sip *sip, unsigned tag)
{
    hash_sip_add(sip, span_of(&(const char){(char)tag}, 1));
}

static void put_bytes(struct hash_sip *sip, const void *bytes, size_t len)
{
    hash_sip_add(sip, span_of(bytes, len));
}

static bool put_number(struct hash_sip *sip, struct span text)
{
    struct decimal d;
    size_t point;

    if (!decimal_read(text, &d))
        return false;
    put_tag(sip, TAG_NUMBER);
    if (d.negative)
        put_tag(sip, '-');
    point = span_find_byte(d.digits, '.');
    hash_sip_add(sip, span_part(d.digits, 0, point));
    hash_sip_add(sip, span_part(d.digits, point + 1, d.digits.len));
    put_tag(sip, TAG_EXPONENT);
    put_bytes(sip, &d.exponent, sizeof(d.exponent));
    return true;
}

static void sum_add(struct hash128 *sum, struct hash128 h)
{
    sum->word[0] += h.word[0];
    sum->word[1] += h.word[1];
}

static bool key_passes_over(const struct key_reader *r, unsigned depth)
{
    return depth > 0 && r->passing;
}

static void key_name(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct key_reader *r = ctx;
    struct key_frame *f = &r->frames[depth];

    if (depth == 1)
        r->passing =
            cache_key_ignored(name) || (r->left_out.len > 0 && span_equal(name, r->left_out));
    if (key_passes_over(r, depth))
        return;
    r->bad = r->bad || cut;
    f->sip = r->fresh;
    put_tag(&f->sip, TAG_MEMBER);
    hash_sip_add(&f->sip, name);
}

static void key_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct key_reader *r = ctx;
    struct key_frame *inner = &r->frames[depth + 1];

    if (key_passes_over(r, depth))
        return;
    r->number_at = offset;
    if (kind == JSON_STRING)
        put_tag(&r->frames[depth].sip, TAG_STRING);
    if (kind != JSON_OBJECT && kind != JSON_ARRAY)
        return;
    inner->object = kind == JSON_OBJECT;
    inner->sip = r->fresh;
    put_tag(&inner->sip, TAG_LIST);
    inner->sum = (struct hash128){{0, 0}};
}

static void key_text(void *ctx, unsigned depth, struct span decoded)
{
    struct key_reader *r = ctx;

    if (!key_passes_over(r, depth))
        hash_sip_add(&r->frames[depth].sip, decoded);
}

static struct hash128 key_container(const struct key_reader *r, struct key_frame *f)
{
    if (f->object) {
        f->sip = r->fresh;
        put_tag(&f->sip, TAG_OBJECT);
        put_bytes(&f->sip, &f->sum, sizeof(f->sum));
    }
    return hash_sip128_end(&f->sip);
}

static void key_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct key_reader *r = ctx;
    struct key_frame *f = &r->frames[depth];

    if (key_passes_over(r, depth))
        return;
    if (kind == JSON_NUMBER) {
        struct span text =
            span_part(r->body, (size_t)r->number_at, (size_t)(end_offset - r->number_at));

        r->bad = !put_number(&f->sip, text) || r->bad;
    } else if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
        struct hash128 h = key_container(r, &r->frames[depth + 1]);

        put_tag(&f->sip, kind == JSON_OBJECT ? TAG_OBJECT : TAG_LIST);
        put_bytes(&f->sip, &h, sizeof(h));
    } else if (kind != JSON_STRING) {
        put_tag(&f->sip, TAG_NULL + (unsigned)kind - (unsigned)JSON_NULL);
    }
    if (!f->object)
        return;
    sum_add(&f->sum, hash_sip128_end(&f->sip));
}

static const struct json_visitor key_visitor = {
    .key = key_name,
    .value_begin = key_begin,
    .string_bytes = key_text,
    .value_end = key_end,
};

/* Of the whole body but one member. */
static bool key_read(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span body,
                     struct span left_out, struct hash128 *out)
{
    struct key_reader r;
    struct json_scan scan;

    hash_sip128_start(&r.fresh, secret);
    r.body = body;
    r.left_out = left_out;
    r.number_at = 0;
    r.passing = false;
    r.bad = false;
    r.frames[0] = (struct key_frame){.sip = r.fresh};
    r.frames[1].object = false;
    json_scan_start(&scan, &key_visitor, &r, true);
    if (json_scan_feed(&scan, body) == PARSE_BAD || json_scan_finish(&scan) != PARSE_DONE ||
        !r.frames[1].object || r.bad)
        return false;
    *out = hash_sip128_end(&r.frames[0].sip);
    return true;
}

bool cache_key_read(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span body, struct hash128 *out)
{
    return key_read(secret, body, SPAN_EMPTY, out);
}

void cache_key_mix(const uint8_t secret[HASH_SIP_KEY_BYTES], struct hash128 *key, struct span more)
{
    struct hash_sip sip;

    hash_sip128_start(&sip, secret);
    put_tag(&sip, TAG_MIX);
    put_bytes(&sip, key, sizeof(*key));
    hash_sip_add(&sip, more);
    *key = hash_sip128_end(&sip);
}

uint64_t cache_scope(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span name)
{
    return hash_sip64(secret, name);
}

/* ---- the inputs of a batch ---- */

struct input_reader {
    struct hash_sip fresh; /* with all that the inputs have in common */
    struct hash_sip sip;
    struct span body;
    uint64_t begin_at;
    size_t count;
    bool inside;
    bool bad;
    void (*tell)(void *ctx, const struct cache_input *input);
    void *ctx;
};

static void input_name(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct input_reader *r = ctx;

    if (depth == 1)
        r->inside = !cut && span_equal(name, SPAN("input"));
}

static void input_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct input_reader *r = ctx;

    if (!r->inside)
        return;
    r->bad = r->bad || !(kind == JSON_STRING || (kind == JSON_ARRAY && depth == 1));
    r->begin_at = offset;
    r->sip = r->fresh;
}

static void input_text(void *ctx, unsigned depth, struct span decoded)
{
    struct input_reader *r = ctx;

    (void)depth;
    if (r->inside)
        hash_sip_add(&r->sip, decoded);
}

static void input_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct input_reader *r = ctx;
    struct cache_input input;

    (void)depth;
    if (!r->inside || kind != JSON_STRING)
        return;
    input.key = hash_sip128_end(&r->sip);
    input.value = span_part(r->body, (size_t)r->begin_at, (size_t)(end_offset - r->begin_at));
    input.index = r->count++;
    if (r->tell != NULL)
        r->tell(r->ctx, &input);
}

static const struct json_visitor input_visitor = {
    .key = input_name,
    .value_begin = input_begin,
    .string_bytes = input_text,
    .value_end = input_end,
};

static bool input_pass(struct input_reader *r)
{
    struct json_scan scan;

    r->count = 0;
    r->inside = false; /* the pass before may have ended with that member */
    json_scan_start(&scan, &input_visitor, r, false);
    return json_scan_feed(&scan, r->body) != PARSE_BAD && !r->bad;
}

size_t cache_key_inputs(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span body,
                        void (*tell)(void *ctx, const struct cache_input *input), void *ctx)
{
    struct input_reader r = {.body = body, .ctx = ctx};
    struct hash128 base;

    if (!key_read(secret, body, SPAN("input"), &base))
        return 0;
    hash_sip128_start(&r.fresh, secret);
    put_tag(&r.fresh, TAG_STRING);
    put_bytes(&r.fresh, &base, sizeof(base));
    if (!input_pass(&r))
        return 0;
    r.tell = tell;
    return input_pass(&r) ? r.count : 0;
}
