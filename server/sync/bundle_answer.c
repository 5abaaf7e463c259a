/* The answer to a bundle: what the session said of its ops, and which photos are whole; each word
 * signed by the district's key, all of them sealed for whoever wrote the bundle. */
#include <string.h>

#include "server/sync/bundle_part.h"

#define ANSWER_BYTES_MAX (32u * 1024u * 1024u)

static int answer_grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

int bh_bundle_answer_open(struct bh_bundle_play *play)
{
	const struct bh_bundle_sink sink = {answer_grow, &play->report->answer};
	play->report->answer = BH_BUF(ANSWER_BYTES_MAX);
	play->message = BH_BUF(BH_FRAME_BYTES_MAX);
	play->complete = calloc(BH_BUNDLE_COMPLETE_MAX, sizeof(*play->complete));
	play->complete_hashes = calloc(BH_BUNDLE_COMPLETE_MAX, sizeof(*play->complete_hashes));
	if (play->complete == NULL || play->complete_hashes == NULL)
		return BH_ERR_NOMEM;
	return bh_bundle_writer_open(play->said->statement.reply_key.data, sink, &play->answer);
}

static int word_sign(struct bh_bundle_play *play, struct bh_span word, struct bh_buf *out)
{
	uint8_t signature[BH_SIGNATURE_BYTES], key[BH_PUBLIC_KEY_BYTES];
	struct bh_buf message = BH_BUF(BH_FRAME_BYTES_MAX);
	int err = bh_bundle_answer_message(&message, word);
	if (err == 0)
		err = bh_key_sign(play->door->ca_key, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	bh_key_public(play->door->ca_key, key);
	const struct bh_msg_signed told = {.statement = word,
		.signature = bh_span(signature, sizeof(signature)),
		.key = bh_span(key, sizeof(key))};
	return err != 0 ? err : bh_encode_signed(&told, out);
}

static int word_put(struct bh_bundle_play *play, struct bh_msg_bundle_answer *answer)
{
	const struct bh_msg_bundle_statement *statement = &play->said->statement;
	struct bh_buf told = BH_BUF(BH_FRAME_BYTES_MAX);
	answer->district = statement->district;
	answer->device = statement->device;
	answer->log_id = statement->log_id;
	answer->last_seq = statement->last_seq;
	answer->epoch = play->hub->district.epoch;
	play->message.len = 0;
	int err = bh_encode_bundle_answer(answer, &play->message);
	if (err == 0)
		err = word_sign(play, bh_buf_span(&play->message), &told);
	if (err == 0)
		err = bh_bundle_put_frame(play->answer, bh_buf_span(&told));
	bh_buf_free(&told);
	return err;
}

int bh_bundle_answer_ack(struct bh_bundle_play *play, const struct bh_msg_ack *ack)
{
	struct bh_msg_bundle_answer answer = {.has_ack = true, .ack = *ack};
	return word_put(play, &answer);
}

static int complete_put(struct bh_bundle_play *play)
{
	struct bh_msg_bundle_answer answer = {
		.complete = play->complete, .complete_count = play->complete_count};
	play->complete_count = 0;
	return word_put(play, &answer);
}

int bh_bundle_answer_complete(struct bh_bundle_play *play, const uint8_t hash[BH_HASH_BYTES])
{
	size_t n = play->complete_count++;
	memcpy(play->complete_hashes[n], hash, BH_HASH_BYTES);
	play->complete[n] = bh_span(play->complete_hashes[n], BH_HASH_BYTES);
	return play->complete_count == BH_BUNDLE_COMPLETE_MAX ? complete_put(play) : 0;
}

int bh_bundle_answer_held(struct bh_bundle_play *play)
{
	struct bh_msg_bundle_answer answer = {.held_seq = play->said->held_seq,
		.held_link = bh_span(play->said->held_link, BH_HASH_BYTES)};
	int err = word_put(play, &answer);
	return err != 0 ? err : bh_bundle_writer_end(play->answer);
}

/* The last word is always said, so that an answer is never empty. */
int bh_bundle_answer_end(struct bh_bundle_play *play)
{
	int err = complete_put(play);
	return err != 0 ? err : bh_bundle_writer_end(play->answer);
}

void bh_bundle_answer_close(struct bh_bundle_play *play)
{
	bh_bundle_writer_close(play->answer);
	bh_buf_free(&play->message);
	free(play->complete);
	free(play->complete_hashes);
}
