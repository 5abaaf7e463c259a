/* The handset's tables, made and brought up to date. */
#include <stdio.h>

#include "client-lib/store_salvage.h"

/*
 *   device          one row: who we are, whom we call, what the last contact said
 *   rotation        at most one row: the key that is to take over from the device's
 *   profile         one row: the district as last told, encoded
 *   log             one row a log; exactly one is the present one
 *   op              what was recorded, for ever: id = log row << 32 | sequence.  An op at or below
 * its log's acked_seq with verdict 0 was plainly accepted; only other verdicts are written into it
 *   ack             the server's receipts: everything up to id, when, under which MAC
 *   record          a case as last told, encoded as a Records of one
 *   record_scope    through which scopes it is seen; the last to leave takes the record along
 *   cursor          how far each scope was told
 *   receipt         (case, cycle) whose closure reached us, and whether it was opened; outlives its
 * record
 *   blob            a photo recorded here, or its thumbnail: enum bh_blob_fate, and whether its
 * file is here (0), is (1), or is being written (2: what a crash left, swept at the next opening)
 *   photo           which ops name it, in order; number: the case that the op is about
 *   fetch           a photo that a record tells of and the server has: enum bh_fetch_fate
 *   seal            one row where the store has a key: enum seal_state, and a mark that only the
 * right key opens
 *   author          who else records here: what is kept of their PIN, and how often it was wrong
 *   draft           what is not recorded yet: id = person << 8 | slot; below 0 cargo, and open
 * rounds
 *
 * Without a blank that could be left out: SQLite keeps these texts, and as long as they fit the
 * file's first page no other page can take all the tables along when it is damaged.
 */
static const char schema[] =
	"CREATE TABLE device(id INTEGER PRIMARY KEY CHECK(id=1),enrolled INT NOT NULL DEFAULT 0,"
	"code_refused INT NOT NULL DEFAULT 0,host TEXT,port INT,district TEXT,pins BLOB,code "
	"BLOB,"
	"model TEXT,private BLOB,public BLOB,device INT NOT NULL DEFAULT 0,person INT NOT NULL"
	" DEFAULT 0,receipt BLOB,receipt_signature BLOB,revoked_ms INT NOT NULL DEFAULT 0,"
	"contact_ms INT NOT NULL DEFAULT 0,skew_ms INT,epoch INT NOT NULL DEFAULT 0,head_hash "
	"BLOB,"
	"sweeping INT NOT NULL DEFAULT 0,profile_version INT NOT NULL DEFAULT 0,district_name "
	"TEXT,"
	"person_name TEXT,boots INT NOT NULL DEFAULT 0,boot_name INT NOT NULL DEFAULT 0);"
	"INSERT INTO device(id) VALUES(1);"
	"CREATE TABLE profile(id INTEGER PRIMARY KEY CHECK(id=1),message BLOB NOT NULL);"
	"CREATE TABLE log(id INTEGER PRIMARY KEY,log_id BLOB NOT NULL UNIQUE,short INT NOT NULL "
	"DEFAULT"
	" 0,start BLOB,acked_seq INT NOT NULL DEFAULT 0,forked_from BLOB,present INT NOT NULL);"
	"CREATE TABLE op(id INTEGER PRIMARY KEY,verb INT NOT NULL,number INT NOT NULL,"
	"captured_ms INT"
	" NOT NULL,recorded_ms INT NOT NULL,header BLOB NOT NULL,content BLOB NOT NULL,salt "
	"BLOB"
	" NOT NULL,link BLOB NOT NULL,carried INT NOT NULL DEFAULT 0,verdict INT NOT NULL "
	"DEFAULT 0,"
	"code INT NOT NULL DEFAULT 0,sentence TEXT,correctable INT NOT NULL DEFAULT 0,"
	"met_state INT"
	" NOT NULL DEFAULT 0,told INT NOT NULL DEFAULT 0);"
	"CREATE INDEX op_told ON op(told) WHERE told <> 0;"
	"CREATE INDEX op_refused ON op(id) WHERE verdict IN (2,3,4);"
	"CREATE TABLE ack(id INTEGER PRIMARY KEY,received_ms INT NOT NULL,mac BLOB NOT NULL);"
	"CREATE TABLE record(number INTEGER PRIMARY KEY,position INT NOT NULL,received_ms INT "
	"NOT NULL,"
	"body BLOB NOT NULL);"
	"CREATE TABLE record_scope(number INT NOT NULL,scope INT NOT NULL,mark INT NOT NULL "
	"DEFAULT 0,"
	"PRIMARY KEY(number,scope)) WITHOUT ROWID;"
	"CREATE TABLE cursor(scope INTEGER PRIMARY KEY,position INT NOT NULL);"
	"CREATE TABLE receipt(number INT NOT NULL,cycle INT NOT NULL,seen INT NOT NULL DEFAULT "
	"0,PRIMARY"
	" KEY(number,cycle)) WITHOUT ROWID;";

/* What schema 2 brought: photos. */
static const char schema_2[] =
	"CREATE TABLE blob(hash BLOB PRIMARY KEY,size INT NOT NULL,kind INT NOT NULL,fate INT "
	"NOT NULL DEFAULT 0,file INT NOT NULL,recorded_ms INT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX blob_due ON blob(kind DESC,size,recorded_ms) WHERE fate = 1;"
	"CREATE INDEX blob_waiting ON blob(fate) WHERE fate IN (0,1);"
	"CREATE INDEX blob_half ON blob(file) WHERE file = 2;"
	"CREATE TABLE photo(op INT NOT NULL,place INT NOT NULL,number INT NOT NULL,cycle INT "
	"NOT NULL,hash BLOB "
	"NOT NULL,PRIMARY KEY(op,place)) WITHOUT ROWID;"
	"CREATE INDEX photo_number ON photo(number) WHERE number <> 0;"
	"CREATE INDEX photo_hash ON photo(hash);"
	"CREATE TABLE fetch(hash BLOB PRIMARY KEY,number INT NOT NULL,size INT NOT NULL,kind "
	"INT "
	"NOT NULL,fate INT NOT NULL,told_ms INT NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX fetch_wanted ON fetch(kind,told_ms) WHERE fate = 1;"
	"CREATE INDEX fetch_left ON fetch(fate) WHERE fate = 4;"
	"CREATE INDEX fetch_number ON fetch(number);";

/* What schema 3 brought: values that are sealed (store_seal.c), and authors (store_author.c). */
static const char schema_3[] =
	"CREATE TABLE seal(id INTEGER PRIMARY KEY CHECK(id=1),state INT NOT NULL,mark BLOB NOT "
	"NULL);"
	"CREATE TABLE author(person INTEGER PRIMARY KEY,name TEXT NOT NULL,pin BLOB NOT NULL,"
	"tries INT NOT NULL DEFAULT 0,tried_ms INT NOT NULL DEFAULT 0);"
	"CREATE TABLE draft(id INTEGER PRIMARY KEY,body BLOB NOT NULL);"
	"CREATE TABLE rotation(id INTEGER PRIMARY KEY,private BLOB,public BLOB);";

static int text_run(struct bh_local *local, const char *text)
{
	return sqlite3_exec(local->db, text, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : bh_store_fault(local, sqlite3_extended_errcode(local->db));
}

/* In a transaction, which the caller ends: what came after a schema, and the marks of this one. */
static int texts_run(struct bh_local *local, long from)
{
	static const char *const texts[BH_STORE_SCHEMA] = {schema, schema_2, schema_3};
	char marks[96];
	int rc = text_run(local, "BEGIN IMMEDIATE");

	for (long i = from; rc == 0 && i < BH_STORE_SCHEMA; i++)
		rc = text_run(local, texts[i]);
	snprintf(marks, sizeof(marks), "PRAGMA application_id=%d; PRAGMA user_version=%d",
		BH_STORE_APPLICATION_ID, BH_STORE_SCHEMA);
	return rc == 0 ? text_run(local, marks) : rc;
}

int bh_store_schema(struct bh_local *local, uint32_t n)
{
	int rc = texts_run(local, 0);

	if (rc == 0)
		rc = bh_seal_begin(local);
	if (rc == 0)
		rc = bh_store_log_begin(local, NULL, NULL);
	if (rc == 0 && n != 0)
		rc = bh_salvage_carry(local, n);
	return bh_store_end(local, rc);
}

int bh_store_upgrade(struct bh_local *local, long from)
{
	return bh_store_end(local, texts_run(local, from));
}
