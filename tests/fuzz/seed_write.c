/* A name is a file of a folder that is called as its target; what cannot be written ends the
 * program. */
#include "tests/fuzz/seed_write.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "proto/err.h"
#include "proto/frame.h"

#define PATH_BYTES_MAX 4096

void bh_seed_file(const struct bh_seeder *seeder, const char *target, const char *name,
	const void *prefix, size_t prefix_len, struct bh_span body)
{
	char path[PATH_BYTES_MAX];
	snprintf(path, sizeof(path), "%s/%s", seeder->folder, target);
	bh_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/%s/%s", seeder->folder, target, name);
	FILE *file = fopen(path, "wb");
	bh_assert(file != NULL);
	bh_assert(fwrite(prefix, 1, prefix_len, file) == prefix_len);
	bh_assert(fwrite(body.data, 1, body.len, file) == body.len);
	bh_assert(fclose(file) == 0);
}

void bh_seed_write(const struct bh_seeder *seeder, enum bh_seed_choice choice, const char *name,
	struct bh_buf *body)
{
	struct bh_buf frames = BH_BUF(BH_SEED_BYTES_MAX), packed = BH_BUF(BH_SEED_BYTES_MAX);
	enum bh_pack_scheme scheme;
	uint8_t prefix[5] = {(uint8_t)choice};
	bh_seed_file(seeder, "codec", name, prefix, 1, bh_buf_span(body));
	if (choice <= BH_SEED_SERVER) {
		bh_assert(bh_frame_put(&frames, bh_buf_span(body)) == 0);
		bh_assert(bh_frame_put(&frames, bh_span("\x2a", 1)) == 0);
		bh_seed_file(seeder, "frame", name, prefix, 1, bh_buf_span(&frames));
	} else {
		bh_assert(bh_pack(seeder->packer, bh_buf_span(body), &packed, &scheme) == 0);
		prefix[0] = (uint8_t)scheme;
		for (unsigned i = 0; i < 4; i++)
			prefix[1 + i] = (uint8_t)(body->len >> (8 * (3 - i)));
		bh_seed_file(seeder, "unpack", name, prefix, sizeof(prefix), bh_buf_span(&packed));
	}
	body->len = 0;
	bh_buf_free(&frames);
	bh_buf_free(&packed);
}
