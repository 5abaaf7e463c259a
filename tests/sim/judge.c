/* Follows the journal entry by entry as it is committed, and holds it against what people are told.
 *
 *   committed ──▶ new entries ──▶ chain, sequence, rights, moves, clocks ──▶ cases against rows
 *   job       ──▶ the same op, the same verdict (I15); heads that are durable
 *   log       ──▶ a handset believes no more than is durable (I1, I4)
 *
 * Its own reader may meet the faults of the disk: then it is behind, and goes on later. */
#include "tests/sim/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define ARENA_BYTES (64u * 1024u * 1024u)
#define SCRATCH_BYTES (4u * 1024u * 1024u)
#define LATE_MS 500

struct bh_simjudge *bh_simjudge_make(struct bh_simrun *run)
{
	struct bh_simjudge *judge = calloc(1, sizeof(*judge));
	bh_assert(judge != NULL);
	judge->run = run;
	judge->cases = calloc(BH_SIMJUDGE_SLOTS, sizeof(*judge->cases));
	bh_assert(judge->cases != NULL && bh_hasher_open(&judge->hasher) == 0);
	judge->arena = judge->past = BH_ARENA(ARENA_BYTES);
	judge->scratch = BH_BUF(SCRATCH_BYTES);
	judge->at_ms = INT64_MIN;
	judge->epoch = 1;
	return judge;
}

void bh_simjudge_free(struct bh_simjudge *judge)
{
	if (judge == NULL)
		return;
	for (size_t i = 0; i < BH_SIMJUDGE_LOGS_MAX; i++) {
		free(judge->logs[i].said);
		free(judge->logs[i].told);
		free(judge->logs[i].first);
	}
	bh_simjudge_back_free(judge);
	free(judge->cases);
	free(judge->carried);
	free(judge->desk_ids);
	free(judge->registered);
	bh_hasher_close(judge->hasher);
	bh_arena_free(&judge->arena);
	bh_rules_unref(judge->rules);
	bh_buf_free(&judge->scratch);
	free(judge);
}

_Noreturn void bh_simjudge_break(const struct bh_simjudge *judge, const char *invariant,
	const struct bh_entry *entry, const char *what)
{
	bh_simrun_fail(judge->run, invariant, "entry %llu (%s %s of log %u, case %u-%u): %s",
		(unsigned long long)entry->position, bh_verb_name((enum bh_verb)entry->verb),
		bh_verdict_name((enum bh_verdict)entry->verdict), entry->log_short,
		(unsigned)(entry->case_number >> 32), (unsigned)(entry->case_number & 0xffffffffu),
		what);
}

struct bh_simheard *bh_simjudge_log_of(
	struct bh_simjudge *judge, const uint8_t log_id[BH_LOG_ID_BYTES])
{
	for (size_t i = 0; i < judge->begun_count; i++) {
		struct bh_simheard *log = &judge->logs[judge->begun[i]];
		if (memcmp(log->log_id, log_id, BH_LOG_ID_BYTES) == 0)
			return log;
	}
	return NULL;
}

/* ---- The chain (I12) and the sequences (I4) ---- */

static void chain(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	uint8_t hash[BH_HASH_BYTES];

	if (entry->position != judge->position + 1)
		bh_simjudge_break(judge, "I12", entry, "the journal has a hole before it");
	if (entry->at_ms < judge->at_ms)
		bh_simjudge_break(judge, "I12", entry, "it is older than the one before it");
	judge->scratch.len = 0;
	bh_assert(bh_entry_hash(judge->hasher, judge->hash, entry, &judge->scratch, hash) == 0);
	if (memcmp(hash, entry->hash, BH_HASH_BYTES) != 0)
		bh_simjudge_break(judge, "I12", entry, "its hash is not that of its bytes");
	if (entry->content.len != 0) {
		bh_op_commitment(judge->hasher, entry->salt, entry->content, hash);
		if (memcmp(hash, entry->commitment, BH_HASH_BYTES) != 0)
			bh_simjudge_break(judge, "I12", entry, "its content is not what it says");
	}
	judge->position = entry->position;
	judge->at_ms = entry->at_ms;
	memcpy(judge->hash, entry->hash, BH_HASH_BYTES);
}

static void sequence(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	if (entry->log_short >= BH_SIMJUDGE_LOGS_MAX)
		bh_simjudge_break(judge, "I4", entry, "there are too many logs");
	struct bh_simheard *log = &judge->logs[entry->log_short];

	if (entry->seq != log->head + 1)
		bh_simjudge_break(judge, "I4", entry, "its log has a gap, or has it twice");
	log->head = entry->seq;
	if (entry->device == 0)
		return;
	if (entry->device != log->device)
		bh_simjudge_break(judge, "I4", entry, "the log is not of this device");
	bh_simjudge_grow((void **)&log->said, &log->room, log->head, sizeof(*log->said));
	struct bh_simsaid *said = &log->said[entry->seq - 1];
	said->verdict = (uint8_t)entry->verdict;
	said->reason = (uint8_t)entry->reason;
	memcpy(said->link, entry->link, BH_HASH_BYTES);
	bh_simjudge_back_op(judge, entry);
}

/* ---- The district's own entries ---- */

static void log_begin(struct bh_simjudge *judge, const struct bh_entry *entry, uint32_t log_short,
	uint32_t device, struct bh_span log_id)
{
	if (log_short >= BH_SIMJUDGE_LOGS_MAX || judge->logs[log_short].device != 0)
		bh_simjudge_break(judge, "I2", entry, "its short number was given out before");
	bh_simjudge_back_log(judge, entry, log_short, device, log_id);
	judge->logs[log_short].device = device;
	memcpy(judge->logs[log_short].log_id, log_id.data, BH_LOG_ID_BYTES);
}

static void district(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_entry_enrolled enrolled;
	struct bh_msg_entry_revoked revoked;
	struct bh_msg_entry_log begun;

	switch (entry->verb) {
	case BH_VERB_ENROLLED:
		bh_assert(bh_decode_entry_enrolled(entry->content, &judge->arena, &enrolled) == 0);
		bh_assert(enrolled.device < BH_SIMJUDGE_DEVICES_MAX);
		judge->person[enrolled.device] = enrolled.person;
		bh_simjudge_back_device(
			judge, entry, enrolled.device, enrolled.public_key, enrolled.code_hash);
		log_begin(judge, entry, enrolled.log_short, enrolled.device, enrolled.log_id);
		break;
	case BH_VERB_LOG_BEGIN:
		bh_assert(bh_decode_entry_log(entry->content, &judge->arena, &begun) == 0);
		log_begin(judge, entry, begun.log_short,
			begun.device != 0 ? begun.device : BH_SIMJUDGE_DESKS, begun.log_id);
		judge->run->tally.forks += begun.device != 0 && begun.forked_from.len != 0;
		break;
	case BH_VERB_REVOKE:
	case BH_VERB_SUSPEND_DEVICE:
		bh_assert(bh_decode_entry_revoked(entry->content, &judge->arena, &revoked) == 0);
		judge->cut_off[revoked.device] = true;
		break;
	case BH_VERB_CLOCK_ALARM:
	case BH_VERB_CLOCK_CONFIRM:
		judge->doubted = entry->verb == BH_VERB_CLOCK_ALARM;
		break;
	case BH_VERB_PROFILE:
		judge->epoch_profile = entry->position;
		bh_simjudge_week(judge, entry);
		break;
	default:
		bh_simjudge_back_district(judge, entry);
		break;
	}
}

/* ---- A handset's entries ---- */

/* The session in which an op that is journalled now may have come: a slow writer holds it while its
 * handset connects anew, again and again. */
static int64_t came_with(const struct bh_simjudge *judge, uint32_t device)
{
	const int64_t *at_ms = judge->welcomed_at_ms[device];
	size_t i = 0;
	while (i + 1 < BH_SIMJUDGE_WELCOMES && at_ms[i] > bh_simrun_now(judge->run) - BH_SIM_MINUTE)
		i++;
	return at_ms[i];
}

/* Corrected by the session's offset, an instant is wrong by no more than it says (D07). */
static void captured(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	const struct bh_simop *op = bh_simtruth_of_link(
		&judge->run->truth, judge->logs[entry->log_short].log_id, entry->seq, entry->link);
	int64_t ahead_ms = entry->at_ms - BH_SIM_EPOCH_MS - bh_simrun_now(judge->run);

	if (bh_simserver_district_ms(judge->run->server) - entry->at_ms > LATE_MS)
		return; /* read late: nobody knows any more what time it was then */
	if (op == NULL || bh_simphone_is_doomed(judge->run->phones[op->phone]) ||
		bh_simphone_clock_is_lost(judge->run->phones[op->phone], op->at_ms))
		return; /* two of one, or set and rebooted since: nobody can tell */
	/* A session that lived through a confirmed jump measured the old time. */
	if (op->at_ms <= judge->disturbed_at_ms + 2 * BH_SIM_MINUTE ||
		came_with(judge, entry->device) <= judge->disturbed_at_ms ||
		entry->captured_ms == 0 || entry->captured_bound_ms == UINT32_MAX)
		return;
	int64_t off_ms = entry->captured_ms - (op->at_ms + BH_SIM_EPOCH_MS + ahead_ms);
	int64_t slack_ms = (int64_t)entry->captured_bound_ms + 10 * BH_SIM_SECOND +
			   (bh_simrun_now(judge->run) - op->at_ms) / 5000;
	if (off_ms > slack_ms || off_ms < -slack_ms)
		bh_simrun_fail(judge->run, "D07",
			"entry %llu: report %u was captured %lld ms from when it was, within %u ms",
			(unsigned long long)entry->position, op->token, (long long)off_ms,
			entry->captured_bound_ms);
}

static void device_entry(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_op_header header;
	int reason = 0;

	if (entry->device >= BH_SIMJUDGE_DEVICES_MAX || judge->person[entry->device] == 0)
		bh_simjudge_break(judge, "I14", entry, "nobody knows this device");
	if (judge->cut_off[entry->device] &&
		(entry->verdict == BH_VERDICT_ACCEPTED || entry->decision.len != 0))
		bh_simjudge_break(
			judge, "I14", entry, "its device was revoked before, and it has effect");
	bh_simjudge_held(judge, entry);
	if (bh_op_decode_header(entry->header, &judge->arena, &header, &reason) == 0)
		bh_simjudge_header(judge, entry, &header);
	if (entry->verb == BH_VERB_SUBMIT && entry->verdict == BH_VERDICT_ACCEPTED)
		captured(judge, entry);
}

static void follow(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	bh_simjudge_back_entry(judge, entry);
	struct bh_simtally counted = judge->run->tally;
	chain(judge, entry);
	sequence(judge, entry);
	if (entry->case_number == 0 && entry->device == 0)
		district(judge, entry);
	if (entry->device != 0)
		device_entry(judge, entry);
	else if (entry->log_short == BH_LOG_DESK || entry->verb == BH_VERB_REGISTER)
		bh_simjudge_desk(judge, entry);
	if (entry->case_number != 0)
		bh_simjudge_move(judge, entry);
	if (judge->replaying)
		judge->run->tally = counted;
}

static void journal_read(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head = 0;

	judge->behind = bh_reader_head(reader, &head, hash) != 0;
	if (judge->behind)
		return;
	if (head < judge->position)
		bh_simrun_fail(judge->run, "I1", "the journal ends at %llu and was at %llu",
			(unsigned long long)head, (unsigned long long)judge->position);
	if (judge->position < head)
		bh_simjudge_notices_read(judge, reader);
	while (judge->position < head) {
		struct bh_entry entry;
		bh_arena_reset(&judge->arena);
		judge->behind = bh_reader_entry(
					reader, judge->position + 1, &judge->arena, &entry) != 0;
		if (judge->behind)
			return;
		bh_simjudge_notices_begin(judge, &entry);
		follow(judge, &entry);
		bh_simjudge_notices(judge, reader, &entry);
	}
	bh_simjudge_notices_done(judge);
	bh_simjudge_back_read(judge);
	bh_simjudge_touched(judge, reader);
}

/* In one transaction of the reader's, where it has one. */
void bh_simjudge_committed(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	bool held = bh_reader_hold(reader) == 0;

	journal_read(judge, reader);
	if (held)
		bh_reader_release(reader);
}

void bh_simjudge_started(struct bh_simjudge *judge, struct bh_store_reader *reader)
{
	uint8_t hash[BH_HASH_BYTES];
	int err = judge->position ? bh_reader_hash_at(reader, judge->position, hash) : 0;

	if (err == BH_ERR_NOT_FOUND)
		bh_simrun_fail(judge->run, "I1", "entry %llu was committed and is gone",
			(unsigned long long)judge->position);
	if (err == 0 && judge->position && memcmp(hash, judge->hash, BH_HASH_BYTES) != 0)
		bh_simrun_fail(judge->run, "I1", "entry %llu was committed and is another now",
			(unsigned long long)judge->position);
	bh_simjudge_committed(judge, reader);
	bh_simjudge_photos_started(judge);
	for (size_t i = 0; !judge->behind && i < judge->begun_count; i++) {
		const struct bh_simheard *log = &judge->logs[judge->begun[i]];
		if (log->durable > log->head)
			bh_simrun_fail(judge->run, "I1",
				"log %u was acknowledged to %llu and ends at %llu",
				(unsigned)judge->begun[i], (unsigned long long)log->durable,
				(unsigned long long)log->head);
	}
}

/* ---- What is said ---- */

/* The same op, the same verdict, in whichever push of whichever session it comes (I15). */
static void told(struct bh_simjudge *judge, struct bh_simheard *log,
	const struct bh_command *command, enum bh_verdict verdict)
{
	size_t room = log->told_room;
	uint64_t seq = command->seq;

	if (seq == 0 || seq > UINT16_MAX)
		return;
	bh_simjudge_grow((void **)&log->told, &log->told_room, seq, sizeof(*log->told));
	if (log->told_room > room)
		memset(log->told + room, 0, log->told_room - room);
	uint8_t *first = &log->told[seq - 1];
	if (*first == 0 && seq <= log->head && log->device != 0)
		*first = log->said[seq - 1].verdict;
	judge->run->tally.repeats += *first != 0;
	if (*first != 0 && *first != (uint8_t)verdict)
		bh_simrun_fail(judge->run, "I15",
			"op %llu of log %u was %s, and is %s when it comes again",
			(unsigned long long)seq, command->log_short,
			bh_verdict_name((enum bh_verdict) * first), bh_verdict_name(verdict));
	*first = (uint8_t)verdict;
}

void bh_simjudge_job(struct bh_simjudge *judge, const struct bh_job *job)
{
	const struct bh_command *first = job->commands;

	if (job->count == 0 || first->source != BH_SOURCE_DEVICE || job->err != 0 ||
		first->log_short >= BH_SIMJUDGE_LOGS_MAX)
		return;
	struct bh_simheard *log = &judge->logs[first->log_short];
	for (size_t i = 0; i < job->count; i++)
		told(judge, log, &job->commands[i], job->outcomes[i].verdict);
	if (job->acked_seq > log->durable)
		log->durable = job->acked_seq;
}

/* Nobody carries who is not of the district, or is cut off (I14). */
void bh_simjudge_cargo(struct bh_simjudge *judge, uint32_t device)
{
	if (judge->replaying || judge->behind)
		return;
	if (device >= BH_SIMJUDGE_DEVICES_MAX || judge->person[device] == 0 ||
		judge->cut_off[device])
		bh_simrun_fail(judge->run, "I14", "device %u carries, and may not", device);
}
