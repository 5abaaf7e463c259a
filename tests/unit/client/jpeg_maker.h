/* JPEGs for tests: four patches of colour, so that which way is up can be seen. */
#ifndef BH_TESTS_JPEG_MAKER_H
#define BH_TESTS_JPEG_MAKER_H

#include "proto/bytes.h"

enum jpeg_patch { JPEG_RED, JPEG_GREEN, JPEG_BLUE, JPEG_WHITE, JPEG_PATCHES };

/* Upper left red, upper right green, lower left blue, lower right white; with some noise that grows
 * with seed's weight, so that no two are the same.  The caller frees it. */
struct bh_buf jpeg_make(uint32_t width, uint32_t height, uint32_t seed, bool progressive);
/* Inserts a segment behind the start: marker 0xe1, 0xfe ...; body without its length. */
void jpeg_insert(struct bh_buf *jpeg, uint8_t marker, struct bh_span body);
/* An Exif block: orientation, time, place, and what must not stay (owner, maker, serial number,
 * preview); big endian or little. */
void jpeg_insert_exif(struct bh_buf *jpeg, uint32_t orientation, bool big_endian);

/* Decodes; asserts that it can.  The patches in the corners, row by row from the upper left. */
struct jpeg_seen {
	uint32_t width, height;
	enum jpeg_patch corners[4];
};
struct jpeg_seen jpeg_look(struct bh_span jpeg);
/* Whether these bytes stand anywhere in it. */
bool jpeg_holds(struct bh_span jpeg, const char *bytes);

#endif
