/*
 * photo fetches what the server has of a case's photos, waits for it, and saves what is here, each
 * under its hash: a name that nobody else's photo has, and that says what must be in it.
 */
#include "tools/handset/photo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_S_DEFAULT 60
#define PATH_BYTES 4096

static const char *const state_texts[] = {"waiting", "sending", "complete", "refused", "unknown",
	"kept", "lost", "away", "fetchable", "fetching", "here", "gone"};

size_t bh_photos_given(const struct bh_words *words, bh_photo_input photos[BH_PHOTOS_MAX])
{
	static const bh_photo_input empty = BH_PHOTO_INPUT_INIT;
	for (size_t i = 0; i < words->files_count; i++) {
		photos[i] = empty;
		photos[i].path = words->files[i];
	}
	return words->files_count;
}

const char *bh_photo_state_text(int32_t state)
{
	size_t count = sizeof(state_texts) / sizeof(state_texts[0]);
	return state >= 0 && (size_t)state < count ? state_texts[state] : "other";
}

static const char *verb_text(int32_t verb)
{
	switch (verb) {
	case 1:
		return "submit";
	case BH_ACT_FINISH:
		return "finish";
	case BH_ACT_SELF_DISPOSE:
		return "self_dispose";
	default:
		return "other";
	}
}

static json_t *photo_json(const bh_photo_view *view)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:I, s:s, s:I, s:I}", "hash", view->hash,
		"state", bh_photo_state_text(view->state), "own", view->own != 0, "thumbnail",
		view->thumbnail != 0, "here", view->here != 0, "size", (json_int_t)view->size,
		"verb", verb_text(view->verb), "cycle", (json_int_t)view->cycle, "bytes_done",
		(json_int_t)view->bytes_done);
}

json_t *bh_photos_json(bh_case_cursor *cursor, const bh_case_view *view)
{
	json_t *photos = json_array();
	for (uint32_t i = 0; i < view->photos_count; i++) {
		bh_photo_view photo = BH_PHOTO_VIEW_INIT;
		if (bh_case_photo(cursor, i, &photo, NULL) == BH_OK)
			(void)json_array_append_new(photos, photo_json(&photo));
	}
	return photos;
}

/* Thumbnails are for screens that can show them. */
void bh_photos_print(bh_case_cursor *cursor, const bh_case_view *view)
{
	for (uint32_t i = 0; i < view->photos_count; i++) {
		bh_photo_view photo = BH_PHOTO_VIEW_INIT;
		if (bh_case_photo(cursor, i, &photo, NULL) != BH_OK || photo.thumbnail)
			continue;
		(void)printf("photo           %.16s  %-6s  %-9s  %u bytes\n", photo.hash,
			verb_text(photo.verb), bh_photo_state_text(photo.state),
			(unsigned)photo.size);
	}
}

/* ---- photo ---- */

/* A cursor on the case; a fault was said when it is not 0. */
static int case_open(const struct bh_handset *handset, uint64_t number, bh_case_cursor **cursor,
	bh_case_view *view)
{
	bh_error err = {0};
	if (bh_case_get(handset->client, number, cursor, view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	return BH_EXIT_DONE;
}

/* Asks for all that the server has. */
static int photos_ask(const struct bh_handset *handset, uint64_t number, bool *waits)
{
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_status asked = BH_OK;
	int status = case_open(handset, number, &cursor, &view);
	for (uint32_t i = 0; !status && asked >= 0 && i < view.photos_count; i++) {
		bh_photo_view photo = BH_PHOTO_VIEW_INIT;
		if (bh_case_photo(cursor, i, &photo, NULL) != BH_OK || photo.here || photo.own ||
			photo.state == BH_PHOTO_AWAY)
			continue;
		asked = bh_photo_fetch(handset->client, photo.hash, &err);
		*waits = true;
	}
	bh_case_cursor_close(cursor);
	return asked < 0 ? bh_handset_fault(handset, &err) : status;
}

static int file_fault(const struct bh_handset *handset, const char *path)
{
	struct bh_fault fault = {.code = "storage", .file = path};
	return bh_say_fault(handset->say, BH_EXIT_STORAGE, &fault, "%s", strerror(errno));
}

static int photo_write(
	const struct bh_handset *handset, const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	if (!file)
		return file_fault(handset, path);
	bool whole = fwrite(data, 1, size, file) == size;
	if (fclose(file) != 0 || !whole)
		return file_fault(handset, path);
	return BH_EXIT_DONE;
}

static void saved_say(
	const struct bh_handset *handset, const bh_photo_view *photo, const char *path)
{
	if (handset->say->json) {
		json_t *object = photo_json(photo);
		(void)json_object_set_new(object, "file", bh_json_text(path));
		bh_say_json(object);
	} else {
		(void)printf("%s\n", path);
	}
}

static int photo_save(
	const struct bh_handset *handset, const bh_photo_view *photo, const char *folder)
{
	bh_error err = {0};
	char path[PATH_BYTES];
	size_t length = 0;
	void *data = malloc(photo->size ? photo->size : 1);
	int len = snprintf(path, sizeof(path), "%s/%s.jpg", folder, photo->hash);
	if (!data || len < 0 || (size_t)len >= sizeof(path)) {
		free(data);
		errno = data ? ENAMETOOLONG : ENOMEM;
		return file_fault(handset, folder);
	}
	bh_status got = bh_photo_read(
		handset->client, photo->hash, data, photo->size, &length, &err);
	int status = got == BH_OK ? photo_write(handset, path, data, length)
				  : bh_handset_fault(handset, &err);
	free(data);
	if (!status)
		saved_say(handset, photo, path);
	return status;
}

/* Saves what is here; *missing counts the rest. */
static int photos_save(const struct bh_handset *handset, uint64_t number, uint64_t *missing)
{
	const char *folder = bh_words_option(handset->words, "out");
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	int status = case_open(handset, number, &cursor, &view);
	for (uint32_t i = 0; !status && i < view.photos_count; i++) {
		bh_photo_view photo = BH_PHOTO_VIEW_INIT;
		if (bh_case_photo(cursor, i, &photo, NULL) != BH_OK)
			continue;
		if (photo.here)
			status = photo_save(handset, &photo, folder ? folder : ".");
		else
			*missing += 1;
	}
	bh_case_cursor_close(cursor);
	return status;
}

static int photo_run(const struct bh_handset *handset)
{
	bh_status_view view = BH_STATUS_VIEW_INIT;
	struct bh_fault fault = {.code = "photo_away", .hint = "show says where each one is"};
	uint64_t number = 0, missing = 0;
	bool waits = false, done = true;
	if (!bh_handset_number(handset, handset->words->arguments[0], &number))
		return BH_EXIT_DATA;
	int status = photos_ask(handset, number, &waits);
	if (!status && waits)
		status = bh_handset_drive(handset, "timeout", WAIT_S_DEFAULT, &done);
	if (!status)
		status = photos_save(handset, number, &missing);
	if (status || missing == 0)
		return status;
	if (bh_client_status(handset->client, &view, NULL) == BH_OK && view.cause != BH_CAUSE_NONE)
		return bh_handset_cause_fault(handset, view.cause);
	return bh_say_fault(handset->say, BH_EXIT_AGAIN, &fault, "%llu of its photos are not here",
		(unsigned long long)missing);
}

int bh_verb_photo(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = photo_run(&handset);
	bh_handset_close(&handset);
	return status;
}
