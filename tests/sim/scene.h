/* scene - a whole gateway on the fake machine and the fake disk.
 *
 *   scene_open(&s, config, &options)   builds and starts it; false: s.why says why not
 *   scene_settle(&s)                   turns until it can only wait; time stands still
 *   scene_run(&s, ms)                  lets that much time pass
 *   scene_end(&s)                      everybody hangs up, an hour passes, and then the laws hold:
 *       every pool, lease, place and configuration is given back; no descriptor is open; the
 *       ledger has a whole line for every call that was started; its sum is what the status page
 *       says was spent
 * A law that is broken ends the program with a sentence. */
#ifndef SIM_SCENE_H
#define SIM_SCENE_H

#include "fake_disk.h"
#include "fake_sys.h"
#include "gateway/gateway.h"

enum { SCENE_SAID_BYTES = 65536 };

#define SCENE_LEDGER "/ledger"
/* Names are asked of two servers, 192.0.2.53 and 192.0.2.54; nobody is there yet, and hosts is
 * empty.
 */
#define SCENE_RESOLV_CONF "tests/sim/resolv.conf"
#define SCENE_HOSTS       "tests/sim/hosts"
/* Friday 2100-01-01 00:00 UTC: later than any build, which is the floor of the wall clock. */
#define SCENE_WALL_MS INT64_C(4102444800000)

/* What is made to fail: the nth take of one of these. */
enum scene_fault {
    SCENE_FAULT_NONE,
    SCENE_FAULT_CONNS,
    SCENE_FAULT_EXCHANGES,
    SCENE_FAULT_TLS,
    SCENE_FAULT_CLIENT_TLS,
    SCENE_FAULT_BODIES,
    SCENE_FAULT_VENDOR_CONNS,
    SCENE_FAULT_VENDOR_ANSWERS,
    SCENE_FAULT_DESCRIPTORS,
    SCENE_FAULT_DISK,
    SCENE_FAULT_COUNT,
};

struct scene_options {
    uint64_t seed;
    int64_t wall_ms; /* what the clock shows at first; 0 = SCENE_WALL_MS */
    enum fake_chop chop;
    enum scene_fault fault;
    int fault_at; /* counted from 1 */
};

struct scene {
    struct gateway *gateway; /* NULL: not running */
    struct serve_options serve;
    struct settings settings;
    struct net_addr listener;
    bool stopped;         /* it came to its own end */
    char config_path[32]; /* "" = it was never changed */
    char why[512];
    char said[SCENE_SAID_BYTES]; /* what it told its owner, a line each */
    size_t said_len;
};

/* Resets machine and disk. `config` is added to a configuration of one plain upstream "up" at
 * 10.0.0.9:8000, one model "m", a listener on 127.0.0.1:8080 and a ledger at SCENE_LEDGER; its
 * lines of the form "server.KEY = VALUE" (also ledger, up, m) change or add keys there. */
bool scene_open(struct scene *s, struct span config, const struct scene_options *o);
/* The gateway once more on the same machine and disk, as after a restart. */
bool scene_start(struct scene *s, struct span config);
/* What the next reload reads; errors in it are said. */
void scene_config_file(struct scene *s, struct span config);
void scene_settle(struct scene *s);
void scene_run(struct scene *s, int64_t ms);
/* An orderly end, by its own means; checks the laws. */
void scene_end(struct scene *s);
/* The process is gone in this moment: no line of its code runs any more. */
void scene_kill(struct scene *s);
/* Lines of calls in a ledger text; a damaged line breaks a law. *last gets the newest. */
size_t scene_ledger(struct span text, struct ledger_line *last, int64_t *cost_pusd);

_Noreturn void scene_die(const char *law, const char *detail);

#endif
