/* Photos as a terminal has them: given as files, shown as rows, saved into a folder. */
#ifndef BH_HANDSET_PHOTO_H
#define BH_HANDSET_PHOTO_H

#include "tools/handset/handset.h"

/* The files of --photo as the library takes them; gives how many. */
size_t bh_photos_given(const struct bh_words *words, bh_photo_input photos[BH_PHOTOS_MAX]);
/* "waiting", "complete", "fetchable" ...; never NULL. */
const char *bh_photo_state_text(int32_t state);
/* The photos of the case under the cursor, as an array, or line by line. */
json_t *bh_photos_json(bh_case_cursor *cursor, const bh_case_view *view);
void bh_photos_print(bh_case_cursor *cursor, const bh_case_view *view);

#endif
