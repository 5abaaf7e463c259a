/* A request's target taken apart: decoded path segments and query parameters, all bounded. */
#ifndef BH_CONSOLE_TARGET_H
#define BH_CONSOLE_TARGET_H

#include "proto/arena.h"

#define BH_TARGET_SEGMENTS_MAX 8u
#define BH_TARGET_PARAMETERS_MAX 16u

/* Texts live in the arena: valid UTF-8, no NUL, no other control character. */
struct bh_target {
	const char *segments[BH_TARGET_SEGMENTS_MAX];
	size_t segments_count;
	struct {
		const char *name;
		const char *value;
	} parameters[BH_TARGET_PARAMETERS_MAX];
	size_t parameters_count;
};

/* 0; BH_ERR_MALFORMED (no path, a bad escape, text that is none), BH_ERR_LIMIT (longer than
 * BH_REQUEST_PATH_MAX, too many parts), BH_ERR_NOMEM.  A slash that was escaped stays in its
 * segment; an empty segment is one. */
int bh_target_parse(const char *text, struct bh_arena *arena, struct bh_target *out);
/* NULL when the query does not have it. */
const char *bh_target_parameter(const struct bh_target *target, const char *name);
/* Does the path fit "/districts/{d}/queue"?  Then *captured_count segments stood for braces. */
bool bh_target_fits(const struct bh_target *target, const char *pattern, const char **captured,
	size_t captured_max, size_t *captured_count);

#endif
