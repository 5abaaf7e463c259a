/*
 * The store is the handset.  Every status of the library has one exit status, every cause too; the
 * sentence is the library's, the next step is ours.
 */
#include "tools/handset/handset.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/handset/moment.h"

#define WAIT_S_MAX 86400

struct status_row {
	bh_status status;
	enum bh_exit exit;
	const char *hint;
};

static const struct status_row status_rows[] = {
	{BH_E_NOMEM, BH_EXIT_AGAIN, NULL},
	{BH_E_INVALID, BH_EXIT_DATA, NULL},
	{BH_E_REENTRANT, BH_EXIT_BUG, NULL},
	{BH_E_CLOSED, BH_EXIT_BUG, NULL},
	{BH_E_NOT_FOUND, BH_EXIT_REFUSED, "list says what is here"},
	{BH_E_LIMIT, BH_EXIT_DATA, NULL},
	{BH_E_NO_SPACE, BH_EXIT_STORAGE, "nothing was recorded; free some space and repeat it"},
	{BH_E_STORAGE, BH_EXIT_STORAGE, NULL},
	{BH_E_CORRUPT, BH_EXIT_STORAGE, "repeat it: the store is mended when it is opened"},
	{BH_E_AUTH, BH_EXIT_NO_RIGHT, "first: enrol PAYLOAD"},
	{BH_E_BUSY, BH_EXIT_AGAIN, "another program has this store open, perhaps a watch"},
	{BH_E_UPGRADE, BH_EXIT_SETTING, "use the newer program that wrote this store"},
	{BH_E_EXISTS, BH_EXIT_REFUSED, "status says who is enrolled here"},
	{BH_E_STATE, BH_EXIT_REFUSED, "sync first, then show the case"},
	{BH_E_CRYPTO, BH_EXIT_BUG, NULL},
	{BH_E_SEALED, BH_EXIT_NO_RIGHT, "--key FILE: the one it was sealed with"},
};

#define OWN_MARK_AT 68                      /* the application id in the head of an SQLite file */
#define LOG_MARK_AT (32 + 24 + OWN_MARK_AT) /* and in the first page of its log of writes */

static const uint8_t own_mark[] = {'B', 'H', 'H', '1'};

struct cause_row {
	int32_t cause;
	enum bh_exit exit;
};

static const struct cause_row cause_rows[] = {
	{BH_CAUSE_NONE, BH_EXIT_AGAIN},
	{BH_CAUSE_NOT_ENROLLED, BH_EXIT_NO_RIGHT},
	{BH_CAUSE_OFFLINE, BH_EXIT_AWAY},
	{BH_CAUSE_UNREACHABLE, BH_EXIT_AWAY},
	{BH_CAUSE_WRONG_SERVER, BH_EXIT_AWAY},
	{BH_CAUSE_CUT, BH_EXIT_AWAY},
	{BH_CAUSE_SERVER_BUSY, BH_EXIT_AGAIN},
	{BH_CAUSE_SERVER_STORAGE, BH_EXIT_AGAIN},
	{BH_CAUSE_NOT_RECOGNISED, BH_EXIT_NO_RIGHT},
	{BH_CAUSE_REVOKED, BH_EXIT_NO_RIGHT},
	{BH_CAUSE_UPGRADE, BH_EXIT_SETTING},
	{BH_CAUSE_STORE, BH_EXIT_STORAGE},
	{BH_CAUSE_CODE_REFUSED, BH_EXIT_NO_RIGHT},
	{BH_CAUSE_PROTOCOL, BH_EXIT_BUG},
	{BH_CAUSE_REPLACED, BH_EXIT_AGAIN},
	{BH_CAUSE_SUSPENDED, BH_EXIT_AGAIN},
	{BH_CAUSE_WAITING, BH_EXIT_AGAIN},
	{BH_CAUSE_KEY, BH_EXIT_AGAIN},
};

static const char *store_path(const struct bh_words *words)
{
	const char *path = bh_words_option(words, "store");
	return path ? path : getenv("BIHUAN_STORE");
}

static int file_fault(
	const struct bh_words *words, const char *path, const char *what, const char *hint)
{
	struct bh_fault fault = {.code = "file", .file = path, .hint = hint};
	return bh_say_fault(&words->say, BH_EXIT_DATA, &fault, "%s", what);
}

/* At most size bytes, and how many there are: one more than size where it is longer. */
static bool file_read(const char *path, uint8_t *out, size_t size, size_t *len)
{
	uint8_t more;
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	*len = fread(out, 1, size, file);
	*len += *len == size ? fread(&more, 1, 1, file) : 0;
	bool fine = ferror(file) == 0;
	(void)fclose(file);
	return fine;
}

static bool lies_beside(const char *path, const char *end)
{
	char beside[PATH_MAX + 16];
	(void)snprintf(beside, sizeof(beside), "%.*s%s", PATH_MAX, path, end);
	return access(beside, F_OK) == 0;
}

/* In a store that was being made when it was cut, our mark stands in the log of writes alone, whose
 * first page is the file's. */
static bool log_is_ours(const char *path)
{
	char beside[PATH_MAX + 16];
	uint8_t head[LOG_MARK_AT + sizeof(own_mark)];
	size_t len = 0;
	(void)snprintf(beside, sizeof(beside), "%.*s-wal", PATH_MAX, path);
	return file_read(beside, head, sizeof(head), &len) && len >= sizeof(head) &&
	       memcmp(head + LOG_MARK_AT, own_mark, sizeof(own_mark)) == 0;
}

/* A store that is damaged is put aside and salvaged by the library; what never was one is
 * somebody's file, named by mistake.  One of ours has SQLite's mark and our own, or, where its
 * first page is lost, what lies beside it: of a file that SQLite can still read, only what no other
 * program's has. */
static bool is_foreign(const char *path)
{
	static const uint8_t mark[] = "SQLite format 3";
	uint8_t head[OWN_MARK_AT + sizeof(own_mark)] = {0};
	size_t len = 0;
	if (!file_read(path, head, sizeof(head), &len) || len == 0)
		return false;
	bool is_sqlite = memcmp(head, mark, sizeof(mark)) == 0;
	if (is_sqlite && memcmp(head + OWN_MARK_AT, own_mark, sizeof(own_mark)) == 0)
		return false;
	if (lies_beside(path, "-renew") || lies_beside(path, "-photos") ||
		lies_beside(path, "-salvage"))
		return false;
	return is_sqlite ? !log_is_ours(path) : !lies_beside(path, "-wal");
}

bool bh_handset_line(const struct bh_words *words, const char *option, char out[BH_LINE_SIZE])
{
	const char *path = bh_words_option(words, option);
	size_t len = 0;
	out[0] = '\0';
	if (!path)
		return true;
	if (!file_read(path, (uint8_t *)out, BH_LINE_SIZE - 1, &len)) {
		(void)file_fault(words, path, "it cannot be read", NULL);
		return false;
	}
	out[len < BH_LINE_SIZE ? len : BH_LINE_SIZE - 1] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	if (len < BH_LINE_SIZE && out[0])
		return true;
	(void)file_fault(words, path, "it needs one line of at most 64 bytes", NULL);
	return false;
}

bool bh_handset_author(const struct bh_words *words, uint32_t *person)
{
	uint64_t number = 0;
	if (!bh_words_number(words, "author", 1, UINT32_MAX, &number))
		return false;
	*person = (uint32_t)number;
	return true;
}

/* Who records, where --author says so. */
static int author_choose(const struct bh_handset *handset)
{
	bh_error err = {0};
	char pin[BH_LINE_SIZE];
	uint32_t person = 0;
	if (!bh_handset_author(handset->words, &person))
		return BH_EXIT_USAGE;
	if (!bh_handset_line(handset->words, "pin", pin))
		return BH_EXIT_DATA;
	if (person == 0 && pin[0])
		return bh_words_fault(handset->words, "--pin is whose? --author N");
	bh_status status = bh_author_choose(handset->client, person, pin[0] ? pin : NULL, &err);
	explicit_bzero(pin, sizeof(pin));
	return status == BH_OK ? BH_EXIT_DONE
			       : bh_handset_fault_next(handset, &err,
					 "author lists who records here; one without a PIN has "
					 "none set yet");
}

/* Opened, by the key where there is one. */
static int client_open(
	const struct bh_words *words, bh_client_options *options, struct bh_handset *handset)
{
	bh_error err = {0};
	uint8_t key[BH_APP_KEY_SIZE];
	const char *path = bh_words_option(words, "key");
	size_t len = 0;
	if (path && (!file_read(path, key, sizeof(key), &len) || len != sizeof(key)))
		return file_fault(words, path, "a key is a file of 32 random bytes", NULL);
	options->app_key = path ? key : NULL;
	bh_status status = bh_client_open(options, &handset->client, &err);
	explicit_bzero(key, sizeof(key));
	return status == BH_OK ? BH_EXIT_DONE : bh_handset_fault(handset, &err);
}

int bh_handset_open(
	const struct bh_words *words, const struct bh_handset_mode *mode, struct bh_handset *out)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const char *path = store_path(words);
	struct bh_handset handset = {words, &words->say, NULL};
	if (!path || !path[0])
		return bh_words_fault(words, "which handset? --store FILE, or BIHUAN_STORE");
	if (!mode->may_create && access(path, F_OK) != 0 && !lies_beside(path, "-salvage")) {
		struct bh_fault fault = {
			.code = "BH_E_AUTH", .hint = "first: enrol PAYLOAD", .file = path};
		return bh_say_fault(
			&words->say, BH_EXIT_NO_RIGHT, &fault, "there is no handset's store here");
	}
	if (is_foreign(path))
		return file_fault(words, path, "this is no handset's store, and is left as it is",
			"--store names another file; enrol makes one");
	options.store_path = path;
	options.drive = mode->lives ? BH_DRIVE_THREAD : BH_DRIVE_HOST;
	options.sync_once = !mode->lives;
	options.wake = mode->wake;
	options.wake_payload = mode->wake_payload;
	options.app_version = "bihuan-handset";
	int status = client_open(words, &options, &handset);
	if (!status && !mode->chooses_not)
		status = author_choose(&handset);
	if (status)
		bh_handset_close(&handset);
	else
		*out = handset;
	return status;
}

void bh_handset_close(struct bh_handset *handset)
{
	bh_client_close(handset->client);
	handset->client = NULL;
}

static const struct status_row *row_of(bh_status status)
{
	static const struct status_row unknown = {BH_OK, BH_EXIT_BUG, NULL};
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++)
		if (status_rows[i].status == status)
			return &status_rows[i];
	return &unknown;
}

int bh_handset_fault_next(const struct bh_handset *handset, const bh_error *err, const char *hint)
{
	struct bh_fault fault = {.code = bh_status_name(err->status), .hint = hint};
	return bh_say_fault(handset->say, row_of(err->status)->exit, &fault, "%s", err->message);
}

int bh_handset_fault(const struct bh_handset *handset, const bh_error *err)
{
	return bh_handset_fault_next(handset, err, row_of(err->status)->hint);
}

enum bh_exit bh_cause_exit(int32_t cause)
{
	for (size_t i = 0; i < sizeof(cause_rows) / sizeof(cause_rows[0]); i++)
		if (cause_rows[i].cause == cause)
			return cause_rows[i].exit;
	return BH_EXIT_AGAIN;
}

int bh_handset_cause_fault(const struct bh_handset *handset, int32_t cause)
{
	return bh_handset_cause_fault_next(handset, cause, NULL);
}

int bh_handset_cause_fault_next(const struct bh_handset *handset, int32_t cause, const char *hint)
{
	const char *language = handset->say->chinese ? "zh" : "en";
	bool failed = cause != BH_CAUSE_NONE && cause != BH_CAUSE_WAITING;
	struct bh_fault fault = {
		.code = failed ? bh_cause_name(cause) : "not_in_time", .hint = hint};
	return bh_say_fault(handset->say, bh_cause_exit(cause), &fault, "%s",
		failed ? bh_cause_sentence(cause, language)
		       : "not done in the time given; what was recorded is kept");
}

bool bh_handset_number(const struct bh_handset *handset, const char *text, uint64_t *out)
{
	struct bh_fault fault = {.code = "case_number", .hint = "list says what is here"};
	if (bh_number_parse(text, out) == BH_OK)
		return true;
	(void)bh_say_fault(handset->say, BH_EXIT_DATA, &fault,
		"'%s' is no case number: it looks like 17-42-K, and its last character checks it",
		text);
	return false;
}

int bh_handset_drive(
	const struct bh_handset *handset, const char *option, uint64_t wait_s, bool *done)
{
	bh_error err = {0};
	if (!bh_words_number(handset->words, option, 0, WAIT_S_MAX, &wait_s))
		return BH_EXIT_USAGE;
	bh_time_ms deadline = bh_moment_now_ms() + (bh_time_ms)wait_s * 1000;
	bh_status status = bh_client_run_until(handset->client, deadline, &err);
	if (status < 0)
		return bh_handset_fault(handset, &err);
	*done = status == BH_DONE;
	return BH_EXIT_DONE;
}

uint32_t bh_datum_parse(const char *name)
{
	if (name && strcmp(name, "gcj02") == 0)
		return BH_PLACE_GCJ02;
	return name && strcmp(name, "bd09") == 0 ? BH_PLACE_BD09 : BH_PLACE_WGS84;
}
