/*
 * A request becomes an exchange.  Most are answered at once from the main loop's reader.  Those
 * that change something carry a job to the district's writer and come back by letter; a
 * verification has the writer copy its file in slices between groups, then checks the copy on a
 * thread of its own.  An exchange whose caller hung up is finished all the same: the command was
 * given.
 */
#include "server/main/admin.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/main/admin_host.h"
#include "server/main/booked.h"
#include "server/main/carried.h"
#include "server/main/log.h"
#include "server/store/blob.h"

#define COPY_PAGES_A_TURN 256

struct admin_call {
	struct bh_errand errand;
	struct bh_letter letter;
	struct bh_process *process;
	struct bh_http_call *call;
	struct bh_exchange *exchange;
	struct bh_served *served;
	struct bh_console_host host;
	/* A verification, or a backup: */
	char copy_path[BH_BACKUP_PATH_MAX + 20];
	char copy_folder[BH_BACKUP_PATH_MAX];
	int64_t made_ms;
	char backup[BH_BACKUP_NAME_MAX]; /* "": a verification */
	bool copying;
	int err;
	struct bh_verify_report report;
	struct bh_backup_manifest manifest;
	struct bh_photos_lost gone; /* which the district itself does not hold */
	struct bh_backup_fault fault;
	/* Or a bundle: */
	struct bh_bundle_report carried;
	enum bh_bundle_fault carried_fault;
};

/* ---- A call's way ---- */

static void call_answer(struct admin_call *admin)
{
	const struct bh_response *response = bh_exchange_response(admin->exchange);
	if (response->file[0])
		bh_booked_answer(admin->call, response);
	else
		bh_http_answer(admin->call, response->status, response->content_type,
			bh_buf_span(&response->body));
	bh_exchange_free(admin->exchange);
	bh_manifest_free(&admin->manifest);
	bh_photos_lost_free(&admin->gone);
	free(admin);
}

static struct admin_call *of_letter(struct bh_letter *letter)
{
	return (struct admin_call *)(void *)((char *)letter - offsetof(struct admin_call, letter));
}

static void call_go_on(struct admin_call *admin);

static void job_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	(void)loop_context;
	bh_admin_refresh(admin->process, admin->served);
	bh_exchange_job_done(admin->exchange, &admin->host);
	call_go_on(admin);
}

static void job_done(struct bh_errand *errand)
{
	struct admin_call *admin = (struct admin_call *)(void *)errand;
	admin->letter.open = job_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
}

/* ---- Verification ---- */

static void copy_told(struct admin_call *admin)
{
	if (admin->backup[0])
		bh_exchange_backed_up(admin->exchange, admin->err, admin->backup, &admin->manifest,
			admin->fault.what);
	else
		bh_exchange_verified(admin->exchange, admin->err, &admin->report);
}

static void told_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	(void)loop_context;
	copy_told(admin);
	call_go_on(admin);
}

/* A failure costs a question to a handset: the next backup finds them lost again. */
static bool lost_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct admin_call *admin = (struct admin_call *)(void *)errand;
	const struct bh_clock *clock = &admin->process->clock;
	uint8_t(*hashes)[BH_HASH_BYTES] = calloc(admin->gone.count + 1, BH_HASH_BYTES);
	for (size_t i = 0; hashes && i < admin->gone.count; i++)
		memcpy(hashes[i], admin->gone.rows[i].hash, BH_HASH_BYTES);
	if (hashes)
		(void)bh_writer_photos_lost(writer, clock->now(clock->context),
			(const uint8_t(*)[BH_HASH_BYTES])hashes, admin->gone.count);
	free(hashes);
	return false;
}

static void lost_done(struct bh_errand *errand)
{
	struct admin_call *admin = (struct admin_call *)(void *)errand;
	admin->letter.open = told_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
}

/* What a backup did not find is noted, then it is told. */
static void verified_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	bh_admin_verification_end(admin->process);
	admin->process->verifying = false;
	admin->errand = (struct bh_errand){.turn = lost_turn, .done = lost_done};
	if (!admin->backup[0] || admin->err ||
		bh_writer_loop_submit(admin->served->writer, &admin->errand) != BH_NOERR)
		told_open(letter, loop_context);
}

static void verified_post(struct admin_call *admin)
{
	if (!admin->backup[0])
		(void)unlink(admin->copy_path);
	else if (admin->err)
		bh_backup_drop(bh_exchange_place(admin->exchange), admin->backup);
	admin->letter.open = verified_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
}

static void *verify_thread(void *context)
{
	struct admin_call *admin = context;
	struct bh_store_options copy = admin->served->store;
	copy.path = admin->copy_path;
	if (admin->backup[0])
		admin->err = bh_backup_finish(&admin->served->store,
			bh_exchange_place(admin->exchange), admin->backup, admin->made_ms,
			&admin->manifest, &admin->gone, &admin->fault);
	else
		admin->err = bh_store_verify(&copy, &admin->report);
	verified_post(admin);
	return NULL;
}

static bool copy_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct admin_call *admin = (struct admin_call *)(void *)errand;
	bool done = false;
	if (!admin->copying) {
		if (!admin->backup[0])
			(void)unlink(admin->copy_path); /* of one that was cut short */
		/* A copy that fills the disk would keep the district from writing. */
		admin->err = bh_served_has_copy_room(admin->served, admin->copy_folder)
				     ? bh_writer_copy_begin(writer, admin->copy_path)
				     : BH_ERR_FULL;
		admin->copying = admin->err == BH_NOERR;
	}
	if (!admin->err)
		admin->err = bh_writer_copy_step(writer, COPY_PAGES_A_TURN, &done);
	if (admin->err && admin->copying)
		bh_writer_copy_abort(writer);
	return !admin->err && !done;
}

/* On the main loop, which alone knows the verification's thread.  A stop waits for nobody's
 * curiosity: none begins then, and half a copy proves nothing. */
static void copied_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	struct bh_process *process = admin->process;
	(void)loop_context;
	if (!admin->err && (admin->errand.cut || process->stopping))
		admin->err = BH_ERR_CLOSED;
	if (!admin->err) {
		if (pthread_create(&process->verify_thread, NULL, verify_thread, admin) == 0) {
			process->verify_started = true;
			return; /* the call is the thread's now */
		}
		admin->err = BH_ERR_NOMEM;
	}
	verified_post(admin);
}

static void copy_done(struct bh_errand *errand)
{
	struct admin_call *admin = (struct admin_call *)(void *)errand;
	admin->letter.open = copied_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
}

static int backup_begin(struct admin_call *admin)
{
	admin->made_ms = bh_loop_now(admin->process->main_loop).wall_ms;
	bh_backup_name(admin->served->code, admin->made_ms, admin->backup);
	int err = bh_backup_begin(bh_exchange_place(admin->exchange), admin->backup,
		admin->copy_folder, &admin->fault);
	(void)snprintf(
		admin->copy_path, sizeof(admin->copy_path), "%s/district.db", admin->copy_folder);
	return err;
}

static int copy_begin(struct admin_call *admin, bool backs_up)
{
	int err = BH_NOERR;
	admin->copying = false;
	if (admin->process->verifying)
		err = BH_ERR_BUSY;
	(void)snprintf(admin->copy_folder, sizeof(admin->copy_folder), "%s", admin->served->folder);
	(void)snprintf(admin->copy_path, sizeof(admin->copy_path), "%s/%s", admin->copy_folder,
		BH_VERIFY_COPY);
	if (!err && backs_up)
		err = backup_begin(admin);
	if (err)
		return err;
	admin->process->verifying = true;
	admin->errand = (struct bh_errand){.turn = copy_turn, .done = copy_done};
	err = bh_writer_loop_submit(admin->served->writer, &admin->errand);
	if (err)
		admin->process->verifying = false;
	if (err && backs_up)
		bh_backup_drop(bh_exchange_place(admin->exchange), admin->backup);
	return err;
}

/* ---- A bundle ---- */

static void bundle_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	(void)loop_context;
	bh_admin_verification_end(admin->process);
	admin->process->verifying = false;
	bh_carried_tell(
		admin->served, admin->exchange, admin->err, &admin->carried, admin->carried_fault);
	call_go_on(admin);
}

static void *bundle_thread(void *context)
{
	struct admin_call *admin = context;
	admin->err = bh_carried_take(admin->served, admin->process->clock,
		bh_exchange_place(admin->exchange), bh_exchange_person(admin->exchange),
		&admin->carried, &admin->carried_fault);
	admin->letter.open = bundle_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
	return NULL;
}

/* ---- A dossier ---- */

static void book_open(struct bh_letter *letter, void *loop_context)
{
	struct admin_call *admin = of_letter(letter);
	(void)loop_context;
	bh_admin_verification_end(admin->process);
	admin->process->verifying = false;
	bh_exchange_book_written(admin->exchange, admin->err, admin->copy_path);
	call_go_on(admin);
}

static void *book_thread(void *context)
{
	struct admin_call *admin = context;
	admin->err = bh_booked_write(admin->served, bh_exchange_book(admin->exchange),
		admin->copy_path, sizeof(admin->copy_path));
	admin->letter.open = book_open;
	bh_loop_post(admin->process->main_loop, &admin->letter);
	return NULL;
}

/* What takes long is on the one thread for that. */
static int aside_begin(struct admin_call *admin, void *(*run)(void *context))
{
	struct bh_process *process = admin->process;
	if (process->verifying)
		return BH_ERR_BUSY;
	if (process->stopping)
		return BH_ERR_CLOSED;
	if (pthread_create(&process->verify_thread, NULL, run, admin) != 0)
		return BH_ERR_NOMEM;
	process->verifying = true;
	process->verify_started = true;
	return BH_NOERR;
}

void bh_admin_verification_end(struct bh_process *process)
{
	if (process->verify_started)
		(void)pthread_join(process->verify_thread, NULL);
	process->verify_started = false;
}

static int job_begin(struct admin_call *admin)
{
	admin->errand = (struct bh_errand){
		.job = bh_exchange_job(admin->exchange), .done = job_done};
	return bh_writer_loop_submit(admin->served->writer, &admin->errand);
}

static void call_go_on(struct admin_call *admin)
{
	enum bh_need need = bh_exchange_need(admin->exchange);
	int err = BH_NOERR;
	if (need == BH_NEED_NOTHING) {
		call_answer(admin);
		return;
	}
	admin->served = bh_process_district(admin->process, bh_exchange_district(admin->exchange));
	bh_assert(admin->served);
	if (need == BH_NEED_JOB) {
		if ((err = job_begin(admin)) == BH_NOERR)
			return;
		bh_exchange_job(admin->exchange)->err = err;
		bh_exchange_job_done(admin->exchange, &admin->host);
	} else if (need == BH_NEED_BUNDLE) {
		admin->carried = (struct bh_bundle_report){.answer = BH_BUF(0)};
		admin->carried_fault = BH_BUNDLE_HOLDS;
		if ((err = aside_begin(admin, bundle_thread)) == BH_NOERR)
			return;
		admin->err = err;
		bh_carried_tell(admin->served, admin->exchange, admin->err, &admin->carried,
			admin->carried_fault);
	} else if (need == BH_NEED_BOOK) {
		if ((err = aside_begin(admin, book_thread)) == BH_NOERR)
			return;
		bh_exchange_book_written(admin->exchange, err, NULL);
	} else {
		/* once it is the writer's, not a byte of it is ours */
		if ((err = copy_begin(admin, need == BH_NEED_BACKUP)) == BH_NOERR)
			return;
		admin->err = err;
		if (need == BH_NEED_BACKUP && !admin->backup[0])
			(void)snprintf(admin->backup, sizeof(admin->backup), "-");
		copy_told(admin);
	}
	call_go_on(admin);
}

void bh_admin_handle(void *context, const struct bh_request *request, struct bh_http_call *call)
{
	static const char no_memory[] = "{\"code\": \"no-memory\", \"message\": \"out of memory\"}";
	struct bh_process *process = context;
	struct admin_call *admin = calloc(1, sizeof(*admin));
	int err = admin ? BH_NOERR : BH_ERR_NOMEM;
	if (!err) {
		admin->process = process;
		admin->call = call;
		admin->host = bh_admin_host(process);
		err = bh_exchange_begin(
			&admin->host, request, bh_loop_now(process->main_loop), &admin->exchange);
	}
	if (err) {
		free(admin);
		bh_http_answer(
			call, 503, "application/json", bh_span(no_memory, sizeof(no_memory) - 1));
		return;
	}
	call_go_on(admin);
}
