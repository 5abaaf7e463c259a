/* One case and its entries, as the store would keep them: gives commands to decide, writes what it
 * answers, and checks after every step what must hold of any step. */
#ifndef BH_TEST_DOCKET_H
#define BH_TEST_DOCKET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/decide.h"

#define BH_DOCKET_ENTRIES_MAX 384u
#define BH_DOCKET_DECISION_MAX 512u
#define BH_DOCKET_TASKS_MAX 256u
#define BH_DOCKET_MEDIATIONS_MAX 128u
#define BH_DOCKET_LOG 17u
#define BH_DOCKET_DEVICE 7u
/* Monday 2026-03-02, 09:00 in UTC+8: an hour into the working day. */
#define BH_DOCKET_START_MS INT64_C(1772413200000)
#define BH_MINUTES(n) ((int64_t)(n)*60000)
#define BH_HOURS(n) ((int64_t)(n)*3600000)

struct bh_docket {
	const struct bh_rules *rules;
	int64_t now_ms;
	bool punishes;
	bool device_live;
	enum bh_blob_standing blob; /* of the photo that a command of the store is about */
	const struct bh_case *main; /* of a merge */
	uint32_t merged;            /* ... how many are merged already */
	bool exists;
	bool consented;                /* a party of the case has given consent */
	uint32_t repeats;              /* cases at its place, itself included */
	struct bh_capture_floor floor; /* of an op */
	uint32_t holder;               /* whose handset an op comes from; 0: its author's */
	bool dues_checked;             /* off where rules change under the case */
	struct bh_case cased;
	struct bh_task tasks[BH_DOCKET_TASKS_MAX]; /* by ordinal - 1 */
	struct bh_mediation mediations[BH_DOCKET_MEDIATIONS_MAX];
	struct bh_verdict_on last;
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX];
	size_t changes_count;
	struct bh_entry entries[BH_DOCKET_ENTRIES_MAX];
	uint8_t decisions[BH_DOCKET_ENTRIES_MAX][BH_DOCKET_DECISION_MAX];
	size_t count; /* entries; positions are 1, 2, 3 ... */
	uint64_t seq;
};

/* A group's: its state is the demo district's rules. */
int bh_docket_rules_open(void **state);
int bh_docket_rules_close(void **state);

void bh_docket_open(struct bh_docket *docket, const struct bh_rules *rules);

/* Commands to start from. */
struct bh_command bh_docket_report(const struct bh_docket *docket, uint32_t type, uint32_t grid);
struct bh_command bh_docket_op(
	const struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text);
struct bh_command bh_docket_desk(
	const struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text);

/* Decides, journals, applies and checks.  The answer is docket->last, too. */
const struct bh_verdict_on *bh_docket_give(
	struct bh_docket *docket, const struct bh_command *command);
/* The case's open task of a kind, the last one; NULL: none. */
const struct bh_task *bh_docket_task(const struct bh_docket *docket, enum bh_task_kind kind);
/* The same, and it must have been accepted. */
void bh_docket_must(struct bh_docket *docket, const struct bh_command *command);
/* Refused without an entry (desk and clock), for this reason. */
void bh_docket_refused(
	struct bh_docket *docket, const struct bh_command *command, enum bh_reason reason);
/* A desk's command about the case, which must be accepted, or refused for this reason. */
void bh_docket_act(struct bh_docket *docket, enum bh_verb verb, uint32_t person, const char *text);
void bh_docket_act_refused(struct bh_docket *docket, enum bh_verb verb, uint32_t person,
	const char *text, enum bh_reason reason);
/* Runs the clock up to an instant as a driver does: sleeps until next_ms, then gives what is due
 * until nothing is.  Gives how many commands it gave. */
size_t bh_docket_run(struct bh_docket *docket, int64_t until_ms);
/* As after a downtime: nothing runs until then, and then everything that is due. */
size_t bh_docket_wake(struct bh_docket *docket, int64_t now_ms);
/* Left to the clock for so many days; where all that it still does is to call for a dispatch, for
 * no more than a few calls. */
void bh_docket_leave(struct bh_docket *docket, unsigned days);

/* Short roads to where a test begins: a litter report of grid 1111's worker, dispatched to its unit
 * ... */
void bh_docket_to_received(struct bh_docket *docket, uint32_t type, uint32_t grid);
void bh_docket_to_dispatched(struct bh_docket *docket, uint32_t type, uint32_t grid);
void bh_docket_to_handling(struct bh_docket *docket, uint32_t type, uint32_t grid);
/* ... and, of a dispute, mediated without success, so that it may be finished. */
void bh_docket_mediated(struct bh_docket *docket);
void bh_docket_to_done(struct bh_docket *docket, uint32_t type, uint32_t grid);
/* What is done is looked at, and does. */
void bh_docket_to_checked(struct bh_docket *docket);
/* Others come into force under the case. */
void bh_docket_rules_change(struct bh_docket *docket, const struct bh_rules *rules);

#endif
