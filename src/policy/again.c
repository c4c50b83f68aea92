#include "policy/again.h"

#include <string.h>

#include "base/check.h"
#include "policy/near.h"

static uint64_t again_hash(const uint8_t key[HASH_SIP_KEY_BYTES], const uint64_t *words,
                           size_t count)
{
    return hash_sip64(key, span_of((const char *)words, count * sizeof(words[0])));
}

/* What was said before the last text; 0 for what cannot be told. */
static uint64_t again_before(const struct messages *m, const uint8_t key[HASH_SIP_KEY_BYTES])
{
    const struct message_text *last = &m->texts[m->count - 1];
    uint64_t hash = 1;

    for (size_t i = 0; i + 1 < m->count; i++) {
        const struct message_text *t = &m->texts[i];
        uint64_t words[3] = {hash, t->role, 0};

        if (t->role == ROLE_ASSISTANT ||
            (t->role == ROLE_USER && span_equal(t->value, last->value)))
            continue;
        words[2] = hash_sip64(key, t->value);
        hash = again_hash(key, words, 3);
    }
    return hash;
}

uint64_t again_question(const struct messages *m, struct span last,
                        const uint8_t key[HASH_SIP_KEY_BYTES])
{
    uint8_t secrets[2][HASH_SIP_KEY_BYTES];
    struct near_key near;
    uint64_t words[3];

    if (m->count == 0 || m->cut || m->has_images || m->has_tool_turns ||
        m->texts[m->count - 1].role != ROLE_USER ||
        m->texts[m->count - 1].message + 1 != m->message_count)
        return 0;
    memcpy(secrets[0], key, sizeof(secrets[0]));
    memcpy(secrets[1], key, sizeof(secrets[1]));
    words[0] = again_before(m, key);
    if (near_key(&near, last, (const uint8_t(*)[HASH_SIP_KEY_BYTES])secrets)) {
        words[1] = near.a;
        words[2] = 0;
    } else {
        /* "Continue" is said twice of two answers. */
        words[1] = hash_sip64(key, m->texts[m->count - 1].value);
        words[2] = m->message_count;
    }
    return again_hash(key, words, 3) | 1;
}

/* The client's place, else the one that was used the longest ago. */
static struct again_client *again_find(struct again *a, uint64_t client)
{
    struct again_client *oldest = &a->clients[0];

    for (size_t i = 0; i < AGAIN_CLIENTS; i++) {
        if (a->clients[i].client == client)
            return &a->clients[i];
        if (a->clients[i].used_ms < oldest->used_ms)
            oldest = &a->clients[i];
    }
    *oldest = (struct again_client){.client = client};
    return oldest;
}

bool again_answered(struct again *a, uint64_t client, uint64_t question, bool cheap,
                    int64_t asked_ms, int64_t answered_ms)
{
    struct again_client *c;
    bool counts = false;

    CHECK(client != 0 && question != 0);
    c = again_find(a, client);
    if (c->question == question) {
        int64_t waited_ms = asked_ms - c->cheap_ms;

        counts = c->cheap_ms != 0 && waited_ms >= AGAIN_LEAST_MS && waited_ms <= AGAIN_MOST_MS &&
                 c->fresh >= AGAIN_FRESH_MIN;
        c->fresh = 0;
    } else if (c->fresh < AGAIN_FRESH_MIN) {
        c->fresh++;
    }
    c->question = question;
    c->cheap_ms = cheap ? answered_ms : 0;
    c->used_ms = answered_ms;
    return counts;
}
