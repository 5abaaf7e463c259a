/* A photo that was complete and is lost is asked for again, where its reporter's handset greets: by
 * a BlobState that nobody asked for; one of a report that was released from quarantine likewise,
 * also of the handset that is drained.  Who has let go of it, or does not know such a word, says
 * nothing.  The next greeting goes on behind the last one that was asked for, so that none of many
 * waits for those that nobody has; the first begins anywhere, since this is forgotten with the hub.
 */
#include <string.h>

#include "server/sync/blob.h"

#define ASKED_A_SESSION 32u

void bh_blobs_ask_again(struct bh_session *session)
{
	uint8_t hashes[ASKED_A_SESSION][BH_HASH_BYTES];
	struct bh_hub_device *known = session->known;
	size_t count = 0;

	if (known == NULL) /* memory ran out */
		return;
	if (!known->lost_begun)
		memcpy(&known->lost_place, session->binding.exporter, sizeof(known->lost_place));
	known->lost_begun = true;
	/* One that cannot be read now costs a question. */
	if (bh_reader_photos_lost(session->hub->options.reader, session->person, &known->lost_place,
		    hashes, ASKED_A_SESSION, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		bh_blob_tell(session, hashes[i], BH_BLOB_WANTED, 0);
	session->hub->counts.photos_asked += count;
}
