/* A dossier as a file: written in a folder of the district's own, sent, and gone. */
#ifndef BH_MAIN_BOOKED_H
#define BH_MAIN_BOOKED_H

#include "server/console/route.h"
#include "server/main/served.h"
#include "server/net/http.h"

/* On a thread of its own; path becomes the file's.  Whatever an earlier process left there goes
 * first.  Storage codes, BH_ERR_LIMIT. */
int bh_booked_write(
	const struct bh_served *served, const struct bh_book *book, char *path, size_t size);
/* Sends the response's file, whose name is gone before its first byte leaves. */
void bh_booked_answer(struct bh_http_call *call, const struct bh_response *response);

#endif
