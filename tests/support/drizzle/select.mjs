// Prints all rows of the nine tables, by table and column, and the answers of typed questions.
import { and, between, count, eq, getTableColumns, getTableName } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import * as schema from "./schema.mjs";

// Where the database is, PGHOST, PGPORT, PGUSER and PGDATABASE say.
const pool = new pg.Pool();
const db = drizzle(pool, { schema });
const tables = {};
for (const table of Object.values(schema)) {
  const names = Object.fromEntries(
    Object.entries(getTableColumns(table)).map(([key, column]) => [column.name, key]),
  );
  const rows = await db.select().from(table);
  tables[getTableName(table)] = rows.map((row) =>
    Object.fromEntries(Object.entries(names).map(([name, key]) => [name, row[key]])),
  );
}
const { dailyReports, teams, generatedReports, reportTypes } = schema;
const [day, last] = [new Date("2025-10-27"), new Date("2025-10-28")];
const questions = {
  reports: await db
    .select({ author: dailyReports.authorName, day: dailyReports.reportDate, team: teams.name })
    .from(dailyReports)
    .innerJoin(teams, eq(dailyReports.teamId, teams.id))
    .where(and(eq(teams.name, "rocks"), between(dailyReports.reportDate, day, last)))
    .orderBy(dailyReports.reportDate, dailyReports.authorName),
  types: await db
    .select({ type: reportTypes.name, count: count() })
    .from(generatedReports)
    .innerJoin(reportTypes, eq(generatedReports.reportTypeId, reportTypes.id))
    .groupBy(reportTypes.name)
    .orderBy(reportTypes.name),
};
console.log(JSON.stringify({ tables, questions }));
await pool.end();
