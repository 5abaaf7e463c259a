/* A district on a simulated disk, for tests of the store: opened, killed, cut and opened again;
 * with handsets that record ops and push them. */
#ifndef BH_TEST_STORE_KIT_H
#define BH_TEST_STORE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/store.h"
#include "tests/sim/vfs.h"
#include "tests/unit/domain/demo_rules.h"

#define KIT_CODE "330106"
#define KIT_PATH "/d/district.db"
#define KIT_START_MS INT64_C(1772413200000) /* Monday 2026-03-02, 09:00 in UTC+8 */
#define KIT_MINUTE INT64_C(60000)
#define KIT_JOB_MAX 64u
#define KIT_BALLAST_BYTES 100000u

struct kit {
	struct bh_simvfs *vfs;
	struct bh_store_options options;
	struct bh_now now;
	uint64_t random;
	struct bh_writer *writer;
	struct bh_store_reader *reader;
	struct bh_hasher *hasher;
	struct bh_wakes wakes;
	struct bh_arena arena;
	struct bh_buf payload;
	unsigned copies;
	bool nowhere; /* reports say no position: their cases are at no place */
};

/* A handset: its log as it holds it. */
struct phone {
	uint32_t device;
	uint32_t person;
	uint32_t log_short;
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	uint8_t log_id[BH_LOG_ID_BYTES];
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
};

/* Ops recorded and not yet pushed; owns their bytes. */
struct push {
	struct bh_job job;
	struct bh_command commands[KIT_JOB_MAX];
	struct bh_outcome outcomes[KIT_JOB_MAX];
	struct bh_buf headers[KIT_JOB_MAX];
	struct bh_buf contents[KIT_JOB_MAX];
	const struct bh_msg_blob *blobs; /* of the ops that are sealed from now on */
	size_t blobs_count;
};

/* A disk, a district with the demo's profile, a writer and a reader. */
void kit_open(struct kit *kit, uint32_t number);
/* The same as a test's *state; torn down only after the journal was verified. */
int kit_setup(void **state, uint32_t number);
int kit_teardown(void **state);
uint64_t kit_head(struct kit *kit);
/* A disk alone. */
void kit_open_bare(struct kit *kit, uint32_t number);
void kit_close(struct kit *kit);
/* The process dies (or the power goes) and the next one opens the file.  The machine stays up. */
void kit_restart(struct kit *kit, bool power);
/* Lets go of writer and reader, as a dead process does. */
void kit_down(struct kit *kit);
int kit_up(struct kit *kit);
/* No room on the disk for anything, also after the ballast was given up; until it is healed. */
void kit_fill(struct kit *kit);
void kit_pass(struct kit *kit, int64_t ms);

/* An operator's command with an encoded message. */
struct bh_outcome kit_operator(struct kit *kit, enum bh_verb verb, struct bh_span payload);
void kit_profile(struct kit *kit);
/* Gives a code to a person and enrols a handset with it; both must succeed. */
void kit_enrol(struct kit *kit, struct phone *phone, uint32_t person, uint8_t id);
struct bh_outcome kit_enrol_code(
	struct kit *kit, uint8_t code, uint32_t person, int64_t expires_ms);
struct bh_outcome kit_enrolled(struct kit *kit, struct phone *phone, uint8_t code);
struct bh_outcome kit_log_begin(
	struct kit *kit, struct phone *phone, uint8_t id, const uint8_t *forked_from);
struct bh_outcome kit_revoke(struct kit *kit, uint32_t device);
/* As that, where the writer may break: false, nobody is answered. */
bool kit_revoke_answered(struct kit *kit, uint32_t device);

/* ---- ops ---- */
void push_begin(struct push *push);
void push_end(struct push *push);
/* Appends an op to the phone's log and to the push; gives the command to change before its bytes
 * are made final by push_seal. */
struct bh_command *push_report(
	struct kit *kit, struct push *push, struct phone *phone, const char *text);
struct bh_command *push_op(struct kit *kit, struct push *push, struct phone *phone,
	enum bh_verb verb, uint64_t case_number, const char *text);
/* The last op again, with what a test changed in the command: header, content, link. */
void push_seal(struct kit *kit, struct push *push, struct phone *phone);
/* Runs it alone; the run itself must succeed.  Gives job.err. */
int push_run(struct kit *kit, struct push *push);

/* A person's command about a case. */
struct bh_command kit_desk(enum bh_verb verb, uint32_t person, uint64_t number, const char *text);
struct bh_outcome kit_run(struct kit *kit, struct bh_command *command);
/* One report, pushed and accepted: its number. */
uint64_t kit_report(struct kit *kit, struct phone *phone, const char *text);
size_t kit_tick(struct kit *kit);
struct bh_case kit_case(struct kit *kit, uint64_t number);
/* What is done is looked at by a worker of its grid, who finds it well. */
void kit_check(struct kit *kit, uint64_t number);
/* Copies the live file and verifies the copy; the code of bh_store_verify. */
int kit_verify(struct kit *kit, struct bh_verify_report *report);
/* A connection that no store knows about, for what only a test may do to a file. */
void kit_sql(struct kit *kit, const char *path, const char *sql);
/* For kit_sql: what a program of an earlier schema left, no tables of what came after. */
#define KIT_SCHEMA_4 "DROP INDEX desk_key_made; PRAGMA user_version=4;"
#define KIT_SCHEMA_3                                                                           \
	KIT_SCHEMA_4                                                                           \
	"DROP TABLE task; DROP TABLE dossier; DROP TABLE mediation; DROP TABLE returned; "     \
	"DROP TABLE handover; DROP TABLE orders; DROP TABLE rating; DROP TABLE rating_token; " \
	"DROP TABLE roster; DROP TABLE echo; DROP TABLE placed; DROP TABLE log_floor; "        \
	"DROP INDEX cases_alarm; DROP "                                                        \
	"INDEX cases_rest; DROP INDEX notice_taken; DROP INDEX notice_case; "                  \
	"DROP INDEX service_grid; DROP INDEX notice_calls; "                                   \
	"CREATE INDEX cases_clock ON cases(next_ms) WHERE next_ms <> 0; "                      \
	"CREATE INDEX notice_open ON notice(person, number) WHERE state < 3; "                 \
	"CREATE UNIQUE INDEX notice_of ON notice(position, person, kind); "                    \
	"PRAGMA user_version=3;"
#define KIT_SCHEMA_2                                                                        \
	KIT_SCHEMA_3                                                                        \
	"DROP TABLE merged; DROP TABLE notice; DROP INDEX device_person; DROP TABLE "       \
	"service; "                                                                         \
	"DROP TABLE patrol; DROP TABLE patrol_plan; DROP TABLE party; DROP TABLE guarded; " \
	"DROP TABLE opening; DROP TABLE erasure; DROP TABLE case_key; PRAGMA user_version=2;"

#endif
