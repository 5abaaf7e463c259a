/* Arbitrary bytes as a packed batch: never more than claimed, never past a limit, and what came out
 * packs and comes back. */
#include "proto/err.h"
#include "proto/limits.h"
#include "proto/pack.h"
#include "tests/fuzz/fuzz.h"

static void check_comes_back(struct bh_packer *packer, struct bh_span raw)
{
	struct bh_buf packed = BH_BUF(BH_UNPACKED_BYTES_MAX), again = BH_BUF(BH_UNPACKED_BYTES_MAX);
	enum bh_pack_scheme scheme;
	bh_assert(bh_pack(packer, raw, &packed, &scheme) == 0);
	bh_assert(packed.len <= raw.len);
	int err = bh_unpack(packer, scheme, (uint32_t)raw.len, bh_buf_span(&packed), &again);
	bh_assert(err == 0 && bh_span_equal(bh_buf_span(&again), raw));
	bh_buf_free(&packed);
	bh_buf_free(&again);
}

/* scheme u8, raw_bytes u32, then the stream */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_reader reader = bh_reader(bh_span(data, len));
	struct bh_buf out = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_packer *packer;
	uint8_t scheme = bh_get_u8(&reader);
	uint32_t raw_bytes = bh_get_u32(&reader);
	if (reader.bad)
		return 0;
	bh_assert(bh_packer_open(&packer) == 0);
	struct bh_span packed = bh_span(data + reader.at, len - reader.at);
	int err = bh_unpack(packer, scheme, raw_bytes, packed, &out);
	bh_assert(err == 0 || err == BH_ERR_LIMIT || err == BH_ERR_MALFORMED);
	bh_assert(out.len == (err == 0 ? raw_bytes : 0));
	if (err == 0)
		check_comes_back(packer, bh_buf_span(&out));
	bh_buf_free(&out);
	bh_packer_close(packer);
	return 0;
}
