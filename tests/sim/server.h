/* The simulated server: its disk and clock, the real writer, reader and hub, and the process that
 * holds them, which can end at any moment. */
#ifndef BH_TESTS_SIM_SERVER_H
#define BH_TESTS_SIM_SERVER_H

#include "tests/sim/run.h"

struct bh_command;
struct bh_outcome;
struct bh_store_reader;
struct bh_writer;

/* An empty machine, with a district created and started.  Asserts on failure. */
struct bh_simserver *bh_simserver_make(struct bh_simrun *run);
void bh_simserver_free(struct bh_simserver *server);

void bh_simserver_news(struct bh_simserver *server, const struct bh_simnet_news *news);
void bh_simserver_event(struct bh_simserver *server, const struct bh_simevent *event);

/* The end of the process: killed, or the power fails; it starts again after back_after_ms. */
void bh_simserver_down(struct bh_simserver *server, bool power, int64_t back_after_ms);
/* Begins a backup of the district; it replaces the last one when it is whole. */
void bh_simserver_backup(struct bh_simserver *server);
/* The last backup becomes the district again; false: there is none, or not just now. */
bool bh_simserver_back(struct bh_simserver *server);
bool bh_simserver_is_up(const struct bh_simserver *server);
void bh_simserver_clock(struct bh_simserver *server, int64_t skew_ms); /* sets its wall clock */
int64_t bh_simserver_skew(const struct bh_simserver *server);
bool bh_simserver_clock_is_doubted(struct bh_simserver *server);
/* The next groups wait so long before they run. */
void bh_simserver_slow(struct bh_simserver *server, int64_t ms);
/* So long after a commit the sessions hear of it; 0: as usual. */
void bh_simserver_hand_over_slowly(struct bh_simserver *server, int64_t ms);
struct bh_simvfs *bh_simserver_disk(struct bh_simserver *server);
int64_t bh_simserver_district_ms(struct bh_simserver *server); /* 0: it is down */
/* The dispatch queue is empty, as far as the process knows. */
bool bh_simserver_queue_is_empty(struct bh_simserver *server);

/* Queues a command; done is told its outcome (err not 0: nothing of it was taken), or that the
 * process ended first (outcome NULL: it may have happened or not).  command and what it points to
 * belong to the caller until then. */
typedef void bh_simserver_done(
	void *context, struct bh_command *command, const struct bh_outcome *outcome);
bool bh_simserver_submit(struct bh_simserver *server, struct bh_command *command,
	bh_simserver_done *done, void *context);
/* A file that a desk brings, whose room was granted: written and durable.  False: not this time. */
bool bh_simserver_file(struct bh_simserver *server, const uint8_t hash[BH_HASH_BYTES]);
/* Its process: another number each time that it starts. */
uint64_t bh_simserver_life(const struct bh_simserver *server);
/* Takes a handset's bundle in, and gives the answer where there is one; person: who brings it, 0:
 * the operator; why (may be NULL): what it was refused for, "" where it was not.  False: not now.
 */
bool bh_simserver_bring(struct bh_simserver *server, const struct bh_simwritten *written,
	uint32_t person, const struct bh_buf *file, struct bh_buf *answer, const char **why);
/* What handsets pin of its CA's key. */
void bh_simserver_pin(const struct bh_simserver *server, uint8_t out[BH_PIN_BYTES]);
/* NULL while it is down. */
struct bh_store_reader *bh_simserver_reader(struct bh_simserver *server);

#endif
