/* Frames and the messages inside them, and what a hostile peer may try with them. */
#include <string.h>

#include "proto/codec.h"
#include "proto/codec_map.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "tests/unit/proto/cmocka_all.h"

#define ARENA_MAX (32u << 20)
#define ATTACK_BYTES (1u << 20)

static const uint8_t zeros[256];

static struct bh_client_frame hello_frame(void)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	frame.u.hello.version_max = 1;
	frame.u.hello.log_id = bh_span(zeros, BH_LOG_ID_BYTES);
	frame.u.hello.signature = bh_span(zeros, BH_SIGNATURE_BYTES);
	return frame;
}

static int decode_client(struct bh_span body, struct bh_client_frame *out)
{
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	int err = bh_decode_client_frame(body, &arena, out);
	bh_arena_free(&arena); /* the spans asserted on point into body */
	return err;
}

static int decode_server(struct bh_span body)
{
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	struct bh_server_frame out;
	int err = bh_decode_server_frame(body, &arena, &out);
	assert_true(arena.used <= BH_DECODE_HEAP_FACTOR * body.len + 2 * BH_DECODE_HEAP_BASE);
	bh_arena_free(&arena);
	return err;
}

static void test_frame__comes_back_with_its_kind_and_fields(void **state)
{
	(void)state;
	const struct bh_msg_cursor cursors[] = {{1, 2}, {UINT64_MAX, 4}};
	struct bh_client_frame frame = hello_frame(), out;
	struct bh_buf body = BH_BUF(1000);
	frame.u.hello.device = 7;
	frame.u.hello.wall_ms = -5;
	frame.u.hello.cursors = cursors;
	frame.u.hello.cursors_count = 2;
	assert_int_equal(bh_encode_client_frame(&frame, &body), 0);
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	assert_int_equal(bh_decode_client_frame(bh_buf_span(&body), &arena, &out), 0);
	assert_int_equal(out.kind, BH_CLIENT_HELLO);
	assert_int_equal(out.u.hello.device, 7);
	assert_int_equal(out.u.hello.wall_ms, -5);
	assert_int_equal(out.u.hello.cursors_count, 2);
	assert_true(out.u.hello.cursors[1].scope == UINT64_MAX);
	bh_arena_free(&arena);
	bh_buf_free(&body);
}

static void test_frame__ping_and_pong_differ_by_kind_alone(void **state)
{
	(void)state;
	struct bh_server_frame frame = {.kind = BH_SERVER_PING};
	struct bh_buf ping = BH_BUF(100), pong = BH_BUF(100);
	frame.u.ping.wall_ms = 1;
	assert_int_equal(bh_encode_server_frame(&frame, &ping), 0);
	frame.kind = BH_SERVER_PONG;
	assert_int_equal(bh_encode_server_frame(&frame, &pong), 0);
	assert_memory_equal(ping.data, "\x32\x02\x08\x02", 4);
	assert_memory_equal(pong.data, "\x3a\x02\x08\x02", 4);
	bh_buf_free(&ping);
	bh_buf_free(&pong);
}

/* A09 */
static void test_frame__a_kind_of_a_newer_program_is_unknown_not_fatal(void **state)
{
	(void)state;
	struct bh_client_frame out = {.kind = BH_CLIENT_BYE};
	static const char *const bodies[] = {
		"\x7a\x03\x61\x62\x63", "\x9a\x06\x00", "\xd8\x3e\x05", ""};
	static const size_t lens[] = {5, 3, 3, 0};
	for (unsigned i = 0; i < 4; i++) {
		out.kind = BH_CLIENT_BYE;
		assert_int_equal(decode_client(bh_span(bodies[i], lens[i]), &out), 0);
		assert_int_equal(out.kind, BH_CLIENT_UNKNOWN);
	}
}

/* A02: what is not protobuf, or two kinds at once. */
static void test_frame__garbage_is_malformed_and_leaves_out_alone(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{"\x00\x00", 2}, /* field 0 */
		{"\x0b", 1},     /* a group */
		{"\x0f", 1},     /* wire type 7 */
		{"\x0a", 1},     /* no length */
		{"\x0a\x05"
		 "ab",
			4}, /* short */
		{"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
		{"\x08\x01", 2},         /* a kind that is a number */
		{"\x2a\x00\x32\x00", 4}, /* ping and pong */
		{"\x2a\x00\x2a\x00", 4}, /* ping twice */
		{"\x2a\x02\x08\x80", 4}, /* varint cut off */
		{"\x2a\x02\x09\x80", 4}, /* fixed64 cut off */
		{"\x2a\x02\x0a\x00", 4}, /* bytes for a number */
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bh_client_frame out = {.kind = BH_CLIENT_BYE};
		assert_int_equal(
			decode_client(bh_span(bad[i].bytes, bad[i].len), &out), BH_ERR_MALFORMED);
		assert_int_equal(out.kind, BH_CLIENT_BYE);
	}
}

/* A09 */
static void test_frame__unknown_fields_are_skipped_within_a_budget(void **state)
{
	(void)state;
	struct bh_buf body = BH_BUF(10000), inner = BH_BUF(10000);
	struct bh_client_frame out;
	for (unsigned i = 0; i <= BH_DECODE_UNKNOWN_MAX; i++) {
		body.len = 0;
		assert_int_equal(bh_put_u8(&body, 0x2a), 0);
		uint8_t length[] = {(uint8_t)(inner.len | 0x80), (uint8_t)(inner.len >> 7)};
		assert_int_equal(bh_buf_append(&body, length, 2), 0);
		assert_int_equal(bh_buf_append(&body, inner.data, inner.len), 0);
		assert_int_equal(decode_client(bh_buf_span(&body), &out), 0);
		assert_int_equal(bh_buf_append(&inner, "\x78\x01", 2), 0); /* field 15, a number */
	}
	body.len = 0;
	assert_int_equal(bh_put_u8(&body, 0x2a), 0);
	uint8_t length[] = {(uint8_t)(inner.len | 0x80), (uint8_t)(inner.len >> 7)};
	assert_int_equal(bh_buf_append(&body, length, 2), 0);
	assert_int_equal(bh_buf_append(&body, inner.data, inner.len), 0);
	assert_int_equal(decode_client(bh_buf_span(&body), &out), BH_ERR_LIMIT);
	bh_buf_free(&body);
	bh_buf_free(&inner);
}

/* A09: as every protobuf reader does, the upper bits go; judging the value is the session's. */
static void test_frame__a_number_too_wide_loses_its_upper_bits(void **state)
{
	(void)state;
	struct bh_server_frame out;
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	assert_int_equal(
		bh_decode_server_frame(
			bh_span("\x42\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13), &arena,
			&out),
		0);
	assert_int_equal(out.u.refusal.code, UINT32_MAX);
	bh_arena_free(&arena);
}

/* A length-delimited field `kind` holding `unit` again and again, ATTACK_BYTES in all. */
static struct bh_buf attack(uint8_t kind, const char *unit, size_t len)
{
	struct bh_buf body = BH_BUF(2 * ATTACK_BYTES);
	size_t count = ATTACK_BYTES / len, inner = count * len;
	uint8_t head[5] = {(uint8_t)(kind << 3 | 2), (uint8_t)(inner | 0x80),
		(uint8_t)(inner >> 7 | 0x80), (uint8_t)(inner >> 14 & 0x7f), 0};
	assert_true(inner < 1u << 21);
	assert_int_equal(bh_buf_append(&body, head, 4), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bh_buf_append(&body, unit, len), 0);
	return body;
}

/* A10: fact 6 made 105 MB of such a MiB. */
static void test_frame__a_mebibyte_of_amplification_is_too_complex(void **state)
{
	(void)state;
	static const struct {
		uint8_t kind;
		const char *unit;
		size_t len;
	} attacks[] = {
		{BH_SERVER_DISTRICT, "\x22\x00", 2},         /* empty types */
		{BH_SERVER_DISTRICT, "\x2a\x00", 2},         /* empty areas */
		{BH_SERVER_DISTRICT, "\x22\x02\x3a\x00", 4}, /* types with empty conditions */
		{BH_SERVER_DISTRICT, "\xf8\x07\x01", 3},     /* unknown varints */
		{BH_SERVER_WELCOME, "\x38\x01", 2},          /* scopes one by one */
		{BH_SERVER_WELCOME, "\x3a\x04\x01\x01\x01\x01", 6}, /* ... and packed in pieces */
		{BH_SERVER_ACK, "\x2a\x00", 2},                     /* empty verdicts */
		{BH_SERVER_DELTA, "\x12\x00", 2},                   /* empty cursors */
	};
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		struct bh_buf body = attack(attacks[i].kind, attacks[i].unit, attacks[i].len);
		assert_int_equal(decode_server(bh_buf_span(&body)), BH_ERR_LIMIT);
		bh_buf_free(&body);
	}
}

static void test_records__empty_ones_by_the_thousand_are_too_many(void **state)
{
	(void)state;
	struct bh_buf body = attack(1, "\x0a\x00", 2);
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	struct bh_msg_records out;
	struct bh_span raw = bh_span(body.data + 4, body.len - 4);
	assert_int_equal(bh_decode_records(raw, &arena, &out), BH_ERR_LIMIT);
	assert_int_equal(arena.used, 0);
	/* As many as may be, but from too few bytes: the heap says no. */
	raw.len = 2 * BH_DELTA_RECORDS_MAX;
	assert_int_equal(bh_decode_records(raw, &arena, &out), BH_ERR_LIMIT);
	assert_int_equal(arena.used, 0);
	bh_arena_free(&arena);
	bh_buf_free(&body);
}

/* A11: nested wherever nesting is possible, 20,000 deep; what is unknown is never entered. */
static void test_frame__deep_nesting_costs_nothing(void **state)
{
	(void)state;
	struct bh_buf body = BH_BUF(1u << 20);
	struct bh_client_frame out;
	for (unsigned id = 1; id <= 15; id++) {
		uint8_t *at;
		body.len = 0;
		assert_int_equal(bh_buf_reserve(&body, 100000, &at), 0);
		uint8_t *end = at + 100000, *start = end;
		for (unsigned depth = 0; depth < 20000; depth++) {
			start = bh_wire_varint_write((uint64_t)(end - start), start);
			start = bh_wire_varint_write(id << 3 | BH_WIRE_BYTES, start);
		}
		int err = decode_client(bh_span(start, (size_t)(end - start)), &out);
		assert_true(err == 0 || err == BH_ERR_MALFORMED);
		assert_true(id <= BH_CLIENT_ROTATE || err == 0);
	}
	bh_buf_free(&body);
}

static void test_frame__an_exhausted_arena_is_nomem(void **state)
{
	(void)state;
	const struct bh_msg_cursor cursors[3] = {{1, 2}, {3, 4}, {5, 6}};
	struct bh_client_frame frame = {.kind = BH_CLIENT_APPLIED}, out;
	struct bh_buf body = BH_BUF(100);
	struct bh_arena arena = BH_ARENA(40);
	frame.u.applied.cursors = cursors;
	frame.u.applied.cursors_count = 3;
	assert_int_equal(bh_encode_client_frame(&frame, &body), 0);
	assert_int_equal(bh_decode_client_frame(bh_buf_span(&body), &arena, &out), BH_ERR_NOMEM);
	bh_arena_free(&arena);
	bh_buf_free(&body);
}

/* A15: 0-length and wrong-length ids. */
static void test_hello__lengths_of_ids_and_signatures_are_exact(void **state)
{
	(void)state;
	static const size_t bad_lens[] = {0, 1, 15, 17, 63, 65, 200};
	struct bh_buf body = BH_BUF(1000);
	for (size_t i = 0; i < sizeof(bad_lens) / sizeof(bad_lens[0]); i++) {
		struct bh_client_frame frame = hello_frame();
		frame.u.hello.log_id.len = bad_lens[i];
		assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_INVALID);
		frame = hello_frame();
		frame.u.hello.signature.len = bad_lens[i];
		assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_INVALID);
		frame = hello_frame();
		frame.u.hello.acked_link = bh_span(zeros, bad_lens[i]);
		assert_int_equal(bh_encode_client_frame(&frame, &body),
			bad_lens[i] == 0 ? 0 : BH_ERR_INVALID);
		body.len = 0;
	}
	/* The reader's side: a whole Hello, then its log_id cut, lengthened, left out. */
	struct bh_client_frame frame = hello_frame(), out;
	assert_int_equal(bh_encode_client_frame(&frame, &body), 0);
	assert_int_equal(decode_client(bh_buf_span(&body), &out), 0);
	uint8_t *log_id = body.data + 4;
	assert_memory_equal(log_id, "\x22\x10", 2);
	log_id[0] = 0x7a; /* becomes forked_from, which is optional: log_id is missing */
	assert_int_equal(decode_client(bh_buf_span(&body), &out), BH_ERR_MALFORMED);
	log_id[0] = 0x22;
	log_id[1] = 0x0e; /* two of its bytes become field 0 */
	assert_int_equal(decode_client(bh_buf_span(&body), &out), BH_ERR_MALFORMED);
	bh_buf_free(&body);
}

static void test_push__salts_are_whole(void **state)
{
	(void)state;
	struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH}, out;
	struct bh_buf body = BH_BUF(1000);
	frame.u.push.salts = bh_span(zeros, BH_SALT_BYTES + 1);
	assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_INVALID);
	frame.u.push.salts.len = 2 * BH_SALT_BYTES;
	assert_int_equal(bh_encode_client_frame(&frame, &body), 0);
	assert_int_equal(decode_client(bh_buf_span(&body), &out), 0);
	body.data[1]--; /* one byte fewer in the frame and in the salts */
	body.data[3]--;
	assert_int_equal(decode_client(bh_span(body.data, body.len - 1), &out), BH_ERR_MALFORMED);
	bh_buf_free(&body);
}

static void test_batch__columns_have_one_length_and_at_most_500_ops(void **state)
{
	(void)state;
	static struct bh_span ops[BH_BATCH_OPS_MAX + 1];
	struct bh_msg_batch batch = {ops, 2, ops, 1}, out = {ops, 77, ops, 77};
	struct bh_buf raw = BH_BUF(10000);
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	assert_int_equal(bh_encode_batch(&batch, &raw), BH_ERR_INVALID);
	assert_int_equal(bh_decode_batch(bh_span("\x0a\x00\x0a\x00\x12\x00", 6), &arena, &out),
		BH_ERR_MALFORMED);
	assert_int_equal(out.headers_count, 77);
	batch.headers_count = batch.contents_count = BH_BATCH_OPS_MAX + 1;
	assert_int_equal(bh_encode_batch(&batch, &raw), BH_ERR_LIMIT);
	batch.headers_count = batch.contents_count = BH_BATCH_OPS_MAX;
	assert_int_equal(bh_encode_batch(&batch, &raw), 0);
	assert_int_equal(bh_decode_batch(bh_buf_span(&raw), &arena, &out), 0);
	assert_int_equal(out.headers_count, BH_BATCH_OPS_MAX);
	assert_int_equal(bh_buf_append(&raw, "\x0a\x00\x12\x00", 4), 0);
	assert_int_equal(bh_decode_batch(bh_buf_span(&raw), &arena, &out), BH_ERR_LIMIT);
	bh_arena_free(&arena);
	bh_buf_free(&raw);
}

static int encode_sentence(struct bh_span sentence)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL};
	struct bh_buf body = BH_BUF(2u << 20);
	frame.u.refusal.code = 1;
	frame.u.refusal.sentence = sentence;
	int err = bh_encode_server_frame(&frame, &body);
	bh_buf_free(&body);
	return err;
}

/* A14, A15: the same rule on both sides. */
static void test_text__is_utf8_without_nul_up_to_its_maximum(void **state)
{
	(void)state;
	static char long_text[ATTACK_BYTES];
	memset(long_text, 'a', sizeof(long_text));
	assert_int_equal(encode_sentence(bh_span(long_text, BH_TEXT_BYTES_MAX)), 0);
	assert_int_equal(encode_sentence(bh_span(long_text, BH_TEXT_BYTES_MAX + 1)), BH_ERR_LIMIT);
	assert_int_equal(encode_sentence(bh_span(long_text, sizeof(long_text))), BH_ERR_LIMIT);
	assert_int_equal(encode_sentence(bh_span("a\0b", 3)), BH_ERR_INVALID);
	assert_int_equal(encode_sentence(bh_span("\xc0\x80", 2)), BH_ERR_INVALID);
	assert_int_equal(decode_server(bh_span("\x42\x03\x12\x01\x00", 5)), BH_ERR_MALFORMED);
	assert_int_equal(decode_server(bh_span("\x42\x04\x12\x02\xed\xa0", 6)), BH_ERR_MALFORMED);
	struct bh_buf body = attack(BH_SERVER_REFUSAL, "\x12\x7f", 2);
	assert_int_equal(decode_server(bh_buf_span(&body)), BH_ERR_MALFORMED);
	bh_buf_free(&body);
}

static void test_encode__respects_the_room_of_its_caller(void **state)
{
	(void)state;
	struct bh_client_frame frame = hello_frame();
	struct bh_buf body = BH_BUF(50);
	assert_int_equal(bh_buf_append(&body, "kept", 4), 0);
	assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_LIMIT);
	assert_int_equal(body.len, 4);
	frame.kind = BH_CLIENT_UNKNOWN;
	assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_INVALID);
	frame.kind = (enum bh_client_kind)8;
	assert_int_equal(bh_encode_client_frame(&frame, &body), BH_ERR_INVALID);
	bh_buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame__comes_back_with_its_kind_and_fields),
		cmocka_unit_test(test_frame__ping_and_pong_differ_by_kind_alone),
		cmocka_unit_test(test_frame__a_kind_of_a_newer_program_is_unknown_not_fatal),
		cmocka_unit_test(test_frame__garbage_is_malformed_and_leaves_out_alone),
		cmocka_unit_test(test_frame__unknown_fields_are_skipped_within_a_budget),
		cmocka_unit_test(test_frame__a_number_too_wide_loses_its_upper_bits),
		cmocka_unit_test(test_frame__a_mebibyte_of_amplification_is_too_complex),
		cmocka_unit_test(test_records__empty_ones_by_the_thousand_are_too_many),
		cmocka_unit_test(test_frame__deep_nesting_costs_nothing),
		cmocka_unit_test(test_frame__an_exhausted_arena_is_nomem),
		cmocka_unit_test(test_hello__lengths_of_ids_and_signatures_are_exact),
		cmocka_unit_test(test_push__salts_are_whole),
		cmocka_unit_test(test_batch__columns_have_one_length_and_at_most_500_ops),
		cmocka_unit_test(test_text__is_utf8_without_nul_up_to_its_maximum),
		cmocka_unit_test(test_encode__respects_the_room_of_its_caller),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
