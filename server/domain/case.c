/* The field table of a case (fields.c). */
#include "server/domain/case.h"

#include "server/domain/fields.h"

#define F(id, kind, member) BH_FIELD_ROW(id, kind, bh_case, member)

/* In id order, with holes.  Append; never renumber, never reuse. */
static const struct bh_field rows[] = {
	F(1, U32, cycle),
	F(2, U32, state),
	F(3, U32, reporter),
	F(4, U32, type),
	F(5, U32, condition),
	F(6, U32, urgency),
	F(7, U32, grid),
	F(8, U32, area),
	F(9, U32, place_marked),
	F(10, U32, unit),
	F(11, U32, proposed_unit),
	F(12, U32, automatic),
	F(13, U32, auto_signed),
	F(14, U32, dispatches),
	F(15, U32, return_from),
	F(16, U32, refusals),
	F(17, U32, returns),
	F(18, U32, redirects),
	F(19, I64, captured_ms),
	F(20, I64, received_ms),
	F(21, I64, queue_ms),
	F(22, I64, dispatch_due_ms),
	F(23, U32, reminded),
	F(24, U32, breached),
	F(25, I64, dispatched_ms),
	F(26, I64, sign_due_ms),
	F(27, I64, disposal_due_ms),
	F(28, I64, review_due_ms),
	F(29, I64, done_ms),
	F(30, I64, check_due_ms),
	F(31, I64, closed_ms),
	F(32, INDEX, next_ms),
	F(33, I32, latitude_e7),
	F(34, I32, longitude_e7),
	F(35, U32, has_place),
	F(36, U64, quiet_from),
	F(37, U32, delivered),
	F(38, U32, seen),
	F(39, U32, limit_works),
	F(40, I64, limit_ms),
	F(41, U32, halved),
	F(42, U32, extensions),
	F(43, I64, used_ms),
	F(44, I64, clock_from_ms),
	F(45, I64, resume_due_ms),
	F(46, U32, suspensions),
	F(47, U32, asked),
	F(48, U32, asked_level),
	F(49, U32, asked_by),
	F(50, I64, asked_until_ms),
	F(51, U32, reworks),
	F(52, U32, late),
	F(53, U32, reconsiderations),
	F(54, U32, tier),
	F(60, U64, main),
	F(61, U32, finished_by),
	F(62, I64, archived_ms),
	F(63, I64, follow_due_ms),
	F(64, U32, follow_tries),
	F(65, U32, follow_answer),
	F(70, U32, calendar),
	F(71, U32, warned),
	F(72, U32, warned_unit),
	F(73, U32, misses),
	F(74, I64, stage_from_ms),
	F(75, I64, stage_limit_ms),
	F(76, I64, used_beside_ms),
	F(80, U32, tasks),
	F(81, U32, open_tasks),
	F(82, U32, open_helps),
	F(83, U32, task),
	F(84, U32, check_calls),
	F(85, U32, checked),
	F(86, U32, returns_lapsed),
	F(87, U32, self_disposed),
	F(90, U32, grade),
	F(91, U32, major),
	F(92, U32, sponsor),
	F(93, U32, force),
	F(94, U32, measures),
	F(95, U32, mediations),
	F(96, U32, mediation_state),
	F(97, U32, paused),
	F(98, U32, lowered),
	F(99, U32, copied),
	F(100, U32, appeal),
	F(101, U32, appeal_by),
	F(102, U32, appeal_seen),
	F(103, I64, appeal_due_ms),
	F(104, U32, exempt),
	F(105, U32, by_public),
	F(107, U32, dossier),
	F(115, U32, rules),
	F(116, I32, rules_day),
	F(117, U32, duty),
	F(119, U32, asset),
	F(120, U32, consulting),
	F(121, U32, consultations),
	F(122, U32, owed),
	F(123, U32, unkept),
	F(138, U32, queue_calls),
	F(139, U32, overdue_calls),
	F(140, U32, late_unit),
	F(141, I64, breach_due_ms),
	F(142, U64, redone_from),
	F(143, U32, extended),
	F(145, U32, acceptor),
	F(146, U32, matter_ended),
	F(147, U32, none_fits),
	F(148, U32, outside),
	F(BH_CASE_FIELD_GROUND, U32, ground),
	F(BH_CASE_FIELD_CHANNEL, U32, channel),
	F(151, U32, audit),
	F(152, U32, audit_task),
	F(153, I64, check_until_ms),
	F(154, U32, appeal_cycle),
	F(155, U32, appeal_unit),
	F(156, U32, asked_unit),
	F(157, U32, redirects_asked),
	F(158, U32, redirects_refused),
	F(159, U32, handed_by),
	F(160, I64, handed_ms),
	F(161, U32, handed_photos),
	F(162, U32, sign_off_calls),
	F(163, U64, handed_from),
	F(164, U32, milestones),
	F(165, U32, milestones_done),
	F(166, U64, milestone_limits[0]),
	F(167, U64, milestone_limits[1]),
	F(168, U64, milestone_limits[2]),
	F(169, U64, milestone_limits[3]),
	F(170, I64, milestone_from_ms),
	F(171, I64, milestone_used_ms),
	F(172, I64, milestone_due_ms),
	F(173, U32, milestone_warned),
	F(174, U32, milestones_late),
	F(175, U32, milestone_unit),
	F(176, U32, repeats),
	F(177, U32, intake),
	F(178, U32, visitors),
	F(183, U32, held_to),
	F(187, U32, unmanned),
	F(188, U32, unplanned),
	F(196, U32, filed_by),
	F(197, U32, dispatched_by),
	F(198, U32, closed_by),
};

static const struct bh_fields fields = {rows, sizeof(rows) / sizeof(rows[0])};

int bh_case_diff(const struct bh_case *before, const struct bh_case *after, struct bh_buf *out)
{
	return bh_fields_diff(&fields, before, after, out);
}

int bh_case_patch(struct bh_case *cased, struct bh_span decision)
{
	struct bh_case patched = *cased;
	int err = bh_fields_patch(&fields, decision, &patched);
	if (err == 0)
		*cased = patched;
	return err;
}

bool bh_case_equal(const struct bh_case *a, const struct bh_case *b)
{
	return a->number == b->number && a->first == b->first && a->last == b->last &&
	       bh_fields_equal(&fields, a, b);
}

const char *bh_case_field_name(unsigned id)
{
	const struct bh_field *field = bh_fields_find(&fields, id);
	return field == NULL ? NULL : field->name;
}

unsigned bh_case_field_last(void)
{
	return rows[fields.count - 1].id;
}

int64_t bh_case_field(const struct bh_case *cased, unsigned id)
{
	const struct bh_field *field = bh_fields_find(&fields, id);
	return field == NULL ? 0 : bh_field_get(field, cased);
}
