/* What the files of a simulated handset share. */
#ifndef BH_TESTS_SIM_PHONE_STATE_H
#define BH_TESTS_SIM_PHONE_STATE_H

#include "client-lib/engine.h"
#include "client-lib/local_photo.h"
#include "proto/seal.h"
#include "tests/sim/phone.h"

#define BH_SIMPHONE_PATH "/phone/bihuan.db"
#define BH_SIMPHONE_ARENA_BYTES (16u * 1024u * 1024u)
#define BH_SIMPHONE_CHUNK_BYTES (32u << 10) /* of a photo that is sealed */
#define BH_SIMPHONE_BACK_MAX 16u
#define BH_SIMPHONE_SHOTS_MAX 6u /* photos and their thumbnails in one op */

/* Of every handset that has one. */
extern const uint8_t bh_simphone_key[BH_SEAL_KEY_BYTES];

struct bh_simphone {
	struct bh_simrun *run;
	struct bh_simphone_options options;
	uint32_t index;
	struct bh_simrng rng;    /* what its user does */
	struct bh_simrng chance; /* its library's randomness */
	struct bh_simrng eye;    /* photos that its user takes and looks at */
	struct bh_simrng hands;  /* whose it is in */
	uint32_t recorder;       /* who was chosen in this process; 0: nobody, whose it is */
	bool is_unlocked;        /* by their PIN */
	struct bh_simvfs *disk;
	struct bh_simvfs *backup; /* NULL: none was taken */
	size_t backup_ops;        /* how many ops the truth held then */
	bool has_backup;
	struct bh_simphone_log backup_log;
	bool backup_has_log;    /* it was enrolled then */
	struct bh_local *local; /* NULL: off, or its file does not open just now */
	struct bh_engine *engine;
	struct bh_arena arena;
	bool up;
	bool enrolled; /* so much was read since its start */
	bool doomed;
	bool forges;
	bool pocketed;
	uint64_t life;     /* of its process */
	uint64_t wake_gen; /* of the wake-up that counts */
	int64_t wake_at_ms;
	int64_t wakes_since_ms; /* counted in windows */
	uint32_t wakes;
	int64_t boot_at_ms; /* virtual */
	uint32_t boots;
	uint32_t starts; /* of its application */
	uint32_t sort;   /* whether it has a key: a copy's is the original's */
	int64_t skew_ms;
	int64_t set_at_ms; /* when somebody set its clock last; virtual */
	uint32_t conn;     /* 0: none */
	bool linked;
	bool settling;
	struct bh_key *key;           /* outside its file; NULL: in it */
	bool key_is_mute;             /* on this link */
	uint8_t asked[BH_CODE_BYTES]; /* the code it was given; zeros: none yet */
	bool was_asked;
	bool cloned;                                            /* there are two of it */
	struct bh_simphone_log went_back[BH_SIMPHONE_BACK_MAX]; /* as backups had them, put back */
	uint32_t went_back_count;
	int64_t went_back_at_ms; /* the last time; virtual */
	int64_t leapt_at_ms;     /* its clock was set by more than cargo is kept; virtual */
};

static inline uint32_t bh_simphone_host(const struct bh_simphone *phone)
{
	return phone->index + 1;
}

struct bh_now bh_simphone_now(const struct bh_simphone *phone);
uint64_t bh_simphone_boot_name(const struct bh_simphone *phone);
/* Its file and engine, as at an application's start; false: not now, it will try again. */
bool bh_simphone_start(struct bh_simphone *phone);
/* After every event: the engine's wishes, the link, the wake-up; and whether the disk let it live.
 */
void bh_simphone_settle(struct bh_simphone *phone);
/* True when the disk stopped inside a call: the process is ended here. */
bool bh_simphone_has_died(struct bh_simphone *phone);
void bh_simphone_hang_up(struct bh_simphone *phone, bool orderly);

/* ---- phone_use.c ---- */
struct bh_simdraft;
/* Keeps what the call said; the handset may have died in it. */
bool bh_simphone_record(struct bh_simphone *phone, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, uint32_t token, struct bh_simdraft *draft);
/* After something was recorded, or not. */
void bh_simphone_recorded(struct bh_simphone *phone);

/* ---- phone_key.c ---- */
/* Makes the key of one that has it outside, or the copy of another's. */
void bh_simphone_key_make(struct bh_simphone *phone, const struct bh_key *from);
/* Signs what its engine wants signed, or does it wrong; false: it does not answer. */
bool bh_simphone_key_sign(struct bh_simphone *phone);

/* ---- phone_author.c ---- */
/* Whom what is recorded now has to name; false: its file cannot say just now whether it is shared.
 */
bool bh_simphone_author(struct bh_simphone *phone, uint32_t *author, bool *claimed);

/* ---- phone_photo.c ---- */

/* Photos about to be recorded; bytes borrows from shots. */
struct bh_simdraft {
	struct bh_simphoto shots[BH_SIMPHONE_SHOTS_MAX];
	size_t shots_count;
	struct bh_photo_bytes bytes[BH_SIMPHONE_SHOTS_MAX / 2];
	size_t count;
};

/* With this chance some photos, else none. */
void bh_simphone_shoot(struct bh_simphone *phone, uint32_t ppm, struct bh_simdraft *draft);
/* Of something before it was put right, and after. */
void bh_simphone_shoot_both(struct bh_simphone *phone, struct bh_simdraft *draft);
/* They belong to the op that was added to the truth last, and to the album. */
void bh_simphone_shots_keep(struct bh_simphone *phone, struct bh_simdraft *draft);
void bh_simphone_shots_drop(struct bh_simdraft *draft); /* nothing was recorded */

#endif
