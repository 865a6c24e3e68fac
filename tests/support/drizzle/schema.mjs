// The nine tables as a program of the replaced system declares them: times without a zone, dates
// as Date, sizes as integer. Nothing of ours is in it but the names.
import { date, integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

const common = {
  id: uuid("id").primaryKey().defaultRandom(),
  createdAt: timestamp("created_at").notNull().defaultNow(),
  updatedAt: timestamp("updated_at").notNull().defaultNow(),
};
const blob = { blobKey: text("blob_key"), blobUrl: text("blob_url") };

export const organizations = pgTable("organizations", {
  ...common,
  name: text("name").notNull(),
  description: text("description"),
});

export const teams = pgTable("teams", {
  ...common,
  organizationId: uuid("organization_id")
    .notNull()
    .references(() => organizations.id, { onDelete: "cascade" }),
  name: text("name").notNull(),
  description: text("description"),
});

const ofTeam = () => ({
  teamId: uuid("team_id")
    .notNull()
    .references(() => teams.id, { onDelete: "cascade" }),
});

export const reportTypes = pgTable("report_types", {
  ...common,
  name: text("name").notNull().unique(),
  description: text("description"),
});

export const dailyReports = pgTable("daily_reports", {
  ...common,
  ...ofTeam(),
  ...blob,
  reportDate: date("report_date", { mode: "date" }).notNull(),
  content: text("content").notNull(),
  authorName: text("author_name").notNull(),
  checksumSha256: text("checksum_sha256"),
});

export const meetingTranscripts = pgTable("meeting_transcripts", {
  ...common,
  ...ofTeam(),
  ...blob,
  transcriptDate: timestamp("transcript_date").notNull(),
  filename: text("filename").notNull(),
  transcriptText: text("transcript_text").notNull(),
  byteSize: integer("byte_size"),
  checksumSha256: text("checksum_sha256"),
});

const week = () => ({
  ...common,
  ...ofTeam(),
  collectedWeekStart: date("collected_week_start", { mode: "date" }).notNull(),
  collectedWeekEnd: date("collected_week_end", { mode: "date" }).notNull(),
  blobKey: text("blob_key").notNull(),
  blobUrl: text("blob_url").notNull(),
  byteSize: integer("byte_size"),
  checksumSha256: text("checksum_sha256"),
});

export const jiraSnapshots = pgTable("jira_snapshots", week());

export const slackCaptures = pgTable("slack_captures", week());

export const generatedReports = pgTable("generated_reports", {
  ...common,
  ...ofTeam(),
  ...blob,
  reportTypeId: uuid("report_type_id")
    .notNull()
    .references(() => reportTypes.id),
  triggeredBy: text("triggered_by"),
  generatedAt: timestamp("generated_at").notNull(),
  executionId: uuid("execution_id"),
  output: jsonb("output"),
  modelInfo: jsonb("model_info"),
  contentHash: text("content_hash"),
});

export const reportDataLinks = pgTable("report_data_links", {
  ...common,
  generatedReportId: uuid("generated_report_id")
    .notNull()
    .references(() => generatedReports.id, { onDelete: "cascade" }),
  jiraSnapshotId: uuid("jira_snapshot_id").references(() => jiraSnapshots.id),
  slackCaptureId: uuid("slack_capture_id").references(() => slackCaptures.id),
  dailyReportId: uuid("daily_report_id").references(() => dailyReports.id),
  meetingTranscriptId: uuid("meeting_transcript_id").references(() => meetingTranscripts.id),
});
