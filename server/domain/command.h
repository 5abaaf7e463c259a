/* One thing somebody, or the clock, wants to happen; and what became of it. */
#ifndef BH_DOMAIN_COMMAND_H
#define BH_DOMAIN_COMMAND_H

#include "proto/limits.h"
#include "proto/message.h"
#include "proto/verdict.h"
#include "server/domain/case.h"
#include "proto/limit.h"
#include "server/domain/mediation.h"

enum bh_source {
	BH_SOURCE_DEVICE = 1, /* an op of a handset's log */
	BH_SOURCE_DESK = 2,   /* a person at a console or terminal */
	BH_SOURCE_CLOCK = 3,
	BH_SOURCE_OPERATOR = 4, /* who runs the server: districts, people, devices; no cases */
	BH_SOURCE_STORE = 5,    /* who keeps the photos: one is whole, verified and synced */
	BH_SOURCE_NOTICE = 6,   /* about the outbox (notice.h): nothing is journalled */
};

/* Short numbers of the logs that are not a handset's. */
#define BH_LOG_DESK 1u
#define BH_LOG_CLOCK 2u
#define BH_LOG_OPERATOR 3u
#define BH_LOG_STORE 4u
#define BH_LOG_FIRST_DEVICE 16u

enum bh_alarm {
	BH_ALARM_NONE = 0,
	BH_ALARM_REMIND_50 = 1,
	BH_ALARM_REMIND_80 = 2,
	BH_ALARM_DISPATCH = 3, /* the margin before the limit */
	BH_ALARM_BREACH = 4,   /* the limit itself */
	BH_ALARM_SIGN = 5,     /* row 10 by the clock */
	BH_ALARM_CLOSE = 6,    /* row 33 */
	BH_ALARM_RESUME = 7,   /* row 15 by the clock */
	BH_ALARM_START = 8,    /* row 22 by the clock */
	BH_ALARM_RECEIVE = 9,  /* row 17 by the clock */
	BH_ALARM_ARCHIVE = 20, /* row 25 by the clock */
	BH_ALARM_FOLLOW_TRY = 21,
	BH_ALARM_FOLLOW_UP = 22,  /* row 26 by the clock */
	BH_ALARM_WARN = 30,       /* 50 % or 80 % of the disposal limit */
	BH_ALARM_OVERDUE = 31,    /* ... the limit itself, a day and three days after it */
	BH_ALARM_RECOMPUTE = 32,  /* its due times go by another calendar than the one in force */
	BH_ALARM_TASK_LAPSE = 40, /* a task's limit */
	BH_ALARM_TASK_WITHDRAW = 41, /* its case no longer waits for it */
	BH_ALARM_FAIL = 42,          /* row 21 by the clock */
	BH_ALARM_REVIEW = 43,        /* row 12 by the clock */
	BH_ALARM_CHECK = 44,         /* row 55 */
	BH_ALARM_PERFORM_DUE = 45,   /* a date of an agreement */
	BH_ALARM_PERFORM_CHASE = 46, /* ... of which nobody has said anything */
	BH_ALARM_REHOME = 48,        /* row 80: its unit is no more */
	BH_ALARM_APPEAL = 49,        /* a review of an appeal */
	BH_ALARM_ESCALATE = 53,      /* row 80: nobody signed, and a rule says whose it is then */
	BH_ALARM_TASK_LEFT = 55,     /* whose task it is may not answer it any more */
	BH_ALARM_QUEUE_CALL = 56,    /* nobody dispatches, past the breach */
	BH_ALARM_SIGN_OFF = 59,      /* a lead lets a result lie that was handed in */
	BH_ALARM_UNMANNED = 64,      /* nobody holds a post of its unit any more */
	BH_ALARM_UNPLANNED = 65,     /* a major case's sponsor or task force is gone */
	BH_ALARM_MILESTONE = 60,     /* 50, 80 or 100 % of a step's limit */
};

/* MILESTONES: the limits of the steps that are still to be done, in order; their words are the
 * lines of dispute.decisions. */
struct bh_milestone_ask {
	uint32_t count;
	struct bh_limit limits[BH_MILESTONES_MAX];
};

/* Owned by whoever made it, with everything its spans point to, until its outcome is there. */
struct bh_command {
	enum bh_source source;
	enum bh_verb verb;
	void *owner; /* the submitter's, untouched */

	/* DEVICE: the op as it came; log_short and device were resolved by the session. */
	uint32_t device;
	uint32_t log_short;
	uint64_t seq;
	uint8_t prev_link[BH_HASH_BYTES];
	uint8_t link[BH_HASH_BYTES];
	uint8_t commitment[BH_HASH_BYTES];
	uint8_t salt[BH_SALT_BYTES];
	struct bh_span header;
	struct bh_span content;
	int reason; /* enum bh_reason: what decoding found wrong already; 0 is fine */
	bool has_origin;
	struct bh_msg_origin origin;
	int64_t clock_offset_ms; /* district time less the handset's clock, measured by this session
				  */
	int64_t clock_bound_ms;  /* its uncertainty */

	/* It was carried here in a file, which may be older than what came before it. */
	bool by_hand;

	/* What an own receipt, given back by the handset, says of it (C04).  0: none is known. */
	int64_t received_ms;
	uint32_t receipt_verdict; /* other than accepted and carried; with its reason */
	uint32_t receipt_reason;

	/* DESK, OPERATOR: commands with the same key have one effect. All zero: none was given. */
	uint8_t key_hash[BH_HASH_BYTES];
	/* What was asked with the key; all zero: not stated, any request is the same. */
	uint8_t request_hash[BH_HASH_BYTES];
	/* OPERATOR, RELEASE: device, base_position (its op's entry), text (why), and reason_code: 0
	 * to release, 1 to discard.  REVOKE: reason_code 1: what the device said it holds is waited
	 * for no longer. */
	/* OPERATOR: what is asked for holds already; only the key is kept. */
	bool holds;

	/* STORE: a photo, by the hash and the size of the whole. */
	uint8_t blob_hash[BH_HASH_BYTES];
	uint32_t blob_size;
	/* About no case: room is asked for the bytes that the device is about to send; size 0 gives
	 * it back.  Nothing is journalled.  DESK, PAPER: room for its file, where it would be
	 * accepted. */
	bool blob_room;
	/* Giving it back: the room that the outcome of this at_ms gave, unless it was asked for
	 * again since. */
	int64_t blob_room_ms;

	/* NOTICE: see store/notice.h. */
	uint32_t notice_act;
	uint64_t notice_id;

	/* CLOCK */
	enum bh_alarm alarm;
	int64_t alarm_due_ms;

	/* Who, about what. */
	uint32_t person;
	uint32_t post; /* 0: whichever of the person's posts allows it */
	uint64_t case_number;
	uint32_t cycle;
	uint64_t base_position; /* the case's version the person saw; 0: not stated */

	/* Parameters of verbs. */
	int64_t captured_ms;
	uint32_t type;
	uint32_t condition;
	uint32_t urgency;
	uint32_t unit;
	uint32_t reason_code; /* refusal, return ...; a follow-up's enum bh_follow_answer; a task's
				 answer: enum bh_task_result */
	uint64_t main_number; /* merge: into which case */
	bool matter_ended;    /* close: who closes it has looked: it has ended */
	bool none_fits;       /* file, dispatch: of the type's conditions none is this */
	bool outside;         /* ... and it lies in no grid */
	uint32_t channel;     /* refuse, refer: enum bh_channel (ending.h) */
	struct bh_span receipt; /* refer: the number that the other channel gave it */
	uint32_t task;          /* of the case: its ordinal; 0: not stated */
	uint32_t assignee;      /* person who shall do the task; 0: by rule */
	uint64_t order;         /* BH_ORDER_REF (order.h); 0: not stated */
	uint32_t photos;        /* that the op names */
	uint32_t photos_after;  /* of them: of what was put right */
	uint32_t photos_before; /* ... and as it was */
	int64_t until_ms;       /* a suspension's end; 0: not stated */
	bool has_place;
	int32_t latitude_e7; /* as it came */
	int32_t longitude_e7;
	uint32_t datum;
	uint32_t accuracy_dm;
	uint32_t area; /* SERVICE, PATROL: the grid, 0: by place; FILE, DISPATCH: as named */
	struct bh_msg_round round;
	struct bh_dispute_ask dispute;
	struct bh_milestone_ask milestones;
	uint32_t intake;        /* REGISTER: enum bh_intake (intake.h) */
	uint32_t visitors;      /* ... how many people came with it; 0: not stated */
	struct bh_span text;    /* the report, result, reason or instruction */
	struct bh_span payload; /* OPERATOR verbs: the encoded Entry... or Profile message */
};

/* err is about storage (the command may be given again); verdict is the answer for ever. */
struct bh_outcome {
	int err;
	enum bh_verdict verdict;
	enum bh_reason reason;
	const char *detail; /* a constant English clause more exact than the reason, or NULL */
	bool repeat;        /* the recorded verdict of an earlier arrival */
	bool key_taken;     /* the key came before with another request: nothing was done */
	uint64_t
		position; /* of the entry; 0 when nothing was journalled (a refused desk command) */
	uint64_t case_number;
	uint32_t state; /* the case's, after */
	int64_t at_ms;  /* district time of the entry */
	int64_t dispatch_due_ms;
	uint32_t id; /* device or log_short a district verb made */
};

#endif
