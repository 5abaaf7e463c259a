/* District time goes on as time does (D01), but where a clock was set, confirmed, or begun. */
#include "tests/sim/judge_state.h"

#define TIME_SLACK_MS 2500

void bh_simjudge_time_anew(struct bh_simjudge *judge)
{
	judge->time_ms = 0;
	judge->disturbed_at_ms = bh_simrun_now(judge->run);
}

void bh_simjudge_time(struct bh_simjudge *judge, int64_t district_ms)
{
	int64_t now_ms = bh_simrun_now(judge->run);

	if (judge->time_ms != 0) {
		int64_t passed_ms = district_ms - judge->time_ms;
		int64_t real_ms = now_ms - judge->time_at_ms;
		if (passed_ms < 0 || passed_ms > real_ms + real_ms / 500 + TIME_SLACK_MS ||
			passed_ms < real_ms - real_ms / 500 - TIME_SLACK_MS)
			bh_simrun_fail(judge->run, "D01",
				"district time went on by %lld ms in %lld ms", (long long)passed_ms,
				(long long)real_ms);
	} else {
		judge->time_ms = district_ms;
		judge->time_at_ms = now_ms;
	}
}
