/* How fast a handset may begin logs, and what it is told when it begins too many. */
#ifndef BH_SYNC_LOG_PACE_H
#define BH_SYNC_LOG_PACE_H

#include "server/sync/hub.h"

/* False: it was refused. */
bool bh_log_may_begin(struct bh_session *session, const struct bh_moment *at);
/* The writer took it not. */
void bh_log_refused(
	struct bh_session *session, const struct bh_moment *at, const struct bh_outcome *outcome);

#endif
