/* check - assertions that stay in the release binary, and the two macros everyone needs.
 *
 * CHECK states a fact that only a programming error can break. A broken one prints file and line
 * with a single write(2) and aborts; the supervisor starts the process again (the ledger is
 * recovered at start). Never use it for anything that a peer, a file or an owner can cause. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

_Noreturn void check_failed(const char *file, int line, const char *condition);

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#endif
