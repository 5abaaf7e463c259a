/* Chains hang in a power of two of buckets, doubled when there are more nodes than buckets; a node
 * knows what points to it, so that it leaves at once however long its chain is. */
#include <stdlib.h>

#include "proto/err.h"
#include "server/sync/table.h"

#define BUCKETS_FIRST 64u
#define BUCKETS_MAX (1u << 20)

/* Scopes differ in their low bits and in their top byte; the multiplication spreads both. */
static size_t bucket_of(const struct bh_table *table, uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & table->mask;
}

int bh_table_open(struct bh_table *table)
{
	struct bh_table_node **buckets = calloc(BUCKETS_FIRST, sizeof(*buckets));
	if (buckets == NULL)
		return BH_ERR_NOMEM;
	*table = (struct bh_table){buckets, BUCKETS_FIRST - 1, 0};
	return 0;
}

void bh_table_close(struct bh_table *table)
{
	free(table->buckets);
	*table = (struct bh_table){NULL, 0, 0};
}

static void node_hang(struct bh_table *table, struct bh_table_node *node)
{
	struct bh_table_node **bucket = &table->buckets[bucket_of(table, node->key)];
	node->next = *bucket;
	node->prev = bucket;
	if (node->next != NULL)
		node->next->prev = &node->next;
	*bucket = node;
}

static void table_grow(struct bh_table *table)
{
	size_t old_count = table->mask + 1;
	if (old_count >= BUCKETS_MAX)
		return;
	struct bh_table_node **buckets = calloc(old_count * 2, sizeof(*buckets));
	if (buckets == NULL)
		return;
	struct bh_table_node **old = table->buckets;
	table->buckets = buckets;
	table->mask = old_count * 2 - 1;
	for (size_t i = 0; i < old_count; i++) {
		for (struct bh_table_node *node = old[i]; node != NULL;) {
			struct bh_table_node *next = node->next;
			node_hang(table, node);
			node = next;
		}
	}
	free(old);
}

void bh_table_add(struct bh_table *table, struct bh_table_node *node, uint64_t key)
{
	bh_assert(node->prev == NULL);
	if (table->count > table->mask)
		table_grow(table);
	node->key = key;
	node_hang(table, node);
	table->count++;
}

void bh_table_remove(struct bh_table *table, struct bh_table_node *node)
{
	if (node->prev == NULL)
		return;
	*node->prev = node->next;
	if (node->next != NULL)
		node->next->prev = node->prev;
	node->next = NULL;
	node->prev = NULL;
	table->count--;
}

struct bh_table_node *bh_table_find(const struct bh_table *table, uint64_t key)
{
	struct bh_table_node *node = table->buckets[bucket_of(table, key)];
	while (node != NULL && node->key != key)
		node = node->next;
	return node;
}

struct bh_table_node *bh_table_again(const struct bh_table_node *node)
{
	struct bh_table_node *next = node->next;
	while (next != NULL && next->key != node->key)
		next = next->next;
	return next;
}

struct bh_table_node *bh_table_walk(
	const struct bh_table *table, size_t *bucket, const struct bh_table_node *at)
{
	if (at != NULL && at->next != NULL)
		return at->next;
	if (at != NULL)
		(*bucket)++;
	for (; *bucket <= table->mask; (*bucket)++) {
		if (table->buckets[*bucket] != NULL)
			return table->buckets[*bucket];
	}
	return NULL;
}
