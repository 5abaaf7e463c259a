/* Papers of dossiers: words, or a file that lies here already; some of them are withdrawn.  Nothing
 * of a file is here but what its paper says of it: bh_sim has the bytes. */
#include <string.h>

#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"
#include "server/store/dossier.h"
#include "tests/year/year_fit.h"

#define ROWS_MAX 48u
#define BYTES_MIN 20000
#define BYTES_MAX 900000

/* The newest that stands; 0: none does. */
static uint64_t paper_standing(struct year *year, const struct bh_case *cased)
{
	struct bh_dossier_row rows[ROWS_MAX];
	size_t count = 0;
	if (bh_reader_dossier_rows(year->reader, cased->number, 0, rows, ROWS_MAX, &count) != 0)
		return 0;
	for (size_t i = count; i-- > 0;)
		if (rows[i].verb == BH_VERB_PAPER && rows[i].back == 0)
			return rows[i].position;
	return 0;
}

bool year_paper_stands(struct year *year, const struct bh_case *cased)
{
	return paper_standing(year, cased) != 0;
}

bool year_paper_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)year;
	(void)cased;
	draft->reason_code = BH_PAPER_OTHER;
	return true;
}

bool year_file_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	(void)cased;
	draft->reason_code = BH_PAPER_AGREEMENT;
	draft->type = BH_PAPER_FORM_PDF;
	draft->blob_size = (uint32_t)bh_simrng_between(&year->acts, BYTES_MIN, BYTES_MAX);
	bh_simrng_fill(&year->salts, draft->blob_hash, BH_HASH_BYTES);
	return true;
}

bool year_withdraw_fill(struct year *year, const struct bh_case *cased, struct bh_command *draft)
{
	draft->main_number = paper_standing(year, cased);
	return draft->main_number != 0;
}
