/* Writes the first inputs of the target segment: seed_segment FOLDER.  Run by hand when the format
 * changes; its files are committed.  Those without keys were written by it before there were any.
 */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/segment.h"

#define CODE "330106"
#define INPUT_BYTES_MAX (1u << 16)

static void write_input(const char *folder, const char *name, uint8_t choice, struct bh_span body)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/segment/%s", folder, name);
	FILE *file = fopen(path, "wb");
	bh_assert(file != NULL);
	bh_assert(fwrite(&choice, 1, 1, file) == 1);
	bh_assert(fwrite(body.data, 1, body.len, file) == body.len);
	bh_assert(fclose(file) == 0);
}

static void entries_add(struct bh_hasher *hasher, struct bh_segment_block *block, uint8_t count)
{
	struct bh_buf scratch = BH_BUF(INPUT_BYTES_MAX);

	for (uint8_t n = 0; n < count; n++) {
		struct bh_entry entry = {.position = block->first + block->count,
			.at_ms = 1000 + n,
			.log_short = 1,
			.seq = n + 1u,
			.verb = 1,
			.verdict = 1,
			.decision = bh_span("decided", n % 3 ? 7 : 0),
			.header = bh_span("header", n % 2 ? 6 : 0),
			.content = bh_span("content", n % 4 ? 7 : 0)};
		const struct bh_caller_key key = {{1, n}, {n}};
		entry.salt[0] = n;
		if (n % 4)
			bh_op_commitment(hasher, entry.salt, entry.content, entry.commitment);
		bh_assert(bh_entry_hash(hasher, block->last, &entry, &scratch, entry.hash) == 0);
		bh_assert(bh_segment_block_add(
				  hasher, block, &entry, n % 2 ? &key : NULL, &scratch) == 0);
	}
	bh_buf_free(&scratch);
}

int main(int argc, char **argv)
{
	struct bh_segment_head head = {.code = CODE, .epoch = 1, .number = 1, .first = 1};
	struct bh_segment_block block = {.body = BH_BUF(INPUT_BYTES_MAX)};
	struct bh_buf file = BH_BUF(INPUT_BYTES_MAX);
	struct bh_hasher *hasher;
	uint8_t none[BH_HASH_BYTES] = {0}, last[BH_HASH_BYTES];

	bh_assert(argc == 2 && bh_hasher_open(&hasher) == 0);
	bh_assert(bh_segment_begin(hasher, &head, &file) == 0);
	bh_segment_block_begin(&block, 0, none);
	entries_add(hasher, &block, 5);
	write_input(argv[1], "keys", 5, bh_buf_span(&block.body));
	write_input(argv[1], "keys_format_1", 128 + 5, bh_buf_span(&block.body));
	bh_assert(bh_segment_block_end(hasher, CODE, &block, &file) == 0);
	memcpy(last, block.last, sizeof(last));
	bh_segment_block_begin(&block, 5, last);
	entries_add(hasher, &block, 2);
	bh_assert(bh_segment_block_end(hasher, CODE, &block, &file) == 0);
	memcpy(last, block.last, sizeof(last));
	bh_segment_block_begin(&block, 7, last);
	bh_assert(bh_segment_block_end(hasher, CODE, &block, &file) == 0);
	write_input(argv[1], "file_keys", 0, bh_buf_span(&file));
	bh_buf_free(&file);
	bh_buf_free(&block.body);
	bh_hasher_close(hasher);
	return 0;
}
