/* A mediation of a case: who opened it and of which kind it is, how often the two sides met, what
 * it came to, and whether what was agreed is kept (domain.md: Mediation, Plan; S0-23, S0-54, S2-24,
 * S2-28, S3-24, S3-32). */
#ifndef BH_DOMAIN_MEDIATION_H
#define BH_DOMAIN_MEDIATION_H

#include "proto/bytes.h"
#include "proto/caseflow.h"

struct bh_rules;
struct bh_case;

/* Values are frozen: they stand in journals. */
enum bh_grade { /* S2-28 */
	BH_GRADE_NONE = 0,
	BH_GRADE_PLAIN = 1,   /* 一般 */
	BH_GRADE_HARDER = 2,  /* 较复杂 */
	BH_GRADE_COMPLEX = 3, /* 复杂 */
};
#define BH_GRADES 3u

enum bh_mediation_kind {                 /* S3-24 */
	BH_MEDIATION_PEOPLES = 1,        /* 人民调解 */
	BH_MEDIATION_ADMINISTRATIVE = 2, /* 行政调解 */
	BH_MEDIATION_JUDICIAL = 3,       /* 司法调解 */
	BH_MEDIATION_PROFESSIONAL = 4,   /* 专业调解 */
};
#define BH_MEDIATION_KINDS 4u

enum bh_linkage { /* 六调联动, S3-32 */
	BH_LINKAGE_NONE = 0,
	BH_LINKAGE_LITIGATION = 1,  /* 诉调 */
	BH_LINKAGE_POLICE = 2,      /* 警调 */
	BH_LINKAGE_PROCURATE = 3,   /* 检调 */
	BH_LINKAGE_ARBITRATION = 4, /* 仲调 */
	BH_LINKAGE_TRADE = 5,       /* 专调 */
	BH_LINKAGE_PETITION = 6,    /* 访调 */
};
#define BH_LINKAGES 6u

/* How a case's present mediation stands; also what stands of an earlier one. */
enum bh_mediation_state {
	BH_MEDIATION_NONE = 0,
	BH_MEDIATION_OPEN = 1,
	BH_MEDIATION_AGREED = 2,
	BH_MEDIATION_FAILED = 3,
	BH_MEDIATION_LEFT = 4, /* the case went elsewhere while it was open */
};

/* CONCLUDE's reason. */
enum bh_mediation_end {
	BH_MEDIATION_END_AGREED = 1,
	BH_MEDIATION_END_FAILED = 2,
};

/* What a date of an agreement came to; PERFORM's reason. */
enum bh_performance {
	BH_PERFORMANCE_OPEN = 0,
	BH_PERFORMANCE_DONE = 1,   /* 已履行 */
	BH_PERFORMANCE_PARTLY = 2, /* 部分履行 */
	BH_PERFORMANCE_NOT = 3,    /* 未履行 */
};

enum bh_consultation {
	BH_CONSULTATION_NONE = 0,
	BH_CONSULTATION_ASKED = 1,
	BH_CONSULTATION_HELD = 2,
};

/* Measures of a plan (S1-30), one bit each: 源头预防 排查预警 多元化解 领导包案 区级会商 法治保障.
 */
#define BH_MEASURES 6u

#define BH_PERFORMANCES_MAX 8u
#define BH_DECISIONS_MAX 8u /* lines of a consultation */
/* How many were there in each of four parts (parties, mediators, experts, officials), a byte each.
 */
#define BH_PRESENT(parties, mediators, experts, officials)                              \
	((uint32_t)(parties) | (uint32_t)(mediators) << 8 | (uint32_t)(experts) << 16 | \
		(uint32_t)(officials) << 24)
#define BH_PRESENT_PART(present, part) ((uint32_t)(present) >> (8 * (part)) & 0xffu)
#define BH_PRESENT_PARTS 4u

/* Every field is an integer with a frozen id from 400 on, behind a case's and a task's in an
 * entry's decision.  An entry changes one mediation at most, called by its case and its place among
 * the case's.  0 means "none". */
struct bh_mediation {
	uint64_t number; /* of its case */
	uint64_t first;  /* position of the entry that opened it */
	uint64_t last;
	uint32_t ordinal; /* 1, 2, 3 ... within the case */
	uint32_t state;   /* enum bh_mediation_state */
	uint32_t kind;
	uint32_t linkage;
	uint32_t unit;
	uint32_t tier;
	uint32_t cycle;
	uint32_t opened_by; /* person: the mediator of record (S0-55) */
	int64_t opened_ms;
	uint32_t sessions;
	uint32_t present; /* of the last one */
	uint32_t session; /* enum bh_sitting: what it came to */
	int64_t session_ms;
	int64_t ended_ms;
	uint32_t ended_by;
	int64_t amount_fen;
	uint64_t paper; /* the entry with the agreement or the failure note; not decided: the
			   projection's */
	uint32_t dates; /* of performance */
	int64_t due_ms[BH_PERFORMANCES_MAX];
	int64_t chase_ms[BH_PERFORMANCES_MAX]; /* asked: when silence is told of; 0: not */
	uint32_t result[BH_PERFORMANCES_MAX];  /* enum bh_performance */
	uint32_t asked;                        /* bit i: the clock said that date i has come */
	uint32_t chased;                       /* ... and that nobody has answered */
};

#define BH_MEDIATION_FIELD_ORDINAL 400u

/* What somebody asks for with one of these verbs. */
struct bh_dispute_ask {
	uint32_t grade;   /* GRADE, MOVE_UP */
	uint32_t major;   /* GRADE: 0 not stated, 1 it is, 2 it is not */
	uint32_t kind;    /* MEDIATE */
	uint32_t linkage; /* likewise */
	uint32_t present; /* SESSION */
	uint32_t measures;
	uint32_t mediation; /* PERFORM: its ordinal; 0: the present one */
	uint32_t date;      /* PERFORM, PERFORM_DUE: 1, 2 ... of its dates */
	int64_t amount_fen;
	uint32_t dates; /* of performance, in order */
	int64_t due_ms[BH_PERFORMANCES_MAX];
	struct bh_span agreement; /* its number */
	const struct bh_span *decisions;
	size_t decisions_count;
};

/* As bh_task_diff and the like. */
int bh_mediation_diff(
	const struct bh_mediation *before, const struct bh_mediation *after, struct bh_buf *out);
int bh_mediation_patch(struct bh_mediation *mediation, struct bh_span decision);
uint32_t bh_mediation_of_decision(struct bh_span decision);

/* Which date the clock has something to say about next (0, 1 ...), and when; false: none. */
bool bh_mediation_due(const struct bh_mediation *mediation, uint32_t *date, int64_t *at_ms);
int64_t bh_mediation_next_ms(const struct bh_mediation *mediation); /* 0: never */

/* "plain", "peoples", "litigation" ...; NULL: no such one. */
const char *bh_grade_name(uint32_t grade);
const char *bh_mediation_kind_name(uint32_t kind);
const char *bh_mediation_kind_name_zh(uint32_t kind);
const char *bh_linkage_name(uint32_t linkage);
const char *bh_linkage_name_zh(uint32_t linkage);
const char *bh_mediation_state_name(uint32_t state);
const char *bh_performance_name(uint32_t performance);
const char *bh_sitting_name(uint32_t session);
const char *bh_measure_name(uint32_t bit);

/* Whose it is to see whether it is kept: the unit that has the case, or, where that is no more or
 * nobody is there, the nearest desk that has people. */
uint32_t bh_mediation_keeper(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms);

#endif
