/* A TLS connection's bytes: whole and in order whatever their sizes and however slow the other side
 * is, and one end for each connection, however it comes. */
#include "tests/unit/net/stream_world.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define RECORD_BYTES 16384u
#define READ_BYTES 2048u  /* of a call, as the stream has it */
#define SMALL_BYTES 8192  /* of a socket's buffer */
#define READS_A_TURN 128u /* as the stream has it */
#define PIECE_BYTES 500000u

static void test_stream__bytes_of_any_size_come_and_go_whole(void **state)
{
	static const size_t sizes[] = {
		1, RECORD_BYTES - 1, RECORD_BYTES, RECORD_BYTES + 1, 1u << 20};
	struct world *world = *state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		connect_up(world, 0);
		peer_write(world, 0, sizes[i]);
		until_got(world, sizes[i]);
		assert_true(world->pauses > 0);
		assert_int_equal(stream_write(world, 0, sizes[i]), 0);
		until_peer_got(world, sizes[i]);
		assert_int_equal(bh_stream_waiting(world->stream), 0);
		assert_int_equal(world->sents, 1);
		assert_int_equal(world->cuts, 0);
		disconnect(world);
	}
}

static void test_stream__both_ways_at_once_nothing_is_mixed_up(void **state)
{
	struct world *world = *state;
	connect_up(world, SMALL_BYTES);
	for (size_t at = 0; at < 8 * PIECE_BYTES / 4; at += PIECE_BYTES / 4) {
		assert_int_equal(stream_write(world, at, PIECE_BYTES / 4), 0);
		peer_write(world, at, PIECE_BYTES / 4);
		until_got(world, at + PIECE_BYTES / 4);
	}
	until_peer_got(world, 2 * PIECE_BYTES);
	is_pattern(world, &world->got, 2 * PIECE_BYTES);
}

static void test_stream__a_slow_reader_has_all_of_it_and_sent_is_said_once(void **state)
{
	struct world *world = *state;
	size_t before = 3 * PIECE_BYTES;
	connect_up(world, SMALL_BYTES);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(stream_write(world, i * PIECE_BYTES, PIECE_BYTES), 0);
	turn(world);
	assert_true(bh_stream_waiting(world->stream) > PIECE_BYTES);
	assert_int_equal(world->sents, 0);
	for (int i = 0; i < TURNS_MAX && world->sents == 0; i++) {
		size_t waiting = bh_stream_waiting(world->stream);
		assert_true(waiting <= before && world->peer_got.len < 3 * PIECE_BYTES);
		before = waiting;
		peer_read(world, 1000);
		turn(world);
	}
	assert_int_equal(world->sents, 1);
	assert_int_equal(bh_stream_waiting(world->stream), 0);
	until_peer_got(world, 3 * PIECE_BYTES);
	assert_int_equal(world->sents, 1);
}

/* What went to the system waits no longer, though something always does. */
static void test_stream__a_reader_who_keeps_pace_far_behind_is_never_refused(void **state)
{
	struct world *world = *state;
	const size_t step = 50000, behind = 10;
	connect_up(world, SMALL_BYTES);
	for (size_t i = 0; i < 2 * BH_STREAM_OUT_BYTES_MAX / step - behind; i++) {
		assert_int_equal(stream_write(world, i * step, step), 0);
		for (int k = 0; k < TURNS_MAX && world->peer_got.len + behind * step < i * step;
			k++) {
			peer_read(world, RECORD_BYTES);
			turn(world);
		}
		assert_true(bh_stream_waiting(world->stream) + world->peer_got.len <=
			    (i + 1) * step + RECORD_BYTES);
	}
	is_pattern(world, &world->peer_got, world->peer_got.len);
	assert_int_equal(world->sents, 0);
}

static void test_stream__more_than_may_wait_is_refused_and_the_rest_comes_whole(void **state)
{
	struct world *world = *state;
	size_t taken = 0;
	int err = 0;
	connect_up(world, SMALL_BYTES);
	while ((err = stream_write(world, taken, 100000)) == 0)
		taken += 100000;
	assert_int_equal(err, BH_ERR_LIMIT);
	assert_true(taken >= BH_STREAM_OUT_BYTES_MAX - 100000);
	assert_true(bh_stream_waiting(world->stream) <= BH_STREAM_OUT_BYTES_MAX);
	until_peer_got(world, taken);
	assert_int_equal(world->sents, 1);
	assert_int_equal(stream_write(world, taken, 1), 0); /* there is room again */
	until_peer_got(world, taken + 1);
}

static void test_stream__one_turn_reads_so_many_records_and_the_next_goes_on(void **state)
{
	struct world *world = *state;
	connect_up(world, 0);
	turn(world);
	for (size_t i = 0; i < 3 * READS_A_TURN; i++)
		peer_write(world, 10 * i, 10);
	for (unsigned i = 1; i <= 3; i++) {
		turn(world);
		assert_int_equal(world->byte_calls, i * READS_A_TURN);
		assert_int_equal(world->pauses, i);
	}
	is_pattern(world, &world->got, 30 * READS_A_TURN);
	turn(world);
	assert_int_equal(world->pauses, 3); /* nothing came, and nothing is said of it */
}

static void test_stream__a_goodbye_comes_behind_the_bytes_and_is_answered(void **state)
{
	struct world *world = *state;
	connect_up(world, 0);
	peer_write(world, 0, 50000);
	assert_int_equal(SSL_shutdown(world->peer), 0);
	until_cut(world);
	is_pattern(world, &world->got, 50000);
	stream_end(world);
	peer_until_ended(world);
	assert_true(world->peer_notified);
	assert_int_equal(stream_write(world, 0, 1), BH_ERR_CLOSED);
}

/* What can be read was sent before; a FIN without a goodbye may be anybody's. */
static void test_B01_stream__a_peer_that_only_closes_is_cut_and_gets_no_goodbye(void **state)
{
	struct world *world = *state;
	for (int half = 0; half < 2; half++) {
		connect_up(world, 0);
		peer_write(world, 0, 50000);
		if (half) /* of a record's head */
			peer_write_raw(world, 0, 3);
		assert_int_equal(shutdown(world->peer_fd, SHUT_WR), 0);
		until_cut(world);
		is_pattern(world, &world->got, 50000);
		stream_end(world);
		bh_stream_free(world->stream);
		world->stream = NULL;
		peer_until_ended(world);
		assert_false(world->peer_notified);
		disconnect(world);
	}
}

static void test_B01_stream__a_peer_that_is_gone_is_cut_once_with_bytes_waiting(void **state)
{
	struct world *world = *state;
	connect_up(world, SMALL_BYTES);
	assert_int_equal(stream_write(world, 0, 2 * PIECE_BYTES), 0);
	turn(world);
	assert_true(bh_stream_waiting(world->stream) > 0);
	peer_close(world, true);
	until_cut(world);
	assert_int_equal(world->sents, 0);
	assert_int_equal(stream_write(world, 0, 1), BH_ERR_CLOSED);
	stream_end(world);
}

static void test_stream__what_waits_when_it_is_ended_is_dropped_and_nobody_is_told(void **state)
{
	struct world *world = *state;
	connect_up(world, SMALL_BYTES);
	assert_int_equal(stream_write(world, 0, 2 * PIECE_BYTES), 0);
	peer_write(world, 0, 100);
	stream_end(world);
	for (int i = 0; i < 20; i++)
		turn(world);
	assert_int_equal(world->sents + world->cuts + world->byte_calls, 0);
	bh_stream_free(world->stream);
	world->stream = NULL;
	peer_until_ended(world);
	assert_true(world->peer_got.len < 2 * PIECE_BYTES);
	is_pattern(world, &world->peer_got, world->peer_got.len);
}

static void test_stream__deaf_it_sends_what_waits_and_hears_nothing(void **state)
{
	struct world *world = *state;
	connect_up(world, SMALL_BYTES);
	world->deafens = true; /* with the first bytes */
	peer_write(world, 0, 2 * RECORD_BYTES);
	until_got(world, READ_BYTES);
	assert_int_equal(stream_write(world, 0, PIECE_BYTES), 0);
	peer_write(world, 0, 100);
	until_peer_got(world, PIECE_BYTES);
	assert_int_equal(world->sents, 1);
	assert_int_equal(world->byte_calls, 1);
	assert_int_equal(world->cuts, 0);
}

/* TLS 1.3 has no renegotiation; it has this. */
static void test_stream__keys_that_change_in_between_change_no_byte(void **state)
{
	struct world *world = *state;
	connect_up(world, 0);
	for (size_t i = 0; i < 20; i++) {
		assert_int_equal(SSL_key_update(world->peer, i % 2 ? SSL_KEY_UPDATE_REQUESTED
								   : SSL_KEY_UPDATE_NOT_REQUESTED),
			1);
		peer_write(world, 20000 * i, 20000);
		assert_int_equal(stream_write(world, 20000 * i, 20000), 0);
		until_got(world, 20000 * (i + 1));
		until_peer_got(world, 20000 * (i + 1));
	}
	assert_int_equal(SSL_renegotiate(world->peer), 0);
	assert_int_equal(world->cuts, 0);
}

static void test_A01_stream__what_is_no_tls_is_cut_before_anything_is_said(void **state)
{
	static const char http[] = "GET / HTTP/1.1\r\n\r\n";
	struct world *world = *state;
	for (size_t i = 0; i < 3; i++) {
		connect_raw(world, 0);
		if (i < 2)
			peer_write_raw(world, 1000 * i, 3000);
		else
			assert_int_equal(send(world->peer_fd, http, sizeof(http), 0), sizeof(http));
		until_cut(world);
		assert_int_equal(world->ups + world->byte_calls + world->sents, 0);
		stream_end(world);
		disconnect(world);
	}
}

static void test_A01_stream__bad_bytes_between_records_cut_it_and_are_not_read(void **state)
{
	struct world *world = *state;
	connect_up(world, 0);
	peer_write(world, 0, 1000);
	peer_write_raw(world, 0, 20000); /* longer than any record */
	until_cut(world);
	is_pattern(world, &world->got, 1000);
	stream_end(world);
	for (int i = 0; i < 20; i++)
		turn(world);
	assert_int_equal(world->cuts, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_stream__bytes_of_any_size_come_and_go_whole),
		CASE(test_stream__both_ways_at_once_nothing_is_mixed_up),
		CASE(test_stream__a_slow_reader_has_all_of_it_and_sent_is_said_once),
		CASE(test_stream__a_reader_who_keeps_pace_far_behind_is_never_refused),
		CASE(test_stream__more_than_may_wait_is_refused_and_the_rest_comes_whole),
		CASE(test_stream__one_turn_reads_so_many_records_and_the_next_goes_on),
		CASE(test_stream__a_goodbye_comes_behind_the_bytes_and_is_answered),
		CASE(test_B01_stream__a_peer_that_only_closes_is_cut_and_gets_no_goodbye),
		CASE(test_B01_stream__a_peer_that_is_gone_is_cut_once_with_bytes_waiting),
		CASE(test_stream__what_waits_when_it_is_ended_is_dropped_and_nobody_is_told),
		CASE(test_stream__deaf_it_sends_what_waits_and_hears_nothing),
		CASE(test_stream__keys_that_change_in_between_change_no_byte),
		CASE(test_A01_stream__what_is_no_tls_is_cut_before_anything_is_said),
		CASE(test_A01_stream__bad_bytes_between_records_cut_it_and_are_not_read),
	};
	(void)signal(SIGPIPE, SIG_IGN); /* as the server does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
