/* What handsets carry here lies in a folder of its own, a real one, and is taken in by the same way
 * as a stick, a while after it is whole.
 *
 *   parts ──▶ whole ──▶ (a while) ──▶ is what it is called? ──▶ taken in ──▶ its answer, or why not
 *                                        └─ no: gone, and asked for again
 *
 * The power may fail before, and between taking in and saying so.  Times of files are virtual. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/cargo_part.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone.h"
#include "tests/sim/server_state.h"

#define FILE_BYTES_MAX (64u << 20)
#define TAKE_MS_MIN 200
#define TAKE_MS_MAX (10 * BH_SIM_MINUTE)
#define AGAIN_MS BH_SIM_MINUTE
#define POWER_PPM 120000u     /* fails before it is looked at */
#define POWER_LATE_PPM 60000u /* ... and after it was taken in, and before that is said */
#define DEVICE_CHARS 9u       /* of a name, before the hash */
#define FAILS_PPM 10000u
#define TORN_PPM 500000u
#define BACK_MS_MAX (10 * BH_SIM_MINUTE)

/* ---- The folder ---- */

static void folder_path(const struct bh_simserver *server, const char *name, char out[512])
{
	int n = snprintf(out, 512, "%s/" BH_SIMDEPOT_INSIDE "/%s", server->depot, name);

	bh_assert(n > 0 && n < 512);
}

/* In the order of their names. */
static void each_file(struct bh_simserver *server,
	void (*visit)(struct bh_simserver *server, const char *name, const char *path))
{
	struct dirent **files = NULL;
	char path[512];

	folder_path(server, "", path);
	int count = scandir(path, &files, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		folder_path(server, files[i]->d_name, path);
		if (files[i]->d_name[0] != '.')
			visit(server, files[i]->d_name, path);
		free(files[i]);
	}
	free(files);
}

/* It comes again, if its carrier still believes that it is sound. */
static void harm_note(struct bh_simserver *server, const char *name)
{
	char hex[2 * BH_HASH_BYTES + 1] = "";
	uint8_t hash[BH_HASH_BYTES];
	struct bh_simcarriage *carriage = NULL;

	if (strlen(name) > DEVICE_CHARS + sizeof(hex))
		memcpy(hex, name + DEVICE_CHARS, sizeof(hex) - 1);
	if (bh_hex_parse(hex, hash, sizeof(hash)) == 0)
		carriage = bh_simcarriage_find(server->run, hash);
	if (carriage != NULL)
		carriage->torn++;
}

static void file_drop(struct bh_simserver *server, const char *name, const char *path)
{
	harm_note(server, name);
	bh_assert(unlink(path) == 0);
}

void bh_simserver_cargo_lose(struct bh_simserver *server)
{
	each_file(server, file_drop);
}

void bh_simserver_cargo_make(struct bh_simserver *server)
{
	bh_simdepot_make(server->depot);
	server->carts = bh_simrng_fork(&server->run->rng, "carts", 0);
}

void bh_simserver_cargo_free(struct bh_simserver *server)
{
	(void)server;
	bh_simdepot_remove();
}

/* ---- The process ---- */

static void take_plan(struct bh_simserver *server, int64_t least_ms, int64_t most_ms)
{
	if (server->cargo_planned)
		return;
	server->cargo_planned = true;
	bh_simrun_after(server->run, bh_simrng_tail(&server->carts, least_ms, most_ms),
		BH_SIMKIND_SERVER_CARGO, 0, 0, server->life);
}

static void is_whole(void *context)
{
	take_plan(context, TAKE_MS_MIN, TAKE_MS_MAX);
}

int bh_simserver_cargo_open(struct bh_simserver *server)
{
	struct bh_store_options options = {.blob_reserve_bytes = 1};
	struct bh_cargo_found found;
	char path[512];

	int n = snprintf(path, sizeof(path), "%s/district.db", server->depot);
	bh_assert(n > 0 && (size_t)n < sizeof(path));
	options.path = path;
	int err = bh_cargo_open(&options, &server->cargo);
	if (err != 0)
		return err;
	bh_cargo_tell_whole(server->cargo, is_whole, server);
	bh_blob_files_carry(server->files, server->cargo);
	bh_cargo_collect(server->cargo, bh_simserver_now(server).wall_ms / 1000);
	server->cargo_planned = false;
	if (bh_cargo_next(server->cargo, NULL, &found) == 0)
		take_plan(server, TAKE_MS_MIN, TAKE_MS_MAX);
	return 0;
}

void bh_simserver_cargo_close(struct bh_simserver *server)
{
	bh_cargo_close(server->cargo);
	server->cargo = NULL;
}

/* A part of what nobody waited for is gone, or zeros. */
static void file_tear(struct bh_simserver *server, const char *path)
{
	struct stat st;

	bh_assert(stat(path, &st) == 0);
	uint64_t kept = bh_simrng_below(&server->carts, (uint64_t)st.st_size + 1);
	bool zeros = bh_simrng_chance(&server->carts, 500000);
	struct timespec times[2] = {st.st_atim, st.st_mtim};
	bh_assert(truncate(path, (off_t)kept) == 0);
	if (zeros)
		bh_assert(truncate(path, st.st_size) == 0);
	bh_assert(utimensat(AT_FDCWD, path, times, 0) == 0);
}

/* Answers are durable, their names are not. */
static void file_crash(struct bh_simserver *server, const char *name, const char *path)
{
	bool durable = strstr(name, ".answer") != NULL || strstr(name, ".refused") != NULL;

	if (!bh_simrng_chance(&server->carts, TORN_PPM))
		return;
	if (durable || bh_simrng_chance(&server->carts, 200000))
		bh_assert(unlink(path) == 0);
	else
		file_tear(server, path);
	harm_note(server, name);
	server->run->tally.cargo_torn++;
}

void bh_simserver_cargo_crash(struct bh_simserver *server)
{
	each_file(server, file_crash);
}

/* ---- Parts ---- */

static void file_time(struct bh_simserver *server, const char *name)
{
	static const char *const ends[] = {".part", ".bundle", ".answer", ".refused"};
	time_t now_s = (time_t)(bh_simserver_now(server).wall_ms / 1000);
	const struct timespec times[2] = {{.tv_sec = now_s}, {.tv_sec = now_s}};
	char path[BH_BLOB_JOB_PATH_MAX];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		bh_cargo_path(server->cargo, name, ends[i], path);
		(void)utimensat(AT_FDCWD, path, times, 0);
	}
}

void bh_simserver_cargo_run(struct bh_simserver *server, struct bh_blob_job *job)
{
	char name[BH_CARGO_NAME_BYTES];
	bool short_of_room = bh_simvfs_is_short(server->disk);

	if (!server->run->healing && bh_simrng_chance(&server->carts, FAILS_PPM)) {
		job->err = BH_ERR_IO;
		return;
	}
	server->cargo->reserve_bytes = short_of_room ? UINT64_MAX / 2 : 1;
	bh_blob_files_run(server->files, job);
	server->run->tally.cargo_late += short_of_room && job->err == BH_ERR_FULL;
	bh_cargo_name(job->device, job->hash, name);
	if (job->data.len > 0 && job->err == 0 && job->found != BH_BLOB_WHOLE)
		file_time(server, name);
}

/* ---- Taking in ---- */

static void file_read(const char *path, struct bh_buf *out)
{
	struct stat st;
	uint8_t *at = NULL;
	FILE *file = fopen(path, "rb");

	bh_assert(file != NULL && fstat(fileno(file), &st) == 0);
	bh_assert(bh_buf_reserve(out, (size_t)st.st_size, &at) == 0);
	bh_assert(fread(at, 1, (size_t)st.st_size, file) == (size_t)st.st_size);
	out->len = (size_t)st.st_size;
	(void)fclose(file);
}

/* False: the process has ended, or it is not taken in just now. */
static bool bring(struct bh_simserver *server, const struct bh_cargo_found *found,
	struct bh_simcarriage *carriage, struct bh_buf *file, struct bh_buf *answer)
{
	struct bh_device carrier = {0};
	const char *why = "";

	if (bh_reader_device(server->reader, found->device, &carrier) != 0)
		carrier.person = 0;
	if (bh_simserver_has_died(server) ||
		!bh_simserver_bring(server, &carriage->written, carrier.person, file, answer, &why))
		return false;
	carriage->refused = why;
	server->run->tally.cargo_taken++;
	bh_simtrace_say(&server->run->trace, bh_simrun_now(server->run),
		"server: of handset %u, carried by device %u", carriage->written.phone,
		found->device);
	if (!server->run->healing && bh_simrng_chance(&server->carts, POWER_LATE_PPM))
		bh_simserver_down(
			server, true, bh_simrng_tail(&server->carts, BH_SIM_SECOND, BACK_MS_MAX));
	if (!server->up)
		return false;
	bh_assert(bh_cargo_done(server->cargo, found, bh_buf_span(answer),
			  why[0] != '\0' ? why : NULL) == 0);
	file_time(server, found->name);
	return true;
}

/* As carrier.c does it. */
static bool found_take(struct bh_simserver *server, const struct bh_cargo_found *found)
{
	struct bh_simcarriage *carriage = bh_simcarriage_find(server->run, found->hash);
	struct bh_buf file = BH_BUF(FILE_BYTES_MAX), answer = BH_BUF(FILE_BYTES_MAX);
	int err = bh_cargo_verify(found);

	if (err == BH_ERR_AUTH) {
		bh_assert(bh_cargo_done(server->cargo, found, bh_span(NULL, 0), NULL) == 0);
		server->run->tally.cargo_again++;
		return true;
	}
	bh_assert(err == 0);
	if (carriage == NULL)
		bh_simrun_fail(
			server->run, "I14", "device %u carries what nobody wrote", found->device);
	file_read(found->path, &file);
	bool done = bring(server, found, carriage, &file, &answer);
	bh_buf_free(&file);
	bh_buf_free(&answer);
	return done;
}

void bh_simserver_cargo(struct bh_simserver *server)
{
	const struct bh_cargo_found *after = NULL;
	struct bh_cargo_found found;

	server->cargo_planned = false;
	if (!server->run->healing && bh_simrng_chance(&server->carts, POWER_PPM)) {
		bh_simserver_down(
			server, true, bh_simrng_tail(&server->carts, BH_SIM_SECOND, BACK_MS_MAX));
		return;
	}
	while (server->up && bh_cargo_next(server->cargo, after, &found) == 0)
		if (!found_take(server, &found))
			after = &found;
	if (server->up && after != NULL)
		take_plan(server, AGAIN_MS, AGAIN_MS + BH_SIM_SECOND);
}
