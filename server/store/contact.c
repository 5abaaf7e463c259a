/* What handsets said of themselves before they went quiet, kept beside the journal: nobody decided
 * it.  It is their word alone, so it is bounded: one that says more is wrong, and no sum of all of
 * them overflows. */
#include "proto/err.h"
#include "server/store/contact.h"
#include "server/store/reader.h"
#include "server/store/writer.h"

#define OPS_MAX (UINT64_C(1) << 32) /* statement.c has them, too */
#define BYTES_MAX (UINT64_C(1) << 40)

static int64_t at_most(uint64_t said, uint64_t most)
{
	return (int64_t)(said < most ? said : most);
}

static int contact_keep(struct bh_writer *w, const struct bh_contact *contact)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_CONTACT_SET);

	bh_bind(s, 1, contact->device);
	bh_bind(s, 2, contact->at_ms);
	bh_bind(s, 3, at_most(contact->unsent_ops, OPS_MAX));
	bh_bind(s, 4, at_most(contact->unsent_bytes, BYTES_MAX));
	bh_bind(s, 5, contact->oldest_ms);
	int err = bh_row_run(s);
	if (err || !contact->pins)
		return err;
	s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);
	bh_bind(s, 1, BH_PINS_ROWS + contact->device);
	bh_bind_span(s, 2, bh_span(&contact->pins, sizeof(contact->pins)));
	return bh_row_run(s);
}

/* An administrator waits for it no longer; its next word counts again. */
int bh_contact_give_up(struct bh_writer *w, uint32_t device)
{
	const struct bh_contact nothing = {.device = device, .at_ms = w->now_ms};

	return contact_keep(w, &nothing);
}

int bh_writer_contacts(
	struct bh_writer *w, struct bh_now now, const struct bh_contact *contacts, size_t count)
{
	int err = bh_group_begin(w, now);

	for (size_t i = 0; !err && i < count; i++)
		err = contact_keep(w, &contacts[i]);
	err = bh_group_end(w, err);
	if (err && err != BH_ERR_UNKNOWN && bh_group_finds_room(w, err))
		return bh_writer_contacts(w, now, contacts, count);
	return err;
}

int bh_reader_device_pins(struct bh_store_reader *reader, uint32_t device, uint32_t *pins)
{
	bool found;

	*pins = 0;
	return bh_local_get(&reader->db, BH_PINS_ROWS + device, pins, sizeof(*pins), &found);
}

int bh_reader_contacts(struct bh_store_reader *reader, uint32_t after, struct bh_contact *contacts,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_CONTACT_LIST);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, after);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		contacts[found++] = (struct bh_contact){
			.device = bh_column_u32(s, 0),
			.at_ms = bh_column(s, 1),
			.unsent_ops = (uint64_t)bh_column(s, 2),
			.unsent_bytes = (uint64_t)bh_column(s, 3),
			.oldest_ms = bh_column(s, 4),
		};
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}
