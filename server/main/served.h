/* One served district: its folder, keys, writer, and a seat on every loop. */
#ifndef BH_MAIN_SERVED_H
#define BH_MAIN_SERVED_H

#include <pthread.h>

#include "server/console/route.h"
#include "server/identity/keys.h"
#include "server/main/config.h"
#include "server/net/seat.h"
#include "server/net/ship_loop.h"
#include "server/notify/notify.h"

#define BH_VERIFY_COPY "verify.copy" /* in a district's folder, while it is verified */

struct bh_carrier;

struct bh_served {
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	char path[400]; /* of the database file */
	char folder[320];
	char kept[400]; /* what no restore rolls back (kept.h): beside the folder */
	struct bh_store_options store;
	struct bh_district_keys keys;
	struct bh_vault_keys vault_keys; /* of its sealed fields (sealing.h) */
	struct bh_store_pins store_pins; /* of the keys */
	struct bh_hub_pins pins;         /* what handsets are told of them; */
	bool has_pins;                   /* unless there is no key to come next */
	struct bh_writer_loop *writer;
	struct bh_blob_loop *blobs;
	struct bh_carrier *carrier;
	pthread_mutex_t bundle_lock; /* one bundle at a time is taken in, whoever brings it */
	struct bh_ship_loop *ship;   /* NULL: no second folder */
	struct bh_notify *notify;    /* NULL: nobody takes notices */
	struct bh_seat *seats[BH_LOOPS_MAX];
	size_t seats_count;
	atomic_uint_fast64_t claims;    /* of devices, at all seats */
	atomic_bool closing;            /* what is read of a bundle ends */
	struct bh_store_reader *reader; /* the main loop's */
	struct bh_blob_files *files;    /* likewise, only read through */
	struct bh_console_district console;
	void (*fatal)(void *context, const char *code, int err);
	void *context;
};

struct bh_served_options {
	const char *data; /* folder of districts */
	struct bh_clock clock;
	uint64_t boot;
	uint32_t due_divisor;
	uint64_t upload_bytes_max; /* 0: the store's own */
	uint64_t blob_bytes_max;
	const char *seal_command;        /* what gives the seal keys; "" or NULL: their files */
	const char *segments;            /* the second folder; "" or NULL: none */
	const struct bh_config *notices; /* what it says of them; NULL: nothing */
	struct bh_loop *const *loops;
	struct bh_desk_of_loop *desks; /* one a loop */
	size_t loops_count;
	/* On a writer's thread: the process must end, now. */
	void (*fatal)(void *context, const char *code, int err);
	void *context;
};

/* Makes folder, keys and file, which keeps the caller's key (may be NULL).  BH_ERR_INVALID (code),
 * BH_ERR_EXISTS, storage codes; *detail says more. */
int bh_served_create(const struct bh_served_options *options, const char *code,
	const struct bh_caller_key *key, const char **detail);
/* Is there room in a folder for a copy of the district, and for what the writer needs meanwhile? */
bool bh_served_has_copy_room(const struct bh_served *served, const char *folder);
/* Opens keys, writer (recovering), seats, and removes the copy of a verification that was killed;
 * nothing runs yet, so it may be closed again whether the
 * loops run or not.  Codes of what failed, *detail its clause. */
int bh_served_open(const struct bh_served_options *options, const char *code,
	struct bh_served **out, const char **detail);
/* Starts the writer's thread and the seats' clocks.  0 or BH_ERR_NOMEM (nothing has begun). */
int bh_served_begin(struct bh_served *served);
/* What was submitted is finished, and nothing more is taken; again is fine. */
void bh_served_stop(struct bh_served *served);
/* That first, then the rest.  Of one that has begun: after the
 * loops have ended. */
void bh_served_close(struct bh_served *served);

#endif
