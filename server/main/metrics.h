/* The loopback endpoint: /livez, /readyz and /metrics in OpenMetrics 1.0. */
#ifndef BH_MAIN_METRICS_H
#define BH_MAIN_METRICS_H

#include "server/main/process.h"

/* An http handler; context is the process.  Labels carry a district's code, never a device, case or
 * person. */
void bh_metrics_handle(void *context, const struct bh_request *request, struct bh_http_call *call);
/* The page of figures. */
void bh_metrics_answer(struct bh_process *process, struct bh_http_call *call);

#endif
