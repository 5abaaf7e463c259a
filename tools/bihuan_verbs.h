/* Rows of bihuan's table of verbs, by what they are about. */
#ifndef BH_TOOLS_BIHUAN_VERBS_H
#define BH_TOOLS_BIHUAN_VERBS_H

#define CALENDAR_VERBS                                                                          \
	{"calendar show", "YEAR", 0, 1, NULL, "bihuan calendar show 2027",                      \
		"the week that is worked, holidays and make-up days", "工作日历、节假日与调休", \
		bh_tool_calendar_show, NULL},                                                   \
		{"calendar check", "FILE", 1, 1, NULL, "bihuan calendar check 2027.json",       \
			"name all that is wrong with a list of holidays, change nothing",       \
			"检查节假日安排,不改动", bh_tool_calendar_import, NULL},                \
	{                                                                                       \
		"calendar apply", "FILE", 1, 1, key_options, "bihuan calendar apply 2027.json", \
			"put a list of holidays in force, for the years that it names",         \
			"启用节假日与调休安排", bh_tool_calendar_import, NULL                   \
	}
#define ROSTER_VERBS                                                                           \
	{"roster show", "DESK", 0, 1, NULL, "bihuan roster show T1-DESK",                      \
		"who is on duty, and what the desks' rosters say", "在岗人员与值班表",         \
		bh_tool_roster_show, NULL},                                                    \
		{"roster check", "FILE", 1, 1, NULL, "bihuan roster check december.csv",       \
			"name all that is wrong with a roster, and its gaps; change nothing",  \
			"检查值班表并列出空班,不改动", bh_tool_roster_import, NULL},           \
	{                                                                                      \
		"roster apply", "FILE", 1, 1, key_options, "bihuan roster apply december.csv", \
			"put a roster in force, for the desks that it names", "启用值班表",    \
			bh_tool_roster_import, NULL                                            \
	}

#endif
