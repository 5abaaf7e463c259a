/* A handset that keeps secrets, and the search for them in every file of its disk. */
#ifndef BH_TESTS_UNIT_CLIENT_SEALED_WORLD_H
#define BH_TESTS_UNIT_CLIENT_SEALED_WORLD_H

#include "tests/unit/client/scripted_photo.h"

#define SEALED_REPORTS 40u
#define SEALED_PHOTO_BYTES 100000u /* four chunks */

extern const uint8_t sealed_key[32], sealed_other_key[32];

struct sealed_world {
	struct scripted *s;
	struct scripted_photo photo;
	struct bh_op_ref photographed;
	uint8_t reply[BH_PUBLIC_KEY_BYTES]; /* what a bundle's answer is sealed for */
};

/* Enrolled, with reports, an answer to the first of them, a record with a closure, a photo, and a
 * bundle on its way; opened with this key (NULL: none). */
struct sealed_world *sealed_world_new(const uint8_t *app_key);
void sealed_world_free(struct sealed_world *w);
/* Closes the store, if it is open. */
void sealed_shut(struct sealed_world *w);
int sealed_open(struct sealed_world *w, const uint8_t *app_key);
/* How many of the secrets lie open in any file, and tells of one; ends the process, as a kill does.
 */
unsigned sealed_search(struct sealed_world *w, bool tells);
/* Everything is read back as it was recorded and told: fails the test when not. */
void sealed_read_back(struct sealed_world *w);

#endif
