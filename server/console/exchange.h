/* One request on its way through the routes: what it asks, who asks, what it needs, what it is
 * told. For the files of this folder alone. */
#ifndef BH_CONSOLE_EXCHANGE_H
#define BH_CONSOLE_EXCHANGE_H

#include <jansson.h>

#include "server/console/json_text.h"
#include "server/console/route.h"
#include "server/console/target.h"
#include "server/domain/rating.h"
#include "server/domain/rules.h"

#define BH_EXCHANGE_BYTES_MAX (64u * 1024u * 1024u) /* of a request's arena, of a response */
#define BH_EXCHANGE_CAPTURES_MAX 3u

/* Who may use a route; see route_access.c. */
enum bh_access {
	BH_ACCESS_SERVER,   /* the operator's link, not as anybody */
	BH_ACCESS_DISTRICT, /* the same, or a person with an administrator's post */
	BH_ACCESS_READ,     /* the operator's link, or any person of the district */
	BH_ACCESS_PUBLIC,   /* anybody: what the body says is the right */
	BH_ACCESS_PERSON,   /* a person, always: what is done to a case has somebody's name */
};

struct bh_exchange {
	const struct bh_console_host *host;   /* only inside begin and done */
	struct bh_console_district *district; /* likewise; NULL outside /districts/{d} */
	char district_code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	size_t route; /* index in bh_routes */
	struct bh_target target;
	const char *captures[BH_EXCHANGE_CAPTURES_MAX]; /* {d} first */
	struct bh_arena arena;
	struct bh_span text;    /* the body as it came, copied only where a route keeps it */
	json_t *body;           /* an object, or NULL: there was none */
	struct bh_rules *rules; /* in force when the request came; ours */
	int64_t now_ms;
	int64_t mono_ms;
	bool operator_link;
	uint32_t person; /* acting; 0: the operator */
	uint32_t post;   /* 0: whichever fits */
	bool keyed;      /* an idempotency key was given: its hashes are in the command */

	enum bh_need need;
	const char *place; /* of a backup, a bundle's file; the body's */
	struct bh_book book;
	struct bh_buf payload;
	struct bh_command command;
	struct bh_outcome outcome;
	struct bh_job job;
	void (*done)(struct bh_exchange *x); /* a job was done with err 0 */
	bool answered;                       /* the response stands, whatever becomes of the job */
	json_t *kept;                        /* what done adds to */
	const struct bh_command *kept_command; /* the arena's: what comes after the job */
	char kept_text[640];
	uint8_t code[BH_CODE_BYTES]; /* of an enrolment */
	uint8_t token[BH_RATING_TOKEN_BYTES];
	uint64_t key_position; /* what bh_key_find found */
	struct bh_response response;
};

/* ---- Answers (answer.c): each sets the response; the last word counts ---- */
void bh_answer_json(struct bh_exchange *x, int status, json_t *value); /* takes it; NULL: 503 */
/* hint may be NULL. */
void bh_answer_error(
	struct bh_exchange *x, int status, const char *code, const char *message, const char *hint);
/* The same with further members; takes extra, an object. */
void bh_answer_error_with(struct bh_exchange *x, int status, const char *code, const char *message,
	const char *hint, json_t *extra);
/* Storage codes, BH_ERR_NOMEM, BH_ERR_BUSY. */
void bh_answer_err(struct bh_exchange *x, int err);
/* A verdict that is not acceptance. */
void bh_answer_refused(struct bh_exchange *x, const struct bh_outcome *outcome);
void bh_answer_no_case(struct bh_exchange *x, const char *number);

/* An instant as the district writes it, null for 0.  A new reference, or NULL without memory. */
json_t *bh_exchange_time(const struct bh_exchange *x, int64_t ms);
/* Adds to an array or object and gives it back; takes both.  Where either is NULL or memory ends:
 * NULL, with everything released, so that a list never lacks a row in silence. */
json_t *bh_items_add(json_t *items, json_t *item);
json_t *bh_member_set(json_t *object, const char *name, json_t *value);
/* The object with the members of all parts, which it takes; NULL where one of them is. */
json_t *bh_members_join(json_t *object, json_t *const *parts, size_t count);
/* {"items": [...], "count": n, "next": after or null}; takes items.  next may be NULL. */
json_t *bh_list_json(json_t *items, const char *next);
/* The code of an area, a unit or a person; null where there is none (any more). */
json_t *bh_area_code(const struct bh_rules *rules, uint32_t id);
json_t *bh_unit_code(const struct bh_rules *rules, uint32_t id);
json_t *bh_person_code(const struct bh_rules *rules, uint32_t id);
/* "live", "revoked" or "suspended". */
const char *bh_device_state_name(enum bh_device_state state);
const struct bh_msg_area *bh_area_by_code(const struct bh_rules *rules, const char *code);

/* ---- Commands ---- */
/* The exchange's one command is a desk's, by whoever asks. */
static inline void bh_exchange_desk(struct bh_exchange *x, enum bh_verb verb)
{
	x->command.source = BH_SOURCE_DESK;
	x->command.verb = verb;
	x->command.person = x->person;
	x->command.post = x->post;
}

/* Gives the exchange's one command, filled by the caller, to the writer; done runs after it. */
void bh_exchange_submit(struct bh_exchange *x, void (*done)(struct bh_exchange *x));
/* The same for an operator's verb whose content is in x->payload. */
void bh_exchange_submit_operator(
	struct bh_exchange *x, enum bh_verb verb, void (*done)(struct bh_exchange *x));

/* ---- Idempotency keys (key.c) ---- */
/* Of the request, once it is known who asks.  False: answered. */
bool bh_key_read(struct bh_exchange *x, const struct bh_request *request);
/* Whether the key led to something, which is then the exchange's outcome (position 0: it held
 * already) and key_position.  False and *told: it was answered, the key came with another request
 * or cannot be asked for. */
bool bh_key_find(struct bh_exchange *x, struct bh_store_reader *reader, bool *told);
/* An operator's route asks before anything else: true where the key came before, and tell (or a
 * refusal) has answered. */
bool bh_key_told(struct bh_exchange *x, void (*tell)(struct bh_exchange *x));
/* 422: the key came with another request. */
void bh_answer_key_taken(struct bh_exchange *x);
/* The enrolment code of a key: a MAC over tag bh-code-2, the person, the instant at which it
 * expires and the key under a secret that is in no copy of the database, so that a repeat tells the
 * same and nobody else can make it; and a server restored from before it was given out makes
 * another (I16). */
int bh_key_code(const struct bh_exchange *x, uint32_t person, int64_t expires_ms,
	uint8_t code[BH_CODE_BYTES]);

/* Where the rules became others: those that went and that no open case began with go for good.
 * server/console/routes_kept.c */
int bh_routes_drop(
	struct bh_exchange *x, const struct bh_msg_profile *before, struct bh_msg_profile *after);

/* Of a profile that was read, part of it is another: what is wrong is told, and with ?apply=1 it is
 * put in force.  tables may be NULL. */
struct bh_profile_import;
struct bh_tables;
void bh_profile_judge(
	struct bh_exchange *x, struct bh_profile_import *import, const struct bh_tables *tables);
/* False: answered, with this hint where the district has no profile yet. */
bool bh_part_import_begins(struct bh_exchange *x, const char *hint);

/* Does the query say only what the route knows?  False: answered. */
bool bh_query_check(struct bh_exchange *x);
/* May the caller use such a route?  False: answered. */
bool bh_access_check(struct bh_exchange *x, enum bh_access access, const char *acting);

/* What is wrong first in a body: 422, with its field. */
struct bh_import_faults;
void bh_answer_field(struct bh_exchange *x, const struct bh_import_faults *faults);
/* verb_routes.c: the unit that a body names by its code, where it names one; a wrong one goes to
 * the faults. */
struct bh_import_at;
void bh_command_unit_read(
	struct bh_exchange *x, const struct bh_import_at *at, struct bh_command *command);
/* ... likewise "P1" to "P4", and a position with its datum. */
void bh_command_urgency_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command);
void bh_command_place_read(
	const struct bh_import_at *at, const json_t *body, struct bh_command *command);

/* ---- Handlers, one a route ---- */
void bh_route_status(struct bh_exchange *x);
void bh_route_reload(struct bh_exchange *x);
void bh_route_districts(struct bh_exchange *x);
void bh_route_district_create(struct bh_exchange *x);
void bh_route_district(struct bh_exchange *x);
void bh_route_areas(struct bh_exchange *x);
void bh_route_units(struct bh_exchange *x);
void bh_route_people(struct bh_exchange *x);
void bh_route_routes(struct bh_exchange *x);
void bh_route_routes_explain(struct bh_exchange *x);
void bh_route_routes_learn(struct bh_exchange *x);
void bh_route_routes_take(struct bh_exchange *x);
void bh_route_proposal(struct bh_exchange *x);
void bh_route_profile(struct bh_exchange *x);
void bh_route_profile_import(struct bh_exchange *x);
void bh_route_tables_import(struct bh_exchange *x);
void bh_route_catalogue(struct bh_exchange *x);
void bh_route_catalogue_import(struct bh_exchange *x);
void bh_route_calendar(struct bh_exchange *x);
void bh_route_calendar_import(struct bh_exchange *x);
void bh_route_roster(struct bh_exchange *x);
void bh_route_roster_import(struct bh_exchange *x);
void bh_route_hand_overs(struct bh_exchange *x);
void bh_route_hand_over(struct bh_exchange *x);
void bh_route_take_over(struct bh_exchange *x);
void bh_route_enrolment(struct bh_exchange *x);
void bh_route_devices(struct bh_exchange *x);
void bh_route_revoke(struct bh_exchange *x);
void bh_route_rekey(struct bh_exchange *x);
void bh_route_paper_file(struct bh_exchange *x);
void bh_route_paper_fetch(struct bh_exchange *x);
void bh_route_paper_withdraw(struct bh_exchange *x);
void bh_route_unmanned(struct bh_exchange *x);
void bh_route_census(struct bh_exchange *x);
void bh_route_keys(struct bh_exchange *x);
void bh_route_quarantine(struct bh_exchange *x);
void bh_route_quarantines(struct bh_exchange *x);
void bh_route_release(struct bh_exchange *x);
void bh_route_discard(struct bh_exchange *x);
void bh_route_queue(struct bh_exchange *x);
void bh_route_cases(struct bh_exchange *x);
void bh_route_tasks(struct bh_exchange *x);
void bh_route_case(struct bh_exchange *x);
void bh_route_similar(struct bh_exchange *x);
void bh_route_photo(struct bh_exchange *x);
void bh_route_notices(struct bh_exchange *x);
void bh_route_notice(struct bh_exchange *x);
void bh_route_notice_retry(struct bh_exchange *x);
void bh_route_notice_test(struct bh_exchange *x);
/* The response tells a case to the person who asks: what they were to be told of it is seen. */
void bh_notice_opened(struct bh_exchange *x, uint64_t number);
void bh_route_parties(struct bh_exchange *x);
void bh_route_party(struct bh_exchange *x);
void bh_route_open(struct bh_exchange *x);
void bh_route_ask_erase(struct bh_exchange *x);
void bh_route_erase(struct bh_exchange *x);
void bh_route_hold(struct bh_exchange *x);
void bh_route_unhold(struct bh_exchange *x);
void bh_route_openings(struct bh_exchange *x);
void bh_route_erasures(struct bh_exchange *x);
void bh_route_erasable(struct bh_exchange *x);
void bh_route_dossier(struct bh_exchange *x);
void bh_route_paper(struct bh_exchange *x);
void bh_route_book(struct bh_exchange *x);
void bh_route_book_opened(struct bh_exchange *x);
void bh_route_loans(struct bh_exchange *x);
void bh_route_register(struct bh_exchange *x);
void bh_route_verb(struct bh_exchange *x);
void bh_route_invite(struct bh_exchange *x);
void bh_route_rate(struct bh_exchange *x);
void bh_route_case_ratings(struct bh_exchange *x);
void bh_route_ratings(struct bh_exchange *x);
void bh_route_orders(struct bh_exchange *x);
void bh_route_order_issue(struct bh_exchange *x);
void bh_route_order(struct bh_exchange *x);
void bh_route_order_page(struct bh_exchange *x);
void bh_route_order_act(struct bh_exchange *x);
void bh_route_services(struct bh_exchange *x);
void bh_route_service_counts(struct bh_exchange *x);
void bh_route_patrols(struct bh_exchange *x);
void bh_route_repeats(struct bh_exchange *x);
void bh_route_stats(struct bh_exchange *x);
void bh_route_verify(struct bh_exchange *x);
void bh_route_backup(struct bh_exchange *x);
void bh_route_bundle(struct bh_exchange *x);
void bh_route_clock_confirm(struct bh_exchange *x);

#endif
