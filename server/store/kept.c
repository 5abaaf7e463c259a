/* The kept file as text: read whole at opening, then only appended to, one write and one sync for
 * all that a group of commits did.  Behind its lines lies a reserve of zeroes, which is seen to
 * before a commit (kept_file.c), so that a full disk refuses what it cannot keep.
 *
 *   ... a line that holds │ the last append, which a power cut tore: nobody was answered about it
 *                         │  └─▶ written over by the next
 *   ... a line that does not hold, and a later append behind it, or nothing torn about it
 *       └─▶ refused: what must not roll back is not guessed at
 *
 * A tear is an end without a newline before the reserve, zeroes where a sector never came (many in
 * a row, or some at a sector's edge), or several bytes that no line has: what a sector that was
 * being written when the power went may hold. */
#include "server/store/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/kept_file.h"

#define NOTED_BYTES_MAX (64u << 20)
#define CHECK_BYTES 8u
#define CHECK_TEXT (2u * CHECK_BYTES)
#define TORN_ZEROES 16u /* in a row: no single damaged byte looks like it */
#define TORN_FOREIGN 4u /* that no line has: nor are they one damaged byte */
#define SECTOR_BYTES 512u
#define LINE_FRAME_MAX 64u /* about a line's words, and the first line */
#define HEAD_FORMAT "bihuan-kept 1 %s\n"

int bh_kept_open(struct bh_kept *kept, const char *path, const char *vfs, const char *code,
	struct bh_hasher *hasher)
{
	*kept = (struct bh_kept){.hasher = hasher, .bytes_max = BH_KEPT_BYTES_MAX};
	if (!path)
		return BH_NOERR;
	size_t len = strlen(path);
	if (len + 2 > sizeof(kept->path)) /* SQLite wants room for a second NUL behind a name */
		return BH_ERR_LIMIT;
	memcpy(kept->path, path, len);
	(void)snprintf(kept->code, sizeof(kept->code), "%s", code);
	kept->noted = BH_BUF(NOTED_BYTES_MAX);
	kept->arena = BH_ARENA(1u << 20);
	kept->vfs = sqlite3_vfs_find(vfs);
	kept->on_system = vfs == NULL;
	return kept->vfs ? BH_NOERR : BH_ERR_INVALID;
}

void bh_kept_close(struct bh_kept *kept)
{
	bh_buf_free(&kept->noted);
	bh_arena_free(&kept->arena);
	*kept = (struct bh_kept){0};
}

static void check_text(const struct bh_kept *kept, struct bh_span text, char out[CHECK_TEXT + 1])
{
	uint8_t hash[BH_HASH_BYTES], len[4] = {0, 0, 0, (uint8_t)strlen(kept->code)};
	const struct bh_span parts[] = {bh_span("bh-kept-1", 9), bh_span(len, sizeof(len)),
		bh_span(kept->code, strlen(kept->code)), text};

	bh_hash_parts(kept->hasher, parts, 4, hash);
	bh_hex_format(bh_span(hash, CHECK_BYTES), out);
}

/* ---- Reading ---- */

struct text_line {
	uint64_t number, first; /* as it says */
	struct bh_span words;
};

static bool digits_read(struct bh_span text, size_t *at, uint64_t *out)
{
	size_t from = *at;

	*out = 0;
	for (; *at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9'; ++*at)
		*out = *out * 10 + (uint64_t)(text.data[*at] - '0');
	if (*at == from || *at - from > 9 || *at >= text.len || text.data[*at] != ' ')
		return false;
	++*at;
	return true;
}

/* Whether it holds by itself. */
static bool line_holds(const struct bh_kept *kept, struct bh_span text, struct text_line *out)
{
	char check[CHECK_TEXT + 1];
	size_t at = 0;

	if (text.len < CHECK_TEXT + 2 || text.data[text.len - CHECK_TEXT - 1] != ' ')
		return false;
	struct bh_span said = bh_span(text.data + text.len - CHECK_TEXT, CHECK_TEXT);
	text.len -= CHECK_TEXT + 1;
	check_text(kept, text, check);
	if (!bh_span_equal(said, bh_span(check, CHECK_TEXT)))
		return false;
	if (!digits_read(text, &at, &out->number) || !digits_read(text, &at, &out->first))
		return false;
	out->words = bh_span(text.data + at, text.len - at);
	return true;
}

/* Up to the newline at *at, which moves past it; false: there is none. */
static bool line_take(struct bh_span file, size_t *at, struct bh_span *out)
{
	const uint8_t *from = file.data + *at, *end = NULL;

	if (*at < file.len)
		end = memchr(from, '\n', file.len - *at);
	if (!end)
		return false;
	*out = bh_span(from, (size_t)(end - from));
	*at += out->len + 1;
	return true;
}

/* Of the bytes that lines and their ends are made of. */
static bool is_text(uint8_t byte)
{
	return byte == '\n' || (byte >= ' ' && byte <= '~');
}

/* What lies from a line that does not hold on: was it torn off in the append that it belongs to? */
static bool is_torn(const struct bh_kept *kept, struct bh_span file, size_t at, uint64_t number)
{
	struct bh_span text;
	struct text_line line;
	size_t zeroes = 0, foreign = 0;
	bool torn = file.data[file.len - 1] != '\n';

	for (size_t i = at; i < file.len; i++) {
		bool at_edge = i % SECTOR_BYTES == 0 || i % SECTOR_BYTES == SECTOR_BYTES - 1;
		zeroes = file.data[i] == 0 ? zeroes + 1 : 0;
		torn |= zeroes >= TORN_ZEROES || (zeroes > 0 && at_edge);
		foreign += !is_text(file.data[i]);
	}
	if (!torn && foreign < TORN_FOREIGN)
		return false;
	while (line_take(file, &at, &text))
		if (line_holds(kept, text, &line) && line.first > number)
			return false;
	return true;
}

static int fault_say(struct bh_kept_fault *fault, uint64_t line, const char *what)
{
	*fault = (struct bh_kept_fault){(uint32_t)line, what};
	return BH_ERR_CORRUPT;
}

/* The first line names the file; one that was torn leaves a file of nothing. */
static int head_read(
	struct bh_kept *kept, struct bh_span file, size_t *at, struct bh_kept_fault *fault)
{
	char head[64];
	struct bh_span text;
	int n = snprintf(head, sizeof(head), HEAD_FORMAT, kept->code);

	if (file.len == 0)
		return BH_NOERR;
	if (!line_take(file, at, &text) || !bh_span_equal(text, bh_span(head, (size_t)n - 1))) {
		*at = 0;
		if (is_torn(kept, file, 0, 2))
			return BH_NOERR;
		return fault_say(fault, 1, "it is not this district's kept file");
	}
	kept->lines = 1;
	kept->bytes = (uint64_t)*at;
	return BH_NOERR;
}

/* Finds how far it holds, and what room lies behind: none where something torn does. */
static int file_judge(struct bh_kept *kept, struct bh_span file, struct bh_kept_fault *fault)
{
	size_t at = 0, whole = file.len;
	struct bh_span text = {NULL, 0};
	struct text_line line;
	struct bh_kept_line parsed;

	kept->lines = 0;
	kept->bytes = 0;
	kept->last = 0;
	kept->room = 0;
	while (file.len > 0 && file.data[file.len - 1] == 0)
		file.len--;
	int err = head_read(kept, file, &at, fault);
	while (!err && kept->lines > 0 && at < file.len) {
		size_t from = at;
		uint64_t number = (uint64_t)kept->lines + 1;
		if (!line_take(file, &at, &text) || !line_holds(kept, text, &line)) {
			if (is_torn(kept, file, from, number))
				break;
			return fault_say(fault, number, "a line was damaged");
		}
		if (line.number != number)
			return fault_say(fault, number, "a line is missing");
		if (bh_kept_parse(line.words, &parsed))
			return fault_say(fault, number, "a line of a kind that is not known");
		if (line.first == number && number > 2)
			kept->last = (uint64_t)from;
		kept->lines++;
		kept->bytes = (uint64_t)at;
	}
	if (!err && kept->bytes == file.len)
		kept->room = (uint64_t)whole;
	return err;
}

static void numbers_note(struct bh_kept *kept, const struct bh_kept_line *line)
{
	bool numbers = line->kind == BH_KEPT_DEVICE || line->kind == BH_KEPT_FLOOR;

	if (line->kind == BH_KEPT_EPOCH && line->epoch > kept->epoch)
		kept->epoch = line->epoch;
	if (numbers && line->device > kept->device_last)
		kept->device_last = line->device;
	if ((numbers || line->kind == BH_KEPT_LOG) && line->log_short > kept->log_last)
		kept->log_last = line->log_short;
}

int bh_kept_read(struct bh_kept *kept, int (*each)(void *context, const struct bh_kept_line *line),
	void *context, struct bh_kept_fault *fault)
{
	uint8_t *bytes = NULL;
	size_t len = 0, at = 0;
	int err = bh_kept_file_read(kept, &bytes, &len);

	if (err == BH_ERR_LIMIT)
		return fault_say(fault, 0, "it is larger than such a file can be");
	if (!err)
		err = file_judge(kept, bh_span(bytes, len), fault);
	for (uint32_t i = 0; !err && i < kept->lines; i++) {
		struct bh_span text = {NULL, 0};
		struct text_line line;
		struct bh_kept_line parsed;
		(void)line_take(bh_span(bytes, len), &at, &text);
		if (i == 0)
			continue;
		bool holds = line_holds(kept, text, &line);
		bh_assert(holds && bh_kept_parse(line.words, &parsed) == BH_NOERR);
		numbers_note(kept, &parsed);
		err = each(context, &parsed);
	}
	free(bytes);
	return err;
}

/* ---- Writing ---- */

int bh_kept_note(struct bh_kept *kept, const struct bh_kept_line *line)
{
	numbers_note(kept, line);
	return bh_kept_format(line, &kept->noted);
}

/* Numbers stay taken: the next ones are only greater. */
void bh_kept_forget(struct bh_kept *kept)
{
	kept->noted.len = 0;
}

static int line_write(struct bh_kept *kept, uint32_t number, uint32_t first, struct bh_span words,
	struct bh_buf *out)
{
	char begin[32], check[CHECK_TEXT + 3] = " ";
	int n = snprintf(begin, sizeof(begin), "%" PRIu32 " %" PRIu32 " ", number, first);
	size_t from = out->len;
	int err = bh_buf_append(out, begin, (size_t)n);

	if (!err)
		err = bh_buf_append(out, words.data, words.len);
	if (err)
		return err;
	check_text(kept, bh_span(out->data + from, out->len - from), check + 1);
	check[CHECK_TEXT + 1] = '\n';
	return bh_buf_append(out, check, CHECK_TEXT + 2);
}

/* *lines: how many the file has then. */
static int append_make(struct bh_kept *kept, struct bh_buf *out, uint32_t *lines)
{
	char head[64];
	struct bh_span words;
	size_t at = 0;
	int err = BH_NOERR;
	uint32_t number = kept->lines, first = number ? number + 1 : 2;

	if (number == 0) {
		int n = snprintf(head, sizeof(head), HEAD_FORMAT, kept->code);
		err = bh_buf_append(out, head, (size_t)n);
		number = 1;
	}
	while (!err && line_take(bh_buf_span(&kept->noted), &at, &words))
		err = line_write(kept, ++number, first, words, out);
	*lines = number;
	return err;
}

int bh_kept_reserve(struct bh_kept *kept)
{
	struct bh_span words;
	size_t at = 0, lines = 1;

	if (!kept->vfs || kept->noted.len == 0)
		return BH_NOERR;
	while (line_take(bh_buf_span(&kept->noted), &at, &words))
		lines++;
	uint64_t need = kept->noted.len + lines * LINE_FRAME_MAX;
	if (kept->bytes + need > kept->bytes_max)
		return BH_ERR_LIMIT;
	return bh_kept_file_room(kept, need);
}

int bh_kept_settle(struct bh_kept *kept)
{
	return kept->vfs && kept->bytes > 0 ? bh_kept_file_rewrite(kept, kept->last) : BH_NOERR;
}

int bh_kept_flush(struct bh_kept *kept)
{
	struct bh_buf out = BH_BUF(2 * NOTED_BYTES_MAX);
	uint32_t lines = 0;

	if (!kept->vfs || (kept->noted.len == 0 && kept->lines > 0))
		return BH_NOERR;
	int err = append_make(kept, &out, &lines);
	if (!err)
		err = bh_kept_file_room(kept, out.len);
	if (!err)
		err = bh_kept_file_append(kept, bh_buf_span(&out));
	if (!err) {
		kept->lines = lines;
		kept->noted.len = 0;
	}
	bh_buf_free(&out);
	return err;
}
