/* The running server: loops, districts, sockets, the administration interface and the metrics. */
#ifndef BH_MAIN_PROCESS_H
#define BH_MAIN_PROCESS_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/main/served.h"
#include "server/net/http.h"
#include "server/net/link.h"
#include "server/net/listener.h"

#define BH_DISTRICTS_MAX BH_TLS_DISTRICTS_MAX

struct bh_process {
	struct bh_config config;
	char config_path[256];
	struct bh_clock clock;
	uint64_t boot;
	int64_t started_mono_ms;
	struct bh_loop *main_loop;
	struct bh_loop *loops[BH_LOOPS_MAX]; /* handsets' */
	struct bh_desk_of_loop desks[BH_LOOPS_MAX];
	struct bh_links links[BH_LOOPS_MAX];
	struct bh_loop_seat {
		struct bh_process *process;
		size_t index;
	} loop_seats[BH_LOOPS_MAX];
	size_t loops_count;
	size_t next_loop; /* the next connection's */
	atomic_uint connections;
	struct bh_tls_door *door;
	struct bh_served *districts[BH_DISTRICTS_MAX];
	size_t districts_count;
	struct bh_listener *listener;
	uint16_t handset_port, metrics_port;
	struct bh_http *admin;
	struct bh_http *metrics;
	struct event *signals[4];
	struct event *beat; /* status and watchdog */
	bool admin_is_ours; /* its file is removed at the end */
	bool stopping;
	bool verifying; /* one at a time; its thread is joined by whoever ends it */
	bool verify_started;
	pthread_t verify_thread;
};

/* Brings everything up and runs until SIGTERM or SIGINT.  Gives the program's exit status
 * (experience.md 2): 0, 70, 74, 75, 78.  What goes wrong is logged. */
int bh_process_run(const struct bh_config *config, const char *config_path);

/* For admin.c and metrics.c. */
struct bh_served *bh_process_district(struct bh_process *process, const char *code);
int bh_process_serve(struct bh_process *process, const char *code, const char **detail);
int bh_process_create(struct bh_process *process, const char *code, const struct bh_caller_key *key,
	const char **detail);
/* All or nothing; what took effect and what waits for a restart as JSON in out, and in the log.
 * BH_ERR_INVALID: the configuration has faults, and out is an error that lists them; BH_ERR_NOMEM.
 */
int bh_process_reload(struct bh_process *process, struct bh_buf *out);
/* The sentence for systemctl status: districts, handsets, the shortest dispatch time left. */
void bh_process_sentence(struct bh_process *process, char *text, size_t size);

#endif
