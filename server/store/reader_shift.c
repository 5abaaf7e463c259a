/* Ends of shifts with the notes that were left. */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/reader.h"
#include "server/store/shift.h"
#include "server/store/shift_row.h"

static int note_read(
	struct bh_store_reader *reader, struct bh_arena *arena, struct bh_shift_told *told)
{
	struct bh_msg_op_content content;
	struct bh_entry entry;
	int reason = 0;
	int err = bh_reader_entry(reader, told->end.position, arena, &entry);

	if (!err && entry.content.len > 0)
		err = bh_op_decode_content(entry.content, arena, &content, &reason);
	else
		return err;
	if (!err)
		told->note = content.text;
	return err;
}

int bh_reader_shifts(struct bh_store_reader *reader, uint32_t unit, int64_t before_ms,
	struct bh_arena *arena, struct bh_shift_told *out, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_SHIFT_LIST);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, unit);
	bh_bind(s, 2, before_ms);
	bh_bind(s, 3, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < max) {
		out[*count] = (struct bh_shift_told){.note = bh_span(NULL, 0)};
		bh_shift_row_read(s, &out[(*count)++].end);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	for (size_t i = 0; !err && i < *count; i++)
		if (out[i].end.person != 0)
			err = note_read(reader, arena, &out[i]);
	return err;
}
