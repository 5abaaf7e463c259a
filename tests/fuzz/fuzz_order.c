/* Arbitrary bytes as what an order is called, where they begin with a letter, as a file or what is
 * said of a paper behind a P, else as the decision of an entry about one: what is understood says
 * the same when it is said again. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/domain/order.h"
#include "server/domain/paper_file.h"
#include "tests/fuzz/fuzz.h"

#define DECISION_BYTES_MAX (1u << 16)

static void name_try(const uint8_t *data, size_t len)
{
	char name[BH_ORDER_TEXT_SIZE], name_zh[BH_ORDER_TEXT_SIZE];
	uint64_t ref = 7, again = 0;
	char *text = malloc(len + 1);
	bh_assert(text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	int err = bh_order_ref_parse(text, &ref);
	free(text);
	if (err != BH_NOERR) {
		bh_assert(err == BH_ERR_MALFORMED && ref == 7);
		return;
	}
	bh_assert(BH_ORDER_KIND(ref) > BH_ORDER_NONE && BH_ORDER_KIND(ref) < BH_ORDER_KINDS);
	bh_assert(BH_ORDER_YEAR(ref) > 0 && BH_ORDER_SERIES(ref) > 0 && BH_ORDER_SERIAL(ref) > 0);
	bh_order_ref_format(ref, name);
	bh_order_ref_format_zh(ref, name_zh);
	bh_assert(bh_order_ref_parse(name, &again) == BH_NOERR && again == ref);
	bh_assert(strstr(name_zh, "号") != NULL);
}

/* As a row keeps it: all of it, from nothing. */
static void row_try(const struct bh_order *order)
{
	static const struct bh_order nothing;
	struct bh_buf body = BH_BUF(DECISION_BYTES_MAX);
	struct bh_order again = {0};
	bh_assert(bh_order_diff(&nothing, order, &body) == BH_NOERR);
	const struct bh_entry entry = {
		.position = order->first, .verb = BH_VERB_ORDER, .decision = bh_buf_span(&body)};
	bh_assert(bh_order_patch(&again, &entry) == BH_NOERR);
	bh_assert(again.ref == order->ref && again.number == order->number);
	bh_assert(again.state == order->state && again.unit == order->unit);
	bh_assert(again.due_ms == order->due_ms && again.next_ms == order->next_ms);
	bh_assert(again.ended_by == order->ended_by && again.ended_ms == order->ended_ms);
	bh_buf_free(&body);
}

/* Whatever stands in it, what it is called and what the clock does with it is there. */
static void decision_try(struct bh_span decision)
{
	const struct bh_entry entry = {
		.position = 9, .verb = BH_VERB_ORDER_ANSWER, .decision = decision};
	const struct bh_case cased = {.number = 17, .cycle = 1, .state = BH_STATE_DONE};
	struct bh_order order = {.first = 5};
	struct bh_command command;
	char name[BH_ORDER_TEXT_SIZE];
	uint64_t ref = bh_order_of_decision(decision);
	if (bh_order_patch(&order, &entry) != BH_NOERR) {
		bh_assert(order.last == 0 && order.first == 5);
		return;
	}
	bh_assert(order.first == 5 && order.last == 9 && order.answer == 9);
	bh_assert(ref == 0 || ref == order.ref);
	bh_order_ref_format(order.ref, name);
	bh_order_ref_format_zh(order.ref, name);
	bh_assert(bh_order_state_name(order.state) != NULL);
	bh_assert(bh_order_state_name_zh(order.state) != NULL);
	if (bh_order_command(&order, 1, true, &command))
		bh_assert(command.verb == BH_VERB_ORDER_REVIEW && command.order == order.ref);
	if (bh_order_command_after(&order, &cased, &command))
		bh_assert(!bh_order_is_end(&order) && command.order == order.ref);
	row_try(&order);
}

/* A file's bytes, and a paper's header: what is read of it is written again to the byte. */
static void paper_try(struct bh_span bytes)
{
	struct bh_paper_said said;
	struct bh_buf again = BH_BUF(100);
	bh_assert(bh_paper_form_of(bytes) < BH_PAPER_FORMS);
	if (bh_paper_decode(bytes, &said) == BH_NOERR) {
		bh_assert(bh_paper_encode(&said, &again) == BH_NOERR);
		bh_assert(bh_span_equal(bh_buf_span(&again), bytes));
	}
	bh_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len > 0 && data[0] >= 'a' && data[0] <= 'z')
		name_try(data, len);
	else if (len > 0 && data[0] == 'P')
		paper_try(bh_span(data + 1, len - 1));
	else if (len > 0)
		decision_try(bh_span(data + 1, len - 1));
	return 0;
}
