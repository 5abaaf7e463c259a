/* The server is put back from a backup (I16): what that may take back, and what it may not.
 *
 *   put back ──▶ everything that was built from the journal is forgotten, the rest is not
 *     ──▶ the journal is followed once more: the same to the backup's head, then a greater epoch,
 *         then what the kept file brings: nobody who was cut off is in again
 *     ──▶ handsets bring their ops again: each its own number, with what its receipt says
 *
 * Gone for good are what desks, clocks and operators decided since, and ops of a log that its
 * handset had left for another one: a handset brings again what is in its present log.  Left out
 * is a handset's own old backup put back while the server lacks what that had acknowledged: then
 * nobody has these ops, and nobody knows which numbers are taken. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

void bh_simjudge_back_free(struct bh_simjudge *judge)
{
	bh_simjudge_past_forget(judge);
	free(judge->dossiers);
	free(judge->shifts);
	bh_simjudge_notice_free(judge);
	bh_simjudge_held_free(judge);
	free(judge->orders);
	free(judge->field);
	bh_simjudge_keys_free(judge);
	bh_simjudge_history_free(judge);
	free(judge->receipts);
}

/* ---- Before ---- */

bool bh_simjudge_may_go_back(const struct bh_simjudge *judge)
{
	for (uint32_t i = 0; i < judge->run->phones_count; i++) {
		const struct bh_simshown *shown = &judge->shown[i];
		if (!bh_simphone_is_doomed(judge->run->phones[i]) &&
			(!shown->known || shown->strayed))
			return false;
	}
	return !judge->behind && !judge->replaying;
}

bool bh_simjudge_phone_may_go_back(
	const struct bh_simjudge *judge, const uint8_t *log_id, uint64_t head_seq)
{
	for (size_t i = 0; i < judge->begun_count && log_id != NULL; i++) {
		const struct bh_simheard *log = &judge->logs[judge->begun[i]];
		if (memcmp(log->log_id, log_id, BH_LOG_ID_BYTES) == 0)
			return head_seq >= log->ever || log->head > head_seq;
	}
	return judge->restores == 0;
}

/* ---- The moment itself ---- */

static void ops_mark(struct bh_simjudge *judge)
{
	struct bh_simtruth *truth = &judge->run->truth;

	for (size_t i = 0; i < truth->count; i++) {
		struct bh_simop *op = &truth->ops[i];
		const struct bh_simheard *log = bh_simjudge_log_of(judge, op->log_id);
		const uint8_t *carrier = bh_simjudge_carrier(judge, op);
		bool own = log != NULL && op->seq != 0 && op->seq <= log->head &&
			   memcmp(log->said[op->seq - 1].link, op->link, BH_HASH_BYTES) == 0;
		if (carrier != NULL || own)
			memcpy(op->came_in, carrier ? carrier : op->log_id, BH_LOG_ID_BYTES);
		op->came |= carrier != NULL || own;
	}
}

static void photos_mark(struct bh_simalbum *album)
{
	for (size_t i = 0; i < album->count; i++) {
		struct bh_simphoto *photo = &album->photos[i];
		photo->came |= photo->stored;
		photo->had |= photo->stored;
		photo->number = 0;
		photo->released = false;
		photo->stored = false;
		photo->proved = false;
	}
}

static void journal_forget(struct bh_simjudge *judge)
{
	judge->position = 0;
	memset(judge->hash, 0, sizeof(judge->hash));
	judge->at_ms = INT64_MIN;
	judge->doubted = false;
	for (uint32_t i = 0; i < BH_LOG_FIRST_DEVICE; i++)
		judge->logs[i].head = 0;
	for (size_t i = 0; i < judge->begun_count; i++) {
		struct bh_simheard *log = &judge->logs[judge->begun[i]];
		/* A Welcome says the head, which no job of this process made durable. */
		uint64_t safe = log->head > log->durable ? log->head : log->durable;
		if (safe > log->ever_safe)
			log->ever_safe = safe;
		log->device = 0;
		log->head = 0;
		log->durable = 0;
	}
	for (size_t i = 0; i < BH_SIMJUDGE_DEVICES_MAX; i++)
		judge->must_be_cut_off[i] |= judge->cut_off[i];
	memset(judge->cut_off, 0, sizeof(judge->cut_off));
	memset(judge->person, 0, sizeof(judge->person));
	bh_simjudge_past_forget(judge);
	memset(judge->cases, 0, BH_SIMJUDGE_SLOTS * sizeof(*judge->cases));
	memset(judge->number_of, 0, sizeof(judge->number_of));
	judge->cases_count = judge->open_cases = 0;
	judge->touched_count = 0;
	judge->carried_count = 0;
	bh_simjudge_held_forget(judge);
	bh_simjudge_field_forget(judge);
	bh_simjudge_orders_forget(judge);
	bh_simjudge_dossiers_forget(judge);
	bh_simjudge_shifts_forget(judge);
	bh_simjudge_keys_forget(judge);
	judge->desk_ids_count = 0;
	judge->notice_seen = judge->notice_newest = 0;
}

void bh_simjudge_put_back(struct bh_simjudge *judge)
{
	ops_mark(judge);
	photos_mark(&judge->run->album);
	photos_mark(&judge->run->files);
	journal_forget(judge);
	for (uint32_t i = 0; i < judge->run->phones_count; i++)
		judge->shown[i].unsettled = true;
	judge->restores++;
	judge->replaying = true;
	judge->must_look = true;
}

/* ---- Followed once more ---- */

void bh_simjudge_back_read(struct bh_simjudge *judge)
{
	if (judge->replaying && judge->restores != 0)
		bh_simrun_fail(judge->run, "I16", "the server was put back in no new epoch");
	for (uint32_t i = 0; judge->must_look && i < BH_SIMJUDGE_DEVICES_MAX; i++) {
		if (judge->must_be_cut_off[i] && !judge->cut_off[i])
			bh_simrun_fail(judge->run, "I16",
				"device %u was cut off before the server was put back", i);
	}
	if (judge->must_look)
		bh_simjudge_keys_look(judge);
	judge->must_look = false;
}

/* ---- Numbers, codes and keys ---- */

void bh_simjudge_back_log(struct bh_simjudge *judge, const struct bh_entry *entry,
	uint32_t log_short, uint32_t device, struct bh_span log_id)
{
	struct bh_simheard *log = &judge->logs[log_short];
	const struct bh_simheard *same = bh_simjudge_log_of(judge, log_id.data);

	if (same != NULL && same != log)
		bh_simjudge_break(judge, "I16", entry, "the log had another short number");
	if (log->given_to == 0) {
		bh_assert(judge->begun_count < BH_SIMJUDGE_BEGUN_MAX);
		judge->begun[judge->begun_count++] = log_short;
		log->given_to = device;
	} else if (same != log || log->given_to != device) {
		bh_simjudge_break(judge, "I16", entry, "its short number was another log's");
	}
}

void bh_simjudge_back_device(struct bh_simjudge *judge, const struct bh_entry *entry,
	uint32_t device, struct bh_span key, struct bh_span code_hash)
{
	struct bh_simgiven given = {.known = true};

	bh_assert(key.len == sizeof(given.key) && code_hash.len == sizeof(given.code_hash));
	memcpy(given.key, key.data, key.len);
	memcpy(given.code_hash, code_hash.data, code_hash.len);
	for (uint32_t i = 0; i < BH_SIMJUDGE_DEVICES_MAX; i++) {
		const struct bh_simgiven *other = &judge->given[i];
		if (i == device || !other->known)
			continue;
		if (memcmp(other->key, given.key, sizeof(given.key)) == 0 ||
			memcmp(other->code_hash, given.code_hash, sizeof(given.code_hash)) == 0)
			bh_simjudge_break(
				judge, "I16", entry, "its key or code was another device's");
	}
	if (judge->given[device].known &&
		(memcmp(judge->given[device].key, given.key, sizeof(given.key)) != 0 ||
			memcmp(judge->given[device].code_hash, given.code_hash,
				sizeof(given.code_hash)) != 0))
		bh_simjudge_break(judge, "I16", entry, "its number was another device's");
	judge->given[device] = given;
	bh_simjudge_key(judge, device, key);
}

/* ---- Ops that come again ---- */

/* Who shows this log; NULL: nobody just now. */
static struct bh_simphone *holder_of(
	const struct bh_simjudge *judge, const struct bh_simheard *log, uint64_t *acked)
{
	for (uint32_t i = 0; i < judge->run->phones_count; i++) {
		const struct bh_simshown *shown = &judge->shown[i];
		if (!shown->known || memcmp(shown->log_id, log->log_id, BH_LOG_ID_BYTES) != 0)
			continue;
		*acked = shown->acked;
		return judge->run->phones[i];
	}
	return NULL;
}

/* A receipt of a time that has not come yet, by a clock that was set since, does not say when. */
static bool receipts_have_come(
	const struct bh_simheard *log, uint64_t seq, uint64_t acked, const struct bh_entry *entry)
{
	for (; seq <= acked && seq <= log->ever; seq++) {
		if (log->first[seq - 1].at_ms > entry->at_ms)
			return false;
	}
	return true;
}

static bool answer_is_kept(uint8_t verdict)
{
	return verdict == BH_VERDICT_STALE || verdict == BH_VERDICT_REJECTED ||
	       verdict == BH_VERDICT_QUARANTINED;
}

static struct bh_simsaid said_now(const struct bh_entry *entry)
{
	struct bh_simsaid said = {.verdict = (uint8_t)entry->verdict,
		.reason = (uint8_t)entry->reason,
		.at_ms = entry->at_ms,
		.came_ms = entry->at_ms};

	memcpy(said.link, entry->link, BH_HASH_BYTES);
	return said;
}

static void bundle_comes(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_entry_bundle bundle;

	bh_assert(bh_decode_entry_bundle(entry->content, &judge->arena, &bundle) == 0);
	struct bh_simheard *log = bh_simjudge_log_of(judge, bundle.log_id.data);
	if (log != NULL && bundle.last_seq > log->by_hand)
		log->by_hand = bundle.last_seq;
}

void bh_simjudge_back_district(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	if (entry->verb == BH_VERB_ROTATED)
		bh_simjudge_rotated(judge, entry);
	else if (entry->verb == BH_VERB_BUNDLE)
		bundle_comes(judge, entry);
	else if (entry->verb == BH_VERB_FOUND)
		memcpy(judge->secret, entry->salt, BH_SALT_BYTES);
	else
		bh_simjudge_shift(judge, entry);
}

/* One that its handset had no answer to is answered for the first time now; and so is one that a
 * file brings, which was written before its answer came, to a server that lost that. */
static void op_again(
	struct bh_simjudge *judge, struct bh_simheard *log, const struct bh_entry *entry)
{
	struct bh_simsaid *first = &log->first[entry->seq - 1];
	uint64_t acked = 0;
	struct bh_simphone *holder = holder_of(judge, log, &acked);

	judge->run->tally.ops_again++;
	if (holder == NULL || bh_simphone_is_doomed(holder) || bh_simphone_forges(holder) ||
		acked < entry->seq || entry->seq <= log->by_hand) {
		*first = said_now(entry);
		return;
	}
	first->again = receipts_have_come(log, entry->seq, acked, entry);
	if (answer_is_kept(first->verdict) && (first->verdict != (uint8_t)entry->verdict ||
						      first->reason != (uint8_t)entry->reason))
		bh_simrun_fail(judge->run, "I15",
			"op %llu of log %u is %s (%u) now that the server was put back, and its "
			"handset has a receipt that says %s (%u)",
			(unsigned long long)entry->seq, entry->log_short,
			bh_verdict_name((enum bh_verdict)entry->verdict), entry->reason,
			bh_verdict_name((enum bh_verdict)first->verdict), first->reason);
}

/* A handset's own backup was put back that ended before this number: it may have been given to two
 * ops, of which a bundle brings one, and the other was lost with the server's file. */
static bool was_undone(const struct bh_simjudge *judge, const struct bh_simheard *log, uint64_t seq)
{
	bool was = false;

	for (uint32_t i = 0; i < judge->run->phones_count && !was; i++)
		was = bh_simphone_was_undone(judge->run->phones[i], log->log_id, seq);
	return was;
}

void bh_simjudge_back_op(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_simheard *log = &judge->logs[entry->log_short];
	uint64_t acked = 0;

	bh_simjudge_grow((void **)&log->first, &log->first_room, log->head, sizeof(*log->first));
	struct bh_simsaid *first = &log->first[entry->seq - 1];
	bool known = entry->seq <= log->ever && first->came_ms < entry->at_ms;
	judge->first_at_ms = known ? first->came_ms : entry->at_ms;
	if (entry->seq > log->ever) {
		*first = said_now(entry);
		log->ever = entry->seq;
	} else if (memcmp(first->link, entry->link, BH_HASH_BYTES) != 0) {
		const struct bh_simphone *holder = holder_of(judge, log, &acked);
		if (!was_undone(judge, log, entry->seq) &&
			(holder == NULL || !bh_simphone_is_doomed(holder)))
			bh_simjudge_break(judge, "I16", entry, "its number was another op's");
		*first = said_now(entry);
	} else if (!judge->replaying) {
		op_again(judge, log, entry);
	}
	first->came_ms = judge->first_at_ms;
	judge->again = first->again;
}

void bh_simjudge_back_received(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	if (judge->replaying)
		return;
	bh_simjudge_grow((void **)&judge->receipts, &judge->receipts_room, judge->receipts_count,
		sizeof(*judge->receipts));
	judge->receipts[judge->receipts_count++] = (struct bh_simreceipt){
		entry->case_number, entry->cycle, entry->log_short};
}

bool bh_simjudge_receipt_is_retired(
	const struct bh_simjudge *judge, uint32_t phone, uint64_t number, uint32_t cycle)
{
	const uint8_t *present = judge->shown[phone].log_id;

	for (size_t i = 0; i < judge->receipts_count; i++) {
		const struct bh_simreceipt *receipt = &judge->receipts[i];
		if (receipt->number == number && receipt->cycle == cycle &&
			memcmp(judge->logs[receipt->log_short].log_id, present, BH_LOG_ID_BYTES) !=
				0)
			return judge->restores != 0;
	}
	return false;
}

void bh_simjudge_back_case(struct bh_simjudge *judge, const struct bh_simcase *cased,
	const struct bh_simphone_case *seen)
{
	if (!cased->again || !seen->own || seen->acked_ms == 0 ||
		cased->now.received_ms == seen->acked_ms)
		return;
	bh_simrun_fail(judge->run, "I16",
		"case %u-%u came again and was received at %lld: by its handset's receipt at %lld",
		(unsigned)(seen->number >> 32), (unsigned)(seen->number & 0xffffffffu),
		(long long)cased->now.received_ms, (long long)seen->acked_ms);
}

/* ---- What handsets know of it ---- */

void bh_simjudge_back_shown(struct bh_simjudge *judge, uint32_t phone)
{
	struct bh_simtruth *truth = &judge->run->truth;
	struct bh_simshown *shown = &judge->shown[phone];

	for (size_t i = 0; shown->unsettled && i < truth->count; i++) {
		struct bh_simop *op = &truth->ops[i];
		if (op->phone == phone && op->came &&
			memcmp(op->came_in, shown->log_id, BH_LOG_ID_BYTES) != 0)
			op->retired = true;
	}
	shown->unsettled = false;
}
