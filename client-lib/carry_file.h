/* The file that carries a bundle: on a stick or a card, outside the store. */
#ifndef BH_CLIENT_CARRY_FILE_H
#define BH_CLIENT_CARRY_FILE_H

#include "proto/bundle.h"

/* One that is being written: "PATH.part", which gets its name when all of it is durable. */
struct bh_carry_file {
	char *path; /* owned */
	char *part; /* owned */
	int fd;     /* -1: none */
	uint64_t bytes;
	int error; /* errno of what failed; 0 */
};

/* 0, BH_ERR_EXISTS (path is there), BH_ERR_NOMEM, BH_ERR_FULL, BH_ERR_IO. */
int bh_carry_file_begin(struct bh_carry_file *file, const char *path);
struct bh_bundle_sink bh_carry_file_sink(struct bh_carry_file *file);
/* Durable and named, or gone; frees what file holds either way. */
int bh_carry_file_end(struct bh_carry_file *file, int rc);
/* Reads a file whole, in pieces.  BH_ERR_NOT_FOUND, BH_ERR_IO (*error: its errno), take's. */
int bh_carry_file_read(const char *path, int (*take)(void *context, struct bh_span bytes),
	void *context, uint64_t *bytes, int *error);

#endif
