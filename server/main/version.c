/*
 * The build passes the project's version in BH_VERSION_TEXT; here it becomes a value.
 */
#include "server/main/version.h"

const char *bh_program_version(void)
{
	return BH_VERSION_TEXT;
}
