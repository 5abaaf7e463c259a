/* Arbitrary bytes as a table of an import: each row has its place, each fault a line of the file,
 * and what comes of it can be sent.  The first byte chooses the list. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/fuzz/fuzz.h"
#include "tools/tables/table.h"

static size_t lines_of(const uint8_t *data, size_t len)
{
	size_t lines = 1;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	return lines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = {
		"areas.csv", "units.csv", "people.csv", "posts.csv", "assets.csv"};
	struct bh_table_set set;
	if (len == 0 || len > 1u << 20)
		return 0;
	bh_assert(bh_table_open(&set));
	bh_table_take(&set, names[data[0] % 5], (const char *)data + 1, len - 1);
	bh_assert(!set.no_memory && set.files_count == 1);
	bh_assert(set.unread != 0 || set.files[0].encoding != NULL);
	for (unsigned list = 0; list < BH_TABLE_LISTS; list++) {
		const json_t *rows = json_object_get(
			set.body, bh_table_list_name((enum bh_table_list)list));
		bh_assert(json_array_size(rows) == set.places[list].count);
		for (size_t i = 0; i < set.places[list].count; i++)
			bh_assert(set.places[list].at[i].line <= lines_of(data, len));
	}
	json_t *faults = bh_table_faults_json(&set);
	char *text = json_dumps(set.body, JSON_COMPACT);
	bh_assert(faults != NULL && text != NULL);
	for (size_t i = 0; i < json_array_size(faults); i++)
		bh_assert((size_t)json_integer_value(json_object_get(
				  json_array_get(faults, i), "line")) <= lines_of(data, len));
	free(text);
	json_decref(faults);
	bh_table_close(&set);
	return 0;
}
