/* The answers' names for logs and their sentences for people, each table indexed by its enum. */
#include <stddef.h>

#include "proto/verdict.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct reason_row {
	const char *name;
	const char *zh;
	const char *en;
	bool correctable;
};

struct refusal_row {
	const char *name;
	const char *zh;
	bool final;
};

static const char *const verdict_names[] = {
	[BH_VERDICT_NONE] = "none",
	[BH_VERDICT_ACCEPTED] = "accepted",
	[BH_VERDICT_STALE] = "stale",
	[BH_VERDICT_REJECTED] = "rejected",
	[BH_VERDICT_QUARANTINED] = "quarantined",
	[BH_VERDICT_CARRIED] = "carried",
};

/* clang-format off */
static const struct reason_row reasons[BH_REASON_COUNT] = {
	[BH_REASON_NONE] = {"none", "已接受", "accepted", false},
	[BH_REASON_UNREADABLE] = {"unreadable", "内容无法读取，请重新填报",
		"The entry could not be read; please record it again.", true},
	[BH_REASON_TOO_LARGE] = {"too_large", "内容过长，请精简后重新填报",
		"The entry is too long; please shorten it and record it again.", true},
	[BH_REASON_TEXT] = {"text", "文字为空、过长或含有无法识别的字符，请修改后重新填报",
		"The text is empty, too long or not readable; please correct it.", true},
	[BH_REASON_PLACE] = {"place", "位置超出有效范围，请重新定位",
		"The position is out of range; please take it again.", true},
	[BH_REASON_TIME] = {"time", "时间有误，请核对后重新填报",
		"The time is not possible; please check it and record again.", true},
	[BH_REASON_NO_CASE] = {"no_case", "没有找到这个案件，请核对编号",
		"There is no such case; please check its number.", true},
	[BH_REASON_NO_RIGHT] = {"no_right", "您的岗位无权办理此操作",
		"Your post does not cover this.", false},
	[BH_REASON_NOT_NOW] = {"not_now", "案件在当前状态下不能进行此操作",
		"The case does not allow this in its present state.", false},
	[BH_REASON_MOVED_ON] = {"moved_on", "案件已有新的进展，本次操作未生效",
		"The case had moved on; this had no effect.", false},
	[BH_REASON_NO_UNIT] = {"no_unit", "没有指定承办单位，请选择单位",
		"No unit is named; please choose one.", true},
	[BH_REASON_NO_REASON] = {"no_reason", "请填写理由或办理结果",
		"Please state the reason or the result.", true},
	[BH_REASON_WINDOW] = {"window", "已超过办理此操作的期限",
		"The time for this has passed.", false},
	[BH_REASON_DEVICE] = {"device", "本设备已停用，请联系管理员",
		"This device is out of service; please ask an administrator.", false},
	[BH_REASON_AUTHOR] = {"author", "操作人不属于本设备，请联系管理员",
		"The author is not known on this device; please ask an administrator.", false},
	[BH_REASON_UNSUPPORTED] = {"unsupported", "系统暂不支持此操作",
		"The system does not support this yet.", false},
	[BH_REASON_GUARD] = {"guard", "办理条件尚未满足",
		"A condition for this is not met.", true},
	[BH_REASON_FIELD] = {"field", "有一项内容超出允许范围，请修改后重新填报",
		"A value is out of range; please correct it.", true},
	[BH_REASON_HANDED_IN] = {"handed_in", "已提交本单位负责人审签，审签后才算处置完成",
		"It was handed to your unit's lead, who signs it off.", false},
};

static const struct refusal_row refusals[BH_REFUSAL_COUNT] = {
	[BH_REFUSAL_NONE] = {"none", "", false},
	[BH_REFUSAL_BAD_FRAME] = {"bad_frame", "数据格式错误", true},
	[BH_REFUSAL_TOO_LARGE] = {"too_large", "数据超过大小限制", true},
	[BH_REFUSAL_TOO_COMPLEX] = {"too_complex", "数据过于复杂", true},
	[BH_REFUSAL_UNPACK] = {"unpack", "数据无法解压", true},
	[BH_REFUSAL_VERSION] = {"version", "软件版本不受支持，请更新", true},
	[BH_REFUSAL_NOT_PROVED] = {"not_proved", "设备身份未通过验证，请联系管理员", true},
	[BH_REFUSAL_ORDER] = {"order", "消息顺序错误", true},
	[BH_REFUSAL_GAP] = {"gap", "记录不连续，将自动续传", false},
	[BH_REFUSAL_FORK] = {"fork", "本机记录与服务器不一致，将自动重新登记", true},
	[BH_REFUSAL_BATCH] = {"batch", "一次上传过多，将自动分批", false},
	[BH_REFUSAL_BUSY] = {"busy", "服务器繁忙，稍后自动重试", true},
	[BH_REFUSAL_CODE] = {"code", "登记码无效或已过期", true},
	[BH_REFUSAL_REVOKED] = {"revoked", "本设备已被停用，请联系管理员", true},
	[BH_REFUSAL_REPLACED] = {"replaced", "本设备已在另一连接上登录", true},
	[BH_REFUSAL_STORAGE] = {"storage", "服务器暂时无法保存，稍后自动重试", false},
	[BH_REFUSAL_SHUTDOWN] = {"shutdown", "服务器正在停机，稍后自动重试", true},
};
/* clang-format on */

static const struct reason_row *reason_row(enum bh_reason reason)
{
	static const struct reason_row unknown = {"unknown", "未能办理，请联系管理员",
		"This could not be done; please ask an administrator.", false};
	return (unsigned)reason < COUNT(reasons) ? &reasons[reason] : &unknown;
}

static const struct refusal_row *refusal_row(enum bh_refusal refusal)
{
	/* A code of a newer server: end the connection and come back later. */
	static const struct refusal_row unknown = {
		"unknown", "服务器拒绝了连接，稍后自动重试", true};
	return (unsigned)refusal < COUNT(refusals) ? &refusals[refusal] : &unknown;
}

const char *bh_verdict_name(enum bh_verdict verdict)
{
	return (unsigned)verdict < COUNT(verdict_names) ? verdict_names[verdict] : "unknown";
}

const char *bh_reason_name(enum bh_reason reason)
{
	return reason_row(reason)->name;
}

const char *bh_refusal_name(enum bh_refusal refusal)
{
	return refusal_row(refusal)->name;
}

const char *bh_reason_sentence_zh(enum bh_reason reason)
{
	return reason_row(reason)->zh;
}

const char *bh_reason_sentence_en(enum bh_reason reason)
{
	return reason_row(reason)->en;
}

const char *bh_refusal_sentence_zh(enum bh_refusal refusal)
{
	return refusal_row(refusal)->zh;
}

bool bh_reason_is_correctable(enum bh_reason reason)
{
	return reason_row(reason)->correctable;
}

bool bh_refusal_is_final(enum bh_refusal refusal)
{
	return refusal_row(refusal)->final;
}
