/* Files as papers of dossiers, by the console's road: room first, then the file, then the paper
 * that names it; and papers that somebody withdraws.
 *
 *   made ──▶ room (writer) ──▶ file, durable ──▶ PAPER and STORED (writer) ──▶ known
 *             ▲                  │ the disk stops, the process ends, another life since
 *             └──────────────────┘ the same again, under the same key
 */
#include <string.h>

#include "proto/err.h"
#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"
#include "server/store/dossier.h"
#include "tests/sim/desk_state.h"

#define BYTES_MIN 300
#define BYTES_MAX 9000
#define ROWS_MAX 24u
#define WRITE_MS_MAX 60
#define AGAIN_PPM 100000u /* the bytes of an older one once more */

static uint32_t who_draw(struct bh_simdesk *desk, const struct bh_case *cased)
{
	return cased->unit != 0 && bh_simrng_chance(&desk->papers, 500000)
		       ? BH_DEMO_LEAD(cased->unit)
		       : BH_DEMO_PERSON(ACCEPTOR);
}

/* The world keeps its bytes: what must lie there, once a paper names it. */
static const struct bh_simphoto *file_make(struct bh_simdesk *desk)
{
	struct bh_simalbum *files = &desk->run->files;
	struct bh_simphoto made;

	if (files->count > 0 && bh_simrng_chance(&desk->papers, AGAIN_PPM))
		made = bh_simalbum_copy(
			&files->photos[bh_simrng_below(&desk->papers, files->count)]);
	else
		made = bh_simalbum_write(files, &desk->papers,
			(uint32_t)bh_simrng_between(&desk->papers, BYTES_MIN, BYTES_MAX));
	bh_simalbum_add(files, &made);
	return &files->photos[files->count - 1];
}

void bh_simdesk_paper_file(struct bh_simdesk *desk, const struct bh_case *cased)
{
	const struct bh_simphoto *file = file_make(desk);
	uint32_t kind = bh_simrng_chance(&desk->papers, 300000) ? BH_PAPER_AGREEMENT
								: BH_PAPER_OTHER;

	bh_simdesk_order_file(desk, who_draw(desk, cased), cased->number, kind, file);
}

void bh_simdesk_paper_withdraw(struct bh_simdesk *desk, const struct bh_case *cased)
{
	struct bh_store_reader *reader = bh_simserver_reader(desk->run->server);
	struct bh_dossier_row rows[ROWS_MAX];
	size_t count = 0;

	if (reader == NULL ||
		bh_reader_dossier_rows(reader, cased->number, 0, rows, ROWS_MAX, &count) != 0)
		return;
	for (size_t i = count; i-- > 0;) {
		if (rows[i].verb != BH_VERB_PAPER || rows[i].back != 0)
			continue;
		uint32_t who = bh_simrng_chance(&desk->papers, 600000)
				       ? BH_DEMO_PERSON(ARCHIVIST) /* who may withdraw any */
				       : who_draw(desk, cased);
		bh_simdesk_order_withdraw(desk, who, cased->number, rows[i].position);
		return;
	}
}

void bh_simdesk_file_granted(struct bh_simorder *order)
{
	order->step = BH_SIMFILE_WRITE;
	bh_simorder_send(order, bh_simrng_tail(&order->desk->papers, 0, WRITE_MS_MAX));
}

bool bh_simdesk_file_goes_on(struct bh_simorder *order)
{
	struct bh_simserver *server = order->desk->run->server;
	struct bh_command *command = &order->command;

	if (order->step == BH_SIMFILE_WRITE) {
		bool written = bh_simserver_file(server, command->blob_hash);
		order->step = written ? BH_SIMFILE_PAPER : BH_SIMFILE_ROOM;
		order->life = bh_simserver_life(server);
		command->blob_room = !written;
		return written;
	}
	/* What lay there in another life may lie there no more. */
	if (order->step == BH_SIMFILE_PAPER && order->life != bh_simserver_life(server))
		order->step = BH_SIMFILE_ROOM;
	command->blob_room = order->step == BH_SIMFILE_ROOM;
	return true;
}
