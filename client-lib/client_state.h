/* What the files of the public API share: the client, its errors, and how sized structs come in and
 * go out. */
#ifndef BH_CLIENT_CLIENT_STATE_H
#define BH_CLIENT_CLIENT_STATE_H

#include <stdatomic.h>

#include "client-lib/engine.h"
#include "client-lib/include/bihuan.h"
#include "client-lib/worker.h"
#include "proto/err.h"

#define BH_VIEW_ARENA_BYTES_MAX (1u << 20) /* strings of one view */
#define BH_TYPES_ARENA_BYTES_MAX (32u << 20)

struct bh_client {
	struct bh_local *local;   /* guarded by the worker's lock */
	struct bh_engine *engine; /* guarded by the worker's lock */
	struct bh_worker *worker;
	uint32_t drive;
	bool signs_outside;
	bool signs_for_any; /* it is told which key is to sign */
	bool keeps_cargo;   /* a piece is being taken in; guarded by the worker's lock */
	atomic_uint held;   /* by the host, once, and by each of its cursors */
};

/* A cursor holds its client's shell, from its making to its freeing. */
bh_client *bh_client_hold(bh_client *client);
void bh_client_release(bh_client *client);

/* Writes the reason and gives the status. */
bh_status bh_fail(bh_error *err, bh_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same from an enum bh_err, with SQLite's code where the store failed. */
bh_status bh_fail_rc(bh_error *err, const bh_client *client, int rc, const char *what);
/* A file outside the store: what errno was. */
bh_status bh_fail_os(bh_error *err, int rc, int error, const char *what);

/* Every call on a client begins with this: BH_OK, or BH_E_INVALID (NULL), BH_E_CLOSED,
 * BH_E_REENTRANT. */
bh_status bh_enter(bh_client *client, bh_error *err);

/* Copies what the caller's struct holds into *own (own_size bytes, zeroed before): BH_OK, or
 * BH_E_INVALID for NULL or a struct_size that cannot be. */
bh_status bh_struct_take(
	const void *given, void *own, size_t own_size, const char *name, bh_error *err);
/* Whether the caller's struct can be written to at all. */
bh_status bh_struct_check(const void *given, const char *name, bh_error *err);
/* Copies *own out, no further than the caller's struct_size, which stays. */
void bh_struct_give(const void *own, size_t own_size, void *given);
/* The text's span: BH_OK, or BH_E_INVALID (not UTF-8), BH_E_LIMIT (longer than bytes_max).  NULL is
 * empty. */
bh_status bh_text_take(
	const char *text, size_t bytes_max, const char *name, struct bh_span *out, bh_error *err);

/* client_record.c: the place that the input has, checked. */
bh_status bh_place_take(
	const bh_report_input *input, struct bh_msg_op_content *content, bh_error *err);
/* Cuts a text to size - 1 bytes, at a whole character, with a NUL behind. */
void bh_text_cut(char *out, size_t size, struct bh_span text);

/* Gives spans out as strings: copies into the arena, with a NUL behind.  rc stays at the first
 * failure. */
struct bh_texts {
	struct bh_arena *arena;
	int rc;
};

/* Never NULL; "" for an empty span, or when the arena is exhausted. */
const char *bh_text_of(struct bh_texts *texts, struct bh_span span);

#define BH_WAITING_MAX 64u /* acts of one case on their way, looked at */

/* client_record.c: the worker's own, or anybody's of a unit of his. */
bool bh_task_is_own(const struct bh_msg_district *district, const struct bh_msg_record_task *task);

/* client_act.c: of the catalogue as told, or NULL. */
const struct bh_msg_catalogue_type *bh_district_type(
	const struct bh_msg_district *district, uint32_t code);

/* client_due.c: what the district told, in an arena that the caller frees whatever became of it;
 * nothing before enrolment.  Takes the lock. */
int bh_district_take(bh_client *client, struct bh_arena *arena, struct bh_msg_district *out);

/* client_place.c: are two places, in WGS-84, so near to each other? */
bool bh_place_is_within(int32_t latitude_e7, int32_t longitude_e7, double latitude_deg,
	double longitude_deg, double metres);

/* client_case.c: whose cursor it is, and the case that it stands on, or NULL. */
bh_client *bh_case_cursor_client(const bh_case_cursor *cursor);
const struct bh_case_row *bh_case_cursor_row(const bh_case_cursor *cursor);

/* client_cargo.c: keeps another's bundle; bh_carry_file_read's and the store's codes,
 * BH_ERR_MALFORMED: no sealed file, BH_ERR_BUSY. */
int bh_cargo_import(bh_client *client, const char *path, bh_bundle_view *view, int *error);

#endif
