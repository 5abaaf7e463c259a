/* What took effect in a run, or in many: faults by kind, and what the loop achieved. */
#ifndef BH_TESTS_SIM_TALLY_H
#define BH_TESTS_SIM_TALLY_H

#include <stdint.h>
#include <stdio.h>

#include "tests/sim/net.h"
#include "tests/sim/vfs.h"

struct bh_simtally {
	uint64_t handsets, ops, reports, closures, cases;
	uint64_t days_ms; /* handset-milliseconds of virtual time */
	/* faults that are nobody else's to count */
	uint64_t phone_kills, phone_power_cuts, phone_stops;
	uint64_t server_kills, server_power_cuts, server_stops, server_unknown_commits;
	uint64_t phone_clock_steps, phone_clock_years, phone_reboots;
	uint64_t server_clock_steps, server_clock_years, server_clock_confirmed;
	uint64_t long_downtimes, slow_commits, clones, backups_restored, forks, revocations,
		revoked_live, profile_changes, version_conflicts;
	uint64_t rotations, keys_rotated;       /* begun by handsets; entries of the journal */
	uint64_t signatures, signatures_failed; /* of keys that lie outside a handset's file */
	uint64_t acks_lost, repeats, origins_carried, quarantined, held_of_live, released,
		discarded, decided_again, released_heard, breaches, reminders, automatic_dispatches;
	uint64_t photos, photo_bytes, photos_again, photos_named, photos_released,
		photos_let_in, /* ... that came after that */
		photos_stored, photos_fetched, thumbnails_fetched, photo_rooms_made, photos_torn;
	uint64_t server_backups, server_restores, server_restores_plain, server_numbers_skipped,
		ops_again, ops_retired, receipts_believed, receipts_strange, forgers, photos_lost,
		server_segments, segment_entries;
	uint64_t extensions, suspensions, resumptions, asks_refused, reworks, reopenings, referrals,
		moves_up, voids, warnings, overdues, amendments, recomputations, archives,
		follow_tries, follow_ups, recurrences, merges, unmerges, merged_answers;
	uint64_t notices, notices_taken_up; /* rows of the outbox; rows of what handsets took up */
	uint64_t services, rounds;          /* accepted */
	uint64_t gradings, mediations, sittings, agreements, performances, performances_due,
		moves_down, consultations, plans;
	uint64_t step_plans, steps_done, steps_told; /* of plans of steps */
	uint64_t verifications, checks, helps, tasks_answered, tasks_lapsed, tasks_withdrawn;
	uint64_t letters, letters_answered, letters_told, letters_ended; /* orders to units */
	uint64_t appeals, appeals_ended;
	uint64_t registered;                       /* matters, at desks */
	uint64_t invitations, ratings;             /* tokens given out; answers rated */
	uint64_t papers, seals, loans, loans_back; /* of dossiers */
	uint64_t papers_filed, papers_withdrawn;   /* files as papers; papers that count no more */
	uint64_t shifts_handed, shifts_taken, shifts_missed;
	uint64_t cases_of_duty, cases_of_later_rules, cases_of_owners; /* of components */
	uint64_t returns_lapsed, check_calls, self_disposals, visits;
	uint64_t audits, audits_answered, audits_lapsed; /* of what the clock closed */
	uint64_t repeats_checked; /* closed after a check, at a place that repeats */
	uint64_t reassignments, redirects_asked, handed_in, handed_back, sign_off_calls;
	uint64_t handsets_shared, ops_of_colleagues,
		ops_claimed; /* sharing begun; as entries say */
	uint64_t bundles, bundle_ops, bundle_ops_new, bundle_photos_new, bundle_answers,
		bundle_acked, answers_void, bundles_parted;
	uint64_t cargo, cargo_loaded, cargo_taken, cargo_torn, cargo_again, cargo_late, cargo_lost,
		cargo_refused, cargo_answers;
	uint64_t photo_resumes, photo_bytes_again, photo_stops, photo_records_cut;
	struct bh_simvfs_stats phone_disks, server_disk;
	struct bh_simnet_stats net;
};

void bh_simtally_add(struct bh_simtally *total, const struct bh_simtally *more);
/* One key=value line each, behind the prefix. */
void bh_simtally_print(const struct bh_simtally *tally, const char *prefix, FILE *to);
/* Every kind of fault, by name: the number of kinds; name and count of one. */
size_t bh_simtally_kinds(void);
const char *bh_simtally_kind(const struct bh_simtally *tally, size_t kind, uint64_t *count);
/* What a campaign of many runs must have, and has not: the next name, NULL at the end; *at 0 first.
 */
const char *bh_simtally_lacks(const struct bh_simtally *total, size_t *at);
/* Ends of processes on both sides. */
uint64_t bh_simtally_crashes(const struct bh_simtally *tally);

#endif
