/* The files of a district's photos, and the jobs by which one thread reads and writes them.
 *
 *   OPEN ──▶ PART ──▶ PART ... ──▶ whole: looked at, synced, named ──▶ STORED (the writer)
 *                └─ another hash, or no JPEG: the file goes
 *   PROVE: whoever may not see it shows that the same bytes lie with them
 */
#ifndef BH_STORE_BLOB_FILES_H
#define BH_STORE_BLOB_FILES_H

#include "server/store/store.h"

#define BH_BLOB_JOB_PATH_MAX 512u

enum bh_blob_work {
	BH_BLOB_OPEN = 1, /* an upload begins or goes on: the older one of this photo has ended */
	BH_BLOB_PART = 2, /* without data: only asks what is held */
	BH_BLOB_READ = 3,
	BH_BLOB_DROP = 4, /* nobody offered it for long; stored: only what was on its way again */
	BH_BLOB_PROVE = 5,
	BH_BLOB_CARGO = 6, /* not a photo: a bundle that this device carries (cargo.h) */
};

enum bh_blob_found {
	BH_BLOB_HELD = 1,  /* so much is held: go on from there */
	BH_BLOB_WHOLE = 2, /* whole, verified, durable: the journal may say so */
	BH_BLOB_WRONG = 3, /* whole, and not what it says, or no photo: nothing is held any more */
	BH_BLOB_LOST = 4,  /* this upload has ended: another one goes on with it */
	BH_BLOB_BUSY = 5,  /* too many uploads go on: later */
	BH_BLOB_GONE = 6,  /* the journal calls it stored, and it is not here: it has to be sent
			      again */
};

/* Owned by whoever made it, with its data, until it is given back. */
struct bh_blob_job {
	struct bh_blob_job *next; /* for whoever queues it */
	void *owner;
	enum bh_blob_work work;
	int64_t mono_ms; /* when it runs, as whoever runs it says */
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;      /* OPEN, READ, PROVE: of the whole */
	bool stored;        /* OPEN, DROP: the journal says that it is here */
	uint64_t upload;    /* PART: which one, as OPEN said */
	uint32_t offset;    /* PART, READ */
	uint32_t bytes_max; /* READ */
	struct bh_buf data; /* PART: the bytes; READ: filled; PROVE: what is hashed before them */
	uint8_t proof[BH_HASH_BYTES]; /* PROVE: what the hash has to be */
	uint32_t device;              /* OPEN: who sends it; CARGO: who carries it */
	bool looked; /* OPEN: who sends it has seen by its bytes what it is: no photo is asked for
		      */
	bool erased; /* DROP: nobody is to have it; else one that was just found whole
			stays: BH_ERR_BUSY */
	uint32_t answer_offset; /* CARGO: so much of the answer is there */

	/* BH_NOERR, or what the disk said: BH_ERR_FULL, BH_ERR_IO, BH_ERR_NOMEM; READ also
	 * BH_ERR_NOT_FOUND: not there, or not from this offset; BH_ERR_CLOSED: it never ran. */
	int err;
	enum bh_blob_found found;
	uint32_t held;
	uint8_t prefix_hash[BH_HASH_BYTES]; /* of what is held, HELD alone */
	bool stays;                         /* WRONG: a whole one lies here, of another size */
	bool settles;                       /* begun, and to be settled and ended */
	uint64_t hashed;                    /* bytes that had to be read for the answer */
};

struct bh_blob_files;
/* The folder "blobs" beside the district's file, through its VFS.  Writes nothing.  BH_ERR_NOMEM,
 * BH_ERR_INVALID (no such VFS), BH_ERR_LIMIT (too long a path). */
int bh_blob_files_open(const struct bh_store_options *options, struct bh_blob_files **out);
void bh_blob_files_close(struct bh_blob_files *files);
void bh_blob_files_run(struct bh_blob_files *files, struct bh_blob_job *job);
/* The same in steps, so that nobody waits for a disk's sync but the photo that is synced: what is
 * begun and settles is settled, on another thread if need be, one after another, and then ended.
 * Between, jobs of other photos may run. */
void bh_blob_files_begin(struct bh_blob_files *files, struct bh_blob_job *job);
void bh_blob_files_settle(struct bh_blob_files *files, struct bh_blob_job *job);
void bh_blob_files_end(struct bh_blob_files *files, struct bh_blob_job *job);
/* Whether a job for this photo has to wait for one to be ended. */
bool bh_blob_files_is_settling(struct bh_blob_files *files, const uint8_t hash[BH_HASH_BYTES]);
/* What CARGO is run by; NULL: it is told to come later. */
struct bh_cargo_files;
void bh_blob_files_carry(struct bh_blob_files *files, struct bh_cargo_files *cargo);
/* Uploads that go on now. */
size_t bh_blob_files_uploads(const struct bh_blob_files *files);
/* Deletes the files of photos on their way that were last offered before an instant (district
 * time), a slice of at most max: *count hashes whose room bh_writer_uploads_drop gives back.  One
 * that was found whole in the last ten minutes before mono_ms stays, unless it was erased. */
int bh_blob_collect(struct bh_blob_files *files, struct bh_store_reader *reader, int64_t mono_ms,
	int64_t before_ms, uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count);
/* Where a photo lies: "<folder>/blobs/ab/cd/abcd...".  BH_ERR_LIMIT. */
int bh_blob_path(const char *db_path, const uint8_t hash[BH_HASH_BYTES], char *out, size_t size);

#endif
