/* Who records on a handset that several people share, and what each of them has not finished. */
#ifndef BH_CLIENT_LOCAL_AUTHOR_H
#define BH_CLIENT_LOCAL_AUTHOR_H

#include "client-lib/local.h"

/*
 * The contract of local.h holds.  The handset is one person's, and its log, rights and scopes are
 * theirs; once there is an author here it is shared, and an op says whether its author proved to be
 * it.  The handset is told of no list of persons (domain.md): a number and a name are given to it,
 * and the server judges whether they are colleagues.  That the number is theirs is the word of
 * whose handset it is, given by being unlocked when the PIN was set.
 */
#define BH_AUTHORS_MAX 32u
#define BH_PIN_LEN_MIN 4u
#define BH_PIN_LEN_MAX 64u
#define BH_PIN_TRIES_FREE 5u /* wrong ones; then each waits twice as long as the one before */
#define BH_PIN_TRIES_MAX 20u /* then none is tried any more */
#define BH_PIN_WAIT_MS 30000
#define BH_PIN_WAIT_MS_MAX 3600000
#define BH_DRAFTS_MAX 256u /* of one author */
#define BH_DRAFT_LEN_MAX (64u << 10)

struct bh_author {
	uint32_t person;
	char name[BH_NAME_BYTES_MAX + 1]; /* "" of one that is not in the table */
	uint32_t tries;                   /* wrong ones since the last right one */
	bool is_chosen;
	bool is_unlocked;
};

/* Makes an author: first whose handset it is, then colleagues while that one is unlocked.  Or gives
 * one another name and PIN, which takes the old one; without it, while whose handset it is is
 * unlocked, a colleague's drafts go.  BH_ERR_AUTH: the old one is wrong, that one is not unlocked,
 * or nobody is enrolled; BH_ERR_BUSY: too many were, try later; BH_ERR_CLOSED: for good;
 * BH_ERR_LIMIT: too many authors. */
int bh_local_author_set(struct bh_local *local, uint32_t person, struct bh_span name,
	struct bh_span pin, struct bh_span old_pin, struct bh_now now);
/* Who records from now on; person 0: whose handset it is.  Unlocked by the PIN, claimed where it is
 * empty.  As above; BH_ERR_NOT_FOUND: no author of that number.  After a failure it is as before.
 */
int bh_local_author_choose(
	struct bh_local *local, uint32_t person, struct bh_span pin, struct bh_now now);
/* Those in the table, by number, at most max. */
int bh_local_authors(struct bh_local *local, struct bh_author *out, size_t max, size_t *count);
/* Who records now; person 0 before enrolment. */
int bh_local_author(struct bh_local *local, struct bh_author *out);

/* What the present author wants kept under a number below BH_DRAFTS_MAX; empty: nothing any more.
 * BH_ERR_AUTH where the handset is shared and the author is not unlocked. */
int bh_local_draft_put(struct bh_local *local, uint32_t slot, struct bh_span body);
/* A copy in the arena; also BH_ERR_NOT_FOUND. */
int bh_local_draft_get(
	struct bh_local *local, uint32_t slot, struct bh_arena *arena, struct bh_span *out);

#endif
