/* What happens to handsets beside being lost: another key, a further log, a second phone that goes
 * on with the first one's log, an op that cannot be read, ops that are carried in a file; and the
 * photos of ops, which come after them.
 *
 *   clone ──▶ the log is continued in another ──▶ an op more in the old one ──▶ suspended, and the
 *   op in quarantine ──▶ an administrator lets it in or puts it away ──▶ another handset */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "tests/year/year.h"

#define PAYLOAD_BYTES_MAX 4096u
#define LATER_MS (2 * YEAR_HOUR)
#define PHOTO_MS_MAX (6 * YEAR_HOUR)
#define PUT_AWAY_PPM 300000u
#define BY_HAND_OPS 3u

/* ---- Keys and logs ---- */

static void key_rotate(struct year *year, struct year_phone *phone)
{
	uint8_t key[BH_PUBLIC_KEY_BYTES] = {2};
	struct bh_buf payload = BH_BUF(PAYLOAD_BYTES_MAX);
	year_hash(year, "turned", ++year->made, key + 1);
	const struct bh_msg_entry_rotated rotated = {.device = phone->device,
		.public_key = bh_span(key, BH_PUBLIC_KEY_BYTES),
		.replaces = bh_span(phone->key, BH_PUBLIC_KEY_BYTES)};
	year_must(bh_encode_entry_rotated(&rotated, &payload) == 0, "rotated");
	(void)year_operate(year, BH_VERB_ROTATED, bh_buf_span(&payload));
	bh_buf_free(&payload);
	memcpy(phone->key, key, BH_PUBLIC_KEY_BYTES);
}

/* Begins a log behind the old one, or beside it: gives its short number. */
static uint32_t log_begin(
	struct year *year, const struct year_phone *phone, const uint8_t *log_id, bool continues)
{
	struct bh_buf payload = BH_BUF(PAYLOAD_BYTES_MAX);
	const struct bh_msg_entry_log begun = {.device = phone->device,
		.log_id = bh_span(log_id, BH_LOG_ID_BYTES),
		.forked_from = bh_span(phone->log_id, continues ? BH_LOG_ID_BYTES : 0)};
	year_must(bh_encode_entry_log(&begun, &payload) == 0, "log");
	uint32_t log_short = year_operate(year, BH_VERB_LOG_BEGIN, bh_buf_span(&payload)).id;
	bh_buf_free(&payload);
	return log_short;
}

static void log_change(struct year *year, struct year_phone *phone)
{
	uint8_t id[BH_HASH_BYTES];
	struct bh_log log;
	year_hash(year, "further log", ++year->made, id);
	phone->log_short = log_begin(year, phone, id, false);
	memcpy(phone->log_id, id, BH_LOG_ID_BYTES);
	year_must(bh_reader_log(year->reader, phone->log_id, &log) == 0, "log");
	phone->seq = 0;
	memcpy(phone->link, log.head_link, BH_HASH_BYTES);
}

static void clone(struct year *year, struct year_phone *phone)
{
	uint8_t id[BH_HASH_BYTES];
	year_hash(year, "cloned log", ++year->made, id);
	(void)log_begin(year, phone, id, true);
	year_report(year, phone); /* the first phone knows nothing of it */
}

void year_op_held(struct year *year, struct year_phone *phone, const struct bh_outcome *outcome)
{
	uint32_t which = (uint32_t)(phone - year->phones);
	year_must(bh_simqueue_push(year->queue, year->at_ms + LATER_MS, YEAR_KIND_RELEASE,
			  phone->device, 0, outcome->position) == 0,
		"events");
	year_after(year, 2 * LATER_MS, YEAR_KIND_LOST, which);
}

void year_release(struct year *year, const struct bh_simevent *event)
{
	bool puts_away = bh_simrng_chance(&year->acts, PUT_AWAY_PPM);
	struct bh_command command = {.verb = BH_VERB_RELEASE,
		.person = BH_DEMO_PERSON(ADMIN),
		.device = event->a,
		.base_position = event->c,
		.reason_code = puts_away,
		.text = bh_span("asked on the telephone", 22)};
	struct bh_outcome outcome = year_operate_any(year, &command);
	if (outcome.verdict != BH_VERDICT_ACCEPTED)
		year->tally.refused++;
	else if (!puts_away && !outcome.repeat)
		year_case_add(year, outcome.case_number);
}

/* ---- What comes otherwise ---- */

/* Its bytes are not what a server of this version reads. */
static void unreadable(struct year *year, struct year_phone *phone)
{
	struct bh_msg_op_header header = {.verb = BH_VERB_SERVICE, .area = phone->grid, .type = 1};
	struct bh_msg_op_content content = {.has_place = false};
	struct year_op *op = year_record(year, phone, &header, &content);
	op->command.verb = BH_VERB_UNREADABLE;
	op->command.reason = BH_REASON_UNREADABLE;
}

static void by_hand(struct year *year, struct year_phone *phone)
{
	struct bh_buf payload = BH_BUF(PAYLOAD_BYTES_MAX);
	for (uint32_t i = 0; i < BY_HAND_OPS; i++)
		year_field(year, phone);
	const struct bh_msg_entry_bundle entry = {.device = phone->device,
		.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES),
		.after_seq = phone->first->command.seq - 1,
		.last_seq = phone->seq};
	year_must(bh_encode_entry_bundle(&entry, &payload) == 0, "bundle");
	(void)year_operate(year, BH_VERB_BUNDLE, bh_buf_span(&payload));
	bh_buf_free(&payload);
	phone->by_hand = true;
	year_push(year, phone);
}

void year_handset_odd(struct year *year, const struct bh_simevent *event)
{
	struct year_phone *phone = &year->phones[event->a];
	enum year_oddity what = (enum year_oddity)event->b;
	if (phone->pushing || (phone->first != NULL && what != YEAR_ODD_BY_HAND)) {
		year_must(bh_simqueue_push(year->queue, year->at_ms + LATER_MS, event->kind,
				  event->a, event->b, 0) == 0,
			"events");
		return;
	}
	if (what == YEAR_ODD_KEY)
		key_rotate(year, phone);
	else if (what == YEAR_ODD_LOG)
		log_change(year, phone);
	else if (what == YEAR_ODD_CLONE)
		clone(year, phone);
	else if (what == YEAR_ODD_UNREADABLE)
		unreadable(year, phone);
	else
		by_hand(year, phone);
}

/* ---- Photos ---- */

void year_photos_wait(struct year *year, const struct year_op *op, uint64_t number)
{
	for (unsigned i = 0; i < op->photos_count; i++) {
		if (year->photos_count == year->photos_room) {
			year->photos_room = year->photos_room ? 2 * year->photos_room : 256;
			year->photos = realloc(
				year->photos, year->photos_room * sizeof(*year->photos));
			year_must(year->photos != NULL, "memory");
		}
		year->photos[year->photos_count] = (struct year_waiting){op->photos[i], number};
		year_after(year, bh_simrng_tail(&year->acts, YEAR_MINUTE, PHOTO_MS_MAX),
			YEAR_KIND_PHOTO, year->photos_count++);
	}
}

void year_photo_come(struct year *year, uint32_t which)
{
	struct year_order *order = year_order_new(year, BH_SOURCE_STORE, BH_VERB_STORED);
	if (order == NULL) { /* the minute is full */
		year_after(year, YEAR_MINUTE, YEAR_KIND_PHOTO, which);
		return;
	}
	const struct year_waiting *waiting = &year->photos[which];
	order->command = (struct bh_command){.source = BH_SOURCE_STORE,
		.verb = BH_VERB_STORED,
		.case_number = waiting->number,
		.blob_size = waiting->photo.size};
	memcpy(order->command.blob_hash, waiting->photo.hash, BH_HASH_BYTES);
}
