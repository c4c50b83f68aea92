/* answer - what is learned from a vendor's answer while it passes: usage, text size, how it ended.
 *
 * Fed with the payload as it arrives, streaming or not; keeps a few hundred bytes, never the
 * answer.
 *
 * Not streaming: answer_feed() ..., answer_finish().
 * Streaming: for each SSE event answer_event_data() ..., answer_event_end(), which says whether the
 * event is relayed or withheld (the usage event that only we asked for; it has under 1 KB, so a
 * relay that holds that much need hold no more). Both: answer_usage() at the end, with estimates
 * where the vendor gave none. */
#ifndef LLM_ANSWER_H
#define LLM_ANSWER_H

#include "llm/request.h"
#include "llm/tokens.h"
#include "json/pick.h"

enum {
    ANSWER_USAGE_BYTES = 2048, /* OpenRouter's usage with cost details is about 600 */
    ANSWER_PICKS = 14,
};

enum answer_end {
    ANSWER_RUNNING,
    ANSWER_WHOLE, /* the vendor's own end was seen: [DONE], message_stop, response.completed */
    ANSWER_ERROR, /* an error object instead of, or inside, the answer */
};

enum answer_verdict { ANSWER_RELAY, ANSWER_WITHHOLD };

struct answer {
    enum api api;
    bool stream;
    bool withhold_usage; /* we asked for usage, the client did not */
    enum answer_end end;
    struct usage usage;
    bool
        usage_begun; /* Messages: `usage` is of the answer's first event, its output is not known */
    struct token_counter text; /* decoded text and tool arguments, of all choices */
    uint32_t events;
    bool bad_json;
    bool finish_seen;                /* a finish_reason or stop_reason stood there */
    uint32_t finish_stop;            /* of these: the model had finished */
    uint32_t finish_tools;           /* it called tools; counted as finished besides */
    uint32_t finish_other;           /* cut by a limit, filtered, or not known here */
    char model[REQUEST_MODEL_BYTES]; /* what the vendor says answered; "" = not said */
    struct json_pick pick;
    struct json_picked picked[ANSWER_PICKS];
    char usage_json[ANSWER_USAGE_BYTES];
    char small[4][64];
    char done_text[8]; /* the start of an event's data, to know "[DONE]" */
    size_t done_len;
    size_t event_bytes; /* of the current event's data */
    bool event_bad;     /* its data is no JSON */
};

void answer_start(struct answer *a, const struct request *r, bool withhold_usage);
void answer_feed(struct answer *a, struct span payload);
void answer_finish(struct answer *a);
void answer_event_data(struct answer *a, struct span data);
enum answer_verdict answer_event_end(struct answer *a, struct span event_name);
/* Output tokens so far, by llm/tokens, not calibrated. */
int64_t answer_output_estimate(const struct answer *a);
/* Whether the vendor has said what it counted. */
bool answer_knows_usage(const struct answer *a);
/* The final counts: what the vendor said, else estimates with `estimated` set; both are handed in.
 */
struct usage answer_usage(const struct answer *a, int64_t input_estimate, int64_t output_estimate);

#endif
