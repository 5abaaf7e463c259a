/* Written at the end of a run, when everything has converged. */
#include "tests/sim/export.h"

#include <stdio.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/blob_files.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

#define PATH_BYTES 512
#define DISTRICT_PATH "/district/district.db"

static void file_write(
	const struct bh_simvfs *disk, const char *path, const char *folder, const char *name)
{
	static const char *const suffixes[] = {"", "-wal"};
	char from[BH_SIMVFS_PATH_BYTES_MAX], to[PATH_BYTES];

	for (size_t i = 0; i < 2; i++) {
		snprintf(from, sizeof(from), "%s%s", path, suffixes[i]);
		snprintf(to, sizeof(to), "%s/%s%s", folder, name, suffixes[i]);
		int rc = bh_simvfs_export(disk, from, to);
		bh_assert(rc == 0 || (rc == BH_ERR_NOT_FOUND && i == 1));
	}
}

static FILE *lines_open(const char *folder, const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *to = fopen(path, "w");
	bh_assert(to != NULL);
	return to;
}

static void truth_write(const struct bh_simrun *run, const char *folder)
{
	static const char *const fates[] = {"recorded", "maybe", "undone"};
	FILE *to = lines_open(folder, "truth.jsonl");

	for (size_t i = 0; i < run->truth.count; i++) {
		const struct bh_simop *op = &run->truth.ops[i];
		char log_id[2 * BH_LOG_ID_BYTES + 1], link[2 * BH_HASH_BYTES + 1];
		bh_hex_format(bh_span(op->log_id, BH_LOG_ID_BYTES), log_id);
		bh_hex_format(bh_span(op->link, BH_HASH_BYTES), link);
		fprintf(to,
			"{\"token\": %u, \"phone\": %u, \"person\": %u, \"verb\": %u, "
			"\"fate\": \"%s\", \"log_id\": \"%s\", \"seq\": %llu, \"link\": \"%s\", "
			"\"at_ms\": %lld, \"retired\": %s}\n",
			op->token, op->phone, op->person, op->verb, fates[op->fate], log_id,
			(unsigned long long)op->seq, link, (long long)op->at_ms,
			op->retired ? "true" : "false");
	}
	bh_assert(fclose(to) == 0);
}

static void blob_write(const struct bh_simrun *run, const struct bh_simphoto *photo,
	const char *folder, char hash[2 * BH_HASH_BYTES + 1])
{
	char from[BH_SIMVFS_PATH_BYTES_MAX], file[PATH_BYTES];

	bh_hex_format(bh_span(photo->hash, BH_HASH_BYTES), hash);
	bh_assert(bh_blob_path(DISTRICT_PATH, photo->hash, from, sizeof(from)) == 0);
	snprintf(file, sizeof(file), "%s/%s.jpg", folder, hash);
	int rc = bh_simvfs_export(bh_simserver_disk(run->server), from, file);
	bh_assert(rc == 0 || rc == BH_ERR_NOT_FOUND);
}

/* Each photo as an op names it, and the server's file of it, named by its hash; of desks' files
 * that alone. */
static void photos_write(const struct bh_simrun *run, const char *folder)
{
	FILE *to = lines_open(folder, "photos.jsonl");

	for (size_t i = 0; i < run->album.count; i++) {
		const struct bh_simphoto *photo = &run->album.photos[i];
		char hash[2 * BH_HASH_BYTES + 1];
		blob_write(run, photo, folder, hash);
		fprintf(to,
			"{\"hash\": \"%s\", \"size\": %u, \"kind\": %u, \"phone\": %u, \"op\": "
			"%zu, "
			"\"undone\": %s, \"lost\": %s}\n",
			hash, photo->size, photo->kind, photo->phone, photo->op,
			photo->undone ? "true" : "false",
			photo->lost || bh_simphone_forges(run->phones[photo->phone]) ? "true"
										     : "false");
	}
	for (size_t i = 0; i < run->files.count; i++) {
		char hash[2 * BH_HASH_BYTES + 1];
		blob_write(run, &run->files.photos[i], folder, hash);
	}
	bh_assert(fclose(to) == 0);
}

static void phones_write(const struct bh_simrun *run, const char *folder)
{
	FILE *to = lines_open(folder, "phones.jsonl");

	for (uint32_t i = 0; i < run->phones_count; i++) {
		struct bh_simphone *phone = run->phones[i];
		struct bh_simphone_log log = {0};
		char name[32], log_id[2 * BH_LOG_ID_BYTES + 1];
		(void)bh_simphone_log(phone, &log);
		bh_hex_format(bh_span(log.log_id, BH_LOG_ID_BYTES), log_id);
		fprintf(to,
			"{\"phone\": %u, \"device\": %u, \"person\": %u, \"doomed\": %s, "
			"\"log_id\": \"%s\", \"head_seq\": %llu, \"acked_seq\": %llu}\n",
			i, bh_simphone_device(phone), bh_simphone_person(phone),
			bh_simphone_is_doomed(phone) ? "true" : "false", log_id,
			(unsigned long long)log.head_seq, (unsigned long long)log.acked_seq);
		snprintf(name, sizeof(name), "phone-%u.db", i);
		file_write(bh_simphone_disk(phone), "/phone/bihuan.db", folder, name);
	}
	bh_assert(fclose(to) == 0);
}

void bh_simexport_write(struct bh_simrun *run, const char *folder)
{
	file_write(bh_simserver_disk(run->server), DISTRICT_PATH, folder, "district.db");
	truth_write(run, folder);
	photos_write(run, folder);
	phones_write(run, folder);
}
