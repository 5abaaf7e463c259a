/* Part of a profile, element by element, laid over what is in force: IMPORT.md tells the form. */
#ifndef BH_CONSOLE_TABLES_H
#define BH_CONSOLE_TABLES_H

#include "server/console/profile.h"

/* Lists of elements by their code; posts are rows of their own, by their person. */
enum bh_table { BH_TABLE_AREAS, BH_TABLE_UNITS, BH_TABLE_PEOPLE, BH_TABLE_ASSETS, BH_TABLES };

struct bh_tables {
	json_t *whole; /* {"areas": [...], "units": [...], "people": [...]}: after the laying over
			*/
	uint32_t *rows[BH_TABLES]; /* of each element the row that it came with, from 1; 0: none */
	uint32_t *post_rows;       /* of each post, in the order of people and their posts */
	struct bh_import_faults found; /* by rows of what was given */
};

/* Lays the lists of given over the profile in force.  What is wrong with rows as such is found;
 * what the whole is worth, bh_profile_read says.  BH_ERR_NOMEM. */
int bh_tables_lay(struct bh_tables *tables, struct bh_arena *arena, const struct bh_rules *rules,
	const json_t *given);
/* Faults by places in whole become faults by rows; what stands in no row has BH_FAULT_NO_ROW. */
void bh_tables_tell(const struct bh_tables *tables, struct bh_import_faults *faults);
void bh_tables_close(struct bh_tables *tables);

#endif
