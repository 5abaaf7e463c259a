/* Writes the first inputs of the target session_client: seed_session_client FOLDER, where FOLDER
 * holds a folder for each target.  Run by hand when its steps or phases change; its files are
 * committed.  An input is a phase and steps, see fuzz_session_client.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/verdict.h"

#define PATH_BYTES_MAX 4096
#define INPUT_BYTES_MAX 4096u

enum phase { ENROLLING, GREETING, LIVE, TOLD, ASKED };

enum step {
	BYTES,
	FRAME,
	WELCOME,
	ENROLLED,
	ACK,
	RECORDS,
	RECORD,
	REFUSAL,
	TIME,
	LINK,
	HOST,
	POWER,
	STATE,
	PART,
};

static const char *folder;
static struct bh_buf input = {.max = INPUT_BYTES_MAX};

static void begin(enum phase phase)
{
	input.len = 0;
	bh_assert(bh_put_u8(&input, (uint8_t)phase) == 0);
}

static void add(enum step step, struct bh_span bytes)
{
	bh_assert(bh_put_u8(&input, (uint8_t)step) == 0);
	bh_assert(bh_put_u16(&input, (uint16_t)bytes.len) == 0);
	bh_assert(bh_buf_append(&input, bytes.data, bytes.len) == 0);
}

static void end(const char *name)
{
	char path[PATH_BYTES_MAX];
	snprintf(path, sizeof(path), "%s/session_client", folder);
	bh_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/session_client/%s", folder, name);
	FILE *file = fopen(path, "wb");
	bh_assert(file != NULL);
	bh_assert(fwrite(input.data, 1, input.len, file) == input.len);
	bh_assert(fclose(file) == 0);
}

/* Its bytes as a string literal, without the final NUL. */
#define ADD(step, literal) add((step), bh_span((literal), sizeof(literal) - 1))

static void add_frame(const struct bh_server_frame *frame)
{
	struct bh_buf body = BH_BUF(INPUT_BYTES_MAX);
	bh_assert(bh_encode_server_frame(frame, &body) == 0);
	add(FRAME, bh_buf_span(&body));
	bh_buf_free(&body);
}

static void seed_frames(void)
{
	const struct bh_server_frame ping = {.kind = BH_SERVER_PING, .u.ping = {1, 2}};
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG, .u.ping = {1, 2}};
	const struct bh_msg_cursor cursor = {3ull << 56 | 1, 1ull << 63};
	const struct bh_server_frame delta = {.kind = BH_SERVER_DELTA,
		.u.delta = {.cursors = &cursor, .cursors_count = 1, .epoch = 5}};
	const struct bh_server_frame welcome = {.kind = BH_SERVER_WELCOME,
		.u.welcome = {
			.version = 1, .epoch = UINT64_MAX, .server_ms = INT64_MIN, .log_short = 1}};
	begin(ASKED);
	ADD(ACK, "\4");
	add_frame(&ping);
	add_frame(&pong);
	add_frame(&pong);
	end("frames-ping-pong");
	begin(TOLD);
	add_frame(&delta);
	ADD(RECORDS, "\x29\x00\x01");
	end("frames-cursor-past-signed");
	begin(GREETING);
	add_frame(&welcome);
	end("frames-welcome-extreme");
	begin(LIVE);
	ADD(BYTES, "\xff\xff\xff\xff");
	ADD(LINK, "");
	ADD(TIME, "\x7f\xff");
	ADD(LINK, "");
	ADD(BYTES, "\x00\x00\x00\x02\x00");
	ADD(BYTES, "\x3a");
	end("bytes-length");
}

static void seed_sessions(void)
{
	begin(ENROLLING);
	ADD(ENROLLED, "");
	ADD(WELCOME, "");
	ADD(HOST, "\0a report");
	ADD(ACK, "\1");
	end("enrolled");
	begin(ENROLLING);
	ADD(LINK, "");
	ADD(TIME, "\x01\x00");
	ADD(LINK, "");
	ADD(ENROLLED, "\0\0\1");
	end("enrolled-badly-signed");
	begin(ENROLLING);
	ADD(REFUSAL, "\3");
	end("code-refused");
	begin(GREETING);
	ADD(WELCOME, "\0\0\0\0\4");
	ADD(ACK, "\3\0\0\2\1\3\1\0\2\4\2\1");
	end("acknowledged-with-verdicts");
	begin(GREETING);
	ADD(WELCOME, "\2\1\0\0\4");
	ADD(LINK, "");
	ADD(LINK, "");
	ADD(WELCOME, "\0\0\0\0\4");
	ADD(ACK, "\3");
	end("fork-by-link");
	begin(TOLD);
	ADD(LINK, "");
	ADD(TIME, "\x01\x00");
	ADD(LINK, "");
	ADD(WELCOME, "\0\0\2\1\4\3\2\7");
	ADD(RECORD, "\x05\x00\x01\x00\x01\x02\x09\x01\x09\x01\x00");
	end("epoch-from-start");
}

static void seed_pins(void)
{
	begin(ENROLLING);
	ADD(LINK, "");
	ADD(TIME, "\x01\x00");
	ADD(LINK, "");
	ADD(ENROLLED, "\0\0\0\x37\1");
	ADD(LINK, "");
	ADD(TIME, "\x01\x00");
	ADD(LINK, "");
	ADD(ENROLLED, "\0\0\0\x37");
	ADD(WELCOME, "");
	end("enrolled-with-pins");
}

static void seed_told(void)
{
	begin(LIVE);
	ADD(ACK, "\3");
	ADD(RECORD, "\x2d\x00\x01\x00\x02\x2d\x09\x01\x09\x02\x00");
	ADD(ACK, "\5");
	ADD(HOST, "\4\2\1");
	ADD(HOST, "\10");
	end("closure");
	begin(TOLD);
	ADD(RECORD, "\x2d\x01\x02\x01\x02\x2d\x03\x01\x09\x02\x01");
	ADD(RECORD, "\x2e\x01\x02\x80\x02\x2e\x03\x01\x09\x02\x01");
	ADD(POWER, "");
	ADD(LINK, "");
	ADD(WELCOME, "\3\0\0\0\0");
	end("scope-left-and-closed");
	begin(LIVE);
	ADD(REFUSAL, "\x06\x00\x00\x01");
	ADD(REFUSAL, "\x07\x00");
	ADD(ACK, "\1\0\1");
	ADD(TIME, "\xff\xff");
	ADD(TIME, "\xff\xff");
	end("refused-and-held");
	begin(ASKED);
	ADD(HOST, "\0one more");
	ADD(HOST, "\2\1");
	ADD(HOST, "\2\0");
	ADD(HOST, "\3\0");
	ADD(HOST, "\3\1");
	ADD(HOST, "\1");
	ADD(TIME, "\xff\xff");
	ADD(LINK, "");
	end("host");
}

static void seed_photos_up(void)
{
	begin(LIVE);
	ADD(ACK, "\3");
	ADD(HOST, "\5\0");
	ADD(ACK, "\4");
	ADD(STATE, "\0\2");
	ADD(STATE, "\0\1\0");
	ADD(HOST, "\7");
	ADD(HOST, "\7");
	ADD(STATE, "\0\1\x20");
	ADD(STATE, "\0\2");
	end("photo-up");
	begin(LIVE);
	ADD(ACK, "\3");
	ADD(HOST, "\5\0");
	ADD(ACK, "\4");
	ADD(STATE, "\0\4");
	ADD(STATE, "\0\1\x10\0");
	ADD(LINK, "");
	ADD(TIME, "\x01\x00");
	ADD(LINK, "");
	ADD(WELCOME, "\4\0\0\0\4");
	ADD(STATE, "\0\1\x20\1");
	ADD(STATE, "\0\1\x40");
	ADD(STATE, "\0\5\0\0\x20");
	ADD(POWER, "");
	end("photo-cut-and-later");
}

static void seed_photos_down(void)
{
	begin(TOLD);
	ADD(RECORD, "\x2d\x00\x01\x01\x02\x2d\x04\x01\x09\x00\x00\x01");
	ADD(PART, "\1\0\0\1");
	ADD(HOST, "\6\0");
	ADD(PART, "\1\0\x80\0");
	ADD(PART, "\1\x08\0\0");
	ADD(HOST, "\10");
	end("photo-down");
	begin(TOLD);
	ADD(RECORD, "\x2d\x00\x01\x01\x02\x2d\x04\x01\x09\x00\x00\x01");
	ADD(PART, "\1\0\0\3");
	ADD(HOST, "\6\1");
	ADD(STATE, "\1\3");
	ADD(HOST, "\6\1");
	ADD(PART, "\1\0\0\0");
	ADD(RECORD, "\x2e\x00\x01\x81\x02\x2e\x04\x01\x09\x00\x00\x01");
	ADD(POWER, "");
	end("photo-wrong-and-left");
}

int main(int argc, char **argv)
{
	folder = argc > 1 ? argv[1] : ".";
	seed_frames();
	seed_sessions();
	seed_pins();
	seed_told();
	seed_photos_up();
	seed_photos_down();
	bh_buf_free(&input);
	return 0;
}
