/* A district in a folder of the system's, and a ship of it to another. */
#ifndef BH_TEST_STORE_SHIP_KIT_H
#define BH_TEST_STORE_SHIP_KIT_H

#include "server/store/segment_ship.h"
#include "tests/unit/store/kit.h"

struct shipping {
	struct kit kit;
	struct phone phone;
	char top[100], db[140], place[140], folder[180], away[140];
	struct bh_ship_options options;
	struct bh_ship *ship;
};

void shipping_open(struct shipping *scene, uint32_t number);
void shipping_close(struct shipping *scene);
void shipping_up(struct shipping *scene);
void shipping_down(struct shipping *scene);
/* Until it says that nothing more waits; what the last step gave. */
int shipping_all(struct shipping *scene);
struct bh_ship_counts shipping_counts(const struct shipping *scene);
/* The folder holds the whole journal, from its first entry to its head, and nothing is torn but
 * where the test says so.  Gives how many files there are. */
size_t shipping_whole(struct shipping *scene);

#endif
