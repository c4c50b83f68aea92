/* reload - the configuration in use: exchanged on SIGHUP, its budgets rebuilt from the ledger.
 *
 * Two configurations fit. A reload reads the file into the one that is not in use; the old one
 * lives on until its last exchange has ended (gateway_release), and a reload that comes meanwhile
 * waits for it, and for TLS handshakes with the certificate before the last. A bad file is told and
 * changes nothing. What was carved or bound at start stays. */
#ifndef GATEWAY_RELOAD_H
#define GATEWAY_RELOAD_H

#include "gateway/gateway.h"

void reload_now(struct gateway *g, int64_t now_ms);
/* Between two turns: the one that waits, once nothing is in its way. */
void reload_go_on(struct gateway *g, int64_t now_ms);
/* Budgets of the current configuration, with all that the ledger says was spent. */
void reload_budgets(struct gateway *g);
/* Writes the checkpoint of budgets when it is due, between two turns: every line that was written
 * is settled then, and the other way round. */
void reload_checkpoint(struct gateway *g, bool at_end);

#endif
