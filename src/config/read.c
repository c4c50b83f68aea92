#include "config/read.h"

#include <ini.h>
#include <string.h>

#include "base/check.h"
#include "base/distance.h"
#include "base/money.h"
#include "base/scan.h"
#include "config/line.h"

enum {
    READ_TEXT_BYTES = 768, /* the longest list of keys has 330, a name in \xHH 256 */
    READ_FILE_BYTES = 128, /* of the file's name in an error */
    READ_SHOWN_BYTES = 60, /* of a line in an error */
    READ_SEEN_MAX = 32,
};

struct reader {
    struct config_target *targets;
    size_t target_count;
    struct config_errors *errors;
    struct config_target *target; /* of the current section; NULL when it is unknown */
    char *item;
    bool seen[READ_SEEN_MAX]; /* keys of the current section */
    int section_line;         /* 0 = none has begun */
    struct span rest;         /* of the text, for inih */
    int line;                 /* that inih was given last */
    bool header_is_bad;       /* it was a header that has been told as an error */
};

/* ---- errors ---- */

/* As it was read, but for what stands before the '@' of a url: it may be a password. */
static void show(struct fmt *f, struct span text, size_t most)
{
    size_t from = span_find(text, SPAN("://"));
    size_t end = text.len;

    while (end > from && text.ptr[end - 1] != '@')
        end--;
    if (end > from + 3) {
        fmt_visible(f, span_part(text, 0, from + 3), most);
        fmt_str(f, "***@");
        text = span_part(text, end, text.len);
    }
    fmt_visible(f, text, most);
}

void config_error(struct config_errors *e, int line, struct span what)
{
    char text[READ_TEXT_BYTES + 4 * READ_FILE_BYTES + 32]; /* bytes of a name as \xHH */
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_visible(&f, span_str(e->file), READ_FILE_BYTES);
    if (line > 0) {
        fmt_char(&f, ':');
        fmt_i64(&f, line);
    }
    fmt_str(&f, ": ");
    fmt_text(&f, span_part(what, 0, READ_TEXT_BYTES));
    e->count++;
    e->tell(e->ctx, fmt_span(&f));
}

/* Names that are further away than a third of their letters are no misspelling. */
static void say_nearest(struct fmt *f, struct span read, const char *(*name)(const void *, size_t),
                        const void *of, size_t count)
{
    size_t nearest = SIZE_MAX;
    const char *best = NULL;

    for (size_t i = 0; i < count; i++) {
        size_t away = distance(read, span_str(name(of, i)));

        if (away < nearest) {
            nearest = away;
            best = name(of, i);
        }
    }
    if (best != NULL && nearest <= 1 + read.len / 3) {
        fmt_str(f, "; did you mean \"");
        fmt_str(f, best);
        fmt_str(f, "\"?");
        return;
    }
    fmt_str(f, "; allowed: ");
    for (size_t i = 0; i < count; i++) {
        fmt_str(f, i > 0 ? ", " : "");
        fmt_str(f, name(of, i));
    }
}

static const char *key_name(const void *section, size_t i)
{
    return ((const struct config_section *)section)->keys[i].name;
}

static const char *target_name(const void *reader, size_t i)
{
    return ((const struct reader *)reader)->targets[i].section->name;
}

/* ---- values ---- */

static bool is_bounded(const struct config_key *k)
{
    return k->min != 0 || k->max != 0;
}

static bool in_bounds(const struct config_key *k, int64_t value)
{
    return !is_bounded(k) || (value >= k->min && value <= k->max);
}

static void say_bounds(const struct config_key *k, struct fmt *why)
{
    if (!is_bounded(k))
        return;
    fmt_str(why, "; allowed: ");
    fmt_i64(why, k->min);
    fmt_str(why, " to ");
    fmt_i64(why, k->max);
    fmt_str(why, k->type == CONFIG_DURATION ? " ms" : k->type == CONFIG_SIZE ? " bytes" : "");
    if (k->type == CONFIG_PRICE)
        fmt_str(why, " millionths of a USD per million tokens (is the unit right?)");
}

static bool read_text(const struct config_key *k, char *place, struct span value, struct fmt *why)
{
    if (value.len >= k->place_bytes) {
        fmt_str(why, "is longer than ");
        fmt_u64(why, k->place_bytes - 1);
        fmt_str(why, " bytes");
        return false;
    }
    memset(place, 0, k->place_bytes);
    memcpy(place, value.ptr, value.len);
    return true;
}

static bool read_enum(const struct config_key *k, int *place, struct span value, struct fmt *why)
{
    for (int i = 0; k->names[i] != NULL; i++) {
        if (span_equal(value, span_str(k->names[i]))) {
            *place = i;
            return true;
        }
    }
    fmt_str(why, "is none of ");
    for (int i = 0; k->names[i] != NULL; i++) {
        fmt_str(why, i > 0 ? ", " : "");
        fmt_str(why, k->names[i]);
    }
    return false;
}

static bool read_number(const struct config_key *k, int64_t *place, struct span value,
                        struct fmt *why)
{
    uint64_t size = 0;
    int64_t number = 0;
    bool ok = false;
    const char *form = "";

    switch (k->type) {
    case CONFIG_COUNT:
        ok = scan_i64(value, &number);
        form = "is no whole number";
        break;
    case CONFIG_SIZE:
        ok = scan_size(value, &size) && size <= INT64_MAX;
        number = (int64_t)size;
        form = "is no size such as 512K or 8M";
        break;
    case CONFIG_DURATION:
        ok = scan_duration(value, &number);
        form = "is no time such as 500ms, 10s, 5m, 2h or 1d";
        break;
    default: /* USD per million tokens: a millionth of it is the price of a token */
        ok = scan_usd(value, &number) && number % MONEY_TOKENS_PER_PRICE == 0;
        number /= MONEY_TOKENS_PER_PRICE;
        form = "is no price in USD per million tokens, with at most 6 decimals";
        break;
    }
    if (!ok || !in_bounds(k, number)) {
        fmt_str(why, ok ? "is out of bounds" : form);
        say_bounds(k, why);
        return false;
    }
    *place = number;
    return true;
}

static bool read_value(const struct config_key *k, char *item, struct span value, struct fmt *why)
{
    void *place = item + k->offset;

    switch (k->type) {
    case CONFIG_TEXT:
        return read_text(k, place, value, why);
    case CONFIG_BOOL:
        if (scan_bool(value, place))
            return true;
        fmt_str(why, "is neither yes nor no");
        return false;
    case CONFIG_ENUM:
        return read_enum(k, place, value, why);
    case CONFIG_CUSTOM:
        return k->parse(item, value, why);
    case CONFIG_COUNT:
    case CONFIG_SIZE:
    case CONFIG_DURATION:
    case CONFIG_PRICE:
        break;
    }
    return read_number(k, place, value, why);
}

static void set_defaults(const struct config_section *section, char *item)
{
    for (size_t i = 0; i < section->key_count; i++) {
        const struct config_key *k = &section->keys[i];
        char ignored[64];
        struct fmt why;

        fmt_init(&why, ignored, sizeof(ignored));
        if (k->fallback != NULL)
            (void)read_value(k, item, span_str(k->fallback), &why);
        else if (k->type == CONFIG_PRICE)
            memcpy(item + k->offset, &(int64_t){CONFIG_UNSET}, sizeof(int64_t));
    }
}

/* ---- sections and keys ---- */

static void check_required(struct reader *r)
{
    const struct config_section *s;

    if (r->target == NULL)
        return;
    s = r->target->section;
    for (size_t i = 0; i < s->key_count; i++) {
        char text[READ_TEXT_BYTES];
        struct fmt f;

        if (!s->keys[i].required || r->seen[i])
            continue;
        fmt_init(&f, text, sizeof(text));
        fmt_str(&f, "this [");
        fmt_str(&f, s->name);
        fmt_str(&f, "] lacks the key \"");
        fmt_str(&f, s->keys[i].name);
        fmt_str(&f, "\"");
        config_error(r->errors, r->section_line, fmt_span(&f));
    }
}

static void bad_section(struct reader *r, int line, struct span header, const char *what)
{
    char text[READ_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "section [");
    fmt_visible(&f, header, 80);
    fmt_str(&f, "] ");
    fmt_str(&f, what);
    config_error(r->errors, line, fmt_span(&f));
}

static bool name_ok(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((uint8_t)name.ptr[i] <= ' ' || (uint8_t)name.ptr[i] >= 0x7f)
            return false;
    return name.len > 0 && name.len < CONFIG_NAME_BYTES;
}

static bool name_taken(const struct config_target *t, struct span name)
{
    for (size_t i = 0; i < t->count; i++)
        if (span_equal(span_str((const char *)t->items + i * t->item_bytes), name))
            return true;
    return false;
}

static struct config_target *find_target(struct reader *r, struct span name)
{
    for (size_t i = 0; i < r->target_count; i++)
        if (span_equal(span_str(r->targets[i].section->name), name))
            return &r->targets[i];
    return NULL;
}

/* The one before it ends all the same. */
static void pass_over_section(struct reader *r, int line)
{
    check_required(r);
    r->target = NULL;
    r->section_line = line;
    r->header_is_bad = false;
}

static void begin_section(struct reader *r, int line, struct span header)
{
    struct span rest = header;
    struct span kind = SPAN_EMPTY;
    struct config_target *t;

    pass_over_section(r, line);
    memset(r->seen, 0, sizeof(r->seen));
    (void)span_split(&rest, ' ', &kind);
    rest = span_trim(rest);
    t = find_target(r, kind);
    if (t == NULL) {
        char text[READ_TEXT_BYTES];
        struct fmt f;

        fmt_init(&f, text, sizeof(text));
        fmt_str(&f, "unknown section [");
        fmt_visible(&f, header, 80);
        fmt_char(&f, ']');
        say_nearest(&f, kind, target_name, r, r->target_count);
        config_error(r->errors, line, fmt_span(&f));
        return;
    }
    if (t->section->named ? !name_ok(rest) : rest.len > 0)
        bad_section(r, line, header,
                    t->section->named ? "needs a name of 1 to 63 characters without blanks"
                                      : "takes no name");
    else if (t->section->named ? name_taken(t, rest) : t->count > 0)
        bad_section(r, line, header, "stands twice");
    else if (t->count == t->capacity)
        bad_section(r, line, header, "is one too many of its kind");
    else
        r->target = t;
    if (r->target == NULL)
        return;
    r->item = (char *)t->items + t->count * t->item_bytes;
    memset(r->item, 0, t->item_bytes);
    set_defaults(t->section, r->item);
    if (t->section->named)
        memcpy(r->item, rest.ptr, rest.len);
    if (t->lines != NULL)
        t->lines[t->count] = line;
    t->count++;
}

static void unknown_key(struct reader *r, int line, struct span name)
{
    char text[READ_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "unknown key \"");
    fmt_visible(&f, name, 64);
    fmt_str(&f, "\" in [");
    fmt_str(&f, r->target->section->name);
    fmt_char(&f, ']');
    say_nearest(&f, name, key_name, r->target->section, r->target->section->key_count);
    config_error(r->errors, line, fmt_span(&f));
}

static void bad_value(struct reader *r, int line, struct span name, struct span value,
                      struct span why)
{
    char text[READ_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_text(&f, name);
    fmt_str(&f, " = ");
    show(&f, value, 80);
    fmt_str(&f, ": ");
    fmt_text(&f, why);
    config_error(r->errors, line, fmt_span(&f));
}

static void read_key(struct reader *r, int line, struct span name, struct span value)
{
    const struct config_section *s = r->target->section;
    char text[256];
    struct fmt why;
    size_t i = 0;

    while (i < s->key_count && !span_equal(span_str(s->keys[i].name), name))
        i++;
    if (i == s->key_count) {
        unknown_key(r, line, name);
        return;
    }
    fmt_init(&why, text, sizeof(text));
    if (value.len == 0) {
        fmt_str(&why, "is empty; ");
        fmt_str(&why, s->keys[i].help);
        bad_value(r, line, name, value, fmt_span(&why));
    } else if (r->seen[i] && !s->keys[i].repeatable) {
        bad_value(r, line, name, value, SPAN("stands twice in this section"));
    } else if (!read_value(&s->keys[i], r->item, value, &why)) {
        bad_value(r, line, name, value, fmt_span(&why));
    }
    r->seen[i] = true;
}

static int read_line(void *user, const char *section, const char *name, const char *value, int line)
{
    struct reader *r = user;

    if (name == NULL && r->header_is_bad)
        pass_over_section(r, line);
    else if (name == NULL)
        begin_section(r, line, span_trim(span_str(section)));
    else if (r->section_line == 0)
        config_error(r->errors, line, SPAN("a key before the first [section]"));
    else if (r->target != NULL)
        read_key(r, line, span_str(name), value != NULL ? span_str(value) : SPAN_EMPTY);
    return 1;
}

/* ---- whole texts ---- */

/* fgets for inih, over a span. It gets an empty line for one that is told as an error, and an empty
 * header for a header, so that the keys below it are not taken for the section's above. */
static char *next_line(char *out, int out_bytes, void *stream)
{
    struct reader *r = stream;
    const char *fault;
    struct span line;

    if (r->rest.len == 0 || !span_split(&r->rest, '\n', &line))
        return NULL;
    r->line++;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    fault = config_line_fault(line);
    if (fault != NULL) {
        char text[READ_TEXT_BYTES];
        struct fmt f;

        fmt_init(&f, text, sizeof(text));
        fmt_char(&f, '"');
        show(&f, span_trim(line), READ_SHOWN_BYTES);
        fmt_str(&f, "\" ");
        fmt_str(&f, fault);
        config_error(r->errors, r->line, fmt_span(&f));
        r->header_is_bad = span_starts(span_trim(line), SPAN("["));
        line = r->header_is_bad ? SPAN("[]") : SPAN_EMPTY;
    }
    CHECK(line.len + sizeof("\n") <= (size_t)out_bytes);
    if (line.len > 0)
        memcpy(out, line.ptr, line.len);
    memcpy(out + line.len, "\n", sizeof("\n"));
    return out;
}

/* The number of the line that holds the text's byte. */
static int line_of(struct span text, size_t offset)
{
    int line = 1;

    for (size_t i = 0; i < offset; i++)
        line += text.ptr[i] == '\n';
    return line;
}

bool config_read(struct span text, struct config_target *targets, size_t target_count,
                 struct config_errors *errors)
{
    struct reader r = {.targets = targets, .target_count = target_count, .errors = errors};
    size_t nul = span_find_byte(text, '\0');

    for (size_t i = 0; i < target_count; i++) {
        CHECK(targets[i].section->key_count <= READ_SEEN_MAX);
        targets[i].count = 0;
    }
    r.rest = span_starts(text, SPAN("\xef\xbb\xbf")) ? span_part(text, 3, text.len) : text;
    if (nul < text.len) /* a file of another kind, or UTF-16: each line would be wrong */
        config_error(errors, line_of(text, nul), SPAN("a NUL byte: the file is no text in UTF-8"));
    else
        (void)ini_parse_stream(next_line, &r, read_line, &r);
    check_required(&r);
    for (size_t i = 0; i < target_count; i++) {
        struct config_target *t = &targets[i];

        if (t->section->named || t->count > 0)
            continue;
        memset(t->items, 0, t->item_bytes);
        set_defaults(t->section, t->items);
        t->count = 1;
    }
    return errors->count == 0;
}

/* ---- the reference ---- */

static const char *type_name(const struct config_key *k)
{
    static const char *const names[] = {
        [CONFIG_TEXT] = "text",   [CONFIG_BOOL] = "yes | no", [CONFIG_COUNT] = "number",
        [CONFIG_SIZE] = "size",   [CONFIG_DURATION] = "time", [CONFIG_PRICE] = "price",
        [CONFIG_ENUM] = "one of", [CONFIG_CUSTOM] = "text",
    };

    return names[k->type];
}

static void help_key(const struct config_key *k, struct fmt *out)
{
    fmt_str(out, "  ");
    fmt_left(out, span_str(k->name), 22);
    fmt_str(out, k->help);
    fmt_str(out, " (");
    fmt_str(out, type_name(k));
    for (int i = 0; k->type == CONFIG_ENUM && k->names[i] != NULL; i++) {
        fmt_char(out, ' ');
        fmt_str(out, k->names[i]);
    }
    if (k->fallback != NULL) {
        fmt_str(out, "; default ");
        fmt_str(out, k->fallback);
    }
    if (k->required)
        fmt_str(out, "; required");
    if (k->repeatable)
        fmt_str(out, "; may stand several times");
    fmt_str(out, ")\n");
}

void config_help(const struct config_section *const *sections, size_t count, struct fmt *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct config_section *s = sections[i];

        fmt_char(out, '[');
        fmt_str(out, s->name);
        fmt_str(out, s->named ? " NAME]  " : "]  ");
        fmt_str(out, s->help);
        fmt_char(out, '\n');
        for (size_t k = 0; k < s->key_count; k++)
            help_key(&s->keys[k], out);
        fmt_char(out, '\n');
    }
    fmt_str(
        out,
        "Sizes take K and M, times take ms, s, m, h and d, prices are USD per million tokens.\n");
}
