/* Every exported function, with arguments that are right: what it answers depends on where and when
 * it is called from alone; and with each pointer NULL. */
#ifndef BH_TESTS_UNIT_CLIENT_MISUSE_H
#define BH_TESTS_UNIT_CLIENT_MISUSE_H

#include "tests/unit/client/client_world.h"

/* An enrolled handset with a case that was closed, a photo, and cursors that stand on what is
 * there. */
struct misuse {
	struct world *world;
	bh_client *client;
	struct bh_key *key; /* outside the library: it signs for it in this very process */
	uint64_t number;
	char hash[BH_PHOTO_HASH_SIZE];
	bh_case_cursor *cases; /* on the case */
	bh_op_cursor *ops;
	bh_type_cursor *types; /* on a type */
	/* What each callback does, with its name; NULL: nothing. */
	void (*inside)(struct misuse *m, const char *callback);
};

enum misuse_kind {
	MISUSE_PURE,   /* needs no client: works anywhere */
	MISUSE_CLIENT, /* a call on a client */
	MISUSE_SILENT, /* ... that has no status to give, and does nothing where it is not allowed
			*/
	MISUSE_CURSOR, /* a call on a cursor */
	MISUSE_CLOSES, /* releases; takes NULL */
};

#define MISUSE_NO_STATUS 1000 /* what the last but one and the last kind answer */

struct misuse_export {
	const char *name;
	enum misuse_kind kind;
	bh_status (*right)(struct misuse *m);
	void (*nulls)(struct misuse *m); /* asserts; NULL: it takes no pointer */
};

extern const struct misuse_export misuse_values[], misuse_clients[], misuse_cursors[],
	misuse_authors[], misuse_fields[], misuse_offlines[];
extern const size_t misuse_values_count, misuse_clients_count, misuse_cursors_count,
	misuse_authors_count, misuse_fields_count, misuse_offlines_count;

/* Calls for each export. */
void misuse_each(
	struct misuse *m, void (*visit)(struct misuse *m, const struct misuse_export *one));

int misuse_setup(void **state);
int misuse_teardown(void **state);
/* Closes the client, its cursors first or not at all. */
void misuse_cursors_close(struct misuse *m);

#endif
