/* target -> the table's row -> who asks -> body -> the row's handler, in that order; the first
 * thing that is wrong is the answer.  A handler answers at once or gives one command to the writer
 * and is called again when that has its outcome. */
#include "server/console/route.h"

#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"

#define D "/districts/{d}"

#define ROUTES(X)                                                                                  \
	X("GET", "/status", "what the process does", status, SERVER)                               \
	X("POST", "/reload", "read the configuration again", reload, SERVER)                       \
	X("GET", "/districts", "the districts served", districts, SERVER)                          \
	X("POST", "/districts", "make a district and serve it", district_create, SERVER)           \
	X("GET", D, "one district in figures", district, READ)                                     \
	X("GET", D "/areas", "its areas", areas, READ)                                             \
	X("GET", D "/units", "its units", units, READ)                                             \
	X("GET", D "/people", "its people and their posts", people, READ)                          \
	X("GET", D "/routes", "its routing rules", routes, READ)                                   \
	X("GET", D "/routes/explain", "which rules are tried for a case, and why", routes_explain, \
		READ)                                                                              \
	X("GET", D "/routes/learn", "rules that returns speak for; nothing is changed",            \
		routes_learn, DISTRICT)                                                            \
	X("POST", D "/routes/learn", "check one of them; ?apply=1 puts it in force", routes_take,  \
		DISTRICT)                                                                          \
	X("GET", D "/profile", "the profile in force", profile, DISTRICT)                          \
	X("POST", D "/profile", "check a profile; ?apply=1 puts it in force", profile_import,      \
		DISTRICT)                                                                          \
	X("POST", D "/tables", "check rows of it; ?apply=1 puts them in force", tables_import,     \
		DISTRICT)                                                                          \
	X("GET", D "/catalogue", "its types, each with its filing conditions", catalogue, READ)    \
	X("POST", D "/catalogue", "check a catalogue; ?apply=1 puts it in force",                  \
		catalogue_import, DISTRICT)                                                        \
	X("GET", D "/calendar", "the week, holidays and make-up days", calendar, READ)             \
	X("POST", D "/calendar", "check a list of holidays; ?apply=1 puts it in force",            \
		calendar_import, DISTRICT)                                                         \
	X("GET", D "/roster", "rosters of the desks, and who is on duty", roster, READ)            \
	X("POST", D "/roster", "check a roster; ?apply=1 puts it in force", roster_import,         \
		DISTRICT)                                                                          \
	X("GET", D "/hand-overs", "shifts that were handed over, or were not", hand_overs, READ)   \
	X("POST", D "/units/{code}/hand-over", "hand a desk's shift over with a note", hand_over,  \
		PERSON)                                                                            \
	X("POST", D "/units/{code}/take-over", "take over what was handed over", take_over,        \
		PERSON)                                                                            \
	X("POST", D "/people/{code}/enrolment", "a code for one handset", enrolment, DISTRICT)     \
	X("GET", D "/devices", "its handsets", devices, DISTRICT)                                  \
	X("POST", D "/devices/{id}/revoke", "shut a handset out", revoke, DISTRICT)                \
	X("GET", D "/keys", "what handsets go by, and how many know it", keys, SERVER)             \
	X("POST", D "/devices/{id}/key", "vouch for the key that it has", rekey, DISTRICT)         \
	X("GET", D "/unmanned", "units without people, and what waits there", unmanned, DISTRICT)  \
	X("GET", D "/census", "which handsets may hold what is not here", census, DISTRICT)        \
	X("GET", D "/quarantine", "what stands in quarantine, by handset, in figures",             \
		quarantines, DISTRICT)                                                             \
	X("GET", D "/devices/{id}/quarantine", "what of it stands in quarantine", quarantine,      \
		DISTRICT)                                                                          \
	X("POST", D "/devices/{id}/quarantine/{position}/release", "let a report in", release,     \
		DISTRICT)                                                                          \
	X("POST", D "/devices/{id}/quarantine/{position}/discard", "put it away", discard,         \
		DISTRICT)                                                                          \
	X("GET", D "/queue", "what waits for a unit, least time left first", queue, READ)          \
	X("GET", D "/cases", "cases by state, unit and area", cases, READ)                         \
	X("POST", D "/cases", "a desk registers a matter that came to it", register, PERSON)       \
	X("GET", D "/tasks", "tasks that are open, by person and unit", tasks, READ)               \
	X("GET", D "/cases/{number}", "a case with its history", case, READ)                       \
	X("GET", D "/cases/{number}/similar", "what may be of the same thing", similar, READ)      \
	X("GET", D "/cases/{number}/proposal", "which unit, by which rule, and who has less open", \
		proposal, READ)                                                                    \
	X("GET", D "/blobs/{hash}", "the bytes of a photo that is here", photo, READ)              \
	X("GET", D "/notices", "whom it told of what, and what came of it", notices, DISTRICT)     \
	X("GET", D "/notices/{id}", "one of them", notice, DISTRICT)                               \
	X("POST", D "/notices/{id}/retry", "let it go out again", notice_retry, DISTRICT)          \
	X("POST", D "/people/{code}/notice", "a notice to try a channel with", notice_test,        \
		DISTRICT)                                                                          \
	X("GET", D "/cases/{number}/parties", "whom a case names, sealed", parties, READ)          \
	X("POST", D "/cases/{number}/parties", "name, change or take out one", party, PERSON)      \
	X("POST", D "/cases/{number}/open", "open its sealed fields for a purpose", open, PERSON)  \
	X("POST", D "/cases/{number}/ask-erase", "ask that it be erased", ask_erase, PERSON)       \
	X("POST", D "/cases/{number}/erase", "erase what another asked for", erase, PERSON)        \
	X("POST", D "/cases/{number}/hold", "a legal hold: nothing of it is erased", hold, PERSON) \
	X("POST", D "/cases/{number}/unhold", "end a legal hold", unhold, PERSON)                  \
	X("GET", D "/openings", "who opened sealed fields, when, what for", openings, PERSON)      \
	X("GET", D "/erasures", "what was erased, when, by whom", erasures, PERSON)                \
	X("GET", D "/erasable", "ended cases of a reporter, and how they stand", erasable, PERSON) \
	X("GET", D "/cases/{number}/dossier", "the papers of a case, and what lacks", dossier,     \
		READ)                                                                              \
	X("GET", D "/cases/{number}/dossier.zip", "all of it as one ZIP, names sealed", book,      \
		READ)                                                                              \
	X("POST", D "/cases/{number}/dossier.zip", "the same with its names, for a purpose",       \
		book_opened, PERSON)                                                               \
	X("POST", D "/cases/{number}/papers", "add a paper to it", paper, PERSON)                  \
	X("POST", D "/cases/{number}/papers/file", "add a file to it as a paper", paper_file,      \
		PERSON)                                                                            \
	X("GET", D "/cases/{number}/papers/{position}", "the file of a paper", paper_fetch, READ)  \
	X("POST", D "/cases/{number}/papers/{position}/withdraw", "it counts no more",             \
		paper_withdraw, PERSON)                                                            \
	X("GET", D "/loans", "dossiers that are lent", loans, READ)                                \
	X("POST", D "/cases/{number}/invite", "a token for who reported it, told once", invite,    \
		PERSON)                                                                            \
	X("POST", D "/cases/{number}/rating", "rate its answer, by that token, without a name",    \
		rate, PUBLIC)                                                                      \
	X("GET", D "/cases/{number}/ratings", "how its answers were rated", case_ratings, READ)    \
	X("GET", D "/ratings", "a month's ratings in figures, by unit", ratings, READ)             \
	X("POST", D "/cases/{number}/{verb}", "act on a case", verb, PERSON)                       \
	X("GET", D "/orders", "orders to units, newest first", orders, READ)                       \
	X("POST", D "/orders", "issue one, about a case or about none", order_issue, PERSON)       \
	X("GET", D "/orders/{order}", "one of them, with its answer", order, READ)                 \
	X("GET", D "/orders/{order}/page", "one as a page to be printed", order_page, READ)        \
	X("POST", D "/orders/{order}/{verb}", "answer one, or judge it", order_act, PERSON)        \
	X("GET", D "/services", "service entries, day by day", services, READ)                     \
	X("GET", D "/services/counts", "service entries in figures", service_counts, READ)         \
	X("GET", D "/patrols", "patrol rounds against their plans", patrols, READ)                 \
	X("GET", D "/places/repeats", "where something comes again and again", repeats, READ)      \
	X("GET", D "/stats", "the figures of the loop", stats, READ)                               \
	X("POST", D "/verify", "prove a copy: chain, contents, projections", verify, DISTRICT)     \
	X("POST", D "/backup", "make a backup in a folder, and prove it", backup, SERVER)          \
	X("POST", D "/bundle", "take in a file that was carried by hand", bundle, DISTRICT)        \
	X("POST", D "/clock/confirm", "the clock is right again", clock_confirm, DISTRICT)

#define PUBLIC_ROW(method, pattern, summary, handler, access) {method, pattern, summary},
#define PRIVATE_ROW(method, pattern, summary, handler, access) \
	{bh_route_##handler, BH_ACCESS_##access},

const struct bh_route bh_routes[] = {ROUTES(PUBLIC_ROW)};
const size_t bh_routes_count = sizeof(bh_routes) / sizeof(bh_routes[0]);

static const struct {
	void (*handle)(struct bh_exchange *x);
	enum bh_access access;
} handlers[] = {ROUTES(PRIVATE_ROW)};

/* ---- Before the handler ---- */

static bool target_read(struct bh_exchange *x, const char *text)
{
	int err = bh_target_parse(text, &x->arena, &x->target);
	if (err == BH_ERR_NOMEM)
		bh_answer_err(x, err);
	else if (err)
		bh_answer_error(x, 400, "target", "the path or query cannot be read",
			"escape what is not a letter, as in %E4%BA%91");
	return err == BH_NOERR;
}

static bool route_find(struct bh_exchange *x, const char *method)
{
	bool path_known = false;
	for (size_t i = 0; i < bh_routes_count; i++) {
		const char *captures[BH_EXCHANGE_CAPTURES_MAX] = {NULL};
		size_t count;
		if (!bh_target_fits(&x->target, bh_routes[i].pattern, captures,
			    BH_EXCHANGE_CAPTURES_MAX, &count))
			continue;
		path_known = true;
		if (strcmp(bh_routes[i].method, method) != 0)
			continue;
		x->route = i;
		memcpy(x->captures, captures, sizeof(captures));
		return true;
	}
	if (path_known)
		bh_answer_error(x, 405, "method", "this path does not know this method", NULL);
	else
		bh_answer_error(x, 404, "path", "there is no such path", "see API.md");
	return false;
}

/* Also again after a job: the rules may be others then. */
static bool district_enter(struct bh_exchange *x, const struct bh_console_host *host)
{
	struct bh_rules *rules = NULL;
	x->host = host;
	if (!x->captures[0])
		return true;
	x->district = host->find(host->context, x->captures[0]);
	if (!x->district) {
		bh_answer_error(x, 404, "district", "no such district is served here",
			"see `bihuan districts`");
		return false;
	}
	(void)snprintf(x->district_code, sizeof(x->district_code), "%s", x->district->code);
	int err = bh_reader_rules(x->district->reader, &rules);
	if (err) {
		bh_answer_err(x, err);
		return false;
	}
	bh_rules_unref(x->rules);
	x->rules = bh_rules_ref(rules);
	return true;
}

static bool body_read(struct bh_exchange *x, struct bh_span body)
{
	struct bh_json_fault fault = {0};
	if (body.len > BH_REQUEST_BODY_MAX) {
		bh_answer_error(x, 413, "too-large", "the body is larger than 16 MiB", NULL);
		return false;
	}
	if (body.len == 0)
		return true;
	x->text = body;
	if (handlers[x->route].handle == bh_route_paper_file)
		return true; /* its bytes are what they are */
	int err = bh_json_load(body, &x->body, &fault);
	if (!err && json_is_object(x->body))
		return true;
	if (err == BH_ERR_NOMEM)
		bh_answer_err(x, err);
	else if (!err)
		bh_answer_error(x, 400, "json", "the body is not a JSON object", NULL);
	else
		bh_answer_error_with(x, 400, "json", fault.what, "mend the JSON first",
			json_pack("{s:I, s:I}", "line", (json_int_t)fault.line, "column",
				(json_int_t)fault.column));
	return false;
}

/* ---- The exchange ---- */

int bh_exchange_begin(const struct bh_console_host *host, const struct bh_request *request,
	struct bh_now now, struct bh_exchange **out)
{
	struct bh_exchange *x = calloc(1, sizeof(*x));
	if (!x)
		return BH_ERR_NOMEM;
	x->arena = BH_ARENA(BH_EXCHANGE_BYTES_MAX);
	x->payload = BH_BUF(BH_EXCHANGE_BYTES_MAX);
	x->response.body = BH_BUF(BH_EXCHANGE_BYTES_MAX);
	x->operator_link = request->operator_link;
	x->now_ms = now.wall_ms;
	x->mono_ms = now.mono_ms;
	if (target_read(x, request->target) && route_find(x, request->method) &&
		bh_query_check(x) && district_enter(x, host) &&
		bh_access_check(x, handlers[x->route].access, request->acting) &&
		body_read(x, request->body) && bh_key_read(x, request))
		handlers[x->route].handle(x);
	x->text = bh_span(NULL, 0);
	x->host = NULL;
	x->district = NULL;
	*out = x;
	return BH_NOERR;
}

enum bh_need bh_exchange_need(const struct bh_exchange *x)
{
	return x->need;
}

const char *bh_exchange_district(const struct bh_exchange *x)
{
	return x->district_code;
}

struct bh_job *bh_exchange_job(struct bh_exchange *x)
{
	return &x->job;
}

void bh_exchange_submit(struct bh_exchange *x, void (*done)(struct bh_exchange *x))
{
	x->job = (struct bh_job){.commands = &x->command, .outcomes = &x->outcome, .count = 1};
	x->done = done;
	x->need = BH_NEED_JOB;
}

void bh_exchange_submit_operator(
	struct bh_exchange *x, enum bh_verb verb, void (*done)(struct bh_exchange *x))
{
	x->command.source = BH_SOURCE_OPERATOR;
	x->command.verb = verb;
	x->command.person = x->person;
	x->command.payload = bh_buf_span(&x->payload);
	bh_exchange_submit(x, done);
}

void bh_exchange_job_done(struct bh_exchange *x, const struct bh_console_host *host)
{
	bh_assert(x->need == BH_NEED_JOB);
	struct bh_console_district *district = host->find(host->context, x->district_code);
	if (district && x->command.verb == BH_VERB_PROFILE)
		district->importing = false;
	x->need = BH_NEED_NOTHING;
	if (x->answered)
		return;
	if (x->job.err)
		bh_answer_err(x, x->job.err);
	else if (x->outcome.err)
		bh_answer_err(x, x->outcome.err);
	else if (district_enter(x, host)) {
		if (x->outcome.verdict == BH_VERDICT_ACCEPTED)
			x->done(x);
		else if (x->outcome.key_taken)
			bh_answer_key_taken(x);
		else
			bh_answer_refused(x, &x->outcome);
	}
	x->host = NULL;
	x->district = NULL;
}

const struct bh_response *bh_exchange_response(const struct bh_exchange *x)
{
	return &x->response;
}

void bh_exchange_free(struct bh_exchange *x)
{
	if (!x)
		return;
	bh_rules_unref(x->rules);
	json_decref(x->body);
	json_decref(x->kept);
	bh_book_free(&x->book);
	bh_buf_wipe(&x->payload);
	bh_buf_wipe(&x->response.body);
	bh_arena_free(&x->arena);
	explicit_bzero(x->code, sizeof(x->code)); /* and in words: what lets a handset in */
	explicit_bzero(x->token, sizeof(x->token));
	explicit_bzero(x->kept_text, sizeof(x->kept_text));
	free(x);
}
