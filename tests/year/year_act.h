/* A line of the table of what people do. */
#ifndef BH_TESTS_YEAR_YEAR_ACT_H
#define BH_TESTS_YEAR_YEAR_ACT_H

#include "tests/year/year.h"

enum year_who {
	YEAR_BY_ROLE, /* whoever has this role in the county: a person's number is its role's */
	YEAR_BY_LEAD, /* of the case's unit */
	YEAR_BY_HANDLER,
	YEAR_BY_TASK, /* whose task it is */
	YEAR_BY_TIER, /* the desk of the tier it leaves, or comes to */
	YEAR_BY_REPORTER,
	YEAR_BY_CLOCK, /* nobody: the server's own; the line only says how many there are */
};

struct year_act {
	enum bh_verb verb;
	uint32_t states; /* 1u << enum bh_state */
	uint32_t share;  /* of a thousand looks */
	/* Of this verb in a year of 22,000 cases and 351 workers: by people, the server's own do
	 * not count; of what nobody but the server does, by it. */
	uint32_t least;
	uint32_t by_handset; /* of these, on handsets: only where device */
	enum year_who who;
	uint32_t role;
	bool by_worker; /* least is of so many workers, not of so many cases */
	bool device;    /* on a handset, where that person has one */
	bool straight;  /* also when the year winds up */
	bool (*fits)(struct year *year, const struct bh_case *cased);
	/* False: not this one. */
	bool (*fill)(struct year *year, const struct bh_case *cased, struct bh_command *draft);
	void (*pay)(struct year *year, struct year_order *order); /* its payload */
};

extern const struct year_act year_acts[];
extern const size_t year_acts_count;

/* Verbs of the journal without a line above, and why. */
struct year_absent {
	uint32_t first, last;
	const char *why;
};

extern const struct year_absent year_absents[];
extern const size_t year_absents_count;

#endif
