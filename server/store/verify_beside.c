/* The second road of a verification: its own connection and memory, nothing shared but the file,
 * which nobody writes.  Where no thread can be had, as on a VFS of the tests, it is walked at the
 * end on the first one's. */
#include <string.h>

#include "proto/err.h"
#include "server/store/verify.h"

static void *beside_walk(void *context)
{
	struct bh_verify_beside *beside = context;
	struct bh_verify *v = &beside->verify;
	int err = bh_verify_open(v, beside->options);

	if (!err)
		err = beside->road(v);
	bh_verify_close(v);
	beside->err = err;
	return NULL;
}

void bh_verify_beside_begin(struct bh_verify_beside *beside, const struct bh_store_options *options,
	int (*road)(struct bh_verify *verify))
{
	*beside = (struct bh_verify_beside){.options = options, .road = road};
	beside->verify.report = &beside->report;
	if (options->vfs == NULL)
		beside->runs = pthread_create(&beside->thread, NULL, beside_walk, beside) == 0;
}

int bh_verify_beside_end(struct bh_verify_beside *beside, struct bh_verify *v, int err)
{
	if (!beside->runs)
		return err ? err : beside->road(v);
	(void)pthread_join(beside->thread, NULL);
	if (err || !beside->err)
		return err;
	v->report->first_bad = beside->report.first_bad;
	memcpy(v->report->what, beside->report.what, sizeof(v->report->what));
	return beside->err;
}
