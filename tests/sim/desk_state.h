/* What the files of the desk share. */
#ifndef BH_TESTS_SIM_DESK_STATE_H
#define BH_TESTS_SIM_DESK_STATE_H

#include "server/domain/command.h"
#include "tests/sim/desk.h"
#include "tests/sim/server.h"
#include "tests/unit/domain/demo_rules.h"

#define BH_SIMDESK_TEXT_BYTES 96u
#define BH_SIMDESK_ROUTES 12u
#define BH_SIMDESK_ASSETS 8u
#define BH_SIMDESK_MARK_BYTES 16u

struct bh_simdesk;

enum bh_simfile {
	BH_SIMFILE_NONE,
	BH_SIMFILE_ROOM,
	BH_SIMFILE_WRITE,
	BH_SIMFILE_PAPER,
};

/* A command on its way, until its outcome is known. */
struct bh_simorder {
	struct bh_simdesk *desk;
	struct bh_simorder *next;
	struct bh_command command;
	struct bh_buf payload;
	char text[BH_SIMDESK_TEXT_BYTES];
	uint64_t id;
	uint32_t phone; /* ENROL_CODE: whose */
	uint8_t code[BH_CODE_BYTES];
	bool submitted;
	enum bh_simfile step; /* of a file that becomes a paper */
	uint64_t life;        /* of the server, in which it was written */
};

struct bh_simdesk {
	struct bh_simrun *run;
	struct bh_simrng rng;
	struct bh_simrng chance;
	struct bh_simrng admin; /* who goes through what is in quarantine */
	struct bh_demo_profile profile;
	struct bh_hasher *hasher;
	struct bh_simorder *orders;
	uint64_t orders_made;
	uint32_t pending;
	uint64_t seen_number;  /* where the list of what is under way goes on */
	uint64_t ended_number; /* ... and that of what has ended */
	struct bh_simrng aside;
	struct bh_simrng tasks;
	struct bh_simrng disputes;
	struct bh_simrng steps;
	struct bh_simrng letters;
	struct bh_simrng ratings;
	uint64_t rated_number; /* where the list of answers goes on */
	struct bh_simrng ends; /* what becomes of what has ended */
	struct bh_simrng shifts;
	struct bh_simrng registers;
	struct bh_simrng dossiers;
	struct bh_simrng papers;
	uint64_t dossier_number; /* where the list of dossiers goes on */
	/* ---- desk_plan.c ---- */
	struct bh_simrng marking;
	struct bh_msg_route routes[BH_SIMDESK_ROUTES];
	struct bh_msg_asset assets[BH_SIMDESK_ASSETS];
	char marks[BH_SIMDESK_ASSETS][BH_SIMDESK_MARK_BYTES + 1];
	bool diligent;
	bool open;
	bool hurried; /* nobody thinks before acting */
	uint64_t gen;
	uint32_t handled[BH_SIMDESK_UNITS];
	size_t handled_count;
};

/* A new order, not submitted; freed when its outcome is known. */
struct bh_simorder *bh_simorder_new(struct bh_simdesk *desk, enum bh_source source, uint32_t verb);
/* Submits all that are not submitted, now. */
void bh_simorders_send(struct bh_simdesk *desk);
/* Submits it after a while. */
void bh_simorder_send(struct bh_simorder *order, int64_t after_ms);
void bh_simorder_due(struct bh_simdesk *desk, uint64_t id);

/* ---- desk_aside.c ---- */
/* Now and then what is beside the straight way: asked for, granted, refused, done again.  False:
 * nothing of it. */
bool bh_simdesk_aside(struct bh_simdesk *desk, const struct bh_case *cased);

/* ---- desk_end.c ---- */
/* A report is one with another case, whichever is there. */
void bh_simdesk_merge(struct bh_simdesk *desk, const struct bh_case *cased);
/* Now and then what has ended is archived, followed up, or goes on. */
void bh_simdesk_ended(struct bh_simdesk *desk);

/* ---- desk_milestone.c ---- */
/* Now and then what is handled gets a plan of steps, and they are done.  False: nothing of it. */
bool bh_simdesk_step(struct bh_simdesk *desk, const struct bh_case *cased);
void bh_simdesk_order_steps(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, const struct bh_dispute_ask *words, const struct bh_milestone_ask *ask);

/* ---- desk_task.c ---- */
/* Now and then somebody is sent to look, to check or to help.  False: nothing of it. */
bool bh_simdesk_task(struct bh_simdesk *desk, const struct bh_case *cased);
/* An answer to a task, from a terminal. */
/* An open task of a field worker: another's from now on. */
void bh_simdesk_order_reassign(struct bh_simdesk *desk, uint32_t person, uint64_t number,
	uint32_t task, uint32_t assignee);
void bh_simdesk_order_task(
	struct bh_simdesk *desk, uint32_t verb, uint32_t person, uint64_t number, uint32_t task);

/* ---- desk_dispute.c ---- */
/* A dispute is mediated, and what was agreed is looked after.  False: nothing of it. */
bool bh_simdesk_dispute(struct bh_simdesk *desk, const struct bh_case *cased);
void bh_simdesk_order_dispute(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t reason, const struct bh_dispute_ask *ask);
/* ---- desk_letter.c ---- */
/* Now and then an order to a unit is issued, answered or judged. */
void bh_simdesk_letters(struct bh_simdesk *desk);
/* code: its kind, or what judges it. */
void bh_simdesk_order_letter(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t code, uint64_t ref);

/* ---- desk_rate.c ---- */
/* Now and then a token is given out, or an answer rated. */
void bh_simdesk_ratings(struct bh_simdesk *desk);
/* payload: the hash of a token, or one. */
void bh_simdesk_order_rating(struct bh_simdesk *desk, uint32_t verb, uint32_t person,
	uint64_t number, uint32_t rating, struct bh_span payload);

/* ---- desk_plan.c ---- */
/* Fills the profile with what is beside people and places. */
void bh_simdesk_plan(struct bh_simdesk *desk);
/* One rule of routing goes, another comes; the profile is not sent. */
void bh_simdesk_rules_change(struct bh_simdesk *desk);

/* ---- desk_shift.c ---- */
void bh_simdesk_shifts(struct bh_simdesk *desk);

/* ---- desk_register.c ---- */
/* Now and then somebody comes to a desk, calls or writes. */
void bh_simdesk_registers(struct bh_simdesk *desk);
/* What this command says of a matter is registered; its text names the order. */
void bh_simdesk_order_register(struct bh_simdesk *desk, const struct bh_command *matter);

/* ---- desk_dossier.c ---- */
/* Now and then a paper is added, a dossier sealed, lent, given back. */
void bh_simdesk_dossiers(struct bh_simdesk *desk);

/* ---- desk_paper.c ---- */
/* A file becomes a paper of its dossier; the newest paper that somebody added is withdrawn. */
void bh_simdesk_paper_file(struct bh_simdesk *desk, const struct bh_case *cased);
void bh_simdesk_paper_withdraw(struct bh_simdesk *desk, const struct bh_case *cased);
void bh_simdesk_order_file(struct bh_simdesk *desk, uint32_t person, uint64_t number, uint32_t kind,
	const struct bh_simphoto *file);
void bh_simdesk_order_withdraw(
	struct bh_simdesk *desk, uint32_t person, uint64_t number, uint64_t paper);
/* Its room is: the file is written next. */
void bh_simdesk_file_granted(struct bh_simorder *order);
/* Before it is submitted; false: its file could not be written, and it begins anew later. */
bool bh_simdesk_file_goes_on(struct bh_simorder *order);

/* ---- desk_release.c ---- */
/* Somebody looked around: now and then what is in quarantine is decided about. */
void bh_simdesk_review(struct bh_simdesk *desk);

#endif
