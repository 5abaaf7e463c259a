/* The sentences a worker reads when the handset is not in step with its server.  Each says what is
 * so, that nothing is lost, and what to do if there is something to do. */
#include "client-lib/cause.h"

#include <stddef.h>

struct why {
	const char *name;
	const char *en;
	const char *zh;
};

static const struct why whys[BH_WHY_COUNT] = {
	[BH_WHY_NONE] = {"none", "Everything is in step.", "已同步。"},
	[BH_WHY_NOT_ENROLLED] = {"not_enrolled", "This handset is not enrolled yet. Scan the code.",
		"本机尚未登记，请扫描登记码。"},
	[BH_WHY_OFFLINE] = {"offline", "There is no network. Records are kept and sent later.",
		"当前没有网络。记录已保存，联网后自动上报。"},
	[BH_WHY_UNREACHABLE] = {"unreachable",
		"The server cannot be reached. Records are kept; trying again.",
		"无法连接服务器。记录已保存，正在重试。"},
	[BH_WHY_WRONG_SERVER] = {"wrong_server",
		"Who answered is not your district's server. Nothing was sent.",
		"对方不是本区的服务器，未发送任何内容。"},
	[BH_WHY_CUT] = {"cut", "The connection broke. Records are kept; trying again.",
		"连接中断。记录已保存，正在重试。"},
	[BH_WHY_SERVER_BUSY] = {"server_busy", "The server is busy. Trying again shortly.",
		"服务器繁忙，稍后重试。"},
	[BH_WHY_SERVER_STORAGE] = {"server_storage",
		"The server cannot store just now. Records are kept; trying again.",
		"服务器暂时无法保存。记录已保存在本机，稍后重试。"},
	[BH_WHY_NOT_RECOGNISED] = {"not_recognised",
		"The server does not recognise this handset. Records are kept; ask your "
		"administrator.",
		"服务器不认可本机。记录已保存，请联系管理员。"},
	[BH_WHY_REVOKED] = {"revoked",
		"This handset was revoked. Records are kept; ask your administrator.",
		"本机已被停用。记录已保存，请联系管理员。"},
	[BH_WHY_UPGRADE] = {"upgrade", "This app is too old for the server. Please update it.",
		"应用版本过旧，请更新。"},
	[BH_WHY_STORE] = {"store", "This handset's storage fails or is full. Free some space.",
		"本机存储故障或已满，请清理空间。"},
	[BH_WHY_CODE_REFUSED] = {"code_refused",
		"The enrolment code is wrong, used or expired. Ask for a new one.",
		"登记码错误、已使用或已过期，请重新获取。"},
	[BH_WHY_PROTOCOL] = {"protocol",
		"The server and this app misunderstand each other. Records are kept.",
		"与服务器通信异常。记录已保存。"},
	[BH_WHY_REPLACED] = {"replaced", "Another connection of this handset took over.",
		"本机的另一个连接已接管。"},
	[BH_WHY_SUSPENDED] = {"suspended", "Synchronising is suspended by the app.",
		"应用已暂停同步。"},
	[BH_WHY_WAITING] = {"waiting", "What was recorded waits to be sent.", "记录等待上报。"},
	[BH_WHY_KEY] = {"key",
		"This handset's key store does not sign. Records are kept; trying again.",
		"本机密钥库无法签名。记录已保存，正在重试。"},
};

static const struct why unknown = {"unknown", "An unknown cause.", "未知原因。"};

static const struct why *why_find(int cause)
{
	return cause >= 0 && cause < BH_WHY_COUNT ? &whys[cause] : &unknown;
}

const char *bh_why_name(int cause)
{
	return why_find(cause)->name;
}

const char *bh_why_sentence_en(int cause)
{
	return why_find(cause)->en;
}

const char *bh_why_sentence_zh(int cause)
{
	return why_find(cause)->zh;
}
