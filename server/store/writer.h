/* Inside the writer: what its files share. */
#ifndef BH_STORE_WRITER_H
#define BH_STORE_WRITER_H

#include "server/store/ballast.h"
#include "server/store/entry_row.h"
#include "server/store/kept.h"
#include "server/store/notice.h"
#include "server/store/project.h"
#include "server/store/store.h"
#include "server/store/vault.h"

#define BH_HEARTBEAT_PERSIST_MS 5000
#define BH_HELD_RETRY_MS 1000 /* alarms that are held back are looked at again */
#define BH_WAL_PAGES_MAX 16000u
#define BH_WAL_PAGES_IDLE 1000u /* worth a checkpoint in an idle moment */

/* What a rollback must restore, besides what the file itself restores. */
struct bh_writer_mark {
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	int64_t at_ms;
	struct bh_timeline timeline;
	int64_t heartbeat_mono_ms;
	struct bh_wake_mark wakes;
	struct bh_writer_counts counts;
	struct bh_tally tally;
	struct bh_district_row district;
};

/* What the device's row said, in this transaction, for the push that runs. */
struct bh_push {
	bool asked;
	bool live;
	uint32_t person;
};

struct bh_writer {
	struct bh_projector projector;
	struct bh_push push;
	sqlite3 *lock;
	struct bh_ballast ballast;
	struct bh_kept kept;
	struct bh_rng rng;
	uint32_t wal_pages_max;
	uint32_t due_divisor;
	uint64_t upload_bytes_max; /* of one device on their way */
	uint64_t blob_bytes_max;
	uint32_t device_uploads_max;
	uint32_t device_logs_max;
	uint32_t device_logs_a_day;
	uint32_t device_keys_max;
	uint32_t device_keys_a_day;
	struct bh_rules *rules;
	struct bh_rules *rules_before; /* of the open transaction's start, when it changed them */
	struct bh_timeline timeline;
	struct bh_now now;
	int64_t now_ms;    /* district time of the open group */
	uint64_t position; /* the journal's head */
	uint8_t hash[BH_HASH_BYTES];
	int64_t at_ms;             /* of the head */
	int64_t heartbeat_mono_ms; /* of the persisted one */
	int64_t held_mono_ms;      /* due but held alarms are not looked at before */
	int64_t alarm_due_ms;      /* the first alarm's, 0: none, */
	bool alarm_due_known;      /* since the last group */
	int64_t chores_mono_ms;    /* nor chores, after one that failed */
	uint32_t wal_pages;
	bool in_transaction;
	bool broken; /* a commit's outcome is not known: nothing more is done */
	struct bh_writer_mark mark;
	struct bh_writer_counts counts;
	struct bh_wake_set wakes;
	struct bh_buf scratch; /* hashing */
	struct bh_buf decision;
	struct bh_buf content;
	struct bh_buf header;
	struct bh_arena arena;
	struct bh_vault *vault; /* NULL: the district has no seal key */
	uint64_t keys_after;    /* case keys up to here are by the present one, */
	bool keys_wait;         /* and more may not be */
	bool upgrade_waits;     /* some of what an older program left (upgrade.c) */
	int64_t shift_due_ms;   /* when it is looked next whether shifts were handed over; 0: now */
	bool scrub;             /* what was erased may lie in the WAL still */
	sqlite3 *copy;
	sqlite3_backup *backup;
};

/* ---- transactions: writer_group.c ---- */
/* An error of the machine, which says nothing about the commands. */
bool bh_err_is_storage(int err);
int bh_group_begin(struct bh_writer *writer, struct bh_now now);
/* The open group has BH_GROUP_ENTRIES_MAX. */
bool bh_group_is_full(const struct bh_writer *writer);
/* BH_ERR_FULL: rolled back, nothing changed.  BH_ERR_UNKNOWN: the writer is broken. */
int bh_group_commit(struct bh_writer *writer);
/* Commits what went well, and rolls the rest back: gives what went wrong. */
int bh_group_end(struct bh_writer *writer, int err);
/* Memory is what it was at begin.  BH_ERR_UNKNOWN: SQLite would not let go, and the writer is
 * broken. */
int bh_group_rollback(struct bh_writer *writer);
/* After a rollback.  True: the group failed because the disk was full, and now there is room, so it
 * may be run again; at most once for a ballast. */
bool bh_group_finds_room(struct bh_writer *writer, int err);

void bh_wakes_give(struct bh_writer *writer, struct bh_wakes *wakes);

/* ---- checkpoints: writer_checkpoint.c ---- */
/* When the WAL has reached its cap; a failure is not fatal (the WAL grows on, and the next group
 * tries again). */
void bh_checkpoint_if_needed(struct bh_writer *writer);
/* Everything in the WAL is in the file and synced, or an error. */
int bh_checkpoint_whole(struct bh_writer *writer);

/* ---- one entry: writer_entry.c ---- */
/* Completes position, time, sequence (0: the log's next) and hash, appends, and applies.
 * keep_content: see bh_entry_row_add.  With content and a zero salt, a salt is drawn. */
int bh_writer_append(struct bh_writer *writer, struct bh_entry *entry, bool keep_content,
	const struct bh_case *before, const struct bh_msg_origin *origin, struct bh_case *after);
/* An operator's or the clock's entry about the district; content is its encoded message. */
int bh_writer_append_district(struct bh_writer *writer, uint32_t log_short, enum bh_verb verb,
	uint32_t person, struct bh_span content);
void bh_outcome_answer(const struct bh_entry_brief *brief, bool repeat, struct bh_outcome *out);

/* ---- one command: storage errors only; what becomes of it is in *out ---- */
/* writer_case.c; of a handset's op, w->push says whether it is live and whose it is. */
int bh_command_case(struct bh_writer *writer, struct bh_command *command, struct bh_outcome *out);
/* The clock's, about a case as it was read in this transaction; NULL: it is read.  Counts it;
 * *fires: it had effect. */
int bh_command_fire(struct bh_writer *writer, struct bh_command *command,
	const struct bh_case *cased, bool *fires);
/* A handset's op that cannot be kept or read: journalled as lengths and hashes. */
int bh_command_unreadable(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 21
int bh_command_again(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
#endif
/* writer_desk.c */
/* A desk's text, place and reason are kept in the form a handset's are. */
int bh_desk_encode(
	struct bh_writer *writer, const struct bh_command *command, struct bh_entry *entry);
/* An accepted one that stands beside the case's course: it moves nothing.  cased NULL: of none. */
struct bh_entry bh_desk_entry(
	const struct bh_command *command, const struct bh_case *cased, uint32_t post);
/* Writes such a one; cased as bh_writer_append's. */
int bh_desk_append(struct bh_writer *writer, struct bh_entry *entry, const struct bh_case *cased,
	struct bh_outcome *out);
int bh_command_desk(struct bh_writer *writer, struct bh_command *command, struct bh_outcome *out);
/* writer_field.c: what an entry about no case has more: its fact as the decision where it was
 * accepted; in quarantine a number by which it can be spoken of. */
int bh_field_complete(
	struct bh_writer *writer, const struct bh_verdict_on *on, struct bh_entry *entry);
/* writer_privacy.c: about the people that a case names; desks alone. */
int bh_command_privacy(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* writer_dossier.c: about a case's dossier; desks alone. */
int bh_command_dossier(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* In the tick's transaction: loans that did not come back by their day, up to max with what has
 * *fired; *held: some wait until the clock is confirmed. */
int bh_loans_tick(struct bh_writer *writer, size_t max, size_t *fired, bool *held);
/* What the dossier of a case lacks now; of no case nothing. */
int bh_dossier_stands(struct bh_writer *writer, const struct bh_case *cased, uint32_t *lacks);
/* writer_rating.c: a token, or a rating with one. */
int bh_command_rating(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* writer_erase.c: destroys and says so; log, person, post, reason and text are the command's. */
int bh_writer_erase(struct bh_writer *writer, const struct bh_command *command, uint32_t post,
	uint64_t *position);
/* writer_retention.c: whether a slice of the day's purge is to do, and it. */
int bh_retention_waits(struct bh_writer *writer, bool *waits);
int bh_retention_turn(struct bh_writer *writer);
/* writer_chore.c: after the clock's turn, each in a group of its own.  BH_ERR_UNKNOWN and
 * BH_ERR_CORRUPT alone: whatever else fails is tried again later, and keeps no alarm from firing.
 */
int bh_chores_run(struct bh_writer *writer, struct bh_now now);
/* writer_key.c: *answered: the key came before, and *out is what is said to it now. */
int bh_key_ask(struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out,
	bool *answered);
/* What a key that was given led to: the position of an entry, or the negative of one that says why
 * none was needed. */
int bh_key_keep(struct bh_writer *writer, const struct bh_command *command, int64_t position);
/* writer_blob.c: a photo is here, or room is asked for one. */
int bh_command_store(struct bh_writer *writer, struct bh_command *command, struct bh_outcome *out);
/* Room alone, of the command's device. */
int bh_room_command(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* What lies there of the device's is nobody's and counts no more; it goes as what nobody offers. */
int bh_room_uncount(struct bh_writer *writer, const struct bh_command *command);
/* writer_shown.c: STORED of this case too, if an op of this person's brought the photo before. */
int bh_shown_settle(struct bh_writer *writer, uint64_t case_number, uint32_t person,
	const struct bh_msg_blob *blob);
/* Of each photo that an op of the push names, unless it is lost; of its case, once that has it. */
int bh_shown_of_op(
	struct bh_writer *writer, const struct bh_command *command, uint64_t case_number);
/* What a decision may know beside its case. */
struct bh_beside {
	uint32_t repeats; /* FINISH, SELF_DISPOSE */
	uint32_t dossier_lacks;
	bool consented;
	struct bh_capture_floor floor; /* DEVICE */
	enum bh_blob_standing blob;
	bool has_main;
	struct bh_case main;
	uint32_t merged;
};
/* writer_merged.c: the main case that a command names, and what is merged already. */
int bh_merged_stand(
	struct bh_writer *writer, const struct bh_command *command, struct bh_beside *out);
/* The command took effect on a case: what is merged with it follows, in entries of their own. */
int bh_merged_follow(struct bh_writer *writer, const struct bh_command *command,
	const struct bh_case *before, const struct bh_case *after);
/* writer_origin.c: the position at which this very op was recorded before, here or under another
 * name, for the same person; untouched where it never was. */
int bh_first_recording(
	struct bh_writer *writer, const struct bh_command *command, uint64_t *position);
/* The photo as an op's header would name it. */
int bh_blob_encode(struct bh_writer *writer, const struct bh_command *command);
/* How the command's photo stands to its case. */
int bh_blob_stands(
	struct bh_writer *writer, const struct bh_command *command, enum bh_blob_standing *out);
/* writer_log.c: whether a device may begin one more log now; counts it where it may.  *why NULL: it
 * may.  Else out->reason GUARD (never) or NOT_NOW (from out->at_ms on, district time). */
int bh_log_allow(
	struct bh_writer *writer, uint32_t device, struct bh_outcome *out, const char **why);
/* writer_register.c: the next number for what a desk registers, and its place in the log of them,
 * which is begun with the first of an epoch. */
int bh_register_number(struct bh_writer *writer, struct bh_entry *entry);
/* writer_pace.c: one more of what a device does at most so often a day and so often in its life;
 * row is where that is counted in table local.  *wait_ms: 0, it may, and is counted; INT64_MAX:
 * never.
 */
int bh_pace_take(
	struct bh_writer *writer, int64_t row, uint32_t a_day, uint32_t in_life, int64_t *wait_ms);
/* The same of other lengths: each time moves the instant on by share_ms, at most ahead_ms. */
struct bh_pace_bounds {
	int64_t share_ms;
	int64_t ahead_ms;
	int64_t in_life;
};
int bh_pace_share(
	struct bh_writer *writer, int64_t row, struct bh_pace_bounds bounds, int64_t *wait_ms);
/* What is left of the kept file is for revocations. */
bool bh_kept_is_nearly_full(const struct bh_writer *writer);
/* writer_lost.c */
/* Somebody has begun to send it again. */
int bh_lost_found(struct bh_writer *writer, const uint8_t hash[BH_HASH_BYTES]);
/* At opening: how many there are. */
int bh_lost_count(struct bh_writer *writer);
/* contact.c: what the device said that it holds is waited for no longer. */
int bh_contact_give_up(struct bh_writer *writer, uint32_t device);
/* writer_operator.c */
/* A short number that no log has, nor had before the district was put back. */
int bh_log_next(struct bh_writer *writer, uint32_t *log_short);
int bh_command_operator(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* writer_release.c: an administrator's word about an op in quarantine. */
int bh_command_release(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* writer_rotate.c: a device takes another key. */
int bh_command_rotate(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
int bh_writer_suspend(struct bh_writer *writer, uint32_t device);

/* ---- a push: writer_device.c ---- */
/* May the job's ops follow what its log holds?  Sets job->err to BH_ERR_FORK or BH_ERR_LIMIT where
 * not. */
int bh_push_check(struct bh_writer *writer, struct bh_job *job);
/* Runs command i of a job that bh_push_check passed.  unreadable: keep hash and lengths only. */
int bh_push_command(struct bh_writer *writer, struct bh_job *job, size_t i, bool unreadable);
/* Sets acked_seq and acked_link. */
int bh_push_ack(struct bh_writer *writer, struct bh_job *job);

/* ---- tasks: writer_task.c ---- */
/* What a case was, and the task that the command names; NULL where there is none. */
struct bh_standing_rows {
	const struct bh_case *before;
	const struct bh_task *task;
	const struct bh_mediation *mediation;
};
/* entry->decision: what a verdict changes of them, until the next one. */
int bh_decision_encode(struct bh_writer *writer, const struct bh_standing_rows *rows,
	const struct bh_verdict_on *on, struct bh_entry *entry);
/* The task that a command names; *task NULL: it names none, or there is no such one. */
int bh_task_load(struct bh_writer *writer, const struct bh_command *command, struct bh_task *buffer,
	const struct bh_task **task);
/* After a command that changed a case with open tasks: those that it no longer waits for are
 * withdrawn. */
int bh_tasks_follow(struct bh_writer *writer, const struct bh_case *cased);
/* The task whose instant has come; *fires false: nothing to do there now. */
int bh_task_fire(struct bh_writer *writer, uint64_t first, bool *fires);
/* writer_mediation.c: the mediation that a command names, or the case's last; *mediation NULL:
 * there is no such one. */
int bh_mediation_load(struct bh_writer *writer, const struct bh_command *command,
	const struct bh_case *before, struct bh_mediation *buffer,
	const struct bh_mediation **mediation);
/* As bh_task_fire. */
int bh_mediation_fire(struct bh_writer *writer, uint64_t first, bool *fires);

/* ---- orders: writer_order.c ---- */
/* A desk's or the clock's command about an order, beside a case or about none. */
int bh_command_order(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* After a command that changed a case: what its overdue limit raises, and the end of what was
 * raised of it and no longer stands. */
int bh_orders_follow(struct bh_writer *writer, const struct bh_command *command,
	const struct bh_case *before, const struct bh_case *after);
/* In the tick's transaction: those whose instant has come, up to max with what has *fired; *held:
 * some wait until the clock is confirmed. */
int bh_orders_tick(struct bh_writer *writer, size_t max, size_t *fired, bool *held);

/* ---- notices: writer_notice.c, notice_pace.c, notice_tick.c ---- */
/* In the transaction of an entry about a case that was added and projected: whom it is told to;
 * after as bh_project left it.  Who did it has seen the case. */
int bh_notice_entry(struct bh_writer *writer, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *after);
int bh_command_notice(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
int bh_notice_add(struct bh_writer *writer, uint64_t position, uint64_t number,
	const struct bh_notice *notice);
/* Of an entry's notices, those beyond its reporter's pace: they are urgent no more, and what is
 * summed is told in one; count is how many are left. */
int bh_notices_pace(struct bh_writer *writer, const struct bh_entry *entry,
	const struct bh_case *after, struct bh_notice *notices, size_t *count);
/* In the tick's transaction: whom nobody heard is followed by the next; of what waited too long or
 * is old, a slice goes.  Adds how many were called to *fired. */
int bh_notice_tick(struct bh_writer *writer, bool sweeps, size_t *fired);
/* The next instant at which somebody is called, 0: none. */
int64_t bh_notice_tick_due_ms(const struct bh_writer *writer);

/* ---- shifts: writer_shift.c ---- */
int bh_command_shift(
	struct bh_writer *writer, const struct bh_command *command, struct bh_outcome *out);
/* In the tick's transaction: who did not hand over is told of.  Adds how often to *fired. */
int bh_shift_turn(struct bh_writer *writer, size_t *fired);
/* 0: nobody waits for an end of a shift. */
int64_t bh_shift_due_ms(const struct bh_writer *writer);

/* ---- writer_tick.c ---- */
/* The instant that a statement's one row gives; 0: there is none, or it cannot be read. */
int64_t bh_writer_first(const struct bh_writer *writer, enum bh_sql sql);
int bh_heartbeat_write(struct bh_writer *writer);

#endif
