/* Raw deflate (RFC 1951) with dictionary 1, through two contexts that live as long as their packer.
 *
 * zlib's own header, dictionary id and Adler-32 would be ten bytes a batch that say nothing new:
 * the scheme names the dictionary, and what travels is under TLS and, for ops, under the log's
 * links.
 *
 * Loading the dictionary into a compressor costs more than compressing a batch, so a compressor
 * that holds it is prepared once and copied for every batch, into memory that the packer keeps.
 * Unpacking trusts nothing: the size is judged by its claim, and the stream must then end exactly
 * there. */
#include <string.h>

#include <zlib.h>

#include "proto/err.h"
#include "proto/limits.h"
#include "proto/pack.h"

#define LEVEL 6 /* 9 measured no smaller on batches of 50, and slower */
#define MEMORY_LEVEL 8
#define KEPT_BLOCKS 16u /* zlib allocates five a compressor */

/* What zlib allocates for compressors, kept from one copy to the next. */
struct kept_block {
	void *data;
	size_t size;
	bool taken;
};

struct bh_packer {
	z_stream primed; /* a compressor that holds the dictionary and never runs */
	z_stream unpack;
	struct kept_block kept[KEPT_BLOCKS];
};

static voidpf kept_alloc(voidpf opaque, uInt items, uInt size)
{
	struct bh_packer *packer = opaque;
	size_t bytes = (size_t)items * size;
	struct kept_block *empty = NULL;
	for (size_t i = 0; i < KEPT_BLOCKS; i++) {
		struct kept_block *block = &packer->kept[i];
		if (!block->taken && block->size == bytes) {
			block->taken = true;
			return block->data;
		}
		if (empty == NULL && block->data == NULL)
			empty = block;
	}
	if (empty == NULL)
		return NULL;
	empty->data = malloc(bytes);
	if (empty->data == NULL)
		return NULL;
	empty->size = bytes;
	empty->taken = true;
	return empty->data;
}

static void kept_free(voidpf opaque, voidpf data)
{
	struct bh_packer *packer = opaque;
	for (size_t i = 0; i < KEPT_BLOCKS; i++) {
		if (packer->kept[i].data == data)
			packer->kept[i].taken = false;
	}
}

int bh_packer_open(struct bh_packer **out)
{
	struct bh_span dictionary = bh_pack_dictionary();
	struct bh_packer *packer = calloc(1, sizeof(*packer));
	if (packer == NULL)
		return BH_ERR_NOMEM;
	packer->primed.zalloc = kept_alloc;
	packer->primed.zfree = kept_free;
	packer->primed.opaque = packer;
	if (deflateInit2(&packer->primed, LEVEL, Z_DEFLATED, -MAX_WBITS, MEMORY_LEVEL,
		    Z_DEFAULT_STRATEGY) != Z_OK ||
		deflateSetDictionary(&packer->primed, dictionary.data, (uInt)dictionary.len) !=
			Z_OK ||
		inflateInit2(&packer->unpack, -MAX_WBITS) != Z_OK) {
		bh_packer_close(packer);
		return BH_ERR_NOMEM;
	}
	*out = packer;
	return 0;
}

void bh_packer_close(struct bh_packer *packer)
{
	if (packer == NULL)
		return;
	deflateEnd(&packer->primed);
	inflateEnd(&packer->unpack);
	for (size_t i = 0; i < KEPT_BLOCKS; i++)
		free(packer->kept[i].data);
	free(packer);
}

/* Appends raw compressed when that is shorter than raw itself; says whether it did. */
static int pack_deflate(
	struct bh_packer *packer, struct bh_span raw, struct bh_buf *out, bool *shorter)
{
	uint8_t *at;
	z_stream work;
	int err = bh_buf_reserve(out, raw.len, &at);
	if (err != 0)
		return err;
	if (deflateCopy(&work, &packer->primed) != Z_OK)
		return BH_ERR_NOMEM;
	work.next_in = (z_const Bytef *)raw.data;
	work.avail_in = (uInt)raw.len;
	work.next_out = at;
	work.avail_out = (uInt)raw.len;
	/* What a reader would take for a bomb goes bare. */
	*shorter = deflate(&work, Z_FINISH) == Z_STREAM_END &&
		   raw.len <= work.total_out * (uLong)BH_UNPACKED_RATIO_MAX;
	if (*shorter)
		out->len += work.total_out;
	deflateEnd(&work);
	return 0;
}

int bh_pack(struct bh_packer *packer, struct bh_span raw, struct bh_buf *out,
	enum bh_pack_scheme *scheme)
{
	bool shorter = false;
	if (raw.len > BH_UNPACKED_BYTES_MAX)
		return BH_ERR_LIMIT;
	if (raw.len > 0) {
		int err = pack_deflate(packer, raw, out, &shorter);
		if (err == 0 && !shorter)
			err = bh_buf_append(out, raw.data, raw.len);
		if (err != 0)
			return err;
	}
	*scheme = shorter ? BH_PACK_DEFLATE_DICT1 : BH_PACK_BARE;
	return 0;
}

/* True when the stream held exactly raw_bytes and nothing behind them. */
static bool inflate_exactly(
	struct bh_packer *packer, struct bh_span packed, uint8_t *at, uInt raw_bytes)
{
	struct bh_span dictionary = bh_pack_dictionary();
	z_stream *stream = &packer->unpack;
	if (inflateReset(stream) != Z_OK ||
		inflateSetDictionary(stream, dictionary.data, (uInt)dictionary.len) != Z_OK)
		return false;
	stream->next_in = (z_const Bytef *)packed.data;
	stream->avail_in = (uInt)packed.len;
	stream->next_out = at;
	stream->avail_out = raw_bytes;
	int state = inflate(stream, Z_FINISH);
	return state == Z_STREAM_END && stream->avail_in == 0 && stream->avail_out == 0;
}

int bh_unpack(struct bh_packer *packer, uint32_t scheme, uint32_t raw_bytes, struct bh_span packed,
	struct bh_buf *out)
{
	uint8_t *at;
	if (raw_bytes > BH_UNPACKED_BYTES_MAX || packed.len > BH_UNPACKED_BYTES_MAX ||
		raw_bytes > (uint64_t)packed.len * BH_UNPACKED_RATIO_MAX)
		return BH_ERR_LIMIT;
	if (scheme == BH_PACK_BARE)
		return raw_bytes != packed.len ? BH_ERR_MALFORMED
					       : bh_buf_append(out, packed.data, packed.len);
	if (scheme != BH_PACK_DEFLATE_DICT1)
		return BH_ERR_MALFORMED;
	int err = bh_buf_reserve(out, raw_bytes, &at);
	if (err != 0)
		return err;
	if (!inflate_exactly(packer, packed, at, raw_bytes))
		return BH_ERR_MALFORMED;
	out->len += raw_bytes;
	return 0;
}
