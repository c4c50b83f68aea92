/* sandbox - what the process gives up once it serves, each as far as this kernel lets it.
 *
 *   sandbox_become()   after the listeners are bound and keys and CA were read, before the ledger
 * is opened: root becomes [server] user for good sandbox_close()    last: no new privileges,
 * landlock (writes only beneath the ledger's and the snapshot's folder), seccomp; one line tells
 * the owner what holds
 *
 * After it a reload still reads the configuration and keys, if the user may. [server] sandbox = no
 * leaves landlock and seccomp out, for kernels or libraries that are odd. Not in the simulator. */
#ifndef GATEWAY_SANDBOX_H
#define GATEWAY_SANDBOX_H

#include "gateway/gateway.h"

/* False with the reason: the user is not known, or cannot be become. */
bool sandbox_become(struct gateway *g, struct fmt *why);
/* Tells which files and folders the user whom the process became cannot write or, at a reload,
 * read, each with the command that mends it. `config_path` may be NULL. */
void sandbox_warn(const struct settings *s, const char *config_path, const char *user,
                  struct diag *d);
void sandbox_close(struct gateway *g);
/* For `farthing check`: what this kernel has, and who would serve. */
void sandbox_report(const struct settings *s, struct fmt *out);

#endif
