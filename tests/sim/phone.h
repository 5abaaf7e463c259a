/* A simulated handset: its own disk and clock, the real store and engine, and somebody who uses it.
 */
#ifndef BH_TESTS_SIM_PHONE_H
#define BH_TESTS_SIM_PHONE_H

#include "tests/sim/run.h"

struct bh_simphone_options {
	uint32_t person;
	uint32_t colleague; /* records on it as well; 0: nobody */
	bool handler;       /* signs and finishes what its unit has */
	bool stay;          /* keeps its session while it may */
	bool keen;          /* records reports of its own */
	bool key_outside;   /* a key store signs for it, which fails now and then */
	uint32_t drift_ppm; /* its clocks run so much fast */
	int64_t skew_ms;    /* of its wall clock */
};

/* A handset with an empty disk, switched on.  Asserts on failure. */
struct bh_simphone *bh_simphone_make(
	struct bh_simrun *run, const struct bh_simphone_options *options);
/* The same handset again: its disk as it is now, under a number of its own (B13). */
struct bh_simphone *bh_simphone_clone(struct bh_simphone *phone);
void bh_simphone_free(struct bh_simphone *phone);

/* ---- events ---- */
void bh_simphone_news(struct bh_simphone *phone, const struct bh_simnet_news *news);
void bh_simphone_event(struct bh_simphone *phone, const struct bh_simevent *event);

/* ---- what somebody does with it; all do nothing while it is off ---- */
void bh_simphone_enrol(struct bh_simphone *phone, const uint8_t code[BH_CODE_BYTES]);
/* A report of this type (any: 0) in this grid (0: anywhere).  Gives its token; 0: not recorded. */
uint32_t bh_simphone_report(struct bh_simphone *phone, uint32_t type, uint32_t grid);
/* Signs or finishes one case of the unit, marks a closure seen, or looks at nothing: true if
 * something was recorded. */
bool bh_simphone_serve(struct bh_simphone *phone);
bool bh_simphone_open_closure(struct bh_simphone *phone);
/* Where a grid is its user's: records a service entry, or goes on with a round, or ends it. */
void bh_simphone_field_work(struct bh_simphone *phone);
/* Where it is shared, now and then another takes it, and unlocks it or not. */
void bh_simphone_hand_over(struct bh_simphone *phone);
/* Wants a photo of a case that it was told of; true: there was one. */
bool bh_simphone_look(struct bh_simphone *phone);
/* Lets go of every photo that may go. */
void bh_simphone_make_room(struct bh_simphone *phone);
void bh_simphone_rotate(struct bh_simphone *phone); /* now and then, another key */
void bh_simphone_sync(struct bh_simphone *phone);
/* In a pocket its application is frozen: no attempt, no session. */
void bh_simphone_pocket(struct bh_simphone *phone, bool pocketed);
void bh_simphone_reach(struct bh_simphone *phone, bool reachable);
/* A push service woke it. */
void bh_simphone_hint(struct bh_simphone *phone);

/* Writes what it has not had acknowledged as a bundle; false: nothing, or not now. */
bool bh_simphone_export(
	struct bh_simphone *phone, struct bh_buf *file, struct bh_simwritten *written);
/* Takes the answer; false: not now. */
bool bh_simphone_answer(struct bh_simphone *phone, const struct bh_buf *answer,
	const struct bh_simwritten *written);
/* The log that the bundle is of may have gone two ways, or ended, since: the server was put back
 * and its handset did not know that yet, its handset's own backup of that log was, or there are two
 * of that handset. */
bool bh_simphone_may_part(const struct bh_simphone *phone, const struct bh_simwritten *written);
/* Whether its own backup was ever put back that had this log, and did not reach to this number. */
bool bh_simphone_was_undone(
	const struct bh_simphone *phone, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq);

/* ---- what it carries for others ---- */
enum bh_simcargo {
	BH_SIMCARGO_WAITS,    /* as far as can be seen just now */
	BH_SIMCARGO_ANSWERED, /* the answer was written out, and the piece is gone from it */
	BH_SIMCARGO_REFUSED,
	BH_SIMCARGO_GONE, /* it has none of this name */
};
/* Another's bundle is put into it; false: not now. */
bool bh_simphone_load(
	struct bh_simphone *phone, const struct bh_buf *file, uint8_t name[BH_HASH_BYTES]);
/* What became of it; why: when it was refused. */
enum bh_simcargo bh_simphone_unload(struct bh_simphone *phone, const uint8_t name[BH_HASH_BYTES],
	struct bh_buf *answer, char why[BH_CARGO_REASON_BYTES_MAX + 1]);
/* Its own backup was put back, or its clock set by so much that what it carries was too old. */
bool bh_simphone_may_lose_cargo(const struct bh_simphone *phone, int64_t since_ms);
/* An answer that it carried is no use to it (the privacy line); fails the run otherwise. */
void bh_simphone_learns_nothing(struct bh_simphone *phone, const struct bh_buf *answer);
/* None of the words of reports lies open in these bytes. */
bool bh_simphone_is_opaque(const uint8_t *data, size_t len);

/* ---- faults ---- */
void bh_simphone_down(struct bh_simphone *phone, bool power, int64_t back_after_ms);
void bh_simphone_clock(struct bh_simphone *phone, int64_t step_ms);
void bh_simphone_backup(struct bh_simphone *phone);  /* keeps a copy of its disk */
bool bh_simphone_restore(struct bh_simphone *phone); /* puts the copy back; false: none */
/* Its receipts say from now on that everything came two hours earlier. */
void bh_simphone_forge(struct bh_simphone *phone);
bool bh_simphone_forges(const struct bh_simphone *phone);
struct bh_simvfs *bh_simphone_disk(struct bh_simphone *phone);
void bh_simphone_stay(struct bh_simphone *phone, bool stay);

/* ---- what it knows ---- */
struct bh_simrun *bh_simphone_run(const struct bh_simphone *phone);
uint32_t bh_simphone_index(const struct bh_simphone *phone);
uint32_t bh_simphone_device(struct bh_simphone *phone); /* 0: not enrolled, or cannot be read */
uint64_t bh_simphone_epoch(struct bh_simphone *phone);  /* that it knows of; 0 */
uint32_t bh_simphone_person(const struct bh_simphone *phone);
bool bh_simphone_is_up(const struct bh_simphone *phone);
bool bh_simphone_is_live(const struct bh_simphone *phone);
/* Everything recorded has a verdict, everything told is taken. */
bool bh_simphone_is_settled(struct bh_simphone *phone);
/* The administrator gave it up: its device is revoked or suspended, or there are two of it. */
bool bh_simphone_is_doomed(const struct bh_simphone *phone);
void bh_simphone_doom(struct bh_simphone *phone);

struct bh_simphone_log {
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t head_seq, acked_seq;
};
bool bh_simphone_log(struct bh_simphone *phone, struct bh_simphone_log *out);

/* A record as it shows it. */
struct bh_simphone_case {
	uint64_t number;
	bool known, own;
	uint64_t position;
	uint32_t state, cycle, unit;
	uint32_t closures;
	bool delivered; /* receipts of all its closures are recorded */
	uint32_t token;
	uint32_t verdict;
	int64_t acked_ms; /* the server's time of its receipt; 0: none, or another's */
	bool provisional;
};
typedef void bh_simphone_case_seen(void *context, const struct bh_simphone_case *seen);
/* Every case it shows; false when its disk cannot be read. */
bool bh_simphone_cases(struct bh_simphone *phone, bh_simphone_case_seen *each, void *context);
/* 0, BH_ERR_NOT_FOUND, or what its disk says. */
int bh_simphone_case(struct bh_simphone *phone, uint64_t number, struct bh_simphone_case *out);

/* Where its file is sealed: nothing that was reported lies open in it. */
bool bh_simphone_hides(struct bh_simphone *phone);

/* A photo as it shows it, once for each case. */
struct bh_simphone_photo {
	uint64_t number;
	bool own_case;
	uint8_t hash[BH_HASH_BYTES];
	uint32_t kind, size;
	bool own;      /* taken with it */
	bool here;     /* its bytes are said to be here */
	bool stored;   /* another's: the server is said to have it */
	uint32_t fate; /* of an own one, or of a fetched one; for what is said of it */
	bool waits;    /* to be sent, or fetched */
	bool given_up;
};
typedef void bh_simphone_photo_seen(void *context, const struct bh_simphone_photo *seen);
/* Every photo of every case; false when its disk cannot be read. */
bool bh_simphone_photos(struct bh_simphone *phone, bh_simphone_photo_seen *each, void *context);
/* *wait: some are on their way, up or down.  False when its disk cannot be read. */
bool bh_simphone_photos_wait(struct bh_simphone *phone, bool *wait);
/* Whether the photo's file is on its disk as the process sees it, sealed or open, and whole. */
bool bh_simphone_has_file(struct bh_simphone *phone, const struct bh_simphoto *photo, bool own);

struct bh_simphone_cursor {
	uint64_t scope, position;
};
size_t bh_simphone_cursors(struct bh_simphone *phone, struct bh_simphone_cursor *out, size_t max);
/* Since then its clock was set and it was started again: nobody can say any more what it showed. */
bool bh_simphone_clock_is_lost(const struct bh_simphone *phone, int64_t since_ms);
/* Its worst word: "revoked", "replaced" ...; for the trace. */
const char *bh_simphone_cause(const struct bh_simphone *phone);

#endif
