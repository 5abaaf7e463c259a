/*
 * Connect, enrol once, say Hello, then push what was made beforehand and read what comes.  Anything
 * unexpected makes the lane lost, which every phase treats as the end of the measurement: figures
 * come from whole runs only.
 */
#include "tests/bench/lane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/verdict.h"

#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define READY_BYTES_MAX ((size_t)1 << 30)
#define ARENA_BYTES (4u * 1024u * 1024u)

void lane_lose(struct lane *lane, const char *why)
{
	if (lane->state == LANE_LOST)
		return;
	if (lane->state == LANE_LIVE)
		lane->yard->live--;
	lane->state = LANE_LOST;
	if (lane->yard->lost++ < 3)
		(void)fprintf(stderr, "a lane is lost: %s\n", why);
	if (lane->bev)
		(void)bufferevent_disable(lane->bev, EV_READ | EV_WRITE);
}

static void frame_send(struct lane *lane, const struct bh_client_frame *frame)
{
	struct bh_buf body = BH_BUF(BH_FRAME_BYTES_MAX), out = BH_BUF(BH_FRAME_BYTES_MAX + 16);
	if (bh_encode_client_frame(frame, &body) || bh_frame_put(&out, bh_buf_span(&body)) ||
		bufferevent_write(lane->bev, out.data, out.len) != 0)
		lane_lose(lane, "a frame could not be sent");
	bh_buf_free(&body);
	bh_buf_free(&out);
}

static int signed_message(struct lane *lane, bool enrol, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(1024);
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	bh_key_public(lane->key, public_key);
	int err = enrol ? bh_enrol_message(&message, &lane->binding, lane->yard->district,
				  lane->code, public_key, lane->log_id)
			: bh_session_message(&message, &lane->binding, lane->yard->district,
				  lane->device, lane->log_id);
	if (!err)
		err = bh_key_sign(lane->key, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return err;
}

static void enrol_say(struct lane *lane)
{
	uint8_t signature[BH_SIGNATURE_BYTES], public_key[BH_PUBLIC_KEY_BYTES];
	struct bh_now now = lane->yard->clock.now(lane->yard->clock.context);
	struct bh_client_frame frame = {.kind = BH_CLIENT_ENROL};
	if (signed_message(lane, true, signature)) {
		lane_lose(lane, "cannot sign");
		return;
	}
	bh_key_public(lane->key, public_key);
	frame.u.enrol = (struct bh_msg_enrol){.version_min = BH_PROTOCOL_VERSION_MIN,
		.version_max = BH_PROTOCOL_VERSION,
		.code = bh_span(lane->code, BH_CODE_BYTES),
		.public_key = bh_span(public_key, sizeof(public_key)),
		.log_id = bh_span(lane->log_id, BH_LOG_ID_BYTES),
		.signature = bh_span(signature, sizeof(signature)),
		.device_model = bh_span("bench", 5),
		.wall_ms = now.wall_ms,
		.mono_ms = now.mono_ms};
	lane->state = LANE_ENROLLING;
	frame_send(lane, &frame);
}

static void hello_say(struct lane *lane)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_now now = lane->yard->clock.now(lane->yard->clock.context);
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	if (signed_message(lane, false, signature)) {
		lane_lose(lane, "cannot sign");
		return;
	}
	frame.u.hello = (struct bh_msg_hello){.version_min = BH_PROTOCOL_VERSION_MIN,
		.version_max = BH_PROTOCOL_VERSION,
		.device = lane->device,
		.log_id = bh_span(lane->log_id, BH_LOG_ID_BYTES),
		.acked_seq = lane->acked_seq,
		.acked_link = bh_span(lane->acked_link, lane->acked_seq ? BH_HASH_BYTES : 0),
		.last_seq = lane->seq,
		.signature = bh_span(signature, sizeof(signature)),
		.cursors = lane->cursors,
		.cursors_count = lane->cursors_count,
		.epoch = lane->cursors_count ? lane->epoch : 0,
		.wall_ms = now.wall_ms,
		.mono_ms = now.mono_ms,
		.boot = LANE_BOOT,
		.profile_version = UINT32_MAX >> 1,
		.head_hash = bh_span(lane->head_hash, lane->has_head_hash ? 8 : 0)};
	lane->state = LANE_GREETING;
	frame_send(lane, &frame);
}

/* ---- What comes ---- */

static void on_enrolled(struct lane *lane, const struct bh_msg_enrolled *enrolled)
{
	struct bh_arena arena = BH_ARENA(65536);
	struct bh_msg_enrolment_receipt receipt;
	if (bh_decode_receipt(enrolled->receipt, &arena, &receipt)) {
		lane_lose(lane, "no receipt");
	} else {
		lane->device = receipt.device;
		lane->person = receipt.person;
		lane->log_short = receipt.log_short;
		lane->has_device = true;
		lane->yard->enrolled++;
		hello_say(lane);
	}
	bh_arena_free(&arena);
}

static void on_delta(struct lane *lane, const struct bh_msg_delta *delta)
{
	struct bh_arena arena = BH_ARENA(ARENA_BYTES);
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_msg_records records = {0};
	struct bh_client_frame frame = {.kind = BH_CLIENT_APPLIED};
	if (delta->records.raw_bytes > 0 &&
		(bh_unpack(lane->yard->packer, delta->records.scheme, delta->records.raw_bytes,
			 delta->records.data, &raw) ||
			bh_decode_records(bh_buf_span(&raw), &arena, &records)))
		lane_lose(lane, "a delta that does not decode");
	for (size_t i = 0; i < records.records_count && lane->yard->on_record; i++)
		lane->yard->on_record(lane, &records.records[i]);
	lane->cursors_count = delta->cursors_count < 8 ? delta->cursors_count : 8;
	memcpy(lane->cursors, delta->cursors, lane->cursors_count * sizeof(lane->cursors[0]));
	lane->epoch = delta->epoch;
	lane->has_head_hash = delta->head_hash.len == 8;
	if (lane->has_head_hash)
		memcpy(lane->head_hash, delta->head_hash.data, 8);
	frame.u.applied = (struct bh_msg_applied){delta->cursors, delta->cursors_count};
	if (lane->state == LANE_LIVE)
		frame_send(lane, &frame);
	bh_arena_free(&arena);
	bh_buf_free(&raw);
}

static void on_ack(struct lane *lane, const struct bh_msg_ack *ack)
{
	for (size_t i = 0; i < ack->verdicts_count; i++)
		if (ack->verdicts[i].verdict != BH_VERDICT_ACCEPTED) {
			lane_lose(lane, bh_reason_name((enum bh_reason)ack->verdicts[i].code));
			return;
		}
	lane->acked_seq = ack->seq;
	if (ack->seq == lane->seq)
		memcpy(lane->acked_link, lane->link, sizeof(lane->acked_link));
	if (lane->yard->on_ack)
		lane->yard->on_ack(lane, ack->seq);
}

static void on_frame(struct lane *lane, const struct bh_server_frame *frame)
{
	struct bh_client_frame pong = {.kind = BH_CLIENT_PONG};
	switch (frame->kind) {
	case BH_SERVER_ENROLLED:
		on_enrolled(lane, &frame->u.enrolled);
		break;
	case BH_SERVER_WELCOME:
		if (frame->u.welcome.fork) {
			lane_lose(lane, "fork");
			return;
		}
		lane->state = LANE_LIVE;
		lane->yard->live++;
		if (lane->yard->on_live)
			lane->yard->on_live(lane);
		break;
	case BH_SERVER_ACK:
		on_ack(lane, &frame->u.ack);
		break;
	case BH_SERVER_DELTA:
		on_delta(lane, &frame->u.delta);
		break;
	case BH_SERVER_PING:
		frame_send(lane, &pong);
		break;
	case BH_SERVER_REFUSAL:
		lane_lose(lane, bh_refusal_name((enum bh_refusal)frame->u.refusal.code));
		break;
	default:
		break;
	}
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct lane *lane = context;
	struct evbuffer *in = bufferevent_get_input(bev);
	while (lane->state != LANE_LOST) {
		size_t len = evbuffer_get_length(in), used = 0;
		struct bh_span body, whole = bh_span(evbuffer_pullup(in, -1), len);
		int err = bh_frame_take(whole, BH_FRAME_BYTES_MAX, &body, &used);
		if (err == BH_ERR_BUSY)
			return;
		struct bh_arena arena = BH_ARENA(ARENA_BYTES);
		struct bh_server_frame frame;
		if (!err)
			err = bh_decode_server_frame(body, &arena, &frame);
		if (err)
			lane_lose(lane, "a frame that does not decode");
		else
			on_frame(lane, &frame);
		bh_arena_free(&arena);
		(void)evbuffer_drain(in, used);
	}
}

static bool binding_read(struct lane *lane)
{
	SSL *ssl = bufferevent_openssl_get_ssl(lane->bev);
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	uint8_t *spki = NULL;
	int len = leaf ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf), &spki) : 0;
	bool ok = len > 0 && EVP_Digest(spki, (size_t)len, lane->binding.server_key_hash, NULL,
				     EVP_sha256(), NULL) == 1;
	OPENSSL_free(spki);
	return ok && SSL_export_keying_material(ssl, lane->binding.exporter, BH_EXPORTER_BYTES,
			     EXPORTER_LABEL, sizeof(EXPORTER_LABEL) - 1, NULL, 0, 0) == 1;
}

static void on_event(struct bufferevent *bev, short events, void *context)
{
	struct lane *lane = context;
	int on = 1;
	if (!(events & BEV_EVENT_CONNECTED)) {
		lane_lose(lane, "the link broke");
		return;
	}
	(void)setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!binding_read(lane)) {
		lane_lose(lane, "no exporter");
		return;
	}
	if (lane->has_device)
		hello_say(lane);
	else
		enrol_say(lane);
}

int lane_make(struct lane *lane, struct lane_yard *yard, const uint8_t code[BH_CODE_BYTES])
{
	memset(lane, 0, sizeof(*lane));
	lane->yard = yard;
	lane->ready = BH_BUF(READY_BYTES_MAX);
	memcpy(lane->code, code, BH_CODE_BYTES);
	int err = yard->rng.fill(yard->rng.context, lane->log_id, BH_LOG_ID_BYTES);
	if (!err)
		err = bh_key_generate(&lane->key);
	bh_log_start(yard->hasher, yard->district, lane->log_id, lane->link);
	return err;
}

void lane_hang_up(struct lane *lane)
{
	if (lane->state == LANE_LIVE)
		lane->yard->live--;
	if (lane->bev)
		bufferevent_free(lane->bev);
	lane->bev = NULL;
	lane->state = LANE_IDLE;
}

void lane_free(struct lane *lane)
{
	lane_hang_up(lane);
	bh_key_free(lane->key);
	bh_buf_free(&lane->ready);
}

/* A socket that comes from an address of the lane's own, or -1: the kernel chooses. */
static evutil_socket_t socket_make(const struct lane *lane)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	if (lane->yard->sources == 0)
		return -1;
	evutil_socket_t fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	from.sin_addr.s_addr = htonl(
		INADDR_LOOPBACK + 1u + (uint32_t)(lane->device % lane->yard->sources));
	if (fd >= 0 && bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

void lane_connect(struct lane *lane)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(lane->yard->port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	SSL *ssl = SSL_new(lane->yard->context);
	if (!ssl || SSL_set_tlsext_host_name(ssl, lane->yard->district) != 1) {
		lane_lose(lane, "no TLS");
		return;
	}
	lane->bev = bufferevent_openssl_socket_new(lane->yard->base, socket_make(lane), ssl,
		BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!lane->bev) {
		lane_lose(lane, "no bufferevent");
		return;
	}
	lane->state = LANE_RISING;
	bufferevent_setcb(lane->bev, on_read, NULL, on_event, lane);
	(void)bufferevent_enable(lane->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(lane->bev, (struct sockaddr *)&to, sizeof(to)) != 0)
		lane_lose(lane, "no connection");
}
