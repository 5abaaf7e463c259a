/* What a server may answer to an op or a session, with a sentence for each. Values are frozen. */
#ifndef BH_PROTO_VERDICT_H
#define BH_PROTO_VERDICT_H

#include <stdbool.h>

enum bh_verdict {
	BH_VERDICT_NONE = 0,
	BH_VERDICT_ACCEPTED = 1,
	BH_VERDICT_STALE = 2, /* journalled, without effect: the case had moved on */
	BH_VERDICT_REJECTED = 3,
	BH_VERDICT_QUARANTINED = 4, /* kept for an administrator to release */
	BH_VERDICT_CARRIED = 5, /* a carried repeat: its first recording had its verdict already */
};

/* Why an op was not plainly accepted. */
enum bh_reason {
	BH_REASON_NONE = 0,
	BH_REASON_UNREADABLE = 1, /* does not decode; hash and length are journalled */
	BH_REASON_TOO_LARGE = 2,
	BH_REASON_TEXT = 3,  /* empty, too long, or not UTF-8 */
	BH_REASON_PLACE = 4, /* latitude, longitude, datum or accuracy out of range */
	BH_REASON_TIME = 5,
	BH_REASON_NO_CASE = 6,
	BH_REASON_NO_RIGHT = 7, /* the author's posts do not reach this */
	BH_REASON_NOT_NOW = 8,  /* the table has no such move from this state */
	BH_REASON_MOVED_ON = 9, /* recorded on a state that has passed */
	BH_REASON_NO_UNIT = 10,
	BH_REASON_NO_REASON = 11,   /* the verb needs a reason or result text */
	BH_REASON_WINDOW = 12,      /* too late for this verb */
	BH_REASON_DEVICE = 13,      /* revoked or suspended */
	BH_REASON_AUTHOR = 14,      /* no such worker, or not of this device */
	BH_REASON_UNSUPPORTED = 15, /* a verb this server does not decide yet */
	BH_REASON_GUARD = 16,       /* another condition of the move, see the sentence */
	BH_REASON_FIELD = 17,       /* a value out of range; the sentence names it */
	BH_REASON_HANDED_IN = 18,   /* of what was accepted: the unit's lead signs it off */
	BH_REASON_COUNT = 19,
};

/* Why a session or a frame was refused.  Which of them end the connection: bh_refusal_is_final. */
enum bh_refusal {
	BH_REFUSAL_NONE = 0,
	BH_REFUSAL_BAD_FRAME = 1,
	BH_REFUSAL_TOO_LARGE = 2,
	BH_REFUSAL_TOO_COMPLEX = 3,
	BH_REFUSAL_UNPACK = 4,
	BH_REFUSAL_VERSION = 5,
	BH_REFUSAL_NOT_PROVED = 6, /* unknown device, wrong signature, revoked: one word for all */
	BH_REFUSAL_ORDER = 7,      /* a message its phase does not allow */
	BH_REFUSAL_GAP = 8,
	BH_REFUSAL_FORK = 9,
	BH_REFUSAL_BATCH = 10,    /* halve it */
	BH_REFUSAL_BUSY = 11,     /* come again after retry_after_ms */
	BH_REFUSAL_CODE = 12,     /* enrolment code wrong, used or expired: one word for all */
	BH_REFUSAL_REVOKED = 13,  /* said only on a session that was proved */
	BH_REFUSAL_REPLACED = 14, /* a newer connection of this device took over */
	BH_REFUSAL_STORAGE = 15,  /* the district cannot commit just now */
	BH_REFUSAL_SHUTDOWN = 16,
	BH_REFUSAL_COUNT = 17,
};

const char *bh_verdict_name(enum bh_verdict verdict);
const char *bh_reason_name(enum bh_reason reason);
const char *bh_refusal_name(enum bh_refusal refusal);
/* A sentence a worker understands; never NULL. */
const char *bh_reason_sentence_zh(enum bh_reason reason);
const char *bh_reason_sentence_en(enum bh_reason reason);
const char *bh_refusal_sentence_zh(enum bh_refusal refusal);
/* Whether correcting and recording anew can help. */
bool bh_reason_is_correctable(enum bh_reason reason);
bool bh_refusal_is_final(enum bh_refusal refusal);

#endif
