/* What a query may say, route by route.  A parameter that is not known would be a filter that is
 * not there, and one that is said twice is one too many: both are refused by name. */
#include <stdio.h>
#include <string.h>

#include "server/console/exchange.h"

static const struct {
	const char *pattern;
	const char *method;
	const char *names; /* with a blank before and after each */
} queries[] = {
	{"/districts/{d}/queue", "GET", " unit area state limit after "},
	{"/districts/{d}/cases", "GET", " unit area state intake mine limit after "},
	{"/districts/{d}/tasks", "GET", " person unit after "},
	{"/districts/{d}/orders", "GET", " kind state unit limit after "},
	{"/districts/{d}/openings", "GET", " after "},
	{"/districts/{d}/erasures", "GET", " after "},
	{"/districts/{d}/cases/{number}/papers/file", "POST", " kind title text "},
	{"/districts/{d}/loans", "GET", " after "},
	{"/districts/{d}/ratings", "GET", " month "},
	{"/districts/{d}/erasable", "GET", " reporter after "},
	{"/districts/{d}/devices", "GET", " after "},
	{"/districts/{d}/notices", "GET", " state limit after "},
	{"/districts/{d}/census", "GET", " unit area holding limit after "},
	{"/districts/{d}/quarantine", "GET", " after "},
	{"/districts/{d}/devices/{id}/quarantine", "GET", " after "},
	{"/districts/{d}/services", "GET", " kind area from to limit after "},
	{"/districts/{d}/services/counts", "GET", " kind area from to by "},
	{"/districts/{d}/patrols", "GET", " area from to "},
	{"/districts/{d}/routes", "GET", " version "},
	{"/districts/{d}/routes/explain", "GET", " type condition area asset at version "},
	{"/districts/{d}/routes/learn", "POST", " apply "},
	{"/districts/{d}/profile", "POST", " apply "},
	{"/districts/{d}/tables", "POST", " apply "},
	{"/districts/{d}/catalogue", "POST", " apply "},
	{"/districts/{d}/catalogue", "GET", " type "},
	{"/districts/{d}/calendar", "POST", " apply "},
	{"/districts/{d}/calendar", "GET", " year "},
	{"/districts/{d}/roster", "POST", " apply "},
	{"/districts/{d}/roster", "GET", " desk at "},
	{"/districts/{d}/hand-overs", "GET", " desk limit after "},
};

static const char *names_of(const struct bh_route *route)
{
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (strcmp(queries[i].pattern, route->pattern) == 0 &&
			strcmp(queries[i].method, route->method) == 0)
			return queries[i].names;
	return "";
}

static bool is_said_before(const struct bh_target *target, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(target->parameters[i].name, target->parameters[at].name) == 0)
			return true;
	return false;
}

bool bh_query_check(struct bh_exchange *x)
{
	const char *names = names_of(&bh_routes[x->route]);
	for (size_t i = 0; i < x->target.parameters_count; i++) {
		char word[44], message[160], hint[100];
		const char *name = x->target.parameters[i].name;
		(void)snprintf(word, sizeof(word), " %.40s ", name);
		bool known = strlen(name) <= 40 && strstr(names, word);
		if (known && !is_said_before(&x->target, i))
			continue;
		(void)snprintf(message, sizeof(message),
			known ? "%.40s: it is said twice"
			      : "%.40s: there is no such parameter here",
			name);
		(void)snprintf(hint, sizeof(hint), "it takes%s", names[0] ? names : " none");
		bh_answer_error(x, 400, "parameter", message, hint);
		return false;
	}
	return true;
}
