/* probe - what was seen on the way to one upstream, and the sentences that tell it.
 *
 * A struct probe is filled while one call to GET /models runs (probe.c); probe_tell() is pure. Each
 * step is a line: "ok", "note" for what works and should be known, "FAIL" with what to do. What
 * comes after the step that failed is left out. Never the key, nor any part of it. */
#ifndef COMMAND_PROBE_H
#define COMMAND_PROBE_H

#include "gateway/call.h"
#include "gateway/settings.h"
#include "llm/model_list.h"

enum {
    PROBE_BODY_BYTES = 2048,  /* of an error: vendors' are shorter */
    PROBE_ANSWER_MS = 30000,  /* lists of models come at once; a gateway waits ten minutes */
    PROBE_CONNECT_MS = 10000, /* the default of connect_timeout */
    PROBE_SUITE_BYTES = 40,
    PROBE_TEXT_BYTES = 24576, /* eight names of six certificates do not fill it */
};

/* Milliseconds since the start; -1: not reached. */
enum probe_moment {
    PROBE_NAMED,     /* addresses are known */
    PROBE_CONNECTED, /* to the upstream, or to its proxy */
    PROBE_TUNNELLED, /* the proxy lets through */
    PROBE_READY,     /* for a request: TLS is up, if there is any */
    PROBE_ANSWERED,  /* the head of the answer */
    PROBE_MOMENTS,
};

struct probe {
    const struct upstream_settings *up;
    const struct call *call; /* its state, its dial's, and the answer's head */
    const struct settings *settings;
    const char *trouble; /* why it cannot even begin; NULL: it can */
    const char *ca;      /* the CA bundle's path; NULL without TLS */
    const struct tls_anchors *anchors;
    int64_t wall_ms;  /* at the start */
    int64_t floor_ms; /* below it the clock is not believed */
    size_t server_count;
    size_t missing; /* how many models are wanted */
    size_t body_len;
    int64_t at_ms[PROBE_MOMENTS];
    char suite[PROBE_SUITE_BYTES]; /* "" until there is one */
    struct net_addr servers[RESOLVE_SERVERS_MAX];
    bool wanted[MODEL_MAX]; /* of the settings' models: this upstream's that the list lacks */
    struct model_list list;
    struct tls_shown shown;
    char body[PROBE_BODY_BYTES]; /* the beginning of an answer that is an error */
};

/* Before the call: which one it is, the key, the clock, the CA bundle. False when a key is no key,
 * or there is trouble. */
bool probe_tell_before(const struct probe *p, struct fmt *out);
/* After it: the rest. False when something is wrong. */
bool probe_tell(const struct probe *p, struct fmt *out);

#endif
