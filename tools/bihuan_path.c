/* Paths of requests: parts escaped one by one, below the district that was named or the only one.
 */
#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

static bool part_add(char path[BH_TOOL_PATH_MAX], const char *before, const char *part)
{
	size_t used = strlen(path);
	char *escaped = curl_easy_escape(NULL, part, 0);
	int n = escaped ? snprintf(path + used, BH_TOOL_PATH_MAX - used, "%s%s", before, escaped)
			: -1;
	curl_free(escaped);
	return n > 0 && (size_t)n < BH_TOOL_PATH_MAX - used;
}

static bool parts_add(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], va_list parts)
{
	const char *part;
	bool fits = true;
	while (fits && (part = va_arg(parts, const char *)))
		fits = part_add(path, "/", part);
	if (!fits)
		(void)bh_cli_fail(call, BH_CLI_USAGE, "usage", "an operand is too long", NULL);
	return fits;
}

bool bh_tool_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], ...)
{
	va_list parts;
	path[0] = '\0';
	va_start(parts, path);
	bool fits = parts_add(call, path, parts);
	va_end(parts);
	return fits;
}

bool bh_tool_parameter(char path[BH_TOOL_PATH_MAX], const char *name, const char *value)
{
	char before[64];
	if (!value)
		return true;
	(void)snprintf(before, sizeof(before), "%c%.50s=", strchr(path, '?') ? '&' : '?', name);
	return part_add(path, before, value);
}

/* ---- The district ---- */

static int district_only(struct bh_cli_call *call, char *code, size_t size)
{
	json_t *answer = NULL;
	int exit = bh_tool_get_as_operator(call, "/districts", &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	const json_t *items = json_object_get(answer, "items");
	const char *only = json_string_value(json_object_get(json_array_get(items, 0), "code"));
	if (json_array_size(items) == 1 && only)
		(void)snprintf(code, size, "%s", only);
	else if (json_array_size(items) == 0)
		exit = bh_cli_fail(call, BH_CLI_USAGE, "district", "the server has no district yet",
			"bihuan district create CODE");
	else
		exit = bh_cli_fail(call, BH_CLI_USAGE, "district",
			"the server has several districts: say which",
			"--district=CODE or BIHUAN_DISTRICT; see bihuan districts");
	json_decref(answer);
	return exit;
}

int bh_tool_district_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], ...)
{
	char code[64] = "";
	const char *given = bh_tool_chosen(call, "district", "BIHUAN_DISTRICT");
	va_list parts;
	int exit = BH_CLI_DONE;
	if (given)
		(void)snprintf(code, sizeof(code), "%s", given);
	else
		exit = district_only(call, code, sizeof(code));
	if (exit != BH_CLI_DONE)
		return exit;
	path[0] = '\0';
	va_start(parts, path);
	bool fits = part_add(path, "/districts/", code) && parts_add(call, path, parts);
	va_end(parts);
	return fits ? BH_CLI_DONE : BH_CLI_USAGE;
}
