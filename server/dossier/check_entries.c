/* entries.txt and seal.txt, as somebody may have written them to deceive.
 *
 *   position  previous hash  hash  canonical  salt  content
 *                  └── SHA-256 ──┘              └─ commitment in canonical ─┘ */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/dossier/archive.h"

#define FIELDS 6
#define DIGITS_MAX 19
#define LINE_BYTES_MAX (4u << 20)

static int wrong(struct bh_entries_check *check, const char *what)
{
	check->what = what;
	return BH_ERR_CORRUPT;
}

/* ---- Words ---- */

static int digit_of(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* "-" is nothing. */
static int hex_read(struct bh_entries_check *check, struct bh_span word, struct bh_span *out)
{
	*out = bh_span(NULL, 0);
	if (word.len == 1 && word.data[0] == '-')
		return BH_NOERR;
	if (word.len == 0 || word.len % 2 != 0)
		return wrong(check, "a field is not in hex");
	uint8_t *bytes = bh_arena_array(&check->arena, word.len / 2, 1);
	if (!bytes)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < word.len / 2; i++) {
		int high = digit_of(word.data[2 * i]), low = digit_of(word.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return wrong(check, "a field is not in hex");
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = bh_span(bytes, word.len / 2);
	return BH_NOERR;
}

static bool number_read(struct bh_span word, uint64_t *out)
{
	uint64_t value = 0;

	if (word.len == 0 || word.len > DIGITS_MAX || (word.len > 1 && word.data[0] == '0'))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] < '0' || word.data[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(word.data[i] - '0');
	}
	*out = value;
	return true;
}

/* The next one up to a byte, which is taken with it; false: there is none. */
static bool piece_take(struct bh_span *from, uint8_t end, struct bh_span *out)
{
	const uint8_t *at = from->len ? memchr(from->data, end, from->len) : NULL;

	if (!at)
		return false;
	*out = bh_span(from->data, (size_t)(at - from->data));
	*from = bh_span(at + 1, from->len - out->len - 1);
	return true;
}

static bool fields_split(struct bh_span line, struct bh_span words[FIELDS])
{
	for (int i = 0; i + 1 < FIELDS; i++)
		if (!piece_take(&line, ' ', &words[i]))
			return false;
	words[FIELDS - 1] = line;
	return line.len > 0 && !memchr(line.data, ' ', line.len);
}

/* ---- An entry ---- */

static int hash_holds(struct bh_entries_check *check, struct bh_span prev, struct bh_span canonical,
	struct bh_span hash)
{
	const struct bh_span parts[] = {prev, canonical};
	uint8_t found[BH_HASH_BYTES];

	if (prev.len != BH_HASH_BYTES || hash.len != BH_HASH_BYTES)
		return wrong(check, "a hash has another length");
	bh_hash_parts(check->hasher, parts, 2, found);
	return memcmp(found, hash.data, BH_HASH_BYTES) == 0
		       ? BH_NOERR
		       : wrong(check, "an entry's hash is not that of its bytes");
}

static int follows(
	struct bh_entries_check *check, const struct bh_entry *entry, struct bh_span prev)
{
	const struct bh_checked_entry *last = check->count ? &check->items[check->count - 1] : NULL;

	if (!last)
		return BH_NOERR;
	if (entry->position <= last->position)
		return wrong(check, "entries are not in order");
	if (entry->case_number != last->case_number)
		return wrong(check, "an entry is of another case");
	if (entry->position == last->position + 1 &&
		memcmp(prev.data, last->hash, BH_HASH_BYTES) != 0)
		return wrong(check, "an entry does not follow the one before it");
	return BH_NOERR;
}

static int commitment_holds(struct bh_entries_check *check, const struct bh_entry *entry,
	struct bh_span salt, struct bh_span content)
{
	uint8_t found[BH_HASH_BYTES];

	if (salt.len == 0 && content.len == 0)
		return BH_NOERR; /* none, or erased */
	if (salt.len != BH_SALT_BYTES || content.len == 0)
		return wrong(check, "a text is without its salt");
	bh_op_commitment(check->hasher, salt.data, content, found);
	if (memcmp(found, entry->commitment, BH_HASH_BYTES) != 0)
		return wrong(check, "a text is not what was committed to");
	check->contents++;
	return BH_NOERR;
}

static int line_check(struct bh_entries_check *check, struct bh_span line)
{
	struct bh_span words[FIELDS], bytes[FIELDS];
	struct bh_entry entry;
	uint64_t position;
	int err = BH_NOERR;

	if (line.len > LINE_BYTES_MAX || !fields_split(line, words) ||
		!number_read(words[0], &position))
		return wrong(check, "a line is not six fields");
	for (int i = 1; !err && i < FIELDS; i++)
		err = hex_read(check, words[i], &bytes[i]);
	if (!err)
		err = hash_holds(check, bytes[1], bytes[3], bytes[2]);
	if (err)
		return err;
	if (bh_entry_parse(bytes[3], &entry) != BH_NOERR || entry.position != position)
		return wrong(check, "a line's bytes are no entry of its position");
	err = follows(check, &entry, bytes[1]);
	if (!err)
		err = commitment_holds(check, &entry, bytes[4], bytes[5]);
	if (err)
		return err;
	struct bh_checked_entry *item = &check->items[check->count++];
	*item = (struct bh_checked_entry){.position = position,
		.verb = entry.verb,
		.case_number = entry.case_number,
		.log_short = entry.log_short,
		.header = entry.header,
		.content = bytes[5]};
	memcpy(item->hash, bytes[2].data, BH_HASH_BYTES);
	return BH_NOERR;
}

static size_t lines_count(struct bh_span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n';
	return count;
}

int bh_entries_check(struct bh_entries_check *check, struct bh_span text)
{
	struct bh_span line;
	size_t lines = lines_count(text);
	int err = BH_NOERR;

	if (lines > BH_DOSSIER_ENTRIES_MAX)
		return wrong(check, "more entries than a dossier holds");
	check->items = bh_arena_array(&check->arena, lines + 1, sizeof(*check->items));
	if (!check->items)
		return BH_ERR_NOMEM;
	while (!err && piece_take(&text, '\n', &line)) {
		check->line++;
		err = line_check(check, line);
	}
	if (!err && text.len > 0)
		return wrong(check, "the last line does not end");
	return err;
}

/* ---- The seal ---- */

struct said {
	struct bh_span district, number, number_text, entries, seal, by, upto, count;
};

static int said_read(struct bh_span text, struct said *said)
{
	const struct {
		const char *name;
		struct bh_span *out;
	} names[] = {{"district", &said->district}, {"case", &said->number_text},
		{"number", &said->number}, {"entries", &said->entries}, {"seal", &said->seal},
		{"sealed_by", &said->by}, {"sealed_upto", &said->upto},
		{"sealed_entries", &said->count}};
	struct bh_span line, name;

	if (!piece_take(&text, '\n', &line) ||
		!bh_span_equal(line, bh_span("dossier 1", strlen("dossier 1"))))
		return BH_ERR_CORRUPT;
	while (piece_take(&text, '\n', &line)) {
		size_t i = 0;
		if (!piece_take(&line, ' ', &name))
			return BH_ERR_CORRUPT;
		while (i < sizeof(names) / sizeof(names[0]) &&
			!bh_span_equal(name, bh_span(names[i].name, strlen(names[i].name))))
			i++;
		if (i == sizeof(names) / sizeof(names[0]) || names[i].out->len || line.len == 0)
			return BH_ERR_CORRUPT;
		*names[i].out = line;
	}
	return text.len == 0 ? BH_NOERR : BH_ERR_CORRUPT;
}

static bool copy_word(struct bh_span word, char *out, size_t size)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] <= ' ' || word.data[i] >= 0x7f)
			return false;
	if (word.len == 0 || word.len >= size)
		return false;
	memcpy(out, word.data, word.len);
	out[word.len] = '\0';
	return true;
}

static const char *case_fault(
	struct bh_entries_check *check, const struct said *said, struct bh_archive_report *report)
{
	uint64_t number, told, entries;

	if (!copy_word(said->district, report->district, sizeof(report->district)) ||
		!copy_word(said->number_text, report->number, sizeof(report->number)) ||
		!number_read(said->number, &number) || !number_read(said->entries, &entries))
		return "seal.txt does not name a case";
	if (bh_case_number_parse(report->number, &told) != BH_NOERR || told != number)
		return "seal.txt names two cases";
	if (entries != check->count)
		return "entries.txt has another count than seal.txt says";
	if (check->count == 0 || check->items[0].case_number != number)
		return "the entries are of another case";
	return NULL;
}

/* The entry that made the seal says the same. */
static bool seal_is_journalled(
	struct bh_entries_check *check, uint64_t by, const struct bh_seal_said *seal)
{
	struct bh_seal_said said;

	for (size_t i = 0; i < check->count; i++) {
		const struct bh_checked_entry *item = &check->items[i];
		if (item->position == by)
			return item->verb == BH_VERB_SEAL &&
			       bh_seal_decode(item->header, &said) == BH_NOERR &&
			       said.upto == seal->upto && said.count == seal->count &&
			       memcmp(said.hash, seal->hash, BH_HASH_BYTES) == 0;
	}
	return false;
}

static int sealed_again(struct bh_entries_check *check, const char *district, uint64_t upto,
	struct bh_seal_said *out)
{
	struct bh_dossier_entry *entries = bh_arena_array(
		&check->arena, check->count, sizeof(*entries));

	if (!entries)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < check->count; i++) {
		entries[i] = (struct bh_dossier_entry){.position = check->items[i].position};
		memcpy(entries[i].hash, check->items[i].hash, BH_HASH_BYTES);
	}
	return bh_dossier_seal(check->hasher, district, check->items[0].case_number, entries,
		check->count, upto, out);
}

static int seal_holds(
	struct bh_entries_check *check, const struct said *said, struct bh_archive_report *report)
{
	struct bh_seal_said seal, told;
	struct bh_span hash;
	uint64_t by, upto, count;
	int err = hex_read(check, said->seal, &hash);

	if (err || hash.len != BH_HASH_BYTES || !number_read(said->by, &by) ||
		!number_read(said->upto, &upto) || !number_read(said->count, &count))
		return err == BH_ERR_NOMEM ? err : wrong(check, "seal.txt's seal cannot be read");
	err = sealed_again(check, report->district, upto, &seal);
	if (err)
		return err;
	told = (struct bh_seal_said){.upto = upto, .count = (uint32_t)count};
	memcpy(told.hash, hash.data, BH_HASH_BYTES);
	if (seal.upto != upto || seal.count != count ||
		memcmp(seal.hash, told.hash, BH_HASH_BYTES) != 0)
		return wrong(check, "the seal is not that of these entries");
	if (!seal_is_journalled(check, by, &told))
		return wrong(check, "no entry made this seal");
	report->sealed = true;
	report->sealed_entries = seal.count;
	memcpy(report->seal, seal.hash, BH_HASH_BYTES);
	return BH_NOERR;
}

int bh_seal_check(
	struct bh_entries_check *check, struct bh_span text, struct bh_archive_report *report)
{
	struct said said = {0};
	bool seals = false;

	if (said_read(text, &said) != BH_NOERR)
		return wrong(check, "seal.txt cannot be read");
	const char *fault = case_fault(check, &said, report);
	if (fault)
		return wrong(check, fault);
	seals = said.seal.len || said.by.len || said.upto.len || said.count.len;
	return seals ? seal_holds(check, &said, report) : BH_NOERR;
}
