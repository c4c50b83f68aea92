/* model - [model NAME]: a model that can be asked for, whose it is, and what it costs. */
#ifndef LLM_MODEL_H
#define LLM_MODEL_H

#include "config/table.h"
#include "llm/price.h"

enum {
    MODEL_MAX = 128,      /* a vendor's whole list is about 60 */
    MODEL_ID_BYTES = 128, /* OpenRouter's longest names have about 70 */
};

struct model_settings {
    char name[CONFIG_NAME_BYTES];
    char upstream[CONFIG_NAME_BYTES];
    size_t upstream_index;   /* filled by settings */
    char id[MODEL_ID_BYTES]; /* the vendor's name for it; settings fills in the default NAME */
    struct price price;
    bool free;                 /* a local model that costs nothing: the only way to have no price */
    int64_t context_tokens;    /* 0 = not known */
    int64_t max_output_tokens; /* 0 = not known */
};

extern const struct config_section model_section;

#endif
