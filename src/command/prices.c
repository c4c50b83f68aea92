/* prices - [model] sections for a configuration out of LiteLLM's price list. */
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/distance.h"
#include "command/command.h"
#include "config/file.h"
#include "llm/price_file.h"
#include "net/sys.h"

enum {
    PRICES_MODELS_MAX = 32, /* of one command line */
    PRICES_NEAR = 3,
    PRICES_SECTION_BYTES = 41, /* of a name: a section's head has at most 48 characters */
    PRICES_TEXT_BYTES = 2048,
};

struct prices_near {
    char name[PRICE_FILE_NAME_BYTES];
    size_t distance;
};

struct prices_wanted {
    struct span name;
    struct price_file_model model; /* name "" = not seen yet */
    struct prices_near near[PRICES_NEAR];
};

struct prices {
    struct price_file file;
    size_t wanted_count; /* 0: names are listed */
    struct prices_wanted wanted[PRICES_MODELS_MAX];
    uint64_t models;
    bool unwritable;
};

static void prices_tell(struct fmt *f)
{
    ssize_t put;

    fmt_char(f, '\n');
    put = write(STDERR_FILENO, fmt_span(f).ptr, fmt_span(f).len);
    (void)put; /* there is nowhere left to say that it failed */
}

static void prices_tell_open(struct fmt *f, char *text, struct span subject)
{
    fmt_init(f, text, PRICES_TEXT_BYTES);
    fmt_str(f, "farthing prices: ");
    fmt_visible(f, subject, 200);
}

/* ---- the list ---- */

static struct span prices_tail(struct span name)
{
    size_t from = name.len;

    while (from > 0 && name.ptr[from - 1] != '/')
        from--;
    return span_part(name, from, name.len);
}

static void prices_note_near(struct prices_wanted *w, const struct price_file_model *m)
{
    struct span name = span_str(m->name);
    size_t whole = distance(w->name, name);
    size_t tail = distance(w->name, prices_tail(name));
    /* Of two as near, the one without a provider in front is meant. */
    size_t nearer = tail < whole ? 2 * tail + 1 : whole < SIZE_MAX ? 2 * whole : whole;
    size_t at = PRICES_NEAR;

    while (at > 0 && nearer < w->near[at - 1].distance)
        at--;
    if (at == PRICES_NEAR)
        return;
    memmove(&w->near[at + 1], &w->near[at], (PRICES_NEAR - 1 - at) * sizeof(w->near[0]));
    memcpy(w->near[at].name, m->name, sizeof(m->name));
    w->near[at].distance = nearer;
}

static void prices_take(void *ctx, const struct price_file_model *m)
{
    struct prices *p = ctx;
    bool priced = price_is_known(&m->price);
    char line[4 * PRICE_FILE_NAME_BYTES + 1];
    struct fmt f;

    p->models++;
    if (m->name_cut)
        return;
    for (size_t i = 0; i < p->wanted_count; i++)
        if (span_equal(p->wanted[i].name, span_str(m->name)))
            p->wanted[i].model = *m;
        else if (priced)
            prices_note_near(&p->wanted[i], m);
    if (p->wanted_count > 0 || !priced)
        return;
    fmt_init(&f, line, sizeof(line));
    fmt_visible(&f, span_str(m->name), sizeof(m->name));
    fmt_char(&f, '\n');
    p->unwritable = p->unwritable || !command_out(fmt_span(&f));
}

/* ---- one model ---- */

/* USD per million tokens: picodollars a token with six decimals, without zeros at the end. */
static void prices_write_price(struct fmt *f, const char *key, const char *tier, int64_t pusd)
{
    char digits[32];
    struct fmt number;
    struct span s;

    if (pusd == CONFIG_UNSET)
        return;
    fmt_str(f, key);
    fmt_str(f, tier);
    fmt_str(f, " = ");
    fmt_u64(f, (uint64_t)pusd / MONEY_TOKENS_PER_PRICE);
    fmt_init(&number, digits, sizeof(digits));
    fmt_u64(&number, (uint64_t)(MONEY_TOKENS_PER_PRICE + pusd % MONEY_TOKENS_PER_PRICE));
    s = fmt_span(&number);
    while (s.len > 0 && s.ptr[s.len - 1] == '0')
        s.len--;
    if (s.len > 1) { /* the first digit only keeps zeros in front */
        fmt_char(f, '.');
        fmt_text(f, span_part(s, 1, s.len));
    }
    fmt_char(f, '\n');
}

static void prices_write_set(struct fmt *f, const struct price_set *s, const char *tier)
{
    prices_write_price(f, "input", tier, s->input_pusd);
    prices_write_price(f, "cached_input", tier, s->cached_input_pusd);
    prices_write_price(f, "cache_write", tier, s->cache_write_pusd);
    prices_write_price(f, "cache_write_1h", tier, s->cache_write_1h_pusd);
    prices_write_price(f, "output", tier, s->output_pusd);
}

static void prices_write_count(struct fmt *f, const char *key, int64_t count)
{
    if (count == 0)
        return;
    fmt_str(f, key);
    fmt_str(f, " = ");
    fmt_i64(f, count);
    fmt_char(f, '\n');
}

/* The vendor's own name for it: without the provider that the list puts in front. */
static struct span prices_id(const struct price_file_model *m)
{
    struct span name = span_str(m->name);
    size_t slash = span_find_byte(name, '/');

    if (slash < name.len && span_starts(span_str(m->provider), span_part(name, 0, slash)))
        return span_part(name, slash + 1, name.len);
    return name;
}

static void prices_write_remarks(struct fmt *f, const struct price_file_model *m)
{
    if (m->price.base.input_pusd == 0 && m->price.base.output_pusd == 0)
        fmt_str(f, "# 0 in the list: it is free, or the list does not know its price\n");
    if (m->rounded)
        fmt_str(f, "# rounded up to the millionth of a dollar\n");
    if (m->more_tiers)
        fmt_str(f, "# the list has more thresholds than the lowest\n");
    if (m->reasoning_pusd != CONFIG_UNSET && m->reasoning_pusd > m->price.base.output_pusd)
        fmt_str(f, "# output is priced as reasoning, which the list has dearer\n");
}

static void prices_write_model(struct fmt *f, const struct price_file_model *m)
{
    struct price price = m->price;
    struct span id = prices_id(m);
    struct span section = id.len <= PRICES_SECTION_BYTES ? id : prices_tail(id);

    section = span_part(section, 0, PRICES_SECTION_BYTES);
    if (m->reasoning_pusd > price.base.output_pusd)
        price.base.output_pusd = m->reasoning_pusd;
    fmt_str(f, "[model ");
    fmt_visible(f, section, PRICES_SECTION_BYTES);
    fmt_str(f, "]\nupstream = ");
    fmt_visible(f, span_str(m->provider[0] != '\0' ? m->provider : "NAME"), PRICE_FILE_WORD_BYTES);
    fmt_char(f, '\n');
    if (!span_equal(id, section)) {
        fmt_str(f, "id = ");
        fmt_visible(f, id, PRICE_FILE_NAME_BYTES);
        fmt_char(f, '\n');
    }
    prices_write_remarks(f, m);
    prices_write_set(f, &price.base, "");
    prices_write_count(f, "above", price.above_tokens);
    prices_write_set(f, &price.above, "_above");
    prices_write_count(f, "context", m->context_tokens);
    prices_write_count(f, "max_output", m->max_output_tokens);
    fmt_char(f, '\n');
}

static bool prices_refuse(const struct prices_wanted *w)
{
    char text[PRICES_TEXT_BYTES];
    struct fmt f;

    prices_tell_open(&f, text, w->name);
    if (w->model.name[0] != '\0') {
        fmt_str(&f, w->model.banded ? ": its prices are bands of lengths, which are not read"
                                    : ": the list has no price of a token for it");
    } else {
        fmt_str(&f, ": the list has no such model; nearest: ");
        for (size_t i = 0; i < PRICES_NEAR && w->near[i].name[0] != '\0'; i++) {
            fmt_str(&f, i > 0 ? ", " : "");
            fmt_visible(&f, span_str(w->near[i].name), sizeof(w->near[i].name));
        }
    }
    prices_tell(&f);
    return false;
}

static bool prices_give(const struct prices_wanted *w)
{
    char text[PRICES_TEXT_BYTES];
    struct fmt f;

    if (w->model.name[0] == '\0' || !price_is_known(&w->model.price))
        return prices_refuse(w);
    fmt_init(&f, text, sizeof(text));
    prices_write_model(&f, &w->model);
    return command_out(fmt_span(&f));
}

/* ---- the command ---- */

static void prices_chunk(void *ctx, struct span chunk)
{
    struct prices *p = ctx;

    (void)price_file_feed(&p->file, chunk); /* a fault is kept, and said at the end */
}

static bool prices_read(struct prices *p, const char *path)
{
    char text[PRICES_TEXT_BYTES];
    struct fmt f;
    int result;

    price_file_start(&p->file, prices_take, p);
    result = config_file_each(path, prices_chunk, p);
    if (result == 0 && price_file_finish(&p->file) == PARSE_DONE && p->models > 0)
        return true;
    prices_tell_open(&f, text, span_str(path));
    fmt_str(&f, ": ");
    if (result < 0) {
        fmt_str(&f, sys_error_text(result));
    } else if (p->file.scan.err != JSON_OK) {
        fmt_str(&f, "no JSON: ");
        fmt_str(&f, json_err_text(p->file.scan.err));
        fmt_str(&f, " at byte ");
        fmt_u64(&f, p->file.scan.err_offset);
    } else {
        fmt_str(&f, "there is no model in it");
    }
    prices_tell(&f);
    return false;
}

int command_prices(int argc, char **argv)
{
    struct prices p = {0};
    bool good = true;

    if (argc == 0)
        return command_wrong("prices needs the name of a price list", NULL);
    if (argc - 1 > PRICES_MODELS_MAX)
        return command_wrong("too many models at", argv[PRICES_MODELS_MAX + 1]);
    for (int i = 0; i < argc; i++)
        if (argv[i][0] == '-')
            return command_wrong("unknown argument", argv[i]);
    p.wanted_count = (size_t)argc - 1;
    for (size_t i = 0; i < p.wanted_count; i++) {
        p.wanted[i].name = span_str(argv[i + 1]);
        for (size_t n = 0; n < PRICES_NEAR; n++)
            p.wanted[i].near[n].distance = SIZE_MAX;
    }
    if (!prices_read(&p, argv[0]))
        return COMMAND_FAILED;
    for (size_t i = 0; i < p.wanted_count; i++)
        good = prices_give(&p.wanted[i]) && good;
    return good && !p.unwritable ? COMMAND_OK : COMMAND_FAILED;
}
