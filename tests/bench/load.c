/*
 * bh_load PORT DISTRICT CODES TEXTS: a load generator that obeys lines on standard input and
 * answers each with one line of key=value, so that tools/bench can look at the server between them:
 *
 *   live N              connect (and enrol, the first time) lanes 1..N, hang up the others
 *   ingest N R B W      lanes 1..N push R reports each, B in a push, W pushes out at once
 *   ingest N R B W T    the same, all of type T
 *   entries N R B W     the same of service entries
 *   wire N R B          the same one after another on each lane, counting every TLS byte from the
 * first push on echo N R            lanes 1..N report R cases of a type dispatched at once; lane
 * N+1, the unit's handler, signs each, and the time from that op leaving to the news on the
 * reporter's lane is taken
 *   herd N              lanes 1..N, known before, hang up and come back in one turn
 *   acts N R B W T      lanes 1..N report R cases of a type dispatched at once; lane N+1, the
 * unit's handler, signs and finishes all of them, B in a push, W pushes out at once told S until
 * lane 1 is told of a case in state S; its bytes down so far
 *
 * CODES holds an enrolment code a line, TEXTS a report's text a line.  Pushes are made before the
 * clock starts.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "tests/bench/acts.h"
#include "tests/bench/crowd.h"
#include "tests/bench/lane.h"

#define RISING_MAX 64u
#define TEXTS_MAX 8192u
#define LINE_BYTES 4096u

struct load {
	struct lane_yard yard;
	struct lane *lanes;
	size_t lanes_count;
	char *texts[TEXTS_MAX];
	size_t texts_count;
	size_t wanted, started; /* live: how many, how many were begun */
	uint64_t acked, goal;
	uint32_t type; /* of every report; 0: several in turn */
	bool entries;  /* service entries instead */
	size_t at_once;
	size_t handler; /* echo: lane of the unit's handler */
	double *echoes_ms;
	size_t echoes;
	uint64_t echo_signed[1u << 16]; /* by case, when its sign left; open addressing over the
					   number */
	uint64_t echo_case[1u << 16];
};

static double now_s(void)
{
	return (double)bh_stopwatch_ns() / 1e9;
}

static struct load *load_of(struct lane *lane)
{
	return lane->yard->context_of_phase;
}

static bool turn(struct load *load)
{
	return event_base_loop(load->yard.base, EVLOOP_ONCE) == 0 && load->yard.lost == 0;
}

/* ---- live ---- */

static void rise(struct load *load)
{
	while (load->started < load->wanted && load->started - load->yard.live < RISING_MAX)
		lane_connect(&load->lanes[load->started++]);
}

static void live(struct load *load, size_t wanted)
{
	double begun = now_s();
	for (size_t i = wanted; i < load->started; i++)
		lane_hang_up(&load->lanes[i]);
	if (load->started > wanted)
		load->started = wanted;
	load->wanted = wanted;
	rise(load);
	while (load->yard.live < wanted && turn(load))
		rise(load);
	(void)printf("live=%zu lost=%zu elapsed_s=%.3f\n", load->yard.live, load->yard.lost,
		now_s() - begun);
}

/* ---- ingest ---- */

static void on_ingest_ack(struct lane *lane, uint64_t seq)
{
	struct load *load = load_of(lane);
	load->acked += seq - lane->mark;
	lane->mark = seq;
	(void)lane_push_send(lane);
}

static struct lane_op report_make(struct load *load, uint64_t n)
{
	static const uint32_t types[] = {10003, 20001, 40001, 40006, 70001, 30001};
	const char *text = load->texts[n * 2654435761u % load->texts_count];
	return (struct lane_op){.verb = BH_VERB_SUBMIT,
		.type = load->type ? load->type : types[n % 6],
		.text = bh_span(text, strlen(text)),
		.has_place = true,
		.latitude_e7 = 309900000 + (int32_t)(n * 7919 % 160000),
		.longitude_e7 = 1169800000 + (int32_t)(n * 104729 % 400000)};
}

static struct lane_op entry_make(struct load *load, uint64_t n)
{
	struct lane_op op = report_make(load, n);
	op.verb = BH_VERB_SERVICE;
	op.type = BH_SERVICE_CONSULTATION + (uint32_t)(n % 5);
	return op;
}

static bool pushes_make(struct load *load, size_t lanes, size_t reports, size_t batch)
{
	struct lane_op ops[100];
	uint64_t n = load->acked;
	for (size_t i = 0; i < lanes; i++) {
		for (size_t left = reports; left > 0;) {
			size_t count = left < batch ? left : batch;
			for (size_t k = 0; k < count; k++)
				ops[k] = load->entries ? entry_make(load, n++)
						       : report_make(load, n++);
			if (lane_push_make(&load->lanes[i], ops, count))
				return false;
			left -= count;
		}
		load->lanes[i].mark = load->lanes[i].acked_seq;
	}
	return true;
}

static void ingest(struct load *load, size_t lanes, size_t reports, size_t batch, size_t at_once)
{
	uint64_t before = load->acked;
	load->yard.on_ack = on_ingest_ack;
	if (load->yard.live < lanes || !pushes_make(load, lanes, reports, batch)) {
		(void)printf("error=not_live\n");
		return;
	}
	(void)printf("made=%zu\n", lanes * reports);
	(void)fflush(stdout);
	double begun = now_s();
	for (size_t k = 0; k < at_once; k++)
		for (size_t i = 0; i < lanes; i++)
			(void)lane_push_send(&load->lanes[i]);
	while (load->acked - before < lanes * reports && turn(load)) {
	}
	double elapsed = now_s() - begun;
	(void)printf("reports=%" PRIu64 " lost=%zu elapsed_s=%.6f\n", load->acked - before,
		load->yard.lost, elapsed);
}

/* ---- wire ---- */

static void wire(struct load *load, size_t lanes, size_t reports, size_t batch)
{
	uint64_t before = load->acked, bytes = 0;
	load->yard.on_ack = on_ingest_ack;
	if (load->yard.live < lanes || !pushes_make(load, lanes, reports, batch)) {
		(void)printf("error=not_live\n");
		return;
	}
	for (size_t i = 0; i < lanes; i++) {
		uint64_t in, out, in_after, out_after, goal = load->acked + reports;
		lane_bytes(&load->lanes[i], &in, &out);
		(void)lane_push_send(&load->lanes[i]);
		while (load->acked < goal && turn(load)) {
		}
		lane_bytes(&load->lanes[i], &in_after, &out_after);
		bytes += in_after - in + out_after - out;
	}
	(void)printf("reports=%" PRIu64 " lost=%zu bytes=%" PRIu64 "\n", load->acked - before,
		load->yard.lost, bytes);
}

/* ---- echo ---- */

static size_t echo_slot(const struct load *load, uint64_t number)
{
	size_t slot = (size_t)(number * 0x9e3779b97f4a7c15u >> 48);
	while (load->echo_case[slot] && load->echo_case[slot] != number)
		slot = (slot + 1) & 0xffff;
	return slot;
}

static void echo_sign(struct load *load, const struct bh_msg_record *record)
{
	struct lane *handler = &load->lanes[load->handler];
	const struct lane_op op = {.verb = BH_VERB_SIGN,
		.case_number = record->case_number,
		.cycle = record->cycle,
		.base_position = record->position};
	size_t slot = echo_slot(load, record->case_number);
	if (load->echo_case[slot] || lane_push_make(handler, &op, 1))
		return;
	load->echo_case[slot] = record->case_number;
	load->echo_signed[slot] = (uint64_t)(now_s() * 1e9);
	(void)lane_push_send(handler);
}

static void on_echo_record(struct lane *lane, const struct bh_msg_record *record)
{
	struct load *load = load_of(lane);
	if (lane == &load->lanes[load->handler]) {
		if (record->state == BH_STATE_DISPATCHED)
			echo_sign(load, record);
		return;
	}
	if (record->state != BH_STATE_HANDLING)
		return;
	size_t slot = echo_slot(load, record->case_number);
	if (!load->echo_signed[slot] || load->echoes >= load->goal)
		return;
	load->echoes_ms[load->echoes++] = (now_s() * 1e9 - (double)load->echo_signed[slot]) / 1e6;
	load->echo_signed[slot] = 0;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return left < right ? -1 : left > right;
}

static void echo(struct load *load, size_t lanes, size_t reports, uint32_t type)
{
	load->handler = lanes;
	load->echoes = 0;
	load->goal = reports;
	load->yard.on_ack = NULL;
	load->yard.on_record = on_echo_record;
	load->echoes_ms = calloc(reports, sizeof(double));
	if (!load->echoes_ms || load->yard.live <= lanes) {
		(void)printf("error=not_live\n");
		return;
	}
	double end = now_s() + 120;
	for (size_t n = 0; n < reports && load->yard.lost == 0; n++) {
		struct lane *lane = &load->lanes[n % lanes];
		struct lane_op op = report_make(load, n);
		op.type = type;
		if (lane_push_make(lane, &op, 1))
			break;
		(void)lane_push_send(lane);
		/* One at a time: latency is measured, not queueing of our own making. */
		while (load->echoes <= n && now_s() < end && turn(load)) {
		}
	}
	qsort(load->echoes_ms, load->echoes, sizeof(double), by_size);
	size_t n = load->echoes;
	(void)printf("echoes=%zu lost=%zu p50_ms=%.3f p99_ms=%.3f max_ms=%.3f\n", n,
		load->yard.lost, n ? load->echoes_ms[n / 2] : 0.0,
		n ? load->echoes_ms[n * 99 / 100] : 0.0, n ? load->echoes_ms[n - 1] : 0.0);
	free(load->echoes_ms);
	load->yard.on_record = NULL;
}

/* ---- Lines ---- */

static void herd(struct load *load, size_t count)
{
	for (size_t i = 0; i < load->started; i++)
		lane_hang_up(&load->lanes[i]);
	/* A link that was hung up lets its descriptor go in the loop's next turn. */
	(void)event_base_loop(load->yard.base, EVLOOP_NONBLOCK);
	load->started = load->wanted = count;
	crowd_herd(&load->yard, load->lanes, count);
}

static void obey(struct load *load, const char *line)
{
	size_t a = 0, b = 0, c = 0, d = 0;
	load->type = 0;
	load->entries = strncmp(line, "entries ", 8) == 0;
	if (sscanf(line, "live %zu", &a) == 1 && a <= load->lanes_count)
		live(load, a);
	else if (sscanf(line, "ingest %zu %zu %zu %zu %" SCNu32, &a, &b, &c, &d, &load->type) >=
			 4 &&
		 c <= 100)
		ingest(load, a, b, c, d);
	else if (sscanf(line, "entries %zu %zu %zu %zu", &a, &b, &c, &d) == 4 && c <= 100)
		ingest(load, a, b, c, d);
	else if (sscanf(line, "wire %zu %zu %zu", &a, &b, &c) == 3 && c <= 100)
		wire(load, a, b, c);
	else if (sscanf(line, "echo %zu %zu %zu", &a, &b, &c) == 3 && b <= 20000)
		echo(load, a, b, (uint32_t)c);
	else if (sscanf(line, "herd %zu", &a) == 1 && a <= load->lanes_count)
		herd(load, a);
	else if (sscanf(line, "acts %zu %zu %zu %zu %" SCNu32, &a, &b, &c, &d, &load->type) == 5)
		acts_run(&load->yard, load->lanes, &(struct acts_size){a, b, c, d, load->type});
	else if (sscanf(line, "told %zu", &a) == 1)
		crowd_told(&load->yard, &load->lanes[0], (uint32_t)a);
	else
		(void)printf("error=no_such_line\n");
	(void)fflush(stdout);
}

static bool codes_read(struct load *load, const char *path)
{
	char line[LINE_BYTES];
	uint8_t code[BH_CODE_BYTES];
	FILE *file = fopen(path, "re");
	load->lanes = calloc(20000, sizeof(struct lane));
	while (file && load->lanes && load->lanes_count < 20000 &&
		fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (bh_base32_parse(line, code, sizeof(code)) ||
			lane_make(&load->lanes[load->lanes_count], &load->yard, code))
			break;
		load->lanes_count++;
	}
	if (file)
		(void)fclose(file);
	return load->lanes_count > 0;
}

static bool texts_read(struct load *load, const char *path)
{
	char line[LINE_BYTES];
	FILE *file = fopen(path, "re");
	while (file && load->texts_count < TEXTS_MAX && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		char *copy = line[0] ? strdup(line) : NULL;
		if (copy)
			load->texts[load->texts_count++] = copy;
	}
	if (file)
		(void)fclose(file);
	return load->texts_count > 0;
}

static bool yard_open(struct load *load, const char *port, const char *district)
{
	static const unsigned char alpn[] = {8, 'b', 'i', 'h', 'u', 'a', 'n', '/', '1'};
	struct lane_yard *yard = &load->yard;
	yard->base = event_base_new();
	yard->context = SSL_CTX_new(TLS_client_method());
	yard->port = (uint16_t)strtoul(port, NULL, 10);
	yard->district = district;
	yard->clock = bh_clock_system();
	yard->rng = bh_rng_system();
	yard->context_of_phase = load;
	if (!yard->base || !yard->context || bh_packer_open(&yard->packer) ||
		bh_hasher_open(&yard->hasher))
		return false;
	SSL_CTX_set_mode(yard->context, SSL_MODE_RELEASE_BUFFERS);
	return SSL_CTX_set_min_proto_version(yard->context, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_alpn_protos(yard->context, alpn, sizeof(alpn)) == 0;
}

int main(int argc, char **argv)
{
	static struct load load;
	char line[LINE_BYTES];
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc != 5 || !yard_open(&load, argv[1], argv[2]) || !codes_read(&load, argv[3]) ||
		!texts_read(&load, argv[4])) {
		(void)fprintf(stderr, "usage: bh_load PORT DISTRICT CODES TEXTS\n");
		return 64;
	}
	while (fgets(line, sizeof(line), stdin))
		obey(&load, line);
	for (size_t i = 0; i < load.lanes_count; i++)
		lane_free(&load.lanes[i]);
	for (size_t i = 0; i < load.texts_count; i++)
		free(load.texts[i]);
	free(load.lanes);
	event_base_free(load.yard.base);
	SSL_CTX_free(load.yard.context);
	bh_packer_close(load.yard.packer);
	bh_hasher_close(load.yard.hasher);
	return 0;
}
