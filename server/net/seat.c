/*
 * Whatever runs the hub ends in bh_seat_pump: jobs go to the writer, and those of photos to the
 * blob thread, as errands that come back by letter; touched sessions go to their links.  One that
 * is full or stopping answers its job with an error at once, which the session turns into "come
 * again".  Wakes arrive as letters with their own copy.
 */
#include "server/net/seat.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/net/link.h"
#include "server/net/seat_applied.h"
#include "server/net/seat_blob.h"

#define CONTACTS_MAX 256u
#define CONTACTS_S 5
#define STRANGERS_MS 60000
#define STRANGERS_SAID_MAX 10u
#define STRANGERS_KINDS_MAX 32u /* the first of each is said all the same */

struct bh_seat {
	struct bh_seat_options options;
	struct bh_hub *hub;
	struct bh_store_reader *reader;
	struct event *contacts_timer;
	struct bh_letter beginning;
	struct bh_letter whole; /* for a wake that there is no memory for */
	atomic_bool whole_posted;
	int64_t strangers_since_ms; /* the minute in which lines before a proof are counted */
	uint32_t strangers;
	uint32_t kinds[STRANGERS_KINDS_MAX]; /* hashes of lines said in it */
	pthread_mutex_t lock;                /* guards counts */
	struct bh_hub_counts counts;
};

struct contacts_errand {
	struct bh_errand errand;
	struct bh_clock clock;
	size_t count;
	struct bh_contact contacts[CONTACTS_MAX];
};

struct seat_errand {
	struct bh_errand errand;
	struct bh_letter letter;
	struct bh_seat *seat;
};

struct claim_letter {
	struct bh_letter letter;
	struct bh_seat *seat;
	struct bh_claim claim;
};

struct wake_letter {
	struct bh_letter letter;
	struct bh_seat *seat;
	struct bh_wakes wakes;
	uint64_t scopes_and_kicked[];
};

/* ---- Who holds what ---- */

static bool contacts_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct contacts_errand *carried = (struct contacts_errand *)(void *)errand;
	struct bh_now now = carried->clock.now(carried->clock.context);
	/* A failure costs a supervisor one line of a list: the next contact brings it anew. */
	(void)bh_writer_contacts(writer, now, carried->contacts, carried->count);
	return false;
}

static void contacts_done(struct bh_errand *errand)
{
	free(errand);
}

static void counts_publish(struct bh_seat *seat)
{
	struct bh_hub_counts counts;
	bh_hub_counts(seat->hub, &counts);
	pthread_mutex_lock(&seat->lock);
	seat->counts = counts;
	pthread_mutex_unlock(&seat->lock);
}

void bh_seat_counts(struct bh_seat *seat, struct bh_hub_counts *out)
{
	pthread_mutex_lock(&seat->lock);
	*out = seat->counts;
	pthread_mutex_unlock(&seat->lock);
}

static void on_contacts(evutil_socket_t fd, short events, void *context)
{
	struct bh_seat *seat = context;
	struct contacts_errand *carried = calloc(1, sizeof(*carried));
	(void)fd;
	(void)events;
	counts_publish(seat);
	bh_seat_applied_send(seat->hub, seat->options.writer, seat->options.clock);
	if (!carried)
		return;
	carried->count = bh_hub_take_contacts(seat->hub, carried->contacts, CONTACTS_MAX);
	carried->clock = seat->options.clock;
	carried->errand.turn = contacts_turn;
	carried->errand.done = contacts_done;
	if (carried->count == 0 ||
		bh_writer_loop_submit(seat->options.writer, &carried->errand) != BH_NOERR)
		free(carried);
}

/* An event is added on its loop's thread only: a district may be made while the loops run. */
static void beginning_open(struct bh_letter *letter, void *loop_context)
{
	static const struct timeval every = {.tv_sec = CONTACTS_S};
	struct bh_seat *seat = (struct bh_seat *)(void *)((char *)letter -
							  offsetof(struct bh_seat, beginning));
	(void)loop_context;
	if (event_add(seat->contacts_timer, &every) != 0)
		seat->options.said(seat->options.context, 0,
			"no memory: who was last heard of when is not kept");
}

void bh_seat_begin(struct bh_seat *seat)
{
	seat->beginning.open = beginning_open;
	bh_loop_post(seat->options.loop, &seat->beginning);
}

int bh_seat_new(const struct bh_seat_options *options, struct bh_seat **out)
{
	struct bh_seat *seat = calloc(1, sizeof(*seat));
	if (!seat)
		return BH_ERR_NOMEM;
	seat->options = *options;
	pthread_mutex_init(&seat->lock, NULL);
	int err = bh_reader_open(options->store, &seat->reader);
	if (!err) {
		struct bh_hub_options hub = {.reader = seat->reader,
			.packer = options->desk->packer,
			.hasher = options->desk->hasher,
			.mac_key = options->mac_key,
			.ca_key = options->ca_key,
			.bundle_key = options->bundle_key,
			.pins = options->pins,
			.claims = options->claims};
		err = bh_hub_open(&hub, &seat->hub);
	}
	if (!err)
		seat->contacts_timer = event_new(
			bh_loop_base(options->loop), -1, EV_PERSIST, on_contacts, seat);
	if (!err && !seat->contacts_timer)
		err = BH_ERR_NOMEM;
	if (err) {
		bh_seat_free(seat);
		return err;
	}
	*out = seat;
	return BH_NOERR;
}

void bh_seat_free(struct bh_seat *seat)
{
	if (!seat)
		return;
	if (seat->contacts_timer)
		event_free(seat->contacts_timer);
	if (seat->hub)
		bh_hub_close(seat->hub);
	bh_reader_close(seat->reader);
	pthread_mutex_destroy(&seat->lock);
	free(seat);
}

struct bh_hub *bh_seat_hub(struct bh_seat *seat)
{
	return seat->hub;
}

struct bh_loop *bh_seat_loop(struct bh_seat *seat)
{
	return seat->options.loop;
}

int64_t bh_seat_district_ms(struct bh_seat *seat, struct bh_now now)
{
	return now.mono_ms + bh_writer_loop_offset_ms(seat->options.writer, NULL);
}

static bool stranger_kind_is_new(struct bh_seat *seat, const char *line)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (const char *at = line; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619u;
	hash |= 1u;
	for (size_t i = 0; i < STRANGERS_KINDS_MAX; i++) {
		if (seat->kinds[i] == hash)
			return false;
		if (seat->kinds[i] == 0) {
			seat->kinds[i] = hash;
			return true;
		}
	}
	return false;
}

/* Anybody who can connect can make us speak: before a proof a few lines a minute say what is going
 * on, the rest are counted (A01, B09). */
void bh_seat_say(struct bh_seat *seat, uint32_t device, const char *line)
{
	char text[200];
	struct bh_now now = bh_loop_now(seat->options.loop);
	if (device == 0 && now.mono_ms - seat->strangers_since_ms >= STRANGERS_MS) {
		if (seat->strangers > STRANGERS_SAID_MAX) {
			(void)snprintf(text, sizeof(text), "and %u more like these in a minute",
				seat->strangers - STRANGERS_SAID_MAX);
			seat->options.said(seat->options.context, 0, text);
		}
		seat->strangers_since_ms = now.mono_ms;
		seat->strangers = 0;
		memset(seat->kinds, 0, sizeof(seat->kinds));
	}
	if (device == 0 && !stranger_kind_is_new(seat, line) &&
		seat->strangers++ >= STRANGERS_SAID_MAX)
		return;
	seat->options.said(seat->options.context, device, line);
}

/* ---- Jobs out and back ---- */

static void job_back(struct bh_seat *seat, struct bh_job *job)
{
	struct bh_now now = bh_loop_now(seat->options.loop);
	bh_hub_job_done(seat->hub, now, bh_seat_district_ms(seat, now), job);
}

static void errand_open(struct bh_letter *letter, void *loop_context)
{
	struct seat_errand *carried = (struct seat_errand *)(void *)((char *)letter -
								     offsetof(struct seat_errand,
									     letter));
	struct bh_seat *seat = carried->seat;
	(void)loop_context;
	job_back(seat, carried->errand.job);
	free(carried);
	bh_seat_pump(seat);
}

static void errand_done(struct bh_errand *errand)
{
	struct seat_errand *carried = (struct seat_errand *)(void *)errand;
	bh_loop_post(carried->seat->options.loop, &carried->letter);
}

static void job_send(struct bh_seat *seat, struct bh_job *job)
{
	struct seat_errand *carried = calloc(1, sizeof(*carried));
	int err = carried ? BH_NOERR : BH_ERR_NOMEM;
	if (!err) {
		carried->errand.job = job;
		carried->errand.done = errand_done;
		carried->letter.open = errand_open;
		carried->seat = seat;
		err = bh_writer_loop_submit(seat->options.writer, &carried->errand);
	}
	if (!err)
		return;
	free(carried);
	job->err = BH_ERR_IO;
	job_back(seat, job);
}

static void claim_open(struct bh_letter *letter, void *loop_context)
{
	struct claim_letter *told = (struct claim_letter *)(void *)letter;
	struct bh_seat *seat = told->seat;
	(void)loop_context;
	bh_hub_claimed(seat->hub, &told->claim);
	free(told);
	bh_seat_pump(seat);
}

/* Without memory the older session lives until its silence ends it. */
static void claim_tell(struct bh_seat *seat, const struct bh_claim *claim)
{
	for (size_t i = 0; i < seat->options.seats_count; i++) {
		struct bh_seat *other = seat->options.seats[i];
		struct claim_letter *told = other == seat ? NULL : calloc(1, sizeof(*told));
		if (!told)
			continue;
		*told = (struct claim_letter){
			.letter = {.open = claim_open}, .seat = other, .claim = *claim};
		bh_loop_post(other->options.loop, &told->letter);
	}
}

/* A link that speaks may make room for the next part of a download: so until nothing is left. */
void bh_seat_pump(struct bh_seat *seat)
{
	for (;;) {
		struct bh_job *job;
		struct bh_blob_job *blob;
		struct bh_claim claim;
		while (bh_hub_take_claim(seat->hub, &claim))
			claim_tell(seat, &claim);
		while ((job = bh_hub_take_job(seat->hub)) != NULL)
			job_send(seat, job);
		while ((blob = bh_hub_take_blob_job(seat->hub)) != NULL)
			bh_seat_blob_send(seat, seat->options.blobs, blob);
		struct bh_session *session = bh_hub_next_touched(seat->hub);
		if (session == NULL)
			return;
		bh_link_speak(bh_session_owner(session));
	}
}

void bh_seat_shutdown(struct bh_seat *seat)
{
	bh_hub_shutdown(seat->hub, bh_loop_now(seat->options.loop));
	bh_seat_pump(seat);
}

/* ---- Wakes ---- */

static void wake_open(struct bh_letter *letter, void *loop_context)
{
	struct wake_letter *wake = (struct wake_letter *)(void *)((char *)letter -
								  offsetof(struct wake_letter,
									  letter));
	struct bh_seat *seat = wake->seat;
	struct bh_now now = bh_loop_now(seat->options.loop);
	(void)loop_context;
	bh_hub_wake(seat->hub, now, bh_seat_district_ms(seat, now), &wake->wakes);
	free(wake);
	bh_seat_pump(seat);
}

/* Posted again from here on: what is committed meanwhile may not be seen below. */
static void whole_open(struct bh_letter *letter, void *loop_context)
{
	struct bh_seat *seat = (struct bh_seat *)(void *)((char *)letter -
							  offsetof(struct bh_seat, whole));
	struct bh_now now = bh_loop_now(seat->options.loop);
	(void)loop_context;
	atomic_store(&seat->whole_posted, false);
	bh_hub_wake_whole(seat->hub, now, bh_seat_district_ms(seat, now));
	bh_seat_pump(seat);
}

/* Without a letter a closure would wait unseen, and who was revoked would stay: then everybody is
 * looked at. */
static void whole_post(struct bh_seat *seat)
{
	if (atomic_exchange(&seat->whole_posted, true))
		return;
	seat->whole.open = whole_open;
	bh_loop_post(seat->options.loop, &seat->whole);
}

void bh_seat_post_wakes(struct bh_seat *seat, const struct bh_wakes *wakes)
{
	size_t scopes = wakes->all ? 0 : wakes->scopes_count, kicked = wakes->kicked_count;
	struct wake_letter *wake = NULL;
	if (scopes == 0 && kicked == 0 && !wakes->all && !wakes->rules_changed)
		return;
	wake = calloc(1, sizeof(*wake) + (scopes + kicked) * sizeof(uint64_t));
	if (!wake) {
		whole_post(seat);
		return;
	}
	wake->letter.open = wake_open;
	wake->seat = seat;
	wake->wakes = *wakes;
	uint32_t *kicked_copy = (uint32_t *)(void *)(wake->scopes_and_kicked + scopes);
	if (scopes > 0)
		memcpy(wake->scopes_and_kicked, wakes->scopes, scopes * sizeof(uint64_t));
	if (kicked > 0)
		memcpy(kicked_copy, wakes->kicked, kicked * sizeof(uint32_t));
	wake->wakes.scopes = wake->scopes_and_kicked;
	wake->wakes.scopes_count = scopes;
	wake->wakes.kicked = kicked_copy;
	bh_loop_post(seat->options.loop, &wake->letter);
}
