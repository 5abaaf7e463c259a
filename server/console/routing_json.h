/* Routing as JSON: rules with their versions, and why a unit is proposed. */
#ifndef BH_CONSOLE_ROUTING_JSON_H
#define BH_CONSOLE_ROUTING_JSON_H

#include "server/console/exchange.h"
#include "server/domain/routing.h"

/* A rule with its version; until is the version with which it went, or null. */
json_t *bh_route_version_json(const struct bh_exchange *x, const struct bh_msg_route *route);
/* "rule", "owner", "kind" (of the type) or "backstop". */
const char *bh_routing_by(const struct bh_routing *routing);
/* The name of the period of heightened duty that is asked about, or null. */
json_t *bh_duty_json(const struct bh_exchange *x, const struct bh_route_ask *ask);
/* The unit, by what, and what else the rules say. */
json_t *bh_routing_json(const struct bh_exchange *x, const struct bh_route_ask *ask,
	const struct bh_routing *routing);
/* routing_routes.c: why a rule did not give the unit; "taken": it did. */
json_t *bh_route_steps_json(
	const struct bh_exchange *x, const struct bh_route_step *steps, size_t count);

#endif
