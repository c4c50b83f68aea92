/* model_list - the ids in a vendor's answer to GET /v1/models, as it comes in.
 *
 * {"data":[{"id":"..."}]} of most vendors, [{"id":"..."}] of some; strict JSON, of any size (some
 * lists have a megabyte), of which one id is kept at a time. Pure. The struct must not move. */
#ifndef LLM_MODEL_LIST_H
#define LLM_MODEL_LIST_H

#include "llm/model.h"
#include "json/pick.h"

struct model_list {
    void (*take)(void *ctx, struct span id);
    void *ctx;
    size_t count; /* ids so far */
    struct json_pick pick;
    struct json_picked picked[2]; /* of each form */
    char id[MODEL_ID_BYTES];
};

void model_list_start(struct model_list *l, void (*take)(void *ctx, struct span id), void *ctx);
void model_list_feed(struct model_list *l, struct span bytes);
/* Whether the vendor means this model by that id: Google puts "models/" in front, Ollama ":latest"
 * behind, Anthropic the date of the version that a short name stands for. */
bool model_list_is(struct span id, struct span model);

#endif
