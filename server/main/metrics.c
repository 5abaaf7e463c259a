/*
 * /livez answers while the main loop turns.  /readyz asks whether every district's writer can
 * commit, since that is what serving means here.  /metrics writes families in the order of the
 * table below, each with TYPE, UNIT where it has one, HELP, and a sample for each district; # EOF
 * ends it.
 */
#include "server/main/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/main/log.h"
#include "server/store/census.h"
#include "server/main/shipping.h"

#define METRICS_BYTES_MAX (256u * 1024u)
#define OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* What one district tells. */
struct gathered {
	const char *code;
	struct bh_writer_counts writer;
	int64_t dispatch_left_ms; /* of the case with the least; INT64_MAX: empty queue */
	bool alarmed;
	struct bh_hub_counts hub; /* of all loops */
	struct bh_census_totals unsent;
	int64_t unsent_ms; /* since the oldest of it was recorded; 0: none */
	struct bh_ship_counts ship;
	double ship_behind_s;
	uint64_t notices_waiting;
	double notices_oldest_s; /* since the first of them is ready */
};

enum kind {
	COUNTER,
	GAUGE,
};

struct family {
	const char *name;
	enum kind kind;
	const char *unit; /* part of the name, or NULL */
	const char *help;
	double (*value)(const struct gathered *gathered); /* NULL: the count at offset */
	size_t offset;
};

static double kept_used(const struct gathered *gathered)
{
	const struct bh_writer_counts *writer = &gathered->writer;
	return writer->kept_bytes_max ? (double)writer->kept_bytes / (double)writer->kept_bytes_max
				      : 0.0;
}

static double dispatch_left(const struct gathered *gathered)
{
	return gathered->dispatch_left_ms == INT64_MAX
		       ? 1800.0
		       : (double)gathered->dispatch_left_ms / 1000.0;
}

static double unsent_oldest(const struct gathered *gathered)
{
	return (double)gathered->unsent_ms / 1000.0;
}

static double notices_oldest(const struct gathered *gathered)
{
	return gathered->notices_oldest_s;
}

static double clock_alarm(const struct gathered *gathered)
{
	return gathered->alarmed ? 1.0 : 0.0;
}

static double ship_entries(const struct gathered *gathered)
{
	return (double)gathered->ship.behind_entries;
}

static double ship_bytes(const struct gathered *gathered)
{
	return (double)gathered->ship.behind_bytes;
}

static double ship_seconds(const struct gathered *gathered)
{
	return gathered->ship_behind_s;
}

static double ship_failing(const struct gathered *gathered)
{
	return gathered->ship.failing ? 1.0 : 0.0;
}

static double ship_failures(const struct gathered *gathered)
{
	return (double)gathered->ship.failures;
}

static double ship_photos(const struct gathered *gathered)
{
	return (double)gathered->ship.photos;
}

static double ship_photos_failed(const struct gathered *gathered)
{
	return (double)gathered->ship.photos_failed;
}

#define WRITER(count) NULL, offsetof(struct gathered, writer.count)
#define NOTICES(state) (offsetof(struct gathered, writer.notices) + (state) * sizeof(uint64_t))

static const struct family families[] = {
	{"bihuan_commits", COUNTER, NULL, "Durable groups of the district's writer.",
		WRITER(commits)},
	{"bihuan_journal_entries", COUNTER, NULL, "Entries appended since the start.",
		WRITER(entries)},
	{"bihuan_clock_acts", COUNTER, NULL, "Reminders, dispatches and closings by the clock.",
		WRITER(alarms)},
	{"bihuan_dispatch_breaches", COUNTER, NULL, "Cases not dispatched within their limit.",
		WRITER(breaches)},
	{"bihuan_poison_commands", COUNTER, NULL, "Commands isolated after a storage error.",
		WRITER(poison)},
	{"bihuan_chores_failed", COUNTER, NULL,
		"Turns of the purge and of keys that were put off after an error.",
		WRITER(chores_failed)},
	{"bihuan_rollbacks", COUNTER, NULL, "Groups rolled back.", WRITER(rollbacks)},
	{"bihuan_checkpoints", COUNTER, NULL, "Checkpoints done.", WRITER(checkpoints)},
	{"bihuan_wal_pages", GAUGE, NULL, "Pages in the write-ahead log.", WRITER(wal_pages)},
	{"bihuan_ballast_bytes", GAUGE, "bytes",
		"Room put by for a full disk; 0 after one took it, until there is room again.",
		WRITER(ballast_bytes)},
	{"bihuan_dispatch_left_seconds", GAUGE, "seconds",
		"Least dispatch time left; negative is late; the whole limit when nothing waits.",
		dispatch_left},
	{"bihuan_sessions_proved", COUNTER, NULL, "Sessions that proved themselves.", NULL,
		offsetof(struct gathered, hub.proved)},
	{"bihuan_sessions_refused", COUNTER, NULL, "Sessions refused or cut for what they said.",
		NULL, offsetof(struct gathered, hub.refused)},
	{"bihuan_frames_bad", COUNTER, NULL, "Frames that do not decode.", NULL,
		offsetof(struct gathered, hub.bad_frames)},
	{"bihuan_ops", COUNTER, NULL, "Ops taken from handsets.", NULL,
		offsetof(struct gathered, hub.ops)},
	{"bihuan_ops_repeated", COUNTER, NULL, "Ops that had arrived before.", NULL,
		offsetof(struct gathered, hub.repeats)},
	{"bihuan_receipts_believed", COUNTER, NULL,
		"Own receipts that handsets gave back after this server was put back.", NULL,
		offsetof(struct gathered, hub.receipts_believed)},
	{"bihuan_receipts_strange", COUNTER, NULL, "Receipts given back that are not ours.", NULL,
		offsetof(struct gathered, hub.receipts_strange)},
	{"bihuan_records_told", COUNTER, NULL, "Records sent to handsets.", NULL,
		offsetof(struct gathered, hub.records)},
	{"bihuan_enrolments_failed", COUNTER, NULL,
		"Enrolments with a wrong, used or expired code.", NULL,
		offsetof(struct gathered, hub.enrol_failures)},
	{"bihuan_log_forks", COUNTER, NULL, "Logs that did not continue the known one.", NULL,
		offsetof(struct gathered, hub.forks)},
	{"bihuan_photos_stored", GAUGE, NULL, "Photos that are here, each once.", WRITER(blobs)},
	{"bihuan_photos_bytes", GAUGE, "bytes", "Their size.", WRITER(blob_bytes)},
	{"bihuan_kept_bytes", GAUGE, "bytes", "What must never roll back.", WRITER(kept_bytes)},
	{"bihuan_kept_used_ratio", GAUGE, "ratio",
		"Its share of what it may be; alarm past 0.75: no log and no enrolment past 0.94.",
		kept_used},
	{"bihuan_photos_lost", GAUGE, NULL,
		"Photos that the last backup did not find on the disk, and nobody sent again "
		"since.",
		WRITER(photos_lost)},
	{"bihuan_photos_asked", COUNTER, NULL, "Lost photos asked of handsets again.", NULL,
		offsetof(struct gathered, hub.photos_asked)},
	{"bihuan_photo_uploads", GAUGE, NULL, "Photos that handsets are sending now.", NULL,
		offsetof(struct gathered, hub.uploads)},
	{"bihuan_photo_parts", COUNTER, NULL, "Parts of photos taken.", NULL,
		offsetof(struct gathered, hub.blob_parts)},
	{"bihuan_photos_refused", COUNTER, NULL,
		"Photos with another hash than their op says, or that are none.", NULL,
		offsetof(struct gathered, hub.blobs_refused)},
	{"bihuan_photos_foreign", COUNTER, NULL,
		"Photos offered or asked for by who has no right to them.", NULL,
		offsetof(struct gathered, hub.blobs_foreign)},
	{"bihuan_unsent_devices", GAUGE, NULL,
		"Handsets that said when last heard of that they hold something unsent.", NULL,
		offsetof(struct gathered, unsent.devices)},
	{"bihuan_unsent_ops", GAUGE, NULL, "What they hold, in reports and acts.", NULL,
		offsetof(struct gathered, unsent.ops)},
	{"bihuan_unsent_bytes", GAUGE, "bytes", "Its size, as far as they said.", NULL,
		offsetof(struct gathered, unsent.bytes)},
	{"bihuan_unsent_oldest_seconds", GAUGE, "seconds",
		"Age of the oldest of it, as far as it is known; 0 when nothing is held.",
		unsent_oldest},
	{"bihuan_notices_waiting", GAUGE, NULL, "Notices that wait to be sent or seen.", NULL,
		offsetof(struct gathered, notices_waiting)},
	{"bihuan_notices_oldest_seconds", GAUGE, "seconds",
		"How long the first of them could have gone; 0 when none could.", notices_oldest},
	{"bihuan_notices_queued", COUNTER, NULL, "Notices written since the start.", NULL,
		NOTICES(BH_NOTICE_QUEUED)},
	{"bihuan_notices_sent", COUNTER, NULL, "Notices that a channel took.", NULL,
		NOTICES(BH_NOTICE_SENT)},
	{"bihuan_notices_seen", COUNTER, NULL, "Notices that were seen.", NULL,
		NOTICES(BH_NOTICE_SEEN)},
	{"bihuan_notices_failed", COUNTER, NULL, "Notices that no channel took.", NULL,
		NOTICES(BH_NOTICE_FAILED)},
	{"bihuan_notices_expired", COUNTER, NULL, "Notices that nobody took for a day.", NULL,
		NOTICES(BH_NOTICE_EXPIRED)},
	{"bihuan_notices_purged", COUNTER, NULL,
		"Rows of the outbox that were too old or too many.", NULL,
		offsetof(struct gathered, writer.notices_purged)},
	{"bihuan_clock_alarm", GAUGE, NULL, "1 while a jump of the clock waits for confirmation.",
		clock_alarm},
};

/* Of a process that ships segments. */
static const struct family ship_families[] = {
	{"bihuan_segments_behind_entries", GAUGE, NULL,
		"Entries committed and not yet durable in the second folder.", ship_entries},
	{"bihuan_segments_behind_bytes", GAUGE, "bytes",
		"About their size; while many wait, of those that were counted.", ship_bytes},
	{"bihuan_segments_behind_seconds", GAUGE, "seconds", "Age of the first of them.",
		ship_seconds},
	{"bihuan_segments_failing", GAUGE, NULL, "1 while the second folder cannot be written.",
		ship_failing},
	{"bihuan_segments_failures", COUNTER, NULL, "Attempts that failed.", ship_failures},
	{"bihuan_segments_photos", COUNTER, NULL, "Photos copied since the start.", ship_photos},
	{"bihuan_segments_photos_unread", COUNTER, NULL,
		"Photos that are damaged or missing here, and so were not copied.",
		ship_photos_failed},
};

static void put(struct bh_buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct bh_buf *out, const char *format, ...)
{
	char line[300];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof(line))
		(void)bh_buf_append(out, line, (size_t)n);
}

static double family_value(const struct family *family, const struct gathered *gathered)
{
	if (family->value)
		return family->value(gathered);
	return (double)*(const uint64_t *)(const void *)((const char *)gathered + family->offset);
}

static void family_put(struct bh_buf *out, const struct family *family,
	const struct gathered *gathered, size_t count)
{
	put(out, "# TYPE %s %s\n", family->name, family->kind == COUNTER ? "counter" : "gauge");
	if (family->unit)
		put(out, "# UNIT %s %s\n", family->name, family->unit);
	put(out, "# HELP %s %s\n", family->name, family->help);
	for (size_t i = 0; i < count; i++)
		put(out, "%s%s{district=\"%s\"} %.17g\n", family->name,
			family->kind == COUNTER ? "_total" : "", gathered[i].code,
			family_value(family, &gathered[i]));
}

static void process_put(struct bh_buf *out, struct bh_process *process)
{
	put(out, "# TYPE bihuan_connections gauge\n"
		 "# HELP bihuan_connections Handsets' connections now.\n");
	put(out, "bihuan_connections %u\n", atomic_load(&process->connections));
	unsigned long long failed = 0;
	for (size_t i = 0; i < process->loops_count; i++)
		failed += atomic_load(&process->links[i].handshakes_failed);
	put(out, "# TYPE bihuan_handshakes_failed counter\n"
		 "# HELP bihuan_handshakes_failed Connections that never spoke TLS 1.3 with us.\n");
	put(out, "bihuan_handshakes_failed_total %llu\n", failed);
	put(out, "# TYPE bihuan_log_lines_dropped counter\n"
		 "# HELP bihuan_log_lines_dropped Log lines that could not be written.\n");
	put(out, "bihuan_log_lines_dropped_total %" PRIu64 "\n", bh_log_dropped());
}

static void hub_gather(const struct bh_served *served, struct bh_hub_counts *sum)
{
	*sum = (struct bh_hub_counts){0};
	for (size_t i = 0; i < served->seats_count; i++) {
		struct bh_hub_counts one;
		bh_seat_counts(served->seats[i], &one);
		sum->proved += one.proved;
		sum->refused += one.refused;
		sum->bad_frames += one.bad_frames;
		sum->ops += one.ops;
		sum->repeats += one.repeats;
		sum->receipts_believed += one.receipts_believed;
		sum->receipts_strange += one.receipts_strange;
		sum->records += one.records;
		sum->enrol_failures += one.enrol_failures;
		sum->forks += one.forks;
		sum->uploads += one.uploads;
		sum->blob_parts += one.blob_parts;
		sum->blobs_refused += one.blobs_refused;
		sum->blobs_foreign += one.blobs_foreign;
		sum->photos_asked += one.photos_asked;
	}
}

/* What cannot be read is told as nothing: /readyz says what is wrong with a district. */
static void unsent_gather(
	const struct bh_served *served, int64_t district_ms, struct gathered *gathered)
{
	gathered->unsent = (struct bh_census_totals){0};
	gathered->unsent_ms = 0;
	if (bh_reader_census_totals(served->reader, &gathered->unsent) == 0 &&
		gathered->unsent.devices > 0 && gathered->unsent.oldest_ms < district_ms)
		gathered->unsent_ms = district_ms - gathered->unsent.oldest_ms;
}

static void notices_gather(
	const struct bh_served *served, int64_t district_ms, struct gathered *gathered)
{
	int64_t oldest_ms = 0;
	gathered->notices_waiting = 0;
	(void)bh_reader_notices_waiting(served->reader, &gathered->notices_waiting, &oldest_ms);
	gathered->notices_oldest_s = oldest_ms && oldest_ms < district_ms
					     ? (double)(district_ms - oldest_ms) / 1000.0
					     : 0.0;
}

static size_t gather(struct bh_process *process, struct gathered *gathered)
{
	struct bh_now now = bh_loop_now(process->main_loop);
	for (size_t i = 0; i < process->districts_count; i++) {
		struct bh_writer_loop *writer = process->districts[i]->writer;
		int64_t offset = bh_writer_loop_offset_ms(writer, &gathered[i].alarmed);
		gathered[i].code = process->districts[i]->code;
		bh_shipping_counts(process->districts[i], &gathered[i].ship);
		int64_t behind_ms = now.mono_ms + offset - gathered[i].ship.behind_at_ms;
		bool behind = gathered[i].ship.behind_at_ms && behind_ms > 0;
		gathered[i].ship_behind_s = behind ? (double)behind_ms / 1000.0 : 0.0;
		bh_writer_loop_counts(writer, &gathered[i].writer);
		hub_gather(process->districts[i], &gathered[i].hub);
		int64_t due = gathered[i].writer.next_dispatch_due_ms;
		gathered[i].dispatch_left_ms = due ? due - (now.mono_ms + offset) : INT64_MAX;
		unsent_gather(process->districts[i], now.mono_ms + offset, &gathered[i]);
		notices_gather(process->districts[i], now.mono_ms + offset, &gathered[i]);
	}
	return process->districts_count;
}

void bh_metrics_answer(struct bh_process *process, struct bh_http_call *call)
{
	struct gathered gathered[BH_DISTRICTS_MAX];
	struct bh_buf out = BH_BUF(METRICS_BYTES_MAX);
	size_t count = gather(process, gathered);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		family_put(&out, &families[i], gathered, count);
	for (size_t i = 0;
		process->config.segments[0] && i < sizeof(ship_families) / sizeof(ship_families[0]);
		i++)
		family_put(&out, &ship_families[i], gathered, count);
	process_put(&out, process);
	put(&out, "# EOF\n");
	bh_http_answer(call, 200, OPENMETRICS, bh_buf_span(&out));
	bh_buf_free(&out);
}
