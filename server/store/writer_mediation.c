/* Mediations beside the commands about their cases: the one that a command names or its case is at,
 * and those of whose agreements a date has come. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/mediation_row.h"
#include "server/store/writer.h"

int bh_mediation_load(struct bh_writer *w, const struct bh_command *command,
	const struct bh_case *before, struct bh_mediation *buffer,
	const struct bh_mediation **mediation)
{
	uint32_t ordinal = before ? bh_mediation_asked(command, before) : 0;

	*mediation = NULL;
	if (ordinal == 0)
		return BH_NOERR;
	int err = bh_mediation_row_get(&w->projector.db, before->number, ordinal, buffer);
	if (err == BH_ERR_NOT_FOUND)
		return ordinal > before->mediations ? BH_NOERR : BH_ERR_CORRUPT;
	if (!err)
		*mediation = buffer;
	return err;
}

int bh_mediation_fire(struct bh_writer *w, uint64_t first, bool *fires)
{
	struct bh_mediation mediation;
	struct bh_command command;
	int err = bh_mediation_row_first(&w->projector.db, first, &mediation);

	*fires = false;
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	if (!bh_mediation_command(&mediation, w->now_ms, &command))
		return BH_NOERR;
	return bh_command_fire(w, &command, NULL, fires);
}
