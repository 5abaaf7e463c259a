/* The loopback endpoint's paths: who is alive, who is ready, and the figures of metrics.c. */
#include <stdio.h>
#include <string.h>

#include "server/main/metrics.h"

static void text_answer(struct bh_http_call *call, int status, const char *text)
{
	bh_http_answer(call, status, "text/plain; charset=utf-8", bh_span(text, strlen(text)));
}

static void ready_answer(struct bh_process *process, struct bh_http_call *call)
{
	char text[200];
	for (size_t i = 0; i < process->districts_count; i++) {
		bool can_commit;
		(void)bh_writer_loop_turned_ms(process->districts[i]->writer, &can_commit);
		if (!can_commit) {
			(void)snprintf(text, sizeof(text), "district %s cannot commit\n",
				process->districts[i]->code);
			text_answer(call, 503, text);
			return;
		}
	}
	text_answer(
		call, process->stopping ? 503 : 200, process->stopping ? "stopping\n" : "ready\n");
}

void bh_metrics_handle(void *context, const struct bh_request *request, struct bh_http_call *call)
{
	struct bh_process *process = context;
	if (strcmp(request->method, "GET") != 0)
		text_answer(call, 405, "only GET\n");
	else if (strcmp(request->target, "/livez") == 0)
		text_answer(call, 200, "alive\n");
	else if (strcmp(request->target, "/readyz") == 0)
		ready_answer(process, call);
	else if (strcmp(request->target, "/metrics") == 0)
		bh_metrics_answer(process, call);
	else
		text_answer(call, 404, "here are /livez, /readyz and /metrics\n");
}
