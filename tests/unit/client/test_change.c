/* The queue of changes: in order, bounded, and honest about what it lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "client-lib/change.h"

static void add(struct bh_changes *changes, uint64_t number)
{
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_CASE, .number = number});
}

static void test_change__comes_out_in_order_across_the_end_of_the_ring(void **state)
{
	struct bh_changes changes = {0};
	struct bh_change change;
	uint64_t in = 0, out = 0;

	(void)state;
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < BH_CHANGES_MAX - 1; i++)
			add(&changes, in++);
		while (bh_changes_take(&changes, &change))
			assert_true(change.number == out++);
		assert_true(in == out);
	}
}

static void test_change__a_full_queue_says_reread_once(void **state)
{
	struct bh_changes changes = {0};
	struct bh_change change;

	(void)state;
	for (size_t i = 0; i < BH_CHANGES_MAX + 3; i++)
		add(&changes, i);
	assert_true(bh_changes_take(&changes, &change));
	assert_int_equal(change.kind, BH_CHANGE_REREAD);
	assert_false(bh_changes_take(&changes, &change));
	add(&changes, 9);
	assert_true(bh_changes_take(&changes, &change));
	assert_true(change.kind == BH_CHANGE_CASE && change.number == 9);
}

static void test_change__what_did_not_happen_is_cut_off(void **state)
{
	struct bh_changes changes = {0};
	struct bh_change change;

	(void)state;
	add(&changes, 1);
	size_t mark = changes.count;

	add(&changes, 2);
	add(&changes, 3);
	bh_changes_cut(&changes, mark);
	assert_true(bh_changes_take(&changes, &change));
	assert_true(change.number == 1);
	assert_false(bh_changes_take(&changes, &change));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_change__comes_out_in_order_across_the_end_of_the_ring),
		cmocka_unit_test(test_change__a_full_queue_says_reread_once),
		cmocka_unit_test(test_change__what_did_not_happen_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
