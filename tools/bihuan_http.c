/* One request over the server's local socket, by libcurl; one JSON answer.  Where the connection
 * broke before the answer to a POST was whole, nobody knows whether it was done: it is sent again,
 * with the same key, so that it is done once.  What goes wrong is told in words and by exit status:
 * no socket, no answer, a refusal, storage, or an answer that is none. */
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/bytes.h"
#include "proto/clock.h"
#include "proto/err.h"
#include "proto/number.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define ANSWER_BYTES_MAX (80u * 1024u * 1024u)
#define CONNECT_S 5L
#define REPEATS_MAX 50
#define REPEAT_PAUSE_MS 100

struct asked {
	const char *method;
	const char *path;
	const char *text;
	size_t len;
	const char *file;
	struct bh_buf *bytes; /* where an answer goes that is no JSON */
	FILE *to;             /* or a file, piece by piece */
	bool as_operator;     /* whoever is acted as: only which district it is, is asked */
};

const char *bh_tool_chosen(const struct bh_cli_call *call, const char *option, const char *variable)
{
	const char *value = bh_cli_value(call, option);
	if (!value)
		value = getenv(variable);
	return value && *value ? value : NULL;
}

struct taken {
	CURL *curl;
	struct bh_buf *answer;
	FILE *to;
};

/* What is refused is JSON, also where a file was asked for. */
static size_t answer_take(char *data, size_t size, size_t count, void *context)
{
	const struct taken *taken = context;
	long status = 0;
	if (taken->to)
		(void)curl_easy_getinfo(taken->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		return size * fwrite(data, size, count, taken->to);
	return bh_buf_append(taken->answer, data, size * count) == BH_NOERR ? size * count : 0;
}

/* ---- Headers ---- */

static struct curl_slist *header_add(
	struct curl_slist *headers, const char *name, const char *value)
{
	char line[400];
	(void)snprintf(line, sizeof(line), "%s: %.300s", name, value);
	return curl_slist_append(headers, line);
}

/* A key of our own makes a repeat by the network's doing harmless; --key makes a repeat by ours.
 * NULL without randomness. */
static const char *key_of(const struct bh_cli_call *call)
{
	struct bh_tool *tool = call->context;
	const char *given = bh_cli_value(call, "key");
	uint8_t random[(sizeof(tool->key) - 1) / 2];
	struct bh_rng rng = bh_rng_system();
	if (given)
		return given;
	if (!tool->key[0] && rng.fill(rng.context, random, sizeof(random)) == BH_NOERR)
		bh_hex_format(bh_span(random, sizeof(random)), tool->key);
	return tool->key[0] ? tool->key : NULL;
}

bool bh_tool_key_of_many(struct bh_cli_call *call, int *exit)
{
	if (!bh_cli_value(call, "key"))
		return false;
	*exit = bh_cli_fail(call, BH_CLI_USAGE, "usage",
		"--key is one request's, and this makes one for each",
		"without it a second run does what the first left");
	return true;
}

static struct curl_slist *headers_make(const struct bh_cli_call *call, const struct asked *asked)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	const char *as = bh_tool_chosen(call, "as", "BIHUAN_AS");
	const char *key = key_of(call);
	if (as && !asked->as_operator)
		headers = header_add(headers, "Bihuan-As", as);
	if (strcmp(asked->method, "POST") != 0)
		return headers;
	if (key)
		headers = header_add(headers, "Idempotency-Key", key);
	return header_add(headers, "Content-Type", "application/json");
}

/* ---- Refusals ---- */

static bool is_one_of(const char *code, const char *a, const char *b, const char *c)
{
	return strcmp(code, a) == 0 || strcmp(code, b) == 0 || strcmp(code, c) == 0;
}

/* What was named and is not there is wrong data; a case that is not there, or not now, the rules
 * have refused. */
static int exit_of(long status, const char *code)
{
	if (strncmp(code, "storage", 7) == 0 || strcmp(code, "corrupt") == 0)
		return BH_CLI_STORAGE;
	switch (status) {
	case 400:
	case 413:
		return BH_CLI_DATA;
	case 403:
		return strcmp(code, "acting") == 0 ? BH_CLI_DATA : BH_CLI_NO_RIGHT;
	case 404:
		return is_one_of(code, "person", "device", "district") ? BH_CLI_DATA
								       : BH_CLI_REFUSED;
	case 409:
		return BH_CLI_REFUSED;
	case 422:
		if (strcmp(code, "configuration") == 0)
			return BH_CLI_CONFIG;
		return is_one_of(code, "profile", "code", "field") ? BH_CLI_DATA : BH_CLI_REFUSED;
	case 503:
		return BH_CLI_AGAIN;
	default:
		return BH_CLI_BUG;
	}
}

/* "profile.json:17: people[3] G004 unit: ..." */
static void fault_print(const json_t *fault, const char *file)
{
	const char *list = json_string_value(json_object_get(fault, "list"));
	const json_t *code = json_object_get(fault, "code");
	const json_t *field = json_object_get(fault, "field");
	json_int_t line = json_integer_value(json_object_get(fault, "line"));
	fprintf(stderr, "%s:", file);
	if (line)
		fprintf(stderr, "%lld:", (long long)line);
	if (list && *list)
		fprintf(stderr, " %s[%lld]", list,
			(long long)json_integer_value(json_object_get(fault, "index")));
	fprintf(stderr, "%s", json_string_length(code) > 0 ? " " : "");
	bh_cli_cell_put(stderr, code);
	fprintf(stderr, "%s", json_is_string(field) ? " " : "");
	bh_cli_cell_put(stderr, field);
	fprintf(stderr, ": ");
	bh_cli_cell_put(stderr, json_object_get(fault, "message"));
	fprintf(stderr, "\n");
}

/* The option, or the other verb, that what was refused lacks; NULL: the server's own hint does. */
static const char *guard_hint(const struct bh_cli_call *call, const json_t *answer)
{
	const char *detail = json_string_value(json_object_get(answer, "detail"));
	bool dispatches = strcmp(call->verb->name, "dispatch") == 0;
	if (dispatches && !detail && !bh_cli_value(call, "type"))
		return "--type=N says what it is; a case is dispatched by its type";
	if (detail && strstr(detail, "name the condition"))
		return "--condition=N, or --condition=none-of-them where none fits; `bihuan "
		       "catalogue "
		       "show TYPE` lists them";
	if (detail && strstr(detail, "lies in no grid"))
		return "--grid=CODE, or --grid=outside where it lies in none";
	if (detail && strstr(detail, "to be checked first"))
		return "`bihuan check NUMBER` sends somebody to look";
	return NULL;
}

static int refused(struct bh_cli_call *call, const struct asked *asked, long status, json_t *answer)
{
	const char *code = json_string_value(json_object_get(answer, "code"));
	const json_t *errors = json_object_get(answer, "errors");
	const json_t *line = json_object_get(answer, "line");
	struct bh_tool *tool = call->context;
	if (!code)
		return bh_cli_fail(call, BH_CLI_BUG, "answer",
			"the server's answer is not understood",
			"are server and terminal of the same version?");
	if (tool->reword)
		tool->reword(call, answer);
	for (size_t i = 0; !call->json && asked->file && i < json_array_size(errors); i++)
		fault_print(json_array_get(errors, i), asked->file);
	const json_t *faults = json_object_get(answer, "faults");
	for (size_t i = 0; !call->json && i < json_array_size(faults); i++)
		fprintf(stderr, "%s\n", json_string_value(json_array_get(faults, i)));
	if (!call->json && asked->file && line)
		fprintf(stderr, "%s:%lld:\n", asked->file, (long long)json_integer_value(line));
	if (asked->file)
		(void)json_object_set_new(answer, "file", json_string(asked->file));
	const char *hint = strcmp(code, "guard") == 0 ? guard_hint(call, answer) : NULL;
	if (hint)
		(void)json_object_set_new(answer, "hint", json_string(hint));
	return bh_cli_fail_json(call, exit_of(status, code), answer);
}

/* errno of the connection that was not made: who may not speak to a server is not told that none is
 * there. */
static int away(struct bh_cli_call *call, const char *socket, CURL *curl, CURLcode result)
{
	char message[300];
	long fault = 0;
	(void)curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &fault);
	if (result == CURLE_COULDNT_CONNECT && (fault == EACCES || fault == EPERM)) {
		(void)snprintf(message, sizeof(message), "no right to the socket %.150s: %s",
			socket, strerror((int)fault));
		return bh_cli_fail(call, BH_CLI_NO_RIGHT, "socket", message,
			"root may (sudo), and who is in the socket's group (usermod --append "
			"--groups)");
	}
	(void)snprintf(message, sizeof(message), "the server does not answer at %.150s: %s", socket,
		curl_easy_strerror(result));
	return bh_cli_fail(call, BH_CLI_AWAY, "away", message,
		"is bihuand running?  --socket or BIHUAN_SOCKET names its administration socket");
}

/* It may have been done; who asks again with the key learns what came of it. */
static int answer_lost(struct bh_cli_call *call)
{
	char hint[300];
	(void)snprintf(hint, sizeof(hint),
		"it may have been done; the same command with --key=%.200s is done once in all",
		key_of(call));
	return bh_cli_fail(
		call, BH_CLI_AWAY, "lost", "the connection broke before the answer came", hint);
}

static bool verb_takes_key(const struct bh_cli_call *call)
{
	const struct bh_cli_option *option = call->verb->options;
	while (option && option->name && strcmp(option->name, "key") != 0)
		option++;
	return option && option->name;
}

/* ---- The request ---- */

static CURLcode perform(
	CURL *curl, const struct asked *asked, const char *socket, struct bh_buf *answer)
{
	char url[BH_TOOL_PATH_MAX + 32];
	struct taken taken = {curl, answer, asked->to};
	if (asked->to && (fseek(asked->to, 0, SEEK_SET) != 0 || ftruncate(fileno(asked->to), 0)))
		return CURLE_WRITE_ERROR;
	(void)snprintf(url, sizeof(url), "http://localhost%s", asked->path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	(void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_take);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taken);
	if (strcmp(asked->method, "POST") == 0) {
		(void)curl_easy_setopt(curl, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)asked->len);
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, asked->len ? asked->text : "");
	}
	return curl_easy_perform(curl);
}

static bool is_lost(CURLcode result)
{
	return result == CURLE_GOT_NOTHING || result == CURLE_RECV_ERROR ||
	       result == CURLE_SEND_ERROR || result == CURLE_PARTIAL_FILE;
}

/* A server that was killed needs a moment to come back.  *lost: a request went out, and what came
 * of it was never told. */
static CURLcode perform_repeating(const struct bh_cli_call *call, CURL *curl,
	const struct asked *asked, const char *socket, struct bh_buf *answer, bool *lost)
{
	CURLcode result = perform(curl, asked, socket, answer);
	*lost = is_lost(result) && strcmp(asked->method, "POST") == 0 && key_of(call) &&
		verb_takes_key(call);
	if (*lost)
		bh_cli_note(call, "%s",
			call->zh ? "连接中断,以同一幂等键重试"
				 : "the connection broke; asking again with the same key");
	for (int i = 0; *lost && result != CURLE_OK && i < REPEATS_MAX; i++) {
		(void)poll(NULL, 0, REPEAT_PAUSE_MS);
		answer->len = 0;
		result = perform(curl, asked, socket, answer);
		if (!is_lost(result) && result != CURLE_COULDNT_CONNECT)
			break;
	}
	return result;
}

static int answer_judge(struct bh_cli_call *call, const struct asked *asked, long status,
	struct bh_buf *answer, json_t **out)
{
	if (status == 200 && asked->to)
		return BH_CLI_DONE;
	if (status >= 200 && status < 300 && asked->bytes) {
		*asked->bytes = *answer;
		*answer = BH_BUF(0);
		return BH_CLI_DONE;
	}
	json_t *json = json_loadb(
		(const char *)answer->data, answer->len, JSON_REJECT_DUPLICATES, NULL);
	if (status >= 200 && status < 300 && json) {
		*out = json;
		return BH_CLI_DONE;
	}
	struct bh_tool *tool = call->context;
	json_decref(tool->refusal);
	tool->refusal = json;
	return refused(call, asked, status, json);
}

static int ask(struct bh_cli_call *call, const struct asked *asked, json_t **out)
{
	const char *socket = bh_tool_chosen(call, "socket", "BIHUAN_SOCKET");
	struct bh_buf answer = BH_BUF(ANSWER_BYTES_MAX);
	CURL *curl = curl_easy_init();
	long status = 0;
	bool lost = false;
	if (!curl)
		return bh_cli_fail(call, BH_CLI_AGAIN, "no-memory", "out of memory", NULL);
	socket = socket ? socket : BH_TOOL_SOCKET;
	struct curl_slist *headers = headers_make(call, asked);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	CURLcode result = perform_repeating(call, curl, asked, socket, &answer, &lost);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	int exit = result == CURLE_OK ? answer_judge(call, asked, status, &answer, out)
		   : lost             ? answer_lost(call)
				      : away(call, socket, curl, result);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	bh_buf_free(&answer);
	return exit;
}

int bh_tool_get(struct bh_cli_call *call, const char *path, json_t **out)
{
	return ask(call, &(struct asked){.method = "GET", .path = path}, out);
}

int bh_tool_get_bytes(struct bh_cli_call *call, const char *path, struct bh_buf *out)
{
	return ask(call, &(struct asked){.method = "GET", .path = path, .bytes = out}, NULL);
}

int bh_tool_post(struct bh_cli_call *call, const char *path, const json_t *body, json_t **out)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct asked asked = {"POST", path, text, text ? strlen(text) : 0, NULL, NULL, NULL, false};
	int exit = ask(call, &asked, out);
	free(text);
	return exit;
}

int bh_tool_post_text(struct bh_cli_call *call, const char *path, const char *text, size_t len,
	const char *file, json_t **out)
{
	struct asked asked = {"POST", path, text, len, file, NULL, NULL, false};
	return ask(call, &asked, out);
}

int bh_tool_get_as_operator(struct bh_cli_call *call, const char *path, json_t **out)
{
	return ask(call, &(struct asked){.method = "GET", .path = path, .as_operator = true}, out);
}

int bh_tool_fetch(struct bh_cli_call *call, const char *path, const json_t *body, FILE *to)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	const struct asked asked = {.method = body ? "POST" : "GET",
		.path = path,
		.text = text,
		.len = text ? strlen(text) : 0,
		.to = to};
	int exit = ask(call, &asked, NULL);
	free(text);
	return exit;
}
