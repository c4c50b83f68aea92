#include "policy/classify.h"

#include "base/check.h"

enum { CLASSIFY_WHOLE_MILLI = 1000 };

static const char *const names[WORKLOAD_COUNT] = {
    [WORKLOAD_UNKNOWN] = "unknown",
    [WORKLOAD_CHAT] = "chat",
    [WORKLOAD_CLASSIFICATION] = "classification",
    [WORKLOAD_CODE] = "code",
    [WORKLOAD_SUMMARIZATION] = "summarization",
    [WORKLOAD_TRANSLATION] = "translation",
};

static const struct config_key classify_keys[] = {
    {
        .name = "weights",
        .type = CONFIG_TEXT,
        .offset = offsetof(struct classify_settings, weights),
        .place_bytes = CLASSIFY_PATH_BYTES,
        .help = "weight file made by `farthing train`; default: the weights that are built in",
    },
    {
        .name = "difficulty",
        .type = CONFIG_TEXT,
        .offset = offsetof(struct classify_settings, difficulty),
        .place_bytes = CLASSIFY_PATH_BYTES,
        .help = "weight file made by `farthing train --difficulty`, for routes that ask for it",
    },
};

const struct config_section classify_section = {
    .name = "classify",
    .keys = classify_keys,
    .key_count = ARRAY_LEN(classify_keys),
    .help = "how the workload of a prompt is told",
};

const char *workload_name(enum workload w)
{
    CHECK(w < WORKLOAD_COUNT);
    return names[w];
}

bool workload_from_name(struct span name, enum workload *out)
{
    for (size_t i = 0; i < WORKLOAD_COUNT; i++) {
        if (!span_equal(name, span_str(names[i])))
            continue;
        *out = (enum workload)i;
        return true;
    }
    return false;
}

bool classify_load(struct classifier *c, struct span bytes, const char **why)
{
    if (!linear_load(&c->model, bytes, why))
        return false;
    for (size_t i = 0; i < c->model.classes; i++) {
        enum workload w = WORKLOAD_UNKNOWN;

        (void)workload_from_name(linear_label(&c->model, i), &w);
        c->workloads[i] = (uint8_t)w;
    }
    return true;
}

bool classify_load_difficulty(struct classifier *c, struct span bytes, const char **why)
{
    struct linear *m = &c->difficulty;
    bool whole = linear_load(m, bytes, why);

    if (whole && m->classes == 2 &&
        (span_equal(linear_label(m, 0), SPAN("hard")) ||
         span_equal(linear_label(m, 1), SPAN("hard"))))
        return true;
    if (whole)
        *why = "is a weight file for something else than easy and hard";
    m->classes = 0;
    return false;
}

void classify_start(struct classifier *c)
{
    const char *why;

    c->difficulty.classes = 0;
    CHECK(
        classify_load(c, span_of((const char *)classify_weights, sizeof(classify_weights)), &why));
}

/* ---- one prompt ---- */

struct ends {
    struct span head;
    struct span tail; /* empty: head is the whole text */
    size_t bytes;
};

static struct ends ends_of(struct span text)
{
    struct ends e = {.head = text, .bytes = text.len};

    if (text.len > FEATURES_WHOLE_BYTES) {
        e.head = span_part(text, 0, FEATURES_HEAD_BYTES);
        e.tail = span_part(text, text.len - FEATURES_TAIL_BYTES, FEATURES_TAIL_BYTES);
    }
    return e;
}

static void ends_score(const struct classifier *c, const struct ends *e, struct features *f,
                       int32_t *scores)
{
    features_read_ends(f, &c->model.form, e->head, e->tail, e->bytes);
    linear_scores(&c->model, f, scores);
}

static void verdict_of(const struct classifier *c, const int32_t *scores,
                       struct classify_verdict *out)
{
    out->class = linear_best(scores, c->model.classes, &out->confidence_milli);
    out->best = c->workloads[out->class];
    out->is_sure = out->confidence_milli >= c->model.bar_milli;
    out->workload = out->is_sure ? out->best : WORKLOAD_UNKNOWN;
}

/* What the system prompt says against a class, within bounds. That somebody is a helpful assistant
 * says nothing about what is asked of it: a prompt that is itself chat, or not sure to be anything,
 * counts only where there is no other (`alone`). */
static void system_add(const struct classifier *c, const int32_t *system, bool alone,
                       int32_t *scores)
{
    struct classify_verdict v;
    int32_t top = INT32_MIN;

    verdict_of(c, system, &v);
    if (!alone && (!v.is_sure || v.best == WORKLOAD_CHAT))
        return;

    for (size_t i = 0; i < c->model.classes; i++)
        top = system[i] > top ? system[i] : top;
    for (size_t i = 0; i < c->model.classes; i++) {
        int32_t below = top - system[i];

        scores[i] -= below < CLASSIFY_SYSTEM_SCORE ? below : CLASSIFY_SYSTEM_SCORE;
    }
}

static void classify_ends(const struct classifier *c, const struct ends *system,
                          const struct ends *user, struct classify_room *room,
                          struct classify_verdict *out)
{
    if (system->bytes == 0 && user->bytes == 0) {
        *out = (struct classify_verdict){.workload = WORKLOAD_UNKNOWN};
        return;
    }
    ends_score(c, user, &room->features, room->scores);
    if (system->bytes > 0) {
        ends_score(c, system, &room->features, room->system_scores);
        system_add(c, room->system_scores, user->bytes == 0, room->scores);
    }
    verdict_of(c, room->scores, out);
}

void classify(const struct classifier *c, struct span system, struct span user,
              struct classify_room *room, struct classify_verdict *out)
{
    struct ends system_ends = ends_of(system);
    struct ends user_ends = ends_of(user);

    classify_ends(c, &system_ends, &user_ends, room, out);
}

/* ---- a request ---- */

/* What of the text fits into the tail, the last of it. */
static struct span tail_of(struct classify_room *room, const struct message_text *text)
{
    size_t len = message_text_decode(text, room->tail, sizeof(room->tail));
    size_t used = len < FEATURES_TAIL_BYTES ? len : FEATURES_TAIL_BYTES;

    return span_of(room->tail + len - used, used);
}

/* Where in the middle of a JSON string a character begins for certain: at a blank or a byte that
 * leads a character beyond ASCII, which are in no escape, or at the backslash of an escape, which
 * follows no other; not at one that may be the second half of a pair (RFC 8259 section 7). */
static size_t string_resume(struct span raw)
{
    const uint8_t lead = 0xc0;
    size_t i;

    for (i = 1; i + 2 < raw.len; i++) {
        uint8_t byte = (uint8_t)raw.ptr[i];

        if (byte == ' ' || byte >= lead)
            break;
        if (byte == '\\' && raw.ptr[i - 1] != '\\' && raw.ptr[i + 1] == 'u' &&
            raw.ptr[i + 2] != 'd' && raw.ptr[i + 2] != 'D')
            break;
    }
    return i;
}

/* The last bytes of a JSON string, decoded; nothing where no beginning is near its end. */
static struct span tail_decode(struct classify_room *room, struct span value)
{
    struct span raw = span_part(value, value.len - sizeof(room->raw), sizeof(room->raw));
    size_t from = string_resume(raw);
    struct message_text text;

    if (from + 2 >= raw.len)
        return SPAN_EMPTY;
    raw = span_part(raw, from - 1, raw.len);
    memcpy(room->raw, raw.ptr, raw.len);
    room->raw[0] = '"';
    text.value = span_of(room->raw, raw.len);
    return tail_of(room, &text);
}

/* Both ends of a message: its first part's beginning and its last part's end. */
static void message_ends(const struct messages *m, const struct message_text *last,
                         struct classify_room *room, struct ends *e)
{
    const struct message_text *first = last;
    size_t len;

    while (first > m->texts && first[-1].message == last->message && first[-1].role == last->role)
        first--;
    len = message_text_decode(first, room->head, sizeof(room->head));
    *e = (struct ends){.head = span_of(room->head, len)};
    for (const struct message_text *t = first; t <= last; t++)
        e->bytes += t->value.len - 2;
    if (first == last && last->value.len <= sizeof(room->head) + 2) {
        e->bytes = len;
        return;
    }
    e->head = span_part(e->head, 0, FEATURES_HEAD_BYTES);
    if (last->value.len > sizeof(room->raw))
        e->tail = tail_decode(room, last->value);
    else
        e->tail = tail_of(room, last);
}

/* The share of "hard". */
static int32_t difficulty_of(const struct classifier *c, const struct ends *e,
                             struct classify_room *room)
{
    const struct linear *m = &c->difficulty;
    int32_t milli;
    size_t best;

    if (m->classes == 0)
        return -1;
    features_read_ends(&room->features, &m->form, e->head, e->tail, e->bytes);
    linear_scores(m, &room->features, room->system_scores);
    best = linear_best(room->system_scores, m->classes, &milli);
    return span_equal(linear_label(m, best), SPAN("hard")) ? milli : CLASSIFY_WHOLE_MILLI - milli;
}

void classify_request(const struct classifier *c, const struct messages *m,
                      struct classify_room *room, struct classify_verdict *out)
{
    const struct message_text *user = messages_last(m, ROLE_USER);
    const struct message_text *system = messages_last(m, ROLE_SYSTEM);
    struct ends e;

    if (user == NULL && system == NULL) {
        *out = (struct classify_verdict){.workload = WORKLOAD_UNKNOWN, .difficulty_milli = -1};
        return;
    }
    memset(room->scores, 0, sizeof(room->scores));
    out->difficulty_milli = -1;
    if (user != NULL) {
        message_ends(m, user, room, &e);
        ends_score(c, &e, &room->features, room->scores);
        out->difficulty_milli = difficulty_of(c, &e, room);
    }
    if (system != NULL) {
        message_ends(m, system, room, &e);
        ends_score(c, &e, &room->features, room->system_scores);
        system_add(c, room->system_scores, user == NULL, room->scores);
    }
    verdict_of(c, room->scores, out);
}
