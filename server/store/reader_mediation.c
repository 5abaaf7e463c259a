/* Mediations as readers see them. */
#include "server/store/mediation.h"
#include "server/store/mediation_row.h"
#include "server/store/reader.h"

int bh_reader_mediations(struct bh_store_reader *reader, uint64_t number,
	struct bh_mediation *mediations, size_t max, size_t *count)
{
	return bh_mediation_rows_of(&reader->db, number, mediations, max, count);
}
