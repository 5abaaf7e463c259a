/* A sealed file of arbitrary bytes is refused with a named error or opens, the same however it is
 * cut; and arbitrary bytes that are sealed come back, cut anywhere. */
#include <string.h>

#include "proto/bundle.h"
#include "proto/err.h"
#include "tests/fuzz/bundle_key.h"
#include "tests/fuzz/fuzz.h"

#define FILE_BYTES_MAX (4u << 20)

static int keep(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

/* Reads the file in pieces of so many bytes; the content as far as it proved whole. */
static int read_in_pieces(
	const struct bh_key *key, struct bh_span file, size_t piece, struct bh_buf *content)
{
	struct bh_bundle_sink sink = {keep, content};
	struct bh_bundle_reader *reader;
	bh_assert(bh_bundle_reader_open(&key, 1, sink, &reader) == 0);
	for (size_t at = 0; at < file.len; at += piece) {
		size_t len = file.len - at < piece ? file.len - at : piece;
		if (bh_bundle_reader_put(reader, bh_span(file.data + at, len)) != 0)
			break;
	}
	int err = bh_bundle_reader_end(reader);
	bh_bundle_reader_close(reader);
	return err;
}

static void check_cuts(const struct bh_key *key, struct bh_span file)
{
	struct bh_buf whole = BH_BUF(FILE_BYTES_MAX), pieces = BH_BUF(FILE_BYTES_MAX);
	int err = read_in_pieces(key, file, file.len + 1, &whole);
	bh_assert(err == 0 || err == BH_ERR_MALFORMED || err == BH_ERR_NOT_FOUND ||
		  err == BH_ERR_AUTH);
	bh_assert(read_in_pieces(key, file, 4099, &pieces) == err);
	bh_assert(bh_span_equal(bh_buf_span(&whole), bh_buf_span(&pieces)));
	bh_buf_free(&whole);
	bh_buf_free(&pieces);
}

static void check_sealed(const struct bh_key *key, struct bh_span content)
{
	struct bh_buf file = BH_BUF(FILE_BYTES_MAX), again = BH_BUF(FILE_BYTES_MAX);
	struct bh_bundle_sink sink = {keep, &file};
	struct bh_bundle_writer *writer;
	uint8_t to[BH_PUBLIC_KEY_BYTES];
	bh_key_public(key, to);
	bh_assert(bh_bundle_writer_open(to, sink, &writer) == 0);
	bh_assert(bh_bundle_writer_put(writer, content) == 0);
	bh_assert(bh_bundle_writer_end(writer) == 0);
	bh_bundle_writer_close(writer);
	bh_assert(read_in_pieces(key, bh_buf_span(&file), 4099, &again) == 0);
	bh_assert(bh_span_equal(bh_buf_span(&again), content));
	bh_buf_free(&file);
	bh_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_key *key;
	bh_assert(bh_key_import(bh_span(bundle_key_der, sizeof(bundle_key_der)), &key) == 0);
	check_cuts(key, bh_span(data, len));
	check_sealed(key, bh_span(data, len));
	bh_key_free(key);
	return 0;
}
