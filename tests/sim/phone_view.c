/* What a handset shows, for those who judge it. */
#include <stdlib.h>
#include <string.h>

#include "client-lib/cause.h"
#include "proto/err.h"
#include "proto/verdict.h"
#include "tests/sim/phone_state.h"

struct bh_simrun *bh_simphone_run(const struct bh_simphone *phone)
{
	return phone->run;
}

uint32_t bh_simphone_index(const struct bh_simphone *phone)
{
	return phone->index;
}

uint32_t bh_simphone_device(struct bh_simphone *phone)
{
	struct bh_device device;

	if (!phone->up || bh_local_device(phone->local, &device) != 0 ||
		device.enrolled != BH_ENROL_YES)
		return 0;
	return device.device;
}

uint64_t bh_simphone_epoch(struct bh_simphone *phone)
{
	struct bh_device device;

	return phone->up && bh_local_device(phone->local, &device) == 0 ? device.epoch : 0;
}

uint32_t bh_simphone_person(const struct bh_simphone *phone)
{
	return phone->options.person;
}

bool bh_simphone_is_up(const struct bh_simphone *phone)
{
	return phone->up;
}

bool bh_simphone_is_live(const struct bh_simphone *phone)
{
	return phone->up && bh_engine_status(phone->engine).live;
}

bool bh_simphone_is_settled(struct bh_simphone *phone)
{
	struct bh_simphone_log log;

	return phone->up && bh_simphone_log(phone, &log) && log.head_seq == log.acked_seq &&
	       bh_engine_status(phone->engine).settled;
}

bool bh_simphone_is_doomed(const struct bh_simphone *phone)
{
	return phone->doomed;
}

void bh_simphone_doom(struct bh_simphone *phone)
{
	phone->doomed = true;
}

bool bh_simphone_forges(const struct bh_simphone *phone)
{
	return phone->forges;
}

void bh_simphone_stay(struct bh_simphone *phone, bool stay)
{
	phone->options.stay = stay; /* from its next start on */
}

struct bh_simvfs *bh_simphone_disk(struct bh_simphone *phone)
{
	return phone->disk;
}

bool bh_simphone_clock_is_lost(const struct bh_simphone *phone, int64_t since_ms)
{
	bool may_have_booted = phone->boot_at_ms >= since_ms || bh_simphone_boot_name(phone) == 0;

	return may_have_booted && phone->set_at_ms >= since_ms;
}

const char *bh_simphone_cause(const struct bh_simphone *phone)
{
	return phone->up ? bh_why_name(bh_engine_status(phone->engine).cause) : "off";
}

bool bh_simphone_log(struct bh_simphone *phone, struct bh_simphone_log *out)
{
	struct bh_device device;
	struct bh_log log;

	if (!phone->up)
		return false;
	if (!phone->enrolled)
		phone->enrolled = bh_local_device(phone->local, &device) == 0 &&
				  device.enrolled == BH_ENROL_YES;
	if (!phone->enrolled || bh_local_log(phone->local, &log) != 0)
		return false;
	memcpy(out->log_id, log.log_id, BH_LOG_ID_BYTES);
	out->head_seq = log.head_seq;
	out->acked_seq = log.acked_seq;
	return true;
}

static void case_fill(
	struct bh_simphone *phone, const struct bh_case_row *row, struct bh_simphone_case *out)
{
	*out = (struct bh_simphone_case){.number = row->key.number,
		.known = row->known,
		.own = row->own,
		.delivered = true,
		.verdict = row->own ? row->verdict : 0,
		.provisional = row->key.number == 0};
	out->acked_ms = row->own ? row->acked_ms : 0;
	if (row->own)
		out->token = bh_simtruth_token(row->content.text.data, row->content.text.len);
	if (!row->known)
		return;
	out->position = row->record.position;
	out->state = row->record.state;
	out->cycle = row->record.cycle;
	out->unit = row->record.unit;
	out->closures = (uint32_t)row->record.closures_count;
	for (size_t i = 0; i < row->record.closures_count; i++) {
		bool delivered = false, seen = false;
		if (bh_local_receipts(phone->local, row->record.case_number,
			    row->record.closures[i].cycle, &delivered, &seen) != 0)
			delivered = false;
		out->delivered = out->delivered && delivered;
	}
}

int bh_simphone_case(struct bh_simphone *phone, uint64_t number, struct bh_simphone_case *out)
{
	struct bh_case_row row;

	bh_arena_reset(&phone->arena);
	int rc = phone->up ? bh_local_case(phone->local, (struct bh_case_key){number, 0},
				     &phone->arena, &row)
			   : BH_ERR_CLOSED;
	if (rc == 0)
		case_fill(phone, &row, out);
	bh_arena_reset(&phone->arena);
	return rc;
}

bool bh_simphone_cases(struct bh_simphone *phone, bh_simphone_case_seen *each, void *context)
{
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	bool good = phone->up && bh_local_cases(phone->local, &keys, &count) == 0;

	for (size_t i = 0; good && i < count; i++) {
		struct bh_simphone_case seen;
		struct bh_case_row row;
		bh_arena_reset(&phone->arena);
		int rc = bh_local_case(phone->local, keys[i], &phone->arena, &row);
		good = rc == 0 || rc == BH_ERR_NOT_FOUND;
		if (rc != 0)
			continue;
		case_fill(phone, &row, &seen);
		each(context, &seen);
	}
	free(keys);
	bh_arena_reset(&phone->arena);
	return good;
}

size_t bh_simphone_cursors(struct bh_simphone *phone, struct bh_simphone_cursor *out, size_t max)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 0;

	if (!phone->up || bh_local_cursors(phone->local, cursors, &count) != 0)
		return 0;
	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++)
		out[i] = (struct bh_simphone_cursor){cursors[i].scope, cursors[i].position};
	return count;
}

/* Some of the words of every report. */
static const char *const words[] = {"rubbish by the gate", "cover broken, loud",
	"stalls on the foot", "neighbours quarrel", "smell of gas", "done, and tidied up"};

bool bh_simphone_is_opaque(const uint8_t *data, size_t len)
{
	bool hides = true;

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		hides = hides && memmem(data, len, words[k], strlen(words[k])) == NULL;
	return hides;
}

bool bh_simphone_hides(struct bh_simphone *phone)
{
	static const char *const files[] = {
		BH_SIMPHONE_PATH, BH_SIMPHONE_PATH "-wal", BH_SIMPHONE_PATH "-renew"};
	bool hides = true;

	if (!phone->up || bh_local_sealed(phone->local) != BH_LOCAL_SEALED)
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const uint8_t *data = NULL;
		size_t len = 0;

		if (bh_simvfs_file_image(phone->disk, files[i], &data, &len) != 0)
			continue;
		hides = hides && bh_simphone_is_opaque(data, len);
	}
	return hides;
}
