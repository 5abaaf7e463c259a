/* A person's command at a desk.  A key that came before gets the recorded outcome and has no second
 * effect; a refused command leaves nothing. */
#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/order.h"
#include "server/domain/dossier.h"
#include "proto/message_dispute.h"
#include "server/domain/privacy.h"
#include "server/domain/rating.h"
#include "server/domain/shift.h"
#include "server/store/case_row.h"
#include "server/store/writer.h"

/* When the case it was about is due now. */
static int due_now(struct bh_writer *w, struct bh_outcome *out)
{
	struct bh_case cased;
	int err = bh_case_row_get(&w->projector.db, out->case_number, &cased);

	if (!err)
		out->dispatch_due_ms = cased.dispatch_due_ms;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_command_desk(struct bh_writer *w, struct bh_command *command, struct bh_outcome *out)
{
	bool answered = false;
	int err = bh_key_ask(w, command, out, &answered);

	if (err || answered)
		return err || !out->repeat ? err : due_now(w, out);
	command->log_short = BH_LOG_DESK;
	command->seq = 0;
	command->device = 0;
	if (bh_verb_is_shift(command->verb))
		err = bh_command_shift(w, command, out);
	else if (bh_verb_is_privacy(command->verb))
		err = bh_command_privacy(w, command, out);
	else if (bh_verb_is_order(command->verb))
		err = bh_command_order(w, command, out);
	else if (bh_verb_is_dossier(command->verb))
		err = bh_command_dossier(w, command, out);
	else if (bh_verb_is_rating(command->verb))
		err = bh_command_rating(w, command, out);
	else
		err = bh_command_case(w, command, out);
	if (err || out->position == 0)
		return err;
	return bh_key_keep(w, command, (int64_t)out->position);
}

int bh_desk_encode(struct bh_writer *w, const struct bh_command *command, struct bh_entry *entry)
{
	int err = BH_NOERR;

	w->content.len = 0;
	w->header.len = 0;
	if (command->dispute.agreement.len || command->dispute.decisions_count ||
		command->receipt.len) {
		struct bh_msg_dispute_content papers = {
			.text = command->text,
			.agreement = command->dispute.agreement,
			.decisions = command->dispute.decisions,
			.decisions_count = command->dispute.decisions_count,
			.receipt = command->receipt,
		};
		err = bh_encode_dispute_content(&papers, &w->content);
	} else if (command->text.len || command->has_place) {
		struct bh_msg_op_content content = {
			.text = command->text,
			.has_place = command->has_place,
			.latitude_e7 = command->latitude_e7,
			.longitude_e7 = command->longitude_e7,
			.datum = command->datum,
			.accuracy_dm = command->accuracy_dm,
		};
		err = bh_op_encode_content(&content, &w->content);
	}
	if (!err && command->reason_code) {
		struct bh_msg_op_header header = {
			.verb = command->verb, .reason = command->reason_code};
		err = bh_op_encode_header(&header, &w->header);
	}
	entry->content = bh_buf_span(&w->content);
	entry->header = bh_buf_span(&w->header);
	return err;
}
