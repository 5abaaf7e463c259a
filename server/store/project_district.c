/* Entries about the district: it was founded, its rules changed, a code was given out, a device
 * enrolled, began a further log or took another key, was revoked or suspended, the clock was
 * doubted or confirmed, a backup was put back.
 *
 * Their facts are their content, decoded here; one whose content was erased leaves no row. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/project.h"
#include "server/store/text_purge.h"

static int log_add(struct bh_projector *p, uint32_t log_short, uint32_t device,
	struct bh_span log_id, const uint8_t *start)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_LOG_ADD);

	bh_bind(s, 1, log_short);
	bh_bind(s, 2, device);
	bh_bind_span(s, 3, log_id);
	bh_bind(s, 4, 0);
	bh_bind_span(s, 5, bh_span(start, start ? BH_HASH_BYTES : 0));
	return bh_row_run(s);
}

static int device_log_add(
	struct bh_projector *p, uint32_t log_short, uint32_t device, struct bh_span log_id)
{
	uint8_t start[BH_HASH_BYTES];

	if (log_id.len != BH_LOG_ID_BYTES || log_short < BH_LOG_FIRST_DEVICE || device == 0)
		return BH_ERR_MALFORMED;
	bh_log_start(p->hasher, p->district.code, log_id.data, start);
	return log_add(p, log_short, device, log_id, start);
}

static int project_found(struct bh_projector *p, const struct bh_entry *entry)
{
	int err = BH_NOERR;

	if (entry->content.len == 0 || entry->content.len > BH_DISTRICT_CODE_BYTES_MAX ||
		entry->position != 1)
		return BH_ERR_MALFORMED;
	memset(p->district.code, 0, sizeof(p->district.code));
	memcpy(p->district.code, entry->content.data, entry->content.len);
	p->district.epoch = 1;
	for (uint32_t log = BH_LOG_DESK; !err && log <= BH_LOG_STORE; log++)
		err = log_add(p, log, 0, bh_span(NULL, 0), NULL);
	return err ? err : bh_district_row_write(p);
}

static int project_profile(struct bh_projector *p, const struct bh_entry *entry)
{
	p->district.profiles++;
	p->district.profile_position = entry->position;
	if (p->wakes)
		p->wakes->rules_changed = true;
	return bh_district_row_write(p);
}

static int project_enrol_code(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_CODE_ADD);
	struct bh_msg_entry_enrol_code code;
	int err = bh_decode_entry_enrol_code(entry->content, &p->arena, &code);

	if (err)
		return err;
	bh_bind_span(s, 1, code.code_hash);
	bh_bind(s, 2, code.person);
	bh_bind(s, 3, code.expires_ms);
	return bh_row_run(s);
}

static int project_enrolled(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DEVICE_ADD);
	struct bh_msg_entry_enrolled enrolled;
	int err = bh_decode_entry_enrolled(entry->content, &p->arena, &enrolled);

	if (err)
		return err;
	bh_bind(s, 1, enrolled.device);
	bh_bind(s, 2, enrolled.person);
	bh_bind(s, 3, BH_DEVICE_LIVE);
	bh_bind_span(s, 4, enrolled.public_key);
	bh_bind(s, 5, entry->at_ms);
	err = bh_row_run(s);
	if (!err)
		err = device_log_add(p, enrolled.log_short, enrolled.device, enrolled.log_id);
	if (err)
		return err;
	s = bh_sql(&p->db, BH_SQL_CODE_USE);
	bh_bind_span(s, 1, enrolled.code_hash);
	bh_bind(s, 2, enrolled.device);
	return bh_row_run(s);
}

/* The logs of a device, or of registrations (device 0), that grew so far grow no more. */
static int logs_end(struct bh_projector *p, uint32_t device, uint32_t successor)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_LOG_SUPERSEDE);
	int err = bh_heads_flush(&p->heads, &p->db);

	if (err)
		return err;
	bh_heads_forget(&p->heads); /* the rows change below it */
	bh_bind(s, 1, device);
	bh_bind(s, 2, successor);
	return bh_row_run(s);
}

/* What desks register has numbers of a log like a handset's, without links.  One that is its own
 * origin is known from before a backup was put back, and gives out no more. */
static int register_log_add(struct bh_projector *p, const struct bh_msg_entry_log *begun)
{
	if (begun->log_short < BH_LOG_FIRST_DEVICE || begun->log_id.len != BH_LOG_ID_BYTES)
		return BH_ERR_MALFORMED;
	int err = log_add(p, begun->log_short, 0, begun->log_id, NULL);
	return err || begun->forked_from.len == 0 ? err : logs_end(p, 0, BH_LOG_OPERATOR);
}

/* A device has one phone, and a phone one log that grows: a fork ends all that went before it. */
static int project_log_begin(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_msg_entry_log begun;
	int err = bh_decode_entry_log(entry->content, &p->arena, &begun);

	if (!err && begun.device == 0)
		return register_log_add(p, &begun);
	if (!err)
		err = device_log_add(p, begun.log_short, begun.device, begun.log_id);
	if (err || begun.forked_from.len == 0)
		return err;
	return logs_end(p, begun.device, begun.log_short);
}

static int project_device_ends(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DEVICE_STATE);
	struct bh_msg_entry_revoked ended;
	int err = bh_decode_entry_revoked(entry->content, &p->arena, &ended);

	if (err)
		return err;
	bh_bind(s, 1, ended.device);
	bh_bind(s, 2, entry->verb == BH_VERB_REVOKE ? BH_DEVICE_REVOKED : BH_DEVICE_SUSPENDED);
	err = bh_row_run(s);
	if (!err && p->wakes)
		bh_wake_kick(p->wakes, ended.device);
	return err;
}

static int project_rotated(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DEVICE_KEY);
	struct bh_msg_entry_rotated rotated;
	int err = bh_decode_entry_rotated(entry->content, &p->arena, &rotated);

	if (err)
		return err;
	bh_bind(s, 1, rotated.device);
	bh_bind_span(s, 2, rotated.public_key);
	return bh_row_run(s);
}

static int project_clock(struct bh_projector *p, const struct bh_entry *entry)
{
	p->district.clock_alarm = entry->verb == BH_VERB_CLOCK_ALARM;
	return bh_district_row_write(p);
}

/* What handsets know of records was told in another history: the epoch says so.  Numbers that desks
 * gave out since the backup are nobody's here, and stay so: the next one is of another log. */
static int project_restored(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_msg_entry_restored restored;
	int err = bh_decode_entry_restored(entry->content, &p->arena, &restored);

	if (err)
		return err;
	if (restored.epoch <= p->district.epoch || restored.epoch > INT64_MAX)
		return BH_ERR_MALFORMED;
	p->district.epoch = restored.epoch;
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 68
	err = logs_end(p, 0, BH_LOG_OPERATOR);
#endif
	return err ? err : bh_district_row_write(p);
}

/* Its ops and photos are entries of their own. */
static int project_bundle(struct bh_projector *p, const struct bh_entry *entry)
{
	(void)p;
	(void)entry;
	return BH_NOERR;
}

static const struct {
	enum bh_verb verb;
	bool decodes;
	int (*project)(struct bh_projector *p, const struct bh_entry *entry);
} handlers[] = {
	{BH_VERB_FOUND, true, project_found},
	{BH_VERB_PROFILE, false, project_profile},
	{BH_VERB_ENROL_CODE, true, project_enrol_code},
	{BH_VERB_ENROLLED, true, project_enrolled},
	{BH_VERB_LOG_BEGIN, true, project_log_begin},
	{BH_VERB_REVOKE, true, project_device_ends},
	{BH_VERB_SUSPEND_DEVICE, true, project_device_ends},
	{BH_VERB_ROTATED, true, project_rotated},
	{BH_VERB_CLOCK_ALARM, false, project_clock},
	{BH_VERB_CLOCK_CONFIRM, false, project_clock},
	{BH_VERB_RESTORED, true, project_restored},
	{BH_VERB_BUNDLE, false, project_bundle},
	{BH_VERB_PURGE_TEXTS, false, bh_project_purge},
	{BH_VERB_HAND_OVER, false, bh_project_shift},
	{BH_VERB_TAKE_OVER, false, bh_project_shift},
	{BH_VERB_HAND_OVER_MISSED, false, bh_project_shift},
};

int bh_project_district(struct bh_projector *p, const struct bh_entry *entry)
{
	bh_arena_reset(&p->arena);
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].verb != (enum bh_verb)entry->verb)
			continue;
		if (handlers[i].decodes && entry->content.len == 0)
			return BH_NOERR;
		return handlers[i].project(p, entry);
	}
	return BH_ERR_MALFORMED;
}
