/* The texts of statements about dossiers. */
#include "server/store/statement.h"

#define COLUMNS "position, number, verb, kind, until_ms, back"
#define DUE                                                            \
	"SELECT until_ms, number FROM dossier INDEXED BY dossier_due " \
	"WHERE until_ms <> 0 AND back = 0 AND kind = 0 "

const char *const bh_sql_dossier_texts[BH_SQL_COUNT] = {
	[BH_SQL_DOSSIER_ADD] = "INSERT INTO dossier(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, 0)",
	[BH_SQL_DOSSIER_BACK] = "UPDATE dossier SET back = ?2 WHERE position = ?1",
	[BH_SQL_DOSSIER_LIST] = "SELECT " COLUMNS " FROM dossier WHERE number = ?1 AND position > "
				"?2 ORDER BY position LIMIT ?3",
	[BH_SQL_DOSSIER_LOAN] = "SELECT position FROM dossier WHERE number = ?1 AND verb = ?2 AND "
				"back = 0 ORDER BY position LIMIT 1",
	[BH_SQL_DOSSIER_LOANS] = "SELECT " COLUMNS " FROM dossier INDEXED BY dossier_out WHERE "
				 "until_ms <> 0 AND back = 0 AND position > ?1 ORDER BY position "
				 "LIMIT ?2",
	[BH_SQL_DOSSIER_TOLD] = "UPDATE dossier SET kind = 1 WHERE position = ?1",
	[BH_SQL_DOSSIER_DUE] = DUE "AND until_ms <= ?1 ORDER BY until_ms, position LIMIT 1",
	[BH_SQL_DOSSIER_DUE_FIRST] = DUE "ORDER BY until_ms, position LIMIT 1",
	[BH_SQL_DOSSIER_PHOTOS] =
		"SELECT position, sum(kind <> ?2), sum(kind <> ?2 AND stored <> 0) "
		"FROM blob WHERE number = ?1 GROUP BY position",
	[BH_SQL_DOSSIER_SEAL] =
		"SELECT position FROM dossier WHERE number = ?1 AND verb = ?2 ORDER "
		"BY position DESC LIMIT 1",
};
