/* An intrusive hash table from a number to whoever carries it; several nodes may share a key. */
#ifndef BH_SYNC_TABLE_H
#define BH_SYNC_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Embedded in what is found by it. */
struct bh_table_node {
	struct bh_table_node *next;
	struct bh_table_node **prev; /* what points here; NULL: in no table */
	uint64_t key;
};

struct bh_table {
	struct bh_table_node **buckets;
	size_t mask; /* buckets - 1, a power of two less one */
	size_t count;
};

/* 0 or BH_ERR_NOMEM. */
int bh_table_open(struct bh_table *table);
/* The nodes are their owners'. */
void bh_table_close(struct bh_table *table);
/* Never fails: without memory to grow, chains get longer. */
void bh_table_add(struct bh_table *table, struct bh_table_node *node, uint64_t key);
/* A node in no table is left alone. */
void bh_table_remove(struct bh_table *table, struct bh_table_node *node);
/* The first node with the key, and the next one with the same; NULL when there is none. */
struct bh_table_node *bh_table_find(const struct bh_table *table, uint64_t key);
struct bh_table_node *bh_table_again(const struct bh_table_node *node);
/* Walks all nodes: *bucket starts at 0 and at NULL; NULL at the end.  Nothing may change meanwhile.
 */
struct bh_table_node *bh_table_walk(
	const struct bh_table *table, size_t *bucket, const struct bh_table_node *at);

#endif
