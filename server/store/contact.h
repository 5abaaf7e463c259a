/* What handsets said when they were last heard: local, beside the journal. */
#ifndef BH_STORE_CONTACT_H
#define BH_STORE_CONTACT_H

#include "server/store/store.h"

/* What a dropped handset left behind: unsent count and age (sync.md), and its last contact.  Local,
 * not journalled; a restored or replayed district begins without. */
struct bh_contact {
	uint32_t device;
	int64_t at_ms;
	uint64_t unsent_ops;
	uint64_t unsent_bytes;
	int64_t oldest_ms;
	uint32_t pins; /* bh_pin_mark of the backup pin that it goes by; 0: it did not say */
};
/* Keeps them in one commit, the newest word of each device; as bh_writer_tick on failure. */
int bh_writer_contacts(struct bh_writer *writer, struct bh_now now,
	const struct bh_contact *contacts, size_t count);
/* The pins of its contacts that were kept last; 0: none. */
int bh_reader_device_pins(struct bh_store_reader *reader, uint32_t device, uint32_t *pins);
/* Of devices past this one, in order. */
int bh_reader_contacts(struct bh_store_reader *reader, uint32_t after, struct bh_contact *contacts,
	size_t max, size_t *count);

#endif
