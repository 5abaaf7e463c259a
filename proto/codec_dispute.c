/* What a server keeps of a dispute's papers beside their text; a handset has none of it. */
#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/message_dispute.h"

/* clang-format off */
static const struct bh_field_map dispute_content_rows[] = {
	TEXT(dispute_content, text),
	TEXT(dispute_content, agreement),
	LIST(dispute_content, decisions, BH_DISPUTE_DECISIONS_MAX),
	TEXT(dispute_content, receipt),
};
static const struct bh_message_map map_dispute_content =
	LIST_MAP(dispute_content, dispute_content_rows, dispute_content);
/* clang-format on */

int bh_decode_dispute_content(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_dispute_content *out)
{
	return bh_message_decode(&map_dispute_content, raw, arena, out);
}

int bh_encode_dispute_content(const struct bh_msg_dispute_content *content, struct bh_buf *out)
{
	return bh_message_encode(&map_dispute_content, content, out);
}
