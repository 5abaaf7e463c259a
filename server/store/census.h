/* The census: which device may hold work that is not here, by its last word. */
#ifndef BH_STORE_CENSUS_H
#define BH_STORE_CENSUS_H

#include "server/store/contact.h"

/* Who may hold work that is not here, as far as each handset's last word goes. */
struct bh_census_row {
	uint32_t device;
	uint32_t person;
	enum bh_device_state state;
	int64_t enrolled_ms;
	/* Since when something of it may be missing here: its oldest unsent op where it said so,
	 * else its last word, else its enrolment. */
	int64_t since_ms;
	bool said;                 /* contact holds: it ever said anything */
	struct bh_contact contact; /* unsent ops without bytes: how large they are is not known */
};
struct bh_census_query {
	bool holding;           /* only who said that it holds something */
	int64_t after_since_ms; /* strictly after this row: the longest since comes first */
	uint32_t after_device;
};
/* At most max devices: those that are not revoked, and those that are and hold something. */
int bh_reader_census(struct bh_store_reader *reader, const struct bh_census_query *query,
	struct bh_census_row *rows, size_t max, size_t *count);
struct bh_census_totals {
	uint64_t devices; /* that hold something */
	uint64_t ops;
	uint64_t bytes;    /* as far as they are known */
	int64_t oldest_ms; /* since_ms of the first of them; 0: none */
};
int bh_reader_census_totals(struct bh_store_reader *reader, struct bh_census_totals *out);

/* Who goes by the district's present pins, as far as each handset's last Hello said: of those that
 * are live, since the others are told nothing. */
#define BH_PINS_LACKING_MAX 100u
struct bh_pins_census {
	uint64_t devices;
	uint64_t lacking;                    /* that did not say so */
	uint32_t first[BH_PINS_LACKING_MAX]; /* of these, in order */
	size_t first_count;
};
int bh_reader_pins(struct bh_store_reader *reader, const uint8_t backup_pin[BH_PIN_BYTES],
	struct bh_pins_census *out);

#endif
