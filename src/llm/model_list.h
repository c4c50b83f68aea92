/* model_list - the ids in a vendor's answer to GET /v1/models, as it comes in.
 *
 * What is called "id" in the objects of the outermost array: {"data":[{"id":"..."}]} of most
 * vendors, [{"id":"..."}] of some. Nothing else is judged or kept, so that lists of any size, some
 * have a megabyte, take no more than one id. Pure. */
#ifndef LLM_MODEL_LIST_H
#define LLM_MODEL_LIST_H

#include "llm/model.h"

struct model_list {
    void (*take)(void *ctx, struct span id);
    void *ctx;
    size_t count;    /* ids so far */
    uint32_t depth;  /* containers that are open */
    uint32_t arrays; /* a bit for each of the inner 32: it is an array; the innermost is bit 0 */
    bool inside;     /* of a string */
    bool escaped;    /* behind its backslash */
    bool is_id;      /* the value that comes is one */
    size_t len;
    char text[MODEL_ID_BYTES]; /* the last string, as much as fits */
};

void model_list_start(struct model_list *l, void (*take)(void *ctx, struct span id), void *ctx);
void model_list_feed(struct model_list *l, struct span bytes);
/* Whether the vendor means this model by that id: Google puts "models/" in front, Ollama ":latest"
 * behind, Anthropic the date of the version that a short name stands for. */
bool model_list_is(struct span id, struct span model);

#endif
