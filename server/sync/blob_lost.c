/* A photo that was complete and is lost is asked for again, where its reporter's handset greets: by
 * a BlobState that nobody asked for.  Who has let go of it, or does not know such a word, says
 * nothing, and is asked again at the next greeting. */
#include "server/sync/blob.h"

#define ASKED_A_SESSION 32u

void bh_blobs_ask_again(struct bh_session *session)
{
	uint8_t hashes[ASKED_A_SESSION][BH_HASH_BYTES];
	size_t count = 0;

	/* One that cannot be read now costs a question. */
	if (session->draining || bh_reader_photos_lost(session->hub->options.reader,
					 session->person, hashes, ASKED_A_SESSION, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++)
		bh_blob_tell(session, hashes[i], BH_BLOB_WANTED, 0);
	session->hub->counts.photos_asked += count;
}
