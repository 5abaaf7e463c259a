/* A ship on the real file system. */
#include "tests/unit/store/ship_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "server/store/folder.h"
#include "server/store/segment_folder.h"

void shipping_up(struct shipping *scene)
{
	assert_int_equal(bh_ship_open(&scene->options, &scene->ship), 0);
}

void shipping_down(struct shipping *scene)
{
	bh_ship_close(scene->ship);
	scene->ship = NULL;
}

void shipping_open(struct shipping *scene, uint32_t number)
{
	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-ship-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->db, sizeof(scene->db), "%s/district.db", scene->top);
	(void)snprintf(scene->place, sizeof(scene->place), "%s/share", scene->top);
	(void)snprintf(scene->away, sizeof(scene->away), "%s/away", scene->top);
	(void)snprintf(scene->folder, sizeof(scene->folder), "%s/" KIT_CODE, scene->place);
	assert_int_equal(mkdir(scene->place, 0700), 0);
	kit_open_bare(&scene->kit, number);
	scene->kit.options.vfs = NULL;
	scene->kit.options.path = scene->db;
	assert_int_equal(bh_store_create(&scene->kit.options, KIT_CODE, scene->kit.now), 0);
	assert_int_equal(kit_up(&scene->kit), 0);
	kit_profile(&scene->kit);
	kit_enrol(&scene->kit, &scene->phone, BH_DEMO_WORKER(1111), 1);
	scene->options = (struct bh_ship_options){
		.store = &scene->kit.options, .code = KIT_CODE, .folder = scene->place};
	shipping_up(scene);
}

void shipping_close(struct shipping *scene)
{
	shipping_down(scene);
	kit_close(&scene->kit);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

int shipping_all(struct shipping *scene)
{
	bool more = true;
	int err = BH_NOERR;

	for (unsigned n = 0; !err && more; n++) {
		assert_true(n < 1000);
		err = bh_ship_step(scene->ship, scene->kit.now, &more);
	}
	return err;
}

struct bh_ship_counts shipping_counts(const struct shipping *scene)
{
	struct bh_ship_counts counts;

	bh_ship_counts(scene->ship, &counts);
	return counts;
}

static int entry_count(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	uint64_t *count = context;

	(void)key;
	assert_int_equal(entry->position, *count + 1);
	++*count;
	return BH_NOERR;
}

size_t shipping_whole(struct shipping *scene)
{
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	struct bh_segment_fault fault = {0};
	uint8_t hash[BH_HASH_BYTES];
	uint64_t count = 0, head = 0;

	assert_int_equal(bh_segment_folder_list(scene->folder, &folder), 0);
	assert_int_equal(bh_segment_folder_judge(&folder, scene->kit.hasher, KIT_CODE, &road), 0);
	int err = bh_segment_follow(scene->kit.hasher, &road, entry_count, &count, &fault);
	if (err)
		fail_msg("%d: %s", err, fault.what ? fault.what : "no segments");
	assert_int_equal(bh_reader_head(scene->kit.reader, &head, hash), 0);
	assert_int_equal(road.position, head);
	assert_memory_equal(road.hash, hash, BH_HASH_BYTES);
	size_t files = folder.count;
	bh_segment_folder_free(&folder);
	return files;
}
