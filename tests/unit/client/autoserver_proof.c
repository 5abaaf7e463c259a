/* What the obliging server is shown: every signature must verify, whoever holds the key. */
#include "tests/unit/client/autoserver_state.h"

#include <string.h>

static void verify(struct autoserver *server, struct bh_buf *message, struct bh_span signature)
{
	assert_int_equal(signature.len, BH_SIGNATURE_BYTES);
	assert_int_equal(
		bh_key_verify(server->public_key, bh_buf_span(message), signature.data), 0);
	bh_buf_free(message);
}

const struct bh_binding *autoserver_binding(void)
{
	static struct bh_binding here;

	memset(here.exporter, 0x5a, sizeof(here.exporter));
	return &here;
}

void autoserver_enrol_verify(struct autoserver *server, const struct bh_msg_enrol *enrol)
{
	struct bh_buf message = BH_BUF(4096);

	server->knows_key = true;
	memcpy(server->public_key, enrol->public_key.data, BH_PUBLIC_KEY_BYTES);
	memcpy(server->log_id, enrol->log_id.data, BH_LOG_ID_BYTES);
	assert_int_equal(bh_enrol_message(&message, autoserver_binding(), "340803",
				 enrol->code.data, enrol->public_key.data, enrol->log_id.data),
		0);
	verify(server, &message, enrol->signature);
}

void autoserver_hello_verify(struct autoserver *server, const struct bh_msg_hello *hello)
{
	struct bh_buf message = BH_BUF(4096);

	if (!server->knows_key)
		return;
	assert_int_equal(bh_session_message(&message, autoserver_binding(), "340803",
				 SCRIPTED_DEVICE, hello->log_id.data),
		0);
	verify(server, &message, hello->signature);
}

void autoserver_head_verify(struct autoserver *server, const struct bh_msg_push *push)
{
	struct bh_buf message = BH_BUF(4096);

	if (push->head_signature.len == 0 || !server->knows_key)
		return;
	assert_int_equal(bh_head_message(&message, "340803", SCRIPTED_DEVICE, server->log_id,
				 server->held, server->links[server->held]),
		0);
	verify(server, &message, push->head_signature);
	server->counts.heads++;
}
