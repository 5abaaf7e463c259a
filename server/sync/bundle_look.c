/* The first reading of a bundle: nothing changes.
 *
 *   sealed for us? -> whole? -> of our district? -> a device of ours? -> signed by it?
 *        -> each push on the one before it, each link made anew -> the last is the one that was
 * signed
 *
 * What was read is hashed piece by piece, and the second reading takes nothing else.
 *
 * The statement stands first, and fixes by two links every op between them; what it says is looked
 * at as it comes, and believed when the file's end has held. */
#include <string.h>

#include "server/sync/bundle_part.h"

#define PIECE_BYTES (64u * 1024u)
#define PIECES_MAX                                                                     \
	(BH_BUNDLE_CHUNKS_MAX + BH_BUNDLE_CHUNKS_MAX / 4096u + 1u) /* with their seals \
								    */
#define FRAME_ARENA_BYTES_MAX (8u * 1024u * 1024u)

struct look {
	const struct bh_bundle_door *door;
	struct bh_bundle_said *said;
	struct bh_arena arena;
	struct bh_buf raw;
	bool begun;
	uint64_t seq; /* of the last op read, and its link */
	uint8_t link[BH_HASH_BYTES];
	struct bh_log log; /* as it is here; head_seq 0: nothing is */
	enum bh_bundle_fault fault;
};

enum bh_bundle_fault bh_bundle_fault_of(int err)
{
	switch (err) {
	case BH_ERR_MALFORMED:
		return BH_BUNDLE_NOT_ONE;
	case BH_ERR_NOT_FOUND:
		return BH_BUNDLE_SEALED;
	case BH_ERR_AUTH:
	case BH_ERR_LIMIT:
		return BH_BUNDLE_DAMAGED;
	default:
		return BH_BUNDLE_STORAGE;
	}
}

/* A whole piece, but for the file's last one. */
static int piece_read(const struct bh_bundle_door *door, bool start, uint8_t *piece, size_t *len)
{
	size_t n = 1;
	int err = 0;
	for (*len = 0; err == 0 && n > 0 && *len < PIECE_BYTES; *len += err == 0 ? n : 0) {
		err = door->read(door->context, start, piece + *len, PIECE_BYTES - *len, &n);
		start = false;
	}
	return err;
}

/* Whoever brings the file can change it, or have a stick give other bytes the second time. */
static int piece_check(const struct bh_bundle_door *door, struct bh_buf *pieces, bool again,
	size_t number, struct bh_span piece)
{
	uint8_t hash[BH_HASH_BYTES];
	bh_hash_parts(door->hasher, &piece, 1, hash);
	if (!again)
		return bh_buf_append(pieces, hash, sizeof(hash));
	bool same = number < pieces->len / BH_HASH_BYTES &&
		    memcmp(pieces->data + number * BH_HASH_BYTES, hash, sizeof(hash)) == 0;
	return same ? 0 : BH_ERR_AUTH;
}

int bh_bundle_read(const struct bh_bundle_door *door, struct bh_buf *pieces, bool again,
	bh_bundle_taker take, void *context)
{
	struct bh_bundle_frames *frames = NULL;
	uint8_t *piece = malloc(PIECE_BYTES);
	size_t len = 1;
	int err = piece == NULL ? BH_ERR_NOMEM
				: bh_bundle_frames_open(
					  door->keys, door->keys_count, take, context, &frames);
	for (size_t n = 0; err == 0 && len > 0; n++) {
		err = piece_read(door, n == 0, piece, &len);
		if (err == 0 && len > 0)
			err = piece_check(door, pieces, again, n, bh_span(piece, len));
		if (err == 0 && len > 0)
			err = bh_bundle_frames_put(frames, bh_span(piece, len));
	}
	if (err == 0)
		err = bh_bundle_frames_end(frames);
	bh_bundle_frames_close(frames);
	free(piece);
	return err;
}

static int fail(struct look *look, enum bh_bundle_fault fault)
{
	look->fault = fault;
	return BH_ERR_INVALID;
}

/* ---- The statement ---- */

static int statement_keep(struct look *look, const struct bh_msg_signed *message)
{
	struct bh_bundle_said *said = look->said;
	int err = message->statement.len > BH_STATEMENT_BYTES_MAX ? BH_ERR_LIMIT : 0;
	if (err == 0)
		err = bh_buf_append(&said->bytes, message->statement.data, message->statement.len);
	if (err == 0)
		err = bh_buf_append(&said->bytes, message->signature.data, message->signature.len);
	if (err == 0)
		err = bh_buf_append(
			&said->bytes, message->next_signature.data, message->next_signature.len);
	if (err != 0)
		return err;
	said->statement_bytes = bh_span(said->bytes.data, message->statement.len);
	said->signature = bh_span(
		said->bytes.data + message->statement.len, message->signature.len);
	said->next_signature = bh_span(
		said->signature.data + said->signature.len, message->next_signature.len);
	return bh_decode_bundle_statement(said->statement_bytes, &said->arena, &said->statement);
}

/* By the key that holds here, be it the one that the handset had, or the one that it is about to
 * take and that we have already; *said keeps the one that holds. */
static int signature_look(struct look *look, const struct bh_device *device)
{
	struct bh_buf message = BH_BUF(BH_STATEMENT_BYTES_MAX + 64u);
	struct bh_bundle_said *said = look->said;
	int err = bh_bundle_message(&message, said->statement_bytes);
	if (err == 0 && said->next_signature.len > 0 &&
		bh_key_verify(
			device->public_key, bh_buf_span(&message), said->next_signature.data) == 0)
		said->signature = said->next_signature;
	else if (err == 0 && bh_key_verify(device->public_key, bh_buf_span(&message),
				     said->signature.data) != 0)
		err = fail(look, BH_BUNDLE_SIGNATURE);
	bh_buf_free(&message);
	return err;
}

/* Where our head lies among them, it is one of their links; else two phones went two ways. */
static int head_look(struct look *look)
{
	bool same = look->seq != look->log.head_seq || look->seq == 0 ||
		    memcmp(look->link, look->log.head_link, BH_HASH_BYTES) == 0;
	return same ? 0 : fail(look, BH_BUNDLE_FORK);
}

/* Its handset holds what is missing, and is told from where on to carry it. */
static int gap_fail(struct look *look)
{
	struct bh_bundle_said *said = look->said;
	said->held_seq = look->log.head_seq;
	if (said->held_seq > 0)
		memcpy(said->held_link, look->log.head_link, BH_HASH_BYTES);
	else
		bh_log_start(look->door->hasher, look->door->district, said->statement.log_id.data,
			said->held_link);
	return fail(look, BH_BUNDLE_GAP);
}

static int log_look(struct look *look)
{
	const struct bh_msg_bundle_statement *statement = &look->said->statement;
	int err = bh_reader_log(look->door->reader, statement->log_id.data, &look->log);
	if (err != 0 && err != BH_ERR_NOT_FOUND)
		return fail(look, BH_BUNDLE_STORAGE);
	look->begun = true;
	look->seq = statement->after_seq;
	memcpy(look->link, statement->after_link.data, BH_HASH_BYTES);
	if (statement->last_seq > look->seq && look->seq > look->log.head_seq)
		return gap_fail(look);
	return head_look(look);
}

static int statement_look(struct look *look, struct bh_span body)
{
	const struct bh_bundle_door *door = look->door;
	const struct bh_msg_bundle_statement *statement = &look->said->statement;
	struct bh_msg_signed message;
	struct bh_device device;
	int err = bh_decode_signed(body, &look->arena, &message);
	if (err == 0)
		err = statement_keep(look, &message);
	if (err != 0)
		return err == BH_ERR_NOMEM ? err : fail(look, BH_BUNDLE_CONTENT);
	if (!bh_span_equal(statement->district, bh_span(door->district, strlen(door->district))))
		return fail(look, BH_BUNDLE_DISTRICT);
	err = bh_reader_device(door->reader, statement->device, &device);
	if (err == BH_ERR_NOT_FOUND)
		return fail(look, BH_BUNDLE_DEVICE);
	if (err == 0)
		err = signature_look(look, &device);
	if (err != 0)
		return err == BH_ERR_INVALID ? err : fail(look, BH_BUNDLE_STORAGE);
	if (statement->last_seq < statement->after_seq || statement->last_seq > UINT32_MAX)
		return fail(look, BH_BUNDLE_CONTENT);
	return log_look(look);
}

/* ---- Ops ---- */

static int op_look(struct look *look, const struct bh_msg_push *push,
	const struct bh_msg_batch *batch, size_t i)
{
	uint8_t salt[BH_SALT_BYTES], commitment[BH_HASH_BYTES], link[BH_HASH_BYTES];
	struct bh_hasher *hasher = look->door->hasher;
	memcpy(salt, push->salts.data + i * BH_SALT_BYTES, BH_SALT_BYTES);
	bh_op_commitment(hasher, salt, batch->contents[i], commitment);
	look->seq++;
	bh_log_link(hasher, look->link, look->seq, batch->headers[i], commitment, link);
	memcpy(look->link, link, BH_HASH_BYTES);
	return head_look(look);
}

static int push_look(struct look *look, const struct bh_msg_push *push)
{
	struct bh_msg_batch batch;
	look->raw.len = 0;
	int err = bh_unpack(look->door->packer, push->batch.scheme, push->batch.raw_bytes,
		push->batch.data, &look->raw);
	if (err == 0)
		err = bh_decode_batch(bh_buf_span(&look->raw), &look->arena, &batch);
	if (err != 0)
		return err == BH_ERR_NOMEM ? err : fail(look, BH_BUNDLE_CONTENT);
	if (push->first_seq != look->seq + 1 || batch.headers_count == 0 ||
		batch.headers_count > look->said->statement.last_seq - look->seq ||
		push->salts.len != batch.headers_count * BH_SALT_BYTES)
		return fail(look, BH_BUNDLE_CONTENT);
	for (size_t i = 0; err == 0 && i < batch.headers_count; i++)
		err = op_look(look, push, &batch, i);
	look->said->ops += batch.headers_count;
	return err;
}

/* Kinds of a newer handset are passed over; those that no bundle holds are a fault. */
static int body_look(void *context, struct bh_span body)
{
	struct look *look = context;
	struct bh_client_frame frame;
	bh_arena_reset(&look->arena);
	if (!look->begun)
		return statement_look(look, body);
	int err = bh_decode_client_frame(body, &look->arena, &frame);
	if (err != 0)
		return err == BH_ERR_NOMEM ? err : fail(look, BH_BUNDLE_CONTENT);
	if (frame.kind == BH_CLIENT_PUSH)
		return push_look(look, &frame.u.push);
	return frame.kind == BH_CLIENT_BLOB_PART || frame.kind == BH_CLIENT_UNKNOWN
		       ? 0
		       : fail(look, BH_BUNDLE_CONTENT);
}

static bool ends_as_signed(const struct look *look)
{
	const struct bh_msg_bundle_statement *statement = &look->said->statement;
	return look->begun && look->seq == statement->last_seq &&
	       bh_span_equal(statement->last_link, bh_span(look->link, BH_HASH_BYTES));
}

int bh_bundle_look(
	const struct bh_bundle_door *door, struct bh_bundle_said *said, enum bh_bundle_fault *fault)
{
	struct look look = {.door = door,
		.said = said,
		.arena = BH_ARENA(FRAME_ARENA_BYTES_MAX),
		.raw = BH_BUF(BH_UNPACKED_BYTES_MAX)};
	*said = (struct bh_bundle_said){.bytes = BH_BUF(BH_STATEMENT_BYTES_MAX * 2),
		.pieces = BH_BUF(PIECES_MAX * BH_HASH_BYTES),
		.arena = BH_ARENA(BH_STATEMENT_BYTES_MAX * BH_DECODE_HEAP_FACTOR)};
	int err = bh_bundle_read(door, &said->pieces, false, body_look, &look);
	if (err == 0 && !ends_as_signed(&look))
		err = fail(&look, BH_BUNDLE_CONTENT);
	if (err != 0 && err != BH_ERR_INVALID && err != BH_ERR_NOMEM)
		err = fail(&look, bh_bundle_fault_of(err));
	bh_arena_free(&look.arena);
	bh_buf_free(&look.raw);
	*fault = look.fault;
	return err;
}

void bh_bundle_said_free(struct bh_bundle_said *said)
{
	bh_buf_free(&said->bytes);
	bh_buf_free(&said->pieces);
	bh_arena_free(&said->arena);
}
