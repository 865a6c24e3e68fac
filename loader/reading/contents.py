"""Typed rows of the content tables: what the texts of the final tables say."""

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
    """Methods of a `Reader`; filters are as there, and those of a content row are its text's."""

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
        """People, by full name; `team` is the one in which they were last seen."""
        return self._rows(Person, filters.OF_TEAM, "stored.full_name, stored.id", {"team": team})

    def people_aliases(self, team: str | None = None) -> Rows[PersonAlias]:
        """Names in texts, seeds and mapping files, by name."""
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
        """Entries of daily reports, by report and place; `person` is a full name."""
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
        """Turns of meetings, by meeting and place; `person` is a full name."""
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
        """Who took part in meetings, by meeting and place; `person` is a full name."""
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
        """Issues of Jira snapshots, by snapshot and place."""
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
        """Messages of Slack captures, by capture and place; `person` is a full name."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.slack_capture_id, stored.position"
        return self._rows(SlackMessage, filters.MESSAGES, order, params)

    def mentions(self, ref: str | None = None, ref_kind: str | None = None) -> Rows[Mention]:
        """References to issues, pull requests and URLs, by what they refer to."""
        order = "stored.ref_kind, stored.ref, stored.source_id, stored.position"
        return self._rows(Mention, filters.MENTIONS, order, {"ref": ref, "ref_kind": ref_kind})

    def person_week(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        person: str | None = None,
    ) -> Rows[PersonWeek]:
        """What each person did in each week and team, of weeks with a day in the range."""
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
        """Days on which a daily report was expected and nobody wrote it."""
        params = {"team": team, "since": since, "until": until, "person": person}
        order = "stored.missing_date, stored.team, stored.person, stored.person_id"
        return self._rows(MissingDay, filters.MISSING_DAYS, order, params)

    def weekly_activity(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[WeeklyActivity]:
        """How much each team did in each week, of weeks with a day in the range."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.week_start, stored.team"
        return self._rows(WeeklyActivity, filters.TEAM_WEEKS, order, params)

    def meetings(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[Meeting]:
        """Meetings with their people and numbers, by day and file name."""
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
        """What was written and said with these words, best first: docs/search.md.

        Args:
            words: All must be there; `"a phrase"`, `or`, and `-` before what must not be there.
            team: The team's name.
            person: Who wrote it, said it or is assigned, by any spelling that is known.
            since: The first day.
            until: The last day.
            kinds: Some of `entry`, `turn`, `issue`, `message`; empty for all.
            limit: How many hits to return.

        Raises:
            SearchError: There is no word, no such team or kind, or not one person of that name.
        """
        options = SearchOptions(
            team=team, person=person, since=since, until=until, kinds=kinds, limit=limit
        )
        return search(self._fetch, words, options, is_postgres=self._is_postgres)
