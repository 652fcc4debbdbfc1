"""Bulk API 2.0: ingest jobs (insert, update, upsert, delete) and query jobs.

Belongs here: jobs, their CSV and their results. Jobs are kept in the state file and written in
chunks, each with its results in one transaction, so that a killed server carries on where it was.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import secrets
from collections.abc import Iterator
from typing import Any

import orjson

from ingestion.sandbox.servers.calls import Call, Reply
from ingestion.sandbox.servers.entities import Column
from ingestion.sandbox.servers.misbehaviour import Misbehaviour
from ingestion.sandbox.servers.salesforce.entities import SObject
from ingestion.sandbox.servers.salesforce.errors import RowError, fail, not_found
from ingestion.sandbox.servers.salesforce.queries import Queries
from ingestion.sandbox.servers.salesforce.rows import Rows
from ingestion.sandbox.servers.salesforce.soql import parse
from ingestion.sandbox.servers.store import Store

CHUNK = 500
MAX_BYTES = 150_000_000
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
QUERIES = ("query", "queryAll")
DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^"}
DELIMITERS |= {"BACKQUOTE": "`"}
NULL = "#N/A"
RESULTS = {"successfulresults": "successful", "failedresults": "failed"}
RESULTS |= {"unprocessedrecords": "unprocessed"}
DEFAULT_EXPORT = 50_000


class BulkJobs:
    """`/jobs` of one service."""

    def __init__(self, store: Store, rows: Rows, queries: Queries) -> None:
        self.store, self.rows, self.queries = store, rows, queries
        self._partial: dict[str, Misbehaviour] = {}
        self._wake = asyncio.Event()
        store.execute(
            "CREATE TABLE IF NOT EXISTS _jobs (id TEXT PRIMARY KEY, info TEXT NOT NULL, data TEXT)"
        )
        store.execute(
            "CREATE TABLE IF NOT EXISTS _job_rows (job TEXT, number INTEGER, outcome TEXT, "
            "sf_id TEXT, created TEXT, error TEXT, line TEXT, PRIMARY KEY (job, number))"
        )

    async def work(self) -> None:
        """Process uploaded jobs, a chunk at a time, so that other calls are answered between."""
        while True:
            self._wake.clear()
            for job in self._jobs("UploadComplete", "InProgress"):
                await self._process(job)
            await self._wake.wait()

    def answer(self, rest: str, call: Call) -> Reply:
        """Route a call below `/jobs`."""
        kind, _, rest = rest.partition("/")
        key, _, part = rest.partition("/")
        if kind not in {"ingest", "query"}:
            raise not_found()
        if not key:
            return self._create(kind, call) if call.method == "POST" else self._listed(kind, call)
        job = self._job(key)
        if not part:
            return self._on_job(job, call)
        if part == "batches" and call.method == "PUT":
            return self._upload(job, call)
        if part.lower() in RESULTS and call.method == "GET":
            return self._results(job, RESULTS[part.lower()])
        if part == "results" and kind == "query" and call.method == "GET":
            return self._export(job, call)
        raise not_found()

    def _on_job(self, job: dict[str, Any], call: Call) -> Reply:
        if call.method == "GET":
            return Reply.json(_shown(job))
        if call.method == "PATCH":
            return self._change(job, call)
        if call.method == "DELETE":
            return self._delete(job)
        raise not_found()

    def _create(self, kind: str, call: Call) -> Reply:
        asked = _body(call)
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        key = f"750{secrets.token_hex(6)}AAA"
        job = {
            "id": key,
            "operation": asked.get("operation"),
            "createdById": self.store.author,
            "createdDate": now,
            "systemModstamp": now,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": 60.0,
            "lineEnding": asked.get("lineEnding", "LF"),
            "columnDelimiter": asked.get("columnDelimiter", "COMMA"),
            "numberRecordsProcessed": 0,
            "numberRecordsFailed": 0,
            "retries": 0,
            "apexProcessingTime": 0,
            "apiActiveProcessingTime": 0,
            "totalProcessingTime": 0,
        }
        if job["columnDelimiter"] not in DELIMITERS or job["lineEnding"] not in {"LF", "CRLF"}:
            raise fail(400, "INVALIDJOB", "columnDelimiter or lineEnding is not supported")
        if kind == "query":
            return self._create_query(job, asked)
        if job["operation"] not in OPERATIONS:
            raise fail(400, "INVALIDJOB", f"operation must be one of {', '.join(OPERATIONS)}")
        sobject = self._sobject(asked.get("object"))
        job |= {"object": sobject.name, "state": "Open", "jobType": "V2Ingest"}
        job["contentUrl"] = f"{call.path.lstrip('/')}/{key}/batches"
        if job["operation"] == "upsert":
            external = asked.get("externalIdFieldName")
            if external not in (*sobject.external_ids, "Id"):
                message = f"Field name not found or not an external id: {external}"
                raise fail(400, "INVALIDJOB", message)
            job["externalIdFieldName"] = external
        self._keep(job)
        return Reply.json(_shown(job))

    def _create_query(self, job: dict[str, Any], asked: dict[str, Any]) -> Reply:
        if job["operation"] not in QUERIES:
            raise fail(400, "INVALIDJOB", "operation must be query or queryAll")
        query = parse(str(asked.get("query", "")), self.queries.sobjects)
        job |= {"object": query.sobject.name, "state": "UploadComplete", "jobType": "V2Query"}
        self._keep(job | {"query": asked["query"]})
        self._wake.set()
        return Reply.json(_shown(job))

    def _upload(self, job: dict[str, Any], call: Call) -> Reply:
        if job["state"] != "Open":
            raise fail(400, "INVALIDJOBSTATE", "The job is not open")
        if len(call.body) > MAX_BYTES:
            raise fail(413, "REQUEST_ENTITY_TOO_LARGE", "The upload exceeds 150 MB")
        try:
            text = call.body.decode("utf-8")
        except UnicodeDecodeError:
            raise fail(400, "INVALIDBATCH", "The upload is not UTF-8") from None
        with self.store.transaction():
            self.store.execute("UPDATE _jobs SET data = ? WHERE id = ?", (text, job["id"]))
        return Reply(201)

    def _change(self, job: dict[str, Any], call: Call) -> Reply:
        state = _body(call).get("state")
        allowed = {"UploadComplete": {"Open"}, "Aborted": {"Open", "UploadComplete", "InProgress"}}
        if job["state"] not in allowed.get(state, set()):
            message = f"The job can't go from {job['state']} to {state}"
            raise fail(400, "INVALIDJOBSTATE", message)
        job["state"] = state
        if state == "UploadComplete" and (told := self.rows.told()):
            self._partial[job["id"]] = told
        self._keep(job)
        self._wake.set()
        return Reply.json(_shown(job))

    def _delete(self, job: dict[str, Any]) -> Reply:
        if job["state"] not in {"JobComplete", "Aborted", "Failed", "UploadComplete"}:
            raise fail(400, "INVALIDJOBSTATE", "Close or abort the job first")
        with self.store.transaction():
            self.store.execute("DELETE FROM _jobs WHERE id = ?", (job["id"],))
            self.store.execute("DELETE FROM _job_rows WHERE job = ?", (job["id"],))
        return Reply(204)

    def _listed(self, kind: str, call: Call) -> Reply:
        if call.method != "GET":
            raise not_found()
        wanted = "V2Query" if kind == "query" else "V2Ingest"
        jobs = [_shown(job) for job in self._jobs() if job["jobType"] == wanted]
        return Reply.json({"done": True, "nextRecordsUrl": None, "records": jobs})

    async def _process(self, job: dict[str, Any]) -> None:
        if job["jobType"] == "V2Query":
            found = self._found(job)
            self._keep(job | {"state": "JobComplete", "numberRecordsProcessed": len(found)})
            return
        data = self.store.scalars("SELECT data FROM _jobs WHERE id = ?", (job["id"],))[0] or ""
        self._keep(job | {"state": "InProgress"})
        done = "SELECT count(*) FROM _job_rows WHERE job = ?"
        start = self.store.scalars(done, (job["id"],))[0]
        for number, chunk in _chunks(data, DELIMITERS[job["columnDelimiter"]], start):
            if self._job(job["id"])["state"] != "InProgress":
                return
            self.store.author = job["createdById"]
            with self.store.transaction():
                for offset, row in enumerate(chunk):
                    self._write(job, number + offset, row)
            await asyncio.sleep(0)
        counts = (
            "SELECT count(*), coalesce(sum(outcome = 'failed'), 0) FROM _job_rows WHERE job = ?"
        )
        total, failed = self.store.execute(counts, (job["id"],)).fetchone()
        self._partial.pop(job["id"], None)
        counted = {"numberRecordsProcessed": total, "numberRecordsFailed": failed}
        self._keep(job | {"state": "JobComplete"} | counted)

    def _write(self, job: dict[str, Any], number: int, row: dict[str, str]) -> None:
        sobject = self._sobject(job["object"])
        outcome, key, created, problem = "successful", None, "false", None
        try:
            with self.rows.rejecting(self._partial.get(job["id"])):
                key, new = self._one(sobject, job, row)
            created = str(new).lower()
        except RowError as error:
            names = ",".join(error.fields) or "--"
            outcome, problem = "failed", f"{error.code}:{error.message}:{names}"
        self.store.execute(
            "INSERT INTO _job_rows VALUES (?, ?, ?, ?, ?, ?, ?)",
            (job["id"], number, outcome, key, created, problem, orjson.dumps(row).decode()),
        )

    def _one(self, sobject: SObject, job: dict[str, Any], row: dict[str, str]) -> tuple[str, bool]:
        operation = job["operation"]
        key = next((value for name, value in row.items() if name.lower() == "id"), "")
        if operation in {"delete", "hardDelete"}:
            return self.rows.delete(sobject, key), False
        payload = _payload(sobject, row)
        if operation == "insert":
            return self.rows.create(sobject, payload), True
        if operation == "update":
            return self.rows.update(sobject, key, payload), False
        field = job["externalIdFieldName"]
        value = next((v for name, v in row.items() if name.lower() == field.lower()), "")
        return self.rows.upsert(sobject, field, value, payload)

    def _results(self, job: dict[str, Any], outcome: str) -> Reply:
        extra = {"successful": ["sf__Id", "sf__Created"], "failed": ["sf__Id", "sf__Error"]}
        head = extra.get(outcome, [])
        if outcome == "unprocessed":
            lines = self._unprocessed(job)
        else:
            found = self.store.execute(
                "SELECT sf_id, created, error, line FROM _job_rows WHERE job = ? AND outcome = ? "
                "ORDER BY number",
                (job["id"], outcome),
            ).fetchall()
            lines = [
                {"sf__Id": key or "", "sf__Created": created, "sf__Error": error or ""}
                | orjson.loads(line)
                for key, created, error, line in found
            ]
        names = [n for n in (lines[0] if lines else {}) if not n.startswith("sf__")]
        return _csv([*head, *names], lines, job)

    def _unprocessed(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        if job["state"] not in {"Aborted", "Failed"}:
            return []
        data = self.store.scalars("SELECT data FROM _jobs WHERE id = ?", (job["id"],))[0] or ""
        done = "SELECT count(*) FROM _job_rows WHERE job = ?"
        start = self.store.scalars(done, (job["id"],))[0]
        chunks = _chunks(data, DELIMITERS[job["columnDelimiter"]], start)
        return [row for _, chunk in chunks for row in chunk]

    def _found(self, job: dict[str, Any]) -> Any:
        query = parse(job["query"], self.queries.sobjects)
        return self.queries.run(query, deleted=job["operation"] == "queryAll")

    def _export(self, job: dict[str, Any], call: Call) -> Reply:
        if job["state"] != "JobComplete":
            raise fail(400, "INVALIDJOBSTATE", "The job is not complete")
        query = parse(job["query"], self.queries.sobjects)
        start = _whole(call.query.get("locator") or "0")
        end = start + _whole(call.query.get("maxRecords") or str(DEFAULT_EXPORT))
        found = self._found(job)
        rows = self.queries.rows(query, found[start:end])
        reply = _csv([column.name for column in query.fields], rows, job)
        locator = str(end) if end < len(found) else "null"
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(rows))}
        return Reply(200, reply.body, dict(reply.headers) | headers)

    def _sobject(self, name: Any) -> SObject:
        found = self.queries.sobjects.get(str(name))
        if found is None:
            raise fail(400, "INVALIDENTITY", f"Unable to find object: {name}")
        return found

    def _keep(self, job: dict[str, Any]) -> None:
        info = orjson.dumps(job).decode()
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO _jobs (id, info) VALUES (?, ?) "
                "ON CONFLICT (id) DO UPDATE SET info = excluded.info",
                (job["id"], info),
            )

    def _job(self, key: str) -> dict[str, Any]:
        found = self.store.scalars("SELECT info FROM _jobs WHERE id = ?", (key,))
        if not found:
            raise not_found()
        return orjson.loads(found[0])

    def _jobs(self, *states: str) -> list[dict[str, Any]]:
        jobs = [
            orjson.loads(i) for i in self.store.scalars("SELECT info FROM _jobs ORDER BY rowid")
        ]
        return [job for job in jobs if not states or job["state"] in states]


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise fail(400, "INVALID_QUERY_LOCATOR", "locator and maxRecords must be numbers")
    return int(text)


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in job.items() if name != "query"}


def _body(call: Call) -> dict[str, Any]:
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise fail(400, "JSON_PARSER_ERROR", "The body is not a JSON object")
    return body


def _chunks(data: str, delimiter: str, start: int) -> Iterator[tuple[int, list[dict[str, str]]]]:
    chunk: list[dict[str, str]] = []
    number = 0
    for number, row in enumerate(csv.DictReader(io.StringIO(data), delimiter=delimiter), 1):
        if number <= start:
            continue
        chunk.append({k: v or "" for k, v in row.items() if k is not None})
        if len(chunk) == CHUNK:
            yield number - len(chunk) + 1, chunk
            chunk = []
    if chunk:
        yield number - len(chunk) + 1, chunk


def _payload(sobject: SObject, row: dict[str, str]) -> dict[str, Any]:
    """A CSV row as values: an empty cell is ignored, #N/A is null, text becomes its type."""
    payload: dict[str, Any] = {}
    for name, text in row.items():
        if text == "" or name.lower() == "id":
            continue
        column = sobject.by_lower_name.get(name.lower())
        payload[name] = _typed(column, text) if column and text != NULL else None
        if column is None:
            payload[name] = text
    return payload


def _typed(column: Column, text: str) -> Any:
    if column.kind == "boolean" and text.lower() in {"true", "false", "1", "0"}:
        return text.lower() in {"true", "1"}
    if column.kind in {"integer", "double"}:
        try:
            return int(text) if column.kind == "integer" else float(text)
        except ValueError:
            return text
    return text


def _csv(names: list[str], rows: list[dict[str, Any]], job: dict[str, Any]) -> Reply:
    buffer = io.StringIO()
    ending = "\r\n" if job["lineEnding"] == "CRLF" else "\n"
    writer = csv.DictWriter(
        buffer,
        names,
        extrasaction="ignore",
        delimiter=DELIMITERS[job["columnDelimiter"]],
        lineterminator=ending,
    )
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return Reply(200, buffer.getvalue().encode(), {"Content-Type": "text/csv; charset=UTF-8"})


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value
