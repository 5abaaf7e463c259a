/* Which history of the server's was heard of last: one that is put back goes on in a new epoch, and
 * what an answer from before it says of photos may have gone with the old one.
 *
 *	Welcome                         -> the device's row, with the cursors
 *	Welcome to one that is cut off  -> the file "epoch", beside the photos: cursors stay
 *	an answer that came by hand     -> the file, and photos are due again
 *
 * The greater of both counts, so a file that is not there, or not whole, costs what was heard
 * beside sessions alone. */
#include "client-lib/local_bundle.h"
#include "client-lib/store_file.h"

static const struct bh_file_name epoch_file = {"epoch", .is_plain = true};

static uint64_t epoch_kept(struct bh_local *local)
{
	uint64_t epoch = 0;

	return bh_file_read(local, epoch_file, 0, (uint8_t *)&epoch, sizeof(epoch)) == 0 ? epoch
											 : 0;
}

static int epoch_keep(struct bh_local *local, uint64_t epoch)
{
	return bh_file_write(local, epoch_file, bh_span(&epoch, sizeof(epoch)));
}

int bh_local_epoch(struct bh_local *local, uint64_t *out)
{
	struct bh_device device;
	int rc = bh_local_device(local, &device);

	if (rc != 0)
		return rc;
	uint64_t kept = epoch_kept(local);

	*out = kept > device.epoch ? kept : device.epoch;
	return 0;
}

/* A session is the server's own last word, also where it says less. */
int bh_local_epoch_welcomed(struct bh_local *local, uint64_t epoch, bool draining)
{
	uint64_t known = 0;
	int rc = bh_local_epoch(local, &known);

	if (rc != 0 || (draining ? epoch <= known : epoch >= known))
		return rc;
	return draining ? epoch_keep(local, epoch) : bh_file_drop(local, epoch_file);
}

int bh_local_epoch_answered(struct bh_local *local, uint64_t epoch)
{
	uint64_t known = 0;
	int rc = bh_local_epoch(local, &known);

	if (rc != 0 || epoch <= known)
		return rc;
	rc = bh_store_begin(local);
	if (rc == 0)
		rc = bh_store_end(local, bh_store_blobs_again(local));
	return rc == 0 ? epoch_keep(local, epoch) : rc;
}
