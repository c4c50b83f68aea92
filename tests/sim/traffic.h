/* traffic - a vendor, clients and an owner who act at random on a scene, and the truth about money.
 *
 * For the tests that tell long stories: include traffic.c behind scene.c. All chance is the run's
 * own (fake_random): the same seed, the same story.
 *
 *   traffic_open(config, &options)   the scene, and the vendor at 10.0.0.9:8000
 *   traffic_ask(), traffic_leave()   a client asks, or goes away in one of two ways
 *   traffic_stop(), traffic_reboot() an orderly restart; a power cut, and the start after it
 *   traffic_check()                  the promise, see there
 *
 * The vendor honours max_tokens and bills what it reports. Sometimes it answers 500, breaks off
 * anywhere, never answers, refuses or says nothing. */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include "ledger/replay.h"
#include "scene.h"

enum {
    TRAFFIC_CLIENTS = 6,
    TRAFFIC_ENDS = 4096, /* connections to the vendor that are remembered: the newest */
    TRAFFIC_FILES = 6,   /* the ledger and its rotated ones */
    TRAFFIC_CONFIG_BYTES = 2048,
};

struct traffic_end {
    int handle;
    bool answering;
};

struct traffic {
    struct scene scene;
    char config[TRAFFIC_CONFIG_BYTES];
    int clients[TRAFFIC_CLIENTS];
    struct traffic_end ends[TRAFFIC_ENDS];
    size_t end_count;
    size_t texts; /* how many different questions are asked of "auto"; 0: long ones, hardly twice */
    bool polite;  /* the vendor always answers, and whole */
    int64_t asked;
    int64_t answered;
    int64_t escalated; /* by traffic_count_tags() */
    int64_t fell_back;
    int64_t hits;
};

#endif
