/* Grounds and channels in words.  What an entry says of them stands in its decision, as the case's
 * fields, and so does not go with its text; the receipt is text. */
#include "server/domain/ending.h"

#include <stdio.h>

#include "proto/message_dispute.h"
#include "server/domain/case.h"
#include "server/domain/fields.h"

static const struct words {
	const char *name;
	const char *en;
	const char *zh;
} grounds[BH_GROUND_COUNT] = {
	[BH_GROUND_NOT_OURS] = {"not-ours", "it is another authority's", "不属本平台受理范围"},
	[BH_GROUND_OUTSIDE] = {"outside", "it is not in this district", "不在本区县范围内"},
	[BH_GROUND_NO_SUCH_PLACE] = {"no-such-place", "there is no such place", "所述地点无法查实"},
	[BH_GROUND_DUPLICATE] = {"duplicate", "the same was dealt with before",
		"与已办结的事项重复"},
	[BH_GROUND_PERSON] = {"person", "it is about a person, and no matter",
		"所反映的是个人，不是具体事项"},
	[BH_GROUND_PRIVATE] = {"private", "it is a private dispute for a court",
		"属民事争议，应通过诉讼解决"},
	[BH_GROUND_EMERGENCY] = {"emergency", "it is an emergency", "属紧急警情或急救"},
	[BH_GROUND_DECIDED] = {"decided", "it is being decided elsewhere, or was",
		"已经或正在通过诉讼、仲裁、复议等程序处理"},
	[BH_GROUND_UNCLEAR] = {"unclear", "it says too little", "反映内容不清，无法办理"},
	[BH_GROUND_OTHER] = {"other", "for another reason", "其他原因"},
};

static const struct words channels[BH_CHANNEL_COUNT] = {
	[BH_CHANNEL_110] = {"110", "110", "110 报警电话"},
	[BH_CHANNEL_119] = {"119", "119", "119 火警电话"},
	[BH_CHANNEL_120] = {"120", "120", "120 急救电话"},
	[BH_CHANNEL_12345] = {"12345", "12345", "12345 政务服务便民热线"},
	[BH_CHANNEL_COURT] = {"court", "the court", "人民法院"},
	[BH_CHANNEL_ARBITRATION] = {"arbitration", "arbitration", "仲裁机构"},
	[BH_CHANNEL_POLICE] = {"police", "the police station", "属地派出所"},
	[BH_CHANNEL_OTHER] = {"other", "another service", "其他有关部门"},
};

static const struct words *ground_of(uint32_t ground)
{
	return &grounds[ground < BH_GROUND_COUNT ? ground : BH_GROUND_NONE];
}

static const struct words *channel_of(uint32_t channel)
{
	return &channels[channel < BH_CHANNEL_COUNT ? channel : BH_CHANNEL_NONE];
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

const char *bh_ground_name(uint32_t ground)
{
	return ground_of(ground)->name;
}

const char *bh_channel_name(uint32_t channel)
{
	return channel_of(channel)->name;
}

const char *bh_ground_words(uint32_t ground)
{
	return or_empty(ground_of(ground)->en);
}

const char *bh_ground_words_zh(uint32_t ground)
{
	return or_empty(ground_of(ground)->zh);
}

const char *bh_channel_words(uint32_t channel)
{
	return or_empty(channel_of(channel)->en);
}

const char *bh_channel_words_zh(uint32_t channel)
{
	return or_empty(channel_of(channel)->zh);
}

bool bh_ground_needs_channel(uint32_t ground)
{
	return ground == BH_GROUND_NOT_OURS || ground == BH_GROUND_OUTSIDE ||
	       ground == BH_GROUND_PERSON || ground == BH_GROUND_PRIVATE ||
	       ground == BH_GROUND_EMERGENCY || ground == BH_GROUND_DECIDED;
}

static uint32_t named(struct bh_span decision, unsigned id)
{
	int64_t value = 0;
	return bh_decision_names(decision, id, &value) && value > 0 && value < UINT32_MAX
		       ? (uint32_t)value
		       : 0;
}

struct bh_ending bh_ending_of(const struct bh_entry *entry, struct bh_arena *arena)
{
	struct bh_ending ending = {0};
	struct bh_msg_dispute_content papers = {.decisions_count = 0};
	if (entry->verb != BH_VERB_REFUSE && entry->verb != BH_VERB_REFER)
		return ending;
	ending.ground = named(entry->decision, BH_CASE_FIELD_GROUND);
	ending.channel = named(entry->decision, BH_CASE_FIELD_CHANNEL);
	if (entry->content.len > 0 &&
		bh_decode_dispute_content(entry->content, arena, &papers) == 0)
		ending.receipt = papers.receipt;
	return ending;
}

/* At most 64 bytes of the receipt: it fits whatever stands in its entry. */
static int receipt_len(const struct bh_ending *ending)
{
	return (int)(ending->receipt.len <= BH_RECEIPT_NUMBER_BYTES_MAX ? ending->receipt.len : 0);
}

static const char *receipt_text(const struct bh_ending *ending)
{
	return receipt_len(ending) > 0 ? (const char *)ending->receipt.data : "";
}

void bh_ending_words_zh(const struct bh_ending *ending, char out[BH_ENDING_WORDS_SIZE])
{
	bool grounded = ending->ground != BH_GROUND_NONE;
	bool goes = ending->channel != BH_CHANNEL_NONE;
	const char *led = !goes ? "" : grounded ? "请联系：" : "已转：";
	int len = receipt_len(ending);
	(void)snprintf(out, BH_ENDING_WORDS_SIZE, "%s%s%s%s%s%.*s%s%s",
		bh_ground_words_zh(ending->ground), grounded && goes ? "，" : "", led,
		bh_channel_words_zh(ending->channel), len > 0 ? "（受理编号 " : "", len,
		receipt_text(ending), len > 0 ? "）" : "", grounded || goes ? "。" : "");
}

void bh_ending_words(const struct bh_ending *ending, char out[BH_ENDING_WORDS_SIZE])
{
	bool grounded = ending->ground != BH_GROUND_NONE;
	bool goes = ending->channel != BH_CHANNEL_NONE;
	const char *led = !goes ? "" : grounded ? "turn to " : "passed to ";
	int len = receipt_len(ending);
	(void)snprintf(out, BH_ENDING_WORDS_SIZE, "%s%s%s%s%s%.*s%s",
		bh_ground_words(ending->ground), grounded && goes ? "; " : "", led,
		bh_channel_words(ending->channel), len > 0 ? " (" : "", len, receipt_text(ending),
		len > 0 ? ")" : "");
}
