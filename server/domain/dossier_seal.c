/* A dossier's bytes: what its entries say, and the hash that a seal is.
 *
 * An entry's hash covers its header and the salted commitment of its text, and a photo stands in
 * the header of its op by its own hash: so the hashes of entries are all that a seal has to name.
 */
#include <string.h>

#include "proto/err.h"
#include "server/domain/dossier.h"

static const char tag[] = "bh-dossier-1";

#define SEAL_ENTRY_BYTES (8u + BH_HASH_BYTES)
#define SEAL_BYTES_MAX (256u + BH_DOSSIER_ENTRIES_MAX * SEAL_ENTRY_BYTES)

int bh_dossier_seal(struct bh_hasher *hasher, const char *district, uint64_t number,
	const struct bh_dossier_entry *entries, size_t count, uint64_t upto,
	struct bh_seal_said *out)
{
	struct bh_buf bytes = BH_BUF(SEAL_BYTES_MAX);
	struct bh_seal_said said = {.upto = 0};
	int err = bh_buf_append(&bytes, tag, sizeof(tag) - 1);

	while (said.count < count && entries[said.count].position <= upto)
		said.upto = entries[said.count++].position;
	if (!err)
		err = bh_put_block(&bytes, bh_span(district, strlen(district)));
	if (!err)
		err = bh_put_u64(&bytes, number);
	if (!err)
		err = bh_put_u32(&bytes, said.count);
	for (uint32_t i = 0; !err && i < said.count; i++) {
		err = bh_put_u64(&bytes, entries[i].position);
		if (!err)
			err = bh_buf_append(&bytes, entries[i].hash, BH_HASH_BYTES);
	}
	if (!err) {
		struct bh_span all = bh_buf_span(&bytes);
		bh_hash_parts(hasher, &all, 1, said.hash);
		*out = said;
	}
	bh_buf_free(&bytes);
	return err;
}

int bh_seal_encode(const struct bh_seal_said *said, struct bh_buf *out)
{
	int err = bh_buf_append(out, said->hash, BH_HASH_BYTES);

	if (!err)
		err = bh_put_u64(out, said->upto);
	return err ? err : bh_put_u32(out, said->count);
}

int bh_seal_decode(struct bh_span header, struct bh_seal_said *out)
{
	struct bh_reader reader = bh_reader(header);
	struct bh_span hash = bh_get_bytes(&reader, BH_HASH_BYTES);
	struct bh_seal_said said = {.upto = bh_get_u64(&reader)};

	said.count = bh_get_u32(&reader);
	if (!bh_reader_done(&reader))
		return BH_ERR_MALFORMED;
	memcpy(said.hash, hash.data, BH_HASH_BYTES);
	*out = said;
	return BH_NOERR;
}

int bh_loan_encode(int64_t until_ms, struct bh_buf *out)
{
	return bh_put_i64(out, until_ms);
}

int bh_loan_decode(struct bh_span header, int64_t *until_ms)
{
	struct bh_reader reader = bh_reader(header);
	int64_t said = bh_get_i64(&reader);

	if (!bh_reader_done(&reader))
		return BH_ERR_MALFORMED;
	*until_ms = said;
	return BH_NOERR;
}
