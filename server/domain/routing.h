/* From a case to a unit (domain.md, Routing): versioned rules, each naming its paper, the owner of
 * a component, and the backstop; and what else a rule says of a case. */
#ifndef BH_DOMAIN_ROUTING_H
#define BH_DOMAIN_ROUTING_H

#include "server/domain/case.h"
#include "server/domain/rules.h"

/* ---- What is asked ---- */
struct bh_route_ask {
	uint32_t type; /* 0, or one that the catalogue lacks: as 40006 (unknown owner) */
	uint32_t condition;
	uint32_t area;
	uint32_t version; /* of the rules: what came later or went before is no rule */
	int32_t day;      /* local: rules hold from a day to a day */
	bool heightened;  /* it began in a period of heightened duty */
	uint32_t asset;   /* the component it is about; 0: none is known */
};
/* As the case began: what changes later is for cases that begin later. */
struct bh_route_ask bh_case_route_ask(const struct bh_case *cased);
/* What begins at an instant, of nothing yet. */
struct bh_route_ask bh_rules_ask_at(const struct bh_rules *rules, int64_t at_ms);
/* A case, or another cycle of it, begins: under these rules, on this day, in this period. */
void bh_case_rules_begin(const struct bh_rules *rules, struct bh_case *cased, int64_t at_ms);

/* ---- Which unit (3, 4, 5) ---- */
struct bh_routing {
	uint32_t unit;    /* 0 only when the district has no unit at all */
	bool by_backstop; /* no rule fitted, or the type is unknown: the desk (兜底) */
	bool by_owner;    /* the component's owner (先属主后属地) */
	bool immediate;   /* a rule names the class for dispatch at once */
	const struct bh_msg_route *route; /* NULL by an owner, the type's own unit kind or the
					     backstop */
};
void bh_rules_route(
	const struct bh_rules *rules, const struct bh_route_ask *ask, struct bh_routing *out);

/* Why a rule did not give the unit, or that it did. */
enum bh_route_why {
	BH_ROUTE_TAKEN = 0,
	BH_ROUTE_VERSION, /* it is not of that version: never told */
	BH_ROUTE_CONDITION,
	BH_ROUTE_AREA,
	BH_ROUTE_DUTY,
	BH_ROUTE_DAYS,
	BH_ROUTE_NAMES_NONE, /* it gives a limit, and no unit */
	BH_ROUTE_NO_UNIT,    /* none of that kind on the way up, or it is gone */
};
struct bh_route_step {
	const struct bh_msg_route *route;
	enum bh_route_why why;
};
/* The rules that were tried for a unit, in their order, down to the one that was taken; at most max
 * are kept, and how many there were is given. */
size_t bh_rules_route_explain(const struct bh_rules *rules, const struct bh_route_ask *ask,
	struct bh_route_step *steps, size_t max, struct bh_routing *out);

/* ---- What else the rules say ---- */
/* The first rule that fits and gives a limit; NULL: none. */
const struct bh_msg_route *bh_rules_limiting(
	const struct bh_rules *rules, const struct bh_route_ask *ask);
bool bh_rules_may_pause(const struct bh_rules *rules, const struct bh_route_ask *ask);
/* The first rule that fits and says to whom a case goes that nobody signs; NULL: none. */
const struct bh_msg_route *bh_rules_escalating(
	const struct bh_rules *rules, const struct bh_route_ask *ask);
/* That unit, for a dispatched case; 0: no rule says so, it has the case already, or is no more. */
uint32_t bh_case_escalation(const struct bh_rules *rules, const struct bh_case *cased);
/* A case's disposal limit: its rule's, else the catalogue's. */
struct bh_limit bh_case_limit_by_rules(const struct bh_rules *rules, const struct bh_case *cased);

/* ---- Heightened duty (重大活动期间) ---- */
/* The period that a local day lies in, the first listed of several; NULL: none. */
const struct bh_msg_duty_period *bh_rules_duty_period(const struct bh_rules *rules, int32_t day);
const struct bh_msg_duty_period *bh_rules_duty(const struct bh_rules *rules, uint32_t id);

/* ---- Components (4) ---- */
#define BH_ASSET_MARK_BYTES 16u
enum bh_asset_state {
	BH_ASSET_IN_USE = 0,
	BH_ASSET_DAMAGED = 1,
	BH_ASSET_GONE = 2, /* it stands there no more: nobody's */
	BH_ASSET_STATES
};
const struct bh_msg_asset *bh_rules_asset(const struct bh_rules *rules, uint32_t id);
const struct bh_msg_asset *bh_rules_asset_by_mark(
	const struct bh_rules *rules, struct bh_span mark);
/* The first component whose mark stands in a text, between what is neither letter nor digit; NULL:
 * none that is known. */
const struct bh_msg_asset *bh_rules_asset_named(const struct bh_rules *rules, struct bh_span text);

#endif
