/* What a table's columns may be called, and what their cells say: everything stands in the tables
 * below. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tools/tables/table.h"

#define AREAS (1u << BH_TABLE_LIST_AREAS)
#define UNITS (1u << BH_TABLE_LIST_UNITS)
#define PEOPLE (1u << BH_TABLE_LIST_PEOPLE)
#define POSTS (1u << BH_TABLE_LIST_POSTS)
#define ASSETS (1u << BH_TABLE_LIST_ASSETS)
#define ALL (AREAS | UNITS | PEOPLE | POSTS | ASSETS)

static const struct bh_table_column columns[] = {
	{AREAS, "code", BH_TABLE_CODE, "code|code12|代码|编码|区划代码|统计用区划代码|网格编码"},
	{UNITS | PEOPLE, "code", BH_TABLE_TEXT, "code|代码|编码|编号|工号|单位编码|人员编号"},
	{AREAS | UNITS | PEOPLE, "name", BH_TABLE_TEXT,
		"name|名称|姓名|单位名称|区划名称|网格名称"},
	{AREAS, "kind", BH_TABLE_AREA_KIND, "kind|类别|类型|层级|级别"},
	{AREAS, "parent", BH_TABLE_CODE, "parent|上级|上级代码|所属区域|township_code9"},
	{AREAS, "polygon", BH_TABLE_RING, "polygon|wkt|geometry|边界|范围|四至"},
	{AREAS, "datum", BH_TABLE_TEXT, "datum|坐标系"},
	{AREAS | POSTS, "classes", BH_TABLE_NUMBERS, "classes|大类|事件大类"},
	{UNITS, "kind", BH_TABLE_TEXT, "kind|类别|单位类别"},
	{UNITS | POSTS, "area", BH_TABLE_CODE, "area|区域|所属区域|区域代码|管辖区域|网格"},
	{AREAS, "micro_kind", BH_TABLE_MICRO_KIND, "micro_kind|微网格类别"},
	{UNITS, "form", BH_TABLE_FORM, "form|形式|组织形式"},
	{UNITS, "mode", BH_TABLE_MODE, "mode|进驻方式|入驻方式"},
	{UNITS, "liaison", BH_TABLE_TEXT, "liaison|联络员"},
	{UNITS, "deputy", BH_TABLE_TEXT, "deputy|副联络员"},
	{UNITS, "desk", BH_TABLE_FLAG, "desk|综治中心|调度台|兜底"},
	{UNITS, "dissolved", BH_TABLE_FLAG, "dissolved|撤销|已撤销"},
	{POSTS, "person", BH_TABLE_TEXT, "person|人员|工号|人员编号"},
	{POSTS, "role", BH_TABLE_ROLE, "role|岗位|角色|职务"},
	{POSTS, "unit", BH_TABLE_TEXT, "unit|单位|单位编码|所在单位"},
	{POSTS, "from", BH_TABLE_DAY, "from|开始|起|任职日期|开始日期"},
	{POSTS, "to", BH_TABLE_DAY, "to|结束|止|离任日期|结束日期"},
	{POSTS, "title", BH_TABLE_TEXT, "title|职务名称|称谓"},
	{ASSETS, "code", BH_TABLE_TEXT, "code|标识码|部件标识码|部件编码"},
	{ASSETS, "type", BH_TABLE_TEXT, "type|小类|部件小类"},
	{ASSETS, "unit", BH_TABLE_TEXT, "unit|权属单位|单位|单位编码"},
	{ASSETS, "grade", BH_TABLE_TEXT, "grade|位置等级|等级"},
	{ASSETS, "state", BH_TABLE_ASSET_STATE, "state|状态|部件状态"},
	{ALL, "remove", BH_TABLE_FLAG, "remove|删除|撤销"},
	{ALL, NULL, BH_TABLE_NOTE, "note|notes|remark|备注|说明|序号"},
};

/* ---- Words ---- */

struct word {
	const char *value;
	const char *names; /* besides the value itself */
};

static const struct word area_kinds[] = {
	{"county", "县|区|县区|区县|县级"},
	{"township", "乡镇|街道|镇|乡|民族乡|乡镇街道|乡级|类似乡级单位"},
	{"village", "村|社区|村社区|居委会|村委会|村级|类似居委会|类似村委会|类似村级单位"},
	{"grid", "网格|基础网格|普通网格"},
	{"special", "专属网格|专业网格"},
	{"micro", "微网格"},
};

static const struct word micro_kinds[] = {
	{"building", "楼栋|楼院"},
	{"enterprise", "企业"},
	{"shop_street", "商街|商铺|沿街商铺|商圈"},
};

static const struct word forms[] = {
	{"unit", "单位|部门"},
	{"body", "组织|委员会"},
	{"team", "队伍|专班|团队"},
};

static const struct word modes[] = {
	{"resident", "常驻"},
	{"rota", "轮驻"},
	{"on_call", "随叫随驻"},
};

static const struct word asset_states[] = {
	{"in_use", "完好|在用|正常"},
	{"damaged", "破损|损坏"},
	{"gone", "废弃|移除|丢失"},
};

static const struct word roles[] = {
	{"reporter", "群众|居民"},
	{"grid_worker", "专职网格员|网格员"},
	{"grid_leader", "网格长"},
	{"helper", "楼栋长|联户员|志愿者|村民小组长|居民小组长|兼职网格员"},
	{"acceptor", "受理员"},
	{"dispatcher", "派遣员|调度员"},
	{"shift_leader", "值班长"},
	{"unit_lead", "部门负责人|单位负责人|负责人"},
	{"handler", "处置人员|经办人"},
	{"mediator", "调解员"},
	{"tier_desk", "综治中心"},
	{"supervisor", "督办员"},
	{"sponsor", "包保领导"},
	{"assessor", "考核员"},
	{"followup_agent", "回访员"},
	{"archivist", "档案员"},
	{"privacy_officer", "个人信息保护负责人"},
	{"auditor", "审计员"},
	{"admin", "管理员|系统管理员"},
};

static const struct word flags[] = {
	{"true", "是|有|yes|y|1|√"},
	{"false", "否|无|no|n|0"},
};

/* Is a word one of names, "a|b|c"?  Of ASCII letters any case. */
static bool is_named(const char *names, const char *said)
{
	for (const char *at = names; *at;) {
		size_t len = strcspn(at, "|"), i = 0;
		while (i < len && said[i] &&
			tolower((unsigned char)said[i]) == (unsigned char)at[i])
			i++;
		if (i == len && said[i] == '\0')
			return true;
		at += len + (at[len] == '|');
	}
	return false;
}

static const char *word_of(const struct word *words, size_t count, const char *said)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(words[i].value, said) || is_named(words[i].names, said))
			return words[i].value;
	return NULL;
}

#define WORD_OF(words, said) word_of(words, sizeof(words) / sizeof((words)[0]), said)

const struct bh_table_column *bh_table_column_of(enum bh_table_list list, const char *heading)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if ((columns[i].lists & 1u << list) && is_named(columns[i].names, heading))
			return &columns[i];
	return NULL;
}

/* ---- Cells ---- */

static bool is_digits(const char *text, size_t len)
{
	return strlen(text) == len && strspn(text, "0123456789") == len;
}

/* 340803001000 of the statistics' list is township 340803001. */
static size_t code_level(const char *code)
{
	if (!is_digits(code, 12) || strcmp(code + 9, "000") != 0)
		return strlen(code);
	return strcmp(code + 6, "000000") == 0 ? 6 : 9;
}

/* What a spreadsheet makes of a long code that it takes for a number: 3.40803E+14. */
static bool is_exponent(const char *text)
{
	size_t digits = strspn(text, "0123456789.");
	return digits > 0 && (text[digits] == 'E' || text[digits] == 'e') &&
	       text[digits + 1] == '+' && text[digits + 2] &&
	       strspn(text + digits + 2, "0123456789") == strlen(text + digits + 2);
}

/* "10;20" or "10、20": what is no number the server names. */
static json_t *numbers_of(const char *text)
{
	static const char *const marks[] = {";", ",", " ", "、", "；", "，", "|"};
	json_t *list = json_array();
	while (list && *text) {
		size_t len = 0, skip = 0;
		while (text[len] && !skip) {
			for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && !skip; i++)
				if (strncmp(text + len, marks[i], strlen(marks[i])) == 0)
					skip = strlen(marks[i]);
			len += !skip;
		}
		if (len && json_array_append_new(list, json_stringn(text, len))) {
			json_decref(list);
			return NULL;
		}
		text += len + skip;
	}
	return list;
}

/* 2026/1/9, 2026-1-9, 2026年1月9日: as spreadsheets show days. */
static json_t *day_of(const char *text)
{
	unsigned year = 0, month = 0, day = 0;
	char a[4] = "", b[4] = "", end[8] = "";
	int n = sscanf(text, "%4u%3[^0-9]%2u%3[^0-9]%2u%7s", &year, a, &month, b, &day, end);
	bool fits = n >= 5 && month <= 99 && day <= 99 && year <= 9999;
	bool marks = (strcmp(a, b) == 0 && strchr("/-.", a[0]) && a[1] == '\0' && n == 5) ||
		     (strcmp(a, "年") == 0 && strcmp(b, "月") == 0 && strcmp(end, "日") == 0);
	char told[16];
	(void)snprintf(told, sizeof(told), "%04u-%02u-%02u", year % 10000, month % 100, day % 100);
	return json_string(fits && marks ? told : text);
}

static json_t *flag_of(const char *text, const char **what)
{
	const char *flag = WORD_OF(flags, text);
	if (!flag)
		*what = "it is neither yes (是) nor no (否)";
	return flag ? json_boolean(*flag == 't') : NULL;
}

/* An unknown word goes on: the server names it. */
static json_t *word_or_text(const char *word, const char *text)
{
	return json_string(word ? word : text);
}

json_t *bh_table_cell(const struct bh_table_column *column, const char *text, const char **what)
{
	*what = NULL;
	if (*text == '\0')
		return column->cell == BH_TABLE_FLAG ? json_false() : json_null();
	if (is_exponent(text)) {
		*what = "a spreadsheet made a number of this code: let the column be text";
		return NULL;
	}
	switch (column->cell) {
	case BH_TABLE_CODE:
		return json_stringn(text, code_level(text));
	case BH_TABLE_AREA_KIND:
		return word_or_text(WORD_OF(area_kinds, text), text);
	case BH_TABLE_MICRO_KIND:
		return word_or_text(WORD_OF(micro_kinds, text), text);
	case BH_TABLE_FORM:
		return word_or_text(WORD_OF(forms, text), text);
	case BH_TABLE_MODE:
		return word_or_text(WORD_OF(modes, text), text);
	case BH_TABLE_ASSET_STATE:
		return word_or_text(WORD_OF(asset_states, text), text);
	case BH_TABLE_DAY:
		return day_of(text);
	case BH_TABLE_ROLE:
		return word_or_text(WORD_OF(roles, text), text);
	case BH_TABLE_FLAG:
		return flag_of(text, what);
	case BH_TABLE_NUMBERS:
		return numbers_of(text);
	case BH_TABLE_RING:
		return bh_table_ring(text, what);
	default:
		return json_string(text);
	}
}

json_t *bh_table_code_tells(const char *code)
{
	static const struct {
		size_t len, parent;
		const char *kind;
	} levels[] = {{6, 0, "county"}, {9, 6, "township"}, {12, 9, "village"}, {15, 12, "grid"},
		{17, 15, "micro"}};
	for (size_t i = 0; code && i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!is_digits(code, levels[i].len))
			continue;
		json_t *told = json_pack("{s:s}", "kind", levels[i].kind);
		if (told && levels[i].parent &&
			json_object_set_new(told, "parent", json_stringn(code, levels[i].parent))) {
			json_decref(told);
			return NULL;
		}
		return told;
	}
	return json_object();
}
