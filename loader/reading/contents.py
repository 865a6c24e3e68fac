"""Typed rows of the content tables: the content of the final tables' texts."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from loader.reading import filters
from loader.reading.results import Rows, RowT
from loader.reading.rows import (
    JiraIssue,
    Meeting,
    MeetingParticipant,
    Mention,
    MissingDay,
    Person,
    PersonAlias,
    PersonWeek,
    ReportEntry,
    SlackMessage,
    TranscriptTurn,
    WeeklyActivity,
)
from loader.reading.search import Hit, SearchOptions, search


class ContentReader:
    """Methods of a `Reader`. Filters work as there, and apply to the text of a content row."""

    _is_postgres: bool

    @abstractmethod
    def _rows(
        self,
        kind: type[RowT],
        where: str,
        order: str,
        params: Mapping[str, object] | None = None,
    ) -> Rows[RowT]: ...

    @abstractmethod
    def _fetch(self, query: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]: ...

    def people(self, team: str | None = None) -> Rows[Person]:
        """Return people, by full name; `team` is the team in which they were last seen."""
        return self._rows(Person, filters.OF_TEAM, "stored.full_name, stored.id", {"team": team})

    def people_aliases(self, team: str | None = None) -> Rows[PersonAlias]:
        """Return names from texts, seeds and mapping files, by name."""
        order = "stored.alias, stored.team_id"
        return self._rows(PersonAlias, filters.OF_TEAM, order, {"team": team})

    def report_entries(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
        section_kind: str | None = None,
    ) -> Rows[ReportEntry]:
        """Return entries of daily reports, by report and place; `person` is a full name."""
        params = {"team": team, "since": since, "until": until, "person": person}
        return self._rows(
            ReportEntry,
            filters.ENTRIES,
            "stored.daily_report_id, stored.position",
            params | {"section_kind": section_kind},
        )

    def transcript_turns(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[TranscriptTurn]:
        """Return turns of meetings, by meeting and place; `person` is a full name."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.meeting_transcript_id, stored.position"
        return self._rows(TranscriptTurn, filters.TURNS, order, params)

    def meeting_participants(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[MeetingParticipant]:
        """Return participants of meetings, by meeting and place; `person` is a full name."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.meeting_transcript_id, stored.position"
        return self._rows(MeetingParticipant, filters.TURNS, order, params)

    def jira_issues(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        issue_key: str | None = None,
    ) -> Rows[JiraIssue]:
        """Return issues of Jira snapshots, by snapshot and place."""
        params = {"team": team, "since": since, "until": until, "issue_key": issue_key}
        order = "stored.jira_snapshot_id, stored.position"
        return self._rows(JiraIssue, filters.ISSUES, order, params)

    def slack_messages(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[SlackMessage]:
        """Return messages of Slack captures, by capture and place; `person` is a full name."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.slack_capture_id, stored.position"
        return self._rows(SlackMessage, filters.MESSAGES, order, params)

    def mentions(self, ref: str | None = None, ref_kind: str | None = None) -> Rows[Mention]:
        """Return references to issues, pull requests and URLs, by their target."""
        order = "stored.ref_kind, stored.ref, stored.source_id, stored.position"
        return self._rows(Mention, filters.MENTIONS, order, {"ref": ref, "ref_kind": ref_kind})

    def person_week(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[PersonWeek]:
        """Return the numbers of each person, week and team, for weeks with a day in the range."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.week_start, stored.team, stored.person, stored.person_id"
        return self._rows(PersonWeek, filters.PERSON_WEEKS, order, params)

    def missing_days(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[MissingDay]:
        """Return days without an expected daily report."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.missing_date, stored.team, stored.person, stored.person_id"
        return self._rows(MissingDay, filters.MISSING_DAYS, order, params)

    def weekly_activity(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[WeeklyActivity]:
        """Return the numbers of each team and week, for weeks with a day in the range."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.week_start, stored.team"
        return self._rows(WeeklyActivity, filters.TEAM_WEEKS, order, params)

    def meetings(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[Meeting]:
        """Return meetings with their people and numbers, by day and file name."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.meeting_date, stored.filename, stored.meeting_transcript_id"
        return self._rows(Meeting, filters.MEETINGS_HELD, order, params)

    def search(  # noqa: PLR0913 - filters, by keyword
        self,
        words: str,
        *,
        team: str | None = None,
        person: str | None = None,
        since: date | None = None,
        until: date | None = None,
        kinds: Collection[str] = (),
        limit: int = 20,
    ) -> list[Hit]:
        """Return texts that contain these words, the best first: docs/search.md.

        Args:
            words: All words must match; use `"a phrase"`, `or`, and `-` to exclude a word.
            team: The team's name.
            person: The writer, speaker or assignee, in any known spelling.
            since: The first day.
            until: The last day.
            kinds: Some of `entry`, `turn`, `issue`, `message`; empty for all.
            limit: The maximum number of hits.

        Raises:
            SearchError: A word, the team, the person or a kind is not valid.
        """
        options = SearchOptions(
            team=team, person=person, since=since, until=until, kinds=kinds, limit=limit
        )
        return search(self._fetch, words, options, is_postgres=self._is_postgres)
