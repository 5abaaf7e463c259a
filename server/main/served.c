/*
 * Opening: keys are checked, the writer recovers its file, the main loop and every handset loop get
 * a reader of their own; only then is the district worth announcing.  Creating makes the folder,
 * then keys, then the file under another name, which it loses when it is whole: a folder without a
 * file is not a district, and creating again goes on from there.  Closing stops the writer first,
 * so that whatever was submitted is answered or durable.
 */
#include "server/main/served.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/carrier.h"
#include "server/main/log.h"
#include "server/main/noticing.h"
#include "server/main/sealing.h"
#include "server/main/shipping.h"
#include "server/store/find.h"

#define PINS_BYTES_MAX 256u

static int paths_set(
	struct bh_served *served, const struct bh_served_options *options, const char *code)
{
	if (!bh_district_code_valid(code))
		return BH_ERR_INVALID;
	(void)snprintf(served->code, sizeof(served->code), "%s", code);
	int n = snprintf(served->folder, sizeof(served->folder), "%s/%s", options->data, code);
	if (n < 0 || (size_t)n >= sizeof(served->folder))
		return BH_ERR_LIMIT;
	(void)snprintf(served->path, sizeof(served->path), "%s/district.db", served->folder);
	(void)snprintf(served->kept, sizeof(served->kept), "%s.kept", served->folder);
	served->store = (struct bh_store_options){.path = served->path,
		.kept_path = served->kept,
		.rng = bh_rng_system(),
		.boot = options->boot,
		.ballast_bytes = BH_BALLAST_BYTES,
		.upload_bytes_max = options->upload_bytes_max,
		.blob_bytes_max = options->blob_bytes_max,
		.due_divisor = options->due_divisor};
	return BH_NOERR;
}

/* Nothing of a file that is being made, or was by a creation that was cut short. */
static void making_remove(const char *making)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-lock"};
	char path[512];
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int n = snprintf(path, sizeof(path), "%s%s", making, ends[i]);
		if (n > 0 && (size_t)n < sizeof(path))
			(void)unlink(path);
	}
}

/* The file gets its name when it is whole: a creation that a full disk or a power cut ended leaves
 * no district that could not be served. */
static int file_make(const struct bh_served *paths, const char *code,
	const struct bh_caller_key *key, struct bh_now now)
{
	char making[420];
	struct bh_store_options store = paths->store;
	int n = snprintf(making, sizeof(making), "%s/district.new", paths->folder);
	if (n < 0 || (size_t)n >= sizeof(making))
		return BH_ERR_LIMIT;
	making_remove(making);
	store.path = making;
	int err = bh_store_create_keyed(&store, code, now, key);
	if (!err && rename(making, paths->path) != 0)
		err = BH_ERR_IO;
	making_remove(making); /* its log of writes was moved into it and is empty of meaning */
	return err ? err : bh_folder_sync(paths->folder);
}

int bh_served_create(const struct bh_served_options *options, const char *code,
	const struct bh_caller_key *key, const char **detail)
{
	struct bh_served paths = {0};
	struct stat st;
	struct bh_now now = options->clock.now(options->clock.context);
	int err = paths_set(&paths, options, code);
	if (err) {
		*detail = "a district's code is 1 to 12 of 0-9, a-z and -";
		return err;
	}
	if (stat(paths.path, &st) == 0) {
		*detail = "this district exists";
		return BH_ERR_EXISTS;
	}
	if (mkdir(paths.folder, 0700) != 0 && errno != EEXIST) {
		*detail = "its folder cannot be made";
		return BH_ERR_IO;
	}
	err = bh_district_keys_create(paths.folder, code, now.wall_ms);
	if (err == BH_ERR_EXISTS)
		err = BH_NOERR; /* left by a creation that was interrupted after its keys */
	if (err) {
		*detail = "its keys cannot be made";
		return err;
	}
	err = file_make(&paths, code, key, now);
	if (!err) /* its folder's own name, without which a power cut takes all of it */
		err = bh_folder_sync(options->data);
	if (err)
		*detail = "its file cannot be made";
	return err;
}

/* ---- Opening ---- */

static void on_woke(void *context, const struct bh_wakes *wakes)
{
	struct bh_served *served = context;
	for (size_t i = 0; i < served->seats_count; i++)
		bh_seat_post_wakes(served->seats[i], wakes);
	if (wakes->photos_gone)
		bh_blob_loop_collect(served->blobs);
	if (served->ship)
		bh_ship_loop_ring(served->ship);
	if (served->notify)
		bh_notify_ring(served->notify);
}

static void on_fatal(void *context, int err)
{
	struct bh_served *served = context;
	served->fatal(served->context, served->code, err);
}

static void on_ballast(void *context, enum bh_ballast_state state)
{
	const struct bh_served *served = context;
	unsigned mib = BH_BALLAST_BYTES >> 20;
	if (state == BH_BALLAST_RELEASED)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"the disk is full: its ballast of %u MiB was given up, make room", mib);
	else if (state == BH_BALLAST_MISSING)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"no room or no permission for a ballast of %u MiB beside its file", mib);
	else if (state == BH_BALLAST_LAID)
		bh_log(BH_LOG_INFO, served->code, 0, "its ballast of %u MiB is laid again", mib);
}

static void on_said(void *context, uint32_t device, const char *line)
{
	const struct bh_served *served = context;
	if (device && strncmp(line, "device ", 7) == 0)
		bh_log(BH_LOG_INFO, served->code, device, "%s", line);
	else if (device)
		bh_log(BH_LOG_INFO, served->code, device, "device %u: %s", device, line);
	else
		bh_log(BH_LOG_INFO, served->code, 0, "a handset before its proof: %s", line);
}

static int seats_open(struct bh_served *served, const struct bh_served_options *options)
{
	for (size_t i = 0; i < options->loops_count; i++) {
		struct bh_seat_options seat = {.loop = options->loops[i],
			.desk = &options->desks[i],
			.writer = served->writer,
			.blobs = served->blobs,
			.store = &served->store,
			.clock = options->clock,
			.mac_key = bh_span(served->keys.mac, sizeof(served->keys.mac)),
			.ca_key = served->keys.ca,
			.bundle_key = served->keys.bundle[0],
			.pins = served->has_pins ? &served->pins : NULL,
			.seats = served->seats,
			.seats_count = options->loops_count,
			.claims = &served->claims,
			.said = on_said,
			.context = served};
		int err = bh_seat_new(&seat, &served->seats[i]);
		if (err)
			return err;
		served->seats_count++;
	}
	return BH_NOERR;
}

/* The CA's key says which one comes after it. */
static int pins_sign(struct bh_served *served)
{
	struct bh_buf message = BH_BUF(PINS_BYTES_MAX);
	const struct bh_district_keys *keys = &served->keys;
	memcpy(served->store_pins.ca, keys->pin, BH_PIN_BYTES);
	memcpy(served->store_pins.backup, keys->backup_pin, BH_PIN_BYTES);
	memcpy(served->pins.backup, keys->backup_pin, BH_PIN_BYTES);
	served->has_pins = memcmp(keys->pin, keys->backup_pin, BH_PIN_BYTES) != 0;
	served->store.pins = &served->store_pins;
	int err = bh_pins_message(&message, served->code, keys->backup_pin);
	if (!err)
		err = bh_key_sign(keys->ca, bh_buf_span(&message), served->pins.signature);
	bh_buf_free(&message);
	return err;
}

/* Keys are told by their file's name; an operator has to be told what is wrong with it, too. */
static int keys_load(struct bh_served *served, const char **detail)
{
	int err = bh_district_keys_load(served->folder, &served->keys, detail);
	if (err == BH_NOERR && served->keys.bundle_made)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"keys/bundle.key was not there: another one was made, and handsets are "
			"told of it; bundles sealed for one that is lost can never be opened");
	if (err == BH_NOERR)
		return pins_sign(served);
	if (err == BH_ERR_NOMEM)
		return err;
	bh_log(BH_LOG_ERROR, served->code, 0, "%s %s", *detail,
		err == BH_ERR_AUTH        ? "can be read by others: chmod 600 it"
		: err == BH_ERR_NOT_FOUND ? "is not there"
		: err == BH_ERR_IO        ? "cannot be read"
		: err == BH_ERR_LIMIT     ? "are too many: move the oldest away"
					  : "does not hold a key");
	*detail = "its keys cannot be used";
	return err == BH_ERR_IO ? err : BH_ERR_AUTH;
}

static int secrets_load(
	struct bh_served *served, const struct bh_served_options *options, const char **detail)
{
	int err = keys_load(served, detail);
	return err ? err : bh_sealing_open(served, options, detail);
}

static uint64_t file_bytes(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

bool bh_served_has_copy_room(const struct bh_served *served, const char *folder)
{
	struct statvfs disk;
	char log[420];
	(void)snprintf(log, sizeof(log), "%s-wal", served->path);
	uint64_t needed = file_bytes(served->path) + file_bytes(log) + BH_BALLAST_BYTES;
	return statvfs(folder, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize >= needed;
}

/* As large as the district, and nobody's: the process that made it was killed. */
static void copy_remove(const struct bh_served *served)
{
	static const char *const names[] = {BH_VERIFY_COPY, BH_VERIFY_COPY "-journal"};
	char path[400];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", served->folder, names[i]);
		(void)unlink(path);
	}
}

/* A kept file that does not hold is named with its line. */
static int writer_new(struct bh_served *served, struct bh_clock clock, const char **detail)
{
	char text[500];
	const struct bh_writer_events events = {served, on_woke, on_fatal, on_ballast};
	int err = bh_writer_loop_new(&served->store, clock, &events, &served->writer, detail);
	if (err == BH_ERR_CORRUPT && bh_store_kept_fault(&served->store, served->code, text,
					     sizeof(text)) == BH_ERR_CORRUPT)
		bh_log(BH_LOG_ERROR, served->code, 0, "%s", text);
	return err;
}

static void kept_look(const struct bh_served *served)
{
	struct bh_writer_counts counts;
	bh_writer_loop_counts(served->writer, &counts);
	if (counts.kept_bytes > counts.kept_bytes_max / 100 * BH_KEPT_ALARM_PERCENT)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"%s has %" PRIu64 " of the %" PRIu64
			" bytes that it may have: find the handset that begins logs",
			served->kept, counts.kept_bytes, counts.kept_bytes_max);
}

static int files_open(struct bh_served *served, struct bh_clock clock, const char **detail)
{
	int err = bh_blob_loop_new(&served->store, clock, served->writer, &served->blobs);
	if (err) {
		*detail = "its photos cannot be read";
		return err;
	}
	err = bh_carrier_new(served, clock, &served->carrier);
	if (err)
		*detail = "what is carried to it cannot be kept";
	return err;
}

/* Segments to a second folder, notices to people. */
static int ways_out_open(
	struct bh_served *served, const struct bh_served_options *options, const char **detail)
{
	int err = bh_shipping_open(served, options);
	if (err) {
		*detail = "its segments cannot be set up";
		return err;
	}
	return bh_noticing_open(served, options, detail);
}

int bh_served_open(const struct bh_served_options *options, const char *code,
	struct bh_served **out, const char **detail)
{
	struct bh_served *served = calloc(1, sizeof(*served));
	if (!served)
		return BH_ERR_NOMEM;
	served->fatal = options->fatal;
	served->context = options->context;
	pthread_mutex_init(&served->bundle_lock, NULL);
	int err = paths_set(served, options, code);
	if (!err)
		err = bh_district_find(options->data, code, detail);
	if (!err)
		err = secrets_load(served, options, detail);
	if (!err) {
		copy_remove(served);
		err = writer_new(served, options->clock, detail);
	}
	if (!err)
		kept_look(served);
	if (!err)
		err = files_open(served, options->clock, detail);
	if (!err && (err = bh_reader_open(&served->store, &served->reader)))
		*detail = "its file cannot be read";
	if (!err && (err = bh_blob_files_open(&served->store, &served->files)))
		*detail = "its photos cannot be read";
	if (!err)
		err = ways_out_open(served, options, detail);
	if (!err && (err = seats_open(served, options)))
		*detail = "its sessions cannot be set up";
	if (err) {
		bh_served_close(served);
		return err;
	}
	served->console.code = served->code;
	served->console.reader = served->reader;
	served->console.files = served->files;
	served->console.folder = served->folder;
	memcpy(served->console.pin, served->keys.pin, BH_PIN_BYTES);
	memcpy(served->console.backup_pin, served->keys.backup_pin, BH_PIN_BYTES);
	served->console.mac_key = bh_span(served->keys.mac, sizeof(served->keys.mac));
	*out = served;
	return BH_NOERR;
}

int bh_served_begin(struct bh_served *served)
{
	int err = bh_writer_loop_start(served->writer);
	if (!err)
		err = bh_blob_loop_start(served->blobs);
	if (!err)
		err = bh_carrier_start(served->carrier);
	if (!err && served->ship)
		err = bh_ship_loop_start(served->ship);
	if (!err && served->notify)
		err = bh_notify_start(served->notify);
	for (size_t i = 0; i < served->seats_count && !err; i++)
		bh_seat_begin(served->seats[i]);
	return err;
}

void bh_served_stop(struct bh_served *served)
{
	atomic_store(&served->closing, true);
	bh_blob_loop_stop(served->blobs);
	bh_notify_stop(served->notify);
	bh_writer_loop_stop(served->writer);
}

void bh_served_close(struct bh_served *served)
{
	if (!served)
		return;
	bh_served_stop(served);
	bh_notify_free(served->notify);
	served->notify = NULL;
	bh_carrier_free(served->carrier);
	bh_ship_loop_free(served->ship); /* what was committed last is shipped, too */
	for (size_t i = 0; i < served->seats_count; i++)
		bh_seat_free(served->seats[i]);
	bh_reader_close(served->reader);
	bh_blob_files_close(served->files);
	bh_blob_loop_free(served->blobs);
	bh_writer_loop_free(served->writer);
	bh_sealing_close(served);
	bh_district_keys_wipe(&served->keys);
	pthread_mutex_destroy(&served->bundle_lock);
	free(served);
}
