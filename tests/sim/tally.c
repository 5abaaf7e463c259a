/* What took effect in a run, summed over runs, each kind under the name that a reader of the
 * figures knows it by. */
#include "tests/sim/tally.h"

#include <stddef.h>

#define NAMED(field, wanted)                                        \
	{                                                           \
#field, offsetof(struct bh_simtally, field), wanted \
	}
#define COUNT(field) NAMED(field, false)
#define WANTED(field) NAMED(field, true)

struct named {
	const char *name;
	size_t at;   /* of a uint64_t */
	bool wanted; /* of a campaign: some run has it, each has few of them or none */
};

static const struct named sums[] = {COUNT(handsets), COUNT(ops), COUNT(reports), COUNT(closures),
	COUNT(cases), COUNT(days_ms), COUNT(acks_lost), COUNT(repeats), COUNT(origins_carried),
	COUNT(quarantined), COUNT(held_of_live), WANTED(released), WANTED(discarded),
	COUNT(decided_again), COUNT(released_heard), COUNT(breaches), COUNT(reminders),
	COUNT(automatic_dispatches), COUNT(forks), COUNT(server_clock_confirmed),
	COUNT(revoked_live), COUNT(photos), COUNT(photo_bytes), COUNT(photos_again),
	COUNT(photos_named), COUNT(photos_released), WANTED(photos_let_in), COUNT(photos_fetched),
	COUNT(thumbnails_fetched), COUNT(photo_rooms_made), COUNT(photos_torn),
	COUNT(server_backups), COUNT(server_numbers_skipped), COUNT(ops_again), COUNT(ops_retired),
	COUNT(receipts_believed), COUNT(receipts_strange), COUNT(forgers), COUNT(photos_lost),
	WANTED(server_segments), WANTED(server_restores_plain), COUNT(segment_entries),
	COUNT(signatures), COUNT(signatures_failed), COUNT(rotations), WANTED(keys_rotated),
	COUNT(handsets_shared), COUNT(ops_of_colleagues), COUNT(ops_claimed), COUNT(bundles),
	COUNT(bundle_ops), WANTED(bundle_ops_new), WANTED(bundle_photos_new),
	WANTED(bundle_answers), COUNT(bundle_acked), COUNT(answers_void), WANTED(bundles_parted),
	COUNT(cargo), COUNT(cargo_loaded), WANTED(cargo_taken), WANTED(cargo_torn),
	WANTED(cargo_again), WANTED(cargo_late), COUNT(cargo_lost), COUNT(cargo_refused),
	WANTED(cargo_answers), WANTED(extensions), WANTED(suspensions), WANTED(resumptions),
	WANTED(asks_refused), WANTED(reworks), WANTED(reopenings), WANTED(referrals),
	WANTED(moves_up), WANTED(voids), WANTED(warnings), WANTED(overdues), WANTED(amendments),
	WANTED(recomputations), WANTED(archives), WANTED(follow_tries), WANTED(follow_ups),
	WANTED(recurrences), WANTED(merges), WANTED(unmerges), WANTED(merged_answers),
	WANTED(notices), WANTED(notices_taken_up), WANTED(services), WANTED(rounds),
	WANTED(verifications), WANTED(checks), WANTED(helps), WANTED(tasks_answered),
	WANTED(tasks_lapsed), WANTED(tasks_withdrawn), WANTED(returns_lapsed), WANTED(check_calls),
	WANTED(self_disposals), WANTED(visits), WANTED(reassignments), WANTED(redirects_asked),
	WANTED(handed_in), WANTED(handed_back), WANTED(sign_off_calls), WANTED(gradings),
	WANTED(mediations), WANTED(sittings), WANTED(agreements), WANTED(performances),
	WANTED(performances_due), WANTED(moves_down), WANTED(consultations), WANTED(plans),
	WANTED(letters), WANTED(letters_answered), WANTED(letters_told), WANTED(letters_ended),
	WANTED(appeals), WANTED(appeals_ended), WANTED(invitations), WANTED(ratings),
	WANTED(papers), WANTED(seals), WANTED(loans), WANTED(loans_back), WANTED(shifts_handed),
	WANTED(shifts_taken), WANTED(shifts_missed), WANTED(cases_of_duty),
	WANTED(cases_of_later_rules), WANTED(cases_of_owners), WANTED(step_plans),
	WANTED(steps_done), WANTED(steps_told), WANTED(audits), WANTED(audits_answered),
	WANTED(audits_lapsed), WANTED(repeats_checked), WANTED(papers_filed),
	WANTED(papers_withdrawn), WANTED(registered)};

/* Each must take effect at least three times in every run, power cuts of both ends (C09) too. */
static const struct named kinds[] = {COUNT(phone_kills), COUNT(phone_power_cuts),
	COUNT(phone_stops), COUNT(server_kills), COUNT(server_power_cuts), COUNT(server_stops),
	COUNT(server_unknown_commits), COUNT(phone_clock_steps), COUNT(phone_clock_years),
	COUNT(server_clock_steps), COUNT(server_clock_years), COUNT(long_downtimes),
	COUNT(slow_commits), WANTED(clones), COUNT(backups_restored), COUNT(server_restores),
	WANTED(revocations), COUNT(profile_changes), COUNT(version_conflicts), COUNT(photos_stored),
	COUNT(photo_resumes), COUNT(photo_bytes_again), COUNT(photo_stops),
	COUNT(photo_records_cut), COUNT(phone_disks.crashes_with_loss),
	COUNT(phone_disks.writes_lost), COUNT(phone_disks.writes_torn_at_sector),
	COUNT(phone_disks.writes_torn_in_sector), COUNT(phone_disks.eio[BH_SIMVFS_READ]),
	COUNT(phone_disks.eio[BH_SIMVFS_WRITE]), COUNT(phone_disks.eio[BH_SIMVFS_SYNC]),
	WANTED(phone_disks.budget_full), COUNT(phone_disks.full), COUNT(phone_disks.short_reads),
	COUNT(phone_disks.short_writes), COUNT(phone_disks.syncs_unknown_done),
	COUNT(phone_disks.syncs_unknown_part), COUNT(phone_disks.syncs_unknown_gone),
	COUNT(server_disk.crashes_with_loss), COUNT(server_disk.writes_lost),
	COUNT(server_disk.writes_torn_at_sector), COUNT(server_disk.writes_torn_in_sector),
	COUNT(server_disk.eio[BH_SIMVFS_READ]), COUNT(server_disk.eio[BH_SIMVFS_WRITE]),
	COUNT(server_disk.eio[BH_SIMVFS_SYNC]), WANTED(server_disk.budget_full),
	COUNT(server_disk.full), COUNT(server_disk.short_reads), COUNT(server_disk.short_writes),
	COUNT(server_disk.syncs_unknown_done), COUNT(server_disk.syncs_unknown_part),
	COUNT(server_disk.syncs_unknown_gone), COUNT(net.refused), COUNT(net.connects_lost),
	COUNT(net.sends_bytewise), COUNT(net.sends_split), COUNT(net.sends_glued),
	COUNT(net.stalls), COUNT(net.long_delays), COUNT(net.cuts_told_both),
	COUNT(net.cuts_told_one), COUNT(net.cuts_silent), COUNT(net.cut_inside),
	COUNT(net.blackholes_one_way), COUNT(net.blackholes_both_ways), COUNT(net.timeouts),
	COUNT(net.partition_waits), COUNT(net.stale_conns), COUNT(net.replays),
	COUNT(net.processes_died), COUNT(net.powers_lost), COUNT(net.half_open_resets)};

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
	while (*at < SUMS + KINDS) {
		const struct named *one = *at < SUMS ? &sums[*at] : &kinds[*at - SUMS];
		++*at;
		if (one->wanted && get(total, one->at) == 0)
			return one->name;
	}
	return NULL;
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
