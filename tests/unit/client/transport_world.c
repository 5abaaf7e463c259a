/*
 * A district with its CA, a backup CA and a foreign one of the same name, and a server's
 * certificate from each.  Waiting is the transport's own, up to 10 ms at a time, so that a test
 * goes on as soon as there is something to do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/unit/client/transport_world.h"

int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->ca = holder_authority("district CA");
	w->backup_ca = holder_authority("backup CA");
	w->foreign_ca = holder_authority("district CA");
	w->leaf = holder_issue(&w->ca, DISTRICT, "server");
	w->backup_leaf = holder_issue(&w->backup_ca, DISTRICT, "server");
	w->foreign_leaf = holder_issue(&w->foreign_ca, DISTRICT, "server");
	w->target = (struct bh_target){.host = "127.0.0.1", .district = DISTRICT, .pins_count = 2};
	holder_pin(&w->ca, w->target.pins[0]);
	holder_pin(&w->backup_ca, w->target.pins[1]);
	w->far.fd = w->far.listener = -1;
	assert_int_equal(bh_transport_tls_make(&w->transport), BH_NOERR);
	*state = w;
	return 0;
}

int world_teardown(void **state)
{
	struct world *w = *state;
	w->transport.api->close(w->link, false);
	w->transport.api->free(w->transport.context);
	far_close(&w->far);
	holder_free(&w->leaf);
	holder_free(&w->backup_leaf);
	holder_free(&w->foreign_leaf);
	holder_free(&w->ca);
	holder_free(&w->backup_ca);
	holder_free(&w->foreign_ca);
	free(w);
	return 0;
}

struct far_manner manner_good(const struct world *w)
{
	return (struct far_manner){.leaf = &w->leaf, .chain = {&w->ca}};
}

void serve(struct world *w, const struct far_manner *manner)
{
	far_open(&w->far, manner);
	w->target.port = w->far.port;
}

void dial(struct world *w)
{
	assert_int_equal(
		w->transport.api->dial(w->transport.context, &w->target, &w->link, &w->cause),
		BH_NOERR);
}

void hang_up(struct world *w, bool orderly)
{
	w->transport.api->close(w->link, orderly);
	w->link = NULL;
}

enum bh_link_state meet(struct world *w)
{
	enum bh_link_state state = BH_LINK_STATE_RISING;
	for (int turn = 0; turn < TURNS_MAX && state == BH_LINK_STATE_RISING; turn++) {
		far_step(&w->far);
		state = w->transport.api->step(w->link, &w->proof, &w->cause);
		if (state == BH_LINK_STATE_RISING)
			w->transport.api->wait(w->transport.context, w->link, false, 10);
	}
	for (int turn = 0; turn < TURNS_MAX && state == BH_LINK_STATE_UP && !w->far.up; turn++)
		far_step(&w->far);
	return state;
}

void come_up(struct world *w)
{
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_UP);
	assert_true(w->far.up);
}

int hear(struct world *w, uint8_t *bytes, size_t size, size_t *got)
{
	int err = BH_NOERR;
	*got = 0;
	for (int turn = 0; turn < TURNS_MAX && !err && *got == 0; turn++) {
		err = w->transport.api->recv(w->link, bytes, size, got, &w->cause);
		if (!err && *got == 0)
			w->transport.api->wait(w->transport.context, w->link, false, 10);
	}
	return err;
}

void far_say(struct world *w, const char *words)
{
	assert_int_equal(SSL_write(w->far.ssl, words, (int)strlen(words)), (int)strlen(words));
}
