/* `import check`, `import apply`: tables that people keep in spreadsheets.  They are read here, the
 * server judges them as one with what is in force, and everything that either finds is told at
 * once, by file, line and column. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"
#include "tools/tables/table.h"

#define PATH_MAX_BYTES 1024u

/* ---- Which files ---- */

static int is_csv(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && dot && strcasecmp(dot, ".csv") == 0;
}

/* In the order of their names, so that the same folder is the same request. */
static int folder_read(struct bh_cli_call *call, struct bh_table_set *set, const char *folder)
{
	char path[PATH_MAX_BYTES];
	struct dirent **entries = NULL;
	bool fits = true;
	int count = scandir(folder, &entries, is_csv, alphasort);
	int problem = errno;
	for (int i = 0; i < count; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		fits = fits && n > 0 && (size_t)n < sizeof(path);
		if (fits && i < (int)BH_TABLE_FILES_MAX)
			bh_table_read(set, path);
		free(entries[i]);
	}
	free(entries);
	if (count > 0 && count <= (int)BH_TABLE_FILES_MAX && fits)
		return BH_CLI_DONE;
	(void)snprintf(path, sizeof(path), "%.200s: %s", folder,
		count < 0    ? strerror(problem)
		: count == 0 ? "there is no file *.csv in it"
		: fits       ? "there are too many files in it"
			     : "the path of a file in it is too long");
	return bh_cli_fail(call, BH_CLI_DATA, "file", path, NULL);
}

static int operands_read(struct bh_cli_call *call, struct bh_table_set *set)
{
	int exit = BH_CLI_DONE;
	for (size_t i = 0; i < call->operands_count && exit == BH_CLI_DONE; i++) {
		struct stat info;
		const char *name = call->operands[i];
		if (stat(name, &info) == 0 && S_ISDIR(info.st_mode))
			exit = folder_read(call, set, name);
		else
			bh_table_read(set, name);
	}
	if (exit == BH_CLI_DONE && set->too_many)
		exit = bh_cli_fail(call, BH_CLI_DATA, "file", "there are too many files",
			"an import takes up to 64 at once");
	if (exit == BH_CLI_DONE && set->no_memory)
		exit = bh_cli_fail(call, BH_CLI_AGAIN, "no-memory", "out of memory", NULL);
	return exit;
}

/* How each file was understood. */
static void files_note(const struct bh_cli_call *call, const struct bh_table_set *set)
{
	for (size_t i = 0; i < set->files_count; i++) {
		const struct bh_table_file *file = &set->files[i];
		if (file->encoding)
			bh_cli_note(call, "%s: %s, %zu %s", file->name, file->encoding, file->rows,
				bh_table_list_name(file->list));
	}
}

/* ---- What is wrong ---- */

static void fault_print(const json_t *fault)
{
	const char *file = json_string_value(json_object_get(fault, "file"));
	const json_t *name = json_object_get(fault, "name");
	bool named = json_string_length(name) > 0;
	long long line = json_integer_value(json_object_get(fault, "line"));
	long long column = json_integer_value(json_object_get(fault, "column"));
	fprintf(stderr, "%s:", file ? file : "in force");
	if (line)
		fprintf(stderr, "%lld:", line);
	fprintf(stderr, "%s", named ? " " : "");
	bh_cli_cell_put(stderr, name);
	if (column)
		fprintf(stderr, " (column %lld)", column);
	fprintf(stderr, "%s ", named ? ":" : "");
	bh_cli_cell_put(stderr, json_object_get(fault, "message"));
	fprintf(stderr, "\n");
}

/* All of it, where the server has found something or only we have. */
static void faults_tell(struct bh_cli_call *call, json_t *refusal)
{
	char message[120];
	struct bh_tool *tool = call->context;
	struct bh_table_set *set = tool->reword_context;
	const char *code = json_string_value(json_object_get(refusal, "code"));
	if (!code || strcmp(code, "profile") != 0)
		return;
	bh_table_take_errors(set, json_object_get(refusal, "errors"));
	json_t *faults = bh_table_faults_json(set);
	for (size_t i = 0; !call->json && i < json_array_size(faults); i++)
		fault_print(json_array_get(faults, i));
	(void)snprintf(message, sizeof(message), "%zu %s wrong; nothing was imported",
		set->faults_count, set->faults_count == 1 ? "thing is" : "things are");
	(void)json_object_set_new(refusal, "message", json_string(message));
	(void)json_object_set_new(refusal, "errors", faults);
	(void)json_object_set_new(
		refusal, "errors_count", json_integer((json_int_t)set->faults_count));
}

/* With nothing from the server. */
static int faults_fail(struct bh_cli_call *call)
{
	json_t *refusal = json_pack(
		"{s:s, s:s}", "code", "profile", "hint", "mend them and give the files again");
	faults_tell(call, refusal);
	int exit = bh_cli_fail_json(call, BH_CLI_DATA, refusal);
	json_decref(refusal);
	return exit;
}

/* ---- The import ---- */

/* The district may be asked even where our own faults are known: so all are told at once. */
static int tables_ask(struct bh_cli_call *call, const struct bh_table_set *set, json_t **answer)
{
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "tables", NULL);
	if (exit == BH_CLI_DONE && strstr(call->verb->name, "apply") && set->faults_count == 0)
		(void)bh_tool_parameter(path, "apply", "1");
	return exit == BH_CLI_DONE ? bh_tool_post(call, path, set->body, answer) : exit;
}

/* The map in force, where tables of areas are to be laid over it; NULL: there are none. */
static int map_get(struct bh_cli_call *call, const struct bh_table_set *set, json_t **out)
{
	char path[BH_TOOL_PATH_MAX];
	if (!json_object_get(set->body, "areas"))
		return BH_CLI_DONE;
	int exit = bh_tool_district_path(call, path, "profile", NULL);
	return exit == BH_CLI_DONE ? bh_tool_get(call, path, out) : exit;
}

static void done_print(struct bh_cli_call *call, json_t *answer, const json_t *cover)
{
	if (cover)
		(void)json_object_set(answer, "map", (json_t *)cover);
	if (call->json)
		bh_cli_print_json(answer);
	else
		bh_tool_changes_print(call, answer);
	bh_tool_cover_print(call, cover);
	bh_tool_repeat_note(call, answer);
	if (!json_is_true(json_object_get(answer, "applied")) &&
		json_is_true(json_object_get(answer, "differs")))
		bh_cli_note(call, "%s bihuan import apply %s%s", bh_tool_next_word(call),
			call->operands[0], call->operands_count > 1 ? " ..." : "");
	else if (json_is_true(json_object_get(answer, "applied")))
		bh_cli_note(call, "%s bihuan people; bihuan areas", bh_tool_next_word(call));
}

int bh_tool_tables(struct bh_cli_call *call)
{
	struct bh_tool *tool = call->context;
	struct bh_table_set set;
	json_t *answer = NULL, *profile = NULL, *cover = NULL;
	if (!bh_table_open(&set)) {
		bh_table_close(&set);
		return bh_cli_fail(call, BH_CLI_AGAIN, "no-memory", "out of memory", NULL);
	}
	tool->reword = faults_tell;
	tool->reword_context = &set;
	int exit = operands_read(call, &set);
	if (exit == BH_CLI_DONE)
		files_note(call, &set);
	if (exit == BH_CLI_DONE && set.unread != 0 && !bh_table_drop_unread(&set))
		exit = faults_fail(call);
	else if (exit == BH_CLI_DONE)
		exit = map_get(call, &set, &profile);
	if (exit == BH_CLI_DONE)
		exit = tables_ask(call, &set, &answer);
	if (exit == BH_CLI_DONE && set.faults_count > 0)
		exit = faults_fail(call);
	else if (exit == BH_CLI_DONE) {
		if (profile)
			cover = bh_tool_tables_cover(profile, json_object_get(set.body, "areas"));
		done_print(call, answer, cover);
	}
	tool->reword = NULL;
	bh_table_close(&set);
	json_decref(answer);
	json_decref(profile);
	json_decref(cover);
	return exit;
}
