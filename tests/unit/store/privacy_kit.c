/* Each is one command of a desk, given to the writer as the console would give it. */
#include "tests/unit/store/privacy_kit.h"

#include <string.h>

const struct bh_vault_keys privacy_keys = {.count = 1, .keys = {{1, 2, 3}}};

int privacy_setup(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 84);
	kit_down(kit);
	kit->options.kept_path = PRIVACY_KEPT;
	kit->options.vault = &privacy_keys;
	assert_int_equal(kit_up(kit), 0);
	*state = kit;
	return 0;
}

int privacy_teardown(void **state)
{
	return kit_teardown(state);
}

/* ---- What people do ---- */

struct bh_outcome privacy_party_set(
	struct kit *kit, uint32_t person, uint64_t number, uint32_t party, uint32_t role)
{
	struct bh_buf payload = BH_BUF(2000);
	struct bh_command command = kit_desk(BH_VERB_PARTY, person, number, "");
	const struct bh_party plain = {.party = party,
		.role = role,
		.consent = BH_CONSENT_GIVEN,
		.name = bh_span(privacy_name, sizeof(privacy_name) - 1),
		.contact = bh_span(privacy_contact, sizeof(privacy_contact) - 1)};

	assert_int_equal(bh_party_encode(&plain, &payload), 0);
	command.payload = bh_buf_span(&payload);
	struct bh_outcome outcome = kit_run(kit, &command);
	bh_buf_free(&payload);
	return outcome;
}

struct bh_outcome privacy_act(struct kit *kit, enum bh_verb verb, uint32_t person, uint64_t number)
{
	struct bh_command command = kit_desk(verb, person, number, "why it is done");

	return kit_run(kit, &command);
}

struct bh_outcome privacy_look(struct kit *kit, uint32_t person, uint64_t number, uint32_t purpose)
{
	struct bh_command command = kit_desk(BH_VERB_OPEN, person, number, "");

	command.reason_code = purpose;
	return kit_run(kit, &command);
}

/* A report that ended at once, with a person in it. */
uint64_t privacy_ended_case(struct kit *kit, struct phone *phone)
{
	uint64_t number = kit_report(kit, phone, privacy_told);

	assert_int_equal(privacy_party_set(kit, ACCEPTOR, number, 0, BH_PARTY_COMPLAINANT).verdict,
		BH_VERDICT_ACCEPTED);
	assert_int_equal(
		privacy_act(kit, BH_VERB_REFUSE, ACCEPTOR, number).verdict, BH_VERDICT_ACCEPTED);
	return number;
}

int privacy_unsealed(struct kit *kit, const struct bh_vault_keys *by, uint64_t number,
	uint32_t party_said, struct bh_buf *out)
{
	struct bh_vault *vault = NULL;
	struct bh_party parties[BH_PARTIES_MAX];
	size_t count = 0;

	assert_int_equal(bh_vault_open(by, kit->options.rng, &vault), 0);
	assert_int_equal(bh_reader_parties(
				 kit->reader, number, &kit->arena, parties, BH_PARTIES_MAX, &count),
		0);
	int err = count == 0 ? BH_ERR_NOT_FOUND : BH_NOERR;
	out->len = 0;
	if (!err) {
		parties[0].party = party_said ? party_said : parties[0].party;
		err = bh_reader_unseal(kit->reader, vault, KIT_CODE, number, &parties[0], 0, out);
	}
	bh_vault_close(vault);
	return err;
}

bool privacy_disk_holds(struct kit *kit, const char *path, const char *text, size_t len)
{
	const uint8_t *data = NULL;
	size_t size = 0;

	return bh_simvfs_file_exists(kit->vfs, path) &&
	       bh_simvfs_file_image(kit->vfs, path, &data, &size) == 0 && size > 0 &&
	       memmem(data, size, text, len) != NULL;
}

/* Whether any file of the district's holds it. */
bool privacy_anywhere(struct kit *kit, const char *text, size_t len)
{
	return privacy_disk_holds(kit, kit->options.path, text, len) ||
	       privacy_disk_holds(kit, KIT_PATH "-wal", text, len) ||
	       privacy_disk_holds(kit, PRIVACY_OLD "-wal", text, len) ||
	       privacy_disk_holds(kit, PRIVACY_KEPT, text, len);
}

void privacy_verifies(struct kit *kit, bool erased)
{
	struct bh_verify_report report;

	if (kit_verify(kit, &report) != 0)
		fail_msg("at %llu: %s", (unsigned long long)report.first_bad, report.what);
	assert_int_equal(report.contents_erased > 0, erased);
}

void privacy_back_up(struct kit *kit)
{
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(kit->writer, PRIVACY_OLD), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit->writer, 64, &done), 0);
}
