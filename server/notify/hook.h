/* A program that takes one notice: run without a shell, its message on stdin as one line of JSON.
 * Exit status 0: it was sent; 75 (EX_TEMPFAIL), a signal, or too long: later; any other: never. */
#ifndef BH_NOTIFY_HOOK_H
#define BH_NOTIFY_HOOK_H

#include "server/notify/slot.h"

#define BH_HOOK_MS_MAX 30000

/* Starts it for slot->message; sets pid, pid_fd (readable once it has ended) and the deadline.
 * BH_ERR_IO: it could not be started. */
int bh_hook_start(const char *program, const char *district, struct bh_slot *slot, int64_t mono_ms);
/* Whether it has ended, or has had its time and is ended; then *attempt and slot->row.error say
 * how.
 */
bool bh_hook_ended(struct bh_slot *slot, int64_t mono_ms, enum bh_attempt *attempt);
/* Ends it now, with everything it started. */
void bh_hook_kill(struct bh_slot *slot);

#endif
