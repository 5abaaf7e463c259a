/* The obliging server.  Bytes the client sends are cut into frames and answered on the spot into a
 * buffer, from which the client's recv reads. */
#include "tests/unit/client/autoserver_state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/caseflow.h"
#include "proto/clock.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/verdict.h"

#define WAIT_MS_MAX \
	20 /* a wait that nobody wakes: bounded, so that time-outs of the client are noticed */

void autoserver_answer(struct autoserver *server, const struct bh_server_frame *frame)
{
	size_t mark;
	assert_int_equal(bh_frame_begin(&server->out, &mark), 0);
	assert_int_equal(bh_encode_server_frame(frame, &server->out), 0);
	assert_int_equal(bh_frame_end(&server->out, mark), 0);
}

static void on_enrol(struct autoserver *server, const struct bh_msg_enrol *enrol)
{
	struct bh_buf raw = BH_BUF(4096), message = BH_BUF(4096);
	uint8_t signature[BH_SIGNATURE_BYTES];
	const struct bh_msg_enrolment_receipt receipt = {.district = scripted_text("340803"),
		.device = SCRIPTED_DEVICE,
		.person = SCRIPTED_PERSON,
		.log_short = SCRIPTED_SHORT,
		.log_id = enrol->log_id,
		.public_key = enrol->public_key};

	autoserver_enrol_verify(server, enrol);
	if (server->codes_refused) {
		const struct bh_server_frame refusal = {
			.kind = BH_SERVER_REFUSAL, .u.refusal = {.code = BH_REFUSAL_CODE}};

		autoserver_answer(server, &refusal);
		return;
	}
	assert_int_equal(bh_encode_receipt(&receipt, &raw), 0);
	assert_int_equal(bh_receipt_message(&message, bh_buf_span(&raw)), 0);
	assert_int_equal(bh_key_sign(server->ca, bh_buf_span(&message), signature), 0);
	const struct bh_server_frame enrolled = {.kind = BH_SERVER_ENROLLED,
		.u.enrolled = {bh_buf_span(&raw), bh_span(signature, sizeof(signature)),
			scripted_district()}};

	bh_log_start(server->hasher, "340803", enrol->log_id.data, server->links[0]);
	autoserver_answer(server, &enrolled);
	bh_buf_free(&raw);
	bh_buf_free(&message);
}

static void on_hello(struct autoserver *server)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN, SCRIPTED_UNIT};
	static const uint8_t mac[BH_MAC_BYTES] = {1};
	const struct bh_server_frame welcome = {.kind = BH_SERVER_WELCOME,
		.u.welcome = {.version = 1,
			.acked_seq = server->held,
			.acked_link = bh_span(
				server->links[server->held], server->held ? BH_HASH_BYTES : 0),
			.epoch = SCRIPTED_EPOCH,
			.server_ms = 1790000001000,
			.log_short = SCRIPTED_SHORT,
			.scopes = scopes,
			.scopes_count = 2,
			.mac = bh_span(mac, sizeof(mac)),
			.received_ms = 1790000001000}};

	server->counts.hellos++;
	server->welcomed = true;
	autoserver_answer(server, &welcome);
}

static void count_verb(struct autoserver_counts *counts, uint32_t verb)
{
	counts->ops++;
	counts->delivered += verb == BH_VERB_DELIVERED;
	counts->seen += verb == BH_VERB_SEEN;
	counts->signs += verb == BH_VERB_SIGN;
	counts->finishes += verb == BH_VERB_FINISH;
}

static void hold(struct autoserver *server, const struct bh_msg_push *push)
{
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_msg_op_header header;
	struct bh_msg_batch batch;
	uint8_t commitment[BH_HASH_BYTES];
	int reason = 0;
	assert_int_equal(bh_unpack(server->packer, push->batch.scheme, push->batch.raw_bytes,
				 push->batch.data, &raw),
		0);
	assert_int_equal(bh_decode_batch(bh_buf_span(&raw), &server->arena, &batch), 0);
	assert_int_equal(push->first_seq, server->held + 1);
	for (size_t i = 0; i < batch.headers_count; i++) {
		uint64_t seq = ++server->held;

		bh_op_commitment(server->hasher, push->salts.data + i * BH_SALT_BYTES,
			batch.contents[i], commitment);
		bh_log_link(server->hasher, server->links[seq - 1], seq, batch.headers[i],
			commitment, server->links[seq]);
		assert_int_equal(
			bh_op_decode_header(batch.headers[i], &server->arena, &header, &reason), 0);
		count_verb(&server->counts, header.verb);
	}
	bh_buf_free(&raw);
}

static void on_push(struct autoserver *server, const struct bh_msg_push *push)
{
	static const uint8_t mac[BH_MAC_BYTES] = {2};

	hold(server, push);
	autoserver_head_verify(server, push);
	bool has_verdict = server->verdict.seq >= push->first_seq &&
			   server->verdict.seq <= server->held;
	const struct bh_server_frame ack = {.kind = BH_SERVER_ACK,
		.u.ack = {.seq = server->held,
			.link_check = bh_span(server->links[server->held], 8),
			.received_ms = 1790000002000,
			.mac = bh_span(mac, sizeof(mac)),
			.verdicts = &server->verdict,
			.verdicts_count = has_verdict}};

	autoserver_answer(server, &ack);
}

static void tell(struct autoserver *server)
{
	static const uint8_t hash[8] = {9, 9};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX), packed = BH_BUF(BH_UNPACKED_BYTES_MAX);
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, server->told.position};
	const struct bh_msg_records records = {.records = &server->told, .records_count = 1};
	enum bh_pack_scheme scheme;
	if (!server->welcomed || !server->tells)
		return;
	server->tells = false;
	assert_int_equal(bh_encode_records(&records, &raw), 0);
	assert_int_equal(bh_pack(server->packer, bh_buf_span(&raw), &packed, &scheme), 0);
	const struct bh_server_frame delta = {.kind = BH_SERVER_DELTA,
		.u.delta = {.records = {(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(&packed)},
			.cursors = &cursor,
			.cursors_count = 1,
			.head_hash = bh_span(hash, sizeof(hash)),
			.epoch = SCRIPTED_EPOCH}};

	autoserver_answer(server, &delta);
	bh_buf_free(&raw);
	bh_buf_free(&packed);
}

static void on_frame(struct autoserver *server, const struct bh_client_frame *frame)
{
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	if (frame->kind == BH_CLIENT_ENROL)
		on_enrol(server, &frame->u.enrol);
	if (frame->kind == BH_CLIENT_HELLO) {
		autoserver_hello_verify(server, &frame->u.hello);
		on_hello(server);
	}
	if (frame->kind == BH_CLIENT_PUSH)
		on_push(server, &frame->u.push);
	if (frame->kind == BH_CLIENT_PING)
		autoserver_answer(server, &pong);
	autoserver_blob(server, frame);
	if (frame->kind == BH_CLIENT_BYE) {
		server->counts.byes++;
		server->counts.bye_unsent = frame->u.bye.unsent_ops;
	}
}

/* ---- The transport ---- */

static int auto_dial(void *context, const struct bh_target *target, struct bh_link **out,
	enum bh_link_cause *cause)
{
	struct autoserver *server = context;
	pthread_mutex_lock(&server->lock);
	bool unreachable = server->unreachable;

	server->counts.dials++;
	if (!unreachable) {
		server->in.len = 0;
		server->out.len = 0;
		server->welcomed = false;
		server->link.server = server;
		*out = &server->link;
	}
	pthread_mutex_unlock(&server->lock);
	*cause = BH_LINK_UNREACHABLE;
	assert_string_equal(target->district, "340803");
	return unreachable ? BH_ERR_IO : 0;
}

static enum bh_link_state auto_step(
	struct bh_link *link, struct bh_link_proof *proof, enum bh_link_cause *cause)
{
	(void)cause;
	*proof = (struct bh_link_proof){.ca_key_known = true};
	proof->binding = *autoserver_binding();
	bh_key_public(link->server->ca, proof->ca_key);
	return BH_LINK_STATE_UP;
}

static int auto_send(
	struct bh_link *link, struct bh_span bytes, size_t *sent, enum bh_link_cause *cause)
{
	struct autoserver *server = link->server;
	/* Never all at once, so that what is left is offered again. */
	size_t part = bytes.len > 100 ? bytes.len / 2 : bytes.len;
	struct bh_client_frame frame;
	struct bh_span body;
	size_t used;
	(void)cause;
	pthread_mutex_lock(&server->lock);
	server->traffic.up_bytes += part;
	assert_int_equal(bh_buf_append(&server->in, bytes.data, part), 0);
	while (bh_frame_take(bh_buf_span(&server->in), BH_FRAME_BYTES_MAX, &body, &used) == 0) {
		bh_arena_reset(&server->arena);
		assert_int_equal(bh_decode_client_frame(body, &server->arena, &frame), 0);
		on_frame(server, &frame);
		bh_buf_consume(&server->in, used);
	}
	pthread_mutex_unlock(&server->lock);
	*sent = part;
	return 0;
}

static int auto_recv(
	struct bh_link *link, uint8_t *bytes, size_t size, size_t *got, enum bh_link_cause *cause)
{
	struct autoserver *server = link->server;
	(void)cause;
	pthread_mutex_lock(&server->lock);
	tell(server);
	*got = server->out.len < size ? server->out.len : size;
	if (*got > 0)
		memcpy(bytes, server->out.data, *got);
	bh_buf_consume(&server->out, *got);
	server->traffic.down_bytes += *got;
	pthread_mutex_unlock(&server->lock);
	return 0;
}

static void auto_wait(void *context, struct bh_link *link, bool want_send, int64_t timeout_ms)
{
	struct autoserver *server = context;
	const struct bh_clock clock = bh_clock_system();
	int64_t ms = timeout_ms < 0 || timeout_ms > WAIT_MS_MAX ? WAIT_MS_MAX : timeout_ms;
	int64_t until_ms = clock.now(clock.context).wall_ms + ms;
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};

	(void)link;
	pthread_mutex_lock(&server->lock);
	while (!server->ringing && !want_send && server->out.len == 0 &&
		!(server->tells && server->welcomed))
		if (pthread_cond_timedwait(&server->woken, &server->lock, &until) != 0)
			break;
	server->ringing = false;
	pthread_mutex_unlock(&server->lock);
}

static void auto_wake(void *context)
{
	struct autoserver *server = context;
	pthread_mutex_lock(&server->lock);
	server->ringing = true;
	pthread_cond_signal(&server->woken);
	pthread_mutex_unlock(&server->lock);
}

static struct bh_traffic auto_traffic(void *context)
{
	struct autoserver *server = context;
	pthread_mutex_lock(&server->lock);
	struct bh_traffic traffic = server->traffic;
	pthread_mutex_unlock(&server->lock);
	return traffic;
}

static void auto_close(struct bh_link *link, bool orderly)
{
	(void)orderly;
	if (!link)
		return;
	pthread_mutex_lock(&link->server->lock);
	link->server->welcomed = false;
	pthread_mutex_unlock(&link->server->lock);
}

static void auto_free(void *context)
{
	(void)context;
}

static const struct bh_transport_api api = {.dial = auto_dial,
	.step = auto_step,
	.send = auto_send,
	.recv = auto_recv,
	.wait = auto_wait,
	.wake = auto_wake,
	.traffic = auto_traffic,
	.close = auto_close,
	.free = auto_free};

struct bh_transport autoserver_transport(struct autoserver *server)
{
	return (struct bh_transport){&api, server};
}

/* ---- The test's hand ---- */

struct autoserver *autoserver_new(void)
{
	struct autoserver *server = calloc(1, sizeof(*server));

	assert_non_null(server);
	pthread_mutex_init(&server->lock, NULL);
	pthread_cond_init(&server->woken, NULL);
	server->in = BH_BUF(8u << 20);
	server->out = BH_BUF(8u << 20);
	server->arena = BH_ARENA(64u << 20);
	assert_int_equal(bh_hasher_open(&server->hasher), 0);
	assert_int_equal(bh_packer_open(&server->packer), 0);
	assert_int_equal(bh_key_generate(&server->ca), 0);
	return server;
}

void autoserver_free(struct autoserver *server)
{
	autoserver_photos_free(server);
	bh_buf_free(&server->in);
	bh_buf_free(&server->out);
	bh_arena_free(&server->arena);
	bh_hasher_close(server->hasher);
	bh_packer_close(server->packer);
	bh_key_free(server->ca);
	pthread_cond_destroy(&server->woken);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

void autoserver_reach(struct autoserver *server, bool reachable)
{
	pthread_mutex_lock(&server->lock);
	server->unreachable = !reachable;
	pthread_mutex_unlock(&server->lock);
}

void autoserver_refuse_codes(struct autoserver *server)
{
	pthread_mutex_lock(&server->lock);
	server->codes_refused = true;
	pthread_mutex_unlock(&server->lock);
}

void autoserver_verdict(struct autoserver *server, struct bh_msg_verdict verdict)
{
	pthread_mutex_lock(&server->lock);
	server->verdict = verdict;
	pthread_mutex_unlock(&server->lock);
}

void autoserver_tell(struct autoserver *server, const struct bh_msg_record *record)
{
	pthread_mutex_lock(&server->lock);
	server->told = *record;
	server->tells = true;
	pthread_cond_signal(&server->woken);
	pthread_mutex_unlock(&server->lock);
}

struct autoserver_counts autoserver_counts(struct autoserver *server)
{
	pthread_mutex_lock(&server->lock);
	struct autoserver_counts counts = server->counts;
	pthread_mutex_unlock(&server->lock);
	return counts;
}
