/* The exports about authors of a shared handset, drafts, bundles, and another key. */
#include "tests/unit/client/misuse.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)
#define PERSON 9u

static bh_status right_set(struct misuse *m)
{
	return bh_author_set(m->client, PERSON, "Li", "1234", NULL, NULL);
}

static void nulls_set(struct misuse *m)
{
	INVALID(bh_author_set(m->client, PERSON, NULL, "1234", NULL, NULL));
	INVALID(bh_author_set(m->client, PERSON, "Li", NULL, NULL, NULL));
	INVALID(bh_author_set(NULL, PERSON, "Li", "1234", NULL, NULL));
}

static bh_status right_choose(struct misuse *m)
{
	return bh_author_choose(m->client, 0, NULL, NULL);
}

static void nulls_choose(struct misuse *m)
{
	(void)m;
	INVALID(bh_author_choose(NULL, 0, NULL, NULL));
}

static bh_status right_get(struct misuse *m)
{
	bh_author_view view = BH_AUTHOR_VIEW_INIT;

	return bh_author_get(m->client, 0, &view, NULL);
}

static void nulls_get(struct misuse *m)
{
	bh_author_view view = BH_AUTHOR_VIEW_INIT;

	INVALID(bh_author_get(m->client, 0, NULL, NULL));
	INVALID(bh_author_get(NULL, 0, &view, NULL));
}

static bh_status right_draft_put(struct misuse *m)
{
	return bh_draft_put(m->client, 1, "x", 1, NULL);
}

static void nulls_draft_put(struct misuse *m)
{
	INVALID(bh_draft_put(m->client, 1, NULL, 1, NULL));
	INVALID(bh_draft_put(NULL, 1, "x", 1, NULL));
}

static bh_status right_draft_get(struct misuse *m)
{
	char data[1];
	size_t length;

	return bh_draft_get(m->client, 1, data, 1, &length, NULL);
}

static void nulls_draft_get(struct misuse *m)
{
	char data[1];
	size_t length;

	INVALID(bh_draft_get(m->client, 1, NULL, 1, &length, NULL));
	INVALID(bh_draft_get(m->client, 1, data, 1, NULL, NULL));
	INVALID(bh_draft_get(NULL, 1, data, 1, &length, NULL));
}

static bh_status right_export(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;

	return bh_bundle_export(m->client, "/no/such/folder/bundle", &view, NULL);
}

static void nulls_export(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;

	INVALID(bh_bundle_export(m->client, NULL, &view, NULL));
	INVALID(bh_bundle_export(m->client, "", &view, NULL));
	INVALID(bh_bundle_export(m->client, "/no/such/folder/bundle", NULL, NULL));
	INVALID(bh_bundle_export(NULL, "/no/such/folder/bundle", &view, NULL));
}

static bh_status right_import(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;

	return bh_bundle_import(m->client, "/no/such/folder/bundle", &view, NULL);
}

static void nulls_import(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;

	INVALID(bh_bundle_import(m->client, NULL, &view, NULL));
	INVALID(bh_bundle_import(m->client, "", &view, NULL));
	INVALID(bh_bundle_import(m->client, "/no/such/folder/bundle", NULL, NULL));
	INVALID(bh_bundle_import(NULL, "/no/such/folder/bundle", &view, NULL));
}

static bh_status right_cargo(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;
	uint32_t place = 0;

	return bh_bundle_cargo(m->client, &place, NULL, &view, NULL);
}

static void nulls_cargo(struct misuse *m)
{
	bh_bundle_view view = BH_BUNDLE_VIEW_INIT;
	uint32_t place = 0;

	INVALID(bh_bundle_cargo(m->client, NULL, NULL, &view, NULL));
	INVALID(bh_bundle_cargo(m->client, &place, NULL, NULL, NULL));
	INVALID(bh_bundle_cargo(NULL, &place, NULL, &view, NULL));
}

/* The handset's options sign, but cannot be told for which of two keys. */
static bh_status right_rotate(struct misuse *m)
{
	return bh_client_rotate_key(m->client, NULL, NULL);
}

static void nulls_rotate(struct misuse *m)
{
	(void)m;
	INVALID(bh_client_rotate_key(NULL, NULL, NULL));
}

const struct misuse_export misuse_authors[] = {
	{"bh_bundle_cargo", MISUSE_CLIENT, right_cargo, nulls_cargo},
	{"bh_bundle_export", MISUSE_CLIENT, right_export, nulls_export},
	{"bh_bundle_import", MISUSE_CLIENT, right_import, nulls_import},
	{"bh_client_rotate_key", MISUSE_CLIENT, right_rotate, nulls_rotate},
	{"bh_author_set", MISUSE_CLIENT, right_set, nulls_set},
	{"bh_author_choose", MISUSE_CLIENT, right_choose, nulls_choose},
	{"bh_author_get", MISUSE_CLIENT, right_get, nulls_get},
	{"bh_draft_put", MISUSE_CLIENT, right_draft_put, nulls_draft_put},
	{"bh_draft_get", MISUSE_CLIENT, right_draft_get, nulls_draft_get},
};
const size_t misuse_authors_count = sizeof(misuse_authors) / sizeof(misuse_authors[0]);
