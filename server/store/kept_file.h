/* The kept file as bytes: its lines, then a reserve of zeroes. */
#ifndef BH_STORE_KEPT_FILE_H
#define BH_STORE_KEPT_FILE_H

#include "server/store/kept.h"

/* All of it; *bytes is the caller's to free.  BH_ERR_NOT_FOUND; BH_ERR_LIMIT: too large. */
int bh_kept_file_read(struct bh_kept *kept, uint8_t **bytes, size_t *len);
/* Durable zeroes for bytes more behind the lines; what was torn there is gone then.  BH_ERR_FULL:
 * no line has changed. */
int bh_kept_file_room(struct bh_kept *kept, uint64_t bytes);
/* All lines once more, under another name that then becomes the file's, durably: wherever that is
 * cut short, one of the two is whole.  Where there is no room for both, those from there on are
 * written where they lie. */
int bh_kept_file_rewrite(struct bh_kept *kept, uint64_t from);
/* Over the reserve, durably. */
int bh_kept_file_append(struct bh_kept *kept, struct bh_span text);

#endif
