"""What SQL can't say: matching, scoring, recommending, the ledger. Pure functions; knows no Dagster."""
