/* The rules that a replay goes by: built from each PROFILE entry where it stands. */
#include <stdlib.h>

#include "proto/err.h"
#include "server/store/rules_load.h"
#include "server/store/verify.h"

/* Doubles whenever the count is a power of two. */
int bh_verify_profile(struct bh_verify *v, uint64_t position)
{
	size_t count = v->profiles_count;

	if ((count & (count - 1)) == 0) {
		uint64_t *more = realloc(v->profiles, (count ? 2 * count : 1) * sizeof(*more));
		if (!more)
			return BH_ERR_NOMEM;
		v->profiles = more;
	}
	v->profiles[v->profiles_count++] = position;
	return BH_NOERR;
}

int bh_verify_rules(struct bh_verify *v, const struct bh_entry *entry)
{
	struct bh_rules *rules = NULL;
	int err = bh_rules_from_profile(&v->file, entry->content, v->due_divisor, &rules);

	if (err == BH_ERR_NOMEM)
		return err;
	if (err)
		return bh_verify_fail(v, entry->position, "a profile gives no rules", NULL);
	err = bh_project_rules(&v->replay, rules, entry->at_ms);
	if (err) {
		bh_rules_unref(rules);
		return err;
	}
	bh_rules_unref(v->rules);
	v->rules = rules;
	return BH_NOERR;
}
