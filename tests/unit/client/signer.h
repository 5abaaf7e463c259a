/* A key that lives in another process: this one has its public half and a socket, and no way to the
 * rest. */
#ifndef BH_TESTS_UNIT_CLIENT_SIGNER_H
#define BH_TESTS_UNIT_CLIENT_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct signer {
	pid_t pid;
	int fd;
	uint8_t public_key[33];
};

/* Starts the process, which makes its key; before any thread is. */
void signer_start(struct signer *signer);
/* As bh_sign_fn, with a struct signer as payload: DER, or r and s when bare. */
int32_t signer_sign(
	struct signer *signer, bool bare, const uint8_t *digest, uint8_t *signature, size_t *len);
/* The process ends, and the key is gone with it. */
void signer_stop(struct signer *signer);

#endif
