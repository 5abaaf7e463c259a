/* What really happened, as only the world itself knows it: every op that a handset was told is
 * recorded, with its identity. */
#ifndef BH_TESTS_SIM_TRUTH_H
#define BH_TESTS_SIM_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

/* RECORDED: the call said 0.  MAYBE: the handset died in the call, or was told that the outcome is
 * not known.  UNDONE: an old backup was put over it before anybody else knew of it. */
enum bh_simop_fate { BH_SIMOP_RECORDED, BH_SIMOP_MAYBE, BH_SIMOP_UNDONE };

struct bh_simop {
	uint32_t token; /* of a report: unique, in its text; 0: another verb */
	uint32_t phone;
	uint32_t person;
	uint32_t author; /* who records just now on a handset that is shared, else person */
	bool claimed;    /* and that was not proved */
	uint32_t verb;
	uint64_t about;                  /* case number as the handset knows it; 0: provisional */
	uint8_t log_id[BH_LOG_ID_BYTES]; /* its identity; MAYBE: none */
	uint64_t seq;
	uint8_t link[BH_HASH_BYTES];
	int64_t at_ms; /* virtual */
	enum bh_simop_fate fate;
	bool came;                        /* the server had it when it was put back */
	uint8_t came_in[BH_LOG_ID_BYTES]; /* CAME: the log that it came in last */
	bool retired; /* ... and its handset had left that log for another one: nobody brings it */
};

struct bh_simtruth {
	struct bh_simop *ops;
	size_t count;
	size_t room;
};

/* Asserts that there is memory. */
struct bh_simop *bh_simtruth_add(struct bh_simtruth *truth, const struct bh_simop *op);
/* The op that a token belongs to, or NULL. */
struct bh_simop *bh_simtruth_of_token(const struct bh_simtruth *truth, uint32_t token);
/* Two phones that are one may hold two ops at one place of one log. */
struct bh_simop *bh_simtruth_of_link(const struct bh_simtruth *truth,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES]);
void bh_simtruth_free(struct bh_simtruth *truth);

/* A report's text: "r<token> ..." and back; 0 when there is none. */
#define BH_SIMTRUTH_TEXT_BYTES 160u
void bh_simtruth_text(uint32_t token, uint64_t draw, char out[BH_SIMTRUTH_TEXT_BYTES]);
uint32_t bh_simtruth_token(const void *text, size_t len);

#endif
