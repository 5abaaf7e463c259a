/*
 * LD_PRELOADed into the server: a name that ends in ".hangs" is asked for and never answered, as by
 * a name server that takes questions and is silent.  Every other name is the C library's.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

static int hangs(const char *name)
{
	static const char ending[] = ".hangs";
	size_t len = name ? strlen(name) : 0;

	return len >= sizeof(ending) - 1 && strcmp(name + len - (sizeof(ending) - 1), ending) == 0;
}

int getaddrinfo(
	const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	while (hangs(name))
		(void)pause();
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	return next(name, service, hints, out);
}
