/* What bihuan is told of the server itself: figures, proofs, backups, keys. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option backup_options[] = {
	{"out", 'o', "DIR", "folder that backups go to; the server writes there", "备份目录"},
	{NULL}};
static const struct bh_cli_option verify_options[] = {
	{"segments", 0, "DIR", "segments that have to lead on from it", "核对日志段是否与备份相接"},
	{"drop-older", 0, NULL, "delete the segments that end before it", "删除早于该备份的日志段"},
	{NULL}};
static const struct bh_cli_option restore_options[] = {
	{"to", 't', "DIR", "folder of districts: data in bihuan.conf", "数据目录"},
	{"segments", 0, "DIR",
		"folder that journals are shipped to: what they have beyond the backup",
		"异地日志段目录,补回备份之后的内容"},
	{"keys", 0, "DIR", "the district's keys; those of the old folder otherwise", "密钥目录"},
	{"replace", 0, NULL, "the district is there: keep the old one under another name",
		"替换现有数据,原数据另存"},
	{"dry-run", 0, NULL, "say what would be lost and what handsets bring back; change nothing",
		"只说明将丢失与可补的内容"},
	{NULL}};
static const struct bh_cli_option roll_options[] = {
	{"backup-key", 0, "FILE", "the backup key; backup-ca.key beside the others otherwise",
		"备用密钥文件"},
	{"force", 0, NULL, "also where handsets would be left behind", "有终端跟不上也更换"},
	{"anew", 0, NULL, "by any key: every handset is enrolled again",
		"任意密钥,终端全部重新登记"},
	{NULL}};
static const struct bh_cli_option key_options[] = {KEY_OPTION, {NULL}};

const struct bh_cli_verb bh_tool_verbs_server[] = {
	SHOW("stats", bh_tool_stats, "bihuan stats", "the figures of the loop", "闭环数据"),
	SHOW("districts", bh_tool_districts, "bihuan districts", "the districts served",
		"区县列表"),
	SHOW("verify", bh_tool_verify, "bihuan verify", "prove a copy of the district",
		"核验区县数据"),
	{"backup verify", "FOLDER", 1, 1, verify_options,
		"bihuan backup verify 990101-20261128T020000Z",
		"read a whole backup, and prove it or refuse it", "核验备份", bh_tool_backup_verify,
		NULL},
	{"backup", "[DISTRICT]", 0, 1, backup_options, "bihuan backup --out=/var/backups/bihuan",
		"back a district up while it is served", "备份区县,不停服务", bh_tool_backup, NULL},
	{"restore", "FOLDER", 0, 1, restore_options,
		"bihuan restore 990101-20261128T020000Z --to=/var/lib/bihuan --replace",
		"put a backup back; its server is stopped", "恢复备份,须先停服务", bh_tool_restore,
		NULL},
	SHOW("keys show", bh_tool_keys_show, "bihuan keys show",
		"what handsets go by, and how many know it", "终端认可的密钥指纹"),
	{"keys roll-server", "FOLDER", 1, 1, NULL, "bihuan keys roll-server /var/lib/bihuan/990101",
		"another server key and certificate; the server is stopped",
		"更换服务器密钥,须先停服务", bh_tool_keys_roll_server, NULL},
	{"keys roll-bundle", "FOLDER", 1, 1, NULL, "bihuan keys roll-bundle /var/lib/bihuan/990101",
		"another key for bundles; the server is stopped", "更换离线包密钥,须先停服务",
		bh_tool_keys_roll_bundle, NULL},
	{"keys roll-ca", "FOLDER", 1, 1, roll_options,
		"bihuan keys roll-ca /var/lib/bihuan/990101 --backup-key=/media/safe/backup-ca.key",
		"the backup key becomes the CA's; the server is stopped",
		"启用备用密钥为签发密钥,须先停服务", bh_tool_keys_roll_ca, NULL},
	{"clock confirm", "", 0, 0, key_options, "bihuan clock confirm",
		"the clock is right: deadlines act again", "确认时钟", bh_tool_clock_confirm, NULL},
	{"moves", "[STATE]", 0, 1, NULL, "bihuan moves handling",
		"which verbs leave a state, by whose hand, and what each does to the clocks",
		"状态流转表", bh_tool_moves, NULL},
	SHOW("status", bh_tool_status, "bihuan status", "what the server does", "服务状态"),
	SHOW("reload", bh_tool_reload, "bihuan reload", "read the configuration again",
		"重新读取配置"),
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
