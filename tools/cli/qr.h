/* A QR code for a terminal's cells, or as a PNG file. */
#ifndef BH_CLI_QR_H
#define BH_CLI_QR_H

#include <stdio.h>

#define BH_CLI_QR_QUIET 4u /* modules around it, as the standard asks */

struct bh_cli_qr;

/* Level L; text in upper case uses the alphanumeric mode.  NULL: too long, or no memory. */
struct bh_cli_qr *bh_cli_qr_make(const char *text);
void bh_cli_qr_free(struct bh_cli_qr *qr);
/* Columns of a terminal, quiet zone included; it takes half as many rows, rounded up. */
unsigned bh_cli_qr_cells(const struct bh_cli_qr *qr);
/* Half blocks, explicitly black on white whatever the terminal's colours are. */
void bh_cli_qr_print(const struct bh_cli_qr *qr, FILE *out);
/* One bit a pixel, uncompressed, `scale` pixels a module.  0, or -1 with errno set. */
int bh_cli_qr_png(const struct bh_cli_qr *qr, unsigned scale, FILE *out);

#endif
