/* Whether there is a district, and whether this user may serve it. */
#ifndef BH_STORE_FIND_H
#define BH_STORE_FIND_H

/* Looks at the file of a district in the folder of districts, which this process does not have open
 * (store.h).  BH_ERR_NOT_FOUND (there is none), BH_ERR_AUTH (it is another user's, or no file),
 * BH_ERR_CORRUPT (it is empty, or not a district's), BH_ERR_IO: *detail says which. */
int bh_district_find(const char *data, const char *code, const char **detail);

#endif
