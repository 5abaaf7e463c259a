/* Every maximum both ends must agree on.  Changing one is a protocol change: see PROTOCOL.md. */
#ifndef BH_PROTO_LIMITS_H
#define BH_PROTO_LIMITS_H

#define BH_PROTOCOL_VERSION 1     /* the one we speak */
#define BH_PROTOCOL_VERSION_MIN 1 /* the oldest we still speak */

#define BH_FRAME_HEAD_BYTES 5             /* u32 length of flag byte and body, then the flag byte */
#define BH_FRAME_BYTES_MAX (512u * 1024u) /* flag byte and body */
#define BH_FRAME_HELLO_BYTES_MAX (16u * 1024u) /* until the session is proved */
#define BH_UNPACKED_BYTES_MAX (2u * 1024u * 1024u)
#define BH_UNPACKED_RATIO_MAX 200u
#define BH_DECODE_HEAP_FACTOR 8u  /* a decode may allocate this many times its input ... */
#define BH_DECODE_HEAP_BASE 4096u /* ... plus this */
#define BH_DECODE_DEPTH_MAX 8u
#define BH_DECODE_UNKNOWN_MAX 256u /* unknown fields skipped in one decode */

#define BH_BATCH_OPS_MAX 500u
#define BH_BATCH_BYTES_MAX (256u * 1024u) /* headers and contents before packing */
#define BH_OP_HEADER_BYTES_MAX 1536u
#define BH_OP_CONTENT_BYTES_MAX (16u * 1024u)
#define BH_TEXT_BYTES_MAX 4000u
#define BH_NOTE_BYTES_MAX 4000u
#define BH_NAME_BYTES_MAX 120u
#define BH_DELTA_RECORDS_MAX 200u
#define BH_SCOPES_MAX 64u                /* of one device */
#define BH_POSTS_MAX 16u                 /* of one person */
#define BH_PIPELINE_PUSHES_MAX 4u        /* unacknowledged at once */
#define BH_CLOSURES_MAX 32u              /* cycles told in one record */
#define BH_DEVICE_QUARANTINED_MAX 10000u /* ops held of one device that is cut off */
#define BH_VERDICTS_MAX 4096u            /* told in one Ack or Welcome */
#define BH_PROFILE_ITEMS_MAX \
	100000u /* areas, units, people, posts, routes, types; points of a ring */

#define BH_PATROLS_MAX 64u       /* told to one handset */
#define BH_CHECKPOINTS_MAX 64u   /* of one patrol */
#define BH_REPEATS_MAX 64u       /* places told of a grid ... */
#define BH_REPEATS_TOLD_MAX 256u /* ... and to one handset */
#define BH_EMERGENCY_MAX 4u      /* numbers to call of a type */
#define BH_CALENDAR_TOLD_MAX \
	732u /* days told to one handset: all of two years, one of them a leap year */

#define BH_OP_BLOBS_MAX 16u           /* of one op, thumbnails included */
#define BH_RECORD_BLOBS_MAX 64u       /* told in one record */
#define BH_RECORD_TASKS_MAX 16u       /* likewise */
#define BH_BLOB_BYTES_MAX (16u << 20) /* of one photo */
#define BH_THUMBNAIL_BYTES_MAX (64u << 10)
#define BH_BLOB_PART_BYTES_MAX (32u << 10)
#define BH_BLOB_PARTS_OUT_MAX 8u       /* sent and not yet answered by a BlobState */
#define BH_CARGO_BYTES_MAX 3222011953u /* of one bundle: its head and all chunks (bundle.h) */
#define BH_CARGO_ANSWER_BYTES_MAX (40u << 20)
#define BH_CARGO_REASON_BYTES_MAX 23u

#define BH_HASH_BYTES 32u
#define BH_SALT_BYTES 16u
#define BH_LOG_ID_BYTES 16u
#define BH_PUBLIC_KEY_BYTES 33u /* compressed P-256 point */
#define BH_SIGNATURE_BYTES 64u  /* r and s, big-endian */
#define BH_SHARED_BYTES 32u     /* what two keys agree on */
#define BH_MAC_BYTES 16u        /* HMAC-SHA-256, first half */
#define BH_EXPORTER_BYTES 32u
#define BH_CHECK_BYTES 8u /* the first bytes of a hash that is only compared */
#define BH_PIN_BYTES 20u  /* first 160 bits of SHA-256 of a SubjectPublicKeyInfo */
#define BH_CODE_BYTES 10u /* an enrolment code: 80 random bits, 16 base32 characters */

/* Receipts and link times, milliseconds. */
#define BH_HANDSHAKE_MS_MAX 10000
#define BH_FRAME_MS_MAX 30000
#define BH_HEARTBEAT_MS 45000      /* a proved, silent peer is pinged after this ... */
#define BH_SILENCE_MS_MAX 90000    /* ... and dropped after this */
#define BH_HEARTBEAT_MS_MAX 180000 /* a path that holds is left alone for so long at most */
#define BH_BACKOFF_MS_MIN 1000
#define BH_BACKOFF_MS_MAX 300000

#endif
