#include "command/explain.h"

#include "json/write.h"

bool explain_prompt(struct span prompt, struct fmt *body)
{
    struct json_write w;

    json_write_start(&w, body);
    json_write_object(&w);
    json_write_key(&w, "model");
    json_write_str(&w, "auto");
    json_write_key(&w, "messages");
    json_write_array(&w);
    json_write_object(&w);
    json_write_key(&w, "role");
    json_write_str(&w, "user");
    json_write_key(&w, "content");
    json_write_text(&w, prompt);
    json_write_object_end(&w);
    json_write_array_end(&w);
    json_write_object_end(&w);
    json_write_done(&w);
    return fmt_ok(body);
}

/* The API by the members that only one of them has. */
static enum api explain_api(const struct json_object *o)
{
    if (json_object_find(o, "messages") != NULL)
        return API_CHAT;
    if (json_object_find(o, "prompt") != NULL)
        return API_COMPLETIONS;
    return json_object_find(o, "input") != NULL ? API_RESPONSES : API_CHAT;
}

bool explain_request(struct explain *e, const struct settings *s, const struct classifier *c,
                     struct span body, struct explain_scratch *scratch, int64_t unix_ms)
{
    struct bound_terms terms = {.unix_ms = unix_ms};
    enum api api = API_CHAT;

    if (json_object_read(&scratch->object, body))
        api = explain_api(&scratch->object);
    if (!request_read(&e->request, api, body, &scratch->object))
        return false;
    e->facts = decide_facts(&e->request, true);
    workload_of(&e->workload, c, &e->request, &scratch->workload);
    e->facts.workload = workload_guess_name(&e->workload);
    e->facts.difficulty_milli = e->workload.difficulty_milli;
    e->result = decide_route(s, NULL, &e->facts, SPAN_EMPTY, &e->decision);
    if (s->server.reserve == RESERVE_TIGHT)
        terms.estimate_tokens = e->facts.input_tokens;
    e->bounded =
        e->result == DECIDE_OK && decide_bound(s, &e->request, &e->decision, &terms, &e->bound);
    return true;
}

void explain_refusal(const struct request *r, struct fmt *out)
{
    fmt_str(out, "no request: ");
    switch (r->err) {
    case REQUEST_ERR_JSON:
    case REQUEST_ERR_DUPLICATE:
        fmt_str(out, json_err_text(r->json_err));
        fmt_str(out, " at byte ");
        fmt_u64(out, r->err_offset);
        return;
    case REQUEST_ERR_NO_MODEL:
        fmt_str(out, "it names no model");
        return;
    case REQUEST_ERR_TYPE:
    case REQUEST_ERR_RANGE:
        fmt_str(out, r->param != NULL ? r->param : "a field");
        fmt_str(out, r->err == REQUEST_ERR_TYPE ? " has the wrong type" : " is out of range");
        return;
    case REQUEST_OK:
    case REQUEST_ERR_NOT_OBJECT:
        fmt_str(out, "it is no JSON object");
        return;
    }
}
