"""`python -m ingestion.sandbox create|serve`: the sandbox company from the command line.

Belongs here: arguments and what is printed. Does not belong here: any work.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ingestion import sandbox


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingestion.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make the company")
    create.add_argument("--people", type=int, default=5000)
    create.add_argument("--seed", type=int, default=sandbox.SEED)
    create.add_argument("--folder", type=Path, required=True)
    serve = commands.add_parser("serve", help="start its systems; ends with Ctrl-C")
    serve.add_argument("--folder", type=Path, required=True)
    return parser


def _create(arguments: argparse.Namespace) -> int:
    from ingestion.sandbox.company.creation import CompanyError  # noqa: PLC0415

    begun = time.monotonic()
    try:
        made = sandbox.create_company(arguments.folder, arguments.people, arguments.seed)
    except CompanyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not made.created:
        sys.stdout.write(f"The company is already in {arguments.folder}; nothing done.\n")
        return 0
    for table, rows in made.rows.items():
        sys.stdout.write(f"{table:<40}{rows:>12,}\n")
    sys.stdout.write(f"Created in {time.monotonic() - begun:.1f} s in {arguments.folder}.\n")
    return 0


def main(words: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    arguments = _parser().parse_args(words)
    if arguments.command == "create":
        return _create(arguments)
    sandbox.serve(arguments.folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
