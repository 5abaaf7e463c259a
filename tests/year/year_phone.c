/* Handsets: what is recorded is in the log at once, and at the server when there is a line.
 *
 *   record ──▶ log: number, link ──▶ waits ──(hours or days without a line)──▶ push ──▶ confirmed
 *
 * What a handset does about a case rests on what it last heard, so that after some days without a
 * line some of it comes too late. */
#include "tests/year/year.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"

#define HEADER_BYTES_MAX 4096u
#define CONTENT_BYTES_MAX 65536u
#define CLOCK_BOUND_MS 100
#define SYNC_MS_MAX (20 * YEAR_MINUTE)

static const uint32_t types[] = {BH_DEMO_LITTER, BH_DEMO_LITTER, BH_DEMO_LITTER, BH_DEMO_STALL,
	BH_DEMO_COVER, BH_DEMO_COVER, BH_DEMO_UNKNOWN, BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL,
	BH_DEMO_QUARREL, BH_DEMO_HAZARD, 99999};

/* ---- Enrolment ---- */

void year_hash(struct year *year, const char *what, uint64_t n, uint8_t out[BH_HASH_BYTES])
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s %llu", what, (unsigned long long)n);
	struct bh_span part = bh_span(text, (size_t)len);
	bh_hash_parts(year->hasher, &part, 1, out);
}

static void enrol(struct year *year, struct year_phone *phone)
{
	uint64_t n = (uint64_t)phone->person << 8 | ++phone->life;
	uint8_t code_hash[BH_HASH_BYTES], id[BH_HASH_BYTES];
	struct bh_buf payload = BH_BUF(4096);
	struct bh_log log;
	phone->key[0] = 2;
	year_hash(year, "code", n, code_hash);
	year_hash(year, "key", n, phone->key + 1);
	year_hash(year, "log", n, id);
	memcpy(phone->log_id, id, BH_LOG_ID_BYTES);
	struct bh_msg_entry_enrol_code code = {.code_hash = bh_span(code_hash, BH_HASH_BYTES),
		.person = phone->person,
		.expires_ms = year_wall_ms(year) + YEAR_DAY};
	struct bh_msg_entry_enrolled enrolled = {.code_hash = code.code_hash,
		.public_key = bh_span(phone->key, BH_PUBLIC_KEY_BYTES),
		.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES)};
	year_must(bh_encode_entry_enrol_code(&code, &payload) == 0, "code");
	(void)year_operate(year, BH_VERB_ENROL_CODE, bh_buf_span(&payload));
	payload.len = 0;
	year_must(bh_encode_entry_enrolled(&enrolled, &payload) == 0, "enrolled");
	phone->device = year_operate(year, BH_VERB_ENROLLED, bh_buf_span(&payload)).id;
	bh_buf_free(&payload);
	year_must(bh_reader_log(year->reader, phone->log_id, &log) == 0, "log");
	phone->log_short = log.log_short;
	phone->seq = 0;
	memcpy(phone->link, log.head_link, BH_HASH_BYTES);
	phone->first = NULL;
	phone->last = &phone->first;
}

static void phone_add(struct year *year, uint32_t person, uint32_t grid)
{
	struct year_phone *phone = &year->phones[year->phones_count++];
	phone->person = person;
	phone->grid = grid;
	enrol(year, phone);
}

/* Workers first, the public last; heads of mediation go to the parties' homes. */
void year_phones_enrol(struct year *year)
{
	const uint32_t townships = year->options.townships, grids = townships * YEAR_GRIDS;
	uint32_t units[128], count = year_district_units(year->district, units, 128);
	year->phones = calloc(grids + count + 2 * townships, sizeof(*year->phones));
	year_must(year->phones != NULL, "memory");
	for (uint32_t g = 0; g < grids; g++)
		phone_add(year, YEAR_WORKER(g), YEAR_GRID(g));
	for (uint32_t i = 0; i < count; i++)
		phone_add(year, BH_DEMO_HANDLER(units[i]), 0);
	for (uint32_t k = 0; k < townships; k++)
		phone_add(year, BH_DEMO_LEAD(YEAR_MEDIATION(k)), 0);
	for (uint32_t k = 0; k < townships; k++)
		phone_add(year, YEAR_PUBLIC(k), 0);
}

struct year_phone *year_phone_of(struct year *year, uint32_t person)
{
	const uint32_t grids = year->options.townships * YEAR_GRIDS;
	if (person >= YEAR_WORKER(0) && person < YEAR_WORKER(grids))
		return &year->phones[person - YEAR_WORKER(0)];
	for (uint32_t i = grids; i < year->phones_count; i++)
		if (year->phones[i].person == person)
			return &year->phones[i];
	return NULL;
}

static void op_free(struct year_op *op)
{
	bh_buf_free(&op->header);
	bh_buf_free(&op->content);
	free(op);
}

static void ops_drop(struct year_phone *phone, size_t count)
{
	for (size_t i = 0; i < count && phone->first != NULL; i++) {
		struct year_op *op = phone->first;
		phone->first = op->next;
		op_free(op);
	}
	if (phone->first == NULL)
		phone->last = &phone->first;
}

void year_phone_confirm(struct year *year, struct year_phone *phone, size_t count)
{
	ops_drop(phone, count);
	phone->pushing = false;
	phone->by_hand = false;
	if (phone->first != NULL && !phone->syncing) {
		phone->syncing = true;
		year_after(year, YEAR_MINUTE, YEAR_KIND_SYNC, (uint32_t)(phone - year->phones));
	}
}

void year_phone_free(struct year_phone *phone)
{
	ops_drop(phone, SIZE_MAX);
}

void year_lose(struct year *year, struct year_phone *phone)
{
	struct bh_msg_entry_revoked entry = {.device = phone->device, .reason = bh_span("lost", 4)};
	struct bh_buf payload = BH_BUF(4096);
	year_must(bh_encode_entry_revoked(&entry, &payload) == 0, "revoked");
	(void)year_operate(year, BH_VERB_REVOKE, bh_buf_span(&payload));
	bh_buf_free(&payload);
	ops_drop(phone, SIZE_MAX);
	enrol(year, phone);
	year->tally.lost++;
}

/* ---- Recording ---- */

static void command_fill(struct bh_command *command, const struct year_phone *phone,
	const struct bh_msg_op_header *header, const struct bh_msg_op_content *content)
{
	*command = (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = (enum bh_verb)header->verb,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = phone->seq,
		.person = header->author,
		.case_number = header->case_number,
		.cycle = header->cycle,
		.base_position = header->base_position,
		.captured_ms = header->captured_ms,
		.clock_bound_ms = CLOCK_BOUND_MS,
		.type = header->type,
		.condition = header->condition,
		.urgency = header->urgency,
		.reason_code = header->reason,
		.task = header->task,
		.dispute.present = header->present,
		.photos = (uint32_t)header->blobs_count,
		.photos_before = (uint32_t)header->blobs_count / 2,
		.photos_after = (uint32_t)header->blobs_count / 2,
		.area = header->area,
		.round = header->round,
		.has_place = content->has_place,
		.latitude_e7 = content->latitude_e7,
		.longitude_e7 = content->longitude_e7,
		.datum = content->datum};
}

/* Bytes, salt, commitment and link, as a handset makes them. */
static void op_seal(struct year *year, struct year_phone *phone, struct year_op *op,
	const struct bh_msg_op_header *header, const struct bh_msg_op_content *content)
{
	struct bh_command *command = &op->command;
	year_must(bh_op_encode_header(header, &op->header) == 0, "header");
	year_must(bh_op_encode_content(content, &op->content) == 0, "content");
	command->header = bh_buf_span(&op->header);
	command->content = bh_buf_span(&op->content);
	bh_simrng_fill(&year->salts, command->salt, BH_SALT_BYTES);
	memcpy(command->prev_link, phone->link, BH_HASH_BYTES);
	bh_op_commitment(year->hasher, command->salt, command->content, command->commitment);
	bh_log_link(year->hasher, phone->link, command->seq, command->header, command->commitment,
		command->link);
	memcpy(phone->link, command->link, BH_HASH_BYTES);
}

static void sync_later(struct year *year, struct year_phone *phone)
{
	if (phone->syncing)
		return;
	phone->syncing = true;
	int64_t wait_ms = phone->offline_until_ms - year->at_ms;
	int64_t line_ms = bh_simrng_tail(&year->world, 1000, SYNC_MS_MAX);
	year_after(year, (wait_ms > 0 ? wait_ms : 0) + line_ms, YEAR_KIND_SYNC,
		(uint32_t)(phone - year->phones));
}

struct year_op *year_record(struct year *year, struct year_phone *phone,
	struct bh_msg_op_header *header, struct bh_msg_op_content *content)
{
	struct year_op *op = calloc(1, sizeof(*op));
	year_must(op != NULL, "memory");
	op->header = BH_BUF(HEADER_BYTES_MAX);
	op->content = BH_BUF(CONTENT_BYTES_MAX);
	header->author = phone->person;
	header->captured_ms = year_wall_ms(year);
	header->boot_ms = YEAR_START_MS;
	phone->seq++;
	int len = snprintf(op->text, sizeof(op->text), "d%llu seen and done %.*s",
		(unsigned long long)++year->made, (int)content->text.len,
		content->text.len > 0 ? (const char *)content->text.data : "");
	content->text = bh_span(op->text, (size_t)len);
	command_fill(&op->command, phone, header, content);
	op->command.text = content->text;
	op_seal(year, phone, op, header, content);
	*phone->last = op;
	phone->last = &op->next;
	sync_later(year, phone);
	return op;
}

void year_report(struct year *year, struct year_phone *phone)
{
	struct bh_simrng *rng = &year->world;
	uint32_t type = types[bh_simrng_below(rng, sizeof(types) / sizeof(types[0]))];
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = type};
	struct bh_msg_op_content content = {.datum = BH_DATUM_WGS84, .has_place = true};
	if (type == BH_DEMO_COVER)
		header.condition = (uint32_t)bh_simrng_between(rng, 0, 4);
	if (type == BH_DEMO_COVER && bh_simrng_chance(rng, 300000)) /* its mark was read */
		content.text = year_district_mark(year->district, (uint32_t)bh_simrng_u64(rng));
	if (bh_simrng_chance(rng, 60000))
		header.urgency = (uint32_t)bh_simrng_between(rng, 1, 4);
	uint32_t grids = year->options.townships * YEAR_GRIDS;
	uint32_t g = phone->grid != 0 ? phone->grid - YEAR_GRID(0)
				      : (uint32_t)bh_simrng_below(rng, grids);
	uint32_t draw = (uint32_t)bh_simrng_u64(rng);
	/* One in twelve at the corner of the grid that is reported again and again. */
	year_district_place(
		g, draw % 12 == 0 ? 0 : draw, &content.latitude_e7, &content.longitude_e7);
	content.has_place = !bh_simrng_chance(rng, 50000);
	(void)year_record(year, phone, &header, &content);
	year->tally.reports++;
}

void year_field(struct year *year, struct year_phone *phone)
{
	struct bh_simrng *rng = &year->world;
	bool patrols = bh_simrng_chance(rng, 200000);
	struct bh_msg_op_header header = {
		.verb = patrols ? BH_VERB_PATROL : BH_VERB_SERVICE, .area = phone->grid};
	struct bh_msg_op_content content = {.has_place = false};
	if (patrols)
		header.round = (struct bh_msg_round){.plan = phone->grid - YEAR_GRID(0) + 1,
			.done = 3,
			.missed = 4,
			.minutes = (uint32_t)bh_simrng_between(rng, 20, 120)};
	else
		header.type = (uint32_t)bh_simrng_between(rng, 1, BH_SERVICE_COUNT - 1);
	if (bh_simrng_chance(rng, 500000))
		header.area = 0; /* the worker's own, whichever it is now */
	(void)year_record(year, phone, &header, &content);
}

void year_sync(struct year *year, struct year_phone *phone)
{
	phone->syncing = false;
	if (phone->first != NULL)
		year_push(year, phone);
}
