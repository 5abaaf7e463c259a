/* A handset whose keys never enter the library, against a real server: two of them lie in two other
 * processes, and options.sign_for is told which is to sign.  Given a store, an enrolment payload
 * and a bundle's path, it enrols with the first key, reports, takes the second one into use, goes
 * on after the first one's process has ended, and signs a bundle.  Prints the key that holds at
 * each step, for test_rotate.py to compare with the server's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/include/bihuan.h"
#include "proto/clock.h"
#include "tests/unit/client/signer.h"

#define PATIENCE_MS 20000

static struct signer keys[2];
static unsigned asked[2], strangers;

static int32_t on_sign_for(const uint8_t *public_key, const uint8_t *digest, uint8_t *signature,
	size_t *length, void *payload)
{
	(void)payload;
	for (size_t i = 0; i < 2; i++) {
		if (memcmp(public_key, keys[i].public_key, BH_PUBLIC_KEY_SIZE) != 0)
			continue;
		asked[i]++;
		return signer_sign(&keys[i], i == 1, digest, signature, length);
	}
	strangers++;
	return 1;
}

static void must(bh_status status, const bh_error *err, const char *what)
{
	if (status == BH_OK || status == BH_DONE)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, err->message);
	exit(1);
}

static bh_client *store_open(const char *path)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = NULL;
	bh_error err = {0};

	options.store_path = path;
	options.drive = BH_DRIVE_HOST;
	options.sync_once = 1;
	options.sign_for = on_sign_for;
	must(bh_client_open(&options, &client, &err), &err, "open");
	return client;
}

/* Everything that can be done, and how it stands then. */
static bh_status_view drive(bh_client *client, const char *step)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	bh_error err = {0};
	const struct bh_clock clock = bh_clock_system();
	bh_time_ms now_ms = clock.now(clock.context).wall_ms;

	must(bh_client_sync_now(client, &err), &err, step);
	must(bh_client_run_until(client, now_ms + PATIENCE_MS, &err), &err, step);
	must(bh_client_status(client, &view, &err), &err, step);
	printf("{\"step\": \"%s\", \"key\": \"", step);
	for (size_t i = 0; i < BH_PUBLIC_KEY_SIZE; i++)
		printf("%02x", view.public_key[i]);
	printf("\", \"cause\": \"%s\", \"unsent\": %" PRIu64 ", \"waits\": %" PRIu32
	       ", \"asked\": [%u, %u], \"strangers\": %u}\n",
		bh_cause_name(view.cause), view.unsent_ops, view.key_waits, asked[0], asked[1],
		strangers);
	return view;
}

static void record(bh_client *client, const char *text)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_error err = {0};

	input.text = text;
	must(bh_report_record(client, &input, NULL, &err), &err, "report");
}

static void enrol(bh_client *client, const char *payload)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	bh_error err = {0};

	input.qr_payload = payload;
	input.public_key = keys[0].public_key;
	must(bh_client_enrol(client, &input, &err), &err, "enrol");
	(void)drive(client, "enrolled");
}

int main(int argc, char **argv)
{
	bh_bundle_view bundle = BH_BUNDLE_VIEW_INIT;
	bh_error err = {0};

	if (argc != 4)
		return 64;
	signer_start(&keys[0]);
	signer_start(&keys[1]);
	bh_client *client = store_open(argv[1]);

	enrol(client, argv[2]);
	record(client, "before");
	must(bh_client_rotate_key(client, keys[1].public_key, &err), &err, "rotate");
	(void)drive(client, "rotated");
	bh_client_close(client);
	signer_stop(&keys[0]); /* nobody has the first one any more */
	client = store_open(argv[1]);
	record(client, "after");
	(void)drive(client, "after");
	record(client, "carried");
	must(bh_bundle_export(client, argv[3], &bundle, &err), &err, "export");
	(void)printf("{\"step\": \"exported\", \"ops\": %" PRIu64 ", \"asked\": [%u, %u]}\n",
		bundle.ops, asked[0], asked[1]);
	bh_client_close(client);
	signer_stop(&keys[1]);
	return 0;
}
