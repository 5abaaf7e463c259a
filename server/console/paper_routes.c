/* Files as papers of a dossier: one comes in whole, one is fetched, one is withdrawn.
 *
 *   bytes ─▶ may add, is a PDF, JPEG or PNG ─▶ PAPER would be accepted: room (writer)
 *      ─▶ file, synced ─▶ PAPER and STORED (writer, one transaction)
 *            └── fails: its room goes with what lies there in seven days, as a photo's that
 *                nobody offers
 *
 * No name of a client's is part of any path: a file lies under its hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/console/case_json.h"
#include "server/console/profile.h"
#include "server/domain/dossier.h"
#include "server/domain/paper_file.h"
#include "server/store/blob_files.h"
#include "server/store/privacy.h"

/* ---- Coming in ---- */

static bool text_read(struct bh_exchange *x, struct bh_span *out)
{
	const char *title = bh_target_parameter(&x->target, "title");
	const char *text = bh_target_parameter(&x->target, "text");
	struct bh_buf words = BH_BUF(BH_TEXT_BYTES_MAX);

	if (!title || strlen(title) > BH_NAME_BYTES_MAX || strchr(title, '\n')) {
		bh_answer_error(x, 422, "field", "title: one line of up to 120 bytes", NULL);
		return false;
	}
	int err = bh_buf_append(&words, title, strlen(title));
	if (!err && text)
		err = bh_buf_append(&words, "\n", 1);
	if (!err && text)
		err = bh_buf_append(&words, text, strlen(text));
	if (!err)
		err = bh_arena_copy(&x->arena, bh_buf_span(&words), out);
	bh_buf_free(&words);
	if (err)
		bh_answer_err(x, err);
	return err == BH_NOERR;
}

static bool paper_read(struct bh_exchange *x)
{
	const char *kind = bh_target_parameter(&x->target, "kind");

	if (!kind || bh_paper_parse(kind, &x->command.reason_code) != BH_NOERR) {
		bh_answer_error(x, 422, "field",
			"kind: mediation, agreement, performance, plan, result, other ...", NULL);
		return false;
	}
	x->command.type = bh_paper_form_of(x->text);
	if (x->command.type == BH_PAPER_FORM_NONE) {
		bh_answer_error(x, 422, "file",
			x->text.len ? "by its bytes it is no whole PDF, JPEG or PNG"
				    : "the body is empty: it is the file's bytes",
			NULL);
		return false;
	}
	return text_read(x, &x->command.text);
}

static int bytes_take(struct bh_exchange *x)
{
	struct bh_hasher *hasher;
	int err = bh_hasher_open(&hasher);

	if (err)
		return err;
	bh_hash_parts(hasher, &x->text, 1, x->command.blob_hash);
	bh_hasher_close(hasher);
	x->command.blob_size = (uint32_t)x->text.len;
	return bh_buf_append(&x->payload, x->text.data, x->text.len);
}

static void added(struct bh_exchange *x)
{
	const struct bh_command *command = &x->command;

	bh_answer_json(x, 200,
		json_pack("{s:s, s:s, s:I, s:s, s:I, s:o, s:b, s:o}", "number", x->captures[1],
			"paper", bh_paper_name(command->reason_code), "position",
			(json_int_t)x->outcome.position, "form", bh_paper_form_name(command->type),
			"size", (json_int_t)command->blob_size, "hash",
			bh_json_hex(bh_span(command->blob_hash, BH_HASH_BYTES)), "repeat",
			x->outcome.repeat, "at", bh_exchange_time(x, x->outcome.at_ms)));
}

/* The job's data is the exchange's payload, lent for so long. */
static int file_write(struct bh_exchange *x, enum bh_blob_found *found)
{
	struct bh_blob_job job = {.work = BH_BLOB_OPEN,
		.mono_ms = x->mono_ms,
		.size = x->command.blob_size,
		.looked = true};

	memcpy(job.hash, x->command.blob_hash, BH_HASH_BYTES);
	bh_blob_files_run(x->district->files, &job);
	if (!job.err && job.found == BH_BLOB_HELD) {
		job.work = BH_BLOB_PART;
		job.offset = 0;
		job.data = x->payload;
		bh_blob_files_run(x->district->files, &job);
	}
	*found = job.found;
	return job.err;
}

/* There is room, and the journal counts it: the file may be made.  Or the key came before. */
static void room_taken(struct bh_exchange *x)
{
	enum bh_blob_found found = BH_BLOB_WRONG;

	if (x->outcome.repeat) {
		added(x);
		return;
	}
	int err = file_write(x, &found);

	bh_buf_wipe(&x->payload);
	if (!err && found != BH_BLOB_WHOLE)
		err = BH_ERR_BUSY;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	x->command = *x->kept_command;
	bh_exchange_submit(x, added);
}

void bh_route_paper_file(struct bh_exchange *x)
{
	struct bh_case cased;
	struct bh_command *paper = bh_arena_alloc(&x->arena, sizeof(*paper));

	if (!bh_case_asked(x, &cased) || !paper_read(x))
		return;
	int err = paper ? bytes_take(x) : BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	if (bh_dossier_post(x->rules, x->now_ms, x->person, x->post, BH_VERB_PAPER, &cased) == 0) {
		bh_answer_error(x, 403, "no_right", "no post of yours adds papers to it", NULL);
		return;
	}
	x->command.case_number = cased.number;
	bh_exchange_desk(x, BH_VERB_PAPER);
	*paper = x->command;
	x->kept_command = paper;
	x->command.blob_room = true;
	bh_exchange_submit(x, room_taken);
}

/* ---- Going out ---- */

static bool position_read(const char *text, uint64_t *out)
{
	size_t len = strlen(text);

	*out = len > 0 && len <= 18 && strspn(text, "0123456789") == len ? strtoull(text, NULL, 10)
									 : 0;
	return *out != 0;
}

bool bh_entry_file_is_erased(const struct bh_exchange *x, const struct bh_entry *entry)
{
	struct bh_guarded guarded;
	bool names = (entry->verb == BH_VERB_PAPER || entry->verb == BH_VERB_STORED) &&
		     entry->device == 0;
	return names &&
	       (bh_reader_guarded(x->district->reader, entry->case_number, &guarded) != BH_NOERR ||
		       entry->position < guarded.erased);
}

/* Whoever sees all of a case sees its papers; who does not is told as of what is not there. */
static int paper_find(struct bh_exchange *x, const struct bh_case *cased,
	struct bh_paper_said *said, bool *erased)
{
	struct bh_entry entry;
	uint64_t position;

	if (!position_read(x->captures[2], &position))
		return BH_ERR_NOT_FOUND;
	int err = bh_reader_entry(x->district->reader, position, &x->arena, &entry);
	if (err)
		return err;
	if (entry.verb != BH_VERB_PAPER || entry.verdict != BH_VERDICT_ACCEPTED ||
		entry.device != 0 || entry.case_number != cased->number ||
		bh_paper_decode(entry.header, said) != BH_NOERR || said->form == BH_PAPER_FORM_NONE)
		return BH_ERR_NOT_FOUND;
	*erased = bh_entry_file_is_erased(x, &entry);
	return BH_NOERR;
}

void bh_route_paper_fetch(struct bh_exchange *x)
{
	struct bh_paper_said said;
	struct bh_case cased;
	bool erased = false;

	if (!bh_case_asked(x, &cased))
		return;
	if (!bh_views_are_whole(bh_case_views(x, &cased))) {
		bh_answer_error(x, 403, "no_right",
			"a dossier is its desk's, its archivist's and its unit's", NULL);
		return;
	}
	if (!bh_views_show_words(bh_case_views(x, &cased))) {
		bh_case_refuse_veiled(x);
		return;
	}
	int err = paper_find(x, &cased, &said, &erased);
	if (err == BH_ERR_NOT_FOUND) {
		bh_answer_error(x, 404, "paper", "the case has no paper with a file there",
			"`bihuan dossier NUMBER --json` says where");
		return;
	}
	if (erased) /* another case may have the same file: that one gives it */
		err = BH_ERR_NOT_FOUND;
	else if (!err)
		err = bh_answer_file(x, said.hash, said.size, BH_PAPER_FILE_BYTES_MAX,
			bh_paper_form_type(said.form));
	if (err == BH_ERR_NOT_FOUND)
		bh_answer_error(x, 404, "paper-lost",
			"the journal has the paper, and its file is not here: a restore lacked it, "
			"or it was erased",
			"add the same file again where there is one");
	else if (err)
		bh_answer_err(x, err);
}

/* ---- Withdrawing ---- */

static void withdrawn(struct bh_exchange *x)
{
	bh_answer_json(x, 200,
		json_pack("{s:s, s:I, s:I, s:b, s:o}", "number", x->captures[1], "withdrawn",
			(json_int_t)x->command.main_number, "position",
			(json_int_t)x->outcome.position, "repeat", x->outcome.repeat, "at",
			bh_exchange_time(x, x->outcome.at_ms)));
}

void bh_route_paper_withdraw(struct bh_exchange *x)
{
	static const char *const names[] = {"text", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	struct bh_case cased;

	if (!bh_case_asked(x, &cased))
		return;
	if (x->body)
		bh_fields_check(&at, x->body, names);
	(void)bh_field_text(&at, x->body, "text", BH_TEXT_BYTES_MAX, false, &x->command.text);
	(void)position_read(x->captures[2], &x->command.main_number);
	x->command.case_number = cased.number;
	bh_exchange_desk(x, BH_VERB_WITHDRAW_PAPER);
	if (faults.count > 0)
		bh_answer_field(x, &faults);
	else
		bh_exchange_submit(x, withdrawn);
	bh_faults_free(&faults);
}
