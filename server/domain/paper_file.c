/* A header's bytes: kind u32, and of a file form u8, size u32, hash 32.
 *
 *   %PDF-1. ... %%EOF      FF D8 FF ... FF D9      89 PNG CR LF 1A LF, IHDR ... IEND
 *
 * Nothing inside is read: what is shown of it is shown by whoever fetches it. */
#include "server/domain/paper_file.h"

#include <string.h>

#include "proto/err.h"
#include "server/domain/dossier.h"

#define TAIL_BYTES 1024u /* in which a PDF says its end */
#define PNG_END 12u

static const struct {
	const char *name;
	const char *type;
} forms[BH_PAPER_FORMS] = {
	[BH_PAPER_FORM_NONE] = {"bin", "application/octet-stream"},
	[BH_PAPER_FORM_PDF] = {"pdf", "application/pdf"},
	[BH_PAPER_FORM_JPEG] = {"jpg", "image/jpeg"},
	[BH_PAPER_FORM_PNG] = {"png", "image/png"},
};

const char *bh_paper_form_name(unsigned form)
{
	return forms[form < BH_PAPER_FORMS ? form : BH_PAPER_FORM_NONE].name;
}

const char *bh_paper_form_type(unsigned form)
{
	return forms[form < BH_PAPER_FORMS ? form : BH_PAPER_FORM_NONE].type;
}

static bool begins(struct bh_span whole, const char *bytes, size_t len)
{
	return whole.len >= len && memcmp(whole.data, bytes, len) == 0;
}

static bool ends(struct bh_span whole, const char *bytes, size_t len)
{
	return whole.len >= len && memcmp(whole.data + whole.len - len, bytes, len) == 0;
}

static bool is_pdf(struct bh_span whole)
{
	size_t tail = whole.len < TAIL_BYTES ? whole.len : TAIL_BYTES;

	return begins(whole, "%PDF-", 5) && whole.len > 8 && whole.data[6] == '.' &&
	       memmem(whole.data + whole.len - tail, tail, "%%EOF", 5) != NULL;
}

static bool is_png(struct bh_span whole)
{
	static const char begin[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	static const char end[PNG_END + 1] = "\0\0\0\0IEND\xae\x42\x60\x82";

	return begins(whole, begin, sizeof(begin) - 1) && ends(whole, end, PNG_END);
}

enum bh_paper_form bh_paper_form_of(struct bh_span whole)
{
	if (is_pdf(whole))
		return BH_PAPER_FORM_PDF;
	if (begins(whole, "\xff\xd8\xff", 3) && ends(whole, "\xff\xd9", 2))
		return BH_PAPER_FORM_JPEG;
	return is_png(whole) ? BH_PAPER_FORM_PNG : BH_PAPER_FORM_NONE;
}

int bh_paper_encode(const struct bh_paper_said *said, struct bh_buf *out)
{
	int err = bh_put_u32(out, said->kind);

	if (err || said->form == BH_PAPER_FORM_NONE)
		return err;
	err = bh_put_u8(out, (uint8_t)said->form);
	if (!err)
		err = bh_put_u32(out, said->size);
	return err ? err : bh_buf_append(out, said->hash, BH_HASH_BYTES);
}

int bh_paper_decode(struct bh_span header, struct bh_paper_said *out)
{
	struct bh_reader reader = bh_reader(header);
	struct bh_paper_said said = {.kind = bh_get_u32(&reader)};
	bool has_file = header.len > sizeof(uint32_t);
	struct bh_span hash = {NULL, 0};

	if (has_file) {
		said.form = bh_get_u8(&reader);
		said.size = bh_get_u32(&reader);
		hash = bh_get_bytes(&reader, BH_HASH_BYTES);
	}
	if (!bh_reader_done(&reader) || said.kind == BH_PAPER_NONE || said.kind >= BH_PAPER_COUNT)
		return BH_ERR_MALFORMED;
	if (has_file && (said.form == BH_PAPER_FORM_NONE || said.form >= BH_PAPER_FORMS ||
				said.size == 0 || said.size > BH_PAPER_FILE_BYTES_MAX))
		return BH_ERR_MALFORMED;
	if (has_file)
		memcpy(said.hash, hash.data, BH_HASH_BYTES);
	*out = said;
	return BH_NOERR;
}

int bh_withdraw_encode(uint64_t position, struct bh_buf *out)
{
	return bh_put_u64(out, position);
}

int bh_withdraw_decode(struct bh_span header, uint64_t *position)
{
	struct bh_reader reader = bh_reader(header);
	uint64_t said = bh_get_u64(&reader);

	if (!bh_reader_done(&reader) || said == 0)
		return BH_ERR_MALFORMED;
	*position = said;
	return BH_NOERR;
}
