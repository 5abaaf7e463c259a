/* The writer alone, on a real file: reports a second in pushes of 100, 50 and 1, beside a loop that
 *inserts the same number of 300-byte rows into one table with three indexes, on the same disk, in
 *the same run.
 *
 *	bench_store DIRECTORY [CASES]
 *
 * The commands of a round are made before its clock starts: decoding and hashing belong to the
 *session.  Prints key=value lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/store.h"
#include "tests/bench/reference.h"
#include "tests/unit/domain/demo_rules.h"

#define PHONES 64u
#define ROUND 12800u
#define ROUNDS 5u
#define ALARMS_MAX 100000u
#define TEXT_BYTES 170u
#define PATH_BYTES 512
#define LIST_STEPS 200

struct phone {
	uint32_t device, log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
};

struct bench {
	struct bh_store_options options;
	struct bh_writer *writer;
	struct bh_hasher *hasher;
	struct bh_wakes wakes;
	struct bh_clock clock;
	struct phone phones[PHONES];
	struct bh_command *commands;
	struct bh_outcome *outcomes;
	struct bh_job *jobs;
	struct bh_job **list;
	struct bh_buf bytes[ROUND];
	uint64_t made;
	int64_t ahead_ms; /* simulated time passes faster than the machine's */
};

static void must(int err, const char *what)
{
	if (err) {
		printf("# %s: %s\n", what, bh_err_name(err));
		exit(1);
	}
}

static struct bh_now bench_now(struct bench *b)
{
	struct bh_now now = b->clock.now(b->clock.context);

	now.wall_ms += b->ahead_ms;
	now.mono_ms += b->ahead_ms;
	return now;
}

static struct bh_outcome run_one(struct bench *b, enum bh_verb verb, struct bh_buf *payload)
{
	struct bh_command command = {
		.source = BH_SOURCE_OPERATOR, .verb = verb, .payload = bh_buf_span(payload)};
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};

	must(bh_writer_run(b->writer, bench_now(b), jobs, 1, &b->wakes), "operator");
	must(job.err || outcome.verdict != BH_VERDICT_ACCEPTED ? BH_ERR_INVALID : 0, "operator");
	payload->len = 0;
	return outcome;
}

static void enrol(struct bench *b, uint32_t i, struct bh_buf *payload)
{
	uint8_t hash[BH_HASH_BYTES] = {(uint8_t)i, 1}, key[BH_PUBLIC_KEY_BYTES] = {(uint8_t)i, 2};
	struct phone *phone = &b->phones[i];
	struct bh_msg_entry_enrol_code code = {.code_hash = bh_span(hash, sizeof(hash)),
		.person = BH_DEMO_WORKER(1111),
		.expires_ms = bench_now(b).wall_ms + 3600000};
	struct bh_msg_entry_enrolled enrolled = {.code_hash = code.code_hash,
		.public_key = bh_span(key, sizeof(key)),
		.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES)};

	memset(phone->log_id, (int)i + 1, BH_LOG_ID_BYTES);
	must(bh_encode_entry_enrol_code(&code, payload), "code");
	run_one(b, BH_VERB_ENROL_CODE, payload);
	must(bh_encode_entry_enrolled(&enrolled, payload), "enrol");
	phone->device = run_one(b, BH_VERB_ENROLLED, payload).id;
	phone->log_short = BH_LOG_FIRST_DEVICE + i;
	bh_log_start(b->hasher, "330106", phone->log_id, phone->link);
}

static void district_open(struct bench *b, const char *path)
{
	static struct bh_demo_profile demo;
	struct bh_buf payload = BH_BUF(1u << 24);

	b->options = (struct bh_store_options){.path = path, .rng = bh_rng_system()};
	must(bh_store_create(&b->options, "330106", bench_now(b)), "create");
	must(bh_writer_open(&b->options, bench_now(b), &b->writer, NULL), "open");
	bh_demo_profile(&demo);
	must(bh_encode_profile(&demo.profile, &payload), "profile");
	run_one(b, BH_VERB_PROFILE, &payload);
	for (uint32_t i = 0; i < PHONES; i++)
		enrol(b, i, &payload);
	bh_buf_free(&payload);
}

/* Bytes, salt, commitment and link: what the handset and the session would have made of it. */
static void command_seal(struct bench *b, size_t at, struct phone *phone,
	const struct bh_msg_op_header *header, const struct bh_msg_op_content *content)
{
	struct bh_command *command = &b->commands[at];
	struct bh_buf *bytes = &b->bytes[at];
	bytes->len = 0;
	must(bh_op_encode_header(header, bytes), "header");
	size_t split = bytes->len;
	must(bh_op_encode_content(content, bytes), "content");
	command->header = bh_span(bytes->data, split);
	command->content = bh_span(bytes->data + split, bytes->len - split);
	memcpy(command->salt, &b->made, sizeof(b->made));
	memcpy(command->prev_link, phone->link, BH_HASH_BYTES);
	bh_op_commitment(b->hasher, command->salt, command->content, command->commitment);
	bh_log_link(b->hasher, phone->link, phone->seq, command->header, command->commitment,
		command->link);
	memcpy(phone->link, command->link, BH_HASH_BYTES);
}

/* A report with a text of the length real ones have, and a place. */
static void report_make(struct bench *b, size_t at, struct phone *phone, struct bh_now now)
{
	struct bh_command *command = &b->commands[at];
	char text[TEXT_BYTES + 1];
	uint64_t random = (b->made++ + 1) * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < TEXT_BYTES; i++)
		text[i] = (char)('a' + (random >> (i % 57)) % 26);
	*command = (struct bh_command){.source = BH_SOURCE_DEVICE,
		.verb = BH_VERB_SUBMIT,
		.device = phone->device,
		.log_short = phone->log_short,
		.seq = ++phone->seq,
		.person = BH_DEMO_WORKER(1111),
		.type = BH_DEMO_LITTER,
		.captured_ms = now.wall_ms - (int64_t)(random % 100000),
		.has_place = true,
		.datum = BH_DATUM_WGS84};
	bh_demo_place(1111, &command->latitude_e7, &command->longitude_e7);
	command->latitude_e7 += (int32_t)(random % 1000);
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.captured_ms = command->captured_ms,
		.boot_ms = now.wall_ms - now.mono_ms,
		.author = command->person,
		.type = command->type};
	struct bh_msg_op_content content = {.text = bh_span(text, TEXT_BYTES),
		.has_place = true,
		.latitude_e7 = command->latitude_e7,
		.longitude_e7 = command->longitude_e7,
		.datum = command->datum,
		.accuracy_dm = 50};
	command_seal(b, at, phone, &header, &content);
}

/* One round of pushes of so many ops, so many pushes a run: reports a second. */
static double round_run(struct bench *b, size_t push, size_t pushes)
{
	size_t jobs = ROUND / push;
	struct bh_now now = bench_now(b);

	for (size_t j = 0; j < jobs; j++) {
		for (size_t i = 0; i < push; i++)
			report_make(b, j * push + i, &b->phones[j % PHONES], now);
		b->jobs[j] = (struct bh_job){.commands = &b->commands[j * push],
			.outcomes = &b->outcomes[j * push],
			.count = push};
		b->list[j] = &b->jobs[j];
	}
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	for (size_t j = 0; j < jobs; j += pushes) {
		size_t count = jobs - j < pushes ? jobs - j : pushes;
		must(bh_writer_run(b->writer, bench_now(b), &b->list[j], count, &b->wakes), "run");
	}
	int64_t took_ms = b->clock.now(b->clock.context).mono_ms - from_ms;
	for (size_t j = 0; j < jobs; j++)
		must(b->jobs[j].err, "job");
	for (size_t i = 0; i < ROUND; i++)
		must(b->outcomes[i].verdict != BH_VERDICT_ACCEPTED, "verdict");
	b->ahead_ms += 60000;
	return (double)ROUND * 1000.0 / (double)(took_ms ? took_ms : 1);
}

static double rounds_run(struct bench *b, size_t push, size_t pushes, uint64_t reports)
{
	double seconds = 0;
	uint64_t done = 0;

	for (; done < reports; done += ROUND)
		seconds += (double)ROUND / round_run(b, push, pushes);
	return (double)done / seconds;
}

/* ---- medians: the machine is never quiet ---- */

static int double_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), double_order);
	return values[ROUNDS / 2];
}

static double writer_median(struct bench *b, size_t push, size_t pushes)
{
	double values[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		values[i] = round_run(b, push, pushes);
	return median(values);
}

/* Turn by turn, so that both meet the same disk. */
static double beside_reference(struct bench *b, struct reference *r)
{
	double raw[ROUNDS], ours[ROUNDS], ratios[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		raw[i] = reference_round(r, b->clock, ROUND);
		ours[i] = round_run(b, 100, 1);
		ratios[i] = ours[i] / raw[i];
	}
	double rate = median(ours);
	printf("reference_rows_per_s=%.0f\n", median(raw));
	printf("writer_100_per_s=%.0f\n", rate);
	printf("writer_100_vs_reference=%.2f\n", median(ratios));
	return rate;
}

/* ---- size and restart ---- */

static int64_t file_bytes(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

static int64_t reopen_ms(struct bench *b)
{
	bh_writer_close(b->writer);
	b->writer = NULL;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	must(bh_writer_open(&b->options, bench_now(b), &b->writer, NULL), "reopen");
	return b->clock.now(b->clock.context).mono_ms - from_ms;
}

/* Reminders of all that waits are due at once: how many a second, up to a bound. */
static double alarms_run(struct bench *b)
{
	size_t fired = 1, total = 0;

	b->ahead_ms += 16 * 60000;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	while (fired && total < ALARMS_MAX) {
		must(bh_writer_tick(b->writer, bench_now(b), 2000, &fired, &b->wakes), "tick");
		total += fired;
	}
	int64_t took_ms = b->clock.now(b->clock.context).mono_ms - from_ms;
	return (double)total * 1000.0 / (double)(took_ms ? took_ms : 1);
}

/* ---- lists: one step each, the slowest of all its pages; nothing here fits the first two ---- */

static int64_t list_us(struct bench *b, struct bh_store_reader *reader, struct bh_case_query query)
{
	struct bh_case cases[100];
	int64_t steps = 0, from_ms = b->clock.now(b->clock.context).mono_ms;
	size_t count;
	bool more = true;

	for (; more && steps < LIST_STEPS; steps++)
		must(bh_reader_cases_page(reader, &query, cases, 100, &count, &more), "list");
	return (b->clock.now(b->clock.context).mono_ms - from_ms) * 1000 / steps;
}

static void lists_run(struct bench *b)
{
	const struct bh_case_query township = {.queue = true, .area = BH_DEMO_TOWNSHIP_B};
	const struct bh_case_query closed = {.states = 1u << BH_STATE_CLOSED};
	const struct bh_case_query queue = {.queue = true};
	const struct bh_case_query own = {.reporter = BH_DEMO_WORKER(1112)};
	struct bh_store_reader *reader;

	must(bh_reader_open(&b->options, &reader), "reader");
	printf("list_township_step_us=%" PRId64 "\n", list_us(b, reader, township));
	printf("list_closed_step_us=%" PRId64 "\n", list_us(b, reader, closed));
	printf("list_queue_step_us=%" PRId64 "\n", list_us(b, reader, queue));
	printf("list_reporter_step_us=%" PRId64 "\n", list_us(b, reader, own));
	bh_reader_close(reader);
}

static int64_t verify_ms(struct bench *b)
{
	struct bh_verify_report report;
	int64_t from_ms = b->clock.now(b->clock.context).mono_ms;
	int err = bh_store_verify(&b->options, &report);

	if (err)
		printf("# %s\n", report.what);
	must(err, "verify");
	return b->clock.now(b->clock.context).mono_ms - from_ms;
}

static void path_make(char out[PATH_BYTES], const char *directory, const char *name)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-lock"};
	char path[PATH_BYTES + 8];

	snprintf(out, PATH_BYTES, "%s/%s", directory, name);
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", out, tails[i]);
		unlink(path);
	}
}

static void memory_take(struct bench *b)
{
	b->commands = calloc(ROUND, sizeof(*b->commands));
	b->outcomes = calloc(ROUND, sizeof(*b->outcomes));
	b->jobs = calloc(ROUND, sizeof(*b->jobs));
	b->list = calloc(ROUND, sizeof(struct bh_job *));
	if (!b->commands || !b->outcomes || !b->jobs || !b->list)
		must(BH_ERR_NOMEM, "memory");
	for (size_t i = 0; i < ROUND; i++)
		b->bytes[i] = BH_BUF(4096);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct reference raw = {0};
	char path[PATH_BYTES], reference[PATH_BYTES];
	uint64_t cases = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;

	if (argc < 2) {
		printf("usage: %s DIRECTORY [CASES]\n", argv[0]);
		return 2;
	}
	path_make(path, argv[1], "bench-store.db");
	path_make(reference, argv[1], "bench-reference.db");
	must(bh_store_start(), "start");
	b.clock = bh_clock_system();
	must(bh_hasher_open(&b.hasher), "hasher");
	memory_take(&b);
	district_open(&b, path);
	reference_open(&raw, reference);
	double first = beside_reference(&b, &raw);
	printf("writer_100x4_per_s=%.0f\n", writer_median(&b, 100, 4));
	printf("writer_50x4_per_s=%.0f\n", writer_median(&b, 50, 4));
	printf("writer_1x64_per_s=%.0f\n", writer_median(&b, 1, 64));
	double grown = rounds_run(&b, 100, 2, cases > b.made ? cases - b.made : ROUND);
	printf("writer_fill_100x2_per_s=%.0f\n", grown);
	double last = writer_median(&b, 100, 1);
	printf("cases=%" PRIu64 "\n", b.made);
	printf("writer_100_at_end_per_s=%.0f\n", last);
	printf("writer_growth=%.2f\n", last / first);
	printf("writer_1x64_at_end_per_s=%.0f\n", writer_median(&b, 1, 64));
	reference_close(&raw);
	lists_run(&b);
	double bytes = (double)file_bytes(path) / (double)b.made;
	printf("alarms_per_s=%.0f\n", alarms_run(&b));
	printf("restart_ms=%" PRId64 "\n", reopen_ms(&b));
	printf("bytes_per_case=%.0f\n", bytes);
	bh_writer_close(b.writer);
	printf("verify_ms=%" PRId64 "\n", verify_ms(&b));
	return 0;
}
