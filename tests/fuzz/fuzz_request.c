/* Arbitrary requests to a district's routes: an input is a letter and what it makes arbitrary,
 *
 *   p  a profile to check       v  the body of a dispatch    t  the target of a GET
 *   c  a catalogue to check     a  who is acting             k  an idempotency key
 *   d  a list of holidays       r  a rating, in nobody's name
 *
 * and as 't' for any other letter.  Nothing is put in force, so an input begins where the one
 * before it did.  Every request is answered, never as a fault of the server, with one JSON object
 * that says what is wrong if something is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/console/desk.h"

#define D "/districts/" KIT_CODE
#define WORD_BYTES_MAX 4096u

static struct desk *desk;
static char case_target[120], rating_target[120];

static void district_close(void)
{
	desk_close(desk);
	free(desk);
}

static void district_open(void)
{
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	desk = malloc(sizeof(*desk));
	bh_assert(desk != NULL);
	desk_open(desk, 600, true);
	kit_enrol(&desk->kit, &phone, BH_DEMO_WORKER(1111), 1);
	bh_case_number_format(kit_report(&desk->kit, &phone, "井盖破损"), number);
	(void)snprintf(case_target, sizeof(case_target), D "/cases/%s/dispatch", number);
	(void)snprintf(rating_target, sizeof(rating_target), D "/cases/%s/rating", number);
	bh_assert(atexit(district_close) == 0);
}

/* As a line of HTTP brings it: it ends at the first NUL. */
static char *word_of(struct bh_span rest, char word[WORD_BYTES_MAX])
{
	size_t len = rest.len < WORD_BYTES_MAX ? rest.len : WORD_BYTES_MAX - 1;
	if (len > 0)
		memcpy(word, rest.data, len);
	word[len] = '\0';
	return word;
}

static void ask(char letter, struct bh_span rest)
{
	char word[WORD_BYTES_MAX];
	struct bh_request request = {.method = "POST", .operator_link = true};
	switch (letter) {
	case 'p':
		request.target = D "/profile";
		request.body = rest;
		break;
	case 'c':
		request.target = D "/catalogue";
		request.body = rest;
		break;
	case 'd':
		request.target = D "/calendar";
		request.body = rest;
		break;
	case 'r':
		request.target = rating_target;
		request.operator_link = false;
		request.body = rest;
		break;
	case 'v':
		request.target = case_target;
		request.acting = "W3"; /* who has no right to: nothing is done */
		request.body = rest;
		break;
	case 'a':
	case 'k':
		request.target = case_target;
		request.acting = letter == 'a' ? word_of(rest, word) : "W3";
		request.idempotency_key = letter == 'k' ? word_of(rest, word) : NULL;
		request.body = bh_span("{\"unit\": \"nobody\"}", 18);
		break;
	default:
		request.method = "GET";
		request.target = word_of(rest, word);
		break;
	}
	/* desk_request holds the answer to its form. */
	bh_assert(desk_request(desk, &request) < 500);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (desk == NULL)
		district_open();
	ask(len > 0 ? (char)data[0] : 't', bh_span(data + (len > 0), len > 0 ? len - 1 : 0));
	bh_assert(desk->jobs == 0 || desk->status != 200);
	desk->jobs = 0;
	return 0;
}
