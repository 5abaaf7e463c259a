/* People in the cases of the kit's district: named, looked at, erased; and what of it lies on the
 * disk. */
#ifndef BH_TEST_STORE_PRIVACY_KIT_H
#define BH_TEST_STORE_PRIVACY_KIT_H

#include "server/store/privacy.h"
#include "tests/unit/store/kit.h"

#define PRIVACY_KEPT "/330106.kept"
#define PRIVACY_OLD "/d/old.db"
#define PRIVACY_OFFICER_ONE BH_DEMO_PERSON(PRIVACY_OFFICER)
#define SECOND BH_DEMO_PERSON(ARCHIVIST)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)

static const char privacy_name[] = "placeholder-of-a-name-one";
static const char privacy_contact[] = "placeholder-of-a-number";
static const char privacy_told[] = "what the report of the case told";

extern const struct bh_vault_keys privacy_keys;

int privacy_setup(void **state);
int privacy_teardown(void **state);
struct bh_outcome privacy_party_set(
	struct kit *kit, uint32_t person, uint64_t number, uint32_t party, uint32_t role);
struct bh_outcome privacy_act(struct kit *kit, enum bh_verb verb, uint32_t person, uint64_t number);
struct bh_outcome privacy_look(struct kit *kit, uint32_t person, uint64_t number, uint32_t purpose);
uint64_t privacy_ended_case(struct kit *kit, struct phone *phone);
int privacy_unsealed(struct kit *kit, const struct bh_vault_keys *by, uint64_t number,
	uint32_t party_said, struct bh_buf *out);
bool privacy_disk_holds(struct kit *kit, const char *path, const char *text, size_t len);
bool privacy_anywhere(struct kit *kit, const char *text, size_t len);
void privacy_verifies(struct kit *kit, bool erased);
void privacy_back_up(struct kit *kit);

#endif
