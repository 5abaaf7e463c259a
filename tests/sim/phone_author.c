/* Two people use one handset: whose it is shares it, and then now the one and now the other records
 * on it, unlocked by a PIN or as claimed.
 *
 *   nobody's PIN ──▶ whose it is has one ──▶ unlocked, vouches for the colleague ──▶ hand to hand
 *
 * A PIN costs some tens of real milliseconds: most of the time nobody gives one. */
#include <string.h>

#include "client-lib/local_author.h"
#include "proto/err.h"
#include "tests/sim/phone_state.h"

#define HANDS_PPM 100000u
#define UNLOCKS_PPM 200000u
#define OWNER_PIN "1357"
#define COLLEAGUE_PIN "2468"

static struct bh_span text(const char *from)
{
	return bh_span(from, strlen(from));
}

static int choose(struct bh_simphone *phone, uint32_t person, bool unlocks)
{
	const char *pin = person == phone->options.person ? OWNER_PIN : COLLEAGUE_PIN;
	int rc = bh_local_author_choose(
		phone->local, person, text(unlocks ? pin : ""), bh_simphone_now(phone));

	if (rc == 0) {
		phone->recorder = person;
		phone->is_unlocked = unlocks;
	}
	return rc;
}

static int set(struct bh_simphone *phone, uint32_t person, const char *pin)
{
	return bh_local_author_set(phone->local, person, text("one of us"), text(pin),
		bh_span(NULL, 0), bh_simphone_now(phone));
}

/* Nobody but whose it is can be the first, and nobody but they vouch. */
static int share(struct bh_simphone *phone, size_t count)
{
	int rc = phone->is_unlocked ? BH_ERR_AUTH
				    : set(phone, phone->options.colleague, COLLEAGUE_PIN);

	if (rc == 0)
		bh_simrun_fail(phone->run, "author",
			"handset %u takes a colleague nobody vouched for", phone->index);
	if (rc != BH_ERR_AUTH)
		return rc;
	rc = count == 0 ? set(phone, phone->options.person, OWNER_PIN) : 0;
	if (rc == 0)
		rc = choose(phone, phone->options.person, true);
	if (rc == 0)
		rc = set(phone, phone->options.colleague, COLLEAGUE_PIN);
	phone->run->tally.handsets_shared += rc == 0;
	return rc;
}

void bh_simphone_hand_over(struct bh_simphone *phone)
{
	struct bh_author rows[BH_AUTHORS_MAX];
	struct bh_device device;
	size_t count = 0;

	if (phone->options.colleague == 0 || !phone->up ||
		!bh_simrng_chance(&phone->hands, HANDS_PPM))
		return;
	bool unlocks = bh_simrng_chance(&phone->hands, UNLOCKS_PPM);
	uint64_t draw = bh_simrng_below(&phone->hands, 4);
	uint32_t whose[] = {
		phone->options.colleague, phone->options.colleague, phone->options.person, 0};
	int rc = bh_local_device(phone->local, &device);

	if (rc == 0 && device.enrolled == BH_ENROL_YES)
		rc = bh_local_authors(phone->local, rows, BH_AUTHORS_MAX, &count);
	else
		return;
	if (rc == 0 && count < 2)
		rc = share(phone, count);
	else if (rc == 0)
		rc = choose(phone, whose[draw], unlocks && whose[draw] != 0);
	if (rc == BH_ERR_AUTH || rc == BH_ERR_NOT_FOUND)
		bh_simrun_fail(phone->run, "author", "handset %u does not know its people: %s",
			phone->index, bh_err_name(rc));
	bh_simphone_settle(phone);
}

bool bh_simphone_author(struct bh_simphone *phone, uint32_t *author, bool *claimed)
{
	struct bh_author rows[BH_AUTHORS_MAX];
	size_t count = 0;

	*author = phone->recorder != 0 ? phone->recorder : phone->options.person;
	*claimed = false;
	if (phone->options.colleague == 0)
		return true;
	if (bh_local_authors(phone->local, rows, BH_AUTHORS_MAX, &count) != 0)
		return false;
	*claimed = count > 0 && !phone->is_unlocked;
	return true;
}
