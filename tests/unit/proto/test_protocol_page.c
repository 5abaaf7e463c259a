/* PROTOCOL.md's worked examples, computed anew: each line "name = hex" of the page must be what the
 * code gives, and each table must name every value.  With a second argument the program prints what
 * should stand there instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/hash.h"
#include "proto/limits.h"
#include "proto/number.h"
#include "proto/pack.h"
#include "proto/sign.h"
#include "proto/verdict.h"
#include "tests/unit/proto/cmocka_all.h"

#define PAGE_BYTES_MAX (1u << 18)
#define HEX_BYTES_MAX 4096u
#define CAPTURED_MS 1795000000000
#define UPTIME_MS 5000000
#define DISTRICT "340803"
#define DEVICE 7u

static const char *page_path;
static bool printing;

struct example {
	char *page;
	struct bh_hasher *hasher;
	struct bh_packer *packer;
	uint8_t log_id[BH_LOG_ID_BYTES], salt[BH_SALT_BYTES];
	uint8_t start[BH_HASH_BYTES], link[BH_HASH_BYTES], commitment[BH_HASH_BYTES];
	struct bh_buf header, content, batch;
};

static void encode_op(struct example *example)
{
	const char *text = "路灯不亮";
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.captured_ms = CAPTURED_MS,
		.boot_ms = CAPTURED_MS - UPTIME_MS,
		.author = 17,
		.type = 10001};
	struct bh_msg_op_content content = {.text = bh_span(text, strlen(text)),
		.has_place = true,
		.latitude_e7 = 311234567,
		.longitude_e7 = 1211234567,
		.datum = BH_DATUM_GCJ02,
		.accuracy_dm = 120};
	assert_int_equal(bh_op_encode_header(&header, &example->header), 0);
	assert_int_equal(bh_op_encode_content(&content, &example->content), 0);
	struct bh_span headers = bh_buf_span(&example->header);
	struct bh_span contents = bh_buf_span(&example->content);
	struct bh_msg_batch batch = {&headers, 1, &contents, 1};
	assert_int_equal(bh_encode_batch(&batch, &example->batch), 0);
	bh_log_start(example->hasher, DISTRICT, example->log_id, example->start);
	bh_op_commitment(example->hasher, example->salt, contents, example->commitment);
	bh_log_link(
		example->hasher, example->start, 1, headers, example->commitment, example->link);
}

static int open_example(void **state)
{
	struct example *example = calloc(1, sizeof(*example));
	FILE *file = fopen(page_path, "rb");
	assert_non_null(example);
	assert_non_null(file);
	example->page = calloc(1, PAGE_BYTES_MAX);
	assert_non_null(example->page);
	assert_true(fread(example->page, 1, PAGE_BYTES_MAX - 1, file) > 0);
	fclose(file);
	assert_int_equal(bh_hasher_open(&example->hasher), 0);
	assert_int_equal(bh_packer_open(&example->packer), 0);
	for (unsigned i = 0; i < 16; i++) {
		example->log_id[i] = (uint8_t)i;
		example->salt[i] = (uint8_t)(0xf0 + i);
	}
	example->header = example->content = example->batch = BH_BUF(1000);
	encode_op(example);
	*state = example;
	return 0;
}

static int close_example(void **state)
{
	struct example *example = *state;
	bh_hasher_close(example->hasher);
	bh_packer_close(example->packer);
	bh_buf_free(&example->header);
	bh_buf_free(&example->content);
	bh_buf_free(&example->batch);
	free(example->page);
	free(example);
	return 0;
}

/* The hex of the page's line "name = hex". */
static size_t find_example(const struct example *example, const char *name, uint8_t *out)
{
	char line[100], hex[2 * HEX_BYTES_MAX + 1];
	snprintf(line, sizeof(line), "\n    %s = ", name);
	const char *at = strstr(example->page, line);
	assert_non_null(at);
	at += strlen(line);
	size_t chars = strcspn(at, "\n");
	assert_true(chars % 2 == 0 && chars < sizeof(hex));
	memcpy(hex, at, chars);
	hex[chars] = '\0';
	assert_int_equal(bh_hex_parse(hex, out, chars / 2), 0);
	return chars / 2;
}

static void assert_example(const struct example *example, const char *name, struct bh_span expected)
{
	uint8_t bytes[HEX_BYTES_MAX];
	if (printing) {
		char hex[2 * HEX_BYTES_MAX + 1];
		bh_hex_format(expected, hex);
		printf("EXAMPLE %s = %s\n", name, hex);
		return;
	}
	size_t len = find_example(example, name, bytes);
	assert_true(bh_span_equal(bh_span(bytes, len), expected));
}

static void test_page__the_log_of_one_op(void **state)
{
	const struct example *example = *state;
	uint8_t id[16];
	assert_example(example, "header_1", bh_buf_span(&example->header));
	assert_example(example, "content_1", bh_buf_span(&example->content));
	assert_example(example, "link_0", bh_span(example->start, BH_HASH_BYTES));
	assert_example(example, "commitment_1", bh_span(example->commitment, BH_HASH_BYTES));
	assert_example(example, "link_1", bh_span(example->link, BH_HASH_BYTES));
	bh_op_id(CAPTURED_MS, example->log_id, 1, example->link, id);
	assert_example(example, "op_id_1", bh_span(id, sizeof(id)));
}

static void assert_frame(
	const struct example *example, const char *name, const struct bh_client_frame *frame)
{
	struct bh_buf out = BH_BUF(10000);
	size_t mark;
	assert_int_equal(bh_frame_begin(&out, &mark), 0);
	assert_int_equal(bh_encode_client_frame(frame, &out), 0);
	assert_int_equal(bh_frame_end(&out, mark), 0);
	assert_example(example, name, bh_buf_span(&out));
	bh_buf_free(&out);
}

static void test_page__the_frames(void **state)
{
	const struct example *example = *state;
	struct bh_client_frame frame = {.kind = BH_CLIENT_PING, .u.ping = {CAPTURED_MS, UPTIME_MS}};
	assert_frame(example, "ping_frame", &frame);
	frame = (struct bh_client_frame){.kind = BH_CLIENT_PUSH};
	frame.u.push.first_seq = 1;
	frame.u.push.salts = bh_span(example->salt, BH_SALT_BYTES);
	frame.u.push.batch.raw_bytes = (uint32_t)example->batch.len;
	frame.u.push.batch.data = bh_buf_span(&example->batch);
	assert_example(example, "batch_1", bh_buf_span(&example->batch));
	assert_frame(example, "push_frame", &frame);
}

/* A signature is never the same twice, so the page's is verified. */
static void test_page__the_signed_messages(void **state)
{
	const struct example *example = *state;
	struct bh_binding binding;
	struct bh_buf message = BH_BUF(1000);
	uint8_t public_key[HEX_BYTES_MAX], signature[HEX_BYTES_MAX];
	memset(binding.exporter, 0xee, sizeof(binding.exporter));
	memset(binding.server_key_hash, 0xdd, sizeof(binding.server_key_hash));
	assert_int_equal(
		bh_head_message(&message, DISTRICT, DEVICE, example->log_id, 1, example->link), 0);
	assert_example(example, "head_message", bh_buf_span(&message));
	message.len = 0;
	uint8_t pin[BH_PIN_BYTES];
	for (unsigned i = 0; i < sizeof(pin); i++)
		pin[i] = (uint8_t)i;
	assert_int_equal(bh_pins_message(&message, DISTRICT, pin), 0);
	assert_example(example, "pins_message", bh_buf_span(&message));
	message.len = 0;
	assert_int_equal(
		bh_session_message(&message, &binding, DISTRICT, DEVICE, example->log_id), 0);
	assert_example(example, "session_message", bh_buf_span(&message));
	if (printing) {
		struct bh_key *key;
		assert_int_equal(bh_key_generate(&key), 0);
		bh_key_public(key, public_key);
		assert_int_equal(bh_key_sign(key, bh_buf_span(&message), signature), 0);
		assert_example(
			example, "session_public_key", bh_span(public_key, BH_PUBLIC_KEY_BYTES));
		assert_example(
			example, "session_signature", bh_span(signature, BH_SIGNATURE_BYTES));
		bh_key_free(key);
	} else {
		assert_int_equal(find_example(example, "session_public_key", public_key),
			BH_PUBLIC_KEY_BYTES);
		assert_int_equal(
			find_example(example, "session_signature", signature), BH_SIGNATURE_BYTES);
		assert_int_equal(bh_key_verify(public_key, bh_buf_span(&message), signature), 0);
	}
	bh_buf_free(&message);
}

/* The op twice: alone it would go bare. */
static void encode_twice(const struct example *example, struct bh_buf *out)
{
	struct bh_span headers[] = {bh_buf_span(&example->header), bh_buf_span(&example->header)};
	struct bh_span contents[] = {
		bh_buf_span(&example->content), bh_buf_span(&example->content)};
	struct bh_msg_batch batch = {headers, 2, contents, 2};
	assert_int_equal(bh_encode_batch(&batch, out), 0);
}

/* Another zlib may pack otherwise, so the page's stream is unpacked. */
static void test_page__the_packed_batch(void **state)
{
	const struct example *example = *state;
	struct bh_span dictionary = bh_pack_dictionary();
	struct bh_buf raw = BH_BUF(1000), out = BH_BUF(1000);
	enum bh_pack_scheme scheme;
	uint8_t hash[BH_HASH_BYTES], packed[HEX_BYTES_MAX];
	encode_twice(example, &raw);
	bh_hash_parts(example->hasher, &dictionary, 1, hash);
	assert_example(example, "dictionary_sha256", bh_span(hash, sizeof(hash)));
	if (printing) {
		assert_int_equal(bh_pack(example->packer, bh_buf_span(&raw), &out, &scheme), 0);
		assert_int_equal(scheme, BH_PACK_DEFLATE_DICT1);
		assert_example(example, "packed_batch_2", bh_buf_span(&out));
	} else {
		size_t len = find_example(example, "packed_batch_2", packed);
		assert_int_equal(bh_unpack(example->packer, BH_PACK_DEFLATE_DICT1,
					 (uint32_t)raw.len, bh_span(packed, len), &out),
			0);
		assert_true(bh_span_equal(bh_buf_span(&out), bh_buf_span(&raw)));
	}
	bh_buf_free(&raw);
	bh_buf_free(&out);
}

/* The page says "<number> <name>" of each value; a reason's name with spaces for underscores. */
static void assert_named(const struct example *example, unsigned number, const char *name)
{
	char text[100];
	snprintf(text, sizeof(text), "%u %s", number, name);
	if (printing)
		printf("VALUE %s\n", text);
	else if (strstr(example->page, text) == NULL)
		fail_msg("the page does not say: %s", text);
}

static void test_page__the_tables_name_every_value(void **state)
{
	const struct example *example = *state;
	for (unsigned i = 1; i < BH_VERB_MAX; i++) {
		if (strcmp(bh_verb_name((enum bh_verb)i), "unknown") != 0)
			assert_named(example, i, bh_verb_name((enum bh_verb)i));
	}
	for (unsigned i = 1; i < BH_STATE_COUNT; i++)
		assert_named(example, i, bh_state_name((enum bh_state)i));
	for (unsigned i = 1; i < BH_ROLE_COUNT; i++)
		assert_named(example, i, bh_role_name((enum bh_role)i));
	for (unsigned i = 1; i < BH_REASON_COUNT; i++)
		assert_named(example, i, bh_reason_name((enum bh_reason)i));
	for (unsigned i = 1; i <= BH_VERDICT_CARRIED; i++)
		assert_named(example, i, bh_verdict_name((enum bh_verdict)i));
}

static void test_page__the_case_number(void **state)
{
	const struct example *example = *state;
	char text[BH_CASE_TEXT_SIZE];
	bh_case_number_format(bh_case_number(17, 42), text);
	assert_non_null(strstr(example->page, text));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page__the_log_of_one_op),
		cmocka_unit_test(test_page__the_frames),
		cmocka_unit_test(test_page__the_signed_messages),
		cmocka_unit_test(test_page__the_packed_batch),
		cmocka_unit_test(test_page__the_tables_name_every_value),
		cmocka_unit_test(test_page__the_case_number),
	};
	if (argc < 2)
		return 2;
	page_path = argv[1];
	printing = argc > 2;
	return cmocka_run_group_tests(tests, open_example, close_example);
}
