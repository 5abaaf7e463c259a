/* What stays of a photo's Exif block (CIPA DC-008): how it is to be turned, when it was taken and
 * where.  The old block is read by libexif and a new one is written from nothing, so that what is
 * not copied here cannot come along: maker's notes, owner, serial number, preview. */
#include <libexif/exif-data.h>
#include <libexif/exif-mem.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/photo.h"
#include "proto/err.h"

#define SEGMENT_BYTES_MAX 65533u /* of a block behind the segment's length */
#define ENTRY_BYTES_MAX 256u

static const struct {
	ExifIfd ifd;
	ExifTag tag;
	bool always;
} kept[] = {
	{EXIF_IFD_0, EXIF_TAG_ORIENTATION, true},
	{EXIF_IFD_0, EXIF_TAG_DATE_TIME, false},
	{EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, false},
	{EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED, false},
	{EXIF_IFD_EXIF, EXIF_TAG_OFFSET_TIME_ORIGINAL, false},
	{EXIF_IFD_EXIF, EXIF_TAG_SUB_SEC_TIME_ORIGINAL, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_LATITUDE_REF, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_LATITUDE, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_LONGITUDE_REF, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_LONGITUDE, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_ALTITUDE_REF, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_ALTITUDE, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_TIME_STAMP, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_DATE_STAMP, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_MAP_DATUM, false},
	{EXIF_IFD_GPS, (ExifTag)EXIF_TAG_GPS_H_POSITIONING_ERROR, false},
};

/* libexif gives what it made back to the memory it was made with, and numbers bytes by it. */
static int entry_copy(ExifMem *memory, const ExifEntry *from, ExifContent *to)
{
	ExifEntry *entry = exif_entry_new_mem(memory);

	if (entry == NULL)
		return BH_ERR_NOMEM;
	entry->data = exif_mem_alloc(memory, from->size);
	if (entry->data == NULL) {
		exif_entry_unref(entry);
		return BH_ERR_NOMEM;
	}
	memcpy(entry->data, from->data, from->size);
	entry->tag = from->tag;
	entry->format = from->format;
	entry->components = from->components;
	entry->size = from->size;
	exif_content_add_entry(to, entry);
	exif_entry_unref(entry);
	return 0;
}

/* *count: how many entries were copied. */
static int entries_copy(
	ExifMem *memory, ExifData *from, ExifData *to, bool time_and_place, unsigned *count)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const ExifEntry *entry = exif_content_get_entry(
			from->ifd[kept[i].ifd], kept[i].tag);
		if (entry == NULL || entry->data == NULL || entry->size == 0 ||
			entry->size > ENTRY_BYTES_MAX || !(kept[i].always || time_and_place))
			continue;
		int err = entry_copy(memory, entry, to->ifd[kept[i].ifd]);
		if (err != 0)
			return err;
		++*count;
	}
	return 0;
}

/* Marker, length, and the block as exif_data_save_data writes it: "Exif\0\0" and TIFF. */
static int segment_put(ExifData *data, struct bh_buf *out)
{
	unsigned char *block = NULL;
	unsigned len = 0;

	exif_data_save_data(data, &block, &len);
	if (block == NULL)
		return BH_ERR_NOMEM;
	size_t before = out->len, size = (size_t)len + 2;
	const uint8_t head[] = {0xff, 0xe1, (uint8_t)(size >> 8), (uint8_t)size};
	int err = len > SEGMENT_BYTES_MAX ? 0 : bh_buf_append(out, head, sizeof(head));
	if (err == 0 && len <= SEGMENT_BYTES_MAX)
		err = bh_buf_append(out, block, len);
	if (err != 0)
		out->len = before;
	free(block);
	return err;
}

/* exif_data_load_data wants the name in front. */
static int block_read(struct bh_span tiff, ExifData *into)
{
	struct bh_buf named = BH_BUF(6 + 65536);
	int err = bh_buf_append(&named, "Exif\0\0", 6);

	if (err == 0)
		err = bh_buf_append(&named, tiff.data, tiff.len);
	if (err == 0)
		exif_data_load_data(into, named.data, (unsigned)named.len);
	bh_buf_free(&named);
	return err;
}

int bh_photo_exif(const struct bh_photo_head *head, bool time_and_place, struct bh_buf *out)
{
	unsigned count = 0;
	int err = BH_ERR_NOMEM;

	if (head->exif.len == 0)
		return 0;
	ExifMem *memory = exif_mem_new_default();
	ExifData *from = memory ? exif_data_new_mem(memory) : NULL;
	ExifData *to = memory ? exif_data_new_mem(memory) : NULL;
	if (from != NULL && to != NULL) {
		exif_data_unset_option(from, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
		err = block_read(head->exif, from);
		exif_data_set_byte_order(to, exif_data_get_byte_order(from));
	}
	if (err == 0)
		err = entries_copy(memory, from, to, time_and_place, &count);
	if (err == 0 && count > 0)
		err = segment_put(to, out);
	exif_data_unref(from);
	exif_data_unref(to);
	exif_mem_unref(memory);
	return err;
}
