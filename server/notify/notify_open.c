/* Its channels, its secret, its reader; and what is said of a channel.  The secret is read once,
 * out of a file that nobody else can read, and is in no log and no process list. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/notify/notify_part.h"
#include "server/notify/secret.h"
#include "server/notify/webhook.h"

static bool is_space(uint8_t letter)
{
	return letter == '\n' || letter == '\r' || letter == ' ' || letter == '\t';
}

/* Without the line's end that an editor leaves. */
static int secret_read(const char *path, uint8_t secret[BH_NOTIFY_SECRET_MAX], size_t *len)
{
	uint8_t text[BH_NOTIFY_SECRET_MAX + 3];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT ? BH_ERR_NOT_FOUND : BH_ERR_IO;
	ssize_t n = read(fd, text, sizeof(text));
	int err = n < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ? BH_ERR_IO : BH_NOERR;
	(void)close(fd);
	if (!err && bh_secret_is_open(path, st.st_mode))
		err = BH_ERR_AUTH;
	while (!err && n > 0 && is_space(text[n - 1]))
		n--;
	if (!err && ((size_t)n < BH_NOTIFY_SECRET_MIN || (size_t)n > BH_NOTIFY_SECRET_MAX))
		err = BH_ERR_INVALID;
	if (!err) {
		memcpy(secret, text, (size_t)n);
		*len = (size_t)n;
	}
	explicit_bzero(text, sizeof(text));
	return err;
}

static int webhook_open(struct bh_notify *notify)
{
	uint8_t secret[BH_NOTIFY_SECRET_MAX];
	size_t len = 0;
	int err = BH_NOERR;
	if (notify->options.webhook[0])
		err = secret_read(notify->options.secret, secret, &len);
	if (!err)
		err = bh_webhook_open(notify->options.webhook, notify->options.ca,
			bh_span(secret, len), &notify->webhook);
	explicit_bzero(secret, sizeof(secret));
	return err;
}

static int texts_keep(struct bh_notify *notify)
{
	notify->texts[0] = strdup(notify->options.code);
	notify->texts[1] = strdup(notify->options.command);
	if (!notify->texts[0] || !notify->texts[1])
		return BH_ERR_NOMEM;
	notify->options.code = notify->texts[0];
	notify->options.command = notify->texts[1];
	return BH_NOERR;
}

static void channels_set(struct bh_notify *notify)
{
	size_t slot = 0;
	if (notify->options.webhook[0])
		notify->channels[notify->channels_count++].program = NULL;
	if (notify->options.command[0])
		notify->channels[notify->channels_count++].program = notify->options.command;
	for (uint32_t channel = 0; channel < notify->channels_count; channel++) {
		size_t room = notify->channels[channel].program ? BH_NOTIFY_PROGRAMS
								: BH_NOTIFY_WEBHOOKS;
		for (size_t i = 0; i < room; i++)
			notify->slots[slot++].channel = channel;
	}
	for (; slot < BH_NOTIFY_SLOTS; slot++)
		notify->slots[slot].channel = BH_NOTICE_CHANNELS_MAX; /* nobody's */
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++) {
		notify->slots[i].pid_fd = -1;
		notify->slots[i].message = BH_BUF(BH_NOTIFY_MESSAGE_MAX);
	}
}

int bh_notify_new(const struct bh_notify_options *options, struct bh_notify **out)
{
	struct bh_notify *notify = calloc(1, sizeof(*notify));
	if (!notify)
		return BH_ERR_NOMEM;
	notify->options = *options;
	notify->store = *options->store;
	notify->options.store = &notify->store;
	pthread_mutex_init(&notify->lock, NULL);
	notify->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int err = notify->bell_fd >= 0 ? texts_keep(notify) : BH_ERR_IO;
	if (!err)
		err = webhook_open(notify);
	notify->options.webhook = options->webhook[0] ? "set" : "";
	if (!err)
		channels_set(notify);
	if (!err)
		err = bh_reader_open(&notify->store, &notify->reader);
	if (err) {
		bh_notify_free(notify);
		return err;
	}
	*out = notify;
	return BH_NOERR;
}

void bh_notify_free(struct bh_notify *notify)
{
	if (!notify)
		return;
	bh_notify_stop(notify);
	for (size_t i = 0; i < BH_NOTIFY_SLOTS; i++)
		bh_buf_free(&notify->slots[i].message);
	bh_webhook_close(notify->webhook);
	bh_reader_close(notify->reader);
	if (notify->bell_fd >= 0)
		(void)close(notify->bell_fd);
	pthread_mutex_destroy(&notify->lock);
	for (size_t i = 0; i < sizeof(notify->texts) / sizeof(notify->texts[0]); i++)
		free(notify->texts[i]);
	free(notify);
}

/* ---- What is said ---- */

static void error_format(uint32_t error, char *out, size_t size)
{
	if (error == BH_NOTICE_ERR_TIME)
		(void)snprintf(out, size, "it takes too long");
	else if (error == BH_NOTICE_ERR_CONNECT)
		(void)snprintf(out, size, "it cannot be reached, or breaks off");
	else if (error == BH_NOTICE_ERR_TLS)
		(void)snprintf(out, size, "its certificate does not hold");
	else if (error == BH_NOTICE_ERR_LOCAL)
		(void)snprintf(out, size, "it cannot be asked from here");
	else if (error > BH_NOTICE_ERR_SIGNAL)
		(void)snprintf(out, size, "signal %u", error - BH_NOTICE_ERR_SIGNAL);
	else if (error > BH_NOTICE_ERR_EXIT)
		(void)snprintf(out, size, "exit status %u", error - BH_NOTICE_ERR_EXIT);
	else if (bh_webhook_shuts_out(error))
		(void)snprintf(out, size,
			"HTTP status %u, it does not let us in: is the secret its own?", error);
	else
		(void)snprintf(out, size, "HTTP status %u", error);
}

void bh_notify_say(struct bh_notify *notify, uint32_t channel, bool sent, uint32_t error)
{
	char line[160], why[80];
	struct bh_notify_channel *of = &notify->channels[channel];
	bool shuts_out = !sent && !of->program && bh_webhook_shuts_out(error);
	if (of->fails == !sent && of->shuts_out == shuts_out)
		return;
	of->fails = !sent;
	of->shuts_out = shuts_out;
	error_format(error, why, sizeof(why));
	if (sent)
		(void)snprintf(line, sizeof(line), "notices go out again by the %s",
			of->program ? "program" : "webhook");
	else
		(void)snprintf(line, sizeof(line), "notices do not go out by the %s: %s",
			of->program ? "program" : "webhook", why);
	notify->options.said(notify->options.context, !sent, line);
}
