/* A district on a real file, for figures of the writer alone: its handsets, and reports that theirs
 * would be. */
#ifndef BH_TESTS_BENCH_DISTRICT_H
#define BH_TESTS_BENCH_DISTRICT_H

#include "server/store/store.h"

#define BH_BENCH_PHONES 64u
#define BH_BENCH_ROUND 12800u

struct bh_demo_profile;

struct bh_bench_phone {
	uint32_t device, log_short;
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
};

struct bh_bench {
	struct bh_store_options options;
	struct bh_writer *writer;
	struct bh_hasher *hasher;
	struct bh_wakes wakes;
	struct bh_clock clock;
	struct bh_bench_phone phones[BH_BENCH_PHONES];
	struct bh_command *commands;
	struct bh_outcome *outcomes;
	struct bh_job *jobs;
	struct bh_job **list;
	struct bh_buf bytes[BH_BENCH_ROUND];
	uint64_t made;
	uint32_t grid;    /* of the next reports; 0: 1111 */
	int64_t ahead_ms; /* simulated time passes faster than the machine's */
	void (*dress)(struct bh_demo_profile *demo); /* changes the profile first; may be NULL */
};

/* Says what went wrong and ends the process. */
void bh_bench_must(int err, const char *what);
struct bh_now bh_bench_now(struct bh_bench *b);
struct bh_outcome bh_bench_run_one(struct bh_bench *b, enum bh_verb verb, struct bh_buf *payload);
/* Makes the district there, with the demo's profile and every handset. */
void bh_bench_district_open(struct bh_bench *b, const char *path);
/* A report with a text of the length real ones have, and a place, as the command at this index. */
void bh_bench_report_make(
	struct bh_bench *b, size_t at, struct bh_bench_phone *phone, struct bh_now now);
/* A service entry of a kind and an area, with a text of that length, made likewise. */
void bh_bench_service_make(struct bh_bench *b, size_t at, struct bh_bench_phone *phone,
	struct bh_now now, uint32_t kind, uint32_t area);
/* What a person does about a case on a handset: its command, made as those are. */
void bh_bench_op_make(struct bh_bench *b, size_t at, struct bh_bench_phone *phone,
	struct bh_now now, enum bh_verb verb, uint32_t person, uint64_t number);
/* Room for a round's commands.  BH_ERR_NOMEM ends the process. */
void bh_bench_memory_take(struct bh_bench *b);

#endif
