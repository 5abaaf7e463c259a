/* The error codes every layer below the public header returns, and the assertion that stays on. */
#ifndef BH_PROTO_ERR_H
#define BH_PROTO_ERR_H

#include <stdlib.h>

/* 0 is success.  Values are internal (never on the wire, never on disk), so they may be renumbered.
 */
enum bh_err {
	BH_NOERR = 0,
	BH_ERR_NOMEM = -1,
	BH_ERR_INVALID = -2, /* a caller broke a contract in words a caller can avoid */
	BH_ERR_NOT_FOUND = -3,
	BH_ERR_LIMIT = -4,   /* a named maximum was exceeded */
	BH_ERR_FULL = -5,    /* the disk is full; nothing was changed */
	BH_ERR_IO = -6,      /* storage failed; nothing was changed as far as is known */
	BH_ERR_UNKNOWN = -7, /* a commit whose outcome is not known: end the process, resolve at
				restart */
	BH_ERR_CORRUPT = -8,
	BH_ERR_MALFORMED = -9, /* bytes that do not decode */
	BH_ERR_AUTH = -10,
	BH_ERR_CRYPTO = -11,
	BH_ERR_EXISTS = -12,
	BH_ERR_VERSION = -13, /* written by a newer program, or speaks no version we speak */
	BH_ERR_BUSY = -14,
	BH_ERR_CLOSED = -15,
	BH_ERR_FORK = -16,   /* a device's log is not the continuation of the one we know */
	BH_ERR_SEALED = -17, /* a store is sealed, and not with this key */
};

/* "BH_ERR_NOMEM"; never NULL. */
const char *bh_err_name(int err);

/* Ends the process, printing where.  For our own bugs only, never for input, I/O or memory. */
_Noreturn void bh_assert_failed(const char *expression, const char *file, int line);

#define bh_assert(expression) \
	((expression) ? (void)0 : bh_assert_failed(#expression, __FILE__, __LINE__))

#endif
