/* request - what a client asks for, and the same request as the vendor is to see it.
 *
 * request_read() validates a body and finds the fields that decide things; nothing is copied, spans
 * point into the body. request_rewrite() gives the edits (json/splice.h) that turn it into the
 * vendor's: model id, stream_options; every other byte stays as the client wrote it. */
#ifndef LLM_REQUEST_H
#define LLM_REQUEST_H

#include "base/fmt.h"
#include "llm/usage.h"
#include "json/object.h"
#include "json/splice.h"

enum {
    REQUEST_MODEL_BYTES = 128,
    REQUEST_LIMITS = 3, /* fields that limit the output: max_tokens and its successors */
};

enum api {
    API_CHAT,         /* POST /v1/chat/completions */
    API_COMPLETIONS,  /* POST /v1/completions */
    API_EMBEDDINGS,   /* POST /v1/embeddings */
    API_MESSAGES,     /* POST /v1/messages */
    API_COUNT_TOKENS, /* POST /v1/messages/count_tokens */
    API_RESPONSES,    /* POST /v1/responses */
    API_COUNT,
};

/* The API of a path, with or without "/v1" and a trailing slash. */
bool api_from_path(struct span path, enum api *out);
/* "/v1/chat/completions": the path a vendor expects. */
struct span api_path(enum api api);
/* Errors under this API have Anthropic's shape. */
bool api_is_anthropic(enum api api);

enum request_err {
    REQUEST_OK,
    REQUEST_ERR_JSON,      /* not JSON: json_err and offset say what */
    REQUEST_ERR_DUPLICATE, /* a top-level key stands twice */
    REQUEST_ERR_NOT_OBJECT,
    REQUEST_ERR_NO_MODEL, /* "model" missing */
    REQUEST_ERR_TYPE,     /* a field has the wrong type: `param` names it */
    REQUEST_ERR_RANGE,    /* a number out of range: `param` */
};

struct request {
    enum api api;
    struct span body;
    enum request_err err;
    enum json_err json_err;
    size_t err_offset;
    const char *param; /* the field at fault, or NULL */

    char model[REQUEST_MODEL_BYTES]; /* decoded, NUL-terminated */
    struct span model_value;         /* as written, with quotes */
    bool stream;
    struct span stream_value;   /* as written; empty = not there */
    bool include_usage;         /* the client asked for the usage event itself */
    struct span stream_options; /* value as written; empty = not there */
    int64_t max_output_tokens;  /* the largest of the fields that limit it; 0 = none is given */
    struct span limit_values[REQUEST_LIMITS]; /* of these as written; empty = not there */
    int64_t choices;                          /* n or best_of; 1 when not given */
    bool has_tools;
    bool has_images;
    bool has_logprobs;   /* the client says whether it wants log-probabilities */
    bool wants_json;     /* response_format, or text.format, asks for JSON */
    bool has_media;      /* parts or tools whose tokens have no relation to the body's bytes */
    size_t insert_at;    /* offset of the closing '}': where a new last member may be put */
    bool is_empty;       /* the object has no member */
    uint64_t text_bytes; /* decoded bytes of all strings in the body: the stand-in counts by them */
};

/* `scratch` is a struct json_object (about 8 KB) that is free to use during the call. */
bool request_read(struct request *r, enum api api, struct span body, struct json_object *scratch);

/* How many input tokens the texts of the body are, by llm/tokens: a pass over the whole body. */
int64_t request_estimate_tokens(const struct request *r);

struct request_edit {
    const char *model_id; /* the vendor's name */
    bool ask_usage;       /* add stream_options.include_usage where it makes sense and is missing */
    /* Not 0: fields that allow more are lowered to it; without any, one is added. */
    int64_t output_limit_tokens;
    bool limit_is_completion_tokens; /* the name of the added one, for chat: OpenAI's newer one */
    bool logprobs;                   /* ask for log-probabilities: chat, has_logprobs unset */
    bool stream;                     /* the answer is to be streamed, whatever the client wants */
    /* Not NULL: a paragraph appended to the last text of the system, or, where there is none, of
     * the user; chat and messages. */
    const char *hint;
};

/* Fills the splice; replaced texts are written into `put`. False when `put` is too small. */
bool request_rewrite(const struct request *r, const struct request_edit *edit, struct splice *out,
                     struct fmt *put);

#endif
