/* Districts' journals on their way to a second folder: begun, told of in the log, in figures and in
 * a sentence. */
#ifndef BH_MAIN_SHIPPING_H
#define BH_MAIN_SHIPPING_H

#include "server/main/process.h"
#include "server/main/served.h"

/* Opens served->ship where a folder is configured.  Codes of bh_ship_loop_new. */
int bh_shipping_open(struct bh_served *served, const struct bh_served_options *options);
/* On the main loop: as things are now.  Zero where it ships nowhere. */
void bh_shipping_counts(const struct bh_served *served, struct bh_ship_counts *out);
/* "off"; "all is there"; of the district that is worst off, one whose folder fails first: "330106
 * is 12 entries behind: its folder cannot be written, see the log". */
void bh_shipping_sentence(struct bh_process *process, char *out, size_t size);

#endif
