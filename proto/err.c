/* Names the error codes, and ends the process when one of our own promises is broken. */
#include <stdio.h>

#include "proto/err.h"

const char *bh_err_name(int err)
{
	switch (err) {
	case BH_NOERR:
		return "BH_NOERR";
	case BH_ERR_NOMEM:
		return "BH_ERR_NOMEM";
	case BH_ERR_INVALID:
		return "BH_ERR_INVALID";
	case BH_ERR_NOT_FOUND:
		return "BH_ERR_NOT_FOUND";
	case BH_ERR_LIMIT:
		return "BH_ERR_LIMIT";
	case BH_ERR_FULL:
		return "BH_ERR_FULL";
	case BH_ERR_IO:
		return "BH_ERR_IO";
	case BH_ERR_UNKNOWN:
		return "BH_ERR_UNKNOWN";
	case BH_ERR_CORRUPT:
		return "BH_ERR_CORRUPT";
	case BH_ERR_MALFORMED:
		return "BH_ERR_MALFORMED";
	case BH_ERR_AUTH:
		return "BH_ERR_AUTH";
	case BH_ERR_CRYPTO:
		return "BH_ERR_CRYPTO";
	case BH_ERR_EXISTS:
		return "BH_ERR_EXISTS";
	case BH_ERR_VERSION:
		return "BH_ERR_VERSION";
	case BH_ERR_BUSY:
		return "BH_ERR_BUSY";
	case BH_ERR_CLOSED:
		return "BH_ERR_CLOSED";
	case BH_ERR_FORK:
		return "BH_ERR_FORK";
	case BH_ERR_SEALED:
		return "BH_ERR_SEALED";
	default:
		return "BH_ERR_(not a code)";
	}
}

_Noreturn void bh_assert_failed(const char *expression, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, expression);
	fflush(stderr);
	abort();
}
