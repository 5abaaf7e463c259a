/* What the files of the simulated server share. */
#ifndef BH_TESTS_SIM_SERVER_STATE_H
#define BH_TESTS_SIM_SERVER_STATE_H

#include "proto/pack.h"
#include "server/store/blob_files.h"
#include "server/sync/session.h"
#include "tests/sim/depot.h"
#include "tests/sim/server.h"

#define BH_SIMSERVER_PATH "/district/district.db"
#define BH_SIMSERVER_KEPT "/330106.kept"
#define BH_SIMSERVER_LOST_MAX 12u /* restores that skip numbers: the judge has so much room */
#define BH_SIMSERVER_LINKS_MAX 256u
#define BH_SIMSERVER_JOBS_MAX 256u

struct bh_simlink {
	uint32_t conn; /* 0: free */
	struct bh_session *session;
	struct bh_buf sent; /* what left and is not a whole frame yet, for the judge */
	bool reset;         /* its stream is cut: no more frames are read from it */
};

/* A job that waits for its group: a session's, or one of the desk. */
struct bh_simjob {
	struct bh_job *job;
	bool own; /* desk's: the next four hold */
	struct bh_job body;
	struct bh_outcome outcome;
	struct bh_command *command;
	bh_simserver_done *done;
	void *context;
};

/* What a run made worth telling, on its way from the writer's thread to the loop's. */
struct bh_simtelling {
	bool under_way;
	struct bh_simjob *jobs[BH_SIMSERVER_JOBS_MAX];
	size_t jobs_count;
	struct bh_wakes wakes; /* its arrays are ours */
};

struct bh_simserver {
	struct bh_simrun *run;
	struct bh_simrng rng;    /* its delays */
	struct bh_simrng chance; /* its randomness */
	struct bh_simvfs *disk;
	struct bh_packer *packer;
	struct bh_hasher *hasher;
	struct bh_key *ca;
	struct bh_key *bundle_key;
	struct bh_writer *writer; /* NULL: down */
	struct bh_store_reader *reader;
	struct bh_store_reader *witness; /* the judge's and the desk's */
	struct bh_hub *hub;
	struct bh_blob_files *files;
	struct bh_simship *ship; /* NULL: nothing was shipped yet */
	struct bh_simvfs *place; /* where the last backup lies; NULL: there was none */
	struct bh_simvfs *album; /* photos that were shipped and went with their disk, or NULL */
	bool backed_up;
	int64_t backed_up_at_ms; /* virtual */
	bool copying;
	bool photos;                     /* somebody sent one, in this life or another */
	struct bh_blob_job *blobs_first; /* with the thread that reads and writes photos */
	struct bh_blob_job *blobs_last;
	bool blob_planned;
	bool blob_ran; /* the first of them: it is on its way back */
	/* ---- server_cargo.c ---- */
	char depot[BH_SIMDEPOT_BYTES]; /* a real folder */
	struct bh_cargo_files *cargo;
	struct bh_simrng carts; /* what happens to what was carried here */
	bool cargo_planned;
	bool up;
	uint64_t life;
	uint64_t boot;
	int64_t boot_at_ms;
	int64_t skew_ms;
	int64_t slow_ms;
	int64_t hand_over_ms; /* more than usual from a commit to the sessions */
	int64_t down_at_ms;
	uint64_t tick_gen;
	int64_t tick_at_ms;
	bool run_planned;
	bool alarmed;
	struct bh_simlink links[BH_SIMSERVER_LINKS_MAX];
	struct bh_simjob *jobs[BH_SIMSERVER_JOBS_MAX];
	size_t jobs_count;
	struct bh_simtelling telling;
};

struct bh_now bh_simserver_now(const struct bh_simserver *server);
int64_t bh_simserver_time(struct bh_simserver *server);
/* True when the disk stopped inside a call: the process is ended here, nothing more leaves. */
bool bh_simserver_has_died(struct bh_simserver *server);
/* After every event: jobs, output, wake-up. */
void bh_simserver_settle(struct bh_simserver *server);
/* A code after which the process must end. */
void bh_simserver_give_up(struct bh_simserver *server, int err);

/* ---- server_link.c ---- */
void bh_simserver_flush(struct bh_simserver *server);
void bh_simserver_links_drop(struct bh_simserver *server); /* the process is gone */
int64_t bh_simserver_links_wake_mono_ms(const struct bh_simserver *server);
void bh_simserver_links_tick(struct bh_simserver *server);

/* ---- server_group.c ---- */
void bh_simserver_gather(struct bh_simserver *server);
void bh_simserver_group(struct bh_simserver *server);
void bh_simserver_tell(struct bh_simserver *server);
void bh_simserver_jobs_drop(struct bh_simserver *server);
/* The clock's turn. */
void bh_simserver_tick(struct bh_simserver *server);

/* ---- server_back.c ---- */
/* A backup goes on by a slice. */
void bh_simserver_copy_on(struct bh_simserver *server);

/* ---- server_ship.c ---- */
/* Another file of segments, up to a little before the journal's head. */
void bh_simserver_ship(struct bh_simserver *server);
void bh_simserver_ship_free(struct bh_simserver *server);
/* Whether the next restore goes on from the backup by segments. */
bool bh_simserver_ship_chosen(struct bh_simserver *server);
/* The backup's file lies there again and nobody has it open: it goes on, or shipping begins where
 * the two part. */
void bh_simserver_ship_back(
	struct bh_simserver *server, const struct bh_store_options *options, bool with);

/* ---- server_cargo.c ---- */
void bh_simserver_cargo_make(struct bh_simserver *server);
void bh_simserver_cargo_free(struct bh_simserver *server);
/* With the process, and what lies there is taken in after a while; the code of bh_cargo_open. */
int bh_simserver_cargo_open(struct bh_simserver *server);
void bh_simserver_cargo_close(struct bh_simserver *server);
/* The power fails: what nobody had made durable may be gone, or something else. */
void bh_simserver_cargo_crash(struct bh_simserver *server);
/* Another machine takes its place. */
void bh_simserver_cargo_lose(struct bh_simserver *server);
/* Runs a job of cargo. */
void bh_simserver_cargo_run(struct bh_simserver *server, struct bh_blob_job *job);
void bh_simserver_cargo(struct bh_simserver *server);

/* ---- server_blob.c ---- */
void bh_simserver_blobs_take(struct bh_simserver *server);
void bh_simserver_blob(struct bh_simserver *server);
void bh_simserver_blobs_drop(struct bh_simserver *server);
/* What nobody goes on with, once there was any. */
void bh_simserver_blobs_collect(struct bh_simserver *server);

#endif
