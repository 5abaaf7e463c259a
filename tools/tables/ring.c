/* An outline in one cell: WKT as map programs write it, bare pairs, or JSON.  Whether it is sound,
 * and where its datum puts it, the server judges. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tools/tables/table.h"

static const char between[] = " \t\r\n,;";

static json_t *ring_of_json(const char *text, const char **what)
{
	json_t *ring = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!ring)
		*what = "it is not JSON";
	return ring;
}

/* Without the word and its brackets: *len is what is left. */
static const char *ring_open(const char *text, size_t *len, const char **what)
{
	bool is_wkt = strncasecmp(text, "POLYGON", 7) == 0;
	if (is_wkt)
		text += 7;
	text += strspn(text, " \t((");
	*len = strcspn(text, ")");
	const char *rest = text + *len;
	rest += strspn(rest, ") \t");
	if (*rest == ',')
		*what = "it has a hole; holes are not supported";
	else if (*rest != '\0')
		*what = "it is not one outline: POLYGON((longitude latitude, ...))";
	return text;
}

static bool pair_add(json_t *ring, const double pair[2])
{
	json_t *point = json_array();
	for (size_t i = 0; i < 2 && point; i++)
		if (json_array_append_new(point, json_real(pair[i]))) {
			json_decref(point);
			return false;
		}
	return point && json_array_append_new(ring, point) == 0;
}

json_t *bh_table_ring(const char *text, const char **what)
{
	size_t len, count = 0;
	double pair[2];
	*what = NULL;
	if (*text == '[' || *text == '{')
		return ring_of_json(text, what);
	const char *at = ring_open(text, &len, what), *end = at + len;
	json_t *ring = *what ? NULL : json_array();
	for (at += strspn(at, between); ring && at < end; at += strspn(at, between)) {
		char *after;
		pair[count++ % 2] = strtod(at, &after);
		bool is_number = after > at && after <= end;
		if (!is_number || (count % 2 == 0 && !pair_add(ring, pair))) {
			*what = "it is not an outline: POLYGON((longitude latitude, ...))";
			json_decref(ring);
			return NULL;
		}
		at = after;
	}
	if (ring && count % 2 != 0) {
		*what = "a longitude is without its latitude";
		json_decref(ring);
		return NULL;
	}
	return ring;
}
