/* The driver's part: begin, run the job or the verification on the kit's writer, done, answer. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

static int fill(void *context, uint8_t *out, size_t len)
{
	struct desk *desk = context;
	return desk->kit.options.rng.fill(desk->kit.options.rng.context, out, len);
}

static struct bh_console_district *host_find(void *context, const char *code)
{
	struct desk *desk = context;
	bool alarmed = false;
	if (desk->shut || strcmp(code, KIT_CODE) != 0)
		return NULL;
	desk->district.district_ms = bh_writer_time(desk->kit.writer, desk->kit.now, &alarmed);
	desk->district.clock_alarm = alarmed;
	return &desk->district;
}

static size_t host_list(void *context, const char **codes, size_t max)
{
	(void)context;
	assert_true(max > 0);
	codes[0] = KIT_CODE;
	return 1;
}

static int host_create(
	void *context, const char *code, const struct bh_caller_key *key, const char **detail)
{
	struct desk *desk = context;
	desk->create_key = key ? *key : (struct bh_caller_key){{0}, {0}};
	*detail = NULL;
	if (strcmp(code, KIT_CODE) == 0)
		return BH_ERR_EXISTS;
	return strcmp(code, "full") == 0 ? BH_ERR_FULL : BH_NOERR;
}

static int host_text(void *context, struct bh_buf *out)
{
	(void)context;
	return bh_buf_append(out, "{\"status\": \"fine\"}", 18);
}

static void host_set(struct desk *desk)
{
	desk->photo = BH_BUF(BH_BLOB_BYTES_MAX);
	assert_int_equal(bh_blob_files_open(&desk->kit.options, &desk->files), 0);
	desk->district = (struct bh_console_district){.code = KIT_CODE,
		.reader = desk->kit.reader,
		.files = desk->files,
		.public_host = "bihuan.example",
		.public_port = 7443,
		.mac_key = bh_span("a secret of thirty-two bytes, ok", 32)};
	memset(desk->district.pin, 0x11, BH_PIN_BYTES);
	memset(desk->district.backup_pin, 0x22, BH_PIN_BYTES);
	desk->host = (struct bh_console_host){.context = desk,
		.find = host_find,
		.list = host_list,
		.create = host_create,
		.reload = host_text,
		.status = host_text,
		.rng = {fill, desk}};
}

void desk_open_keyed(struct desk *desk, uint32_t number, const struct bh_caller_key *key)
{
	memset(desk, 0, sizeof(*desk));
	kit_open_bare(&desk->kit, number);
	assert_int_equal(
		bh_store_create_keyed(&desk->kit.options, KIT_CODE, desk->kit.now, key), 0);
	assert_int_equal(kit_up(&desk->kit), 0);
	host_set(desk);
}

void desk_open(struct desk *desk, uint32_t number, bool with_profile)
{
	if (!with_profile) {
		desk_open_keyed(desk, number, NULL);
		return;
	}
	memset(desk, 0, sizeof(*desk));
	kit_open(&desk->kit, number);
	host_set(desk);
}

void desk_close(struct desk *desk)
{
	json_decref(desk->answer);
	bh_buf_free(&desk->photo);
	bh_blob_files_close(desk->files);
	kit_close(&desk->kit);
}

static void job_run(struct desk *desk, struct bh_exchange *exchange)
{
	struct bh_job *job = bh_exchange_job(exchange);
	struct bh_job *jobs[] = {job};
	assert_string_equal(bh_exchange_district(exchange), KIT_CODE);
	desk->jobs++;
	if (desk->job_err)
		job->err = desk->job_err;
	else
		assert_int_equal(
			bh_writer_run(desk->kit.writer, desk->kit.now, jobs, 1, &desk->kit.wakes),
			0);
	bh_exchange_job_done(exchange, &desk->host);
}

static void exchange_run(struct desk *desk, struct bh_exchange *exchange)
{
	struct bh_verify_report report = {0};
	struct bh_backup_manifest manifest = {.district = KIT_CODE};
	while (bh_exchange_need(exchange) != BH_NEED_NOTHING) {
		if (bh_exchange_need(exchange) == BH_NEED_JOB)
			job_run(desk, exchange);
		else if (bh_exchange_need(exchange) == BH_NEED_BACKUP)
			bh_exchange_backed_up(exchange, 0, "name", &manifest, "");
		else
			bh_exchange_verified(exchange, kit_verify(&desk->kit, &report), &report);
	}
}

int desk_request(struct desk *desk, const struct bh_request *request)
{
	struct bh_exchange *exchange = NULL;
	json_error_t error;
	assert_int_equal(bh_exchange_begin(&desk->host, request, desk->kit.now, &exchange), 0);
	exchange_run(desk, exchange);
	const struct bh_response *response = bh_exchange_response(exchange);
	json_decref(desk->answer);
	desk->answer = NULL;
	desk->photo.len = 0;
	desk->status = response->status;
	if (strcmp(response->content_type, "image/jpeg") == 0) {
		assert_int_equal(
			bh_buf_append(&desk->photo, response->body.data, response->body.len), 0);
		bh_exchange_free(exchange);
		return desk->status;
	}
	assert_string_equal(response->content_type, "application/json");
	desk->answer = json_loadb((const char *)response->body.data, response->body.len,
		JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(desk->answer))
		fail_msg("%s %s: %d, no object: %s", request->method, request->target,
			response->status, error.text);
	if (response->status >= 400 && (!desk_text(desk, "code") || !desk_text(desk, "message") ||
					       !json_object_get(desk->answer, "hint")))
		fail_msg("%s %s: an error without code, message, hint", request->method,
			request->target);
	bh_exchange_free(exchange);
	return desk->status;
}

int desk_ask_as(struct desk *desk, const char *method, const char *target, const char *body,
	const char *acting, const char *key)
{
	struct bh_request request = {.method = method,
		.target = target,
		.idempotency_key = key,
		.acting = acting,
		.body = bh_span(body, body ? strlen(body) : 0),
		.operator_link = true};
	return desk_request(desk, &request);
}

int desk_ask(struct desk *desk, const char *method, const char *target, const char *body)
{
	return desk_ask_as(desk, method, target, body, NULL, NULL);
}

void desk_report(struct desk *desk, struct phone *phone, char number[BH_CASE_TEXT_SIZE])
{
	bh_case_number_format(kit_report(&desk->kit, phone, "井盖破损,请处理"), number);
}

int desk_act(struct desk *desk, const char *number, const char *verb, const char *acting,
	const char *body, const char *key)
{
	char target[120];
	(void)snprintf(target, sizeof(target), "/districts/" KIT_CODE "/cases/%s/%s", number, verb);
	return desk_ask_as(desk, "POST", target, body, acting, key);
}

int desk_look(struct desk *desk, const char *number, const char *what, const char *acting)
{
	char target[120];
	(void)snprintf(target, sizeof(target), "/districts/" KIT_CODE "/cases/%s%s", number, what);
	return desk_ask_as(desk, "GET", target, NULL, acting, NULL);
}

void desk_must(struct desk *desk, const char *number, const char *verb, const char *acting,
	const char *body, const char *state)
{
	if (desk_act(desk, number, verb, acting, body, NULL) != 200)
		fail_msg("%s: %d %s", verb, desk->status, desk_text(desk, "message"));
	if (state)
		assert_string_equal(desk_text(desk, "state"), state);
}

const char *desk_text(const struct desk *desk, const char *member)
{
	return json_string_value(json_object_get(desk->answer, member));
}

json_int_t desk_number(const struct desk *desk, const char *member)
{
	return json_integer_value(json_object_get(desk->answer, member));
}

char *desk_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	long len = ftell(file);
	assert_true(len > 0);
	char *text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	rewind(file);
	assert_int_equal(fread(text, 1, (size_t)len, file), (size_t)len);
	(void)fclose(file);
	return text;
}

bool desk_fault_named(const struct desk *desk, const char *list, const char *field, size_t line)
{
	size_t i;
	json_t *error;
	json_array_foreach(json_object_get(desk->answer, "errors"), i, error)
	{
		const char *at = json_string_value(json_object_get(error, "field"));
		if (strcmp(json_string_value(json_object_get(error, "list")), list) == 0 &&
			(!field || (at && strcmp(at, field) == 0)) &&
			(line == 0 || json_integer_value(json_object_get(error, "line")) ==
					      (json_int_t)line))
			return true;
	}
	return false;
}

json_int_t desk_change(const struct desk *desk, const char *list, const char *what)
{
	return json_integer_value(json_object_get(
		json_object_get(json_object_get(desk->answer, "changes"), list), what));
}
