/* The outbox: who is to be told of an entry, and what became of it.  Rows are written in the
 * transaction of their entry, so that a crash loses none and doubles none; they are local: outside
 * replay and verification, in backups.
 *
 *   queued ──▶ sent ──▶ seen        sent    a channel took it
 *      │ └───────────────▲          seen    the person did something to the case, opened it at a
 *      ├──▶ failed                          desk, or a handset of theirs durably took up a delta
 *      └──▶ expired                         with it (Applied); whichever is first
 *
 * A lane is a channel (0 the first configured, 1 the second) and, within it, what is urgent before
 * what is not: each is a queue of its own. */
#ifndef BH_STORE_NOTICE_H
#define BH_STORE_NOTICE_H

#include "server/store/contact.h"

#define BH_NOTICE_CHANNELS_MAX 2u
#define BH_NOTICE_LANES (2u * BH_NOTICE_CHANNELS_MAX)
#define BH_NOTICE_LANE(channel, urgent) (2u * (channel) + ((urgent) ? 0u : 1u))
#define BH_NOTICE_EXPIRE_MS INT64_C(86400000)      /* ready, and nobody took it */
#define BH_NOTICE_KEPT_MS (30 * INT64_C(86400000)) /* rows older than that go, */
/* And the oldest of more than these; of twice as many also what is urgent and waits. */
#define BH_NOTICE_ROWS_MAX 100000u
#define BH_NOTICE_SLICE 500u /* of either, every five seconds */

/* What went wrong last: an HTTP status, 1000 + a program's exit status, 2000 + the signal that
 * ended it, or one of these. */
enum bh_notice_error {
	BH_NOTICE_ERR_NONE = 0,
	BH_NOTICE_ERR_EXIT = 1000,
	BH_NOTICE_ERR_SIGNAL = 2000,
	BH_NOTICE_ERR_TIME = 3000,
	BH_NOTICE_ERR_CONNECT = 3001,
	BH_NOTICE_ERR_TLS = 3002,
	BH_NOTICE_ERR_LOCAL = 3003, /* no memory, no process, its case cannot be read */
};

struct bh_notice_row {
	uint64_t id;
	uint64_t position; /* of its entry; over INT64_MAX: a test's */
	uint32_t call;     /* of a call that is repeated: which, from 1; 0: it is none */
	uint32_t person;
	uint32_t kind;
	uint64_t number;
	uint64_t scope;
	uint64_t epoch;
	uint32_t state;
	uint32_t lane;
	uint32_t tries;
	uint32_t error;
	int64_t made_ms;
	int64_t next_ms;
	int64_t ack_ms;
	int64_t seen_ms;
};

/* In the column of positions a repeated call has its number above its entry's position. */
#define BH_NOTICE_CALL_SHIFT 56u
#define BH_NOTICE_CALLS_MAX 127u /* some two weeks */

/* "990101-1-4711-12-2", "990101-1-4711-12-71-3" of a third call: the same for every attempt at one
 * notice, over restarts and restores, and no other's: a receiver that gets it twice can tell. */
#define BH_NOTICE_KEY_MAX 100u
void bh_notice_key(
	const struct bh_notice_row *row, const char *district, char out[BH_NOTICE_KEY_MAX]);

/* ---- The writer's ---- */

/* Of a command of BH_SOURCE_NOTICE. */
enum bh_notice_act {
	BH_NOTICE_ACT_SEEN = 1,  /* person has the case before them */
	BH_NOTICE_ACT_RETRY = 2, /* notice_id goes again; the outcome's position is the id; 0: no
				    such, or it is seen */
	BH_NOTICE_ACT_TEST = 3,  /* one to person; likewise */
};

/* What became of attempts: state, lane, tries, error and next_ms of each by its id, where it still
 * waits.  In one commit; on failure as bh_writer_contacts. */
int bh_writer_notices_set(struct bh_writer *writer, struct bh_now now,
	const struct bh_notice_row *rows, size_t count);
/* A handset of this person durably took up what the scope had to this position.  Writes nothing
 * where nothing waited for it. */
struct bh_notice_applied {
	uint32_t person;
	uint64_t scope;
	uint64_t position;
};
int bh_writer_notices_applied(struct bh_writer *writer, struct bh_now now,
	const struct bh_notice_applied *applied, size_t count);

/* ---- Readers' ---- */

/* That are ready in a lane by then, the longest first, and before them those that somebody has to
 * acknowledge. */
int bh_reader_notices_due(struct bh_store_reader *reader, uint32_t lane, int64_t now_ms,
	struct bh_notice_row *rows, size_t max, size_t *count);
/* When the next of a lane is ready; 0: none waits. */
int bh_reader_notices_next(struct bh_store_reader *reader, uint32_t lane, int64_t *at_ms);
/* Newest first, before an id (0: from the newest), in one state (0: any). */
int bh_reader_notices(struct bh_store_reader *reader, uint64_t before, uint32_t state,
	struct bh_notice_row *rows, size_t max, size_t *count);
int bh_reader_notice(struct bh_store_reader *reader, uint64_t id, struct bh_notice_row *out);
/* Does one about this case wait for this person to see it? */
int bh_reader_notice_waits(
	struct bh_store_reader *reader, uint32_t person, uint64_t number, bool *waits);
/* How many wait, and since when the first of them is ready (0: none). */
int bh_reader_notices_waiting(struct bh_store_reader *reader, uint64_t *count, int64_t *oldest_ms);

#endif
