/* What a handset may know, or not yet, of a server that was put back. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "tests/sim/judge_state.h"
#include "tests/sim/phone.h"
#include "tests/sim/server.h"

bool bh_simjudge_knows_epoch(const struct bh_simjudge *judge, struct bh_simphone *phone)
{
	struct bh_store_reader *reader = bh_simserver_reader(judge->run->server);
	struct bh_district district;

	if (judge->restores == 0)
		return true;
	return reader != NULL && bh_reader_district(reader, &district) == 0 &&
	       bh_simphone_epoch(phone) == district.epoch;
}

bool bh_simjudge_has_gone_beyond(const struct bh_simjudge *judge, uint64_t epoch)
{
	return judge->restores != 0 && (judge->replaying || epoch < judge->epoch);
}

bool bh_simjudge_lacks(
	const struct bh_simjudge *judge, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t acked_seq)
{
	bool lacks = false;

	for (size_t i = 0; judge->restores != 0 && i < BH_SIMJUDGE_LOGS_MAX && !lacks; i++)
		lacks = judge->logs[i].device != 0 && judge->logs[i].head < acked_seq &&
			memcmp(judge->logs[i].log_id, log_id, BH_LOG_ID_BYTES) == 0;
	return lacks;
}
