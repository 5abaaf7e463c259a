/* The names of clocks and of what a move does to them. */
#include "proto/caseflow_clock.h"

struct name {
	const char *en;
	const char *zh;
};

static const struct name clock_names[BH_FLOW_CLOCKS] = {
	[BH_FLOW_DISPATCH] = {"dispatch", "派单时限"},
	[BH_FLOW_SIGN] = {"sign", "签收时限"},
	[BH_FLOW_DISPOSAL] = {"disposal", "处置时限"},
	[BH_FLOW_REVIEW] = {"review", "退单审核时限"},
	[BH_FLOW_PAUSE] = {"pause", "挂账期限"},
	[BH_FLOW_CHECK] = {"check", "核查时限"},
	[BH_FLOW_ANSWER] = {"answer", "结案后期限"},
	[BH_FLOW_FOLLOW] = {"follow_up", "回访时限"},
	[BH_FLOW_APPEAL] = {"appeal", "申诉审核时限"},
	[BH_FLOW_TASK] = {"task", "任务时限"},
	[BH_FLOW_PERFORM] = {"performance", "协议履行日期"},
};

static const struct name effect_names[BH_EFFECTS] = {
	[BH_EFFECT_KEEP] = {"keep", "不变"},
	[BH_EFFECT_START] = {"start", "起算"},
	[BH_EFFECT_END] = {"end", "终止"},
	[BH_EFFECT_PAUSE] = {"pause", "暂停"},
	[BH_EFFECT_RESUME] = {"resume", "恢复"},
	[BH_EFFECT_HALVE] = {"halve", "减半起算"},
	[BH_EFFECT_EXTEND] = {"extend", "延长"},
	[BH_EFFECT_RECKON] = {"reckon", "重算"},
	[BH_EFFECT_NEXT] = {"next", "转入下一段"},
};

bool bh_effect_ends(enum bh_flow_effect effect)
{
	return effect != BH_EFFECT_KEEP && effect != BH_EFFECT_EXTEND && effect != BH_EFFECT_RECKON;
}

static const struct name *name_of(const struct name *names, unsigned count, unsigned at)
{
	static const struct name unknown = {"unknown", "未知"};
	return at < count ? &names[at] : &unknown;
}

const char *bh_flow_clock_name(enum bh_flow_clock clock)
{
	return name_of(clock_names, BH_FLOW_CLOCKS, clock)->en;
}

const char *bh_flow_clock_name_zh(enum bh_flow_clock clock)
{
	return name_of(clock_names, BH_FLOW_CLOCKS, clock)->zh;
}

const char *bh_effect_name(enum bh_flow_effect effect)
{
	return name_of(effect_names, BH_EFFECTS, effect)->en;
}

const char *bh_effect_name_zh(enum bh_flow_effect effect)
{
	return name_of(effect_names, BH_EFFECTS, effect)->zh;
}
