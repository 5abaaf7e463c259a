/* The running process as the administration's routes see it. */
#ifndef BH_MAIN_ADMIN_HOST_H
#define BH_MAIN_ADMIN_HOST_H

#include "server/main/process.h"

struct bh_console_host bh_admin_host(struct bh_process *process);
/* The district's time, and where handsets find it, as of now. */
void bh_admin_refresh(struct bh_process *process, struct bh_served *served);

#endif
