/* How a matter came to the district: what a handset reports, and what a desk registers (S1-3,
 * S1-35). */
#ifndef BH_DOMAIN_INTAKE_H
#define BH_DOMAIN_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

/* Values are frozen: they stand in journals. */
enum bh_intake {
	BH_INTAKE_HANDSET = 0,
	BH_INTAKE_HALL = 1,       /* 来访: somebody came to the reception hall */
	BH_INTAKE_TELEPHONE = 2,  /* 来电: 12345 and other lines */
	BH_INTAKE_LETTER = 3,     /* 来信 */
	BH_INTAKE_VISIT = 4,      /* 走访: heard where somebody of the desk was */
	BH_INTAKE_DEPARTMENT = 5, /* 部门转办: another department passed it on */
	BH_INTAKE_COUNT = 6,
};

#define BH_VISITORS_MAX 9999u

/* "hall", "来访"; NULL: there is no such one. */
const char *bh_intake_name(uint32_t intake);
const char *bh_intake_name_zh(uint32_t intake);
/* Of a desk's, by its name; 0: none has it. */
uint32_t bh_intake_parse(const char *name);
/* Somebody of the public asked for it, who may rate the answer (rating.h). */
bool bh_intake_is_public(uint32_t intake);

#endif
