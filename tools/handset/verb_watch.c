/*
 * watch stays connected on the library's own thread and prints each event as it comes.  The
 * library's wake writes a byte into a pipe; here poll waits for that, for a signal and for the
 * deadline.  When the library says that too much happened to say what, all cases are read again,
 * and each closure is still told once.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tools/handset/moment.h"
#include "tools/handset/photo.h"
#include "tools/handset/told.h"
#include "tools/handset/view.h"

#define TIMEOUT_S_MAX 31536000u
#define POLL_MS_MAX 60000

struct watch {
	struct bh_handset handset;
	int wake_fds[2];
	int signal_fd;
	bool marks_seen;
	uint64_t closures_wanted; /* 0: no end */
	uint64_t closures_told;
	struct bh_told told;
	bh_status_view status; /* as told last */
	bool status_told;
	bool failed; /* no memory for told */
};

/* On the library's thread: a full pipe wakes already. */
static void on_wake(void *payload)
{
	const struct watch *watch = payload;
	while (write(watch->wake_fds[1], "", 1) < 0 && errno == EINTR) {
	}
}

/* ---- Telling ---- */

static void closure_tell(struct watch *watch, uint64_t number, const bh_closure_view *closure)
{
	const struct bh_say *say = watch->handset.say;
	char text[BH_NUMBER_TEXT_SIZE];
	bh_number_format(number, text);
	watch->closures_told++;
	if (say->json) {
		json_t *object = bh_closure_json(say, closure);
		(void)json_object_set_new(object, "event", json_string("closure"));
		(void)json_object_set_new(object, "case", json_string(text));
		(void)json_object_set_new(object, "number", json_string(text));
		(void)json_object_set_new(
			object, "received_at", bh_json_time(say, bh_moment_now_ms()));
		bh_say_json(object);
	} else {
		char closed_at[BH_MOMENT_TEXT_SIZE], received_at[BH_MOMENT_TEXT_SIZE];
		bh_moment_format(closure->closed_at, say->offset_min, closed_at);
		bh_moment_format(bh_moment_now_ms(), say->offset_min, received_at);
		(void)printf("CLOSURE %s cycle %u closed %s received %s: ", text,
			(unsigned)closure->cycle, closed_at, received_at);
		bh_text_print(closure->result, 0, 0);
		(void)printf("\n");
		(void)fflush(stdout);
	}
	if (watch->marks_seen)
		(void)bh_case_mark_seen(watch->handset.client, number, closure->cycle, NULL);
}

/* The closures of the case under the cursor that were not told; silent: only remembers them. */
static void closures_tell(
	struct watch *watch, bh_case_cursor *cursor, const bh_case_view *view, bool silent)
{
	for (uint32_t i = 0; view->own && i < view->closures_count; i++) {
		bh_closure_view closure = BH_CLOSURE_VIEW_INIT;
		if (bh_case_closure(cursor, i, &closure, NULL) != BH_OK ||
			!bh_told_add(
				&watch->told, view->case_number, closure.cycle, &watch->failed))
			continue;
		if (!silent)
			closure_tell(watch, view->case_number, &closure);
	}
}

static int all_tell(struct watch *watch, bool silent)
{
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_status status = bh_case_cursor_open(watch->handset.client, &cursor, &err);
	while (status == BH_OK && (status = bh_case_cursor_next(cursor, &view, &err)) == BH_OK)
		closures_tell(watch, cursor, &view, silent);
	bh_case_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(&watch->handset, &err) : BH_EXIT_DONE;
}

static void line_tell(const struct watch *watch, json_t *object)
{
	const char *key;
	json_t *value;
	if (watch->handset.say->json) {
		bh_say_json(object);
		return;
	}
	json_object_foreach(object, key, value)
	{
		if (strcmp(key, "number") == 0) /* the case again, for machines */
			continue;
		if (json_is_string(value)) {
			bh_text_print(json_string_value(value), 0, 0);
			(void)printf(" ");
		} else if (json_is_integer(value))
			(void)printf("%s %lld ", key, (long long)json_integer_value(value));
	}
	(void)printf("\n");
	(void)fflush(stdout);
	json_decref(object);
}

/* What it was told to be last is not told again. */
static void status_tell(struct watch *watch)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	const bh_status_view *last = &watch->status;
	if (bh_client_status(watch->handset.client, &view, NULL) != BH_OK)
		return;
	if (watch->status_told && view.cause == last->cause && view.live == last->live &&
		view.unsent_ops == last->unsent_ops &&
		view.unseen_closures == last->unseen_closures)
		return;
	watch->status = view;
	watch->status_told = true;
	line_tell(watch, json_pack("{s:s, s:s, s:b, s:I, s:I}", "event", "status", "cause",
				 bh_cause_name(view.cause), "live", view.live != 0, "unsent_ops",
				 (json_int_t)view.unsent_ops, "unseen_closures",
				 (json_int_t)view.unseen_closures));
}

static void case_tell(struct watch *watch, const bh_event *event, bool closures_only)
{
	char text[BH_NUMBER_TEXT_SIZE];
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	if (bh_case_get(watch->handset.client, event->case_number, &cursor, &view, NULL) != BH_OK)
		return;
	bh_number_format(event->case_number, text);
	if (closures_only)
		closures_tell(watch, cursor, &view, false);
	else
		line_tell(watch,
			json_pack("{s:s, s:s, s:s, s:s, s:o}", "event", "case", "case", text,
				"number", text, "state", bh_case_state_name(view.state, "en"),
				"unit", bh_json_text(view.unit_name)));
	bh_case_cursor_close(cursor);
}

static int event_tell(struct watch *watch, const bh_event *event)
{
	char text[BH_NUMBER_TEXT_SIZE];
	bh_number_format(event->case_number, text);
	if (event->type == BH_EVENT_STATUS)
		status_tell(watch);
	else if (event->type == BH_EVENT_CASE)
		case_tell(watch, event, false);
	else if (event->type == BH_EVENT_CLOSURE)
		case_tell(watch, event, true);
	else if (event->type == BH_EVENT_VERDICT)
		line_tell(watch,
			json_pack("{s:s, s:s, s:s, s:I, s:s}", "event", "verdict", "case", text,
				"number", text, "sequence", (json_int_t)event->sequence, "verdict",
				bh_op_verdict_name(event->verdict)));
	else if (event->type == BH_EVENT_PHOTO)
		line_tell(watch,
			json_pack("{s:s, s:s, s:s, s:s}", "event", "photo", "case", text, "number",
				text, "state", bh_photo_state_text(event->verdict)));
	else if (event->type == BH_EVENT_REREAD)
		return all_tell(watch, false);
	return BH_EXIT_DONE;
}

static bool has_enough(const struct watch *watch)
{
	return watch->closures_wanted > 0 && watch->closures_told >= watch->closures_wanted;
}

static int events_tell(struct watch *watch)
{
	bh_error err = {0};
	bh_event event = BH_EVENT_INIT;
	bh_status status = BH_OK;
	int exit = BH_EXIT_DONE;
	while (!exit && !has_enough(watch) &&
		(status = bh_client_next_event(watch->handset.client, &event, &err)) == BH_OK)
		exit = event_tell(watch, &event);
	return status < 0 ? bh_handset_fault(&watch->handset, &err) : exit;
}

/* ---- Waiting ---- */

/* False when it is time to go: a signal. */
static bool wait_once(const struct watch *watch, int64_t rest_ms)
{
	char bytes[256];
	struct pollfd ready[] = {{.fd = watch->wake_fds[0], .events = POLLIN},
		{.fd = watch->signal_fd, .events = POLLIN}};
	int timeout = rest_ms > POLL_MS_MAX ? POLL_MS_MAX : (int)rest_ms;
	if (poll(ready, 2, timeout) > 0 && ready[0].revents)
		while (read(watch->wake_fds[0], bytes, sizeof(bytes)) > 0) {
		}
	return ready[1].revents == 0;
}

static int watch_run(struct watch *watch, uint64_t timeout_s)
{
	int64_t end_ms = bh_moment_now_ms() + (int64_t)timeout_s * 1000;
	bool goes_on = true;
	int status = BH_EXIT_DONE;
	status_tell(watch); /* how things stand at first; from here on events say what changes */
	while (!(status = events_tell(watch)) && goes_on && !has_enough(watch) && !watch->failed) {
		int64_t rest_ms = end_ms - bh_moment_now_ms();
		if (rest_ms <= 0)
			return watch->closures_wanted ? bh_handset_cause_fault(&watch->handset, 0)
						      : BH_EXIT_DONE;
		goes_on = wait_once(watch, rest_ms);
	}
	if (watch->failed) {
		struct bh_fault fault = {.code = "no_memory"};
		return bh_say_fault(watch->handset.say, BH_EXIT_AGAIN, &fault, "out of memory");
	}
	return status;
}

static bool watch_prepare(struct watch *watch)
{
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	return sigprocmask(SIG_BLOCK, &ends, NULL) == 0 &&
	       pipe2(watch->wake_fds, O_NONBLOCK | O_CLOEXEC) == 0 &&
	       (watch->signal_fd = signalfd(-1, &ends, SFD_CLOEXEC)) >= 0;
}

/* What was told before, read while nothing can arrive: what arrives later is told. */
static int known_read(struct watch *watch, const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	int status = bh_handset_open(words, &mode, &watch->handset);
	if (status)
		return status;
	status = all_tell(watch, true);
	bh_handset_close(&watch->handset);
	return status;
}

int bh_verb_watch(const struct bh_words *words)
{
	struct watch watch = {.marks_seen = bh_words_flag(words, "seen")};
	const struct bh_handset_mode mode = {
		.lives = true, .wake = on_wake, .wake_payload = &watch};
	struct bh_fault fault = {.code = "system"};
	uint64_t timeout_s = TIMEOUT_S_MAX;
	if (!bh_words_number(words, "timeout", 0, TIMEOUT_S_MAX, &timeout_s) ||
		!bh_words_number(words, "closures", 1, UINT32_MAX, &watch.closures_wanted))
		return BH_EXIT_USAGE;
	if (!watch_prepare(&watch))
		return bh_say_fault(&words->say, BH_EXIT_AGAIN, &fault, "%s", strerror(errno));
	int status = known_read(&watch, words);
	if (!status)
		status = bh_handset_open(words, &mode, &watch.handset);
	if (!status) {
		bh_say_words(&words->say, "watching; Ctrl-C ends");
		status = watch_run(&watch, timeout_s);
		bh_handset_close(&watch.handset);
	}
	bh_told_free(&watch.told);
	(void)close(watch.wake_fds[0]);
	(void)close(watch.wake_fds[1]);
	(void)close(watch.signal_fd);
	return status;
}
