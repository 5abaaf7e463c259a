/* The one file that asks the machine for the time and for randomness. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/err.h"

static int64_t clock_ms(clockid_t id)
{
	struct timespec at;
	int failed = clock_gettime(id, &at);
	bh_assert(failed == 0);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* CLOCK_BOOTTIME counts while a handset sleeps; CLOCK_MONOTONIC would not. */
static struct bh_now system_now(void *context)
{
	(void)context;
	return (struct bh_now){clock_ms(CLOCK_REALTIME), clock_ms(CLOCK_BOOTTIME)};
}

static int system_fill(void *context, uint8_t *out, size_t len)
{
	(void)context;
	while (len > 0) {
		ssize_t got = getrandom(out, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return BH_ERR_CRYPTO;
		out += got;
		len -= (size_t)got;
	}
	return 0;
}

struct bh_clock bh_clock_system(void)
{
	return (struct bh_clock){system_now, NULL};
}

struct bh_rng bh_rng_system(void)
{
	return (struct bh_rng){system_fill, NULL};
}

/* Linux and Android name a boot by a random UUID; its first 16 digits are enough. */
uint64_t bh_boot_system(void)
{
	char text[37] = "", digits[17] = "";
	size_t count = 0;
	int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	size_t got = 0;
	ssize_t n = file >= 0 ? 1 : 0;

	/* In however many pieces it comes: half of a name would be another boot. */
	while (n != 0 && got < sizeof(text) - 1) {
		n = read(file, text + got, sizeof(text) - 1 - got);
		if (n < 0 && errno != EINTR)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	if (file >= 0)
		close(file);
	for (size_t i = 0; i < got && count < sizeof(digits) - 1; i++) {
		if (text[i] != '-')
			digits[count++] = text[i];
	}
	return strtoull(digits, NULL, 16);
}

uint64_t bh_stopwatch_ns(void)
{
	struct timespec at;
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}
