/* standin - an embedded stand-in for a vendor: deterministic answers as HTTP/1.1 bytes, by a clock.
 *
 * Pure: a request goes in, response bytes come out when they are due; gateway/vendor.c puts it
 * behind a socket. It speaks the API of chat completions, completions, embeddings, messages,
 * responses and models, streaming and not, with true usage of its own tokenizer (a token is a word
 * piece of at most STANDIN_TOKEN_BYTES). Its prices are fictional and it says so (the sample
 * config).
 *
 * Knobs are chosen by the model's name: "NAME+knob:value+knob:value", for example
 * "standin-small+latency:200ms+rate:50+fail:429". The header's .c lists them, `farthing help
 * standin` prints them. */
#ifndef LLM_STANDIN_H
#define LLM_STANDIN_H

#include "base/fmt.h"
#include "http/head.h"
#include "llm/request.h"

enum { STANDIN_TOKEN_BYTES = 4, STANDIN_OUT_BYTES_MIN = 2048 };

/* What the stand-in wants done after the bytes it has given. */
enum standin_step {
    STANDIN_WAIT,  /* nothing is due before standin_due_ms() */
    STANDIN_MORE,  /* bytes were written, more are due now: call again when they are sent */
    STANDIN_DONE,  /* the response is whole; the connection lives on */
    STANDIN_CLOSE, /* close now, in the middle if need be: a fault that was asked for */
    STANDIN_HANG,  /* never answer: a fault that was asked for */
};

enum { STANDIN_TOOL_BYTES = 64, STANDIN_TOKENS_DEFAULT = 24 };

enum standin_kind { STANDIN_ANSWER, STANDIN_MODELS, STANDIN_REFUSAL };

struct standin {
    enum standin_kind kind;
    enum api api;
    bool stream;
    bool include_usage;
    bool json_output;
    bool base64;
    char tool[STANDIN_TOOL_BYTES]; /* the function to call; "" = answer with text */
    int status;                    /* of a refusal */
    int64_t due_ms;
    int64_t piece;  /* the next one to write; -1 = the head */
    int64_t pieces; /* of the body in all */
    int64_t gap_ms; /* between tokens */
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t cached_tokens;
    int64_t inputs;    /* embeddings: how many */
    int64_t cut_after; /* tokens; -1 = never */
    bool limited;      /* max_tokens ended the answer */
    bool hang;
    bool garbage;
    bool no_usage;
    bool unsure; /* declines to answer */
    bool keep_alive;
    uint64_t seed;
    char model[REQUEST_MODEL_BYTES];
};

/* `body` is only read during the call. Any method and path may come: unknown ones get 404. */
void standin_start(struct standin *s, const struct http_head *head, struct span body,
                   struct json_object *scratch, int64_t now_ms);
/* Appends response bytes to out, which must have STANDIN_OUT_BYTES_MIN free. */
enum standin_step standin_next(struct standin *s, int64_t now_ms, struct fmt *out);
int64_t standin_due_ms(const struct standin *s);
/* The knobs, for people. */
/* Reads the knobs behind the name; sets when the answer is due. */
void standin_knobs(struct standin *s, int64_t now_ms);
void standin_help(struct fmt *out);

#endif
