/* The ways in which a matter comes, in words. */
#include "server/domain/intake.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	const char *zh;
} intakes[BH_INTAKE_COUNT] = {
	[BH_INTAKE_HANDSET] = {"handset", "终端上报"},
	[BH_INTAKE_HALL] = {"hall", "来访"},
	[BH_INTAKE_TELEPHONE] = {"telephone", "来电"},
	[BH_INTAKE_LETTER] = {"letter", "来信"},
	[BH_INTAKE_VISIT] = {"visit", "走访"},
	[BH_INTAKE_DEPARTMENT] = {"department", "部门转办"},
};

const char *bh_intake_name(uint32_t intake)
{
	return intake < BH_INTAKE_COUNT ? intakes[intake].name : NULL;
}

const char *bh_intake_name_zh(uint32_t intake)
{
	return intake < BH_INTAKE_COUNT ? intakes[intake].zh : NULL;
}

uint32_t bh_intake_parse(const char *name)
{
	for (uint32_t i = BH_INTAKE_HANDSET + 1; i < BH_INTAKE_COUNT; i++)
		if (strcmp(intakes[i].name, name) == 0)
			return i;
	return 0;
}

bool bh_intake_is_public(uint32_t intake)
{
	return intake != BH_INTAKE_HANDSET && intake != BH_INTAKE_DEPARTMENT;
}
