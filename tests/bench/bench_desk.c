/* What a desk feels of a large district, on the store alone and a real file: its queue, its
 * commands, and how long all of it takes to be built again from the journal.
 *
 *	bench_desk DIRECTORY [CASES]
 *
 *   reports, one in thirteen of township B ──▶ its first fifty by time left, again and again
 *   ──▶ dispatch, sign, finish, close ──▶ every entry into a file with nothing in it
 *
 * Dispatch and close are a desk's, each a job under a key; sign and finish are pushed by a
 *handler's handset, read as a session reads them.  So many jobs stand in one group as many desks
 *would have waiting.  Prints key=value lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/replay.h"
#include "tests/bench/bench_district.h"
#include "tests/bench/reference.h"
#include "tests/unit/domain/demo_rules.h"

#define PUSH 100u
#define CASES_USUAL 1000000u
#define SHARE 13u /* townships of a district */
#define QUERIES 2000u
#define TOP 50u
#define GROUP 64u /* jobs of one commit: as many desks wait, or pushes of fifty ops */
#define OPS 50u
#define ROUND_CASES 6400u
#define ROUNDS 5u
#define TURN 2000u
#define PATH_BYTES 512
#define NS_A_MS 1e6
#define NS_A_S 1e9

static void must_all(struct bh_bench *b, const struct bh_job *jobs, size_t count, const char *what)
{
	(void)b;
	for (size_t j = 0; j < count; j++) {
		bh_bench_must(jobs[j].err, what);
		for (size_t i = 0; i < jobs[j].count; i++) {
			const struct bh_outcome *outcome = &jobs[j].outcomes[i];
			if (outcome->verdict != BH_VERDICT_ACCEPTED)
				printf("# %s: %s\n", what,
					outcome->detail ? outcome->detail
							: bh_reason_name(outcome->reason));
			bh_bench_must(
				outcome->verdict == BH_VERDICT_ACCEPTED ? 0 : BH_ERR_INVALID, what);
		}
	}
}

/* The jobs of a round, so many in one group. */
static void jobs_run(struct bh_bench *b, size_t jobs, const char *what)
{
	for (size_t j = 0; j < jobs; j += GROUP) {
		size_t count = jobs - j < GROUP ? jobs - j : GROUP;
		for (size_t i = 0; i < count; i++)
			b->list[i] = &b->jobs[j + i];
		bh_bench_must(
			bh_writer_run(b->writer, bh_bench_now(b), b->list, count, &b->wakes), what);
	}
	must_all(b, b->jobs, jobs, what);
}

static void fill(struct bh_bench *b, uint64_t cases)
{
	for (uint64_t made = 0; made < cases; made += PUSH) {
		struct bh_bench_phone *phone = &b->phones[made / PUSH % (BH_BENCH_PHONES - 1)];
		b->jobs[0] = (struct bh_job){
			.commands = b->commands, .outcomes = b->outcomes, .count = PUSH};
		for (size_t i = 0; i < PUSH; i++) {
			b->grid = (made + i) % SHARE == 0 ? 1211 : 1111;
			bh_bench_report_make(b, i, phone, bh_bench_now(b));
		}
		jobs_run(b, 1, "reports");
	}
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* ---- The queue ---- */

static void queue_measure(struct bh_bench *b)
{
	static double took_ms[QUERIES];
	const struct bh_case_query query = {.queue = true, .area = BH_DEMO_TOWNSHIP_B};
	struct bh_store_reader *reader;
	struct bh_case cases[TOP];
	size_t count = 0;

	bh_bench_must(bh_reader_open(&b->options, &reader), "reader");
	for (size_t i = 0; i < QUERIES; i++) {
		uint64_t from_ns = bh_stopwatch_ns();
		bh_bench_must(bh_reader_cases(reader, &query, cases, TOP, &count), "queue");
		took_ms[i] = (double)(bh_stopwatch_ns() - from_ns) / NS_A_MS;
		bh_bench_must(count == TOP ? 0 : BH_ERR_INVALID, "queue");
	}
	bh_reader_close(reader);
	qsort(took_ms, QUERIES, sizeof(*took_ms), order);
	printf("queue_query_ms_p50=%.3f\n", took_ms[QUERIES / 2]);
	printf("queue_query_ms_p99=%.3f\n", took_ms[QUERIES * 99 / 100]);
}

/* ---- Commands ---- */

/* One of a desk about each case, each a job of its own. */
static void desk_make(
	struct bh_bench *b, enum bh_verb verb, uint32_t person, const uint64_t *numbers)
{
	static const char text[] = "as agreed";

	for (size_t i = 0; i < ROUND_CASES; i++) {
		struct bh_command *command = &b->commands[i];
		*command = (struct bh_command){.source = BH_SOURCE_DESK,
			.verb = verb,
			.person = person,
			.case_number = numbers[i],
			.unit = verb == BH_VERB_DISPATCH ? BH_DEMO_CLEAN_A : 0,
			.text = bh_span(text, sizeof(text) - 1)};
		bh_demo_say(command);
		uint64_t key = ++b->made * UINT64_C(0x9e3779b97f4a7c15);
		memcpy(command->key_hash, &key, sizeof(key));
		b->jobs[i] = (struct bh_job){
			.commands = command, .outcomes = &b->outcomes[i], .count = 1};
	}
}

/* The same by the handler's handset, in pushes. */
static void ops_make(struct bh_bench *b, enum bh_verb verb, const uint64_t *numbers)
{
	struct bh_bench_phone *phone = &b->phones[BH_BENCH_PHONES - 1];

	for (size_t i = 0; i < ROUND_CASES; i++)
		bh_bench_op_make(b, i, phone, bh_bench_now(b), verb,
			BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), numbers[i]);
	for (size_t i = 0; i < ROUND_CASES / OPS; i++)
		b->jobs[i] = (struct bh_job){.commands = &b->commands[i * OPS],
			.outcomes = &b->outcomes[i * OPS],
			.count = OPS};
}

/* What a session does with ops before the writer has them: it reads each and hashes its log. */
static void ops_read(struct bh_bench *b, struct bh_arena *arena)
{
	for (size_t i = 0; i < ROUND_CASES; i++) {
		struct bh_command *command = &b->commands[i];
		struct bh_msg_op_header header;
		struct bh_msg_op_content content;
		int reason = 0;
		bh_bench_must(
			bh_op_decode_header(command->header, arena, &header, &reason), "header");
		bh_bench_must(bh_op_decode_content(command->content, arena, &content, &reason),
			"content");
		bh_op_commitment(b->hasher, command->salt, command->content, command->commitment);
		bh_log_link(b->hasher, command->prev_link, command->seq, command->header,
			command->commitment, command->link);
		if (i % OPS == 0)
			bh_arena_reset(arena);
	}
}

/* Seconds for four commands about each of a round's cases. */
static double round_run(struct bh_bench *b, struct bh_arena *arena, const uint64_t *numbers)
{
	static const enum bh_verb verbs[] = {
		BH_VERB_DISPATCH, BH_VERB_SIGN, BH_VERB_FINISH, BH_VERB_CLOSE};
	double took_s = 0;

	for (size_t v = 0; v < 4; v++) {
		bool device = verbs[v] == BH_VERB_SIGN || verbs[v] == BH_VERB_FINISH;
		if (device)
			ops_make(b, verbs[v], numbers);
		else
			desk_make(b, verbs[v],
				verbs[v] == BH_VERB_CLOSE ? BH_DEMO_PERSON(ACCEPTOR)
							  : BH_DEMO_PERSON(DISPATCHER),
				numbers);
		uint64_t from_ns = bh_stopwatch_ns();
		if (device)
			ops_read(b, arena);
		jobs_run(b, device ? ROUND_CASES / OPS : ROUND_CASES, bh_verb_name(verbs[v]));
		took_s += (double)(bh_stopwatch_ns() - from_ns) / NS_A_S;
	}
	return took_s;
}

/* Cases of township A, in the order they came. */
static void numbers_read(struct bh_bench *b, struct bh_case_query *query, uint64_t *numbers)
{
	static struct bh_case cases[PUSH];
	struct bh_store_reader *reader;
	size_t made = 0, count = 0;
	bool more = true;

	bh_bench_must(bh_reader_open(&b->options, &reader), "reader");
	while (made < ROUND_CASES && more) {
		size_t most = ROUND_CASES - made < PUSH ? ROUND_CASES - made : PUSH;
		bh_bench_must(
			bh_reader_cases_page(reader, query, cases, most, &count, &more), "list");
		for (size_t i = 0; i < count; i++)
			numbers[made++] = cases[i].number;
	}
	bh_bench_must(made == ROUND_CASES ? 0 : BH_ERR_INVALID, "cases");
	bh_reader_close(reader);
}

/* Turn by turn beside a bare table, so that both meet the same disk. */
static void commands_measure(struct bh_bench *b, struct reference *raw)
{
	static uint64_t numbers[ROUND_CASES];
	struct bh_case_query query = {
		.states = 1u << BH_STATE_RECEIVED, .area = BH_DEMO_TOWNSHIP_A};
	struct bh_arena arena = BH_ARENA(1u << 20);
	double rates[ROUNDS], ratios[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++) {
		numbers_read(b, &query, numbers);
		double rows = reference_round(raw, b->clock, ROUND_CASES);
		rates[i] = 4.0 * ROUND_CASES / round_run(b, &arena, numbers);
		ratios[i] = rates[i] / rows;
	}
	bh_arena_free(&arena);
	qsort(rates, ROUNDS, sizeof(*rates), order);
	qsort(ratios, ROUNDS, sizeof(*ratios), order);
	printf("commands_per_s=%.0f\n", rates[ROUNDS / 2]);
	printf("commands_vs_reference=%.2f\n", ratios[ROUNDS / 2]);
}

/* ---- All of it again ---- */

static void replay_measure(struct bh_bench *b, const char *path)
{
	struct bh_store_options options = b->options;
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_replay *replay;
	struct bh_store_reader *reader;
	struct bh_entry entry;
	uint64_t head = 0;
	uint8_t hash[BH_HASH_BYTES];

	options.path = path;
	bh_bench_must(bh_reader_open(&b->options, &reader), "reader");
	bh_bench_must(bh_reader_head(reader, &head, hash), "head");
	bh_bench_must(bh_replay_create(&options), "create");
	bh_bench_must(bh_replay_open(&options, &replay), "replay");
	uint64_t from_ns = bh_stopwatch_ns();
	for (uint64_t position = 1; position <= head; position++) {
		bh_bench_must(bh_reader_entry(reader, position, &arena, &entry), "entry");
		bh_bench_must(bh_replay_entry(replay, &entry, NULL), "replay");
		if (position % TURN == 0)
			bh_arena_reset(&arena);
	}
	bh_bench_must(bh_replay_finish(replay), "finish");
	double took_s = (double)(bh_stopwatch_ns() - from_ns) / NS_A_S;
	bh_bench_must(bh_replay_head(replay, hash) == head ? 0 : BH_ERR_CORRUPT, "head");
	bh_replay_close(replay);
	bh_reader_close(reader);
	bh_arena_free(&arena);
	printf("replay_entries=%" PRIu64 "\n", head);
	printf("replay_1m_entries_s=%.1f\n", took_s * 1e6 / (double)head);
}

static void path_make(char out[PATH_BYTES], const char *directory, const char *name)
{
	(void)snprintf(out, PATH_BYTES, "%s/%s", directory, name);
}

int main(int argc, char **argv)
{
	static struct bh_bench b;
	struct reference raw = {0};
	char path[PATH_BYTES], again[PATH_BYTES], reference[PATH_BYTES];
	uint64_t cases = argc > 2 ? strtoull(argv[2], NULL, 10) : CASES_USUAL;

	if (argc < 2 || cases % PUSH != 0 || cases < 2 * ROUNDS * ROUND_CASES) {
		printf("usage: %s DIRECTORY [CASES]\n", argv[0]);
		return 2;
	}
	path_make(path, argv[1], "bench-desk.db");
	path_make(again, argv[1], "bench-again.db");
	path_make(reference, argv[1], "bench-reference.db");
	bh_bench_must(bh_store_start(), "start");
	bh_bench_must(bh_hasher_open(&b.hasher), "hasher");
	b.clock = bh_clock_system();
	bh_bench_memory_take(&b);
	bh_bench_district_open(&b, path);
	reference_open(&raw, reference);
	fill(&b, cases);
	printf("queue_cases=%" PRIu64 "\n", cases);
	queue_measure(&b);
	commands_measure(&b, &raw);
	bh_writer_close(b.writer);
	reference_close(&raw);
	replay_measure(&b, again);
	return 0;
}
