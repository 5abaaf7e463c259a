/* The table of case states and verbs: what may follow what, by whose hand, under which condition.
 * domain.md "Case state machine" is its source; the server decides by it, the handset greys out
 * buttons by it.  Values are frozen: they stand in journals. */
#ifndef BH_PROTO_CASEFLOW_H
#define BH_PROTO_CASEFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/caseflow_clock.h"

enum bh_state {
	BH_STATE_OUTBOX = 0, /* on the handset only; "no case yet" on the server */
	BH_STATE_RECEIVED = 1,
	BH_STATE_VERIFYING = 2,
	BH_STATE_FILED = 3,
	BH_STATE_DISPATCHED = 4,
	BH_STATE_HANDLING = 5,
	BH_STATE_RETURNING = 6,
	BH_STATE_SUSPENDED = 7,
	BH_STATE_TIER_MOVING = 8,
	BH_STATE_DONE = 9,
	BH_STATE_CHECKING = 10,
	BH_STATE_REWORK = 11,
	BH_STATE_CLOSED = 12,
	BH_STATE_ARCHIVED = 13,
	BH_STATE_FOLLOWED = 14,
	BH_STATE_REJECTED = 15,
	BH_STATE_VOID = 16,
	BH_STATE_MERGED = 17,
	BH_STATE_REFERRED = 18,
	BH_STATE_COUNT = 19,
};

enum bh_verb {
	BH_VERB_NONE = 0,
	BH_VERB_SUBMIT = 1,        /* 上报, row 1 */
	BH_VERB_VERIFY = 2,        /* 核实, 2 */
	BH_VERB_ANSWER_VERIFY = 3, /* 3 */
	BH_VERB_FILE = 4,          /* 立案, 4 */
	BH_VERB_REFUSE = 5,        /* 不予受理, 5 */
	BH_VERB_MERGE = 6,         /* 并案, 6 */
	BH_VERB_REFER = 7,         /* 转外部, 7 */
	BH_VERB_SELF_DISPOSE = 8,  /* 自处置, 8 */
	BH_VERB_DISPATCH = 9, /* 派单, 9; from RECEIVED it files and dispatches; 29 by the clock */
	BH_VERB_SIGN = 10,    /* 签收, 10 */
	BH_VERB_RETURN = 11,  /* 退单, 11 */
	BH_VERB_ACCEPT_RETURN = 12, /* 12 */
	BH_VERB_REFUSE_RETURN = 13, /* 13 */
	BH_VERB_SUSPEND = 14,       /* 挂账, 14 */
	BH_VERB_RESUME = 15,        /* 15 */
	BH_VERB_MOVE_UP = 16,       /* 上报上级, 16 */
	BH_VERB_RECEIVE = 17,       /* 17 */
	BH_VERB_FINISH = 18,        /* 完成, 18 */
	BH_VERB_CHECK = 19,         /* 核查, 19 */
	BH_VERB_PASS = 20,          /* 20 */
	BH_VERB_FAIL = 21,          /* 返工, 21 */
	BH_VERB_START = 22,         /* 22 */
	BH_VERB_CLOSE = 23,         /* 结案, 23; 33 by the clock */
	BH_VERB_REOPEN = 24,        /* 重开, 24 */
	BH_VERB_ARCHIVE = 25,       /* 归档, 25 */
	BH_VERB_FOLLOW_UP = 26,     /* 回访, 26 */
	BH_VERB_RECUR = 27,         /* 27 */
	BH_VERB_VOID = 28,          /* 作废, 28 */
	BH_VERB_REDIRECT = 29,      /* 改派, 30 */
	BH_VERB_RECONSIDER = 30,    /* 31 */
	BH_VERB_UNMERGE = 31,       /* 32 */
	BH_VERB_CASE_COUNT = 32,

	/* Entries about a case that move no state. */
	BH_VERB_DELIVERED = 40, /* a cycle's closure reached the reporter's handset */
	BH_VERB_SEEN = 41,      /* ... and was opened */
	BH_VERB_REMIND = 42,    /* the clock: 50, 80 % of the dispatch limit; past it 110, 120;
				   130, 140: nobody signs a result off */
	BH_VERB_BREACH = 43,    /* the clock: the dispatch limit passed undispatched, once, with its
				   due instant */
	BH_VERB_OVERDUE = 44,   /* the clock: a disposal limit passed: 100, and 124 and 172 by as
				   many hours more (in reason); 200: and still nothing */

	/* Moves of the table that stay where they are (rows 34 to 38). */
	BH_VERB_ASK_EXTENSION = 45, /* 申请延期, 34: by a handler to the own unit, by its lead to
				       the dispatcher */
	BH_VERB_ASK_SUSPENSION = 46, /* 申请挂账, 35 */
	BH_VERB_EXTEND = 47,         /* 延期, 36 */
	BH_VERB_REFUSE_ASK = 48,     /* 驳回申请, 37 */
	BH_VERB_ASK_VOID = 49,       /* 申请作废, 38 */
	BH_VERB_FOLLOW_TRY = 53,     /* 回访未接通, 41 */
	BH_VERB_MAIN_ENDED = 54,     /* a merged case: its main case's answer, a cycle of its own */
	BH_VERB_MAIN_MOVED = 55, /* ... its main case was merged into another, which is its now */

	BH_VERB_WARN = 50, /* 处置提醒, the clock: 50 % or 80 % of a disposal limit (in reason) */
	BH_VERB_AMEND = 51,     /* 更正, 44: type, condition or urgency; stays where it is */
	BH_VERB_RECOMPUTE = 52, /* 时限重算, the clock: due times by another calendar */

	/* Tasks that hang on a case. */
	BH_VERB_ASK_HELP = 56,       /* 请求协办, 52 */
	BH_VERB_HELP_DONE = 57,      /* 协办完成, 53 */
	BH_VERB_TASK_LAPSED = 58,    /* the clock: its limit passed unanswered, 51 */
	BH_VERB_TASK_WITHDRAWN = 59, /* the clock: its case went on without it */

	/* Entries about the district. */
	BH_VERB_FOUND = 60,   /* the district's first entry */
	BH_VERB_PROFILE = 61, /* content: Profile */
	BH_VERB_ENROL_CODE = 62,
	BH_VERB_ENROLLED = 63,
	BH_VERB_REVOKE = 64,
	BH_VERB_LOG_BEGIN = 65,      /* a device began a further log */
	BH_VERB_SUSPEND_DEVICE = 66, /* two phones advance one key's logs */
	BH_VERB_CLOCK_ALARM = 67,    /* the wall clock jumped; what punishes is held */
	BH_VERB_CLOCK_CONFIRM = 68,
	BH_VERB_UNREADABLE = 69, /* an op that could not be decoded: hash and length only */
	BH_VERB_RELEASE = 70,    /* an administrator released a quarantined op */
	BH_VERB_STORED = 71,     /* about a case: a blob of it is whole and verified */
	BH_VERB_RESTORED = 72,   /* it goes on after a backup, in a new epoch */
	BH_VERB_ROTATED = 73,    /* a device proves itself with another key */
	BH_VERB_HAND_OVER = 76,  /* 交班: a desk's shift, with a note; counts in its decision */
	BH_VERB_TAKE_OVER = 77,  /* 接班 */
	BH_VERB_HAND_OVER_MISSED = 78, /* the clock: nobody did by half an hour after its end */
	BH_VERB_BUNDLE = 79,           /* a file that was carried by hand was taken in */

	/* More tasks. */
	BH_VERB_CHECK_OVERDUE = 80, /* 核查超时, 55, the clock: what it may not close waits past the
				       limit for its check; how often it said so is the reason */
	BH_VERB_ASK_VISIT = 81,     /* 安排走访, 56 */
	BH_VERB_CHECK_FAILED = 82, /* 核查不通过, 54 */
	BH_VERB_VISIT_DONE = 83,   /* 走访反馈, 57 */

	/* What guards the people that a case names: about a case, of no cycle, moving nothing. */
	BH_VERB_PARTY = 84,     /* 当事人 was added, changed or taken out; content: sealed */
	BH_VERB_OPEN = 85,      /* 查阅 of its sealed fields; the purpose is the reason */
	BH_VERB_ERASE = 86,     /* 删除个人信息 */
	BH_VERB_HOLD = 87,      /* 依法保留: nothing of it is erased */
	BH_VERB_UNHOLD = 88,    /* 解除保留 */
	BH_VERB_ASK_ERASE = 89, /* 申请删除 */

	/* Disputes, and cases that are major (mediation.h). */
	BH_VERB_GRADE = 90,       /* 定级, 60 */
	BH_VERB_MEDIATE = 91,     /* 开始调解, 61 */
	BH_VERB_SESSION = 92,     /* 调解记录, 62; its result is the reason: enum bh_sitting */
	BH_VERB_CONCLUDE = 93,    /* 调解结果, 63; the reason is an enum bh_mediation_end */
	BH_VERB_PERFORM = 94,     /* 履行核查, 64; the reason is an enum bh_performance */
	BH_VERB_PERFORM_DUE = 95, /* the clock: a date of an agreement has come (reason 1), or
				     nobody has said three days later whether it was kept (2) */
	BH_VERB_PLAN = 96,        /* 包案方案, 67: sponsor, task force, plan */
	BH_VERB_CONSULT = 97,     /* 会商, 68; the reason: 1 asked for, 2 held */
	BH_VERB_MOVE_DOWN = 98,   /* 退回下级, 66 */

	/* Entries about no case: what a worker did in the grid. */
	BH_VERB_SERVICE = 100, /* 服务记录; type is an enum bh_service */
	BH_VERB_PATROL = 101,  /* 巡查 */

	/* Orders to units, beside a case or about none; appeals; what reporters say of it. */
	BH_VERB_ORDER = 105,         /* 下达; reason: its kind */
	BH_VERB_ORDER_ANSWER = 106,  /* 回复 */
	BH_VERB_ORDER_REVIEW = 107,  /* 审核; reason: closed, sent back, withdrawn, told up */
	BH_VERB_APPEAL = 108,        /* 申诉, 70 */
	BH_VERB_REVIEW_APPEAL = 109, /* 申诉审核, 71 and 72, 73 by the clock; reason: enum
					bh_task_result */
	BH_VERB_RATE = 110,          /* 评价, in nobody's name */
	BH_VERB_INVITE = 111,        /* 发评价码: a token was given out */
	/* About a case's dossier (一案一卷): of no cycle, moving nothing. */
	BH_VERB_PAPER = 112,        /* 补充材料 */
	BH_VERB_SEAL = 113,         /* 封卷 */
	BH_VERB_LEND = 114,         /* 借阅 */
	BH_VERB_GIVE_BACK = 115,    /* 归还 */
	BH_VERB_LOAN_OVERDUE = 116, /* the clock: it did not come back by its day */

	BH_VERB_REASSIGN = 103,     /* 任务改派, 58: of an open task, to another worker */
	BH_VERB_ASK_REDIRECT = 104, /* 申请改派, 59 */
	/* The steps of a case that is worked off by a plan (milestone.h). */
	BH_VERB_MILESTONES = 118,     /* 阶段计划, 77: set, or what is left of it changed */
	BH_VERB_MILESTONE_DONE = 119, /* 阶段完成, 78 */
	BH_VERB_MILESTONE_DUE = 122,  /* the clock: 50, 80 or 100 % of a step's limit (in reason) */
	BH_VERB_HAND_IN = 121, /* 提交审签, 81: a handler's FINISH, where his lead signs off */
	BH_VERB_HAND_BACK = 117, /* 审签退回, 82 */
	/* The clock destroyed the words of what is about no case and was kept long enough. */
	BH_VERB_PURGE_TEXTS = 123,    /* 清除文字 */
	BH_VERB_WITHDRAW_PAPER = 124, /* 撤回材料: a paper that was added counts no more */
	BH_VERB_REGISTER = 125,       /* 登记, 83: a matter that came to a desk */
	BH_VERB_MAX = 128,
};

enum bh_role {
	BH_ROLE_NONE = 0,
	BH_ROLE_REPORTER = 1,
	BH_ROLE_GRID_WORKER = 2,
	BH_ROLE_GRID_LEADER = 3,
	BH_ROLE_HELPER = 4,
	BH_ROLE_ACCEPTOR = 5,
	BH_ROLE_DISPATCHER = 6,
	BH_ROLE_SHIFT_LEADER = 7,
	BH_ROLE_UNIT_LEAD = 8,
	BH_ROLE_HANDLER = 9,
	BH_ROLE_MEDIATOR = 10,
	BH_ROLE_TIER_DESK = 11,
	BH_ROLE_SUPERVISOR = 12,
	BH_ROLE_SPONSOR = 13,
	BH_ROLE_ASSESSOR = 14,
	BH_ROLE_FOLLOWUP_AGENT = 15,
	BH_ROLE_ARCHIVIST = 16,
	BH_ROLE_PRIVACY_OFFICER = 17,
	BH_ROLE_AUDITOR = 18,
	BH_ROLE_ADMIN = 19,
	BH_ROLE_CLOCK = 20, /* the clock is an actor with a post like any other */
	BH_ROLE_COUNT = 21,
};

/* What a service entry is of: light records of work that is no case (S3-34, S4-31).  Unknown ones
 * of newer handsets are kept and counted as they came. */
enum bh_service {
	BH_SERVICE_NONE = 0,
	BH_SERVICE_CONSULTATION = 1, /* 咨询 */
	BH_SERVICE_PROXY = 2,        /* 帮办代办 */
	BH_SERVICE_PUBLICITY = 3,    /* 宣传 */
	BH_SERVICE_HAZARD_CHECK = 4, /* 隐患排查 */
	BH_SERVICE_PLACE_FACT = 5,   /* 基础信息: a base fact about a place */
	BH_SERVICE_COUNT = 6,
};
#define BH_SERVICE_MAX 255u

enum bh_area_kind {
	BH_AREA_COUNTY = 1,
	BH_AREA_TOWNSHIP = 2,
	BH_AREA_VILLAGE = 3,
	BH_AREA_GRID = 4,
	BH_AREA_SPECIAL_GRID = 5,
	BH_AREA_MICRO_GRID = 6, /* of a grid: some ten to thirty households (S2, S3) */
};

enum bh_micro_kind {
	BH_MICRO_BUILDING = 1,
	BH_MICRO_ENTERPRISE = 2,
	BH_MICRO_SHOP_STREET = 3,
};

enum bh_unit_form {
	BH_UNIT_FORM_UNIT = 0,
	BH_UNIT_FORM_BODY = 1, /* of a village, of an industry (S1-5, S2-9) */
	BH_UNIT_FORM_TEAM = 2, /* of any kind (S2-1, S3-10): none of the catalogue's */
};

/* How it stands at a centre (S1-14). */
enum bh_unit_mode {
	BH_UNIT_MODE_NONE = 0,
	BH_UNIT_MODE_RESIDENT = 1, /* 常驻 */
	BH_UNIT_MODE_ROTA = 2,     /* 轮驻 */
	BH_UNIT_MODE_ON_CALL = 3,  /* 随叫随驻 */
};

/* Work that hangs on a case and has its own assignee and clock. */
enum bh_task_kind {
	BH_TASK_NONE = 0,
	BH_TASK_VERIFY = 1, /* 核实: before filing */
	BH_TASK_CHECK = 2,  /* 核查: before closing */
	BH_TASK_HELP = 3,   /* 协办 */
	BH_TASK_VISIT = 4,  /* 走访: of a place, of how an agreement is kept; on a date */
	BH_TASK_KIND_COUNT = 5,
};

/* What a mediation session came to: an op's reason. */
enum bh_sitting {
	BH_SITTING_NONE = 0,
	BH_SITTING_AGAIN = 1,  /* another one follows */
	BH_SITTING_AGREED = 2, /* in words: the agreement is to be written */
	BH_SITTING_PARTED = 3, /* without any */
	BH_SITTING_COUNT = 4,
};

/* What its answer says: an op's reason. */
enum bh_task_result {
	BH_TASK_NO_RESULT = 0,
	BH_TASK_YES = 1, /* it is as reported; it was done */
	BH_TASK_NO = 2,
};

/* Conditions a move may carry; decide.c evaluates them, the table only names them. */
enum bh_guard {
	BH_GUARD_NONE = 0,
	BH_GUARD_TYPE_AND_GRID = 1u << 0, /* type known, grid set */
	BH_GUARD_UNIT = 1u << 1,          /* a lead unit is named or a rule finds one */
	BH_GUARD_REASON = 1u << 2,
	BH_GUARD_OWN_UNIT = 1u << 3, /* the actor's post is in the case's lead unit */
	BH_GUARD_RETURN_WINDOW = 1u << 4,
	BH_GUARD_NOT_BY_LIMIT = 1u << 5, /* by the clock: never P1, never disputes */
	BH_GUARD_RESULT = 1u
			  << 6, /* a result text: closing needs feedback to the reporter (S0-25) */
	BH_GUARD_FIRST_REFUSAL = 1u
				 << 7,   /* a second refusal of a return goes to the shift leader */
	BH_GUARD_REPORTER = 1u << 8,     /* the case's own reporter */
	BH_GUARD_WINDOW = 1u << 9,       /* inside the verb's window (reopen, rating ...) */
	BH_GUARD_FIELD_WORK = 1u << 10,  /* a photo or a reason */
	BH_GUARD_IN_TIME = 1u << 11,     /* the disposal limit has not passed */
	BH_GUARD_ASKED = 1u << 12,       /* what it grants or refuses was asked for */
	BH_GUARD_SECOND = 1u << 13,      /* another person than the one who asked */
	BH_GUARD_BOTH_PHOTOS = 1u << 14, /* one from before it was put right, one from after */
	BH_GUARD_SELF_TYPE = 1u << 15,   /* a worker may put such a case right himself */
	BH_GUARD_AFTER_WINDOW = 1u << 16, /* what WINDOW gives has run out */
	BH_GUARD_MAIN = 1u << 18,     /* a main case in the actor's area, open or closed of late */
	BH_GUARD_SEPARATE = 1u << 17, /* the actor neither handled it nor is of its unit */
	BH_GUARD_OWN_TASK = 1u << 20, /* the actor is whose task it is */
	BH_GUARD_CHECKED = 1u << 21,  /* what has to be checked was */
	BH_GUARD_NO_HELP = 1u << 22,  /* no help that was asked for is still open */
	BH_GUARD_APPEALS = 1u << 26,  /* it was late, closed of late, and not appealed before */
	BH_GUARD_EVIDENCE = 1u << 29, /* on a handset: as many photos as the type asks for */
	BH_GUARD_DOSSIER = 1u << 28,  /* its dossier is complete, or a reason says why not */
	BH_GUARD_DISPUTE = 1u << 23,  /* a dispute by its type */
	BH_GUARD_SETTLED = 1u << 24,  /* a dispute: an agreement or a failure note (row 18) */
	BH_GUARD_PLAN = 1u << 25,     /* a major case: sponsor, task force and plan (S0-23) */
	BH_GUARD_FILED = 1u << 30,    /* a condition of the type and a grid, or a word that none */
	BH_GUARD_ENDED = 1u << 27,    /* who closes says that the matter has ended (S3-27) */
};
/* A step of its plan runs: the highest bit is no enumerator's. */
#define BH_GUARD_MILESTONE (1u << 31)

struct bh_move {
	uint8_t row;  /* number in domain.md; 34 to 38: its "Rules of adjustment", and void's second
			 pair of eyes; 41: a follow-up that reached nobody; 44: its "Clock model", a
			 change of what the limit hangs on; from 50 on: tasks; from 60 on: disputes;
			 from 70 on: appeals; 80: a unit that is no more, or one that does not
			 sign where a rule says whose it is then; 83: a matter that a desk registers
			 */
	uint8_t from; /* enum bh_state */
	uint8_t to;
	uint8_t verb;
	uint32_t roles; /* 1u << enum bh_role */
	uint32_t guards;
	bool offline; /* may be recorded on a handset (domain.md, offline rule 5) */
	bool in_use;  /* decided by this version; others are refused as not yet supported */
	uint8_t clocks[BH_FLOW_CLOCKS]; /* enum bh_flow_effect: what it does to each */
};

/* The whole table, expanded to one row a (from, verb, to). */
extern const struct bh_move bh_moves[];
extern const size_t bh_moves_count;

/* NULL when the table has no such move.  Row 29 and 33 are found by role BH_ROLE_CLOCK. */
const struct bh_move *bh_move_find(enum bh_state from, enum bh_verb verb, enum bh_role role);
/* What a role could do in a state, for greying out: writes at most max verbs, gives how many. */
size_t bh_moves_of(enum bh_state from, enum bh_role role, enum bh_verb *verbs, size_t max);

/* The kind of task that an op of this verb answers; 0: none. */
enum bh_task_kind bh_verb_answers(enum bh_verb verb);

/* Of a closure: delivered, seen.  Its entry's cycle is the one that it names. */
bool bh_verb_is_receipt(unsigned verb);
/* Nobody decided anything by it: who saw the case before it has seen the version that stands. */
bool bh_verb_is_quiet(unsigned verb);

/* Nobody works on it any more: no desk lists it as open.  A clock may still run: is_timed. */
bool bh_state_is_end(enum bh_state state);
/* A clock of the case runs in this state, and has a row or an alarm to act by: all that is open,
 * and of the ends CLOSED, which is archived, and ARCHIVED, which is followed up. */
bool bh_state_is_timed(enum bh_state state);
/* True for the ends that owe the reporter an answer: CLOSED, REJECTED, VOID, MERGED, REFERRED
 * (S4-4). */
bool bh_state_ends_cycle(enum bh_state state);
/* "dispatched", "已派单"; never NULL. */
const char *bh_state_name(enum bh_state state);
const char *bh_state_name_zh(enum bh_state state);
const char *bh_verb_name(enum bh_verb verb);
const char *bh_verb_name_zh(enum bh_verb verb);
const char *bh_role_name(enum bh_role role);
const char *bh_task_kind_name(enum bh_task_kind kind); /* "verify" */
const char *bh_task_kind_name_zh(enum bh_task_kind kind);
/* 0 and *out, or BH_ERR_NOT_FOUND. */
int bh_state_parse(const char *name, enum bh_state *out);
int bh_verb_parse(const char *name, enum bh_verb *out);
int bh_role_parse(const char *name, enum bh_role *out);
/* "proxy", "帮办代办"; "unknown" for other kinds. */
const char *bh_service_name(unsigned kind);
const char *bh_service_name_zh(unsigned kind);
int bh_service_parse(const char *name, unsigned *out);

#endif
