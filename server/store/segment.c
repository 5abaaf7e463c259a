/* Segments as bytes.
 *
 *   head     "bh-segment-1" ‖ code length u8 ‖ code 12 ‖ epoch u64 ‖ number u64 ‖ first u64 ‖ prev
 *            32 ‖ due divisor u32 ‖ check 32
 *   block    "bhsb" ‖ body length u32 ‖ first u64 ‖ count u32 ‖ prev 32 ‖ check 32 ‖ body
 *
 *   format   a block: first of all ones, the format in place of count, prev of zeroes, no body
 *
 * A program that knows format 1 alone takes that for a block behind damage, past every entry, and
 * refuses the file: as a tear it would leave out what it cannot read.
 *
 * A check is SHA-256 over a tag, the district's code, and all that stands before and behind it in
 * the same head or block.  A power cut tears the last append of a file and nothing else: behind
 * what does not hold there is then no whole block any more, and where there is one the file was
 * damaged. */
#include "server/store/segment.h"

#include <string.h>

#include "proto/err.h"

#define CODE_ROOM 12u
#define CHECKED_BYTES (BH_SEGMENT_BLOCK_HEAD_BYTES - BH_HASH_BYTES)
#define FORMAT_FIRST UINT64_MAX /* of the block that says the format */
#define FORMAT_OF_KEYS 2u
/* What follows an entry: */
#define WITH_CONTENT 1u
#define WITH_KEY 2u

static const char head_tag[] = "bh-segment-1";
static const char block_tag[] = "bh-segment-block-1";
static const char mark[] = "bhsb";

/* ---- Writing ---- */

static void check_of(struct bh_hasher *hasher, const char *tag, const char *code,
	struct bh_span before, struct bh_span behind, uint8_t out[BH_HASH_BYTES])
{
	const uint8_t len[4] = {0, 0, 0, (uint8_t)strlen(code)};
	const struct bh_span parts[] = {bh_span(tag, strlen(tag)), bh_span(len, sizeof(len)),
		bh_span(code, strlen(code)), before, behind};

	bh_hash_parts(hasher, parts, sizeof(parts) / sizeof(parts[0]), out);
}

static int head_append(
	struct bh_hasher *hasher, const struct bh_segment_head *head, struct bh_buf *out)
{
	uint8_t *room, code[CODE_ROOM] = {0}, check[BH_HASH_BYTES];
	size_t from = out->len, len = strlen(head->code);
	int err = bh_buf_reserve(out, BH_SEGMENT_BEGIN_BYTES, &room);

	if (err)
		return err;
	memcpy(code, head->code, len);
	err |= bh_buf_append(out, head_tag, sizeof(head_tag) - 1);
	err |= bh_put_u8(out, (uint8_t)len);
	err |= bh_buf_append(out, code, sizeof(code));
	err |= bh_put_u64(out, head->epoch);
	err |= bh_put_u64(out, head->number);
	err |= bh_put_u64(out, head->first);
	err |= bh_buf_append(out, head->prev, BH_HASH_BYTES);
	err |= bh_put_u32(out, head->due_divisor);
	check_of(hasher, head_tag, head->code, bh_span(out->data + from, out->len - from),
		bh_span(NULL, 0), check);
	err |= bh_buf_append(out, check, sizeof(check));
	bh_assert(err == 0 && out->len - from == BH_SEGMENT_HEAD_BYTES);
	return BH_NOERR;
}

int bh_segment_begin(
	struct bh_hasher *hasher, const struct bh_segment_head *head, struct bh_buf *out)
{
	const struct bh_segment_block format = {.first = FORMAT_FIRST, .count = BH_SEGMENT_FORMAT};
	int err = head_append(hasher, head, out);

	return err ? err : bh_segment_block_end(hasher, head->code, &format, out);
}

void bh_segment_block_begin(
	struct bh_segment_block *block, uint64_t after, const uint8_t hash[BH_HASH_BYTES])
{
	block->first = after + 1;
	block->count = 0;
	memcpy(block->prev, hash, BH_HASH_BYTES);
	memcpy(block->last, hash, BH_HASH_BYTES);
	block->body.len = 0;
}

bool bh_segment_has_content(struct bh_hasher *hasher, const struct bh_entry *entry)
{
	static const uint8_t none[BH_HASH_BYTES];
	uint8_t commitment[BH_HASH_BYTES];

	if (memcmp(entry->commitment, none, sizeof(none)) == 0)
		return false;
	bh_op_commitment(hasher, entry->salt, entry->content, commitment);
	return memcmp(commitment, entry->commitment, BH_HASH_BYTES) == 0;
}

/* content, key: NULL, none. */
static uint64_t bytes_of(
	struct bh_span canonical, const struct bh_span *content, const struct bh_caller_key *key)
{
	uint64_t bytes = 4 + canonical.len + 1 + (key ? 2 * BH_HASH_BYTES : 0);

	return content ? bytes + BH_SALT_BYTES + 4 + content->len : bytes;
}

static int entry_put(struct bh_buf *body, struct bh_span canonical, const uint8_t *salt,
	const struct bh_span *content, const struct bh_caller_key *key)
{
	size_t from = body->len;
	int err = bh_put_block(body, canonical);

	if (!err)
		err = bh_put_u8(
			body, (uint8_t)((content ? WITH_CONTENT : 0) | (key ? WITH_KEY : 0)));
	if (!err && content)
		err = bh_buf_append(body, salt, BH_SALT_BYTES);
	if (!err && content)
		err = bh_put_block(body, *content);
	if (!err && key)
		err = bh_buf_append(body, key->key_hash, BH_HASH_BYTES);
	if (!err && key)
		err = bh_buf_append(body, key->request_hash, BH_HASH_BYTES);
	if (err)
		body->len = from;
	return err;
}

int bh_segment_block_add(struct bh_hasher *hasher, struct bh_segment_block *block,
	const struct bh_entry *entry, const struct bh_caller_key *key, struct bh_buf *scratch)
{
	const struct bh_span prev = bh_span(block->last, BH_HASH_BYTES);
	uint8_t hash[BH_HASH_BYTES];

	scratch->len = 0;
	int err = bh_entry_canonical(entry, scratch);
	if (err)
		return err;
	const struct bh_span parts[] = {prev, bh_buf_span(scratch)};
	bh_hash_parts(hasher, parts, 2, hash);
	if (entry->position != block->first + block->count ||
		memcmp(hash, entry->hash, BH_HASH_BYTES) != 0)
		return BH_ERR_CORRUPT;
	const struct bh_span *content = bh_segment_has_content(hasher, entry) ? &entry->content
									      : NULL;
	uint64_t bytes = bytes_of(bh_buf_span(scratch), content, key);
	if (bytes > BH_SEGMENT_ENTRY_BYTES_MAX ||
		(block->count && block->body.len + bytes > BH_SEGMENT_BODY_BYTES))
		return BH_ERR_LIMIT;
	err = entry_put(&block->body, bh_buf_span(scratch), entry->salt, content, key);
	if (err)
		return err;
	block->count++;
	memcpy(block->last, hash, BH_HASH_BYTES);
	return BH_NOERR;
}

int bh_segment_block_end(struct bh_hasher *hasher, const char *code,
	const struct bh_segment_block *block, struct bh_buf *out)
{
	uint8_t *room, check[BH_HASH_BYTES];
	size_t from = out->len;
	int err = bh_buf_reserve(out, BH_SEGMENT_BLOCK_HEAD_BYTES + block->body.len, &room);

	if (err)
		return err;
	err |= bh_buf_append(out, mark, sizeof(mark) - 1);
	err |= bh_put_u32(out, (uint32_t)block->body.len);
	err |= bh_put_u64(out, block->first);
	err |= bh_put_u32(out, (uint32_t)block->count);
	err |= bh_buf_append(out, block->prev, BH_HASH_BYTES);
	check_of(hasher, block_tag, code, bh_span(out->data + from, CHECKED_BYTES),
		bh_buf_span(&block->body), check);
	err |= bh_buf_append(out, check, sizeof(check));
	err |= bh_buf_append(out, block->body.data, block->body.len);
	bh_assert(err == 0);
	return BH_NOERR;
}

/* ---- Reading ---- */

struct block {
	uint64_t first;
	uint32_t count;
	const uint8_t *prev;
	struct bh_span body;
};

struct reading {
	struct bh_hasher *hasher;
	const char *code;
	bh_segment_each each;
	void *context;
	struct bh_segment_info *info;
};

static bool head_read(
	const struct reading *reading, struct bh_span file, struct bh_segment_head *out)
{
	uint8_t check[BH_HASH_BYTES];
	struct bh_segment_head head = {0};
	struct bh_reader reader = bh_reader(file);
	struct bh_span title = bh_get_bytes(&reader, sizeof(head_tag) - 1);
	uint8_t len = bh_get_u8(&reader);
	struct bh_span code = bh_get_bytes(&reader, CODE_ROOM);

	head.epoch = bh_get_u64(&reader);
	head.number = bh_get_u64(&reader);
	head.first = bh_get_u64(&reader);
	struct bh_span prev = bh_get_bytes(&reader, BH_HASH_BYTES);
	head.due_divisor = bh_get_u32(&reader);
	size_t checked = reader.at;
	struct bh_span said = bh_get_bytes(&reader, BH_HASH_BYTES);
	if (reader.bad || len > CODE_ROOM ||
		!bh_span_equal(title, bh_span(head_tag, sizeof(head_tag) - 1)))
		return false;
	memcpy(head.code, code.data, len);
	memcpy(head.prev, prev.data, BH_HASH_BYTES);
	if (strlen(head.code) != len)
		return false;
	check_of(reading->hasher, head_tag, head.code, bh_span(file.data, checked),
		bh_span(NULL, 0), check);
	*out = head;
	return head.first > 0 && bh_span_equal(said, bh_span(check, sizeof(check)));
}

/* Whether a whole block begins here. */
static bool block_read(
	const struct reading *reading, struct bh_span file, size_t at, struct block *out)
{
	uint8_t check[BH_HASH_BYTES];
	struct bh_span from = bh_span(file.data + at, file.len - at);
	struct bh_reader reader = bh_reader(from);
	struct bh_span begins = bh_get_bytes(&reader, sizeof(mark) - 1);
	uint32_t len = bh_get_u32(&reader);
	struct block block = {.first = bh_get_u64(&reader), .count = bh_get_u32(&reader)};

	block.prev = bh_get_bytes(&reader, BH_HASH_BYTES).data;
	struct bh_span said = bh_get_bytes(&reader, BH_HASH_BYTES);
	block.body = bh_get_bytes(&reader, len);
	if (reader.bad || !bh_span_equal(begins, bh_span(mark, sizeof(mark) - 1)))
		return false;
	check_of(reading->hasher, block_tag, reading->code, bh_span(from.data, CHECKED_BYTES),
		block.body, check);
	*out = block;
	return bh_span_equal(said, bh_span(check, sizeof(check)));
}

static int content_read(struct bh_hasher *hasher, struct bh_reader *body, struct bh_entry *out)
{
	struct bh_span salt = bh_get_bytes(body, BH_SALT_BYTES);
	uint8_t commitment[BH_HASH_BYTES];

	out->content = bh_get_block(body);
	if (body->bad)
		return BH_ERR_MALFORMED;
	memcpy(out->salt, salt.data, BH_SALT_BYTES);
	bh_op_commitment(hasher, out->salt, out->content, commitment);
	return memcmp(commitment, out->commitment, BH_HASH_BYTES) ? BH_ERR_MALFORMED : BH_NOERR;
}

static int key_read(struct bh_reader *body, struct bh_caller_key *out)
{
	static const uint8_t none[BH_HASH_BYTES];
	struct bh_span key = bh_get_bytes(body, BH_HASH_BYTES);
	struct bh_span request = bh_get_bytes(body, BH_HASH_BYTES);

	if (body->bad || bh_span_equal(key, bh_span(none, sizeof(none))))
		return BH_ERR_MALFORMED;
	memcpy(out->key_hash, key.data, BH_HASH_BYTES);
	memcpy(out->request_hash, request.data, BH_HASH_BYTES);
	return BH_NOERR;
}

/* The next entry of a body, following info->last. */
static int entry_read(const struct reading *reading, struct bh_reader *body, struct bh_entry *out,
	struct bh_caller_key *key, bool *keyed)
{
	struct bh_segment_info *info = reading->info;
	struct bh_span canonical = bh_get_block(body);
	uint8_t with = bh_get_u8(body);
	uint8_t known = info->format < FORMAT_OF_KEYS ? WITH_CONTENT : WITH_CONTENT | WITH_KEY;
	const struct bh_span parts[] = {bh_span(info->last_hash, BH_HASH_BYTES), canonical};

	if (body->bad || (with & ~known) != 0 || bh_entry_parse(canonical, out) != BH_NOERR ||
		out->position != info->last + 1)
		return BH_ERR_MALFORMED;
	*keyed = (with & WITH_KEY) != 0;
	int err = with & WITH_CONTENT ? content_read(reading->hasher, body, out) : BH_NOERR;
	if (!err && *keyed)
		err = key_read(body, key);
	if (!err)
		bh_hash_parts(reading->hasher, parts, 2, out->hash);
	return err;
}

/* *holds false: it is whole, and yet not what should follow. */
static int block_take(const struct reading *reading, const struct block *block, bool *holds)
{
	struct bh_segment_info *info = reading->info;
	struct bh_reader body = bh_reader(block->body);
	struct bh_entry entry;
	struct bh_caller_key key;
	bool keyed = false;
	int err = BH_NOERR;

	*holds = !info->ended && block->first == info->last + 1 &&
		 memcmp(block->prev, info->last_hash, BH_HASH_BYTES) == 0;
	info->ended |= *holds && block->count == 0;
	if (*holds && block->count > 0) {
		info->before = info->last;
		memcpy(info->before_hash, info->last_hash, BH_HASH_BYTES);
	}
	for (uint32_t i = 0; *holds && !err && i < block->count; i++) {
		*holds = entry_read(reading, &body, &entry, &key, &keyed) == BH_NOERR;
		if (!*holds)
			break;
		info->last = entry.position;
		memcpy(info->last_hash, entry.hash, BH_HASH_BYTES);
		if (reading->each)
			err = reading->each(reading->context, &entry, keyed ? &key : NULL);
	}
	*holds = *holds && (err || bh_reader_done(&body));
	return err;
}

/* What the block behind the head says; gives how many bytes that is.  None: format 1. */
static size_t format_read(const struct reading *reading, struct bh_span file, uint32_t *out)
{
	struct block block;

	*out = 1;
	if (!block_read(reading, file, BH_SEGMENT_HEAD_BYTES, &block) ||
		block.first != FORMAT_FIRST || block.count == 0 || block.body.len != 0)
		return 0;
	*out = block.count;
	return BH_SEGMENT_BLOCK_HEAD_BYTES;
}

/* Up to which entry the whole blocks from here on go. */
static uint64_t blocks_beyond(const struct reading *reading, struct bh_span file, size_t at)
{
	struct block block;
	uint64_t last = 0;

	while (at < file.len) {
		const uint8_t *found = memchr(file.data + at, mark[0], file.len - at);
		if (!found)
			break;
		at = (size_t)(found - file.data);
		bool whole = block_read(reading, file, at++, &block);
		if (whole && block.count && block.first != FORMAT_FIRST &&
			block.first + block.count - 1 > last)
			last = block.first + block.count - 1;
	}
	return last;
}

static void info_begin(const struct reading *reading, struct bh_span file)
{
	struct bh_segment_info *info = reading->info;

	*info = (struct bh_segment_info){.format = 1};
	info->named = head_read(reading, file, &info->head);
	if (!info->named)
		return;
	info->last = info->head.first - 1;
	memcpy(info->last_hash, info->head.prev, BH_HASH_BYTES);
	info->before = info->last;
	memcpy(info->before_hash, info->head.prev, BH_HASH_BYTES);
	info->bytes = BH_SEGMENT_HEAD_BYTES + format_read(reading, file, &info->format);
}

int bh_segment_read(struct bh_hasher *hasher, const char *code, struct bh_span file,
	bh_segment_each each, void *context, struct bh_segment_info *out)
{
	const struct reading reading = {hasher, code, each, context, out};
	struct block block;
	bool holds = true;
	int err = BH_NOERR;

	info_begin(&reading, file);
	size_t at = (size_t)out->bytes;
	bool ours = out->named && strcmp(out->head.code, code) == 0 &&
		    out->format <= BH_SEGMENT_FORMAT;
	while (ours && holds && !err && at < file.len && block_read(&reading, file, at, &block)) {
		err = block_take(&reading, &block, &holds);
		at += BH_SEGMENT_BLOCK_HEAD_BYTES + block.body.len;
		if (holds)
			out->bytes = at;
	}
	if (err)
		return err;
	out->torn = file.len - out->bytes;
	out->beyond = out->torn ? blocks_beyond(&reading, file, (size_t)out->bytes) : 0;
	return BH_NOERR;
}
