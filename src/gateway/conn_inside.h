/* conn_inside - what the files of conn share; for them only. */
#ifndef GATEWAY_CONN_INSIDE_H
#define GATEWAY_CONN_INSIDE_H

#include "gateway/conn.h"

/* Every change of the state goes through here. */
void conn_enter(struct conn *c, enum conn_state next, int64_t now_ms);
/* The slot itself is given back at the end of the step, when nobody up the stack uses it. */
void conn_close(struct conn *c);
/* The same, told to the handler when it owes a response. */
void conn_lost(struct conn *c, int64_t now_ms);
/* Has the handler answer what is no request. */
void conn_refuse(struct conn *c, enum conn_fault fault, int64_t now_ms);
void conn_trouble(struct conn *c, enum conn_trouble what, int64_t now_ms);

/* ---- conn_shake.c: the TLS handshake of a client ---- */

/* A step in CONN_SHAKE. */
void conn_shake_step(struct conn *c, short revents, int64_t now_ms);
/* What poll is to tell of it. */
short conn_shake_events(const struct conn *c);
int64_t conn_shake_deadline(const struct conn *c);
/* Somebody left a TLS slot or its handshake: who waits longest has the next one. */
void conn_shake_next(struct conn_server *s);

#endif
