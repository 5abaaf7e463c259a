/* Arbitrary bytes as a segment: what is read is in order, its hashes are those of its fields, and
 * no byte is unaccounted for.  The first byte chooses: 0, the rest is a file as it lies there; else
 * so many entries of a block whose checks are made to hold, so that what lies behind them is
 * reached; from 128 on so many more, in a file of format 1, which knows no keys. */
#include <string.h>

#include "proto/err.h"
#include "server/store/segment.h"
#include "tests/fuzz/fuzz.h"

#define CODE "330106"
#define FORMAT_1 128u

struct reading {
	struct bh_hasher *hasher;
	struct bh_buf scratch;
	uint64_t last, keys;
	uint8_t hash[BH_HASH_BYTES];
};

static int entry_check(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	static const uint8_t none[BH_HASH_BYTES];
	struct reading *reading = context;
	uint8_t hash[BH_HASH_BYTES];

	bh_assert(!key || memcmp(key->key_hash, none, sizeof(none)) != 0);
	reading->keys += key != NULL;

	bh_assert(reading->last == 0 || entry->position == reading->last + 1);
	if (reading->last != 0) {
		bh_assert(bh_entry_hash(reading->hasher, reading->hash, entry, &reading->scratch,
				  hash) == 0);
		bh_assert(memcmp(hash, entry->hash, sizeof(hash)) == 0);
	}
	bh_assert(entry->content.len == 0 || bh_segment_has_content(reading->hasher, entry));
	reading->last = entry->position;
	memcpy(reading->hash, entry->hash, sizeof(reading->hash));
	return BH_NOERR;
}

/* A file of one block that holds, with this body. */
static void file_seal(
	struct bh_hasher *hasher, uint8_t count, struct bh_span body, struct bh_buf *out)
{
	struct bh_segment_head head = {.code = CODE, .epoch = 1, .number = 1, .first = 1};
	struct bh_segment_block block = {
		.first = 1, .count = count % FORMAT_1, .body = BH_BUF(1u << 24)};

	bh_assert(bh_buf_append(&block.body, body.data, body.len) == 0);
	bh_assert(bh_segment_begin(hasher, &head, out) == 0);
	if (count >= FORMAT_1)
		out->len = BH_SEGMENT_HEAD_BYTES;
	bh_assert(bh_segment_block_end(hasher, CODE, &block, out) == 0);
	bh_buf_free(&block.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reading reading = {.scratch = BH_BUF(1u << 24)};
	struct bh_buf sealed = BH_BUF(1u << 25);
	struct bh_segment_info info;
	struct bh_span file = bh_span(data + 1, len - (len > 0));

	if (len == 0 || len > 1u << 20)
		return 0;
	bh_assert(bh_hasher_open(&reading.hasher) == 0);
	if (data[0]) {
		file_seal(reading.hasher, data[0], file, &sealed);
		file = bh_buf_span(&sealed);
	}
	bh_assert(bh_segment_read(reading.hasher, CODE, file, entry_check, &reading, &info) == 0);
	bh_assert(info.bytes + info.torn == file.len);
	bh_assert(reading.last == 0 || reading.last == info.last);
	bh_assert(reading.keys == 0 || info.format == BH_SEGMENT_FORMAT);
	bh_buf_free(&sealed);
	bh_buf_free(&reading.scratch);
	bh_hasher_close(reading.hasher);
	return 0;
}
