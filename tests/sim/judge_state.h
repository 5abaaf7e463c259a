/* What the files of the judge share: its own idea of the district, built from the journal alone. */
#ifndef BH_TESTS_SIM_JUDGE_STATE_H
#define BH_TESTS_SIM_JUDGE_STATE_H

#include <stdlib.h>

#include "proto/err.h"
#include "proto/message.h"
#include "proto/verdict.h"
#include "server/domain/order.h"
#include "server/domain/paper_file.h"
#include "server/domain/shift.h"
#include "server/store/dossier.h"
#include "server/store/notice.h"
#include "server/store/store.h"
#include "tests/sim/judge.h"
#include "tests/sim/judge_known.h"

#define BH_SIMJUDGE_LOGS_MAX 16384u  /* a restore may skip a thousand of each */
#define BH_SIMJUDGE_WELCOMES 32u     /* of a device that are remembered */
#define BH_SIMJUDGE_DESKS UINT32_MAX /* whose log of registrations is no device's */
#define BH_SIMJUDGE_DEVICES_MAX 16384u
#define BH_SIMJUDGE_BEGUN_MAX 1024u
#define BH_SIMJUDGE_SLOTS 4096u /* of the table of cases: a power of two */
#define BH_SIMJUDGE_TOKENS 16384u
#define BH_SIMJUDGE_TOUCHED 4096u

struct bh_simjudge {
	uint8_t secret[BH_SALT_BYTES]; /* of the district's samples */
	struct bh_rules *rules;        /* in force; their calendar is what it is asked for */
	struct bh_simrun *run;
	uint32_t merged_owed; /* cases that are told next how their main case ended */
	struct bh_hasher *hasher;
	struct bh_arena arena;
	struct bh_buf scratch;
	uint64_t position; /* followed to here */
	uint8_t hash[BH_HASH_BYTES];
	int64_t at_ms;
	bool doubted; /* the journal says that the clock jumped: what punishes is held */
	bool behind;  /* the journal could not be read to its end just now */
	struct bh_simheard logs[BH_SIMJUDGE_LOGS_MAX]; /* by short number */
	bool cut_off[BH_SIMJUDGE_DEVICES_MAX];         /* revoked or suspended, by device */
	uint32_t person[BH_SIMJUDGE_DEVICES_MAX];
	/* When its clock was measured, the newest first. */
	int64_t welcomed_at_ms[BH_SIMJUDGE_DEVICES_MAX][BH_SIMJUDGE_WELCOMES];
	struct bh_simcase *cases; /* BH_SIMJUDGE_SLOTS */
	struct bh_arena past;     /* decisions of what took effect */
	uint32_t cases_count, open_cases;
	uint64_t number_of[BH_SIMJUDGE_TOKENS]; /* the case of a report, by token */
	struct bh_simcase *touched[BH_SIMJUDGE_TOUCHED];
	size_t touched_count;
	struct bh_simcarried *carried;
	size_t carried_count, carried_room;
	uint64_t *desk_ids; /* of commands that took effect */
	size_t desk_ids_count, desk_ids_room;
	struct bh_simregistered *registered; /* ever, whatever became of it */
	size_t registered_count, registered_room;
	struct bh_simshown shown[BH_SIM_PHONES_MAX];
	uint64_t epoch_profile;                /* position of the profile in force */
	int64_t time_ms, time_at_ms;           /* district time and when it was so; 0: anew */
	int64_t disturbed_at_ms;               /* when a server's clock was last odd */
	uint32_t begun[BH_SIMJUDGE_BEGUN_MAX]; /* short numbers of devices' logs, ever */
	size_t begun_count;
	/* ---- judge_notice.c ---- */
	struct bh_rules *notice_rules; /* those of notice_profile */
	uint64_t notice_profile;
	uint64_t notice_epoch;         /* ... of this one */
	struct bh_case notice_before;  /* the entry's case as it met it; number 0: none */
	struct bh_notice_row *notices; /* of the outbox, since the last look */
	size_t notices_count, notices_room;
	uint64_t notice_seen;   /* the newest of that look */
	uint64_t notice_newest; /* ... and of this one */
	bool notices_read;
	/* ---- judge_held.c ---- */
	struct bh_simheld *held;
	size_t held_count, held_room;
	/* ---- judge_field.c ---- */
	uint8_t *field; /* by op of the truth: how often it counts */
	size_t field_room;
	uint64_t services, rounds; /* accepted entries */
	/* ---- judge_order.c ---- */
	struct bh_order *orders; /* as this history has them */
	size_t orders_count, orders_room;
	/* ---- judge_dossier.c, judge_shift.c: as this history has them ---- */
	struct bh_simpaper *dossiers;
	size_t dossiers_count, dossiers_room;
	struct bh_shift_end *shifts;
	size_t shifts_count, shifts_room;
	/* ---- judge_key.c ---- */
	struct bh_simreplaced *replaced; /* in any history */
	size_t replaced_count, replaced_room;
	uint8_t (*keys)[BH_PUBLIC_KEY_BYTES]; /* by device, as this history has them */
	/* ---- judge_back.c ---- */
	uint32_t restores;
	uint64_t epoch;                   /* that the last one began */
	bool replaying;                   /* what is followed was followed before */
	bool again;                       /* the device's op at hand came again, with its receipt */
	int64_t first_at_ms;              /* when that came first, or now if that is earlier */
	uint8_t (*hashes)[BH_HASH_BYTES]; /* of the journal by position, at position - 1 */
	size_t hashes_count, hashes_room;
	struct bh_simformer *former; /* entries of histories that were left */
	size_t former_count, former_room;
	struct bh_simreceipt *receipts;
	size_t receipts_count, receipts_room;
	bool must_be_cut_off[BH_SIMJUDGE_DEVICES_MAX];
	bool must_look; /* at these, when all is read */
	struct bh_simgiven given[BH_SIMJUDGE_DEVICES_MAX];
};

static inline void bh_simjudge_grow(void **array, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return;
	*room = *room ? *room * 2 : 64;
	*array = realloc(*array, *room * size);
	bh_assert(*array != NULL);
}

/* ---- judge_case.c ---- */
struct bh_simcase *bh_simjudge_case(struct bh_simjudge *judge, uint64_t number); /* NULL: none */
/* An entry about a case, in order. */
void bh_simjudge_move(struct bh_simjudge *judge, const struct bh_entry *entry);
/* The cases that the last entries touched, against their rows. */
void bh_simjudge_touched(struct bh_simjudge *judge, struct bh_store_reader *reader);
/* By its history as the file gives it. */
bool bh_simjudge_case_holds(
	struct bh_simjudge *judge, struct bh_store_reader *reader, struct bh_simcase *cased);

/* ---- judge_past.c ---- */
void bh_simjudge_past_add(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry);
void bh_simjudge_past_forget(struct bh_simjudge *judge);

/* ---- judge_order.c ---- */
/* An entry about an order, in order. */
void bh_simjudge_order(struct bh_simjudge *judge, const struct bh_entry *entry);
/* ... and one about an appeal. */
void bh_simjudge_appeal(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry);
void bh_simjudge_orders_forget(struct bh_simjudge *judge);
void bh_simjudge_orders_end(struct bh_simjudge *judge);

/* ---- judge_rate.c ---- */
/* False: the entry is about no rating. */
bool bh_simjudge_rating(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry);

/* ---- judge_dossier.c ---- */
/* An entry about a case's dossier, in order. */
void bh_simjudge_dossier(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased);
void bh_simjudge_dossiers_forget(struct bh_simjudge *judge);
void bh_simjudge_dossiers_end(struct bh_simjudge *judge);

/* ---- judge_shift.c ---- */
/* An entry about no case, in order: of a shift's end or not. */
void bh_simjudge_shift(struct bh_simjudge *judge, const struct bh_entry *entry);
void bh_simjudge_shifts_forget(struct bh_simjudge *judge);
void bh_simjudge_shifts_end(struct bh_simjudge *judge);

/* ---- judge_rules.c ---- */
/* Of a case's entry that took effect. */
void bh_simjudge_rules(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry);

/* ---- judge_clock.c ---- */
/* Of a PROFILE entry: the week that working hours go by from now on. */
void bh_simjudge_week(struct bh_simjudge *judge, const struct bh_entry *entry);
/* Of a case's entry that took effect: thresholds and due times computed again. */
void bh_simjudge_clock(struct bh_simjudge *judge, struct bh_simcase *cased,
	const struct bh_case *before, const struct bh_entry *entry);

/* ---- judge_due.c ---- */
/* A case's due times from its entries, the rules being those in force.  False: they cannot be read
 * just now. */
bool bh_simjudge_dues(struct bh_simjudge *judge, struct bh_store_reader *reader,
	const struct bh_rules *rules, const struct bh_case *cased, const struct bh_entry *entries,
	size_t count, struct bh_dues *out);

/* ---- judge_author.c ---- */
/* Of a device's entry. */
void bh_simjudge_header(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header);

/* ---- judge_photo.c ---- */
/* The place in the truth of the op that a device's entry is, or carries; SIZE_MAX: not known. */
size_t bh_simjudge_op_of(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header);
/* An accepted entry about a case names photos, or says that one is here. */
void bh_simjudge_photo_entry(struct bh_simjudge *judge, const struct bh_entry *entry);
void bh_simjudge_photo_frame(
	struct bh_simjudge *judge, uint32_t device, const struct bh_server_frame *frame);
/* A paper names a file. */
void bh_simjudge_paper_file(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_paper_said *said);
/* What was stored before is there after whatever happened. */
void bh_simjudge_photos_started(struct bh_simjudge *judge);
/* ---- judge_album.c ---- */
bool bh_simjudge_photos_have_come(struct bh_simjudge *judge, char *why, size_t size);
/* The last word about photos. */
void bh_simjudge_photos_end(struct bh_simjudge *judge);

/* ---- judge_back.c ---- */
void bh_simjudge_back_free(struct bh_simjudge *judge);
/* Before an entry's own turn: is it one that was followed before? */
void bh_simjudge_history_free(struct bh_simjudge *judge);
void bh_simjudge_back_entry(struct bh_simjudge *judge, const struct bh_entry *entry);
/* A device's op has its number. */
/* Of an entry about the district that is about no device's beginning or end: another key; a file
 * that was carried, which is told of before the ops that it brings. */
void bh_simjudge_back_district(struct bh_simjudge *judge, const struct bh_entry *entry);
void bh_simjudge_back_op(struct bh_simjudge *judge, const struct bh_entry *entry);
/* A log's short number, and a device's number, key and code, are given to nobody else, ever. */
void bh_simjudge_back_log(struct bh_simjudge *judge, const struct bh_entry *entry,
	uint32_t log_short, uint32_t device, struct bh_span log_id);
void bh_simjudge_back_device(struct bh_simjudge *judge, const struct bh_entry *entry,
	uint32_t device, struct bh_span key, struct bh_span code_hash);
/* All that is there was read. */
void bh_simjudge_back_read(struct bh_simjudge *judge);
/* A handset shows its log. */
void bh_simjudge_back_shown(struct bh_simjudge *judge, uint32_t phone);
/* The handset knows of the last restore. */
bool bh_simjudge_knows_epoch(const struct bh_simjudge *judge, struct bh_simphone *phone);
/* A closure was received, as the journal says. */
void bh_simjudge_back_received(struct bh_simjudge *judge, const struct bh_entry *entry);
/* Its receipt went with a log that its handset has left, and that the server lost. */
bool bh_simjudge_receipt_is_retired(
	const struct bh_simjudge *judge, uint32_t phone, uint64_t number, uint32_t cycle);
/* A report that was given again came when its handset's receipt says. */
void bh_simjudge_back_case(struct bh_simjudge *judge, const struct bh_simcase *cased,
	const struct bh_simphone_case *seen);

/* ---- judge_notice.c ---- */
/* Before entries are followed: what the outbox has since the last look. */
void bh_simjudge_notices_read(struct bh_simjudge *judge, struct bh_store_reader *reader);
/* ... and after the last of them was. */
void bh_simjudge_notices_done(struct bh_simjudge *judge);
/* Before and after an entry is followed. */
void bh_simjudge_notices_begin(struct bh_simjudge *judge, const struct bh_entry *entry);
void bh_simjudge_notices(
	struct bh_simjudge *judge, struct bh_store_reader *reader, const struct bh_entry *entry);
void bh_simjudge_notice_free(struct bh_simjudge *judge);

/* ---- judge_register.c ---- */
/* A desk's command registered this case. */
void bh_simjudge_registered(
	struct bh_simjudge *judge, const struct bh_case *now, const struct bh_entry *entry);
/* A desk's entry: its command took no effect before. */
void bh_simjudge_desk(struct bh_simjudge *judge, const struct bh_entry *entry);

/* ---- judge_held.c ---- */
/* A device's op: is it put into quarantine? */
void bh_simjudge_held(struct bh_simjudge *judge, const struct bh_entry *entry);
/* RELEASE: an op in quarantine is let in, or put away. */
void bh_simjudge_decided(struct bh_simjudge *judge, const struct bh_entry *entry);
/* It let the report in that is this case now: its reporter is told. */
void bh_simjudge_let_in(
	struct bh_simjudge *judge, const struct bh_entry *entry, const struct bh_case *cased);
/* The op that a RELEASE let in. */
const struct bh_simheld *bh_simjudge_held_of(
	const struct bh_simjudge *judge, const struct bh_entry *entry);
void bh_simjudge_held_forget(struct bh_simjudge *judge);
void bh_simjudge_held_free(struct bh_simjudge *judge);
/* The last word about them: rows and cases, and what the reporters' other handsets show. */
void bh_simjudge_held_end(struct bh_simjudge *judge);

/* ---- judge_field.c ---- */
/* Of a device's entry. */
void bh_simjudge_field(struct bh_simjudge *judge, const struct bh_entry *entry,
	const struct bh_msg_op_header *header);
void bh_simjudge_field_forget(struct bh_simjudge *judge);
void bh_simjudge_field_end(struct bh_simjudge *judge);

/* ---- judge_key.c ---- */
void bh_simjudge_key(struct bh_simjudge *judge, uint32_t device, struct bh_span key);
void bh_simjudge_rotated(struct bh_simjudge *judge, const struct bh_entry *entry);
/* After a server was put back: a key that was replaced is nobody's. */
void bh_simjudge_keys_look(struct bh_simjudge *judge);
void bh_simjudge_keys_forget(struct bh_simjudge *judge);
void bh_simjudge_keys_free(struct bh_simjudge *judge);

/* ---- judge.c ---- */
/* The log that an op came in which was recorded in another; NULL: it was not carried. */
const uint8_t *bh_simjudge_carrier(const struct bh_simjudge *judge, const struct bh_simop *op);
struct bh_simheard *bh_simjudge_log_of(
	struct bh_simjudge *judge, const uint8_t log_id[BH_LOG_ID_BYTES]);
_Noreturn void bh_simjudge_break(const struct bh_simjudge *judge, const char *invariant,
	const struct bh_entry *entry, const char *what);

/* ---- judge_course.c ---- */
/* Whatever ended a main case is followed at once by an answer for each case merged into it (I9). */
void bh_simjudge_merged(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry);
void bh_simjudge_course(struct bh_simtally *tally, const struct bh_entry *entry);

/* ---- judge_checking.c ---- */
/* Of a case's entry that took effect: who looks before it is closed, and after the clock did. */
void bh_simjudge_checking(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry);

/* ---- judge_task.c ---- */
void bh_simjudge_task(struct bh_simjudge *judge, const struct bh_case *before,
	const struct bh_case *now, const struct bh_entry *entry);

#endif
