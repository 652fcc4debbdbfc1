"""`python -m dagster_project.cli.main`: the tool, for child processes."""

from dagster_project.cli import app

if __name__ == "__main__":
    app()
