/* What a request asks for, and how checks become one score. */
#include "policy/quality.h"

#include "base/check.h"
#include "policy/arithmetic.h"
#include "policy/fold.h"
#include "policy/language.h"
#include "policy/logistic.h"
#include "policy/loop.h"
#include "policy/quality_checks.h"
#include "policy/refusal.h"

enum {
    GOOD = 1000,
    BAD = 0,
    FINE = 1000,       /* steps of the product, finer than a score */
    AGREE_BYTES = 256, /* folded; longer answers are not compared word for word */
};

/* ---- the request ---- */

static struct span member_value(const struct json_object *o, const char *name)
{
    const struct json_member *m = json_object_find(o, name);

    return m == NULL || m->kind == JSON_NULL ? SPAN_EMPTY : m->value;
}

/* The format object: chat's response_format, responses' text.format, messages' output_format. Their
 * schema stands under json_schema, or directly. */
static void read_format(struct quality_request *r, struct span value, struct quality_work *work)
{
    struct json_tree t;
    int format = 0;
    int inner;
    int schema;

    if (json_tree_read(&t, value, work->tokens[0], work->next[0], QUALITY_VALUES) != JSON_TREE_OK)
        return;
    inner = json_tree_get(&t, 0, "format");
    if (inner != JSON_TREE_NONE)
        format = inner;
    r->wants_json = json_tree_is(&t, json_tree_get(&t, format, "type"), "json_object") ||
                    json_tree_is(&t, json_tree_get(&t, format, "type"), "json_schema");
    inner = json_tree_get(&t, format, "json_schema");
    schema = json_tree_get(&t, inner != JSON_TREE_NONE ? inner : format, "schema");
    if (r->wants_json && json_tree_kind(&t, schema) == JSON_OBJECT)
        r->schema = json_tree_raw(&t, schema);
}

bool quality_request_read(struct quality_request *r, struct span body, struct quality_work *work)
{
    static const char *const limits[] = {"max_tokens", "max_completion_tokens",
                                         "max_output_tokens"};
    static const char *const formats[] = {"response_format", "text", "output_format"};
    const struct json_object *o = &work->object;
    struct span choice;

    *r = (struct quality_request){.body = body};
    if (!json_object_read(&work->object, body))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        r->has_limit = r->has_limit || member_value(o, limits[i]).len > 0;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (span_starts(member_value(o, formats[i]), SPAN("{")))
            read_format(r, member_value(o, formats[i]), work);
    r->has_stop = member_value(o, "stop").len > 0 || member_value(o, "stop_sequences").len > 0;
    if (span_starts(member_value(o, "tools"), SPAN("[")))
        r->tools = member_value(o, "tools");
    choice = member_value(o, "tool_choice");
    r->must_call =
        r->tools.len > 0 &&
        (span_equal(choice, SPAN("\"required\"")) ||
         (span_starts(choice, SPAN("{")) && (span_find(choice, SPAN("\"function\"")) < choice.len ||
                                             span_find(choice, SPAN("\"any\"")) < choice.len ||
                                             span_find(choice, SPAN("\"tool\"")) < choice.len)));
    return true;
}

/* ---- the score ---- */

static int patterns_refuse(const struct quality_input *in, const struct check_settings *s,
                           struct quality_work *work)
{
    char text[64];
    struct fmt why;

    if (s->refuse_count == 0)
        return QUALITY_NONE;
    for (size_t i = 0; i < s->refuse_count; i++) {
        fmt_init(&why, text, sizeof(text));
        if (pattern_compile(&work->schema.pattern, check_pattern(s, s->refuse_at[i]), &why) &&
            pattern_found(&work->schema.pattern, in->answer))
            return BAD;
    }
    return GOOD;
}

static int pattern_require(const struct quality_input *in, const struct check_settings *s,
                           struct quality_work *work)
{
    char text[64];
    struct fmt why;

    if (!s->has_require || in->partial)
        return QUALITY_NONE;
    fmt_init(&why, text, sizeof(text));
    return !pattern_compile(&work->schema.pattern, check_pattern(s, s->require_at), &why) ||
                   pattern_found(&work->schema.pattern, in->answer)
               ? GOOD
               : BAD;
}

static int quality_maths(const struct quality_input *in)
{
    struct arithmetic a;

    if (in->partial)
        return QUALITY_NONE;
    arithmetic_read(&a, in->question, in->answer);
    return arithmetic_score(&a);
}

static int one_check(enum check check, const struct quality_input *in,
                     const struct check_settings *s, struct quality_work *work)
{
    switch (check) {
    case CHECK_EMPTY:
        return quality_empty(in);
    case CHECK_ERROR:
        return quality_error(in);
    case CHECK_LOOP:
        return loop_found(in->answer) ? BAD : GOOD;
    case CHECK_JSON:
        return quality_json(in, s);
    case CHECK_SCHEMA:
        return quality_schema(in, s, work);
    case CHECK_TOOLS:
        return quality_tools(in, work);
    case CHECK_REFUSAL:
        return quality_refusal(in);
    case CHECK_REFUSE:
        return patterns_refuse(in, s, work);
    case CHECK_REQUIRE:
        return pattern_require(in, s, work);
    case CHECK_FINISH:
        return quality_finish(in);
    case CHECK_CUT:
        return quality_cut(in);
    case CHECK_BALANCE:
        return quality_balance(in);
    case CHECK_LANGUAGE:
        return language_differs(in->question, in->answer) ? BAD : GOOD;
    case CHECK_HEDGE:
        return refusal_hedges(in->answer) ? BAD : GOOD;
    case CHECK_MATHS:
        return quality_maths(in);
    case CHECK_LENGTH:
        return quality_length(in, s);
    case CHECK_LOGPROB:
        return quality_logprob(in, s->logprob_milli);
    case CHECK_JUDGE:
        return in->judge;
    case CHECK_AGREE:
        return in->agree;
    case CHECK_COUNT:
        break;
    }
    return QUALITY_NONE;
}

/* Text that has a form of its own is not held against the habits of prose. */
static bool is_prose_check(enum check check)
{
    return check == CHECK_REFUSAL || check == CHECK_CUT || check == CHECK_LANGUAGE ||
           check == CHECK_HEDGE || check == CHECK_MATHS || check == CHECK_ERROR;
}

int quality_combine(const struct quality *q, const struct check_settings *settings, int prior)
{
    const struct check_settings *s = settings != NULL ? settings : &check_default;
    int64_t score = (int64_t)GOOD * FINE;
    int result;

    for (size_t i = 0; i < CHECK_COUNT; i++) {
        int64_t lost = q->checks[i] == QUALITY_NONE ? 0 : GOOD - q->checks[i];

        score = score * (GOOD * GOOD - check_weight(s, (enum check)i) * lost) / (GOOD * GOOD);
    }
    result = (int)((score + FINE / 2) / FINE);
    if (prior == 0 || result <= 0)
        return result;
    return logistic_score(logistic_evidence(result) - (int64_t)QUALITY_PRIOR_MILLI * prior / GOOD);
}

void quality_score(struct quality *out, const struct quality_input *in,
                   const struct check_settings *settings, struct quality_work *work)
{
    const struct check_settings *s = settings != NULL ? settings : &check_default;
    bool has_form = quality_is_code(in->answer);

    CHECK(in->judge >= QUALITY_NONE && in->judge <= GOOD);
    CHECK(in->agree >= QUALITY_NONE && in->agree <= GOOD);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        enum check check = (enum check)i;
        bool skip = check_weight(s, check) == 0 || (has_form && is_prose_check(check)) ||
                    (in->answer.len == 0 && is_prose_check(check));

        out->checks[i] = (int16_t)(skip ? QUALITY_NONE : one_check(check, in, s, work));
        has_form = has_form || (check == CHECK_JSON && out->checks[i] == GOOD);
    }
    out->score = quality_combine(out, s, in->prior);
}

/* ---- agreement ---- */

int quality_agreement(struct span question, struct span a, struct span b)
{
    struct arithmetic x;
    struct arithmetic y;
    char a_text[AGREE_BYTES];
    char b_text[AGREE_BYTES];

    arithmetic_read(&x, question, a);
    arithmetic_read(&y, question, b);
    if (x.wants_number && x.has_final && y.has_final)
        return x.final == y.final ? GOOD : BAD;
    if (a.len >= AGREE_BYTES / 2 || b.len >= AGREE_BYTES / 2)
        return QUALITY_NONE;
    a = fold_text(a, a_text, sizeof(a_text));
    b = fold_text(b, b_text, sizeof(b_text));
    a.len -= span_ends(a, SPAN(" . ")) ? 2 : 0;
    b.len -= span_ends(b, SPAN(" . ")) ? 2 : 0;
    return span_equal(a, b) ? GOOD : BAD;
}
