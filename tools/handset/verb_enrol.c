/*
 * enrol stores the request, then drives until the server has said yes or no, or the time is up. The
 * request stays: sync goes on with it.  status says how things stand, and sync waits until
 * everything is sent and told.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/handset.h"
#include "tools/handset/moment.h"
#include "tools/handset/view.h"

#define PAYLOAD_BYTES 700
#define SENTENCE_BYTES 80
#define KEY_TEXT (2u * BH_PUBLIC_KEY_SIZE + 1u)
#define WAIT_S_DEFAULT 30
#define SYNC_S_DEFAULT 60
#define HINT_BYTES 240

static const char *const enrolled_names[] = {"no", "asked", "yes"};

static const char *enrolled_name(int32_t enrolled)
{
	return enrolled >= 0 && enrolled <= BH_ENROLLED_YES ? enrolled_names[enrolled] : "unknown";
}

/* A request that nobody has tried to send yet has no cause; what waits is counted. */
static const char *status_sentence(
	const struct bh_say *say, const bh_status_view *view, char held[SENTENCE_BYTES])
{
	unsigned long long unsent = view->unsent_ops;
	if (view->cause == BH_CAUSE_WAITING) {
		(void)snprintf(held, SENTENCE_BYTES,
			say->chinese  ? "%llu 条记录等待上报。"
			: unsent == 1 ? "%llu record waits to be sent."
				      : "%llu records wait to be sent.",
			unsent);
		return held;
	}
	if (view->enrolled == BH_ENROLLED_ASKED && view->cause == BH_CAUSE_NONE)
		return say->chinese ? "已申请登记，同步时发送。"
				    : "Enrolment was asked for; sync goes on with it.";
	return bh_cause_sentence(view->cause, say->chinese ? "zh" : "en");
}

/* What this run cost. */
static json_t *counts_json(const bh_status_view *view)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "bytes_up",
		(json_int_t)view->bytes_up, "bytes_down", (json_int_t)view->bytes_down,
		"photo_bytes_up", (json_int_t)view->photo_bytes_up, "photo_bytes_down",
		(json_int_t)view->photo_bytes_down, "attempts", (json_int_t)view->attempts,
		"sessions", (json_int_t)view->sessions, "wakeups", (json_int_t)view->wakeups);
}

/* For who has to vouch for it (`bihuan rekey`). */
static const char *key_text(const bh_status_view *view, char text[KEY_TEXT])
{
	for (size_t i = 0; i < BH_PUBLIC_KEY_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", view->public_key[i]);
	return text;
}

static json_t *status_json(const struct bh_say *say, const bh_status_view *view)
{
	char held[SENTENCE_BYTES], key[KEY_TEXT];
	json_t *skew = view->clock_skew_known ? json_integer((json_int_t)view->clock_skew_ms)
					      : json_null();
	return json_pack("{s:s, s:s, s:o, s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:I, "
			 "s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:b}",
		"enrolled", enrolled_name(view->enrolled), "cause", bh_cause_name(view->cause),
		"sentence", bh_json_text(status_sentence(say, view, held)), "live", view->live != 0,
		"unsent_ops", (json_int_t)view->unsent_ops, "unsent_bytes",
		(json_int_t)view->unsent_bytes, "unsent_photos", (json_int_t)view->unsent_photos,
		"unsent_photo_bytes", (json_int_t)view->unsent_photo_bytes, "oldest_unsent_at",
		bh_json_time(say, view->oldest_unsent_at), "last_contact_at",
		bh_json_time(say, view->last_contact_at), "next_attempt_at",
		bh_json_time(say, view->next_attempt_at), "clock_skew_ms", skew, "device",
		(json_int_t)view->device, "refused_ops", (json_int_t)view->refused_ops,
		"unseen_closures", (json_int_t)view->unseen_closures, "damaged_files",
		(json_int_t)view->damaged_files, "district", bh_json_text(view->district_code),
		"district_name", bh_json_text(view->district_name), "person_name",
		bh_json_text(view->person_name), "counts", counts_json(view), "key",
		key_text(view, key), "clock_is_off", view->clock_is_off != 0);
}

/* It is set by hand; what it records is corrected by the server meanwhile. */
static void clock_print(const bh_status_view *view)
{
	int64_t minutes = view->clock_skew_ms / 60000;
	if (view->clock_is_off)
		(void)printf("clock          %lld min %s the district's: set it\n",
			(long long)(minutes < 0 ? -minutes : minutes),
			minutes < 0 ? "ahead of" : "behind");
}

static void enrolment_print(const bh_status_view *view)
{
	(void)printf(", ");
	bh_text_print(view->person_name, 0, 0);
	(void)printf(", ");
	bh_text_print(view->district_name, 0, 0);
	(void)printf(" (%s), device %u", view->district_code, (unsigned)view->device);
}

static void status_print(const struct bh_say *say, const bh_status_view *view)
{
	char contact[BH_MOMENT_TEXT_SIZE] = "never", next[BH_MOMENT_TEXT_SIZE];
	char held[SENTENCE_BYTES], key[KEY_TEXT];
	if (view->last_contact_at)
		bh_moment_format(view->last_contact_at, say->offset_min, contact);
	(void)printf("%s\n", status_sentence(say, view, held));
	(void)printf("enrolled       %s", enrolled_name(view->enrolled));
	if (view->enrolled == BH_ENROLLED_YES)
		enrolment_print(view);
	if (view->enrolled == BH_ENROLLED_YES)
		(void)printf("\nkey            %s", key_text(view, key));
	(void)printf("\nunsent         %llu (%llu bytes)\n", (unsigned long long)view->unsent_ops,
		(unsigned long long)view->unsent_bytes);
	(void)printf("unsent photos  %llu (%llu bytes)\n", (unsigned long long)view->unsent_photos,
		(unsigned long long)view->unsent_photo_bytes);
	(void)printf("refused        %llu\n", (unsigned long long)view->refused_ops);
	(void)printf("unseen answers %llu\n", (unsigned long long)view->unseen_closures);
	if (view->damaged_files > 0)
		(void)printf("damaged        %u files, put aside beside the store\n",
			(unsigned)view->damaged_files);
	if (view->attempts > 0)
		(void)printf(
			"this run       %llu of %llu attempts were sessions, %llu bytes up, %llu "
			"down, %llu wake-ups\n",
			(unsigned long long)view->sessions, (unsigned long long)view->attempts,
			(unsigned long long)view->bytes_up, (unsigned long long)view->bytes_down,
			(unsigned long long)view->wakeups);
	clock_print(view);
	(void)printf("last contact   %s\n", contact);
	if (view->next_attempt_at > bh_moment_now_ms()) {
		bh_moment_format(view->next_attempt_at, say->offset_min, next);
		(void)printf("next attempt   %s\n", next);
	}
}

/* Reads and shows the status; gives it to the caller too. */
static int status_show(const struct bh_handset *handset, bh_status_view *view)
{
	bh_error err = {0};
	if (bh_client_status(handset->client, view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (handset->say->json)
		bh_say_json(status_json(handset->say, view));
	else
		status_print(handset->say, view);
	return BH_EXIT_DONE;
}

/* ---- enrol ---- */

/* One line of stdin, its end cut off. */
static const char *payload_read(char payload[PAYLOAD_BYTES])
{
	if (!fgets(payload, PAYLOAD_BYTES, stdin))
		return NULL;
	payload[strcspn(payload, "\r\n")] = '\0';
	return payload;
}

static int enrol_request(const struct bh_handset *handset, const char *payload)
{
	bh_error err = {0};
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	input.qr_payload = payload;
	input.device_model = bh_words_option(handset->words, "model");
	if (!input.device_model)
		input.device_model = "terminal";
	if (bh_client_enrol(handset->client, &input, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	return BH_EXIT_DONE;
}

static int enrol_run(const struct bh_handset *handset, const char *payload)
{
	bh_error err = {0};
	bh_status_view view = BH_STATUS_VIEW_INIT;
	bool done = false;
	int status = enrol_request(handset, payload);
	if (!status)
		status = bh_handset_drive(handset, "wait", WAIT_S_DEFAULT, &done);
	if (status)
		return status;
	if (bh_client_status(handset->client, &view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (view.enrolled != BH_ENROLLED_YES)
		return bh_handset_cause_fault(handset, view.cause);
	status = status_show(handset, &view);
	bh_say_words(handset->say, "enrolled; next: %s report --text ...",
		handset->words->program->name);
	return status;
}

int bh_verb_enrol(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {.may_create = true};
	struct bh_handset handset;
	char held[PAYLOAD_BYTES];
	const char *payload = words->arguments[0];
	if (strcmp(payload, "-") == 0 && !(payload = payload_read(held)))
		return bh_words_fault(words, "stdin holds no enrolment code");
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = enrol_run(&handset, payload);
	bh_handset_close(&handset);
	return status;
}

/* ---- status, sync ---- */

int bh_verb_status(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_status_view view = BH_STATUS_VIEW_INIT;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = status_show(&handset, &view);
	bh_handset_close(&handset);
	return status;
}

/* What was revoked asks the server once an hour: this run may have fallen between. */
static int sync_fault(const struct bh_handset *handset, const bh_status_view *view)
{
	char next[BH_MOMENT_TEXT_SIZE], hint[HINT_BYTES];
	if (view->cause != BH_CAUSE_REVOKED || view->attempts > 0 || view->next_attempt_at == 0)
		return bh_handset_cause_fault(handset, view->cause);
	bh_moment_format(view->next_attempt_at, handset->say->offset_min, next);
	(void)snprintf(hint, sizeof(hint),
		"the server was not asked now: it is once an hour, next time after %s", next);
	return bh_handset_cause_fault_next(handset, view->cause, hint);
}

static int sync_run(const struct bh_handset *handset)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	bool done = false;
	int status = bh_handset_drive(handset, "timeout", SYNC_S_DEFAULT, &done);
	if (!status)
		status = status_show(handset, &view);
	if (status)
		return status;
	if (done && view.cause == BH_CAUSE_NONE && view.unsent_ops == 0 && view.unsent_photos == 0)
		return BH_EXIT_DONE;
	return sync_fault(handset, &view);
}

int bh_verb_sync(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = sync_run(&handset);
	bh_handset_close(&handset);
	return status;
}
