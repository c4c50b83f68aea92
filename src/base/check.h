/* check - assertions that stay in the release binary, and the two macros everyone needs.
 *
 * CHECK states a fact that only a programming error can break. A broken one prints file and line
 * ("pool.c:61"; the condition stands there) with a single write(2) and aborts; the supervisor
 * starts the process again (the ledger is recovered at start). Never use it for anything that a
 * peer, a file or an owner can cause. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* One short text for each CHECK: together they are kilobytes. */
#ifndef __FILE_NAME__ /* gcc before 12 */
#define __FILE_NAME__ __FILE__
#endif
#define CHECK_TEXT(token) #token
#define CHECK_PLACE(line) __FILE_NAME__ ":" CHECK_TEXT(line)
#define CHECK(condition)  ((condition) ? (void)0 : check_failed(CHECK_PLACE(__LINE__)))

_Noreturn void check_failed(const char *place);

#endif
