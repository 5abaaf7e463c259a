/* Bytes under way.  A send becomes one piece or several, each with the instant at which it arrives;
 * instants never go back within a pipe, so the order is kept whatever the latencies are.  One event
 * is armed for the first piece; when it has been taken the next is armed. */
#include "tests/sim/net_pipe.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define BYTE_GAP_MS_MAX 1
#define SPLIT_GAP_MS_MAX 20

const struct bh_simnet_profile *bh_simconn_profile(
	const struct bh_simnet *net, const struct bh_simconn *conn)
{
	return &net->hosts[conn->host[BH_SIMNET_CLIENT]].profile;
}

int64_t bh_simconn_latency(struct bh_simnet *net, const struct bh_simconn *conn)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);

	return bh_simrng_tail(&net->rng, profile->latency_ms_min, profile->latency_ms_max);
}

void bh_simnet_turn(struct bh_simnet *net, int64_t at_ms, const struct bh_simconn *conn,
	enum bh_simnet_turn turn, uint64_t c)
{
	int err = bh_simqueue_push(net->queue, at_ms, net->event_kind, conn->id, turn, c);

	if (err != BH_NOERR && net->err == BH_NOERR)
		net->err = err;
}

void bh_simpipe_arm(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction)
{
	struct bh_simpipe *pipe = &conn->pipe[direction];

	pipe->generation++;
	if (pipe->first == NULL || pipe->held || pipe->waiting)
		return;
	bh_simnet_turn(net, pipe->first->due_ms, conn, BH_SIMTURN_ARRIVE,
		pipe->generation << 1 | direction);
}

static void piece_free(struct bh_simpiece *piece)
{
	free(piece->data);
	free(piece);
}

static struct bh_simpiece *piece_make(enum bh_simpiece_kind kind, const uint8_t *data, size_t len)
{
	struct bh_simpiece *piece = calloc(1, sizeof(*piece));

	if (piece == NULL)
		return NULL;
	piece->kind = kind;
	piece->len = len;
	if (len == 0)
		return piece;
	piece->data = malloc(len);
	if (piece->data == NULL) {
		free(piece);
		return NULL;
	}
	memcpy(piece->data, data, len);
	return piece;
}

void bh_simpipe_add(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	enum bh_simpiece_kind kind, const uint8_t *data, size_t len, int64_t due_ms)
{
	struct bh_simpipe *pipe = &conn->pipe[direction];
	struct bh_simpiece *piece = piece_make(kind, data, len);

	if (piece == NULL) {
		net->err = BH_ERR_NOMEM;
		return;
	}
	if (due_ms > pipe->last_due_ms)
		pipe->last_due_ms = due_ms;
	piece->sent_ms = bh_simqueue_now(net->queue);
	piece->due_ms = pipe->last_due_ms;
	if (pipe->last != NULL) {
		pipe->last->next = piece;
		pipe->last = piece;
		return;
	}
	pipe->first = piece;
	pipe->last = piece;
	bh_simpipe_arm(net, conn, direction);
}

struct bh_simpiece *bh_simpipe_take(struct bh_simpipe *pipe)
{
	struct bh_simpiece *piece = pipe->first;

	if (piece == NULL)
		return NULL;
	pipe->first = piece->next;
	if (pipe->first == NULL)
		pipe->last = NULL;
	return piece;
}

void bh_simpipe_clear(struct bh_simnet *net, struct bh_simpipe *pipe)
{
	struct bh_simpiece *piece;

	while ((piece = bh_simpipe_take(pipe)) != NULL) {
		net->stats.bytes_lost += piece->len;
		piece_free(piece);
	}
	pipe->waiting = false;
}

/* When bytes sent now arrive: latency, a stall, and the time the link needs for them. */
static int64_t feed_due(
	struct bh_simnet *net, struct bh_simconn *conn, unsigned direction, size_t len)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	struct bh_simpipe *pipe = &conn->pipe[direction];
	int64_t now = bh_simqueue_now(net->queue);
	int64_t start = pipe->free_at_ms > now ? pipe->free_at_ms : now;
	int64_t due_ms = bh_simconn_latency(net, conn);

	if (profile->bytes_per_s > 0)
		start += (int64_t)((uint64_t)len * 1000u / profile->bytes_per_s);
	pipe->free_at_ms = start;
	if (bh_simrng_chance(&net->rng, profile->stall_ppm)) {
		due_ms += bh_simrng_between(&net->rng, 0, profile->stall_ms_max);
		net->stats.stalls++;
	}
	return start + due_ms;
}

/* Adds to the last piece under way, which then arrives no sooner than the bytes would have; false
 * if there is none, or it would have to wait too long for them. */
static bool feed_glue(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const uint8_t *data, size_t len, int64_t due_ms)
{
	struct bh_simpipe *pipe = &conn->pipe[direction];
	struct bh_simpiece *last = pipe->last;
	uint8_t *bytes;

	if (last == NULL || last->kind != BH_SIMPIECE_DATA ||
		due_ms > last->due_ms + bh_simconn_profile(net, conn)->glue_ms)
		return false;
	bytes = realloc(last->data, last->len + len);
	if (bytes == NULL) {
		net->err = BH_ERR_NOMEM;
		return true;
	}
	memcpy(bytes + last->len, data, len);
	last->data = bytes;
	last->len += len;
	if (due_ms > last->due_ms)
		last->due_ms = due_ms;
	pipe->last_due_ms = last->due_ms;
	if (last == pipe->first)
		bh_simpipe_arm(net, conn, direction);
	net->stats.sends_glued++;
	return true;
}

static void feed_bytewise(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const uint8_t *data, size_t len, int64_t due_ms)
{
	size_t single = len < BH_SIMNET_BYTEWISE_MAX ? len : BH_SIMNET_BYTEWISE_MAX;

	for (size_t i = 0; i < single; i++) {
		bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data + i, 1, due_ms);
		due_ms += bh_simrng_between(&net->rng, 0, BYTE_GAP_MS_MAX);
	}
	if (len > single)
		bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data + single, len - single,
			due_ms);
	net->stats.sends_bytewise++;
}

static void feed_split(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const uint8_t *data, size_t len, int64_t due_ms)
{
	uint64_t pieces = 2 + bh_simrng_below(&net->rng, BH_SIMNET_PIECES_MAX - 1);

	for (; pieces > 1 && len > 1; pieces--) {
		size_t part = 1 + (size_t)bh_simrng_below(&net->rng, len - 1);

		bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data, part, due_ms);
		due_ms += bh_simrng_between(&net->rng, 0, SPLIT_GAP_MS_MAX);
		data += part;
		len -= part;
	}
	bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data, len, due_ms);
	net->stats.sends_split++;
}

void bh_simpipe_feed(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction,
	const uint8_t *data, size_t len)
{
	const struct bh_simnet_profile *profile = bh_simconn_profile(net, conn);
	int64_t due_ms = feed_due(net, conn, direction, len);
	bool bytewise = bh_simrng_chance(&net->rng, profile->bytewise_ppm);
	bool split = bh_simrng_chance(&net->rng, profile->split_ppm);
	bool glue = bh_simrng_chance(&net->rng, profile->glue_ppm);

	if (len > 1 && bytewise) {
		feed_bytewise(net, conn, direction, data, len, due_ms);
	} else if (len > 1 && split) {
		feed_split(net, conn, direction, data, len, due_ms);
	} else if (glue) {
		if (feed_glue(net, conn, direction, data, len, due_ms))
			return;
		due_ms += bh_simrng_between(&net->rng, 0, profile->glue_ms);
		bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data, len, due_ms);
	} else {
		bh_simpipe_add(net, conn, direction, BH_SIMPIECE_DATA, data, len, due_ms);
	}
}

static size_t pipe_bytes(const struct bh_simpipe *pipe)
{
	size_t bytes = 0;

	for (const struct bh_simpiece *at = pipe->first; at != NULL; at = at->next)
		bytes += at->len;
	return bytes;
}

bool bh_simpipe_cut(struct bh_simnet *net, struct bh_simconn *conn, unsigned direction)
{
	struct bh_simpipe *pipe = &conn->pipe[direction];
	size_t total = pipe_bytes(pipe);
	size_t keep = (size_t)bh_simrng_below(&net->rng, total + 1);
	size_t left = keep;
	struct bh_simpipe kept = *pipe;
	struct bh_simpiece *piece;

	kept.first = NULL;
	kept.last = NULL;
	while ((piece = bh_simpipe_take(pipe)) != NULL) {
		size_t part = piece->len < left ? piece->len : left;

		net->stats.bytes_lost += piece->len - part;
		left -= part;
		piece->len = part;
		piece->next = NULL;
		if (part == 0) {
			piece_free(piece);
			continue;
		}
		if (kept.last == NULL)
			kept.first = piece;
		else
			kept.last->next = piece;
		kept.last = piece;
	}
	*pipe = kept;
	pipe->dead = true;
	pipe->waiting = false; /* if a partition still holds it, the event will find out */
	bh_simpipe_arm(net, conn, direction);
	return keep > 0 && keep < total;
}
