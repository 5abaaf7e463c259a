/* Nodes by number: many of one key, leaving in any order, while the table grows. */
#include "tests/unit/proto/cmocka_all.h"

#include "proto/err.h"
#include "server/sync/table.h"

#define NODES 1000u

static void test_table__finds_all_nodes_of_a_key_and_no_other(void **state)
{
	static struct bh_table_node nodes[NODES];
	struct bh_table table;
	(void)state;
	assert_int_equal(bh_table_open(&table), 0);
	for (size_t i = 0; i < NODES; i++)
		bh_table_add(&table, &nodes[i], i % 10);
	assert_int_equal(table.count, NODES);
	for (uint64_t key = 0; key < 10; key++) {
		size_t count = 0;
		struct bh_table_node *node = bh_table_find(&table, key);
		for (; node != NULL; node = bh_table_again(node)) {
			assert_int_equal(node->key, key);
			count++;
		}
		assert_int_equal(count, NODES / 10);
	}
	assert_null(bh_table_find(&table, 10));
	for (size_t i = 0; i < NODES; i++)
		bh_table_remove(&table, &nodes[i]);
	bh_table_close(&table);
}

static void test_table__a_removed_node_is_gone_and_may_be_removed_again(void **state)
{
	static struct bh_table_node nodes[3];
	struct bh_table table;
	(void)state;
	assert_int_equal(bh_table_open(&table), 0);
	for (size_t i = 0; i < 3; i++)
		bh_table_add(&table, &nodes[i], 7);
	bh_table_remove(&table, &nodes[1]);
	bh_table_remove(&table, &nodes[1]);
	assert_int_equal(table.count, 2);
	for (struct bh_table_node *node = bh_table_find(&table, 7); node != NULL;
		node = bh_table_again(node))
		assert_ptr_not_equal(node, &nodes[1]);
	bh_table_close(&table);
}

static void test_table__walks_every_node_once_after_growing(void **state)
{
	static struct bh_table_node nodes[NODES];
	static unsigned seen[NODES];
	struct bh_table table;
	size_t bucket = 0;
	(void)state;
	assert_int_equal(bh_table_open(&table), 0);
	for (size_t i = 0; i < NODES; i++)
		bh_table_add(&table, &nodes[i], i << 40);
	assert_true(table.mask + 1 >= NODES / 2);
	for (struct bh_table_node *node = bh_table_walk(&table, &bucket, NULL); node != NULL;
		node = bh_table_walk(&table, &bucket, node))
		seen[node - nodes]++;
	for (size_t i = 0; i < NODES; i++)
		assert_int_equal(seen[i], 1);
	bh_table_close(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table__finds_all_nodes_of_a_key_and_no_other),
		cmocka_unit_test(test_table__a_removed_node_is_gone_and_may_be_removed_again),
		cmocka_unit_test(test_table__walks_every_node_once_after_growing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
