/* settings_check - what no table can say of a configuration: its sections against each other.
 *
 * Part of settings.h: names that are spoken of exist, keys are loaded, prices are there. Every
 * error is told, with the line of its section's head. */
#ifndef GATEWAY_SETTINGS_CHECK_H
#define GATEWAY_SETTINGS_CHECK_H

#include "gateway/settings.h"

struct settings_lines {
    int upstreams[UPSTREAM_MAX];
    int models[MODEL_MAX];
    int checks[CHECK_MAX];
    int routes[ROUTE_MAX];
    int keys[KEY_MAX];
    int budgets[BUDGET_MAX];
};

/* For a text whose every line was good. */
void settings_check(struct settings *s, const struct settings_lines *lines,
                    const char *(*environment)(const char *name), struct config_errors *errors);
/* For any: a listener that is open to the world is told in every case. */
void settings_check_listeners(const struct settings *s, struct span text,
                              struct config_errors *errors);
/* The https listeners' certificate and key are there, are good, and are a pair (settings_tls.c). */
void settings_check_tls(const struct settings *s, struct span text, struct config_errors *errors);
/* The line of the nth value of a key of [server]; 0 when there is none. */
int settings_line_of(struct span text, struct span key, size_t nth);

#endif
