/* A channel that fails is said once when it begins to fail and once when it is well again; how much
 * waits stands in the metrics. */
#include "server/main/noticing.h"

#include "proto/err.h"
#include "server/main/log.h"

static void on_said(void *context, bool fails, const char *line)
{
	const struct bh_served *served = context;
	bh_log(fails ? BH_LOG_WARNING : BH_LOG_INFO, served->code, 0, "%s", line);
}

static const char *fault_of(int err)
{
	switch (err) {
	case BH_ERR_AUTH:
		return "the secret of its webhook can be read by others: chmod 600 it";
	case BH_ERR_NOT_FOUND:
		return "the secret of its webhook is not there";
	case BH_ERR_INVALID:
		return "the secret of its webhook has to have 16 to 256 bytes";
	default:
		return "its notices cannot be set up";
	}
}

int bh_noticing_open(
	struct bh_served *served, const struct bh_served_options *options, const char **detail)
{
	const struct bh_config *config = options->notices;
	if (!config || (!config->notice_webhook[0] && !config->notice_command[0]))
		return BH_NOERR;
	const struct bh_notify_options notify = {.store = &served->store,
		.clock = options->clock,
		.writer = served->writer,
		.code = served->code,
		.webhook = config->notice_webhook,
		.secret = config->notice_secret,
		.ca = config->notice_ca,
		.command = config->notice_command,
		.said = on_said,
		.context = served};
	int err = bh_notify_new(&notify, &served->notify);
	if (err)
		*detail = fault_of(err);
	return err;
}
