/*
 * LD_PRELOADed into the programs (E04): every second call that reads or writes bytes moves half of
 * what was asked for, and every seventh is interrupted before it moved any, as the kernel may do at
 * any time.  What one whole packet or event is (recvmsg, eventfds of eight bytes) stays whole.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <unistd.h>

#define WHOLE_BYTES 8u /* an eventfd, a wake-up */

static atomic_uint calls;

/* How much of it this call moves; 0: none, it is interrupted. */
static size_t share(size_t len)
{
	if (len <= WHOLE_BYTES)
		return len;
	unsigned call = atomic_fetch_add(&calls, 1);
	if (call % 7 == 6) {
		errno = EINTR;
		return 0;
	}
	return call % 2 ? len : len / 2;
}

ssize_t read(int fd, void *data, size_t len)
{
	static ssize_t (*next)(int, void *, size_t);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "read");
	size_t part = share(len);
	return len > 0 && part == 0 ? -1 : next(fd, data, part);
}

ssize_t write(int fd, const void *data, size_t len)
{
	static ssize_t (*next)(int, const void *, size_t);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "write");
	size_t part = share(len);
	return len > 0 && part == 0 ? -1 : next(fd, data, part);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
	static ssize_t (*next)(int, void *, size_t, off64_t);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "pread64");
	size_t part = share(len);
	return len > 0 && part == 0 ? -1 : next(fd, data, part, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	static ssize_t (*next)(int, const void *, size_t, off64_t);
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
	size_t part = share(len);
	return len > 0 && part == 0 ? -1 : next(fd, data, part, at);
}
