/* An entry's canonical bytes and its place in the journal's chain.
 *
 *   hash(n-1) ‖ canonical(n) ──SHA-256──▶ hash(n)
 *
 * Content stands in the canonical form by its salted commitment only, so that it can be erased and
 * every hash still verifies. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/entry.h"

static const char tag[] = "bh-entry-1";

#define CANONICAL_FIXED_BYTES                                                                      \
	(sizeof(tag) - 1 + 8 + 8 + 4 + 8 + 4 + 4 + 4 + 8 + 8 + 4 + 1 + 1 + 2 + 1 + 1 + 8 + 4 + 4 + \
		4 + 2 * BH_HASH_BYTES)

/* Room for all of it is reserved first, so the writes that follow cannot fail half-way. */
int bh_entry_canonical(const struct bh_entry *entry, struct bh_buf *out)
{
	bh_assert(entry->verb <= UINT8_MAX && entry->verdict <= UINT8_MAX &&
		  entry->reason <= UINT16_MAX && entry->from_state <= UINT8_MAX &&
		  entry->to_state <= UINT8_MAX);
	if (entry->decision.len > UINT32_MAX || entry->header.len > UINT32_MAX)
		return BH_ERR_LIMIT;
	uint8_t *room;
	size_t len = CANONICAL_FIXED_BYTES + entry->decision.len + entry->header.len;
	int err = bh_buf_reserve(out, len, &room);
	if (err != 0)
		return err;
	size_t end = out->len + len;
	err |= bh_buf_append(out, tag, sizeof(tag) - 1);
	err |= bh_put_u64(out, entry->position);
	err |= bh_put_i64(out, entry->at_ms);
	err |= bh_put_u32(out, entry->log_short);
	err |= bh_put_u64(out, entry->seq);
	err |= bh_put_u32(out, entry->device);
	err |= bh_put_u32(out, entry->person);
	err |= bh_put_u32(out, entry->post);
	err |= bh_put_u64(out, entry->case_number);
	err |= bh_put_u64(out, entry->prev);
	err |= bh_put_u32(out, entry->cycle);
	err |= bh_put_u8(out, (uint8_t)entry->verb);
	err |= bh_put_u8(out, (uint8_t)entry->verdict);
	err |= bh_put_u16(out, (uint16_t)entry->reason);
	err |= bh_put_u8(out, (uint8_t)entry->from_state);
	err |= bh_put_u8(out, (uint8_t)entry->to_state);
	err |= bh_put_i64(out, entry->captured_ms);
	err |= bh_put_u32(out, entry->captured_bound_ms);
	err |= bh_put_block(out, entry->decision);
	err |= bh_put_block(out, entry->header);
	err |= bh_buf_append(out, entry->commitment, BH_HASH_BYTES);
	err |= bh_buf_append(out, entry->link, BH_HASH_BYTES);
	bh_assert(err == 0 && out->len == end);
	return 0;
}

int bh_entry_parse(struct bh_span canonical, struct bh_entry *out)
{
	struct bh_reader reader = bh_reader(canonical);
	struct bh_span title = bh_get_bytes(&reader, sizeof(tag) - 1);
	struct bh_entry entry = {0};

	entry.position = bh_get_u64(&reader);
	entry.at_ms = bh_get_i64(&reader);
	entry.log_short = bh_get_u32(&reader);
	entry.seq = bh_get_u64(&reader);
	entry.device = bh_get_u32(&reader);
	entry.person = bh_get_u32(&reader);
	entry.post = bh_get_u32(&reader);
	entry.case_number = bh_get_u64(&reader);
	entry.prev = bh_get_u64(&reader);
	entry.cycle = bh_get_u32(&reader);
	entry.verb = bh_get_u8(&reader);
	entry.verdict = bh_get_u8(&reader);
	entry.reason = bh_get_u16(&reader);
	entry.from_state = bh_get_u8(&reader);
	entry.to_state = bh_get_u8(&reader);
	entry.captured_ms = bh_get_i64(&reader);
	entry.captured_bound_ms = bh_get_u32(&reader);
	entry.decision = bh_get_block(&reader);
	entry.header = bh_get_block(&reader);
	struct bh_span commitment = bh_get_bytes(&reader, BH_HASH_BYTES);
	struct bh_span link = bh_get_bytes(&reader, BH_HASH_BYTES);
	if (!bh_reader_done(&reader) || !bh_span_equal(title, bh_span(tag, sizeof(tag) - 1)))
		return BH_ERR_MALFORMED;
	memcpy(entry.commitment, commitment.data, BH_HASH_BYTES);
	memcpy(entry.link, link.data, BH_HASH_BYTES);
	*out = entry;
	return BH_NOERR;
}

int bh_entry_hash(struct bh_hasher *hasher, const uint8_t prev_hash[BH_HASH_BYTES],
	const struct bh_entry *entry, struct bh_buf *scratch, uint8_t out[BH_HASH_BYTES])
{
	size_t start = scratch->len;
	int err = bh_entry_canonical(entry, scratch);
	if (err != 0)
		return err;
	struct bh_span parts[2] = {
		bh_span(prev_hash, BH_HASH_BYTES),
		bh_span(scratch->data + start, scratch->len - start),
	};
	bh_hash_parts(hasher, parts, 2, out);
	scratch->len = start;
	return 0;
}
