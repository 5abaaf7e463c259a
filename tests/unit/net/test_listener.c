/* Who is let in, how fast, and what happens when descriptors run out; and what an address or a path
 * may be. */
#include "tests/unit/proto/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/net/listener.h"

#define CALLERS 12
#define ADMIT 5u
#define TURNS_MAX 400 /* of a quarter of a second at most, each */

struct door {
	struct bh_loop *loop;
	struct bh_listener *listener;
	uint16_t port;
	uint32_t open; /* what open_count answers */
	uint32_t accepted;
	int fds[CALLERS * 2];
	int callers[CALLERS];
};

static uint32_t on_open_count(void *context)
{
	return ((struct door *)context)->open;
}

static void on_accepted(void *context, int fd)
{
	struct door *door = context;
	assert_true(door->accepted < CALLERS * 2);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	door->fds[door->accepted++] = fd;
	door->open++;
}

static void door_open(struct door *door, uint32_t admit_per_s, uint32_t connections_max)
{
	struct bh_listener_options options = {.admit_per_s = admit_per_s,
		.connections_max = connections_max,
		.open_count = on_open_count,
		.accepted = on_accepted,
		.context = door};
	memset(door, 0, sizeof(*door));
	assert_int_equal(bh_loop_new(bh_clock_system(), door, &door->loop), 0);
	options.loop = door->loop;
	assert_int_equal(bh_listen_tcp("127.0.0.1:0", &options.fd), 0);
	door->port = bh_listen_port(options.fd);
	assert_int_equal(bh_listener_open(&options, &door->listener), 0);
}

static void door_close(struct door *door)
{
	for (uint32_t i = 0; i < door->accepted; i++)
		(void)close(door->fds[i]);
	for (size_t i = 0; i < CALLERS; i++)
		if (door->callers[i] > 0)
			(void)close(door->callers[i]);
	bh_listener_close(door->listener);
	bh_loop_free(door->loop);
}

static int call(uint16_t port)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void everybody_calls(struct door *door)
{
	for (size_t i = 0; i < CALLERS; i++)
		door->callers[i] = call(door->port);
}

/* What is ready now. */
static void turn(struct door *door)
{
	assert_true(event_base_loop(bh_loop_base(door->loop), EVLOOP_NONBLOCK) >= 0);
}

/* Until so many were let in; a refill is a second away. */
static void turn_until(struct door *door, uint32_t accepted)
{
	for (int i = 0; i < TURNS_MAX && door->accepted < accepted; i++)
		assert_true(event_base_loop(bh_loop_base(door->loop), EVLOOP_ONCE) >= 0);
	assert_int_equal(door->accepted, accepted);
}

static void test_listener__lets_in_a_seconds_allowance_and_the_rest_with_the_next(void **state)
{
	struct door door;
	(void)state;
	door_open(&door, ADMIT, 1000);
	everybody_calls(&door);
	turn(&door);
	assert_int_equal(door.accepted, ADMIT);
	turn(&door);
	assert_int_equal(door.accepted, ADMIT);
	bh_listener_set_limits(door.listener, CALLERS, 1000);
	turn_until(&door, CALLERS);
	door_close(&door);
}

static void test_listener__past_connections_max_waits_until_somebody_leaves(void **state)
{
	struct door door;
	(void)state;
	door_open(&door, 100, 3);
	everybody_calls(&door);
	turn(&door);
	turn(&door);
	assert_int_equal(door.accepted, 3);
	door.open = 1;
	turn_until(&door, 5);
	door_close(&door);
}

static void test_E09_listener__without_descriptors_rests_and_goes_on_when_there_are(void **state)
{
	struct door door;
	struct rlimit before, none;
	(void)state;
	door_open(&door, 100, 1000);
	everybody_calls(&door);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	turn(&door);
	int ready_again = event_base_get_num_events(
		bh_loop_base(door.loop), EVENT_BASE_COUNT_ADDED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(door.accepted, 0);
	assert_int_equal(ready_again, 2); /* the bell and the refill: no spinning on the socket */
	turn_until(&door, CALLERS);
	door_close(&door);
}

/* ---- Addresses and paths ---- */

static void test_listen__refuses_what_is_no_address_and_ports_that_are_none(void **state)
{
	static const char *const wrong[] = {"", ":", "127.0.0.1:", "127.0.0.1:70000", "65536", "-1",
		"+7443", "localhost:7443", "127.0.0.1:http", "127.0.0.1:74 43", "[::1:7443"};
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int fd = -1;
		assert_int_equal(bh_listen_tcp(wrong[i], &fd), BH_ERR_INVALID);
		assert_int_equal(fd, -1);
	}
}

static void test_listen__a_port_alone_is_every_address(void **state)
{
	int fd = -1;
	(void)state;
	assert_int_equal(bh_listen_tcp("0", &fd), 0);
	(void)close(call(bh_listen_port(fd)));
	(void)close(fd);
}

static void test_listen__a_taken_port_is_an_io_error_that_errno_tells(void **state)
{
	char address[32];
	int fd = -1, other = -1;
	(void)state;
	assert_int_equal(bh_listen_tcp("127.0.0.1:0", &fd), 0);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", bh_listen_port(fd));
	assert_int_equal(bh_listen_tcp(address, &other), BH_ERR_IO);
	assert_int_equal(errno, EADDRINUSE);
	(void)close(fd);
}

static void folder_make(char *folder, size_t size)
{
	const char *tmp = getenv("TMPDIR");
	(void)snprintf(folder, size, "%s/bh-net-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(folder));
}

static void test_listen__a_dead_socket_is_replaced_a_live_one_is_not(void **state)
{
	char folder[64], path[80];
	struct stat st;
	int fd = -1, other = -1;
	(void)state;
	folder_make(folder, sizeof(folder));
	(void)snprintf(path, sizeof(path), "%s/admin.sock", folder);
	assert_int_equal(bh_listen_unix(path, 0600, &fd), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(bh_listen_unix(path, 0600, &other), BH_ERR_EXISTS);
	(void)close(fd);
	assert_int_equal(bh_listen_unix(path, 0660, &other), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	(void)close(other);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_listen__what_is_no_socket_is_never_removed(void **state)
{
	char folder[64], path[80];
	int fd = -1;
	(void)state;
	folder_make(folder, sizeof(folder));
	(void)snprintf(path, sizeof(path), "%s/precious", folder);
	(void)close(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600));
	assert_int_equal(bh_listen_unix(path, 0600, &fd), BH_ERR_IO);
	assert_int_equal(errno, ENOTSOCK);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_listener__lets_in_a_seconds_allowance_and_the_rest_with_the_next),
		cmocka_unit_test(test_listener__past_connections_max_waits_until_somebody_leaves),
		cmocka_unit_test(
			test_E09_listener__without_descriptors_rests_and_goes_on_when_there_are),
		cmocka_unit_test(test_listen__refuses_what_is_no_address_and_ports_that_are_none),
		cmocka_unit_test(test_listen__a_port_alone_is_every_address),
		cmocka_unit_test(test_listen__a_taken_port_is_an_io_error_that_errno_tells),
		cmocka_unit_test(test_listen__a_dead_socket_is_replaced_a_live_one_is_not),
		cmocka_unit_test(test_listen__what_is_no_socket_is_never_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
