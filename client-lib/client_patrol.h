/* What the files of patrol rounds share: the plans as told, and the open round of one. */
#ifndef BH_CLIENT_CLIENT_PATROL_H
#define BH_CLIENT_CLIENT_PATROL_H

#include "client-lib/client_state.h"
#include "client-lib/include/bihuan_field.h"
#include "client-lib/local_round.h"

/* What the district told, and the arena that it lies in. */
struct bh_plans {
	struct bh_arena arena;
	struct bh_msg_district district;
};

/* All of them under the lock. */
/* The caller frees the arena whatever became of it. */
int bh_plans_read(bh_client *client, struct bh_plans *out);
/* The same with a plan and its open round; one that is not open is zero.  *plan NULL: there is no
 * such plan. */
int bh_round_read(bh_client *client, uint32_t id, struct bh_plans *plans,
	const struct bh_msg_patrol **plan, struct bh_round *round);
/* The reasons of what was skipped as a text.  BH_ERR_LIMIT: over BH_TEXT_BYTES_MAX. */
int bh_round_reasons(const struct bh_round *round, struct bh_buf *out);

#endif
