/* What a worker recorded.  The structure must decode; the values are judged one by one, so that one
 * bad op is one verdict and its neighbours are not touched. */
#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "proto/verdict.h"

#define URGENCY_MAX 4u
#define ACCURACY_DM_MAX 1000000u /* 100 km */

/* 1 where the lead byte begins a sequence of this many continuation bytes, and the range of the
 * first of them, which is what excludes overlong forms, surrogates and what lies past U+10FFFF. */
static size_t sequence_of(uint8_t lead, uint8_t *first_min, uint8_t *first_max)
{
	*first_min = 0x80;
	*first_max = 0xbf;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 1;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*first_min = 0xa0;
		if (lead == 0xed)
			*first_max = 0x9f;
		return 2;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*first_min = 0x90;
		if (lead == 0xf4)
			*first_max = 0x8f;
		return 3;
	}
	return 0;
}

bool bh_utf8_valid(struct bh_span text)
{
	for (size_t i = 0; i < text.len;) {
		uint8_t lead = text.data[i++];
		uint8_t first_min, first_max;
		if (lead >= 0x01 && lead < 0x80)
			continue;
		size_t more = sequence_of(lead, &first_min, &first_max);
		if (more == 0 || more > text.len - i)
			return false;
		if (text.data[i] < first_min || text.data[i] > first_max)
			return false;
		for (size_t k = 1; k < more; k++) {
			if ((text.data[i + k] & 0xc0) != 0x80)
				return false;
		}
		/* U+FFFE and U+FFFF */
		if (lead == 0xef && text.data[i] == 0xbf && text.data[i + 1] >= 0xbe)
			return false;
		i += more;
	}
	return true;
}

/* A photo or more, each thumbnail right behind the photo it is of; kinds of newer programs are
 * kept. */
static bool blobs_fit(const struct bh_msg_op_header *header)
{
	for (size_t i = 0; i < header->blobs_count; i++) {
		const struct bh_msg_blob *blob = &header->blobs[i];
		bool thumbnail = blob->kind == BH_BLOB_THUMBNAIL;
		if (blob->size == 0 ||
			blob->size > (thumbnail ? BH_THUMBNAIL_BYTES_MAX : BH_BLOB_BYTES_MAX) ||
			(thumbnail &&
				(i == 0 || (header->blobs[i - 1].kind != BH_BLOB_PHOTO &&
						   header->blobs[i - 1].kind != BH_BLOB_AFTER))))
			return false;
		for (size_t k = 0; k < i; k++) {
			if (bh_span_equal(blob->hash, header->blobs[k].hash))
				return false;
		}
	}
	return true;
}

static int header_judge(const struct bh_msg_op_header *header)
{
	if (header->verb == BH_VERB_NONE || header->verb >= BH_VERB_MAX)
		return BH_REASON_UNSUPPORTED;
	if (header->urgency > URGENCY_MAX || !blobs_fit(header))
		return BH_REASON_FIELD;
	return BH_REASON_NONE;
}

static int content_judge(const struct bh_msg_op_content *content)
{
	if (content->text.len > BH_TEXT_BYTES_MAX || !bh_utf8_valid(content->text))
		return BH_REASON_TEXT;
	if (!content->has_place)
		return BH_REASON_NONE;
	struct bh_place place = {content->latitude_e7, content->longitude_e7};
	if (!bh_place_is_on_earth(place) || content->datum > BH_DATUM_BD09 ||
		content->accuracy_dm > ACCURACY_DM_MAX)
		return BH_REASON_PLACE;
	return BH_REASON_NONE;
}

int bh_op_decode_header(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_op_header *out, int *reason)
{
	if (raw.len > BH_OP_HEADER_BYTES_MAX) {
		*reason = BH_REASON_TOO_LARGE;
		return BH_ERR_MALFORMED;
	}
	int err = bh_message_decode(&bh_map_op_header, raw, arena, out);
	if (err == 0)
		*reason = header_judge(out);
	else if (err != BH_ERR_NOMEM) {
		*reason = BH_REASON_UNREADABLE;
		err = BH_ERR_MALFORMED;
	}
	return err;
}

int bh_op_decode_content(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_op_content *out, int *reason)
{
	if (raw.len > BH_OP_CONTENT_BYTES_MAX) {
		*reason = BH_REASON_TOO_LARGE;
		return BH_ERR_MALFORMED;
	}
	int err = bh_message_decode(&bh_map_op_content, raw, arena, out);
	if (err == 0)
		*reason = content_judge(out);
	else if (err != BH_ERR_NOMEM) {
		*reason = BH_REASON_UNREADABLE;
		err = BH_ERR_MALFORMED;
	}
	return err;
}

int bh_op_encode_header(const struct bh_msg_op_header *header, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_op_header, header, out);
}

int bh_op_encode_content(const struct bh_msg_op_content *content, struct bh_buf *out)
{
	return bh_message_encode(&bh_map_op_content, content, out);
}
