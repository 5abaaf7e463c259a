/* One open store and the words that opened it: what every verb of bihuan-handset begins with. */
#ifndef BH_HANDSET_HANDSET_H
#define BH_HANDSET_HANDSET_H

#include <bihuan.h>
#include <bihuan_field.h>

#include "tools/handset/words.h"

struct bh_handset {
	const struct bh_words *words;
	const struct bh_say *say;
	bh_client *client;
};

/* How a verb wants its client. */
struct bh_handset_mode {
	bool may_create; /* a store that is not there yet is made */
	bool lives;      /* the library's own thread keeps a session open; else run_until, once */
	bh_wake_fn wake;
	void *wake_payload;
	bool chooses_not; /* --author is the verb's own */
};

/* Opens the store of --store or BIHUAN_STORE.  0, or the exit status of the fault that was said. */
int bh_handset_open(
	const struct bh_words *words, const struct bh_handset_mode *mode, struct bh_handset *out);
void bh_handset_close(struct bh_handset *handset);

/* The first line of a small file, without its end: a fault was said when false. */
#define BH_LINE_SIZE 66
bool bh_handset_line(const struct bh_words *words, const char *option, char out[BH_LINE_SIZE]);
/* The number of --author; 0: not given.  A fault was said when false. */
bool bh_handset_author(const struct bh_words *words, uint32_t *person);

/* Says what the library refused and gives the exit status for it. */
int bh_handset_fault(const struct bh_handset *handset, const bh_error *err);
/* The same with another next step than the status has by itself. */
int bh_handset_fault_next(const struct bh_handset *handset, const bh_error *err, const char *hint);
/* The exit status that stands for a BH_CAUSE_*, and saying its sentence. */
enum bh_exit bh_cause_exit(int32_t cause);
int bh_handset_cause_fault(const struct bh_handset *handset, int32_t cause);
/* The same with a next step. */
int bh_handset_cause_fault_next(const struct bh_handset *handset, int32_t cause, const char *hint);

/* Drives until nothing is left to do or the option's seconds (wait_s) are over; *done tells which.
 */
int bh_handset_drive(
	const struct bh_handset *handset, const char *option, uint64_t wait_s, bool *done);

/* Reads an argument as a case number; a fault was said when false. */
bool bh_handset_number(const struct bh_handset *handset, const char *text, uint64_t *out);

/* The verbs. */
int bh_verb_enrol(const struct bh_words *words);
int bh_verb_report(const struct bh_words *words);
int bh_verb_list(const struct bh_words *words);
int bh_verb_photo(const struct bh_words *words);
int bh_verb_show(const struct bh_words *words);
int bh_verb_due(const struct bh_words *words);
int bh_verb_places(const struct bh_words *words);
int bh_verb_ops(const struct bh_words *words);
int bh_verb_types(const struct bh_words *words);
int bh_verb_sync(const struct bh_words *words);
int bh_verb_rotate(const struct bh_words *words);
int bh_verb_watch(const struct bh_words *words);
int bh_verb_status(const struct bh_words *words);
int bh_verb_act(const struct bh_words *words);
int bh_verb_tasks(const struct bh_words *words);
int bh_verb_answer(const struct bh_words *words);
int bh_verb_session(const struct bh_words *words);
int bh_verb_seen(const struct bh_words *words);
int bh_verb_author(const struct bh_words *words);
int bh_verb_export(const struct bh_words *words);
int bh_verb_import(const struct bh_words *words);
int bh_verb_cargo(const struct bh_words *words);
int bh_verb_grids(const struct bh_words *words);
int bh_verb_service(const struct bh_words *words);
int bh_verb_patrol(const struct bh_words *words);
int bh_verb_completion(const struct bh_words *words);

/* --lat, --lon, --datum and --accuracy; --captured.  A fault was said when false. */
bool bh_report_place(const struct bh_words *words, bh_report_input *input);
bool bh_report_captured(const struct bh_words *words, bh_report_input *input);
/* The second half of report: every row of a table. */
int bh_report_table(struct bh_handset *handset, const char *path, const bh_report_input *defaults);
/* "wgs84" to BH_PLACE_*; the option's choices were checked before.  NULL is BH_PLACE_WGS84. */
uint32_t bh_datum_parse(const char *name);

#endif
