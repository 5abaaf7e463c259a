/* The messages of bihuan.proto as plain structs, in its order of use; fields are explained there.
 * Spans are borrowed: from the bytes that were decoded or from the caller who encodes.  Strings are
 * spans of valid UTF-8 without NUL.  Repeated fields are an array and its count. */
#ifndef BH_PROTO_MESSAGE_H
#define BH_PROTO_MESSAGE_H

#include "proto/bytes.h"
#include "proto/message_cargo.h"
#include "proto/message_district.h"
#include "proto/message_record.h"

struct bh_msg_packed {
	uint32_t scheme;
	uint32_t raw_bytes;
	struct bh_span data;
};

struct bh_msg_cursor {
	uint64_t scope;
	uint64_t position;
};

struct bh_msg_hello {
	uint32_t version_min;
	uint32_t version_max;
	uint32_t device;
	struct bh_span log_id;     /* 16 */
	uint64_t acked_seq;        /* the last sequence this handset saw acknowledged in this log */
	struct bh_span acked_link; /* its link, 32; empty when acked_seq is 0 */
	uint64_t last_seq;         /* what it holds: last_seq - acked_seq ops are waiting */
	struct bh_span signature;  /* 64, under tag bh-session-1 */
	const struct bh_msg_cursor *cursors;
	size_t cursors_count;
	uint64_t epoch; /* of the cursors; 0 when there are none */
	int64_t wall_ms;
	int64_t mono_ms;
	uint32_t profile_version; /* of the District message it holds; 0 is none */
	struct bh_span app_version;
	struct bh_span forked_from; /* log_id this log continues after a fork, else empty */
	struct bh_span head_hash; /* journal hash at the greatest cursor position, first 8 bytes */
	uint32_t boot;            /* of an op recorded now */
};

struct bh_msg_push {
	uint64_t first_seq;
	struct bh_span salts;          /* 16 for each op of the batch, uncompressed */
	struct bh_msg_packed batch;    /* a Batch */
	struct bh_span head_signature; /* 64 under tag bh-head-1; at least once a session */
	const struct bh_msg_push_receipt *receipts; /* of ops that were acknowledged before */
	size_t receipts_count;
};

/* An Ack's receipt, given back to a server that lost what it is of. */
struct bh_msg_push_receipt {
	uint64_t seq; /* the Ack's; an op of the batch */
	int64_t received_ms;
	struct bh_span mac;                    /* 16 */
	const struct bh_msg_verdict *verdicts; /* those of the Ack, in its order */
	size_t verdicts_count;
};

struct bh_msg_batch {
	const struct bh_span *headers; /* OpHeader, hashed exactly as these bytes */
	size_t headers_count;
	const struct bh_span *contents; /* OpContent, likewise; same count */
	size_t contents_count;
};

struct bh_msg_verdict {
	uint64_t seq;
	uint32_t verdict;        /* enum bh_verdict */
	uint32_t code;           /* enum bh_reason */
	struct bh_span sentence; /* what a worker understands, in the district's language */
	bool correctable;
	uint32_t state;       /* stale: the case's state that it met */
	uint64_t case_number; /* where the number is not (log_short, seq), e.g. a carried repeat */
};

struct bh_msg_welcome {
	uint32_t version;
	uint64_t acked_seq; /* of this log, at the server; resume after it */
	struct bh_span acked_link;
	uint64_t epoch;
	int64_t server_ms;
	uint32_t log_short;     /* the short number of this log, in case numbers */
	const uint64_t *scopes; /* what this device is entitled to now */
	size_t scopes_count;
	uint32_t batch_bytes_max;
	bool fork; /* acked_seq is not a point of the handset's log: begin a new log with origins */
	bool from_start; /* cursors are not of this epoch or history: begin at 0 */
	const struct bh_msg_verdict
		*verdicts; /* other than accepted, for sequences past Hello.acked_seq */
	size_t verdicts_count;
	struct bh_span mac; /* the receipt for acked_seq, as in Ack */
	int64_t received_ms;
	bool draining; /* this device is cut off: what it pushes is kept for an administrator */
};

struct bh_msg_ack {
	uint64_t seq;              /* everything up to here has a durable verdict */
	struct bh_span link_check; /* first 8 bytes of the link at seq */
	int64_t received_ms;
	struct bh_span mac;                    /* 16: the server's receipt, see PROTOCOL.md */
	const struct bh_msg_verdict *verdicts; /* those that are not plain accepted */
	size_t verdicts_count;
	uint32_t retry_after_ms;
};

struct bh_msg_applied {
	const struct bh_msg_cursor *cursors;
	size_t cursors_count;
};

struct bh_msg_ping {
	int64_t wall_ms;
	int64_t mono_ms;
};

struct bh_msg_bye {
	uint64_t unsent_ops;
	uint64_t unsent_bytes;
	int64_t oldest_ms;
};

struct bh_msg_refusal {
	uint32_t code; /* enum bh_refusal */
	struct bh_span sentence;
	uint32_t retry_after_ms;
	uint32_t version_min;
	uint32_t version_max;
	uint64_t resume_after; /* for a gap: the sequence to go on after */
	uint32_t batch_bytes_max;
};

struct bh_msg_enrol {
	uint32_t version_min;
	uint32_t version_max;
	struct bh_span code;       /* 10 */
	struct bh_span public_key; /* 33 */
	struct bh_span log_id;
	struct bh_span signature; /* under tag bh-enrol-1 */
	struct bh_span device_model;
	int64_t wall_ms;
	int64_t mono_ms;
};

struct bh_msg_enrolment_receipt {
	struct bh_span district;
	uint32_t device;
	uint32_t person;
	uint32_t log_short;
	struct bh_span log_id;
	struct bh_span public_key;
	int64_t enrolled_ms;
	uint32_t algorithm; /* 1: P-256, SHA-256 */
};

struct bh_msg_origin {
	struct bh_span log_id;
	uint64_t seq;
	struct bh_span link;
};

/* ---- Blobs ---- */

enum bh_blob_kind {
	BH_BLOB_PHOTO = 1,     /* JPEG */
	BH_BLOB_THUMBNAIL = 2, /* JPEG, of the photo before it in the list */
	BH_BLOB_AFTER = 3,     /* JPEG, of what was put right */
};

enum bh_blob_state {
	BH_BLOB_WANTED = 1,
	BH_BLOB_COMPLETE = 2,     /* whole, verified and journalled: the handset may free it */
	BH_BLOB_UNKNOWN = 3,      /* no accepted op of this handset names it, or not of this size */
	BH_BLOB_REFUSED = 4,      /* it is not what it says it is, or none of its kind: for ever */
	BH_BLOB_LATER = 5,        /* no room, or too much at once */
	BH_BLOB_PROOF_WANTED = 6, /* it is here from another: show that you hold the same bytes */
};

struct bh_msg_blob {
	struct bh_span hash;
	uint32_t size;
	uint32_t kind; /* enum bh_blob_kind; unknown ones are kept */
};

struct bh_msg_blob_offer {
	struct bh_span hash;
	uint32_t size;
	struct bh_span proof; /* 32 or none */
};

struct bh_msg_blob_part {
	struct bh_span hash;
	uint32_t offset;
	struct bh_span data; /* 1 .. BH_BLOB_PART_BYTES_MAX */
	uint32_t size;       /* of the whole; down only */
};

struct bh_msg_blob_state {
	struct bh_span hash;
	uint32_t state; /* enum bh_blob_state */
	uint32_t offset;
	struct bh_span prefix_hash; /* 32 where offset is not 0 */
	uint32_t retry_after_ms;
};

struct bh_msg_blob_ask {
	struct bh_span hash;
	uint32_t offset;
};

struct bh_msg_op_header {
	uint32_t verb;       /* enum bh_verb */
	int64_t captured_ms; /* the handset's wall clock */
	int64_t boot_ms; /* wall clock less monotonic clock: constant over a boot whose clock is not
			    stepped */
	uint32_t author; /* person */
	uint32_t type;   /* catalogue code; of service: enum bh_service; an unknown one is kept */
	uint32_t urgency;     /* 1..4 for P1..P4; 0 is the type's own */
	uint64_t case_number; /* 0 for submit: its own */
	uint32_t cycle;
	uint64_t base_position; /* of the record the worker saw */
	uint32_t reason;        /* catalogue reason, verb by verb */
	bool has_origin;
	struct bh_msg_origin origin; /* an op carried from another log */
	uint32_t post;               /* the post the author acts under; 0: the device's only one */
	uint32_t condition;          /* filing condition of the type, 1..; 0 is not stated */
	uint32_t boot;    /* counts the boots in which this handset recorded; 0: not known */
	uint32_t task;    /* of the case, that it answers; 0: none */
	uint32_t present; /* SESSION: how many were there, a byte each: parties, mediators,
			     experts, officials */
	bool claimed;     /* nobody proved to be the author: see PROTOCOL.md, section 7 */
	const struct bh_msg_blob *blobs;
	size_t blobs_count;
	uint32_t area; /* a service entry's or a round's grid; 0: by place, or the author's own */
	struct bh_msg_round round;
};

struct bh_msg_op_content {
	struct bh_span text;
	bool has_place;
	int32_t latitude_e7; /* in the datum it came in */
	int32_t longitude_e7;
	uint32_t datum;       /* enum bh_datum */
	uint32_t accuracy_dm; /* decimetres; 0 is unknown */
};

struct bh_msg_delta {
	struct bh_msg_packed records;        /* a Records */
	const struct bh_msg_cursor *cursors; /* to store in the same transaction */
	size_t cursors_count;
	struct bh_span head_hash; /* journal hash at the greatest of them, first 8 bytes */
	bool more;                /* another follows at once */
	uint64_t epoch;
};

struct bh_msg_left {
	uint64_t scope;
	uint64_t case_number;
};

struct bh_msg_records {
	const struct bh_msg_record *records;
	size_t records_count;
	const struct bh_msg_left *left;
	size_t left_count;
};

struct bh_msg_enrolled {
	struct bh_span receipt;           /* EnrolmentReceipt, signed exactly as these bytes */
	struct bh_span receipt_signature; /* 64, by the district's CA key, tag bh-receipt-1 */
	struct bh_msg_district district;
};

struct bh_msg_rotate {
	struct bh_span public_key;    /* 33, the new one */
	struct bh_span old_signature; /* 64, by the one that holds, under tag bh-rotate-1 */
	struct bh_span new_signature; /* 64, over the same by the new one */
};

struct bh_msg_rotated {
	struct bh_span public_key; /* the one that holds now */
};

/* ---- Frames ---- */

enum bh_client_kind {
	BH_CLIENT_UNKNOWN = 0, /* a kind this program does not know: skip it */
	BH_CLIENT_HELLO = 1,
	BH_CLIENT_ENROL = 2,
	BH_CLIENT_PUSH = 3,
	BH_CLIENT_APPLIED = 4,
	BH_CLIENT_PING = 5,
	BH_CLIENT_PONG = 6,
	BH_CLIENT_BYE = 7,
	BH_CLIENT_BLOB_OFFER = 8,
	BH_CLIENT_BLOB_PART = 9,
	BH_CLIENT_BLOB_ASK = 10,
	BH_CLIENT_CARGO = 11,
	BH_CLIENT_ROTATE = 12,
};

struct bh_client_frame {
	enum bh_client_kind kind;
	union {
		struct bh_msg_hello hello;
		struct bh_msg_enrol enrol;
		struct bh_msg_push push;
		struct bh_msg_applied applied;
		struct bh_msg_ping ping; /* PING and PONG */
		struct bh_msg_bye bye;
		struct bh_msg_blob_offer blob_offer;
		struct bh_msg_blob_part blob_part;
		struct bh_msg_blob_ask blob_ask;
		struct bh_msg_cargo cargo;
		struct bh_msg_rotate rotate;
	} u;
};

enum bh_server_kind {
	BH_SERVER_UNKNOWN = 0,
	BH_SERVER_WELCOME = 1,
	BH_SERVER_ENROLLED = 2,
	BH_SERVER_ACK = 3,
	BH_SERVER_DELTA = 4,
	BH_SERVER_DISTRICT = 5,
	BH_SERVER_PING = 6,
	BH_SERVER_PONG = 7,
	BH_SERVER_REFUSAL = 8,
	BH_SERVER_BLOB_STATE = 9,
	BH_SERVER_BLOB_PART = 10,
	BH_SERVER_CARGO_STATE = 11,
	BH_SERVER_ROTATED = 12,
};

struct bh_server_frame {
	enum bh_server_kind kind;
	union {
		struct bh_msg_welcome welcome;
		struct bh_msg_enrolled enrolled;
		struct bh_msg_ack ack;
		struct bh_msg_delta delta;
		struct bh_msg_district district;
		struct bh_msg_ping ping; /* PING and PONG */
		struct bh_msg_refusal refusal;
		struct bh_msg_blob_state blob_state;
		struct bh_msg_blob_part blob_part;
		struct bh_msg_cargo_state cargo_state;
		struct bh_msg_rotated rotated;
	} u;
};

#endif
