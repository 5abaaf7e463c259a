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

#define METRICS_BYTES_MAX (256u * 1024u)
#define OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* What one district tells. */
struct gathered {
	const char *code;
	struct bh_writer_counts writer;
	int64_t dispatch_left_ms; /* of the case with the least; INT64_MAX: empty queue */
	bool alarmed;
	struct bh_hub_counts hub; /* of all loops */
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
	double (*value)(const struct gathered *gathered); /* NULL: the hub's count at offset */
	size_t offset;
};

static double commits(const struct gathered *gathered)
{
	return (double)gathered->writer.commits;
}

static double entries(const struct gathered *gathered)
{
	return (double)gathered->writer.entries;
}

static double alarms(const struct gathered *gathered)
{
	return (double)gathered->writer.alarms;
}

static double breaches(const struct gathered *gathered)
{
	return (double)gathered->writer.breaches;
}

static double poison(const struct gathered *gathered)
{
	return (double)gathered->writer.poison;
}

static double rollbacks(const struct gathered *gathered)
{
	return (double)gathered->writer.rollbacks;
}

static double checkpoints(const struct gathered *gathered)
{
	return (double)gathered->writer.checkpoints;
}

static double wal_pages(const struct gathered *gathered)
{
	return (double)gathered->writer.wal_pages;
}

static double ballast_bytes(const struct gathered *gathered)
{
	return (double)gathered->writer.ballast_bytes;
}

static double photos_stored(const struct gathered *gathered)
{
	return (double)gathered->writer.blobs;
}

static double photos_bytes(const struct gathered *gathered)
{
	return (double)gathered->writer.blob_bytes;
}

static double dispatch_left(const struct gathered *gathered)
{
	return gathered->dispatch_left_ms == INT64_MAX
		       ? 1800.0
		       : (double)gathered->dispatch_left_ms / 1000.0;
}

static double clock_alarm(const struct gathered *gathered)
{
	return gathered->alarmed ? 1.0 : 0.0;
}

static const struct family families[] = {
	{"bihuan_commits", COUNTER, NULL, "Durable groups of the district's writer.", commits},
	{"bihuan_journal_entries", COUNTER, NULL, "Entries appended since the start.", entries},
	{"bihuan_clock_acts", COUNTER, NULL, "Reminders, dispatches and closings by the clock.",
		alarms},
	{"bihuan_dispatch_breaches", COUNTER, NULL, "Cases not dispatched within their limit.",
		breaches},
	{"bihuan_poison_commands", COUNTER, NULL, "Commands isolated after a storage error.",
		poison},
	{"bihuan_rollbacks", COUNTER, NULL, "Groups rolled back.", rollbacks},
	{"bihuan_checkpoints", COUNTER, NULL, "Checkpoints done.", checkpoints},
	{"bihuan_wal_pages", GAUGE, NULL, "Pages in the write-ahead log.", wal_pages},
	{"bihuan_ballast_bytes", GAUGE, "bytes",
		"Room put by for a full disk; 0 after one took it, until there is room again.",
		ballast_bytes},
	{"bihuan_dispatch_left_seconds", GAUGE, "seconds",
		"Least dispatch time left; negative is late; the whole limit when nothing waits.",
		dispatch_left},
	{"bihuan_sessions_proved", COUNTER, NULL, "Sessions that proved themselves.", NULL,
		offsetof(struct bh_hub_counts, proved)},
	{"bihuan_sessions_refused", COUNTER, NULL, "Sessions refused or cut for what they said.",
		NULL, offsetof(struct bh_hub_counts, refused)},
	{"bihuan_frames_bad", COUNTER, NULL, "Frames that do not decode.", NULL,
		offsetof(struct bh_hub_counts, bad_frames)},
	{"bihuan_ops", COUNTER, NULL, "Ops taken from handsets.", NULL,
		offsetof(struct bh_hub_counts, ops)},
	{"bihuan_ops_repeated", COUNTER, NULL, "Ops that had arrived before.", NULL,
		offsetof(struct bh_hub_counts, repeats)},
	{"bihuan_receipts_believed", COUNTER, NULL,
		"Own receipts that handsets gave back after this server was put back.", NULL,
		offsetof(struct bh_hub_counts, receipts_believed)},
	{"bihuan_receipts_strange", COUNTER, NULL, "Receipts given back that are not ours.", NULL,
		offsetof(struct bh_hub_counts, receipts_strange)},
	{"bihuan_records_told", COUNTER, NULL, "Records sent to handsets.", NULL,
		offsetof(struct bh_hub_counts, records)},
	{"bihuan_enrolments_failed", COUNTER, NULL,
		"Enrolments with a wrong, used or expired code.", NULL,
		offsetof(struct bh_hub_counts, enrol_failures)},
	{"bihuan_log_forks", COUNTER, NULL, "Logs that did not continue the known one.", NULL,
		offsetof(struct bh_hub_counts, forks)},
	{"bihuan_photos_stored", GAUGE, NULL, "Photos that are here, each once.", photos_stored},
	{"bihuan_photos_bytes", GAUGE, "bytes", "Their size.", photos_bytes},
	{"bihuan_photo_uploads", GAUGE, NULL, "Photos that handsets are sending now.", NULL,
		offsetof(struct bh_hub_counts, uploads)},
	{"bihuan_photo_parts", COUNTER, NULL, "Parts of photos taken.", NULL,
		offsetof(struct bh_hub_counts, blob_parts)},
	{"bihuan_photos_refused", COUNTER, NULL,
		"Photos with another hash than their op says, or that are none.", NULL,
		offsetof(struct bh_hub_counts, blobs_refused)},
	{"bihuan_photos_foreign", COUNTER, NULL,
		"Photos offered or asked for by who has no right to them.", NULL,
		offsetof(struct bh_hub_counts, blobs_foreign)},
	{"bihuan_clock_alarm", GAUGE, NULL, "1 while a jump of the clock waits for confirmation.",
		clock_alarm},
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
	return (double)*(
		const uint64_t *)(const void *)((const char *)&gathered->hub + family->offset);
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
	}
}

static size_t gather(struct bh_process *process, struct gathered *gathered)
{
	struct bh_now now = bh_loop_now(process->main_loop);
	for (size_t i = 0; i < process->districts_count; i++) {
		struct bh_writer_loop *writer = process->districts[i]->writer;
		int64_t offset = bh_writer_loop_offset_ms(writer, &gathered[i].alarmed);
		gathered[i].code = process->districts[i]->code;
		bh_writer_loop_counts(writer, &gathered[i].writer);
		hub_gather(process->districts[i], &gathered[i].hub);
		int64_t due = gathered[i].writer.next_dispatch_due_ms;
		gathered[i].dispatch_left_ms = due ? due - (now.mono_ms + offset) : INT64_MAX;
	}
	return process->districts_count;
}

static void metrics_answer(struct bh_process *process, struct bh_http_call *call)
{
	struct gathered gathered[BH_DISTRICTS_MAX];
	struct bh_buf out = BH_BUF(METRICS_BYTES_MAX);
	size_t count = gather(process, gathered);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		family_put(&out, &families[i], gathered, count);
	process_put(&out, process);
	put(&out, "# EOF\n");
	bh_http_answer(call, 200, OPENMETRICS, bh_buf_span(&out));
	bh_buf_free(&out);
}

static void text_answer(struct bh_http_call *call, int status, const char *text)
{
	bh_http_answer(call, status, "text/plain; charset=utf-8", bh_span(text, strlen(text)));
}

static void ready_answer(struct bh_process *process, struct bh_http_call *call)
{
	char text[200];
	for (size_t i = 0; i < process->districts_count; i++) {
		bool can_commit;
		(void)bh_writer_loop_turned_ms(process->districts[i]->writer, &can_commit);
		if (!can_commit) {
			(void)snprintf(text, sizeof(text), "district %s cannot commit\n",
				process->districts[i]->code);
			text_answer(call, 503, text);
			return;
		}
	}
	text_answer(
		call, process->stopping ? 503 : 200, process->stopping ? "stopping\n" : "ready\n");
}

void bh_metrics_handle(void *context, const struct bh_request *request, struct bh_http_call *call)
{
	struct bh_process *process = context;
	if (strcmp(request->method, "GET") != 0)
		text_answer(call, 405, "only GET\n");
	else if (strcmp(request->target, "/livez") == 0)
		text_answer(call, 200, "alive\n");
	else if (strcmp(request->target, "/readyz") == 0)
		ready_answer(process, call);
	else if (strcmp(request->target, "/metrics") == 0)
		metrics_answer(process, call);
	else
		text_answer(call, 404, "here are /livez, /readyz and /metrics\n");
}
