/* Who looks on and says when an invariant of faults.md does not hold. */
#ifndef BH_TESTS_SIM_JUDGE_H
#define BH_TESTS_SIM_JUDGE_H

#include "tests/sim/run.h"

struct bh_blob_job;
struct bh_job;
struct bh_store_reader;

struct bh_simjudge *bh_simjudge_make(struct bh_simrun *run);
void bh_simjudge_free(struct bh_simjudge *judge);

/* ---- the server's side ---- */
/* A group was committed: follows the journal. */
void bh_simjudge_committed(struct bh_simjudge *judge, struct bh_store_reader *reader);
/* A job ran and its outcomes are said to be durable. */
void bh_simjudge_job(struct bh_simjudge *judge, const struct bh_job *job);
/* A job of photos ran, and the process lived. */
void bh_simjudge_blob(struct bh_simjudge *judge, const struct bh_blob_job *job);
/* A part of cargo is let in, and the sessions know of everything that was committed. */
void bh_simjudge_cargo(struct bh_simjudge *judge, uint32_t device);
/* The process started again: nothing committed may be gone. */
void bh_simjudge_started(struct bh_simjudge *judge, struct bh_store_reader *reader);
/* Its last backup may be put back just now: each handset holds what it ever had acknowledged, or
 * begins a new log before its next op. */
bool bh_simjudge_may_go_back(const struct bh_simjudge *judge);
/* The backup's files are the district's now; the process has ended and not started again. */
void bh_simjudge_put_back(struct bh_simjudge *judge);
/* District time went on. */
void bh_simjudge_time(struct bh_simjudge *judge, int64_t district_ms);
/* The wall clock was set, confirmed, or the process started: time may move otherwise. */
void bh_simjudge_time_anew(struct bh_simjudge *judge);
/* A frame leaves for a device (0: nothing proved yet). */
void bh_simjudge_frame(struct bh_simjudge *judge, uint32_t device, const uint8_t *body, size_t len);
bool bh_simjudge_is_cut_off(const struct bh_simjudge *judge, uint32_t device);

/* ---- the handsets' side ---- */
/* The server was put back beyond this epoch. */
bool bh_simjudge_has_gone_beyond(const struct bh_simjudge *judge, uint64_t epoch);
/* Whether the server, which was put back, has less of this log just now. */
bool bh_simjudge_lacks(
	const struct bh_simjudge *judge, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t acked_seq);
/* A handset looks at its log: head and acknowledged sequence. */
void bh_simjudge_log(struct bh_simjudge *judge, uint32_t phone,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t head_seq, uint64_t acked_seq);
/* Its own backup, with this log up to that sequence (NULL: with none), may be put back: ops that
 * the server does not have any more either would get numbers that were given out before. */
bool bh_simjudge_phone_may_go_back(
	const struct bh_simjudge *judge, const uint8_t *log_id, uint64_t head_seq);
/* ... and was. */
void bh_simjudge_log_forget(
	struct bh_simjudge *judge, uint32_t phone, const uint8_t *log_id, uint64_t head_seq);

/* Photos taken with it that the server does not have yet are there (I11). */
void bh_simjudge_phone_photos(struct bh_simjudge *judge, struct bh_simphone *phone);

/* ---- everything ---- */
/* Cursors against records, for one handset (I5). */
void bh_simjudge_phone(struct bh_simjudge *judge, struct bh_simphone *phone);
/* A desk is told that its order was refused. */
void bh_simjudge_refused(struct bh_simjudge *judge, uint64_t order);
/* Cases, dues and projections in full. */
void bh_simjudge_checkpoint(struct bh_simjudge *judge);
/* After the healing; why is set when something has not converged yet. */
bool bh_simjudge_has_converged(struct bh_simjudge *judge, char *why, size_t size);
/* The last word: everything, and the totals. */
void bh_simjudge_end(struct bh_simjudge *judge);

uint32_t bh_simjudge_open_cases(const struct bh_simjudge *judge);
/* A case's version as the journal has it; 0: no such case. */
uint64_t bh_simjudge_version(struct bh_simjudge *judge, uint64_t number);

#endif
