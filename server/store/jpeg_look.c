/* From marker to marker until the frame header:
 *
 *   FF D8 | FF E1 len ... | FF DB len ... | FF C0 len precision height width ...
 *
 * Anything else before it, a segment past the end, or more segments than any camera writes: not a
 * photo. A height of 0, which a scan would tell later (DNL), no camera writes either. */
#include "server/store/jpeg_look.h"

#define SEGMENTS_MAX 512u /* an ICC profile and a preview in APP segments make some dozens */
#define HEAD_BYTES 4u     /* marker and length */
#define FRAME_BYTES 9u    /* marker, length, precision, height, width */

enum marker {
	MARKER_FILL = 0xff,
	MARKER_SOF0 = 0xc0,
	MARKER_DHT = 0xc4,
	MARKER_JPG = 0xc8,
	MARKER_DAC = 0xcc,
	MARKER_SOF15 = 0xcf,
	MARKER_SOI = 0xd8,
	MARKER_SOS = 0xda,
	MARKER_DQT = 0xdb,
	MARKER_DRI = 0xdd,
	MARKER_APP0 = 0xe0,
	MARKER_APP15 = 0xef,
	MARKER_COM = 0xfe,
};

static bool marker_frames(uint8_t marker)
{
	return marker >= MARKER_SOF0 && marker <= MARKER_SOF15 && marker != MARKER_DHT &&
	       marker != MARKER_JPG && marker != MARKER_DAC;
}

/* May stand before a frame header. */
static bool marker_precedes(uint8_t marker)
{
	return (marker >= MARKER_APP0 && marker <= MARKER_APP15) || marker == MARKER_COM ||
	       marker == MARKER_DQT || marker == MARKER_DHT || marker == MARKER_DRI ||
	       marker == MARKER_DAC;
}

static int frame_look(bh_jpeg_read *read, void *context, uint32_t size, uint32_t at, bool *is_photo)
{
	uint8_t head[FRAME_BYTES];

	if (size - at < FRAME_BYTES)
		return 0;
	int err = read(context, at, head, FRAME_BYTES);
	if (err)
		return err;
	uint32_t height = (uint32_t)head[5] << 8 | head[6],
		 width = (uint32_t)head[7] << 8 | head[8];
	*is_photo = height > 0 && width > 0 && (uint64_t)height * width <= BH_PHOTO_PIXELS_MAX;
	return 0;
}

int bh_jpeg_look(bh_jpeg_read *read, void *context, uint32_t size, bool *is_photo)
{
	uint8_t head[HEAD_BYTES];
	uint32_t at = 2;

	*is_photo = false;
	int err = size >= 2 + HEAD_BYTES ? read(context, 0, head, 2) : 0;
	if (err || size < 2 + HEAD_BYTES || head[0] != 0xff || head[1] != MARKER_SOI)
		return err;
	for (unsigned i = 0; i < SEGMENTS_MAX && size - at >= HEAD_BYTES; i++) {
		err = read(context, at, head, HEAD_BYTES);
		if (err || head[0] != 0xff)
			return err;
		if (head[1] == MARKER_FILL) { /* any number of them may stand before a marker */
			at++;
			continue;
		}
		if (marker_frames(head[1]))
			return frame_look(read, context, size, at, is_photo);
		uint32_t len = 2 + ((uint32_t)head[2] << 8 | head[3]);
		if (!marker_precedes(head[1]) || len < HEAD_BYTES || len > size - at)
			return 0;
		at += len;
	}
	return 0;
}
