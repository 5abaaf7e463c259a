/* A district's notices on their way out: its thread is set up as the configuration says. */
#ifndef BH_MAIN_NOTICING_H
#define BH_MAIN_NOTICING_H

#include "server/main/served.h"

/* Opens served->notify where somebody takes notices.  Codes of bh_notify_new, *detail its clause.
 */
int bh_noticing_open(
	struct bh_served *served, const struct bh_served_options *options, const char **detail);

#endif
