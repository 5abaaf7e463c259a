/* What took effect in a run, summed over runs, each kind under the name that a reader of the
 * figures knows it by. */
#include "tests/sim/tally.h"

#include <stddef.h>

#define COUNT(field)                                        \
	{                                                   \
#field, offsetof(struct bh_simtally, field) \
	}

struct named {
	const char *name;
	size_t at; /* of a uint64_t */
};

static const struct named sums[] = {COUNT(handsets), COUNT(ops), COUNT(reports), COUNT(closures),
	COUNT(cases), COUNT(days_ms), COUNT(acks_lost), COUNT(repeats), COUNT(origins_carried),
	COUNT(quarantined), COUNT(held_of_live), COUNT(released), COUNT(discarded),
	COUNT(decided_again), COUNT(released_heard), COUNT(breaches), COUNT(reminders),
	COUNT(automatic_dispatches), COUNT(forks), COUNT(server_clock_confirmed),
	COUNT(revoked_live), COUNT(photos), COUNT(photo_bytes), COUNT(photos_again),
	COUNT(photos_named), COUNT(photos_released), COUNT(photos_let_in), COUNT(photos_fetched),
	COUNT(thumbnails_fetched), COUNT(photo_rooms_made), COUNT(photos_torn),
	COUNT(server_backups), COUNT(server_numbers_skipped), COUNT(ops_again), COUNT(ops_retired),
	COUNT(receipts_believed), COUNT(receipts_strange), COUNT(forgers), COUNT(photos_lost),
	COUNT(server_segments), COUNT(server_restores_plain), COUNT(segment_entries),
	COUNT(signatures), COUNT(signatures_failed), COUNT(rotations), COUNT(keys_rotated),
	COUNT(handsets_shared), COUNT(ops_of_colleagues), COUNT(ops_claimed), COUNT(bundles),
	COUNT(bundle_ops), COUNT(bundle_ops_new), COUNT(bundle_photos_new), COUNT(bundle_answers),
	COUNT(bundle_acked), COUNT(answers_void), COUNT(bundles_parted), COUNT(cargo),
	COUNT(cargo_loaded), COUNT(cargo_taken), COUNT(cargo_torn), COUNT(cargo_again),
	COUNT(cargo_late), COUNT(cargo_lost), COUNT(cargo_refused), COUNT(cargo_answers),
	COUNT(extensions), COUNT(suspensions), COUNT(resumptions), COUNT(asks_refused),
	COUNT(reworks), COUNT(reopenings), COUNT(referrals), COUNT(moves_up), COUNT(voids),
	COUNT(warnings), COUNT(overdues), COUNT(amendments), COUNT(recomputations), COUNT(archives),
	COUNT(follow_tries), COUNT(follow_ups), COUNT(recurrences), COUNT(merges), COUNT(unmerges),
	COUNT(merged_answers), COUNT(notices), COUNT(notices_taken_up), COUNT(services),
	COUNT(rounds), COUNT(verifications), COUNT(checks), COUNT(helps), COUNT(tasks_answered),
	COUNT(tasks_lapsed), COUNT(tasks_withdrawn), COUNT(returns_lapsed), COUNT(check_calls),
	COUNT(self_disposals), COUNT(visits), COUNT(reassignments), COUNT(redirects_asked),
	COUNT(handed_in), COUNT(handed_back), COUNT(sign_off_calls), COUNT(gradings),
	COUNT(mediations), COUNT(sittings), COUNT(agreements), COUNT(performances),
	COUNT(performances_due), COUNT(moves_down), COUNT(consultations), COUNT(plans),
	COUNT(letters), COUNT(letters_answered), COUNT(letters_told), COUNT(letters_ended),
	COUNT(appeals), COUNT(appeals_ended), COUNT(invitations), COUNT(ratings), COUNT(papers),
	COUNT(seals), COUNT(loans), COUNT(loans_back), COUNT(shifts_handed), COUNT(shifts_taken),
	COUNT(shifts_missed), COUNT(cases_of_duty), COUNT(cases_of_later_rules),
	COUNT(cases_of_owners), COUNT(step_plans), COUNT(steps_done), COUNT(steps_told),
	COUNT(registered)};

/* Each must take effect at least three times in every run, power cuts of both ends (C09) too. */
static const struct named kinds[] = {COUNT(phone_kills), COUNT(phone_power_cuts),
	COUNT(phone_stops), COUNT(server_kills), COUNT(server_power_cuts), COUNT(server_stops),
	COUNT(server_unknown_commits), COUNT(phone_clock_steps), COUNT(phone_clock_years),
	COUNT(server_clock_steps), COUNT(server_clock_years), COUNT(long_downtimes),
	COUNT(slow_commits), COUNT(clones), COUNT(backups_restored), COUNT(server_restores),
	COUNT(revocations), COUNT(profile_changes), COUNT(version_conflicts), COUNT(photos_stored),
	COUNT(photo_resumes), COUNT(photo_bytes_again), COUNT(photo_stops),
	COUNT(photo_records_cut), COUNT(phone_disks.crashes_with_loss),
	COUNT(phone_disks.writes_lost), COUNT(phone_disks.writes_torn_at_sector),
	COUNT(phone_disks.writes_torn_in_sector), COUNT(phone_disks.eio[BH_SIMVFS_READ]),
	COUNT(phone_disks.eio[BH_SIMVFS_WRITE]), COUNT(phone_disks.eio[BH_SIMVFS_SYNC]),
	COUNT(phone_disks.budget_full), COUNT(phone_disks.full), COUNT(phone_disks.short_reads),
	COUNT(phone_disks.short_writes), COUNT(phone_disks.syncs_unknown_done),
	COUNT(phone_disks.syncs_unknown_part), COUNT(phone_disks.syncs_unknown_gone),
	COUNT(server_disk.crashes_with_loss), COUNT(server_disk.writes_lost),
	COUNT(server_disk.writes_torn_at_sector), COUNT(server_disk.writes_torn_in_sector),
	COUNT(server_disk.eio[BH_SIMVFS_READ]), COUNT(server_disk.eio[BH_SIMVFS_WRITE]),
	COUNT(server_disk.eio[BH_SIMVFS_SYNC]), COUNT(server_disk.budget_full),
	COUNT(server_disk.full), COUNT(server_disk.short_reads), COUNT(server_disk.short_writes),
	COUNT(server_disk.syncs_unknown_done), COUNT(server_disk.syncs_unknown_part),
	COUNT(server_disk.syncs_unknown_gone), COUNT(net.refused), COUNT(net.connects_lost),
	COUNT(net.sends_bytewise), COUNT(net.sends_split), COUNT(net.sends_glued),
	COUNT(net.stalls), COUNT(net.long_delays), COUNT(net.cuts_told_both),
	COUNT(net.cuts_told_one), COUNT(net.cuts_silent), COUNT(net.cut_inside),
	COUNT(net.blackholes_one_way), COUNT(net.blackholes_both_ways), COUNT(net.timeouts),
	COUNT(net.partition_waits), COUNT(net.stale_conns), COUNT(net.replays),
	COUNT(net.processes_died), COUNT(net.powers_lost), COUNT(net.half_open_resets)};

/* Each must take effect in some run of a campaign, each run has few of them or none. */
static const struct named wanted[] = {COUNT(released), COUNT(discarded), COUNT(photos_let_in),
	COUNT(keys_rotated), COUNT(bundle_ops_new), COUNT(bundle_photos_new), COUNT(bundle_answers),
	COUNT(bundles_parted), COUNT(cargo_taken), COUNT(cargo_torn), COUNT(cargo_again),
	COUNT(cargo_late), COUNT(cargo_answers), COUNT(server_segments),
	COUNT(server_restores_plain), COUNT(extensions), COUNT(suspensions), COUNT(resumptions),
	COUNT(asks_refused), COUNT(reworks), COUNT(reopenings), COUNT(referrals), COUNT(moves_up),
	COUNT(voids), COUNT(warnings), COUNT(overdues), COUNT(amendments), COUNT(recomputations),
	COUNT(archives), COUNT(follow_tries), COUNT(follow_ups), COUNT(recurrences), COUNT(merges),
	COUNT(unmerges), COUNT(merged_answers), COUNT(clones), COUNT(phone_disks.budget_full),
	COUNT(server_disk.budget_full), COUNT(revocations), COUNT(notices), COUNT(notices_taken_up),
	COUNT(services), COUNT(rounds), COUNT(verifications), COUNT(checks), COUNT(helps),
	COUNT(tasks_answered), COUNT(tasks_lapsed), COUNT(tasks_withdrawn), COUNT(returns_lapsed),
	COUNT(check_calls), COUNT(self_disposals), COUNT(visits), COUNT(reassignments),
	COUNT(redirects_asked), COUNT(handed_in), COUNT(handed_back), COUNT(sign_off_calls),
	COUNT(gradings), COUNT(mediations), COUNT(sittings), COUNT(agreements), COUNT(performances),
	COUNT(performances_due), COUNT(moves_down), COUNT(consultations), COUNT(plans),
	COUNT(letters), COUNT(letters_answered), COUNT(letters_told), COUNT(letters_ended),
	COUNT(appeals), COUNT(appeals_ended), COUNT(invitations), COUNT(ratings), COUNT(papers),
	COUNT(seals), COUNT(loans), COUNT(loans_back), COUNT(shifts_handed), COUNT(shifts_taken),
	COUNT(shifts_missed), COUNT(cases_of_duty), COUNT(cases_of_later_rules),
	COUNT(cases_of_owners), COUNT(step_plans), COUNT(steps_done), COUNT(steps_told),
	COUNT(registered)};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))
#define SUMS (sizeof(sums) / sizeof(sums[0]))
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static uint64_t get(const struct bh_simtally *tally, size_t at)
{
	return *(const uint64_t *)(const void *)((const char *)tally + at);
}

static void add(struct bh_simtally *tally, size_t at, uint64_t more)
{
	*(uint64_t *)(void *)((char *)tally + at) += more;
}

size_t bh_simtally_kinds(void)
{
	return KINDS;
}

const char *bh_simtally_kind(const struct bh_simtally *tally, size_t kind, uint64_t *count)
{
	*count = get(tally, kinds[kind].at);
	return kinds[kind].name;
}

const char *bh_simtally_lacks(const struct bh_simtally *total, size_t *at)
{
	while (*at < WANTED && get(total, wanted[*at].at) != 0)
		++*at;
	return *at < WANTED ? wanted[(*at)++].name : NULL;
}

void bh_simtally_add(struct bh_simtally *total, const struct bh_simtally *more)
{
	for (size_t i = 0; i < SUMS; i++)
		add(total, sums[i].at, get(more, sums[i].at));
	for (size_t i = 0; i < KINDS; i++)
		add(total, kinds[i].at, get(more, kinds[i].at));
}

/* A name as a key: phone_disks.eio[BH_SIMVFS_READ] becomes phone_disks.eio.read. */
static void print(const char *prefix, const char *name, uint64_t count, FILE *to)
{
	fputs(prefix, to);
	for (const char *at = name; *at != '\0'; at++) {
		if (*at == '[') {
			fputc('.', to);
			at += sizeof("BH_SIMVFS_") - 1;
		} else if (*at != ']') {
			fputc(at > name && *at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at, to);
		}
	}
	fprintf(to, "=%llu\n", (unsigned long long)count);
}

void bh_simtally_print(const struct bh_simtally *tally, const char *prefix, FILE *to)
{
	for (size_t i = 0; i < SUMS; i++)
		print(prefix, sums[i].name, get(tally, sums[i].at), to);
	for (size_t i = 0; i < KINDS; i++)
		print(prefix, kinds[i].name, get(tally, kinds[i].at), to);
}

uint64_t bh_simtally_crashes(const struct bh_simtally *tally)
{
	return tally->phone_kills + tally->phone_power_cuts + tally->server_kills +
	       tally->server_power_cuts;
}
