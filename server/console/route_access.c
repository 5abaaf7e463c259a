/* Who asks, and whether this route is for them.  The operator's link is the server's own local
 * socket: who can open it runs the server.  Over it one may act as a person of the district, and
 * then has that person's rights and no others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/exchange.h"

/* Of those in force. */
static const struct bh_msg_post *post_of(const struct bh_exchange *x, uint32_t id, uint32_t role)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(x->rules, x->person, x->now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if ((id == 0 || posts[i]->id == id) && (role == 0 || posts[i]->role == role))
			return posts[i];
	return NULL;
}

static bool refuse(struct bh_exchange *x, const char *code, const char *message, const char *hint)
{
	bh_answer_error(x, 403, code, message, hint);
	return false;
}

/* "D001" or "D001/17" */
static bool acting_resolve(struct bh_exchange *x, const char *acting)
{
	size_t len = strcspn(acting, "/");
	const struct bh_msg_person *person = x->rules ? bh_rules_person_by_code(
								x->rules, bh_span(acting, len))
						      : NULL;
	if (!person)
		return refuse(x, "acting", "no person of this district has the code to act as",
			"see `bihuan people`");
	x->person = person->id;
	if (acting[len] == '\0')
		return true;
	char *end;
	unsigned long post = strtoul(acting + len + 1, &end, 10);
	if (acting[len + 1] < '0' || acting[len + 1] > '9' || *end != '\0' || post == 0 ||
		post > UINT32_MAX || !post_of(x, (uint32_t)post, 0))
		return refuse(x, "acting", "the person does not hold this post now",
			"see `bihuan people`, or leave the post out");
	x->post = (uint32_t)post;
	return true;
}

bool bh_access_check(struct bh_exchange *x, enum bh_access access, const char *acting)
{
	bool operator_alone = x->operator_link && !acting;
	bool named = acting && access != BH_ACCESS_SERVER && access != BH_ACCESS_PUBLIC;
	if (named && !acting_resolve(x, acting))
		return false;
	switch (access) {
	case BH_ACCESS_SERVER:
		return operator_alone ||
		       refuse(x, "no_right", "only who runs the server may do this",
			       "leave out whom to act as");
	case BH_ACCESS_DISTRICT:
		return operator_alone || (x->person && post_of(x, x->post, BH_ROLE_ADMIN)) ||
		       refuse(x, "no_right", "this needs an administrator's post", NULL);
	case BH_ACCESS_READ:
		return operator_alone || x->person ||
		       refuse(x, "acting", "say who asks", "header Bihuan-As: CODE");
	case BH_ACCESS_PUBLIC:
		return true;
	case BH_ACCESS_PERSON:
		return x->person ||
		       refuse(x, "acting", "this is done in somebody's name: say whose",
			       "--as CODE, or header Bihuan-As: CODE");
	}
	return false;
}
