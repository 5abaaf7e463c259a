/* The handsets an input to fuzz_session_client may begin with.
 *
 * One scripted handset is led through its life once; at three points its disk is copied aside.  An
 * input then gets a copy of a copy, an engine on it, and as much of a session as its phase says.
 * Power cuts are part of inputs, so the copy is all that may be trusted to be there. */
#include "tests/fuzz/client_disk.h"

#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"

enum disk { DISK_ASKED, DISK_UNSENT, DISK_TOLD, DISKS };

static const enum disk disk_of[CLIENT_PHASES] = {
	[CLIENT_ENROLLING] = DISK_ASKED,
	[CLIENT_GREETING] = DISK_UNSENT,
	[CLIENT_LIVE] = DISK_UNSENT,
	[CLIENT_TOLD] = DISK_TOLD,
	[CLIENT_ASKED] = DISK_TOLD,
};

static struct scripted *handset;
static struct bh_simvfs *disks[DISKS];
static uint64_t held_by_server[DISKS];

static void local_open(void)
{
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(handset->disk), bh_simrng_source(&handset->rng)};
	bh_assert(bh_local_open(&options, &handset->local) == 0);
}

/* Closed for the copy, so that the file alone holds everything. */
static void disk_keep(enum disk disk)
{
	const struct bh_simvfs_config config = {.number = 10 + (uint32_t)disk, .seed = 1};
	scripted_engine_end(handset);
	bh_local_close(handset->local);
	bh_assert(bh_simvfs_create(&config, &disks[disk]) == 0);
	bh_assert(bh_simvfs_disk_copy(disks[disk], handset->disk, "") == 0);
	held_by_server[disk] = handset->held;
	local_open();
}

static void told(void)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN};
	const struct bh_msg_closure closure = {
		.cycle = 1, .kind = BH_STATE_CLOSED, .result = scripted_text("mended")};
	const struct bh_msg_record record = {.case_number = bh_case_number(SCRIPTED_SHORT, 1),
		.position = 40,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.closures = &closure,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 1};
	scripted_engine(handset);
	scripted_session(handset);
	bh_assert(scripted_take_push(handset) == 3);
	scripted_ack(handset, 2);
	scripted_delta(handset, &record, 1, 40);
	scripted_cut(handset);
	handset->held = 2;
}

static void disks_free(void)
{
	scripted_free(handset);
	for (unsigned i = 0; i < DISKS; i++)
		bh_simvfs_free(disks[i]);
}

static void disks_prepare(void)
{
	handset = scripted_new();
	bh_assert(atexit(disks_free) == 0);
	/* Asked and enrolled are two handsets, so the disk goes back in between. */
	scripted_ask(handset);
	disk_keep(DISK_ASKED);
	scripted_enrol(handset);
	for (unsigned i = 0; i < 3; i++)
		(void)scripted_report(handset, "a cover is broken");
	disk_keep(DISK_UNSENT);
	told();
	disk_keep(DISK_TOLD);
}

struct scripted *client_disk_begin(unsigned phase)
{
	if (handset == NULL)
		disks_prepare();
	phase %= CLIENT_PHASES;
	scripted_engine_end(handset);
	bh_local_close(handset->local);
	bh_assert(bh_simvfs_disk_copy(handset->disk, disks[disk_of[phase]], "") == 0);
	handset->now = (struct bh_now){1790000000000, 500000};
	handset->rng = bh_simrng_make(8); /* a log id is drawn but once */
	handset->held = held_by_server[disk_of[phase]];
	handset->once = phase == CLIENT_ASKED;
	local_open();
	scripted_engine(handset);
	scripted_connect(handset);
	if (phase >= CLIENT_LIVE) {
		const struct bh_server_frame welcome = scripted_welcome(handset);
		scripted_give(handset, &welcome);
	}
	return handset;
}
