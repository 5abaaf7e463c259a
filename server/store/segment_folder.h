/* The folder of a district's segments: its files by name, read and written. */
#ifndef BH_STORE_SEGMENT_FOLDER_H
#define BH_STORE_SEGMENT_FOLDER_H

#include "server/store/backup.h"
#include "server/store/segment_follow.h"

#define BH_SEGMENT_NAME_MAX 48u
#define BH_SEGMENT_FILES_MAX 262144u /* thirty years of one an hour */

struct bh_segment_file {
	uint64_t first, number; /* of its name */
};

struct bh_segment_folder {
	char path[BH_BACKUP_PATH_MAX];
	struct bh_segment_file *files; /* by number */
	size_t count;
	struct bh_segment_info *infos; /* of the same files; NULL: not judged */
	struct bh_buf loaded;
};

/* "000000000051-000003.segment" */
void bh_segment_name(uint64_t first, uint64_t number, char name[BH_SEGMENT_NAME_MAX]);
/* Names alone; others are passed over.  BH_ERR_NOT_FOUND: no such folder; BH_ERR_LIMIT, _NOMEM,
 * _IO.  Free it in any case. */
int bh_segment_folder_list(const char *path, struct bh_segment_folder *out);
void bh_segment_folder_free(struct bh_segment_folder *folder);
/* The bytes of a file, borrowed until the next call; the signature is that of a road's load. */
int bh_segment_folder_load(void *folder, size_t file, struct bh_span *bytes);
/* Reads and judges all of them, and gives the road over them, which stands before entry 1 and
 * borrows the folder.  Codes of loading; BH_ERR_NOMEM. */
int bh_segment_folder_judge(struct bh_segment_folder *folder, struct bh_hasher *hasher,
	const char *code, struct bh_segment_road *out);

/* A file that is being written; zero-filled with fd -1 is none. */
struct bh_segment_writing {
	int fd;
	char path[BH_BACKUP_PATH_MAX];
	uint64_t bytes;
};

/* A new file with its first bytes, and its name: durable.  On failure nothing of it stays. */
int bh_segment_write_new(
	struct bh_segment_writing *writing, const char *path, struct bh_span bytes);
/* Appends, durably.  BH_ERR_NOT_FOUND: the path leads to it no more. After a failure its end is not
 * known: it may only be let go of. */
int bh_segment_write_more(struct bh_segment_writing *writing, struct bh_span bytes);
/* Whether the path still leads to it. */
bool bh_segment_write_there(const struct bh_segment_writing *writing);
void bh_segment_write_stop(struct bh_segment_writing *writing);

#endif
