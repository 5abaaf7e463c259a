/* Memory that ends at every point in turn: each call says NOMEM and leaves what it had, and nothing
 * is lost or freed twice.  The linker puts the counting allocator in (--wrap). */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/hash.h"
#include "proto/pack.h"
#include "proto/sign.h"
#include "tests/unit/proto/cmocka_all.h"

#define FAILURES_MAX 1000u

/* The one global of this program: the wrapped allocator has nowhere else to look. */
static struct {
	unsigned left; /* allocations that still succeed */
	bool once;     /* only the next one fails */
	bool failed;
} memory = {UINT32_MAX, false, false};

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool memory_ends(void)
{
	if (memory.left > 0) {
		memory.left--;
		return false;
	}
	if (memory.once && memory.failed)
		return false;
	memory.failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return memory_ends() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return memory_ends() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return memory_ends() ? NULL : __real_realloc(old, size);
}

/* A push on its way up and down again: 0 or what failed first. */
static int push_there_and_back(struct bh_packer *packer, struct bh_hasher *hasher,
	struct bh_buf *raw, struct bh_buf *packed, struct bh_buf *frame, struct bh_arena *arena)
{
	static const uint8_t salt[BH_SALT_BYTES], log_id[BH_LOG_ID_BYTES];
	static const char text[] = "路灯不亮路灯不亮路灯不亮路灯不亮";
	struct bh_span ops[] = {bh_span(text, sizeof(text) - 1), bh_span(text, sizeof(text) - 1)};
	struct bh_msg_batch batch = {ops, 2, ops, 2};
	struct bh_client_frame out = {.kind = BH_CLIENT_PUSH}, in;
	enum bh_pack_scheme scheme = BH_PACK_BARE;
	uint8_t link[BH_HASH_BYTES];
	struct bh_span body;
	size_t mark = 0, used;
	int err = bh_encode_batch(&batch, raw);
	if (err == 0)
		err = bh_pack(packer, bh_buf_span(raw), packed, &scheme);
	if (err == 0)
		err = bh_frame_begin(frame, &mark);
	if (err != 0)
		return err;
	out.u.push.first_seq = 1;
	out.u.push.salts = bh_span(salt, sizeof(salt));
	out.u.push.batch = (struct bh_msg_packed){
		(uint32_t)scheme, (uint32_t)raw->len, bh_buf_span(packed)};
	err = bh_encode_client_frame(&out, frame);
	if (err == 0)
		err = bh_frame_end(frame, mark);
	if (err == 0)
		err = bh_frame_take(bh_buf_span(frame), BH_FRAME_BYTES_MAX, &body, &used);
	if (err == 0)
		err = bh_decode_client_frame(body, arena, &in);
	raw->len = 0;
	if (err == 0)
		err = bh_unpack(packer, in.u.push.batch.scheme, in.u.push.batch.raw_bytes,
			in.u.push.batch.data, raw);
	if (err == 0)
		err = bh_decode_batch(bh_buf_span(raw), arena, &batch);
	bh_log_start(hasher, "340803", log_id, link);
	return err;
}

static int whole_scenario(void)
{
	struct bh_packer *packer = NULL;
	struct bh_hasher *hasher = NULL;
	struct bh_buf raw = BH_BUF(10000), packed = BH_BUF(10000), frame = BH_BUF(10000);
	struct bh_arena arena = BH_ARENA(100000);
	int err = bh_packer_open(&packer);
	if (err == 0)
		err = bh_hasher_open(&hasher);
	if (err == 0)
		err = push_there_and_back(packer, hasher, &raw, &packed, &frame, &arena);
	bh_packer_close(packer);
	bh_hasher_close(hasher);
	bh_buf_free(&raw);
	bh_buf_wipe(&packed);
	bh_buf_free(&frame);
	bh_arena_free(&arena);
	return err;
}

/* Fails allocation number 0, 1, 2 ... until the scenario runs without reaching the failure. */
static void walk(bool once)
{
	unsigned at = 0;
	for (; at < FAILURES_MAX; at++) {
		memory.left = at;
		memory.once = once;
		memory.failed = false;
		int err = whole_scenario();
		bool failed = memory.failed;
		memory.left = UINT32_MAX;
		assert_int_equal(err, failed ? BH_ERR_NOMEM : 0);
		if (!failed)
			break;
	}
	assert_in_range(at, 10, FAILURES_MAX - 1);
}

/* E10 */
static void test_memory__ends_for_good_at_every_allocation(void **state)
{
	(void)state;
	walk(false);
}

static void test_memory__fails_once_at_every_allocation(void **state)
{
	(void)state;
	walk(true);
}

static void test_memory__a_packer_goes_on_after_it_failed(void **state)
{
	(void)state;
	struct bh_packer *packer;
	struct bh_buf out = BH_BUF(1000);
	enum bh_pack_scheme scheme;
	struct bh_span raw = bh_span("影响居民正常生活,请尽快处理", 38);
	assert_int_equal(bh_packer_open(&packer), 0);
	memory.left = 2; /* the output, and one of the compressor's blocks */
	memory.once = memory.failed = false;
	int err = bh_pack(packer, raw, &out, &scheme);
	memory.left = UINT32_MAX;
	assert_int_equal(err, BH_ERR_NOMEM);
	assert_int_equal(out.len, 0);
	assert_int_equal(bh_pack(packer, raw, &out, &scheme), 0);
	assert_int_equal(scheme, BH_PACK_DEFLATE_DICT1);
	bh_buf_free(&out);
	bh_packer_close(packer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory__ends_for_good_at_every_allocation),
		cmocka_unit_test(test_memory__fails_once_at_every_allocation),
		cmocka_unit_test(test_memory__a_packer_goes_on_after_it_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
