/* workload - what kind of work a request asks for, as routes and the ledger know it.
 *
 * The client's own word in x-farthing-workload counts; else nothing is known. */
#ifndef GATEWAY_WORKLOAD_H
#define GATEWAY_WORKLOAD_H

struct exchange;

/* Fills x->workload. */
void workload_read(struct exchange *x);

#endif
