/* Whether bytes begin as a photo does: markers alone are looked at, no image is ever decoded. */
#ifndef BH_STORE_JPEG_LOOK_H
#define BH_STORE_JPEG_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#define BH_PHOTO_PIXELS_MAX 100000000u

/* Fills out with len bytes from offset on, which lie inside the whole; 0 or an error. */
typedef int bh_jpeg_read(void *context, uint32_t offset, uint8_t *out, uint32_t len);

/* ITU-T T.81, B.1: SOI, then segments up to a frame header (SOF) whose image has both sides and at
 * most BH_PHOTO_PIXELS_MAX pixels.  What read says other than 0 is returned. */
int bh_jpeg_look(bh_jpeg_read *read, void *context, uint32_t size, bool *is_photo);

#endif
