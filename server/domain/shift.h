/* Handing a shift over (domain.md, Shift; S0-31): who may, for which end of a shift, and the
 * decided facts of it.
 *
 *   ends of shifts    ──┼───────────────┼───────────────┼──▶
 *   HAND_OVER           │      from two hours before an end until a day after it, once
 *   TAKE_OVER           │      what was handed over, by another leader of the desk
 *   HAND_OVER_MISSED    └─ 30 min ─▶ the clock: nobody did; told to the level above
 */
#ifndef BH_DOMAIN_SHIFT_H
#define BH_DOMAIN_SHIFT_H

#include "proto/bytes.h"
#include "proto/verdict.h"
#include "server/domain/rules.h"

#define BH_SHIFT_BEFORE_MS INT64_C(7200000)
#define BH_SHIFT_LATE_MS INT64_C(1800000)
#define BH_SHIFT_MADE_GOOD_MS INT64_C(86400000)

struct bh_shift_fact {
	uint32_t unit;  /* the desk */
	int64_t end_ms; /* of the shift */
	uint32_t green; /* open cases of the desk's area by their light ... */
	uint32_t yellow;
	uint32_t red;
	uint32_t other; /* ... and those whose light is none */
};

/* What stands of one end of a shift. */
struct bh_shift_end {
	struct bh_shift_fact fact;
	uint64_t position; /* of the hand-over, or of its being missed */
	uint32_t person;   /* who handed over; 0: nobody did */
	int64_t at_ms;
	bool missed;       /* nobody had by half an hour after it */
	uint32_t taken_by; /* 0: nobody yet */
	int64_t taken_ms;
};

bool bh_verb_is_shift(unsigned verb);
/* A decision's bytes, appended. */
int bh_shift_fact_encode(const struct bh_shift_fact *fact, struct bh_buf *out);
/* BH_ERR_MALFORMED, *out untouched. */
int bh_shift_fact_decode(struct bh_span bytes, struct bh_shift_fact *out);

/* The post of a person by which they lead shifts at a desk; 0: none. */
uint32_t bh_shift_post(
	const struct bh_rules *rules, uint32_t unit, uint32_t person, uint32_t post, int64_t at_ms);
/* The end of a shift that a leader may hand over now: the first that *is not* among those handed
 * over already, from `since_ms` (when the desk's roster began) on.  BH_REASON_NONE with it in
 * *end_ms; what is wrong otherwise. */
enum bh_reason bh_shift_hand_over(const struct bh_rules *rules, uint32_t unit, uint32_t person,
	int64_t now_ms, int64_t handed_ms, int64_t *end_ms, const char **detail);
enum bh_reason bh_shift_take_over(
	const struct bh_shift_end *last, uint32_t person, int64_t now_ms, const char **detail);
/* Of tests of the real programs: 1 and more. */
int64_t bh_shift_late_ms(uint32_t due_divisor);

#endif
