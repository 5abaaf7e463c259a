/* What a store has to hide, and what it looks like in a file: texts as they are, a place as the
 * codec writes it, keys and photos as bytes. */
#include "tests/unit/client/sealed_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/local_bundle.h"
#include "proto/verdict.h"

#define NUMBER ((uint64_t)SCRIPTED_SHORT << 32 | 1u)
#define SECRETS_MAX 12u

const uint8_t sealed_key[32] = {0x5e, 0xa1};
const uint8_t sealed_other_key[32] = {0x0f};

static const char report_text[] = "Wang of 3 Lotus Lane fell into the open manhole";
static const char told_text[] = "as the desk corrected it: Lotus Lane 3";
static const char result_text[] = "a cover was put on, Wang was visited";
static const char sentence_text[] = "the photo shows the face of a child";

static const struct bh_msg_op_content place = {.has_place = true,
	.latitude_e7 = 312345678,
	.longitude_e7 = 1171234567,
	.datum = 1,
	.text = {(const uint8_t *)report_text, sizeof(report_text) - 1}};

static void reports_record(struct scripted *s)
{
	for (unsigned i = 0; i < SEALED_REPORTS; i++) {
		const struct bh_msg_op_header header = {.verb = 1, .type = 10001};
		struct bh_op_ref ref;

		assert_int_equal(bh_local_record(s->local, &header, &place, s->now, &ref), 0);
	}
}

static void answers_take(struct scripted *s)
{
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_verdict verdict = {
		.seq = 1, .verdict = BH_VERDICT_REJECTED, .sentence = scripted_text(sentence_text)};
	const struct bh_msg_ack ack = {.seq = 5, .verdicts = &verdict, .verdicts_count = 1};

	assert_non_null(changes);
	assert_int_equal(bh_local_ack(s->local, &ack, changes), 0);
	const struct bh_msg_closure closure = {
		.cycle = 1, .closed_ms = 9, .result = scripted_text(result_text)};
	const struct bh_msg_record record = {.case_number = NUMBER + 1,
		.state = 12,
		.cycle = 1,
		.position = 3,
		.text = scripted_text(told_text),
		.closures = &closure,
		.closures_count = 1,
		.scopes = (uint64_t[]){SCRIPTED_UNIT},
		.scopes_count = 1};
	const struct bh_msg_records records = {.records = &record, .records_count = 1};
	const struct bh_msg_delta delta = {.more = false};

	assert_int_equal(bh_local_apply(s->local, &delta, &records, s->now, changes), 0);
	free(changes);
}

/* The public half, and where it is wanted the key as it would lie open. */
static void reply_read(
	struct sealed_world *w, uint8_t public[BH_PUBLIC_KEY_BYTES], struct bh_buf *der)
{
	struct bh_key *key = NULL;

	assert_int_equal(bh_local_reply_key(w->s->local, &key), 0);
	bh_key_public(key, public);
	if (der)
		assert_int_equal(bh_key_export(key, der), 0);
	bh_key_free(key);
}

static void bundle_begin(struct sealed_world *w)
{
	const struct bh_bundle_plan plan = {.district = "990101", .log = scripted_log(w->s)};
	struct bh_buf statement = BH_BUF(4096);

	assert_int_equal(bh_local_bundle_statement(w->s->local, &plan, &statement), 0);
	bh_buf_free(&statement);
	reply_read(w, w->reply, NULL);
}

struct sealed_world *sealed_world_new(const uint8_t *app_key)
{
	struct sealed_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->s = scripted_new();
	if (app_key) {
		sealed_shut(w);
		bh_simvfs_sweep(w->s->disk, "/", NULL, NULL);
		assert_int_equal(sealed_open(w, app_key), 0);
	}
	w->photo = scripted_photo_make(w->s, SEALED_PHOTO_BYTES, 1);
	scripted_enrol(w->s);
	reports_record(w->s);
	answers_take(w->s);
	assert_int_equal(scripted_photo_record(w->s, &w->photo, NULL, &w->photographed), 0);
	bundle_begin(w);
	return w;
}

void sealed_world_free(struct sealed_world *w)
{
	scripted_photo_free(&w->photo);
	scripted_free(w->s);
	free(w);
}

void sealed_shut(struct sealed_world *w)
{
	bh_local_close(w->s->local);
	w->s->local = NULL;
}

int sealed_open(struct sealed_world *w, const uint8_t *app_key)
{
	const struct bh_local_options options = {.path = SCRIPTED_PATH,
		.vfs = bh_simvfs_name(w->s->disk),
		.rng = bh_simrng_source(&w->s->rng),
		.app_key = app_key};

	w->s->app_key = app_key;
	return bh_local_open(&options, &w->s->local);
}

/* ---- The search -------------------------------------------------------------------------- */

struct search {
	struct {
		const char *name;
		struct bh_span bytes;
	} secrets[SECRETS_MAX];
	size_t count;
	unsigned found;
	char named[BH_SIMVFS_PATH_BYTES_MAX + 32];
};

static void secret_add(struct search *search, const char *name, struct bh_span bytes)
{
	assert_true(search->count < SECRETS_MAX && bytes.len >= 8);
	search->secrets[search->count].name = name;
	search->secrets[search->count++].bytes = bytes;
}

static bool file_search(void *context, const char *path, const uint8_t *data, size_t len)
{
	struct search *search = context;

	for (size_t i = 0; i < search->count; i++)
		if (len > 0 && memmem(data, len, search->secrets[i].bytes.data,
				       search->secrets[i].bytes.len)) {
			search->found++;
			snprintf(search->named, sizeof(search->named), "%s in %s",
				search->secrets[i].name, path);
		}
	return true;
}

unsigned sealed_search(struct sealed_world *w, bool tells)
{
	struct search search = {.count = 0};
	struct bh_msg_op_content spot = place;
	struct bh_buf place_bytes = BH_BUF(256), der = BH_BUF(1024), reply = BH_BUF(1024);
	uint8_t public[BH_PUBLIC_KEY_BYTES];
	static const uint8_t code[BH_CODE_BYTES] = {
		0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0, 0xc0};

	spot.text = bh_span(NULL, 0);
	assert_int_equal(bh_op_encode_content(&spot, &place_bytes), 0);
	secret_add(&search, "report", scripted_text("Lotus Lane"));
	secret_add(&search, "result", scripted_text(result_text));
	secret_add(&search, "sentence", scripted_text(sentence_text));
	secret_add(&search, "place", bh_buf_span(&place_bytes));
	secret_add(&search, "person", scripted_text("worker three"));
	secret_add(&search, "catalogue", scripted_text("manhole\x10"));
	secret_add(&search, "photo", bh_span(w->photo.data + 40000, 32));
	secret_add(&search, "photo's beginning", bh_span(w->photo.data, 16));
	secret_add(&search, "code", bh_span(code, sizeof(code)));
	if (w->s->local && bh_local_key(w->s->local)) {
		assert_int_equal(bh_key_export(bh_local_key(w->s->local), &der), 0);
		secret_add(&search, "private key", bh_span(der.data + der.len / 4, 24));
		reply_read(w, public, &reply);
		secret_add(&search, "reply key", bh_span(reply.data + reply.len / 4, 24));
	}
	bh_simvfs_sweep(w->s->disk, "/", file_search, &search);
	bh_buf_free(&place_bytes);
	bh_buf_free(&der);
	bh_buf_free(&reply);
	if (search.found > 0 && tells)
		print_message("# %s\n", search.named);
	return search.found;
}

/* ---- Reading back ------------------------------------------------------------------------ */

static void case_is(struct sealed_world *w, uint64_t number, bool told)
{
	struct bh_arena arena = BH_ARENA(4u << 20);
	struct bh_case_row row;

	assert_int_equal(
		bh_local_case(w->s->local, (struct bh_case_key){number, 0}, &arena, &row), 0);
	assert_true(row.own && row.known == told);
	assert_true(bh_span_equal(row.content.text, place.text));
	assert_int_equal(row.content.latitude_e7, place.latitude_e7);
	assert_true(number != NUMBER || bh_span_equal(row.sentence, scripted_text(sentence_text)));
	if (told) {
		assert_true(bh_span_equal(row.record.text, scripted_text(told_text)));
		assert_true(
			bh_span_equal(row.record.closures[0].result, scripted_text(result_text)));
	}
	bh_arena_free(&arena);
}

void sealed_read_back(struct sealed_world *w)
{
	struct bh_arena arena = BH_ARENA(4u << 20);
	struct bh_buf photo = BH_BUF(BH_BLOB_BYTES_MAX);
	struct bh_msg_district district;
	struct bh_device device;
	uint8_t reply[BH_PUBLIC_KEY_BYTES];

	reply_read(w, reply, NULL);
	assert_memory_equal(reply, w->reply, sizeof(reply));
	assert_int_equal(bh_local_device(w->s->local, &device), 0);
	assert_string_equal(device.person_name, "worker three");
	assert_int_equal(bh_local_district_read(w->s->local, &arena, &district), 0);
	assert_int_equal(district.types_count, 3);
	case_is(w, NUMBER, false);
	case_is(w, NUMBER + 1, true);
	case_is(w, NUMBER + SEALED_REPORTS - 1, false);
	assert_int_equal(bh_local_photo_read(w->s->local, w->photo.hash, &photo), 0);
	assert_true(bh_span_equal(bh_buf_span(&photo), scripted_photo_span(&w->photo)));
	bh_buf_free(&photo);
	bh_arena_free(&arena);
}
