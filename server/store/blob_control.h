/* What photos ask of a VFS other than the system's, as file controls of an open file. */
#ifndef BH_STORE_BLOB_CONTROL_H
#define BH_STORE_BLOB_CONTROL_H

/* It takes this name (const char *), whatever had it before; durable with its folder. */
#define BH_BLOB_FCNTL_RENAME 0x62680001
/* How many bytes the disk still has room for (uint64_t *); one that does not know leaves it alone.
 */
#define BH_BLOB_FCNTL_ROOM 0x62680002
/* The names of its folder are durable, its bytes are not touched. */
#define BH_BLOB_FCNTL_SYNC_FOLDER 0x62680003

#endif
