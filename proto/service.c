/* The names of what a service entry is of. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"

static const struct {
	const char *en;
	const char *zh;
} names[BH_SERVICE_COUNT] = {
	[BH_SERVICE_NONE] = {"unknown", "未知"},
	[BH_SERVICE_CONSULTATION] = {"consultation", "咨询"},
	[BH_SERVICE_PROXY] = {"proxy", "帮办代办"},
	[BH_SERVICE_PUBLICITY] = {"publicity", "宣传"},
	[BH_SERVICE_HAZARD_CHECK] = {"hazard_check", "隐患排查"},
	[BH_SERVICE_PLACE_FACT] = {"place_fact", "基础信息"},
};

const char *bh_service_name(unsigned kind)
{
	return names[kind < BH_SERVICE_COUNT ? kind : BH_SERVICE_NONE].en;
}

const char *bh_service_name_zh(unsigned kind)
{
	return names[kind < BH_SERVICE_COUNT ? kind : BH_SERVICE_NONE].zh;
}

int bh_service_parse(const char *name, unsigned *out)
{
	for (unsigned kind = BH_SERVICE_NONE + 1; kind < BH_SERVICE_COUNT; kind++) {
		if (strcmp(name, names[kind].en) == 0) {
			*out = kind;
			return 0;
		}
	}
	return BH_ERR_NOT_FOUND;
}
