/*
 * bh_bench_record STORE SEALED FOLDER SECONDS: on an enrolled handset's store, how many reports a
 * second bh_report_record makes durable, on a copy of it that is sealed, and beside durable one-row
 * inserts of the same size into a bare SQLite table in FOLDER; in turns of half a second each, so
 * that all see the same disk.  Prints record_per_s, raw_per_s, record_vs_raw_commit and
 * sealed_vs_open, and how many reports were recorded in the open one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bihuan.h>
#include <sqlite3.h>

#include "proto/clock.h"

#define TURN_MS 500
#define BODY_BYTES 300

static int64_t mono_ms(void)
{
	struct bh_clock clock = bh_clock_system();
	return clock.now(clock.context).mono_ms;
}

static int64_t record_turn(bh_client *client, int64_t *took)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	char text[200];
	int64_t count = 0, begun = mono_ms();
	while (mono_ms() - begun < TURN_MS) {
		(void)snprintf(text, sizeof(text),
			"测量用的报告 %" PRId64
			":人行道地砖松动,雨后积水,行人绕行机动车道,请安排人员尽快修复并回复结果。",
			count);
		input.text = text;
		input.type = 40001;
		input.has_place = 1;
		input.datum = BH_PLACE_WGS84;
		input.latitude_deg = 31.0;
		input.longitude_deg = 117.0;
		input.accuracy_m = 8;
		if (bh_report_record(client, &input, NULL, NULL) != BH_OK)
			return -1;
		count++;
	}
	*took += mono_ms() - begun;
	return count;
}

static int64_t raw_turn(sqlite3_stmt *insert, int64_t *took)
{
	char body[BODY_BYTES] = "raw";
	int64_t count = 0, begun = mono_ms();
	while (mono_ms() - begun < TURN_MS) {
		(void)sqlite3_bind_blob(insert, 1, body, sizeof(body), SQLITE_STATIC);
		if (sqlite3_step(insert) != SQLITE_DONE)
			return -1;
		(void)sqlite3_reset(insert);
		count++;
	}
	*took += mono_ms() - begun;
	return count;
}

static sqlite3_stmt *raw_open(const char *folder, sqlite3 **db)
{
	char path[600];
	sqlite3_stmt *insert = NULL;
	(void)snprintf(path, sizeof(path), "%s/raw.db", folder);
	if (sqlite3_open(path, db) != SQLITE_OK ||
		sqlite3_exec(*db,
			"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			"CREATE TABLE row(id INTEGER PRIMARY KEY, body BLOB)",
			NULL, NULL, NULL) != SQLITE_OK)
		return NULL;
	(void)sqlite3_prepare_v2(*db, "INSERT INTO row(body) VALUES(?1)", -1, &insert, NULL);
	return insert;
}

static int measure(bh_client *client, bh_client *sealed, sqlite3_stmt *insert, int64_t turns)
{
	int64_t recorded = 0, record_ms = 0, raw = 0, raw_ms = 0, hidden = 0, hidden_ms = 0;
	for (int64_t i = 0; i < turns; i++) {
		int64_t a = record_turn(client, &record_ms), b = raw_turn(insert, &raw_ms);
		int64_t c = record_turn(sealed, &hidden_ms);
		if (a < 0 || b < 0 || c < 0)
			return 74;
		recorded += a;
		raw += b;
		hidden += c;
	}
	double record_rate = (double)recorded * 1000.0 / (double)record_ms;
	double raw_rate = (double)raw * 1000.0 / (double)raw_ms;
	double hidden_rate = (double)hidden * 1000.0 / (double)hidden_ms;
	(void)printf("record_per_s=%.0f\nraw_per_s=%.0f\nrecord_vs_raw_commit=%.2f\n"
		     "sealed_vs_open=%.2f\nrecorded=%" PRId64 "\n",
		record_rate, raw_rate, record_rate / raw_rate, hidden_rate / record_rate, recorded);
	return 0;
}

static bh_client *store_open(const char *path, const uint8_t *key)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = NULL;
	bh_error error;
	options.store_path = path;
	options.drive = BH_DRIVE_HOST;
	options.app_key = key;
	if (bh_client_open(&options, &client, &error) != BH_OK)
		(void)fprintf(stderr, "%s: %s\n", path, error.message);
	return client;
}

int main(int argc, char **argv)
{
	static const uint8_t key[BH_APP_KEY_SIZE] = {1};
	sqlite3 *db = NULL;
	if (argc != 5)
		return 64;
	bh_client *client = store_open(argv[1], NULL), *sealed = store_open(argv[2], key);
	sqlite3_stmt *insert = raw_open(argv[3], &db);
	int status = client && sealed && insert
			     ? measure(client, sealed, insert, strtoll(argv[4], NULL, 10))
			     : 74;
	(void)sqlite3_finalize(insert);
	(void)sqlite3_close(db);
	bh_client_close(sealed);
	bh_client_close(client);
	return status;
}
