/* The administration socket: requests of the console's one route table, driven through writer and
 * reader. */
#ifndef BH_MAIN_ADMIN_H
#define BH_MAIN_ADMIN_H

#include "server/main/process.h"

/* An http handler; context is the process. */
void bh_admin_handle(void *context, const struct bh_request *request, struct bh_http_call *call);

/* Waits for a verification that is under way.  Before the main loop is drained for the last time.
 */
void bh_admin_verification_end(struct bh_process *process);

#endif
