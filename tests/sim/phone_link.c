/* A handset's engine on the virtual network: what its worker thread does with sockets, event by
 * event. */
#include "proto/err.h"
#include "tests/sim/judge.h"
#include "tests/sim/phone_state.h"

#define TURNS_MAX 64
#define FIRST_WAKE_MS 1

void bh_simphone_hang_up(struct bh_simphone *phone, bool orderly)
{
	if (phone->conn == 0)
		return;
	if (orderly)
		bh_simnet_close(phone->run->net, phone->conn, BH_SIMNET_CLIENT);
	else
		bh_simnet_abort(phone->run->net, phone->conn, BH_SIMNET_CLIENT);
	phone->conn = 0;
	phone->linked = false;
}

static void dial(struct bh_simphone *phone)
{
	uint32_t conn = 0;
	int rc = bh_simnet_connect(
		phone->run->net, bh_simphone_host(phone), BH_SIM_SERVER_HOST, &conn);

	bh_assert(rc == 0);
	phone->conn = conn;
	phone->linked = false;
}

static void link_lost(struct bh_simphone *phone, enum bh_link_cause cause)
{
	phone->conn = 0;
	phone->linked = false;
	phone->key_is_mute = false;
	bh_engine_link_down(phone->engine, bh_simphone_now(phone), (int)cause);
}

/* As long as something leaves; behind the last of it a part of a photo may follow. */
static void output_send(struct bh_simphone *phone)
{
	struct bh_buf *out = bh_engine_output(phone->engine);
	size_t taken = 1;

	while (phone->linked && taken > 0 && !bh_simvfs_is_stopped(phone->disk)) {
		if (out->len == 0)
			bh_engine_drained(phone->engine, bh_simphone_now(phone));
		if (out->len == 0 || bh_simvfs_is_stopped(phone->disk))
			return;
		int rc = bh_simnet_send(phone->run->net, phone->conn, BH_SIMNET_CLIENT, out->data,
			out->len, &taken);
		bh_assert(rc == 0 || rc == BH_ERR_CLOSED);
		bh_buf_consume(out, taken);
	}
}

/* Told to the judge after every event, while its file can be read. */
static void log_show(struct bh_simphone *phone)
{
	struct bh_simphone_log log;

	if (bh_simphone_log(phone, &log))
		bh_simjudge_log(
			phone->run->judge, phone->index, log.log_id, log.head_seq, log.acked_seq);
}

static void wake_plan(struct bh_simphone *phone, int64_t wake_mono_ms)
{
	int64_t now_ms = bh_simrun_now(phone->run);
	int64_t now_mono_ms = bh_simphone_now(phone).mono_ms;

	if (wake_mono_ms == INT64_MAX)
		return;
	/* Its clock may run fast: what is left of it passes sooner. */
	int64_t at_ms = now_ms +
			(wake_mono_ms > now_mono_ms ? wake_mono_ms - now_mono_ms : FIRST_WAKE_MS);
	if (at_ms >= phone->wake_at_ms && phone->wake_at_ms > now_ms)
		return;
	phone->wake_at_ms = at_ms;
	phone->wake_gen++;
	bh_simrun_after(phone->run, at_ms - now_ms, BH_SIMKIND_PHONE_WAKE, phone->index, 0,
		phone->wake_gen);
}

static void engine_listen(struct bh_simphone *phone)
{
	const char *line = bh_engine_take_line(phone->engine);

	if (line[0] != '\0')
		bh_simtrace_say(&phone->run->trace, bh_simrun_now(phone->run), "handset %u: %s",
			phone->index, line);
}

void bh_simphone_settle(struct bh_simphone *phone)
{
	struct bh_engine_want want;

	for (int turn = 0;; turn++) {
		bh_assert(turn < TURNS_MAX);
		if (bh_simphone_has_died(phone))
			return;
		engine_listen(phone);
		bh_engine_check(phone->engine);
		output_send(phone);
		want = bh_engine_want(phone->engine);
		if (want.disconnect) {
			bh_simphone_hang_up(phone, bh_engine_output(phone->engine)->len == 0);
			link_lost(phone, BH_LINK_CLOSED);
			continue;
		}
		if (want.sign && bh_simphone_key_sign(phone))
			continue;
		if (!want.connect || phone->conn != 0)
			break;
		dial(phone);
	}
	log_show(phone);
	if (bh_simphone_has_died(phone))
		return;
	wake_plan(phone, want.wake_mono_ms);
}

void bh_simphone_news(struct bh_simphone *phone, const struct bh_simnet_news *news)
{
	if (!phone->up || news->conn != phone->conn)
		return;
	struct bh_now now = bh_simphone_now(phone);
	struct bh_binding binding;

	switch (news->seen) {
	case BH_SIMNET_CONNECTED:
		phone->linked = true;
		binding = bh_simrun_binding(phone->conn);
		bh_engine_link_up(phone->engine, now, &binding);
		break;
	case BH_SIMNET_DATA:
		bh_engine_bytes(phone->engine, now, bh_span(news->data, news->len));
		break;
	case BH_SIMNET_REFUSED:
		link_lost(phone, BH_LINK_UNREACHABLE);
		break;
	case BH_SIMNET_EOF:
		bh_simnet_close(phone->run->net, phone->conn, BH_SIMNET_CLIENT);
		link_lost(phone, BH_LINK_CLOSED);
		break;
	case BH_SIMNET_RESET:
	case BH_SIMNET_TIMEOUT:
		link_lost(phone, BH_LINK_CUT);
		break;
	default:
		break;
	}
	bh_simphone_settle(phone);
}
