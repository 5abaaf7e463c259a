/* Who may do what with the people that a case names, and how such a person's fields stand in an
 * entry.
 *
 *   party, open      what names a person is sealed; it is opened for a purpose, each time an entry
 *   ask_erase ─▶ erase   two people; nothing while it is held, nothing of a case that goes on
 *   hold ─▶ unhold   a legal hold stops every erasure, the clock's too */
#ifndef BH_DOMAIN_PRIVACY_H
#define BH_DOMAIN_PRIVACY_H

#include "server/domain/entry.h"
#include "server/domain/rules.h"

#define BH_PARTIES_MAX 50u /* of one case, those taken out counted */
#define BH_PARTY_NAME_BYTES_MAX 200u
#define BH_PARTY_CONTACT_BYTES_MAX 400u
#define BH_PARTY_PAD_BYTES 32u /* lengths are told in steps of so many */
#define BH_OPENINGS_A_DAY 50   /* of one person, in any 24 hours; the refusal says it */

enum bh_party_role {
	BH_PARTY_GONE = 0, /* taken out; its number is not given again */
	BH_PARTY_COMPLAINANT = 1,
	BH_PARTY_OTHER = 2, /* the other party */
	BH_PARTY_WITNESS = 3,
	BH_PARTY_CONTACT = 4,
	BH_PARTY_REPRESENTATIVE = 5,
	BH_PARTY_ROLES = 6,
};

enum bh_consent {
	BH_CONSENT_NOT_ASKED = 0,
	BH_CONSENT_GIVEN = 1,
	BH_CONSENT_REFUSED = 2,
	BH_CONSENT_WITHDRAWN = 3,
	BH_CONSENTS = 4,
};

/* Why a sealed field is opened: an entry's reason_code.  Frozen. */
enum bh_purpose {
	BH_PURPOSE_NONE = 0,
	BH_PURPOSE_CONTACT = 1,
	BH_PURPOSE_HANDLING = 2,
	BH_PURPOSE_MEDIATION = 3,
	BH_PURPOSE_FOLLOW_UP = 4,
	BH_PURPOSE_SUBJECT = 5, /* the person asked what is kept */
	BH_PURPOSE_LEGAL = 6,
	BH_PURPOSE_OVERSIGHT = 7, /* supervision, sponsorship, the archive */
	BH_PURPOSES = 8,
};

const char *bh_party_role_name(unsigned role); /* "unknown" */
const char *bh_consent_name(unsigned consent);
const char *bh_purpose_name(unsigned purpose);
/* BH_ERR_NOT_FOUND; GONE and NONE have no name that is asked for. */
int bh_party_role_parse(const char *name, uint32_t *out);
int bh_consent_parse(const char *name, uint32_t *out);
int bh_purpose_parse(const char *name, uint32_t *out);

/* One person of a case: in a command as plain text, in an entry sealed. */
struct bh_party {
	uint32_t party; /* 1, 2 ... in its case; 0 in a command: another one */
	uint32_t role;
	uint32_t consent;
	struct bh_span name;
	struct bh_span contact; /* may be empty */
};

/* "bh-party-1" ‖ party u32 ‖ role u8 ‖ consent u8 ‖ block name ‖ block contact. */
int bh_party_encode(const struct bh_party *party, struct bh_buf *out);
/* Spans are borrowed.  BH_ERR_MALFORMED. */
int bh_party_decode(struct bh_span bytes, struct bh_party *out);
/* A case that needs consent is opened with the complainant's or his representative's: is it one of
 * theirs that is given, or one that is refused or withdrawn? */
bool bh_party_gives(uint32_t role, uint32_t consent);
bool bh_party_withholds(uint32_t role, uint32_t consent);
/* What a seal of a field is bound to: district, case, party, field (0 name, 1 contact). */
int bh_party_bind(
	const char *district, uint64_t number, uint32_t party, unsigned field, struct bh_buf *out);

/* What stands about a case besides itself; zeroes: nothing. */
struct bh_guarded {
	uint64_t asked; /* position of the ASK_ERASE that waits */
	uint32_t asked_by;
	uint64_t held; /* position of the HOLD in force */
	uint32_t erasures;
	uint64_t erased; /* position of the last ERASE */
	int64_t erased_ms;
};

/* The person's post that allows the verb on a case now, by its area, unit and type; or 0. */
uint32_t bh_privacy_post(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, enum bh_verb verb, const struct bh_case *cased);
/* ... and the post under which somebody who only watches over cases opens the words of a sealed
 * one, but nobody's name; or 0. */
uint32_t bh_privacy_oversees(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, const struct bh_case *cased);
/* ... and the post under which who registered a matter at a desk may name its complainant, as long
 * as nobody took it up; or 0. */
uint32_t bh_privacy_registers(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, const struct bh_case *cased);
/* May this person, under this post (0: any), read who opened and erased what of a case now; NULL:
 * of any? */
bool bh_privacy_reads(const struct bh_rules *rules, int64_t now_ms, uint32_t person, uint32_t post,
	const struct bh_case *cased);
/* A desk's command of these verbs.  out->journal: an entry is written.  openings: of this person in
 * the last 24 hours. */
struct bh_privacy_ask {
	const struct bh_rules *rules;
	int64_t now_ms;
	const struct bh_case *cased; /* NULL: no such case */
	struct bh_guarded guarded;
	uint32_t openings;
};
struct bh_privacy_answer {
	bool accepted;
	enum bh_reason reason;
	const char *detail; /* constant clause, or NULL */
	uint32_t post;
};
void bh_privacy_decide(const struct bh_privacy_ask *ask, const struct bh_command *command,
	struct bh_privacy_answer *out);
bool bh_verb_is_privacy(unsigned verb);
/* How long after its end a case of this type is kept whole; 0: for ever. */
int64_t bh_retention_ms(const struct bh_rules *rules, uint32_t type);
/* What the clock erases nothing of: cases of a class without a row, words about no case. */
void bh_retention_lacks(const struct bh_msg_settings *settings, bool *cases, bool *entries);
/* How long the words of an entry about no case are kept after it came; 0: for ever. */
int64_t bh_retention_texts_ms(const struct bh_rules *rules);
/* Whether an entry of a handset was recorded before its case was erased, or, about no case, before
 * what is purged: what came again after a restore stays without its content and photos. */
bool bh_guarded_covers(const struct bh_guarded *guarded, const struct bh_entry *entry);

#endif
