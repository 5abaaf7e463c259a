/*
 * The districts of a process: every folder of the data folder that holds a district.db, and those
 * made while it runs. A storage state that is not known ends the process at once, without a word to
 * anybody who waits (architecture.md, decision 5).
 */
#include "server/main/districts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/domain/privacy.h"
#include "server/main/exits.h"
#include "server/main/log.h"
#include "server/store/find.h"

static void on_fatal(void *context, const char *code, int err)
{
	(void)context;
	bh_log(BH_LOG_ERROR, code, 0, "%s",
		err == BH_ERR_CORRUPT
			? "its file does not hold together: the process ends; keep the file and "
			  "restore a backup"
			: "what a commit came to is not known: the process ends without answering, "
			  "so that nothing unsure is promised; a restart resolves it");
	_exit(BH_EXIT_STORAGE);
}

static struct bh_served_options served_options(struct bh_process *process)
{
	return (struct bh_served_options){.data = process->config.data,
		.clock = process->clock,
		.boot = process->boot,
		.due_divisor = process->config.due_divisor,
		.upload_bytes_max = (uint64_t)process->config.photos_open_mib << 20,
		.blob_bytes_max = (uint64_t)process->config.photos_mib << 20,
		.seal_command = process->config.seal_key_command,
		.segments = process->config.segments,
		.notices = &process->config,
		.loops = process->loops,
		.desks = process->desks,
		.loops_count = process->loops_count,
		.fatal = on_fatal,
		.context = process};
}

struct bh_served *bh_process_district(struct bh_process *process, const char *code)
{
	for (size_t i = 0; i < process->districts_count; i++)
		if (strcmp(process->districts[i]->code, code) == 0)
			return process->districts[i];
	return NULL;
}

/* A profile in force that lets the clock erase nothing: texts of people would be kept for ever. */
static void retention_look(const struct bh_served *served)
{
	struct bh_rules *rules = NULL;
	bool cases, entries;
	if (bh_reader_rules(served->reader, &rules) != BH_NOERR ||
		bh_rules_profile(rules)->areas_count == 0)
		return;
	bh_retention_lacks(bh_rules_settings(rules), &cases, &entries);
	if (cases || entries)
		bh_log(BH_LOG_WARNING, served->code, 0,
			"its profile has no retention for %s: kept for ever",
			cases && entries ? "cases, nor for words about no case"
			: cases          ? "cases"
					 : "words about no case");
}

int bh_process_serve(struct bh_process *process, const char *code, const char **detail)
{
	const struct bh_served_options options = served_options(process);
	struct bh_served *served = NULL;
	struct bh_tls_name *name = NULL;
	if (process->districts_count == BH_DISTRICTS_MAX) {
		*detail = "this process serves as many districts as it can";
		return BH_ERR_LIMIT;
	}
	int err = bh_served_open(&options, code, &served, detail);
	if (err)
		return err;
	err = bh_tls_name_new(
		code, served->keys.server_key_path, served->keys.server_chain_path, served, &name);
	if (err)
		*detail = "keys/server.key and keys/server.crt do not belong together";
	if (!err && (err = bh_served_begin(served)))
		*detail = "its writer cannot be started";
	if (err) {
		bh_tls_name_free(name);
		bh_served_close(served);
		return err;
	}
	err = bh_tls_door_put(process->door, name); /* from here on nothing can be taken back */
	bh_assert(err == BH_NOERR);                 /* the door has room for BH_DISTRICTS_MAX */
	process->districts[process->districts_count++] = served;
	bh_log(BH_LOG_INFO, code, 0, "served from %s", served->path);
	retention_look(served);
	return BH_NOERR;
}

int bh_process_create(struct bh_process *process, const char *code, const struct bh_caller_key *key,
	const char **detail)
{
	const struct bh_served_options options = served_options(process);
	if (bh_process_district(process, code)) {
		*detail = "this district exists";
		return BH_ERR_EXISTS;
	}
	if (process->districts_count == BH_DISTRICTS_MAX) /* one more would keep the next start */
		return bh_process_serve(process, code, detail);
	int err = bh_served_create(&options, code, key, detail);
	if (err == BH_ERR_EXISTS) /* it was made, and could not be served then */
		err = BH_NOERR;
	if (!err)
		err = bh_process_serve(process, code, detail);
	return err;
}

int bh_districts_open(struct bh_process *process)
{
	struct dirent **names = NULL;
	int err = BH_NOERR;
	int count = scandir(process->config.data, &names, NULL, alphasort);
	if (count < 0) {
		bh_log(BH_LOG_ERROR, NULL, 0, "%s: %s", process->config.data, strerror(errno));
		return BH_ERR_IO;
	}
	/* A creation that was answered may have been cut short before its name was durable, and a
	 * restored folder was put there by somebody who syncs nothing. */
	if ((err = bh_folder_sync(process->config.data)) != BH_NOERR)
		bh_log(BH_LOG_ERROR, NULL, 0, "%s: cannot be made durable: %s",
			process->config.data, strerror(errno));
	for (int i = 0; i < count; i++) {
		const char *detail = "";
		int found = bh_district_find(process->config.data, names[i]->d_name, &detail);
		if (!err && found != BH_ERR_NOT_FOUND) {
			err = found ? found : bh_process_serve(process, names[i]->d_name, &detail);
			if (err)
				bh_log(BH_LOG_ERROR, names[i]->d_name, 0, "cannot be served: %s",
					detail);
		}
		free(names[i]);
	}
	free(names);
	return err;
}
