/*
 * bh_bench_reference FOLDER REPORTS TEXTS: what SQLite does with the same reports and nothing else
 * (reference.h), in FOLDER, each with the first line of TEXTS.  Prints reference_rows_per_s.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/reference.h"

int main(int argc, char **argv)
{
	struct reference r = {0};
	char path[600];

	if (argc != 4)
		return 64;
	(void)snprintf(path, sizeof(path), "%s/reference.db", argv[1]);
	FILE *texts = fopen(argv[3], "re");
	if (texts) {
		(void)fgets(r.text, sizeof(r.text), texts);
		(void)fclose(texts);
	}
	reference_open(&r, path);
	double rate = reference_round(&r, bh_clock_system(), strtoll(argv[2], NULL, 10));
	reference_close(&r);
	(void)printf("reference_rows_per_s=%.0f\n", rate);
	return 0;
}
