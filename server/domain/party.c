/* A person of a case as bytes, and the names of what may be said of one. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/privacy.h"

static const char tag[] = "bh-party-1";

int bh_party_encode(const struct bh_party *party, struct bh_buf *out)
{
	int err = bh_buf_append(out, tag, sizeof(tag) - 1);

	if (!err)
		err = bh_put_u32(out, party->party);
	if (!err)
		err = bh_put_u8(out, (uint8_t)party->role);
	if (!err)
		err = bh_put_u8(out, (uint8_t)party->consent);
	if (!err)
		err = bh_put_block(out, party->name);
	return err ? err : bh_put_block(out, party->contact);
}

int bh_party_decode(struct bh_span bytes, struct bh_party *out)
{
	struct bh_reader reader = bh_reader(bytes);
	struct bh_span title = bh_get_bytes(&reader, sizeof(tag) - 1);
	struct bh_party party = {.party = bh_get_u32(&reader)};

	party.role = bh_get_u8(&reader);
	party.consent = bh_get_u8(&reader);
	party.name = bh_get_block(&reader);
	party.contact = bh_get_block(&reader);
	if (!bh_reader_done(&reader) || !bh_span_equal(title, bh_span(tag, sizeof(tag) - 1)))
		return BH_ERR_MALFORMED;
	*out = party;
	return BH_NOERR;
}

int bh_party_bind(
	const char *district, uint64_t number, uint32_t party, unsigned field, struct bh_buf *out)
{
	static const char title[] = "bh-party-field-1";
	int err = bh_buf_append(out, title, sizeof(title) - 1);

	if (!err)
		err = bh_put_block(out, bh_span(district, strlen(district)));
	if (!err)
		err = bh_put_u64(out, number);
	if (!err)
		err = bh_put_u32(out, party);
	return err ? err : bh_put_u8(out, (uint8_t)field);
}

/* ---- Names ---- */

static const char *const roles[BH_PARTY_ROLES] = {
	"gone", "complainant", "other_party", "witness", "contact", "representative"};
static const char *const consents[BH_CONSENTS] = {"not_asked", "given", "refused", "withdrawn"};
static const char *const purposes[BH_PURPOSES] = {"none", "contact", "handling", "mediation",
	"follow_up", "subject_request", "legal", "oversight"};

static const char *name_of(const char *const *names, unsigned count, unsigned value)
{
	return value < count ? names[value] : "unknown";
}

static int name_find(
	const char *const *names, uint32_t from, uint32_t count, const char *name, uint32_t *out)
{
	for (uint32_t i = from; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = i;
			return BH_NOERR;
		}
	}
	return BH_ERR_NOT_FOUND;
}

const char *bh_party_role_name(unsigned role)
{
	return name_of(roles, BH_PARTY_ROLES, role);
}

const char *bh_consent_name(unsigned consent)
{
	return name_of(consents, BH_CONSENTS, consent);
}

const char *bh_purpose_name(unsigned purpose)
{
	return name_of(purposes, BH_PURPOSES, purpose);
}

int bh_party_role_parse(const char *name, uint32_t *out)
{
	return name_find(roles, BH_PARTY_COMPLAINANT, BH_PARTY_ROLES, name, out);
}

int bh_consent_parse(const char *name, uint32_t *out)
{
	return name_find(consents, BH_CONSENT_NOT_ASKED, BH_CONSENTS, name, out);
}

int bh_purpose_parse(const char *name, uint32_t *out)
{
	return name_find(purposes, BH_PURPOSE_CONTACT, BH_PURPOSES, name, out);
}

static bool is_asked(uint32_t role)
{
	return role == BH_PARTY_COMPLAINANT || role == BH_PARTY_REPRESENTATIVE;
}

bool bh_party_gives(uint32_t role, uint32_t consent)
{
	return is_asked(role) && consent == BH_CONSENT_GIVEN;
}

bool bh_party_withholds(uint32_t role, uint32_t consent)
{
	return is_asked(role) && (consent == BH_CONSENT_REFUSED || consent == BH_CONSENT_WITHDRAWN);
}
