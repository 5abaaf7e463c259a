/* The texts of statements about ratings. */
#include "server/store/statement.h"

#define COLUMNS "number, cycle, unit, closed_ms, rating, position"

const char *const bh_sql_rating_texts[BH_SQL_COUNT] = {
	[BH_SQL_RATING_CLOSED] = "INSERT INTO rating(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, 0, 0)",
	[BH_SQL_RATING_SET] = "UPDATE rating SET rating = ?3, position = ?4 WHERE number = ?1 AND "
			      "cycle = ?2 AND position = 0",
	[BH_SQL_RATING_OF_CASE] = "SELECT " COLUMNS " FROM rating WHERE number = ?1 ORDER BY cycle "
				  "LIMIT ?2",
	/* 1, 2, 3: satisfied, fair, dissatisfied */
	[BH_SQL_RATING_COUNT] = "SELECT unit, count(*), sum(rating <> 0), sum(rating = 1), "
				"sum(rating = 2), sum(rating = 3) FROM rating INDEXED BY "
				"rating_closed WHERE closed_ms >= ?1 AND closed_ms < ?2 GROUP BY "
				"unit ORDER BY unit LIMIT ?3",
	[BH_SQL_TOKEN_SET] = "INSERT INTO rating_token(number, own, hash, position, invites) "
			     "VALUES(?1, ?2, ?3, ?4, 1) ON CONFLICT(number, own) DO UPDATE SET "
			     "hash = ?3, position = ?4, invites = invites + 1",
	[BH_SQL_TOKEN_GET] = "SELECT own, hash, position, invites FROM rating_token WHERE number = "
			     "?1",
	[BH_SQL_TOKEN_DROP] = "DELETE FROM rating_token WHERE number = ?1",
};
