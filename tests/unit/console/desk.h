/* A district with a writer and a reader behind the routes, asked as a driver asks. */
#ifndef BH_TEST_CONSOLE_DESK_H
#define BH_TEST_CONSOLE_DESK_H

#include "tests/unit/store/kit.h"

#include <jansson.h>

#include "server/console/route.h"

struct desk {
	struct kit kit;
	struct bh_console_host host;
	struct bh_console_district district;
	struct bh_blob_files *files;
	bool shut;                       /* nothing is found */
	unsigned jobs;                   /* how many reached the writer */
	int job_err;                     /* what the writer is made to answer */
	struct bh_caller_key create_key; /* of the last district made */
	int status;                      /* of the last answer */
	json_t *answer;
	struct bh_buf photo; /* the last answer's, where it was one; then answer is NULL */
};

/* With the demo's profile of tests/unit/domain, or with none. */
void desk_open(struct desk *desk, uint32_t number, bool with_profile);
/* With no profile, made under a key; NULL: under none. */
void desk_open_keyed(struct desk *desk, uint32_t number, const struct bh_caller_key *key);
void desk_close(struct desk *desk);
/* Runs an exchange to its end; desk->status and desk->answer then hold its response. */
int desk_ask(struct desk *desk, const char *method, const char *target, const char *body);
/* As somebody, with a key; either may be NULL. */
int desk_ask_as(struct desk *desk, const char *method, const char *target, const char *body,
	const char *acting, const char *key);
/* Everything a request can say. */
int desk_request(struct desk *desk, const struct bh_request *request);
/* A case whose report says "井盖破损,请处理"; its number's text. */
void desk_report(struct desk *desk, struct phone *phone, char number[BH_CASE_TEXT_SIZE]);
/* A verb of a case, or a look at it or what hangs on it ("": itself), as somebody. */
int desk_act(struct desk *desk, const char *number, const char *verb, const char *acting,
	const char *body, const char *key);
int desk_look(struct desk *desk, const char *number, const char *what, const char *acting);
/* The verb is taken, and leaves the case in this state; NULL: whichever. */
void desk_must(struct desk *desk, const char *number, const char *verb, const char *acting,
	const char *body, const char *state);
const char *desk_text(const struct desk *desk, const char *member);
json_int_t desk_number(const struct desk *desk, const char *member);
/* Is such a fault among those that an import was refused for?  field NULL, line 0: whichever. */
bool desk_fault_named(const struct desk *desk, const char *list, const char *field, size_t line);
/* So many of a list were "added", "changed", "removed" or "kept". */
json_int_t desk_change(const struct desk *desk, const char *list, const char *what);
/* The content of a file that the test's command line names. */
char *desk_file(const char *path);

#endif
