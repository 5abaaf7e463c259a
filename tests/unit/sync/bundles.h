/* Bundles that handsets of tests write by hand, and the door through which they come in. */
#ifndef BH_TESTS_UNIT_SYNC_BUNDLES_H
#define BH_TESTS_UNIT_SYNC_BUNDLES_H

#include "proto/bundle_frames.h"
#include "server/sync/bundle.h"
#include "tests/unit/sync/photos.h"

#define BH_BUNDLE_FILE_MAX (4u << 20)

/* One that is being written, or has been. */
struct bh_bundled {
	struct bh_world *world;
	struct bh_key *key;   /* of the district: it is sealed for it */
	struct bh_key *reply; /* of the phone */
	struct bh_buf file;
	struct bh_bundle_writer *writer;
	size_t read_at;
	struct bh_buf second; /* what a reading after the first finds; empty: the same */
	unsigned readings;
	struct bh_bundle_report report;
	enum bh_bundle_fault fault;
};

/* A test's setup and teardown: uploads in *state, whose phone holds six reports, and the bundle. */
int bh_bundled_setup(void **state, struct bh_bundled *bundled);
int bh_bundled_teardown(void **state, struct bh_bundled *bundled);
/* How much of the phone's log the server has. */
void bh_bundled_head_is(struct bh_uploads *uploads, const struct bh_phone *phone, uint64_t seq);

void bh_bundled_open(struct bh_world *world, struct bh_bundled *bundled);
void bh_bundled_close(struct bh_bundled *bundled);

/* What the phone says of its ops after one sequence and up to another. */
struct bh_msg_bundle_statement bh_bundled_statement(const struct bh_bundled *bundled,
	const struct bh_phone *phone, uint64_t after_seq, uint64_t last_seq);
/* Begins a file with the statement, signed by the phone. */
void bh_bundled_begin(struct bh_bundled *bundled, struct bh_phone *phone,
	const struct bh_msg_bundle_statement *statement);
void bh_bundled_frame(struct bh_bundled *bundled, const struct bh_client_frame *frame);
/* The phone's ops from one to another, in one push. */
void bh_bundled_push(
	struct bh_bundled *bundled, const struct bh_phone *phone, uint64_t first, uint64_t last);
/* A photo's first len bytes, in parts. */
void bh_bundled_photo(struct bh_bundled *bundled, const struct bh_photo *photo, uint32_t len);
void bh_bundled_end(struct bh_bundled *bundled);
/* Statement, one push, end. */
void bh_bundled_ops(
	struct bh_bundled *bundled, struct bh_phone *phone, uint64_t after_seq, uint64_t last_seq);

/* Takes it in: bh_bundle_take's code, report and fault. */
int bh_bundled_take(struct bh_bundled *bundled);
/* It is taken, with so many ops of which so many are new. */
void bh_bundled_takes(struct bh_bundled *bundled, uint64_t ops, uint64_t ops_new);
/* It is refused for this, and the journal has not grown. */
void bh_bundled_refused(struct bh_bundled *bundled, enum bh_bundle_fault fault);
/* Entries of the journal. */
uint64_t bh_bundled_journal(struct bh_world *world);

#endif
