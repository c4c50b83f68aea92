/* Members of a line, strictly. */
#include "base/check.h"
#include "base/scan.h"
#include "command/eval.h"
#include "json/tree.h"

bool eval_refuse(struct eval *e, const char *reason)
{
    fmt_init(&e->reason, e->reason_text, sizeof(e->reason_text));
    fmt_str(&e->reason, reason);
    return false;
}

static bool eval_refuse_member(struct eval *e, const char *name, const char *what)
{
    fmt_init(&e->reason, e->reason_text, sizeof(e->reason_text));
    fmt_char(&e->reason, '"');
    fmt_str(&e->reason, name);
    fmt_str(&e->reason, "\" ");
    fmt_str(&e->reason, what);
    return false;
}

/* The member, NULL when it is absent or null; *ok is false when it had to be there. */
static const struct json_member *eval_find(struct eval *e, const char *name, bool *found, bool *ok)
{
    const struct json_member *m = json_object_find(e->in, name);

    if (m != NULL && m->kind == JSON_NULL)
        m = NULL;
    *ok = m != NULL || found != NULL;
    if (!*ok)
        (void)eval_refuse_member(e, name, "is missing");
    if (found != NULL)
        *found = m != NULL;
    return m;
}

bool eval_text(struct eval *e, const char *name, struct span *out, bool *found)
{
    bool ok;
    const struct json_member *m = eval_find(e, name, found, &ok);
    char *at = e->scratch + e->scratch_used;
    size_t len = 0;

    if (m == NULL)
        return ok;
    /* What a line holds decoded is never longer than the line, so all its members fit. */
    if (!json_value_text(m->value, at, EVAL_LINE_BYTES - e->scratch_used, &len))
        return eval_refuse_member(e, name, "is no text");
    e->scratch_used += len;
    *out = span_of(at, len);
    return true;
}

bool eval_count(struct eval *e, const char *name, int64_t *out, bool *found)
{
    bool ok;
    const struct json_member *m = eval_find(e, name, found, &ok);

    if (m == NULL)
        return ok;
    if (!json_value_i64(m->value, out) || *out < 0)
        return eval_refuse_member(e, name, "is no whole number of 0 or more");
    return true;
}

bool eval_milli(struct eval *e, const char *name, int64_t *out, bool *found)
{
    bool ok;
    const struct json_member *m = eval_find(e, name, found, &ok);

    if (m == NULL)
        return ok;
    if (m->kind == JSON_TRUE || m->kind == JSON_FALSE)
        *out = m->kind == JSON_TRUE ? 1000 : 0;
    else if (!scan_fraction(m->value, out))
        return eval_refuse_member(e, name, "is no number from 0 to 1");
    return true;
}

bool eval_bool(struct eval *e, const char *name, bool *out, bool *found)
{
    bool ok;
    const struct json_member *m = eval_find(e, name, found, &ok);

    if (m == NULL)
        return ok;
    if (!json_value_bool(m->value, out))
        return eval_refuse_member(e, name, "is neither true nor false");
    return true;
}

bool eval_object(struct eval *e, const char *name, struct span *out, bool *found)
{
    bool ok;
    const struct json_member *m = eval_find(e, name, found, &ok);

    if (m == NULL)
        return ok;
    if (m->kind != JSON_OBJECT)
        return eval_refuse_member(e, name, "is no object");
    *out = m->value;
    return true;
}

bool eval_texts(struct eval *e, const char *name, struct span *out, size_t most, size_t *count)
{
    struct json_token tokens[EVAL_TEXTS_MAX + 1];
    int next[EVAL_TEXTS_MAX + 1];
    struct json_tree t;
    bool ok;
    const struct json_member *m = eval_find(e, name, NULL, &ok);

    CHECK(most <= EVAL_TEXTS_MAX);
    if (m == NULL)
        return false;
    *count = 0;
    if (m->kind != JSON_ARRAY ||
        json_tree_read(&t, m->value, tokens, next, (int)most + 1) != JSON_TREE_OK)
        return eval_refuse_member(e, name, "is no array of texts, or of too many");
    for (int at = json_tree_first(&t, 0); at != JSON_TREE_NONE; at = json_tree_after(&t, at)) {
        char *text = e->scratch + e->scratch_used;
        size_t len = 0;

        if (!json_tree_text(&t, at, text, EVAL_LINE_BYTES - e->scratch_used, &len))
            return eval_refuse_member(e, name, "holds something that is no text");
        e->scratch_used += len;
        out[(*count)++] = span_of(text, len);
    }
    return *count > 0 || eval_refuse_member(e, name, "is empty");
}
