/* counts - what the gateway counts of its requests since its start. */
#ifndef GATEWAY_COUNTS_H
#define GATEWAY_COUNTS_H

#include <stdint.h>

struct gateway_counts {
    uint64_t requests;
    uint64_t answered;
    uint64_t refused;
    uint64_t departed;
    uint64_t crowded; /* connections refused for the sake of other addresses */
    uint64_t hits;
    uint64_t near_hits; /* of the hits */
    uint64_t coalesced;
    uint64_t batched;       /* requests answered by a shared call */
    uint64_t batch_calls;   /* calls that were shared */
    uint64_t packed_tokens; /* taken out of prompts, by estimate */
    int64_t spent_pusd;     /* since start */
    int64_t input_tokens;
    int64_t output_tokens;
    int64_t stop_saved_tokens; /* not generated, by estimate */
};

#endif
