/* The administrator's and dispatcher's terminal: what its files share. */
#ifndef BH_TOOLS_BIHUAN_H
#define BH_TOOLS_BIHUAN_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "proto/bytes.h"
#include "tools/cli/option.h"

#define BH_TOOL_PATH_MAX 2048u
#define BH_TOOL_SOCKET "/run/bihuan/admin.sock"

/* One invocation's. */
struct bh_tool {
	char key[33];    /* the idempotency key where none was given; "": not drawn yet */
	json_t *refusal; /* the server's last, for a verb that has use for what it brings */
	/* NULL, or puts a refusal into a verb's own words before it is told. */
	void (*reword)(struct bh_cli_call *call, json_t *refusal);
	void *reword_context;
};

/* Asks the server: a path as made by bh_tool_path, a body or NULL.  0 and a new reference in *out,
 * or the exit status when the server is away, says no, or is not understood; that was told.  A POST
 * whose answer is lost is sent again with the same key for a few seconds. */
int bh_tool_get(struct bh_cli_call *call, const char *path, json_t **out);
int bh_tool_post(struct bh_cli_call *call, const char *path, const json_t *body, json_t **out);
/* An answer that is no JSON; *out is the caller's to free. */
int bh_tool_get_bytes(struct bh_cli_call *call, const char *path, struct bh_buf *out);
/* The same into a file, however large, from its beginning; body NULL: a GET.  Half a file stays
 * where it fails. */
int bh_tool_fetch(struct bh_cli_call *call, const char *path, const json_t *body, FILE *to);
/* As whoever runs the server, whomever --as names. */
int bh_tool_get_as_operator(struct bh_cli_call *call, const char *path, json_t **out);
/* An option's value, or that of a variable of the environment; NULL: neither says anything. */
const char *bh_tool_chosen(
	const struct bh_cli_call *call, const char *option, const char *variable);
/* The same with the bytes of a file as they are; file is its name for messages about its lines. */
int bh_tool_post_text(struct bh_cli_call *call, const char *path, const char *text, size_t len,
	const char *file, json_t **out);

/* "/a/b" from parts, each escaped; NULL ends them.  False: too long, told. */
bool bh_tool_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], ...);
/* The same below the district that was named, or the only one there is; 0 or an exit status. */
int bh_tool_district_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], ...);
/* Appends "?name=value", or "&..."; value NULL: nothing. */
bool bh_tool_parameter(char path[BH_TOOL_PATH_MAX], const char *name, const char *value);
/* Sets those of these options that were given in a body; 0, or an exit status after it was told. */
int bh_tool_texts(struct bh_cli_call *call, const char *const *names, size_t count, json_t *body);
/* The same as bh_tool_post, and with --json the answer is printed; takes the body. */
int bh_tool_post_simple(struct bh_cli_call *call, const char *path, json_t *body, json_t **answer);
/* Gives the text of a file, the first operand, to one of the district's imports, and tells what
 * that changes or changed; the verb says whether it is only checked.  next: the command that comes
 * after. */
int bh_tool_import_text(
	struct bh_cli_call *call, const char *what, const char *text, size_t len, const char *next);
/* The same with a table's rows (or JSON as it is): the file is the first operand. */
struct bh_csv;
typedef int (*bh_tool_rows_json)(
	struct bh_csv *csv, struct bh_buf *out, const char **what, size_t *line);
int bh_tool_import_rows(struct bh_cli_call *call, const char *what, bh_tool_rows_json rows,
	const char *hint, const char *next);
/* For which times a roster leaves a desk alone. */
void bh_tool_gaps_print(const struct bh_cli_call *call, const json_t *answer);
/* bihuan_areas.c: units without people, and what is kept for ever. */
void bh_tool_lacks_print(const struct bh_cli_call *call, const json_t *answer);
/* "next:" */
const char *bh_tool_next_word(const struct bh_cli_call *call);
/* Was a key given to what makes a request for each of many, of which it could be only one's?  Then
 * it was told, with its exit status. */
bool bh_tool_key_of_many(struct bh_cli_call *call, int *exit);
/* A repeat under a key: it was done before, and once. */
void bh_tool_repeat_note(const struct bh_cli_call *call, const json_t *answer);
/* Is the first operand a case's number?  0, or an exit status after it was told. */
int bh_tool_number_check(struct bh_cli_call *call);
/* That case's path, or of what hangs on it (NULL: its own): the codes of both. */
int bh_tool_case_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], const char *what);
/* The command that a case waits for, as far as it is known; nothing where it waits for none. */
void bh_tool_next(const struct bh_cli_call *call, const json_t *cased);
/* Whom --as or BIHUAN_AS names, or "CODE". */
const char *bh_tool_as(const struct bh_cli_call *call);
/* The steps of a case's plan, if it has one. */
void bh_tool_steps_show(const struct bh_cli_call *call, const json_t *cased);
/* A new file for its owner alone, who may be reading names in it, and through nobody's link: what
 * stood there goes.  -1 with errno. */
int bh_tool_making_open(const char *making);
/* Writes a file, under another name until it is whole, so that a name never stands for half of one.
 * 0, or an exit status after it was told. */
int bh_tool_save(struct bh_cli_call *call, const char *path, struct bh_span bytes);
/* Whose a folder of districts is, where that is another user and root makes something there. */
struct bh_tool_owner {
	uid_t uid;
	gid_t gid;
	bool gives;
	int back; /* where root was before it went on as that user */
};
/* 0, or an exit status after it was told: neither its owner nor root may make a district there. */
int bh_tool_owner_find(struct bh_cli_call *call, const char *data, struct bh_tool_owner *out);
/* What root made of a district there, and beside it, becomes its owner's.  0, or an exit status
 * after it was told. */
int bh_tool_owner_give(struct bh_cli_call *call, const char *data, const char *code,
	const struct bh_tool_owner *owner);
/* Root goes on as the owner, in that folder, until it ends that: nothing there is looked at or made
 * with root's rights, and paths are from there, since the folders above may keep that user out.
 * False: it could not.  Whoever is no root stays as he is. */
bool bh_tool_owner_be(struct bh_tool_owner *owner, const char *data);
bool bh_tool_owner_end(struct bh_tool_owner *owner);
/* What an import changed, or would change, list by list. */
void bh_tool_changes_print(const struct bh_cli_call *call, const json_t *answer);
/* A GET's items as a table or lines of JSON, page after page with --all; 0 or an exit status. */
struct bh_cli_column;
struct bh_cli_column;
/* A list of a path, page by page as `after` and `all` say, as a table. */
int bh_tool_list(struct bh_cli_call *call, const char *path, const struct bh_cli_column *columns);
/* Every verb's run. */
int bh_tool_status(struct bh_cli_call *call);
int bh_tool_reload(struct bh_cli_call *call);
int bh_tool_districts(struct bh_cli_call *call);
int bh_tool_district_create(struct bh_cli_call *call);
int bh_tool_profile_show(struct bh_cli_call *call);
int bh_tool_import(struct bh_cli_call *call);
int bh_tool_tables(struct bh_cli_call *call);
/* What rows of areas bring to the map of a profile in force: those of bh_coverage_find's findings
 * about outlines that were not there before; a new list, or NULL. */
json_t *bh_tool_tables_cover(const json_t *profile, const json_t *rows);
void bh_tool_cover_print(const struct bh_cli_call *call, const json_t *told);
int bh_tool_calendar_show(struct bh_cli_call *call);
int bh_tool_calendar_import(struct bh_cli_call *call);
int bh_tool_roster_show(struct bh_cli_call *call);
int bh_tool_roster_import(struct bh_cli_call *call);
int bh_tool_shift_act(struct bh_cli_call *call);
int bh_tool_hand_overs(struct bh_cli_call *call);
int bh_tool_people(struct bh_cli_call *call);
int bh_tool_units(struct bh_cli_call *call);
int bh_tool_areas(struct bh_cli_call *call);
int bh_tool_areas_check(struct bh_cli_call *call);
int bh_tool_routes(struct bh_cli_call *call);
int bh_tool_catalogue_show(struct bh_cli_call *call);
int bh_tool_route_explain(struct bh_cli_call *call);
int bh_tool_routes_learn(struct bh_cli_call *call);
int bh_tool_routes_take(struct bh_cli_call *call);
int bh_tool_proposal(struct bh_cli_call *call);
int bh_tool_enrol(struct bh_cli_call *call);
int bh_tool_devices(struct bh_cli_call *call);
int bh_tool_revoke(struct bh_cli_call *call);
int bh_tool_rekey(struct bh_cli_call *call);
int bh_tool_census(struct bh_cli_call *call);
int bh_tool_quarantine(struct bh_cli_call *call);
int bh_tool_quarantines(struct bh_cli_call *call);
int bh_tool_quarantine_decide(struct bh_cli_call *call);
int bh_tool_bundle(struct bh_cli_call *call);
int bh_tool_queue(struct bh_cli_call *call);
int bh_tool_cases(struct bh_cli_call *call);
int bh_tool_tasks(struct bh_cli_call *call);
int bh_tool_show(struct bh_cli_call *call);
int bh_tool_similar(struct bh_cli_call *call);
int bh_tool_photo(struct bh_cli_call *call);
int bh_tool_act(struct bh_cli_call *call);
int bh_tool_register(struct bh_cli_call *call);
int bh_tool_orders(struct bh_cli_call *call);
int bh_tool_order(struct bh_cli_call *call);
int bh_tool_order_act(struct bh_cli_call *call);
int bh_tool_dossier(struct bh_cli_call *call);
int bh_tool_dossier_verify(struct bh_cli_call *call);
int bh_tool_paper(struct bh_cli_call *call);
/* bihuan_paper.c: files as papers. */
int bh_tool_paper_add(struct bh_cli_call *call);
int bh_tool_paper_get(struct bh_cli_call *call);
int bh_tool_paper_withdraw(struct bh_cli_call *call);
int bh_tool_loans(struct bh_cli_call *call);
int bh_tool_invite(struct bh_cli_call *call);
int bh_tool_rate(struct bh_cli_call *call);
int bh_tool_ratings(struct bh_cli_call *call);
int bh_tool_services(struct bh_cli_call *call);
int bh_tool_repeats(struct bh_cli_call *call);
int bh_tool_service_counts(struct bh_cli_call *call);
int bh_tool_patrols(struct bh_cli_call *call);
int bh_tool_moves(struct bh_cli_call *call);
int bh_tool_stats(struct bh_cli_call *call);
int bh_tool_notices(struct bh_cli_call *call);
int bh_tool_notice(struct bh_cli_call *call);
int bh_tool_notice_test(struct bh_cli_call *call);
int bh_tool_verify(struct bh_cli_call *call);
int bh_tool_backup(struct bh_cli_call *call);
int bh_tool_backup_verify(struct bh_cli_call *call);
int bh_tool_restore(struct bh_cli_call *call);
int bh_tool_keys_show(struct bh_cli_call *call);
int bh_tool_keys_roll_server(struct bh_cli_call *call);
int bh_tool_keys_roll_ca(struct bh_cli_call *call);
int bh_tool_keys_roll_bundle(struct bh_cli_call *call);
int bh_tool_seal_key_roll(struct bh_cli_call *call);
int bh_tool_party(struct bh_cli_call *call);
int bh_tool_party_list(struct bh_cli_call *call);
int bh_tool_party_open(struct bh_cli_call *call);
int bh_tool_openings(struct bh_cli_call *call);
int bh_tool_erase(struct bh_cli_call *call);
int bh_tool_retention_report(struct bh_cli_call *call);
int bh_tool_clock_confirm(struct bh_cli_call *call);

/* ---- bihuan_verbs_*.c: what it can be told, in the order of the help ---- */
extern const struct bh_cli_verb bh_tool_verbs_case[];
extern const struct bh_cli_verb bh_tool_verbs_dispute[];
extern const struct bh_cli_verb bh_tool_verbs_people[];
extern const struct bh_cli_verb bh_tool_verbs_order[];
extern const struct bh_cli_verb bh_tool_verbs_dossier[];
extern const struct bh_cli_verb bh_tool_verbs_rating[];
extern const struct bh_cli_verb bh_tool_verbs_district[];
extern const struct bh_cli_verb bh_tool_verbs_server[];

#endif
