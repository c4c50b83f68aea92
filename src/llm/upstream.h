/* upstream - [upstream NAME]: where a vendor is reached and how it speaks. */
#ifndef LLM_UPSTREAM_H
#define LLM_UPSTREAM_H

#include "config/table.h"
#include "http/tunnel.h"

enum {
    UPSTREAM_MAX = 16,         /* an owner has a handful of vendors */
    UPSTREAM_HOST_BYTES = 256, /* RFC 1035 section 2.3.4 */
    UPSTREAM_PATH_BYTES = 128,
    UPSTREAM_KEY_BYTES = 512, /* vendor keys are 40 to 200 characters; tokens of clouds longer */
    UPSTREAM_HEADERS_MAX = 8,
    UPSTREAM_HEADER_BYTES = 256,
};

enum upstream_dialect { DIALECT_OPENAI, DIALECT_ANTHROPIC, DIALECT_STANDIN };

/* Whether the vendor stops billing when we hang up: cancel drops the connection at once, drain
 * reads on to the usage event so that the ledger has the true sum. */
enum upstream_on_abort { ON_ABORT_CANCEL, ON_ABORT_DRAIN };

struct upstream_settings {
    char name[CONFIG_NAME_BYTES];
    char url[UPSTREAM_HOST_BYTES + UPSTREAM_PATH_BYTES + 16];
    /* Taken out of url: */
    bool tls;
    char host[UPSTREAM_HOST_BYTES];
    uint16_t port;
    char base_path[UPSTREAM_PATH_BYTES]; /* "/v1" or "" for a bare host; no slash at the end */
    struct proxy proxy;                  /* secret */
    char key_file[UPSTREAM_HOST_BYTES];
    char key_env[CONFIG_NAME_BYTES];
    char key[UPSTREAM_KEY_BYTES]; /* secret; filled by settings, "" = none */
    int dialect;                  /* enum upstream_dialect */
    int on_abort;
    bool logprobs; /* answers may be asked for log-probabilities */
    int64_t connect_timeout_ms;
    int64_t first_byte_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t connections;
    size_t header_count;
    char headers[UPSTREAM_HEADERS_MAX][UPSTREAM_HEADER_BYTES]; /* "Name: value" */
};

extern const struct config_section upstream_section;

/* Takes tls, host, port and base_path out of url; false with a reason in *why. A url whose path has
 * no version is kept as it is: "https://host" means paths as the client wrote them, with /v1. */
bool upstream_parse_url(struct upstream_settings *u, struct span url, struct fmt *why);
/* The request target at this upstream for an API path such as "/v1/chat/completions": the base path
 * replaces the leading "/v1". */
void upstream_target(const struct upstream_settings *u, struct span api_path, struct fmt *out);

#endif
