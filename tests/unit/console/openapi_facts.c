/* What the JSON interface knows of itself, as one JSON object: the routes of the table, what each
 * takes as a query, and every list of words that an answer or a body may hold.  openapi.py compares
 * server/console/openapi.json with it. */
#include <stdio.h>
#include <string.h>

#include "proto/caseflow_words.h"
#include "proto/light.h"
#include "proto/verdict.h"
#include "server/console/case_json.h"
#include "server/console/profile.h"
#include "server/domain/dossier.h"
#include "server/domain/ending.h"
#include "server/domain/intake.h"
#include "server/domain/mediation.h"
#include "server/domain/milestone.h"
#include "server/domain/notice.h"
#include "server/domain/order.h"
#include "server/domain/paper_file.h"
#include "server/domain/privacy.h"
#include "server/domain/rating.h"
#include "server/domain/task.h"
#include "server/store/backup.h"

#define LIMIT_UNITS 16u
#define PRIVACY_LEVELS 8u
#define TOP_WORDS 400u /* more than any list has */

/* ---- Words ---- */

static bool is_there(const json_t *list, const char *word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), word) == 0)
			return true;
	return false;
}

/* Places without a word are left out. */
static void word_add(json_t *words, const char *name, const char *word)
{
	json_t *list = json_object_get(words, name);
	if (!list) {
		list = json_array();
		(void)json_object_set_new(words, name, list);
	}
	if (word && word[0] && strcmp(word, "unknown") != 0 && !is_there(list, word))
		(void)json_array_append_new(list, json_string(word));
}

#define LIST(name, word_of, type, before)                                   \
	for (unsigned word_at = 0; word_at < (unsigned)(before); word_at++) \
	word_add(words, name, word_of((type)word_at))

static void words_of_flow(json_t *words)
{
	LIST("state", bh_state_name, enum bh_state, BH_STATE_COUNT);
	LIST("verb", bh_verb_name, enum bh_verb, BH_VERB_MAX);
	LIST("role", bh_role_name, enum bh_role, BH_ROLE_COUNT);
	LIST("task_kind", bh_task_kind_name, enum bh_task_kind, BH_TASK_KIND_COUNT);
	LIST("task_state", bh_task_state_name, enum bh_task_state, BH_TASK_WITHDRAWN + 1);
	LIST("service", bh_service_name, unsigned, BH_SERVICE_COUNT);
	LIST("light", bh_light_name, enum bh_light, BH_LIGHT_RED + 1);
	LIST("verdict", bh_verdict_name, enum bh_verdict, BH_VERDICT_CARRIED + 1);
	LIST("reason", bh_reason_name, enum bh_reason, BH_REASON_COUNT);
	LIST("step", bh_step_name, unsigned, BH_STEPS + 1);
	LIST("stage", bh_stage_name, unsigned, BH_STAGES + 1);
	LIST("device_state", bh_device_state_name, enum bh_device_state, BH_DEVICE_SUSPENDED + 1);
}

static void words_of_case(json_t *words)
{
	LIST("case_field", bh_case_field_name, unsigned, bh_case_field_last() + 1);
	LIST("ground", bh_ground_name, uint32_t, BH_GROUND_COUNT);
	LIST("channel", bh_channel_name, uint32_t, BH_CHANNEL_COUNT);
	LIST("intake", bh_intake_name, uint32_t, BH_INTAKE_COUNT);
	LIST("follow_answer", bh_follow_answer_name, uint32_t, TOP_WORDS);
	LIST("grade", bh_grade_name, uint32_t, TOP_WORDS);
	LIST("mediation_kind", bh_mediation_kind_name, uint32_t, TOP_WORDS);
	LIST("mediation_state", bh_mediation_state_name, uint32_t, TOP_WORDS);
	LIST("linkage", bh_linkage_name, uint32_t, TOP_WORDS);
	LIST("performance", bh_performance_name, uint32_t, BH_SITTING_COUNT);
	LIST("sitting", bh_sitting_name, uint32_t, BH_SITTING_COUNT);
	LIST("measure", bh_measure_name, uint32_t, BH_MEASURES);
	LIST("milestones_state", bh_milestones_state_name, enum bh_milestones_state,
		BH_MILESTONES_DROPPED + 1);
}

static void words_of_papers(json_t *words)
{
	LIST("paper", bh_paper_name, unsigned, BH_PAPER_COUNT);
	LIST("paper_form", bh_paper_form_name, unsigned, BH_PAPER_FORMS);
	LIST("order_kind", bh_order_kind_name, unsigned, BH_ORDER_KINDS);
	LIST("order_state", bh_order_state_name, unsigned, BH_ORDER_STATES);
	LIST("notice_kind", bh_notice_kind_name, uint32_t, BH_NOTICE_KIND_COUNT);
	LIST("notice_state", bh_notice_state_name, uint32_t, BH_NOTICE_STATE_COUNT);
	LIST("party_role", bh_party_role_name, unsigned, BH_PARTY_ROLES);
	LIST("consent", bh_consent_name, unsigned, BH_CONSENTS);
	LIST("purpose", bh_purpose_name, unsigned, BH_PURPOSES);
	LIST("rating", bh_rating_name, uint32_t, BH_RATING_COUNT);
	LIST("photo_fault", bh_photo_fault_word, enum bh_photo_fault, BH_PHOTO_UNREADABLE + 1);
}

static void list_add(json_t *words, const char *name, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		word_add(words, name, list[i]);
}

static void words_of_profile(json_t *words)
{
	LIST("area_kind", bh_area_kind_name, uint32_t, TOP_WORDS);
	LIST("limit_unit", bh_limit_unit_name, uint32_t, LIMIT_UNITS);
	LIST("privacy_level", bh_privacy_level_name, uint32_t, PRIVACY_LEVELS);
	list_add(words, "micro_kind", bh_micro_kinds);
	list_add(words, "unit_form", bh_unit_forms);
	list_add(words, "unit_mode", bh_unit_modes);
	list_add(words, "asset_grade", bh_asset_grades);
	list_add(words, "asset_state", bh_asset_states);
}

/* ---- Routes ---- */

/* A target that the pattern fits, with a parameter that no route has: the refusal says which it
 * takes. */
static void target_of(const char *pattern, char *target, size_t size)
{
	size_t n = 0;
	for (const char *at = pattern; *at && n + 16 < size; at++) {
		if (*at == '{') {
			target[n++] = 'x';
			at += strcspn(at, "}");
		} else {
			target[n++] = *at;
		}
	}
	(void)snprintf(target + n, size - n, "?no-such-one=1");
}

static json_t *query_json(const struct bh_route *route)
{
	char target[200];
	struct bh_exchange *exchange = NULL;
	struct bh_console_host host = {.context = NULL};
	struct bh_now now = {0};
	target_of(route->pattern, target, sizeof(target));
	const struct bh_request request = {
		.method = route->method, .target = target, .operator_link = true};
	if (bh_exchange_begin(&host, &request, now, &exchange) != 0)
		return NULL;
	struct bh_span body = bh_buf_span(&bh_exchange_response(exchange)->body);
	json_t *answer = json_loadb((const char *)body.data, body.len, 0, NULL);
	json_t *hint = json_incref(json_object_get(answer, "hint"));
	json_decref(answer);
	bh_exchange_free(exchange);
	return hint;
}

static json_t *routes_json(void)
{
	json_t *routes = json_array();
	for (size_t i = 0; i < bh_routes_count; i++) {
		const struct bh_route *route = &bh_routes[i];
		(void)json_array_append_new(
			routes, json_pack("{s:s, s:s, s:s, s:o}", "method", route->method,
					"pattern", route->pattern, "summary", route->summary,
					"query", query_json(route)));
	}
	return routes;
}

int main(void)
{
	json_t *words = json_object();
	words_of_flow(words);
	words_of_case(words);
	words_of_papers(words);
	words_of_profile(words);
	json_t *facts = json_pack("{s:o, s:o}", "routes", routes_json(), "words", words);
	int failed = !facts || json_dumpf(facts, stdout, JSON_INDENT(1) | JSON_SORT_KEYS) != 0;
	json_decref(facts);
	(void)putchar('\n');
	return failed;
}
